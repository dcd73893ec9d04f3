// SPDX-License-Identifier: MIT
// What moves a voice in each quantum: envelopes, oscillators, pitch, filter, gains.

#include "synth/synth_private.h"

#include "base/math.h"

// A released voice ends when even full scale would be 110 dB below full scale: below the noise of
// 16 bits, whatever else sounds.
static const float silence_gain = 3.2e-6f / 32768.0f;

static const float full_turn = 4294967296.0f;

// The envelope's value where a release begins in the attack, which is linear in amplitude: what
// falls as fast in decibels from the same amplitude.
static float release_value(const struct km_envelope *volume)
{
    if (volume->stage != KM_STAGE_ATTACK || volume->value <= 0.0f) {
        return volume->value;
    }
    const double decibels = km_log((double)volume->value) * (20.0 / 2.302585092994045684);
    return (float)(1.0 + decibels * (10.0 / KM_DECAY_CENTIBELS));
}

static void enter_release(const struct km_synth *synth, struct km_voice *voice,
                          const struct km_voice_origin *origin)
{
    km_envelope_release(&voice->volume, &origin->volume, release_value(&voice->volume));
    const struct km_envelope *const modulation = &voice->modulation;
    const float value = modulation->stage == KM_STAGE_ATTACK
                            ? km_tables_convex(synth->tables, modulation->value)
                            : modulation->value;
    km_envelope_release(&voice->modulation, &origin->modulation, value);
    if (voice->flags & KM_VOICE_LOOPS_UNTIL_RELEASE) {
        voice->wave.loops = false;
    }
    voice->flags = (uint16_t)(voice->flags & ~KM_VOICE_RELEASES);
}

static void advance(struct km_voice *voice, const struct km_voice_origin *origin, uint32_t frames)
{
    km_envelope_advance(&voice->volume, &origin->volume, frames);
    if (voice->flags & KM_VOICE_USES_ENVELOPE) {
        km_envelope_advance(&voice->modulation, &origin->modulation, frames);
    }
}

// Moves the envelopes to the quantum's end; returns the frame from which the voice sounds.
static uint32_t advance_envelopes(const struct km_synth *synth, struct km_voice *voice,
                                  const struct km_voice_origin *origin)
{
    const uint32_t start = voice->flags & KM_VOICE_STARTS ? voice->starts_at : 0;
    uint32_t from = start;
    if (voice->volume.stage == KM_STAGE_DELAY) {
        const uint32_t rest = KM_QUANTUM_FRAMES - start;
        from += voice->volume.left < rest ? voice->volume.left : rest;
    }
    if (voice->flags & KM_VOICE_RELEASE_WAITS && voice->age >= synth->note_frames_min) {
        voice->flags = (uint16_t)((voice->flags & ~KM_VOICE_RELEASE_WAITS) | KM_VOICE_RELEASES);
        voice->releases_at = 0;
    }
    uint32_t at = start;
    if (voice->flags & KM_VOICE_RELEASES) {
        at = voice->releases_at > start ? voice->releases_at : start;
        advance(voice, origin, at - start);
        enter_release(synth, voice, origin);
    }
    advance(voice, origin, KM_QUANTUM_FRAMES - at);
    voice->age += KM_QUANTUM_FRAMES - start;
    voice->flags = (uint16_t)(voice->flags & ~KM_VOICE_STARTS);
    return from;
}

static void set_level(const struct km_tables *tables, struct km_voice *voice, float tremolo)
{
    const float rise = tremolo * voice->tremolo_to_volume;
    const struct km_envelope *const volume = &voice->volume;
    if (volume->stage == KM_STAGE_ATTACK) {
        voice->level = volume->value * km_tables_gain(tables, -rise);
    } else {
        const float fall = (float)KM_DECAY_CENTIBELS * (1.0f - volume->value);
        voice->level = km_tables_gain(tables, fall - rise);
    }
}

