// SPDX-License-Identifier: MIT

// The second half of making a piece: all is put in order, ticks become beats and seconds, and each
// note learns what plays it and how long the pedal holds it.

#include "analysis/piece_private.h"
#include "base/check.h"
#include "heap/heap.h"
#include "midi/division.h"

#include <string.h>

enum { KIT = 128 };

/// The changes of one kind on one channel, in order of time.
struct slice {
    const struct km_piece_change *changes;
    size_t count;
};

/// What settling needs to know beside the builder.
struct settling {
    struct km_piece_builder *builder;
    struct km_piece *piece;
    struct slice slices[KM_PIECE_CHANGE_KINDS][KM_CHANNELS_COUNT];
    double ticks_per_beat;
    double last_end; ///< Tick of the last note's end: a pedal that stays down is let go then.
};

static double ticks_per_beat(uint16_t division)
{
    const double ticks = km_midi_division_ticks(division);
    if (!km_midi_division_is_smpte(division)) {
        return ticks;
    }
    const uint32_t frames = km_midi_division_frames(division);
    return (frames == 29 ? ticks * 30000.0 / 1001.0 : ticks * frames) / 2.0;
}

static bool change_is_before(const void *left, const void *right)
{
    const struct km_piece_change *const a = left;
    const struct km_piece_change *const b = right;
    if (a->kind != b->kind) {
        return a->kind < b->kind;
    }
    return a->channel != b->channel ? a->channel < b->channel : a->tick < b->tick;
}

static bool note_is_before(const void *left, const void *right)
{
    const struct km_piece_note *const a = left;
    const struct km_piece_note *const b = right;
    if (a->start_beat < b->start_beat || b->start_beat < a->start_beat) {
        return a->start_beat < b->start_beat;
    }
    return a->track != b->track ? a->track < b->track : a->key < b->key;
}

static enum km_status sort_changes(struct km_piece_builder *builder)
{
    const size_t count = builder->change_count;
    uint32_t *const order =
        km_heap_allocate_array(builder->heap, KM_ACCOUNT_WORKING, 2 * count + 1, sizeof(*order));
    if (!order) {
        return km_piece_builder_refused(builder);
    }
    const struct km_piece_items items = {builder->changes, count, sizeof(*builder->changes),
                                         change_is_before};
    km_piece_sort(&items, order, order + count);
    km_heap_release(builder->heap, order);
    return KM_OK;
}

static enum km_status sort_notes(struct km_piece_builder *builder)
{
    uint32_t *const scratch = km_heap_allocate_array(builder->heap, KM_ACCOUNT_WORKING,
                                                     builder->note_count + 1, sizeof(*scratch));
    if (!scratch) {
        return km_piece_builder_refused(builder);
    }
    const struct km_piece_items items = {builder->notes, builder->note_count,
                                         sizeof(*builder->notes), note_is_before};
    km_piece_sort(&items, builder->links, scratch);
    km_heap_release(builder->heap, scratch);
    return KM_OK;
}

// Cuts the sorted changes into slices. Of a pedal only what moves it is kept, so that down and up
// take turns although several tracks may play the channel.
static void cut(struct settling *settling)
{
    struct km_piece_change *const changes = settling->builder->changes;
    for (size_t i = 0; i < settling->builder->change_count; ++i) {
        struct slice *const slice = &settling->slices[changes[i].kind][changes[i].channel];
        const bool is_first = slice->count == 0;
        const bool moves = is_first || changes[i].value != slice->changes[slice->count - 1].value;
        if (is_first) {
            slice->changes = &changes[i];
        }
        if (changes[i].kind != KM_PIECE_PEDAL || moves) {
            changes[(size_t)(slice->changes - changes) + slice->count++] = changes[i];
        }
    }
}

