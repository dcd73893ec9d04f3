// SPDX-License-Identifier: MIT

#include "engine/level.h"

#include "base/check.h"
#include "base/math.h"
#include "engine/level_private.h"
#include "heap/heap.h"
#include "synth/master.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

enum {
    BINS_PER_SECOND = 10, // A gating block of 400 ms is four of them, and begins with each.
    BINS_PER_BLOCK = 4,
    BINS_GROWTH = 1024,
    BINS_MAX = KM_LEVEL_SECONDS_MAX * BINS_PER_SECOND,
    DRIVEN_LU = 100,
    SHAPES_SHIFT = 22,
    SHAPES_COUNT = 1 << (32 - SHAPES_SHIFT),
};

// Steps of the integration: fine where percussion has its energy, coarse after.
#define STEP_SHORT 0.01
#define STEP_LONG 0.05
#define SHORT_SECONDS 0.3
#define NOTE_SECONDS_MAX 300.0 // Of a note that is longer the rest does not count.
#define TAIL_SECONDS 12.0      // No note is followed for longer after its end.
#define INAUDIBLE 1e-12        // Power at which a note has died away,
#define FADED_AWAY 1e-6        // and its share of what the note had at its loudest.
#define FULL_SCALE_POWER 0.04  // As the synth mixes a voice: a gain of .2.
// BS.1770-4 has -70, of what is heard; the gain that comes after may be 44 dB.
#define ABSOLUTE_GATE (-114.0)
#define RELATIVE_GATE (-10.0)

struct key {
    double seconds; // Of the note-on; below 0: no note.
    uint8_t velocity;
    bool is_held; // Let go while the pedal was down.
};

struct channel {
    const struct km_instrument *instrument;
    uint8_t bank, program, volume, expression;
    bool is_pedal_down;
    bool is_known; // `instrument` has been looked up.
    struct key keys[KM_KEYS_COUNT];
};

struct km_level {
    struct km_level_config config;
    struct km_level_shape shapes[SHAPES_COUNT]; // By region and key; what came last stands.
    struct km_fades fades;
    int16_t mud;              // As in struct km_profile_tone.
    double driven[DRIVEN_LU]; // By what drive multiplies the power of moments of -DRIVEN_LU LUFS
                              // and so on up to 0.
    double *bins;             // Energy in each tenth of a second.
    size_t bin_count;
    struct km_profile **profiles;
    size_t profile_count;
    struct channel channels[KM_CHANNELS_COUNT];
};

struct note {
    double start, end; // Seconds.
    uint8_t key, velocity;
    double power; // Factor of the channel's volume and expression.
};

static void reset(struct channel *channel)
{
    *channel = (struct channel){.volume = 100, .expression = 127};
    for (size_t i = 0; i < KM_KEYS_COUNT; ++i) {
        channel->keys[i].seconds = -1.0;
    }
}

static void take_production(struct km_level *level, const struct km_production *production)
{
    level->mud = (int16_t)km_round(100.0 * km_clamp((double)production->mud_db, 0.0, 9.0));
    for (int i = 0; i < DRIVEN_LU; ++i) {
        const double lu = km_production_loudness(production, i + 0.5 - DRIVEN_LU);
        level->driven[i] = km_pow(10.0, lu / 10.0);
    }
}

struct km_level *km_level_new(const struct km_level_config *config)
{
    KM_CHECK(config->heap);
    KM_CHECK(config->find);
    struct km_level *const level =
        km_heap_allocate(config->heap, KM_ACCOUNT_WORKING, sizeof(*level));
    if (level) {
        level->config = *config;
        km_fades_init(&level->fades);
        if (config->production) {
            take_production(level, config->production);
        }
        for (size_t i = 0; i < KM_CHANNELS_COUNT; ++i) {
            reset(&level->channels[i]);
        }
    }
    return level;
}

