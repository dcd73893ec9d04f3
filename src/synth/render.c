// SPDX-License-Identifier: MIT
// A quantum: all voices are moved on, fetched, and mixed 16 at a time.

#include "synth/synth_private.h"

#include <string.h>

static const float smallest_state = 1e-15f;

// What fades without an end becomes 0 before it becomes denormal, which is slow.
static float without_dust(float state)
{
    return state < smallest_state && state > -smallest_state ? 0.0f : state;
}

static void clear_lane(struct km_lanes *lanes, uint32_t lane)
{
    memset(lanes->wave[lane], 0, sizeof(lanes->wave[lane]));
    lanes->a1[lane] = lanes->a2[lane] = lanes->a3[lane] = 0.0f;
    lanes->a1_step[lane] = lanes->a2_step[lane] = lanes->a3_step[lane] = 0.0f;
    lanes->s1[lane] = lanes->s2[lane] = 0.0f;
    for (uint32_t bus = 0; bus < KM_BUSES; ++bus) {
        lanes->gain[bus][lane] = 0.0f;
        lanes->gain_step[bus][lane] = 0.0f;
    }
}

static void mix_lanes(struct km_synth *synth)
{
    if (synth->lane_count == 0) {
        return;
    }
    struct km_lanes *const lanes = &synth->lanes;
    for (uint32_t lane = synth->lane_count; lane < KM_LANES; ++lane) {
        clear_lane(lanes, lane);
    }
    synth->kernel.mix(lanes, &synth->sums);
    for (uint32_t lane = 0; lane < synth->lane_count; ++lane) {
        struct km_voice *const voice = &synth->voices[synth->lane_voices[lane]];
        voice->s1 = without_dust(lanes->s1[lane]);
        voice->s2 = without_dust(lanes->s2[lane]);
    }
    synth->lane_count = 0;
    lanes->filter_moves = false;
    lanes->has_sends = false;
}

static void render_voice(struct km_synth *synth, uint16_t index)
{
    struct km_voice *const voice = &synth->voices[index];
    const struct km_channel *const channel = &synth->channels[voice->channel];
    if (channel->has_orders) {
        km_voice_obey(synth, index);
    }
    if (channel->dirty) {
        km_voice_update(synth, index);
    }
    const uint32_t from = km_voice_control(synth, index);
    if (from >= KM_QUANTUM_FRAMES) {
        return;
    }
    float *const wave = synth->lanes.wave[synth->lane_count];
    if (synth->kernel.fetch(&voice->wave, from, wave)) {
        voice->flags |= KM_VOICE_HAS_ENDED;
    }
    if (++synth->lane_count == KM_LANES) {
        mix_lanes(synth);
    }
}

void km_synth_render(struct km_synth *synth, struct km_synth_buses *buses)
{
    if (synth->active_count == 0) {
        memset(buses, 0, sizeof(*buses));
    } else {
        memset(&synth->sums, 0, sizeof(synth->sums));
        for (uint32_t i = 0; i < synth->active_count; ++i) {
            render_voice(synth, synth->active[i]);
        }
        mix_lanes(synth);
        synth->kernel.reduce(&synth->sums, buses);
        km_voices_sweep(synth);
    }
    for (uint32_t channel = 0; channel < KM_CHANNELS_COUNT; ++channel) {
        synth->channels[channel].dirty = 0;
        synth->channels[channel].has_orders = false;
    }
}
