// SPDX-License-Identifier: MIT

// A phrase before its keys: which motif stands in which bar, how high, and how it comes to rest.

#include "base/check.h"
#include "base/math.h"
#include "base/units.h"
#include "session/melody_private.h"

enum { STEP_UNITS = 7 }; // A scale step, on average, in quarters of a semitone.

static const struct km_plan_phrase *phrase_at(const struct km_score *score, int phrase)
{
    KM_CHECK(phrase >= 0 && phrase < score->plan->phrase_count);
    return &score->plan->phrases[phrase];
}

static uint32_t end_of_phrase(const struct km_score *score, const struct km_plan_phrase *phrase)
{
    return ((uint32_t)phrase->first_bar + phrase->bar_count) * score->bar_ticks;
}

uint32_t km_tune_rest_tick(const struct km_score *score, int phrase, bool rests_early)
{
    const struct km_plan_phrase *const plan_phrase = phrase_at(score, phrase);
    const uint32_t end = end_of_phrase(score, plan_phrase);
    const uint32_t bar = end - score->bar_ticks;
    const uint32_t chord = score->plan->chords[km_score_chord_at(score, end - 1)].start_tick;
    if (chord > bar) {
        return chord;
    }
    // A short bar is all rest: half of it would leave no long note before the breath.
    const bool is_short = score->bar_ticks - km_tune_middle(score) < KM_PPQ + KM_EIGHTH;
    const bool has_way =
        !rests_early && !is_short && plan_phrase->bar_count > 1 && end < score->length;
    return bar + (has_way ? km_tune_middle(score) % score->bar_ticks : 0);
}

static enum km_weight weight_at(const struct km_score *score, uint32_t start, uint32_t duration)
{
    const uint32_t tick = start % score->bar_ticks;
    const bool has_middle = score->pulse_count % 2 == 0;
    enum km_weight weight = KM_WEIGHT_OFF;
    for (int i = 0; i < score->pulse_count; ++i) {
        if (score->pulse_starts[i] == tick) {
            weight = i == 0 ? KM_WEIGHT_DOWNBEAT
                            : (has_middle && 2 * i == score->pulse_count ? KM_WEIGHT_STRONG
                                                                         : KM_WEIGHT_PULSE);
        }
    }
    return duration > KM_PPQ && weight < KM_WEIGHT_STRONG ? KM_WEIGHT_STRONG : weight;
}

static void add_note(const struct km_score *score, struct km_tune *tune, uint32_t start,
                     uint32_t duration, int steps)
{
    if (tune->count == KM_TUNE_NOTES_MAX) {
        return;
    }
    const struct km_tune_note *const last = tune->count > 0 ? &tune->notes[tune->count - 1] : NULL;
    tune->notes[tune->count++] = (struct km_tune_note){
        .start = start,
        .duration = duration,
        .target = (int16_t)(steps * STEP_UNITS),
        .weight = (uint8_t)weight_at(score, start, duration),
        .is_join = !last || start >= last->start + last->duration + KM_PPQ,
    };
}

static void add_motif(const struct km_score *score, struct km_tune *tune,
                      const struct km_motif *motif, uint32_t start)
{
    for (int i = 0; i < motif->count; ++i) {
        const struct km_motif_note *const note = &motif->notes[i];
        add_note(score, tune, start + note->start, note->duration, note->offset);
    }
}

static char with_other_end(char letter)
{
    return letter == 'a' ? 'e' : (letter == 'b' ? 'o' : letter);
}

// What comes again is decorated: the answer to a phrase, and the first phrase of a return.
static bool is_decorated(const struct km_phrase_place *place)
{
    const bool returns =
        place->is_last_return || (place->kind == KM_SECTION_VERSE && place->returns % 2 == 1);
    return place->ordinal % 2 == 1 || (returns && place->ordinal == 0);
}

// The bars before the last.
static void add_bars(const struct km_score *score, const struct km_tune_material *material,
                     const struct km_phrase_place *place, struct km_tune *tune)
{
    const struct km_plan_phrase *const phrase = phrase_at(score, place->index);
    const struct km_phrase_scheme scheme = km_tune_scheme(score, material, place);
    for (int i = 0; i + 1 < phrase->bar_count; ++i) {
        const int column = i % KM_TUNE_SCHEME_BARS;
        char letter = scheme.bars[column];
        if (column == KM_TUNE_SCHEME_BARS - 1 && place->same_before % 2 == 1) {
            letter = with_other_end(letter); // The answer to the phrase before.
        }
        struct km_motif motif = km_tune_bar(score, material, letter);
        if (column == 1 && is_decorated(place)) {
            (void)km_motif_ornament(&motif);
        }
        km_motif_transpose(&motif, scheme.levels[column]);
        add_motif(score, tune, &motif,
                  ((uint32_t)phrase->first_bar + (uint32_t)i) * score->bar_ticks);
    }
}

