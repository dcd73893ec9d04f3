// SPDX-License-Identifier: MIT

#include "promise/stage.h"

#include "engine/setup.h"
#include "font/font.h"
#include "heap/heap.h"
#include "support/expect.h"
#include "support/soundfont.h"

#include <stdlib.h>
#include <string.h>

enum { POOL_BYTES = 8 << 20, SECOND_POOL_BYTES = 1 << 20, TONES = 16 };

// A small font in memory: the second one, and the first where no other is installed.
static void write_font(char path[TEST_FONT_PATH_SIZE])
{
    static struct test_font font;
    test_font_begin(&font);
    for (uint32_t i = 0; i < TONES; ++i) {
        const uint16_t sine = test_font_add_sine(&font, 44100, 50 + 7 * i, 20);
        test_font_add_tone(&font, 0, (uint16_t)i, sine);
    }
    test_font_add_tone(&font, 128, 0, test_font_add_saw(&font, 44100, 100, 4));
    test_font_write_temporary(&font, path);
}

static struct km_font *open_font(struct km_heap *heap, const char *path)
{
    struct km_font *font = NULL;
    struct km_error error = {0};
    const enum km_status status = km_font_open(heap, path, &font, NULL, &error);
    if (status != KM_OK) {
        fprintf(stderr, "%s\n", error.message);
        abort();
    }
    return font;
}

static void open_fonts(struct stage *stage)
{
    char path[TEST_FONT_PATH_SIZE];
    char small[TEST_FONT_PATH_SIZE];
    write_font(small);
    const bool found = km_font_find(NULL, path, sizeof(path), NULL) == KM_OK;
    stage->fonts[0] = open_font(stage->heap, found ? path : small);
    stage->fonts[1] = open_font(stage->heap, small);
    (void)remove(small);
}

static void open_banks(struct stage *stage)
{
    size_t size = 0;
    unsigned char *const pool = km_engine_pool(stage->engine, &size);
    EXPECT(size >= (size_t)2 * SECOND_POOL_BYTES);
    const size_t first = (size - SECOND_POOL_BYTES) / 4096 * 4096;
    stage->banks[0] = km_bank_new(stage->heap, stage->fonts[0], pool, first);
    stage->banks[1] = km_bank_new(stage->heap, stage->fonts[1], pool + first, size - first);
    EXPECT(stage->banks[0] && stage->banks[1]);
}

struct stage *stage_open(uint32_t voices)
{
    struct stage *const stage = calloc(1, sizeof(*stage));
    EXPECT(stage);
    stage->heap = km_heap_new(NULL);
    stage->live = calloc(KM_LIVE_EVENTS_MAX, sizeof(stage->live[0]));
    EXPECT(stage->heap && stage->live);
    stage->random = 12345;
    const struct km_engine_config config = {.rate_hz = STAGE_RATE_HZ,
                                            .voices = voices,
                                            .interpolation = KM_INTERPOLATION_4POINT,
                                            .sample_pool_bytes = POOL_BYTES};
    struct km_error error = {0};
    if (km_engine_new(stage->heap, &config, &stage->engine, &error) != KM_OK) {
        fprintf(stderr, "%s\n", error.message);
        abort();
    }
    open_fonts(stage);
    open_banks(stage);
    for (uint32_t program = 0; program < TONES; ++program) {
        EXPECT(stage_load(stage, 0, 0, (uint8_t)program));
    }
    EXPECT(stage_load(stage, 0, KM_BANK_DRUMS, 0));
    EXPECT(km_engine_play(stage->engine));
    return stage;
}

void stage_close(struct stage *stage)
{
    for (uint32_t i = 0; i < stage->loaded_count; ++i) {
        km_bank_release(stage->loaded[i].bank, stage->loaded[i].instrument);
    }
    km_bank_free(stage->banks[0]);
    km_bank_free(stage->banks[1]);
    km_font_free(stage->fonts[0]);
    km_font_free(stage->fonts[1]);
    km_engine_free(stage->engine);
    km_heap_free(stage->heap);
    free(stage->live);
    free(stage);
}

