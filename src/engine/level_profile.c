// SPDX-License-Identifier: MIT

// Measures the power of samples over time.

#include "engine/level_private.h"

#include "base/math.h"
#include "synth/master.h"

#include <stdbool.h>

#define SETTLED_MAX 0.5
#define TOP 0.45 // Of the rate: filters above it let everything through.

enum { LOOP_MAX = 1 << 16 }; // Frames of a loop that are looked at.

struct biquad {
    double b0, b1, b2, a1, a2;
    double z1, z2;
};

static double filter(struct biquad *f, double x)
{
    const double y = f->b0 * x + f->z1;
    f->z1 = f->b1 * x - f->a1 * y + f->z2;
    f->z2 = f->b2 * x - f->a2 * y;
    return y;
}

// The two stages of K-weighting as analogue prototypes, for any rate: BS.1770-4 gives coefficients
// for 48 kHz alone; frequencies, gains and Q that lead to them are those of Brecht De Man,
// "Evaluation of Implementations of the EBU R128 Loudness Measurement" (2018).
static struct biquad shelf(double rate)
{
    if (1681.974450955533 > TOP * rate) {
        return (struct biquad){.b0 = 1.0}; // A sample that is played far below its pitch.
    }
    const double k =
        km_sin(KM_PI * 1681.974450955533 / rate) / km_cos(KM_PI * 1681.974450955533 / rate);
    const double q = 0.7071752369554196;
    const double high = km_pow(10.0, 3.999843853973347 / 20.0);
    const double band = km_pow(high, 0.4996667741545416);
    const double a0 = 1.0 + k / q + k * k;
    return (struct biquad){.b0 = (high + band * k / q + k * k) / a0,
                           .b1 = 2.0 * (k * k - high) / a0,
                           .b2 = (high - band * k / q + k * k) / a0,
                           .a1 = 2.0 * (k * k - 1.0) / a0,
                           .a2 = (1.0 - k / q + k * k) / a0};
}

static struct biquad high_pass(double rate)
{
    if (38.13547087602444 > TOP * rate) {
        return (struct biquad){.b0 = 0.0}; // What is left of it is too low to be heard.
    }
    const double k =
        km_sin(KM_PI * 38.13547087602444 / rate) / km_cos(KM_PI * 38.13547087602444 / rate);
    const double q = 0.5003270373238773;
    const double a0 = 1.0 + k / q + k * k;
    return (struct biquad){.b0 = 1.0,
                           .b1 = -2.0,
                           .b2 = 1.0,
                           .a1 = 2.0 * (k * k - 1.0) / a0,
                           .a2 = (1.0 - k / q + k * k) / a0};
}

// The mud of a production (RBJ), which boosts by so many decibels.
static struct biquad mud(double rate, double boost)
{
    if (!(boost > 0.0) || KM_PRODUCTION_MUD_HZ > TOP * rate) {
        return (struct biquad){.b0 = 1.0};
    }
    const double a = km_pow(10.0, boost / 40.0);
    const double omega = 2.0 * KM_PI * KM_PRODUCTION_MUD_HZ / rate;
    const double sine = km_sin(omega);
    const double half = 0.5 * km_log(2.0) * KM_PRODUCTION_MUD_OCTAVES * omega / sine;
    const double alpha = sine * 0.5 * (km_exp(half) - km_exp(-half));
    const double a0 = 1.0 + alpha / a;
    return (struct biquad){.b0 = (1.0 + alpha * a) / a0,
                           .b1 = -2.0 * km_cos(omega) / a0,
                           .b2 = (1.0 - alpha * a) / a0,
                           .a1 = -2.0 * km_cos(omega) / a0,
                           .a2 = (1.0 - alpha / a) / a0};
}

// The modulation envelope, from 0 to 1, `t` seconds after the note-on. Its attack is short or
// counts little, and is taken for a straight line.
static double envelope_at(const struct km_profile_tone *tone, double t)
{
    const double attack = km_exp2(tone->attack / 1200.0);
    const double hold = attack + km_exp2(tone->hold / 1200.0);
    if (t < attack) {
        return t / attack;
    }
    const double fallen = t > hold ? (t - hold) / km_exp2(tone->decay / 1200.0) : 0.0;
    return km_clamp(1.0 - fallen, 1.0 - tone->sustain / 1000.0, 1.0);
}

// When the filter rests, in seconds; what comes after SETTLED_MAX counts as if it rested.
static double settled_after(const struct km_profile_tone *tone)
{
    if (tone->envelope_cutoff == 0) {
        return 0.0;
    }
    const double seconds = km_exp2(tone->attack / 1200.0) + km_exp2(tone->hold / 1200.0) +
                           km_exp2(tone->decay / 1200.0) * tone->sustain / 1000.0;
    return seconds < SETTLED_MAX ? seconds : SETTLED_MAX;
}

// Sets the voice's low-pass (RBJ) as the synth has it `t` seconds after the note-on: Q counts from
// -3.01 dB, and the gain is one by its root.
static void set_low_pass(struct biquad *f, double rate, const struct km_profile_tone *tone,
                         double t)
{
    const double q = km_pow(10.0, (tone->q / 10.0 - 3.01) / 20.0);
    const double gain = 1.0 / km_sqrt(q);
    const double cents =
        km_clamp(tone->cutoff + tone->envelope_cutoff * envelope_at(tone, t), 1500.0, 13500.0);
    const double hz = 8.1757989156 * km_exp2(cents / 1200.0);
    if (hz > TOP * rate) {
        *f = (struct biquad){.b0 = gain};
        return;
    }
    const double omega = 2.0 * KM_PI * hz / rate;
    const double cosine = km_cos(omega);
    const double alpha = km_sin(omega) / (2.0 * q);
    const double a0 = 1.0 + alpha;
    f->b0 = 0.5 * gain * (1.0 - cosine) / a0;
    f->b1 = gain * (1.0 - cosine) / a0;
    f->b2 = 0.5 * gain * (1.0 - cosine) / a0;
    f->a1 = -2.0 * cosine / a0;
    f->a2 = (1.0 - alpha) / a0;
}

