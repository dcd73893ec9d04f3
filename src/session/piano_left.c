// SPDX-License-Identifier: MIT

// A solo piano's left hand: figures of piano music, from single held notes to octaves. The keys are
// shared out between the hands beforehand, so neither needs to know what the other plays.

#include "base/check.h"
#include "base/units.h"
#include "session/lines_private.h"
#include "session/piano_private.h"

enum {
    OCTAVE = 12,
    TENTH = 16,      // The widest reach of a hand that strikes together.
    OPEN_COUNT = 5,  // Notes of a chord in open position.
    CLOSE_COUNT = 3, // And in close position.
    TOUCHES_MAX = 5, // Fingers.
    FIGURES_PER_MOOD = 3,
};

enum figure {
    FIGURE_SPARSE,   // A bass, and a sixth or tenth after it.
    FIGURE_BROKEN,   // Bass, fifth, tenth, fifth.
    FIGURE_NOCTURNE, // A low bass, then wide steps over it.
    FIGURE_ROLLING,  // Up and down through the chord.
    FIGURE_ALBERTI,  // Low, high, middle, high, close together.
    FIGURE_DANCE,   // Bass on the strong beats, chords on the others: a waltz where it is in three.
    FIGURE_BLOCK,   // The chord on every beat.
    FIGURE_OCTAVES, // Low octaves, and chords against them.
};

// Keys that the left hand has for a chord, from the lowest.
struct chord_keys {
    int open[OPEN_COUNT];   // The bass, and chord notes in wide steps over it.
    int open_count;         // How many of them differ: a hand that lies low has fewer.
    int close[CLOSE_COUNT]; // Chord notes within an octave, below the right hand.
    bool is_sounding;
};

struct left_hand {
    struct km_score *score;
    int top;  // The highest key of the hand.
    int drop; // Semitones that the close position lies lower.
};

// The next key up of the chord, at least so far above the bass; the last where the hand has no
// more.
static int open_key(const struct left_hand *hand, km_pitch_set chord, int least, int last)
{
    int key = least;
    while (!km_line_has(chord, key)) {
        ++key;
    }
    return key <= hand->top ? key : last;
}

// Each note of the chord has one key in an octave, so that the hand hardly moves.
static void find_close(const struct left_hand *hand, km_pitch_set chord, int *close)
{
    const int top = hand->top - hand->drop;
    int count = 0;
    for (int key = top; key > top - OCTAVE && count < CLOSE_COUNT; --key) {
        if (km_line_has(chord, key)) {
            close[CLOSE_COUNT - 1 - count++] = key;
        }
    }
    for (; count < CLOSE_COUNT; ++count) { // A chord of two notes.
        close[CLOSE_COUNT - 1 - count] = close[CLOSE_COUNT - count];
    }
}

// All voices in parallel, as that rule asks: the led voicing, octaves lower.
static void find_parallel(const struct left_hand *hand, const struct km_voicing *voicing,
                          struct chord_keys *keys)
{
    KM_CHECK(voicing->count > CLOSE_COUNT);
    int shift = 0;
    while (voicing->pitches[CLOSE_COUNT] - shift > hand->top) {
        shift += OCTAVE;
    }
    for (int i = 0; i < OPEN_COUNT; ++i) {
        const int voice = i < CLOSE_COUNT ? i : CLOSE_COUNT;
        keys->open[i] = voicing->pitches[voice] - shift;
    }
    keys->open_count = CLOSE_COUNT + 1;
    for (int i = 0; i < CLOSE_COUNT; ++i) {
        keys->close[i] = voicing->pitches[i + 1] - shift;
    }
}

