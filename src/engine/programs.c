// SPDX-License-Identifier: MIT

#include "engine/programs_private.h"

#include "synth/synth.h"

enum {
    BANK_SELECT = 0,
    BANK_SELECT_FINE = 32,
    DRUMS_BANK = 120, // CC 0 of GM 2 and XG.
    XG_DRUMS_BANK_FIRST = 126,
};

static void reset(struct km_program_state *state, uint8_t style)
{
    *state = (struct km_program_state){.style = style};
    state->channels[KM_CHANNEL_DRUMS].is_drums = true;
    state->channels[KM_CHANNEL_DRUMS].bank = KM_BANK_DRUMS;
}

void km_program_state_init(struct km_program_state *state)
{
    reset(state, KM_SYSEX_GS_RESET);
}

bool km_program_is_reset(const struct km_event *event)
{
    return event->type == KM_EVENT_SYSEX && event->number >= KM_SYSEX_GM_ON &&
           event->number <= KM_SYSEX_XG_ON;
}

static void select_bank(struct km_program_state *state, struct km_program_channel *channel,
                        const struct km_event *event)
{
    const bool is_coarse = event->number == BANK_SELECT;
    const bool is_xg = state->style == KM_SYSEX_XG_ON;
    if (state->style == KM_SYSEX_GM_ON) { // There is one bank.
        return;
    }
    if (!is_xg && state->style != KM_SYSEX_GM2_ON) {
        if (is_coarse && !channel->is_drums) {
            channel->wanted_bank = event->value;
        }
    } else if (is_coarse) {
        channel->is_drums =
            event->value == DRUMS_BANK || (is_xg && event->value >= XG_DRUMS_BANK_FIRST);
        channel->wanted_bank = 0;
    } else {
        channel->wanted_bank = event->value;
    }
}

void km_program_state_event(struct km_program_state *state, const struct km_event *event)
{
    struct km_program_channel *const channel = &state->channels[event->channel % KM_CHANNELS_COUNT];
    if (event->type == KM_EVENT_PROGRAM) {
        channel->program = event->number;
        channel->bank = channel->is_drums ? (uint16_t)KM_BANK_DRUMS : channel->wanted_bank;
    } else if (event->type == KM_EVENT_CONTROL &&
               (event->number == BANK_SELECT || event->number == BANK_SELECT_FINE)) {
        select_bank(state, channel, event);
    } else if (km_program_is_reset(event)) {
        reset(state, event->number);
    } else if (event->type == KM_EVENT_SYSEX && event->number == KM_SYSEX_DRUM_PART) {
        channel->is_drums = event->value > 0;
        channel->wanted_bank = 0;
        channel->bank = channel->is_drums ? (uint16_t)KM_BANK_DRUMS : 0;
    }
}
