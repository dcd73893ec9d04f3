// SPDX-License-Identifier: MIT

#include "synth/reverb_private.h"

#include "base/check.h"
#include "base/math.h"
#include "rt/arena.h"
#include "rt/block.h"
#include "synth/effects_private.h"

#include <stdalign.h>

enum {
    LINES = 16,
    DIFFUSERS = 4,
    EARLY = 8,       // Reflections on each side before the lines answer.
    SPACING_MAX = 4, // Of the filters' taps, in frames, at 192 kHz.
    LOSS_HISTORY = 4 * SPACING_MAX,
    TONE_TAPS_MAX = 15,
    TONE_HISTORY = 16,
};

#define LOW_HZ 90.0    // The send's low cut: halls without boom, and no offset stays in the lines.
#define HIGH_HZ 8000.0 // Where the decay time is HIGH_RATIO of the middle's.
#define HIGH_RATIO 0.42

// Lines sway by .4 ms at .5 to .9 Hz, by up to 2.5 cents: so no mode stands still, and the tail is
// as smooth as noise (without: tones of up to 13 dB above the rest of it; with: 10 dB, as in
// noise).
#define SWAY_DEPTHS_PER_S 2500
#define SWAY_HZ 0.5

// Of the lines: about evenly spread, so that no pitch stands out. Each is rounded up to a prime
// number of frames. Their sum, 1.06 s, is that many modes for each Hz: over the .5 of each Hz that
// Jot and Chaigne want for 1.8 s, at all rates.
static const float line_ms[LINES] = {31.7f, 36.3f, 40.9f, 44.3f, 48.1f, 53.7f, 57.9f, 62.3f,
                                     66.1f, 71.3f, 76.7f, 81.1f, 87.7f, 93.1f, 99.7f, 107.3f};

// Dattorro's, table 1, at his 29,761 Hz: 142, 107, 379 and 277 frames.
static const float diffuser_ms[DIFFUSERS] = {4.771f, 3.595f, 12.735f, 9.307f};
static const float diffuser_gains[DIFFUSERS] = {0.75f, 0.75f, 0.625f, 0.625f};

struct reflection {
    float ms;
    float gain;
};
// Delays of walls and ceiling of a hall of some 15 m; gains fall with the way.
static const struct reflection reflections[2][EARLY] = {
    {{7.1f, 0.84f},
     {13.3f, -0.72f},
     {19.7f, 0.62f},
     {24.9f, 0.55f},
     {31.3f, -0.48f},
     {38.9f, 0.40f},
     {47.3f, -0.33f},
     {57.1f, 0.26f}},
    {{8.9f, 0.81f},
     {11.7f, 0.75f},
     {17.9f, -0.65f},
     {27.3f, -0.52f},
     {34.1f, 0.45f},
     {41.7f, 0.37f},
     {50.3f, 0.30f},
     {60.9f, -0.24f}},
};

// So that wet energy is about the send's: found by measuring (tests/unit/synth/test_reverb.c).
#define EARLY_LEVEL 0.205f
#define LATE_LEVEL 0.128f

struct line {
    struct km_delay delay;
    struct km_sway sway;
    float loss[3]; // Of a symmetric filter of five taps: middle, one off it, two off it.
};

struct early_tap {
    uint32_t delay;
    float gain;
};

struct km_reverb {
    alignas(KM_CACHE_LINE) float mixed[LINES][LOSS_HISTORY + KM_QUANTUM_FRAMES];
    alignas(KM_CACHE_LINE) float cut[TONE_HISTORY + KM_QUANTUM_FRAMES];
    struct line lines[LINES];
    struct km_delay diffusers[DIFFUSERS];
    uint32_t diffuser_delays[DIFFUSERS];
    struct km_delay early;
    struct early_tap taps[2][EARLY];
    float tone[TONE_TAPS_MAX];
    uint32_t tone_count;
    uint32_t spacing; // Of the loss filters' taps: their curve is the same at all rates.
    float low;        // State and speed of the low cut.
    float low_speed;
    float late_level;
    uint32_t quiet_quanta;     // In which nothing but 0 went into any line.
    uint32_t quiet_quanta_max; // After so many, all lines are empty.
    enum km_vector_path path;
};

