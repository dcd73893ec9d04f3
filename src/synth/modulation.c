// SPDX-License-Identifier: MIT
// A voice's values: generators plus modulators (SoundFont 2.04, 9.5), and what the channel's tuning
// adds, turned into what km_voice_control works with. (Times: times.c.)

#include "synth/values_private.h"

#include "base/check.h"

#include <string.h>

// SFModulator sources that are not controllers (8.2.1), and the bits of the word.
enum {
    SOURCE_NONE = 0,
    SOURCE_VELOCITY = 2,
    SOURCE_KEY = 3,
    SOURCE_KEY_PRESSURE = 10,
    SOURCE_CHANNEL_PRESSURE = 13,
    SOURCE_BEND = 14,
    SOURCE_BEND_RANGE = 16,
    SOURCE_INDEX_MASK = 0x7F,
    SOURCE_IS_CONTROLLER = 0x80,
    SOURCE_WHOLE_MASK = 0xFF,
    TRANSFORM_ABSOLUTE = 2,
};

// What only the pitch depends on, if no modulator says otherwise.
#define PITCH_SOURCES (KM_SOURCE_TUNING | 1U << SOURCE_BEND)

// The default modulator from velocity to cutoff in its two forms (8.4.2 of 2.01 and of 2.04).
// Fonts are made for players without it, FluidSynth among them: it does nothing.
enum { VELOCITY_NEGATIVE = 0x0102, VELOCITY_SWITCH = 0x0C02, VELOCITY_CUTOFF_AMOUNT = -2400 };

// The EMU8000 and FluidSynth take a zone's attenuation for .4 of what the specification says, and
// fonts are made by ear.
static const float attenuation_scale = 0.4f;

static const float gain_of_q_flat = 1.4141747f;      // 10^(30.1/200)
static const float gain_of_half_q_flat = 1.1891907f; // 10^(30.1/400)

static const float soft_centibels = 30.0f; // Of the soft pedal.
static const float soft_cents = -600.0f;

static uint8_t velocity_of(const struct km_voice_origin *origin)
{
    return origin->region->fixed_velocity >= 0 ? (uint8_t)origin->region->fixed_velocity
                                               : origin->velocity;
}

static float source_value(const struct km_tables *tables, const struct km_channel *channel,
                          const struct km_voice_origin *origin, uint16_t source)
{
    const uint32_t index = source & SOURCE_INDEX_MASK;
    uint32_t value = 0;
    if (source & SOURCE_IS_CONTROLLER) {
        value = channel->controllers[index];
    } else {
        switch (index) {
        case SOURCE_NONE:
            return 1.0f;
        case SOURCE_VELOCITY:
            value = velocity_of(origin);
            break;
        case SOURCE_KEY:
            value = km_origin_key(origin);
            break;
        case SOURCE_KEY_PRESSURE:
            value = channel->key_pressures[origin->key];
            break;
        case SOURCE_CHANNEL_PRESSURE:
            value = channel->pressure;
            break;
        case SOURCE_BEND:
            return km_tables_curve(tables, source, channel->bend);
        case SOURCE_BEND_RANGE:
            return km_tables_curve(tables, source, channel->bend_range * (1.0f / 127.0f));
        default:
            break;
        }
    }
    return tables->curves[(source >> 8) % KM_TABLE_CURVES][value & 0x7F];
}

static bool is_left_out(const struct km_modulator *modulator)
{
    return modulator->source == VELOCITY_NEGATIVE &&
           modulator->destination == KM_GENERATOR_FILTER_CUTOFF &&
           (modulator->amount_source == VELOCITY_SWITCH ||
            (modulator->amount_source == SOURCE_NONE &&
             modulator->amount == VELOCITY_CUTOFF_AMOUNT));
}

