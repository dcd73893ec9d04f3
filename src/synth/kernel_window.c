// SPDX-License-Identifier: MIT

#include "synth/kernel_window_private.h"

// Up to KM_COPY_FRAMES - 1 frames more than `count` are read and written: so there is no remainder.
// These may reach from one end into the other, where a short loop is copied to behind itself.
static void copy(int16_t *to, const int16_t *from, uint32_t count)
{
    for (uint32_t i = 0; i < count; i += KM_COPY_FRAMES) {
        memmove(to + i, from + i, KM_COPY_FRAMES * sizeof(*to));
    }
}

static uint32_t smaller(uint32_t a, uint32_t b)
{
    return a < b ? a : b;
}

static void join_loop(const struct km_wave *wave, const struct km_window *window, int16_t *joined)
{
    enum { SHORT = 32 }; // A loop of fewer frames is copied several times at once.
    const uint32_t length = wave->loop_end - wave->loop_start;
    int64_t place = window->first;
    while (wave->has_looped && place < wave->loop_start) {
        place += length;
    }
    if (place >= wave->loop_end) {
        place = wave->loop_start + (place - wave->loop_start) % length;
    }
    uint32_t count = smaller((uint32_t)(wave->loop_end - place), window->count);
    copy(joined, wave->frames + place, count);
    const uint32_t start = count;
    const int16_t *source = wave->frames + wave->loop_start;
    uint32_t period = length;
    while (count < window->count) {
        const uint32_t piece = smaller(period, window->count - count);
        copy(joined + count, source, piece);
        count += piece;
        if (period < SHORT && count - start >= 2 * period) {
            source = joined + start;
            period = count - start;
        }
    }
}

void km_window_join(const struct km_wave *wave, const struct km_window *window,
                    int16_t joined[KM_JOINED_FRAMES])
{
    if (wave->loops) {
        join_loop(wave, window, joined);
        return;
    }
    const int64_t left = wave->end - window->first;
    const uint32_t count = left > 0 ? smaller((uint32_t)left, window->count) : 0;
    copy(joined, window->taps, count);
    memset(joined + count, 0, (window->count - count) * sizeof(*joined));
}

uint32_t km_wave_frames_left(const struct km_wave *wave)
{
    const uint64_t end = (uint64_t)wave->end << 32U;
    if (wave->loops) {
        return KM_QUANTUM_FRAMES;
    }
    if (wave->position >= end) {
        return 0;
    }
    const uint64_t left = (end - wave->position - 1) / wave->increment + 1;
    return left < KM_QUANTUM_FRAMES ? (uint32_t)left : KM_QUANTUM_FRAMES;
}

void km_wave_loop(struct km_wave *wave)
{
    const uint64_t length = (uint64_t)(wave->loop_end - wave->loop_start) << 32U;
    wave->position -= length;
    if (wave->position >> 32U >= wave->loop_end) {
        wave->position -= (wave->position - ((uint64_t)wave->loop_start << 32U)) / length * length;
    }
    wave->has_looped = true;
}
