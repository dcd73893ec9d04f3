// SPDX-License-Identifier: MIT

// Where chords change in the bars of a phrase, and how they are written into the plan.

#include "base/check.h"
#include "base/units.h"
#include "session/harmony_private.h"

#include <string.h>

// Chords in each bar of a phrase, from the rate: .5 to 2 a bar.
static const uint8_t *layout_of(double rate)
{
    static const struct {
        double below;
        uint8_t slots[KM_PLAN_PHRASE_BARS];
    } layouts[] = {{0.75, {1, 0, 1, 1}},
                   {1.15, {1, 1, 1, 1}},
                   {1.4, {1, 1, 1, 2}},
                   {1.7, {1, 2, 1, 2}},
                   {1e9, {2, 2, 2, 2}}};
    int index = 0;
    while (rate >= layouts[index].below) {
        ++index;
    }
    return layouts[index].slots;
}

void km_harmony_lay_slots(struct km_harmony_phrase *phrase, double rate, bool stays_home)
{
    const uint8_t *const layout = layout_of(rate);
    phrase->slots = 0;
    for (int i = 0; i < phrase->bars; ++i) {
        const bool is_arrival = stays_home && i == phrase->bars - 1;
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
        add_chord(plan, phrase->chords[i], starts[i], starts[i + 1] - starts[i]);
    }
}