static bool is_prime(uint32_t number)
{
    for (uint32_t i = 2; i * i <= number; ++i) {
        if (number % i == 0) {
            return false;
        }
    }
    return true;
}

static uint32_t frames_of(float ms, uint32_t rate_hz)
{
    return (uint32_t)km_round((double)ms * (double)rate_hz / 1000.0);
}

static uint32_t prime_frames_of(float ms, uint32_t rate_hz)
{
    uint32_t frames = frames_of(ms, rate_hz);
    while (!is_prime(frames)) {
        ++frames;
    }
    return frames;
}

// A line's longest delay, with its sway.
static uint32_t line_frames_max(int index, uint32_t rate_hz)
{
    return prime_frames_of(line_ms[index], rate_hz) + rate_hz / SWAY_DEPTHS_PER_S + 1;
}

static uint32_t early_frames_max(uint32_t rate_hz)
{
    return frames_of(reflections[1][EARLY - 1].ms, rate_hz) + KM_QUANTUM_FRAMES;
}

size_t km_reverb_size(const struct km_reverb_config *config)
{
    size_t size = sizeof(struct km_reverb) + km_delay_size(early_frames_max(config->rate_hz));
    for (int i = 0; i < LINES; ++i) {
        size += km_delay_size(line_frames_max(i, config->rate_hz));
    }
    for (int i = 0; i < DIFFUSERS; ++i) {
        size += km_delay_size(frames_of(diffuser_ms[i], config->rate_hz));
    }
    return size;
}

// The loss of a line of `frames`: 60 dB in decay_s, more at HIGH_HZ. The filter is
// (1 - 2 b (1 - cos w))^2: more loss with the square of the frequency, as in air.
static void set_loss(const struct km_reverb *reverb, const struct km_reverb_config *config,
                     double frames, float loss[3])
{
    const double seconds = frames / (double)config->rate_hz;
    const double decay = 3.0 * 2.302585092994046 * seconds / (double)config->decay_s;
    const double at_high = km_exp(-0.5 * decay * (1.0 / HIGH_RATIO - 1.0));
    const double w = 2.0 * KM_PI * HIGH_HZ * (double)reverb->spacing / (double)config->rate_hz;
    const double b = km_clamp((1.0 - at_high) / (2.0 - 2.0 * km_cos(w)), 0.0, 0.29);
    const double gain = km_exp(-decay) / 4.0; // A fourth makes Hadamard's matrix of 16 lossless.
    loss[0] = (float)(gain * ((1.0 - 2.0 * b) * (1.0 - 2.0 * b) + 2.0 * b * b));
    loss[1] = (float)(gain * 2.0 * b * (1.0 - 2.0 * b));
    loss[2] = (float)(gain * b * b);
}

// The send's tone: (1 2 1)/4 over the loss filters' spacing; at double rates also over its halves,
// so that nothing gets in beyond 24 kHz, where the loss filters' curves begin anew.
static void set_tone(struct km_reverb *reverb)
{
    reverb->tone[0] = 1.0f;
    reverb->tone_count = 1;
    for (uint32_t spacing = reverb->spacing; spacing > 0; spacing /= 2) {
        float wider[TONE_TAPS_MAX] = {0};
        for (uint32_t i = 0; i < reverb->tone_count; ++i) {
            wider[i] += 0.25f * reverb->tone[i];
            wider[i + spacing] += 0.5f * reverb->tone[i];
            wider[i + 2 * spacing] += 0.25f * reverb->tone[i];
        }
        memcpy(reverb->tone, wider, sizeof(wider));
        reverb->tone_count += 2 * spacing;
    }
}

static void take_delay(struct km_arena *arena, struct km_delay *delay, uint32_t frames)
{
    delay->length = km_delay_length(frames);
    delay->frames = km_arena_take(arena, km_delay_size(frames), KM_CACHE_LINE);
    KM_CHECK(delay->frames); // km_reverb_size has counted it.
}

