// SPDX-License-Identifier: MIT

// Edits of any bytes. What is read is repaired to a file without problems, with the same notes, and
// repairing that changes nothing; a file without problems comes back as it is. What other edits
// write can be read, and holds the notes it should.

#include "heap/heap.h"
#include "midi/edit.h"
#include "midi/edit_files.h"
#include "midi/file.h"
#include "support/expect.h"

#include <stdint.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *input, size_t input_size);

enum { OUTPUT_SIZE = 1 << 22, INPUT_SIZE_MAX = 1 << 16 };

struct output {
    unsigned char bytes[OUTPUT_SIZE];
    size_t size;
};

struct facts {
    uint64_t problems;
    uint64_t notes;
    uint64_t sum; // Over all notes: tick, channel, key, velocity, track.
    struct km_midi_edit_report report;
};

static void count_problem(void *context, const struct km_midi_problem *problem)
{
    (void)problem;
    ++*(uint64_t *)context;
}

static void add_notes(struct facts *facts, const struct km_midi_track *track, uint64_t number)
{
    for (size_t i = 0; i < track->count; ++i) {
        const struct km_event *const event = &track->events[i];
        if (event->type == KM_EVENT_NOTE_ON) {
            ++facts->notes;
            facts->sum = facts->sum * 31 + event->tick * 7 + event->channel +
                         (uint64_t)event->number * 131 + (uint64_t)event->value * 17 + number;
        }
    }
}

// False if it cannot be read.
static bool read_notes(const unsigned char *bytes, size_t size, struct facts *facts)
{
    struct km_heap *const heap = km_heap_new(NULL);
    EXPECT(heap);
    struct km_midi_file file;
    km_midi_file_init(&file, heap, 0, 1);
    const bool is_read = km_midi_file_read(&file, bytes, size, NULL, NULL) == KM_OK;
    for (size_t i = 0; i < file.track_count; ++i) {
        add_notes(facts, &file.tracks[i], i);
    }
    km_midi_file_release(&file);
    km_heap_free(heap);
    return is_read;
}

enum edit_kind { EDIT_REPAIR, EDIT_TRANSPOSE, EDIT_DIVISION, EDIT_QUANTIZE, EDIT_CUT, EDIT_MERGE };

static enum km_status run_merge(const struct km_midi_edit *edit, unsigned choice,
                                struct km_midi_edit_report *report, struct km_error *error)
{
    const struct km_midi_source sources[] = {edit->source, edit->source};
    struct km_midi_merge_files files = {.sources = sources, .count = 2, .appends = choice % 2 != 0};
    return km_midi_merge_write(edit, &files, report, error);
}

static enum km_status run_one(const struct km_midi_edit *edit, enum edit_kind kind, unsigned choice,
                              struct km_midi_edit_report *report, struct km_error *error)
{
    const struct km_midi_transpose up = {.semitones = (int)(choice % 25) - 12, .folds = true};
    const struct km_midi_quantize grid = {.steps_per_whole = 1 + choice % 64,
                                          .strength = (double)(choice / 64 % 3) / 2.0,
                                          .swing = choice > 127 ? 1.0 : 1.7,
                                          .moves_ends = choice % 2 != 0};
    const struct km_midi_cut bars = {1 + choice % 3, 3 + choice % 7};
    switch (kind) {
    case EDIT_TRANSPOSE:
        return km_midi_transpose(edit, &up, report, error);
    case EDIT_DIVISION:
        return km_midi_convert_division(
            edit, (uint16_t)(choice % 2 != 0 ? 0xE728 : 1 + choice * 37), report, error);
    case EDIT_QUANTIZE:
        return km_midi_quantize(edit, &grid, report, error);
    case EDIT_CUT:
        return km_midi_cut(edit, &bars, report, error);
    case EDIT_MERGE:
        return run_merge(edit, choice, report, error);
    case EDIT_REPAIR:
    default:
        return km_midi_repair(edit, report, error);
    }
}

// Runs an edit; false, with a message and no output, if it is refused.
static bool run_edit(enum edit_kind kind, unsigned choice, struct km_midi_bytes input,
                     struct output *output, struct facts *facts)
{
    struct km_heap *const heap = km_heap_new(NULL);
    EXPECT(heap);
    struct km_sink_memory memory = {.bytes = output->bytes, .size = OUTPUT_SIZE};
    struct km_sink sink = km_sink_to_memory(&memory);
    struct km_error error = {0};
    const struct km_midi_edit edit = {.heap = heap,
                                      .source = km_midi_source_of_memory(&input),
                                      .sink = &sink,
                                      .reader = {.listener = {count_problem, &facts->problems}}};
    const enum km_status status = run_one(&edit, kind, choice, &facts->report, &error);
    EXPECT((status == KM_OK) == (error.message[0] == '\0'));
    EXPECT(status == KM_OK || memory.used == 0);
    EXPECT(km_heap_usage(heap, KM_ACCOUNT_WORKING).peak_bytes <=
           (1U << 20) + 96 * (uint64_t)input.size);
    km_heap_free(heap);
    output->size = memory.used;
    return status == KM_OK;
}

static void try_repair(const uint8_t *input, size_t input_size)
{
    static struct output repaired;
    static struct output again;
    struct facts before = {0};
    struct facts first = {0};
    struct facts second = {0};
    struct facts after = {0};
    const struct km_midi_bytes given = {.bytes = input, .size = input_size};
    const bool is_read = read_notes(input, input_size, &before);
    const bool is_repaired = run_edit(EDIT_REPAIR, 0, given, &repaired, &first);
    const bool is_clip = input_size >= 8 && memcmp(input, "SMF2CLIP", 8) == 0;
    EXPECT(is_read == is_repaired || (is_clip && !is_repaired)); // Clips are converted first.
    if (!is_repaired) {
        return;
    }
    if (first.problems == 0) {
        EXPECT(repaired.size == input_size && memcmp(repaired.bytes, input, input_size) == 0);
    }
    const struct km_midi_bytes mended = {.bytes = repaired.bytes, .size = repaired.size};
    EXPECT(run_edit(EDIT_REPAIR, 0, mended, &again, &second));
    EXPECT(second.problems == 0);
    EXPECT(again.size == repaired.size && memcmp(again.bytes, repaired.bytes, again.size) == 0);
    EXPECT(read_notes(repaired.bytes, repaired.size, &after));
    EXPECT(after.notes == before.notes && after.sum == before.sum);
    EXPECT(first.report.notes == before.notes);
}

static void try_edit(const uint8_t *input, size_t input_size, enum edit_kind kind, unsigned choice)
{
    static struct output output;
    struct facts before = {0};
    struct facts edited = {0};
    struct facts after = {0};
    const struct km_midi_bytes given = {.bytes = input, .size = input_size};
    if (!run_edit(kind, choice, given, &output, &edited)) {
        return;
    }
    EXPECT(read_notes(input, input_size, &before));
    EXPECT(read_notes(output.bytes, output.size, &after));
    EXPECT(after.notes == edited.report.notes);
    if (kind == EDIT_MERGE) {
        EXPECT(after.notes == 2 * before.notes);
    } else if (kind != EDIT_CUT) {
        EXPECT(after.notes == before.notes);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *input, size_t input_size)
{
    if (input_size < 2 || input_size > INPUT_SIZE_MAX) {
        return 0;
    }
    const enum edit_kind kind = (enum edit_kind)(input[0] % 6);
    if (kind == EDIT_REPAIR) {
        try_repair(input + 2, input_size - 2);
    } else {
        try_edit(input + 2, input_size - 2, kind, input[1]);
    }
    return 0;
}
