// SPDX-License-Identifier: MIT

#include "midi/edit_state_private.h"

#include "base/check.h"

#include <string.h>

enum {
    CC_BANK = 0,
    CC_DATA = 6,
    CC_BANK_LOW = 32,
    CC_DATA_LOW = 38,
    CC_DATA_UP = 96,
    CC_PARAMETER_LOW = 100,
    CC_PARAMETER = 101,
    CC_MODES = 120, // This and above are no controllers.
    CC_RESET = 121,
    PARAMETER_NONE = 127,
    PARAMETER_BEND_RANGE = 0,
};

void km_midi_state_clear(struct km_midi_channel_state *state)
{
    memset(state, 0, sizeof(*state));
    for (size_t i = 0; i < KM_CHANNELS_COUNT; ++i) {
        struct km_midi_one_channel *const channel = &state->channels[i];
        channel->program = KM_MIDI_STATE_NOT_SET;
        channel->pressure = KM_MIDI_STATE_NOT_SET;
        channel->bend = KM_MIDI_STATE_NOT_SET;
        channel->bend_range = KM_MIDI_STATE_NOT_SET;
        channel->parameter[0] = KM_MIDI_STATE_NOT_SET;
        channel->parameter[1] = KM_MIDI_STATE_NOT_SET;
        memset(channel->controls, 0xFF, sizeof(channel->controls)); // KM_MIDI_STATE_NOT_SET
    }
}

// Reset All Controllers leaves bank, volume, pan, effects and sounds alone (RP-015).
static bool survives_reset(size_t control)
{
    return control == CC_BANK || control == CC_BANK_LOW || control == 7 || control == 39 ||
           control == 10 || control == 42 || (control >= 70 && control <= 79) ||
           (control >= 91 && control <= 95);
}

static void reset_controls(struct km_midi_one_channel *channel)
{
    for (size_t i = 0; i < CC_MODES; ++i) {
        if (!survives_reset(i)) {
            channel->controls[i] = KM_MIDI_STATE_NOT_SET;
        }
    }
    channel->bend = KM_MIDI_STATE_NOT_SET;
    channel->pressure = KM_MIDI_STATE_NOT_SET;
}

static void note_control(struct km_midi_one_channel *channel, uint8_t control, uint8_t value)
{
    switch (control) {
    case CC_RESET:
        reset_controls(channel);
        break;
    case CC_PARAMETER:
        channel->parameter[0] = value;
        break;
    case CC_PARAMETER_LOW:
        channel->parameter[1] = value;
        break;
    case CC_DATA:
        if (channel->parameter[0] == 0 && channel->parameter[1] == PARAMETER_BEND_RANGE) {
            channel->bend_range = value;
        }
        break;
    default:
        break;
    }
    if (control < CC_MODES) {
        channel->controls[control] = value;
    }
}

static void note_off(struct km_midi_one_channel *channel, uint8_t key)
{
    channel->sounding[key] -= channel->sounding[key] > 0;
}

void km_midi_state_note(struct km_midi_channel_state *state, const struct km_event *event)
{
    KM_CHECK(event->channel < KM_CHANNELS_COUNT);
    struct km_midi_one_channel *const channel = &state->channels[event->channel];
    switch (event->type) {
    case KM_EVENT_NOTE_ON:
        ++channel->sounding[event->number];
        channel->velocity[event->number] = event->value;
        state->has_played = true;
        break;
    case KM_EVENT_NOTE_OFF:
        note_off(channel, event->number);
        break;
    case KM_EVENT_PROGRAM:
        channel->program = event->number;
        break;
    case KM_EVENT_CONTROL:
        note_control(channel, event->number, event->value);
        break;
    case KM_EVENT_PITCH_BEND:
        channel->bend = (int32_t)event->detail;
        break;
    case KM_EVENT_CHANNEL_PRESSURE:
        channel->pressure = event->value;
        break;
    default:
        break;
    }
}

bool km_midi_state_sounds(const struct km_midi_channel_state *state, const struct km_event *event)
{
    return event->type != KM_EVENT_NOTE_OFF ||
           state->channels[event->channel].sounding[event->number] > 0;
}

static enum km_status emit(struct km_midi_run *run, const struct km_event *event)
{
    ++run->report.added;
    return km_midi_run_emit(run, event, NULL);
}

static enum km_status emit_control(struct km_midi_run *run, uint8_t channel, uint8_t control,
                                   int16_t value)
{
    if (value == KM_MIDI_STATE_NOT_SET) {
        return KM_OK;
    }
    const struct km_event event = {
        .type = KM_EVENT_CONTROL, .channel = channel, .number = control, .value = (uint8_t)value};
    return emit(run, &event);
}

static enum km_status write_program(const struct km_midi_one_channel *state,
                                    struct km_midi_run *run, uint8_t channel)
{
    enum km_status status = emit_control(run, channel, CC_BANK, state->controls[CC_BANK]);
    if (status == KM_OK) {
        status = emit_control(run, channel, CC_BANK_LOW, state->controls[CC_BANK_LOW]);
    }
    if (status != KM_OK || state->program == KM_MIDI_STATE_NOT_SET) {
        return status;
    }
    const struct km_event event = {
        .type = KM_EVENT_PROGRAM, .channel = channel, .number = (uint8_t)state->program};
    return emit(run, &event);
}

