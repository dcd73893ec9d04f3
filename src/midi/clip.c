// SPDX-License-Identifier: MIT

// The reader in a MIDI 2.0 clip file (M2-116-U): "SMF2CLIP", then packets, each after a delta
// clockstamp. A text or SysEx message is one event, of as many of its packets as stand in a row
// within KM_MIDI_LOOK_AHEAD; a longer SysEx message goes on in events of F7, as Standard MIDI Files
// have it.

#include "base/check.h"
#include "midi/big_endian_private.h"
#include "midi/file.h"
#include "midi/reader_private.h"
#include "midi/ump.h"

enum {
    WORD_SIZE = 4,
    FLEX_FORM = 3 << 22,
    SYSEX_HEADER_SIZE = 2,
    SYSEX8_HEADER_SIZE = 3,
    SIGNATURE_AHEAD = 2 * KM_UMP_SIZE_MAX + WORD_SIZE, // A metronome and a time signature.
};

// A packet that is at hand.
struct packet {
    uint32_t words[KM_UMP_WORDS_MAX];
    size_t size; // Bytes.
    uint64_t at;
};

static void read_packet(const unsigned char *bytes, struct packet *packet)
{
    *packet = (struct packet){.words = {km_midi_big_endian(bytes, WORD_SIZE)}};
    packet->size = (size_t)WORD_SIZE * km_ump_words(packet->words[0]);
    for (size_t i = 1; i < packet->size / WORD_SIZE; ++i) {
        packet->words[i] = km_midi_big_endian(bytes + WORD_SIZE * i, WORD_SIZE);
    }
}

static void set_packet(const struct packet *packet, struct km_midi_item *item)
{
    item->word_count = (uint8_t)(packet->size / WORD_SIZE);
    item->group = km_ump_has_group(packet->words[0]) ? km_ump_group(packet->words[0]) : 0;
    for (size_t i = 0; i < KM_UMP_WORDS_MAX; ++i) {
        item->words[i] = packet->words[i];
    }
}

// Hands out the packet's first `size` bytes as an event.
static enum km_midi_turn emit_event(struct km_midi_reader *reader, const struct packet *packet,
                                    size_t size, struct km_event event, struct km_midi_item *item)
{
    (void)km_midi_reader_emit(reader, KM_MIDI_ITEM_EVENT, size, item);
    set_packet(packet, item);
    reader->clip.group = item->group;
    item->event = event;
    item->event.tick = reader->cursor.tick;
    if (km_event_has_payload(&event)) {
        item->payload_left = event.detail;
        reader->clip.message.payload_left = event.detail;
    }
    return KM_MIDI_TURN_ITEM;
}

static enum km_midi_turn leave_out(struct km_midi_reader *reader, const struct packet *packet,
                                   enum km_midi_fault fault, struct km_midi_item *item)
{
    km_midi_reader_tell(reader, fault, packet->at);
    return km_midi_reader_emit(reader, KM_MIDI_ITEM_LEFT_OUT, packet->size, item);
}

