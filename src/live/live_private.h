// SPDX-License-Identifier: MIT

/// What a live composer consists of: plans, of which one is cut into bars now.
#ifndef KM_LIVE_LIVE_PRIVATE_H
#define KM_LIVE_LIVE_PRIVATE_H

#include "engine/bar_feed.h"
#include "engine/feed.h"
#include "live/live.h"
#include "midi/file.h"

#include <stdbool.h>

struct km_engine_status;
struct km_therapy_session;

enum {
    KM_LIVE_SLOTS = 6,       ///< At most five are needed at once: see km_live_plan_next.
    KM_LIVE_SLOT_SHIFT = 12, ///< In a chunk's section: the slot above, the section's index below.
    KM_LIVE_READ_AHEAD = 64,
    KM_LIVE_STARTS = 8, ///< Bars whose beginnings are remembered.
};

_Static_assert(KM_LIVE_SECTION_MASK + 1 == 1 << KM_LIVE_SLOT_SHIFT, "a slot above a section");

/// A plan, and its song.
struct km_live_plan {
    struct km_harmony_plan plan;
    struct km_midi_file song;
    struct km_feed_file *music; ///< Null: nothing is here.
    struct km_feed_source source;
    bool was_told; ///< That it began.
};

struct km_live {
    struct km_live_config config;
    struct km_therapy_session *session;
    struct km_bar_feed *feed;
    double scales[KM_LIVE_SCALES_COUNT];
    bool is_turned; ///< Valence or arousal was: the words' own feeling counts no more.
    bool is_due;    ///< Scales were turned, and the plan of it waits.
    struct km_live_plan slots[KM_LIVE_SLOTS];
    uint32_t slot;              ///< Of the plan whose bars are sent now.
    uint32_t told, told_before; ///< Slots of the last two plans that began.
    uint32_t plan_number;
    uint32_t epoch;
    uint32_t epoch_bar;            ///< The epoch's first,
    uint32_t bar;                  ///< and the next one to send: their numbers in the stream,
    uint32_t plan_bar;             ///< and in its plan.
    bool jumps;                    ///< The next bar is the first of a new epoch.
    double seconds;                ///< Where the next bar begins, in the stream.
    double starts[KM_LIVE_STARTS]; ///< Where bars began that were sent, by their numbers.
    uint32_t tempo;
    struct km_midi_merged_event ahead[KM_LIVE_READ_AHEAD];
    size_t ahead_count, ahead_index;
    struct km_event *events; ///< KM_BAR_EVENTS_MAX of them.
    struct km_bar made;      ///< A bar that could not be sent yet, if it has ticks.
    double made_seconds;     ///< Where that bar ends.
};

/// Plans what comes next, in a slot of which nothing sounds or will. On failure all that was
/// planned stays.  [control]
KM_NODISCARD enum km_status km_live_plan_next(struct km_live *live,
                                              const struct km_engine_status *status,
                                              struct km_error *error);

/// Empties a slot.  [control]
void km_live_plan_release(struct km_live_plan *plan);

/// Fills `made` with the plan's next bar.  [control]
KM_NODISCARD enum km_status km_live_make_bar(struct km_live *live, struct km_error *error);

/// Sends a bar of silence before the bar that is made: in a new epoch, so that notes that wait for
/// their end are let go, and their instruments can make room.  [control]
KM_NODISCARD enum km_status km_live_send_rest(struct km_live *live,
                                              const struct km_engine_status *status,
                                              struct km_error *error);

/// The slot of what sounds.  [control]
uint32_t km_live_slot_of(const struct km_engine_status *status);

#endif
