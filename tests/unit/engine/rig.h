// SPDX-License-Identifier: MIT

/// An engine with an instrument made by hand, and music made of chunks.
#ifndef KM_TESTS_ENGINE_RIG_H
#define KM_TESTS_ENGINE_RIG_H

#include "base/math.h"
#include "engine/control.h"
#include "engine/process.h"
#include "engine/setup.h"
#include "heap/heap.h"
#include "support/cmocka.h"

#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    RIG_RATE = 48000,
    RIG_PERIOD = 100, ///< Frames of the sample's sine, which loops.
    RIG_ROOT_KEY = 60,
    RIG_DIVISION = 480,
    RIG_BAR = 4 * RIG_DIVISION, ///< Ticks.
    RIG_TEMPO = 500000,
    RIG_BAR_FRAMES = 2 * RIG_RATE,
    RIG_FRAMES_MAX = 1 << 20,
};

/// An instrument of one region.
struct rig_tone {
    struct km_instrument instrument;
    struct km_region region;
    struct km_modulator modulator;
    uint16_t key_regions[KM_KEYS_COUNT];
    int16_t sample[2 * KM_SAMPLE_MARGIN + RIG_PERIOD];
};

struct rig {
    struct km_heap *heap;
    struct km_engine *engine;
    struct rig_tone tone;
    float *left;  ///< RIG_FRAMES_MAX each: what was rendered last.
    float *right; ///< Likewise.
};

/// A sine that loops; after its end it sounds on for `release` timecents.
static inline void rig_tone_init(struct rig_tone *tone, int16_t release)
{
    *tone = (struct rig_tone){.instrument = {.region_count = 1}};
    struct km_region *const region = &tone->region;
#define KM_GENERATOR(NAME, number, low, high, preset) region->generators[number] = (preset);
#include "font/generators.def"
#undef KM_GENERATOR
    region->generators[KM_GENERATOR_VOLUME_ENVELOPE_RELEASE] = release;
    region->key_high = region->velocity_high = 127;
    region->loop_mode = KM_LOOP_ALWAYS;
    region->root_key = RIG_ROOT_KEY;
    region->fixed_key = region->fixed_velocity = -1;
    region->rate_hz = RIG_RATE;
    region->end = region->loop_end = RIG_PERIOD;
    region->stereo_region = -1;
    region->frames = tone->sample + KM_SAMPLE_MARGIN;
    tone->modulator = (struct km_modulator){
        .source = 0x0587, .destination = KM_GENERATOR_ATTENUATION, .amount = 960}; // CC 7
    region->modulators = &tone->modulator;
    region->modulator_count = 1;
    for (uint32_t i = 0; i < RIG_PERIOD; ++i) {
        tone->sample[KM_SAMPLE_MARGIN + i] =
            (int16_t)km_round(16384 * km_sin(2 * KM_PI * (double)i / RIG_PERIOD));
    }
    tone->instrument.regions = region;
    tone->instrument.key_regions = tone->key_regions;
    for (uint32_t key = 0; key <= KM_KEYS_COUNT; ++key) {
        tone->instrument.key_starts[key] = key;
    }
}

/// What tests want: no effects, the same samples everywhere.
static inline struct km_engine_config rig_config(void)
{
    return (struct km_engine_config){.rate_hz = RIG_RATE,
                                     .voices = 64,
                                     .path = KM_VECTOR_SCALAR,
                                     .without_reverb = true,
                                     .without_chorus = true,
                                     .without_limiter = true,
                                     .sample_pool_bytes = 4096,
                                     .without_lock = true};
}

/// `tone` stands for program 0, melodic and drums.
static inline void rig_init(struct rig *rig, const struct km_engine_config *config)
{
    *rig = (struct rig){.heap = km_heap_new(NULL)};
    assert_non_null(rig->heap);
    struct km_error error = {0};
    if (km_engine_new(rig->heap, config, &rig->engine, &error) != KM_OK) {
        fail_msg("%s", error.message);
    }
    rig_tone_init(&rig->tone, -4000);
    assert_true(km_engine_set_instrument(rig->engine, 0, 0, &rig->tone.instrument));
    assert_true(km_engine_set_instrument(rig->engine, KM_BANK_DRUMS, 0, &rig->tone.instrument));
    rig->left = calloc(RIG_FRAMES_MAX, sizeof(float));
    rig->right = calloc(RIG_FRAMES_MAX, sizeof(float));
    assert_non_null(rig->left);
    assert_non_null(rig->right);
}

