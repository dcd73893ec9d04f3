// SPDX-License-Identifier: MIT

#include "midi/valid.h"

#include "base/check.h"
#include "midi/status_bytes_private.h"

static const char *channel_event_problem(const struct km_event *event)
{
    if (event->channel >= KM_CHANNELS_COUNT) {
        return "the channel is over 15";
    }
    if (event->type == KM_EVENT_PITCH_BEND) {
        return NULL; // Its 14 bits and the finer ones fill the word.
    }
    if (event->type != KM_EVENT_CHANNEL_PRESSURE && event->number > 127) {
        return "the key, controller or program is over 127";
    }
    if (event->type == KM_EVENT_PROGRAM) {
        return NULL;
    }
    if (event->type == KM_EVENT_NOTE_ON && event->value == 0) {
        return "the velocity of a note-on is 0";
    }
    return event->value > 127 ? "the velocity, value or pressure is over 127" : NULL;
}

// Metas that have a type of their own here may not come in disguise: readers would trust them.
static const char *meta_problem(const struct km_midi_file *file, const struct km_event *event)
{
    switch (event->number) {
    case KM_META_END_OF_TRACK:
    case KM_META_TEMPO:
    case KM_META_TIME_SIGNATURE:
    case KM_META_KEY_SIGNATURE:
        return "a tempo, signature or End of Track is written as a plain meta event";
    default:
        break;
    }
    if (event->number > 127) {
        return "the meta type is over 127";
    }
    return km_midi_file_has_payload(file, event->detail) ? NULL : "there is no such payload";
}

static bool is_time_signature(const struct km_event *event)
{
    return event->number >= 1 && event->value <= KM_DENOMINATOR_LOG2_MAX && event->detail <= 0xFFFF;
}

static bool is_key_signature(const struct km_event *event)
{
    return (int8_t)event->number >= -7 && (int8_t)event->number <= 7 && event->value <= 1;
}

static const char *sysex_problem(const struct km_midi_file *file, const struct km_event *event)
{
    if (event->number != KM_STATUS_SYSEX && event->number != KM_STATUS_SYSEX_END) {
        return "a SysEx event begins with neither F0 nor F7";
    }
    return km_midi_file_has_payload(file, event->detail) ? NULL : "there is no such payload";
}

const char *km_event_setting_problem(const struct km_event *event)
{
    switch (event->type) {
    case KM_EVENT_TEMPO:
        return event->detail >= 1 && event->detail <= 0xFFFFFF
                   ? NULL
                   : "the tempo is not 1 to 16777215 microseconds";
    case KM_EVENT_TIME_SIGNATURE:
        return is_time_signature(event) ? NULL : "the time signature is out of range";
    default:
        KM_CHECK(event->type == KM_EVENT_KEY_SIGNATURE);
        return is_key_signature(event) ? NULL : "the key signature is out of range";
    }
}

static const char *system_event_problem(const struct km_midi_file *file,
                                        const struct km_event *event)
{
    switch (event->type) {
    case KM_EVENT_TEMPO:
    case KM_EVENT_TIME_SIGNATURE:
    case KM_EVENT_KEY_SIGNATURE:
        return km_event_setting_problem(event);
    case KM_EVENT_META:
        return meta_problem(file, event);
    case KM_EVENT_SYSEX:
        return sysex_problem(file, event);
    case KM_EVENT_END_OF_TRACK:
        return NULL;
    case KM_EVENT_UMP:
        return km_midi_file_has_payload(file, event->detail) ? NULL : "there is no such payload";
    default:
        return "there is no such type of event";
    }
}

const char *km_midi_event_problem(const struct km_midi_file *file, const struct km_event *event)
{
    KM_CHECK(file);
    KM_CHECK(event);
    return km_event_has_channel(event) ? channel_event_problem(event)
                                       : system_event_problem(file, event);
}