static float modulator_value(const struct km_synth *synth, const struct km_channel *channel,
                             const struct km_voice_origin *origin,
                             const struct km_modulator *modulator)
{
    if (modulator->amount == 0 || is_left_out(modulator)) {
        return 0.0f;
    }
    const struct km_tables *const tables = synth->tables;
    float value =
        (float)modulator->amount * source_value(tables, channel, origin, modulator->source);
    if (modulator->amount_source != SOURCE_NONE) {
        value *= source_value(tables, channel, origin, modulator->amount_source);
    }
    if ((modulator->source & SOURCE_WHOLE_MASK) == (SOURCE_IS_CONTROLLER | KM_CC_MODULATION) &&
        modulator->destination == KM_GENERATOR_VIBRATO_LFO_TO_PITCH) {
        value *= channel->depth_scale;
    }
    return modulator->transform == TRANSFORM_ABSOLUTE && value < 0.0f ? -value : value;
}

static void sum_values(const struct km_synth *synth, const struct km_channel *channel,
                       const struct km_voice_origin *origin, struct km_values *values)
{
    const struct km_region *const region = origin->region;
    values->generators = region->generators;
    if (channel->nrpn.has_offsets) {
        memcpy(values->added, channel->nrpn.offsets, sizeof(values->added));
    } else {
        memset(values->added, 0, sizeof(values->added));
    }
    for (uint32_t i = 0; i < region->modulator_count; ++i) {
        const struct km_modulator *const modulator = &region->modulators[i];
        if (modulator->destination < KM_GENERATORS_COUNT) {
            values->added[modulator->destination] +=
                modulator_value(synth, channel, origin, modulator);
        }
    }
}

static float tuning_of(const struct km_synth *synth, const struct km_channel *channel,
                       const struct km_voice_origin *origin)
{
    // The default modulator from the pitch wheel (8.4.10), which has no generator to go to.
    const float bend = (2.0f * channel->bend - 1.0f) * channel->bend_range * 100.0f;
    float cents = bend + channel->fine_cents + synth->master_fine_cents +
                  channel->scale_cents[origin->key % 12];
    if (channel->bank != KM_BANK_DRUMS) { // GM 2: coarse tuning would make a snare of a kick.
        cents += channel->coarse_cents + synth->master_coarse_cents;
    }
    return cents;
}

// The pitch against the sample's own: at the root key it is tuning alone.
static float cents_of(const struct km_voice_origin *origin, const struct km_values *values)
{
    const struct km_region *const region = origin->region;
    const float root = (float)region->root_key * 100.0f - (float)region->correction_cents;
    const float scale = (float)region->generators[KM_GENERATOR_SCALE_TUNING];
    return scale * ((float)km_origin_key(origin) - root * 0.01f) +
           km_values_get(values, KM_GENERATOR_COARSE_TUNE) * 100.0f +
           km_values_get(values, KM_GENERATOR_FINE_TUNE);
}

static void set_pitch(struct km_voice *voice, const struct km_values *values)
{
    const float high = 12000.0f;
    voice->tremolo_to_pitch =
        km_held(km_values_get(values, KM_GENERATOR_MOD_LFO_TO_PITCH), -high, high);
    voice->vibrato_to_pitch =
        km_held(km_values_get(values, KM_GENERATOR_VIBRATO_LFO_TO_PITCH), -high, high);
    voice->envelope_to_pitch =
        km_held(km_values_get(values, KM_GENERATOR_MOD_ENVELOPE_TO_PITCH), -high, high);
}

static void set_filter(const struct km_tables *tables, struct km_voice *voice,
                       const struct km_values *values)
{
    const float high = 12000.0f;
    voice->cutoff = km_values_get(values, KM_GENERATOR_FILTER_CUTOFF);
    voice->tremolo_to_cutoff =
        km_held(km_values_get(values, KM_GENERATOR_MOD_LFO_TO_CUTOFF), -high, high);
    voice->envelope_to_cutoff =
        km_held(km_values_get(values, KM_GENERATOR_MOD_ENVELOPE_TO_CUTOFF), -high, high);
    const float q = km_held(km_values_get(values, KM_GENERATOR_FILTER_Q), 0.0f, 960.0f);
    voice->damping = km_tables_gain(tables, q) * gain_of_q_flat;
}