static struct chord_keys keys_of(const struct left_hand *hand, int index)
{
    static const int steps[OPEN_COUNT] = {0, 6, 10, 14, 18}; // At least so far above the bass.
    const struct km_score *const score = hand->score;
    const km_pitch_set chord = km_chord_pitches(score->plan->chords[index].chord);
    struct chord_keys keys = {.is_sounding = chord != 0, .open_count = 1};
    if (!keys.is_sounding) {
        return keys;
    }
    if (km_plan_breaks(score->plan, KM_RULE_HARMONY_PARALLEL_MOTION)) {
        find_parallel(hand, km_score_voicing(score, index), &keys);
        return keys;
    }
    keys.open[0] = km_score_bass_key(score, index);
    for (int i = 1; i < OPEN_COUNT; ++i) {
        keys.open[i] = open_key(hand, chord, keys.open[0] + steps[i], keys.open[i - 1]);
        keys.open_count = keys.open[i] > keys.open[i - 1] ? i + 1 : keys.open_count;
    }
    find_close(hand, chord, keys.close);
    return keys;
}

// ---- Figures

// Strikes keys together, lowest first, as far as a hand reaches from the highest.
static void strike(const struct left_hand *hand, const int *keys, int count, uint32_t start,
                   uint32_t written)
{
    struct km_score *const score = hand->score;
    const int bar = (int)(start / score->bar_ticks);
    const bool is_long = written > KM_PPQ || km_piano_uses_pedal(score->plan);
    const uint32_t duration = is_long ? written : km_score_sounding(score, written);
    const int accent =
        start % score->bar_ticks == 0 ? 4 : (km_piano_is_accented(score, start) ? 0 : -6);
    KM_CHECK(count <= TOUCHES_MAX);
    for (int i = 0; i < count; ++i) {
        const bool is_doubled = i > 0 && keys[i] <= keys[i - 1];
        if (is_doubled || keys[i] - keys[0] > TENTH) {
            continue;
        }
        km_score_add(score, KM_PART_CHORDS,
                     (struct km_score_note){.start = start,
                                            .duration = duration,
                                            .key = (uint8_t)keys[i],
                                            .velocity = km_score_velocity(score, bar, accent)});
    }
}

// One key after another through a span.
struct run {
    const int8_t *order; // Places among the keys.
    int length;
    uint32_t step;
    int count; // Of keys; a place above them turns back.
};

static void run_through(const struct left_hand *hand, const int *keys, const struct run *run,
                        const uint32_t span[2])
{
    int place = 0;
    for (uint32_t tick = span[0]; tick < span[1]; tick += run->step, ++place) {
        const uint32_t room = span[1] - tick;
        const int wanted = run->order[place % run->length];
        const int turned = wanted < run->count ? wanted : 2 * (run->count - 1) - wanted;
        const int key = keys[turned > 0 ? turned : 0];
        strike(hand, &key, 1, tick, room < run->step ? room : run->step);
    }
}

// The chord, and the bass with it as far as the hand reaches.
static void strike_block(const struct left_hand *hand, const struct chord_keys *keys,
                         uint32_t start, uint32_t length)
{
    int struck[CLOSE_COUNT + 1] = {keys->open[0], keys->close[0], keys->close[1], keys->close[2]};
    while (struck[CLOSE_COUNT] - struck[0] > TENTH) {
        struck[0] += OCTAVE;
    }
    const int first = struck[0] < struck[1] ? 0 : 1;
    strike(hand, struck + first, CLOSE_COUNT + 1 - first, start, length);
}

// A low octave, and the chord after it.
static void strike_octaves(const struct left_hand *hand, const struct chord_keys *keys,
                           uint32_t start, uint32_t length)
{
    const int low = keys->open[0] - OCTAVE >= 24 ? keys->open[0] - OCTAVE : keys->open[0];
    const int octave[2] = {low, low + OCTAVE};
    strike(hand, octave, 2, start, length);
    if (length >= 2 * KM_EIGHTH) {
        strike(hand, keys->close, CLOSE_COUNT, start + length / 2, length / 2);
    }
}

// What is struck on a beat of the figures that go by beats.
static void strike_beat(const struct left_hand *hand, const struct chord_keys *keys,
                        enum figure figure, const uint32_t span[2])
{
    const uint32_t length = span[1] - span[0];
    if (figure == FIGURE_BLOCK) {
        strike_block(hand, keys, span[0], length);
    } else if (!km_piano_is_accented(hand->score, span[0])) {
        strike(hand, keys->close, CLOSE_COUNT, span[0],
               figure == FIGURE_DANCE ? length / 2 : length);
    } else if (figure == FIGURE_OCTAVES) {
        strike_octaves(hand, keys, span[0], length);
    } else {
        strike(hand, keys->open, 1, span[0], length);
    }
}

