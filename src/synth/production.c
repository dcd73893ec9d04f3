// SPDX-License-Identifier: MIT

#include "synth/production_private.h"

#include "base/math.h"
#include "synth/effects_private.h"
#include "synth/master.h"

#define ROOM_HIGH_HZ 250.0
#define ROOM_HIGHER_HZ 2000.0
#define ROOM_LOW_HZ 30.0

// How far a ramp has come with a frame: 1 with the last.
KM_INLINE float share_at(int n)
{
    return (float)(n + 1) * (1.0f / (float)KM_QUANTUM_FRAMES);
}

static bool is_same(float a, float b)
{
    return !(a < b) && !(a > b);
}

static void find_bell(const struct km_mud *mud, double boost_db, float coefficients[4])
{
    const double a = km_exp(boost_db / 40.0 * 2.302585092994046);
    const double k = mud->width / a;
    const double g = mud->tangent;
    const double a1 = 1.0 / (1.0 + g * (g + k));
    coefficients[0] = (float)a1;
    coefficients[1] = (float)(g * a1);
    coefficients[2] = (float)(g * g * a1);
    coefficients[3] = boost_db > 0.0 ? (float)(k * (a * a - 1.0)) : 0.0f;
}

void km_mud_init(struct km_mud *mud, uint32_t rate_hz)
{
    const double w = 2.0 * KM_PI * KM_PRODUCTION_MUD_HZ / (double)rate_hz;
    const double half = 0.5 * 0.6931471805599453 * KM_PRODUCTION_MUD_OCTAVES * w / km_sin(w);
    *mud = (struct km_mud){
        .tangent = km_sin(0.5 * w) / km_cos(0.5 * w),
        .width = km_exp(half) - km_exp(-half), // 2 sinh
    };
    km_mud_set(mud, 0.0f);
    km_mud_reset(mud);
}

void km_mud_set(struct km_mud *mud, float boost_db)
{
    find_bell(mud, (double)boost_db, mud->aim);
}

void km_mud_reset(struct km_mud *mud)
{
    memcpy(mud->coefficients, mud->aim, sizeof(mud->aim));
    memset(mud->state, 0, sizeof(mud->state));
}

void km_mud_process(struct km_mud *mud, float *left, float *right)
{
    if (!(mud->coefficients[3] > 0.0f) && !(mud->aim[3] > 0.0f)) {
        return;
    }
    float a1 = mud->coefficients[0], a2 = mud->coefficients[1], a3 = mud->coefficients[2];
    float added = mud->coefficients[3];
    const float unit = 1.0f / (float)KM_QUANTUM_FRAMES;
    const float a1_step = (mud->aim[0] - a1) * unit, a2_step = (mud->aim[1] - a2) * unit;
    const float a3_step = (mud->aim[2] - a3) * unit, added_step = (mud->aim[3] - added) * unit;
    float *const sides[2] = {left, right};
    for (int n = 0; n < KM_QUANTUM_FRAMES; ++n) {
        for (int side = 0; side < 2; ++side) {
            float *const s = mud->state[side];
            const float x = sides[side][n];
            const float v3 = x - s[1];
            const float band = a1 * s[0] + a2 * v3;
            const float low = s[1] + a2 * s[0] + a3 * v3;
            s[0] = 2.0f * band - s[0];
            s[1] = 2.0f * low - s[1];
            sides[side][n] = x + added * band;
        }
        a1 += a1_step;
        a2 += a2_step;
        a3 += a3_step;
        added += added_step;
    }
    memcpy(mud->coefficients, mud->aim, sizeof(mud->aim));
    const bool is_over = !(mud->aim[3] > 0.0f);
    for (int i = 0; i < 4; ++i) {
        float *const s = &mud->state[i / 2][i % 2];
        *s = is_over ? 0.0f : km_flushed(*s);
    }
}

// What passes both high cuts and not the low cut.
KM_INLINE float hush(float state[3], const float speeds[3], float x)
{
    state[0] += speeds[0] * (x - state[0]);
    state[1] += speeds[1] * (state[0] - state[1]);
    state[2] += speeds[2] * (state[1] - state[2]);
    return state[1] - state[2];
}

// What of a difference a filter of one pole takes away each frame.
static float speed_of(double hz, uint32_t rate_hz)
{
    return (float)(1.0 - km_exp(-2.0 * KM_PI * hz / (double)rate_hz));
}

void km_room_init(struct km_room *room, uint32_t rate_hz, uint64_t seed)
{
    *room = (struct km_room){
        .seed = seed,
        .speeds = {speed_of(ROOM_HIGH_HZ, rate_hz), speed_of(ROOM_HIGHER_HZ, rate_hz),
                   speed_of(ROOM_LOW_HZ, rate_hz)},
    };
    // White noise from -1 to 1 has the energy 1/3; what is left of it is the energy of the answer
    // to one sample of 1.
    float state[3] = {0};
    double energy = 0.0;
    for (uint32_t i = 0; i < rate_hz / 8; ++i) {
        const double y = (double)hush(state, room->speeds, i == 0 ? 1.0f : 0.0f);
        energy += y * y;
    }
    room->unit = (float)km_sqrt(3.0 / energy);
    km_room_reset(room);
}

void km_room_set(struct km_room *room, float percent)
{
    room->aim = percent * 0.01f * room->unit;
}

void km_room_reset(struct km_room *room)
{
    km_random_init(&room->random, room->seed, "room noise");
    memset(room->state, 0, sizeof(room->state));
    room->gain = room->aim;
}

void km_room_process(struct km_room *room, float *left, float *right)
{
    if (!(room->gain > 0.0f) && !(room->aim > 0.0f)) {
        return;
    }
    const float change = room->aim - room->gain;
    const float unit = 1.0f / 2147483648.0f;
    for (int n = 0; n < KM_QUANTUM_FRAMES; ++n) {
        const uint64_t bits = km_random_bits(&room->random);
        const float one = (float)(int32_t)(uint32_t)bits * unit;
        const float other = (float)(int32_t)(uint32_t)(bits >> 32U) * unit;
        const float gain = room->gain + change * share_at(n);
        left[n] += gain * hush(room->state[0], room->speeds, one);
        right[n] += gain * hush(room->state[1], room->speeds, other);
    }
    room->gain = room->aim;
}

void km_width_process(struct km_ramp *width, float *left, float *right)
{
    float *const restrict l = left;
    float *const restrict r = right;
    if (is_same(width->now, 1.0f) && is_same(width->aim, 1.0f)) {
        return;
    }
    const float change = width->aim - width->now;
    for (int n = 0; n < KM_QUANTUM_FRAMES; ++n) {
        const float mid = 0.5f * (l[n] + r[n]);
        const float side = 0.5f * (l[n] - r[n]) * (width->now + change * share_at(n));
        l[n] = mid + side;
        r[n] = mid - side;
    }
    width->now = width->aim;
}

void km_volume_process(struct km_ramp *gain, float *left, float *right)
{
    float *const restrict l = left;
    float *const restrict r = right;
    if (is_same(gain->now, 1.0f) && is_same(gain->aim, 1.0f)) {
        return;
    }
    const float change = gain->aim - gain->now;
    for (int n = 0; n < KM_QUANTUM_FRAMES; ++n) {
        const float factor = gain->now + change * share_at(n);
        l[n] *= factor;
        r[n] *= factor;
    }
    gain->now = gain->aim;
}
