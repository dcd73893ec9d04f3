// SPDX-License-Identifier: MIT

#include "quality/ours.h"

#include "base/status.h"
#include "font/bank.h"
#include "font/font.h"
#include "heap/heap.h"
#include "midi/event.h"
#include "rt/arena.h"

#include <stdlib.h>
#include <string.h>

enum {
    POOL_BYTES = 24 << 20, // Of any preset.
    POOL_ALIGNMENT = 4096,
    VOICES = 64,
    CONTROLLER_BANK = 0,
};

struct ours {
    struct km_heap *heap;
    struct km_font *font;
    struct km_bank *bank;
    void *pool;
    void *block; // The synth's memory, used anew for each stem.
    size_t block_size;
    struct km_synth_config config;
    struct km_synth *synth; // Of the stem that is rendered.
    struct km_event note;
};

static bool open_font(struct ours *ours, const char *path)
{
    struct km_error error = {0};
    ours->heap = km_heap_new(NULL);
    if (!ours->heap || km_font_open(ours->heap, path, &ours->font, NULL, &error) != KM_OK) {
        return false;
    }
    ours->bank = km_bank_new(ours->heap, ours->font, ours->pool, POOL_BYTES);
    return ours->bank != NULL;
}

struct ours *ours_open(const char *font, enum km_interpolation interpolation)
{
    struct ours *const ours = calloc(1, sizeof(*ours));
    if (!ours) {
        return NULL;
    }
    ours->config = (struct km_synth_config){
        .rate_hz = STEM_RATE_HZ, .voices = VOICES, .interpolation = interpolation};
    ours->block_size = (km_synth_size(&ours->config) + (size_t)2 * POOL_ALIGNMENT) /
                       POOL_ALIGNMENT * POOL_ALIGNMENT;
    ours->block = aligned_alloc(POOL_ALIGNMENT, ours->block_size);
    ours->pool = aligned_alloc(POOL_ALIGNMENT, POOL_BYTES);
    if (!ours->block || !ours->pool || !open_font(ours, font)) {
        ours_close(ours);
        return NULL;
    }
    return ours;
}

void ours_close(struct ours *ours)
{
    if (!ours) {
        return;
    }
    if (ours->bank) {
        km_bank_free(ours->bank);
    }
    km_font_free(ours->font);
    if (ours->heap) {
        km_heap_free(ours->heap);
    }
    free(ours->pool);
    free(ours->block);
    free(ours);
}

static void render_block(void *context, float *left, float *right)
{
    _Alignas(64) static struct km_synth_buses buses;
    const struct ours *const ours = context;
    km_synth_render(ours->synth, &buses);
    memcpy(left, buses.left, sizeof(buses.left));
    memcpy(right, buses.right, sizeof(buses.right));
}

static void note_off(void *context)
{
    const struct ours *const ours = context;
    struct km_event event = ours->note;
    event.type = KM_EVENT_NOTE_OFF;
    event.value = KM_RELEASE_VELOCITY;
    km_synth_event(ours->synth, &event, 0);
}

static void select_preset(struct ours *ours, const struct stem_note *note)
{
    const uint8_t channel = note->bank == KM_BANK_DRUMS ? KM_CHANNEL_DRUMS : 0;
    const struct km_event bank = {.type = KM_EVENT_CONTROL,
                                  .channel = channel,
                                  .number = CONTROLLER_BANK,
                                  .value = (uint8_t)(note->bank & 127)};
    if (note->bank != KM_BANK_DRUMS) {
        km_synth_event(ours->synth, &bank, 0);
    }
    const struct km_event program = {
        .type = KM_EVENT_PROGRAM, .channel = channel, .number = note->program};
    km_synth_event(ours->synth, &program, 0);
    ours->note = (struct km_event){
        .type = KM_EVENT_NOTE_ON, .channel = channel, .number = note->key, .value = note->velocity};
}

void ours_render(struct ours *ours, const struct stem_note *note, struct stem *stem)
{
    memset(stem, 0, sizeof(*stem));
    struct km_arena arena;
    memset(ours->block, 0, ours->block_size);
    km_arena_init(&arena, ours->block, ours->block_size);
    ours->synth = km_synth_new(&arena, &ours->config);
    const struct km_instrument *instrument = NULL;
    struct km_error error = {0};
    if (!ours->synth ||
        km_bank_load(ours->bank, note->bank, note->program, &instrument, &error) != KM_OK) {
        return;
    }
    if (km_synth_set_instrument(ours->synth, note->bank, note->program, instrument)) {
        select_preset(ours, note);
        km_synth_event(ours->synth, &ours->note, 0);
        stem_render(stem, ours, render_block, note_off);
    }
    km_bank_release(ours->bank, instrument);
}
