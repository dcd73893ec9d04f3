// SPDX-License-Identifier: MIT

// Polytonality: in one section the melody goes on in another key while all else stays at home.

#include "base/check.h"
#include "session/score_private.h"

void km_score_stack_keys(struct km_score *score)
{
    const struct km_plan_rule_use *const use =
        &score->plan->rule_uses[KM_RULE_HARMONY_POLYTONALITY];
    KM_CHECK(use->first_bar + use->bar_count <= score->plan->length_bars);
    const uint32_t start = (uint32_t)use->first_bar * score->bar_ticks;
    const uint32_t end = start + (uint32_t)use->bar_count * score->bar_ticks;
    struct km_note_list *const list = &score->parts[KM_PART_MELODY];
    for (size_t i = 0; i < list->count; ++i) {
        struct km_score_note *const note = &list->notes[i];
        if (note->start >= start && note->start < end) {
            const uint8_t key = (uint8_t)(note->key + use->amount);
            note->key = km_key_within(score->ranges[KM_PART_MELODY], key);
        }
    }
}
