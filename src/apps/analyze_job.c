// SPDX-License-Identifier: MIT

#include "apps/analyze_job.h"

#include "apps/midi_files.h"
#include "apps/progress.h"
#include "base/input.h"
#include "base/math.h"
#include "heap/heap.h"
#include "midi/event.h"

#include <string.h>

// ---- Reading

static void note_warning(void *context, const struct km_midi_problem *problem)
{
    struct km_analyze_job *const job = context;
    if (job->warning_count < KM_ANALYZE_WARNINGS_MAX) {
        job->warnings[job->warning_count] = *problem;
    }
    job->warning_count += 1;
}

static enum km_status read_piece(struct km_analyze_job *job, bool is_strict, struct km_error *error)
{
    struct km_input input;
    enum km_status status = km_input_open(&input, job->path, error);
    if (status != KM_OK) {
        return status;
    }
    struct km_progress progress;
    km_progress_start(&progress, job->path);
    const struct km_piece_config config = {
        .reader = {.listener = {.tell = note_warning, .context = job}, .is_strict = is_strict},
        .progress = km_progress_listener(&progress)};
    status = km_piece_read(&job->piece, job->context->heap, &input, &config, error);
    km_progress_end(&progress);
    km_input_close(&input);
    return status == KM_OK ? KM_OK : km_midi_in_file(job->path, status, error);
}

// ---- Groove

static struct km_groove_onset onset_of(const struct km_piece *piece,
                                       const struct km_piece_note *note)
{
    const struct km_piece_bar bar = km_piece_bar_at(piece, note->start_beat);
    // As long as a quarter note is there, by the tempo map.
    const double second = km_piece_seconds(piece, note->start_beat + 1.0 / 16.0) - note->start_s;
    const double sixteenths = km_clamp(bar.beats * 4.0 + 0.5, 1.0, 255.0);
    // A pitched part may play on channel 10, where it was told to.
    const uint8_t pitched = note->channel == KM_CHANNEL_DRUMS ? 0 : note->channel;
    return (struct km_groove_onset){.beat = note->start_beat,
                                    .bar = note->start_beat - bar.start_beat,
                                    .beat_ms = second * 16.0 * 1000.0,
                                    .key = note->key,
                                    .velocity = note->velocity,
                                    .channel = note->is_drum ? KM_CHANNEL_DRUMS : pitched,
                                    .bar_beats_x4 = (uint8_t)sixteenths};
}

static enum km_status find_groove(struct km_analyze_job *job)
{
    const struct km_piece *const piece = &job->piece;
    struct km_heap *const heap = job->context->heap;
    struct km_groove_onset *const onsets =
        km_heap_allocate_array(heap, KM_ACCOUNT_WORKING, piece->note_count + 1, sizeof(*onsets));
    if (!onsets) {
        return KM_ERROR_NO_MEMORY;
    }
    for (size_t i = 0; i < piece->note_count; ++i) {
        onsets[i] = onset_of(piece, &piece->notes[i]);
    }
    const enum km_status status = km_groove_measure_onsets(onsets, piece->note_count, &job->groove);
    km_heap_release(heap, onsets);
    return status;
}

// ---- All of it

static enum km_status find(struct km_analyze_job *job)
{
    enum km_status status = KM_OK;
    if (job->piece.is_performed) {
        status = km_piece_find_beats(&job->piece);
        job->has_found_beats = true;
    }
    status = status == KM_OK ? km_keys_find(&job->keys, &job->piece) : status;
    status = status == KM_OK ? km_chords_find(&job->chords, &job->piece, &job->keys) : status;
    if (status == KM_OK && job->keys.whole.confidence <= 0.0F) {
        km_chords_release(&job->chords); // Nothing pitched sounds: not even a chord that is none.
    }
    if (status == KM_OK && job->piece.note_count > 0) {
        status = km_sections_find(&job->sections, &job->piece, &job->chords);
    }
    status = status == KM_OK ? km_heard_find(&job->heard, &job->piece, &job->keys) : status;
    return status == KM_OK ? find_groove(job) : status;
}

enum km_status km_analyze_run(struct km_analyze_job *job, bool is_strict, struct km_error *error)
{
    struct km_heap *const heap = job->context->heap;
    job->piece.heap = job->keys.heap = job->chords.heap = heap;
    enum km_status status = read_piece(job, is_strict, error);
    if (status != KM_OK) {
        return status;
    }
    status = find(job);
    if (status == KM_OK) {
        return KM_OK;
    }
    km_analyze_release(job);
    (void)km_error_set(error, status, "%s", km_status_text(status));
    if (status == KM_ERROR_NO_MEMORY) {
        (void)km_heap_refusal(heap, error);
    }
    return km_midi_in_file(job->path, status, error);
}

void km_analyze_release(struct km_analyze_job *job)
{
    km_chords_release(&job->chords);
    km_keys_release(&job->keys);
    km_piece_release(&job->piece);
}

// ---- Inversions

int km_analyze_inversion(struct km_chord chord)
{
    // By the interval of the bass above the root: a second or fourth stands for the third where
    // that is suspended.
    static const int8_t inversions[12] = {0, -1, 1, 1, 1, 1, 2, 2, 2, 3, 3, 3};
    const struct km_chord in_root = {chord.root, chord.quality, chord.root};
    const km_pitch_set pitches = km_chord_pitches(in_root);
    const unsigned int interval = (chord.bass + 12U - chord.root) % 12;
    const bool has_third =
        (pitches & (1U << (chord.root + 3U) % 12 | 1U << (chord.root + 4U) % 12)) != 0;
    const bool is_second_or_fourth = interval == 2 || interval == 5;
    if (chord.quality == KM_CHORD_NONE || !(pitches & 1U << chord.bass) ||
        (is_second_or_fourth && has_third)) {
        return chord.quality != KM_CHORD_NONE && interval == 0 ? 0 : -1;
    }
    return inversions[interval];
}