// Beat by beat through a span; what begins off the beat begins with a beat of its own.
static void strike_beats(const struct left_hand *hand, const struct chord_keys *keys,
                         enum figure figure, const uint32_t span[2])
{
    const struct km_score *const score = hand->score;
    uint32_t tick = span[0];
    while (tick < span[1]) {
        const uint32_t offset = tick % score->bar_ticks;
        int pulse = 0;
        while (score->pulse_starts[pulse + 1] <= offset) {
            ++pulse;
        }
        const uint32_t next = tick - offset + score->pulse_starts[pulse + 1];
        const uint32_t end = next < span[1] ? next : span[1];
        strike_beat(hand, keys, figure, (const uint32_t[]){tick, end});
        tick = end;
    }
}

static void play_sparse(const struct left_hand *hand, const struct chord_keys *keys,
                        const uint32_t span[2])
{
    const struct km_score *const score = hand->score;
    const uint32_t pulse = score->pulse_starts[1];
    const uint32_t length = span[1] - span[0];
    strike(hand, keys->open, 1, span[0], length);
    if (length > pulse) {
        const int above[2] = {keys->close[0], keys->close[CLOSE_COUNT - 1]};
        strike(hand, above, 2, span[0] + pulse, length - pulse);
    }
}

// Threes against the twos of the metre, or twos against its threes, running through the bars.
static void play_against(const struct left_hand *hand, const struct chord_keys *keys,
                         const uint32_t span[2])
{
    const struct km_score *const score = hand->score;
    const bool is_ternary = score->pulse_starts[1] == 6 * KM_SIXTEENTH;
    const uint32_t step = is_ternary ? 4 * KM_SIXTEENTH : 3 * KM_SIXTEENTH;
    const uint32_t first = (span[0] + step - 1) / step * step;
    for (uint32_t tick = first; tick < span[1]; tick += step) {
        const uint32_t room = span[1] - tick;
        const bool is_bass = tick == first;
        strike(hand, is_bass ? keys->open : keys->close, is_bass ? 1 : CLOSE_COUNT, tick,
               room < step ? room : step);
    }
}

// The notes of a run: eighths, quarters in slow and quiet music, sixteenths where it drives.
static uint32_t step_of(const struct km_score *score, enum figure figure)
{
    const struct km_harmony_plan *const plan = score->plan;
    const bool is_ternary = score->pulse_starts[1] == 6 * KM_SIXTEENTH;
    if (plan->affect.arousal < -0.55F && !is_ternary && plan->tempo_bpm > 66) {
        return KM_PPQ;
    }
    const bool drives = plan->affect.arousal > 0.5F && plan->tempo_bpm < 120;
    return drives && (figure == FIGURE_ROLLING || figure == FIGURE_ALBERTI) ? KM_SIXTEENTH
                                                                            : KM_EIGHTH;
}

static void play_figure(const struct left_hand *hand, const struct chord_keys *keys,
                        enum figure figure, const uint32_t span[2])
{
    static const int8_t broken[] = {0, 1, 3, 1};
    static const int8_t nocturne[] = {0, 2, 3, 4, 3, 2};
    static const int8_t rolling[] = {0, 1, 2, 3, 4, 3, 2, 1};
    static const int8_t alberti[] = {0, 2, 1, 2};
    const uint32_t step = step_of(hand->score, figure);
    switch (figure) {
    case FIGURE_SPARSE:
        play_sparse(hand, keys, span);
        return;
    case FIGURE_BROKEN:
        run_through(hand, keys->open, &(const struct run){broken, 4, step, keys->open_count}, span);
        return;
    case FIGURE_NOCTURNE:
        run_through(hand, keys->open, &(const struct run){nocturne, 6, step, keys->open_count},
                    span);
        return;
    case FIGURE_ROLLING:
        run_through(hand, keys->open, &(const struct run){rolling, 8, step, keys->open_count},
                    span);
        return;
    case FIGURE_ALBERTI:
        run_through(hand, keys->close, &(const struct run){alberti, 4, step, CLOSE_COUNT}, span);
        return;
    case FIGURE_DANCE:
    case FIGURE_BLOCK:
    case FIGURE_OCTAVES:
    default:
        strike_beats(hand, keys, figure, span);
        return;
    }
}

