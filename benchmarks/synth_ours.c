// SPDX-License-Identifier: MIT

// Our synth in bench_synth: the whole of it, with the default font's instruments.

#include "font/bank.h"
#include "font/font.h"
#include "heap/heap.h"
#include "rt/arena.h"
#include "rt/resident.h"
#include "synth_load.h"

#include <stdalign.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { POOL_BYTES = 16 << 20, ARENA_BYTES = 16 << 20, PATH_SIZE = 4096, PAGE = 4096 };

struct synth_bench {
    alignas(64) struct km_synth_buses buses;
    struct km_heap *heap;
    struct km_font *font;
    struct km_bank *bank;
    void *pool;
    void *block;
    struct km_synth *synth;
    const struct km_instrument *instruments[KM_CHANNELS_COUNT + 2];
    size_t instrument_count;
    char path[PATH_SIZE];
    struct km_error error;
};

static void must(bool is_right, const char *what)
{
    if (!is_right) {
        fprintf(stderr, "bench_synth: %s\n", what);
        exit(EXIT_FAILURE);
    }
}

static void load_instrument(struct synth_bench *bench, uint16_t number, uint8_t program)
{
    uint16_t found_number = 0;
    uint8_t found_program = 0;
    must(km_bank_resolve(bench->bank, number, program, &found_number, &found_program),
         "the font has no presets");
    const struct km_instrument *instrument = NULL;
    must(km_bank_load(bench->bank, found_number, found_program, &instrument, &bench->error) ==
             KM_OK,
         bench->error.message);
    bench->instruments[bench->instrument_count++] = instrument;
}

struct synth_bench *synth_bench_new(const char **why)
{
    static struct synth_bench bench;
    bench = (struct synth_bench){.heap = km_heap_new(NULL)};
    must(bench.heap, "no memory");
    if (km_font_find(NULL, bench.path, sizeof(bench.path), &bench.error) != KM_OK) {
        *why = bench.error.message;
        km_heap_free(bench.heap);
        return NULL;
    }
    must(km_font_open(bench.heap, bench.path, &bench.font, NULL, &bench.error) == KM_OK,
         bench.error.message);
    bench.pool = aligned_alloc(PAGE, POOL_BYTES);
    bench.block = aligned_alloc(PAGE, ARENA_BYTES);
    must(bench.pool && bench.block, "no memory");
    bench.bank = km_bank_new(bench.heap, bench.font, bench.pool, POOL_BYTES);
    must(bench.bank, "no memory");
    for (uint32_t channel = 0; channel < KM_CHANNELS_COUNT; ++channel) {
        if (channel != KM_CHANNEL_DRUMS) {
            load_instrument(&bench, 0, load_programs[channel]);
        }
    }
    load_instrument(&bench, KM_BANK_DRUMS, 0);
    return &bench;
}

void synth_bench_free(struct synth_bench *bench)
{
    for (size_t i = 0; i < bench->instrument_count; ++i) {
        km_bank_release(bench->bank, bench->instruments[i]);
    }
    km_bank_free(bench->bank);
    km_font_free(bench->font);
    km_heap_free(bench->heap);
    free(bench->pool);
    free(bench->block);
}

const char *synth_bench_font_path(const struct synth_bench *bench)
{
    return bench->path;
}

static void play_event(void *context, const struct km_event *event, uint32_t offset)
{
    struct synth_bench *const bench = context;
    km_synth_event(bench->synth, event, offset);
}

static void render(void *context)
{
    struct synth_bench *const bench = context;
    km_synth_render(bench->synth, &bench->buses);
    km_bench_keep(&bench->buses);
}

static uint32_t voices(void *context)
{
    const struct synth_bench *const bench = context;
    return km_synth_counters(bench->synth).voices_now;
}

struct player synth_bench_player(struct synth_bench *bench, enum km_interpolation interpolation,
                                 enum km_vector_path path)
{
    const struct km_synth_config config = {.rate_hz = LOAD_RATE_HZ,
                                           .voices = KM_SYNTH_VOICES_MAX,
                                           .interpolation = interpolation,
                                           .path = path};
    struct km_arena arena;
    km_arena_init(&arena, bench->block, ARENA_BYTES);
    bench->synth = km_synth_new(&arena, &config);
    must(bench->synth, "the arena is too small");
    km_resident_touch(bench->block, ARENA_BYTES);
    for (size_t i = 0; i < bench->instrument_count; ++i) {
        const struct km_instrument *const instrument = bench->instruments[i];
        must(km_synth_set_instrument(bench->synth, instrument->bank, instrument->program,
                                     instrument),
             "the table of instruments is full");
    }
    return (struct player){
        .context = bench, .event = play_event, .render = render, .voices = voices};
}
