// SPDX-License-Identifier: MIT

// The voices' arithmetic alone, path by path: what a synth without notes and envelopes would do.

#include "base/math.h"
#include "base/random.h"
#include "synth/kernel_private.h"
#include "synth_load.h"

#include <stdio.h>
#include <stdlib.h>

enum { VOICES = 2048, SAMPLES = 64, SAMPLE_FRAMES = 20000, REPETITIONS = 10 };

struct kernels {
    struct km_kernel kernel;
    struct km_wave waves[VOICES];
    struct km_lanes lanes;
    struct km_lane_sums sums;
    struct km_synth_buses buses;
    int16_t samples[SAMPLES][SAMPLE_FRAMES];
};

// Loops of all lengths that fonts have, half of them below 200 frames; pitches from an octave and a
// half below to one above.
static void set_waves(struct kernels *kernels)
{
    struct km_random random;
    km_random_init(&random, 1, "kernels");
    for (uint32_t i = 0; i < VOICES; ++i) {
        const double octaves = 3.5 + 9.0 * km_random_unit(&random);
        const uint32_t loop_start = 200 + km_random_below(&random, 10000);
        kernels->waves[i] = (struct km_wave){
            .frames = kernels->samples[i % SAMPLES],
            .position = (uint64_t)loop_start << 32U,
            .increment = (uint64_t)(4294967296.0 * km_exp2(2.5 * km_random_unit(&random) - 1.5)),
            .end = SAMPLE_FRAMES - KM_SAMPLE_MARGIN,
            .loop_start = loop_start,
            .loop_end = loop_start + (uint32_t)km_exp2(octaves),
            .loops = true,
        };
    }
}

static void set_up(struct kernels *kernels)
{
    struct km_random random;
    km_random_init(&random, 2, "kernels");
    for (uint32_t i = 0; i < SAMPLES; ++i) {
        for (uint32_t j = 0; j < SAMPLE_FRAMES; ++j) {
            kernels->samples[i][j] = (int16_t)((int)km_random_below(&random, 65536) - 32768);
        }
    }
    for (uint32_t lane = 0; lane < KM_LANES; ++lane) {
        kernels->lanes.a1[lane] = 0.9F;
        kernels->lanes.a2[lane] = 0.15F;
        kernels->lanes.a3[lane] = 0.03F;
        kernels->lanes.gain[KM_BUS_LEFT][lane] = 1e-6F;
        kernels->lanes.gain[KM_BUS_RIGHT][lane] = 1e-6F;
    }
}

static void run_lanes(struct kernels *kernels, struct km_wave *waves)
{
    for (uint32_t lane = 0; lane < KM_LANES; ++lane) {
        kernels->kernel.fetch(&waves[lane], 0, kernels->lanes.wave[lane]);
    }
    kernels->kernel.mix(&kernels->lanes, &kernels->sums);
}

static void run(void *context, uint64_t n)
{
    struct kernels *const kernels = context;
    for (uint64_t i = 0; i < n; ++i) {
        for (uint32_t voice = 0; voice < VOICES; voice += KM_LANES) {
            run_lanes(kernels, &kernels->waves[voice]);
        }
        kernels->kernel.reduce(&kernels->sums, &kernels->buses);
        km_bench_keep(&kernels->buses);
    }
}

void synth_kernels(struct km_bench *report)
{
    static const char *const interpolations[] = {"linear", "4point", "7point"};
    static struct kernels kernels;
    set_up(&kernels);
    for (enum km_vector_path path = KM_VECTOR_SCALAR; path < KM_VECTOR_PATHS_COUNT; ++path) {
        for (uint32_t i = 0; i < 3 && km_vector_path_is_here(path); ++i) {
            kernels.kernel = km_kernel_of(path, (enum km_interpolation)i);
            set_waves(&kernels);
            const double ns = km_bench_median_ns(report, run, &kernels, REPETITIONS) / VOICES;
            char name[48];
            snprintf(name, sizeof(name), "kernel_%s_%s", km_vector_path_name(path),
                     interpolations[i]);
            km_bench_metric(report, name, 1e9 / LOAD_QUANTA_PER_SECOND / ns, "voices");
        }
    }
}
