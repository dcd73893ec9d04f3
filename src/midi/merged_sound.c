// SPDX-License-Identifier: MIT

// Finds the tracks of a file in which nothing is wrong, as nearly all are, much sooner than the
// reader does: where an event stands hangs on the one before, so that one track alone leaves the
// processor waiting, and four tracks at once take hardly longer than one. Every event is looked at;
// the smallest oddity, and the reader is left to say what it is.

#include "base/check.h"
#include "heap/heap.h"
#include "midi/big_endian_private.h"
#include "midi/division.h"
#include "midi/kernel_private.h"
#include "midi/merged_private.h"

enum {
    HEADER_SIZE = 14,
    CHUNK_HEADER_SIZE = 8,
    END_SIZE = 4,      // Of a track with nothing but its end.
    TRACKS_MAX = 1024, // Of more, each has few bytes: looking for each takes longer than reading.
    LANES = 4,
    LANE_BYTES = 1 << 14,
    TICKS_PER_BYTE = 1 << 13, // More than a plain event has: at most 16,383 in 3 bytes.
};

// Where one track is being looked at.
struct lane {
    struct km_midi_merged_track *track; // Null: no more tracks.
    struct km_midi_cursor cursor;       // Its limit is the chunk's end, its tick the most possible.
    uint64_t tick;                      // The same, before the last event that was not skipped.
    uint64_t offset;                    // Of the first byte at hand.
    size_t at;                          // Of the next event; maybe past the bytes at hand.
    size_t end;                         // After the last byte at hand.
    unsigned char *bytes;
};

struct walk {
    struct km_input *input;
    uint64_t base; // Of the MIDI in the input.
    struct km_midi_merged_tracks *found;
    size_t next;          // Of the tracks that nobody has looked at.
    unsigned char *bytes; // LANE_BYTES for each lane.
    struct lane lanes[LANES];
};

static bool read_exactly(const struct walk *walk, uint64_t offset, unsigned char *bytes,
                         size_t size)
{
    size_t got = 0;
    return km_input_read_at(walk->input, walk->base + offset, bytes, size, &got, NULL) == KM_OK &&
           got == size;
}

// Whether the file begins with a header as it should be.
static bool read_header(const struct walk *walk, struct km_midi_header *header)
{
    unsigned char bytes[HEADER_SIZE];
    if (!read_exactly(walk, 0, bytes, sizeof(bytes)) ||
        memcmp(bytes, "MThd\0\0\0\6", CHUNK_HEADER_SIZE) != 0) {
        return false;
    }
    header->format = (uint16_t)km_midi_big_endian(bytes + 8, 2);
    header->tracks_declared = (uint16_t)km_midi_big_endian(bytes + 10, 2);
    header->division = (uint16_t)km_midi_big_endian(bytes + 12, 2);
    const uint32_t declared = header->tracks_declared;
    return header->format <= 2 && declared > 0 && declared <= TRACKS_MAX &&
           (header->format > 0 || declared == 1) && km_midi_division_is_valid(header->division);
}

// Whether each chunk's length leads to the next, all are tracks, and the last ends with the file:
// `end` is set to it.
static bool hop(const struct walk *walk, uint64_t *end)
{
    uint64_t at = HEADER_SIZE;
    for (size_t i = 0; i < walk->found->count; ++i) {
        unsigned char bytes[CHUNK_HEADER_SIZE];
        if (!read_exactly(walk, at, bytes, sizeof(bytes)) || memcmp(bytes, "MTrk", 4) != 0) {
            return false;
        }
        const uint64_t begin = at + CHUNK_HEADER_SIZE;
        at = begin + km_midi_big_endian(bytes + 4, 4);
        walk->found->tracks[i] = (struct km_midi_merged_track){.begin = begin, .end = at};
        if (at - begin < END_SIZE) {
            return false;
        }
    }
    *end = at;
    unsigned char last[2]; // And one that must not be there.
    size_t got = 0;
    return km_input_read_at(walk->input, walk->base + at - 1, last, 2, &got, NULL) == KM_OK &&
           got == 1;
}

// The next track, if there is one.
static void take_track(struct walk *walk, struct lane *lane)
{
    struct km_midi_merged_tracks *const found = walk->found;
    lane->track = walk->next < found->count ? &found->tracks[walk->next++] : NULL;
    lane->at = 0;
    lane->end = 0;
    if (lane->track) {
        lane->offset = lane->track->begin;
        lane->cursor = (struct km_midi_cursor){.limit = lane->track->end};
    }
}

// Whether KM_MIDI_EVENT_AHEAD bytes are at hand, or all that the track has.
static bool fill(const struct walk *walk, struct lane *lane)
{
    const uint64_t position = lane->offset + lane->at;
    const uint64_t left = lane->cursor.limit - position;
    const size_t at_hand = lane->at < lane->end ? lane->end - lane->at : 0;
    if (at_hand >= KM_MIDI_EVENT_AHEAD || at_hand == left) {
        return true;
    }
    lane->offset = position;
    lane->at = 0;
    lane->end = left < LANE_BYTES ? (size_t)left : LANE_BYTES;
    return read_exactly(walk, position, lane->bytes, lane->end);
}

