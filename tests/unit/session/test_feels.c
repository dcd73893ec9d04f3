// SPDX-License-Identifier: MIT

// Groove feels as they are heard, and the microtiming of finished songs beside human drummers.

#include "session/feels_private.h"

#include "base/math.h"
#include "session/drums_private.h"
#include "unit/session/heard_song.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct brief brief_of(enum km_feel feel, uint64_t seed)
{
    return (struct brief){.valence = 0.1,
                          .arousal = 0.4,
                          .chaos = 0.3,
                          .vulnerability = 0.3,
                          .seed = seed,
                          .wishes = {.has_feel = true,
                                     .feel = (uint8_t)feel,
                                     .has_genre = true,
                                     .genre = KM_GENRE_ALTERNATIVE,
                                     .has_metre = true,
                                     .beats_per_bar = 4,
                                     .beat_unit = 4,
                                     .has_tempo = true,
                                     .tempo_bpm = 100,
                                     .has_bars = true,
                                     .bars = 32}};
}

static void compose_feel(enum km_feel feel, uint64_t seed)
{
    const struct brief brief = brief_of(feel, seed);
    make_plan(&brief);
    plan.parts[KM_PART_DRUMS].is_on = true;
    assert_int_equal(plan.feel, feel);
    compose();
}

static double ms_of(double ticks)
{
    return ticks * 60000.0 / KM_PPQ / plan.tempo_bpm;
}

// From the nearest sixteenth.
static double late_ms(uint32_t tick)
{
    const int into = (int)(tick % KM_SIXTEENTH);
    return ms_of(into < KM_SIXTEENTH / 2 ? into : into - KM_SIXTEENTH);
}

struct moments {
    double count, sum, squares;
};

static void add(struct moments *moments, double value)
{
    moments->count += 1;
    moments->sum += value;
    moments->squares += value * value;
}

static double mean_of(const struct moments *moments)
{
    return moments->count > 0 ? moments->sum / moments->count : 0;
}

static double deviation_of(const struct moments *moments)
{
    return sqrt(moments->squares / moments->count - mean_of(moments) * mean_of(moments));
}

// Lateness of a part in all bars but the first, whose beginning cannot be early.
static struct moments lateness_of(enum km_feel feel, enum km_part part)
{
    struct moments moments = {0};
    for (uint64_t seed = 0; seed < 12; ++seed) {
        compose_feel(feel, seed);
        const int count = read_notes(part);
        for (int i = 0; i < count; ++i) {
            if (notes[i].start > km_plan_bar_ticks(&plan)) {
                add(&moments, late_ms(notes[i].start));
            }
        }
    }
    return moments;
}

static void mechanical_is_exactly_on_the_grid(void **state)
{
    (void)state;
    for (uint64_t seed = 0; seed < 10; ++seed) {
        compose_feel(KM_FEEL_MECHANICAL, seed);
        for (int part = KM_PART_BASS; part <= KM_PART_DRUMS; ++part) {
            const int count = read_notes((enum km_part)part);
            assert_true(count > 50);
            for (int i = 0; i < count; ++i) {
                assert_int_equal(notes[i].start % KM_SIXTEENTH, 0);
            }
        }
    }
}

static void feels_lie_behind_or_ahead_of_the_beat(void **state)
{
    (void)state;
    struct moments laid_back = lateness_of(KM_FEEL_LAID_BACK, KM_PART_DRUMS);
    struct moments straight = lateness_of(KM_FEEL_STRAIGHT_DRIVING, KM_PART_DRUMS);
    assert_true(mean_of(&laid_back) > 4.0);
    assert_true(mean_of(&straight) < -1.5);
    laid_back = lateness_of(KM_FEEL_LAID_BACK, KM_PART_BASS);
    straight = lateness_of(KM_FEEL_STRAIGHT_DRIVING, KM_PART_BASS);
    assert_true(mean_of(&laid_back) > mean_of(&straight) + 6.0);
}

