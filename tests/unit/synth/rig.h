// SPDX-License-Identifier: MIT

/// A synth with instruments made by hand, without a font file.
#ifndef KM_TESTS_SYNTH_RIG_H
#define KM_TESTS_SYNTH_RIG_H

#include "rt/arena.h"
#include "support/cmocka.h"
#include "support/tone.h"
#include "synth/synth.h"

#include <math.h>
#include <stdalign.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

struct rig {
    struct km_synth *synth;
    unsigned char *memory;
    size_t size;
};

static inline struct rig rig_new(const struct km_synth_config *config)
{
    struct rig rig = {.size = km_synth_size(config)};
    const size_t aligned = (rig.size + 63) / 64 * 64;
    rig.memory = aligned_alloc(64, aligned);
    assert_non_null(rig.memory);
    memset(rig.memory, 0, aligned);
    struct km_arena arena;
    km_arena_init(&arena, rig.memory, rig.size);
    rig.synth = km_synth_new(&arena, config);
    assert_non_null(rig.synth);
    return rig;
}

/// With `voices` of polyphony, on the scalar path.
static inline struct rig rig_of(uint32_t voices)
{
    return rig_new(&(struct km_synth_config){.rate_hz = RIG_RATE,
                                             .voices = voices,
                                             .interpolation = KM_INTERPOLATION_4POINT,
                                             .path = KM_VECTOR_SCALAR});
}

static inline void rig_free(struct rig *rig)
{
    free(rig->memory);
}

static inline void rig_set(struct rig *rig, uint16_t bank, uint8_t program,
                           const struct rig_instrument *instrument)
{
    assert_true(km_synth_set_instrument(rig->synth, bank, program,
                                        instrument ? &instrument->instrument : NULL));
}

static inline void rig_send(struct rig *rig, const struct km_event *event, uint32_t offset)
{
    km_synth_event(rig->synth, event, offset);
}

static inline void rig_note_on(struct rig *rig, uint8_t channel, uint8_t key, uint8_t velocity)
{
    rig_send(rig,
             &(struct km_event){
                 .type = KM_EVENT_NOTE_ON, .channel = channel, .number = key, .value = velocity},
             0);
}

static inline void rig_note_off(struct rig *rig, uint8_t channel, uint8_t key)
{
    rig_send(rig,
             &(struct km_event){
                 .type = KM_EVENT_NOTE_OFF, .channel = channel, .number = key, .value = 64},
             0);
}

static inline void rig_control(struct rig *rig, uint8_t channel, uint8_t number, uint8_t value)
{
    rig_send(rig,
             &(struct km_event){
                 .type = KM_EVENT_CONTROL, .channel = channel, .number = number, .value = value},
             0);
}

static inline void rig_program(struct rig *rig, uint8_t channel, uint8_t program)
{
    rig_send(rig,
             &(struct km_event){.type = KM_EVENT_PROGRAM, .channel = channel, .number = program},
             0);
}

static inline void rig_bend(struct rig *rig, uint8_t channel, uint32_t bend)
{
    rig_send(rig,
             &(struct km_event){.type = KM_EVENT_PITCH_BEND, .channel = channel, .detail = bend},
             0);
}

/// Renders quanta; what they hold is left and right, `quanta` * KM_QUANTUM_FRAMES each, or null.
static inline void rig_render(struct rig *rig, uint32_t quanta, float *left, float *right)
{
    for (uint32_t i = 0; i < quanta; ++i) {
        alignas(64) struct km_synth_buses buses;
        km_synth_render(rig->synth, &buses);
        if (left) {
            memcpy(left + (size_t)i * KM_QUANTUM_FRAMES, buses.left, sizeof(buses.left));
        }
        if (right) {
            memcpy(right + (size_t)i * KM_QUANTUM_FRAMES, buses.right, sizeof(buses.right));
        }
    }
}

static inline uint32_t rig_voices(const struct rig *rig)
{
    return km_synth_counters(rig->synth).voices_now;
}

static inline double rig_peak(const float *samples, size_t count)
{
    double peak = 0.0;
    for (size_t i = 0; i < count; ++i) {
        const double value = fabs((double)samples[i]);
        peak = value > peak ? value : peak;
    }
    return peak;
}

/// Frequency by the upward zero crossings, the first to the last, each found between its frames.
static inline double rig_hz(const float *samples, size_t count)
{
    double first = -1.0;
    double last = -1.0;
    uint32_t periods = 0;
    for (size_t i = 1; i < count; ++i) {
        if (samples[i - 1] < 0.0f && samples[i] >= 0.0f) {
            last = (double)i - 1.0 +
                   (double)samples[i - 1] / ((double)samples[i - 1] - (double)samples[i]);
            periods += first < 0.0 ? 0 : 1;
            first = first < 0.0 ? last : first;
        }
    }
    return periods > 0 ? RIG_RATE * (double)periods / (last - first) : 0.0;
}

/// The default modulators' falling concave curve (velocity, CC 7, CC 11): 0 to 1 of 96 dB.
static inline double rig_concave(int value)
{
    return fmin(1.0, -40.0 / 96.0 * log10(value / 128.0 + (value == 0 ? 1e-9 : 0.0)));
}

/// The value is within `tolerance` of what is expected.
#define assert_near(value, expected, tolerance)                                                    \
    do {                                                                                           \
        const double near_value = (value);                                                         \
        const double near_expected = (expected);                                                   \
        if (!(fabs(near_value - near_expected) <= (tolerance))) {                                  \
            print_error("%s is %.9g, expected %.9g\n", #value, near_value, near_expected);         \
            fail();                                                                                \
        }                                                                                          \
    } while (0)

static inline double rig_cents(double hz, double reference_hz)
{
    return 1200.0 * log2(hz / reference_hz);
}

#endif
