// SPDX-License-Identifier: MIT

/// A feed's parts: reading on (feed_read.c), finding a place (feed_seek.c), cutting (feed.c).
#ifndef KM_ENGINE_FEED_PRIVATE_H
#define KM_ENGINE_FEED_PRIVATE_H

#include "engine/chase_private.h"
#include "engine/feed.h"
#include "engine/programs_private.h"

enum { KM_FEED_READ_AHEAD = 256 };

#define KM_FEED_BAR_SECONDS_MIN .1

/// Where in the music somebody is who reads it: time and bars.
struct km_feed_place {
    bool is_smpte;
    uint32_t division; ///< As in km_chunk.
    double tempo;      ///< Microseconds per quarter note.
    uint64_t tempo_tick;
    double tempo_seconds; ///< At tempo_tick.
    uint32_t bar;
    uint64_t bar_tick;
    uint64_t bar_ticks;
    uint16_t beats;
    uint8_t numerator, denominator_log2;
    uint64_t last_tick; ///< Of the last event.
};

/// A source, read ahead, with the place and what has been set.
struct km_feed_reader {
    struct km_feed_source source;
    struct km_midi_merged_event events[KM_FEED_READ_AHEAD];
    size_t count, index;
    bool is_at_end;
    struct km_event made[KM_SYSEX_EVENTS_MAX]; ///< What the SysEx message means that comes next.
    size_t made_count, made_index;             ///< Count 0: it was not looked at yet.
    struct km_feed_place place;
    struct km_chase_state state;
    struct km_program_state programs;
};

enum km_feed_target_kind { KM_FEED_TARGET_NONE, KM_FEED_TARGET_BAR, KM_FEED_TARGET_SECONDS };

struct km_feed_target {
    enum km_feed_target_kind kind;
    uint32_t bar;
    double seconds;
};

/// At the beginning of the source, which must be there. False: its division has no length.
/// [control]
bool km_feed_reader_init(struct km_feed_reader *reader, const struct km_feed_source *source);

/// Back to the beginning.  [control]
KM_NODISCARD enum km_status km_feed_reader_rewind(struct km_feed_reader *reader,
                                                  struct km_error *error);

/// The next event, which is not taken yet; null at the end. SysEx is as km_synth_sysex_events makes
/// it, or no SysEx any more (KM_EVENT_META).  [control]
KM_NODISCARD enum km_status km_feed_reader_peek(struct km_feed_reader *reader,
                                                const struct km_event **event,
                                                struct km_error *error);

/// Takes the event that was peeked at, whose bar has begun: place and state follow it.  [control]
void km_feed_reader_take(struct km_feed_reader *reader);

/// Lets bars pass until that of `tick` has begun.  [control]
void km_feed_place_advance(struct km_feed_place *place, uint64_t tick);

/// Whether the event is a time signature that begins a bar anew.  [control]
bool km_feed_place_is_meter(const struct km_feed_place *place, const struct km_event *event);

/// Seconds at a tick at or after the last change of tempo.  [control]
double km_feed_place_seconds(const struct km_feed_place *place, uint64_t tick);

/// How many bars go into one chunk, at least 1.  [control]
uint32_t km_feed_place_bars(const struct km_feed_place *place);

/// Goes to a target from the beginning. `tick` is set to the place: at or after the beginning of
/// place.bar.  [control]
KM_NODISCARD enum km_status km_feed_reader_go(struct km_feed_reader *reader,
                                              const struct km_feed_target *target, uint64_t *tick,
                                              struct km_error *error);

#endif
