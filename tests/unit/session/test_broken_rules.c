// SPDX-License-Identifier: MIT

// Every rule that a song may break: its effect is found in the finished song, or in what the plan
// asks of the sound, and is not there without it. Each rule has a measure of its own that reads
// notes, not the composer.

#include "unit/session/heard_song.h"

#include <math.h>

enum { SONGS_COUNT = 40, QUARTER = 480, TICKS_MAX = 1 << 18 };

static bool onsets[TICKS_MAX];

// Notes exactly on the grid, so that rhythm can be read from ticks; the story's peak is late.
static void compose_breaking(uint64_t seed, uint32_t rules)
{
    const struct brief brief = {
        .valence = seed % 2 == 0 ? 0.5 : -0.5,
        .arousal = 0.3 + (double)(seed % 3) * 0.1,
        .seed = seed,
        .wishes = {.keeps_rules = true,
                   .rules = rules,
                   .has_genre = true,
                   .genre = (uint8_t)(seed % KM_GENRES_COUNT),
                   .has_feel = true,
                   .feel = KM_FEEL_MECHANICAL,
                   .has_arc = true,
                   .arc = KM_ARC_CLIMB_TO_CLIMAX},
    };
    compose_brief(&brief);
}

// 1 if the last bass note is not the tonic.
static double is_away_from_home(void)
{
    const int count = read_notes(KM_PART_BASS);
    assert_true(count > 0);
    return notes[count - 1].key % 12 != plan.key.tonic;
}

// The share of chords that are root, fifth and octave from below, so that all three move alike.
static double bare_fifths(void)
{
    const int count = read_notes(KM_PART_CHORDS);
    int bare = 0;
    for (int i = 0; i < plan.chord_count; ++i) {
        const uint32_t start = plan.chords[i].start_tick;
        const uint32_t end = start + plan.chords[i].duration_ticks;
        bool keys[128 + 12] = {false};
        int lowest = 127;
        for (int n = 0; n < count; ++n) {
            if (notes[n].start >= start && notes[n].start < end) {
                keys[notes[n].key] = true;
                lowest = notes[n].key < lowest ? notes[n].key : lowest;
            }
        }
        bare += lowest % 12 == plan.chords[i].chord.root && keys[lowest + 12] &&
                (keys[lowest + 7] || keys[lowest + 6]);
    }
    return (double)bare / plan.chord_count;
}

// The share of triads with notes outside the key, which no dominant explains.
static double foreign_triads(void)
{
    const km_pitch_set scale = km_key_pitches(plan.key);
    int foreign = 0;
    for (int i = 0; i < plan.chord_count; ++i) {
        const struct km_chord chord = plan.chords[i].chord;
        const bool is_triad = chord.quality == KM_CHORD_MAJOR || chord.quality == KM_CHORD_MINOR;
        const bool is_dominant = chord.root == (plan.key.tonic + 7) % 12;
        foreign += is_triad && !is_dominant && (km_chord_pitches(chord) & ~scale) != 0;
    }
    return (double)foreign / plan.chord_count;
}

// Dominant sevenths on the flat second degree, which lead home.
static double tritone_substitutes(void)
{
    int count = 0;
    for (int i = 0; i < plan.chord_count; ++i) {
        const struct km_chord chord = plan.chords[i].chord;
        count +=
            chord.quality == KM_CHORD_DOMINANT_SEVENTH && chord.root == (plan.key.tonic + 1) % 12;
    }
    return count;
}

static km_pitch_set chord_pitches_at(uint32_t tick)
{
    int index = 0;
    while (index + 1 < plan.chord_count && plan.chords[index + 1].start_tick <= tick + 60) {
        ++index;
    }
    return km_chord_pitches(plan.chords[index].chord);
}

