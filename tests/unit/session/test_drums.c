// SPDX-License-Identifier: MIT

// Properties of the drums: tables, genres, levels, metres, fills, touch.

#include "session/drums_private.h"

#include "unit/session/heard_song.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static const struct {
    int genre, level;
    const char *rows[4];
} patterns[] = {
#define KM_DRUM_PATTERN(GENRE, LEVEL, kick, snare, time, colour)                                   \
    {KM_GENRE_##GENRE, KM_RHYTHM_##LEVEL, {kick, snare, time, colour}},
#include "session/drum_patterns.def"
#undef KM_DRUM_PATTERN
};

enum { PATTERNS_COUNT = sizeof(patterns) / sizeof(patterns[0]) };

static int strokes_of(size_t pattern)
{
    int strokes = 0;
    for (int row = 0; row < 4; ++row) {
        const char *const steps = patterns[pattern].rows[row];
        for (size_t i = 0; i < strlen(steps); ++i) {
            strokes += steps[i] != '.';
        }
    }
    return strokes;
}

static void patterns_are_bars_of_known_strokes(void **state)
{
    (void)state;
    static const char *const known[4] = {".xo", ".xgrcbw", ".xoOpRrC", ".tsklmhf"};
    for (size_t i = 0; i < PATTERNS_COUNT; ++i) {
        for (int row = 0; row < 4; ++row) {
            const size_t length = strlen(patterns[i].rows[row]);
            assert_true(length == KM_RHYTHM_STEPS || (length == 0 && row >= 2));
            assert_int_equal(strspn(patterns[i].rows[row], known[row]), length);
        }
        assert_true(patterns[i].rows[0][0] != '.'); // A bar begins with the kick.
    }
}

static void each_level_has_more_strokes_than_the_one_before(void **state)
{
    (void)state;
    for (size_t i = 0; i < PATTERNS_COUNT; ++i) {
        for (size_t j = 0; j < PATTERNS_COUNT; ++j) {
            if (patterns[i].genre == patterns[j].genre && patterns[i].level < patterns[j].level) {
                if (strokes_of(i) >= strokes_of(j)) {
                    fail_msg("%s, %s", patterns[i].rows[0], patterns[j].rows[0]);
                }
            }
        }
    }
}

enum { PLACES = 24, VOICES = 8 };

// How often each voice of drums, and the bass, strikes on each sixteenth of the bar.
struct rhythm {
    double hits[VOICES][PLACES];
};

static int voice_of(uint8_t key)
{
    switch (key) {
    case KM_DRUM_KICK:
        return 0;
    case KM_DRUM_SNARE:
    case KM_DRUM_BRUSH:
        return 1;
    case KM_DRUM_STICK:
    case KM_DRUM_CLAP:
        return 2;
    case KM_DRUM_HAT:
    case KM_DRUM_HAT_FOOT:
        return 3;
    case KM_DRUM_HAT_OPEN:
    case KM_DRUM_RIDE:
    case KM_DRUM_CRASH:
        return 4;
    case KM_DRUM_TAMBOURINE:
    case KM_DRUM_COWBELL:
    case KM_DRUM_SHAKER:
        return 5;
    default:
        return 6;
    }
}

static void add_rhythm(struct rhythm *rhythm, enum km_part part)
{
    const uint32_t bar = km_plan_bar_ticks(&plan);
    const int count = read_notes(part);
    for (int i = 0; i < count; ++i) {
        const int voice = part == KM_PART_DRUMS ? voice_of(notes[i].key) : 7;
        rhythm->hits[voice][notes[i].start % bar / 120 % PLACES] += 1.0 / plan.length_bars;
    }
}

// How different two rhythms are: 0 the same, 1 nothing in common.
static double distance(const struct rhythm *a, const struct rhythm *b)
{
    double shared = 0;
    double all = 0;
    for (int voice = 0; voice < VOICES; ++voice) {
        for (int place = 0; place < PLACES; ++place) {
            const double x = a->hits[voice][place];
            const double y = b->hits[voice][place];
            shared += x < y ? x : y;
            all += x > y ? x : y;
        }
    }
    return all > 0 ? 1 - shared / all : 0;
}

static void compose_with_drums(const struct brief *brief)
{
    make_plan(brief);
    plan.parts[KM_PART_DRUMS].is_on = true;
    compose();
}

// At the same feeling and seed, any two genres have other rhythms of drums and bass.
static void any_two_genres_differ(void **state)
{
    (void)state;
    static struct rhythm rhythms[KM_GENRES_COUNT];
    static const double arousals[] = {-0.5, 0.1, 0.7};
    for (size_t a = 0; a < 3; ++a) {
        memset(rhythms, 0, sizeof(rhythms));
        for (int genre = 0; genre < KM_GENRES_COUNT; ++genre) {
            for (uint64_t seed = 0; seed < 6; ++seed) {
                const struct brief brief = brief_of_genre(genre, arousals[a], seed);
                compose_with_drums(&brief);
                add_rhythm(&rhythms[genre], KM_PART_DRUMS);
                add_rhythm(&rhythms[genre], KM_PART_BASS);
            }
        }
        for (int i = 0; i < KM_GENRES_COUNT; ++i) {
            for (int j = 0; j < i; ++j) {
                const double apart = distance(&rhythms[i], &rhythms[j]);
                if (apart < 0.2) {
                    fail_msg("%s and %s: %.2f at arousal %.1f", km_genre_names()[i],
                             km_genre_names()[j], apart, arousals[a]);
                }
            }
        }
    }
}

// Two seeds, and two variations, play other drums in the same manner.
static void seeds_and_variations_differ(void **state)
{
    (void)state;
    for (int genre = 0; genre < KM_GENRES_COUNT; ++genre) {
        const struct brief brief = brief_of_genre(genre, 0.3, 3);
        compose_with_drums(&brief);
        const uint64_t first = notes_hash(KM_PART_DRUMS);
        const uint64_t bass = notes_hash(KM_PART_BASS);
        const uint64_t melody = notes_hash(KM_PART_MELODY);
        plan.parts[KM_PART_DRUMS].variation = 1;
        compose();
        const uint64_t second = notes_hash(KM_PART_DRUMS);
        plan.parts[KM_PART_DRUMS].variation = 2;
        compose();
        assert_true(first != second && second != notes_hash(KM_PART_DRUMS));
        assert_true(first != notes_hash(KM_PART_DRUMS));
        assert_true(bass == notes_hash(KM_PART_BASS) && melody == notes_hash(KM_PART_MELODY));
        const struct brief other = brief_of_genre(genre, 0.3, 4);
        compose_with_drums(&other);
        assert_true(first != notes_hash(KM_PART_DRUMS));
    }
}

// Strokes a bar, over seeds.
static double strokes_per_bar(int genre, double arousal)
{
    double strokes = 0;
    double bars = 0;
    for (uint64_t seed = 0; seed < 5; ++seed) {
        const struct brief brief = brief_of_genre(genre, arousal, seed);
        compose_with_drums(&brief);
        strokes += read_notes(KM_PART_DRUMS);
        bars += plan.length_bars;
    }
    return strokes / bars;
}

// Calm songs have calm drums, not none.
static void strokes_grow_with_arousal_in_every_genre(void **state)
{
    (void)state;
    for (int genre = 0; genre < KM_GENRES_COUNT; ++genre) {
        double before = strokes_per_bar(genre, -0.9);
        assert_true(before > 1.5);
        for (int step = 1; step < 4; ++step) {
            const double now = strokes_per_bar(genre, -0.9 + 0.6 * step);
            if (now <= before) {
                fail_msg("%s: %.1f, then %.1f", km_genre_names()[genre], before, now);
            }
            before = now;
        }
    }
}

// Strokes of a voice in one bar.
static int strokes_in(int count, int bar, bool (*is_wanted)(uint8_t key))
{
    const uint32_t start = (uint32_t)bar * km_plan_bar_ticks(&plan);
    int strokes = 0;
    for (int i = 0; i < count; ++i) {
        const bool is_inside =
            notes[i].start >= start && notes[i].start < start + km_plan_bar_ticks(&plan);
        strokes += is_inside && is_wanted(notes[i].key);
    }
    return strokes;
}

static bool is_drum(uint8_t key)
{
    return voice_of(key) < 3 || voice_of(key) == 6;
}

static bool is_snare(uint8_t key)
{
    return voice_of(key) == 1;
}

static bool is_any(uint8_t key)
{
    (void)key;
    return true;
}

static const uint8_t metres[][2] = {
#define KM_METRE(beats, unit, ...) {beats, unit},
#include "session/metres.def"
#undef KM_METRE
};

// Every bar that is not silent or waiting begins with a stroke; all lie on the metre's sixteenths.
static void every_metre_is_played(void **state)
{
    (void)state;
    for (size_t metre = 0; metre < sizeof(metres) / sizeof(metres[0]); ++metre) {
        for (int genre = 0; genre < KM_GENRES_COUNT; ++genre) {
            struct brief brief = brief_of_genre(genre, 0.6, (uint64_t)genre);
            brief.wishes.beats_per_bar = metres[metre][0];
            brief.wishes.beat_unit = metres[metre][1];
            compose_with_drums(&brief);
            const int count = read_notes(KM_PART_DRUMS);
            int begun = 0;
            uint32_t downbeat = UINT32_MAX;
            for (int i = 0; i < count; ++i) {
                assert_int_equal(notes[i].start % KM_SIXTEENTH, 0);
                const bool is_down = notes[i].start % km_plan_bar_ticks(&plan) == 0;
                begun += is_down && notes[i].start != downbeat;
                downbeat = is_down ? notes[i].start : downbeat;
            }
            assert_true(begun * 4 >= plan.length_bars * 3);
            assert_true(count > plan.length_bars * metres[metre][0] / (metres[metre][1] / 4));
        }
    }
}

// The last bar of a loud section has more of snare and toms than the bar two before, over seeds.
static void fills_lead_out_of_sections(void **state)
{
    (void)state;
    double fills = 0;
    double grooves = 0;
    for (uint64_t seed = 0; seed < 60; ++seed) {
        const struct brief brief = brief_of_genre((int)(seed % KM_GENRES_COUNT), 0.6, seed);
        compose_with_drums(&brief);
        const int count = read_notes(KM_PART_DRUMS);
        for (int i = 0; i + 1 < plan.section_count; ++i) {
            const struct km_plan_section *const section = &plan.sections[i];
            const int last = section->first_bar + section->bar_count - 1;
            if (section->kind == KM_SECTION_VERSE || section->kind == KM_SECTION_CHORUS) {
                fills += strokes_in(count, last, is_drum);
                grooves += strokes_in(count, last - 2, is_drum);
            }
        }
    }
    assert_true(fills > grooves * 1.1);
}

static void builds_roll_faster_towards_their_end(void **state)
{
    (void)state;
    int builds = 0;
    for (uint64_t seed = 0; seed < 20; ++seed) {
        struct brief brief = brief_of_genre(KM_GENRE_ELECTRONIC, 0.7, seed);
        brief.wishes.bars = 64;
        compose_with_drums(&brief);
        const int count = read_notes(KM_PART_DRUMS);
        for (int i = 0; i < plan.section_count; ++i) {
            const struct km_plan_section *const section = &plan.sections[i];
            if (section->kind == KM_SECTION_BUILD) {
                const int last = section->first_bar + section->bar_count - 1;
                assert_true(strokes_in(count, last, is_snare) >
                            3 * strokes_in(count, section->first_bar, is_snare));
                ++builds;
            }
        }
    }
    assert_true(builds > 10);
}

static void breakdowns_go_at_half_the_pace(void **state)
{
    (void)state;
    double breakdowns = 0;
    double verses = 0;
    for (uint64_t seed = 0; seed < 20; ++seed) {
        struct brief brief = brief_of_genre(KM_GENRE_INDUSTRIAL_POP, 0.7, seed);
        brief.wishes.bars = 64;
        compose_with_drums(&brief);
        const int count = read_notes(KM_PART_DRUMS);
        for (int i = 0; i < plan.section_count; ++i) {
            const struct km_plan_section *const section = &plan.sections[i];
            const int strokes = strokes_in(count, section->first_bar + 1, is_any);
            breakdowns += section->kind == KM_SECTION_BREAKDOWN ? strokes : 0;
            verses += section->kind == KM_SECTION_VERSE ? strokes : 0;
        }
    }
    assert_true(breakdowns > 0 && breakdowns * 1.5 < verses);
}

enum { MEASURED_VOICES = 6 };

struct touch {
    double sums[MEASURED_VOICES], counts[MEASURED_VOICES];
    double ghosts, accents; // Of the snare.
};

// Kick, snare, hi-hat, ride, crash, toms; -1 for others.
static int measured_voice(uint8_t key)
{
    static const uint8_t keys[] = {KM_DRUM_KICK, KM_DRUM_SNARE, KM_DRUM_HAT, KM_DRUM_RIDE,
                                   KM_DRUM_CRASH};
    for (size_t i = 0; i < sizeof(keys); ++i) {
        if (keys[i] == key) {
            return (int)i;
        }
    }
    return key == KM_DRUM_HAT_OPEN ? 2 : (voice_of(key) == 6 ? 5 : -1);
}

static void add_touch(struct touch *touch)
{
    const int count = read_notes(KM_PART_DRUMS);
    double mean = 0;
    for (int i = 0; i < count; ++i) {
        mean += (double)notes[i].velocity / count;
    }
    for (int i = 0; i < count; ++i) {
        const int voice = measured_voice(notes[i].key);
        const double force = notes[i].velocity / mean;
        if (voice >= 0) {
            touch->sums[voice] += force;
            touch->counts[voice] += 1;
        }
        touch->ghosts += voice == 1 && force < 0.8;
        touch->accents += voice == 1 && force >= 1.1;
    }
}

// Means and order of voices are those of human drummers: Groove MIDI Dataset, relative to each
// take's mean: kick .82, snare 1.00, hi-hat 1.00, ride 1.12, crash 1.17, tom 1.25.
static void voices_are_struck_as_drummers_do(void **state)
{
    (void)state;
    static const double measured[MEASURED_VOICES] = {0.82, 1.00, 1.00, 1.12, 1.17, 1.25};
    struct touch touch = {0};
    for (uint64_t seed = 0; seed < 120; ++seed) {
        struct brief brief = brief_of_genre((int)(seed % KM_GENRES_COUNT), 0.2, seed);
        brief.chaos = 0.4;
        compose_with_drums(&brief);
        add_touch(&touch);
    }
    for (int voice = 0; voice < MEASURED_VOICES; ++voice) {
        const double ours = touch.sums[voice] / touch.counts[voice];
        print_message("voice %d: %.2f, human drummers %.2f\n", voice, ours, measured[voice]);
        assert_true(fabs(ours - measured[voice]) < 0.15 * measured[voice]);
    }
    // The snare has two modes.
    assert_true(touch.ghosts > 0.1 * touch.counts[1] && touch.accents > 0.4 * touch.counts[1]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(patterns_are_bars_of_known_strokes),
        cmocka_unit_test(each_level_has_more_strokes_than_the_one_before),
        SONG_TEST(any_two_genres_differ),
        SONG_TEST(seeds_and_variations_differ),
        SONG_TEST(strokes_grow_with_arousal_in_every_genre),
        SONG_TEST(every_metre_is_played),
        SONG_TEST(fills_lead_out_of_sections),
        SONG_TEST(builds_roll_faster_towards_their_end),
        SONG_TEST(breakdowns_go_at_half_the_pace),
        SONG_TEST(voices_are_struck_as_drummers_do),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
