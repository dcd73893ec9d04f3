// SPDX-License-Identifier: MIT

#include "plot/analysis.h"

#include "base/random.h"
#include "heap/heap.h"
#include "midi/file.h"
#include "support/cmocka.h"
#include "support/xml.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CHORDS_MAX = 4096, KEYS_MAX = 4096 };

static struct km_heap *heap;
static struct km_midi_file file;
static struct km_piece piece;
static struct km_keys keys;
static struct km_key_span key_spans[KEYS_MAX];
static struct km_chords chords;
static struct km_chord_span chord_spans[CHORDS_MAX];
static struct km_sections sections;
static struct km_groove_measure groove;
static struct km_heard heard;
static char picture[KM_PICTURE_SIZE_MAX + 1];

// ---- Pieces

static void add_note(size_t track, uint64_t tick, uint64_t length, const uint8_t note[3])
{
    const struct km_event on = {.tick = tick,
                                .type = KM_EVENT_NOTE_ON,
                                .channel = note[0],
                                .number = note[1],
                                .value = note[2]};
    const struct km_event off = {
        .tick = tick + length, .type = KM_EVENT_NOTE_OFF, .channel = note[0], .number = note[1]};
    assert_int_equal(km_midi_file_add(&file, track, on), KM_OK);
    assert_int_equal(km_midi_file_add(&file, track, off), KM_OK);
}

static void begin_file(size_t tracks)
{
    km_midi_file_init(&file, heap, 1, 480);
    for (size_t i = 0; i < tracks; ++i) {
        assert_int_equal(km_midi_file_add_track(&file), KM_OK);
    }
}

static void end_file(void)
{
    for (size_t i = 0; i < file.track_count; ++i) {
        assert_int_equal(km_midi_track_sort(&file, i), KM_OK);
    }
    struct km_error error;
    assert_int_equal(km_piece_of_file(&piece, heap, &file, &error), KM_OK);
    km_midi_file_release(&file);
}

// A band of four for so many bars of 4/4, and what an analysis might find in it.
static void make_piece(int bars)
{
    static const uint8_t channels[] = {0, 1, 3, KM_CHANNEL_DRUMS};
    struct km_random random;
    km_random_init(&random, 1, "picture");
    begin_file(5);
    assert_int_equal(km_midi_file_add_text(&file, 0, 0, KM_META_TRACK_NAME, "A <song> & more"),
                     KM_OK);
    assert_int_equal(km_midi_file_add_text(&file, 1, 0, KM_META_TRACK_NAME, "Contrabass"), KM_OK);
    for (int step = 0; step < bars * 8; ++step) {
        for (size_t part = 0; part < 4; ++part) {
            const uint8_t note[] = {channels[part],
                                    (uint8_t)(35 + part % 3 * 16 + km_random_below(&random, 12)),
                                    (uint8_t)km_random_between(&random, 1, 127)};
            add_note(part + 1, (uint64_t)step * 240 + part * 3, 200, note);
        }
    }
    end_file();
}

static struct km_chord random_chord(struct km_random *random)
{
    struct km_chord chord = {(uint8_t)km_random_below(random, 12),
                             (uint8_t)(1 + km_random_below(random, KM_CHORD_QUALITIES_COUNT - 1)),
                             0};
    chord.bass = km_random_chance(random, 0.3) ? (uint8_t)km_random_below(random, 12) : chord.root;
    return chord;
}

static void make_harmony(double end_beat, size_t key_count, size_t chord_count)
{
    struct km_random random;
    km_random_init(&random, 2, "harmony");
    for (size_t i = 0; i < key_count; ++i) {
        key_spans[i] = (struct km_key_span){
            .start_beat = end_beat * (double)i / (double)key_count,
            .end_beat = end_beat * (double)(i + 1) / (double)key_count,
            .key = {(uint8_t)km_random_below(&random, 12),
                    km_random_chance(&random, 0.5) ? KM_MODE_IONIAN : KM_MODE_AEOLIAN},
            .confidence = 0.7F};
    }
    keys = (struct km_keys){.whole = {0, end_beat, {9, KM_MODE_AEOLIAN}, 0.8F},
                            .scale = {9, KM_MODE_DORIAN},
                            .scale_confidence = 0.6F,
                            .spans = key_spans,
                            .count = key_count};
    for (size_t i = 0; i < chord_count; ++i) {
        chord_spans[i] =
            (struct km_chord_span){.start_beat = end_beat * (double)i / (double)chord_count,
                                   .end_beat = end_beat * (double)(i + 1) / (double)chord_count,
                                   .chord = random_chord(&random),
                                   .key = {0, KM_MODE_IONIAN},
                                   .confidence = 0.5F};
    }
    chords = (struct km_chords){.spans = chord_spans, .count = chord_count};
}