static enum km_midi_turn step_start(struct km_midi_reader *reader, struct km_midi_item *item)
{
    struct km_midi_clip *const clip = &reader->clip;
    const size_t seen = KM_CLIP_MAGIC_SIZE + 2 * WORD_SIZE;
    if (!km_midi_reader_wait(reader, seen)) {
        return KM_MIDI_TURN_MORE;
    }
    size_t available = 0;
    const unsigned char *const bytes = km_midi_reader_ahead(reader, &available);
    size_t at = KM_CLIP_MAGIC_SIZE;
    uint32_t word = available >= seen ? km_midi_big_endian(bytes + at, WORD_SIZE) : 0;
    if (km_ump_type(word) == KM_UMP_UTILITY && km_ump_utility(word) == KM_UMP_DELTA) {
        at += WORD_SIZE;
        word = km_midi_big_endian(bytes + at, WORD_SIZE);
    }
    reader->header.tracks_declared = 1;
    reader->header.division = KM_CLIP_DIVISION_MISSING;
    size_t size = at + WORD_SIZE;
    if (km_ump_type(word) == KM_UMP_UTILITY && km_ump_utility(word) == KM_UMP_DIVISION) {
        const uint32_t division = word & 0xFFFFU;
        if (division == 0 || division > INT16_MAX) {
            return km_midi_reader_fail(reader, KM_ERROR_INVALID, km_midi_reader_at(reader) + at,
                                       "ticks per quarter note are not 1 to 32767");
        }
        reader->header.division = (uint16_t)division;
    } else {
        km_midi_reader_tell(reader, KM_MIDI_FAULT_CLIP_NO_DIVISION,
                            km_midi_reader_at(reader) + KM_CLIP_MAGIC_SIZE);
        size = KM_CLIP_MAGIC_SIZE;
    }
    clip->phase = KM_CLIP_TRACK;
    clip->clocks_per_click = KM_CLOCKS_PER_CLICK;
    return km_midi_reader_emit(reader, KM_MIDI_ITEM_HEADER, size, item);
}

static enum km_midi_turn begin_track(struct km_midi_reader *reader, struct km_midi_item *item)
{
    reader->tracks_found = 1;
    reader->is_in_track = true;
    reader->clip.phase = KM_CLIP_PACKETS;
    return km_midi_reader_emit(reader, KM_MIDI_ITEM_TRACK, 0, item);
}

static void tell_open_messages(struct km_midi_reader *reader)
{
    const struct km_midi_clip *const clip = &reader->clip;
    for (unsigned int group = 0; group < KM_CLIP_GROUPS; ++group) {
        if ((clip->open_sysex >> group & 1U) != 0) {
            km_midi_reader_tell(reader, KM_MIDI_FAULT_OPEN_SYSEX, clip->open_sysex_at[group]);
        }
        if ((clip->open_data >> group & 1U) != 0) {
            km_midi_reader_tell(reader, KM_MIDI_FAULT_OPEN_SYSEX, clip->open_data_at[group]);
        }
        if (clip->open_texts[group] != 0) {
            km_midi_reader_tell(reader, KM_MIDI_FAULT_CLIP_OPEN_TEXT, clip->open_texts_at[group]);
        }
    }
}

static enum km_midi_turn end_clip(struct km_midi_reader *reader, const struct packet *packet,
                                  struct km_midi_item *item)
{
    tell_open_messages(reader);
    reader->clip.phase = KM_CLIP_AFTER;
    const struct km_event end = {.type = KM_EVENT_END_OF_TRACK};
    return emit_event(reader, packet, packet->size, end, item);
}

static enum km_midi_turn end_without_end(struct km_midi_reader *reader, struct km_midi_item *item)
{
    static const struct packet none;
    const uint64_t at = km_midi_reader_at(reader);
    if (reader->clip.message.payload_left > 0) {
        return km_midi_reader_fail(reader, KM_ERROR_TRUNCATED, at, "the file ends within an event");
    }
    if (!reader->clip.has_started) {
        return km_midi_reader_fail(reader, KM_ERROR_TRUNCATED, at,
                                   "the file ends before the clip begins");
    }
    km_midi_reader_tell(reader, KM_MIDI_FAULT_MISSING_END, at);
    (void)end_clip(reader, &none, item);
    item->is_repaired = true;
    return KM_MIDI_TURN_ITEM;
}

static enum km_midi_turn step_after(struct km_midi_reader *reader)
{
    if (!km_midi_reader_wait(reader, 1)) {
        return KM_MIDI_TURN_MORE;
    }
    reader->state = KM_MIDI_STATE_END;
    if (km_midi_reader_available(reader) == 0) {
        return KM_MIDI_TURN_AGAIN;
    }
    km_midi_reader_tell(reader, KM_MIDI_FAULT_AFTER_END, km_midi_reader_at(reader));
    return km_midi_reader_pass(reader, KM_MIDI_ITEM_LEFT_OUT, UINT64_MAX);
}

