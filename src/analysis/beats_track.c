// SPDX-License-Identifier: MIT

// Where the beats are: the row of moments that meets the strongest onsets with the least departure
// from the period, by dynamic programming (Ellis 2007). Time is linear in the piece's length.

#include "analysis/beats_private.h"

#include "base/check.h"
#include "base/math.h"
#include "heap/heap.h"

enum { RATE = KM_BEATS_FRAMES_A_SECOND, STEP_MAX = 2 * 2 * RATE, SPREAD = 4 };

static const double tightness = 60.0; // What departing from the period costs.

struct tracker {
    size_t frame_count;
    float *strengths; // Of onsets, spread over some frames.
    float *sums;      // The best row that ends in each frame.
    uint16_t *steps;  // Frames back to its beat before; 0: it begins here.
    float costs[STEP_MAX + 1];
    int step_min, step_max;
};

static void spread_onset(struct tracker *tracker, int64_t middle, float strength)
{
    static const float spread[SPREAD + 1] = {1.0F, 0.85F, 0.55F, 0.3F, 0.1F};
    for (int64_t apart = -SPREAD; apart <= SPREAD; ++apart) {
        const int64_t frame = middle + apart;
        if (frame >= 0 && frame < (int64_t)tracker->frame_count) {
            tracker->strengths[frame] += strength * spread[apart < 0 ? -apart : apart];
        }
    }
}

static void spread_onsets(struct tracker *tracker, const struct km_onsets *onsets)
{
    double squares = 1e-9;
    for (size_t i = 0; i < onsets->count; ++i) {
        const double strength = (double)onsets->onsets[i].strength;
        squares += strength * strength;
    }
    const float unit = (float)km_sqrt(squares / (double)onsets->count);
    for (size_t i = 0; i < onsets->count; ++i) {
        const struct km_onset *const onset = &onsets->onsets[i];
        spread_onset(tracker, km_round(onset->seconds * RATE), onset->strength / unit);
    }
}

static void set_period(struct tracker *tracker, double seconds)
{
    const double period = seconds * RATE;
    tracker->step_min = (int)(period * 0.6);
    tracker->step_max = (int)(period * 1.6);
    KM_CHECK(tracker->step_max <= STEP_MAX);
    for (int i = tracker->step_min; i <= tracker->step_max; ++i) {
        const double off = km_log((double)i / period);
        tracker->costs[i] = (float)(tightness * off * off);
    }
}

static void step_to(struct tracker *tracker, size_t frame)
{
    float best = 0.0F; // A row may begin here.
    int best_step = 0;
    for (int i = tracker->step_min; i <= tracker->step_max && (size_t)i <= frame; ++i) {
        const float sum = tracker->sums[frame - (size_t)i] - tracker->costs[i];
        if (sum > best) {
            best = sum;
            best_step = i;
        }
    }
    tracker->sums[frame] = best + tracker->strengths[frame];
    tracker->steps[frame] = (uint16_t)best_step;
}

// The best last beat, no earlier than a beat before the last onset.
static size_t last_beat(const struct tracker *tracker, double last_s)
{
    const double from = last_s * RATE - tracker->step_max;
    size_t best = (size_t)(from > 0.0 ? from : 0.0);
    for (size_t i = best; i < tracker->frame_count; ++i) {
        best = tracker->sums[i] > tracker->sums[best] ? i : best;
    }
    return best;
}

static enum km_status gather(const struct tracker *tracker, size_t last, struct km_heap *heap,
                             struct km_beats *beats)
{
    size_t count = 1;
    for (size_t frame = last; tracker->steps[frame] > 0; frame -= tracker->steps[frame]) {
        ++count;
    }
    double *const seconds =
        km_heap_allocate_array(heap, KM_ACCOUNT_WORKING, count, sizeof(*seconds));
    if (!seconds) {
        return KM_ERROR_NO_MEMORY;
    }
    size_t frame = last;
    for (size_t i = count; i-- > 0;) {
        seconds[i] = (double)frame / RATE;
        frame -= tracker->steps[frame];
    }
    *beats = (struct km_beats){heap, seconds, count};
    return KM_OK;
}

static void run(struct tracker *tracker, const struct km_onsets *onsets,
                const struct km_periods *periods)
{
    spread_onsets(tracker, onsets);
    const size_t frames_a_window = (size_t)RATE * KM_BEATS_WINDOW_SECONDS;
    for (size_t frame = 0; frame < tracker->frame_count; ++frame) {
        const size_t window = frame / frames_a_window;
        if (frame % frames_a_window == 0) {
            set_period(tracker,
                       periods->seconds[window < periods->count ? window : periods->count - 1]);
        }
        step_to(tracker, frame);
    }
}

enum km_status km_beats_track(struct km_beats *beats, const struct km_onsets *onsets,
                              const struct km_periods *periods)
{
    KM_CHECK(onsets->count > 0 && periods->count > 0);
    const double last_s = onsets->onsets[onsets->count - 1].seconds;
    struct km_heap *const heap = onsets->heap;
    const size_t count = (size_t)(last_s * RATE) + SPREAD + 1;
    struct tracker *const tracker = km_heap_allocate(heap, KM_ACCOUNT_WORKING, sizeof(*tracker));
    if (!tracker) {
        return KM_ERROR_NO_MEMORY;
    }
    tracker->frame_count = count;
    tracker->strengths = km_heap_allocate_array(heap, KM_ACCOUNT_WORKING, count, sizeof(float));
    tracker->sums = km_heap_allocate_array(heap, KM_ACCOUNT_WORKING, count, sizeof(float));
    tracker->steps = km_heap_allocate_array(heap, KM_ACCOUNT_WORKING, count, sizeof(uint16_t));
    enum km_status status = KM_ERROR_NO_MEMORY;
    if (tracker->strengths && tracker->sums && tracker->steps) {
        run(tracker, onsets, periods);
        status = gather(tracker, last_beat(tracker, last_s), heap, beats);
    }
    km_heap_release(heap, tracker->strengths);
    km_heap_release(heap, tracker->sums);
    km_heap_release(heap, tracker->steps);
    km_heap_release(heap, tracker);
    return status;
}

void km_beats_release(struct km_beats *beats)
{
    km_heap_release(beats->heap, beats->seconds);
    *beats = (struct km_beats){0};
}
