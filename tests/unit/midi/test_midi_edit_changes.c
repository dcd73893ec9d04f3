// SPDX-License-Identifier: MIT

// Files that change between the passes of an edit: whatever stands there then, it ends in a file or
// in an error, never in a broken promise of the code.

#include "base/random.h"
#include "midi/edit_files.h"
#include "unit/midi/edit_support.h"

enum { EDITS = 8, CHANGES = 100, CHANGED_BYTES_MAX = 4, HEADER_SPAN = 40, FILE_SIZE_MAX = 4000 };

// Bytes that become others after some calls.
struct changing {
    const struct edit_bytes *before;
    const struct edit_bytes *after;
    unsigned calls_left;
};

static enum km_status read_changing(void *context, uint64_t offset, struct km_midi_piece *piece,
                                    struct km_error *error)
{
    (void)error;
    struct changing *const changing = context;
    const struct edit_bytes *const now =
        changing->calls_left > 0 ? changing->before : changing->after;
    changing->calls_left -= changing->calls_left > 0;
    const size_t left = offset < now->size ? now->size - (size_t)offset : 0;
    piece->got = piece->size < left ? piece->size : left;
    if (piece->got > 0) {
        memcpy(piece->bytes, now->bytes + offset, piece->got);
    }
    return KM_OK;
}

static enum km_status split(const struct km_midi_edit *edit, struct km_midi_edit_report *report,
                            struct km_error *error)
{
    struct km_midi_parts *parts = NULL;
    enum km_status status = km_midi_split_plan(edit, KM_MIDI_SPLIT_BY_CHANNEL, &parts, error);
    if (status == KM_OK) {
        status = km_midi_split_write(edit, parts, km_midi_parts_count(parts) - 1, report, error);
    }
    km_midi_parts_free(parts);
    return status;
}

static enum km_status run_edit(const struct km_midi_edit *edit, uint32_t kind,
                               struct km_midi_edit_report *report, struct km_error *error)
{
    const struct km_midi_transpose up = {.semitones = 5, .folds = true};
    const struct km_midi_quantize grid = {
        .steps_per_whole = 16, .strength = 1, .swing = 1.5, .moves_ends = true};
    const struct km_midi_cut bars = {2, 3};
    struct km_midi_merge_files files = {.sources = &edit->source, .count = 1};
    switch (kind) {
    case 0:
        return km_midi_repair(edit, report, error);
    case 1:
        return km_midi_transpose(edit, &up, report, error);
    case 2:
        return km_midi_convert_division(edit, 77, report, error);
    case 3:
        return km_midi_convert_division(edit, 0xE728, report, error); // 25 frames of 40 ticks.
    case 4:
        return km_midi_quantize(edit, &grid, report, error);
    case 5:
        return km_midi_cut(edit, &bars, report, error);
    case 6:
        return split(edit, report, error);
    default:
        return km_midi_merge_write(edit, &files, report, error);
    }
}

static size_t refused;
static size_t written;

static void edit_while_it_changes(const struct edit_bytes *before, const struct edit_bytes *after,
                                  uint32_t kind, unsigned calls)
{
    struct changing changing = {before, after, calls};
    struct edit_output output = {0};
    struct km_sink sink = edit_sink(&output);
    const struct km_midi_edit edit = {
        .heap = km_heap_new(NULL),
        .source = {.read_at = read_changing, .context = &changing, .size = before->size},
        .sink = &sink};
    struct km_midi_edit_report report;
    struct km_error error = {0};
    assert_non_null(edit.heap);
    const enum km_status status = run_edit(&edit, kind, &report, &error);
    assert_true(status == KM_OK || error.message[0] != '\0');
    refused += status != KM_OK;
    written += status == KM_OK;
    km_heap_free(edit.heap);
    edit_free(&output.content);
}

static void change_and_edit(const struct edit_bytes *content, const char *name)
{
    (void)name;
    struct km_random random;
    if (content->size > FILE_SIZE_MAX || content->size < 2) {
        return;
    }
    struct edit_bytes after = {.bytes = malloc(content->size)};
    assert_non_null(after.bytes);
    km_random_init(&random, content->size, "changes");
    for (uint32_t i = 0; i < CHANGES; ++i) {
        memcpy(after.bytes, content->bytes, content->size);
        after.size =
            content->size - (i % 4 == 0 ? km_random_below(&random, (uint32_t)content->size) : 0);
        const uint32_t count = 1 + km_random_below(&random, CHANGED_BYTES_MAX);
        const uint32_t span =
            i % 2 == 0 && content->size > HEADER_SPAN ? HEADER_SPAN : (uint32_t)content->size;
        for (uint32_t k = 0; k < count; ++k) {
            after.bytes[km_random_below(&random, span)] =
                (unsigned char)km_random_below(&random, 256);
        }
        // A small file is read by one call a pass, and another finds its end.
        edit_while_it_changes(content, &after, i % EDITS, 1 + km_random_below(&random, 6));
        edit_while_it_changes(&after, content, i % EDITS, 1 + km_random_below(&random, 6));
    }
    edit_free(&after);
}

static void a_file_that_changes_is_edited_or_refused(void **state)
{
    (void)state;
    if (!edit_each_file("edge", change_and_edit)) {
        print_message("no KMIDI_DATA: files of the test set are not tried\n");
        skip();
    }
    assert_true(refused > 100);
    assert_true(written > 100);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_file_that_changes_is_edited_or_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
