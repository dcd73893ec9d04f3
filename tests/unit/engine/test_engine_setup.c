// SPDX-License-Identifier: MIT

// Memory: how much, whose, locked or not, and what is said when it is refused.

#include "engine/setup.h"

#include "engine/engine_private.h"
#include "unit/engine/rig.h"

static void takes_just_what_it_says(void **state)
{
    (void)state;
    static const uint32_t voices[] = {0, 1, 64, 1000, KM_SYNTH_VOICES_MAX};
    struct km_heap *const heap =
        km_heap_new(&(const struct km_heap_config){.budget_bytes[KM_ACCOUNT_AUDIO] = 64 << 20});
    for (uint32_t i = 0; i < sizeof(voices) / sizeof(voices[0]); ++i) {
        struct km_engine_config config = rig_config();
        config.voices = voices[i];
        config.chunks = 1 + i * 37;
        config.without_reverb = i % 2 == 0;
        config.without_limiter = i % 3 == 0;
        struct km_engine *engine = NULL;
        assert_int_equal(km_engine_new(heap, &config, &engine, NULL), KM_OK);
        const uint64_t size = km_engine_size(&config);
        assert_int_equal(km_heap_usage(heap, KM_ACCOUNT_AUDIO).current_bytes, size);
        assert_int_equal(km_heap_usage(heap, KM_ACCOUNT_WORKING).current_bytes, 0);
        const struct km_engine_memory *const memory = km_engine_memory(engine);
        assert_int_equal(memory->arena_bytes, size);
        assert_int_equal(memory->pool_bytes, 4096);
        assert_false(memory->is_locked);
        assert_true(km_arena_is_sealed(&engine->arena));
        assert_true(km_arena_remaining(&engine->arena) < 8192); // A part's own padding.
        size_t pool_size = 0;
        unsigned char *const pool = km_engine_pool(engine, &pool_size);
        assert_int_equal(pool_size, 4096);
        assert_int_equal((uintptr_t)pool % 4096, 0);
        assert_true(pool >= (unsigned char *)engine);
        assert_true(pool + pool_size <= (unsigned char *)engine + size);
        km_engine_free(engine);
    }
    km_heap_free(heap);
}

static void the_default_stays_below_16_mib(void **state)
{
    (void)state;
    for (uint32_t rate = KM_RATE_MIN; rate <= KM_RATE_MAX;
         rate = rate == KM_RATE_MIN ? 48000 : 4 * rate) {
        const uint64_t size = km_engine_size(&(const struct km_engine_config){.rate_hz = rate});
        assert_true(size > 8 << 20);
        assert_true(size < 16 << 20);
    }
}

static void over_budget_says_what_takes_how_much(void **state)
{
    (void)state;
    struct km_heap *const heap =
        km_heap_new(&(const struct km_heap_config){.budget_bytes[KM_ACCOUNT_AUDIO] = 4 << 20});
    const struct km_engine_config config = {.rate_hz = 48000};
    struct km_engine *engine = NULL;
    struct km_error error = {0};
    assert_int_equal(km_engine_new(heap, &config, &engine, &error), KM_ERROR_NO_MEMORY);
    assert_null(engine);
    assert_non_null(strstr(error.message, "8192 for samples"));
    assert_non_null(strstr(error.message, "\"audio\""));
    assert_non_null(strstr(error.message, "at most 4096 KiB"));
    assert_int_equal(km_heap_usage(heap, KM_ACCOUNT_AUDIO).current_bytes, 0);
    km_heap_free(heap);
}

static void each_allocation_may_fail(void **state)
{
    (void)state;
    struct km_heap *const heap = km_heap_new(NULL);
    const struct km_engine_config config = rig_config();
    struct km_engine *engine = NULL;
    uint64_t request = 1;
    for (;; ++request) {
        km_heap_fail_at(heap, request);
        const enum km_status status = km_engine_new(heap, &config, &engine, NULL);
        if (status == KM_OK) {
            break;
        }
        assert_int_equal(status, KM_ERROR_NO_MEMORY);
        assert_null(engine);
    }
    assert_int_equal(request, 2); // One block.
    km_heap_fail_at(heap, 0);
    km_engine_free(engine);
    km_heap_free(heap);
}