// The share of the melody's notes outside key and chord in the section that has most of them.
static double second_key(void)
{
    const int count = read_notes(KM_PART_MELODY);
    const km_pitch_set scale = km_key_pitches(plan.key);
    const uint32_t bar = km_plan_bar_ticks(&plan);
    double most = 0;
    for (int s = 0; s < plan.section_count; ++s) {
        const uint32_t start = plan.sections[s].first_bar * bar;
        const uint32_t end = start + plan.sections[s].bar_count * bar;
        int all = 0;
        int foreign = 0;
        for (int i = 0; i < count; ++i) {
            const bool is_there = notes[i].start >= start && notes[i].start < end;
            all += is_there;
            const km_pitch_set own = (km_pitch_set)(scale | chord_pitches_at(notes[i].start));
            foreign += is_there && (own >> (notes[i].key % 12) & 1U) == 0;
        }
        most = all > 4 && (double)foreign / all > most ? (double)foreign / all : most;
    }
    return most;
}

// The share of chords that are more than a plain triad.
static double dissonant_chords(void)
{
    int count = 0;
    for (int i = 0; i < plan.chord_count; ++i) {
        const int quality = plan.chords[i].chord.quality;
        count += quality != KM_CHORD_MAJOR && quality != KM_CHORD_MINOR;
    }
    return (double)count / plan.chord_count;
}

// The share of the chords' onsets that are on no eighth.
static double displaced_chords(void)
{
    const int count = read_notes(KM_PART_CHORDS);
    int displaced = 0;
    for (int i = 0; i < count; ++i) {
        displaced += notes[i].start % 240 == 120;
    }
    return count > 0 ? (double)displaced / count : 0;
}

// Beats a minute between the slowest and the fastest bar, without the end.
static double tempo_range(void)
{
    const uint64_t end = km_plan_length_ticks(&plan) - 3ULL * km_plan_bar_ticks(&plan);
    double low = 1e9;
    double high = 0;
    for (size_t i = 0; i < file.tracks[0].count; ++i) {
        const struct km_event *const event = &file.tracks[0].events[i];
        if (event->type == KM_EVENT_TEMPO && event->tick < end) {
            const double bpm = 60e6 / event->detail;
            low = bpm < low ? bpm : low;
            high = bpm > high ? bpm : high;
        }
    }
    return high - low;
}

static void mark_onsets(enum km_part part)
{
    const int count = read_notes(part);
    for (int i = 0; i < count; ++i) {
        assert_true(notes[i].start < TICKS_MAX);
        onsets[notes[i].start] = true;
    }
}

static int pairs_at(uint32_t distance, uint32_t start, uint32_t end)
{
    int pairs = 0;
    for (uint32_t tick = start; tick + distance < end; ++tick) {
        pairs += onsets[tick] && onsets[tick + distance];
    }
    return pairs;
}

// How much more often hits are a foreign beat apart than the metre's own, in the phrase where that
// is so most.
static double foreign_beat(void)
{
    memset(onsets, 0, sizeof(onsets));
    mark_onsets(plan.parts[KM_PART_DRUMS].is_on ? KM_PART_DRUMS : KM_PART_CHORDS);
    const bool is_ternary = plan.beat_unit == 8 && plan.beats_per_bar % 3 == 0;
    const uint32_t own = is_ternary ? 3 * QUARTER / 2 : QUARTER;
    const uint32_t foreign = is_ternary ? QUARTER : 3 * QUARTER / 4;
    const uint32_t bar = km_plan_bar_ticks(&plan);
    double most = 0;
    for (int i = 0; i < plan.phrase_count; ++i) {
        const uint32_t start = plan.phrases[i].first_bar * bar;
        const uint32_t end = start + (is_ternary ? 2 : 3) * bar;
        const double ratio =
            (1.0 + pairs_at(foreign, start, end)) / (1.0 + pairs_at(own, start, end));
        most = ratio > most ? ratio : most;
    }
    return most;
}

// The share of the chords' onsets that come three sixteenths after the one before; an even number
// of eighths, in metres of threes.
static double conflicting_groups(void)
{
    const int count = read_notes(KM_PART_CHORDS);
    const bool is_ternary = plan.beat_unit == 8 && plan.beats_per_bar % 3 == 0;
    const uint32_t step = is_ternary ? QUARTER : 3 * QUARTER / 4;
    int onsets_count = 0;
    int grouped = 0;
    for (int i = 1; i < count; ++i) {
        const uint32_t gap = notes[i].start - notes[i - 1].start;
        onsets_count += gap > 0;
        grouped += gap == step;
    }
    return onsets_count > 0 ? (double)grouped / onsets_count : 0;
}

