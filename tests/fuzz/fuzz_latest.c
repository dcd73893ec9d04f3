// SPDX-License-Identifier: MIT

// Drives a triple buffer and an obviously correct model with the same operations, and compares
// them. The input bytes are the operations: write, write in place, read, ask for news.

#include "rt/arena.h"
#include "rt/latest.h"
#include "support/expect.h"

#include <stdint.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *input, size_t input_size);

enum { SNAPSHOT_SIZE = 48 };

int LLVMFuzzerTestOneInput(const uint8_t *input, size_t input_size)
{
    static unsigned char memory[1024];
    unsigned char newest[SNAPSHOT_SIZE] = {0};
    unsigned char seen[SNAPSHOT_SIZE] = {0};
    bool has_news = false;

    struct km_arena arena;
    km_arena_init(&arena, memory, sizeof(memory));
    struct km_latest *const latest = km_latest_new(&arena, SNAPSHOT_SIZE);
    EXPECT(latest);
    km_arena_seal(&arena);
    const unsigned char *view = km_latest_read(latest);

    for (size_t i = 0; i < input_size; ++i) {
        switch (input[i] % 4) {
        case 0:
            memset(newest, input[i], sizeof(newest));
            km_latest_write(latest, newest);
            has_news = true;
            break;
        case 1:
            memset(newest, input[i], sizeof(newest));
            memcpy(km_latest_slot(latest), newest, sizeof(newest));
            km_latest_publish(latest);
            has_news = true;
            break;
        case 2:
            view = km_latest_read(latest);
            memcpy(seen, newest, sizeof(seen));
            has_news = false;
            break;
        default:
            break;
        }
        EXPECT(km_latest_has_news(latest) == has_news);
        EXPECT(memcmp(view, seen, sizeof(seen)) == 0);
    }
    return 0;
}
