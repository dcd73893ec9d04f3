// SPDX-License-Identifier: MIT

// Text and SysEx messages of a clip, packet by packet. A message is one event, of as many of its
// packets as stand in a row within KM_MIDI_LOOK_AHEAD; a longer SysEx message goes on in events of
// F7, as Standard MIDI Files have it.

#include "midi/clip_message_private.h"

#include "base/check.h"
#include "midi/big_endian_private.h"
#include "midi/file.h"

#include <string.h>

enum {
    FLEX_FORM = 3 << 22,
    SYSEX_HEADER_SIZE = 2,
    SYSEX8_HEADER_SIZE = 3,
};

// Part of a text or SysEx message: how many payload bytes a packet has, after how many others.
struct part {
    size_t header;
    size_t payload;
    bool is_last; // The message ends with it.
};

static struct part part_of(const struct km_clip_packet *packet, const unsigned char *bytes)
{
    const uint32_t first = packet->words[0];
    struct part part = {.header = SYSEX_HEADER_SIZE};
    if (km_ump_type(first) == KM_UMP_FLEX) {
        part = (struct part){.header = KM_CLIP_WORD_SIZE, .payload = KM_UMP_TEXT_SIZE};
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
    const uint32_t message = message_of(km_midi_big_endian(bytes, KM_CLIP_WORD_SIZE));
    struct run run = {0};
    for (size_t at = 0; !run.is_whole && high - at >= KM_CLIP_WORD_SIZE;) {
        const uint32_t first = km_midi_big_endian(bytes + at, KM_CLIP_WORD_SIZE);
        const size_t size = (size_t)KM_CLIP_WORD_SIZE * km_ump_words(first);
        const bool is_utility = km_ump_type(first) == KM_UMP_UTILITY;
        if (size > high - at || (!is_utility && message_of(first) != message) ||
            (!is_utility && at > 0 && begins_message(first))) {
            break;
        }
        struct km_clip_packet packet;
        km_clip_packet_read(bytes + at, &packet);
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
static void begin_part(struct km_midi_reader *reader, const struct km_clip_packet *packet,
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

static enum km_midi_turn begin_run(struct km_midi_reader *reader,
                                   const struct km_clip_packet *packet, struct km_event event,
                                   struct km_midi_item *item)
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
    return km_clip_emit_event(reader, packet, part.header, event, item);
}

enum km_midi_turn km_clip_step_text(struct km_midi_reader *reader,
                                    const struct km_clip_packet *packet, struct km_midi_item *item)
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
        return km_clip_leave_out(reader, packet, KM_MIDI_FAULT_CLIP_OUT_OF_ORDER, item);
    }
    return begin_run(reader, packet, event, item);
}

enum km_midi_turn km_clip_step_sysex(struct km_midi_reader *reader,
                                     const struct km_clip_packet *packet, struct km_midi_item *item)
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
        return km_clip_leave_out(reader, packet, KM_MIDI_FAULT_CLIP_OUT_OF_ORDER, item);
    }
    return begin_run(reader, packet, event, item);
}

// Whether an event is wrapped in this 8-bit message, which its first packet tells.
static bool is_wrapping(const struct km_clip_packet *packet, const unsigned char *bytes,
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
static enum km_midi_turn step_plain_data(struct km_midi_reader *reader,
                                         const struct km_clip_packet *packet,
                                         struct km_midi_item *item)
{
    struct km_midi_clip *const clip = &reader->clip;
    const uint8_t group = km_ump_group(packet->words[0]);
    const uint16_t bit = (uint16_t)(1U << group);
    const unsigned int form = km_ump_sysex_form(packet->words[0]);
    if (form > KM_UMP_END) {
        return km_clip_emit_packet(reader, packet, item); // A mixed data set.
    }
    if (!begins_message(packet->words[0]) && (clip->open_data & bit) == 0) {
        return km_clip_leave_out(reader, packet, KM_MIDI_FAULT_CLIP_OUT_OF_ORDER, item);
    }
    if (begins_message(packet->words[0]) && (clip->open_data & bit) != 0) {
        km_midi_reader_tell(reader, KM_MIDI_FAULT_OPEN_SYSEX, clip->open_data_at[group]);
    }
    if (form == KM_UMP_START) {
        clip->open_data_at[group] = packet->at;
    }
    const bool is_open = form == KM_UMP_START || form == KM_UMP_CONTINUE;
    clip->open_data = (uint16_t)(is_open ? clip->open_data | bit : clip->open_data & ~bit);
    return km_clip_emit_packet(reader, packet, item);
}

enum km_midi_turn km_clip_step_data(struct km_midi_reader *reader,
                                    const struct km_clip_packet *packet, struct km_midi_item *item)
{
    size_t available = 0;
    struct km_event event;
    if (!is_wrapping(packet, km_midi_reader_ahead(reader, &available), &event)) {
        return step_plain_data(reader, packet, item);
    }
    reader->clip.message = (struct km_clip_message){.is_wrapped = true};
    return km_clip_emit_event(reader, packet, packet->size, event, item);
}

// The next packet of a wrapped event.
enum km_midi_turn km_clip_continue_wrapped(struct km_midi_reader *reader,
                                           const struct km_clip_packet *packet,
                                           struct km_midi_item *item)
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

enum km_midi_turn km_clip_continue_run(struct km_midi_reader *reader,
                                       const struct km_clip_packet *packet,
                                       struct km_midi_item *item)
{
    size_t available = 0;
    const struct part part = part_of(packet, km_midi_reader_ahead(reader, &available));
    begin_part(reader, packet, &part);
    return km_midi_reader_emit(reader, KM_MIDI_ITEM_WRAPPER, part.header, item);
}

enum km_midi_turn km_clip_emit_payload(struct km_midi_reader *reader, size_t size,
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
enum km_midi_turn km_clip_emit_end(struct km_midi_reader *reader, struct km_midi_item *item)
{
    static const unsigned char end = KM_STATUS_SYSEX_END;
    struct km_clip_message *const message = &reader->clip.message;
    message->ends_with_f7 = false;
    KM_CHECK(message->payload_left == 1);
    (void)km_clip_emit_payload(reader, 0, item);
    message->payload_left = 0;
    item->payload_left = 0;
    item->is_made = true;
    item->bytes = &end;
    item->size = sizeof(end);
    return KM_MIDI_TURN_ITEM;
}
