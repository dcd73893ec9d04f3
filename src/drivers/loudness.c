// SPDX-License-Identifier: MIT

// km_loudness of audio_file.h, through kmidi-ebur128.so.

#include "drivers/audio_file.h"

#include "base/check.h"
#include "drivers/backend_private.h"
#include "drivers/module_private.h"
#include "heap/heap.h"

#include <stddef.h>

enum { CHUNK_FRAMES = 1024 };

struct km_loudness {
    struct km_heap *heap;
    const struct km_meter *table;
    void *meter;
    float interleaved[CHUNK_FRAMES * 2];
};

enum km_status km_loudness_new(struct km_heap *heap, uint32_t rate_hz,
                               struct km_loudness **loudness, struct km_error *error)
{
    KM_CHECK(heap && loudness);
    const struct km_module *module = NULL;
    const enum km_status status = km_module_load("ebur128", &module, error);
    if (status != KM_OK) {
        return status;
    }
    struct km_loudness *const made = km_heap_allocate(heap, KM_ACCOUNT_WORKING, sizeof(*made));
    if (!made) {
        return km_heap_refusal(heap, error);
    }
    made->heap = heap;
    made->table = module->meter;
    KM_CHECK(made->table);
    made->meter = made->table->open(rate_hz);
    if (!made->meter) {
        km_heap_release(heap, made);
        return km_error_set(error, KM_ERROR_NO_MEMORY, "no memory for the loudness meter");
    }
    *loudness = made;
    return KM_OK;
}

void km_loudness_free(struct km_loudness *loudness)
{
    if (loudness) {
        loudness->table->close(loudness->meter);
        km_heap_release(loudness->heap, loudness);
    }
}

enum km_status km_loudness_add(struct km_loudness *loudness, const float *left, const float *right,
                               uint32_t frames)
{
    KM_CHECK(loudness);
    for (uint32_t done = 0; done < frames; done += CHUNK_FRAMES) {
        const uint32_t rest = frames - done;
        const uint32_t length = rest < CHUNK_FRAMES ? rest : CHUNK_FRAMES;
        for (size_t i = 0; i < length; ++i) {
            loudness->interleaved[2 * i] = left[done + i];
            loudness->interleaved[2 * i + 1] = right[done + i];
        }
        if (!loudness->table->add(loudness->meter, loudness->interleaved, length)) {
            return KM_ERROR_NO_MEMORY;
        }
    }
    return KM_OK;
}

struct km_loudness_result km_loudness_result(struct km_loudness *loudness)
{
    KM_CHECK(loudness);
    return loudness->table->result(loudness->meter);
}
