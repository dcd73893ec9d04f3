// SPDX-License-Identifier: MIT
// Timecents into frames: envelopes and oscillators of a voice.

#include "synth/values_private.h"

// An envelope's generators, from that of its delay on: volume and modulation envelope have the same
// order.
enum { DELAY, ATTACK, HOLD, DECAY, SUSTAIN, RELEASE, KEY_TO_HOLD, KEY_TO_DECAY };

// A release of 16 ms at least, or each note would end with a click (FluidSynth's limit).
static const float volume_release_min = -7200.0f;

static double seconds_of(const struct km_tables *tables, float timecents, float high)
{
    return km_tables_ratio(tables, (double)km_held(timecents, -12000.0f, high));
}

// Times are whole quanta, as in FluidSynth: `surplus` is .5 to round, 1 for at least one.
static uint32_t quanta_of(const struct km_tables *tables, double seconds, double surplus)
{
    const double quanta = seconds * tables->rate_hz / KM_QUANTUM_FRAMES + surplus;
    return (uint32_t)quanta * KM_QUANTUM_FRAMES;
}

static void set_envelope(const struct km_tables *tables, uint8_t key,
                         const struct km_values *values, uint32_t first,
                         struct km_envelope_times *times)
{
    // 8.1.3: steps are counted from key 60 downwards.
    const float keys = (float)(60 - (int32_t)key);
    const float hold =
        km_values_get(values, first + HOLD) + keys * km_values_get(values, first + KEY_TO_HOLD);
    const float decay =
        km_values_get(values, first + DECAY) + keys * km_values_get(values, first + KEY_TO_DECAY);
    const float delay = km_values_get(values, first + DELAY);
    const float attack = km_values_get(values, first + ATTACK);
    float release = km_values_get(values, first + RELEASE);
    if (first == KM_GENERATOR_VOLUME_ENVELOPE_DELAY && release < volume_release_min) {
        release = volume_release_min;
    }
    times->delay = quanta_of(tables, seconds_of(tables, delay, 5000.0f), 0.0);
    times->attack = quanta_of(tables, seconds_of(tables, attack, 8000.0f), 1.0);
    times->hold = quanta_of(tables, seconds_of(tables, hold, 5000.0f), 0.5);
    times->decay = quanta_of(tables, seconds_of(tables, decay, 8000.0f), 0.5);
    times->decay = times->decay > 0 ? times->decay : 1;
    times->release = quanta_of(tables, seconds_of(tables, release, 8000.0f), 1.0);
    times->sustain = 1.0f - 0.001f * km_held(km_values_get(values, first + SUSTAIN), 0.0f, 1000.0f);
}

static void set_lfo(const struct km_tables *tables, const struct km_voice *voice,
                    struct km_lfo *lfo, const float cents_and_delay[2])
{
    const double hz =
        8.17579891564370733 * // Of 0 absolute cents.
        km_tables_ratio(tables, (double)km_held(cents_and_delay[0], -16000.0f, 4500.0f));
    const double frames = seconds_of(tables, cents_and_delay[1], 5000.0f) * tables->rate_hz;
    // It begins with the first quantum that begins after the delay.
    lfo->delay = ((uint32_t)frames + KM_QUANTUM_FRAMES - 1) / KM_QUANTUM_FRAMES * KM_QUANTUM_FRAMES;
    km_lfo_set_step(lfo, (uint32_t)(hz / tables->rate_hz * 4294967296.0), voice->age);
}

void km_voice_set_times(const struct km_synth *synth, uint16_t index,
                        const struct km_values *values)
{
    const struct km_tables *const tables = synth->tables;
    struct km_voice *const voice = &synth->voices[index];
    struct km_voice_origin *const origin = &synth->origins[index];
    const uint8_t key = km_origin_key(origin);
    set_envelope(tables, key, values, KM_GENERATOR_VOLUME_ENVELOPE_DELAY, &origin->volume);
    set_envelope(tables, key, values, KM_GENERATOR_MOD_ENVELOPE_DELAY, &origin->modulation);
    set_lfo(tables, voice, &voice->tremolo,
            (const float[2]){km_values_get(values, KM_GENERATOR_MOD_LFO_FREQUENCY),
                             km_values_get(values, KM_GENERATOR_MOD_LFO_DELAY)});
    set_lfo(tables, voice, &voice->vibrato,
            (const float[2]){km_values_get(values, KM_GENERATOR_VIBRATO_LFO_FREQUENCY),
                             km_values_get(values, KM_GENERATOR_VIBRATO_LFO_DELAY)});
}
