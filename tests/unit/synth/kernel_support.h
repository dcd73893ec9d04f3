// SPDX-License-Identifier: MIT

/// Samples and waves for the tests of the voices' arithmetic, and the paths that are here.
#ifndef KM_TESTS_KERNEL_SUPPORT_H
#define KM_TESTS_KERNEL_SUPPORT_H

#include "base/math.h"
#include "base/random.h"
#include "support/cmocka.h"
#include "synth/kernel_path_private.h"

#include <stdlib.h>
#include <string.h>

/// A sample in a block of its own, with just its margins: reading beyond them is found by tools.
struct sample {
    int16_t *memory;
    int16_t *frames;
    uint32_t count;
};

static inline struct sample sample_new(uint32_t count)
{
    const size_t margins = 2 * (size_t)KM_SAMPLE_MARGIN;
    int16_t *const memory = calloc(count + margins, sizeof(*memory));
    assert_non_null(memory);
    return (struct sample){memory, memory + KM_SAMPLE_MARGIN, count};
}

static inline struct sample sample_of_noise(struct km_random *random, uint32_t count)
{
    const struct sample sample = sample_new(count);
    for (uint32_t i = 0; i < count; ++i) {
        const uint32_t kind = (uint32_t)km_random_below(random, 8);
        const int any = (int)km_random_below(random, 65536) - 32768;
        sample.frames[i] = (int16_t)(kind == 0 ? -32768 : kind == 1 ? 32767 : any);
    }
    return sample;
}

static inline uint64_t fixed(double frames)
{
    return (uint64_t)km_round(frames * 4294967296.0);
}

/// Calls `test` with each path but the scalar one.
static inline void on_each_path(void (*test)(enum km_vector_path path))
{
    for (enum km_vector_path path = KM_VECTOR_SSE2; path < KM_VECTOR_PATHS_COUNT; ++path) {
        if (km_vector_path_is_here(path)) {
            test(path);
        }
    }
}

#endif