static void init_line(struct km_reverb *reverb, const struct km_reverb_config *config, int index)
{
    struct line *const line = &reverb->lines[index];
    const uint32_t rate = config->rate_hz;
    const uint32_t frames = prime_frames_of(line_ms[index], rate);
    set_loss(reverb, config, (double)frames + 2.0 * (double)reverb->spacing, line->loss);
    line->sway.middle = (int64_t)frames * KM_SWAY_FRAME;
    const double hz = SWAY_HZ * (1.0 + 0.8 * (double)index / (double)LINES);
    line->sway.depth = (int64_t)rate * KM_SWAY_FRAME / SWAY_DEPTHS_PER_S;
    line->sway.phase_step = (uint32_t)(hz * 4294967296.0 * KM_QUANTUM_FRAMES / (double)rate);
}

static void init(struct km_reverb *reverb, const struct km_reverb_config *config)
{
    const uint32_t rate = config->rate_hz;
    reverb->path = config->path;
    reverb->spacing = rate <= 50000 ? 1 : rate <= 100000 ? 2 : SPACING_MAX;
    reverb->low_speed = (float)(1.0 - km_exp(-2.0 * KM_PI * LOW_HZ / (double)rate));
    // The energy of the lines' answers grows with the time that they take to die.
    reverb->late_level = LATE_LEVEL / (float)km_sqrt((double)config->decay_s);
    set_tone(reverb);
    for (int i = 0; i < LINES; ++i) {
        init_line(reverb, config, i);
        const uint32_t quanta = reverb->lines[i].delay.length / KM_QUANTUM_FRAMES + 1;
        reverb->quiet_quanta_max =
            reverb->quiet_quanta_max < quanta ? quanta : reverb->quiet_quanta_max;
    }
    for (int i = 0; i < DIFFUSERS; ++i) {
        reverb->diffuser_delays[i] = frames_of(diffuser_ms[i], rate);
    }
    for (int side = 0; side < 2; ++side) {
        for (int i = 0; i < EARLY; ++i) {
            reverb->taps[side][i].delay =
                frames_of(reflections[side][i].ms, rate) + KM_QUANTUM_FRAMES;
            reverb->taps[side][i].gain = EARLY_LEVEL * reflections[side][i].gain;
        }
    }
    km_reverb_reset(reverb);
}

struct km_reverb *km_reverb_new(struct km_arena *arena, const struct km_reverb_config *config)
{
    KM_CHECK(config->rate_hz >= KM_RATE_MIN && config->rate_hz <= KM_RATE_MAX);
    KM_CHECK(config->decay_s >= 0.3f && config->decay_s <= 10.0f);

    const size_t size = km_reverb_size(config);
    void *const block = km_arena_take(arena, size, KM_CACHE_LINE);
    if (!block) {
        return NULL;
    }
    struct km_arena own;
    km_arena_init(&own, block, size);
    struct km_reverb *const reverb = km_arena_take(&own, sizeof(*reverb), KM_CACHE_LINE);
    KM_CHECK(reverb);
    take_delay(&own, &reverb->early, early_frames_max(config->rate_hz));
    for (int i = 0; i < LINES; ++i) {
        take_delay(&own, &reverb->lines[i].delay, line_frames_max(i, config->rate_hz));
    }
    for (int i = 0; i < DIFFUSERS; ++i) {
        take_delay(&own, &reverb->diffusers[i], frames_of(diffuser_ms[i], config->rate_hz));
    }
    init(reverb, config);
    return reverb;
}

void km_reverb_reset(struct km_reverb *reverb)
{
    km_delay_clear(&reverb->early);
    for (int i = 0; i < LINES; ++i) {
        km_delay_clear(&reverb->lines[i].delay);
        // The phases of the swaying lines are spread over the circle.
        reverb->lines[i].sway.phase = (uint32_t)i * (UINT32_MAX / LINES) * 3U;
    }
    for (int i = 0; i < DIFFUSERS; ++i) {
        km_delay_clear(&reverb->diffusers[i]);
    }
    memset(reverb->mixed, 0, sizeof(reverb->mixed));
    memset(reverb->cut, 0, sizeof(reverb->cut));
    reverb->low = 0.0f;
    reverb->quiet_quanta = reverb->quiet_quanta_max;
}

