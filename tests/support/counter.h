// SPDX-License-Identifier: MIT

/// A source that plays its own frame numbers, so that a test sees what is lost, doubled or late.
#ifndef KM_TESTS_SUPPORT_COUNTER_H
#define KM_TESTS_SUPPORT_COUNTER_H

#include "rt/block.h"

#include <stdint.h>

enum { COUNTER_WRAP = 1 << 20, COUNTER_EVENTS_MAX = 4096 };

struct counter {
    uint64_t frame;
    uint64_t blocks;
    uint32_t frames_max;
    uint32_t event_count;
    struct {
        uint64_t frame; ///< Since the start.
        uint8_t size;
        uint8_t bytes[3];
    } events[COUNTER_EVENTS_MAX];
};

/// What the left channel plays at a frame: multiples of 2^-20 up to 1, exact in a float. The right
/// one plays its negative.
static inline float counter_sample(uint64_t frame)
{
    return (float)(frame % COUNTER_WRAP + 1) * (1.0f / (float)COUNTER_WRAP);
}

static inline void counter_process(void *context, const struct km_audio_block *block)
{
    struct counter *const counter = context;
    for (uint32_t i = 0; i < block->frames; ++i) {
        block->left[i] = counter_sample(counter->frame + i);
        block->right[i] = -block->left[i];
    }
    for (uint32_t i = 0; i < block->event_count && counter->event_count < COUNTER_EVENTS_MAX; ++i) {
        const struct km_live_event *const event = &block->events[i];
        counter->events[counter->event_count].frame = counter->frame + event->frame;
        counter->events[counter->event_count].size = event->size;
        for (int byte = 0; byte < 3; ++byte) {
            counter->events[counter->event_count].bytes[byte] = event->bytes[byte];
        }
        ++counter->event_count;
    }
    counter->frame += block->frames;
    ++counter->blocks;
    counter->frames_max = block->frames > counter->frames_max ? block->frames : counter->frames_max;
}

static inline struct km_audio_source counter_source(struct counter *counter)
{
    return (struct km_audio_source){.process = counter_process, .context = counter};
}

#endif