static enum km_midi_turn step_utility(struct km_midi_reader *reader, const struct packet *packet,
                                      struct km_midi_item *item)
{
    const enum km_ump_utility kind = km_ump_utility(packet->words[0]);
    if (kind == KM_UMP_DIVISION) {
        return leave_out(reader, packet, KM_MIDI_FAULT_CLIP_STRAY_PACKET, item);
    }
    if (kind == KM_UMP_DELTA) {
        reader->cursor.tick += packet->words[0] & KM_UMP_DELTA_MAX;
    }
    reader->clip.has_delta = kind == KM_UMP_DELTA;
    (void)km_midi_reader_emit(reader, KM_MIDI_ITEM_WRAPPER, packet->size, item);
    set_packet(packet, item);
    return KM_MIDI_TURN_ITEM;
}

// A packet as it is: an event without bytes, whose payload is the packet.
static enum km_midi_turn emit_packet(struct km_midi_reader *reader, const struct packet *packet,
                                     struct km_midi_item *item)
{
    reader->clip.message.packet_left = (uint8_t)packet->size;
    const struct km_event event = {.type = KM_EVENT_UMP,
                                   .number = (uint8_t)km_ump_type(packet->words[0]),
                                   .detail = (uint32_t)packet->size};
    return emit_event(reader, packet, 0, event, item);
}

// Part of a text or SysEx message: how many payload bytes a packet has, after how many others.
struct part {
    size_t header;
    size_t payload;
    bool is_last; // The message ends with it.
};

static struct part part_of(const struct packet *packet, const unsigned char *bytes)
{
    const uint32_t first = packet->words[0];
    struct part part = {.header = SYSEX_HEADER_SIZE};
    if (km_ump_type(first) == KM_UMP_FLEX) {
        part = (struct part){.header = WORD_SIZE, .payload = KM_UMP_TEXT_SIZE};
        part.is_last =
            km_ump_flex_form(first) == KM_UMP_COMPLETE || km_ump_flex_form(first) == KM_UMP_END;
        while (part.is_last && part.payload > 0 && bytes[part.header + part.payload - 1] == 0) {
            --part.payload;
        }
        return part;
    }
    const unsigned int size = km_ump_sysex_size(first);
    part.payload = size < KM_UMP_SYSEX7_SIZE ? size : KM_UMP_SYSEX7_SIZE;
    part.is_last =
        km_ump_sysex_form(first) == KM_UMP_COMPLETE || km_ump_sysex_form(first) == KM_UMP_END;
    return part;
}

// Which message a packet belongs to: its first word without what differs among its packets.
static uint32_t message_of(uint32_t first)
{
    return km_ump_type(first) == KM_UMP_FLEX ? first & ~(uint32_t)FLEX_FORM : first & 0xFF000000U;
}

static bool begins_message(uint32_t first)
{
    const unsigned int form =
        km_ump_type(first) == KM_UMP_FLEX ? km_ump_flex_form(first) : km_ump_sysex_form(first);
    return form == KM_UMP_COMPLETE || form == KM_UMP_START;
}

// Packets of one message that stand in a row.
struct run {
    size_t size; // Bytes, utility messages between them included.
    uint32_t payload;
    bool is_whole; // The message ends with it.
};

