// SPDX-License-Identifier: MIT

#include "synth/programs_private.h"

#include <assert.h>

static_assert((KM_PROGRAM_SLOTS & (KM_PROGRAM_SLOTS - 1)) == 0, "a slot's number is masked");

static uint32_t name_of(uint16_t bank, uint8_t program)
{
    return (uint32_t)bank << 8 | program;
}

// Fibonacci hashing: neighbours land far apart.
static uint32_t home_of(uint32_t name)
{
    return (name * 2654435769U) >> 16 & (KM_PROGRAM_SLOTS - 1);
}

static uint32_t next_of(uint32_t slot)
{
    return (slot + 1) & (KM_PROGRAM_SLOTS - 1);
}

// The slot of that name, or the free one where it would go. Half of the slots are free, so there is
// always one.
static uint32_t find(const struct km_programs *programs, uint32_t name)
{
    uint32_t slot = home_of(name);
    while (programs->slots[slot].instrument && programs->slots[slot].name != name) {
        slot = next_of(slot);
    }
    return slot;
}

// Whether a search for what stands in `slot` would come by `gap`.
static bool may_stand_at(const struct km_programs *programs, uint32_t slot, uint32_t gap)
{
    const uint32_t home = home_of(programs->slots[slot].name);
    return ((slot - home) & (KM_PROGRAM_SLOTS - 1)) >= ((slot - gap) & (KM_PROGRAM_SLOTS - 1));
}

// Closes the gap, so that no search stops before an entry that stands behind it (Knuth, 6.4, R).
static void remove_at(struct km_programs *programs, uint32_t gap)
{
    --programs->count;
    programs->slots[gap].instrument = NULL;
    uint32_t slot = next_of(gap);
    while (programs->slots[slot].instrument) {
        if (may_stand_at(programs, slot, gap)) {
            programs->slots[gap] = programs->slots[slot];
            programs->slots[slot].instrument = NULL;
            gap = slot;
        }
        slot = next_of(slot);
    }
}

const struct km_instrument *km_programs_get(const struct km_programs *programs, uint16_t bank,
                                            uint8_t program)
{
    return programs->slots[find(programs, name_of(bank, program))].instrument;
}

bool km_programs_set(struct km_programs *programs, uint16_t bank, uint8_t program,
                     const struct km_instrument *instrument)
{
    const uint32_t name = name_of(bank, program);
    const uint32_t slot = find(programs, name);
    struct km_program_slot *const entry = &programs->slots[slot];
    if (!instrument) {
        if (entry->instrument) {
            remove_at(programs, slot);
        }
        return true;
    }
    if (!entry->instrument) {
        if (programs->count == KM_SYNTH_PROGRAMS_MAX) {
            return false;
        }
        ++programs->count;
    }
    entry->name = name;
    entry->instrument = instrument;
    return true;
}

void km_programs_forget(struct km_programs *programs, const struct km_instrument *instrument)
{
    for (uint32_t slot = 0; slot < KM_PROGRAM_SLOTS;) {
        // What closes the gap may be another one of its entries: the slot is looked at again.
        if (programs->slots[slot].instrument == instrument) {
            remove_at(programs, slot);
        } else {
            ++slot;
        }
    }
}

bool km_programs_has(const struct km_programs *programs, const struct km_instrument *instrument)
{
    for (uint32_t slot = 0; slot < KM_PROGRAM_SLOTS; ++slot) {
        if (programs->slots[slot].instrument == instrument) {
            return true;
        }
    }
    return false;
}
