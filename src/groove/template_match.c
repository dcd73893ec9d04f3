// SPDX-License-Identifier: MIT

// The notes that stand on one key and place are a group. A group takes the strokes that were played
// nearer to its place than to those of its key's groups before and after it. So a take that was put
// on a grid, whichever it was, finds every stroke of its own again: rounding to a grid is just
// that, going to the nearest place.

#include "groove/template_match_private.h"

#include "base/math.h"
#include "groove/move_private.h"
#include "groove/template_private.h"
#include "groove/time_private.h"

#include <math.h>
#include <string.h>

#define REACH_BEATS 0.135 // Of a stroke, from a group: a little more than half a sixteenth,
#define LIKE_REACH 0.07   // but less than from a sixteenth to a triplet in other music.
#define GRID_REACH 0.045  // Of a place of the grid.
#define EXACT 0.005       // On a 32nd or triplet sixteenth: one tick of the coarsest usual files.
#define PLACE_REACH 0.03  // Of a place of the average bar.
#define FAR_BEATS 1e9

enum { CANDIDATES_MAX = 16 };

// The notes of a key at its latest place.
struct group {
    uint32_t first; // Index of the event + 1; 0: none yet. The others follow by marks.next.
    uint32_t last;
    uint32_t count;
    double beats;    // The place, in quarter notes from the beginning of the music.
    double in_take;  // The same in the performance, or
    double in_bar;   // in the bar.
    double previous; // How far back the key's group before it is.
};

struct match {
    const struct km_event *events;
    const struct km_groove_use *use;
    const struct km_groove_template *feel;
    struct km_groove_mark *marks;
    struct km_groove_grid grid;
    struct km_groove_bars bars;
    bool swings;
    double reach;      // Of a stroke, from a group.
    double bar_beats;  // Of the template.
    double take_beats; // Of its performance; 0 without.
    size_t note_count;
    size_t own_count;                    // Notes that found a stroke of their own.
    uint32_t seen[KM_GROOVE_KEYS_COUNT]; // Keys that have a group.
    size_t seen_count;
    struct group groups[KM_GROOVE_KEYS_COUNT];
};

// The nearest of `parts` places a beat.
static double nearest_part(double beats, double parts)
{
    return floor(beats * parts + 0.5) / parts;
}

// The place that a note belongs to, in quarter notes from the bar line.
static double place_of(double beats)
{
    const double sixteenth = nearest_part(beats, 4.0);
    const double triplet = nearest_part(beats, 3.0);
    const bool is_triplet = fabs(triplet - beats) < fabs(sixteenth - beats);
    const double place = is_triplet ? triplet : sixteenth;
    const bool is_finer = fabs(nearest_part(beats, 8.0) - beats) < EXACT ||
                          fabs(nearest_part(beats, 6.0) - beats) < EXACT;
    const double away = fabs(place - beats);
    return away > GRID_REACH || (is_finer && away > EXACT) ? beats : place;
}

// The first hit of a stream that sounds after `beats`.
static size_t first_after(const struct km_groove_template *feel, size_t stream, double beats)
{
    size_t low = feel->starts[stream];
    size_t high = feel->starts[stream + 1];
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        const bool is_after = feel->hits[middle].beats > beats;
        high = is_after ? middle : high;
        low = is_after ? low : middle + 1;
    }
    return low;
}

struct candidate {
    const struct km_groove_hit *hit;
    double away; // Quarter notes after the group's place.
};

struct candidates {
    struct candidate list[CANDIDATES_MAX];
    size_t count;
};

// Adds the hits that sound later than `low` and not later than `high` from a place of the take.
static void collect(struct candidates *candidates, const struct km_groove_template *feel,
                    size_t stream, double place, const double bounds[2])
{
    const size_t end = feel->starts[stream + 1];
    size_t at = first_after(feel, stream, place + bounds[0]);
    while (at < end && feel->hits[at].beats <= place + bounds[1] &&
           candidates->count < CANDIDATES_MAX) {
        const struct km_groove_hit *const hit = &feel->hits[at++];
        candidates->list[candidates->count++] =
            (struct candidate){.hit = hit, .away = hit->beats - place};
    }
}

// Of more hits than are needed, those that lie nearest together around the place.
static size_t best_start(const struct candidates *candidates, size_t needed)
{
    size_t best = 0;
    double least = FAR_BEATS;
    for (size_t i = 0; needed > 0 && i + needed <= candidates->count; ++i) {
        const double before = fabs(candidates->list[i].away);
        const double after = fabs(candidates->list[i + needed - 1].away);
        const double most = before > after ? before : after;
        if (most < least) {
            least = most;
            best = i;
        }
    }
    return best;
}

