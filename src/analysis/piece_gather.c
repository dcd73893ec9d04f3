// SPDX-License-Identifier: MIT

// The first half of making a piece: notes are paired, and what changes is noted with its tick.

#include "analysis/piece_private.h"
#include "base/check.h"
#include "base/text.h"
#include "heap/heap.h"

#include <string.h>

enum {
    FIRST_CAPACITY = 1024,
    CONTROL_BANK = 0,
    CONTROL_PEDAL = 64,
    CONTROL_RESET = 121,
    PEDAL_DOWN = 64, // Of a switch pedal's 0 to 127 (MIDI 1.0).
    BANK_GM2_RHYTHM = 120,
    BANK_XG_DRUMS = 127,
    KIT = 128,
    DENOMINATOR_LOG2_MAX = 7,
};

struct km_piece_builder *km_piece_builder_new(struct km_heap *heap, uint16_t format,
                                              uint16_t division, struct km_error *error)
{
    struct km_piece_builder *const builder =
        km_heap_allocate(heap, KM_ACCOUNT_WORKING, sizeof(*builder));
    if (!builder) {
        km_heap_refusal(heap, error);
        return NULL;
    }
    builder->heap = heap;
    builder->error = error;
    builder->format = format;
    builder->division = division;
    return builder;
}

void km_piece_builder_free(struct km_piece_builder *builder)
{
    if (builder) {
        struct km_heap *const heap = builder->heap;
        km_heap_release(heap, builder->notes);
        km_heap_release(heap, builder->links);
        km_heap_release(heap, builder->changes);
        km_heap_release(heap, builder);
    }
}

enum km_status km_piece_builder_refused(struct km_piece_builder *builder)
{
    return km_heap_refusal(builder->heap, builder->error);
}

static enum km_status too_many(struct km_piece_builder *builder, size_t count, const char *things)
{
    return km_error_set(builder->error, KM_ERROR_TOO_LARGE,
                        "more than %zu %s: too many to analyse at once", count, things);
}

// ---- Room

static size_t twice(size_t capacity, size_t most)
{
    const size_t more = capacity == 0 ? FIRST_CAPACITY : 2 * capacity;
    return more < most ? more : most;
}

static enum km_status make_room_for_note(struct km_piece_builder *builder)
{
    if (builder->note_count < builder->note_capacity) {
        return KM_OK;
    }
    if (builder->note_count == KM_PIECE_NOTES_MAX) {
        return too_many(builder, KM_PIECE_NOTES_MAX, "notes");
    }
    const size_t capacity = twice(builder->note_capacity, KM_PIECE_NOTES_MAX);
    struct km_piece_note *const notes = km_heap_resize(builder->heap, KM_ACCOUNT_WORKING,
                                                       builder->notes, capacity * sizeof(*notes));
    if (!notes) {
        return km_piece_builder_refused(builder);
    }
    builder->notes = notes;
    uint32_t *const links = km_heap_resize(builder->heap, KM_ACCOUNT_WORKING, builder->links,
                                           capacity * sizeof(*links));
    if (!links) {
        return km_piece_builder_refused(builder);
    }
    builder->links = links;
    builder->note_capacity = capacity;
    return KM_OK;
}

static enum km_status add_change(struct km_piece_builder *builder, struct km_piece_change change)
{
    if (builder->change_count == KM_PIECE_CHANGES_MAX) {
        return too_many(builder, KM_PIECE_CHANGES_MAX, "changes of tempo, metre or instrument");
    }
    if (builder->change_count == builder->change_capacity) {
        const size_t capacity = twice(builder->change_capacity, KM_PIECE_CHANGES_MAX);
        struct km_piece_change *const changes = km_heap_resize(
            builder->heap, KM_ACCOUNT_WORKING, builder->changes, capacity * sizeof(*changes));
        if (!changes) {
            return km_piece_builder_refused(builder);
        }
        builder->changes = changes;
        builder->change_capacity = capacity;
    }
    builder->changes[builder->change_count++] = change;
    return KM_OK;
}

// ---- Tracks