static void make_rest(double end_beat, size_t section_count)
{
    memset(&sections, 0, sizeof(sections));
    sections.count = section_count;
    for (size_t i = 0; i < section_count; ++i) {
        sections.spans[i] =
            (struct km_section_span){.start_beat = end_beat * (double)i / (double)section_count,
                                     .end_beat = end_beat * (double)(i + 1) / (double)section_count,
                                     .letter = (uint8_t)(i % 4 == 2),
                                     .instance = (uint8_t)i,
                                     .likeness = i == 3 ? 0.7F : 0.95F};
        for (size_t j = 0; j < section_count; ++j) {
            sections.likeness[i][j] = (i % 4 == 2) == (j % 4 == 2) ? 0.9F : 0.3F;
        }
    }
    memset(&groove, 0, sizeof(groove));
    groove.swing_ratio = 1.52;
    groove.swung = 2;
    groove.swing_evidence = 0.8F;
    groove.push_ms = -3.2;
    groove.tightness = 0.62;
    groove.onset_count = 100;
    groove.position_count = 16;
    for (int i = 0; i < 16; ++i) {
        groove.positions[i] = (struct km_groove_figures){.count = (uint32_t)(i % 5),
                                                         .mean_ms = 3.0 * (i % 7) - 8.0,
                                                         .deviation_ms = 2.0 + i % 3,
                                                         .velocity = 30.0 + i * 6.0};
    }
    heard = (struct km_heard){.valence = -0.4, .arousal = 0.3, .bpm = 92, .velocity_mean = 61};
}

static struct km_analysis_picture whole(const char *title)
{
    return (struct km_analysis_picture){.piece = &piece,
                                        .keys = &keys,
                                        .chords = &chords,
                                        .sections = &sections,
                                        .groove = &groove,
                                        .heard = &heard,
                                        .title = title};
}

static enum km_status draw(const struct km_analysis_picture *what)
{
    struct km_sink_memory memory = {.bytes = (unsigned char *)picture, .size = KM_PICTURE_SIZE_MAX};
    struct km_sink sink = km_sink_to_memory(&memory);
    const enum km_status status = km_analysis_write_svg(what, &sink);
    picture[memory.used] = '\0';
    return status;
}

// Where a number of an attribute stands after `name`; -1 if it is not there.
static double number_after(const char *element, const char *name)
{
    const char *const place = strstr(element, name);
    return place ? strtod(place + strlen(name), NULL) : -1;
}

// All text begins inside the frame, and what is said to be there is.
static void expect_sound(const struct km_analysis_picture *what)
{
    assert_int_equal(draw(what), KM_OK);
    assert_true(xml_is_well_formed(picture));
    assert_null(strstr(picture, "\"nan"));
    assert_null(strstr(picture, ">nan"));
    assert_null(strstr(picture, " nan"));
    const double height = number_after(picture, " height=\"");
    assert_true(height > 200 && height < 2000);
    for (const char *text = strstr(picture, "<text"); text; text = strstr(text + 1, "<text")) {
        const double x = number_after(text, " x=\"");
        const double y = number_after(text, " y=\"");
        assert_true(x >= 0 && x <= 1200);
        assert_true(y >= 8 && y <= height - 2);
    }
    for (const char *box = strstr(picture, "<rect"); box; box = strstr(box + 1, "<rect")) {
        const double right = number_after(box, " x=\"") + number_after(box, " width=\"");
        assert_true(right <= 1200.01);
        assert_true(number_after(box, " width=\"") >= 0);
    }
}