static void push_pull_alternates_from_bar_to_bar(void **state)
{
    (void)state;
    struct moments bars[2] = {{0}};
    for (uint64_t seed = 0; seed < 12; ++seed) {
        compose_feel(KM_FEEL_PUSH_PULL, seed);
        const int count = read_notes(KM_PART_DRUMS);
        for (int i = 0; i < count; ++i) {
            const uint32_t bar = (notes[i].start + 40) / km_plan_bar_ticks(&plan);
            if (bar > 0) {
                add(&bars[bar % 2], late_ms(notes[i].start));
            }
        }
    }
    const double apart = mean_of(&bars[1]) - mean_of(&bars[0]);
    assert_true(apart > 12.0 && apart < 20.0);
}

// Every feel but the mechanical one deviates by 8 to 16 ms as a rule, and more than 25 never.
static void feels_deviate_as_much_as_is_liked(void **state)
{
    (void)state;
    for (int feel = 0; feel < KM_FEELS_COUNT; ++feel) {
        struct moments moments = lateness_of((enum km_feel)feel, KM_PART_DRUMS);
        const bool keeps_grid = feel == KM_FEEL_MECHANICAL;
        const bool moves = feel == KM_FEEL_SWUNG || feel == KM_FEEL_PUSH_PULL;
        const double spread = deviation_of(&moments);
        print_message("%s: mean %.1f, SD %.1f ms\n", km_feel_names()[feel], mean_of(&moments),
                      spread);
        if (keeps_grid) {
            assert_true(spread < 0.01);
        } else if (!moves) {
            assert_true(spread > 8.0 && spread < 16.5);
        }
    }
}

static void no_note_is_further_off_than_25_ms(void **state)
{
    (void)state;
    for (int feel = 0; feel < KM_FEELS_COUNT; ++feel) {
        struct brief brief = brief_of((enum km_feel)feel, 7);
        brief.chaos = 1;
        make_plan(&brief);
        plan.groove_style = KM_GROOVE_ROCK;
        compose();
        if (feel == KM_FEEL_SWUNG) {
            continue; // Its places are elsewhere.
        }
        for (int part = KM_PART_BASS; part <= KM_PART_DRUMS; ++part) {
            const int count = read_notes((enum km_part)part);
            for (int i = 0; i < count; ++i) {
                assert_true(fabs(late_ms(notes[i].start)) < 25.7);
            }
        }
    }
}

// Off-beat eighths come late by a triplet's share, beats stay.
static void swung_songs_swing_even_if_the_genre_does_not(void **state)
{
    (void)state;
    struct moments places[2] = {{0}};
    for (uint64_t seed = 0; seed < 12; ++seed) {
        compose_feel(KM_FEEL_SWUNG, seed);
        const int count = read_notes(KM_PART_DRUMS);
        for (int i = 0; i < count; ++i) {
            const uint32_t into = notes[i].start % KM_PPQ;
            const bool is_off = into > 260 && into < 360;
            const bool is_on = into < 30 || into > KM_PPQ - 30;
            if (is_off) {
                add(&places[1], into - KM_EIGHTH);
            } else if (is_on) {
                add(&places[0], into < 30 ? (double)into : (double)into - KM_PPQ);
            }
        }
    }
    assert_true(places[1].count > 300);
    assert_true(mean_of(&places[1]) > 45.0);
    assert_true(fabs(mean_of(&places[0])) < 12.0);
}

struct tempi {
    double low, high, seconds;
    int count;
};

// Of the tempo track, without the slowing down at the end.
static struct tempi tempi_of(void)
{
    struct tempi tempi = {.low = 1e9};
    const struct km_midi_track *const track = &file.tracks[0];
    const uint64_t end = (uint64_t)(plan.length_bars - 4) * km_plan_bar_ticks(&plan);
    double bpm = 0;
    uint64_t since = 0;
    for (size_t i = 0; i < track->count && track->events[i].tick < end; ++i) {
        if (track->events[i].type == KM_EVENT_TEMPO) {
            tempi.seconds += bpm > 0 ? (double)(track->events[i].tick - since) / bpm / 8 : 0;
            since = track->events[i].tick;
            bpm = 60000000.0 / track->events[i].detail;
            tempi.low = bpm < tempi.low ? bpm : tempi.low;
            tempi.high = bpm > tempi.high ? bpm : tempi.high;
            tempi.count += 1;
        }
    }
    tempi.seconds += (double)(end - since) / bpm / 8;
    return tempi;
}