static bool has_ended(const struct km_voice *voice)
{
    switch (voice->volume.stage) {
    case KM_STAGE_FINISHED:
        return true;
    case KM_STAGE_DECAY:
    case KM_STAGE_SUSTAIN:
        return voice->volume.value <= 0.0f;
    case KM_STAGE_RELEASE: {
        const float left = voice->share[KM_BUS_LEFT];
        const float right = voice->share[KM_BUS_RIGHT];
        return voice->level * (left > right ? left : right) < silence_gain;
    }
    default:
        return false;
    }
}

static float whole_cents(float cents)
{
    const float whole = (float)(int32_t)cents;
    return whole > cents ? whole - 1.0f : whole;
}

// The voice's pitch wanders: a random walk that is drawn back, so that its deviation stays the one
// asked for (a discrete Ornstein-Uhlenbeck process, of half a second).
static float drift_cents(const struct km_synth *synth, struct km_voice *voice)
{
    voice->drift_state = voice->drift_state * 1664525U + 1013904223U; // Numerical Recipes.
    const float noise = (float)(int32_t)voice->drift_state * (1.7320508f / 2147483648.0f);
    voice->drift += (noise * synth->drift_gain - voice->drift) * synth->drift_share;
    return voice->drift * synth->drift_cents;
}

// Modulation moves in whole cents, as in FluidSynth: below what is heard, and a vibrato ends up in
// the same phase. What tuning and bend add is exact.
static void set_increment(const struct km_synth *synth, struct km_voice *voice,
                          const float sources[3])
{
    float cents = voice->cents + whole_cents(sources[0] * voice->tremolo_to_pitch +
                                             sources[1] * voice->vibrato_to_pitch +
                                             sources[2] * voice->envelope_to_pitch);
    if (synth->drift_cents > 0.0f) {
        cents += drift_cents(synth, voice);
    }
    cents += voice->glide;
    const double high = (double)KM_PITCH_RATIO_MAX * (double)full_turn;
    const double increment = voice->increment_unit * km_tables_ratio(synth->tables, (double)cents);
    voice->wave.increment =
        increment < high ? (increment >= 1.0 ? (uint64_t)increment : 1) : (uint64_t)high;
}

static void glide(struct km_voice *voice, const struct km_voice_origin *origin)
{
    const float next = voice->glide + origin->glide_step;
    if ((next > 0.0f) == (voice->glide > 0.0f)) {
        voice->glide = next;
        return;
    }
    voice->glide = 0.0f; // The next quantum's pitch is the last to be set.
    voice->flags = (uint16_t)((voice->flags & ~KM_VOICE_GLIDES) | KM_VOICE_CHANGED);
}

// Coefficients of the quantum's end; those of its beginning stand in the voice.
static void set_filter(const struct km_tables *tables, struct km_voice *voice, float cutoff,
                       float target[3])
{
    const float g = km_tables_cutoff(tables, cutoff);
    target[0] = 1.0f / (1.0f + g * (g + voice->damping));
    target[1] = g * target[0];
    target[2] = g * target[1];
    if (voice->a1 == 0.0f) { // Its first: there is nothing to come from.
        voice->a1 = target[0];
        voice->a2 = target[1];
        voice->a3 = target[2];
    }
}

static void fill_filter(struct km_synth *synth, struct km_voice *voice, const float target[3])
{
    struct km_lanes *const lanes = &synth->lanes;
    const uint32_t lane = synth->lane_count;
    const float share = 1.0f / (float)KM_QUANTUM_FRAMES;
    lanes->a1[lane] = voice->a1;
    lanes->a2[lane] = voice->a2;
    lanes->a3[lane] = voice->a3;
    lanes->a1_step[lane] = (target[0] - voice->a1) * share;
    lanes->a2_step[lane] = (target[1] - voice->a2) * share;
    lanes->a3_step[lane] = (target[2] - voice->a3) * share;
    voice->a1 = target[0];
    voice->a2 = target[1];
    voice->a3 = target[2];
    lanes->filter_moves = true;
}

static void hold_filter(struct km_synth *synth, const struct km_voice *voice)
{
    struct km_lanes *const lanes = &synth->lanes;
    const uint32_t lane = synth->lane_count;
    lanes->a1[lane] = voice->a1;
    lanes->a2[lane] = voice->a2;
    lanes->a3[lane] = voice->a3;
    lanes->a1_step[lane] = 0.0f;
    lanes->a2_step[lane] = 0.0f;
    lanes->a3_step[lane] = 0.0f;
}