// Measures the run that begins with the next packet; what it looks at is at hand.
static struct run measure_run(const struct km_midi_reader *reader)
{
    size_t available = 0;
    const unsigned char *const bytes = km_midi_reader_ahead(reader, &available);
    const size_t high = available < KM_MIDI_LOOK_AHEAD ? available : KM_MIDI_LOOK_AHEAD;
    const uint32_t message = message_of(km_midi_big_endian(bytes, WORD_SIZE));
    struct run run = {0};
    for (size_t at = 0; !run.is_whole && high - at >= WORD_SIZE;) {
        const uint32_t first = km_midi_big_endian(bytes + at, WORD_SIZE);
        const size_t size = (size_t)WORD_SIZE * km_ump_words(first);
        const bool is_utility = km_ump_type(first) == KM_UMP_UTILITY;
        if (size > high - at || (!is_utility && message_of(first) != message) ||
            (!is_utility && at > 0 && begins_message(first))) {
            break;
        }
        struct packet packet;
        read_packet(bytes + at, &packet);
        at += size;
        if (!is_utility) {
            const struct part part = part_of(&packet, bytes + at - size);
            run.payload += (uint32_t)part.payload;
            run.is_whole = part.is_last;
            run.size = at;
        }
    }
    return run;
}

// A packet of a message that is being handed out: `header` bytes, then its payload.
static void begin_part(struct km_midi_reader *reader, const struct packet *packet,
                       const struct part *part)
{
    struct km_clip_message *const message = &reader->clip.message;
    message->packet_left = (uint8_t)part->payload;
    message->padding_left = (uint8_t)(packet->size - part->header - part->payload);
    if (km_ump_type(packet->words[0]) == KM_UMP_SYSEX7 &&
        km_ump_sysex_size(packet->words[0]) > KM_UMP_SYSEX7_SIZE) {
        km_midi_reader_tell(reader, KM_MIDI_FAULT_CLIP_PACKET_SIZE, packet->at);
    }
}

static enum km_midi_turn begin_run(struct km_midi_reader *reader, const struct packet *packet,
                                   struct km_event event, struct km_midi_item *item)
{
    size_t available = 0;
    const unsigned char *const bytes = km_midi_reader_ahead(reader, &available);
    const struct part part = part_of(packet, bytes);
    const struct run run = measure_run(reader);
    const bool ends_with_f7 = event.type == KM_EVENT_SYSEX && run.is_whole;
    reader->clip.message =
        (struct km_clip_message){.end = packet->at + run.size, .ends_with_f7 = ends_with_f7};
    event.detail = run.payload + ends_with_f7;
    begin_part(reader, packet, &part);
    const uint8_t group = km_ump_group(packet->words[0]);
    if (event.type == KM_EVENT_META) {
        reader->clip.open_texts[group] = run.is_whole ? 0 : message_of(packet->words[0]);
    } else {
        const uint16_t bit = (uint16_t)(1U << group);
        reader->clip.open_sysex = (uint16_t)(run.is_whole ? reader->clip.open_sysex & ~bit
                                                          : reader->clip.open_sysex | bit);
    }
    return emit_event(reader, packet, part.header, event, item);
}

static enum km_midi_turn step_text(struct km_midi_reader *reader, const struct packet *packet,
                                   struct km_midi_item *item)
{
    struct km_midi_clip *const clip = &reader->clip;
    const uint8_t group = km_ump_group(packet->words[0]);
    const struct km_event event = {
        .type = KM_EVENT_META,
        .number = (uint8_t)km_ump_text_to_meta(km_ump_flex_status(packet->words[0]))};
    if (begins_message(packet->words[0])) {
        if (clip->open_texts[group] != 0) {
            km_midi_reader_tell(reader, KM_MIDI_FAULT_CLIP_OPEN_TEXT, clip->open_texts_at[group]);
        }
        clip->open_texts_at[group] = packet->at;
    } else if (clip->open_texts[group] == message_of(packet->words[0])) {
        km_midi_reader_tell(reader, KM_MIDI_FAULT_CLIP_SPLIT_TEXT, packet->at);
    } else {
        return leave_out(reader, packet, KM_MIDI_FAULT_CLIP_OUT_OF_ORDER, item);
    }
    return begin_run(reader, packet, event, item);
}