// Where a track is, in as few words as go with four of them into registers.
struct place {
    const unsigned char *at;
    uint32_t running;
};

static inline struct place place_of(const struct lane *lane)
{
    return (struct place){lane->bytes + lane->at, lane->cursor.running};
}

// Ticks are not added up: what they cannot exceed will do.
static inline void go_to(struct lane *lane, const struct place *place)
{
    const size_t at = (size_t)(place->at - lane->bytes);
    lane->cursor.tick += (at - lane->at) * TICKS_PER_BYTE;
    lane->cursor.event_tick = lane->cursor.tick;
    lane->cursor.running = (unsigned char)place->running;
    lane->at = at;
}

static inline bool is_of_two(uint32_t status)
{
    enum {
        // Bit n: n is the upper half of the status of a message of two data bytes.
        KINDS_OF_TWO = 1 << 0x8 | 1 << 0x9 | 1 << 0xA | 1 << 0xB | 1 << 0xE,
    };
    return ((uint32_t)KINDS_OF_TWO >> (status >> 4) & 1U) != 0;
}

// Goes past a plain event of two data bytes: its size hangs on the highest bits of its first five
// bytes alone. False for any other.
static inline __attribute__((always_inline)) bool skip_plain(struct place *place)
{
    // By these bits, that of the first byte lowest: whether it is such an event, how long, and
    // where its status stands, in bits; of an event with running status, nowhere.
    enum { SHORT = 3, SHORT_STATUS = 4 | 8 << 3, LONG = 4, LONG_STATUS = 5 | 16 << 3 };
    static const uint8_t shapes[32] = {
        [0x00] = SHORT,        [0x08] = SHORT,        [0x10] = SHORT,
        [0x18] = SHORT,        [0x01] = LONG,         [0x11] = LONG,
        [0x02] = SHORT_STATUS, [0x12] = SHORT_STATUS, [0x05] = LONG_STATUS,
    };
    static const uint64_t highest = UINT64_C(0x8080808080);
    static const uint64_t gather = UINT64_C(1) << 28 | 1 << 21 | 1 << 14 | 1 << 7 | 1;
    const uint64_t word = km_midi_load_8(place->at);
    const uint32_t shape = shapes[((word & highest) * gather >> 35) & 31U];
    const uint32_t status_shift = shape >> 3;
    const uint32_t own = (uint32_t)(word >> status_shift) & 0xFFU;
    const uint32_t running = status_shift > 0 ? own : place->running;
    if (__builtin_expect(shape == 0, 0) || __builtin_expect((word & 0xFFU) == 0x80U, 0) ||
        __builtin_expect(!is_of_two(running), 0)) {
        return false;
    }
    place->at += shape & 7U;
    place->running = running;
    return true;
}

// How many plain events there are at least before the bytes at hand end, should all be plain.
static size_t plain_at_hand(const struct lane *lane)
{
    const struct km_midi_cursor *const cursor = &lane->cursor;
    const size_t size = lane->at < lane->end ? lane->end - lane->at : 0;
    const bool is_in_order = !cursor->is_running_stale && !cursor->has_open_sysex;
    return is_in_order && size >= KM_MIDI_PLAIN_AHEAD
               ? (size - KM_MIDI_PLAIN_AHEAD) / KM_MIDI_PLAIN_SIZE_MAX + 1
               : 0;
}

// Goes past plain events of one track, also those of one data byte.
static void walk_one(struct lane *lane)
{
    struct place place = place_of(lane);
    struct km_midi_message message;
    for (size_t left = plain_at_hand(lane);
         left > 0 && km_midi_message_decode(place.at, place.running, &message); --left) {
        place.at += message.size;
        place.running = message.status;
    }
    go_to(lane, &place);
}

// Goes past plain events of two data bytes of four tracks, as long as all of them have such.
static void walk_four(struct lane *lanes)
{
    size_t left = SIZE_MAX;
    for (size_t i = 0; i < LANES; ++i) {
        const size_t own = plain_at_hand(&lanes[i]);
        left = own < left ? own : left;
    }
    struct place a = place_of(&lanes[0]);
    struct place b = place_of(&lanes[1]);
    struct place c = place_of(&lanes[2]);
    struct place d = place_of(&lanes[3]);
    // Those that went on in the last round stay there.
    while (left > 0 && skip_plain(&a) && skip_plain(&b) && skip_plain(&c) && skip_plain(&d)) {
        --left;
    }
    go_to(&lanes[0], &a);
    go_to(&lanes[1], &b);
    go_to(&lanes[2], &c);
    go_to(&lanes[3], &d);
}

