// SPDX-License-Identifier: MIT

// Reads a source on, and knows where it is: seconds by tempos, bars by time signatures.

#include "engine/feed_private.h"

#include "base/check.h"
#include "midi/division.h"
#include "synth/synth.h"

enum { MICROSECONDS_PER_SECOND = 1000000, DROP_TEMPO = 1001000, SYSEX_WHOLE = 0xF0 };

static void set_meter(struct km_feed_place *place, uint8_t numerator, uint8_t denominator_log2)
{
    const uint64_t quarters = (uint64_t)place->division * 4 * (numerator > 0 ? numerator : 1);
    const uint64_t ticks = quarters >> denominator_log2;
    place->numerator = numerator;
    place->denominator_log2 = denominator_log2;
    place->beats = numerator;
    place->bar_ticks = ticks > 0 ? ticks : 1;
}

// SMPTE time: a bar is a second; 30 drop frames take 1.001 seconds.
static void init_smpte(struct km_feed_place *place, uint16_t division)
{
    const uint32_t frames = km_midi_division_frames(division);
    const bool is_drop = frames == 29;
    place->is_smpte = true;
    place->division = (is_drop ? 30U : frames) * km_midi_division_ticks(division);
    place->tempo = is_drop ? DROP_TEMPO : MICROSECONDS_PER_SECOND;
    place->beats = 1;
    place->bar_ticks = place->division;
}

static void init_place(struct km_feed_place *place, uint16_t division)
{
    *place = (struct km_feed_place){.tempo = KM_TEMPO_DEFAULT};
    if (km_midi_division_is_smpte(division)) {
        init_smpte(place, division);
    } else {
        place->division = division;
        set_meter(place, 4, 2);
    }
}

static void begin(struct km_feed_reader *reader)
{
    reader->count = 0;
    reader->index = 0;
    reader->is_at_end = false;
    reader->made_count = 0;
    init_place(&reader->place, reader->source.division);
    km_chase_init(&reader->state);
    km_program_state_init(&reader->programs);
}

bool km_feed_reader_init(struct km_feed_reader *reader, const struct km_feed_source *source)
{
    if (!km_midi_division_is_valid(source->division)) {
        return false;
    }
    reader->source = *source;
    begin(reader);
    return true;
}

enum km_status km_feed_reader_rewind(struct km_feed_reader *reader, struct km_error *error)
{
    const enum km_status status = reader->source.rewind(reader->source.context, error);
    if (status == KM_OK) {
        begin(reader);
    }
    return status;
}

// Makes of a SysEx message what it means to a synth; or, if that is nothing, one event that nobody
// looks at.
static enum km_status make_sysex(struct km_feed_reader *reader,
                                 const struct km_midi_merged_event *merged, struct km_error *error)
{
    unsigned char bytes[KM_SYSEX_SIZE_MAX + 2]; // With F0 and F7.
    const uint32_t size = merged->event.detail;
    size_t count = 0;
    if (merged->event.number == SYSEX_WHOLE && size > 0 && size <= sizeof(bytes)) {
        const enum km_status status =
            reader->source.payload(reader->source.context, merged, bytes, size, error);
        if (status != KM_OK) {
            return status;
        }
        count = km_synth_sysex_events(bytes, size, reader->made, KM_SYSEX_EVENTS_MAX);
    }
    if (count == 0) {
        reader->made[0] = (struct km_event){.type = KM_EVENT_META};
        count = 1;
    }
    for (size_t i = 0; i < count; ++i) {
        reader->made[i].tick = merged->event.tick;
    }
    reader->made_count = count;
    reader->made_index = 0;
    return KM_OK;
}

static enum km_status read_ahead(struct km_feed_reader *reader, struct km_error *error)
{
    size_t count = 0;
    const enum km_status status = reader->source.read(reader->source.context, reader->events,
                                                      KM_FEED_READ_AHEAD, &count, error);
    if (status == KM_OK) {
        reader->count = count;
        reader->index = 0;
        reader->is_at_end = count == 0;
    }
    return status;
}

enum km_status km_feed_reader_peek(struct km_feed_reader *reader, const struct km_event **event,
                                   struct km_error *error)
{
    *event = NULL;
    enum km_status status = KM_OK;
    if (reader->index == reader->count && !reader->is_at_end) {
        status = read_ahead(reader, error);
    }
    if (status != KM_OK || reader->is_at_end) {
        return status;
    }
    const struct km_midi_merged_event *const next = &reader->events[reader->index];
    if (next->event.type == KM_EVENT_SYSEX && reader->made_count == 0) {
        status = make_sysex(reader, next, error);
    }
    if (status == KM_OK) {
        *event = reader->made_count > 0 ? &reader->made[reader->made_index] : &next->event;
    }
    return status;
}

// Moves on to the next event, and gives the one that was peeked at.
static const struct km_event *pass(struct km_feed_reader *reader)
{
    KM_CHECK(reader->index < reader->count);
    const struct km_event *const next = &reader->events[reader->index].event;
    if (reader->made_count == 0) {
        reader->index += 1;
        return next;
    }
    const struct km_event *const made = &reader->made[reader->made_index++];
    if (reader->made_index == reader->made_count) {
        reader->made_count = 0;
        reader->index += 1;
    }
    return made;
}

double km_feed_place_seconds(const struct km_feed_place *place, uint64_t tick)
{
    const double ticks = (double)(tick - place->tempo_tick);
    return place->tempo_seconds +
           ticks * (place->tempo / ((double)place->division * MICROSECONDS_PER_SECOND));
}

static void set_tempo(struct km_feed_place *place, const struct km_event *event)
{
    if (place->is_smpte || event->detail == 0) {
        return;
    }
    place->tempo_seconds = km_feed_place_seconds(place, event->tick);
    place->tempo_tick = event->tick;
    place->tempo = (double)event->detail + (double)event->value / 100.0;
}

bool km_feed_place_is_meter(const struct km_feed_place *place, const struct km_event *event)
{
    return event->type == KM_EVENT_TIME_SIGNATURE && !place->is_smpte &&
           event->value <= KM_DENOMINATOR_LOG2_MAX &&
           (event->number != place->numerator || event->value != place->denominator_log2);
}

void km_feed_place_advance(struct km_feed_place *place, uint64_t tick)
{
    if (tick < place->bar_tick) {
        return;
    }
    const uint64_t bars = (tick - place->bar_tick) / place->bar_ticks;
    place->bar_tick += bars * place->bar_ticks;
    place->bar += (uint32_t)bars;
}

void km_feed_reader_take(struct km_feed_reader *reader)
{
    const struct km_event *const event = pass(reader);
    struct km_feed_place *const place = &reader->place;
    place->last_tick = event->tick;
    if (event->type == KM_EVENT_TEMPO) {
        set_tempo(place, event);
    } else if (km_feed_place_is_meter(place, event)) {
        place->bar += event->tick > place->bar_tick; // What was before is a bar, if a short one.
        place->bar_tick = event->tick;
        set_meter(place, event->number, event->value);
    } else {
        km_chase_event(&reader->state, event);
        km_program_state_event(&reader->programs, event);
    }
}

uint32_t km_feed_place_bars(const struct km_feed_place *place)
{
    const double seconds = (double)place->bar_ticks * place->tempo /
                           ((double)place->division * MICROSECONDS_PER_SECOND);
    const double bars = KM_FEED_BAR_SECONDS_MIN / seconds;
    return bars < 1.0 ? 1 : bars < (double)UINT16_MAX ? (uint32_t)bars + 1 : UINT16_MAX;
}
