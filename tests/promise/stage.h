// SPDX-License-Identifier: MIT

/// An engine with two fonts, and who feeds and steers it, for the proofs of the promise.
#ifndef KM_TESTS_PROMISE_STAGE_H
#define KM_TESTS_PROMISE_STAGE_H

#include "engine/chunk.h"
#include "engine/control.h"
#include "font/bank.h"
#include "rt/block.h"

#include <stdbool.h>
#include <stdint.h>

enum {
    STAGE_RATE_HZ = 48000,
    STAGE_BLOCK_FRAMES = 64,
    STAGE_DIVISION = 480,
    STAGE_FONTS = 2,
    STAGE_LOADED_MAX = 512,
};

/// An instrument that the engine has.
struct stage_loaded {
    const struct km_instrument *instrument;
    struct km_bank *bank;
    bool is_retired;
};

struct stage {
    struct km_heap *heap;
    struct km_font *fonts[STAGE_FONTS];
    struct km_bank *banks[STAGE_FONTS];
    struct km_engine *engine;
    struct stage_loaded loaded[STAGE_LOADED_MAX];
    uint32_t loaded_count;
    uint64_t random;
    uint32_t epoch;
    uint32_t bar;
    uint64_t tick;
    uint64_t blocks;
    struct km_live_event *live; ///< KM_LIVE_EVENTS_MAX, of which live_count are played next.
    uint32_t live_count;
};

/// Ends the program with a message where something that must work does not.
struct stage *stage_open(uint32_t voices);
void stage_close(struct stage *stage);

/// 0 to below `count`; seeded.
uint32_t stage_random(struct stage *stage, uint32_t count);

/// Takes in what came back from the engine: instruments are released.
void stage_collect(struct stage *stage);

/// Loads an instrument of a font and hands it over as bank and program; false if there is no room.
bool stage_load(struct stage *stage, int font, uint16_t bank, uint8_t program);

/// Asks for one of the instruments back, chosen at random.
void stage_retire_one(struct stage *stage);

/// A chunk of one bar of the present epoch, to be filled, or null if none is free. The next one
/// follows it.
struct km_chunk *stage_bar(struct stage *stage);
void stage_add(struct km_chunk *chunk, const struct km_event *event);

/// The case number `index`, or null after the last.
struct stage_case {
    const char *name;
    uint32_t voices;
    void (*control)(struct stage *stage); ///< Before each block, as a control thread would.
};
const struct stage_case *stage_case(int index);

#endif
