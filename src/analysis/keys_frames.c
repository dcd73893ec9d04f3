// SPDX-License-Identifier: MIT

// Cuts a piece into bars and follows its key through them: the way through all bars that fits best
// if each change of key costs something, and a far one more (Viterbi's algorithm).

#include "analysis/keys_private.h"
#include "base/check.h"
#include "heap/heap.h"

#include <string.h>

enum { PITCHES = 12, KEYS = KM_KEY_SCORES_COUNT, FIRST_NOISE_PROGRAM = 115 };

bool km_note_is_pitched(const struct km_piece_note *note)
{
    return !note->is_drum && note->program < FIRST_NOISE_PROGRAM;
}

static double metre_end(const struct km_piece *piece, size_t metre)
{
    const double next =
        metre + 1 < piece->metre_count ? piece->metres[metre + 1].beat : piece->end_beat;
    return next < piece->end_beat ? next : piece->end_beat;
}

static double bar_beats(const struct km_piece_metre *metre)
{
    const double beats = metre->denominator > 0 ? 4.0 * metre->numerator / metre->denominator : 4.0;
    return beats >= 0.5 ? beats : 4.0;
}

// Writes the beats at which bars begin, up to KM_KEY_FRAMES_MAX of them; returns how many there
// are.
static size_t find_bars(const struct km_piece *piece, double *starts)
{
    size_t count = 0;
    for (size_t i = 0; i < piece->metre_count && count <= KM_KEY_FRAMES_MAX; ++i) {
        const double beats = bar_beats(&piece->metres[i]);
        const double end = metre_end(piece, i) - 1e-6;
        double at = piece->metres[i].beat;
        for (size_t bar = 0; at < end && count <= KM_KEY_FRAMES_MAX; ++bar) {
            starts[count++] = at;
            at = piece->metres[i].beat + beats * (double)(bar + 1);
        }
    }
    return count;
}

// The frames' borders: bars, or equal parts of what is too long or has no bars.
static void find_borders(struct km_key_frames *frames, const struct km_piece *piece)
{
    frames->count = find_bars(piece, frames->starts);
    const double end = piece->end_beat > 0.0 ? piece->end_beat : 1.0;
    if (frames->count == 0 || frames->count > KM_KEY_FRAMES_MAX) {
        frames->count = frames->count == 0 ? 1 : KM_KEY_FRAMES_MAX;
        for (size_t i = 0; i < frames->count; ++i) {
            frames->starts[i] = end * (double)i / (double)frames->count;
        }
    }
    frames->starts[0] = 0.0;
    frames->starts[frames->count] = end;
}

static size_t frame_at(const struct km_key_frames *frames, double beat)
{
    size_t low = 0;
    size_t high = frames->count;
    while (low + 1 < high) {
        const size_t middle = low + (high - low) / 2;
        if (frames->starts[middle] <= beat) {
            low = middle;
        } else {
            high = middle;
        }
    }
    return low;
}

// A note in one frame. Being struck counts, too: short notes are heard.
static void add_part(struct km_key_frames *frames, size_t frame, uint8_t pitch, double beats)
{
    if (beats > 0.0) {
        frames->weights[frame].pitch[pitch] += (float)beats;
        frames->total[pitch] += (float)beats;
    }
}

// Notes that last over many frames would take long: beyond this they are taken to have ended.
enum { FRAMES_OF_A_NOTE_MAX = 16 };

static void add_note(struct km_key_frames *frames, const struct km_piece_note *note)
{
    static const double strike_beats = 0.15;
    const uint8_t pitch = note->key % PITCHES;
    size_t frame = frame_at(frames, note->start_beat);
    add_part(frames, frame, pitch, strike_beats);
    for (int i = 0; i < FRAMES_OF_A_NOTE_MAX && frame < frames->count; ++i, ++frame) {
        const double start = frames->starts[frame];
        const double end = frames->starts[frame + 1];
        const double from = note->start_beat > start ? note->start_beat : start;
        add_part(frames, frame, pitch, (note->end_beat < end ? note->end_beat : end) - from);
        if (note->end_beat <= end) {
            break;
        }
    }
}

enum km_status km_key_frames_make(struct km_key_frames *frames, const struct km_piece *piece)
{
    KM_CHECK(frames);
    KM_CHECK(piece && piece->heap);
    struct km_key_frames made = {.heap = piece->heap};
    const size_t size = KM_KEY_FRAMES_MAX + 2;
    made.starts =
        km_heap_allocate_array(piece->heap, KM_ACCOUNT_WORKING, size, sizeof(*made.starts));
    if (!made.starts) {
        return KM_ERROR_NO_MEMORY;
    }
    find_borders(&made, piece);
    made.weights =
        km_heap_allocate_array(piece->heap, KM_ACCOUNT_WORKING, made.count, sizeof(*made.weights));
    made.keys = km_heap_allocate(piece->heap, KM_ACCOUNT_WORKING, made.count);
    if (!made.weights || !made.keys) {
        km_key_frames_release(&made);
        return KM_ERROR_NO_MEMORY;
    }
    for (size_t i = 0; i < piece->note_count; ++i) {
        if (km_note_is_pitched(&piece->notes[i])) {
            add_note(&made, &piece->notes[i]);
        }
    }
    *frames = made;
    return KM_OK;
}

