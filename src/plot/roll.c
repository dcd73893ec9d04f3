// SPDX-License-Identifier: MIT

#include "plot/roll.h"

#include "base/check.h"
#include "base/math.h"
#include "base/units.h"
#include "heap/heap.h"
#include "midi/division.h"
#include "plot/roll_private.h"

#include <string.h>

enum {
    HEAD_HEIGHT = 84,
    SECTION_HEIGHT = 24,
    CHORD_HEIGHT = 30,
    LANE_HEIGHT = 13,
    GAP = 16,
    TENSION_HEIGHT = 60,
    TEMPO_HEIGHT = 34,
    AXIS_HEIGHT = 40,
    ROLL_HEIGHT = 340, ///< Aimed at; rows are of a legible height.
    ROW_HEIGHT_MIN = 4,
    ROW_HEIGHT_MAX = 11,
    ROWS_MIN = 30,
};

enum km_roll_part km_roll_part_of(unsigned int channel)
{
    switch (channel) {
    case 0:
        return KM_ROLL_BASS;
    case 1:
        return KM_ROLL_CHORDS;
    case 3:
        return KM_ROLL_MELODY;
    case 4:
        return KM_ROLL_PAD;
    case 5:
        return KM_ROLL_COUNTER;
    case KM_CHANNEL_DRUMS:
        return KM_ROLL_DRUMS;
    default:
        return KM_ROLL_OTHER;
    }
}

enum km_roll_lane km_roll_lane_of(unsigned int key)
{
    static const uint8_t lanes[] = {
        // From key 35, General MIDI's first.
        KM_ROLL_KICK,    KM_ROLL_KICK,       KM_ROLL_SNARE,   KM_ROLL_SNARE,
        KM_ROLL_SNARE,   KM_ROLL_SNARE,      KM_ROLL_TOMS,    KM_ROLL_HATS,
        KM_ROLL_TOMS,    KM_ROLL_HATS,       KM_ROLL_TOMS,    KM_ROLL_HATS,
        KM_ROLL_TOMS,    KM_ROLL_TOMS,       KM_ROLL_CYMBALS, KM_ROLL_TOMS,
        KM_ROLL_CYMBALS, KM_ROLL_CYMBALS,    KM_ROLL_CYMBALS, KM_ROLL_PERCUSSION,
        KM_ROLL_CYMBALS, KM_ROLL_PERCUSSION, KM_ROLL_CYMBALS, KM_ROLL_PERCUSSION,
        KM_ROLL_CYMBALS,
    };
    return key >= 35 && key < 35 + sizeof(lanes) ? (enum km_roll_lane)lanes[key - 35]
                                                 : KM_ROLL_PERCUSSION;
}

double km_roll_x(const struct km_roll *roll, uint64_t tick)
{
    const uint64_t held = tick < roll->end_tick ? tick : roll->end_tick;
    const double share = (double)held / (double)roll->end_tick;
    return KM_ROLL_LEFT + share * (KM_ROLL_RIGHT - KM_ROLL_LEFT);
}

uint64_t km_roll_next_bar(const struct km_roll *roll, uint64_t tick)
{
    size_t i = 0;
    while (i + 1 < roll->metres_count && roll->metres[i + 1].tick <= tick) {
        ++i;
    }
    const uint64_t next = tick + roll->metres[i].bar_ticks;
    // A new metre begins a bar, wherever it stands.
    const bool is_cut = i + 1 < roll->metres_count && roll->metres[i + 1].tick < next;
    return is_cut ? roll->metres[i + 1].tick : next;
}

// ---- What the file says

static double ticks_per_quarter(uint16_t division)
{
    const double ticks = km_midi_division_ticks(division);
    // In SMPTE time a quarter note is half a second long.
    return km_midi_division_is_smpte(division)
               ? ticks * (double)km_midi_division_frames(division) / 2.0
               : ticks;
}

