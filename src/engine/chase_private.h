// SPDX-License-Identifier: MIT

/// What the events of some music have set in a synth by now, and the events that bring a synth from
/// one such state to another: for a seek, and for a loop.
#ifndef KM_ENGINE_CHASE_PRIVATE_H
#define KM_ENGINE_CHASE_PRIVATE_H

#include "base/attributes.h"
#include "midi/event.h"

#include <stdbool.h>
#include <stdint.h>

enum {
    KM_CHASE_CONTROLLERS = 120, ///< Those above are messages.
    KM_CHASE_PARAMETERS = 4,    ///< Registered ones that synths know.
    KM_CHASE_PITCH_CLASSES = 12,
};

struct km_chase_channel {
    uint8_t controllers[KM_CHASE_CONTROLLERS]; ///< Bank select as well, for the next program.
    uint8_t key_pressures[KM_KEYS_COUNT];
    uint8_t scale[KM_CHASE_PITCH_CLASSES];      ///< As in KM_SYSEX_SCALE_TUNING.
    uint8_t parameters[KM_CHASE_PARAMETERS][2]; ///< Coarse and fine: CC 6 and 38.
    uint8_t bank, bank_fine;                    ///< Of the program.
    uint8_t program;
    uint8_t pressure;
    uint8_t drum_map; ///< As in KM_SYSEX_DRUM_PART.
    bool is_nrpn;     ///< What data entry sets: NRPN by CC 98 and 99, else RPN by 100 and 101.
    uint32_t bend;    ///< As in KM_EVENT_PITCH_BEND.
};

struct km_chase_state {
    uint8_t reset; ///< enum km_sysex of the last reset message, or 0.
    uint16_t master_volume;
    uint16_t master_fine;
    uint8_t master_coarse;
    struct km_chase_channel channels[KM_CHANNELS_COUNT];
};

/// As after power on.  [control]
void km_chase_init(struct km_chase_state *state);

/// Follows an event; SysEx as km_synth_sysex makes it.  [control]
void km_chase_event(struct km_chase_state *state, const struct km_event *event);

/// Makes the events from one state to another, one by one.
struct km_chase {
    const struct km_chase_state *from;
    const struct km_chase_state *to;
    uint32_t step;
};

/// The next event (of tick 0) of the way; false at its end. Pedals that are down are always among
/// them. If the resets differ, `from` must be as after power on.  [control]
bool km_chase_next(struct km_chase *chase, struct km_event *event);

#endif
