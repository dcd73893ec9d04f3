// SPDX-License-Identifier: MIT

#include "engine/chase_private.h"

#include "engine/programs_private.h"
#include "synth/synth.h"

#include <string.h>

enum {
    CC_BANK = 0,
    CC_DATA = 6,
    CC_VOLUME = 7,
    CC_BALANCE = 8,
    CC_PAN = 10,
    CC_EXPRESSION = 11,
    CC_BANK_FINE = 32,
    CC_DATA_FINE = 38,
    CC_PEDAL_FIRST = 64,
    CC_PEDAL_LAST = 69,
    CC_SOUND_FIRST = 70,
    CC_SOUND_LAST = 79,
    CC_PORTAMENTO_KEY = 84, // Of the next note only.
    CC_DATA_UP = 96,
    CC_DATA_DOWN = 97,
    CC_NRPN_FINE = 98,
    CC_NRPN = 99,
    CC_RPN_FINE = 100,
    CC_RPN = 101,
    CC_RESET = 121,
    RPN_NONE = 127,
    CENTRE = 64,
};

// RPN numbers, with what they are after power on: bend range, fine and coarse tuning, depth.
static const uint8_t parameter_numbers[KM_CHASE_PARAMETERS] = {0, 1, 2, 5};
static const uint8_t parameter_defaults[KM_CHASE_PARAMETERS][2] = {
    {2, 0}, {CENTRE, 0}, {CENTRE, 0}, {0, 64}};

// RP-015: what Reset All Controllers puts back.
static void reset_controllers(struct km_chase_channel *channel)
{
    channel->controllers[1] = 0;
    channel->controllers[CC_EXPRESSION] = 127;
    memset(&channel->controllers[CC_PEDAL_FIRST], 0, 4);
    memset(&channel->controllers[CC_NRPN_FINE], RPN_NONE, 4);
    memset(channel->key_pressures, 0, sizeof(channel->key_pressures));
    channel->pressure = 0;
    channel->is_nrpn = false;
    channel->bend = KM_PITCH_BEND_NONE;
}

static void init_channel(struct km_chase_channel *channel, bool is_drums)
{
    *channel = (struct km_chase_channel){.drum_map = is_drums};
    channel->controllers[CC_VOLUME] = 100;
    channel->controllers[CC_BALANCE] = CENTRE;
    channel->controllers[CC_PAN] = CENTRE;
    memset(&channel->controllers[CC_SOUND_FIRST], CENTRE, CC_SOUND_LAST - CC_SOUND_FIRST + 1);
    memset(channel->scale, CENTRE, sizeof(channel->scale));
    memcpy(channel->parameters, parameter_defaults, sizeof(parameter_defaults));
    reset_controllers(channel);
}

void km_chase_init(struct km_chase_state *state)
{
    *state = (struct km_chase_state){
        .master_volume = 0x3FFF, .master_fine = 0x2000, .master_coarse = CENTRE};
    for (uint32_t i = 0; i < KM_CHANNELS_COUNT; ++i) {
        init_channel(&state->channels[i], i == KM_CHANNEL_DRUMS);
    }
}

// The registered parameter that data entry sets now, or null.
static uint8_t *selected(struct km_chase_channel *channel)
{
    if (channel->is_nrpn || channel->controllers[CC_RPN] != 0) {
        return NULL;
    }
    for (uint32_t i = 0; i < KM_CHASE_PARAMETERS; ++i) {
        if (parameter_numbers[i] == channel->controllers[CC_RPN_FINE]) {
            return channel->parameters[i];
        }
    }
    return NULL;
}

static void enter_data(struct km_chase_channel *channel, const struct km_event *event)
{
    uint8_t *const parameter = selected(channel);
    if (!parameter) {
        return;
    }
    if (event->number == CC_DATA) {
        parameter[0] = event->value;
        parameter[1] = 0;
    } else if (event->number == CC_DATA_FINE) {
        parameter[1] = event->value;
    } else { // RP-018; whole semitones of the coarse tuning, else the finest step.
        const bool is_coarse = parameter == channel->parameters[2];
        const int step = event->number == CC_DATA_UP ? 1 : -1;
        int value = parameter[0] << 7 | parameter[1];
        value += is_coarse ? step * 128 : step;
        value = value < 0 ? 0 : value > 0x3FFF ? 0x3FFF : value;
        parameter[0] = (uint8_t)(value >> 7);
        parameter[1] = (uint8_t)(value & 0x7F);
    }
}

static void control(struct km_chase_channel *channel, const struct km_event *event)
{
    switch (event->number) {
    case CC_DATA:
    case CC_DATA_FINE:
    case CC_DATA_UP:
    case CC_DATA_DOWN:
        enter_data(channel, event);
        break;
    case CC_NRPN_FINE:
    case CC_NRPN:
    case CC_RPN_FINE:
    case CC_RPN:
        channel->is_nrpn = event->number <= CC_NRPN;
        channel->controllers[event->number] = event->value;
        break;
    case CC_RESET:
        reset_controllers(channel);
        break;
    default:
        if (event->number < KM_CHASE_CONTROLLERS) {
            channel->controllers[event->number] = event->value;
        }
        break;
    }
}