static enum km_midi_turn step_sysex(struct km_midi_reader *reader, const struct packet *packet,
                                    struct km_midi_item *item)
{
    struct km_midi_clip *const clip = &reader->clip;
    const uint8_t group = km_ump_group(packet->words[0]);
    const bool is_open = (clip->open_sysex >> group & 1U) != 0;
    struct km_event event = {.type = KM_EVENT_SYSEX, .number = KM_STATUS_SYSEX};
    if (begins_message(packet->words[0])) {
        if (is_open) {
            km_midi_reader_tell(reader, KM_MIDI_FAULT_OPEN_SYSEX, clip->open_sysex_at[group]);
        }
        clip->open_sysex_at[group] = packet->at;
    } else if (is_open) {
        event.number = KM_STATUS_SYSEX_END; // Standard MIDI Files continue a message with it.
    } else {
        return leave_out(reader, packet, KM_MIDI_FAULT_CLIP_OUT_OF_ORDER, item);
    }
    return begin_run(reader, packet, event, item);
}

// Whether an event is wrapped in this 8-bit message, which its first packet tells.
static bool is_wrapping(const struct packet *packet, const unsigned char *bytes,
                        struct km_event *event)
{
    const unsigned char *const header = bytes + SYSEX8_HEADER_SIZE;
    const uint32_t size = km_midi_big_endian(header + KM_CLIP_WRAP_SIZE, 4);
    const unsigned int form = size == 0 ? KM_UMP_COMPLETE : KM_UMP_START;
    if (km_ump_sysex_form(packet->words[0]) != form ||
        km_ump_sysex_size(packet->words[0]) != KM_CLIP_WRAP_HEADER_SIZE + 1 || bytes[2] != 0 ||
        memcmp(header, KM_CLIP_WRAP_TAG, KM_CLIP_WRAP_TAG_SIZE) != 0 || size > KM_MIDI_DELTA_MAX ||
        header[KM_CLIP_WRAP_HEADER_SIZE - 1] != 0) {
        return false;
    }
    const unsigned char kind = header[KM_CLIP_WRAP_KIND];
    const unsigned char type = header[KM_CLIP_WRAP_TYPE];
    *event = (struct km_event){.type = kind == KM_STATUS_META ? KM_EVENT_META : KM_EVENT_SYSEX,
                               .number = kind == KM_STATUS_META ? type : kind,
                               .detail = size};
    const bool is_sysex = (kind == KM_STATUS_SYSEX || kind == KM_STATUS_SYSEX_END) && type == 0;
    return is_sysex || (kind == KM_STATUS_META && type < 128 && type != KM_META_END_OF_TRACK &&
                        type != KM_META_TEMPO && type != KM_META_TIME_SIGNATURE &&
                        type != KM_META_KEY_SIGNATURE);
}

// 8-bit messages stay packets; but what continues nothing is left out.
static enum km_midi_turn step_plain_data(struct km_midi_reader *reader, const struct packet *packet,
                                         struct km_midi_item *item)
{
    struct km_midi_clip *const clip = &reader->clip;
    const uint8_t group = km_ump_group(packet->words[0]);
    const uint16_t bit = (uint16_t)(1U << group);
    const unsigned int form = km_ump_sysex_form(packet->words[0]);
    if (form > KM_UMP_END) {
        return emit_packet(reader, packet, item); // A mixed data set.
    }
    if (!begins_message(packet->words[0]) && (clip->open_data & bit) == 0) {
        return leave_out(reader, packet, KM_MIDI_FAULT_CLIP_OUT_OF_ORDER, item);
    }
    if (begins_message(packet->words[0]) && (clip->open_data & bit) != 0) {
        km_midi_reader_tell(reader, KM_MIDI_FAULT_OPEN_SYSEX, clip->open_data_at[group]);
    }
    if (form == KM_UMP_START) {
        clip->open_data_at[group] = packet->at;
    }
    const bool is_open = form == KM_UMP_START || form == KM_UMP_CONTINUE;
    clip->open_data = (uint16_t)(is_open ? clip->open_data | bit : clip->open_data & ~bit);
    return emit_packet(reader, packet, item);
}

