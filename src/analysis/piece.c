// SPDX-License-Identifier: MIT

#include "analysis/piece.h"

#include "analysis/piece_private.h"
#include "base/check.h"
#include "heap/heap.h"
#include "midi/file.h"

void km_piece_release(struct km_piece *piece)
{
    km_heap_release(piece->heap, piece->notes);
    km_heap_release(piece->heap, piece->metres);
    km_heap_release(piece->heap, piece->tempos);
    *piece = (struct km_piece){.heap = piece->heap};
}

// ---- Making one of a file in memory

static enum km_status take_payload(struct km_piece_builder *builder,
                                   const struct km_midi_file *file, const struct km_event *event)
{
    size_t size = 0;
    const unsigned char *const bytes = km_midi_file_payload(file, event->detail, &size);
    if (event->type == KM_EVENT_META && event->number == KM_META_TRACK_NAME) {
        km_piece_builder_name(builder, bytes, size);
    } else if (event->type == KM_EVENT_SYSEX && event->number == 0xF0) {
        return km_piece_builder_sysex(builder, event->tick, bytes, size);
    }
    return KM_OK;
}

static enum km_status take_track(struct km_piece_builder *builder, const struct km_midi_file *file,
                                 size_t track)
{
    enum km_status status = km_piece_builder_begin_track(builder, (uint32_t)track);
    for (size_t i = 0; i < file->tracks[track].count && status == KM_OK; ++i) {
        const struct km_event *const event = &file->tracks[track].events[i];
        const bool has_payload = event->type == KM_EVENT_META || event->type == KM_EVENT_SYSEX;
        status = km_piece_builder_take(builder, event);
        if (status == KM_OK && has_payload) {
            status = take_payload(builder, file, event);
        }
    }
    if (status == KM_OK) {
        km_piece_builder_end_track(builder);
    }
    return status;
}

enum km_status km_piece_of_file(struct km_piece *piece, struct km_heap *heap,
                                const struct km_midi_file *file, struct km_error *error)
{
    KM_CHECK(piece);
    KM_CHECK(file);
    struct km_piece_builder *const builder =
        km_piece_builder_new(heap, file->format, file->division, error);
    if (!builder) {
        return KM_ERROR_NO_MEMORY;
    }
    enum km_status status = KM_OK;
    for (size_t t = 0; t < file->track_count && status == KM_OK; ++t) {
        status = take_track(builder, file, t);
    }
    if (status == KM_OK) {
        status = km_piece_builder_settle(builder, piece);
    }
    km_piece_builder_free(builder);
    return status;
}

// ---- Places in time

double km_piece_seconds(const struct km_piece *piece, double beat)
{
    size_t low = 0;
    size_t high = piece->tempo_count;
    KM_CHECK(high > 0);
    while (high - low > 1) {
        const size_t middle = low + (high - low) / 2;
        if (piece->tempos[middle].beat <= beat) {
            low = middle;
        } else {
            high = middle;
        }
    }
    const struct km_piece_tempo *const tempo = &piece->tempos[low];
    return tempo->seconds + (beat - tempo->beat) * 60.0 / tempo->bpm;
}

double km_piece_beat(const struct km_piece *piece, double seconds)
{
    size_t low = 0;
    size_t high = piece->tempo_count;
    KM_CHECK(high > 0);
    while (high - low > 1) {
        const size_t middle = low + (high - low) / 2;
        if (piece->tempos[middle].seconds <= seconds) {
            low = middle;
        } else {
            high = middle;
        }
    }
    const struct km_piece_tempo *const tempo = &piece->tempos[low];
    return tempo->beat + (seconds - tempo->seconds) * tempo->bpm / 60.0;
}

static double bar_beats(const struct km_piece_metre *metre)
{
    return 4.0 * metre->numerator / metre->denominator;
}