static void expect_word(const char *word)
{
    if (!strstr(picture, word)) {
        print_message("# missing: %s\n", word);
    }
    assert_non_null(strstr(picture, word));
}

static size_t occurrences(const char *word)
{
    size_t count = 0;
    for (const char *c = strstr(picture, word); c; c = strstr(c + 1, word)) {
        ++count;
    }
    return count;
}

// Boxes in the paths of notes.
static size_t drawn_notes(void)
{
    size_t count = 0;
    for (const char *c = strstr(picture, "<path class=\"notes"); c;
         c = strstr(c + 1, "<path class=\"notes")) {
        const char *const end = strstr(c, "/>");
        for (const char *box = strchr(c, 'z'); box && box < end; box = strchr(box + 1, 'z')) {
            ++count;
        }
    }
    return count;
}

static int make_heap(void **state)
{
    (void)state;
    heap = km_heap_new(NULL);
    return heap ? 0 : -1;
}

static int free_heap(void **state)
{
    (void)state;
    km_piece_release(&piece);
    km_midi_file_release(&file);
    km_heap_free(heap); // Stops if a picture kept memory.
    return 0;
}

// ---- Tests

static void says_what_is_in_the_piece(void **state)
{
    (void)state;
    make_piece(16);
    make_harmony(64, 3, 16);
    make_rest(64, 4);
    const struct km_analysis_picture what = whole("grief & <loss>");
    expect_sound(&what);
    static const char *const words[] = {">grief &amp; &lt;loss&gt;</text>",
                                        "A minor (A dorian) \xC2\xB7 120 BPM",
                                        "4/4",
                                        "16 bars",
                                        "0:32",
                                        ">Contrabass</text>",
                                        ">Piano</text>",
                                        ">Drums</text>",
                                        ">A</text>",
                                        ">B</text>",
                                        ">A\xE2\x80\xB2</text>",
                                        ">Form</text>",
                                        ">Key</text>",
                                        ">Chords</text>",
                                        ">Loudness</text>",
                                        ">Tempo</text>",
                                        "swing 1.52 : 1 in eighths",
                                        "3.2 ms early",
                                        "tightness 0.62",
                                        "valence -0.4 \xC2\xB7 arousal 0.3",
                                        "92 BPM",
                                        ">Snare",
                                        "prefers-color-scheme:dark"};
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); ++i) {
        expect_word(words[i]);
    }
    assert_null(strstr(picture, "No room")); // Sixteen chords have room.
    assert_int_equal(drawn_notes(), piece.note_count);
    assert_null(strstr(picture, "<script"));
    assert_null(strstr(picture, "url("));
}

static void what_is_not_known_is_left_out(void **state)
{
    (void)state;
    make_piece(8);
    make_harmony(32, 1, 8);
    make_rest(32, 2);
    for (unsigned int bits = 0; bits < 32; ++bits) {
        struct km_analysis_picture what = whole(NULL);
        what.keys = bits & 1 ? &keys : NULL;
        what.chords = bits & 2 ? &chords : NULL;
        what.sections = bits & 4 ? &sections : NULL;
        what.groove = bits & 8 ? &groove : NULL;
        what.heard = bits & 16 ? &heard : NULL;
        expect_sound(&what);
        assert_int_equal(strstr(picture, ">Key</text>") != NULL, (bits & 1) != 0);
        assert_int_equal(strstr(picture, ">Chords</text>") != NULL, (bits & 2) != 0);
        assert_int_equal(strstr(picture, ">Form</text>") != NULL, (bits & 4) != 0);
        assert_int_equal(strstr(picture, ">Groove</text>") != NULL, (bits & 8) != 0);
        assert_int_equal(strstr(picture, ">Feeling</text>") != NULL, (bits & 16) != 0);
    }
}

// In Helvetica and Arial at 12 pixels, about.
static double drawn_width(const char *begin, const char *end)
{
    double width = 0.0;
    for (const char *c = begin; c < end; ++c) {
        width += strchr("ABCDEFG", *c) ? 8.7 : *c == 'm' ? 10.0 : strchr("ij/", *c) ? 3.3 : 6.7;
    }
    return width;
}