static void rubato_gives_and_takes_time_in_every_phrase(void **state)
{
    (void)state;
    for (uint64_t seed = 0; seed < 10; ++seed) {
        compose_feel(KM_FEEL_RUBATO_FREE, seed);
        const struct tempi rubato = tempi_of();
        compose_feel(KM_FEEL_ORGANIC_BREATHING, seed);
        const struct tempi organic = tempi_of();
        compose_feel(KM_FEEL_LAID_BACK, seed);
        const struct tempi steady = tempi_of();
        assert_true(rubato.high > rubato.low * 1.1 && rubato.count > plan.length_bars);
        assert_true(organic.high > organic.low * 1.03 && organic.high < organic.low * 1.05);
        assert_int_equal(steady.count, 1);
        assert_true(fabs(rubato.seconds / steady.seconds - 1) < 0.01);
    }
}

// The kick of the third beat goes elsewhere.
static void syncopated_feels_leave_the_third_beat(void **state)
{
    (void)state;
    int kicks[2] = {0};
    for (int is_syncopated = 0; is_syncopated < 2; ++is_syncopated) {
        for (uint64_t seed = 0; seed < 10; ++seed) {
            compose_feel(is_syncopated ? KM_FEEL_SYNCOPATED : KM_FEEL_PUSH_PULL, seed);
            const int count = read_notes(KM_PART_DRUMS);
            for (int i = 0; i < count; ++i) {
                const uint32_t place =
                    (notes[i].start + KM_SIXTEENTH / 2) / KM_SIXTEENTH % KM_RHYTHM_STEPS;
                kicks[is_syncopated] += notes[i].key == KM_DRUM_KICK && place == 8;
            }
        }
    }
    assert_true(kicks[0] > 100 && kicks[1] * 4 < kicks[0]);
}

// Bass and kick that are written together are played together: they share what drifts.
static void bass_and_kick_stay_together(void **state)
{
    (void)state;
    static uint32_t kicks[4096];
    double apart = 0;
    int pairs = 0;
    for (uint64_t seed = 0; seed < 10; ++seed) {
        compose_feel(KM_FEEL_LAID_BACK, seed);
        int kick_count = 0;
        int count = read_notes(KM_PART_DRUMS);
        for (int i = 0; i < count; ++i) {
            kicks[kick_count] = notes[i].start;
            kick_count += notes[i].key == KM_DRUM_KICK;
        }
        count = read_notes(KM_PART_BASS);
        for (int i = 0; i < count; ++i) {
            for (int j = 0; j < kick_count; ++j) {
                const int ticks = (int)notes[i].start - (int)kicks[j];
                if (notes[i].start > KM_PPQ && abs(ticks) < KM_SIXTEENTH / 2) {
                    assert_true(fabs(ms_of(ticks)) < 21.5);
                    apart += fabs(ms_of(ticks));
                    ++pairs;
                }
            }
        }
    }
    assert_true(pairs > 200 && apart / pairs < 8.0);
}

struct chosen {
    int ahead, behind;
};

// Which feels a feeling has over seeds, genre and all.
static struct chosen chosen_at(double valence, double arousal)
{
    struct chosen chosen = {0};
    for (uint64_t seed = 0; seed < 200; ++seed) {
        const struct brief brief = {
            .valence = valence, .arousal = arousal, .chaos = 0.3, .seed = seed};
        make_plan(&brief);
        chosen.ahead += plan.feel == KM_FEEL_STRAIGHT_DRIVING || plan.feel == KM_FEEL_PUSH_PULL ||
                        plan.feel == KM_FEEL_MECHANICAL;
        chosen.behind += plan.feel == KM_FEEL_LAID_BACK || plan.feel == KM_FEEL_RUBATO_FREE ||
                         plan.feel == KM_FEEL_ORGANIC_BREATHING;
    }
    return chosen;
}

