// SPDX-License-Identifier: MIT

// Drives a heap and a table of what it should hold with the same operations, and compares them.
// Three input bytes are one operation: what, on which of 16 places, of which size.

#include "heap/heap.h"

#include "support/expect.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *input, size_t input_size);

enum { PLACES_COUNT = 16, BUDGET = 4096 };

struct place {
    unsigned char *memory;
    size_t size;
    enum km_account account;
};

static void expect_bytes(const unsigned char *bytes, size_t size, unsigned char value)
{
    for (size_t i = 0; i < size; ++i) {
        EXPECT(bytes[i] == value);
    }
}

// Sizes from 1 byte to beyond the budget and beyond what any machine has.
static size_t size_of(uint8_t code)
{
    return code < 250 ? (size_t)code * code / 8 + 1 : SIZE_MAX >> (code - 250);
}

static void allocate(struct km_heap *heap, struct place *place, const uint8_t *operation,
                     uint64_t *held)
{
    const size_t size = size_of(operation[2]);
    const size_t alignment = (size_t)1 << (operation[0] / 4 % 13);
    place->account = (enum km_account)(operation[1] / 16 % KM_ACCOUNTS_COUNT);
    place->memory = km_heap_allocate_aligned(heap, place->account, size, alignment);
    EXPECT((place->memory != NULL) == (size <= BUDGET - held[place->account]));
    if (place->memory) {
        EXPECT((uintptr_t)place->memory % alignment == 0);
        expect_bytes(place->memory, size, 0);
        memset(place->memory, operation[1] | 1, size);
        place->size = size;
        held[place->account] += size;
    }
}

static void resize(struct km_heap *heap, struct place *place, uint8_t code, uint64_t *held)
{
    const size_t size = size_of(code);
    const bool fits = size <= BUDGET - held[place->account] + place->size;
    const unsigned char fill = place->memory[0];
    unsigned char *const memory = km_heap_resize(heap, place->account, place->memory, size);
    EXPECT((memory != NULL) == fits);
    if (memory) {
        const size_t kept = size < place->size ? size : place->size;
        expect_bytes(memory, kept, fill);
        expect_bytes(memory + kept, size - kept, 0);
        memset(memory, fill, size);
        held[place->account] += size;
        held[place->account] -= place->size;
        place->memory = memory;
        place->size = size;
    }
}

static void release(struct km_heap *heap, struct place *place, uint64_t *held)
{
    if (place->memory) {
        expect_bytes(place->memory, place->size, place->memory[0]);
        km_heap_release(heap, place->memory);
        held[place->account] -= place->size;
        place->memory = NULL;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *input, size_t input_size)
{
    struct place places[PLACES_COUNT] = {{NULL, 0, KM_ACCOUNT_AUDIO}};
    uint64_t held[KM_ACCOUNTS_COUNT] = {0};
    const struct km_heap_config config = {.budget_bytes = {BUDGET, BUDGET, BUDGET}};
    struct km_heap *const heap = km_heap_new(&config);
    EXPECT(heap);

    for (size_t i = 0; i + 3 <= input_size; i += 3) {
        struct place *const place = &places[input[i + 1] % PLACES_COUNT];
        if (!place->memory) {
            allocate(heap, place, input + i, held);
        } else if (input[i] % 2 == 0) {
            resize(heap, place, input[i + 2], held);
        } else {
            release(heap, place, held);
        }
        for (int j = 0; j < KM_ACCOUNTS_COUNT; ++j) {
            EXPECT(km_heap_usage(heap, (enum km_account)j).current_bytes == held[j]);
        }
    }
    for (int i = 0; i < PLACES_COUNT; ++i) {
        release(heap, &places[i], held);
    }
    km_heap_free(heap); // Stops if anything is left.
    return 0;
}
