// SPDX-License-Identifier: MIT

/// Universal MIDI Packets: one to four words that hold a message of MIDI 1.0 or 2.0, and what they
/// are as events (M2-104-UM, Universal MIDI Packet format and MIDI 2.0 protocol).
///
/// What MIDI 1.0 has a word for becomes the events of MIDI 1.0: registered and assignable
/// controllers become the controllers that MIDI 1.0 says them with, a bank that comes with a
/// program becomes controllers 0 and 32 before it. Values keep their resolution (resolution.h).
#ifndef KM_MIDI_UMP_H
#define KM_MIDI_UMP_H

#include "base/attributes.h"
#include "midi/event.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

KM_C_BEGIN

/// Message types: the first four bits.
enum km_ump_type {
    KM_UMP_UTILITY = 0x0, ///< Clocks and deltas.
    KM_UMP_SYSTEM = 0x1,  ///< Common and real-time messages.
    KM_UMP_MIDI1 = 0x2,   ///< Channel voice messages of MIDI 1.0.
    KM_UMP_SYSEX7 = 0x3,  ///< System exclusive, 7 bits a byte.
    KM_UMP_MIDI2 = 0x4,   ///< Channel voice messages of MIDI 2.0.
    KM_UMP_DATA = 0x5,    ///< System exclusive of 8 bits a byte, and mixed data sets.
    KM_UMP_FLEX = 0xD,    ///< Tempo, signatures, texts.
    KM_UMP_STREAM = 0xF,  ///< Start and end of clip, and what endpoints tell of themselves.
};

/// Of utility messages: the four bits after the group.
enum km_ump_utility {
    KM_UMP_NOOP = 0x0,
    KM_UMP_JR_CLOCK = 0x1,
    KM_UMP_JR_TIMESTAMP = 0x2,
    KM_UMP_DIVISION = 0x3, ///< Ticks per quarter note of delta clockstamps, in 16 bits.
    KM_UMP_DELTA = 0x4,    ///< Delta clockstamp: ticks since the one before, in 20 bits.
};

/// Which part of a message a packet holds: SysEx and flex data.
enum km_ump_form { KM_UMP_COMPLETE, KM_UMP_START, KM_UMP_CONTINUE, KM_UMP_END };

enum {
    KM_UMP_WORDS_MAX = 4,
    KM_UMP_SIZE_MAX = 16,
    KM_UMP_EVENTS_MAX = 4,
    KM_UMP_DELTA_MAX = 0xFFFFF,
    KM_UMP_SYSEX7_SIZE = 6,  ///< Bytes of a message in a packet.
    KM_UMP_SYSEX8_SIZE = 13, ///< The same, without the stream's number.
    KM_UMP_TEXT_SIZE = 12,
    KM_UMP_START_OF_CLIP = 0xF020, ///< High half of the first word.
    KM_UMP_END_OF_CLIP = 0xF021,
    KM_UMP_TEXT_BANK_METADATA = 1,
    KM_UMP_TEXT_BANK_PERFORMANCE = 2,
    KM_CLOCKS_PER_CLICK = 24, ///< Of a metronome nobody said anything of.
};

/// Words of the packet that begins with this one, 1 to 4; reserved types have their sizes too.
/// [any]
static inline unsigned int km_ump_words(uint32_t first)
{
    static const uint8_t words[16] = {1, 1, 1, 2, 2, 4, 1, 1, 2, 2, 2, 3, 3, 4, 4, 4};
    return words[first >> 28];
}

/// The packet's message type, by its first word.  [any]
static inline enum km_ump_type km_ump_type(uint32_t first)
{
    return (enum km_ump_type)(first >> 28);
}

/// The group, 0 to 15, of a packet of a type that has one.  [any]
static inline uint8_t km_ump_group(uint32_t first)
{
    return (uint8_t)(first >> 24 & 0x0FU);
}

/// Whether the packet has a group: utility and stream messages have none.  [any]
static inline bool km_ump_has_group(uint32_t first)
{
    return km_ump_type(first) != KM_UMP_UTILITY && km_ump_type(first) != KM_UMP_STREAM;
}

/// The utility message's kind.  [any]
static inline enum km_ump_utility km_ump_utility(uint32_t first)
{
    return (enum km_ump_utility)(first >> 20 & 0x0FU);
}

/// Which part of a flex data message the packet holds.  [any]
static inline enum km_ump_form km_ump_flex_form(uint32_t first)
{
    return (enum km_ump_form)(first >> 22 & 3U);
}

/// The status bank and status of a flex data message: bank << 8 | status.  [any]
static inline uint32_t km_ump_flex_status(uint32_t first)
{
    return first & 0xFFFFU;
}

/// The same of a SysEx packet of either type: bits beyond the four forms are left in.  [any]
static inline unsigned int km_ump_sysex_form(uint32_t first)
{
    return first >> 20 & 0x0FU;
}

/// How many bytes a SysEx packet counts, which may be more than it holds.  [any]
static inline unsigned int km_ump_sysex_size(uint32_t first)
{
    return first >> 16 & 0x0FU;
}

/// What a packet is in events; ticks are 0.
struct km_ump_decoded {
    struct km_event events[KM_UMP_EVENTS_MAX];
    size_t count;    ///< At least 1, but 0 for a setting that means nothing.
    bool is_clamped; ///< A number over 127 was read as 127.
};

/// Decodes channel voice messages, tempo and signatures. All other packets are one KM_EVENT_UMP
/// without its payload: texts, SysEx and utility messages need more than one packet to be
/// understood.  [any]
/// `clocks_per_click` is for time signatures, which do not say it in MIDI 2.0.
void km_ump_decode(const uint32_t *words, uint8_t clocks_per_click, struct km_ump_decoded *decoded);

/// How channel voice messages are written.
enum km_ump_protocol {
    KM_UMP_PROTOCOL_MIDI1, ///< As in MIDI 1.0: nothing is lost of what a Standard MIDI File says.
    KM_UMP_PROTOCOL_MIDI2, ///< As in MIDI 2.0, but for controllers that it has other messages for.
};

/// Encodes an event in one packet: all but meta, SysEx, UMP and End of Track, for which the answer
/// is 0. The event is one that km_midi_event_problem has nothing to say on.  [any]
/// Returns the number of words. The clocks per click of a time signature are left out.
size_t km_ump_encode(const struct km_event *event, uint8_t group, enum km_ump_protocol protocol,
                     uint32_t words[KM_UMP_WORDS_MAX]);

/// Set Metronome: a click every `clocks_per_click` clocks.  [any]
void km_ump_encode_metronome(uint8_t clocks_per_click, uint8_t group,
                             uint32_t words[KM_UMP_WORDS_MAX]);

/// Whether the packet is Set Metronome; sets its clocks per click then.  [any]
bool km_ump_is_metronome(const uint32_t *words, uint8_t *clocks_per_click);

/// Whether the first word is of a text: banks 1 and 2 of flex data.  [any]
bool km_ump_is_text(uint32_t first);

/// The meta event that a text is, by its bank and status; KM_META_TEXT for those that Standard MIDI
/// Files have no type for (composer, language of the lyrics ...).  [any]
enum km_meta km_ump_text_to_meta(uint32_t flex_status);

/// The status of a meta event's text, bank << 8 | status; 0 if MIDI 2.0 has none.  [any]
uint32_t km_ump_text_of_meta(uint8_t meta);

KM_C_END

#endif