// As the original's presets: anger and anxiety ahead, grief, nostalgia and calm behind.
static void feelings_choose_their_feel(void **state)
{
    (void)state;
    assert_true(chosen_at(-0.7, 0.8).ahead > 150);   // Anger.
    assert_true(chosen_at(-0.6, 0.6).ahead > 120);   // Anxiety.
    assert_true(chosen_at(-0.7, -0.5).behind > 150); // Grief.
    assert_true(chosen_at(0.4, -0.6).behind > 150);  // Calm.
    assert_true(chosen_at(0.2, -0.3).behind > 120);  // Nostalgia.
    unsigned int feels = 0;
    for (uint64_t seed = 0; seed < 400; ++seed) {
        const struct brief brief = {.valence = (double)(seed % 5) / 2 - 1,
                                    .arousal = (double)(seed % 7) / 3 - 1,
                                    .chaos = 0.3,
                                    .seed = seed};
        make_plan(&brief);
        feels |= 1U << plan.feel;
    }
    assert_int_equal(feels, (1U << KM_FEELS_COUNT) - 1U);
}

enum { HITS_MAX = 8192, GROUPS = 16 * 8 };

struct hit {
    double beat, ms;
    int group; // Place in the bar and voice.
};

static int compare(const void *left, const void *right)
{
    const double a = *(const double *)left;
    const double b = *(const double *)right;
    return a < b ? -1 : a > b;
}

static double median(double *values, int count)
{
    qsort(values, (size_t)count, sizeof(values[0]), compare);
    return count % 2 == 1 ? values[count / 2] : 0.5 * (values[count / 2 - 1] + values[count / 2]);
}

static int read_hits(struct hit *hits, int places_per_beat)
{
    static const uint8_t voices[][2] = {
        {KM_DRUM_KICK, 0},       {KM_DRUM_SNARE, 1},   {KM_DRUM_STICK, 1},
        {KM_DRUM_CLAP, 1},       {KM_DRUM_HAT, 2},     {KM_DRUM_HAT_OPEN, 2},
        {KM_DRUM_RIDE, 3},       {KM_DRUM_CRASH, 4},   {KM_DRUM_TOM_HIGH, 5},
        {KM_DRUM_TOM_MIDDLE, 5}, {KM_DRUM_TOM_LOW, 5}, {KM_DRUM_TOM_FLOOR, 5}};
    const int count = read_notes(KM_PART_DRUMS);
    int kept = 0;
    for (int i = 0; i < count; ++i) {
        int voice = 6;
        for (size_t j = 0; j < sizeof(voices) / sizeof(voices[0]); ++j) {
            voice = voices[j][0] == notes[i].key ? voices[j][1] : voice;
        }
        const double beat = (double)notes[i].start / KM_PPQ;
        const int place = (int)floor(beat * places_per_beat + 0.5);
        if (notes[i].velocity >= 40) {
            const double beats = beat - (double)place / places_per_beat;
            hits[kept++] = (struct hit){beat, beats * 60000.0 / plan.tempo_bpm,
                                        place % (4 * places_per_beat) * 8 + voice};
        }
    }
    return kept;
}

// Takes the median of each voice and place out.
static void take_out_places(const struct hit *hits, int count, double *rest)
{
    static double values[HITS_MAX];
    for (int group = 0; group < GROUPS; ++group) {
        int members = 0;
        for (int i = 0; i < count; ++i) {
            if (hits[i].group == group) {
                values[members++] = hits[i].ms;
            }
        }
        const double centre = members > 0 ? median(values, members) : 0;
        for (int i = 0; i < count; ++i) {
            rest[i] = hits[i].group == group ? hits[i].ms - centre : rest[i];
        }
    }
}

