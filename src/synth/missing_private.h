// SPDX-License-Identifier: MIT

/// Banks and programs that notes were played on although no instrument stands for them: each is
/// told once, until instruments are taken away.
#ifndef KM_SYNTH_MISSING_PRIVATE_H
#define KM_SYNTH_MISSING_PRIVATE_H

#include "base/attributes.h"

#include <stdbool.h>
#include <stdint.h>

enum {
    KM_MISSING_MAX = 16,    ///< That wait to be fetched; more are told when they are played again.
    KM_MISSING_BANKS = 256, ///< Banks that share their low byte share what was told.
};

struct km_missing {
    uint32_t names[KM_MISSING_MAX]; ///< Bank and program, those that wait.
    uint32_t count;
    uint32_t told[KM_MISSING_BANKS * 128 / 32]; ///< A bit for each bank and program.
};

/// Notes a pair, unless it was told already.  [audio]
KM_RT void km_missing_add(struct km_missing *missing, uint16_t bank, uint8_t program);

/// Fetches a pair that waits.  [audio]
KM_RT bool km_missing_take(struct km_missing *missing, uint16_t *bank, uint8_t *program);

/// Pairs may be told again.  [audio]
KM_RT void km_missing_reset(struct km_missing *missing);

#endif