static float balance_of(const struct km_tables *tables, const struct km_channel *channel,
                        bool is_left)
{
    const int32_t balance = (int32_t)channel->controllers[KM_CC_BALANCE] - 64;
    if (balance == 0 || (balance > 0) != is_left) {
        return 1.0f;
    }
    const float way = (float)(balance > 0 ? balance : -balance) * (1.0f / 64.0f);
    return km_tables_gain(tables, (float)KM_DECAY_CENTIBELS *
                                      (1.0f - km_tables_convex(tables, 1.0f - way)));
}

// Gains at full scale of the sample's 16 bits: attenuation, the filter's 1/sqrt(Q) (9.1.6 asks for
// half of the peak's height less), pan, sends.
static void set_levels(const struct km_synth *synth, const struct km_channel *channel,
                       struct km_voice *voice, const struct km_values *values)
{
    const struct km_tables *const tables = synth->tables;
    const float q = km_held(km_values_get(values, KM_GENERATOR_FILTER_Q), 0.0f, 960.0f);
    const float attenuation =
        km_held((float)values->generators[KM_GENERATOR_ATTENUATION] * attenuation_scale +
                    values->added[KM_GENERATOR_ATTENUATION],
                0.0f, 1440.0f);
    const float gain = km_tables_gain(tables, attenuation) * km_tables_gain(tables, q * 0.5f) *
                       gain_of_half_q_flat * (KM_OUTPUT_SCALE / 32768.0f) * synth->master_gain;
    const float pan = km_values_get(values, KM_GENERATOR_PAN);
    voice->share[KM_BUS_LEFT] =
        gain * km_tables_pan(tables, -pan) * balance_of(tables, channel, true);
    voice->share[KM_BUS_RIGHT] =
        gain * km_tables_pan(tables, pan) * balance_of(tables, channel, false);
    voice->share[KM_BUS_REVERB] =
        gain * km_held(km_values_get(values, KM_GENERATOR_REVERB_SEND), 0.0f, 1000.0f) * 0.001f;
    voice->share[KM_BUS_CHORUS] =
        gain * km_held(km_values_get(values, KM_GENERATOR_CHORUS_SEND), 0.0f, 1000.0f) * 0.001f;
    voice->tremolo_to_volume =
        km_held(km_values_get(values, KM_GENERATOR_MOD_LFO_TO_VOLUME), -960.0f, 960.0f);
}

static void set_flag(struct km_voice *voice, uint32_t flag, bool is_set)
{
    voice->flags = (uint16_t)(is_set ? voice->flags | flag : voice->flags & ~flag);
}

// What need not be computed in each quantum.
static void set_flags(const struct km_synth *synth, struct km_voice *voice)
{
    const bool tremolo_pitch = voice->tremolo_to_pitch != 0.0f;
    const bool tremolo_cutoff = voice->tremolo_to_cutoff != 0.0f;
    const bool envelope_pitch = voice->envelope_to_pitch != 0.0f;
    const bool envelope_cutoff = voice->envelope_to_cutoff != 0.0f;
    const bool vibrato = voice->vibrato_to_pitch != 0.0f;
    set_flag(voice, KM_VOICE_USES_TREMOLO,
             tremolo_pitch || tremolo_cutoff || voice->tremolo_to_volume != 0.0f);
    set_flag(voice, KM_VOICE_USES_VIBRATO, vibrato);
    set_flag(voice, KM_VOICE_PITCH_MOVES,
             tremolo_pitch || envelope_pitch || vibrato || synth->drift_cents > 0.0f);
    set_flag(voice, KM_VOICE_CUTOFF_MOVES, tremolo_cutoff || envelope_cutoff);
    set_flag(voice, KM_VOICE_CHANGED, true);
}

