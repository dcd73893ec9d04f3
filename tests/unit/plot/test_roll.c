// SPDX-License-Identifier: MIT

#include "plot/roll.h"

#include "base/random.h"
#include "heap/heap.h"
#include "support/cmocka.h"
#include "support/xml.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PICTURE_SIZE_MAX = 4 << 20 };

static struct km_heap *heap;
static struct km_midi_file file;
static struct km_harmony_plan plan;
static char picture[PICTURE_SIZE_MAX + 1];

// ---- Songs

static void add(size_t track, struct km_event event)
{
    assert_int_equal(km_midi_file_add(&file, track, event), KM_OK);
}

static void add_note(size_t track, uint64_t tick, uint64_t length, const uint8_t note[3])
{
    add(track, (struct km_event){.tick = tick,
                                 .type = KM_EVENT_NOTE_ON,
                                 .channel = note[0],
                                 .number = note[1],
                                 .value = note[2]});
    add(track, (struct km_event){.tick = tick + length,
                                 .type = KM_EVENT_NOTE_OFF,
                                 .channel = note[0],
                                 .number = note[1]});
}

// A file with tempo and five tracks.
static void begin_file(uint16_t division)
{
    km_midi_file_init(&file, heap, 1, division);
    for (int i = 0; i < 5; ++i) {
        assert_int_equal(km_midi_file_add_track(&file), KM_OK);
    }
    add(0, (struct km_event){.type = KM_EVENT_TEMPO, .detail = 833333});
}

static void end_file(void)
{
    for (size_t i = 0; i < file.track_count; ++i) {
        assert_int_equal(km_midi_track_sort(&file, i), KM_OK);
    }
}

// A plan and a song of `bars` bars of 4/4 in A minor; returns how many notes it has.
static int compose(int bars)
{
    static const uint8_t channels[] = {0, 1, 3, KM_CHANNEL_DRUMS};
    static const char *const symbols[] = {"Am7", "Fmaj7", "C/E", "E7sus4"};
    struct km_random random;
    km_random_init(&random, 1, "song");
    memset(&plan, 0, sizeof(plan));
    plan.key = (struct km_key){9, KM_MODE_AEOLIAN};
    plan.beats_per_bar = 4;
    plan.beat_unit = 4;
    plan.length_bars = (uint16_t)bars;
    plan.chord_count = (uint16_t)bars;
    plan.section_count = 2;
    plan.sections[0] = (struct km_plan_section){KM_SECTION_VERSE, 0, (uint16_t)(bars / 2), 0.7F};
    plan.sections[1] = (struct km_plan_section){KM_SECTION_CHORUS, (uint16_t)(bars / 2),
                                                (uint16_t)(bars - bars / 2), 1.0F};
    snprintf(plan.mood_profile, sizeof(plan.mood_profile), "grief, quiet");
    begin_file(480);
    int count = 0;
    for (int bar = 0; bar < bars; ++bar) {
        plan.tension[bar] = 0.1F * (float)(bar % 14);
        plan.chords[bar].start_tick = (uint32_t)bar * 1920;
        plan.chords[bar].duration_ticks = 1920;
        snprintf(plan.chords[bar].symbol, KM_CHORD_SYMBOL_SIZE, "%s", symbols[bar % 4]);
        for (size_t part = 0; part < 4; ++part) {
            const uint8_t note[] = {channels[part], (uint8_t)(35 + part % 3 * 8 + (size_t)bar % 24),
                                    (uint8_t)km_random_between(&random, 1, 127)};
            add_note(part + 1, (uint64_t)bar * 1920 + part * 10, 400, note);
            ++count;
        }
    }
    end_file();
    return count;
}

static enum km_status draw(const struct km_harmony_plan *with, const char *title)
{
    struct km_sink_memory memory = {.bytes = (unsigned char *)picture, .size = PICTURE_SIZE_MAX};
    struct km_sink sink = km_sink_to_memory(&memory);
    const enum km_status status = km_roll_write_svg(&file, with, title, &sink);
    picture[memory.used] = '\0';
    return status;
}

