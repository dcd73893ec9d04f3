// SPDX-License-Identifier: MIT

#include "engine/setup.h"

#include "base/check.h"
#include "engine/engine_private.h"
#include "heap/heap.h"
#include "rt/latest.h"
#include "rt/resident.h"

#include <string.h>

enum { PAGE_SIZE_LEAST = 4096, PART_ALIGNMENT = KM_RING_APART, KIB = 1024 };

// What takes how much of an engine, each part a multiple of PART_ALIGNMENT.
struct sizes {
    size_t engine; // With rings and what else it keeps.
    size_t synth;
    size_t master;
    size_t chunks;
    size_t fixed; // All of these, in whole pages.
    size_t pool;  // In whole pages.
};

static struct km_engine_config with_defaults(const struct km_engine_config *config)
{
    struct km_engine_config full = *config;
    full.voices = full.voices > 0 ? full.voices : KM_ENGINE_VOICES_DEFAULT;
    full.chunks = full.chunks > 0 ? full.chunks : KM_ENGINE_CHUNKS_DEFAULT;
    full.sample_pool_bytes =
        full.sample_pool_bytes > 0 ? full.sample_pool_bytes : (size_t)KM_ENGINE_POOL_DEFAULT;
    return full;
}

static bool is_usable(const struct km_engine_config *full)
{
    return full->rate_hz >= KM_RATE_MIN && full->rate_hz <= KM_RATE_MAX &&
           full->voices <= KM_SYNTH_VOICES_MAX && full->chunks <= KM_CHUNKS_MAX &&
           full->sample_pool_bytes <= KM_ENGINE_POOL_MAX;
}

static size_t round_up(size_t size, size_t unit)
{
    return (size + unit - 1) / unit * unit;
}

static struct km_synth_config synth_config(const struct km_engine_config *full)
{
    return (struct km_synth_config){.rate_hz = full->rate_hz,
                                    .voices = full->voices,
                                    .interpolation = full->interpolation,
                                    .path = full->path,
                                    .seed = full->seed};
}

static struct km_master_config master_config(const struct km_engine_config *full)
{
    return (struct km_master_config){.rate_hz = full->rate_hz,
                                     .has_reverb = !full->without_reverb,
                                     .has_chorus = !full->without_chorus,
                                     .has_limiter = !full->without_limiter,
                                     .seed = full->seed,
                                     .path = full->path};
}

static uint32_t messages_size(const struct km_engine_config *full)
{
    return (full->chunks + KM_ENGINE_COMMANDS_MAX) * (uint32_t)sizeof(struct km_message);
}

static uint32_t notices_size(void)
{
    return (KM_ENGINE_RETIRING_MAX + KM_ENGINE_MISSING_MAX) * (uint32_t)sizeof(struct km_notice);
}

static struct sizes sizes_of(const struct km_engine_config *full)
{
    const struct km_synth_config synth = synth_config(full);
    const struct km_master_config master = master_config(full);
    const size_t chunks = full->chunks;
    const size_t parts[] = {
        sizeof(struct km_engine),          chunks * sizeof(struct km_slot),
        chunks * sizeof(uint32_t),         chunks * sizeof(bool),
        km_ring_size(messages_size(full)), km_ring_size((uint32_t)(chunks * sizeof(uint32_t))),
        km_ring_size(notices_size()),      km_latest_size(sizeof(struct km_engine_status))};
    struct sizes sizes = {0};
    for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); ++i) {
        sizes.engine += round_up(parts[i], PART_ALIGNMENT);
    }
    sizes.synth = round_up(km_synth_size(&synth), PART_ALIGNMENT);
    sizes.master = round_up(km_master_size(&master), PART_ALIGNMENT);
    sizes.chunks = round_up(chunks * sizeof(struct km_chunk), PART_ALIGNMENT);
    sizes.fixed =
        round_up(sizes.engine + sizes.synth + sizes.master + sizes.chunks, PAGE_SIZE_LEAST);
    sizes.pool = round_up(full->sample_pool_bytes, PAGE_SIZE_LEAST);
    return sizes;
}

uint64_t km_engine_size(const struct km_engine_config *config)
{
    const struct km_engine_config full = with_defaults(config);
    if (!is_usable(&full)) {
        return 0;
    }
    const struct sizes sizes = sizes_of(&full);
    return (uint64_t)sizes.fixed + sizes.pool;
}

static size_t kib(size_t size)
{
    return (size + KIB - 1) / KIB;
}

static enum km_status refuse(struct km_heap *heap, const struct sizes *sizes,
                             struct km_error *error)
{
    const struct km_account_usage usage = km_heap_usage(heap, KM_ACCOUNT_AUDIO);
    return km_error_set(
        error, KM_ERROR_NO_MEMORY,
        "the audio engine needs %zu KiB: %zu for samples, %zu for voices, %zu for effects, %zu for "
        "music on its way, %zu for the rest; the account \"%s\" holds %zu of at most %zu KiB (use "
        "fewer voices, a smaller soundfont, or a higher budget)",
        kib(sizes->fixed + sizes->pool), kib(sizes->pool), kib(sizes->synth), kib(sizes->master),
        kib(sizes->chunks), kib(sizes->engine), usage.name, kib((size_t)usage.current_bytes),
        kib((size_t)usage.budget_bytes));
}

