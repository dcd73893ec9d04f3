// SPDX-License-Identifier: MIT

#include "synth/master.h"

#include "base/check.h"
#include "base/math.h"
#include "rt/arena.h"
#include "rt/block.h"
#include "synth/chorus_private.h"
#include "synth/drive_private.h"
#include "synth/effects_private.h"
#include "synth/limiter_private.h"
#include "synth/production_private.h"
#include "synth/reverb_private.h"

#include <stdalign.h>

// Music is near 0 for longer than a sine is, and drive makes it so much less louder, at 1: measured
// of composed songs.
#define DRIVE_MUSIC_LU 1.3

struct km_master {
    alignas(KM_CACHE_LINE) struct km_drive drive;
    struct km_reverb *reverb; // Null if there is none; so are chorus and limiter.
    struct km_chorus *chorus;
    struct km_limiter *limiter;
    struct km_mud mud;
    struct km_room room;
    struct km_ramp width;
    struct km_ramp volume;
    float peaks[2]; // Since the meter was read.
};

static enum km_vector_path path_of(const struct km_master_config *config)
{
    enum km_vector_path path = config->path;
    if (path == KM_VECTOR_BEST) {
        path = KM_VECTOR_PATHS_COUNT - 1;
        while (path > KM_VECTOR_SCALAR && !km_vector_path_is_here(path)) {
            --path;
        }
    }
    KM_CHECK(km_vector_path_is_here(path));
    return path;
}

static struct km_reverb_config reverb_config(const struct km_master_config *config,
                                             enum km_vector_path path)
{
    return (struct km_reverb_config){
        .rate_hz = config->rate_hz, .decay_s = KM_REVERB_DECAY_S, .path = path};
}

size_t km_master_size(const struct km_master_config *config)
{
    const struct km_reverb_config reverb = reverb_config(config, KM_VECTOR_SCALAR);
    size_t size = sizeof(struct km_master);
    size += config->has_reverb ? km_reverb_size(&reverb) : 0;
    size += config->has_chorus ? km_chorus_size(config->rate_hz) : 0;
    size += config->has_limiter ? km_limiter_size(config->rate_hz) : 0;
    return size;
}

struct km_master *km_master_new(struct km_arena *arena, const struct km_master_config *config)
{
    KM_CHECK(config->rate_hz >= KM_RATE_MIN && config->rate_hz <= KM_RATE_MAX);

    const size_t size = km_master_size(config);
    void *const block = km_arena_take(arena, size, KM_CACHE_LINE);
    if (!block) {
        return NULL;
    }
    struct km_arena own;
    km_arena_init(&own, block, size);
    struct km_master *const master = km_arena_take(&own, sizeof(*master), KM_CACHE_LINE);
    KM_CHECK(master); // km_master_size has counted it, and what follows.
    const enum km_vector_path path = path_of(config);
    if (config->has_reverb) {
        const struct km_reverb_config reverb = reverb_config(config, path);
        master->reverb = km_reverb_new(&own, &reverb);
        KM_CHECK(master->reverb);
    }
    if (config->has_chorus) {
        master->chorus = km_chorus_new(&own, config->rate_hz, path);
        KM_CHECK(master->chorus);
    }
    if (config->has_limiter) {
        master->limiter = km_limiter_new(&own, config->rate_hz, path);
        KM_CHECK(master->limiter);
    }
    km_drive_init(&master->drive, path);
    km_mud_init(&master->mud, config->rate_hz);
    km_room_init(&master->room, config->rate_hz, config->seed);
    master->width = (struct km_ramp){.now = 1.0f, .aim = 1.0f};
    master->volume = (struct km_ramp){.now = 1.0f, .aim = 1.0f};
    return master;
}

uint32_t km_master_latency(const struct km_master *master)
{
    return KM_DRIVE_LATENCY + (master->limiter ? km_limiter_latency(master->limiter) : 0);
}

// Held to its range; 0, the low end of all, for NaN.
static float held(float x, double high)
{
    return (float)km_clamp((double)x, 0.0, high);
}

void km_master_set_production(struct km_master *master, const struct km_production *production)
{
    km_mud_set(&master->mud, held(production->mud_db, 9.0));
    const float gain = production->gain > 0.0f
                           ? (float)km_clamp((double)production->gain, 1.0 / KM_MASTER_GAIN_MAX,
                                             KM_MASTER_GAIN_MAX)
                           : 1.0f;
    km_room_set(&master->room, held(production->room_noise_percent, 1.0) / gain);
    km_drive_set(&master->drive, held(production->drive, 1.0), gain);
    master->width.aim = held(production->width, 1.0);
}

double km_production_loudness(const struct km_production *production, double lufs)
{
    const double drive = (double)held(production->drive, 1.0);
    return km_drive_loudness(drive, lufs) - DRIVE_MUSIC_LU * drive;
}

void km_master_set_volume(struct km_master *master, float gain)
{
    master->volume.aim = held(gain, KM_MASTER_GAIN_MAX);
}

void km_master_process(struct km_master *master, const struct km_synth_buses *buses, float *left,
                       float *right)
{
    float *const restrict l = left;
    float *const restrict r = right;
    for (int n = 0; n < KM_QUANTUM_FRAMES; ++n) {
        l[n] = km_sane(buses->left[n]);
        r[n] = km_sane(buses->right[n]);
    }
    if (master->chorus) {
        km_chorus_process(master->chorus, buses->chorus, left, right);
    }
    if (master->reverb) {
        km_reverb_process(master->reverb, buses->reverb, left, right);
    }
    km_room_process(&master->room, left, right);
    km_mud_process(&master->mud, left, right);
    km_drive_process(&master->drive, left, right);
    km_width_process(&master->width, left, right);
    km_volume_process(&master->volume, left, right);
    if (master->limiter) {
        km_limiter_process(master->limiter, left, right);
    }
    const float peak_left = km_peak_of(left), peak_right = km_peak_of(right);
    master->peaks[0] = master->peaks[0] < peak_left ? peak_left : master->peaks[0];
    master->peaks[1] = master->peaks[1] < peak_right ? peak_right : master->peaks[1];
}

void km_master_reset(struct km_master *master)
{
    if (master->reverb) {
        km_reverb_reset(master->reverb);
    }
    if (master->chorus) {
        km_chorus_reset(master->chorus);
    }
    if (master->limiter) {
        km_limiter_reset(master->limiter);
    }
    km_mud_reset(&master->mud);
    km_room_reset(&master->room);
    km_drive_reset(&master->drive);
    master->width.now = master->width.aim;
    master->volume.now = master->volume.aim;
}

struct km_master_meter km_master_meter(struct km_master *master)
{
    const float gain = master->limiter ? km_limiter_least_gain(master->limiter) : 1.0f;
    const struct km_master_meter meter = {
        .peak_left = master->peaks[0],
        .peak_right = master->peaks[1],
        .reduction_db = (float)(km_log((double)gain) * -20.0 / 2.302585092994046),
    };
    master->peaks[0] = 0.0f;
    master->peaks[1] = 0.0f;
    return meter;
}
