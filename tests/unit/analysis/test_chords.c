// SPDX-License-Identifier: MIT

#include "analysis/analysis.h"

#include "base/random.h"
#include "heap/heap.h"
#include "support/cmocka.h"

#include <string.h>

enum { NOTES_MAX = 8192 };

struct sketch {
    struct km_piece_note notes[NOTES_MAX];
    struct km_piece_metre metre;
    struct km_piece_tempo tempo;
    struct km_piece piece;
};

static struct sketch sketch;

static void begin(struct km_heap *heap)
{
    memset(&sketch, 0, sizeof(sketch));
    sketch.metre = (struct km_piece_metre){.numerator = 4, .denominator = 4};
    sketch.tempo = (struct km_piece_tempo){.bpm = 120.0};
    sketch.piece.heap = heap;
    sketch.piece.notes = sketch.notes;
    sketch.piece.metres = &sketch.metre;
    sketch.piece.metre_count = 1;
    sketch.piece.tempos = &sketch.tempo;
    sketch.piece.tempo_count = 1;
}

static void add(int key, double start, double beats)
{
    assert_true(sketch.piece.note_count < NOTES_MAX);
    const double end = start + beats;
    sketch.notes[sketch.piece.note_count++] = (struct km_piece_note){.start_beat = start,
                                                                     .end_beat = end,
                                                                     .sound_end_beat = end,
                                                                     .key = (uint8_t)key,
                                                                     .velocity = 80};
    sketch.piece.end_beat = end > sketch.piece.end_beat ? end : sketch.piece.end_beat;
}

static struct km_chord chord_of(const char *symbol)
{
    struct km_chord chord;
    assert_int_equal(km_chord_parse(symbol, &chord, NULL), KM_OK);
    return chord;
}

static struct km_chords found(void)
{
    struct km_keys keys;
    struct km_chords chords;
    assert_int_equal(km_keys_find(&keys, &sketch.piece), KM_OK);
    assert_int_equal(km_chords_find(&chords, &sketch.piece, &keys), KM_OK);
    km_keys_release(&keys);
    assert_true(chords.count > 0 && chords.spans[0].start_beat == 0.0);
    assert_true(chords.spans[chords.count - 1].end_beat >= sketch.piece.end_beat);
    for (size_t i = 0; i < chords.count; ++i) {
        const struct km_chord_span *const span = &chords.spans[i];
        assert_true(span->end_beat > span->start_beat);
        assert_true(span->confidence > 0.0F && span->confidence <= 1.0F);
        assert_true(i == 0 || span->start_beat == span[-1].end_beat);
        assert_true(i == 0 || memcmp(&span->chord, &span[-1].chord, sizeof(span->chord)) != 0);
    }
    return chords;
}

// Symbols of all spans, side by side.
static const char *symbols_of(const struct km_chords *chords)
{
    static char text[512];
    text[0] = '\0';
    size_t length = 0;
    for (size_t i = 0; i < chords->count && length < sizeof(text) - KM_CHORD_SYMBOL_SIZE - 2; ++i) {
        text[length] = ' ';
        length += i > 0;
        length += km_chord_format(chords->spans[i].chord, (struct km_key){0, KM_MODE_IONIAN},
                                  text + length);
    }
    return text;
}

static void add_block(const char *symbol, double start, double beats)
{
    const struct km_chord chord = chord_of(symbol);
    add(36 + chord.bass, start, beats);
    for (int pitch = 0; pitch < 12; ++pitch) {
        if (km_chord_pitches(chord) >> pitch & 1U) {
            add(60 + pitch, start, beats);
        }
    }
}