static void expect_drawn(const struct km_harmony_plan *with, const char *title)
{
    assert_int_equal(draw(with, title), KM_OK);
    assert_true(xml_is_well_formed(picture));
    assert_null(strstr(picture, "nan"));
}

static int occurrences(const char *text, const char *end, const char *word)
{
    int count = 0;
    for (const char *c = strstr(text, word); c && (!end || c < end); c = strstr(c + 1, word)) {
        ++count;
    }
    return count;
}

// Rectangles in groups of notes.
static int drawn_notes(void)
{
    int count = 0;
    for (const char *c = strstr(picture, "<g class=\"note"); c;
         c = strstr(c + 1, "<g class=\"note")) {
        count += occurrences(c, strstr(c, "</g>"), "<rect ");
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
    km_midi_file_release(&file);
    km_heap_free(heap); // Stops if a picture kept memory.
    return 0;
}

// ---- Tests

static void every_note_is_drawn_once(void **state)
{
    (void)state;
    static const int lengths[] = {4, 17, 32, 256};
    for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); ++i) {
        const int count = compose(lengths[i]);
        expect_drawn(&plan, "song");
        assert_int_equal(drawn_notes(), count);
        expect_drawn(NULL, NULL);
        assert_int_equal(drawn_notes(), count);
        km_midi_file_release(&file);
    }
}

static void a_note_stands_at_its_tick_and_key(void **state)
{
    (void)state;
    compose(4);
    km_midi_file_release(&file);
    begin_file(480);
    add_note(1, 1920, 3840, (const uint8_t[]){3, 60, 127});
    end_file();
    expect_drawn(&plan, "one note");
    // The second quarter of 1,092 from 84 to the third; the middle of 31 rows of 10.
    assert_int_equal(drawn_notes(), 1);
    const char *const group = strstr(picture, "<g class=\"note melody v3\">\n");
    assert_non_null(group);
    assert_non_null(strstr(group, "<rect x=\"357\" y=\"288\" width=\"545.4\" height=\"10\"/>"));
}

static void says_what_the_song_is(void **state)
{
    (void)state;
    compose(16);
    expect_drawn(&plan, "grief & <loss>");
    static const char *const words[] = {">grief &amp; &lt;loss&gt;</text>",
                                        "A minor",
                                        "72 BPM",
                                        "4/4",
                                        "16 bars",
                                        "0:53",
                                        "grief, quiet",
                                        ">Verse</text>",
                                        ">Chorus</text>",
                                        ">Am7</text>",
                                        ">C/E</text>",
                                        ">Melody</text>",
                                        ">Chords</text>",
                                        ">Bass</text>",
                                        ">Drums</text>",
                                        ">Tension</text>",
                                        ">Tempo</text>",
                                        ">72</text>",
                                        ">C4</text>",
                                        ">Kick</text>",
                                        ">16</text>",
                                        "prefers-color-scheme:dark"};
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); ++i) {
        if (!strstr(picture, words[i])) {
            printf("# missing: %s\n", words[i]);
        }
        assert_non_null(strstr(picture, words[i]));
    }
    assert_null(strstr(picture, "http://www.w3.org/1999")); // No links, scripts or fonts.
    assert_null(strstr(picture, "<script"));
    assert_null(strstr(picture, "url("));
}

static void hostile_titles_stay_text(void **state)
{
    (void)state;
    static const char long_title[] =
        "a word and a word and a word and a word and a word and a word "
        "and a word and a word and so on";
    static const char *const titles[] = {
        "",
        "</title><script>alert(1)</script>",
        "]]>&<>\"'&amp;",
        "\x01\x02\x1b[31m\x7f\n\r\t",
        "\xFF\xFE\xC0\x80\xED\xA0\x80\xF0\x9F",
        "\xEF\xBF\xBE\xEF\xBF\xBF\xC2\x80", // U+FFFE, U+FFFF, U+0080: no characters of XML's.
        "\xE2\x80\xAE esrever", // NOLINT(misc-misleading-bidirectional): it must be dropped.
        "\xE6\x82\xB2\xE3\x81\x97\xE3\x81\xBF\xF0\x9F\x98\xA2",
        "%s%n%d",
        long_title,
    };
    compose(4);
    for (size_t i = 0; i < sizeof(titles) / sizeof(titles[0]); ++i) {
        expect_drawn(&plan, titles[i]);
        assert_null(strstr(picture, "<script"));
        assert_null(strstr(picture, "\xE2\x80\xAE")); // NOLINT(misc-misleading-bidirectional)
        snprintf(plan.mood_profile, sizeof(plan.mood_profile), "%s", titles[i]);
        snprintf(plan.chords[1].symbol, sizeof(plan.chords[1].symbol), "%s", titles[i]);
        expect_drawn(&plan, titles[i]);
    }
    assert_non_null(strstr(picture, "a word and a\xE2\x80\xA6 \xC2\xB7")); // At the end of a word.
    static char endless[1 << 20];
    memset(endless, 'x', sizeof(endless) - 1);
    expect_drawn(&plan, endless);
    assert_true(strlen(picture) < 20000);
}