// The last bar: a fragment on the way, a long note, a breath.
static void add_rest(const struct km_score *score, const struct km_tune_material *material,
                     const struct km_phrase_place *place, struct km_tune *tune)
{
    const struct km_plan_phrase *const phrase = phrase_at(score, place->index);
    const uint32_t end = end_of_phrase(score, phrase);
    const uint32_t bar = end - score->bar_ticks;
    const uint32_t rest = km_tune_rest_tick(score, place->index, material->rests_early);
    struct km_motif way = place->ordinal % 2 == 0 ? material->idea : material->other;
    km_motif_cut(&way, rest - bar);
    add_motif(score, tune, &way, bar);
    uint32_t room = end - rest - place->next_pickup;
    if (end < score->length) {
        room -= room > 2 * KM_PPQ ? KM_PPQ : (room > KM_EIGHTH ? KM_EIGHTH : 0);
    }
    const int steps = tune->count > 0 ? tune->notes[tune->count - 1].target / STEP_UNITS - 1 : 0;
    add_note(score, tune, rest, room, steps);
}

static void add_pickup(const struct km_score *score, const struct km_tune_material *material,
                       const struct km_phrase_place *place, struct km_tune *tune)
{
    const uint32_t notes = material->pickup_notes > 0 ? material->pickup_notes : 1;
    const uint32_t start = phrase_at(score, place->index)->first_bar * score->bar_ticks;
    const struct km_phrase_scheme scheme = km_tune_scheme(score, material, place);
    const struct km_motif first = km_tune_bar(score, material, scheme.bars[0]);
    if (first.count == 0 || first.notes[0].start > 0) {
        return; // It would lead to a rest.
    }
    const uint32_t ticks = place->pickup / notes;
    for (uint32_t i = 0; i < notes && ticks > 0; ++i) {
        add_note(score, tune, start - place->pickup + i * ticks, ticks,
                 scheme.levels[0] - (int)(notes - i));
    }
}

// Where a kind of section lies in the voice, 0 to 1.
static double height_of(uint8_t kind)
{
    static const float heights[KM_SECTION_KINDS_COUNT] = {
        [KM_SECTION_INTRO] = 0.4F,   [KM_SECTION_VERSE] = 0.33F, [KM_SECTION_PRE_CHORUS] = 0.45F,
        [KM_SECTION_CHORUS] = 0.6F,  [KM_SECTION_BRIDGE] = 0.5F, [KM_SECTION_BREAKDOWN] = 0.22F,
        [KM_SECTION_BUILD] = 0.5F,   [KM_SECTION_DROP] = 0.62F,  [KM_SECTION_OUTRO] = 0.4F,
        [KM_SECTION_SILENCE] = 0.4F,
    };
    return (double)heights[kind];
}

// Moves the contour, which was about 0, to its height in the voice.
static void set_height(const struct km_score *score, const struct km_phrase_place *place,
                       struct km_tune *tune)
{
    const struct km_harmony_plan *const plan = score->plan;
    int sum = 0;
    for (int i = 0; i < tune->count; ++i) {
        sum += tune->notes[i].target;
    }
    const double span = (double)plan->register_high - (double)plan->register_low;
    const double height = (double)plan->register_low + span * height_of(place->kind);
    const int shift =
        (int)km_round(height * KM_TARGET_UNITS) - (tune->count > 0 ? sum / tune->count : 0);
    for (int i = 0; i < tune->count; ++i) {
        tune->notes[i].target = (int16_t)(tune->notes[i].target + shift);
    }
}

void km_tune_compose(const struct km_score *score, const struct km_tune_material *material,
                     const struct km_phrase_place *place, struct km_tune *tune)
{
    const struct km_plan_phrase *const phrase = phrase_at(score, place->index);
    tune->count = 0;
    tune->climax = -1;
    tune->floor = score->plan->register_low;
    tune->ceiling = score->plan->register_high;
    const bool is_hint = place->kind == KM_SECTION_INTRO && !place->has_peak;
    if (place->pickup > 0) {
        add_pickup(score, material, place, tune);
    }
    add_bars(score, material, place, tune);
    if (!is_hint) {
        add_rest(score, material, place, tune);
    }
    set_height(score, place, tune);
    const uint32_t last = tune->count > 0 ? tune->notes[tune->count - 1].start : 0;
    const struct km_chord chord = score->plan->chords[km_score_chord_at(score, last)].chord;
    const bool is_end = end_of_phrase(score, phrase) == score->length;
    tune->rest = km_melody_rest(
        score->plan, chord, is_hint ? (uint8_t)KM_CADENCE_OPEN : phrase->cadence,
        is_end && !km_plan_breaks(score->plan, KM_RULE_HARMONY_AVOID_TONIC_RESOLUTION));
}
