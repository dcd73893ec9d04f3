// SPDX-License-Identifier: MIT

/// Which bank and program each channel of some music plays: the rules of the synth (GS, GM, GM 2
/// and XG bank select, drum channels, resets), on Side B, so that instruments are there in time.
#ifndef KM_ENGINE_PROGRAMS_PRIVATE_H
#define KM_ENGINE_PROGRAMS_PRIVATE_H

#include "base/attributes.h"
#include "midi/event.h"

#include <stdbool.h>
#include <stdint.h>

struct km_program_channel {
    bool is_drums; ///< The next program is a drum kit.
    uint8_t program;
    uint16_t bank;        ///< Of the program: what notes play.
    uint16_t wanted_bank; ///< Of the next program.
};

struct km_program_state {
    uint8_t style; ///< enum km_sysex of the last reset; KM_SYSEX_GS_RESET at first.
    struct km_program_channel channels[KM_CHANNELS_COUNT];
};

/// As after power on.  [control]
void km_program_state_init(struct km_program_state *state);

/// Follows an event; SysEx as km_synth_sysex makes it.  [control]
void km_program_state_event(struct km_program_state *state, const struct km_event *event);

/// Whether the message puts all channels back.  [control]
bool km_program_is_reset(const struct km_event *event);

#endif
