// SPDX-License-Identifier: MIT

#include "synth/channel_private.h"

#include "midi/resolution.h"
#include "synth/synth.h"
#include "synth/voice_private.h"

#include <string.h>

// Registered parameters (MIDI 1.0, RP-018 and GM 2).
enum { RPN_BEND_RANGE = 0, RPN_FINE = 1, RPN_COARSE = 2, RPN_DEPTH = 5, RPN_NONE = 0x3FFF };

enum { NRPN_SOUNDFONT = 120 }; // MSB.

enum {
    SOURCE_CHANNEL_PRESSURE = 13,
    SOURCE_BEND = 14,
    SOURCE_BEND_RANGE = 16,
    FINE_CENTRE = 8192,
    COARSE_CENTRE = 64,
    BEND_RANGE_DEFAULT = 200, // Cents.
    BEND_RANGE_MAX = 12700,
    DEPTH_DEFAULT = 64, // Of 128 steps a semitone: 50 cents.
};

static void apply_settings(struct km_channel *channel)
{
    channel->bend_range = (float)channel->bend_setting / 100.0f;
    channel->fine_cents = (float)channel->fine_setting * (100.0f / (float)FINE_CENTRE);
    channel->depth_scale = (float)channel->depth_setting * (1.0f / (float)DEPTH_DEFAULT);
    channel->dirty |=
        KM_SOURCE_TUNING | km_source_bit(SOURCE_BEND_RANGE) | km_source_bit(KM_CC_MODULATION);
}

void km_channel_reset_controllers(struct km_channel *channel)
{
    static const uint8_t zeros[] = {KM_CC_MODULATION, KM_CC_SUSTAIN, KM_CC_PORTAMENTO,
                                    KM_CC_SOSTENUTO, KM_CC_SOFT};
    for (uint32_t i = 0; i < sizeof(zeros); ++i) {
        channel->controllers[zeros[i]] = 0;
    }
    channel->controllers[KM_CC_EXPRESSION] = 127;
    memset(channel->key_pressures, 0, sizeof(channel->key_pressures));
    channel->pressure = 0;
    channel->bend = 0.5f;
    channel->parameter = RPN_NONE;
    channel->is_nrpn = false;
    km_nrpn_reset(&channel->nrpn);
    channel->portamento_key = KM_KEY_NONE;
    channel->dirty = UINT32_MAX;
}

void km_channel_reset(struct km_channel *channel, bool is_drum_part)
{
    memset(channel->controllers, 0, sizeof(channel->controllers));
    memset(&channel->controllers[KM_CC_SOUND_FIRST], 64, KM_CC_SOUND_LAST - KM_CC_SOUND_FIRST + 1);
    channel->controllers[KM_CC_VOLUME] = 100;
    channel->controllers[KM_CC_BALANCE] = 64;
    channel->controllers[KM_CC_PAN] = 64;
    memset(channel->scale_cents, 0, sizeof(channel->scale_cents));
    channel->is_drum_part = is_drum_part;
    channel->program = 0;
    channel->wanted_bank = 0;
    channel->bank = is_drum_part ? KM_BANK_DRUMS : 0;
    channel->coarse_cents = 0.0f;
    channel->fine_setting = 0;
    channel->bend_setting = BEND_RANGE_DEFAULT;
    channel->depth_setting = DEPTH_DEFAULT;
    channel->last_key = KM_KEY_NONE;
    channel->sostenuto_since = 0;
    km_channel_reset_controllers(channel);
    apply_settings(channel);
}

static uint16_t held(int32_t value, int32_t high)
{
    return (uint16_t)(value < 0 ? 0 : value > high ? high : value);
}

// Data entry: coarse (CC 6) or fine (CC 38). Coarse alone leaves fine at 0, as most senders mean.
static void set_parameter(struct km_channel *channel, uint8_t value, bool is_fine)
{
    const int32_t fine = channel->fine_setting + FINE_CENTRE;
    switch (channel->parameter) {
    case RPN_BEND_RANGE:
        channel->bend_setting =
            held(is_fine ? channel->bend_setting / 100 * 100 + value : value * 100, BEND_RANGE_MAX);
        break;
    case RPN_FINE:
        channel->fine_setting =
            (int16_t)((is_fine ? (fine & ~0x7F) | value : value << 7) - FINE_CENTRE);
        break;
    case RPN_COARSE:
        if (!is_fine) {
            channel->coarse_cents = (float)(value - COARSE_CENTRE) * 100.0f;
        }
        break;
    case RPN_DEPTH:
        channel->depth_setting =
            (uint16_t)(is_fine ? (channel->depth_setting & ~0x7F) | value : value << 7);
        break;
    default:
        return;
    }
    apply_settings(channel);
}

