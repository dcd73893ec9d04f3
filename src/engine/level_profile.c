// SPDX-License-Identifier: MIT

// Measures the power of samples over time.

#include "engine/level_private.h"

#include "base/math.h"

#include <stdbool.h>

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

// The voice's low-pass at rest (RBJ, Butterworth: Q matters little for loudness).
static struct biquad low_pass(double rate, double cutoff_cents)
{
    double hz = 8.1757989156 * km_exp2(cutoff_cents / 1200.0);
    hz = hz < 0.45 * rate ? hz : 0.45 * rate;
    const double omega = 2.0 * KM_PI * hz / rate;
    const double cosine = km_cos(omega);
    const double alpha = km_sin(omega) / 1.41421356237309504880;
    const double a0 = 1.0 + alpha;
    return (struct biquad){.b0 = 0.5 * (1.0 - cosine) / a0,
                           .b1 = (1.0 - cosine) / a0,
                           .b2 = 0.5 * (1.0 - cosine) / a0,
                           .a1 = -2.0 * cosine / a0,
                           .a2 = (1.0 - alpha) / a0};
}

double km_profile_cents(const struct km_region *region, uint8_t key)
{
    const int16_t *const g = region->generators;
    return g[KM_GENERATOR_SCALE_TUNING] * (key - (double)region->root_key) +
           100.0 * g[KM_GENERATOR_COARSE_TUNE] + g[KM_GENERATOR_FINE_TUNE] +
           region->correction_cents;
}

int16_t km_profile_cutoff(const struct km_region *region, uint8_t key)
{
    const double soon = 0.3; // Seconds after the attack.
    const double step = 200.0;
    const int16_t *const g = region->generators;
    const double decay = km_exp2(g[KM_GENERATOR_MOD_ENVELOPE_DECAY] / 1200.0);
    const double sustain = 1.0 - g[KM_GENERATOR_MOD_ENVELOPE_SUSTAIN] / 1000.0;
    const double value = km_clamp(1.0 - soon / decay, sustain, 1.0);
    const double heard =
        km_clamp(g[KM_GENERATOR_FILTER_CUTOFF] + g[KM_GENERATOR_MOD_ENVELOPE_TO_CUTOFF] * value,
                 1500.0, 13500.0);
    const double recorded = heard - km_profile_cents(region, key);
    return (int16_t)(step * (double)km_round(km_clamp(recorded, 1500.0, 14000.0) / step));
}

void km_profile_measure(const struct km_region *region, int16_t cutoff, struct km_profile *profile)
{
    const double rate = region->rate_hz;
    profile->cutoff = cutoff;
    struct biquad first = shelf(rate);
    struct biquad second = high_pass(rate);
    struct biquad third = low_pass(rate, profile->cutoff);
    const bool loops = region->loop_mode != KM_LOOP_NONE;
    const uint32_t end = loops ? region->loop_end : region->end;
    double sum = 0.0;
    double loop_sum = 0.0;
    uint32_t in_window = 0;
    profile->frames = region->frames;
    profile->start = region->start;
    profile->frame_count = end > region->start ? end - region->start : 0;
    profile->count = 0;
    for (uint32_t i = region->start; i < end; ++i) {
        const double x = region->frames[i] / 32768.0;
        const double y = filter(&third, filter(&second, filter(&first, x)));
        sum += y * y;
        loop_sum += loops && i >= region->loop_start ? y * y : 0.0;
        in_window += 1;
        const bool is_full = in_window == KM_PROFILE_WINDOW || i + 1 == end;
        if (is_full && profile->count < KM_PROFILE_WINDOWS_MAX) {
            profile->windows[profile->count++] = (float)(sum / in_window);
            in_window = 0;
            sum = 0.0;
        }
        if (profile->count == KM_PROFILE_WINDOWS_MAX && !loops) {
            break; // The rest is as the last window.
        }
    }
    profile->loop_power =
        loops ? (float)(loop_sum / (double)(region->loop_end - region->loop_start)) : 0.0f;
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
