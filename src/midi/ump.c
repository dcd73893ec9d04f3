// SPDX-License-Identifier: MIT

#include "midi/ump.h"

#include "base/check.h"
#include "midi/resolution.h"
#include "midi/status_bytes_private.h"
#include "midi/valid.h"

// Statuses of MIDI 2.0's channel voice messages that MIDI 1.0 has no status for.
enum {
    STATUS_REGISTERED = 0x20,
    STATUS_ASSIGNABLE = 0x30,
};

// Statuses of flex data in bank 0.
enum { FLEX_TEMPO = 0, FLEX_TIME_SIGNATURE = 1, FLEX_METRONOME = 2, FLEX_KEY_SIGNATURE = 5 };

enum {
    CC_BANK = 0,
    CC_DATA = 6,
    CC_BANK_FINE = 32,
    CC_DATA_FINE = 38,
    CC_INCREMENT = 96,
    CC_ASSIGNABLE_FINE = 98,
    CC_ASSIGNABLE = 99,
    CC_REGISTERED_FINE = 100,
    CC_REGISTERED = 101,
    FLEX_TO_GROUP = 1 << 20, // Address of a flex data message: its whole group.
    BANK_IS_VALID = 1,
    NANOSECONDS_10_PER_US = 100,
};

static uint8_t limited(uint32_t byte, struct km_ump_decoded *decoded)
{
    const uint32_t low = byte & 0xFFU;
    decoded->is_clamped = decoded->is_clamped || low > 127;
    return (uint8_t)(low > 127 ? 127 : low);
}

static struct km_event *add(struct km_ump_decoded *decoded, enum km_event_type type,
                            uint8_t channel, uint8_t number)
{
    struct km_event *const event = &decoded->events[decoded->count++];
    *event = (struct km_event){.type = (uint8_t)type, .channel = channel, .number = number};
    return event;
}

// The type of a channel voice status that both protocols have; KM_EVENT_UMP for others.
static enum km_event_type type_of_status(uint32_t status)
{
    switch (status) {
    case KM_STATUS_NOTE_OFF:
        return KM_EVENT_NOTE_OFF;
    case KM_STATUS_NOTE_ON:
        return KM_EVENT_NOTE_ON;
    case KM_STATUS_KEY_PRESSURE:
        return KM_EVENT_KEY_PRESSURE;
    case KM_STATUS_CONTROL:
        return KM_EVENT_CONTROL;
    case KM_STATUS_PROGRAM:
        return KM_EVENT_PROGRAM;
    case KM_STATUS_CHANNEL_PRESSURE:
        return KM_EVENT_CHANNEL_PRESSURE;
    case KM_STATUS_PITCH_BEND:
        return KM_EVENT_PITCH_BEND;
    default:
        return KM_EVENT_UMP;
    }
}

static void decode_midi1(uint32_t word, struct km_ump_decoded *decoded)
{
    const enum km_event_type type = type_of_status(word >> 16 & 0xF0U);
    if (type == KM_EVENT_UMP) {
        (void)add(decoded, type, 0, KM_UMP_MIDI1);
        return;
    }
    const uint8_t first = limited(word >> 8, decoded);
    struct km_event *const event = add(decoded, type, word >> 16 & 0x0FU, first);
    if (type == KM_EVENT_PROGRAM) {
        return;
    }
    if (type == KM_EVENT_CHANNEL_PRESSURE) {
        event->value = first;
        event->number = 0;
        return;
    }
    event->value = limited(word, decoded);
    if (type == KM_EVENT_PITCH_BEND) {
        event->detail = (uint32_t)event->value << 7 | first;
        event->number = 0;
        event->value = 0;
    } else if (type == KM_EVENT_NOTE_ON && event->value == 0) {
        event->type = KM_EVENT_NOTE_OFF;
        event->value = KM_RELEASE_VELOCITY;
    }
}