uint32_t stage_random(struct stage *stage, uint32_t count)
{
    stage->random = stage->random * 6364136223846793005U + 1442695040888963407U;
    return (uint32_t)((stage->random >> 32) * count >> 32);
}

static void release(struct stage *stage, const struct km_instrument *instrument)
{
    for (uint32_t i = 0; i < stage->loaded_count; ++i) {
        if (stage->loaded[i].instrument == instrument && stage->loaded[i].is_retired) {
            km_bank_release(stage->loaded[i].bank, instrument);
            stage->loaded[i] = stage->loaded[--stage->loaded_count];
            return;
        }
    }
    fprintf(stderr, "an instrument came back that was not asked for\n");
    abort();
}

void stage_collect(struct stage *stage)
{
    struct km_notice notice;
    while (km_engine_collect(stage->engine, &notice)) {
        if (notice.kind == KM_NOTICE_INSTRUMENT_FREE) {
            release(stage, notice.instrument);
        }
    }
}

static const struct stage_loaded *find_loaded(const struct stage *stage,
                                              const struct km_instrument *instrument)
{
    for (uint32_t i = 0; i < stage->loaded_count; ++i) {
        if (stage->loaded[i].instrument == instrument) {
            return &stage->loaded[i];
        }
    }
    return NULL;
}

bool stage_load(struct stage *stage, int font, uint16_t bank, uint8_t program)
{
    uint16_t found_bank = 0;
    uint8_t found_program = 0;
    const struct km_instrument *instrument = NULL;
    struct km_bank *const from = stage->banks[font];
    if (stage->loaded_count >= STAGE_LOADED_MAX ||
        !km_bank_resolve(from, bank, program, &found_bank, &found_program) ||
        km_bank_load(from, found_bank, found_program, &instrument, NULL) != KM_OK) {
        return false;
    }
    const struct stage_loaded *const loaded = find_loaded(stage, instrument);
    const bool is_leaving = loaded && loaded->is_retired;
    const bool is_set =
        !is_leaving && km_engine_set_instrument(stage->engine, bank, program, instrument);
    if (is_set && !loaded) {
        stage->loaded[stage->loaded_count++] = (struct stage_loaded){instrument, from, false};
    } else { // The engine has it already, or cannot have it.
        km_bank_release(from, instrument);
    }
    return is_set;
}

void stage_retire_one(struct stage *stage)
{
    if (stage->loaded_count == 0) {
        return;
    }
    struct stage_loaded *const one = &stage->loaded[stage_random(stage, stage->loaded_count)];
    if (!one->is_retired && km_engine_retire_instrument(stage->engine, one->instrument)) {
        one->is_retired = true;
    }
}

struct km_chunk *stage_bar(struct stage *stage)
{
    struct km_chunk *const chunk = km_engine_chunk_take(stage->engine);
    if (!chunk) {
        return NULL;
    }
    const uint64_t bar_ticks = (uint64_t)4 * STAGE_DIVISION;
    chunk->epoch = stage->epoch;
    chunk->bar = stage->bar++;
    chunk->begins_bar = chunk->ends_bar = true;
    chunk->jumps = chunk->bar == 0;
    chunk->start_tick = stage->tick;
    chunk->end_tick = stage->tick + bar_ticks;
    chunk->division = STAGE_DIVISION;
    chunk->tempo = 125000; // Half a second a bar: so that much happens.
    chunk->beats_per_bar = 4;
    stage->tick = chunk->end_tick;
    return chunk;
}

void stage_add(struct km_chunk *chunk, const struct km_event *event)
{
    if (chunk->event_count < KM_CHUNK_EVENTS_MAX) {
        chunk->events[chunk->event_count++] = *event;
    }
}
