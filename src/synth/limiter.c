// SPDX-License-Identifier: MIT

#include "synth/limiter_private.h"

#include "base/check.h"
#include "base/math.h"
#include "rt/arena.h"
#include "rt/block.h"
#include "synth/effects_private.h"
#include "synth/oversample_private.h"

#include <stdalign.h>

// Time: the newest quantum's first frame is T. Peaks are known PEAK_DELAY frames later, so in a
// quantum those of T - PEAK_DELAY on are found. A gain that a peak needs goes through the averages,
// and has arrived ATTACK frames on; GUARD more pass before the peak's frame is put out, so that the
// gain stands still round it.
enum {
    TAPS = 20, // On each side of a halfway point.
    QUARTER_DELAY = TAPS + 4,
    PEAK_DELAY = TAPS + 8,
    GUARD = 8,
    WIDE = 64, // Lengths of the two averages at 48 kHz; their sum, 96, is the attack.
    NARROW = 32,
    SCALE_MAX = 4,
    HISTORY = 48, // More than PEAK_DELAY and TAPS.
    HOLD_QUANTA_MAX = 96,
    GAIN_BITS = 30,
    UNITY = 1 << GAIN_BITS,
    ACTIVITY_FULL = 1 << 24,
    LEAST_STEP = UNITY >> 18, // Up at 48 kHz, each frame: so that release ends, in .2 s.
};

#define WINDOW_BETA 4.0     // Within .06 dB up to .46 of the rate.
#define RELEASE_FAST_S 0.05 // After a single peak.
#define RELEASE_SLOW_S 0.2  // After limiting for a while.
#define ACTIVITY_S 0.3      // That while.

// One side at eight times the rate. Each array begins HISTORY frames before what is new in it.
struct scan {
    alignas(KM_CACHE_LINE) float whole[HISTORY + KM_QUANTUM_FRAMES]; // New is T on.
    alignas(KM_CACHE_LINE) float half[HISTORY + KM_QUANTUM_FRAMES];  // T - TAPS + 1/2 on.
    alignas(
        KM_CACHE_LINE) float quarter[HISTORY + KM_QUANTUM_FRAMES];   // T - QUARTER_DELAY + 1/4 on.
    alignas(KM_CACHE_LINE) float three[HISTORY + KM_QUANTUM_FRAMES]; // And + 3/4.
};

struct km_limiter {
    struct scan scans[2];
    struct km_delay delays[2];
    float halfway[TAPS];
    uint32_t wide[WIDE * SCALE_MAX]; // Rings of what the averages are of.
    uint64_t narrow[NARROW * SCALE_MAX];
    uint32_t holds[HOLD_QUANTA_MAX]; // The least of each quantum, a ring.
    uint64_t wide_sum;
    uint64_t narrow_sum;
    uint32_t scale; // 1, 2 or 4 times 48 kHz.
    uint32_t wide_at, narrow_at, hold_at;
    uint32_t hold_quanta;
    uint32_t released;                   // The gain after hold and release.
    uint32_t unity_quanta;               // Since when it is UNITY, so that the averages are.
    uint32_t release_fast, release_slow; // What goes each frame, of 2^32.
    uint32_t activity;                   // Of ACTIVITY_FULL.
    uint32_t activity_quanta;
    uint32_t latency;
    float least;
    enum km_vector_path path;
};

static uint32_t scale_of(uint32_t rate_hz)
{
    return rate_hz <= 50000 ? 1 : rate_hz <= 100000 ? 2 : SCALE_MAX;
}

static uint32_t latency_of(uint32_t rate_hz)
{
    return PEAK_DELAY + (WIDE + NARROW) * scale_of(rate_hz) + GUARD;
}

size_t km_limiter_size(uint32_t rate_hz)
{
    return sizeof(struct km_limiter) + 2 * km_delay_size(latency_of(rate_hz) + KM_QUANTUM_FRAMES);
}

static uint32_t release_of(double seconds, uint32_t rate_hz)
{
    return (uint32_t)(4294967296.0 * (1.0 - km_exp(-1.0 / (seconds * (double)rate_hz))));
}

struct km_limiter *km_limiter_new(struct km_arena *arena, uint32_t rate_hz,
                                  enum km_vector_path path)
{
    KM_CHECK(rate_hz >= KM_RATE_MIN && rate_hz <= KM_RATE_MAX);
    KM_CHECK(path != KM_VECTOR_BEST);

