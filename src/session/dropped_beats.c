// SPDX-License-Identifier: MIT

// Dropped beats: pulses where a chord begins, which the accompaniment leaves out after all of it is
// written.

#include "base/check.h"
#include "session/score_private.h"

enum { BARS_BETWEEN_MAX = 3, NOT_DROPPED = -1 };

static bool is_accompaniment(int part)
{
    return part != KM_PART_MELODY;
}

static int pulse_at(const struct km_score *score, uint32_t tick)
{
    const uint32_t offset = tick % score->bar_ticks;
    int pulse = 0;
    while (pulse + 1 < score->pulse_count && offset >= score->pulse_starts[pulse + 1]) {
        ++pulse;
    }
    return pulse;
}

// The pulses of each bar where a chord begins, a bit each: there all of the accompaniment does, and
// which part plays what changes nothing.
static void find_onsets(const struct km_score *score, uint32_t onsets[KM_PLAN_BARS_MAX])
{
    const struct km_harmony_plan *const plan = score->plan;
    for (int i = 0; i < plan->chord_count; ++i) {
        const uint32_t start = plan->chords[i].start_tick;
        if (plan->chords[i].chord.quality != KM_CHORD_NONE) {
            onsets[start / score->bar_ticks] |= 1U << (unsigned int)pulse_at(score, start);
        }
    }
}

// The first pulse with an onset from the wished one on, around the bar.
static int pulse_with_onset(const struct km_score *score, uint32_t onsets, uint32_t wished)
{
    const uint32_t count = (uint32_t)score->pulse_count;
    for (uint32_t i = 0; i < count; ++i) {
        const uint32_t pulse = (wished + i) % count;
        if ((onsets >> pulse & 1U) != 0) {
            return (int)pulse;
        }
    }
    return NOT_DROPPED;
}

static void choose_pulses(const struct km_score *score, const uint32_t onsets[KM_PLAN_BARS_MAX],
                          int dropped[KM_PLAN_BARS_MAX])
{
    struct km_random random;
    km_random_init(&random, score->plan->seed, "dropped beats");
    int waited = BARS_BETWEEN_MAX - 1; // The second bar is due, if the first keeps its beats.
    for (int bar = 0; bar < score->plan->length_bars; ++bar) {
        const bool is_wanted = km_random_chance(&random, 0.4);
        const uint32_t wished = km_random_below(&random, (uint32_t)score->pulse_count);
        // Every fourth bar at least, and never in the last, which must arrive.
        const bool is_due = is_wanted || waited >= BARS_BETWEEN_MAX;
        const bool is_possible = bar + 1 < score->plan->length_bars;
        dropped[bar] =
            is_due && is_possible ? pulse_with_onset(score, onsets[bar], wished) : NOT_DROPPED;
        waited = dropped[bar] == NOT_DROPPED ? waited + 1 : 0;
    }
}

// Takes a note out of a dropped beat: a short one vanishes, a long one comes in after it.
static bool avoid_dropped_beat(const struct km_score *score, int dropped,
                               struct km_score_note *note)
{
    if (pulse_at(score, note->start) != dropped) {
        return true;
    }
    const uint32_t bar_start = note->start - note->start % score->bar_ticks;
    const uint32_t end = bar_start + score->pulse_starts[dropped + 1];
    const uint32_t note_end = note->start + note->duration;
    if (note_end < end + KM_EIGHTH) {
        return false;
    }
    note->start = end;
    note->duration = note_end - end;
    return true;
}

static void drop_from(const struct km_score *score, const int dropped[KM_PLAN_BARS_MAX],
                      struct km_note_list *list)
{
    size_t kept = 0;
    for (size_t i = 0; i < list->count; ++i) {
        struct km_score_note note = list->notes[i];
        if (avoid_dropped_beat(score, dropped[note.start / score->bar_ticks], &note)) {
            list->notes[kept++] = note;
        }
    }
    list->count = kept;
}

void km_score_drop_beats(struct km_score *score)
{
    KM_CHECK(score->plan->length_bars <= KM_PLAN_BARS_MAX);
    uint32_t onsets[KM_PLAN_BARS_MAX] = {0};
    int dropped[KM_PLAN_BARS_MAX];
    find_onsets(score, onsets);
    choose_pulses(score, onsets, dropped);
    for (int part = 0; part < KM_PARTS_COUNT; ++part) {
        if (is_accompaniment(part)) {
            drop_from(score, dropped, &score->parts[part]);
        }
    }
}
