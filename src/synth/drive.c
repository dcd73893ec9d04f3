// SPDX-License-Identifier: MIT

#include "synth/drive_private.h"

#include "base/check.h"
#include "base/math.h"
#include "synth/effects_private.h"
#include "synth/oversample_private.h"

#define GAIN_MAX 16.0f  // At drive 1: a mix of -12 dB is square, nearly.
#define REFERENCE 0.25f // The amplitude of the sine that keeps its loudness: -12 dB.
#define WINDOW_BETA 4.0

// Frames of twice the rate between the whole ones, which the way back down wants: from
// KM_DRIVE_TAPS before the first frame of the quantum to as many after the last.
enum { HALVES = KM_QUANTUM_FRAMES + 2 * KM_DRIVE_TAPS };

// x held to -3 to 3. By whole numbers, whose order is that of the sizes: of a choice between floats
// compilers make a branch.
KM_INLINE float hold_to_3(float x)
{
    const int32_t three = 0x40400000;
    int32_t bits = 0;
    memcpy(&bits, &x, sizeof(bits));
    const int32_t size = bits & 0x7FFFFFFF;
    bits = (bits & ~0x7FFFFFFF) | (size < three ? size : three);
    memcpy(&x, &bits, sizeof(x));
    return x;
}

// Near tanh (Pade's approximant of it), and exactly 1 from 3 on, with no corner there.
KM_INLINE float saturate(float x)
{
    const float u = hold_to_3(x);
    const float square = u * u;
    return u * (27.0f + square) / (27.0f + 9.0f * square);
}

void km_drive_init(struct km_drive *drive, enum km_vector_path path)
{
    KM_CHECK(path != KM_VECTOR_BEST);
    *drive = (struct km_drive){.path = path};
    km_halfway_init(drive->halfway, KM_DRIVE_TAPS, WINDOW_BETA);
    for (int i = 0; i < KM_DRIVE_POINTS; ++i) {
        drive->sine[i] = (float)km_sin(0.5 * KM_PI * ((double)i + 0.5) / KM_DRIVE_POINTS);
    }
}

void km_drive_set(struct km_drive *drive, float amount, float scale)
{
    drive->aim = (struct km_saturation){.gain = 0.0f};
    if (!(amount > 0.0f)) {
        return;
    }
    const float gain = GAIN_MAX * amount * scale;
    float before = 0.0f, after = 0.0f;
    for (int i = 0; i < KM_DRIVE_POINTS; ++i) {
        const float x = REFERENCE / scale * drive->sine[i];
        const float y = saturate(gain * x);
        before += x * x;
        after += y * y;
    }
    if (after > 0.0f) { // Not so small that squares vanish.
        const float level = (float)km_sqrt((double)before / (double)after);
        drive->aim = (struct km_saturation){.gain = gain, .level = level};
    }
}

// By what a sine of this amplitude is louder for the gain alone, without the level.
static double loudened(double gain, double amplitude)
{
    double before = 0.0, after = 0.0;
    for (int i = 0; i < KM_DRIVE_POINTS; ++i) {
        const double x = amplitude * km_sin(0.5 * KM_PI * ((double)i + 0.5) / KM_DRIVE_POINTS);
        const double y = (double)saturate((float)(gain * x));
        before += x * x;
        after += y * y;
    }
    return km_sqrt(after / before);
}

double km_drive_loudness(double amount, double lufs)
{
    const double gain = (double)GAIN_MAX * amount;
    if (!(gain > 1e-6)) {
        return 0.0;
    }
    // Of a sine that is so loud on both sides: ITU-R BS.1770 adds their energies.
    const double amplitude = km_pow(10.0, (km_clamp(lufs, -100.0, 0.0) + 0.691) / 20.0);
    const double ratio = loudened(gain, amplitude) / loudened(gain, (double)REFERENCE);
    return 20.0 * km_log(ratio) / km_log(10.0);
}

// A quantum that ends KM_DRIVE_LATENCY frames before `x` does.
KM_INLINE void drive_side(const struct km_drive *drive, struct km_saturation saturation,
                          const float *restrict seen, float *restrict out)
{
    const float *const restrict x = seen + KM_DRIVE_HISTORY - KM_DRIVE_LATENCY;
    if (!(saturation.gain > 0.0f)) {
        memcpy(out, x, KM_QUANTUM_FRAMES * sizeof(float));
        return;
    }
    alignas(KM_CACHE_LINE) float halves[HALVES];
    alignas(KM_CACHE_LINE) float filtered[KM_QUANTUM_FRAMES];
    km_halfway_read(drive->halfway, KM_DRIVE_TAPS, x - KM_DRIVE_TAPS, halves, HALVES);
    for (int n = 0; n < HALVES; ++n) {
        halves[n] = saturation.level * saturate(saturation.gain * halves[n]);
    }
    // Down again: the same filter, which from halves leads to what is between them: whole frames.
    km_halfway_read(drive->halfway, KM_DRIVE_TAPS, halves + KM_DRIVE_TAPS - 1, filtered,
                    KM_QUANTUM_FRAMES);
    for (int n = 0; n < KM_QUANTUM_FRAMES; ++n) {
        const float whole = saturation.level * saturate(saturation.gain * x[n]);
        out[n] = 0.5f * (whole + filtered[n]);
    }
}

// From one to the other within the quantum.
KM_INLINE void go_over(float *restrict from, const float *restrict to)
{
    for (int n = 0; n < KM_QUANTUM_FRAMES; ++n) {
        const float share = (float)(n + 1) * (1.0f / (float)KM_QUANTUM_FRAMES);
        from[n] += share * (to[n] - from[n]);
    }
}

KM_INLINE void process(struct km_drive *drive, float *const sides[2])
{
    alignas(KM_CACHE_LINE) float aim[KM_QUANTUM_FRAMES];
    const bool moves = drive->now.gain < drive->aim.gain || drive->now.gain > drive->aim.gain;
    for (int side = 0; side < 2; ++side) {
        float *const seen = drive->seen[side];
        float *const restrict out = sides[side];
        memcpy(seen, seen + KM_QUANTUM_FRAMES, KM_DRIVE_HISTORY * sizeof(float));
        memcpy(seen + KM_DRIVE_HISTORY, out, KM_QUANTUM_FRAMES * sizeof(float));
        drive_side(drive, drive->now, seen, out);
        if (moves) {
            drive_side(drive, drive->aim, seen, aim);
            go_over(out, aim);
        }
    }
    drive->now = drive->aim;
}

KM_PATHS(process, (struct km_drive * drive, float *const sides[2]), (drive, sides))

void km_drive_process(struct km_drive *drive, float *left, float *right)
{
    float *const sides[2] = {left, right};
    KM_ON_PATH(drive->path, process, (drive, sides));
}

void km_drive_reset(struct km_drive *drive)
{
    memset(drive->seen, 0, sizeof(drive->seen));
    drive->now = drive->aim;
}
