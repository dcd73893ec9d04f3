// SPDX-License-Identifier: MIT

#include "session/instruments_private.h"

#include "base/check.h"

enum { OCTAVE = 12, KIT_LOWEST = 35, KIT_HIGHEST = 81 };

static const struct km_key_range ranges[] = {
#define KM_INSTRUMENT(name, low, high) {low, high},
#include "session/instruments.def"
#undef KM_INSTRUMENT
};

_Static_assert(sizeof(ranges) / sizeof(ranges[0]) == KM_INSTRUMENTS_COUNT, "one of each program");

struct km_key_range km_instrument_range(uint8_t program)
{
    KM_CHECK(program < KM_INSTRUMENTS_COUNT);
    return ranges[program];
}

struct km_key_range km_part_range(const struct km_harmony_plan *plan, enum km_part part)
{
    if (part == KM_PART_DRUMS) {
        return (struct km_key_range){KIT_LOWEST, KIT_HIGHEST};
    }
    return km_instrument_range(plan->parts[part].program);
}

uint8_t km_key_within(struct km_key_range range, uint8_t key)
{
    KM_CHECK(range.low + OCTAVE <= range.high + 1);
    while (key < range.low) {
        key = (uint8_t)(key + OCTAVE);
    }
    while (key > range.high) {
        key = (uint8_t)(key - OCTAVE);
    }
    return key;
}
