// SPDX-License-Identifier: MIT

// A template from a performance, and what all templates are made of.

#include "groove/template.h"

#include "base/check.h"
#include "base/math.h"
#include "base/text.h"
#include "groove/take_private.h"
#include "groove/template_private.h"
#include "heap/heap.h"

#include <string.h>

struct km_groove_template *km_groove_template_new(struct km_heap *heap)
{
    struct km_groove_template *const made =
        km_heap_allocate(heap, KM_ACCOUNT_WORKING, sizeof(*made));
    if (made) {
        made->heap = heap;
    }
    return made;
}

void km_groove_template_free(struct km_groove_template *feel)
{
    if (feel) {
        km_heap_release(feel->heap, feel->hits);
        km_heap_release(feel->heap, feel);
    }
}

enum km_status km_groove_template_reserve(struct km_groove_template *feel, size_t count)
{
    KM_CHECK(count <= KM_GROOVE_HITS_MAX && !feel->hits);
    feel->hits =
        km_heap_allocate_array(feel->heap, KM_ACCOUNT_WORKING, count + 1, sizeof(*feel->hits));
    return feel->hits ? KM_OK : KM_ERROR_NO_MEMORY;
}

struct km_groove_grid km_groove_template_grid(const struct km_groove_template *feel)
{
    return km_groove_grid_of(feel->measure.swing_ratio, feel->measure.swung);
}

static bool is_before(const struct km_groove_hit *a, const struct km_groove_hit *b)
{
    const size_t stream = km_groove_stream(a->is_drum, a->key);
    const size_t other = km_groove_stream(b->is_drum, b->key);
    return stream != other ? stream < other : a->beats < b->beats;
}

// Merges two runs that follow each other; what is equal keeps its order.
static void merge(const struct km_groove_hit *from, size_t middle, size_t end,
                  struct km_groove_hit *to)
{
    size_t left = 0;
    size_t right = middle;
    for (size_t i = 0; i < end; ++i) {
        const bool takes_right =
            right < end && (left == middle || is_before(&from[right], &from[left]));
        to[i] = takes_right ? from[right++] : from[left++];
    }
}

static void sort_hits(struct km_groove_hit *hits, struct km_groove_hit *scratch, size_t count)
{
    struct km_groove_hit *from = hits;
    struct km_groove_hit *to = scratch;
    for (size_t width = 1; width < count; width *= 2) {
        for (size_t i = 0; i < count; i += 2 * width) {
            const size_t left = count - i;
            merge(from + i, width < left ? width : left, 2 * width < left ? 2 * width : left,
                  to + i);
        }
        struct km_groove_hit *const other = from;
        from = to;
        to = other;
    }
    if (from != hits) {
        memcpy(hits, from, count * sizeof(*hits));
    }
}

enum km_status km_groove_template_index(struct km_groove_template *feel)
{
    const size_t count = feel->hit_count;
    struct km_groove_hit *const scratch =
        km_heap_allocate_array(feel->heap, KM_ACCOUNT_WORKING, count + 1, sizeof(*scratch));
    if (!scratch) {
        return KM_ERROR_NO_MEMORY;
    }
    const struct km_groove_grid grid = km_groove_template_grid(feel);
    const double beats_per_ms = feel->tempo_bpm / 60000.0;
    for (size_t i = 0; i < count; ++i) {
        struct km_groove_hit *const hit = &feel->hits[i];
        const double late_ms = feel->measure.push_ms + (double)hit->offset_ms;
        hit->beats = km_groove_grid_beats(&grid, hit->place) + late_ms * beats_per_ms;
    }
    sort_hits(feel->hits, scratch, count);
    km_heap_release(feel->heap, scratch);
    size_t at = 0;
    for (size_t stream = 0; stream <= 2 * (size_t)KM_KEYS_COUNT; ++stream) {
        while (at < count &&
               km_groove_stream(feel->hits[at].is_drum, feel->hits[at].key) < stream) {
            ++at;
        }
        feel->starts[stream] = (uint32_t)at;
    }
    return KM_OK;
}