static void a_mood_that_is_the_title_is_not_said_twice(void **state)
{
    (void)state;
    compose(4);
    snprintf(plan.mood_profile, sizeof(plan.mood_profile), "calm, light");
    expect_drawn(&plan, "calm, light");
    assert_null(strstr(picture, "\xC2\xB7 calm, light"));
    expect_drawn(&plan, "An evening");
    assert_non_null(strstr(picture, "\xC2\xB7 calm, light \xC2\xB7 "));
}

static void an_empty_file_says_so(void **state)
{
    (void)state;
    km_midi_file_init(&file, heap, 1, 480);
    expect_drawn(NULL, NULL);
    assert_non_null(strstr(picture, "No notes"));
    assert_int_equal(drawn_notes(), 0);
    compose(8);
    km_midi_file_release(&file);
    km_midi_file_init(&file, heap, 1, 96);
    expect_drawn(&plan, "nothing yet");
    assert_non_null(strstr(picture, "No notes"));
    memset(&plan, 0, sizeof(plan));
    expect_drawn(&plan, "no plan either");
}

static void odd_files_are_drawn_too(void **state)
{
    (void)state;
    begin_file(1);
    add_note(1, 1ULL << 60, 1ULL << 60, (const uint8_t[]){15, 0, 1}); // Beyond all bars.
    add_note(1, 5, 0, (const uint8_t[]){0, 127, 127});
    add_note(1, 6, 1, (const uint8_t[]){KM_CHANNEL_DRUMS, 0, 127});
    add_note(1, 6, 1, (const uint8_t[]){KM_CHANNEL_DRUMS, 127, 127});
    end_file();
    expect_drawn(NULL, "wide");
    assert_int_equal(drawn_notes(), 4);
    km_midi_file_release(&file);

    begin_file(0xE728);                 // SMPTE, 25 frames of 40 ticks.
    for (uint8_t i = 0; i < 100; ++i) { // More changes of metre than are kept.
        add(0, (struct km_event){.tick = (uint64_t)i * 100,
                                 .type = KM_EVENT_TIME_SIGNATURE,
                                 .number = (uint8_t)(1 + i % 7),
                                 .value = i % 8});
    }
    add(2, (struct km_event){.tick = 7, .type = KM_EVENT_NOTE_ON, .number = 60, .value = 9});
    end_file();
    expect_drawn(NULL, "smpte, metres, an open note");
    assert_int_equal(drawn_notes(), 1);
    file.division = 0;
    assert_int_equal(draw(NULL, "no time"), KM_ERROR_INVALID);
    file.division = 480;
}

static void bars_follow_the_metre(void **state)
{
    (void)state;
    begin_file(480);
    add(0, (struct km_event){.type = KM_EVENT_TIME_SIGNATURE, .number = 6, .value = 3});
    add(0,
        (struct km_event){.tick = 2880, .type = KM_EVENT_TIME_SIGNATURE, .number = 3, .value = 2});
    add(0, (struct km_event){.type = KM_EVENT_KEY_SIGNATURE, .number = (uint8_t)-3, .value = 1});
    add_note(1, 5760, 1430, (const uint8_t[]){0, 60, 64});
    end_file();
    expect_drawn(NULL, NULL);
    assert_non_null(strstr(picture, "C minor \xC2\xB7 72 BPM \xC2\xB7 6/8 \xC2\xB7 5 bars"));
}

