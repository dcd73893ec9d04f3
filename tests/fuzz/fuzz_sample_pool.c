// SPDX-License-Identifier: MIT

// Drives a sample pool and a map of its bytes with the same operations, and compares them. An even
// byte takes a piece of a size that the next byte tells; an odd one gives back one of those in
// hand.

#include "font/sample_pool.h"
#include "heap/heap.h"
#include "support/expect.h"

#include <stdalign.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

enum { UNITS = 300, PIECES_MAX = 512, SPARE = 17 };

int LLVMFuzzerTestOneInput(const uint8_t *input, size_t input_size);

static alignas(
    KM_SAMPLE_POOL_ALIGNMENT) unsigned char block[UNITS * KM_SAMPLE_POOL_ALIGNMENT + SPARE];

struct piece {
    unsigned char *memory;
    size_t units;
};

struct model {
    bool is_taken[UNITS];
    struct piece pieces[PIECES_MAX];
    uint32_t count;
    size_t used, peak;
};

static size_t unit_of(const struct piece *piece)
{
    return (size_t)(piece->memory - block) / KM_SAMPLE_POOL_ALIGNMENT;
}

static void mark(struct model *model, const struct piece *piece, bool is_taken)
{
    const size_t first = unit_of(piece);
    EXPECT(first + piece->units <= UNITS);
    for (size_t i = first; i < first + piece->units; ++i) {
        EXPECT(model->is_taken[i] != is_taken);
        model->is_taken[i] = is_taken;
    }
    model->used = is_taken ? model->used + piece->units : model->used - piece->units;
    model->peak = model->used > model->peak ? model->used : model->peak;
}

static size_t largest_gap(const struct model *model)
{
    size_t largest = 0;
    size_t gap = 0;
    for (size_t i = 0; i < UNITS; ++i) {
        gap = model->is_taken[i] ? 0 : gap + 1;
        largest = gap > largest ? gap : largest;
    }
    return largest;
}

static void take(struct km_sample_pool *pool, struct model *model, size_t size)
{
    const size_t units =
        size == 0 ? 1 : (size + KM_SAMPLE_POOL_ALIGNMENT - 1) / KM_SAMPLE_POOL_ALIGNMENT;
    struct piece piece = {.memory = km_sample_pool_allocate(pool, size), .units = units};
    EXPECT((piece.memory != NULL) == (units <= largest_gap(model)));
    if (!piece.memory) {
        return;
    }
    EXPECT((uintptr_t)piece.memory % KM_SAMPLE_POOL_ALIGNMENT == 0);
    mark(model, &piece, true);
    memset(piece.memory, (int)(model->count & 0xFF), size);
    model->pieces[model->count++] = piece;
}

static void give(struct km_sample_pool *pool, struct model *model, uint32_t chosen)
{
    mark(model, &model->pieces[chosen], false);
    km_sample_pool_release(pool, model->pieces[chosen].memory);
    model->pieces[chosen] = model->pieces[--model->count];
}

static void expect_same(const struct km_sample_pool *pool, const struct model *model)
{
    const struct km_sample_pool_usage usage = km_sample_pool_usage(pool);
    EXPECT(usage.size == (size_t)UNITS * KM_SAMPLE_POOL_ALIGNMENT);
    EXPECT(usage.used == model->used * KM_SAMPLE_POOL_ALIGNMENT);
    EXPECT(usage.peak == model->peak * KM_SAMPLE_POOL_ALIGNMENT);
    EXPECT(usage.largest_free == largest_gap(model) * KM_SAMPLE_POOL_ALIGNMENT);
    EXPECT(usage.pieces == model->count);
}

int LLVMFuzzerTestOneInput(const uint8_t *input, size_t input_size)
{
    static struct model model;
    memset(&model, 0, sizeof(model));
    struct km_heap *const heap = km_heap_new(NULL);
    EXPECT(heap);
    struct km_sample_pool *const pool = km_sample_pool_new(heap, block, sizeof(block));
    EXPECT(pool);
    for (size_t i = 0; i + 1 < input_size; i += 2) {
        if (input[i] % 2 == 0) {
            take(pool, &model, (size_t)input[i + 1] * (input[i] % 16U + 1U));
        } else if (model.count > 0) {
            give(pool, &model, input[i + 1] % model.count);
        }
        expect_same(pool, &model);
    }
    while (model.count > 0) {
        give(pool, &model, model.count / 2);
    }
    expect_same(pool, &model);
    EXPECT(largest_gap(&model) == UNITS);
    km_sample_pool_free(pool);
    km_heap_free(heap);
    return 0;
}