void km_level_free(struct km_level *level)
{
    if (!level) {
        return;
    }
    struct km_heap *const heap = level->config.heap;
    for (size_t i = 0; i < level->profile_count; ++i) {
        km_heap_release(heap, level->profiles[i]);
    }
    km_heap_release(heap, level->profiles);
    km_heap_release(heap, level->bins);
    km_heap_release(heap, level);
}

static enum km_status add_profile(struct km_level *level, const struct km_region *region,
                                  struct km_profile_tone tone, const struct km_profile **found)
{
    struct km_heap *const heap = level->config.heap;
    if (!level->profiles) {
        level->profiles = km_heap_allocate_array(heap, KM_ACCOUNT_WORKING, KM_LEVEL_PROFILES_MAX,
                                                 sizeof(struct km_profile *));
    }
    struct km_profile *const profile =
        level->profiles ? km_heap_allocate(heap, KM_ACCOUNT_WORKING, sizeof(*profile)) : NULL;
    if (!profile) {
        return KM_ERROR_NO_MEMORY;
    }
    km_profile_measure(region, tone, profile);
    level->profiles[level->profile_count++] = profile;
    *found = profile;
    return KM_OK;
}

// The profile of a region's sample, measured once; null if there are too many.
static enum km_status profile_of(struct km_level *level, const struct km_region *region,
                                 uint8_t key, const struct km_profile **found)
{
    struct km_profile_tone tone = km_profile_tone(region, key);
    tone.mud = level->mud;
    *found = NULL;
    for (size_t i = level->profile_count; i-- > 0;) {
        const struct km_profile *const profile = level->profiles[i];
        if (profile->frames == region->frames && profile->start == region->start &&
            memcmp(&profile->tone, &tone, sizeof(tone)) == 0) {
            *found = profile;
            return KM_OK;
        }
    }
    return level->profile_count == KM_LEVEL_PROFILES_MAX ? KM_OK
                                                         : add_profile(level, region, tone, found);
}

static enum km_status grow(struct km_level *level, size_t bins)
{
    if (bins <= level->bin_count) {
        return KM_OK;
    }
    const size_t count = (bins / BINS_GROWTH + 1) * BINS_GROWTH;
    double *const grown =
        km_heap_resize(level->config.heap, KM_ACCOUNT_WORKING, level->bins, count * sizeof(double));
    if (!grown) {
        return KM_ERROR_NO_MEMORY;
    }
    level->bins = grown;
    level->bin_count = count;
    return KM_OK;
}

static enum km_status add_energy(struct km_level *level, double seconds, double energy)
{
    const double bin = seconds * BINS_PER_SECOND;
    if (!(bin >= 0.0 && bin < BINS_MAX)) {
        return KM_OK;
    }
    const enum km_status status = grow(level, (size_t)bin + 1);
    if (status == KM_OK) {
        level->bins[(size_t)bin] += energy;
    }
    return status;
}

// How a region sounds at a key: looked up, or else found out.
static enum km_status shape_of(struct km_level *level, const struct km_region *region, uint8_t key,
                               const struct km_level_shape **found)
{
    const uint64_t number = (uintptr_t)region / sizeof(*region) * KM_KEYS_COUNT + key;
    // Knuth's multiplicative hashing: neighbours fall far apart.
    const uint32_t place = ((uint32_t)number * 2654435761U) >> SHAPES_SHIFT;
    struct km_level_shape *const shape = &level->shapes[place];
    *found = shape;
    if (shape->region == region && shape->key == key) {
        return KM_OK;
    }
    km_level_shape_init(shape, region, key);
    const enum km_status status = profile_of(level, region, key, &shape->profile);
    shape->region = status == KM_OK ? region : NULL;
    return status;
}