static void finds_chords_in_blocks_of_any_length(void **state)
{
    begin(*state);
    static const struct {
        const char *symbol;
        double beats;
    } blocks[] = {{"C", 4},  {"Am", 2},    {"F/A", 2}, {"Dm7", 1},   {"G7", 3},
                  {"Am", 2}, {"Gsus4", 4}, {"C", 6},   {"Bdim7", 2}, {"C/E", 2}};
    double beat = 0.0;
    for (size_t i = 0; i < sizeof(blocks) / sizeof(blocks[0]); ++i) {
        add_block(blocks[i].symbol, beat, blocks[i].beats);
        beat += blocks[i].beats;
    }
    struct km_chords chords = found();
    assert_string_equal(symbols_of(&chords), "C Am F/A Dm7 G7 Am Gsus4 C Bdim7 C/E");
    double start = 0.0;
    for (size_t i = 0; i < chords.count; ++i) {
        assert_true(chords.spans[i].start_beat == start);
        start += blocks[i].beats;
    }
    km_chords_release(&chords);
}

// As in Bach's first prelude: the two lowest notes are held.
static void hears_chords_in_broken_ones(void **state)
{
    begin(*state);
    static const int bars[][5] = {{48, 52, 55, 60, 64},
                                  {48, 50, 57, 62, 65},
                                  {47, 50, 55, 62, 65},
                                  {48, 52, 55, 60, 64},
                                  {48, 52, 57, 64, 69}};
    for (int bar = 0; bar < 5; ++bar) {
        for (int i = 0; i < 16; ++i) {
            const int figure = i % 8;
            const double beats = figure == 0 ? 2.0 : (figure == 1 ? 1.75 : 0.25);
            add(bars[bar][figure < 5 ? figure : figure - 3], bar * 4 + i * 0.25, beats);
        }
    }
    struct km_chords chords = found();
    assert_string_equal(symbols_of(&chords), "C Dm7/C G7/B C Am/C");
    km_chords_release(&chords);
}

static void add_line(const int *keys, const double *beats, size_t count, double start)
{
    for (size_t i = 0; i < count; ++i) {
        add(keys[i], start, beats[i]);
        start += beats[i];
    }
}

static int foreign(const struct km_chords *chords, enum km_foreign_note kind)
{
    int count = 0;
    for (size_t i = 0; i < chords->count; ++i) {
        count += chords->spans[i].foreign[kind];
    }
    return count;
}

// Puts notes in the order of their beginnings, as a piece has them.
static void sort_notes(void)
{
    for (size_t i = 1; i < sketch.piece.note_count; ++i) {
        const struct km_piece_note note = sketch.notes[i];
        size_t place = i;
        for (; place > 0 && note.start_beat < sketch.notes[place - 1].start_beat; --place) {
            sketch.notes[place] = sketch.notes[place - 1];
        }
        sketch.notes[place] = note;
    }
}

static void hold_chords(void)
{
    static const int above[] = {0, 7, 12, 16};
    for (int i = 0; i < 8; ++i) {
        const int root = i < 4 ? 48 : 43;
        add(root + above[i % 4], i < 4 ? 0.0 : 4.0, 4.0);
        sketch.notes[sketch.piece.note_count - 1].channel = 1;
    }
}

// A line over held chords with one foreign note of a kind.
static void explains_foreign_notes(void **state)
{
    static const struct {
        enum km_foreign_note kind;
        int keys[6];
        double beats[6];
        size_t count;
    } lines[] = {
        {KM_FOREIGN_PASSING, {76, 77, 79, 79}, {1.5, 0.5, 2, 4}, 4},
        {KM_FOREIGN_NEIGHBOUR, {76, 77, 76, 79}, {1.5, 0.5, 2, 4}, 4},
        {KM_FOREIGN_APPOGGIATURA, {72, 81, 79, 79}, {1.5, 0.5, 2, 4}, 4},
        {KM_FOREIGN_ESCAPE, {76, 77, 72, 79}, {1.5, 0.5, 2, 4}, 4},
        {KM_FOREIGN_FREE, {72, 81, 76, 79}, {1.5, 0.5, 2, 4}, 4},
        {KM_FOREIGN_ANTICIPATION, {76, 76, 74, 74}, {2, 1.5, 0.5, 4}, 4}, // D belongs to G
        {KM_FOREIGN_SUSPENSION, {76, 72, 71, 71}, {2, 3, 1, 2}, 4},       // C held into G
    };
    for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); ++i) {
        begin(*state);
        hold_chords();
        add_line(lines[i].keys, lines[i].beats, lines[i].count, 0.0);
        sort_notes();
        struct km_chords chords = found();
        assert_string_equal(symbols_of(&chords), "C G");
        for (int kind = 0; kind < KM_FOREIGN_COUNT; ++kind) {
            assert_int_equal(foreign(&chords, (enum km_foreign_note)kind),
                             kind == (int)lines[i].kind);
        }
        km_chords_release(&chords);
    }
}