static inline void rig_release(struct rig *rig)
{
    km_engine_free(rig->engine);
    km_heap_free(rig->heap);
    free(rig->left);
    free(rig->right);
}

/// Renders `frames` in blocks of `block` to rig->left and rig->right, at `from`.
static inline void rig_render_at(struct rig *rig, uint32_t from, uint32_t frames, uint32_t block)
{
    assert_true(from + frames <= RIG_FRAMES_MAX);
    for (uint32_t done = 0; done < frames;) {
        const uint32_t count = frames - done < block ? frames - done : block;
        km_engine_process(rig->engine,
                          &(const struct km_audio_block){.left = rig->left + from + done,
                                                         .right = rig->right + from + done,
                                                         .frames = count});
        done += count;
    }
}

static inline void rig_render(struct rig *rig, uint32_t frames)
{
    rig_render_at(rig, 0, frames, 64);
}

/// An empty bar of 4/4.
static inline struct km_chunk *rig_bar(struct rig *rig, uint32_t epoch, uint32_t bar)
{
    struct km_chunk *const chunk = km_engine_chunk_take(rig->engine);
    assert_non_null(chunk);
    chunk->epoch = epoch;
    chunk->bar = bar;
    chunk->begins_bar = true;
    chunk->ends_bar = true;
    chunk->start_tick = (uint64_t)bar * RIG_BAR;
    chunk->end_tick = chunk->start_tick + RIG_BAR;
    chunk->start_seconds = 2.0 * bar;
    chunk->division = RIG_DIVISION;
    chunk->tempo = RIG_TEMPO;
    chunk->beats_per_bar = 4;
    return chunk;
}

static inline void rig_add(struct km_chunk *chunk, struct km_event event)
{
    assert_true(chunk->event_count < KM_CHUNK_EVENTS_MAX);
    chunk->events[chunk->event_count++] = event;
}

static inline void rig_note_on(struct km_chunk *chunk, uint64_t tick, uint8_t key)
{
    rig_add(chunk,
            (struct km_event){.tick = tick, .type = KM_EVENT_NOTE_ON, .number = key, .value = 100});
}

static inline void rig_note_off(struct km_chunk *chunk, uint64_t tick, uint8_t key)
{
    rig_add(chunk,
            (struct km_event){.tick = tick, .type = KM_EVENT_NOTE_OFF, .number = key, .value = 64});
}

/// Sends a bar in which one note of the key sounds from its beginning for a beat.
static inline void rig_send_note(struct rig *rig, uint32_t epoch, uint32_t bar, uint8_t key)
{
    struct km_chunk *const chunk = rig_bar(rig, epoch, bar);
    rig_note_on(chunk, chunk->start_tick, key);
    rig_note_off(chunk, chunk->start_tick + RIG_DIVISION, key);
    km_engine_chunk_send(rig->engine, chunk);
}

static inline void rig_play(struct rig *rig)
{
    assert_true(km_engine_play(rig->engine));
}

static inline uint32_t rig_voices(struct rig *rig)
{
    return km_engine_status(rig->engine).voices;
}

/// The frame from which on it sounds; `frames` if nothing does.
static inline uint32_t rig_onset(const struct rig *rig, uint32_t frames)
{
    uint32_t frame = 0;
    while (frame < frames && rig->left[frame] == 0.0f) {
        ++frame;
    }
    return frame;
}

/// The largest step from one frame to the next.
static inline float rig_step(const struct rig *rig, uint32_t frames)
{
    float largest = 0.0f;
    for (uint32_t i = 1; i < frames; ++i) {
        const float step = fabsf(rig->left[i] - rig->left[i - 1]);
        largest = step > largest ? step : largest;
    }
    return largest;
}

static inline float rig_peak(const struct rig *rig, uint32_t from, uint32_t to)
{
    float peak = 0.0f;
    for (uint32_t i = from; i < to; ++i) {
        const float value = fabsf(rig->left[i]);
        peak = value > peak ? value : peak;
    }
    return peak;
}

#endif
