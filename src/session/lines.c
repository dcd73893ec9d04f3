// SPDX-License-Identifier: MIT

#include "session/lines_private.h"

#include "base/check.h"

enum { OCTAVE = 12, KEY_HIGHEST = 127 };

km_pitch_set km_line_chord_at(const struct km_score *score, uint32_t tick)
{
    return km_chord_pitches(score->plan->chords[km_score_chord_at(score, tick)].chord);
}

km_pitch_set km_line_scale(const struct km_score *score, km_pitch_set chord)
{
    const km_pitch_set home = km_key_pitches(score->plan->key);
    unsigned int scale = home;
    for (unsigned int i = 0; i < OCTAVE; ++i) {
        const bool is_foreign = (chord >> i & 1U) != 0 && (home >> i & 1U) == 0;
        if (is_foreign) {
            const unsigned int beside = 1U << (i + 1U) % OCTAVE | 1U << (i + 11U) % OCTAVE;
            scale &= ~(beside & ~(unsigned int)chord);
        }
    }
    return (km_pitch_set)(scale | chord);
}

int km_line_step(int key, int steps, km_pitch_set scale)
{
    KM_CHECK(scale != 0);
    const int direction = steps < 0 ? -1 : 1;
    int left = steps < 0 ? -steps : steps;
    while (left > 0 && key + direction >= 0 && key + direction <= KEY_HIGHEST) {
        key += direction;
        left -= km_line_has(scale, key) ? 1 : 0;
    }
    return key;
}

km_pitch_set km_line_guides(struct km_chord chord)
{
    const km_pitch_set all = km_chord_pitches(chord);
    const unsigned int plain = 1U << chord.root | 1U << (chord.root + 7U) % OCTAVE;
    const km_pitch_set telling = (km_pitch_set)(all & ~plain);
    return telling != 0 ? telling : all;
}

int km_line_phrase_end(const struct km_score *score, int bar)
{
    const struct km_harmony_plan *const plan = score->plan;
    for (int i = 0; i < plan->phrase_count; ++i) {
        const struct km_plan_phrase *const phrase = &plan->phrases[i];
        if (bar >= phrase->first_bar && bar < phrase->first_bar + phrase->bar_count) {
            return phrase->first_bar + phrase->bar_count;
        }
    }
    // A plan without phrases: fours from the section's beginning.
    const struct km_plan_section *const section = km_score_section(score, bar);
    const int end = section->first_bar + section->bar_count;
    const int four = bar - (bar - section->first_bar) % KM_PLAN_PHRASE_BARS + KM_PLAN_PHRASE_BARS;
    return four < end ? four : end;
}

int km_line_nearest(struct km_key_range range, km_pitch_set set, int from, int home)
{
    int best = 0;
    int best_cost = 1 << 20;
    for (int key = range.low; key <= range.high; ++key) {
        if (!km_line_has(set, key)) {
            continue;
        }
        const int away = key < home ? home - key : key - home;
        const int moved = from == 0 ? 0 : (key < from ? from - key : key - from);
        // Steps and staying are alike; leaps cost more than their width.
        const int leap = moved > 2 ? 4 * moved : moved;
        const int cost = 2 * leap + away;
        if (cost < best_cost) {
            best_cost = cost;
            best = key;
        }
    }
    return best;
}
