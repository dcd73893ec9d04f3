// SPDX-License-Identifier: MIT
// Notes begin and end; pedals and a channel's orders.

#include "synth/synth_private.h"

#include <string.h>

// A voice that another one of its exclusive class ends: .9 s for 96 dB (FluidSynth's, found by
// listening to hi-hats).
static const float exclusive_release_timecents = -200.0f;

static void release(struct km_synth *synth, uint16_t index, uint32_t offset)
{
    struct km_voice *const voice = &synth->voices[index];
    if (voice->state == KM_VOICE_RELEASED || voice->state == KM_VOICE_FADING) {
        return;
    }
    km_voices_unlink(synth, index);
    voice->state = KM_VOICE_RELEASED;
    if (voice->age >= synth->note_frames_min) {
        voice->flags |= KM_VOICE_RELEASES;
        voice->releases_at = (uint8_t)offset;
    } else {
        voice->flags |= KM_VOICE_RELEASE_WAITS;
    }
}

static void end_exclusively(struct km_synth *synth, uint16_t index, uint32_t offset)
{
    struct km_voice *const voice = &synth->voices[index];
    struct km_voice_origin *const origin = &synth->origins[index];
    if (voice->state == KM_VOICE_FADING) {
        return;
    }
    const double frames = km_tables_ratio(synth->tables, (double)exclusive_release_timecents) *
                          synth->tables->rate_hz;
    origin->exclusive_class = 0;
    origin->volume.release = origin->modulation.release = (uint32_t)frames;
    km_voices_unlink(synth, index);
    voice->state = KM_VOICE_RELEASED;
    voice->flags = (uint16_t)((voice->flags & ~KM_VOICE_RELEASE_WAITS) | KM_VOICE_RELEASES);
    voice->releases_at = (uint8_t)offset;
}

// The key is up: what keeps the voice now?
static void key_up(struct km_synth *synth, uint16_t index, bool is_sustained, uint64_t number,
                   uint32_t offset)
{
    struct km_voice *const voice = &synth->voices[index];
    struct km_voice_origin *const origin = &synth->origins[index];
    origin->changed = number;
    if (synth->channels[voice->channel].sostenuto_since > origin->started) {
        voice->state = KM_VOICE_SOSTENUTO;
    } else if (is_sustained) {
        voice->state = KM_VOICE_SUSTAINED;
    } else {
        release(synth, index, offset);
    }
}

static void obey_pedals(struct km_synth *synth, uint16_t index)
{
    struct km_voice *const voice = &synth->voices[index];
    struct km_voice_origin *const origin = &synth->origins[index];
    const struct km_channel *const channel = &synth->channels[voice->channel];
    if (voice->state == KM_VOICE_SOSTENUTO && origin->changed < channel->undo.before) {
        release(synth, index, channel->undo.offset);
    }
    if (voice->state == KM_VOICE_SOSTENUTO && origin->changed < channel->hand_over.before) {
        voice->state = KM_VOICE_SUSTAINED;
        origin->changed = channel->hand_over.before;
    }
    if (voice->state == KM_VOICE_SUSTAINED && origin->changed < channel->damp.before) {
        origin->changed = channel->damp.before;
        if (channel->sostenuto_since > origin->started) {
            voice->state = KM_VOICE_SOSTENUTO;
        } else {
            release(synth, index, channel->damp.offset);
        }
    }
}

void km_voice_obey(struct km_synth *synth, uint16_t index)
{
    struct km_voice *const voice = &synth->voices[index];
    struct km_voice_origin *const origin = &synth->origins[index];
    const struct km_channel *const channel = &synth->channels[voice->channel];
    if (origin->started < channel->silence.before) {
        km_voices_fade(synth, index);
        return;
    }
    const struct km_channel_order *const exclusive = &channel->exclusive[origin->exclusive_class];
    if (origin->exclusive_class > 0 && origin->started < exclusive->before) {
        end_exclusively(synth, index, exclusive->offset);
        return;
    }
    if (voice->state == KM_VOICE_HELD && origin->started < channel->notes_off.before) {
        key_up(synth, index, false, channel->notes_off.before, channel->notes_off.offset);
    }
    if (voice->state == KM_VOICE_HELD && origin->started < channel->keys_up.before) {
        key_up(synth, index, true, channel->keys_up.before, channel->keys_up.offset);
    }
    obey_pedals(synth, index);
}

// A key that is struck again lets go of what it holds, whatever the pedals say.
static void release_key(struct km_synth *synth, const struct km_channel *channel, uint8_t key,
                        uint32_t offset)
{
    while (channel->keys[key] != KM_VOICE_NONE) {
        release(synth, channel->keys[key], offset);
    }
}

static void set_wave(struct km_voice *voice, const struct km_region *region)
{
    voice->wave.frames = region->frames;
    voice->wave.position = (uint64_t)region->start << 32;
    voice->wave.increment = 1;
    voice->wave.end = region->end;
    voice->wave.loop_start = region->loop_start;
    voice->wave.loop_end = region->loop_end;
    voice->wave.loops =
        region->loop_mode == KM_LOOP_ALWAYS || region->loop_mode == KM_LOOP_UNTIL_RELEASE;
    if (region->loop_mode == KM_LOOP_UNTIL_RELEASE) {
        voice->flags |= KM_VOICE_LOOPS_UNTIL_RELEASE;
    }
}