// Data increment and decrement (RP-018): by a cent of bend, the finest step of fine tuning, a
// semitone.
static void step_parameter(struct km_channel *channel, int32_t step)
{
    switch (channel->parameter) {
    case RPN_BEND_RANGE:
        channel->bend_setting = held(channel->bend_setting + step, BEND_RANGE_MAX);
        break;
    case RPN_FINE:
        channel->fine_setting =
            (int16_t)(held(channel->fine_setting + FINE_CENTRE + step, 0x3FFF) - FINE_CENTRE);
        break;
    case RPN_COARSE: {
        const float cents = channel->coarse_cents + (float)step * 100.0f;
        channel->coarse_cents = cents < -6400.0f ? -6400.0f : cents > 6300.0f ? 6300.0f : cents;
        break;
    }
    default:
        return;
    }
    apply_settings(channel);
}

static void control_bank(struct km_channel *channel, enum km_bank_style style,
                         const struct km_event *event)
{
    const bool is_coarse = event->number == KM_CC_BANK;
    switch (style) {
    case KM_BANK_GS:
        if (is_coarse && !channel->is_drum_part) {
            channel->wanted_bank = event->value;
        }
        break;
    case KM_BANK_XG:
    case KM_BANK_GM2:
        if (is_coarse) {
            const bool is_xg = style == KM_BANK_XG;
            channel->is_drum_part =
                event->value == 120 || (is_xg && (event->value == 126 || event->value == 127));
            channel->wanted_bank = 0;
        } else {
            channel->wanted_bank = event->value;
        }
        break;
    case KM_BANK_GM:
        break;
    }
}

// Data entry for a SoundFont NRPN acts with its coarse half.
static void set_generator(struct km_channel *channel, const struct km_event *event)
{
    const uint32_t value = (uint32_t)event->value << 7 | channel->controllers[KM_CC_DATA_FINE];
    if (event->number == KM_CC_DATA && channel->parameter >> 7 == NRPN_SOUNDFONT &&
        km_nrpn_set(&channel->nrpn, value)) {
        channel->dirty = KM_SOURCE_ALL;
    }
}

static void control_parameter(struct km_channel *channel, const struct km_event *event)
{
    switch (event->number) {
    case KM_CC_RPN:
    case KM_CC_NRPN:
        channel->parameter = (uint16_t)((channel->parameter & 0x7F) | event->value << 7);
        break;
    case KM_CC_RPN_FINE:
    case KM_CC_NRPN_FINE:
        channel->parameter = (uint16_t)((channel->parameter & 0x3F80) | event->value);
        break;
    default:
        if (channel->is_nrpn) {
            set_generator(channel, event);
            return;
        }
        if (event->number == KM_CC_DATA || event->number == KM_CC_DATA_FINE) {
            set_parameter(channel, event->value, event->number == KM_CC_DATA_FINE);
        } else {
            step_parameter(channel, event->number == KM_CC_DATA_UP ? 1 : -1);
        }
        return;
    }
    channel->is_nrpn = event->number == KM_CC_NRPN || event->number == KM_CC_NRPN_FINE;
    if (event->number == KM_CC_NRPN) {
        km_nrpn_begin(&channel->nrpn);
    } else if (event->number == KM_CC_NRPN_FINE) {
        km_nrpn_select(&channel->nrpn, event->value);
    }
}

void km_channel_control(struct km_channel *channel, enum km_bank_style style,
                        const struct km_event *event)
{
    channel->controllers[event->number] = event->value;
    channel->dirty |= km_source_bit(event->number);
    switch (event->number) {
    case KM_CC_BANK:
    case KM_CC_BANK_FINE:
        control_bank(channel, style, event);
        break;
    case KM_CC_DATA:
    case KM_CC_DATA_FINE:
    case KM_CC_DATA_UP:
    case KM_CC_DATA_DOWN:
    case KM_CC_NRPN:
    case KM_CC_NRPN_FINE:
    case KM_CC_RPN:
    case KM_CC_RPN_FINE:
        control_parameter(channel, event);
        break;
    case KM_CC_PORTAMENTO_KEY:
        channel->portamento_key = event->value;
        break;
    default:
        break;
    }
}