    const size_t size = km_limiter_size(rate_hz);
    void *const block = km_arena_take(arena, size, KM_CACHE_LINE);
    if (!block) {
        return NULL;
    }
    struct km_arena own;
    km_arena_init(&own, block, size);
    struct km_limiter *const limiter = km_arena_take(&own, sizeof(*limiter), KM_CACHE_LINE);
    KM_CHECK(limiter);
    limiter->path = path;
    limiter->scale = scale_of(rate_hz);
    limiter->latency = latency_of(rate_hz);
    for (int side = 0; side < 2; ++side) {
        const uint32_t frames = limiter->latency + KM_QUANTUM_FRAMES;
        struct km_delay *const delay = &limiter->delays[side];
        delay->length = km_delay_length(frames);
        delay->frames = km_arena_take(&own, km_delay_size(frames), KM_CACHE_LINE);
        KM_CHECK(delay->frames); // km_limiter_size has counted it.
    }
    km_halfway_init(limiter->halfway, TAPS, WINDOW_BETA);
    limiter->hold_quanta = rate_hz * KM_LIMITER_HOLD_MS / (1000 * KM_QUANTUM_FRAMES) + 1;
    KM_CHECK(limiter->hold_quanta <= HOLD_QUANTA_MAX);
    KM_CHECK(limiter->hold_quanta * KM_QUANTUM_FRAMES > limiter->latency);
    limiter->release_fast = release_of(RELEASE_FAST_S, rate_hz);
    limiter->release_slow = release_of(RELEASE_SLOW_S, rate_hz);
    limiter->activity_quanta = (uint32_t)(ACTIVITY_S * (double)rate_hz / KM_QUANTUM_FRAMES);
    km_limiter_reset(limiter);
    return limiter;
}

void km_limiter_reset(struct km_limiter *limiter)
{
    memset(limiter->scans, 0, sizeof(limiter->scans));
    km_delay_clear(&limiter->delays[0]);
    km_delay_clear(&limiter->delays[1]);
    for (uint32_t i = 0; i < WIDE * SCALE_MAX; ++i) {
        limiter->wide[i] = UNITY;
    }
    limiter->wide_sum = (uint64_t)UNITY * WIDE * limiter->scale;
    for (uint32_t i = 0; i < NARROW * SCALE_MAX; ++i) {
        limiter->narrow[i] = limiter->wide_sum;
    }
    limiter->narrow_sum = limiter->wide_sum * NARROW * limiter->scale;
    for (uint32_t i = 0; i < HOLD_QUANTA_MAX; ++i) {
        limiter->holds[i] = UNITY;
    }
    limiter->released = UNITY;
    limiter->unity_quanta = HOLD_QUANTA_MAX;
    limiter->activity = 0;
    limiter->least = 1.0f;
}

uint32_t km_limiter_latency(const struct km_limiter *limiter)
{
    return limiter->latency;
}

float km_limiter_least_gain(struct km_limiter *limiter)
{
    const float least = limiter->least;
    limiter->least = 1.0f;
    return least;
}

// Quarters, from halves: halfway between points of twice the rate, from eight of them. The
// coefficients have the least largest error over all that the signal can hold: .004 dB.
KM_INLINE void find_quarters(const struct scan *scan, float *restrict quarter,
                             float *restrict three)
{
    const float *const whole = scan->whole + HISTORY - QUARTER_DELAY;
    const float *const half = scan->half + HISTORY - QUARTER_DELAY + TAPS;
    const float *w0 = whole - 1, *w1 = whole, *w2 = whole + 1, *w3 = whole + 2;
    const float *h0 = half - 2, *h1 = half - 1, *h2 = half, *h3 = half + 1, *h4 = half + 2;
    KM_APART(w0);
    KM_APART(w1);
    KM_APART(w2);
    KM_APART(w3);
    KM_APART(h0);
    KM_APART(h1);
    KM_APART(h2);
    KM_APART(h3);
    KM_APART(h4);
    const float c0 = 0.6107388f, c1 = -0.1446409f, c2 = 0.0411369f, c3 = -0.0074744f;
    for (int n = 0; n < KM_QUANTUM_FRAMES; ++n) {
        quarter[n] = (c0 * (w1[n] + h2[n]) + c1 * (h1[n] + w2[n])) +
                     (c2 * (w0[n] + h3[n]) + c3 * (h0[n] + w3[n]));
        three[n] = (c0 * (h2[n] + w2[n]) + c1 * (w1[n] + h3[n])) +
                   (c2 * (h1[n] + w3[n]) + c3 * (w0[n] + h4[n]));
    }
}

KM_INLINE float larger(float a, float b)
{
    return a < b ? b : a;
}