static void add_metre(struct km_roll *roll, uint64_t tick, unsigned int beats, unsigned int unit)
{
    const double ticks = ticks_per_quarter(roll->file->division) * 4.0 * beats / unit;
    const struct km_roll_metre metre = {
        .tick = tick,
        .bar_ticks = ticks >= 1.0 ? (uint64_t)(ticks + 0.5) : 1,
        .beats = beats,
        .unit = unit,
    };
    struct km_roll_metre *const last = &roll->metres[roll->metres_count - 1];
    if (tick <= last->tick) {
        *last = metre;
        last->tick = roll->metres_count == 1 ? 0 : tick;
    } else if (roll->metres_count < KM_ROLL_METRES_MAX) {
        roll->metres[roll->metres_count++] = metre;
    }
}

static bool gather_metres_of(struct km_roll *roll, const struct km_midi_track *track)
{
    bool is_found = false;
    for (size_t i = 0; i < track->count; ++i) {
        const struct km_event *const event = &track->events[i];
        if (event->type == KM_EVENT_TIME_SIGNATURE && event->number > 0 && event->value < 8) {
            add_metre(roll, event->tick, event->number, 1U << event->value);
            is_found = true;
        }
    }
    return is_found;
}

// Of the plan, or of the first track that has any: they belong to all tracks.
static void gather_metres(struct km_roll *roll)
{
    roll->metres_count = 1;
    add_metre(roll, 0, 4, 4);
    if (roll->plan && roll->plan->beats_per_bar > 0 && roll->plan->beat_unit > 0) {
        add_metre(roll, 0, roll->plan->beats_per_bar, roll->plan->beat_unit);
        return;
    }
    size_t t = 0;
    while (t < roll->file->track_count && !gather_metres_of(roll, &roll->file->tracks[t])) {
        ++t;
    }
}

static void see_note(struct km_roll *roll, const struct km_note *note, uint64_t *last_start)
{
    const enum km_roll_part part = km_roll_part_of(note->channel);
    roll->has_part[part] = true;
    *last_start = note->tick > *last_start ? note->tick : *last_start;
    if (part == KM_ROLL_DRUMS) {
        roll->has_lane[km_roll_lane_of(note->key)] = true;
        return;
    }
    roll->key_low = note->key < roll->key_low ? note->key : roll->key_low;
    roll->key_high = note->key > roll->key_high ? note->key : roll->key_high;
}

// Rows with a little air, and never so few that a step looks like a leap.
static void settle_rows(struct km_roll *roll)
{
    if (roll->key_low > roll->key_high) { // No notes.
        roll->key_low = 48;
        roll->key_high = 72;
    }
    roll->key_low -= 2;
    roll->key_high += 2;
    while (roll->key_high - roll->key_low + 1 < ROWS_MIN) {
        roll->key_low -= 1;
        roll->key_high += 1;
    }
    roll->key_low = roll->key_low > 0 ? roll->key_low : 0;
    roll->key_high = roll->key_high < 127 ? roll->key_high : 127;
}

// The picture ends with the plan's last bar, or else with the bar in which the last event stands:
// a note that rings a little over the bar line makes no new bar.
static void settle_end(struct km_roll *roll, uint64_t last_start)
{
    const struct km_harmony_plan *const plan = roll->plan;
    const uint64_t bar = roll->metres[0].bar_ticks;
    uint64_t end = plan ? plan->length_bars * bar : 0;
    if (end <= last_start) {
        const uint64_t last = km_midi_file_end(roll->file);
        end = last > bar / 8 ? last - bar / 8 : 0;
        end = end > last_start ? end : last_start + 1;
    }
    uint64_t line = 0;
    while (line < end && roll->bars_count < KM_ROLL_BARS_MAX) {
        line = km_roll_next_bar(roll, line);
        roll->bars_count += 1;
    }
    roll->end_tick = line > end ? line : end;
}

