// SPDX-License-Identifier: MIT
// Events act on channels; notes are begun and ended in notes.c.

#include "synth/synth_private.h"

#include "base/check.h"
#include "midi/resolution.h"

#include <string.h>

// Sources of SFModulators that are no controllers.
enum { SOURCE_KEY_PRESSURE = 10, SOURCE_CHANNEL_PRESSURE = 13, SOURCE_BEND = 14 };

// The program itself, or what may stand in for it: the same program of bank 0, the first kit, the
// first program.
void km_synth_select(struct km_synth *synth, struct km_channel *channel)
{
    const struct km_programs *const programs = &synth->programs;
    const uint16_t fallback = channel->bank == KM_BANK_DRUMS ? KM_BANK_DRUMS : 0;
    channel->instrument = km_programs_get(programs, channel->bank, channel->program);
    channel->is_missing = !channel->instrument;
    if (!channel->instrument && channel->bank != fallback) {
        channel->instrument = km_programs_get(programs, fallback, channel->program);
    }
    if (!channel->instrument) {
        channel->instrument = km_programs_get(programs, fallback, 0);
    }
}

static void set_order(struct km_synth *synth, struct km_channel *channel,
                      struct km_channel_order *order, uint32_t offset)
{
    *order = (struct km_channel_order){synth->event_number, offset};
    channel->has_orders = true;
}

static void all_notes_off(struct km_synth *synth, struct km_channel *channel, uint32_t offset)
{
    set_order(synth, channel,
              km_channel_is_sustained(channel) ? &channel->keys_up : &channel->notes_off, offset);
}

static void pedals_up(struct km_synth *synth, struct km_channel *channel, uint32_t offset)
{
    channel->controllers[KM_CC_SUSTAIN] = 0;
    channel->controllers[KM_CC_SOSTENUTO] = 0;
    channel->sostenuto_since = 0;
    set_order(synth, channel, &channel->damp, offset);
    set_order(synth, channel, &channel->undo, offset);
}

static void move_sustain(struct km_synth *synth, struct km_channel *channel, uint8_t before,
                         uint32_t offset)
{
    if (before >= KM_PEDAL_DOWN && !km_channel_is_sustained(channel)) {
        set_order(synth, channel, &channel->damp, offset);
    }
}

static void move_sostenuto(struct km_synth *synth, struct km_channel *channel, uint8_t value,
                           uint32_t offset)
{
    if (value >= KM_PEDAL_DOWN) {
        if (channel->sostenuto_since == 0) {
            channel->sostenuto_since = synth->event_number;
        }
    } else if (channel->sostenuto_since > 0) {
        channel->sostenuto_since = 0;
        set_order(synth, channel,
                  km_channel_is_sustained(channel) ? &channel->hand_over : &channel->undo, offset);
    }
}

static void control(struct km_synth *synth, const struct km_event *event, uint32_t offset)
{
    struct km_channel *const channel = &synth->channels[event->channel];
    const uint8_t before = channel->controllers[event->number];
    if (event->number < KM_CC_SOUND_OFF) {
        km_channel_control(channel, synth->bank_style, event);
    }
    switch (event->number) {
    case KM_CC_SUSTAIN:
        move_sustain(synth, channel, before, offset);
        break;
    case KM_CC_SOSTENUTO:
        move_sostenuto(synth, channel, event->value, offset);
        break;
    case KM_CC_SOUND_OFF:
        set_order(synth, channel, &channel->silence, offset);
        break;
    case KM_CC_RESET:
        pedals_up(synth, channel, offset);
        km_channel_reset_controllers(channel);
        break;
    case KM_CC_NOTES_OFF:
    case KM_CC_OMNI_OFF:
    case KM_CC_OMNI_ON:
    case KM_CC_MONO:
    case KM_CC_POLY:
        all_notes_off(synth, channel, offset);
        break;
    default:
        break;
    }
}

static void change_program(struct km_synth *synth, const struct km_event *event)
{
    struct km_channel *const channel = &synth->channels[event->channel];
    channel->program = event->number;
    channel->bank = channel->is_drum_part ? KM_BANK_DRUMS : channel->wanted_bank;
    km_synth_select(synth, channel);
}

static void all_dirty(struct km_synth *synth)
{
    for (uint32_t i = 0; i < KM_CHANNELS_COUNT; ++i) {
        synth->channels[i].dirty = KM_SOURCE_ALL;
    }
}

void km_synth_reset(struct km_synth *synth, enum km_bank_style style)
{
    synth->bank_style = style;
    synth->master_gain = 1.0f;
    synth->master_fine_cents = 0.0f;
    synth->master_coarse_cents = 0.0f;
    for (uint32_t i = 0; i < KM_CHANNELS_COUNT; ++i) {
        km_channel_reset(&synth->channels[i], i == KM_CHANNEL_DRUMS);
        km_synth_select(synth, &synth->channels[i]);
    }
}

