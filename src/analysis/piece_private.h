// SPDX-License-Identifier: MIT

/// How a piece is made: events go in, track by track, and are put in order at the end.
#ifndef KM_ANALYSIS_PIECE_PRIVATE_H
#define KM_ANALYSIS_PIECE_PRIVATE_H

#include "analysis/piece.h"
#include "base/attributes.h"
#include "base/status.h"
#include "midi/event.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct km_heap;

/// What a change changes. Of all but the first two for one channel.
enum km_piece_change_kind {
    KM_PIECE_TEMPO,   ///< value: microseconds a quarter note
    KM_PIECE_METRE,   ///< value: numerator | denominator << 8
    KM_PIECE_PROGRAM, ///< value: program | 128 if it is a kit of drums
    KM_PIECE_PEDAL,   ///< value: 1 down, 0 up
    KM_PIECE_RHYTHM,  ///< value: 1 plays drums whatever its program, 0 melody
    KM_PIECE_CHANGE_KINDS
};

struct km_piece_change {
    uint64_t tick;
    uint32_t value;
    uint8_t kind; ///< enum km_piece_change_kind
    uint8_t channel;
};

enum {
    KM_PIECE_KEYS_COUNT = KM_CHANNELS_COUNT * KM_KEYS_COUNT,
    KM_PIECE_SYSEX_SIZE = 16, ///< Of what is looked at in a SysEx message.
};

/// The piece while it is made. Until it is settled, beats of notes are ticks (exact up to 2^53).
struct km_piece_builder {
    struct km_heap *heap;
    struct km_error *error; ///< Told the first failure; may be null.
    uint16_t format, division;
    struct km_piece_note *notes;
    size_t note_count, note_capacity;
    uint32_t *links; ///< Of each note: the next that sounds on its key, + 1; then room for sorting.
    struct km_piece_change *changes;
    size_t change_count, change_capacity;
    struct km_piece_part parts[KM_PIECE_PARTS_MAX];
    size_t part_count;
    char title[KM_PIECE_TITLE_SIZE];
    uint8_t bank[KM_CHANNELS_COUNT];

    // Of the track that is read.
    uint32_t track;
    uint64_t origin;                        ///< Its first tick in the piece: 0 but in format 2.
    uint64_t track_end;                     ///< Its last tick so far, in the piece.
    char name[KM_PIECE_NAME_SIZE];          ///< Its first name.
    int pedal[KM_CHANNELS_COUNT];           ///< 1 down, 0 up, -1: the track does not say.
    int part_of_channel[KM_CHANNELS_COUNT]; ///< -1: none yet.
    uint32_t oldest[KM_PIECE_KEYS_COUNT];   ///< Note that sounds on a key, + 1; 0: none.
    uint32_t newest[KM_PIECE_KEYS_COUNT];
    double next_start[KM_PIECE_KEYS_COUNT]; ///< While settling: of the next note on a key.
};

/// A builder on the working account; null if the heap refuses.  [any]
KM_NODISCARD struct km_piece_builder *km_piece_builder_new(struct km_heap *heap, uint16_t format,
                                                           uint16_t division,
                                                           struct km_error *error);

/// Null does nothing.  [any]
void km_piece_builder_free(struct km_piece_builder *builder);

/// Begins the track with that number, from 0.  [any]
KM_NODISCARD enum km_status km_piece_builder_begin_track(struct km_piece_builder *builder,
                                                         uint32_t track);

/// Takes the track's next event. Of meta and SysEx events only the place is looked at.  [any]
KM_NODISCARD enum km_status km_piece_builder_take(struct km_piece_builder *builder,
                                                  const struct km_event *event);

/// Takes the name of the track; those after the first do not count.  [any]
void km_piece_builder_name(struct km_piece_builder *builder, const void *text, size_t size);

/// Takes the first bytes of a SysEx message, without its F0: it may tell who plays drums.  [any]
KM_NODISCARD enum km_status km_piece_builder_sysex(struct km_piece_builder *builder, uint64_t tick,
                                                   const unsigned char *bytes, size_t size);

/// Ends the track: notes that still sound end with it.  [any]
void km_piece_builder_end_track(struct km_piece_builder *builder);

/// Puts all in order, and makes the piece of it.  [any]
KM_NODISCARD enum km_status km_piece_builder_settle(struct km_piece_builder *builder,
                                                    struct km_piece *piece);

/// Tells in the error what the heap refused; returns KM_ERROR_NO_MEMORY.  [any]
KM_NODISCARD enum km_status km_piece_builder_refused(struct km_piece_builder *builder);

/// What is to be sorted.
struct km_piece_items {
    void *items;
    size_t count;
    size_t size; ///< Of one; at most KM_PIECE_ITEM_SIZE_MAX.
    bool (*is_before)(const void *a, const void *b);
};

enum { KM_PIECE_ITEM_SIZE_MAX = 64 };

/// Sorts items so that equal ones keep their order: natural merging, quick where the items are few
/// runs. `order` and `scratch` have room for `count`.  [any]
void km_piece_sort(const struct km_piece_items *items, uint32_t *order, uint32_t *scratch);

#endif
