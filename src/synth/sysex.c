// SPDX-License-Identifier: MIT
// What SysEx messages mean to a synth: MIDI 1.0's universal messages, GS and XG resets and parts.

#include "synth/synth.h"

#include <string.h>

enum { UNIVERSAL_NON_REAL_TIME = 0x7E, UNIVERSAL_REAL_TIME = 0x7F, ROLAND = 0x41, YAMAHA = 0x43 };

enum {
    SYSEX_START = 0xF0,
    SYSEX_END = 0xF7,
    SCALE_TUNING_SIZE = 19,
    PITCH_CLASSES = 12,
};

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
    // Channel 10 is block 0; 1 to 9 are blocks 1 to 9.
    if (size < 9 || bytes[2] != 0x42 || bytes[3] != 0x12 || bytes[4] != 0x40) {
        return false;
    }
    if (bytes[5] == 0x00 && bytes[6] == 0x7F) {
        fill(event, KM_SYSEX_GS_RESET);
        return true;
    }
    if (bytes[5] == 0x00 && bytes[6] == 0x04) {
        fill(event, KM_SYSEX_MASTER_VOLUME);
        event->detail = (uint32_t)bytes[7] << 7 | bytes[7];
        return true;
    }
    if (bytes[5] >> 4 == 1 && bytes[6] == 0x15) {
        const uint8_t block = bytes[5] & 0x0F;
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

bool km_synth_sysex(const unsigned char *bytes, size_t size, struct km_event *event)
{
    if (size > 0 && bytes[0] == SYSEX_START) {
        ++bytes;
        --size;
    }
    if (size > 0 && bytes[size - 1] == SYSEX_END) {
        --size;
    }
    if (size < 2) {
        return false;
    }
    for (size_t i = 0; i < size; ++i) {
        if (bytes[i] > 127) {
            return false;
        }
    }
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
