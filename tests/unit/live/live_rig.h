// SPDX-License-Identifier: MIT

/// A live composer, an engine, and a font of tones that never end by themselves; the clock is
/// turned by hand, four times as fast as music.
#ifndef KM_TESTS_LIVE_RIG_H
#define KM_TESTS_LIVE_RIG_H

#include "engine/control.h"
#include "engine/instruments.h"
#include "engine/process.h"
#include "engine/setup.h"
#include "font/bank.h"
#include "font/font.h"
#include "heap/heap.h"
#include "live/live.h"
#include "midi/file.h"
#include "support/cmocka.h"
#include "support/soundfont.h"

enum {
    RIG_RATE = 44100,
    RIG_SPEED = 4,
    RIG_BLOCK = 1024,
    RIG_PROGRAMS = 128,
    RIG_POOL = 1 << 20,
    RIG_BLOCKS_MAX = 200000, ///< Of one wait.
};

struct rig {
    struct km_heap *heap;
    struct km_engine *engine;
    struct km_font *font;
    struct km_bank *bank;
    struct km_instruments *instruments;
    struct km_live *live;
    struct km_engine_status status;
    uint32_t begun; ///< Plans that were told.
    uint64_t empty_heap_bytes;
    float left[RIG_BLOCK], right[RIG_BLOCK];
};

static inline struct km_font *rig_font(struct km_heap *heap)
{
    static struct test_font font;
    char path[TEST_FONT_PATH_SIZE];
    test_font_begin(&font);
    for (uint32_t i = 0; i < RIG_PROGRAMS; ++i) {
        if (i % 4 == 0) {
            (void)test_font_add_sine(&font, RIG_RATE, 100 + i / 4, 8);
        }
        test_font_add_tone(&font, 0, (uint16_t)i, (uint16_t)(i / 4));
    }
    test_font_add_tone(&font, KM_BANK_DRUMS, 0, 0);
    test_font_write_temporary(&font, path);
    struct km_font *opened = NULL;
    struct km_error error = {0};
    if (km_font_open(heap, path, &opened, NULL, &error) != KM_OK) {
        fail_msg("%s", error.message);
    }
    assert_int_equal(remove(path), 0);
    return opened;
}

static inline enum km_status rig_begins(void *context, const struct km_harmony_plan *plan,
                                        const struct km_midi_file *song, struct km_error *error)
{
    struct rig *const rig = context;
    (void)error;
    assert_true(plan->length_bars > 0);
    assert_true(song->track_count > 1);
    rig->begun += 1;
    return KM_OK;
}

static inline struct km_live_config rig_config(struct rig *rig)
{
    return (struct km_live_config){.heap = rig->heap,
                                   .engine = rig->engine,
                                   .instruments = rig->instruments,
                                   .text = "calm",
                                   .text_size = 4,
                                   .seed = 7,
                                   .epoch = 1,
                                   .begins = rig_begins,
                                   .context = rig};
}

static inline void rig_init_without_live(struct rig *rig, size_t pool_bytes)
{
    *rig = (struct rig){.heap = km_heap_new(NULL)};
    assert_non_null(rig->heap);
    const struct km_engine_config config = {.rate_hz = RIG_RATE,
                                            .voices = 128,
                                            .interpolation = KM_INTERPOLATION_LINEAR,
                                            .without_reverb = true,
                                            .without_chorus = true,
                                            .without_limiter = true,
                                            .sample_pool_bytes = pool_bytes,
                                            .without_lock = true};
    assert_int_equal(km_engine_new(rig->heap, &config, &rig->engine, NULL), KM_OK);
    rig->font = rig_font(rig->heap);
    size_t size = 0;
    void *const pool = km_engine_pool(rig->engine, &size);
    rig->bank = km_bank_new(rig->heap, rig->font, pool, size);
    assert_non_null(rig->bank);
    rig->instruments = km_instruments_new(rig->heap, rig->engine, rig->bank);
    assert_non_null(rig->instruments);
    rig->empty_heap_bytes = km_heap_usage(rig->heap, KM_ACCOUNT_WORKING).current_bytes;
}

static inline void rig_pump(struct rig *rig)
{
    struct km_error error = {0};
    if (km_instruments_collect(rig->instruments, &error) != KM_OK ||
        km_live_pump(rig->live, &rig->status, &error) != KM_OK) {
        fail_msg("%s", error.message);
    }
}

static inline void rig_process(struct rig *rig, uint32_t frames)
{
    const struct km_audio_block block = {.left = rig->left, .right = rig->right, .frames = frames};
    km_engine_process(rig->engine, &block);
    rig->status = km_engine_status(rig->engine);
}

static inline void rig_step(struct rig *rig)
{
    rig_pump(rig);
    rig_process(rig, RIG_BLOCK);
}

/// Composes, and begins to play.
static inline void rig_init(struct rig *rig, size_t pool_bytes)
{
    rig_init_without_live(rig, pool_bytes);
    const struct km_live_config config = rig_config(rig);
    assert_int_equal(km_live_new(&config, &rig->live, NULL), KM_OK);
    rig_pump(rig);
    assert_true(km_engine_set_tempo_scale(rig->engine, RIG_SPEED));
    assert_true(km_engine_play(rig->engine));
    while (rig->status.epoch == 0) {
        rig_step(rig);
    }
}

static inline void rig_release(struct rig *rig)
{
    km_live_free(rig->live);
    assert_true(km_heap_usage(rig->heap, KM_ACCOUNT_WORKING).current_bytes >=
                rig->empty_heap_bytes);
    km_instruments_free(rig->instruments);
    km_bank_free(rig->bank);
    km_font_free(rig->font);
    km_engine_free(rig->engine);
    km_heap_free(rig->heap); // Stops the program, if anything leaks.
}

/// Goes on until that bar sounds.
static inline void rig_reach(struct rig *rig, uint32_t bar)
{
    for (uint32_t i = 0; rig->status.bar < bar; ++i) {
        assert_true(i < RIG_BLOCKS_MAX);
        rig_step(rig);
    }
}

static inline void rig_turn(struct rig *rig, enum km_live_scale scale, double value)
{
    struct km_error error = {0};
    if (km_live_set(rig->live, scale, value, &rig->status, &error) != KM_OK) {
        fail_msg("%s", error.message);
    }
}

/// Stops, and lets the chunks come back.
static inline void rig_stop(struct rig *rig)
{
    assert_true(km_engine_stop(rig->engine));
    rig_process(rig, RIG_BLOCK);
    rig_process(rig, RIG_BLOCK);
}

static inline const struct km_harmony_plan *rig_plan(struct rig *rig)
{
    const struct km_harmony_plan *const plan = km_live_plan(rig->live, &rig->status);
    assert_non_null(plan);
    return plan;
}

#endif
