// SPDX-License-Identifier: MIT

#include "analysis/analysis.h"

#include "heap/heap.h"
#include "support/cmocka.h"
#include "theory/roman.h"

#include <string.h>

enum { NOTES_MAX = 4096 };

// A piece that grows by chords and notes, in beats.
struct sketch {
    struct km_piece_note notes[NOTES_MAX];
    struct km_piece_metre metre;
    struct km_piece_tempo tempo;
    struct km_piece piece;
};

static struct sketch sketch;

static void begin(struct km_heap *heap, uint8_t numerator)
{
    memset(&sketch, 0, sizeof(sketch));
    sketch.metre = (struct km_piece_metre){.numerator = numerator, .denominator = 4};
    sketch.tempo = (struct km_piece_tempo){0.0, 0.0, 120.0};
    sketch.piece = (struct km_piece){.heap = heap,
                                     .notes = sketch.notes,
                                     .metres = &sketch.metre,
                                     .metre_count = 1,
                                     .tempos = &sketch.tempo,
                                     .tempo_count = 1};
}

static void add(uint8_t key, double start, double beats)
{
    assert_true(sketch.piece.note_count < NOTES_MAX);
    const double end = start + beats;
    sketch.notes[sketch.piece.note_count++] = (struct km_piece_note){
        .start_beat = start, .end_beat = end, .sound_end_beat = end, .key = key, .velocity = 80};
    sketch.piece.end_beat = end > sketch.piece.end_beat ? end : sketch.piece.end_beat;
}

// A bar of the chord that a numeral names: bass and notes above.
static void add_chord(const char *numeral, struct km_key key, double start, double beats)
{
    struct km_chord chord;
    assert_int_equal(km_roman_parse(numeral, key, &chord, NULL), KM_OK);
    add((uint8_t)(36 + chord.bass), start, beats);
    for (uint8_t pitch = 0; pitch < 12; ++pitch) {
        if (km_chord_pitches(chord) >> pitch & 1U) {
            add((uint8_t)(60 + pitch), start, beats);
        }
    }
}

static double add_chords(const char *const *numerals, struct km_key key, double start)
{
    for (; *numerals; ++numerals) {
        add_chord(*numerals, key, start, 4.0);
        start += 4.0;
    }
    return start;
}

static struct km_keys found(void)
{
    struct km_keys keys;
    assert_int_equal(km_keys_find(&keys, &sketch.piece), KM_OK);
    // Spans lie side by side, from the beginning to the end, and neighbours differ.
    assert_true(keys.count > 0 && keys.spans[0].start_beat == 0.0);
    for (size_t i = 1; i < keys.count; ++i) {
        assert_true(keys.spans[i].start_beat == keys.spans[i - 1].end_beat);
        assert_true(keys.spans[i].key.tonic != keys.spans[i - 1].key.tonic ||
                    keys.spans[i].key.mode != keys.spans[i - 1].key.mode);
    }
    assert_true(keys.spans[keys.count - 1].end_beat >= sketch.piece.end_beat);
    return keys;
}

static const char *const major_bars[] = {"I", "IV", "V7", "I", "vi", "ii6", "V7", "I", NULL};
static const char *const minor_bars[] = {"i", "iv", "V7", "i", "VI", "iio6", "V7", "i", NULL};

static void finds_major_and_minor_on_every_tonic(void **state)
{
    struct km_heap *const heap = *state;
    for (uint8_t tonic = 0; tonic < 12; ++tonic) {
        for (int minor = 0; minor < 2; ++minor) {
            const struct km_key key = {tonic, minor ? KM_MODE_AEOLIAN : KM_MODE_IONIAN};
            begin(heap, 4);
            add_chords(minor ? minor_bars : major_bars, key, 0.0);
            struct km_keys keys = found();
            assert_int_equal(keys.whole.key.tonic, tonic);
            assert_int_equal(keys.whole.key.mode, key.mode);
            assert_true(keys.whole.confidence > 0.8F && keys.whole.confidence <= 1.0F);
            assert_int_equal(keys.scale.tonic, tonic);
            assert_int_equal(keys.scale.mode, minor ? KM_MODE_HARMONIC_MINOR : KM_MODE_IONIAN);
            assert_int_equal(keys.count, 1);
            km_keys_release(&keys);
        }
    }
}

// C major, then E flat major, then home: each change is found to the bar or its neighbour.
static void follows_changes_of_key(void **state)
{
    begin(*state, 4);
    const struct km_key home = {0, KM_MODE_IONIAN};
    const struct km_key away = {3, KM_MODE_IONIAN};
    const double first = add_chords(major_bars, home, 0.0);
    const double second = add_chords(major_bars, away, first);
    const double end = add_chords(major_bars, home, second);
    struct km_keys keys = found();
    assert_int_equal(keys.count, 3);
    assert_int_equal(keys.whole.key.tonic, 0);
    assert_int_equal(km_keys_at(&keys, first + 16.0).tonic, 3);
    assert_int_equal(km_keys_at(&keys, 0.0).tonic, 0);
    assert_int_equal(km_keys_at(&keys, -1.0).tonic, 0);
    assert_int_equal(km_keys_at(&keys, end + 100.0).tonic, 0);
    assert_true(keys.spans[1].start_beat >= first - 4.0 && keys.spans[1].start_beat <= first + 4.0);
    assert_true(keys.spans[1].end_beat >= second - 4.0 && keys.spans[1].end_beat <= second + 4.0);
    km_keys_release(&keys);
}