static void a_held_bass_is_a_pedal(void **state)
{
    begin(*state);
    add(36, 0.0, 12.0);
    static const char *const symbols[] = {"C", "G7/D", "C"};
    for (int i = 0; i < 3; ++i) {
        const struct km_chord chord = chord_of(symbols[i]);
        for (int pitch = 0; pitch < 12; ++pitch) {
            for (int octave = 0; octave < 2 && (km_chord_pitches(chord) >> pitch & 1U); ++octave) {
                add(60 + 12 * octave + pitch, 4.0 * i, 4.0);
            }
        }
    }
    struct km_chords chords = found();
    assert_int_equal(foreign(&chords, KM_FOREIGN_PEDAL), 1);
    assert_int_equal(chords.spans[1].chord.root, 7);
    km_chords_release(&chords);
}

// The same notes lead to D minor and to A flat minor, from another root each.
static void diminished_sevenths_are_named_by_where_they_lead(void **state)
{
    static const char *const goals[] = {"Dm", "Abm"};
    for (int i = 0; i < 2; ++i) {
        begin(*state);
        add_block("C", 0.0, 4.0);
        add_block("Gdim7", 4.0, 4.0);
        add_block(goals[i], 8.0, 4.0);
        struct km_chords chords = found();
        assert_int_equal(chords.count, 3);
        assert_int_equal(chords.spans[1].chord.quality, KM_CHORD_DIMINISHED_SEVENTH);
        assert_int_equal(chords.spans[1].chord.root, i == 0 ? 1 : 7);
        assert_int_equal(chords.spans[1].chord.bass, 7);
        km_chords_release(&chords);
    }
}

// Both lead to the key, and so have one root in the end, from another root each.
static void diminished_sevenths_that_become_the_same_are_one(void **state)
{
    begin(*state);
    for (int i = 0; i < 4; ++i) {
        add_block("C", 4.0 * i, 4.0);
    }
    add_block("Bdim7/D", 16.0, 4.0);
    add_block("Bdim7/D", 20.0, 4.0);
    add_block("Ddim7", 24.0, 4.0);
    add_block("C", 28.0, 4.0);
    struct km_chords chords = found();
    assert_string_equal(symbols_of(&chords), "C Bdim7/D C");
    km_chords_release(&chords);
}

static void a_bass_that_lasts_is_the_bass_to_its_end(void **state)
{
    enum { BARS = 60 };
    begin(*state);
    add(24, 0.0, 4.0 * BARS);
    for (int bar = 0; bar < BARS; ++bar) {
        add_block(bar % 2 == 0 ? "C" : "F", 4.0 * bar, 4.0);
    }
    struct km_chords chords = found();
    assert_int_equal(chords.count, BARS);
    for (size_t i = 0; i < chords.count; ++i) {
        assert_int_equal(chords.spans[i].chord.root, i % 2 == 0 ? 0 : 5);
        assert_int_equal(chords.spans[i].chord.bass, 0);
    }
    km_chords_release(&chords);
}

static void silence_and_drums_are_no_chord(void **state)
{
    begin(*state);
    struct km_chords chords = found();
    assert_string_equal(symbols_of(&chords), "N.C.");
    km_chords_release(&chords);
    add(36, 0.0, 4.0);
    sketch.notes[0].is_drum = true;
    chords = found();
    assert_string_equal(symbols_of(&chords), "N.C.");
    km_chords_release(&chords);
    begin(*state);
    add_block("F", 0.0, 4.0);
    add_block("C", 12.0, 4.0);
    chords = found();
    assert_int_equal(chords.spans[0].chord.root, 5);
    assert_int_equal(chords.spans[chords.count - 1].chord.root, 0);
    km_chords_release(&chords);
}