// Symbols in one row, as wide as they are drawn, do not touch; those left out are counted.
static void symbols_do_not_collide(void **state)
{
    (void)state;
    make_piece(64);
    static const size_t counts[] = {1, 30, 64, 200, 1000, 4096};
    for (size_t i = 0; i < sizeof(counts) / sizeof(counts[0]); ++i) {
        make_harmony(256, 7, counts[i]);
        make_rest(256, 8);
        const struct km_analysis_picture what = whole("many chords");
        expect_sound(&what);
        const size_t named = occurrences("<text class=\"chord\"");
        struct {
            double x, y, end;
        } symbols[600];
        size_t count = 0;
        for (const char *c = strstr(picture, "<text class=\"chord\""); c;
             c = strstr(c + 1, "<text class=\"chord\"")) {
            const char *const begin = strchr(c, '>') + 1;
            symbols[count].x = number_after(c, " x=\"");
            symbols[count].y = number_after(c, " y=\"");
            symbols[count].end = symbols[count].x + drawn_width(begin, strchr(begin, '<'));
            ++count;
            assert_in_range(count, 1, 599);
        }
        for (size_t a = 0; a < count; ++a) {
            for (size_t b = 0; b < count; ++b) {
                const bool touch = a != b && symbols[a].y == symbols[b].y &&
                                   symbols[a].x <= symbols[b].x && symbols[b].x < symbols[a].end;
                assert_false(touch);
            }
            assert_true(symbols[a].end <= 1200);
        }
        const char *const told = strstr(picture, "No room for the names of ");
        const size_t left_out =
            told ? strtoul(told + strlen("No room for the names of "), NULL, 10) : 0;
        assert_int_equal(named + left_out, counts[i]);
    }
}

static void pieces_of_many_notes_stay_small(void **state)
{
    (void)state;
    make_piece(1000); // 32,000 notes.
    make_harmony(4000, 4096, 4096);
    make_rest(4000, KM_SECTIONS_MAX);
    const struct km_analysis_picture what = whole("many notes");
    expect_sound(&what);
    expect_word("32000 notes: drawn is what they cover");
    expect_word("Too many to show");
    assert_in_range(strlen(picture), 1000, KM_PICTURE_SIZE_MAX);
    const size_t crowded = strlen(picture);
    km_piece_release(&piece);
    make_piece(375); // 12,000: the most that are drawn one by one.
    make_harmony(1500, 100, 1000);
    expect_sound(&what);
    assert_int_equal(drawn_notes(), KM_PICTURE_NOTES_MAX);
    assert_in_range(strlen(picture), crowded / 4, KM_PICTURE_SIZE_MAX / 2);
}

// As many runs as there can be: all keys, in turn loud and soft, two pixels each.
static void the_worst_piece_stays_below_the_bound(void **state)
{
    (void)state;
    begin_file(1);
    for (uint64_t step = 0; step < 546; ++step) {
        for (uint8_t key = 0; key < 128; ++key) {
            const uint8_t velocity = (uint8_t)(1 + (step * 37 + (uint64_t)key * 53) % 127);
            add_note(0, step * 480, 400, (const uint8_t[]){0, key, velocity});
        }
    }
    end_file();
    struct km_analysis_picture what = {.piece = &piece, .title = "noise"};
    expect_sound(&what);
}

static void hostile_titles_stay_text(void **state)
{
    (void)state;
    static const char *const titles[] = {"",
                                         "</title><script>alert(1)</script>",
                                         "]]>&<>\"'&amp;",
                                         "\x01\x02\x1b[31m\x7f\n\r\t",
                                         "\xFF\xFE\xC0\x80\xED\xA0\x80\xF0\x9F",
                                         "%s%n%d"};
    make_piece(2);
    make_harmony(8, 1, 2);
    make_rest(8, 1);
    for (size_t i = 0; i < sizeof(titles) / sizeof(titles[0]); ++i) {
        const struct km_analysis_picture what = whole(titles[i]);
        for (size_t part = 0; part < piece.part_count; ++part) {
            (void)snprintf(piece.parts[part].name, KM_PIECE_NAME_SIZE, "%s", titles[i]);
        }
        expect_sound(&what);
        assert_null(strstr(picture, "<script"));
    }
}

