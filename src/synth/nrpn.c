// SPDX-License-Identifier: MIT

#include "synth/nrpn_private.h"

#include <string.h>

enum { PIECE_HUNDRED = 100, PIECE_THOUSAND, PIECE_TEN_THOUSAND, NRPN_CENTRE = 8192 };

void km_nrpn_reset(struct km_nrpn *nrpn)
{
    memset(nrpn, 0, sizeof(*nrpn));
}

void km_nrpn_begin(struct km_nrpn *nrpn)
{
    nrpn->selected = 0;
    nrpn->was_set = false;
}

void km_nrpn_select(struct km_nrpn *nrpn, uint8_t piece)
{
    if (nrpn->was_set) {
        km_nrpn_begin(nrpn);
    }
    uint32_t more = piece;
    if (piece >= PIECE_HUNDRED) {
        more = piece == PIECE_HUNDRED ? 100 : piece == PIECE_THOUSAND ? 1000 : 10000;
    }
    const uint32_t selected = nrpn->selected + more;
    nrpn->selected = (uint16_t)(selected < KM_GENERATORS_COUNT ? selected : KM_GENERATORS_COUNT);
}

// A step of data entry, in units of the generator (9.6.3).
static int32_t step_of(uint32_t generator)
{
    switch (generator) {
    case KM_GENERATOR_MOD_LFO_FREQUENCY:
    case KM_GENERATOR_VIBRATO_LFO_FREQUENCY:
        return 4;
    case KM_GENERATOR_MOD_LFO_TO_PITCH:
    case KM_GENERATOR_VIBRATO_LFO_TO_PITCH:
    case KM_GENERATOR_MOD_ENVELOPE_TO_PITCH:
    case KM_GENERATOR_FILTER_CUTOFF:
    case KM_GENERATOR_MOD_LFO_TO_CUTOFF:
    case KM_GENERATOR_MOD_ENVELOPE_TO_CUTOFF:
    case KM_GENERATOR_MOD_LFO_DELAY:
    case KM_GENERATOR_VIBRATO_LFO_DELAY:
    case KM_GENERATOR_MOD_ENVELOPE_DELAY:
    case KM_GENERATOR_MOD_ENVELOPE_ATTACK:
    case KM_GENERATOR_MOD_ENVELOPE_HOLD:
    case KM_GENERATOR_MOD_ENVELOPE_DECAY:
    case KM_GENERATOR_MOD_ENVELOPE_RELEASE:
    case KM_GENERATOR_VOLUME_ENVELOPE_DELAY:
    case KM_GENERATOR_VOLUME_ENVELOPE_ATTACK:
    case KM_GENERATOR_VOLUME_ENVELOPE_HOLD:
    case KM_GENERATOR_VOLUME_ENVELOPE_DECAY:
    case KM_GENERATOR_VOLUME_ENVELOPE_RELEASE:
        return 2;
    default:
        return 1;
    }
}

bool km_nrpn_set(struct km_nrpn *nrpn, uint32_t value)
{
    nrpn->was_set = true;
    if (nrpn->selected >= KM_GENERATORS_COUNT) {
        return false;
    }
    const int32_t steps = (int32_t)value - NRPN_CENTRE;
    nrpn->offsets[nrpn->selected] = (float)(steps * step_of(nrpn->selected));
    nrpn->has_offsets = true;
    return true;
}