// ---- What is played when

// How much the hand has to do in a section, 0 to 3: with arousal and tension; edges are calmer.
static int mood_of(const struct km_harmony_plan *plan, const struct km_plan_section *section)
{
    const bool is_edge = section->kind == KM_SECTION_INTRO || section->kind == KM_SECTION_OUTRO ||
                         section->kind == KM_SECTION_BREAKDOWN;
    const float level =
        plan->affect.arousal + 1.1F * (section->tension - 0.75F) - (is_edge ? 0.35F : 0.0F);
    return level < -0.45F ? 0 : (level < 0.05F ? 1 : (level < 0.5F ? 2 : 3));
}

static enum figure figure_of(const struct left_hand *hand, const struct km_plan_section *section)
{
    static const enum figure figures[][FIGURES_PER_MOOD] = {
        {FIGURE_SPARSE, FIGURE_BROKEN, FIGURE_NOCTURNE},
        {FIGURE_BROKEN, FIGURE_NOCTURNE, FIGURE_ROLLING},
        {FIGURE_ALBERTI, FIGURE_DANCE, FIGURE_ROLLING},
        {FIGURE_OCTAVES, FIGURE_ROLLING, FIGURE_BLOCK},
    };
    const struct km_harmony_plan *const plan = hand->score->plan;
    struct km_random random;
    km_random_init(&random, plan->seed, km_section_name((enum km_section_kind)section->kind));
    const uint32_t first = km_random_below(&random, FIGURES_PER_MOOD);
    const uint32_t choice = first + plan->parts[KM_PART_CHORDS].variation;
    return figures[mood_of(plan, section)][choice % FIGURES_PER_MOOD];
}

// One chord, bar by bar: figures begin again with the bar.
static void play_chord(const struct left_hand *hand, int index)
{
    const struct km_score *const score = hand->score;
    const struct km_plan_chord *const chord = &score->plan->chords[index];
    const struct chord_keys keys = keys_of(hand, index);
    const uint32_t end = chord->start_tick + chord->duration_ticks;
    uint32_t tick = chord->start_tick;
    while (tick < end && keys.is_sounding) {
        const int bar = (int)(tick / score->bar_ticks);
        const uint32_t next_bar = (uint32_t)(bar + 1) * score->bar_ticks;
        const uint32_t span[2] = {tick, next_bar < end ? next_bar : end};
        const enum figure figure = figure_of(hand, km_score_section(score, bar));
        if (span[1] == score->length) {
            strike(hand, keys.open, OPEN_COUNT, tick, span[1] - tick); // It comes to rest.
        } else if (km_plan_breaks(score->plan, KM_RULE_RHYTHM_POLYRHYTHMIC_LAYERS)) {
            play_against(hand, &keys, span);
        } else {
            play_figure(hand, &keys, figure, span);
        }
        tick = span[1];
    }
}

void km_score_write_left_hand(struct km_score *score)
{
    static const int drops[] = {0, 5, 3};
    const struct km_harmony_plan *const plan = score->plan;
    const uint32_t round = plan->parts[KM_PART_CHORDS].variation / FIGURES_PER_MOOD;
    const struct left_hand hand = {.score = score,
                                   .top = km_piano_split(plan) - 1,
                                   .drop = drops[round % (sizeof(drops) / sizeof(drops[0]))]};
    for (int i = 0; i < plan->chord_count; ++i) {
        play_chord(&hand, i);
    }
    km_piano_press_pedal(score, KM_PART_CHORDS);
}