static void reset_by_message(struct km_synth *synth, enum km_bank_style style, uint32_t offset)
{
    for (uint32_t i = 0; i < KM_CHANNELS_COUNT; ++i) {
        set_order(synth, &synth->channels[i], &synth->channels[i].silence, offset);
    }
    km_synth_reset(synth, style);
}

static void set_drum_part(struct km_synth *synth, const struct km_event *event)
{
    struct km_channel *const channel = &synth->channels[event->channel];
    channel->is_drum_part = event->value > 0;
    channel->wanted_bank = 0;
    channel->bank = channel->is_drum_part ? KM_BANK_DRUMS : 0;
    km_synth_select(synth, channel);
}

// GM 2: the square of the value, so that decibels are spread as on a mixer.
static float master_gain_of(uint32_t setting)
{
    const float share = (float)(setting & 0x3FFF) * (1.0f / 16383.0f);
    return share * share;
}

static void system_message(struct km_synth *synth, const struct km_event *event, uint32_t offset)
{
    switch (event->number) {
    case KM_SYSEX_GM_ON:
        reset_by_message(synth, KM_BANK_GM, offset);
        break;
    case KM_SYSEX_GM2_ON:
        reset_by_message(synth, KM_BANK_GM2, offset);
        break;
    case KM_SYSEX_GM_OFF:
    case KM_SYSEX_GS_RESET:
        reset_by_message(synth, KM_BANK_GS, offset);
        break;
    case KM_SYSEX_XG_ON:
        reset_by_message(synth, KM_BANK_XG, offset);
        break;
    case KM_SYSEX_MASTER_VOLUME:
        synth->master_gain = master_gain_of(event->detail);
        all_dirty(synth);
        break;
    case KM_SYSEX_MASTER_FINE_TUNING:
        synth->master_fine_cents = ((float)(event->detail & 0x3FFF) - 8192.0f) * (100.0f / 8192.0f);
        all_dirty(synth);
        break;
    case KM_SYSEX_MASTER_COARSE_TUNING:
        synth->master_coarse_cents = ((float)(event->value & 0x7F) - 64.0f) * 100.0f;
        all_dirty(synth);
        break;
    case KM_SYSEX_DRUM_PART:
        set_drum_part(synth, event);
        break;
    case KM_SYSEX_SCALE_TUNING:
        synth->channels[event->channel].scale_cents[event->value % 12] =
            (float)(event->detail & 0x7F) - 64.0f;
        synth->channels[event->channel].dirty |= KM_SOURCE_TUNING;
        break;
    default:
        break;
    }
}

// 0 to 1. A bend of MIDI 1.0 is what its 14 bits say, as players have always read it; scaled up by
// MIDI 2.0's rule it would be a little further from the middle.
static float bend_of(const struct km_event *event)
{
    if (event->detail >> 14 == 0) {
        return (float)event->detail * (1.0f / 16384.0f);
    }
    return (float)(km_event_bend32(event) >> 8) * (1.0f / 16777216.0f);
}

static bool is_for_channel(const struct km_event *event)
{
    return event->channel < KM_CHANNELS_COUNT && event->number < KM_KEYS_COUNT &&
           event->value < 128;
}

void km_synth_event(struct km_synth *synth, const struct km_event *event, uint32_t offset)
{
    KM_CHECK(offset < KM_QUANTUM_FRAMES);
    if (!is_for_channel(event)) {
        return; // From outside, but no MIDI message says so: it does nothing.
    }
    ++synth->event_number;
    struct km_channel *const channel = &synth->channels[event->channel];
    switch (event->type) {
    case KM_EVENT_NOTE_ON:
        if (event->value > 0) {
            km_synth_note_on(synth, event, offset);
        } else {
            km_synth_note_off(synth, event, offset);
        }
        break;
    case KM_EVENT_NOTE_OFF:
        km_synth_note_off(synth, event, offset);
        break;
    case KM_EVENT_CONTROL:
        control(synth, event, offset);
        break;
    case KM_EVENT_PROGRAM:
        change_program(synth, event);
        break;
    case KM_EVENT_PITCH_BEND:
        channel->bend = bend_of(event);
        channel->dirty |= km_source_bit(SOURCE_BEND);
        break;
    case KM_EVENT_CHANNEL_PRESSURE:
        channel->pressure = event->value;
        channel->dirty |= km_source_bit(SOURCE_CHANNEL_PRESSURE);
        break;
    case KM_EVENT_KEY_PRESSURE:
        channel->key_pressures[event->number] = event->value;
        channel->dirty |= km_source_bit(SOURCE_KEY_PRESSURE);
        break;
    case KM_EVENT_SYSEX:
        system_message(synth, event, offset);
        break;
    default:
        break;
    }
}
