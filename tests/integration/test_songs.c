// SPDX-License-Identifier: MIT

// From words to the bytes of a MIDI file: every song of twelve texts and many seeds is valid, none
// keeps a byte, and none needs more than a megabyte. KMIDI_LONG=1 in the environment takes 10,000
// seeds instead of 1,000.

#include "heap/heap.h"
#include "midi/file.h"
#include "session/session.h"
#include "session/song.h"
#include "support/cmocka.h"
#include "support/sanitized.h"
#include "unit/session/song_faults.h"

#include <stdlib.h>
#include <string.h>

enum {
    SEEDS_COUNT = KM_IS_SANITIZED ? 100 : 1000,
    SEEDS_COUNT_LONG = 10000,
    FILE_SIZE_MAX = 1 << 20,
    SONG_BYTES_MAX = 1 << 20
};

static const char *const texts[] = {
    "feeling grief and loss",
    "I am devastated since she passed away",
    "I am not angry any more",
    "so happy, we are dancing all night!",
    "quiet evening, tea, nothing to worry about",
    "I'm terrified of what comes next",
    "he lied to me again and I am furious",
    "nostalgic for the summers by the lake",
    "confused and numb, I don't know who I am",
    "proud of you, my little one",
    "",
    "42",
};

enum { TEXTS_COUNT = sizeof(texts) / sizeof(texts[0]) };

static struct km_harmony_plan plan;
static unsigned char bytes[FILE_SIZE_MAX];

static size_t compose(struct km_heap *heap, struct km_therapy_session *session, uint64_t seed)
{
    assert_int_equal(km_therapy_session_generate_plan(session, NULL, seed, &plan, NULL), KM_OK);
    struct km_midi_file file;
    km_midi_file_init(&file, heap, 1, KM_PPQ);
    assert_int_equal(km_song_compose(&plan, "Song", &file, NULL), KM_OK);
    const char *const fault = song_fault(&plan, &file);
    if (fault) {
        print_error("seed %llu: %s\n", (unsigned long long)seed, fault);
    }
    assert_null(fault);
    struct km_sink_memory memory = {.bytes = bytes, .size = sizeof(bytes)};
    struct km_sink sink = km_sink_to_memory(&memory);
    assert_int_equal(km_midi_file_write(&file, &sink, NULL), KM_OK);
    km_midi_file_release(&file);
    return memory.used;
}

static void every_song_of_every_text_is_valid(void **state)
{
    (void)state;
    const char *const is_long = getenv("KMIDI_LONG");
    const int seeds = is_long && strcmp(is_long, "1") == 0 ? SEEDS_COUNT_LONG : SEEDS_COUNT;
    struct km_heap *const heap = km_heap_new(NULL);
    assert_non_null(heap);
    struct km_therapy_session *const session = km_therapy_session_new(heap);
    assert_non_null(session);
    const uint64_t before = km_heap_usage(heap, KM_ACCOUNT_WORKING).current_bytes;
    for (int i = 0; i < TEXTS_COUNT; ++i) {
        assert_int_equal(
            km_therapy_session_process_core_input(session, texts[i], strlen(texts[i]), NULL),
            KM_OK);
        for (int seed = 0; seed < seeds; ++seed) {
            // The scales wander over their ranges with the seeds.
            assert_int_equal(
                km_therapy_session_set_scales(session, 1 + seed % 10, (seed / 10 % 11) * 0.1, NULL),
                KM_OK);
            assert_int_equal(km_therapy_session_set_vulnerability(session, (seed % 7) / 6.0, NULL),
                             KM_OK);
            assert_true(compose(heap, session, (uint64_t)seed) > 100);
            assert_int_equal(km_heap_usage(heap, KM_ACCOUNT_WORKING).current_bytes, before);
        }
    }
    assert_true(km_heap_usage(heap, KM_ACCOUNT_WORKING).peak_bytes < SONG_BYTES_MAX);
    km_therapy_session_free(session);
    assert_int_equal(km_heap_usage(heap, KM_ACCOUNT_WORKING).current_bytes, 0);
    km_heap_free(heap);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_song_of_every_text_is_valid),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
