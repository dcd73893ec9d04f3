// SPDX-License-Identifier: MIT

/// Which instrument a bank and program stand for: a hash table of fixed size.
#ifndef KM_SYNTH_PROGRAMS_PRIVATE_H
#define KM_SYNTH_PROGRAMS_PRIVATE_H

#include "base/attributes.h"
#include "synth/synth.h"

enum { KM_PROGRAM_SLOTS = 2 * KM_SYNTH_PROGRAMS_MAX };

struct km_program_slot {
    const struct km_instrument *instrument; ///< Null: the slot is free.
    uint32_t name;                          ///< Bank and program.
};

struct km_programs {
    struct km_program_slot slots[KM_PROGRAM_SLOTS];
    uint32_t count;
};

/// Null if there is none.  [audio]
KM_RT const struct km_instrument *km_programs_get(const struct km_programs *programs, uint16_t bank,
                                                  uint8_t program);

/// Null removes. False if the table is full.  [audio]
KM_RT bool km_programs_set(struct km_programs *programs, uint16_t bank, uint8_t program,
                           const struct km_instrument *instrument);

/// Removes all entries of an instrument.  [audio]
KM_RT void km_programs_forget(struct km_programs *programs, const struct km_instrument *instrument);

/// Whether an entry stands for it.  [audio]
KM_RT bool km_programs_has(const struct km_programs *programs,
                           const struct km_instrument *instrument);

#endif