// The send without its lows; one frame after the other, because it is recursive.
KM_INLINE void cut_lows(struct km_reverb *reverb, const float *restrict send)
{
    float *const cut = reverb->cut + TONE_HISTORY;
    const float speed = reverb->low_speed;
    const float kept = 1.0f - speed;
    float low = reverb->low;
    for (int n = 0; n < KM_QUANTUM_FRAMES; ++n) {
        const float x = km_flushed(km_sane(send[n]));
        cut[n] = km_flushed(x - low);
        low = kept * low + speed * x;
    }
    reverb->low = km_flushed(low);
}

KM_INLINE void shape_tone(struct km_reverb *reverb, float *restrict out)
{
    const float *const restrict cut = reverb->cut + TONE_HISTORY;
    memset(out, 0, KM_QUANTUM_FRAMES * sizeof(float));
    for (uint32_t i = 0; i < reverb->tone_count; ++i) {
        const float gain = reverb->tone[i];
        const float *const restrict x = cut - i;
        for (int n = 0; n < KM_QUANTUM_FRAMES; ++n) {
            out[n] += gain * x[n];
        }
    }
    memcpy(reverb->cut, reverb->cut + KM_QUANTUM_FRAMES, TONE_HISTORY * sizeof(float));
}

// Schroeder's allpass.
KM_INLINE void diffuse(struct km_reverb *reverb, int index, float *restrict x)
{
    struct km_delay *const delay = &reverb->diffusers[index];
    const float gain = diffuser_gains[index];
    const float *const restrict old = km_delay_read(delay, reverb->diffuser_delays[index]);
    float *const restrict next = km_delay_next(delay);
    for (int n = 0; n < KM_QUANTUM_FRAMES; ++n) {
        const float y = km_flushed(x[n] - gain * old[n]);
        next[n] = y;
        x[n] = gain * y + old[n];
    }
    km_delay_advance(delay);
}

KM_INLINE void add_echo(const struct km_delay *delay, struct early_tap tap, float *restrict to)
{
    const float *const restrict from = km_delay_read(delay, tap.delay);
    for (int n = 0; n < KM_QUANTUM_FRAMES; ++n) {
        to[n] += tap.gain * from[n];
    }
}

KM_INLINE void add_early(struct km_reverb *reverb, const float *x, float *const out[2])
{
    memcpy(km_delay_next(&reverb->early), x, KM_QUANTUM_FRAMES * sizeof(float));
    km_delay_advance(&reverb->early);
    for (int i = 0; i < EARLY; ++i) {
        add_echo(&reverb->early, reverb->taps[0][i], out[0]);
        add_echo(&reverb->early, reverb->taps[1][i], out[1]);
    }
}

KM_INLINE void read_lines(struct km_reverb *reverb)
{
    for (int i = 0; i < LINES; ++i) {
        struct line *const line = &reverb->lines[i];
        float *const restrict out = reverb->mixed[i] + LOSS_HISTORY;
        const int64_t start = km_sway_delay(&line->sway);
        line->sway.phase += line->sway.phase_step;
        km_tap_read(&line->delay, start, km_sway_delay(&line->sway), out);
    }
}

// Four lines times Hadamard's matrix of four.
KM_INLINE void mix_four(float *restrict a, float *restrict b, float *restrict c, float *restrict d)
{
    for (int n = 0; n < KM_QUANTUM_FRAMES; ++n) {
        const float ab = a[n] + b[n], a_b = a[n] - b[n];
        const float cd = c[n] + d[n], c_d = c[n] - d[n];
        a[n] = ab + cd;
        b[n] = a_b + c_d;
        c[n] = ab - cd;
        d[n] = a_b - c_d;
    }
}

KM_INLINE void mix_lines(struct km_reverb *reverb)
{
    float(*const m)[LOSS_HISTORY + KM_QUANTUM_FRAMES] = reverb->mixed;
    enum { H = LOSS_HISTORY };
    for (int i = 0; i < LINES; i += 4) {
        mix_four(m[i] + H, m[i + 1] + H, m[i + 2] + H, m[i + 3] + H);
    }
    for (int i = 0; i < 4; ++i) {
        mix_four(m[i] + H, m[i + 4] + H, m[i + 8] + H, m[i + 12] + H);
    }
}