// How many changes of a slice stand at `tick` or before (or, if `is_strict`, before alone).
static size_t count_until(const struct slice *slice, double tick, bool is_strict)
{
    size_t low = 0;
    size_t high = slice->count;
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        const double at = (double)slice->changes[middle].tick;
        if (is_strict ? at < tick : at <= tick) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

// ---- Tempo and metre

static void add_tempo(struct settling *settling, double tick, double bpm)
{
    struct km_piece *const piece = settling->piece;
    const double beat = tick / settling->ticks_per_beat;
    struct km_piece_tempo *last = piece->tempos + piece->tempo_count;
    double seconds = 0;
    if (piece->tempo_count > 0) {
        --last;
        seconds = last->seconds + (beat - last->beat) * 60.0 / last->bpm;
        if (last->bpm == bpm) {
            return;
        }
        piece->tempo_count -= last->beat == beat; // Of two at one place the later counts.
    }
    piece->tempos[piece->tempo_count++] = (struct km_piece_tempo){beat, seconds, bpm};
}

static void add_metre(struct settling *settling, double tick, uint32_t value)
{
    struct km_piece *const piece = settling->piece;
    const struct km_piece_metre metre = {.beat = tick / settling->ticks_per_beat,
                                         .numerator = (uint8_t)(value & 0xFF),
                                         .denominator = (uint8_t)(value >> 8)};
    if (piece->metre_count > 0) {
        piece->metre_count -= piece->metres[piece->metre_count - 1].beat == metre.beat;
    }
    piece->metres[piece->metre_count++] = metre;
}

// Leaves out a metre that says again what holds, at the beginning of a bar.
static void drop_repeated_metres(struct km_piece *piece)
{
    size_t kept = 1;
    for (size_t i = 1; i < piece->metre_count; ++i) {
        const struct km_piece_metre *const last = &piece->metres[kept - 1];
        const struct km_piece_metre metre = piece->metres[i];
        const double bars = (metre.beat - last->beat) / (4.0 * last->numerator / last->denominator);
        const bool says_the_same = metre.numerator == last->numerator &&
                                   metre.denominator == last->denominator &&
                                   bars == (double)(uint64_t)bars;
        if (!says_the_same) {
            piece->metres[kept++] = metre;
        }
    }
    piece->metre_count = kept;
}

static enum km_status make_time(struct settling *settling)
{
    struct km_piece *const piece = settling->piece;
    const struct slice *const tempos = &settling->slices[KM_PIECE_TEMPO][0];
    const struct slice *const metres = &settling->slices[KM_PIECE_METRE][0];
    piece->tempos = km_heap_allocate_array(piece->heap, KM_ACCOUNT_WORKING, tempos->count + 1,
                                           sizeof(*piece->tempos));
    piece->metres = km_heap_allocate_array(piece->heap, KM_ACCOUNT_WORKING, metres->count + 1,
                                           sizeof(*piece->metres));
    if (!piece->tempos || !piece->metres) {
        return km_piece_builder_refused(settling->builder);
    }
    add_tempo(settling, 0, 120.0);
    const bool is_smpte = km_midi_division_is_smpte(settling->builder->division);
    for (size_t i = 0; i < tempos->count && !is_smpte; ++i) {
        add_tempo(settling, (double)tempos->changes[i].tick, 60e6 / tempos->changes[i].value);
    }
    add_metre(settling, 0, 4 | 4 << 8);
    for (size_t i = 0; i < metres->count; ++i) {
        add_metre(settling, (double)metres->changes[i].tick, metres->changes[i].value);
    }
    drop_repeated_metres(piece);
    km_piece_number_bars(piece);
    return KM_OK;
}

// ---- Notes

static uint32_t value_at(const struct slice *slice, double tick, uint32_t otherwise)
{
    const size_t count = count_until(slice, tick, false);
    return count > 0 ? slice->changes[count - 1].value : otherwise;
}

static void find_player(const struct settling *settling, struct km_piece_note *note)
{
    const uint8_t channel = note->channel;
    const double tick = note->start_beat;
    const uint32_t program = value_at(&settling->slices[KM_PIECE_PROGRAM][channel], tick, 0);
    const bool is_kit = channel == KM_CHANNEL_DRUMS || program >= KIT;
    note->program = (uint8_t)(program % KIT);
    note->is_drum = value_at(&settling->slices[KM_PIECE_RHYTHM][channel], tick, is_kit) != 0;
}

// Until when a note sounds, in ticks; `next` is the beginning of the next note on its key.
static double sound_end(const struct settling *settling, const struct km_piece_note *note,
                        double next)
{
    const struct slice *const pedal = &settling->slices[KM_PIECE_PEDAL][note->channel];
    const size_t count = count_until(pedal, note->end_beat, true);
    if (count == 0 || pedal->changes[count - 1].value == 0) {
        return note->end_beat;
    }
    const double up =
        count < pedal->count ? (double)pedal->changes[count].tick : settling->last_end;
    const double end = up < next ? up : next;
    return end > note->end_beat ? end : note->end_beat;
}

// From the last note to the first, so that each knows when its key is struck again.
static void find_sound(struct settling *settling)
{
    struct km_piece_builder *const builder = settling->builder;
    for (size_t i = 0; i < builder->note_count; ++i) {
        const double end = builder->notes[i].end_beat;
        settling->last_end = end > settling->last_end ? end : settling->last_end;
    }
    for (size_t i = 0; i < KM_PIECE_KEYS_COUNT; ++i) {
        builder->next_start[i] = settling->last_end;
    }
    for (size_t i = builder->note_count; i-- > 0;) {
        struct km_piece_note *const note = &builder->notes[i];
        double *const next =
            &builder->next_start[(size_t)note->channel * KM_KEYS_COUNT + note->key];
        find_player(settling, note);
        note->sound_end_beat = sound_end(settling, note, *next);
        *next = note->start_beat;
    }
}

static void convert(struct settling *settling, struct km_piece_note *note)
{
    const struct km_piece *const piece = settling->piece;
    note->start_beat /= settling->ticks_per_beat;
    note->end_beat /= settling->ticks_per_beat;
    note->sound_end_beat /= settling->ticks_per_beat;
    note->start_s = km_piece_seconds(piece, note->start_beat);
    note->end_s = km_piece_seconds(piece, note->end_beat);
    note->sound_end_s = km_piece_seconds(piece, note->sound_end_beat);
}

// The first track's name is the piece's where no other track plays (Standard MIDI Files 1.0, FF
// 03).
static void take_names(struct km_piece_builder *builder)
{
    const size_t count = builder->part_count;
    if (count > 0 && builder->parts[count - 1].track == 0) {
        for (size_t i = 0; i < count; ++i) {
            builder->parts[i].name[0] = '\0';
        }
    }
}

static void make_notes(struct settling *settling)
{
    struct km_piece *const piece = settling->piece;
    struct km_piece_builder *const builder = settling->builder;
    bool has_part[KM_PIECE_PARTS_MAX] = {false};
    find_sound(settling);
    for (size_t i = 0; i < builder->note_count; ++i) {
        struct km_piece_note *const note = &builder->notes[i];
        convert(settling, note);
        if (note->sound_end_beat > piece->end_beat) {
            piece->end_beat = note->sound_end_beat;
            piece->end_s = note->sound_end_s;
        }
        if (!has_part[note->part]) {
            has_part[note->part] = true;
            builder->parts[note->part].program = note->program;
            builder->parts[note->part].is_drum = note->is_drum;
        }
    }
}

enum km_status km_piece_builder_settle(struct km_piece_builder *builder, struct km_piece *piece)
{
    KM_CHECK(km_midi_division_is_valid(builder->division));
    struct km_piece made = {.heap = builder->heap};
    struct settling settling = {
        .builder = builder, .piece = &made, .ticks_per_beat = ticks_per_beat(builder->division)};
    enum km_status status = sort_changes(builder);
    status = status == KM_OK ? sort_notes(builder) : status;
    if (status == KM_OK) {
        cut(&settling);
        status = make_time(&settling);
    }
    if (status != KM_OK) {
        km_piece_release(&made);
        return status;
    }
    make_notes(&settling);
    take_names(builder);
    made.notes = builder->notes;
    made.note_count = builder->note_count;
    builder->notes = NULL;
    memcpy(made.parts, builder->parts, sizeof(made.parts));
    made.part_count = builder->part_count;
    memcpy(made.title, builder->title, sizeof(made.title));
    made.is_performed = km_piece_is_performed(&made);
    *piece = made;
    return KM_OK;
}
