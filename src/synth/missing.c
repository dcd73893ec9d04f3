// SPDX-License-Identifier: MIT

#include "synth/missing_private.h"

#include <string.h>

void km_missing_add(struct km_missing *missing, uint16_t bank, uint8_t program)
{
    const uint32_t index = (uint32_t)(bank % KM_MISSING_BANKS) * 128 + program % 128;
    const uint32_t bit = 1U << index % 32;
    if (missing->count < KM_MISSING_MAX && !(missing->told[index / 32] & bit)) {
        missing->told[index / 32] |= bit;
        missing->names[missing->count++] = (uint32_t)bank << 8 | program;
    }
}

bool km_missing_take(struct km_missing *missing, uint16_t *bank, uint8_t *program)
{
    if (missing->count == 0) {
        return false;
    }
    missing->count -= 1;
    *bank = (uint16_t)(missing->names[missing->count] >> 8);
    *program = (uint8_t)(missing->names[missing->count] & 0xFF);
    return true;
}

void km_missing_reset(struct km_missing *missing)
{
    memset(missing->told, 0, sizeof(missing->told));
    missing->count = 0;
}