// A registered or assignable controller as MIDI 1.0 says it: its number, then its value. The first
// half of the value has the finer bits too.
static void decode_parameter(const uint32_t *words, bool is_registered,
                             struct km_ump_decoded *decoded)
{
    const uint8_t channel = words[0] >> 16 & 0x0FU;
    const uint8_t bank = limited(words[0] >> 8, decoded);
    const uint8_t index = limited(words[0], decoded);
    add(decoded, KM_EVENT_CONTROL, channel, is_registered ? CC_REGISTERED : CC_ASSIGNABLE)->value =
        bank;
    add(decoded, KM_EVENT_CONTROL, channel, is_registered ? CC_REGISTERED_FINE : CC_ASSIGNABLE_FINE)
        ->value = index;
    km_event_set_value32(add(decoded, KM_EVENT_CONTROL, channel, CC_DATA), words[1]);
    add(decoded, KM_EVENT_CONTROL, channel, CC_DATA_FINE)->value = words[1] >> 18 & 0x7FU;
}

static void decode_program(const uint32_t *words, struct km_ump_decoded *decoded)
{
    const uint8_t channel = words[0] >> 16 & 0x0FU;
    if ((words[0] & BANK_IS_VALID) != 0) {
        const uint8_t bank = limited(words[1] >> 8, decoded);
        const uint8_t fine = limited(words[1], decoded);
        add(decoded, KM_EVENT_CONTROL, channel, CC_BANK)->value = bank;
        add(decoded, KM_EVENT_CONTROL, channel, CC_BANK_FINE)->value = fine;
    }
    const uint8_t program = limited(words[1] >> 24, decoded);
    (void)add(decoded, KM_EVENT_PROGRAM, channel, program);
}

static void decode_midi2(const uint32_t *words, struct km_ump_decoded *decoded)
{
    const uint32_t status = words[0] >> 16 & 0xF0U;
    const enum km_event_type type = type_of_status(status);
    if (status == STATUS_REGISTERED || status == STATUS_ASSIGNABLE) {
        decode_parameter(words, status == STATUS_REGISTERED, decoded);
        return;
    }
    if (type == KM_EVENT_UMP) {
        (void)add(decoded, type, 0, KM_UMP_MIDI2);
        return;
    }
    if (type == KM_EVENT_PROGRAM) {
        decode_program(words, decoded);
        return;
    }
    const bool has_number = type != KM_EVENT_CHANNEL_PRESSURE && type != KM_EVENT_PITCH_BEND;
    const uint8_t number = has_number ? limited(words[0] >> 8, decoded) : 0;
    struct km_event *const event = add(decoded, type, words[0] >> 16 & 0x0FU, number);
    if (type == KM_EVENT_NOTE_ON || type == KM_EVENT_NOTE_OFF) {
        km_event_set_velocity16(event, (uint16_t)(words[1] >> 16));
    } else if (type == KM_EVENT_PITCH_BEND) {
        km_event_set_bend32(event, words[1]);
    } else {
        km_event_set_value32(event, words[1]);
    }
}

static bool decode_tempo(uint32_t word, struct km_event *event)
{
    event->type = KM_EVENT_TEMPO;
    event->detail = word / NANOSECONDS_10_PER_US;
    event->value = (uint8_t)(word % NANOSECONDS_10_PER_US);
    return km_event_setting_problem(event) == NULL;
}

static bool decode_time_signature(uint32_t word, uint8_t clocks_per_click, struct km_event *event)
{
    event->type = KM_EVENT_TIME_SIGNATURE;
    event->number = (uint8_t)(word >> 24);
    event->value = (uint8_t)(word >> 16 & 0xFFU);
    event->detail = clocks_per_click | (word & 0xFF00U);
    return km_event_setting_problem(event) == NULL;
}

// The tonic's letter, counted from A = 1, of a key with so many sharps: each fifth up is four
// letters on. A minor tonic stands a third (two letters) below the major one.
static uint32_t tonic_of(int sharps, bool is_minor)
{
    const int letters = (4 * sharps + 28 + (is_minor ? 0 : 2)) % 7;
    return (uint32_t)letters + 1;
}

static bool decode_key_signature(uint32_t word, struct km_event *event)
{
    const int high = (int)(word >> 28);
    const int sharps = high > 7 ? high - 16 : high;
    event->type = KM_EVENT_KEY_SIGNATURE;
    event->number = (uint8_t)sharps;
    event->value = sharps >= -7 && (word >> 24 & 0x0FU) == tonic_of(sharps, true) ? 1 : 0;
    return km_event_setting_problem(event) == NULL;
}