static void the_same_song_gives_the_same_bytes(void **state)
{
    (void)state;
    compose(24);
    expect_drawn(&plan, "twice");
    static char first[sizeof(picture)];
    memcpy(first, picture, strlen(picture) + 1);
    memset(picture, 'x', sizeof(picture) - 1);
    expect_drawn(&plan, "twice");
    assert_string_equal(first, picture);
}

struct failing {
    long left; ///< Writes that still succeed.
};

static enum km_status write_failing(void *context, const void *bytes, size_t size)
{
    (void)bytes;
    (void)size;
    struct failing *const failing = context;
    return failing->left-- > 0 ? KM_OK : KM_ERROR_NO_SPACE;
}

static void a_failing_sink_gives_its_status(void **state)
{
    (void)state;
    compose(4);
    long writes = 0;
    enum km_status status = KM_ERROR_NO_SPACE;
    for (; status != KM_OK; writes += writes < 100 ? 1 : 97) {
        struct failing failing = {writes};
        struct km_sink sink = {.write = write_failing, .context = &failing};
        status = km_roll_write_svg(&file, &plan, "full disk", &sink);
        assert_true(status == KM_OK || status == KM_ERROR_NO_SPACE);
        assert_true(status == KM_OK || failing.left == -1); // Nothing after the failure.
    }
    assert_true(writes > 1000);
}

static void failing_memory_leaves_no_trace(void **state)
{
    (void)state;
    compose(4);
    const uint64_t before = km_heap_usage(heap, KM_ACCOUNT_WORKING).current_bytes;
    uint64_t request = 0;
    enum km_status status = KM_ERROR_NO_MEMORY;
    while (status != KM_OK) {
        km_heap_fail_at(heap, ++request);
        status = draw(&plan, "no memory");
        assert_true(status == KM_OK || status == KM_ERROR_NO_MEMORY);
        assert_int_equal(km_heap_usage(heap, KM_ACCOUNT_WORKING).current_bytes, before);
    }
    assert_true(request > 5);
    km_heap_fail_at(heap, 0);
}

// ---- Contrast (WCAG 2.2, success criteria 1.4.3 and 1.4.11)

// The last fill of a class in `rules`: red, green and blue, 0 to 1.
static void colour_of(const char *rules, const char *end, const char *selector, double colour[3])
{
    const char *found = NULL;
    for (const char *c = strstr(rules, selector); c && c < end; c = strstr(c + 1, selector)) {
        const char after = c[strlen(selector)];
        const char *const open = strchr(c, '{');
        const char *const fill = strstr(open, "fill:#");
        if ((after == '{' || after == ',') && fill && fill < strchr(open, '}')) {
            found = fill + 6;
        }
    }
    assert_non_null(found);
    if (!found) {
        return; // Never reached; the analyser does not know that.
    }
    const unsigned long rgb = strtoul(found, NULL, 16);
    for (int i = 0; i < 3; ++i) {
        colour[i] = (double)(rgb >> (16 - 8 * i) & 0xFF) / 255.0;
    }
}

static double luminance(const double colour[3])
{
    static const double weights[] = {0.2126, 0.7152, 0.0722};
    double sum = 0.0;
    for (int i = 0; i < 3; ++i) {
        const double c = colour[i];
        sum += weights[i] * (c <= 0.04045 ? c / 12.92 : pow((c + 0.055) / 1.055, 2.4));
    }
    return sum;
}

static double contrast(const double a[3], const double b[3])
{
    const double la = luminance(a);
    const double lb = luminance(b);
    return la > lb ? (la + 0.05) / (lb + 0.05) : (lb + 0.05) / (la + 0.05);
}

// The softer, the nearer to the panel, and the softest still to be seen.
static void expect_shades(const char *rules, const char *end, const char *part)
{
    static const char *const shades[] = {".v0", ".v1", ".v2", ""};
    double panel[3] = {0};
    colour_of(rules, end, ".panel", panel);
    double before = 1.9;
    for (size_t i = 0; i < 4; ++i) {
        char selector[32];
        double colour[3] = {0};
        snprintf(selector, sizeof(selector), "%s%s", part, shades[i]);
        colour_of(rules, end, selector, colour);
        assert_true(contrast(colour, panel) > before);
        before = contrast(colour, panel);
    }
}