static enum km_status add_region(struct km_level *level, const struct note *note,
                                 const struct km_region *region)
{
    const struct km_level_shape *shape = NULL;
    enum km_status status = shape_of(level, region, note->key, &shape);
    if (status != KM_OK || !shape->profile) {
        return status;
    }
    const double scale = note->power * shape->power;
    const double whole = note->end - note->start;
    const double length = whole < NOTE_SECONDS_MAX ? whole : NOTE_SECONDS_MAX;
    // A few bytes of a file can hold a note for years.
    const double counted = km_clamp(KM_LEVEL_SECONDS_MAX - note->start, 0.0, length + TAIL_SECONDS);
    double step = STEP_SHORT;
    double loudest = 0.0;
    double t = 0.0;
    while (t < counted && status == KM_OK) {
        step = t < SHORT_SECONDS ? STEP_SHORT : STEP_LONG;
        const double middle = t + 0.5 * step;
        const double sample = (double)km_profile_at(shape->profile, middle * shape->rate);
        const double power =
            scale * km_level_envelope_power(&shape->envelope, &level->fades, middle, length) *
            sample;
        loudest = power > loudest ? power : loudest;
        if ((power < INAUDIBLE || power < FADED_AWAY * loudest) && t > shape->envelope.attack) {
            break;
        }
        status = add_energy(level, note->start + middle, power * step);
        t += step;
    }
    return status;
}

// The curve of velocity, volume and expression: 40 log10 (SoundFont 2.04, 9.5.3), as power.
static double curve_power(uint8_t value)
{
    const double share = value / 128.0;
    return share * share * share * share;
}

static enum km_status add_note(struct km_level *level, struct channel *channel, uint8_t number,
                               double seconds)
{
    struct key *const key = &channel->keys[number];
    const struct note note = {.start = key->seconds,
                              .end = seconds,
                              .key = number,
                              .velocity = key->velocity,
                              .power = FULL_SCALE_POWER * curve_power(key->velocity) *
                                       curve_power(channel->volume) *
                                       curve_power(channel->expression)};
    key->seconds = -1.0;
    key->is_held = false;
    const struct km_instrument *const instrument = channel->instrument;
    enum km_status status = KM_OK;
    if (!instrument) {
        return status;
    }
    for (uint32_t i = instrument->key_starts[number];
         i < instrument->key_starts[number + 1] && status == KM_OK; ++i) {
        const struct km_region *const region = &instrument->regions[instrument->key_regions[i]];
        if (note.velocity >= region->velocity_low && note.velocity <= region->velocity_high) {
            status = add_region(level, &note, region);
        }
    }
    return status;
}

static enum km_status release_held(struct km_level *level, struct channel *channel, double seconds)
{
    enum km_status status = KM_OK;
    for (unsigned int i = 0; i < KM_KEYS_COUNT && status == KM_OK; ++i) {
        if (channel->keys[i].seconds >= 0.0 && channel->keys[i].is_held) {
            status = add_note(level, channel, (uint8_t)i, seconds);
        }
    }
    return status;
}

static enum km_status let_go(struct km_level *level, struct channel *channel, uint8_t number,
                             double seconds)
{
    struct key *const key = &channel->keys[number];
    if (key->seconds < 0.0) {
        return KM_OK;
    }
    if (channel->is_pedal_down) {
        key->is_held = true;
        return KM_OK;
    }
    return add_note(level, channel, number, seconds);
}

static void look_up(struct km_level *level, struct channel *channel, bool is_percussion)
{
    if (!channel->is_known) {
        channel->is_known = true;
        channel->instrument = level->config.find(
            level->config.context, is_percussion ? KM_BANK_DRUMS : channel->bank, channel->program);
    }
}

static enum km_status strike(struct km_level *level, const struct km_event *event, double seconds)
{
    struct channel *const channel = &level->channels[event->channel];
    struct key *const key = &channel->keys[event->number];
    look_up(level, channel, event->channel == KM_CHANNEL_DRUMS);
    enum km_status status = KM_OK;
    if (key->seconds >= 0.0) {
        status = add_note(level, channel, event->number, seconds);
    }
    key->seconds = seconds;
    key->velocity = event->value;
    return status;
}