static void odd_pieces_are_drawn_too(void **state)
{
    (void)state;
    begin_file(0);
    end_file();
    struct km_analysis_picture what = {.piece = &piece};
    expect_sound(&what);
    expect_word("No notes in this file");
    km_piece_release(&piece);
    begin_file(1);
    add_note(0, 1ULL << 50, 1, (const uint8_t[]){0, 0, 1});
    add_note(0, 1ULL << 51, 1ULL << 40, (const uint8_t[]){KM_CHANNEL_DRUMS, 127, 127});
    end_file();
    expect_sound(&what);
    assert_int_equal(drawn_notes(), 2);
}

static void drums_alone_have_no_roll(void **state)
{
    (void)state;
    begin_file(1);
    add_note(0, 0, 100, (const uint8_t[]){KM_CHANNEL_DRUMS, 36, 100});
    end_file();
    make_rest(4, 1);
    const struct km_analysis_picture what = {.piece = &piece, .heard = &heard};
    expect_sound(&what);
    expect_word(">Kick</text>");
    assert_null(strstr(picture, ">C4</text>"));
    assert_null(strstr(picture, "majorness"));
    assert_int_equal(drawn_notes(), 1);
}

static void failing_memory_is_told(void **state)
{
    (void)state;
    make_piece(400);
    make_harmony(1600, 10, 100);
    make_rest(1600, 4);
    const struct km_analysis_picture what = whole("memory");
    enum km_status status = KM_ERROR_NO_MEMORY;
    uint64_t attempt = 0;
    while (status != KM_OK) {
        km_heap_fail_at(heap, ++attempt);
        status = draw(&what);
        assert_true(status == KM_OK || status == KM_ERROR_NO_MEMORY);
    }
    km_heap_fail_at(heap, 0);
    assert_int_equal(attempt, 3);
}

static void the_same_piece_gives_the_same_bytes(void **state)
{
    (void)state;
    make_piece(24);
    make_harmony(96, 5, 48);
    make_rest(96, 6);
    const struct km_analysis_picture what = whole("twice");
    expect_sound(&what);
    char *const first = strdup(picture);
    assert_non_null(first);
    memset(picture, 'x', sizeof(picture) - 1);
    expect_sound(&what);
    assert_string_equal(first, picture);
    free(first);
}

static void a_full_sink_is_told(void **state)
{
    (void)state;
    make_piece(4);
    char small[1000];
    struct km_sink_memory memory = {.bytes = (unsigned char *)small, .size = sizeof(small)};
    struct km_sink sink = km_sink_to_memory(&memory);
    const struct km_analysis_picture what = {.piece = &piece};
    assert_int_equal(km_analysis_write_svg(&what, &sink), KM_ERROR_TOO_LARGE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(says_what_is_in_the_piece, make_heap, free_heap),
        cmocka_unit_test_setup_teardown(what_is_not_known_is_left_out, make_heap, free_heap),
        cmocka_unit_test_setup_teardown(symbols_do_not_collide, make_heap, free_heap),
        cmocka_unit_test_setup_teardown(pieces_of_many_notes_stay_small, make_heap, free_heap),
        cmocka_unit_test_setup_teardown(the_worst_piece_stays_below_the_bound, make_heap,
                                        free_heap),
        cmocka_unit_test_setup_teardown(hostile_titles_stay_text, make_heap, free_heap),
        cmocka_unit_test_setup_teardown(odd_pieces_are_drawn_too, make_heap, free_heap),
        cmocka_unit_test_setup_teardown(drums_alone_have_no_roll, make_heap, free_heap),
        cmocka_unit_test_setup_teardown(failing_memory_is_told, make_heap, free_heap),
        cmocka_unit_test_setup_teardown(the_same_piece_gives_the_same_bytes, make_heap, free_heap),
        cmocka_unit_test_setup_teardown(a_full_sink_is_told, make_heap, free_heap),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