// Drift begins anywhere, as if the voice had been wandering for long.
static void set_drift(const struct km_synth *synth, struct km_voice *voice)
{
    uint64_t state = synth->config.seed + synth->counters.voices_started * 0x9E3779B97F4A7C15U;
    state = (state ^ state >> 30) * 0xBF58476D1CE4E5B9U; // SplitMix64's mix.
    state = (state ^ state >> 27) * 0x94D049BB133111EBU;
    state ^= state >> 31;
    voice->drift_state = (uint32_t)state;
    const float sum = (float)(state >> 32 & 0xFF) + (float)(state >> 40 & 0xFF) +
                      (float)(state >> 48 & 0xFF) + (float)(state >> 56);
    voice->drift = (sum - 510.0f) * (1.7320508f / 256.0f);
}

static void start_glide(const struct km_synth *synth, struct km_voice *voice,
                        struct km_voice_origin *origin, uint8_t from)
{
    const struct km_channel *const channel = &synth->channels[voice->channel];
    if (from == KM_KEY_NONE || from == origin->key) {
        return;
    }
    // CC 5 as milliseconds for the way, 1 to 2,000, growing by squares as on most players.
    const float time = (float)channel->controllers[KM_CC_PORTAMENTO_TIME] * (1.0f / 127.0f);
    const float seconds = 0.001f + 2.0f * time * time;
    const float quanta =
        1.0f + seconds * (float)synth->config.rate_hz * (1.0f / (float)KM_QUANTUM_FRAMES);
    voice->glide = ((float)from - (float)origin->key) *
                   (float)origin->region->generators[KM_GENERATOR_SCALE_TUNING];
    origin->glide_step = -voice->glide / quanta;
    voice->flags |= KM_VOICE_GLIDES;
}

static bool start_voice(struct km_synth *synth, const struct km_event *event, uint32_t offset,
                        const struct km_region *region)
{
    struct km_channel *const channel = &synth->channels[event->channel];
    const uint16_t index = km_voices_take(synth);
    if (index == KM_VOICE_NONE) {
        return false;
    }
    struct km_voice *const voice = &synth->voices[index];
    struct km_voice_origin *const origin = &synth->origins[index];
    voice->state = KM_VOICE_HELD;
    voice->channel = event->channel;
    voice->starts_at = (uint8_t)offset;
    voice->flags = KM_VOICE_STARTS;
    if (channel->bank == KM_BANK_DRUMS) {
        voice->flags |= KM_VOICE_IS_DRUM;
    }
    origin->instrument = channel->instrument;
    origin->region = region;
    origin->started = origin->changed = synth->event_number;
    origin->key = event->number;
    origin->velocity = event->value;
    origin->exclusive_class = region->exclusive_class & 0x7F;
    origin->is_soft = channel->controllers[KM_CC_SOFT] >= KM_PEDAL_DOWN;
    if (origin->exclusive_class > 0) {
        channel->exclusive[origin->exclusive_class] =
            (struct km_channel_order){synth->event_number, offset};
        channel->has_orders = true;
    }
    set_wave(voice, region);
    set_drift(synth, voice);
    start_glide(synth, voice, origin, synth->glide_from);
    km_voice_set_up(synth, index);
    km_voices_link(synth, index);
    return true;
}

// The key that the next note glides from.
static uint8_t take_glide(struct km_channel *channel, uint8_t key)
{
    uint8_t from = KM_KEY_NONE;
    if (channel->portamento_key != KM_KEY_NONE) {
        from = channel->portamento_key;
    } else if (channel->controllers[KM_CC_PORTAMENTO] >= KM_PEDAL_DOWN) {
        from = channel->last_key;
    }
    channel->portamento_key = KM_KEY_NONE;
    channel->last_key = key;
    return from;
}

void km_synth_note_on(struct km_synth *synth, const struct km_event *event, uint32_t offset)
{
    struct km_channel *const channel = &synth->channels[event->channel];
    ++synth->counters.notes_on;
    release_key(synth, channel, event->number, offset);
    const struct km_instrument *const instrument = channel->instrument;
    synth->glide_from = take_glide(channel, event->number);
    if (channel->is_missing) {
        km_missing_add(&synth->missing, channel->bank, channel->program);
    }
    if (!instrument) {
        ++synth->counters.programs_lost;
        return;
    }
    bool is_whole = true;
    for (uint32_t i = instrument->key_starts[event->number];
         i < instrument->key_starts[event->number + 1]; ++i) {
        const struct km_region *const region = &instrument->regions[instrument->key_regions[i]];
        if (event->value >= region->velocity_low && event->value <= region->velocity_high) {
            is_whole &= start_voice(synth, event, offset, region);
        }
    }
    if (!is_whole) {
        ++synth->counters.notes_lost;
    }
}

void km_synth_note_off(struct km_synth *synth, const struct km_event *event, uint32_t offset)
{
    const struct km_channel *const channel = &synth->channels[event->channel];
    const bool is_sustained = km_channel_is_sustained(channel);
    uint16_t index = channel->keys[event->number];
    while (index != KM_VOICE_NONE) {
        const uint16_t next = synth->origins[index].next;
        if (synth->voices[index].state == KM_VOICE_HELD) {
            key_up(synth, index, is_sustained, synth->event_number, offset);
        }
        index = next;
    }
}