// As own_spread of tools/measure_groove.py, which explains it.
static double own_spread(int places_per_beat)
{
    static struct hit hits[HITS_MAX];
    static double values[HITS_MAX];
    static double rest[HITS_MAX];
    const int count = read_hits(hits, places_per_beat);
    assert_in_range(count, 64, HITS_MAX - 1);
    take_out_places(hits, count, rest);
    for (int i = 0; i < count; ++i) {
        struct moments around = {0};
        for (int j = 0; j < count; ++j) {
            if (fabs(hits[j].beat - hits[i].beat) <= 8) {
                add(&around, rest[j]);
            }
        }
        values[i] = fabs(rest[i] - mean_of(&around));
    }
    return 1.4826 * median(values, count);
}

// The median take of human drummers, measured by tools/measure_groove.py: whole spread and own.
static const struct {
    enum km_groove_style style;
    double whole_ms, own_ms;
} measured[] = {
    {KM_GROOVE_ROCK, 23.3, 13.8},        {KM_GROOVE_FUNK, 25.6, 13.4},
    {KM_GROOVE_JAZZ, 24.4, 15.8},        {KM_GROOVE_LATIN, 26.6, 14.8},
    {KM_GROOVE_SOUL, 28.8, 14.2},        {KM_GROOVE_REGGAE, 27.8, 14.9},
    {KM_GROOVE_POP, 24.4, 13.1},         {KM_GROOVE_PUNK, 17.2, 11.4},
    {KM_GROOVE_BLUES, 36.4, 14.0},       {KM_GROOVE_COUNTRY, 24.9, 13.7},
    {KM_GROOVE_HIP_HOP, 25.5, 14.0},     {KM_GROOVE_AFROBEAT, 22.5, 13.7},
    {KM_GROOVE_NEW_ORLEANS, 31.0, 16.5}, {KM_GROOVE_SWING, 22.9, 14.8},
    {KM_GROOVE_SHUFFLE, 24.3, 14.0},     {KM_GROOVE_DANCE, 19.0, 12.9},
};

static void songs_deviate_as_human_drummers_do_in_every_style(void **state)
{
    (void)state;
    enum { SONGS = 9 };
    int outside = 0;
    for (size_t i = 0; i < sizeof(measured) / sizeof(measured[0]); ++i) {
        double spreads[SONGS];
        const bool is_triplet = km_groove_style_facts(measured[i].style).swung_per_beat == 2;
        for (uint64_t seed = 0; seed < SONGS; ++seed) {
            const struct brief brief = brief_of(KM_FEEL_SYNCOPATED, seed);
            make_plan(&brief);
            plan.parts[KM_PART_DRUMS].is_on = true;
            plan.velocity_low = 70; // So that few strokes pass for ghosts.
            plan.groove_style = (uint8_t)measured[i].style;
            for (int bar = 0; bar < plan.length_bars; ++bar) {
                plan.tension[bar] = 0.5F; // The feel at its own complexity, .5.
            }
            compose();
            spreads[seed] = own_spread(is_triplet ? 3 : 4);
        }
        const double ours = median(spreads, SONGS);
        print_message("%s: %.1f ms, human drummers %.1f (with latency, ghosts, swing: %.1f)\n",
                      km_groove_style_names()[measured[i].style], ours, measured[i].own_ms,
                      measured[i].whole_ms);
        outside += fabs(ours - measured[i].own_ms) > 0.2 * measured[i].own_ms;
    }
    assert_int_equal(outside, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SONG_TEST(mechanical_is_exactly_on_the_grid),
        SONG_TEST(feels_lie_behind_or_ahead_of_the_beat),
        SONG_TEST(push_pull_alternates_from_bar_to_bar),
        SONG_TEST(feels_deviate_as_much_as_is_liked),
        SONG_TEST(no_note_is_further_off_than_25_ms),
        SONG_TEST(swung_songs_swing_even_if_the_genre_does_not),
        SONG_TEST(rubato_gives_and_takes_time_in_every_phrase),
        SONG_TEST(syncopated_feels_leave_the_third_beat),
        SONG_TEST(bass_and_kick_stay_together),
        SONG_TEST(feelings_choose_their_feel),
        SONG_TEST(songs_deviate_as_human_drummers_do_in_every_style),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