// The point halfway between b and c of four times the rate. As before; the error is .01 dB.
KM_INLINE float between(float a, float b, float c, float d)
{
    return 0.5696573f * (b + c) - 0.0702448f * (a + d);
}

// Raises each of the peaks, from T - PEAK_DELAY on, to the largest of eight points: the frame
// itself, and seven up to the next frame.
KM_INLINE void raise_peaks(const struct scan *scan, float *restrict peaks)
{
    const float *w = scan->whole + HISTORY - PEAK_DELAY;
    const float *const restrict h = scan->half + HISTORY - PEAK_DELAY + TAPS;
    const float *q = scan->quarter + HISTORY - PEAK_DELAY + QUARTER_DELAY;
    const float *t = scan->three + HISTORY - PEAK_DELAY + QUARTER_DELAY;
    const float *next_w = w + 1, *next_q = q + 1, *last_t = t - 1;
    KM_APART(w);
    KM_APART(next_w);
    KM_APART(q);
    KM_APART(next_q);
    KM_APART(t);
    KM_APART(last_t);
    for (int n = 0; n < KM_QUANTUM_FRAMES; ++n) {
        const float p0 = larger(km_absolute(w[n]), km_absolute(h[n]));
        const float p1 = larger(km_absolute(q[n]), km_absolute(t[n]));
        const float p2 = km_absolute(between(last_t[n], w[n], q[n], h[n]));
        const float p3 = km_absolute(between(w[n], q[n], h[n], t[n]));
        const float p4 = km_absolute(between(q[n], h[n], t[n], next_w[n]));
        const float p5 = km_absolute(between(h[n], t[n], next_w[n], next_q[n]));
        const float p = larger(larger(p0, p1), larger(larger(p2, p3), larger(p4, p5)));
        peaks[n] = larger(peaks[n], p);
    }
}

KM_INLINE void scan_side(struct km_limiter *limiter, int side, const float *restrict x,
                         float *restrict peaks)
{
    enum { SIZE = HISTORY * sizeof(float) };
    struct scan *const scan = &limiter->scans[side];
    memcpy(scan->whole, scan->whole + KM_QUANTUM_FRAMES, SIZE);
    memcpy(scan->half, scan->half + KM_QUANTUM_FRAMES, SIZE);
    memcpy(scan->quarter, scan->quarter + KM_QUANTUM_FRAMES, SIZE);
    memcpy(scan->three, scan->three + KM_QUANTUM_FRAMES, SIZE);
    for (int n = 0; n < KM_QUANTUM_FRAMES; ++n) {
        scan->whole[HISTORY + n] = km_sane(x[n]);
    }
    memcpy(km_delay_next(&limiter->delays[side]), scan->whole + HISTORY,
           KM_QUANTUM_FRAMES * sizeof(float));
    km_delay_advance(&limiter->delays[side]);
    km_halfway_read(limiter->halfway, TAPS, scan->whole + HISTORY - TAPS, scan->half + HISTORY,
                    KM_QUANTUM_FRAMES);
    find_quarters(scan, scan->quarter + HISTORY, scan->three + HISTORY);
    raise_peaks(scan, peaks);
}

KM_INLINE void find_gains(const float *restrict peaks, int32_t *restrict gains)
{
    for (int n = 0; n < KM_QUANTUM_FRAMES; ++n) {
        const float gain = peaks[n] > KM_LIMITER_CEILING ? KM_LIMITER_CEILING / peaks[n] : 1.0f;
        gains[n] = (int32_t)(gain * (float)UNITY); // Rounded down.
    }
}

KM_INLINE void scan_both(struct km_limiter *limiter, const float *left, const float *right,
                         int32_t *gains)
{
    alignas(KM_CACHE_LINE) float peaks[KM_QUANTUM_FRAMES] = {0};
    scan_side(limiter, 0, left, peaks);
    scan_side(limiter, 1, right, peaks);
    find_gains(peaks, gains);
}

KM_PATHS(scan_both,
         (struct km_limiter * limiter, const float *left, const float *right, int32_t *gains),
         (limiter, left, right, gains))

KM_INLINE void apply(const float *restrict gains, const float *restrict x, float *restrict out)
{
    for (int n = 0; n < KM_QUANTUM_FRAMES; ++n) {
        out[n] = x[n] * gains[n];
    }
}

KM_PATHS(apply, (const float *gains, const float *x, float *out), (gains, x, out))