static void expect_legible(const char *rules, const char *end)
{
    static const char *const texts[] = {"text", ".title", ".section", ".chord"};
    static const char *const notes[] = {".other",   ".pad",    ".chords", ".bass",
                                        ".counter", ".melody", ".drums"};
    double ground[3] = {0};
    double panel[3] = {0};
    double band[3] = {0};
    colour_of(rules, end, ".ground", ground);
    colour_of(rules, end, ".panel", panel);
    colour_of(rules, end, ".band", band);
    for (int i = 0; i < 3; ++i) {
        band[i] = 0.3 * band[i] + 0.7 * ground[i]; // At its strongest.
    }
    for (size_t i = 0; i < 4; ++i) {
        double colour[3] = {0};
        colour_of(rules, end, texts[i], colour);
        assert_true(contrast(colour, ground) >= 4.5);
        assert_true(contrast(colour, panel) >= 4.5);
        assert_true(i != 2 || contrast(colour, band) >= 4.5);
    }
    for (size_t i = 0; i < sizeof(notes) / sizeof(notes[0]); ++i) {
        double colour[3] = {0};
        colour_of(rules, end, notes[i], colour);
        assert_true(contrast(colour, panel) >= 3.0);
        assert_true(contrast(colour, ground) >= 3.0);
        expect_shades(rules, end, notes[i]);
    }
}

// ---- Kinds of colour vision

enum { VISIONS_COUNT = 4 };

// Red, green and blue as people see them, in CIELAB: full colour vision, and none of one kind of
// cone (Machado, Oliveira and Fernandes, "A Physiologically-based Model for Simulation of Color
// Vision Deficiency", 2009, severity 1).
static void seen_as(const double colour[3], int vision, double lab[3])
{
    static const double visions[VISIONS_COUNT][3][3] = {{{1, 0, 0}, {0, 1, 0}, {0, 0, 1}},
                                                        {{0.152286, 1.052583, -0.204868},
                                                         {0.114503, 0.786281, 0.099216},
                                                         {-0.003882, -0.048116, 1.051998}},
                                                        {{0.367322, 0.860646, -0.227968},
                                                         {0.280085, 0.672501, 0.047413},
                                                         {-0.011820, 0.042940, 0.968881}},
                                                        {{1.255528, -0.076749, -0.178779},
                                                         {-0.078411, 0.930809, 0.147602},
                                                         {0.004733, 0.691367, 0.303900}}};
    static const double xyz[3][3] = {{0.4124 / 0.9505, 0.3576 / 0.9505, 0.1805 / 0.9505},
                                     {0.2126, 0.7152, 0.0722},
                                     {0.0193 / 1.089, 0.1192 / 1.089, 0.9505 / 1.089}};
    double seen[3];
    double roots[3];
    for (int i = 0; i < 3; ++i) {
        double sum = 0;
        for (int j = 0; j < 3; ++j) {
            const double c = colour[j];
            sum +=
                visions[vision][i][j] * (c <= 0.04045 ? c / 12.92 : pow((c + 0.055) / 1.055, 2.4));
        }
        seen[i] = sum < 0 ? 0 : (sum > 1 ? 1 : sum);
    }
    for (int i = 0; i < 3; ++i) {
        const double t = xyz[i][0] * seen[0] + xyz[i][1] * seen[1] + xyz[i][2] * seen[2];
        roots[i] = t > 0.008856 ? cbrt(t) : 7.787 * t + 16.0 / 116;
    }
    lab[0] = 116 * roots[1] - 16;
    lab[1] = 500 * (roots[0] - roots[1]);
    lab[2] = 200 * (roots[1] - roots[2]);
}