// Beats on which the accompaniment begins nothing.
static double empty_beats(void)
{
    memset(onsets, 0, sizeof(onsets));
    for (int part = KM_PART_COUNTER; part < KM_PARTS_COUNT; ++part) {
        mark_onsets((enum km_part)part);
    }
    int empty = 0;
    for (uint32_t beat = 0; beat < km_plan_length_ticks(&plan); beat += QUARTER) {
        bool has_onset = false;
        for (uint32_t tick = beat; tick < beat + QUARTER && tick < TICKS_MAX; ++tick) {
            has_onset |= onsets[tick];
        }
        empty += !has_onset;
    }
    return empty;
}

// How much louder than the tune the loudest of chords and bass is.
static double loudest_accompaniment(void)
{
    const double chords = mean_velocity(KM_PART_CHORDS);
    const double bass = mean_velocity(KM_PART_BASS);
    return (chords > bass ? chords : bass) - mean_velocity(KM_PART_MELODY);
}

static double chords_over_melody(void)
{
    return mean_velocity(KM_PART_CHORDS) - mean_velocity(KM_PART_MELODY);
}

// The kinds of sections, as a number.
static double form_number(void)
{
    double number = 0;
    for (int i = 0; i < plan.section_count; ++i) {
        number = number * KM_SECTION_KINDS_COUNT + plan.sections[i].kind + 1;
    }
    return number;
}

// Between the quietest and the loudest note of the bass, which has no accents of its own phrase.
static double velocity_range(void)
{
    const int count = read_notes(KM_PART_BASS);
    int low = 127;
    int high = 0;
    for (int i = 0; i < count; ++i) {
        low = notes[i].velocity < low ? notes[i].velocity : low;
        high = notes[i].velocity > high ? notes[i].velocity : high;
    }
    return high - low;
}

// How early the highest tension comes: 1 at the beginning, 0 at the end.
static double earliness(void)
{
    int peak = 0;
    for (int i = 1; i < plan.length_bars; ++i) {
        peak = plan.tension[i] > plan.tension[peak] ? i : peak;
    }
    return 1 - (double)peak / plan.length_bars;
}

static double mud(void)
{
    return (double)plan.production.mud_db;
}

static double pitch_drift(void)
{
    return (double)plan.production.pitch_drift_cents;
}

static double room_noise(void)
{
    return (double)plan.production.room_noise_percent;
}

static double drive(void)
{
    return (double)plan.production.drive;
}

static double narrowness(void)
{
    return 1 - (double)plan.production.width;
}

