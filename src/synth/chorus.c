// SPDX-License-Identifier: MIT

#include "synth/chorus_private.h"

#include "base/check.h"
#include "base/math.h"
#include "rt/arena.h"
#include "rt/block.h"
#include "synth/effects_private.h"

#include <stdalign.h>

enum { TAPS = 6 }; // Even ones are left.

// What a tap of a chorus does: 5 to 14 cents at most (a delay of d ms that sways at f Hz bends the
// pitch by up to 4 f d / 1000 of itself), as players in a section do.
struct tap_design {
    float middle_ms;
    float depth_ms;
    float hz;
    float gain;
};

// Six times this squared is half: for sounds in whose band the taps are independent.
#define GAIN 0.28867513f

#define DELAY_MS_MAX 30 // Nothing below is longer.

static const struct tap_design designs[TAPS] = {
    {13.1f, 3.1f, 0.47f, GAIN},  {14.3f, 3.4f, 0.41f, GAIN},  {18.7f, 3.9f, 0.36f, GAIN},
    {20.3f, 4.1f, 0.53f, -GAIN}, {23.9f, 4.6f, 0.29f, -GAIN}, {25.1f, 4.4f, 0.33f, GAIN},
};

struct km_chorus {
    alignas(KM_CACHE_LINE) struct km_sway sways[TAPS];
    struct km_delay delay;
    uint32_t quiet_quanta; // Since anything but 0 went into the delay line.
    enum km_vector_path path;
};

static uint32_t delay_frames_max(uint32_t rate_hz)
{
    return rate_hz * DELAY_MS_MAX / 1000 + 1;
}

size_t km_chorus_size(uint32_t rate_hz)
{
    return sizeof(struct km_chorus) + km_delay_size(delay_frames_max(rate_hz));
}

struct km_chorus *km_chorus_new(struct km_arena *arena, uint32_t rate_hz, enum km_vector_path path)
{
    KM_CHECK(rate_hz >= KM_RATE_MIN && rate_hz <= KM_RATE_MAX);
    KM_CHECK(path != KM_VECTOR_BEST);

    const size_t size = km_chorus_size(rate_hz);
    unsigned char *const block = km_arena_take(arena, size, KM_CACHE_LINE);
    if (!block) {
        return NULL;
    }
    struct km_arena own;
    km_arena_init(&own, block, size);
    struct km_chorus *const chorus = km_arena_take(&own, sizeof(*chorus), KM_CACHE_LINE);
    const uint32_t frames_max = delay_frames_max(rate_hz);
    float *const frames = km_arena_take(&own, km_delay_size(frames_max), KM_CACHE_LINE);
    KM_CHECK(chorus && frames); // km_chorus_size has counted them.
    chorus->path = path;
    chorus->delay = (struct km_delay){.frames = frames, .length = km_delay_length(frames_max)};
    for (int i = 0; i < TAPS; ++i) {
        const double frame_ms = (double)KM_SWAY_FRAME * (double)rate_hz / 1000.0;
        const double turns = (double)designs[i].hz * KM_QUANTUM_FRAMES / (double)rate_hz;
        chorus->sways[i] = (struct km_sway){
            .middle = km_round((double)designs[i].middle_ms * frame_ms),
            .depth = km_round((double)designs[i].depth_ms * frame_ms),
            .phase_step = (uint32_t)km_round(turns * 4294967296.0),
        };
    }
    km_chorus_reset(chorus);
    return chorus;
}

void km_chorus_reset(struct km_chorus *chorus)
{
    km_delay_clear(&chorus->delay);
    for (int i = 0; i < TAPS; ++i) {
        chorus->sways[i].phase = (uint32_t)i * (UINT32_MAX / TAPS);
    }
    chorus->quiet_quanta = chorus->delay.length;
}

KM_INLINE void process(struct km_chorus *chorus, const float *send, float *const out[2])
{
    alignas(KM_CACHE_LINE) float tap[KM_QUANTUM_FRAMES];
    alignas(KM_CACHE_LINE) float wet[2][KM_QUANTUM_FRAMES] = {{0}};
    for (int i = 0; i < TAPS; ++i) {
        const int64_t start = km_sway_delay(&chorus->sways[i]);
        chorus->sways[i].phase += chorus->sways[i].phase_step;
        km_tap_read(&chorus->delay, start, km_sway_delay(&chorus->sways[i]), tap);
        const float gain = designs[i].gain;
        float *const restrict to = wet[i % 2];
        for (int n = 0; n < KM_QUANTUM_FRAMES; ++n) {
            to[n] += gain * tap[n];
        }
    }
    float *const restrict next = km_delay_next(&chorus->delay);
    for (int n = 0; n < KM_QUANTUM_FRAMES; ++n) {
        next[n] = km_flushed(km_sane(send[n]));
    }
    km_delay_advance(&chorus->delay);
    for (int side = 0; side < 2; ++side) {
        for (int n = 0; n < KM_QUANTUM_FRAMES; ++n) {
            out[side][n] += wet[side][n];
        }
    }
}

KM_PATHS(process, (struct km_chorus * chorus, const float *send, float *const out[2]),
         (chorus, send, out))

void km_chorus_process(struct km_chorus *chorus, const float *send, float *left, float *right)
{
    const bool is_fed = km_peak_of(send) >= KM_SILENCE;
    chorus->quiet_quanta = is_fed ? 0 : chorus->quiet_quanta + (chorus->quiet_quanta < UINT32_MAX);
    if (chorus->quiet_quanta > chorus->delay.length / KM_QUANTUM_FRAMES + 1) {
        for (int i = 0; i < TAPS; ++i) {
            chorus->sways[i].phase += chorus->sways[i].phase_step;
        }
        return;
    }
    float *const out[2] = {left, right};
    KM_ON_PATH(chorus->path, process, (chorus, send, out));
}
