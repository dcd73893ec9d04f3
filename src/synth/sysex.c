// SPDX-License-Identifier: MIT
// What SysEx messages mean to a synth: MIDI 1.0's universal messages, GS and XG resets and parts.

#include "synth/synth.h"

#include <string.h>

enum { UNIVERSAL_NON_REAL_TIME = 0x7E, UNIVERSAL_REAL_TIME = 0x7F, ROLAND = 0x41, YAMAHA = 0x43 };

enum { SYSEX_START = 0xF0, SYSEX_END = 0xF7, PITCH_CLASSES = 12 };

enum { SCALE_HEADER = 7 }; // Bytes before the 12 values: 7E or 7F, device, 08, 08, channels.

static void fill(struct km_event *event, enum km_sysex kind)
{
    *event = (struct km_event){.type = KM_EVENT_SYSEX, .number = (uint8_t)kind};
}

static bool general_midi(const unsigned char *bytes, size_t size, struct km_event *event)
{
    static const enum km_sysex kinds[] = {KM_SYSEX_GM_ON, KM_SYSEX_GM_OFF, KM_SYSEX_GM2_ON};
    if (size < 4 || bytes[2] != 0x09 || bytes[3] < 1 || bytes[3] > 3) {
        return false;
    }
    fill(event, kinds[bytes[3] - 1]);
    return true;
}

static bool device_control(const unsigned char *bytes, size_t size, struct km_event *event)
{
    if (size < 6 || bytes[2] != 0x04) {
        return false;
    }
    const uint32_t detail = bytes[4] | (uint32_t)bytes[5] << 7;
    switch (bytes[3]) {
    case 1:
        fill(event, KM_SYSEX_MASTER_VOLUME);
        event->detail = detail;
        return true;
    case 3:
        fill(event, KM_SYSEX_MASTER_FINE_TUNING);
        event->detail = detail;
        return true;
    case 4:
        fill(event, KM_SYSEX_MASTER_COARSE_TUNING);
        event->value = bytes[5];
        return true;
    default:
        return false;
    }
}

// 41 dev 42 12 address data checksum (GS).
static bool roland(const unsigned char *bytes, size_t size, struct km_event *event)
{
    if (size < 9 || bytes[2] != 0x42 || bytes[3] != 0x12) {
        return false;
    }
    // GS reset, and the SC-88's system mode, which resets too.
    if ((bytes[4] == 0x40 || bytes[4] == 0x00) && bytes[5] == 0x00 && bytes[6] == 0x7F) {
        fill(event, KM_SYSEX_GS_RESET);
        return true;
    }
    if (bytes[4] != 0x40) {
        return false;
    }
    if (bytes[5] == 0x00 && bytes[6] == 0x04) {
        fill(event, KM_SYSEX_MASTER_VOLUME);
        event->detail = (uint32_t)bytes[7] << 7 | bytes[7];
        return true;
    }
    if (bytes[5] >> 4 == 1 && bytes[6] == 0x15) {
        const uint8_t block = bytes[5] & 0x0F; // Channel 10 is block 0, 1 to 9 are 1 to 9.
        fill(event, KM_SYSEX_DRUM_PART);
        event->channel = block == 0 ? KM_CHANNEL_DRUMS : block <= 9 ? (uint8_t)(block - 1) : block;
        event->value = bytes[7];
        return true;
    }
    return false;
}

static bool yamaha(const unsigned char *bytes, size_t size, struct km_event *event)
{
    static const unsigned char on[] = {0x4C, 0x00, 0x00, 0x7E, 0x00};
    if (size < 2 + sizeof(on) || memcmp(bytes + 2, on, sizeof(on)) != 0) {
        return false;
    }
    fill(event, KM_SYSEX_XG_ON);
    return true;
}

// Octave tuning, 1-byte form (MIDI Tuning Standard): three bytes of channels, the last 14 and 15 in
// the first, then a value for each pitch class.
static size_t scale_tuning(const unsigned char *bytes, struct km_event *events, size_t max)
{
    const uint32_t channels =
        bytes[6] | (uint32_t)bytes[5] << 7 | (uint32_t)(bytes[4] & 0x03) << 14;
    size_t count = 0;
    for (uint32_t i = 0; i < KM_CHANNELS_COUNT * PITCH_CLASSES; ++i) {
        const uint32_t channel = i / PITCH_CLASSES;
        const uint32_t pitch_class = i % PITCH_CLASSES;
        if (!(channels >> channel & 1)) {
            continue;
        }
        if (count < max) {
            fill(&events[count], KM_SYSEX_SCALE_TUNING);
            events[count].channel = (uint8_t)channel;
            events[count].value = (uint8_t)pitch_class;
            events[count].detail = bytes[SCALE_HEADER + pitch_class];
        }
        ++count;
    }
    return count;
}

static bool is_scale_tuning(const unsigned char *bytes, size_t size)
{
    return size == SCALE_HEADER + PITCH_CLASSES && bytes[2] == 0x08 && bytes[3] == 0x08 &&
           (bytes[0] == UNIVERSAL_NON_REAL_TIME || bytes[0] == UNIVERSAL_REAL_TIME);
}

static bool single_event(const unsigned char *bytes, size_t size, struct km_event *event)
{
    switch (bytes[0]) {
    case UNIVERSAL_NON_REAL_TIME:
        return general_midi(bytes, size, event);
    case UNIVERSAL_REAL_TIME:
        return device_control(bytes, size, event);
    case ROLAND:
        return roland(bytes, size, event);
    case YAMAHA:
        return yamaha(bytes, size, event);
    default:
        return false;
    }
}

static bool is_data(const unsigned char *bytes, size_t size)
{
    for (size_t i = 0; i < size; ++i) {
        if (bytes[i] > 127) {
            return false;
        }
    }
    return true;
}

size_t km_synth_sysex_events(const unsigned char *bytes, size_t size, struct km_event *events,
                             size_t max)
{
    if (size > 0 && bytes[0] == SYSEX_START) {
        ++bytes;
        --size;
    }
    if (size > 0 && bytes[size - 1] == SYSEX_END) {
        --size;
    }
    if (size < 2 || size > KM_SYSEX_SIZE_MAX || !is_data(bytes, size)) {
        return 0;
    }
    if (is_scale_tuning(bytes, size)) {
        return scale_tuning(bytes, events, max);
    }
    struct km_event event;
    if (!single_event(bytes, size, &event)) {
        return 0;
    }
    if (max > 0) {
        events[0] = event;
    }
    return 1;
}

bool km_synth_sysex(const unsigned char *bytes, size_t size, struct km_event *event)
{
    return km_synth_sysex_events(bytes, size, event, 1) > 0;
}