/// What is measured, how much of it there is at most without the rule, and how much more with it in
/// the same song.
static const struct {
    enum km_rule rule;
    double (*measure)(void);
    double without_max, gain_min;
} effects[] = {
    {KM_RULE_HARMONY_AVOID_TONIC_RESOLUTION, is_away_from_home, 0, 1},
    {KM_RULE_HARMONY_PARALLEL_MOTION, bare_fifths, 0.65, 0.3},
    {KM_RULE_HARMONY_MODAL_INTERCHANGE, foreign_triads, 0.25, 0.02},
    {KM_RULE_HARMONY_TRITONE_SUBSTITUTION, tritone_substitutes, 0, 1},
    {KM_RULE_HARMONY_POLYTONALITY, second_key, 0.3, 0.08},
    {KM_RULE_HARMONY_UNRESOLVED_DISSONANCE, dissonant_chords, 0.97, 0.03},
    {KM_RULE_RHYTHM_CONSTANT_DISPLACEMENT, displaced_chords, 0.6, 0.2},
    {KM_RULE_RHYTHM_TEMPO_FLUCTUATION, tempo_range, 2, 8},
    {KM_RULE_RHYTHM_METRIC_MODULATION, foreign_beat, 6, 2},
    {KM_RULE_RHYTHM_POLYRHYTHMIC_LAYERS, conflicting_groups, 0.5, 0.4},
    {KM_RULE_RHYTHM_DROPPED_BEATS, empty_beats, 60, 1},
    {KM_RULE_ARRANGEMENT_UNBALANCED_DYNAMICS, loudest_accompaniment, 6, 10},
    {KM_RULE_ARRANGEMENT_STRUCTURAL_MISMATCH, form_number, 1e18, 1},
    {KM_RULE_ARRANGEMENT_BURIED_VOCALS, chords_over_melody, 0, 15},
    {KM_RULE_ARRANGEMENT_EXTREME_DYNAMIC_RANGE, velocity_range, 75, 8},
    {KM_RULE_ARRANGEMENT_PREMATURE_CLIMAX, earliness, 0.5, 0.3},
    {KM_RULE_PRODUCTION_EXCESSIVE_MUD, mud, 0, 2},
    {KM_RULE_PRODUCTION_PITCH_IMPERFECTION, pitch_drift, 0, 5},
    {KM_RULE_PRODUCTION_ROOM_NOISE, room_noise, 0, 0.05},
    {KM_RULE_PRODUCTION_DISTORTION, drive, 0, 0.2},
    {KM_RULE_PRODUCTION_MONO_COLLAPSE, narrowness, 0, 0.5},
};

// What a rule adds in a song; the rest of the answer is how much there is without it.
static double gain_of(size_t effect, uint64_t seed, double *without)
{
    compose_breaking(seed, 0);
    *without = effects[effect].measure();
    compose_breaking(seed, 1U << effects[effect].rule);
    const double gain = effects[effect].measure() - *without;
    // Another form is another number, larger or smaller.
    return effects[effect].rule == KM_RULE_ARRANGEMENT_STRUCTURAL_MISMATCH ? fabs(gain) : gain;
}

static void every_rule_is_found_where_it_is_broken_and_only_there(void **state)
{
    (void)state;
    _Static_assert(sizeof(effects) / sizeof(effects[0]) == KM_RULES_COUNT, "one of each rule");
    for (size_t i = 0; i < KM_RULES_COUNT; ++i) {
        int found = 0;
        double without_most = -1e9;
        double gain_least = 1e9;
        for (uint64_t seed = 0; seed < SONGS_COUNT; ++seed) {
            double without;
            const double gain = gain_of(i, seed, &without);
            found += without <= effects[i].without_max && gain >= effects[i].gain_min;
            without_most = without > without_most ? without : without_most;
            gain_least = gain < gain_least ? gain : gain_least;
        }
        if (found < SONGS_COUNT) {
            print_error("%s: found in %d songs; without it at most %g, gain at least %g\n",
                        km_rule_names()[effects[i].rule], found, without_most, gain_least);
        }
        assert_true(found >= SONGS_COUNT - 1); // A pattern may hide it.
    }
}

// What a plan says of a rule: in the song, asked for or not, and whole sections where it is a
// stretch.
static void plans_say_where_and_why(void **state)
{
    (void)state;
    for (uint64_t seed = 0; seed < 200; ++seed) {
        const struct brief brief = {.valence = -0.5,
                                    .arousal = 0.1,
                                    .chaos = 1,
                                    .vulnerability = 1,
                                    .seed = seed,
                                    .wishes = {.rules = 1U << seed % KM_RULES_COUNT}};
        make_plan(&brief);
        for (unsigned int rule = 0; rule < KM_RULES_COUNT; ++rule) {
            const struct km_plan_rule_use *const use = &plan.rule_uses[rule];
            const bool is_broken = (plan.rules >> rule & 1U) != 0;
            assert_int_equal(use->is_wish, rule == seed % KM_RULES_COUNT);
            assert_int_equal(use->bar_count > 0, is_broken);
            assert_true(use->first_bar + use->bar_count <= plan.length_bars);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SONG_TEST(every_rule_is_found_where_it_is_broken_and_only_there),
        SONG_TEST(plans_say_where_and_why),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