static void set_all(struct km_synth *synth, uint16_t index, bool sets_times)
{
    struct km_voice *const voice = &synth->voices[index];
    struct km_voice_origin *const origin = &synth->origins[index];
    const struct km_channel *const channel = &synth->channels[voice->channel];
    struct km_values values;
    sum_values(synth, channel, origin, &values);
    if (origin->is_soft) {
        values.added[KM_GENERATOR_ATTENUATION] += soft_centibels;
        values.added[KM_GENERATOR_FILTER_CUTOFF] += soft_cents;
    }
    origin->key_cents = cents_of(origin, &values);
    voice->cents = origin->key_cents + tuning_of(synth, channel, origin);
    set_pitch(voice, &values);
    set_filter(synth->tables, voice, &values);
    set_levels(synth, channel, voice, &values);
    if (sets_times) {
        km_voice_set_times(synth, index, &values);
    }
    set_flags(synth, voice);
}

static bool is_time(uint8_t destination)
{
    return destination >= KM_GENERATOR_MOD_LFO_DELAY &&
           destination <= KM_GENERATOR_KEY_TO_VOLUME_ENVELOPE_DECAY;
}

static void note_source(struct km_voice_origin *origin, uint16_t source)
{
    const uint16_t index = source & SOURCE_INDEX_MASK;
    if (source & SOURCE_IS_CONTROLLER || index >= SOURCE_KEY_PRESSURE) {
        origin->sources |= km_source_bit(index);
    }
}

// What its values depend on, and whether its envelope to pitch and cutoff can ever be heard.
static void note_sources(struct km_voice *voice, struct km_voice_origin *origin, bool has_nrpns)
{
    const struct km_region *const region = origin->region;
    bool uses_envelope = has_nrpns || region->generators[KM_GENERATOR_MOD_ENVELOPE_TO_PITCH] != 0 ||
                         region->generators[KM_GENERATOR_MOD_ENVELOPE_TO_CUTOFF] != 0;
    origin->sources = km_source_bit(KM_CC_BALANCE);
    origin->has_moving_times = false;
    for (uint32_t i = 0; i < region->modulator_count; ++i) {
        const struct km_modulator *const modulator = &region->modulators[i];
        note_source(origin, modulator->source);
        note_source(origin, modulator->amount_source);
        uses_envelope |= modulator->destination == KM_GENERATOR_MOD_ENVELOPE_TO_PITCH ||
                         modulator->destination == KM_GENERATOR_MOD_ENVELOPE_TO_CUTOFF;
        origin->has_moving_times |= is_time(modulator->destination);
    }
    set_flag(voice, KM_VOICE_USES_ENVELOPE, uses_envelope);
}

void km_voice_set_up(struct km_synth *synth, uint16_t index)
{
    struct km_voice *const voice = &synth->voices[index];
    struct km_voice_origin *const origin = &synth->origins[index];
    KM_CHECK_SLOW(voice->state == KM_VOICE_HELD && origin->region);
    note_sources(voice, origin, synth->channels[voice->channel].nrpn.has_offsets);
    voice->increment_unit = 4294967296.0 * (double)origin->region->rate_hz / synth->tables->rate_hz;
    set_all(synth, index, true);
    km_envelope_start(&voice->volume, &origin->volume);
    km_envelope_start(&voice->modulation, &origin->modulation);
}

void km_voice_update(struct km_synth *synth, uint16_t index)
{
    struct km_voice *const voice = &synth->voices[index];
    const struct km_voice_origin *const origin = &synth->origins[index];
    const struct km_channel *const channel = &synth->channels[voice->channel];
    if (channel->dirty & origin->sources) {
        set_all(synth, index, origin->has_moving_times);
    } else if (channel->dirty & PITCH_SOURCES) {
        voice->cents = origin->key_cents + tuning_of(synth, channel, origin);
        set_flag(voice, KM_VOICE_CHANGED, true);
    }
}