static void system_message(struct km_chase_state *state, struct km_chase_channel *channel,
                           const struct km_event *event)
{
    switch (event->number) {
    case KM_SYSEX_MASTER_VOLUME:
        state->master_volume = (uint16_t)(event->detail & 0x3FFFU);
        break;
    case KM_SYSEX_MASTER_FINE_TUNING:
        state->master_fine = (uint16_t)(event->detail & 0x3FFFU);
        break;
    case KM_SYSEX_MASTER_COARSE_TUNING:
        state->master_coarse = event->value;
        break;
    case KM_SYSEX_DRUM_PART:
        channel->drum_map = event->value;
        channel->bank = channel->controllers[CC_BANK] = 0;
        channel->bank_fine = channel->controllers[CC_BANK_FINE] = 0;
        break;
    case KM_SYSEX_SCALE_TUNING:
        channel->scale[event->value % KM_CHASE_PITCH_CLASSES] = (uint8_t)(event->detail & 0x7FU);
        break;
    default:
        if (km_program_is_reset(event)) {
            km_chase_init(state);
            state->reset = event->number;
        }
        break;
    }
}

void km_chase_event(struct km_chase_state *state, const struct km_event *event)
{
    struct km_chase_channel *const channel = &state->channels[event->channel % KM_CHANNELS_COUNT];
    switch (event->type) {
    case KM_EVENT_CONTROL:
        control(channel, event);
        break;
    case KM_EVENT_PROGRAM:
        channel->program = event->number;
        channel->bank = channel->controllers[CC_BANK];
        channel->bank_fine = channel->controllers[CC_BANK_FINE];
        break;
    case KM_EVENT_PITCH_BEND:
        channel->bend = event->detail;
        break;
    case KM_EVENT_CHANNEL_PRESSURE:
        channel->pressure = event->value;
        break;
    case KM_EVENT_KEY_PRESSURE:
        channel->key_pressures[event->number % KM_KEYS_COUNT] = event->value;
        break;
    case KM_EVENT_SYSEX:
        system_message(state, channel, event);
        break;
    default:
        break;
    }
}

// The steps of the way: first those of the whole synth, then of each channel in turn.
enum {
    STEP_RESET,
    STEP_VOLUME,
    STEP_FINE,
    STEP_COARSE,
    STEPS_GLOBAL,
};

enum {
    AT_DRUMS,
    AT_SCALE,
    AT_PROGRAM = AT_SCALE + KM_CHASE_PITCH_CLASSES, // Bank, fine, program, the next one's bank.
    PROGRAM_STEPS = 5,
    AT_CONTROLLERS = AT_PROGRAM + PROGRAM_STEPS,
    AT_PARAMETERS = AT_CONTROLLERS + KM_CHASE_CONTROLLERS, // RPN, and its two halves, each.
    PARAMETER_STEPS = 4,
    AT_SELECTION = AT_PARAMETERS + KM_CHASE_PARAMETERS * PARAMETER_STEPS,
    SELECTION_STEPS = 2,
    AT_BEND = AT_SELECTION + SELECTION_STEPS,
    AT_PRESSURE,
    AT_KEY_PRESSURES,
    STEPS_CHANNEL = AT_KEY_PRESSURES + KM_KEYS_COUNT,
};

static bool fill_control(struct km_event *event, uint32_t number, uint8_t value)
{
    event->type = KM_EVENT_CONTROL;
    event->number = (uint8_t)number;
    event->value = value;
    return true;
}

static bool step_global(const struct km_chase_state *from, const struct km_chase_state *to,
                        uint32_t step, struct km_event *event)
{
    event->type = KM_EVENT_SYSEX;
    switch (step) {
    case STEP_RESET:
        event->number = to->reset;
        return to->reset != from->reset;
    case STEP_VOLUME:
        event->number = KM_SYSEX_MASTER_VOLUME;
        event->detail = to->master_volume;
        return to->master_volume != from->master_volume;
    case STEP_FINE:
        event->number = KM_SYSEX_MASTER_FINE_TUNING;
        event->detail = to->master_fine;
        return to->master_fine != from->master_fine;
    default:
        event->number = KM_SYSEX_MASTER_COARSE_TUNING;
        event->value = to->master_coarse;
        return to->master_coarse != from->master_coarse;
    }
}

