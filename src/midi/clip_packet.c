// SPDX-License-Identifier: MIT

#include "midi/clip_packet_private.h"

#include "midi/big_endian_private.h"

void km_clip_packet_read(const unsigned char *bytes, struct km_clip_packet *packet)
{
    *packet = (struct km_clip_packet){.words = {km_midi_big_endian(bytes, KM_CLIP_WORD_SIZE)}};
    packet->size = (size_t)KM_CLIP_WORD_SIZE * km_ump_words(packet->words[0]);
    for (size_t i = 1; i < packet->size / KM_CLIP_WORD_SIZE; ++i) {
        packet->words[i] = km_midi_big_endian(bytes + KM_CLIP_WORD_SIZE * i, KM_CLIP_WORD_SIZE);
    }
}

void km_clip_packet_show(const struct km_clip_packet *packet, struct km_midi_item *item)
{
    item->word_count = (uint8_t)(packet->size / KM_CLIP_WORD_SIZE);
    item->group = km_ump_has_group(packet->words[0]) ? km_ump_group(packet->words[0]) : 0;
    for (size_t i = 0; i < KM_UMP_WORDS_MAX; ++i) {
        item->words[i] = packet->words[i];
    }
}

// Hands out the packet's first `size` bytes as an event.
enum km_midi_turn km_clip_emit_event(struct km_midi_reader *reader,
                                     const struct km_clip_packet *packet, size_t size,
                                     struct km_event event, struct km_midi_item *item)
{
    (void)km_midi_reader_emit(reader, KM_MIDI_ITEM_EVENT, size, item);
    km_clip_packet_show(packet, item);
    reader->clip.group = item->group;
    item->event = event;
    item->event.tick = reader->cursor.tick;
    if (km_event_has_payload(&event)) {
        item->payload_left = event.detail;
        reader->clip.message.payload_left = event.detail;
    }
    return KM_MIDI_TURN_ITEM;
}

enum km_midi_turn km_clip_leave_out(struct km_midi_reader *reader,
                                    const struct km_clip_packet *packet, enum km_midi_fault fault,
                                    struct km_midi_item *item)
{
    km_midi_reader_tell(reader, fault, packet->at);
    return km_midi_reader_emit(reader, KM_MIDI_ITEM_LEFT_OUT, packet->size, item);
}

// A packet as it is: an event without bytes, whose payload is the packet.
enum km_midi_turn km_clip_emit_packet(struct km_midi_reader *reader,
                                      const struct km_clip_packet *packet,
                                      struct km_midi_item *item)
{
    reader->clip.message.packet_left = (uint8_t)packet->size;
    const struct km_event event = {.type = KM_EVENT_UMP,
                                   .number = (uint8_t)km_ump_type(packet->words[0]),
                                   .detail = (uint32_t)packet->size};
    return km_clip_emit_event(reader, packet, 0, event, item);
}