enum km_status km_piece_builder_begin_track(struct km_piece_builder *builder, uint32_t track)
{
    memset(builder->oldest, 0, sizeof(builder->oldest));
    memset(builder->newest, 0, sizeof(builder->newest));
    memset(builder->name, 0, sizeof(builder->name));
    for (int i = 0; i < KM_CHANNELS_COUNT; ++i) {
        builder->part_of_channel[i] = -1;
        builder->pedal[i] = -1;
    }
    builder->track = track;
    builder->origin = builder->format == 2 ? builder->track_end : 0;
    builder->track_end = builder->origin;
    if (builder->origin == 0) {
        return KM_OK;
    }
    // A piece of its own begins with what holds where nothing is said.
    const struct km_piece_change tempo = {
        .tick = builder->origin, .kind = KM_PIECE_TEMPO, .value = KM_TEMPO_DEFAULT};
    const struct km_piece_change metre = {
        .tick = builder->origin, .kind = KM_PIECE_METRE, .value = 4 | 4 << 8};
    const enum km_status status = add_change(builder, tempo);
    return status == KM_OK ? add_change(builder, metre) : status;
}

void km_piece_builder_end_track(struct km_piece_builder *builder)
{
    for (size_t key = 0; key < KM_PIECE_KEYS_COUNT; ++key) {
        for (uint32_t note = builder->oldest[key]; note != 0; note = builder->links[note - 1]) {
            builder->notes[note - 1].end_beat = (double)builder->track_end;
        }
    }
    for (size_t i = 0; i < builder->part_count; ++i) {
        if (builder->parts[i].track == builder->track) {
            memcpy(builder->parts[i].name, builder->name, sizeof(builder->name));
        }
    }
}

// Copies text as UTF-8, cut to the size at a whole character; what is not UTF-8 is taken as
// Latin-1, in which most old files are written. Control characters become spaces.
static void copy_text(char *to, size_t room, const char *text, size_t size)
{
    const bool is_utf8 = km_text_is_utf8(text, size);
    size_t used = 0;
    for (size_t position = 0; position < size && text[position] != '\0';) {
        const uint32_t c = is_utf8 ? km_text_next(text, size, &position)
                                   : (uint32_t)(unsigned char)text[position++];
        const bool is_control = c < 0x20 || (c >= 0x7F && c < 0xA0);
        char bytes[4];
        const size_t count = km_text_encode(bytes, is_control ? ' ' : c);
        if (used + count >= room) {
            break;
        }
        memcpy(to + used, bytes, count);
        used += count;
    }
    while (used > 0 && to[used - 1] == ' ') {
        --used;
    }
    to[used] = '\0';
}

void km_piece_builder_name(struct km_piece_builder *builder, const void *text, size_t size)
{
    if (builder->name[0] == '\0') {
        copy_text(builder->name, sizeof(builder->name), text, size);
    }
    if (builder->track == 0 && builder->title[0] == '\0') {
        copy_text(builder->title, sizeof(builder->title), text, size);
    }
}

// ---- Notes

static uint8_t part_of(struct km_piece_builder *builder, uint8_t channel)
{
    if (builder->part_of_channel[channel] < 0) {
        if (builder->part_count < KM_PIECE_PARTS_MAX) {
            builder->parts[builder->part_count++] =
                (struct km_piece_part){.track = builder->track, .channel = channel};
        }
        builder->part_of_channel[channel] = (int)builder->part_count - 1;
    }
    return (uint8_t)builder->part_of_channel[channel];
}

static enum km_status begin_note(struct km_piece_builder *builder, const struct km_event *event,
                                 uint64_t tick)
{
    const enum km_status status = make_room_for_note(builder);
    if (status != KM_OK) {
        return status;
    }
    const uint8_t part = part_of(builder, event->channel);
    builder->parts[part].note_count += 1;
    builder->notes[builder->note_count] = (struct km_piece_note){.start_beat = (double)tick,
                                                                 .end_beat = (double)tick,
                                                                 .track = builder->track,
                                                                 .channel = event->channel,
                                                                 .key = event->number,
                                                                 .velocity = event->value,
                                                                 .part = part};
    builder->links[builder->note_count] = 0;
    const uint32_t note = (uint32_t)++builder->note_count;
    const size_t key = (size_t)event->channel * KM_KEYS_COUNT + event->number;
    if (builder->oldest[key] == 0) {
        builder->oldest[key] = note;
    } else {
        builder->links[builder->newest[key] - 1] = note;
    }
    builder->newest[key] = note;
    return KM_OK;
}

// Ends the oldest note on the key, as km_notes_init does.
static void end_note(struct km_piece_builder *builder, const struct km_event *event, uint64_t tick)
{
    const size_t key = (size_t)event->channel * KM_KEYS_COUNT + event->number;
    const uint32_t note = builder->oldest[key];
    if (note != 0) {
        builder->notes[note - 1].end_beat = (double)tick;
        builder->oldest[key] = builder->links[note - 1];
    }
}