// Sums over the strokes of a place.
struct sums {
    double ms;
    double squares;
    double velocity;
    uint32_t count;
};

struct job {
    const struct km_groove_take *take;
    struct km_groove_template *feel;
    struct km_groove_grid grid;
    uint64_t bars_max;
    bool is_average;
    struct sums sums[KM_GROOVE_ROLES_COUNT][KM_GROOVE_PLACES_MAX];
};

// Seconds are taken from the tempo map, so that a tempo that changes on the way is no deviation.
static double offset_of(const struct job *job, size_t index, int64_t place)
{
    const struct km_groove_take *const take = job->take;
    const struct km_groove_strike *const strike = &take->strikes[index];
    const double beats = km_groove_grid_beats(&job->grid, place);
    const double ticks = (double)strike->bar_tick + beats * (double)take->ppq;
    const double late_s =
        km_groove_seconds(&take->map, (double)strike->tick) - km_groove_seconds(&take->map, ticks);
    const double most = KM_GROOVE_OFFSET_MAX_MS;
    return km_clamp(1000.0 * late_s - job->feel->measure.push_ms, -most, most);
}

static void add_sum(struct sums *sums, double ms, uint8_t velocity)
{
    sums->ms += ms;
    sums->squares += ms * ms;
    sums->velocity += (double)velocity;
    sums->count += 1;
}

static void add_hit(struct job *job, size_t index, int64_t place, double offset_ms)
{
    struct km_groove_template *const feel = job->feel;
    const struct km_groove_onset *const onset = &job->take->onsets[index];
    const uint64_t bar = job->take->strikes[index].bar;
    if (bar >= job->bars_max) {
        return; // Nobody wants it.
    }
    if (bar >= KM_GROOVE_BARS_MAX || feel->hit_count == KM_GROOVE_HITS_MAX ||
        place > feel->bar_places) {
        feel->left_out += 1;
        return;
    }
    const int64_t from_start = (int64_t)bar * feel->bar_places + place;
    const uint64_t wanted = (uint64_t)from_start / feel->bar_places + 1;
    const uint32_t bars = (uint32_t)(wanted < job->bars_max ? wanted : job->bars_max);
    feel->bar_count = feel->bar_count > bars ? feel->bar_count : bars;
    feel->hits[feel->hit_count++] =
        (struct km_groove_hit){.place = (int32_t)from_start,
                               .offset_ms = (float)((double)km_round(100.0 * offset_ms) * 0.01),
                               .key = onset->key,
                               .velocity = onset->velocity,
                               .is_drum = onset->channel == KM_CHANNEL_DRUMS};
}

static void add_stroke(struct job *job, size_t index, bool is_triplet)
{
    const struct km_groove_onset *const onset = &job->take->onsets[index];
    const int64_t place = km_groove_grid_nearest(&job->grid, onset->bar, is_triplet);
    const double offset_ms = offset_of(job, index, place);
    const size_t in_bar = (size_t)place % job->feel->bar_places;
    const enum km_groove_role role = km_groove_role_of(onset->channel, onset->key);
    add_sum(&job->sums[role][in_bar], offset_ms, onset->velocity);
    add_sum(&job->sums[KM_GROOVE_ROLE_ALL][in_bar], offset_ms, onset->velocity);
    if (!job->is_average) {
        add_hit(job, index, place, offset_ms);
    }
}

static struct km_groove_figures figures_of(const struct sums *sums)
{
    if (sums->count == 0) {
        return (struct km_groove_figures){0};
    }
    const double count = (double)sums->count;
    const double mean = sums->ms / count;
    const double variance = sums->squares / count - mean * mean;
    return (struct km_groove_figures){.count = sums->count,
                                      .mean_ms = mean,
                                      .deviation_ms = km_sqrt(variance > 0.0 ? variance : 0.0),
                                      .velocity = sums->velocity / count};
}