static enum km_midi_turn step_data(struct km_midi_reader *reader, const struct packet *packet,
                                   struct km_midi_item *item)
{
    size_t available = 0;
    struct km_event event;
    if (!is_wrapping(packet, km_midi_reader_ahead(reader, &available), &event)) {
        return step_plain_data(reader, packet, item);
    }
    reader->clip.message = (struct km_clip_message){.is_wrapped = true};
    return emit_event(reader, packet, packet->size, event, item);
}

// The next packet of a wrapped event.
static enum km_midi_turn continue_wrapped(struct km_midi_reader *reader,
                                          const struct packet *packet, struct km_midi_item *item)
{
    struct km_clip_message *const message = &reader->clip.message;
    const uint32_t left = message->payload_left;
    const bool is_last = left <= KM_UMP_SYSEX8_SIZE;
    const uint32_t size = is_last ? left : KM_UMP_SYSEX8_SIZE;
    const uint32_t form = is_last ? KM_UMP_END : KM_UMP_CONTINUE;
    const uint32_t header = (uint32_t)KM_UMP_DATA << 20 | (uint32_t)reader->clip.group << 16 |
                            form << 12 | (size + 1) << 8;
    if (packet->words[0] >> 8 != header) {
        return km_midi_reader_fail(reader, KM_ERROR_INVALID, packet->at,
                                   "a wrapped event is shorter than it says");
    }
    const struct part part = {.header = SYSEX8_HEADER_SIZE, .payload = size};
    begin_part(reader, packet, &part);
    return km_midi_reader_emit(reader, KM_MIDI_ITEM_WRAPPER, part.header, item);
}

static enum km_midi_turn step_stream(struct km_midi_reader *reader, const struct packet *packet,
                                     struct km_midi_item *item)
{
    const uint32_t kind = packet->words[0] >> 16;
    if (kind == KM_UMP_END_OF_CLIP) {
        return end_clip(reader, packet, item);
    }
    if (kind != KM_UMP_START_OF_CLIP) {
        return emit_packet(reader, packet, item);
    }
    if (reader->clip.has_started) {
        return leave_out(reader, packet, KM_MIDI_FAULT_CLIP_STRAY_PACKET, item);
    }
    reader->clip.has_started = true;
    (void)km_midi_reader_emit(reader, KM_MIDI_ITEM_WRAPPER, packet->size, item);
    set_packet(packet, item);
    return KM_MIDI_TURN_ITEM;
}

// Whether the packet is a metronome's click alone, and the time signature that it is for comes
// next: Standard MIDI Files say both in one event.
static bool is_part_of_signature(const struct km_midi_reader *reader, const struct packet *packet)
{
    uint8_t clocks = 0;
    size_t available = 0;
    const unsigned char *const bytes = km_midi_reader_ahead(reader, &available);
    if (available < SIGNATURE_AHEAD || !km_ump_is_metronome(packet->words, &clocks) ||
        clocks == reader->clip.clocks_per_click || (packet->words[1] & 0xFFFFFFU) != 0 ||
        (packet->words[2] | packet->words[3]) != 0) {
        return false;
    }
    const uint32_t delta = km_midi_big_endian(bytes + packet->size, WORD_SIZE);
    const uint32_t next = km_midi_big_endian(bytes + packet->size + WORD_SIZE, WORD_SIZE);
    return delta == (uint32_t)KM_UMP_DELTA << 20 && next == packet->words[0] - 1;
}

