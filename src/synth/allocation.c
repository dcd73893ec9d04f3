// SPDX-License-Identifier: MIT
// Which voice a note gets, and whose: the rule stands in synth.h.

#include "synth/synth_private.h"

#include "base/check.h"

#include <string.h>

// Ranks, lowest first to go: four classes of 256.
enum { CLASS_RANKS = 256, CLASS_RELEASED = 0, CLASS_PEDAL = 1, CLASS_HELD = 2, CLASS_DRUM = 3 };

// 0 for silence, 240 for full level: 6 dB are 8 steps.
static uint32_t loudness_of(const struct km_voice *voice)
{
    const float left = voice->share[KM_BUS_LEFT];
    const float right = voice->share[KM_BUS_RIGHT];
    const float gain = voice->level * (left > right ? left : right) * (32768.0f / KM_OUTPUT_SCALE);
    uint32_t bits;
    memcpy(&bits, &gain, sizeof(bits));
    // The exponent and the three bits below: a logarithm in eighths of 6 dB, of 2^-30 to 1.
    const uint32_t eighths = bits >> 20;
    const uint32_t low = (127 - 30) * 8;
    return eighths <= low ? 0 : eighths - low < 240 ? eighths - low : 240;
}

// 0 for a day, 200 for a quantum ago.
static uint32_t youth_of(const struct km_voice *voice)
{
    uint32_t octaves = 0;
    for (uint32_t age = voice->age / KM_QUANTUM_FRAMES; age > 0; age /= 2) {
        ++octaves;
    }
    return 8 * (25 - (octaves < 25 ? octaves : 25));
}

static uint32_t rank_of(const struct km_voice *voice)
{
    if (voice->state == KM_VOICE_RELEASED) {
        return CLASS_RELEASED * CLASS_RANKS + loudness_of(voice);
    }
    const uint32_t value = (loudness_of(voice) + youth_of(voice)) / 2;
    if (voice->flags & KM_VOICE_IS_DRUM) {
        return CLASS_DRUM * CLASS_RANKS + value;
    }
    const bool is_down = voice->state == KM_VOICE_HELD;
    return (is_down ? (uint32_t)CLASS_HELD : (uint32_t)CLASS_PEDAL) * CLASS_RANKS + value;
}

static bool is_victim(const struct km_voice *voice)
{
    return voice->state != KM_VOICE_FADING && !(voice->flags & KM_VOICE_STARTS);
}

// Sorts by counting: work that is bounded by the voices, once a quantum.
static void rank_victims(struct km_synth *synth)
{
    struct km_victims *const victims = &synth->victims;
    uint32_t starts[KM_VOICE_RANKS + 1] = {0};
    for (uint32_t i = 0; i < synth->active_count; ++i) {
        const struct km_voice *const voice = &synth->voices[synth->active[i]];
        victims->ranks[i] = is_victim(voice) ? (uint16_t)rank_of(voice) : KM_VOICE_RANKS;
        if (victims->ranks[i] < KM_VOICE_RANKS) {
            ++starts[victims->ranks[i] + 1];
        }
    }
    for (uint32_t rank = 0; rank < KM_VOICE_RANKS; ++rank) {
        starts[rank + 1] += starts[rank];
    }
    victims->count = starts[KM_VOICE_RANKS];
    for (uint32_t i = 0; i < synth->active_count; ++i) {
        if (victims->ranks[i] < KM_VOICE_RANKS) {
            victims->voices[starts[victims->ranks[i]]++] = synth->active[i];
        }
    }
    victims->next = 0;
    victims->is_ranked = true;
}

static bool steal(struct km_synth *synth)
{
    struct km_victims *const victims = &synth->victims;
    if (!victims->is_ranked) {
        rank_victims(synth);
    }
    while (victims->next < victims->count) {
        const uint16_t index = victims->voices[victims->next++];
        if (synth->voices[index].state != KM_VOICE_FADING) {
            km_voices_fade(synth, index);
            ++synth->counters.voices_stolen;
            return true;
        }
    }
    return false;
}

uint16_t km_voices_take(struct km_synth *synth)
{
    if (synth->spare_count == 0 || (synth->sounding >= synth->config.voices && !steal(synth))) {
        return KM_VOICE_NONE;
    }
    const uint16_t index = synth->spare[--synth->spare_count];
    synth->active[synth->active_count++] = index;
    ++synth->sounding;
    ++synth->counters.voices_started;
    if (synth->active_count > synth->counters.voices_peak) {
        synth->counters.voices_peak = synth->active_count;
    }
    memset(&synth->voices[index], 0, sizeof(synth->voices[index]));
    memset(&synth->origins[index], 0, sizeof(synth->origins[index]));
    return index;
}

void km_voices_fade(struct km_synth *synth, uint16_t index)
{
    struct km_voice *const voice = &synth->voices[index];
    if (voice->state == KM_VOICE_FADING) {
        return;
    }
    km_voices_unlink(synth, index);
    voice->state = KM_VOICE_FADING;
    --synth->sounding;
}

void km_voices_sweep(struct km_synth *synth)
{
    uint32_t kept = 0;
    for (uint32_t i = 0; i < synth->active_count; ++i) {
        const uint16_t index = synth->active[i];
        struct km_voice *const voice = &synth->voices[index];
        if (!(voice->flags & KM_VOICE_HAS_ENDED)) {
            synth->active[kept++] = index;
            continue;
        }
        km_voices_fade(synth, index);
        voice->state = KM_VOICE_FREE;
        synth->spare[synth->spare_count++] = index;
    }
    synth->active_count = kept;
    synth->victims.is_ranked = false;
    KM_CHECK(synth->active_count + synth->spare_count == synth->slot_count);
}

void km_voices_link(struct km_synth *synth, uint16_t index)
{
    struct km_voice_origin *const origin = &synth->origins[index];
    uint16_t *const first = &synth->channels[synth->voices[index].channel].keys[origin->key];
    origin->previous = KM_VOICE_NONE;
    origin->next = *first;
    if (*first != KM_VOICE_NONE) {
        synth->origins[*first].previous = index;
    }
    *first = index;
    origin->is_linked = true;
}

void km_voices_unlink(struct km_synth *synth, uint16_t index)
{
    struct km_voice_origin *const origin = &synth->origins[index];
    if (!origin->is_linked) {
        return;
    }
    if (origin->previous == KM_VOICE_NONE) {
        synth->channels[synth->voices[index].channel].keys[origin->key] = origin->next;
    } else {
        synth->origins[origin->previous].next = origin->next;
    }
    if (origin->next != KM_VOICE_NONE) {
        synth->origins[origin->next].previous = origin->previous;
    }
    origin->is_linked = false;
}