// Whether the track ends with its chunk; then the lane takes the next.
static bool end_track(struct walk *walk, struct lane *lane, uint64_t position,
                      const struct km_midi_decoding *decoding)
{
    if (position + decoding->size + decoding->payload != lane->cursor.limit ||
        lane->cursor.tick >> KM_MIDI_MERGED_TICK_LOG2_MAX != 0) {
        return false;
    }
    lane->track->end = position;
    lane->track->tick_end = lane->cursor.tick - lane->tick;
    lane->track->is_sound = true;
    take_track(walk, lane);
    return true;
}

// Whether a SysEx message ends with F7, so that none is open after it.
static bool ends_sysex(const struct walk *walk, uint64_t end)
{
    unsigned char last = 0;
    return read_exactly(walk, end - 1, &last, 1) && last == KM_STATUS_SYSEX_END;
}

// Goes past an event of any kind; false if anything is odd about it.
static bool step_event(struct walk *walk, struct lane *lane)
{
    if (!fill(walk, lane)) {
        return false;
    }
    const uint64_t position = lane->offset + lane->at;
    const size_t at_hand = lane->end - lane->at;
    struct km_midi_decoding decoding;
    lane->tick = lane->cursor.tick;
    if (at_hand == 0 ||
        km_midi_decode(&lane->cursor, position, lane->bytes + lane->at,
                       at_hand < KM_MIDI_EVENT_AHEAD ? at_hand : KM_MIDI_EVENT_AHEAD,
                       &decoding) != KM_MIDI_DECODED ||
        decoding.repair_count > 0 || decoding.is_repaired) {
        return false;
    }
    const uint64_t size = decoding.size + (uint64_t)decoding.payload;
    if (size > lane->cursor.limit - position) {
        return false;
    }
    if (decoding.event.type == KM_EVENT_END_OF_TRACK) {
        return end_track(walk, lane, position, &decoding);
    }
    if (decoding.event.type == KM_EVENT_SYSEX) {
        lane->cursor.has_open_sysex = false;
        if (decoding.payload == 0 || !ends_sysex(walk, position + size)) {
            return false;
        }
    }
    lane->at += (size_t)size;
    return true;
}

// Goes past what one of four tracks has in its way.
static bool step_lane(struct walk *walk, struct lane *lane)
{
    if (!step_event(walk, lane)) {
        return false;
    }
    if (lane->track && !is_of_two(lane->cursor.running)) {
        walk_one(lane);
    }
    return true;
}

// Goes past all that is left of a lane's track and of those that nobody has looked at.
static bool walk_rest(struct walk *walk, struct lane *lane)
{
    while (lane->track) {
        walk_one(lane);
        if (!step_event(walk, lane)) {
            return false;
        }
    }
    return true;
}

// Looks at all tracks, four at once as long as there are four.
static bool walk_all(struct walk *walk)
{
    struct lane *const lanes = walk->lanes;
    for (size_t i = 0; i < LANES; ++i) {
        take_track(walk, &lanes[i]);
    }
    bool is_sound = true;
    while (is_sound && lanes[0].track && lanes[1].track && lanes[2].track && lanes[3].track) {
        walk_four(lanes);
        for (size_t i = 0; is_sound && i < LANES; ++i) {
            is_sound = step_lane(walk, &lanes[i]);
        }
    }
    for (size_t i = 0; is_sound && i < LANES; ++i) {
        is_sound = walk_rest(walk, &lanes[i]);
    }
    return is_sound;
}

static bool find(struct walk *walk)
{
    for (size_t i = 0; i < LANES; ++i) {
        walk->lanes[i] = (struct lane){.bytes = walk->bytes + i * LANE_BYTES};
    }
    uint64_t end = 0;
    if (!hop(walk, &end) || !walk_all(walk)) {
        return false;
    }
    walk->input->position = walk->base + end; // As if it had been read from front to back.
    return true;
}

enum km_status km_midi_merged_find_sound(struct km_heap *heap, struct km_input *input,
                                         struct km_midi_merged_tracks *found,
                                         struct km_error *error)
{
    KM_CHECK(!input->is_stream);
    struct km_midi_merged_tracks made = {0};
    struct walk walk = {.input = input, .base = input->position, .found = &made};
    if (!read_header(&walk, &made.header)) {
        return KM_OK;
    }
    made.count = made.header.tracks_declared;
    made.capacity = made.count;
    made.tracks =
        km_heap_allocate_array(heap, KM_ACCOUNT_WORKING, made.count, sizeof(*made.tracks));
    walk.bytes = km_heap_allocate_array(heap, KM_ACCOUNT_WORKING, LANES, LANE_BYTES);
    const bool has_memory = made.tracks && walk.bytes;
    if (has_memory && find(&walk)) {
        *found = made;
    } else {
        km_heap_release(heap, made.tracks);
    }
    km_heap_release(heap, walk.bytes);
    return has_memory ? KM_OK : km_heap_refusal(heap, error);
}