void km_key_frames_release(struct km_key_frames *frames)
{
    km_heap_release(frames->heap, frames->starts);
    km_heap_release(frames->heap, frames->weights);
    km_heap_release(frames->heap, frames->keys);
    *frames = (struct km_key_frames){0};
}

// In correlations of a bar; found with the local keys of every other analysis of When in Rome.
#define CHANGE_COST 0.3F
#define FIFTH_COST 0.1F  // For each accidental between the signatures
#define MODE_COST 0.02F  // Major to minor, or back
#define HOME_GAIN 0.1F   // Of the piece's own key in each bar
#define AWAY_SHARE 0.25F // Of the bars beside in what a bar sounds like

static float change_cost(int from, int to)
{
    if (from == to) {
        return 0.0F;
    }
    const int fifths =
        km_key_signature(km_key_of_index(to)) - km_key_signature(km_key_of_index(from));
    const int around = fifths < 0 ? -fifths : fifths;
    const int distance = around > 6 ? 12 - around : around;
    const bool other_mode = from / PITCHES != to / PITCHES;
    return CHANGE_COST + FIFTH_COST * (float)distance + (other_mode ? MODE_COST : 0.0F);
}

// How well each key fits a frame, heard together with its neighbours.
static void hear(const struct km_key_frames *frames, size_t frame, int home, float scores[KEYS])
{
    float weights[PITCHES];
    float loudest = 0.0F;
    for (int pitch = 0; pitch < PITCHES; ++pitch) {
        weights[pitch] = frames->weights[frame].pitch[pitch];
        if (frame > 0) {
            weights[pitch] += AWAY_SHARE * frames->weights[frame - 1].pitch[pitch];
        }
        if (frame + 1 < frames->count) {
            weights[pitch] += AWAY_SHARE * frames->weights[frame + 1].pitch[pitch];
        }
        loudest += frames->weights[frame].pitch[pitch];
    }
    (void)km_key_scores(weights, scores);
    const double beats = frames->starts[frame + 1] - frames->starts[frame];
    // A bar of two beats tells half as much as one of four; a silent one nothing.
    const float share = beats < 4.0 ? (float)beats / 4.0F : 1.0F;
    for (int key = 0; key < KEYS; ++key) {
        scores[key] *= loudest > 0.0F ? share : 0.0F;
        scores[key] += key == home ? HOME_GAIN * share : 0.0F;
    }
}

struct way {
    float best[KEYS]; // Of all ways that end in each key
    float costs[KEYS][KEYS];
};

// From which key one comes best to another; staying wins a draw.
static int best_before(const struct way *way, int to)
{
    int best = to;
    for (int key = 0; key < KEYS; ++key) {
        const bool is_better =
            way->best[key] - way->costs[key][to] > way->best[best] - way->costs[best][to];
        best = is_better ? key : best;
    }
    return best;
}

// One frame on: from where each key is best come to.
static void step(struct way *way, const float scores[KEYS], uint8_t from[KEYS])
{
    float next[KEYS];
    for (int to = 0; to < KEYS; ++to) {
        const int best = best_before(way, to);
        from[to] = (uint8_t)best;
        next[to] = way->best[best] - way->costs[best][to] + scores[to];
    }
    memcpy(way->best, next, sizeof(next));
}

enum km_status km_key_frames_follow(struct km_key_frames *frames, int home)
{
    KM_CHECK(frames->count > 0);
    uint8_t *const from =
        km_heap_allocate_array(frames->heap, KM_ACCOUNT_WORKING, frames->count, KEYS);
    if (!from) {
        return KM_ERROR_NO_MEMORY;
    }
    struct way way = {.best = {0.0F}};
    for (int i = 0; i < KEYS * KEYS; ++i) {
        way.costs[i / KEYS][i % KEYS] = change_cost(i / KEYS, i % KEYS);
    }
    for (size_t i = 0; i < frames->count; ++i) {
        float scores[KEYS];
        hear(frames, i, home, scores);
        step(&way, scores, from + i * KEYS);
    }
    int key = 0;
    for (int i = 1; i < KEYS; ++i) {
        key = way.best[i] > way.best[key] ? i : key;
    }
    for (size_t i = frames->count; i-- > 0;) {
        frames->keys[i] = (uint8_t)key;
        key = from[i * KEYS + (size_t)key];
    }
    km_heap_release(frames->heap, from);
    return KM_OK;
}