static enum km_midi_turn step_event(struct km_midi_reader *reader, const struct packet *packet,
                                    struct km_midi_item *item)
{
    struct km_midi_clip *const clip = &reader->clip;
    if (is_part_of_signature(reader, packet)) {
        (void)km_ump_is_metronome(packet->words, &clip->clocks_per_click);
        (void)km_midi_reader_emit(reader, KM_MIDI_ITEM_WRAPPER, packet->size, item);
        set_packet(packet, item);
        return KM_MIDI_TURN_ITEM;
    }
    struct km_ump_decoded decoded;
    km_ump_decode(packet->words, clip->clocks_per_click, &decoded);
    (void)km_ump_is_metronome(packet->words, &clip->clocks_per_click);
    if (decoded.count == 0) {
        return leave_out(reader, packet, KM_MIDI_FAULT_SETTING_RANGE, item);
    }
    if (decoded.is_clamped) {
        km_midi_reader_tell(reader, KM_MIDI_FAULT_DATA_OVER_127, packet->at);
    }
    if (decoded.events[0].type == KM_EVENT_UMP) {
        return emit_packet(reader, packet, item);
    }
    clip->queue_next = 0;
    clip->queue_count = (uint8_t)(decoded.count - 1);
    for (size_t i = 1; i < decoded.count; ++i) {
        clip->queue[i - 1] = decoded.events[i];
    }
    (void)emit_event(reader, packet, packet->size, decoded.events[0], item);
    item->is_repaired = decoded.is_clamped;
    return KM_MIDI_TURN_ITEM;
}

// What nobody knows yet is kept as it is.
static bool has_reserved_form(uint32_t first)
{
    return km_ump_type(first) == KM_UMP_SYSEX7 && km_ump_sysex_form(first) > KM_UMP_END;
}

static enum km_midi_turn step_message(struct km_midi_reader *reader, const struct packet *packet,
                                      struct km_midi_item *item)
{
    const enum km_ump_type type = km_ump_type(packet->words[0]);
    if (has_reserved_form(packet->words[0])) {
        return emit_packet(reader, packet, item);
    }
    if (km_ump_is_text(packet->words[0])) {
        return step_text(reader, packet, item);
    }
    if (type == KM_UMP_SYSEX7) {
        return step_sysex(reader, packet, item);
    }
    if (type == KM_UMP_DATA) {
        return step_data(reader, packet, item);
    }
    return type == KM_UMP_STREAM ? step_stream(reader, packet, item)
                                 : step_event(reader, packet, item);
}

// What a packet must have before it, apart from those in the middle of a message.
static void check_place(struct km_midi_reader *reader, const struct packet *packet)
{
    struct km_midi_clip *const clip = &reader->clip;
    const enum km_ump_type type = km_ump_type(packet->words[0]);
    if (!clip->has_delta) {
        km_midi_reader_tell(reader, KM_MIDI_FAULT_CLIP_NO_DELTA, packet->at);
    }
    clip->has_delta = false;
    const bool is_music = type == KM_UMP_SYSTEM || type == KM_UMP_MIDI1 || type == KM_UMP_MIDI2;
    if (is_music && !clip->has_started) {
        km_midi_reader_tell(reader, KM_MIDI_FAULT_CLIP_NO_START, packet->at);
        clip->has_started = true;
    }
}