// Whole bars in so many beats; a bar that is cut counts where `is_rounded_up`. A count beyond what
// fits is the most that does: such a piece lasts for centuries.
static uint32_t bars_in(double beats, const struct km_piece_metre *metre, bool is_rounded_up)
{
    const double bars = beats / bar_beats(metre);
    if (!(bars > 0)) {
        return 0;
    }
    if (bars >= UINT32_MAX) {
        return UINT32_MAX;
    }
    const uint32_t whole = (uint32_t)bars;
    return whole + (is_rounded_up && (double)whole < bars);
}

void km_piece_number_bars(struct km_piece *piece)
{
    KM_CHECK(piece->metre_count > 0);
    piece->metres[0].bar = 0;
    for (size_t i = 1; i < piece->metre_count; ++i) {
        const struct km_piece_metre *const last = &piece->metres[i - 1];
        const uint32_t bars = bars_in(piece->metres[i].beat - last->beat, last, true);
        piece->metres[i].bar = bars < UINT32_MAX - last->bar ? last->bar + bars : UINT32_MAX;
    }
}

struct km_piece_bar km_piece_bar_at(const struct km_piece *piece, double beat)
{
    size_t low = 0;
    size_t high = piece->metre_count;
    KM_CHECK(high > 0);
    while (high - low > 1) {
        const size_t middle = low + (high - low) / 2;
        if (piece->metres[middle].beat <= beat) {
            low = middle;
        } else {
            high = middle;
        }
    }
    const struct km_piece_metre *const metre = &piece->metres[low];
    const uint32_t bars = bars_in(beat - metre->beat, metre, false);
    struct km_piece_bar bar = {.index =
                                   bars < UINT32_MAX - metre->bar ? metre->bar + bars : UINT32_MAX,
                               .start_beat = metre->beat + bars * bar_beats(metre),
                               .beats = bar_beats(metre),
                               .metre = *metre};
    if (low + 1 < piece->metre_count) {
        const double left = piece->metres[low + 1].beat - bar.start_beat;
        bar.beats = left < bar.beats ? left : bar.beats;
    }
    return bar;
}

double km_piece_bar_start(const struct km_piece *piece, uint64_t bar)
{
    size_t low = 0;
    size_t high = piece->metre_count;
    KM_CHECK(high > 0);
    while (high - low > 1) {
        const size_t middle = low + (high - low) / 2;
        if (piece->metres[middle].bar <= bar) {
            low = middle;
        } else {
            high = middle;
        }
    }
    const struct km_piece_metre *const metre = &piece->metres[low];
    const double start = metre->beat + (double)(bar - metre->bar) * bar_beats(metre);
    const double next = low + 1 < piece->metre_count ? piece->metres[low + 1].beat : start;
    return start > next ? next : start;
}

uint32_t km_piece_bars(const struct km_piece *piece)
{
    double last_start = 0;
    double end = 0;
    for (size_t i = 0; i < piece->note_count; ++i) {
        const struct km_piece_note *const note = &piece->notes[i];
        last_start = note->start_beat > last_start ? note->start_beat : last_start;
        end = note->end_beat > end ? note->end_beat : end;
    }
    end -= km_piece_bar_at(piece, end).beats / 8.0;
    const uint32_t last = km_piece_bar_at(piece, end > last_start ? end : last_start).index;
    return piece->note_count > 0 && last < UINT32_MAX ? last + 1 : last;
}

double km_piece_mean_bpm(const struct km_piece *piece)
{
    const double start = piece->tempos[0].seconds > 0.0 ? piece->tempos[0].seconds : 0.0;
    const double seconds = piece->end_s - start;
    return seconds > 0.0 && piece->end_beat > 0.0 ? piece->end_beat * 60.0 / seconds
                                                  : piece->tempos[0].bpm;
}

const char *km_piece_part_name(const struct km_piece_part *part)
{
    static const char *const families[16] = {
        "Piano", "Bells",  "Organ", "Guitar",    "Bass",     "Strings", "Ensemble",   "Brass",
        "Reeds", "Flutes", "Lead",  "Synth pad", "Synth FX", "Ethnic",  "Percussive", "Effects",
    };
    if (part->name[0] != '\0') {
        return part->name;
    }
    return part->is_drum ? "Drums" : families[part->program / 8 % 16];
}