// Takes a part, which begins where the last one ended: each is a multiple of PART_ALIGNMENT.
static void *take(struct km_arena *arena, size_t size)
{
    void *const part = km_arena_take(arena, round_up(size, PART_ALIGNMENT), PART_ALIGNMENT);
    KM_CHECK(part); // There is room: sizes_of has counted it.
    return part;
}

static void build_rings(struct km_engine *engine, struct km_arena *arena,
                        const struct km_engine_config *full)
{
    const uint32_t chunks = full->chunks;
    engine->messages = km_ring_new(arena, messages_size(full));
    (void)take(arena, 0);
    engine->returned = km_ring_new(arena, chunks * (uint32_t)sizeof(uint32_t));
    (void)take(arena, 0);
    engine->notices = km_ring_new(arena, notices_size());
    (void)take(arena, 0);
    engine->latest = km_latest_new(arena, sizeof(struct km_engine_status));
    (void)take(arena, 0);
    KM_CHECK(engine->messages);
    KM_CHECK(engine->returned);
    KM_CHECK(engine->notices);
    KM_CHECK(engine->latest);
}

static void build_sound(struct km_engine *engine, struct km_arena *arena,
                        const struct km_engine_config *full)
{
    const struct km_synth_config synth = synth_config(full);
    const struct km_master_config master = master_config(full);
    engine->synth = km_synth_new(arena, &synth);
    (void)take(arena, 0);
    engine->master = km_master_new(arena, &master);
    (void)take(arena, 0);
    KM_CHECK(engine->synth);
    KM_CHECK(engine->master);
}

static void build_chunks(struct km_engine *engine, struct km_arena *arena, uint32_t count)
{
    engine->chunk_count = count;
    engine->chunks = take(arena, count * sizeof(struct km_chunk));
    engine->queue.slots = take(arena, count * sizeof(struct km_slot));
    engine->control.free_chunks = take(arena, count * sizeof(uint32_t));
    engine->control.is_taken = take(arena, count * sizeof(bool));
    engine->control.free_count = count;
    for (uint32_t i = 0; i < count; ++i) {
        engine->control.free_chunks[i] = count - 1 - i; // Chunk 0 is taken first.
    }
}

static struct km_engine *build(struct km_arena *arena, const struct km_engine_config *full,
                               const struct sizes *sizes)
{
    struct km_engine *const engine = take(arena, sizeof(*engine));
    engine->rate_hz = full->rate_hz;
    build_rings(engine, arena, full);
    build_chunks(engine, arena, full->chunks);
    build_sound(engine, arena, full);
    engine->pool = km_arena_take(arena, sizes->pool, PAGE_SIZE_LEAST);
    KM_CHECK(engine->pool);
    engine->output.used = KM_QUANTUM_FRAMES;
    engine->output.is_open = true;
    km_sequencer_init(engine);
    km_guard_start(&engine->guard);
    engine->control.guard_events = km_guard_count_all(&engine->guard);
    return engine;
}

static void make_resident(struct km_engine *engine, bool without_lock)
{
    struct km_engine_memory *const memory = &engine->memory;
    void *const block = engine->arena.block;
    if (!without_lock) {
        memory->is_locked =
            km_resident_lock(block, engine->arena.size, &memory->lock_error) == KM_OK;
    }
    if (!memory->is_locked) {
        km_resident_touch(block, engine->arena.size);
    }
    km_resident_touch_program(); // The audio thread's code has pages too.
}

enum km_status km_engine_new(struct km_heap *heap, const struct km_engine_config *config,
                             struct km_engine **engine, struct km_error *error)
{
    const struct km_engine_config full = with_defaults(config);
    if (!is_usable(&full)) {
        return km_error_set(error, KM_ERROR_RANGE,
                            "the audio engine takes %d to %d Hz, up to %d voices, %d chunks and "
                            "%d MiB of samples",
                            KM_RATE_MIN, KM_RATE_MAX, KM_SYNTH_VOICES_MAX, KM_CHUNKS_MAX,
                            KM_ENGINE_POOL_MAX / (KIB * KIB));
    }
    const struct sizes sizes = sizes_of(&full);
    const size_t size = sizes.fixed + sizes.pool;
    void *const block = km_heap_allocate_aligned(heap, KM_ACCOUNT_AUDIO, size, PAGE_SIZE_LEAST);
    if (!block) {
        return refuse(heap, &sizes, error);
    }
    struct km_arena arena;
    km_arena_init(&arena, block, size);
    struct km_engine *const built = build(&arena, &full, &sizes);
    km_arena_seal(&arena);
    built->heap = heap;
    built->arena = arena;
    built->memory.arena_bytes = size;
    built->memory.pool_bytes = sizes.pool;
    make_resident(built, full.without_lock);
    *engine = built;
    return KM_OK;
}

void km_engine_free(struct km_engine *engine)
{
    if (!engine) {
        return;
    }
    if (engine->memory.is_locked) {
        km_resident_unlock(engine->arena.block, engine->arena.size);
    }
    km_heap_release(engine->heap, engine->arena.block);
}

const struct km_engine_memory *km_engine_memory(const struct km_engine *engine)
{
    return &engine->memory;
}

void *km_engine_pool(struct km_engine *engine, size_t *size)
{
    *size = engine->memory.pool_bytes;
    return engine->pool;
}
