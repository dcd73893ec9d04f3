// SPDX-License-Identifier: MIT

/// Opens any bytes as a font, loads its presets into a small pool, and looks at all of them: what a
/// fuzz target and tests of damaged files do.
#ifndef KM_TESTS_SUPPORT_FONT_TRIAL_H
#define KM_TESTS_SUPPORT_FONT_TRIAL_H

#include "font/bank.h"
#include "font/decoder.h"
#include "font/font.h"
#include "heap/heap.h"
#include "support/expect.h"
#include "support/instrument_check.h"

#include <stdalign.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { TRIAL_POOL_SIZE = 1 << 20, TRIAL_PRESETS_MAX = 48, TRIAL_PATH_SIZE = 64 };

struct font_trial {
    enum km_status opened;
    struct km_error error;
    struct km_font_warnings warnings;
    uint32_t loaded;  ///< Presets.
    uint32_t regions; ///< Of them.
};

// Stands in for Vorbis: a frame a byte, and now and then a failure.
// NOLINTNEXTLINE(readability-function-size): the decoder's own parameters.
static inline int trial_decode(const void *bytes, size_t size, int16_t **frames, size_t *count,
                               void *(*allocate)(void *context, size_t size), void *context)
{
    const unsigned char *const from = bytes;
    if (size % 13 == 0) {
        return -1;
    }
    int16_t *const made = allocate(context, size * sizeof(*made));
    for (size_t i = 0; made && i < size; ++i) {
        made[i] = (int16_t)(from[i] * 128 - 16384);
    }
    *frames = made;
    *count = size;
    return made ? 0 : -1;
}

// A file without a name that holds the bytes; its path is where its descriptor can be opened again.
static inline int trial_file(const unsigned char *bytes, size_t size, char path[TRIAL_PATH_SIZE])
{
    (void)snprintf(path, TRIAL_PATH_SIZE, "/tmp/kmidi-trial-XXXXXX");
    const int descriptor = mkstemp(path);
    EXPECT(descriptor >= 0);
    EXPECT(unlink(path) == 0);
    for (size_t used = 0; used < size;) {
        const ssize_t written = write(descriptor, bytes + used, size - used);
        EXPECT(written > 0);
        used += (size_t)written;
    }
    (void)snprintf(path, TRIAL_PATH_SIZE, "/proc/self/fd/%d", descriptor);
    return descriptor;
}

static inline void trial_load(struct km_font *font, struct km_bank *bank,
                              const struct instrument_pool *pool, struct font_trial *trial)
{
    const struct km_instrument *loaded[TRIAL_PRESETS_MAX];
    size_t count = 0;
    const struct km_font_preset *const presets = km_font_presets(font, &count);
    EXPECT(count > 0);
    for (size_t i = 0; i < count && i < TRIAL_PRESETS_MAX; ++i) {
        EXPECT(i == 0 || presets[i - 1].bank < presets[i].bank ||
               (presets[i - 1].bank == presets[i].bank &&
                presets[i - 1].program < presets[i].program));
        const enum km_status status =
            km_bank_load(bank, presets[i].bank, (uint8_t)presets[i].program, &loaded[trial->loaded],
                         &trial->error);
        if (status == KM_OK) {
            expect_valid_instrument(pool, loaded[trial->loaded]);
            trial->regions += loaded[trial->loaded++]->region_count;
        } else {
            EXPECT(trial->error.status == status && trial->error.message[0] != '\0');
        }
    }
    for (uint32_t i = 0; i < trial->loaded; ++i) {
        expect_valid_instrument(pool, loaded[i]); // Later ones have harmed none.
    }
    for (uint32_t i = 0; i < trial->loaded; ++i) {
        km_bank_release(bank, loaded[i]);
    }
    const struct km_bank_usage usage = km_bank_usage(bank);
    EXPECT(usage.used_bytes == 0 && usage.samples == 0 && usage.instruments == 0);
}

static inline struct font_trial font_trial(const unsigned char *bytes, size_t size)
{
    static alignas(64) unsigned char block[TRIAL_POOL_SIZE];
    static const struct km_font_decoder decoder = {.decode = trial_decode};
    const struct instrument_pool pool = {.block = block, .size = sizeof(block)};
    struct font_trial trial = {.opened = KM_OK};
    char path[TRIAL_PATH_SIZE];
    const int descriptor = trial_file(bytes, size, path);
    struct km_heap *const heap = km_heap_new(NULL);
    EXPECT(heap);
    struct km_font *font = NULL;
    trial.opened = km_font_open(heap, path, &font, &trial.warnings, &trial.error);
    if (trial.opened == KM_OK) {
        km_font_set_decoder(font, &decoder);
        struct km_bank *const bank = km_bank_new(heap, font, block, sizeof(block));
        EXPECT(bank);
        trial_load(font, bank, &pool, &trial);
        km_bank_free(bank);
    } else {
        EXPECT(!font && trial.error.status == trial.opened);
        EXPECT(strncmp(trial.error.message, path, strlen(path)) == 0);
    }
    EXPECT((trial.warnings.count > 0) == (trial.warnings.first_message[0] != '\0'));
    km_font_free(font);
    km_heap_free(heap);
    EXPECT(close(descriptor) == 0);
    return trial;
}

#endif