double km_profile_cents(const struct km_region *region, uint8_t key)
{
    const int16_t *const g = region->generators;
    return g[KM_GENERATOR_SCALE_TUNING] * (key - (double)region->root_key) +
           100.0 * g[KM_GENERATOR_COARSE_TUNE] + g[KM_GENERATOR_FINE_TUNE] +
           region->correction_cents;
}

static int16_t rounded(double value, double step)
{
    return (int16_t)(step * (double)km_round(value / step));
}

struct km_profile_tone km_profile_tone(const struct km_region *region, uint8_t key)
{
    const int16_t *const g = region->generators;
    const int from_middle = 60 - key;
    const int hold =
        g[KM_GENERATOR_MOD_ENVELOPE_HOLD] + g[KM_GENERATOR_KEY_TO_MOD_ENVELOPE_HOLD] * from_middle;
    const int decay = g[KM_GENERATOR_MOD_ENVELOPE_DECAY] +
                      g[KM_GENERATOR_KEY_TO_MOD_ENVELOPE_DECAY] * from_middle;
    return (struct km_profile_tone){
        .cents = rounded(km_clamp(km_profile_cents(region, key), -12000.0, 12000.0), 200.0),
        .cutoff = g[KM_GENERATOR_FILTER_CUTOFF],
        .envelope_cutoff = g[KM_GENERATOR_MOD_ENVELOPE_TO_CUTOFF],
        .attack = g[KM_GENERATOR_MOD_ENVELOPE_ATTACK],
        .hold = rounded(km_clamp(hold, -12000.0, 5000.0), 200.0),
        .decay = rounded(km_clamp(decay, -12000.0, 8000.0), 200.0),
        .sustain = g[KM_GENERATOR_MOD_ENVELOPE_SUSTAIN],
        .q = g[KM_GENERATOR_FILTER_Q]};
}

// A sample while it is played and filtered.
struct playback {
    const struct km_region *region;
    struct biquad low_pass, shelf, high_pass, mud;
    uint32_t frame; // Next, in the sample.
    bool has_looped;
};

static bool is_at_end(const struct playback *playback)
{
    return playback->frame >= playback->region->end;
}

// The energy of the next frames, up to `count`; they are fewer at the sample's end.
static double play(struct playback *playback, uint32_t count, uint32_t *played)
{
    const bool has_mud = playback->mud.a2 != 0.0;
    const struct km_region *const region = playback->region;
    const bool loops = region->loop_mode != KM_LOOP_NONE;
    double sum = 0.0;
    for (*played = 0; *played < count && !is_at_end(playback); *played += 1) {
        const double x = region->frames[playback->frame] / 32768.0;
        const double y =
            filter(&playback->high_pass, filter(&playback->shelf, filter(&playback->low_pass, x)));
        const double z = has_mud ? filter(&playback->mud, y) : y;
        sum += z * z;
        playback->frame += 1;
        if (loops && playback->frame == region->loop_end) {
            playback->frame = region->loop_start;
            playback->has_looped = true;
        }
    }
    return sum;
}

void km_profile_measure(const struct km_region *region, struct km_profile_tone tone,
                        struct km_profile *profile)
{
    const double rate = region->rate_hz * km_exp2(tone.cents / 1200.0); // As it is played.
    const double settled = settled_after(&tone);
    const bool loops = region->loop_mode != KM_LOOP_NONE;
    struct playback playback = {.region = region,
                                .shelf = shelf(rate),
                                .high_pass = high_pass(rate),
                                .mud = mud(rate, tone.mud / 100.0),
                                .frame = region->start};
    double seconds = 0.0;
    uint32_t played = 0;
    profile->tone = tone;
    profile->frames = region->frames;
    profile->start = region->start;
    profile->count = 0;
    while (profile->count < KM_PROFILE_WINDOWS_MAX && !is_at_end(&playback) &&
           !(playback.has_looped && seconds >= settled)) {
        set_low_pass(&playback.low_pass, rate, &tone, seconds + 0.5 * KM_PROFILE_WINDOW / rate);
        const double sum = play(&playback, KM_PROFILE_WINDOW, &played);
        profile->windows[profile->count++] = (float)(sum / played);
        seconds += played / rate;
    }
    const uint32_t end = loops ? region->loop_end : region->end;
    const uint32_t measured = profile->count * (uint32_t)KM_PROFILE_WINDOW;
    const uint32_t whole = end > region->start ? end - region->start : 0;
    profile->frame_count = loops && measured > whole ? measured : whole;
    profile->loop_power = 0.0f;
    if (loops) {
        const uint32_t loop = region->loop_end - region->loop_start;
        set_low_pass(&playback.low_pass, rate, &tone, seconds);
        playback.frame = region->loop_start;
        const double sum = play(&playback, loop < LOOP_MAX ? loop : LOOP_MAX, &played);
        profile->loop_power = (float)(sum / played);
    }
}

float km_profile_at(const struct km_profile *profile, double position)
{
    const double window = position / KM_PROFILE_WINDOW;
    if (window < profile->count) {
        return profile->windows[(uint32_t)window];
    }
    const bool goes_on = profile->frame_count > 0 && position < profile->frame_count;
    return goes_on ? profile->windows[profile->count - 1] : profile->loop_power;
}