// One line alone: a tune in A minor whose notes are those of C major.
static void a_tune_alone_has_a_key(void **state)
{
    static const uint8_t minor_tune[] = {69, 71, 72, 74, 76, 76, 74, 72, 71, 69, 68, 71, 69, 69};
    static const uint8_t major_tune[] = {67, 72, 72, 74, 76, 77, 79, 76, 77, 74, 71, 74, 72, 72};
    for (int minor = 0; minor < 2; ++minor) {
        begin(*state, 4);
        for (size_t i = 0; i < sizeof(minor_tune); ++i) {
            add(minor ? minor_tune[i] : major_tune[i], (double)i, 1.0);
        }
        struct km_keys keys = found();
        assert_int_equal(keys.whole.key.tonic, minor ? 9 : 0);
        assert_int_equal(keys.whole.key.mode, minor ? KM_MODE_AEOLIAN : KM_MODE_IONIAN);
        km_keys_release(&keys);
    }
}

static void a_scale_on_the_key_s_tonic_is_spelled_as_the_key(void **state)
{
    (void)state;
    struct km_keys keys = {.whole = {.key = {1, KM_MODE_IONIAN}}, .scale = {1, KM_MODE_MIXOLYDIAN}};
    assert_string_equal(km_keys_scale_tonic(&keys), "Db");
    keys.scale.tonic = 6;
    assert_string_equal(km_keys_scale_tonic(&keys), "F#");
}

// A scale up and down again and again over its tonic: each mode is told from the others.
static void names_the_scale(void **state)
{
    for (int mode = 0; mode < KM_MODES_COUNT; ++mode) {
        begin(*state, 4);
        const struct km_key key = {2, (uint8_t)mode};
        for (int i = 0; i < 64; ++i) {
            const uint8_t pitch = (uint8_t)((km_key_degree(key, i) + 10) % 12);
            add((uint8_t)(62 + pitch), (double)i, 1.0);
            if (i % 8 == 0) {
                add(38, (double)i, 8.0);
            }
        }
        add(62, 64.0, 4.0);
        add(38, 64.0, 4.0);
        struct km_keys keys = found();
        assert_int_equal(keys.scale.tonic, 2);
        assert_int_equal(keys.scale.mode, mode);
        assert_true(keys.scale_confidence > 0.3F && keys.scale_confidence <= 1.0F);
        km_keys_release(&keys);
    }
}

static void nothing_sounding_is_c_major_without_confidence(void **state)
{
    begin(*state, 4);
    for (int drums = 0; drums < 2; ++drums) {
        struct km_keys keys = found();
        assert_int_equal(keys.whole.key.tonic, 0);
        assert_int_equal(keys.whole.key.mode, KM_MODE_IONIAN);
        assert_true(keys.whole.confidence == 0.0F && keys.scale_confidence == 0.0F);
        assert_int_equal(keys.count, 1);
        assert_true(keys.spans[0].confidence == 0.0F);
        km_keys_release(&keys);
        for (int i = 0; i < 8; ++i) { // Drums have no key either.
            add((uint8_t)(36 + i), (double)i, 1.0);
            sketch.notes[i].is_drum = true;
        }
    }
}

// Odd metres, pieces without end, notes far away: always spans, and quick.
static void long_pieces_are_cut_into_fewer_parts(void **state)
{
    begin(*state, 4);
    add_chords(major_bars, (struct km_key){7, KM_MODE_IONIAN}, 0.0);
    add(67, 4.0e6, 4.0e6);
    struct km_keys keys = found();
    assert_int_equal(keys.whole.key.tonic, 7);
    km_keys_release(&keys);
    begin(*state, 0); // A metre that is none
    add_chords(major_bars, (struct km_key){7, KM_MODE_IONIAN}, 0.0);
    keys = found();
    assert_int_equal(keys.whole.key.tonic, 7);
    km_keys_release(&keys);
    begin(*state, 4);
    sketch.metre.denominator = 0;
    sketch.piece.end_beat = 1e300;
    add(60, 0.0, 1e299);
    keys = found();
    km_keys_release(&keys);
}

static void memory_may_fail_anywhere(void **state)
{
    struct km_heap *const heap = *state;
    begin(heap, 4);
    add_chords(minor_bars, (struct km_key){4, KM_MODE_AEOLIAN}, 0.0);
    enum km_status status = KM_ERROR_NO_MEMORY;
    int failures = 0;
    for (uint64_t request = 1; status != KM_OK; ++request) {
        struct km_keys keys;
        memset(&keys, 0xA5, sizeof(keys));
        struct km_keys untouched = keys;
        km_heap_fail_at(heap, request);
        status = km_keys_find(&keys, &sketch.piece);
        km_heap_fail_at(heap, 0);
        if (status == KM_OK) {
            km_keys_release(&keys);
            break;
        }
        assert_int_equal(status, KM_ERROR_NO_MEMORY);
        assert_memory_equal(&keys, &untouched, sizeof(keys));
        assert_true(km_heap_usage(heap, KM_ACCOUNT_WORKING).current_bytes == 0);
        ++failures;
    }
    assert_true(failures >= 4);
}

static int make_heap(void **state)
{
    *state = km_heap_new(NULL);
    return *state ? 0 : -1;
}

static int free_heap(void **state)
{
    km_heap_free(*state);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(finds_major_and_minor_on_every_tonic),
        cmocka_unit_test(follows_changes_of_key),
        cmocka_unit_test(a_tune_alone_has_a_key),
        cmocka_unit_test(names_the_scale),
        cmocka_unit_test(a_scale_on_the_key_s_tonic_is_spelled_as_the_key),
        cmocka_unit_test(nothing_sounding_is_c_major_without_confidence),
        cmocka_unit_test(long_pieces_are_cut_into_fewer_parts),
        cmocka_unit_test(memory_may_fail_anywhere),
    };
    return cmocka_run_group_tests(tests, make_heap, free_heap);
}