static enum km_status control(struct km_level *level, struct channel *channel,
                              const struct km_event *event, double seconds)
{
    enum { BANK = 0, VOLUME = 7, EXPRESSION = 11, PEDAL = 64, PEDAL_DOWN = 64 };
    switch (event->number) {
    case BANK:
        channel->bank = event->value;
        return KM_OK;
    case VOLUME:
        channel->volume = event->value;
        return KM_OK;
    case EXPRESSION:
        channel->expression = event->value;
        return KM_OK;
    case PEDAL:
        channel->is_pedal_down = event->value >= PEDAL_DOWN;
        return channel->is_pedal_down ? KM_OK : release_held(level, channel, seconds);
    default:
        return KM_OK;
    }
}

enum km_status km_level_add(struct km_level *level, const struct km_event *event, double seconds)
{
    if (event->channel >= KM_CHANNELS_COUNT || event->number >= KM_KEYS_COUNT) {
        return KM_OK;
    }
    struct channel *const channel = &level->channels[event->channel];
    if (event->type == KM_EVENT_NOTE_ON) {
        return strike(level, event, seconds);
    }
    if (event->type == KM_EVENT_NOTE_OFF) {
        return let_go(level, channel, event->number, seconds);
    }
    if (event->type == KM_EVENT_CONTROL) {
        return control(level, channel, event, seconds);
    }
    if (event->type == KM_EVENT_PROGRAM) {
        channel->program = event->number;
        channel->is_known = false; // Notes that sound are told by what comes: a small error.
    }
    return KM_OK;
}

static double lufs_of_power(double power)
{
    return -0.691 + 10.0 * km_log(power) / km_log(10.0);
}

// The power of a moment behind the production's drive.
static double driven(const struct km_level *level, double power)
{
    const struct km_production *const production = level->config.production;
    if (!production || !(production->drive > 0.0f) || !(power > 0.0)) {
        return power;
    }
    const double gain = production->gain > 0.0f ? (double)production->gain : 1.0;
    const double lufs = lufs_of_power(power * gain * gain);
    const double place = km_clamp(lufs + DRIVEN_LU, 0.0, DRIVEN_LU - 1.0);
    return power * level->driven[(uint32_t)place];
}

static double block_power(const struct km_level *level, size_t first)
{
    double sum = 0.0;
    for (size_t i = first; i < first + BINS_PER_BLOCK; ++i) {
        sum += level->bins[i];
    }
    return driven(level, sum * BINS_PER_SECOND / BINS_PER_BLOCK);
}

// Mean power of the blocks that are louder than the gate, in LUFS (BS.1770-4, annex 1).
static double gated(const struct km_level *level, double gate)
{
    double sum = 0.0;
    size_t count = 0;
    for (size_t i = 0; i + BINS_PER_BLOCK <= level->bin_count; ++i) {
        const double power = block_power(level, i);
        if (power > 0.0 && lufs_of_power(power) > gate) {
            sum += power;
            count += 1;
        }
    }
    return count > 0 ? lufs_of_power(sum / (double)count) : -(double)INFINITY;
}

static enum km_status end_notes(struct km_level *level, struct channel *channel, double seconds)
{
    enum km_status status = KM_OK;
    for (unsigned int i = 0; i < KM_KEYS_COUNT && status == KM_OK; ++i) {
        if (channel->keys[i].seconds >= 0.0) {
            status = add_note(level, channel, (uint8_t)i, seconds);
        }
    }
    return status;
}

enum km_status km_level_finish(struct km_level *level, double seconds, double *lufs)
{
    enum km_status status = KM_OK;
    for (size_t i = 0; i < KM_CHANNELS_COUNT && status == KM_OK; ++i) {
        status = end_notes(level, &level->channels[i], seconds);
    }
    if (status == KM_OK) {
        const double ungated = gated(level, ABSOLUTE_GATE);
        *lufs = gated(level, ungated + RELATIVE_GATE > ABSOLUTE_GATE ? ungated + RELATIVE_GATE
                                                                     : ABSOLUTE_GATE);
    }
    return status;
}