// Chosen, set, and let go again, so that later data mean nothing by mistake.
static enum km_status write_bend_range(const struct km_midi_one_channel *state,
                                       struct km_midi_run *run, uint8_t channel)
{
    const struct {
        uint8_t control;
        int16_t value;
    } steps[] = {{CC_PARAMETER, 0},
                 {CC_PARAMETER_LOW, PARAMETER_BEND_RANGE},
                 {CC_DATA, state->bend_range},
                 {CC_PARAMETER, PARAMETER_NONE},
                 {CC_PARAMETER_LOW, PARAMETER_NONE}};
    enum km_status status = KM_OK;
    for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]) && status == KM_OK; ++i) {
        status = state->bend_range == KM_MIDI_STATE_NOT_SET
                     ? KM_OK
                     : emit_control(run, channel, steps[i].control, steps[i].value);
    }
    return status;
}

// Whether a controller is a state of its own: not a step of setting something else.
static bool is_plain_control(uint8_t control)
{
    return control != CC_BANK && control != CC_BANK_LOW && control != CC_DATA &&
           control != CC_DATA_LOW && (control < CC_DATA_UP || control > CC_PARAMETER);
}

static enum km_status write_bend_and_pressure(const struct km_midi_one_channel *state,
                                              struct km_midi_run *run, uint8_t channel)
{
    enum km_status status = KM_OK;
    if (state->bend != KM_MIDI_STATE_NOT_SET) {
        const struct km_event bend = {
            .type = KM_EVENT_PITCH_BEND, .channel = channel, .detail = (uint32_t)state->bend};
        status = emit(run, &bend);
    }
    if (status == KM_OK && state->pressure != KM_MIDI_STATE_NOT_SET) {
        const struct km_event pressure = {.type = KM_EVENT_CHANNEL_PRESSURE,
                                          .channel = channel,
                                          .value = (uint8_t)state->pressure};
        status = emit(run, &pressure);
    }
    return status;
}

static enum km_status write_channel(const struct km_midi_one_channel *state,
                                    struct km_midi_run *run, uint8_t channel)
{
    enum km_status status = write_program(state, run, channel);
    status = status == KM_OK ? write_bend_range(state, run, channel) : status;
    for (uint8_t i = 0; i < CC_MODES && status == KM_OK; ++i) {
        status = is_plain_control(i) ? emit_control(run, channel, i, state->controls[i]) : KM_OK;
    }
    return status == KM_OK ? write_bend_and_pressure(state, run, channel) : status;
}

enum km_status km_midi_state_write(const struct km_midi_channel_state *state,
                                   struct km_midi_run *run)
{
    enum km_status status = KM_OK;
    for (uint8_t i = 0; i < KM_CHANNELS_COUNT && status == KM_OK; ++i) {
        status = write_channel(&state->channels[i], run, i);
    }
    return status;
}

bool km_midi_state_takes(struct km_midi_channel_state *state, const struct km_event *event)
{
    if (event->type != KM_EVENT_NOTE_ON && event->type != KM_EVENT_NOTE_OFF) {
        return true;
    }
    struct km_midi_one_channel *const channel = &state->channels[event->channel];
    uint32_t *const fresh = &channel->fresh[event->number];
    uint32_t *const sounding = &channel->sounding[event->number];
    if (event->type == KM_EVENT_NOTE_ON) {
        ++*fresh;
        return true;
    }
    if (*sounding > 0) {
        --*sounding;
        return false;
    }
    if (*fresh == 0) {
        return false;
    }
    --*fresh;
    return true;
}

static enum km_status begin_key(struct km_midi_one_channel *channel, struct km_midi_run *run,
                                const struct km_event *event)
{
    enum km_status status = KM_OK;
    for (uint32_t i = 0; i < channel->sounding[event->number] && status == KM_OK; ++i) {
        status = emit(run, event);
    }
    channel->sounding[event->number] += channel->fresh[event->number];
    channel->fresh[event->number] = 0;
    return status;
}

enum km_status km_midi_state_begin_notes(struct km_midi_channel_state *state,
                                         struct km_midi_run *run)
{
    enum km_status status = KM_OK;
    for (unsigned i = 0; i < KM_CHANNELS_COUNT * KM_KEYS_COUNT && status == KM_OK; ++i) {
        struct km_midi_one_channel *const channel = &state->channels[i / KM_KEYS_COUNT];
        const struct km_event event = {.type = KM_EVENT_NOTE_ON,
                                       .channel = (uint8_t)(i / KM_KEYS_COUNT),
                                       .number = (uint8_t)(i % KM_KEYS_COUNT),
                                       .value = channel->velocity[i % KM_KEYS_COUNT]};
        status = begin_key(channel, run, &event);
    }
    return status;
}

static enum km_status end_key(uint32_t *sounding, struct km_midi_run *run,
                              const struct km_event *event)
{
    enum km_status status = KM_OK;
    for (; *sounding > 0 && status == KM_OK; --*sounding) {
        status = emit(run, event);
    }
    return status;
}

enum km_status km_midi_state_end_notes(struct km_midi_channel_state *state, struct km_midi_run *run,
                                       uint64_t tick)
{
    enum km_status status = KM_OK;
    for (unsigned i = 0; i < KM_CHANNELS_COUNT * KM_KEYS_COUNT && status == KM_OK; ++i) {
        struct km_event event = {.tick = tick,
                                 .type = KM_EVENT_NOTE_OFF,
                                 .channel = (uint8_t)(i / KM_KEYS_COUNT),
                                 .number = (uint8_t)(i % KM_KEYS_COUNT),
                                 .value = KM_RELEASE_VELOCITY};
        status = end_key(&state->channels[event.channel].sounding[event.number], run, &event);
    }
    return status;
}
