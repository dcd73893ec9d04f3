// SPDX-License-Identifier: MIT

/// Groove templates: the timing and touch of a performance, to give to other music.
///
/// A template has two layers. The average is one bar: for each place in it, and each role, how far
/// off the grid (in ms) and how loud. The performance is every stroke of the take, as many bars as
/// it has; a template may do without. All offsets are besides push_ms, what all strokes have in
/// common: a stroke sounds at its place, where swing puts it, + push_ms + offset_ms.
#ifndef KM_GROOVE_TEMPLATE_H
#define KM_GROOVE_TEMPLATE_H

#include "base/attributes.h"
#include "base/sink.h"
#include "base/status.h"
#include "groove/groove_file.h"
#include "groove/measure.h"
#include "midi/event.h"
#include "midi/file.h"
#include "midi/tempo_map.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

KM_C_BEGIN

struct km_heap;

enum {
    KM_GROOVE_NAME_SIZE = 64,         ///< Of a template's name, with its final zero.
    KM_GROOVE_SOURCE_SIZE = 128,      ///< Of the name of the file it was taken from.
    KM_GROOVE_PLACES_MAX = 192,       ///< Twelfths of a quarter note in a bar: 16 quarter notes.
    KM_GROOVE_HITS_MAX = 32768,       ///< Strokes of a performance,
    KM_GROOVE_BARS_MAX = 1024,        ///< and its bars; what is beyond is in the average only.
    KM_GROOVE_OFFSET_MAX_MS = 10000,  ///< No offset is larger.
    KM_GROOVE_JSON_SIZE_MAX = 1 << 22 ///< Bytes; the largest template takes half of it.
};

/// One stroke of a performance.
struct km_groove_hit {
    double beats;    ///< Where it sounds, in quarter notes from the beginning.
    int32_t place;   ///< Where it is written, straight, in twelfths of a quarter note.
    float offset_ms; ///< A multiple of .01.
    uint8_t key, velocity;
    bool is_drum;
};

struct km_groove_template {
    struct km_heap *heap;
    char name[KM_GROOVE_NAME_SIZE];
    char source[KM_GROOVE_SOURCE_SIZE];
    double tempo_bpm;      ///< Of the take's first note.
    uint8_t beats_per_bar; ///< The commonest metre,
    uint8_t beat_unit;     ///< whose beats are quarter notes (4), eighths (8), ...
    uint16_t bar_places;   ///< Its length in twelfths of a quarter note.
    /// Swing, push, shares and roles. (Its positions are those of `places` that are sixteenths.)
    struct km_groove_measure measure;
    /// The average bar, by role.
    struct km_groove_figures places[KM_GROOVE_ROLES_COUNT][KM_GROOVE_PLACES_MAX];
    struct km_groove_hit *hits; ///< Drums by key, then pitched notes by key, each by `beats`.
    size_t hit_count;
    uint32_t bar_count; ///< Of the performance; 0 if there is only the average.
    size_t left_out;    ///< Strokes beyond the limits: in the average only. Not kept in JSON.
    uint32_t starts[2 * KM_KEYS_COUNT + 1]; ///< First hit of each drum key, then of each pitched.
};

/// What to take.
struct km_groove_extract {
    const char *name;   ///< Cut at KM_GROOVE_NAME_SIZE - 1 bytes.
    const char *source; ///< Likewise; both UTF-8, not null.
    uint32_t bars_max;  ///< Of the performance; 0: as many as there are, up to the limit.
    bool is_average;    ///< Without the performance.
};

/// Takes the groove of a file by its own beats. KM_ERROR_INVALID if there are no notes.  [any]
/// The file is not kept. About 64 KB, 24 bytes a stroke, and 100 bytes a note while it works.
KM_NODISCARD enum km_status km_groove_template_extract(const struct km_midi_file *file,
                                                       const struct km_groove_extract *extract,
                                                       struct km_groove_template **feel,
                                                       struct km_error *error);

/// Frees a template; null does nothing.  [any]
void km_groove_template_free(struct km_groove_template *feel);

/// Writes the template as JSON, always in the same order and with the same decimals.  [any]
KM_NODISCARD enum km_status km_groove_template_write_json(const struct km_groove_template *feel,
                                                          struct km_sink *sink);