static void add_strokes(struct job *job)
{
    const struct km_groove_take *const take = job->take;
    for (size_t i = 0; i < take->count;) {
        const struct km_groove_run run =
            km_groove_grid_run(&job->grid, take->onsets + i, take->count - i);
        for (const size_t end = i + run.count; i < end; ++i) {
            add_stroke(job, i, run.is_triplet);
        }
    }
    for (size_t role = 0; role < KM_GROOVE_ROLES_COUNT; ++role) {
        for (size_t place = 0; place < KM_GROOVE_PLACES_MAX; ++place) {
            job->feel->places[role][place] = figures_of(&job->sums[role][place]);
        }
    }
}

// The metre is that of the first stroke in a bar of the commonest length.
static void set_metre(struct km_groove_template *feel, const struct km_groove_take *take)
{
    const uint32_t sixteenths = feel->measure.position_count;
    size_t i = 0;
    while (i + 1 < take->count && take->onsets[i].bar_beats_x4 != sixteenths) {
        ++i;
    }
    feel->beats_per_bar = take->strikes[i].numerator;
    feel->beat_unit = (uint8_t)(1U << take->strikes[i].denominator_log2);
    feel->bar_places = (uint16_t)(sixteenths * KM_GROOVE_PLACES_PER_SIXTEENTH);
    feel->tempo_bpm = km_clamp(60000.0 / take->onsets[0].beat_ms, 1.0, 100000.0);
}

// What is no UTF-8 ends the text, and so does the end of the room.
static void copy_text(char *to, size_t size, const char *text)
{
    size_t length = strnlen(text, size - 1);
    while (!km_text_is_utf8(text, length)) {
        --length;
    }
    memcpy(to, text, length);
    to[length] = '\0';
}

static enum km_status fill(struct km_groove_template *feel, const struct km_groove_take *take,
                           const struct km_groove_extract *extract)
{
    enum km_status status = km_groove_measure_onsets(take->onsets, take->count, &feel->measure);
    if (status != KM_OK) {
        return status;
    }
    copy_text(feel->name, sizeof(feel->name), extract->name);
    copy_text(feel->source, sizeof(feel->source), extract->source);
    set_metre(feel, take);
    struct job *const job = km_heap_allocate(feel->heap, KM_ACCOUNT_WORKING, sizeof(*job));
    const size_t most = KM_GROOVE_HITS_MAX;
    const size_t count = extract->is_average ? 0 : take->count;
    status =
        job ? km_groove_template_reserve(feel, count < most ? count : most) : KM_ERROR_NO_MEMORY;
    if (status == KM_OK) {
        job->take = take;
        job->feel = feel;
        job->grid = km_groove_template_grid(feel);
        job->is_average = extract->is_average;
        job->bars_max = extract->bars_max > 0 ? extract->bars_max : UINT64_MAX;
        add_strokes(job);
        status = km_groove_template_index(feel);
    }
    km_heap_release(feel->heap, job);
    return status;
}

enum km_status km_groove_template_extract(const struct km_midi_file *file,
                                          const struct km_groove_extract *extract,
                                          struct km_groove_template **feel, struct km_error *error)
{
    KM_CHECK(file && extract && feel);
    KM_CHECK(extract->name && extract->source);
    struct km_groove_take take;
    if (km_groove_take_init(&take, file) != KM_OK) {
        return km_heap_refusal(file->heap, error);
    }
    if (take.count == 0) {
        km_groove_take_release(&take);
        return km_error_set(error, KM_ERROR_INVALID, "there are no notes to take a groove from");
    }
    struct km_groove_template *const made = km_groove_template_new(file->heap);
    enum km_status status = made ? fill(made, &take, extract) : KM_ERROR_NO_MEMORY;
    km_groove_take_release(&take);
    if (status == KM_OK) {
        *feel = made;
        return KM_OK;
    }
    km_groove_template_free(made);
    return status == KM_ERROR_NO_MEMORY
               ? km_heap_refusal(file->heap, error)
               : km_error_set(error, status, "its times are out of all bounds");
}
