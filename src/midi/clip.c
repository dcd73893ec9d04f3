// SPDX-License-Identifier: MIT

// The reader in a MIDI 2.0 clip file (M2-116-U): "SMF2CLIP", then packets, each after a delta
// clockstamp. Which packet stands where, and what is to be done with it.

#include "base/check.h"
#include "midi/big_endian_private.h"
#include "midi/clip_message_private.h"
#include "midi/file.h"
#include "midi/ump.h"

enum {
    SIGNATURE_AHEAD = 2 * KM_UMP_SIZE_MAX + KM_CLIP_WORD_SIZE, // A metronome and a time signature.
};

static enum km_midi_turn step_start(struct km_midi_reader *reader, struct km_midi_item *item)
{
    struct km_midi_clip *const clip = &reader->clip;
    const size_t seen = KM_CLIP_MAGIC_SIZE + 2 * KM_CLIP_WORD_SIZE;
    if (!km_midi_reader_wait(reader, seen)) {
        return KM_MIDI_TURN_MORE;
    }
    size_t available = 0;
    const unsigned char *const bytes = km_midi_reader_ahead(reader, &available);
    size_t at = KM_CLIP_MAGIC_SIZE;
    uint32_t word = available >= seen ? km_midi_big_endian(bytes + at, KM_CLIP_WORD_SIZE) : 0;
    if (km_ump_type(word) == KM_UMP_UTILITY && km_ump_utility(word) == KM_UMP_DELTA) {
        at += KM_CLIP_WORD_SIZE;
        word = km_midi_big_endian(bytes + at, KM_CLIP_WORD_SIZE);
    }
    reader->header.tracks_declared = 1;
    reader->header.division = KM_CLIP_DIVISION_MISSING;
    size_t size = at + KM_CLIP_WORD_SIZE;
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

static enum km_midi_turn end_clip(struct km_midi_reader *reader,
                                  const struct km_clip_packet *packet, struct km_midi_item *item)
{
    tell_open_messages(reader);
    reader->clip.phase = KM_CLIP_AFTER;
    const struct km_event end = {.type = KM_EVENT_END_OF_TRACK};
    return km_clip_emit_event(reader, packet, packet->size, end, item);
}

static enum km_midi_turn end_without_end(struct km_midi_reader *reader, struct km_midi_item *item)
{
    static const struct km_clip_packet none;
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

static enum km_midi_turn step_utility(struct km_midi_reader *reader,
                                      const struct km_clip_packet *packet,
                                      struct km_midi_item *item)
{
    const enum km_ump_utility kind = km_ump_utility(packet->words[0]);
    if (kind == KM_UMP_DIVISION) {
        return km_clip_leave_out(reader, packet, KM_MIDI_FAULT_CLIP_STRAY_PACKET, item);
    }
    if (kind == KM_UMP_DELTA) {
        reader->cursor.tick += packet->words[0] & KM_UMP_DELTA_MAX;
    }
    reader->clip.has_delta = kind == KM_UMP_DELTA;
    (void)km_midi_reader_emit(reader, KM_MIDI_ITEM_WRAPPER, packet->size, item);
    km_clip_packet_show(packet, item);
    return KM_MIDI_TURN_ITEM;
}

static enum km_midi_turn step_stream(struct km_midi_reader *reader,
                                     const struct km_clip_packet *packet, struct km_midi_item *item)
{
    const uint32_t kind = packet->words[0] >> 16;
    if (kind == KM_UMP_END_OF_CLIP) {
        return end_clip(reader, packet, item);
    }
    if (kind != KM_UMP_START_OF_CLIP) {
        return km_clip_emit_packet(reader, packet, item);
    }
    if (reader->clip.has_started) {
        return km_clip_leave_out(reader, packet, KM_MIDI_FAULT_CLIP_STRAY_PACKET, item);
    }
    reader->clip.has_started = true;
    (void)km_midi_reader_emit(reader, KM_MIDI_ITEM_WRAPPER, packet->size, item);
    km_clip_packet_show(packet, item);
    return KM_MIDI_TURN_ITEM;
}

// Whether the packet is a metronome's click alone, and the time signature that it is for comes
// next: Standard MIDI Files say both in one event.
static bool is_part_of_signature(const struct km_midi_reader *reader,
                                 const struct km_clip_packet *packet)
{
    uint8_t clocks = 0;
    size_t available = 0;
    const unsigned char *const bytes = km_midi_reader_ahead(reader, &available);
    if (available < SIGNATURE_AHEAD || !km_ump_is_metronome(packet->words, &clocks) ||
        clocks == reader->clip.clocks_per_click || (packet->words[1] & 0xFFFFFFU) != 0 ||
        (packet->words[2] | packet->words[3]) != 0) {
        return false;
    }
    const uint32_t delta = km_midi_big_endian(bytes + packet->size, KM_CLIP_WORD_SIZE);
    const uint32_t next =
        km_midi_big_endian(bytes + packet->size + KM_CLIP_WORD_SIZE, KM_CLIP_WORD_SIZE);
    return delta == (uint32_t)KM_UMP_DELTA << 20 && next == packet->words[0] - 1;
}

static enum km_midi_turn step_event(struct km_midi_reader *reader,
                                    const struct km_clip_packet *packet, struct km_midi_item *item)
{
    struct km_midi_clip *const clip = &reader->clip;
    if (is_part_of_signature(reader, packet)) {
        (void)km_ump_is_metronome(packet->words, &clip->clocks_per_click);
        (void)km_midi_reader_emit(reader, KM_MIDI_ITEM_WRAPPER, packet->size, item);
        km_clip_packet_show(packet, item);
        return KM_MIDI_TURN_ITEM;
    }
    struct km_ump_decoded decoded;
    km_ump_decode(packet->words, clip->clocks_per_click, &decoded);
    (void)km_ump_is_metronome(packet->words, &clip->clocks_per_click);
    if (decoded.count == 0) {
        return km_clip_leave_out(reader, packet, KM_MIDI_FAULT_SETTING_RANGE, item);
    }
    if (decoded.is_clamped) {
        km_midi_reader_tell(reader, KM_MIDI_FAULT_DATA_OVER_127, packet->at);
    }
    if (decoded.events[0].type == KM_EVENT_UMP) {
        return km_clip_emit_packet(reader, packet, item);
    }
    clip->queue_next = 0;
    clip->queue_count = (uint8_t)(decoded.count - 1);
    for (size_t i = 1; i < decoded.count; ++i) {
        clip->queue[i - 1] = decoded.events[i];
    }
    (void)km_clip_emit_event(reader, packet, packet->size, decoded.events[0], item);
    item->is_repaired = decoded.is_clamped;
    return KM_MIDI_TURN_ITEM;
}

// What nobody knows yet is kept as it is.
static bool has_reserved_form(uint32_t first)
{
    return km_ump_type(first) == KM_UMP_SYSEX7 && km_ump_sysex_form(first) > KM_UMP_END;
}

static enum km_midi_turn step_message(struct km_midi_reader *reader,
                                      const struct km_clip_packet *packet,
                                      struct km_midi_item *item)
{
    const enum km_ump_type type = km_ump_type(packet->words[0]);
    if (has_reserved_form(packet->words[0])) {
        return km_clip_emit_packet(reader, packet, item);
    }
    if (km_ump_is_text(packet->words[0])) {
        return km_clip_step_text(reader, packet, item);
    }
    if (type == KM_UMP_SYSEX7) {
        return km_clip_step_sysex(reader, packet, item);
    }
    if (type == KM_UMP_DATA) {
        return km_clip_step_data(reader, packet, item);
    }
    return type == KM_UMP_STREAM ? step_stream(reader, packet, item)
                                 : step_event(reader, packet, item);
}

// What a packet must have before it, apart from those in the middle of a message.
static void check_place(struct km_midi_reader *reader, const struct km_clip_packet *packet)
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
    struct km_clip_packet packet = {.size = KM_CLIP_WORD_SIZE};
    if (available >= KM_CLIP_WORD_SIZE) {
        packet.size =
            (size_t)KM_CLIP_WORD_SIZE * km_ump_words(km_midi_big_endian(bytes, KM_CLIP_WORD_SIZE));
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
    km_clip_packet_read(bytes, &packet);
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
        return km_clip_continue_wrapped(reader, &packet, item);
    }
    if (is_within) {
        return km_clip_continue_run(reader, &packet, item);
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
        return km_clip_emit_payload(reader, message->packet_left, item);
    }
    if (message->padding_left > 0) {
        const size_t size = message->padding_left;
        message->padding_left = 0;
        return km_midi_reader_emit(reader, KM_MIDI_ITEM_WRAPPER, size, item);
    }
    if (message->ends_with_f7 && km_midi_reader_at(reader) >= message->end) {
        return km_clip_emit_end(reader, item);
    }
    return step_packet(reader, item);
}