static void decode_flex(const uint32_t *words, uint8_t clocks_per_click,
                        struct km_ump_decoded *decoded)
{
    struct km_event event = {0};
    bool is_right = true;
    const bool is_whole = km_ump_flex_form(words[0]) == KM_UMP_COMPLETE;
    switch (is_whole ? km_ump_flex_status(words[0]) : UINT32_MAX) {
    case FLEX_TEMPO:
        is_right = decode_tempo(words[1], &event);
        break;
    case FLEX_TIME_SIGNATURE:
        is_right = decode_time_signature(words[1], clocks_per_click, &event);
        break;
    case FLEX_KEY_SIGNATURE:
        is_right = decode_key_signature(words[1], &event);
        break;
    default:
        event = (struct km_event){.type = KM_EVENT_UMP, .number = KM_UMP_FLEX};
        break;
    }
    if (is_right) {
        decoded->events[decoded->count++] = event;
    }
}

void km_ump_decode(const uint32_t *words, uint8_t clocks_per_click, struct km_ump_decoded *decoded)
{
    KM_CHECK(words);
    *decoded = (struct km_ump_decoded){0};
    const enum km_ump_type type = km_ump_type(words[0]);
    if (type == KM_UMP_MIDI1) {
        decode_midi1(words[0], decoded);
    } else if (type == KM_UMP_MIDI2) {
        decode_midi2(words, decoded);
    } else if (type == KM_UMP_FLEX) {
        decode_flex(words, clocks_per_click, decoded);
    } else {
        (void)add(decoded, KM_EVENT_UMP, 0, (uint8_t)type);
    }
}

static uint32_t status_of(const struct km_event *event)
{
    static const uint8_t statuses[KM_EVENT_TYPES_COUNT] = {
        [KM_EVENT_NOTE_OFF] = KM_STATUS_NOTE_OFF,
        [KM_EVENT_NOTE_ON] = KM_STATUS_NOTE_ON,
        [KM_EVENT_KEY_PRESSURE] = KM_STATUS_KEY_PRESSURE,
        [KM_EVENT_CONTROL] = KM_STATUS_CONTROL,
        [KM_EVENT_PROGRAM] = KM_STATUS_PROGRAM,
        [KM_EVENT_CHANNEL_PRESSURE] = KM_STATUS_CHANNEL_PRESSURE,
        [KM_EVENT_PITCH_BEND] = KM_STATUS_PITCH_BEND,
    };
    return (uint32_t)statuses[event->type] | event->channel;
}

static uint32_t first_word(enum km_ump_type type, uint8_t group, uint32_t status)
{
    return (uint32_t)type << 28 | (uint32_t)group << 24 | status << 16;
}

static uint32_t encode_midi1(const struct km_event *event, uint8_t group)
{
    uint32_t first = event->number;
    uint32_t second = event->value;
    if (event->type == KM_EVENT_PITCH_BEND) {
        first = km_event_bend14(event) & 0x7FU;
        second = km_event_bend14(event) >> 7;
    } else if (event->type == KM_EVENT_CHANNEL_PRESSURE) {
        first = event->value;
        second = 0;
    } else if (event->type == KM_EVENT_PROGRAM) {
        second = 0;
    }
    return first_word(KM_UMP_MIDI1, group, status_of(event)) | first << 8 | second;
}

// Controllers that MIDI 2.0 says with other messages: it forbids them as controllers.
static bool is_replaced(const struct km_event *event)
{
    switch (event->number) {
    case CC_BANK:
    case CC_BANK_FINE:
    case CC_DATA:
    case CC_DATA_FINE:
        return event->type == KM_EVENT_CONTROL;
    default:
        return event->type == KM_EVENT_CONTROL && event->number >= CC_INCREMENT &&
               event->number <= CC_REGISTERED;
    }
}

static void encode_midi2(const struct km_event *event, uint8_t group, uint32_t *words)
{
    words[0] = first_word(KM_UMP_MIDI2, group, status_of(event)) | (uint32_t)event->number << 8;
    switch (event->type) {
    case KM_EVENT_NOTE_ON:
    case KM_EVENT_NOTE_OFF:
        words[1] = (uint32_t)km_event_velocity16(event) << 16;
        break;
    case KM_EVENT_PROGRAM:
        words[0] &= 0xFFFF0000U;
        words[1] = (uint32_t)event->number << 24;
        break;
    case KM_EVENT_PITCH_BEND:
        words[1] = km_event_bend32(event);
        break;
    default:
        words[1] = km_event_value32(event);
        break;
    }
}