// The tick at strength 1 is that of `late_ms` after a place; less strength goes part of the way.
static void aim(struct match *match, uint32_t index, double beats, double late_ms)
{
    const struct km_groove_use *const use = match->use;
    struct km_groove_mark *const mark = &match->marks[index];
    const double strength = km_clamp(use->strength, 0.0, 1.0);
    const double seconds =
        km_groove_seconds(use->tempo, beats * (double)use->ppq) + 0.001 * late_ms;
    const double written = km_groove_seconds(use->tempo, (double)mark->written);
    const double goal = written + strength * (seconds - written);
    const int64_t tick = km_round(km_groove_ticks(use->tempo, goal));
    mark->target = strength > 0.0 ? (uint64_t)(tick > 0 ? tick : 0) : mark->written;
}

static void touch(struct match *match, uint32_t index, double velocity)
{
    const double strength = km_clamp(match->use->velocity, 0.0, 1.0);
    const double written = (double)match->events[index].value;
    const double goal = written + strength * (velocity - written);
    match->marks[index].velocity = (uint8_t)km_round(km_clamp(goal, 1.0, 127.0));
}

static void follow_hit(struct match *match, const struct group *group, uint32_t index,
                       const struct candidate *candidate)
{
    const struct km_groove_template *const feel = match->feel;
    const double late_ms = feel->measure.push_ms + (double)candidate->hit->offset_ms;
    const double place = candidate->away - late_ms * feel->tempo_bpm / 60000.0;
    aim(match, index, group->beats + place, late_ms);
    touch(match, index, (double)candidate->hit->velocity);
}

// The place of the average bar that sounds at `in_bar`, if it has one for the role: 0 if not.
static const struct km_groove_figures *figures_at(const struct match *match, size_t role,
                                                  double in_bar, double *beats)
{
    for (int i = 0; i < 2; ++i) {
        const int64_t place = km_groove_grid_nearest(&match->grid, in_bar, i == 1);
        *beats = km_groove_grid_beats(&match->grid, place);
        const struct km_groove_figures *const figures =
            &match->feel->places[role][(size_t)place % match->feel->bar_places];
        if (figures->count > 0 && fabs(*beats - in_bar) < PLACE_REACH) {
            return figures;
        }
    }
    *beats = in_bar;
    return NULL;
}

static void follow_average(struct match *match, const struct group *group, uint32_t index)
{
    const struct km_groove_measure *const measure = &match->feel->measure;
    const struct km_event *const event = &match->events[index];
    const enum km_groove_role role = km_groove_role_of(event->channel, event->number);
    const bool has_role = measure->roles[role].count > 0;
    double beats = 0.0;
    const struct km_groove_figures *figures = figures_at(match, role, group->in_bar, &beats);
    if (!figures) {
        figures = figures_at(match, KM_GROOVE_ROLE_ALL, group->in_bar, &beats);
    }
    const struct km_groove_figures *const own = &measure->roles[role];
    const double offset_ms = figures ? figures->mean_ms : own->mean_ms;
    aim(match, index, group->beats + beats - group->in_bar, measure->push_ms + offset_ms);
    const bool is_of_role = has_role && figures_at(match, role, group->in_bar, &beats) == figures;
    const double all = measure->roles[KM_GROOVE_ROLE_ALL].velocity;
    const double louder = figures && all > 0.0 ? figures->velocity / all : 1.0;
    const double written = has_role ? own->velocity : (double)event->value;
    touch(match, index, is_of_role && figures ? figures->velocity : written * louder);
}

// The strokes of the performance that are nearest to a group, the next of whose key is `next`
// beats away.
static void find_strokes(const struct match *match, uint32_t key, double next,
                         struct candidates *candidates)
{
    const struct group *const group = &match->groups[key];
    const double back = 0.5 * group->previous;
    const double on = 0.5 * next;
    const double bounds[2] = {back < match->reach ? -back : -match->reach,
                              on < match->reach ? on : match->reach};
    const bool is_drum = key / KM_GROOVE_KEYS_PER_CHANNEL == KM_CHANNEL_DRUMS;
    const size_t stream = km_groove_stream(is_drum, (uint8_t)(key % KM_GROOVE_KEYS_PER_CHANNEL));
    const double place = group->in_take;
    if (place < match->reach) { // The last bar's strokes come before the first's.
        collect(candidates, match->feel, stream, place + match->take_beats, bounds);
    }
    collect(candidates, match->feel, stream, place, bounds);
    if (place > match->take_beats - match->reach) {
        collect(candidates, match->feel, stream, place - match->take_beats, bounds);
    }
}