static enum km_midi_turn step_packet(struct km_midi_reader *reader, struct km_midi_item *item)
{
    size_t available = 0;
    const unsigned char *const bytes = km_midi_reader_ahead(reader, &available);
    struct packet packet = {.size = WORD_SIZE};
    if (available >= WORD_SIZE) {
        packet.size = (size_t)WORD_SIZE * km_ump_words(km_midi_big_endian(bytes, WORD_SIZE));
    }
    if (!km_midi_reader_wait(reader, packet.size)) {
        return KM_MIDI_TURN_MORE;
    }
    if (available == 0) {
        return end_without_end(reader, item);
    }
    if (available < packet.size) {
        return km_midi_reader_fail(reader, KM_ERROR_TRUNCATED, km_midi_reader_at(reader),
                                   "the file ends within a packet");
    }
    read_packet(bytes, &packet);
    packet.at = km_midi_reader_at(reader);
    if (km_ump_type(packet.words[0]) == KM_UMP_UTILITY) {
        return step_utility(reader, &packet, item);
    }
    struct km_clip_message *const message = &reader->clip.message;
    const bool is_within = packet.at < message->end;
    const bool is_long =
        km_ump_type(packet.words[0]) == KM_UMP_SYSEX7 || km_ump_is_text(packet.words[0]);
    const size_t seen = is_long ? (size_t)KM_MIDI_LOOK_AHEAD : (size_t)SIGNATURE_AHEAD;
    const bool looks_ahead = is_long || km_ump_type(packet.words[0]) == KM_UMP_FLEX;
    if (looks_ahead && !is_within && !km_midi_reader_wait(reader, seen)) {
        return KM_MIDI_TURN_MORE;
    }
    check_place(reader, &packet);
    if (message->is_wrapped && message->payload_left > 0) {
        return continue_wrapped(reader, &packet, item);
    }
    if (is_within) {
        const struct part part = part_of(&packet, bytes);
        begin_part(reader, &packet, &part);
        return km_midi_reader_emit(reader, KM_MIDI_ITEM_WRAPPER, part.header, item);
    }
    return step_message(reader, &packet, item);
}

static enum km_midi_turn emit_queued(struct km_midi_reader *reader, struct km_midi_item *item)
{
    struct km_midi_clip *const clip = &reader->clip;
    (void)km_midi_reader_emit(reader, KM_MIDI_ITEM_EVENT, 0, item);
    item->group = clip->group;
    item->event = clip->queue[clip->queue_next++];
    item->event.tick = reader->cursor.tick;
    return KM_MIDI_TURN_ITEM;
}

static enum km_midi_turn emit_payload(struct km_midi_reader *reader, size_t size,
                                      struct km_midi_item *item)
{
    struct km_clip_message *const message = &reader->clip.message;
    (void)km_midi_reader_emit(reader, KM_MIDI_ITEM_PAYLOAD, size, item);
    message->packet_left = 0;
    message->payload_left -= (uint32_t)size;
    item->payload_left = message->payload_left;
    item->group = reader->clip.group;
    return KM_MIDI_TURN_ITEM;
}

// The F7 at the end of a message, which packets leave out.
static enum km_midi_turn emit_end(struct km_midi_reader *reader, struct km_midi_item *item)
{
    static const unsigned char end = KM_STATUS_SYSEX_END;
    struct km_clip_message *const message = &reader->clip.message;
    message->ends_with_f7 = false;
    KM_CHECK(message->payload_left == 1);
    (void)emit_payload(reader, 0, item);
    message->payload_left = 0;
    item->payload_left = 0;
    item->is_made = true;
    item->bytes = &end;
    item->size = sizeof(end);
    return KM_MIDI_TURN_ITEM;
}

enum km_midi_turn km_midi_clip_step(struct km_midi_reader *reader, struct km_midi_item *item)
{
    struct km_midi_clip *const clip = &reader->clip;
    struct km_clip_message *const message = &clip->message;
    if (clip->phase != KM_CLIP_PACKETS) {
        return clip->phase == KM_CLIP_START   ? step_start(reader, item)
               : clip->phase == KM_CLIP_TRACK ? begin_track(reader, item)
                                              : step_after(reader);
    }
    if (clip->queue_next < clip->queue_count) {
        return emit_queued(reader, item);
    }
    if (message->packet_left > 0) {
        return emit_payload(reader, message->packet_left, item);
    }
    if (message->padding_left > 0) {
        const size_t size = message->padding_left;
        message->padding_left = 0;
        return km_midi_reader_emit(reader, KM_MIDI_ITEM_WRAPPER, size, item);
    }
    if (message->ends_with_f7 && km_midi_reader_at(reader) >= message->end) {
        return emit_end(reader, item);
    }
    return step_packet(reader, item);
}