static void flex_words(uint32_t status, uint8_t group, uint32_t data, uint32_t *words)
{
    words[0] = first_word(KM_UMP_FLEX, group, 0) | (uint32_t)FLEX_TO_GROUP | status;
    words[1] = data;
    words[2] = 0;
    words[3] = 0;
}

static size_t encode_setting(const struct km_event *event, uint8_t group, uint32_t *words)
{
    if (event->type == KM_EVENT_TEMPO) {
        const uint32_t finer = event->value < NANOSECONDS_10_PER_US ? event->value : 0;
        flex_words(FLEX_TEMPO, group, event->detail * NANOSECONDS_10_PER_US + finer, words);
    } else if (event->type == KM_EVENT_TIME_SIGNATURE) {
        flex_words(FLEX_TIME_SIGNATURE, group,
                   (uint32_t)event->number << 24 | (uint32_t)event->value << 16 |
                       (event->detail & 0xFF00U),
                   words);
    } else if (event->type == KM_EVENT_KEY_SIGNATURE) {
        const int sharps = (int8_t)event->number;
        flex_words(FLEX_KEY_SIGNATURE, group,
                   ((uint32_t)sharps & 0x0FU) << 28 | tonic_of(sharps, event->value == 1) << 24,
                   words);
    } else {
        return 0;
    }
    return KM_UMP_WORDS_MAX;
}

size_t km_ump_encode(const struct km_event *event, uint8_t group, enum km_ump_protocol protocol,
                     uint32_t words[KM_UMP_WORDS_MAX])
{
    KM_CHECK(group < 16);
    if (!km_event_has_channel(event)) {
        return encode_setting(event, group, words);
    }
    if (protocol == KM_UMP_PROTOCOL_MIDI1 || is_replaced(event)) {
        words[0] = encode_midi1(event, group);
        return 1;
    }
    encode_midi2(event, group, words);
    return 2;
}

void km_ump_encode_metronome(uint8_t clocks_per_click, uint8_t group,
                             uint32_t words[KM_UMP_WORDS_MAX])
{
    flex_words(FLEX_METRONOME, group, (uint32_t)clocks_per_click << 24, words);
}

bool km_ump_is_metronome(const uint32_t *words, uint8_t *clocks_per_click)
{
    const bool is_one = km_ump_type(words[0]) == KM_UMP_FLEX &&
                        km_ump_flex_form(words[0]) == KM_UMP_COMPLETE &&
                        km_ump_flex_status(words[0]) == FLEX_METRONOME;
    if (is_one) {
        *clocks_per_click = (uint8_t)(words[1] >> 24);
    }
    return is_one;
}

bool km_ump_is_text(uint32_t first)
{
    const uint32_t bank = km_ump_flex_status(first) >> 8;
    return km_ump_type(first) == KM_UMP_FLEX &&
           (bank == KM_UMP_TEXT_BANK_METADATA || bank == KM_UMP_TEXT_BANK_PERFORMANCE);
}

// Texts that both know. The first of a meta type is the one that is written.
static const struct {
    uint16_t flex_status;
    uint8_t meta;
} texts[] = {
    {KM_UMP_TEXT_BANK_METADATA << 8 | 0, KM_META_TEXT},
    {KM_UMP_TEXT_BANK_METADATA << 8 | 3, KM_META_TRACK_NAME}, // Name of the clip.
    {KM_UMP_TEXT_BANK_METADATA << 8 | 4, KM_META_COPYRIGHT},
    {KM_UMP_TEXT_BANK_PERFORMANCE << 8 | 1, KM_META_LYRIC},
};

enum { TEXTS_COUNT = sizeof(texts) / sizeof(texts[0]) };

enum km_meta km_ump_text_to_meta(uint32_t flex_status)
{
    for (int i = 0; i < TEXTS_COUNT; ++i) {
        if (texts[i].flex_status == flex_status) {
            return (enum km_meta)texts[i].meta;
        }
    }
    return KM_META_TEXT;
}

uint32_t km_ump_text_of_meta(uint8_t meta)
{
    for (int i = 0; i < TEXTS_COUNT; ++i) {
        if (texts[i].meta == meta) {
            return texts[i].flex_status;
        }
    }
    return 0;
}