static void expect_distinct(const char *rules, const char *end)
{
    static const char *const notes[] = {".melody", ".counter", ".chords", ".pad", ".bass"};
    for (size_t i = 0; i < 5; ++i) {
        for (size_t j = 0; j < i; ++j) {
            double colours[2][3] = {{0}};
            colour_of(rules, end, notes[i], colours[0]);
            colour_of(rules, end, notes[j], colours[1]);
            for (int vision = 0; vision < VISIONS_COUNT; ++vision) {
                double a[3];
                double b[3];
                seen_as(colours[0], vision, a);
                seen_as(colours[1], vision, b);
                const double apart =
                    sqrt((a[0] - b[0]) * (a[0] - b[0]) + (a[1] - b[1]) * (a[1] - b[1]) +
                         (a[2] - b[2]) * (a[2] - b[2]));
                assert_true(apart >= 9.5);
            }
        }
    }
}

static void parts_differ_for_every_kind_of_colour_vision(void **state)
{
    (void)state;
    compose(4);
    expect_drawn(&plan, "colours");
    const char *const style = strstr(picture, "<style>");
    const char *const dark = strstr(style, "@media");
    assert_non_null(dark);
    expect_distinct(style, dark);
    expect_distinct(dark, strstr(style, "</style>"));
}

// A file with a note on the channel of each part, drawn for an ensemble.
static void expect_legend(uint8_t ensemble, const uint8_t *channels, const char *const *names,
                          size_t count)
{
    compose(4);
    km_midi_file_release(&file);
    begin_file(480);
    for (size_t i = 0; i < count; ++i) {
        add_note(1, 480 * i, 480, (const uint8_t[]){channels[i], 60, 100});
    }
    end_file();
    plan.ensemble = ensemble;
    expect_drawn(&plan, "legend");
    for (size_t i = 0; i < count; ++i) {
        char text[64];
        snprintf(text, sizeof(text), ">%s</text>", names[i]);
        assert_non_null(strstr(picture, text));
    }
    plan.ensemble = KM_ENSEMBLE_BAND;
    km_midi_file_release(&file);
}

static void the_legend_names_who_plays(void **state)
{
    (void)state;
    expect_legend(
        KM_ENSEMBLE_BAND, (const uint8_t[]){3, 5, 1, 4, 0, 9},
        (const char *const[]){"Melody", "Counter-melody", "Chords", "Pad", "Bass", "Drums"}, 6);
    expect_legend(KM_ENSEMBLE_SOLO_PIANO, (const uint8_t[]){3, 1},
                  (const char *const[]){"Right hand", "Left hand"}, 2);
    assert_non_null(strstr(picture, "solo piano"));
    expect_legend(KM_ENSEMBLE_STRING_QUARTET, (const uint8_t[]){3, 5, 4, 0},
                  (const char *const[]){"Violin I", "Violin II", "Viola", "Cello"}, 4);
    assert_non_null(strstr(picture, "string quartet"));
    assert_null(strstr(picture, ">Pad<"));
}

static void colours_have_contrast_in_light_and_dark(void **state)
{
    (void)state;
    compose(4);
    expect_drawn(&plan, "colours");
    const char *const style = strstr(picture, "<style>");
    const char *const dark = strstr(style, "@media");
    const char *const end = strstr(style, "</style>");
    assert_non_null(dark);
    expect_legible(style, dark);
    expect_legible(dark, end);
}

#define WITH_HEAP(test) cmocka_unit_test_setup_teardown(test, make_heap, free_heap)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_HEAP(every_note_is_drawn_once),
        WITH_HEAP(a_note_stands_at_its_tick_and_key),
        WITH_HEAP(says_what_the_song_is),
        WITH_HEAP(hostile_titles_stay_text),
        WITH_HEAP(a_mood_that_is_the_title_is_not_said_twice),
        WITH_HEAP(an_empty_file_says_so),
        WITH_HEAP(odd_files_are_drawn_too),
        WITH_HEAP(bars_follow_the_metre),
        WITH_HEAP(the_same_song_gives_the_same_bytes),
        WITH_HEAP(a_failing_sink_gives_its_status),
        WITH_HEAP(failing_memory_leaves_no_trace),
        WITH_HEAP(colours_have_contrast_in_light_and_dark),
        WITH_HEAP(parts_differ_for_every_kind_of_colour_vision),
        WITH_HEAP(the_legend_names_who_plays),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