// Two rows of Hadamard's matrix are what one hears: any two are orthogonal, so left and right are
// independent; these are not the first, which is the way that the send takes.
KM_INLINE void add_late(const struct km_reverb *reverb, float *const out[2])
{
    static const int rows[2] = {6, 9};
    for (int side = 0; side < 2; ++side) {
        const float *const restrict from = reverb->mixed[rows[side]] + LOSS_HISTORY;
        float *const restrict to = out[side];
        for (int n = 0; n < KM_QUANTUM_FRAMES; ++n) {
            to[n] += reverb->late_level * from[n];
        }
    }
}

KM_INLINE void feed_line(struct line *line, const float *restrict mixed, int spacing,
                         const float *restrict x)
{
    const float middle = line->loss[0], one = line->loss[1], two = line->loss[2];
    const float *const restrict m0 = mixed + LOSS_HISTORY;
    const float *const restrict m1 = m0 - spacing;
    const float *const restrict m2 = m1 - spacing;
    const float *const restrict m3 = m2 - spacing;
    const float *const restrict m4 = m3 - spacing;
    float *const restrict next = km_delay_next(&line->delay);
    for (int n = 0; n < KM_QUANTUM_FRAMES; ++n) {
        const float kept = (middle * m2[n] + one * (m1[n] + m3[n])) + two * (m0[n] + m4[n]);
        next[n] = km_flushed(kept + x[n]);
    }
    km_delay_advance(&line->delay);
}

KM_INLINE void feed_lines(struct km_reverb *reverb, const float *restrict x)
{
    for (int i = 0; i < LINES; ++i) {
        float *const mixed = reverb->mixed[i];
        feed_line(&reverb->lines[i], mixed, (int)reverb->spacing, x);
        memcpy(mixed, mixed + KM_QUANTUM_FRAMES, LOSS_HISTORY * sizeof(float));
    }
}

KM_INLINE void process(struct km_reverb *reverb, const float *send, float *left, float *right)
{
    alignas(KM_CACHE_LINE) float x[KM_QUANTUM_FRAMES];
    alignas(KM_CACHE_LINE) float wet[2][KM_QUANTUM_FRAMES] = {{0}};
    float *out[2] = {wet[0], wet[1]};
    cut_lows(reverb, send);
    shape_tone(reverb, x);
    diffuse(reverb, 0, x);
    diffuse(reverb, 1, x);
    add_early(reverb, x, out);
    diffuse(reverb, 2, x);
    diffuse(reverb, 3, x);
    read_lines(reverb);
    mix_lines(reverb);
    add_late(reverb, out);
    feed_lines(reverb, x);
    for (int n = 0; n < KM_QUANTUM_FRAMES; ++n) {
        left[n] += wet[0][n];
        right[n] += wet[1][n];
    }
}

KM_PATHS(process, (struct km_reverb * reverb, const float *send, float *left, float *right),
         (reverb, send, left, right))

// Whether nothing went into any line in the quantum that is over.
static bool is_empty(const struct km_reverb *reverb)
{
    float peak = km_absolute(reverb->low);
    for (int i = 0; i < LINES; ++i) {
        const float line_peak =
            km_peak_of(km_delay_read(&reverb->lines[i].delay, KM_QUANTUM_FRAMES));
        peak = peak < line_peak ? line_peak : peak;
    }
    for (int i = 0; i < DIFFUSERS; ++i) {
        const float *const written = km_delay_read(&reverb->diffusers[i], KM_QUANTUM_FRAMES);
        const float diffuser_peak = km_peak_of(written);
        peak = peak < diffuser_peak ? diffuser_peak : peak;
    }
    return !(peak > 0.0f);
}

void km_reverb_process(struct km_reverb *reverb, const float *send, float *left, float *right)
{
    const bool is_fed = km_peak_of(send) >= KM_SILENCE;
    if (!is_fed && reverb->quiet_quanta >= reverb->quiet_quanta_max) {
        for (int i = 0; i < LINES; ++i) {
            reverb->lines[i].sway.phase += reverb->lines[i].sway.phase_step;
        }
        return;
    }
    KM_ON_PATH(reverb->path, process, (reverb, send, left, right));
    reverb->quiet_quanta = is_fed || !is_empty(reverb) ? 0 : reverb->quiet_quanta + 1;
}