// ---- Changes

static enum km_status take_pedal(struct km_piece_builder *builder, struct km_piece_change change)
{
    const int pedal = (int)change.value;
    if (pedal == builder->pedal[change.channel]) {
        return KM_OK;
    }
    builder->pedal[change.channel] = pedal;
    return add_change(builder, change);
}

static enum km_status take_control(struct km_piece_builder *builder, const struct km_event *event,
                                   uint64_t tick)
{
    struct km_piece_change change = {
        .tick = tick, .kind = KM_PIECE_PEDAL, .channel = event->channel};
    if (event->number == CONTROL_BANK) {
        builder->bank[event->channel] = event->value;
    } else if (event->number == CONTROL_RESET) {
        return take_pedal(builder, change);
    } else if (event->number == CONTROL_PEDAL) {
        change.value = event->value >= PEDAL_DOWN;
        return take_pedal(builder, change);
    }
    return KM_OK;
}

static enum km_status take_program(struct km_piece_builder *builder, const struct km_event *event,
                                   uint64_t tick)
{
    const uint8_t bank = builder->bank[event->channel];
    const bool is_kit = bank == BANK_GM2_RHYTHM || bank == BANK_XG_DRUMS;
    return add_change(
        builder, (struct km_piece_change){.tick = tick,
                                          .kind = KM_PIECE_PROGRAM,
                                          .channel = event->channel,
                                          .value = event->number | (is_kit ? (uint32_t)KIT : 0U)});
}

static enum km_status take_metre(struct km_piece_builder *builder, const struct km_event *event,
                                 uint64_t tick)
{
    if (event->number == 0 || event->value > DENOMINATOR_LOG2_MAX) {
        return KM_OK;
    }
    return add_change(builder,
                      (struct km_piece_change){.tick = tick,
                                               .kind = KM_PIECE_METRE,
                                               .value = event->number | (1U << event->value) << 8});
}

enum km_status km_piece_builder_take(struct km_piece_builder *builder, const struct km_event *event)
{
    KM_CHECK(event->channel < KM_CHANNELS_COUNT);
    const uint64_t tick = builder->origin + event->tick;
    builder->track_end = tick > builder->track_end ? tick : builder->track_end;
    switch (event->type) {
    case KM_EVENT_NOTE_ON:
        return begin_note(builder, event, tick);
    case KM_EVENT_NOTE_OFF:
        end_note(builder, event, tick);
        return KM_OK;
    case KM_EVENT_CONTROL:
        return take_control(builder, event, tick);
    case KM_EVENT_PROGRAM:
        return take_program(builder, event, tick);
    case KM_EVENT_TIME_SIGNATURE:
        return take_metre(builder, event, tick);
    case KM_EVENT_TEMPO:
        return add_change(
            builder,
            (struct km_piece_change){.tick = tick, .kind = KM_PIECE_TEMPO, .value = event->detail});
    default:
        return KM_OK;
    }
}

// Roland's "use for rhythm part" (GS: 41 device 42 12 40 1n 15 value) and Yamaha's part mode (XG:
// 43 1device 4C 08 part 07 value). GS counts its blocks from channel 10, then 1 to 9, then 11
// to 16.
enum km_status km_piece_builder_sysex(struct km_piece_builder *builder, uint64_t tick,
                                      const unsigned char *bytes, size_t size)
{
    struct km_piece_change change = {.tick = builder->origin + tick, .kind = KM_PIECE_RHYTHM};
    if (size >= 8 && bytes[0] == 0x41 && bytes[2] == 0x42 && bytes[3] == 0x12 && bytes[4] == 0x40 &&
        (bytes[5] & 0xF0) == 0x10 && bytes[6] == 0x15) {
        const uint8_t block = bytes[5] & 0x0F;
        const uint8_t melodic = block <= KM_CHANNEL_DRUMS ? (uint8_t)(block - 1) : block;
        change.channel = block == 0 ? KM_CHANNEL_DRUMS : melodic;
        change.value = bytes[7] != 0;
        return add_change(builder, change);
    }
    if (size >= 7 && bytes[0] == 0x43 && (bytes[1] & 0xF0) == 0x10 && bytes[2] == 0x4C &&
        bytes[3] == 0x08 && bytes[4] < KM_CHANNELS_COUNT && bytes[5] == 0x07) {
        change.channel = bytes[4];
        change.value = bytes[6] != 0;
        return add_change(builder, change);
    }
    return KM_OK;
}