static bool step_program(const struct km_chase_channel *from, const struct km_chase_channel *to,
                         uint32_t step, struct km_event *event)
{
    const bool is_same = from->program == to->program && from->bank == to->bank &&
                         from->bank_fine == to->bank_fine && from->drum_map == to->drum_map &&
                         from->controllers[CC_BANK] == to->controllers[CC_BANK] &&
                         from->controllers[CC_BANK_FINE] == to->controllers[CC_BANK_FINE];
    if (is_same) {
        return false;
    }
    switch (step) {
    case 0:
        return fill_control(event, CC_BANK, to->bank);
    case 1:
        return fill_control(event, CC_BANK_FINE, to->bank_fine);
    case 2:
        event->type = KM_EVENT_PROGRAM;
        event->number = to->program;
        return true;
    case 3:
        return fill_control(event, CC_BANK, to->controllers[CC_BANK]);
    default:
        return fill_control(event, CC_BANK_FINE, to->controllers[CC_BANK_FINE]);
    }
}

static bool step_control(const struct km_chase_channel *from, const struct km_chase_channel *to,
                         uint32_t number, struct km_event *event)
{
    const bool is_elsewhere = number == CC_BANK || number == CC_BANK_FINE || number == CC_DATA ||
                              number == CC_DATA_FINE || number == CC_PORTAMENTO_KEY ||
                              (number >= CC_DATA_UP && number <= CC_RPN);
    const bool is_pedal = number >= CC_PEDAL_FIRST && number <= CC_PEDAL_LAST;
    const uint8_t value = to->controllers[number];
    const bool is_same = from->controllers[number] == value;
    return !is_elsewhere && (!is_same || (is_pedal && value > 0)) &&
           fill_control(event, number, value);
}

static bool step_parameter(const struct km_chase_channel *from, const struct km_chase_channel *to,
                           uint32_t step, struct km_event *event)
{
    const uint32_t index = step / PARAMETER_STEPS;
    const uint8_t *const value = to->parameters[index];
    if (memcmp(value, from->parameters[index], 2) == 0) {
        return false;
    }
    switch (step % PARAMETER_STEPS) {
    case 0:
        return fill_control(event, CC_RPN, 0);
    case 1:
        return fill_control(event, CC_RPN_FINE, parameter_numbers[index]);
    case 2:
        return fill_control(event, CC_DATA, value[0]);
    default:
        return fill_control(event, CC_DATA_FINE, value[1]);
    }
}

// What is selected is restored always: what comes before may have changed it.
static bool step_selection(const struct km_chase_channel *to, uint32_t step, struct km_event *event)
{
    const uint32_t first = to->is_nrpn ? CC_NRPN_FINE : CC_RPN_FINE;
    return fill_control(event, first + step, to->controllers[first + step]);
}

static bool step_channel(const struct km_chase_channel *from, const struct km_chase_channel *to,
                         uint32_t step, struct km_event *event)
{
    if (step >= AT_KEY_PRESSURES) {
        const uint32_t key = step - AT_KEY_PRESSURES;
        event->type = KM_EVENT_KEY_PRESSURE;
        event->number = (uint8_t)key;
        event->value = to->key_pressures[key];
        return to->key_pressures[key] != from->key_pressures[key];
    }
    if (step >= AT_PRESSURE) {
        event->type = KM_EVENT_CHANNEL_PRESSURE;
        event->value = to->pressure;
        return to->pressure != from->pressure;
    }
    if (step >= AT_BEND) {
        event->type = KM_EVENT_PITCH_BEND;
        event->detail = to->bend;
        return to->bend != from->bend;
    }
    if (step >= AT_SELECTION) {
        return step_selection(to, step - AT_SELECTION, event);
    }
    if (step >= AT_PARAMETERS) {
        return step_parameter(from, to, step - AT_PARAMETERS, event);
    }
    if (step >= AT_CONTROLLERS) {
        return step_control(from, to, step - AT_CONTROLLERS, event);
    }
    if (step >= AT_PROGRAM) {
        return step_program(from, to, step - AT_PROGRAM, event);
    }
    event->type = KM_EVENT_SYSEX;
    if (step >= AT_SCALE) {
        event->number = KM_SYSEX_SCALE_TUNING;
        event->value = (uint8_t)(step - AT_SCALE);
        event->detail = to->scale[step - AT_SCALE];
        return to->scale[step - AT_SCALE] != from->scale[step - AT_SCALE];
    }
    event->number = KM_SYSEX_DRUM_PART;
    event->value = to->drum_map;
    return to->drum_map != from->drum_map;
}

static bool fill_step(const struct km_chase *chase, uint32_t step, struct km_event *event)
{
    *event = (struct km_event){0};
    if (step < STEPS_GLOBAL) {
        return step_global(chase->from, chase->to, step, event);
    }
    const uint32_t channel = (step - STEPS_GLOBAL) / STEPS_CHANNEL;
    event->channel = (uint8_t)channel;
    return step_channel(&chase->from->channels[channel], &chase->to->channels[channel],
                        (step - STEPS_GLOBAL) % STEPS_CHANNEL, event);
}

bool km_chase_next(struct km_chase *chase, struct km_event *event)
{
    const uint32_t end = STEPS_GLOBAL + KM_CHANNELS_COUNT * STEPS_CHANNEL;
    bool is_filled = false;
    while (!is_filled && chase->step < end) {
        is_filled = fill_step(chase, chase->step++, event);
    }
    return is_filled;
}
