// SPDX-License-Identifier: MIT

#include "synth/synth.h"

#include "base/check.h"
#include "base/math.h"
#include "rt/arena.h"
#include "rt/block.h"
#include "synth/synth_private.h"

#include <stdalign.h>

enum {
    CACHE_LINE = 64,
    SPARES_MIN = 32,   // Voices beside those of the polyphony, that fade while others
    SPARES_MAX = 1024, // begin in their place: this many steals fit into a quantum.
};

static const double drift_seconds = 0.5; // After which a voice's drift has forgotten itself.
static const float drift_cents_max = 30.0f;

static uint32_t slots_of(const struct km_synth_config *config)
{
    const uint32_t spares = SPARES_MIN + config->voices / 4;
    return config->voices + (spares < SPARES_MAX ? spares : SPARES_MAX);
}

size_t km_synth_size(const struct km_synth_config *config)
{
    const size_t slots = slots_of(config);
    const size_t voices = slots * (sizeof(struct km_voice) + sizeof(struct km_voice_origin));
    const size_t lists = slots * 4 * sizeof(uint16_t);
    return sizeof(struct km_synth) + sizeof(struct km_tables) + voices + lists +
           (size_t)8 * CACHE_LINE;
}

static uint16_t *take_list(struct km_arena *arena, uint32_t count)
{
    return km_arena_take(arena, count * sizeof(uint16_t), alignof(uint16_t));
}

static bool take_lists(struct km_synth *synth, struct km_arena *arena)
{
    const uint32_t slots = synth->slot_count;
    synth->tables = km_arena_take(arena, sizeof(*synth->tables), CACHE_LINE);
    synth->voices = km_arena_take(arena, slots * sizeof(struct km_voice), CACHE_LINE);
    synth->origins = km_arena_take(arena, slots * sizeof(struct km_voice_origin), CACHE_LINE);
    synth->active = take_list(arena, slots);
    synth->spare = take_list(arena, slots);
    synth->victims.voices = take_list(arena, slots);
    synth->victims.ranks = take_list(arena, slots);
    return synth->tables && synth->voices && synth->origins && synth->active && synth->spare &&
           synth->victims.voices && synth->victims.ranks;
}

static void init_drift(struct km_synth *synth)
{
    const double share = (double)KM_QUANTUM_FRAMES / synth->tables->rate_hz / drift_seconds;
    synth->drift_share = (float)share;
    synth->drift_gain = (float)km_sqrt((2.0 - share) / share);
}

static void init(struct km_synth *synth)
{
    km_tables_init(synth->tables, synth->config.rate_hz);
    synth->kernel = km_kernel_of(synth->config.path, synth->config.interpolation);
    synth->note_frames_min = synth->config.rate_hz * KM_NOTE_LENGTH_MIN_MS / 1000;
    synth->spare_count = synth->slot_count;
    for (uint32_t i = 0; i < synth->slot_count; ++i) {
        synth->spare[i] = (uint16_t)(synth->slot_count - 1 - i);
    }
    for (uint32_t i = 0; i < KM_CHANNELS_COUNT; ++i) {
        for (uint32_t key = 0; key < KM_KEYS_COUNT; ++key) {
            synth->channels[i].keys[key] = KM_VOICE_NONE;
        }
    }
    init_drift(synth);
    km_synth_reset(synth, KM_BANK_GS);
}

struct km_synth *km_synth_new(struct km_arena *arena, const struct km_synth_config *config)
{
    KM_CHECK(config->rate_hz >= KM_RATE_MIN && config->rate_hz <= KM_RATE_MAX);
    KM_CHECK(config->voices >= 1 && config->voices <= KM_SYNTH_VOICES_MAX);
    KM_CHECK(km_vector_path_is_here(config->path));

    const struct km_arena arena_before = *arena;
    struct km_synth *const synth = km_arena_take(arena, sizeof(*synth), CACHE_LINE);
    if (!synth) {
        return NULL;
    }
    synth->config = *config;
    synth->slot_count = slots_of(config);
    if (!take_lists(synth, arena)) {
        *arena = arena_before;
        return NULL;
    }
    init(synth);
    return synth;
}

static void select_all(struct km_synth *synth)
{
    for (uint32_t i = 0; i < KM_CHANNELS_COUNT; ++i) {
        km_synth_select(synth, &synth->channels[i]);
    }
}

bool km_synth_set_instrument(struct km_synth *synth, uint16_t bank, uint8_t program,
                             const struct km_instrument *instrument)
{
    const bool is_set = km_programs_set(&synth->programs, bank, program, instrument);
    select_all(synth);
    return is_set;
}

bool km_synth_take_missing(struct km_synth *synth, uint16_t *bank, uint8_t *program)
{
    return km_missing_take(&synth->missing, bank, program);
}

bool km_synth_uses(const struct km_synth *synth, const struct km_instrument *instrument)
{
    for (uint32_t i = 0; i < synth->active_count; ++i) {
        if (synth->origins[synth->active[i]].instrument == instrument) {
            return true;
        }
    }
    return km_programs_has(&synth->programs, instrument);
}

void km_synth_forget_instrument(struct km_synth *synth, const struct km_instrument *instrument)
{
    km_programs_forget(&synth->programs, instrument);
    km_missing_reset(&synth->missing);
    select_all(synth);
    for (uint32_t i = 0; i < synth->active_count; ++i) {
        if (synth->origins[synth->active[i]].instrument == instrument) {
            km_voices_fade(synth, synth->active[i]);
        }
    }
}

void km_synth_silence(struct km_synth *synth, bool resets_channels)
{
    for (uint32_t i = 0; i < synth->active_count; ++i) {
        km_voices_fade(synth, synth->active[i]);
    }
    if (resets_channels) {
        km_synth_reset(synth, KM_BANK_GS);
    }
}

void km_synth_release_all(struct km_synth *synth)
{
    ++synth->event_number;
    for (uint32_t i = 0; i < KM_CHANNELS_COUNT; ++i) {
        struct km_channel *const channel = &synth->channels[i];
        const struct km_channel_order order = {synth->event_number, 0};
        channel->controllers[KM_CC_SUSTAIN] = 0;
        channel->controllers[KM_CC_SOSTENUTO] = 0;
        channel->sostenuto_since = 0;
        channel->notes_off = channel->damp = channel->undo = order;
        channel->has_orders = true;
    }
}

void km_synth_set_mutes(struct km_synth *synth, uint32_t channels)
{
    synth->mutes = channels;
}

void km_synth_set_pitch_drift(struct km_synth *synth, float cents)
{
    const float held = cents > 0.0f ? cents : 0.0f;
    synth->drift_cents = held < drift_cents_max ? held : drift_cents_max;
    for (uint32_t i = 0; i < KM_CHANNELS_COUNT; ++i) {
        synth->channels[i].dirty = KM_SOURCE_ALL;
    }
}

struct km_synth_counters km_synth_counters(const struct km_synth *synth)
{
    struct km_synth_counters counters = synth->counters;
    counters.voices_now = synth->active_count;
    return counters;
}
