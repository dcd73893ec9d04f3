// SPDX-License-Identifier: MIT

// How the notes of a piece move: onsets, gaps, lengths, loudness, articulation. All notes count as
// played on one instrument; notes that begin within 35 ms are one onset. Medians are taken from
// histograms, so that time is linear and nothing is sorted.

#include "analysis/heard_private.h"

#include "base/math.h"

#include <stdint.h>
#include <string.h>

enum {
    GAP_BINS = 4096,      // Of 2 ms; longer gaps count as the longest.
    SHARE_BINS = 256,     // Of a hundredth.
    STREAMS_COUNT = 1024, // Track and channel, folded; two that meet count as one.
};

static const double onset_seconds = 0.035;
static const double gap_bin_seconds = 0.002;

// The median of what was counted: the middle of its bin, in bins.
static double median_of(const uint32_t *bins, size_t bin_count)
{
    uint64_t total = 0;
    for (size_t i = 0; i < bin_count; ++i) {
        total += bins[i];
    }
    uint64_t below = 0;
    for (size_t i = 0; i < bin_count; ++i) {
        below += bins[i];
        if (below * 2 > total) {
            return (double)i + 0.5;
        }
    }
    return 0.0;
}

static void count(uint32_t *bins, size_t bin_count, double place)
{
    ++bins[(size_t)km_clamp(place, 0.0, (double)bin_count - 1.0)];
}

static void measure_onsets(const struct km_piece *piece, bool are_drums, struct km_heard_time *time)
{
    uint32_t gaps[GAP_BINS] = {0};
    double first = 0.0;
    double last = 0.0;
    double end = 0.0;
    for (size_t i = 0; i < piece->note_count; ++i) {
        const struct km_piece_note *const note = &piece->notes[i];
        if (note->is_drum != are_drums) {
            continue;
        }
        if (time->onset_count == 0) {
            first = note->start_s;
            ++time->onset_count;
            last = first;
        } else if (note->start_s - last > onset_seconds) {
            count(gaps, GAP_BINS, (note->start_s - last) / gap_bin_seconds);
            ++time->onset_count;
            last = note->start_s;
        }
        end = note->end_s > end ? note->end_s : end;
    }
    const double seconds = end - first;
    time->onsets_per_second = seconds > onset_seconds ? (double)time->onset_count / seconds : 0.0;
    time->gap_seconds =
        time->onset_count > 1 ? median_of(gaps, GAP_BINS) * gap_bin_seconds : seconds;
}

static void measure_notes(const struct km_piece *piece, bool are_drums, struct km_heard_time *time)
{
    double velocities = 0.0;
    double squares = 0.0;
    double seconds = 0.0;
    for (size_t i = 0; i < piece->note_count; ++i) {
        const struct km_piece_note *const note = &piece->notes[i];
        if (note->is_drum == are_drums) {
            velocities += note->velocity;
            squares += (double)note->velocity * note->velocity;
            seconds += note->end_s - note->start_s;
            ++time->note_count;
        }
    }
    const double notes = time->note_count > 0 ? (double)time->note_count : 1.0;
    const double mean = velocities / notes;
    const double variance = squares / notes - mean * mean;
    time->velocity_mean = mean;
    time->velocity_deviation = km_sqrt(variance > 0.0 ? variance : 0.0);
    time->note_seconds = seconds / notes;
}

// Of one track and channel, walking back from the end.
struct stream {
    double onset; // The latest met.
    double next;  // The one after that; 0 for none.
    bool is_met;
};

// The share of the gap to the stream's next onset that each note sounds; the last ones have no gap.
static void measure_articulation(const struct km_piece *piece, bool are_drums,
                                 struct km_heard_time *time)
{
    struct stream streams[STREAMS_COUNT];
    uint32_t shares[SHARE_BINS] = {0};
    memset(streams, 0, sizeof(streams));
    for (size_t i = piece->note_count; i-- > 0;) {
        const struct km_piece_note *const note = &piece->notes[i];
        if (note->is_drum != are_drums) {
            continue;
        }
        struct stream *const stream = &streams[(note->track * 16U + note->channel) % STREAMS_COUNT];
        if (!stream->is_met || stream->onset - note->start_s > onset_seconds) {
            stream->next = stream->is_met ? stream->onset : 0.0;
            stream->onset = note->start_s;
            stream->is_met = true;
        }
        const double gap = stream->next - note->start_s;
        if (gap > onset_seconds) {
            count(shares, SHARE_BINS, 100.0 * (note->end_s - note->start_s) / gap);
        }
    }
    time->articulation = median_of(shares, SHARE_BINS) / 100.0;
}

void km_heard_measure_time(const struct km_piece *piece, bool are_drums, struct km_heard_time *time)
{
    *time = (struct km_heard_time){0};
    measure_notes(piece, are_drums, time);
    measure_onsets(piece, are_drums, time);
    measure_articulation(piece, are_drums, time);
}
