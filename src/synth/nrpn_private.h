// SPDX-License-Identifier: MIT

/// NRPNs that offset a channel's generators (SoundFont 2.04, 9.6): NRPN MSB 120, LSB the
/// generator's number, in pieces above 99; then data entry, fine before coarse.
#ifndef KM_SYNTH_NRPN_PRIVATE_H
#define KM_SYNTH_NRPN_PRIVATE_H

#include "base/attributes.h"
#include "font/instrument.h"

#include <stdbool.h>
#include <stdint.h>

struct km_nrpn {
    float offsets[KM_GENERATORS_COUNT]; ///< What is added to each generator of the channel.
    bool has_offsets;                   ///< Any may differ from 0.
    bool was_set;                       ///< By data entry: the next LSB begins a new number.
    uint16_t selected;                  ///< Number of the generator.
};

/// No offsets, none selected.  [audio]
KM_RT void km_nrpn_reset(struct km_nrpn *nrpn);

/// The number begins anew (NRPN MSB).  [audio]
KM_RT void km_nrpn_begin(struct km_nrpn *nrpn);

/// A piece of the number (NRPN LSB): 0 to 99, or 100, 101, 102 for 100, 1,000, 10,000 more. [audio]
KM_RT void km_nrpn_select(struct km_nrpn *nrpn, uint8_t piece);

/// Offsets the selected generator; `value` is 0 to 16383, 8192 is none. Whether there is
/// one.  [audio]
KM_RT bool km_nrpn_set(struct km_nrpn *nrpn, uint32_t value);

#endif
