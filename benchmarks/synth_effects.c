// SPDX-License-Identifier: MIT

// What the effects cost in bench_synth: reverb, chorus and limiter together, on noise.

#include "base/random.h"
#include "rt/arena.h"
#include "synth/master.h"
#include "synth_load.h"

#include <stdalign.h>
#include <stdio.h>
#include <stdlib.h>

enum { ARENA_BYTES = 4 << 20, QUANTA = 64, REPETITIONS = 1500 };

struct effects {
    alignas(64) struct km_synth_buses buses[QUANTA];
    alignas(64) float left[KM_QUANTUM_FRAMES];
    alignas(64) float right[KM_QUANTUM_FRAMES];
    struct km_master *master;
};

static void fill(float *bus, struct km_random *random)
{
    for (uint32_t i = 0; i < KM_QUANTUM_FRAMES; ++i) {
        bus[i] = (float)(km_random_unit(random) - 0.5);
    }
}

static void run(void *context, uint64_t n)
{
    struct effects *const effects = context;
    for (uint64_t i = 0; i < n; ++i) {
        km_master_process(effects->master, &effects->buses[i % QUANTA], effects->left,
                          effects->right);
        km_bench_keep(effects->left);
    }
}

double synth_effects_percent(const struct km_bench *report)
{
    static struct effects effects;
    const struct km_master_config config = {
        .rate_hz = LOAD_RATE_HZ, .has_reverb = true, .has_chorus = true, .has_limiter = true};
    struct km_random random;
    km_random_init(&random, 1, "effects");
    for (uint32_t i = 0; i < QUANTA; ++i) {
        fill(effects.buses[i].left, &random);
        fill(effects.buses[i].right, &random);
        fill(effects.buses[i].reverb, &random);
        fill(effects.buses[i].chorus, &random);
    }
    void *const block = aligned_alloc(64, ARENA_BYTES);
    struct km_arena arena;
    km_arena_init(&arena, block, block ? ARENA_BYTES : 0);
    effects.master = km_master_new(&arena, &config);
    if (!effects.master) {
        fprintf(stderr, "bench_synth: no memory for the effects\n");
        exit(EXIT_FAILURE);
    }
    const double ns = km_bench_median_ns(report, run, &effects, REPETITIONS);
    free(block);
    return ns * LOAD_QUANTA_PER_SECOND / 1e9 * 100.0;
}