static enum km_status gather(struct km_roll *roll)
{
    const size_t count = roll->file->track_count;
    if (count > 0) {
        roll->tracks = km_heap_allocate_array(roll->file->heap, KM_ACCOUNT_WORKING, count,
                                              sizeof(*roll->tracks));
        if (!roll->tracks) {
            return KM_ERROR_NO_MEMORY;
        }
    }
    uint64_t last_start = 0;
    for (size_t t = 0; t < count; ++t) {
        const enum km_status status = km_notes_init(&roll->tracks[t], roll->file, t);
        if (status != KM_OK) {
            return status;
        }
        for (size_t i = 0; i < roll->tracks[t].count; ++i) {
            see_note(roll, &roll->tracks[t].notes[i], &last_start);
        }
    }
    gather_metres(roll);
    settle_rows(roll);
    settle_end(roll, last_start);
    return KM_OK;
}

// ---- Layout, from the top to the bottom

static void lay_out(struct km_roll *roll)
{
    const int rows = roll->key_high - roll->key_low + 1;
    const int fitting = ROLL_HEIGHT / rows; // Whole: rows of one height are drawn sharp.
    roll->row_height = km_clamp(fitting, ROW_HEIGHT_MIN, ROW_HEIGHT_MAX);
    int lanes = 0;
    for (int i = 0; i < KM_ROLL_LANES_COUNT; ++i) {
        lanes += roll->has_lane[i];
    }
    const bool has_plan = roll->plan != NULL;
    const bool has_strip = has_plan || roll->journey;
    roll->section_top = HEAD_HEIGHT;
    roll->chord_top = roll->section_top + (has_strip ? SECTION_HEIGHT : 0);
    roll->roll_top = roll->chord_top + (has_strip ? CHORD_HEIGHT : 0);
    roll->drum_top = roll->roll_top + rows * roll->row_height + GAP;
    roll->tension_top = roll->drum_top + (lanes > 0 ? lanes * LANE_HEIGHT + GAP : 0);
    roll->tempo_top = roll->tension_top + (has_plan ? TENSION_HEIGHT + GAP : 0);
    roll->axis_top = roll->tempo_top + TEMPO_HEIGHT;
    roll->height = roll->axis_top + AXIS_HEIGHT;
}

static void draw(const struct km_roll *roll, const char *title)
{
    km_roll_draw_head(roll, title);
    if (roll->plan) {
        km_roll_draw_sections(roll);
    }
    km_roll_draw_frame(roll);
    if (roll->plan) {
        km_roll_draw_chords(roll);
        km_roll_draw_tension(roll);
    }
    if (roll->journey) {
        km_roll_draw_stages(roll);
    }
    km_roll_draw_notes(roll);
    km_roll_draw_drums(roll);
    km_roll_draw_tempo(roll);
    km_sink_text(roll->sink, "</svg>\n");
}

static enum km_status write_roll(struct km_roll *roll, const char *title)
{
    const struct km_midi_file *const file = roll->file;
    if (!km_midi_division_is_valid(file->division)) {
        return KM_ERROR_INVALID;
    }
    roll->plan_scale = ticks_per_quarter(file->division) / KM_PPQ;
    roll->key_low = 128;
    roll->key_high = -1;
    enum km_status status = km_tempo_map_init(&roll->tempo, file);
    if (status != KM_OK) {
        return status;
    }
    status = gather(roll);
    if (status == KM_OK) {
        lay_out(roll);
        draw(roll, title);
        status = roll->sink->status;
    }
    for (size_t t = 0; roll->tracks && t < file->track_count; ++t) {
        km_notes_release(&roll->tracks[t]);
    }
    km_heap_release(file->heap, roll->tracks);
    km_tempo_map_release(&roll->tempo);
    return status;
}

enum km_status km_roll_write_svg(const struct km_midi_file *file,
                                 const struct km_harmony_plan *plan, const char *title,
                                 struct km_sink *sink)
{
    KM_CHECK(file);
    KM_CHECK(sink);
    struct km_roll roll = {.file = file, .plan = plan, .sink = sink};
    return write_roll(&roll, title);
}

enum km_status km_roll_write_journey_svg(const struct km_midi_file *file,
                                         const struct km_journey *journey, const char *title,
                                         struct km_sink *sink)
{
    KM_CHECK(file && journey);
    KM_CHECK(sink);
    struct km_roll roll = {.file = file, .journey = journey, .sink = sink};
    return write_roll(&roll, title);
}