// Gives a group its strokes, now that the next group of its key is known.
static void settle(struct match *match, uint32_t key, double next)
{
    struct group *const group = &match->groups[key];
    struct candidates candidates = {.count = 0};
    if (match->take_beats > 0.0) {
        find_strokes(match, key, next, &candidates);
    }
    const size_t needed = group->count < candidates.count ? group->count : candidates.count;
    const size_t start = best_start(&candidates, needed);
    match->own_count += candidates.count == group->count ? group->count : 0;
    uint32_t at = group->first;
    for (size_t i = 0; i < group->count; ++i) {
        const uint32_t index = at - 1;
        const size_t taken = start + (i < needed ? i : needed - (needed > 0));
        if (candidates.list[taken].hit) {
            follow_hit(match, group, index, &candidates.list[taken]);
        } else {
            follow_average(match, group, index);
        }
        at = match->marks[index].next;
    }
}

// Where a tick's place lies: in the music, in the bar, and in the performance.
static struct group locate(const struct match *match, uint64_t tick)
{
    const struct km_groove_bar bar = km_groove_bars_at(&match->bars, tick);
    const double per_tick = 1.0 / (double)match->use->ppq;
    const double written = place_of((double)(tick - bar.tick) * per_tick);
    const bool swings = match->swings && !km_groove_bars_are_compound(&match->bars);
    const double sounding = swings ? km_groove_grid_swing(&match->grid, written) : written;
    const double length = (double)match->bars.bar_ticks * per_tick;
    const bool is_next = sounding >= length; // It belongs to the next bar line.
    const double own = is_next ? sounding - length : sounding;
    const double in_bar = own - match->bar_beats * floor(own / match->bar_beats);
    const uint32_t bar_count = match->feel->bar_count;
    const uint64_t in_take = bar_count > 0 ? (bar.index + is_next) % bar_count : 0;
    return (struct group){.beats = (double)bar.tick * per_tick + sounding,
                          .in_bar = in_bar,
                          .in_take = (double)in_take * match->bar_beats + in_bar};
}

static void add_note(struct match *match, uint32_t index)
{
    const struct km_event *const event = &match->events[index];
    const uint32_t key = km_groove_key_of(event);
    struct group *const group = &match->groups[key];
    struct group now = locate(match, event->tick);
    match->note_count += 1;
    match->marks[index].next = 0;
    if (group->first > 0 && fabs(now.beats - group->beats) < 1e-9) {
        match->marks[group->last - 1].next = index + 1;
        group->last = index + 1;
        group->count += 1;
        return;
    }
    now.previous = FAR_BEATS;
    if (group->first > 0) {
        now.previous = now.beats - group->beats;
        settle(match, key, now.previous);
    } else {
        match->seen[match->seen_count++] = key;
    }
    now.first = index + 1;
    now.last = index + 1;
    now.count = 1;
    *group = now;
}

double km_groove_match(const struct km_event *events, size_t count, const struct km_groove_use *use,
                       enum km_groove_likeness likeness, struct km_groove_mark *marks)
{
    const struct km_groove_template *const feel = use->feel;
    struct match match;
    memset(&match, 0, sizeof(match));
    match.events = events;
    match.use = use;
    match.feel = feel;
    match.marks = marks;
    match.grid = km_groove_template_grid(feel);
    match.swings = likeness == KM_GROOVE_SWUNG;
    match.reach = likeness == KM_GROOVE_SAME ? REACH_BEATS : LIKE_REACH;
    match.bar_beats = (double)feel->bar_places / KM_GROOVE_PLACES_PER_BEAT;
    match.take_beats = use->is_average ? 0.0 : (double)feel->bar_count * match.bar_beats;
    km_groove_bars_init(&match.bars, use->ppq);
    for (size_t i = 0; i < count; ++i) {
        if (events[i].type == KM_EVENT_TIME_SIGNATURE) {
            km_groove_bars_follow(&match.bars, &events[i]);
        } else if (km_groove_is_note_on(&events[i])) {
            add_note(&match, (uint32_t)i);
        }
    }
    for (size_t i = 0; i < match.seen_count; ++i) {
        settle(&match, match.seen[i], FAR_BEATS);
    }
    return match.note_count > 0 ? (double)match.own_count / (double)match.note_count : 0.0;
}