static void what_cannot_be_is_refused(void **state)
{
    (void)state;
    static const struct km_engine_config configs[] = {
        {.rate_hz = KM_RATE_MIN - 1},
        {.rate_hz = KM_RATE_MAX + 1},
        {.rate_hz = 48000, .voices = KM_SYNTH_VOICES_MAX + 1},
        {.rate_hz = 48000, .chunks = KM_CHUNKS_MAX + 1},
        {.rate_hz = 48000, .sample_pool_bytes = (size_t)KM_ENGINE_POOL_MAX + 1},
    };
    struct km_heap *const heap = km_heap_new(NULL);
    for (size_t i = 0; i < sizeof(configs) / sizeof(configs[0]); ++i) {
        struct km_engine *engine = NULL;
        struct km_error error = {0};
        assert_int_equal(km_engine_size(&configs[i]), 0);
        assert_int_equal(km_engine_new(heap, &configs[i], &engine, &error), KM_ERROR_RANGE);
        assert_non_null(strstr(error.message, "192000 Hz"));
        assert_null(engine);
    }
    km_heap_free(heap);
}

static void a_lock_is_tried_and_told(void **state)
{
    (void)state;
    struct km_heap *const heap = km_heap_new(NULL);
    struct km_engine_config config = rig_config();
    config.without_lock = false;
    struct km_engine *engine = NULL;
    assert_int_equal(km_engine_new(heap, &config, &engine, NULL), KM_OK);
    const struct km_engine_memory *const memory = km_engine_memory(engine);
    assert_true(memory->is_locked == (memory->lock_error.status == KM_OK));
    assert_true(memory->is_locked == (memory->lock_error.message[0] == '\0'));
    km_engine_free(engine);
    km_engine_free(NULL);
    km_heap_free(heap);
}

// Chunks go out until none is left, commands until no more fit, and chunks fit all the same.
static void chunks_always_fit_beside_commands(void **state)
{
    (void)state;
    struct rig rig;
    struct km_engine_config config = rig_config();
    config.chunks = 100;
    rig_init(&rig, &config);
    uint32_t commands = 0;
    while (km_engine_set_volume(rig.engine, 1)) {
        ++commands;
    }
    assert_true(commands >= KM_ENGINE_COMMANDS_MAX - 2);
    assert_false(km_engine_stop(rig.engine));
    assert_false(km_engine_jump(rig.engine, 1));
    assert_false(km_engine_set_instrument(rig.engine, 0, 1, &rig.tone.instrument));
    assert_false(km_engine_retire_instrument(rig.engine, &rig.tone.instrument));
    for (uint32_t i = 0; i < 100; ++i) {
        km_engine_chunk_send(rig.engine, rig_bar(&rig, 1, i));
    }
    assert_null(km_engine_chunk_take(rig.engine));
    assert_int_equal(km_engine_chunks_free(rig.engine), 0);
    rig_render(&rig, 64 * 32);
    assert_int_equal(km_engine_status(rig.engine).chunks_waiting, 100);
    assert_true(km_engine_stop(rig.engine));
    rig_render(&rig, 64);
    assert_int_equal(km_engine_chunks_free(rig.engine), 100);
    assert_int_equal(km_engine_chunks(rig.engine), 100);
    rig_release(&rig);
}

static void a_chunk_given_back_can_be_taken_again(void **state)
{
    (void)state;
    struct rig rig;
    const struct km_engine_config config = rig_config();
    rig_init(&rig, &config);
    struct km_chunk *const chunk = rig_bar(&rig, 7, 3);
    rig_note_on(chunk, chunk->start_tick, 60);
    assert_int_equal(km_engine_chunks_free(rig.engine), 63);
    km_engine_chunk_give(rig.engine, chunk);
    assert_int_equal(km_engine_chunks_free(rig.engine), 64);
    struct km_chunk *const again = km_engine_chunk_take(rig.engine);
    assert_ptr_equal(again, chunk);
    assert_int_equal(again->event_count, 0);
    assert_int_equal(again->epoch, 0);
    assert_false(again->begins_bar);
    km_engine_chunk_give(rig.engine, again);
    rig_release(&rig);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(takes_just_what_it_says),
        cmocka_unit_test(the_default_stays_below_16_mib),
        cmocka_unit_test(over_budget_says_what_takes_how_much),
        cmocka_unit_test(each_allocation_may_fail),
        cmocka_unit_test(what_cannot_be_is_refused),
        cmocka_unit_test(a_lock_is_tried_and_told),
        cmocka_unit_test(chunks_always_fit_beside_commands),
        cmocka_unit_test(a_chunk_given_back_can_be_taken_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
