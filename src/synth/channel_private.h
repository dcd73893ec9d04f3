// SPDX-License-Identifier: MIT

/// What a MIDI channel's messages have set.
///
/// What a message does to all of a channel's voices (pedals up, all notes off, exclusive classes)
/// is only noted here, as the number of the event: each voice compares it with its own when it is
/// next rendered. So an event costs the same however many voices sound.
#ifndef KM_SYNTH_CHANNEL_PRIVATE_H
#define KM_SYNTH_CHANNEL_PRIVATE_H

#include "base/attributes.h"
#include "midi/event.h"
#include "synth/nrpn_private.h"

#include <stdbool.h>
#include <stdint.h>

enum km_controller {
    KM_CC_BANK = 0,
    KM_CC_MODULATION = 1,
    KM_CC_PORTAMENTO_TIME = 5,
    KM_CC_DATA = 6,
    KM_CC_VOLUME = 7,
    KM_CC_BALANCE = 8,
    KM_CC_PAN = 10,
    KM_CC_EXPRESSION = 11,
    KM_CC_BANK_FINE = 32,
    KM_CC_DATA_FINE = 38,
    KM_CC_SUSTAIN = 64,
    KM_CC_PORTAMENTO = 65,
    KM_CC_SOSTENUTO = 66,
    KM_CC_SOFT = 67,
    KM_CC_SOUND_FIRST = 70,
    KM_CC_SOUND_LAST = 79,
    KM_CC_PORTAMENTO_KEY = 84,
    KM_CC_REVERB = 91,
    KM_CC_CHORUS = 93,
    KM_CC_EFFECTS_LAST = 95,
    KM_CC_DATA_UP = 96,
    KM_CC_DATA_DOWN = 97,
    KM_CC_NRPN_FINE = 98,
    KM_CC_NRPN = 99,
    KM_CC_RPN_FINE = 100,
    KM_CC_RPN = 101,
    KM_CC_SOUND_OFF = 120,
    KM_CC_RESET = 121,
    KM_CC_NOTES_OFF = 123,
    KM_CC_OMNI_OFF = 124,
    KM_CC_OMNI_ON = 125,
    KM_CC_MONO = 126,
    KM_CC_POLY = 127,
};

enum { KM_PEDAL_DOWN = 64, KM_KEY_NONE = 255 };

/// What happens to those of a channel's voices that are older than an event, at a frame of the
/// next quantum.
struct km_channel_order {
    uint64_t before;
    uint32_t offset;
};

struct km_instrument;

struct km_channel {
    const struct km_instrument *instrument; ///< Null: none, not even one to stand in.
    bool is_missing;                        ///< None has just its bank and program.
    uint32_t dirty;                         ///< Sources that changed since the last quantum.
    bool has_orders;                        ///< Any of those below is new.
    bool is_drum_part;                      ///< The next program is a drum kit.
    uint8_t program;
    uint8_t pressure;
    uint16_t bank;                     ///< Of the program that plays; KM_BANK_DRUMS for kits.
    uint16_t wanted_bank;              ///< Of the next program, if it is no kit.
    struct km_channel_order silence;   ///< All sound off.
    struct km_channel_order notes_off; ///< Keys up, the pedal being up.
    struct km_channel_order keys_up;   ///< Keys up, the pedal being down.
    struct km_channel_order damp;      ///< Sustain pedal up.
    struct km_channel_order undo;      ///< Sostenuto pedal up, the sustain pedal being up.
    struct km_channel_order hand_over; ///< Sostenuto pedal up, the sustain pedal being down.
    uint64_t sostenuto_since;          ///< 0: the pedal is up.
    float bend;                        ///< 0 to 1, .5 is none.
    float bend_range;                  ///< Semitones.
    float fine_cents;
    float coarse_cents;
    float depth_scale;  ///< Of CC 1 on vibrato; 1 for 50 cents.
    uint16_t parameter; ///< Number of the RPN or NRPN that data entry sets.
    bool is_nrpn;
    struct km_nrpn nrpn;
    uint8_t last_key;       ///< That portamento glides from; KM_KEY_NONE at first.
    uint8_t portamento_key; ///< From CC 84, for the next note; or KM_KEY_NONE.
    int16_t fine_setting;   ///< RPN 1, -8192 to 8191.
    uint16_t bend_setting;  ///< RPN 0, in cents.
    uint16_t depth_setting; ///< RPN 5, MSB and LSB.
    float scale_cents[12];  ///< By pitch class.
    uint8_t controllers[128];
    uint8_t key_pressures[KM_KEYS_COUNT];
    struct km_channel_order exclusive[128]; ///< By exclusive class.
    uint16_t keys[KM_KEYS_COUNT];           ///< First voice that the key or a pedal holds.
};

/// Ways to read bank select.
enum km_bank_style {
    KM_BANK_GS,  ///< CC 0 is the bank.
    KM_BANK_GM,  ///< There is one bank.
    KM_BANK_XG,  ///< CC 0 chooses drums, CC 32 is the bank.
    KM_BANK_GM2, ///< CC 0 120 chooses drums, 121 melodic sounds, CC 32 is the bank.
};

/// As after power on; `keys` stay. The instrument is to be looked up.  [audio]
KM_RT void km_channel_reset(struct km_channel *channel, bool is_drum_part);

/// RP-015.  [audio]
KM_RT void km_channel_reset_controllers(struct km_channel *channel);

/// A controller that only sets something in the channel: all but those that end notes.  [audio]
KM_RT void km_channel_control(struct km_channel *channel, enum km_bank_style style,
                              const struct km_event *event);

/// [audio]
KM_RT static inline bool km_channel_is_sustained(const struct km_channel *channel)
{
    return channel->controllers[KM_CC_SUSTAIN] >= KM_PEDAL_DOWN;
}

#endif
