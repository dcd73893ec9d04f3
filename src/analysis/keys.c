// SPDX-License-Identifier: MIT

// The key of a piece, as a whole and over time, and its scale.

#include "analysis/keys_private.h"
#include "base/check.h"
#include "heap/heap.h"

enum { KEYS = KM_KEY_SCORES_COUNT };

static bool is_silent(const float weights[12])
{
    float sum = 0.0F;
    for (int pitch = 0; pitch < 12; ++pitch) {
        sum += weights[pitch];
    }
    return sum <= 0.0F;
}

// How sure a stretch of frames is of its key: the lead over the next likely key in what sounds.
static float confidence_of(const struct km_key_frames *frames, size_t first, size_t end)
{
    float weights[12] = {0.0F};
    float scores[KEYS];
    for (size_t i = first; i < end; ++i) {
        for (int pitch = 0; pitch < 12; ++pitch) {
            weights[pitch] += frames->weights[i].pitch[pitch];
        }
    }
    if (!km_key_scores(weights, scores)) {
        return 0.0F;
    }
    const int key = frames->keys[first];
    float other = -1.0F;
    for (int i = 0; i < KEYS; ++i) {
        other = i != key && scores[i] > other ? scores[i] : other;
    }
    const float sure = 0.5F + 2.0F * (scores[key] - other);
    return sure < 0.05F ? 0.05F : (sure > 1.0F ? 1.0F : sure);
}

static size_t span_end(const struct km_key_frames *frames, size_t first)
{
    size_t end = first + 1;
    while (end < frames->count && frames->keys[end] == frames->keys[first]) {
        ++end;
    }
    return end;
}

static enum km_status make_spans(struct km_keys *keys, const struct km_key_frames *frames)
{
    size_t count = 0;
    for (size_t i = 0; i < frames->count; i = span_end(frames, i)) {
        ++count;
    }
    keys->spans =
        km_heap_allocate_array(keys->heap, KM_ACCOUNT_WORKING, count, sizeof(*keys->spans));
    if (!keys->spans) {
        return KM_ERROR_NO_MEMORY;
    }
    for (size_t i = 0; i < frames->count; i = span_end(frames, i)) {
        const size_t end = span_end(frames, i);
        keys->spans[keys->count++] = (struct km_key_span){
            frames->starts[i], frames->starts[end], km_key_of_index(frames->keys[i]),
            is_silent(frames->total) ? 0.0F : confidence_of(frames, i, end)};
    }
    return KM_OK;
}

// Fills in everything but the frames, which the caller releases.
static enum km_status find(struct km_keys *keys, struct km_key_frames *frames,
                           const struct km_piece *piece)
{
    double probabilities[KEYS];
    km_key_evidence_weigh(piece, frames, probabilities);
    int home = 0;
    for (int key = 1; key < KEYS; ++key) {
        home = probabilities[key] > probabilities[home] ? key : home;
    }
    const bool sounds = !is_silent(frames->total);
    home = sounds ? home : 0;
    const enum km_status status = km_key_frames_follow(frames, home);
    if (status != KM_OK) {
        return status;
    }
    keys->whole =
        (struct km_key_span){frames->starts[0], frames->starts[frames->count],
                             km_key_of_index(home), sounds ? (float)probabilities[home] : 0.0F};
    km_scale_find(frames->total, keys->whole.key, &keys->scale, &keys->scale_confidence);
    return make_spans(keys, frames);
}

enum km_status km_keys_find(struct km_keys *keys, const struct km_piece *piece)
{
    KM_CHECK(keys);
    KM_CHECK(piece && piece->heap);
    struct km_key_frames frames;
    enum km_status status = km_key_frames_make(&frames, piece);
    if (status != KM_OK) {
        return status;
    }
    struct km_keys found = {.heap = piece->heap};
    status = find(&found, &frames, piece);
    km_key_frames_release(&frames);
    if (status == KM_OK) {
        *keys = found;
    }
    return status;
}

void km_keys_release(struct km_keys *keys)
{
    KM_CHECK(keys);
    km_heap_release(keys->heap, keys->spans);
    *keys = (struct km_keys){0};
}

const char *km_keys_scale_tonic(const struct km_keys *keys)
{
    KM_CHECK(keys);
    const struct km_key key = keys->whole.key;
    const struct km_key scale = keys->scale;
    return km_key_spell(scale.tonic == key.tonic ? key : scale, scale.tonic);
}

struct km_key km_keys_at(const struct km_keys *keys, double beat)
{
    KM_CHECK(keys);
    size_t low = 0;
    size_t high = keys->count;
    while (low + 1 < high) {
        const size_t middle = low + (high - low) / 2;
        if (keys->spans[middle].start_beat <= beat) {
            low = middle;
        } else {
            high = middle;
        }
    }
    return keys->count > 0 ? keys->spans[low].key : keys->whole.key;
}