/// A text that holds a template.
struct km_groove_document {
    const char *name; ///< For messages: "feel.json".
    const char *bytes;
    size_t size;
};

/// Reads what km_groove_template_write_json wrote, perhaps edited. Written again, it is the same.
/// Fields that it does not know are passed over; one that is missing, of a wrong type or out of
/// range is refused, and `error` names it, or line and column.  [any]
/// Memory as above, and what jansson allocates, for which the program may have set its functions.
KM_NODISCARD enum km_status km_groove_template_read_json(struct km_heap *heap,
                                                         const struct km_groove_document *document,
                                                         struct km_groove_template **feel,
                                                         struct km_error *error);

/// How to apply a template.
struct km_groove_use {
    const struct km_groove_template *feel;
    double strength;  ///< Of timing: 0 (as written) to 1 (as played).
    double velocity;  ///< Of loudness: 0 to 1.
    bool is_average;  ///< Leave the performance out.
    bool is_straight; ///< The music is written straight: a swung template swings it. See
                      ///< km_groove_template_swings.
    uint16_t ppq;     ///< Of the events.
    const struct km_tempo_map *tempo; ///< Of the events.
};

/// Room that applying needs for each event.
struct km_groove_mark {
    uint64_t written; // Tick.
    uint64_t target;  // Tick.
    uint32_t next;    // Another event's index + 1.
    uint8_t velocity;
};

/// Gives events a template's groove, in place; `marks` has room for as many. Allocates nothing
/// (about 160 KB of stack), needs time for about 10 steps of halving an event.  [any]
///
/// - Each note belongs to a place: the sixteenth or triplet eighth within .045 of a quarter note;
///   one that stands exactly on a 32nd or a triplet sixteenth, or away from all of these, has its
///   own. At strength 1 it goes from that place to where the template has it; in between, in
///   proportion, in time. Nothing is ever added up: bar 1,000 is played as the template's bar.
/// - Bars count from the beginning, and those of the performance return when it is over. The place
///   in the bar counts in quarter notes from the bar line: 3/4 takes the first three of a 4/4
///   template, a longer bar begins the template's bar again, and 6/8 takes three quarter notes.
/// - A note takes the stroke of its own key (drums and pitched apart) that was played nearest its
///   place, at most .07 of a quarter note away and not nearer to another place where the key is
///   written; several notes on one key and place take several strokes. Where so at least nine in
///   ten notes find just their strokes up to .135 away, the music is the take itself, put on a
///   grid, and that far is right. Else a note takes the average of its role at its place, else that
///   of all roles, else its role's.
/// - Where the template swings and the music is straight, places are swung first; music in compound
///   metres, or that matches the performance as it stands, is not.
/// - Velocities go towards the stroke's, or the role's average; where the template has no such role
///   they are louder and softer as all are.
/// - A note-off moves with its note-on, comes at least a tick after it, and not after the next
///   note-on of its key. Notes of one key stay in their order. No note moves before tick 0, before
///   a program change, mode message or SysEx that stands at or before it.
/// - All other events stay. TIME_SIGNATURE events are followed; before the first it is 4/4. Events
///   come out as from km_groove_apply_with.
/// Ticks are below 2^58, `count` below 2^32 - 1; strengths are held to 0 to 1.
void km_groove_template_apply(struct km_event *events, size_t count,
                              const struct km_groove_use *use, struct km_groove_mark *marks);

/// Whether a swung template meets music that is written straight: more notes in the middle of beats
/// than at the template's own swung place.  [any]
bool km_groove_template_swings(const struct km_groove_template *feel,
                               const struct km_midi_file *file);

/// Applies a template to every track of a file, by its tempos and time signatures; ppq, tempo and
/// is_straight of `use` are found in the file.  [any] On failure tracks may be partly moved:
/// release the file.
KM_NODISCARD enum km_status km_groove_template_apply_file(struct km_midi_file *file,
                                                          const struct km_groove_use *use,
                                                          struct km_groove_outcome *outcome,
                                                          struct km_error *error);

KM_C_END

#endif