// The least of the quanta held; and puts this quantum's into their place.
static uint32_t hold(struct km_limiter *limiter, const int32_t *gains)
{
    uint32_t held = UNITY;
    for (uint32_t i = 0; i < limiter->hold_quanta; ++i) {
        held = limiter->holds[i] < held ? limiter->holds[i] : held;
    }
    int32_t least = UNITY;
    for (int n = 0; n < KM_QUANTUM_FRAMES; ++n) {
        least = gains[n] < least ? gains[n] : least;
    }
    limiter->holds[limiter->hold_at] = (uint32_t)least;
    limiter->hold_at = limiter->hold_at + 1 == limiter->hold_quanta ? 0 : limiter->hold_at + 1;
    return held;
}

// What of the distance to the gain aimed at goes each frame, of 2^32.
static uint64_t release(struct km_limiter *limiter)
{
    const uint32_t quanta = limiter->activity_quanta;
    if (limiter->released < UNITY) {
        limiter->activity += (ACTIVITY_FULL - limiter->activity) / quanta;
    } else {
        limiter->activity -= (limiter->activity + quanta - 1) / quanta; // To 0, in the end.
    }
    const uint64_t range = limiter->release_fast - limiter->release_slow;
    return limiter->release_fast - range * limiter->activity / ACTIVITY_FULL;
}

// Hold, release and averages: from the gains that peaks need to those that are applied. `held` is
// the least of the quanta before.
static void smooth(struct km_limiter *limiter, const int32_t *needed, uint32_t held, float *gains)
{
    const uint64_t speed = release(limiter);
    const uint32_t wide_end = WIDE * limiter->scale, narrow_end = NARROW * limiter->scale;
    const double unit = 1.0 / ((double)UNITY * (double)wide_end * (double)narrow_end);
    const uint32_t least_step = LEAST_STEP / limiter->scale;
    uint32_t released = limiter->released;
    for (int n = 0; n < KM_QUANTUM_FRAMES; ++n) {
        held = (uint32_t)needed[n] < held ? (uint32_t)needed[n] : held;
        const uint32_t way = released < held ? held - released : 0;
        const uint32_t up = (uint32_t)(way * speed >> 32U) + least_step;
        released = held - (up < way ? way - up : 0);
        limiter->wide_sum += (uint64_t)released - limiter->wide[limiter->wide_at];
        limiter->wide[limiter->wide_at] = released;
        limiter->wide_at = limiter->wide_at + 1 == wide_end ? 0 : limiter->wide_at + 1;
        limiter->narrow_sum += limiter->wide_sum - limiter->narrow[limiter->narrow_at];
        limiter->narrow[limiter->narrow_at] = limiter->wide_sum;
        limiter->narrow_at = limiter->narrow_at + 1 == narrow_end ? 0 : limiter->narrow_at + 1;
        gains[n] = (float)((double)limiter->narrow_sum * unit);
        limiter->least = gains[n] < limiter->least ? gains[n] : limiter->least;
    }
    limiter->released = released;
}

void km_limiter_process(struct km_limiter *limiter, float *left, float *right)
{
    alignas(KM_CACHE_LINE) int32_t needed[KM_QUANTUM_FRAMES];
    alignas(KM_CACHE_LINE) float gains[KM_QUANTUM_FRAMES];
    KM_ON_PATH(limiter->path, scan_both, (limiter, left, right, needed));

    const uint32_t held = hold(limiter, needed);
    const uint32_t newest = limiter->hold_at == 0 ? limiter->hold_quanta - 1 : limiter->hold_at - 1;
    const bool is_quiet =
        held == UNITY && limiter->holds[newest] == UNITY && limiter->released == UNITY;
    limiter->unity_quanta = is_quiet ? limiter->unity_quanta + 1 : 0;
    const uint32_t delay = limiter->latency + KM_QUANTUM_FRAMES;
    const float *const late_left = km_delay_read(&limiter->delays[0], delay);
    const float *const late_right = km_delay_read(&limiter->delays[1], delay);
    if (limiter->unity_quanta > 2 * limiter->scale + 1) { // The averages hold nothing but UNITY.
        limiter->unity_quanta = 2 * limiter->scale + 1;
        (void)release(limiter);
        memcpy(left, late_left, KM_QUANTUM_FRAMES * sizeof(float));
        memcpy(right, late_right, KM_QUANTUM_FRAMES * sizeof(float));
        return;
    }
    smooth(limiter, needed, held, gains);
    KM_ON_PATH(limiter->path, apply, (gains, late_left, left));
    KM_ON_PATH(limiter->path, apply, (gains, late_right, right));
}