// Each gain is a line from where the last quantum ended; a voice that begins within this one has
// its line begin there, at 0.
static void fill_gains(struct km_synth *synth, struct km_voice *voice, uint32_t from, float level)
{
    struct km_lanes *const lanes = &synth->lanes;
    const uint32_t lane = synth->lane_count;
    const float share = 1.0f / (float)(KM_QUANTUM_FRAMES - from);
    for (uint32_t bus = 0; bus < KM_BUSES; ++bus) {
        const float target = level * voice->share[bus];
        const float step = (target - voice->gain[bus]) * share;
        lanes->gain[bus][lane] = voice->gain[bus] - step * (float)from;
        lanes->gain_step[bus][lane] = step;
        if (bus >= KM_BUS_REVERB) {
            lanes->has_sends |= target != 0.0f || voice->gain[bus] != 0.0f;
        }
        voice->gain[bus] = target;
    }
}

static void fill_lane(struct km_synth *synth, uint16_t index, uint32_t from)
{
    struct km_voice *const voice = &synth->voices[index];
    const uint32_t lane = synth->lane_count;
    const bool is_heard =
        !(voice->flags & KM_VOICE_HAS_ENDED) && !(synth->mutes >> voice->channel & 1U);
    fill_gains(synth, voice, from, is_heard ? voice->level : 0.0f);
    synth->lanes.s1[lane] = voice->s1;
    synth->lanes.s2[lane] = voice->s2;
    synth->lane_voices[lane] = index;
}

uint32_t km_voice_control(struct km_synth *synth, uint16_t index)
{
    struct km_voice *const voice = &synth->voices[index];
    const struct km_voice_origin *const origin = &synth->origins[index];
    const uint32_t stage = voice->volume.stage;
    const uint32_t from = advance_envelopes(synth, voice, origin);
    const bool moved = stage != KM_STAGE_SUSTAIN || voice->volume.stage != KM_STAGE_SUSTAIN;

    float sources[3] = {0.0f, 0.0f, 0.0f};
    if (voice->flags & KM_VOICE_USES_TREMOLO) {
        sources[0] = km_lfo_value(&voice->tremolo, voice->age);
    }
    if (voice->flags & KM_VOICE_USES_VIBRATO) {
        sources[1] = km_lfo_value(&voice->vibrato, voice->age);
    }
    if (voice->flags & KM_VOICE_USES_ENVELOPE) {
        sources[2] = voice->modulation.stage == KM_STAGE_ATTACK
                         ? km_tables_convex(synth->tables, voice->modulation.value)
                         : voice->modulation.value;
    }
    if (moved || voice->flags & KM_VOICE_CHANGED || voice->tremolo_to_volume != 0.0f) {
        set_level(synth->tables, voice, sources[0]);
    }
    if (voice->state == KM_VOICE_FADING || has_ended(voice)) {
        voice->flags |= KM_VOICE_HAS_ENDED;
    }
    if (from >= KM_QUANTUM_FRAMES) {
        return KM_QUANTUM_FRAMES;
    }

    if (voice->flags & (KM_VOICE_CHANGED | KM_VOICE_PITCH_MOVES | KM_VOICE_GLIDES)) {
        set_increment(synth, voice, sources);
    }
    if (voice->flags & (KM_VOICE_CHANGED | KM_VOICE_CUTOFF_MOVES)) {
        float target[3];
        set_filter(synth->tables, voice,
                   voice->cutoff + sources[0] * voice->tremolo_to_cutoff +
                       sources[2] * voice->envelope_to_cutoff,
                   target);
        fill_filter(synth, voice, target);
    } else {
        hold_filter(synth, voice);
    }
    voice->flags = (uint16_t)(voice->flags & ~KM_VOICE_CHANGED);
    if (voice->flags & KM_VOICE_GLIDES) {
        glide(voice, origin);
    }
    fill_lane(synth, index, from);
    return from;
}