// A third higher, the chords are a third higher.
static void transposition_transposes_the_chords(void **state)
{
    struct km_random random;
    km_random_init(&random, 5, "chords");
    for (int round = 0; round < 20; ++round) {
        begin(*state);
        for (int i = 0; i < 48; ++i) {
            add(40 + (int)km_random_below(&random, 40), 0.5 * i, 0.5 + i % 4 * 0.5);
        }
        struct km_chords here = found();
        for (size_t i = 0; i < sketch.piece.note_count; ++i) {
            sketch.notes[i].key = (uint8_t)(sketch.notes[i].key + 3);
        }
        struct km_chords there = found();
        assert_int_equal(here.count, there.count);
        for (size_t i = 0; i < here.count; ++i) {
            const struct km_chord low = here.spans[i].chord;
            const struct km_chord high = there.spans[i].chord;
            assert_int_equal(low.quality, high.quality);
            assert_true(low.quality == KM_CHORD_NONE || (low.root + 3) % 12 == high.root);
        }
        km_chords_release(&here);
        km_chords_release(&there);
    }
}

static void strange_pieces_are_cut_all_the_same(void **state)
{
    begin(*state);
    add(60, 0.0, 0.0); // No length
    add(64, 0.3, 1e-9);
    add(67, 5e7, 1e7); // Far away, and long
    struct km_chords chords = found();
    km_chords_release(&chords);
    begin(*state);
    sketch.metre = (struct km_piece_metre){.numerator = 0, .denominator = 0};
    add_block("F", 0.0, 4.0);
    chords = found();
    assert_int_equal(chords.spans[0].chord.root, 5);
    km_chords_release(&chords);
}

static void memory_may_fail_anywhere(void **state)
{
    struct km_heap *const heap = *state;
    begin(heap);
    add_block("F", 0.0, 4.0);
    struct km_keys keys;
    assert_int_equal(km_keys_find(&keys, &sketch.piece), KM_OK);
    const uint64_t before = km_heap_usage(heap, KM_ACCOUNT_WORKING).current_bytes;
    enum km_status status = KM_ERROR_NO_MEMORY;
    int failures = 0;
    while (status != KM_OK && failures < 100) {
        struct km_chords chords;
        memset(&chords, 0xA5, sizeof(chords));
        const struct km_chords untouched = chords;
        km_heap_fail_at(heap, (uint64_t)failures + 1);
        status = km_chords_find(&chords, &sketch.piece, &keys);
        km_heap_fail_at(heap, 0);
        if (status == KM_OK) {
            km_chords_release(&chords);
        } else {
            assert_int_equal(status, KM_ERROR_NO_MEMORY);
            assert_memory_equal(&chords, &untouched, sizeof(chords));
            ++failures;
        }
        assert_true(km_heap_usage(heap, KM_ACCOUNT_WORKING).current_bytes == before);
    }
    assert_true(failures >= 6);
    km_keys_release(&keys);
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
        cmocka_unit_test(finds_chords_in_blocks_of_any_length),
        cmocka_unit_test(hears_chords_in_broken_ones),
        cmocka_unit_test(explains_foreign_notes),
        cmocka_unit_test(a_held_bass_is_a_pedal),
        cmocka_unit_test(diminished_sevenths_are_named_by_where_they_lead),
        cmocka_unit_test(diminished_sevenths_that_become_the_same_are_one),
        cmocka_unit_test(a_bass_that_lasts_is_the_bass_to_its_end),
        cmocka_unit_test(silence_and_drums_are_no_chord),
        cmocka_unit_test(transposition_transposes_the_chords),
        cmocka_unit_test(strange_pieces_are_cut_all_the_same),
        cmocka_unit_test(memory_may_fail_anywhere),
    };
    return cmocka_run_group_tests(tests, make_heap, free_heap);
}
