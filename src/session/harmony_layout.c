// SPDX-License-Identifier: MIT

// Where chords change in the bars of a phrase, and how they are written into the plan.

#include "base/check.h"
#include "base/units.h"
#include "session/harmony_private.h"

#include <string.h>

// How fast chords change in a section, against the whole song.
static double section_rate(uint8_t kind)
{
    switch (kind) {
    case KM_SECTION_PRE_CHORUS:
    case KM_SECTION_BUILD:
        return 1.25;
    case KM_SECTION_CHORUS:
    case KM_SECTION_DROP:
        return 1.05;
    case KM_SECTION_INTRO:
    case KM_SECTION_BREAKDOWN:
    case KM_SECTION_OUTRO:
        return 0.85;
    default:
        return 1;
    }
}

// Chords in each bar of a phrase, from the rate: .5 to 2 a bar, more towards the cadence.
static const uint8_t *layout_of(double rate)
{
    static const struct {
        double below;
        uint8_t slots[KM_PLAN_PHRASE_BARS];
    } layouts[] = {{0.62, {1, 0, 1, 0}}, {0.75, {1, 0, 1, 1}}, {1.15, {1, 1, 1, 1}},
                   {1.4, {1, 1, 1, 2}},  {1.7, {1, 1, 2, 2}},  {1.9, {1, 2, 2, 2}},
                   {1e9, {2, 2, 2, 2}}};
    int index = 0;
    while (rate >= layouts[index].below) {
        ++index;
    }
    return layouts[index].slots;
}

static bool is_short_bar(const struct km_harmony_plan *plan)
{
    return km_plan_bar_ticks(plan) <= 2 * KM_PPQ;
}

void km_harmony_lay_slots(const struct km_harmony_plan *plan, struct km_harmony_phrase *phrase,
                          enum km_cadence cadence)
{
    const bool is_home = cadence == KM_CADENCE_AUTHENTIC || cadence == KM_CADENCE_PLAGAL ||
                         cadence == KM_CADENCE_MODAL;
    double rate = (double)plan->harmonic_rhythm * section_rate(phrase->section_kind);
    if (is_short_bar(plan)) {
        rate = rate * 0.6 < 1.3 ? rate * 0.6 : 1.3; // Two beats hold a chord, seldom two.
    }
    if (is_home || cadence == KM_CADENCE_DECEPTIVE) {
        rate = rate > 0.62 ? rate : 0.62; // A cadence of two chords comes from somewhere.
    }
    const uint8_t *const layout = layout_of(rate);
    phrase->slots = 0;
    for (int i = 0; i < phrase->bars; ++i) {
        const bool is_last = i == phrase->bars - 1;
        const bool is_arrival = is_last && is_home;
        // What is no whole phrase is a tag: a chord a bar. The arrival has its bar for itself.
        const bool is_single = phrase->bars < KM_PLAN_PHRASE_BARS || is_arrival;
        phrase->slots_in_bar[i] = is_single ? 1 : layout[i];
        phrase->slots += phrase->slots_in_bar[i];
    }
}

// Symbol and numeral; a chord that was named before keeps its names.
static void name_chord(struct km_harmony_plan *plan, struct km_plan_chord *chord)
{
    for (int i = 0; i < plan->chord_count; ++i) {
        const struct km_plan_chord *const other = &plan->chords[i];
        if (other->chord.root == chord->chord.root && other->chord.bass == chord->chord.bass &&
            other->chord.quality == chord->chord.quality) {
            memcpy(chord->symbol, other->symbol, sizeof(chord->symbol));
            memcpy(chord->roman, other->roman, sizeof(chord->roman));
            return;
        }
    }
    (void)km_chord_format(chord->chord, plan->key, chord->symbol);
    (void)km_roman_format(chord->chord, plan->key, chord->roman);
}

static void add_chord(struct km_harmony_plan *plan, struct km_chord chord, uint32_t start,
                      uint32_t duration)
{
    KM_CHECK(plan->chord_count < KM_PLAN_CHORDS_MAX);
    KM_CHECK(duration > 0);
    struct km_plan_chord *const place = &plan->chords[plan->chord_count];
    *place =
        (struct km_plan_chord){.start_tick = start, .duration_ticks = duration, .chord = chord};
    name_chord(plan, place);
    ++plan->chord_count;
}

// The chord with a fourth in the place of its third; without one there is nothing to resolve.
static bool suspend(struct km_chord chord, struct km_chord *suspended)
{
    *suspended = chord;
    switch ((int)chord.quality) {
    case KM_CHORD_MAJOR:
    case KM_CHORD_MINOR:
        suspended->quality = KM_CHORD_SUS4;
        return true;
    case KM_CHORD_DOMINANT_SEVENTH:
    case KM_CHORD_MINOR_SEVENTH:
        suspended->quality = KM_CHORD_SUS4_SEVENTH;
        return true;
    case KM_CHORD_DOMINANT_NINTH:
    case KM_CHORD_MINOR_NINTH:
        suspended->quality = KM_CHORD_SUS4_NINTH;
        return true;
    default:
        return false;
    }
}

// A suspension takes the first half of the chord's time, on the beat; it needs a half note.
static void add_slot(struct km_harmony_plan *plan, const struct km_harmony_phrase *phrase, int slot,
                     uint32_t start, uint32_t end)
{
    const uint32_t beat = 4U * KM_PPQ / plan->beat_unit;
    const uint32_t beats = (end - start) / beat;
    struct km_chord chord = phrase->chords[slot];
    struct km_chord suspended;
    if (phrase->is_suspended[slot] && end - start >= 2 * KM_PPQ && chord.bass == chord.root &&
        suspend(chord, &suspended)) {
        const uint32_t middle = start + (beats + 1U) / 2U * beat;
        suspended.bass = phrase->pedal == KM_HARMONY_NO_PEDAL ? suspended.root : phrase->pedal;
        add_chord(plan, suspended, start, middle - start);
        start = middle;
    }
    if (phrase->pedal != KM_HARMONY_NO_PEDAL) {
        chord.bass = phrase->pedal;
    }
    add_chord(plan, chord, start, end - start);
}

void km_harmony_add_phrase(struct km_harmony_plan *plan, const struct km_harmony_phrase *phrase)
{
    const uint32_t bar = km_plan_bar_ticks(plan);
    const uint32_t beat = 4U * KM_PPQ / plan->beat_unit;
    const uint32_t half = (plan->beats_per_bar + 1U) / 2U * beat; // 2+1, 3+2, 4+3
    uint32_t starts[KM_HARMONY_SLOTS_MAX + 1] = {0};
    int slot = 0;
    for (int i = 0; i < phrase->bars; ++i) {
        for (int j = 0; j < phrase->slots_in_bar[i]; ++j) {
            starts[slot++] = (uint32_t)(phrase->first_bar + i) * bar + (uint32_t)j * half;
        }
    }
    starts[slot] = (uint32_t)(phrase->first_bar + phrase->bars) * bar;
    for (int i = 0; i < phrase->slots; ++i) {
        add_slot(plan, phrase, i, starts[i], starts[i + 1]);
    }
}

void km_harmony_add_silence(struct km_harmony_plan *plan, int first_bar, int bars)
{
    const uint32_t bar = km_plan_bar_ticks(plan);
    add_chord(plan, (struct km_chord){.quality = KM_CHORD_NONE}, (uint32_t)first_bar * bar,
              (uint32_t)bars * bar);
}
