// SPDX-License-Identifier: MIT

// Applies any groove to any track, and compares what comes out with what a slow and obvious model
// says of each key: the same notes in the same order, none cut, none far from where it was written.
// The first bytes are settings; then four bytes make an event: time, type, channel and key, value.

#include "groove/groove.h"
#include "support/expect.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *input, size_t input_size);

enum { EVENTS_MAX = 1024, SETTINGS_SIZE = 10, EVENT_SIZE = 4, CHANNELS = 2, KEYS = 4 };

struct track {
    struct km_event events[EVENTS_MAX];
    size_t count;
};

static uint64_t number_of(const uint8_t *bytes, size_t size)
{
    uint64_t number = 0;
    for (size_t i = 0; i < size; ++i) {
        number = number << 8 | bytes[i];
    }
    return number;
}

static struct km_groove read_settings(const uint8_t *bytes)
{
    return (struct km_groove){.complexity = bytes[0] / 200.0 - 0.1,
                              .vulnerability = bytes[1] / 200.0 - 0.1,
                              .seed = bytes[2],
                              .tempo_bpm = (double)number_of(bytes + 3, 2) - 100.0,
                              .ppq = (uint16_t)(number_of(bytes + 5, 2) | 1U),
                              .beats_per_bar = bytes[7],
                              .style = bytes[8],
                              .allows_dropout = bytes[9] % 2 == 1};
}

// Time goes back only by a rare first byte, so that most tracks ascend.
static void read_events(struct track *track, const uint8_t *bytes, size_t size)
{
    static const uint8_t types[] = {KM_EVENT_NOTE_ON,        KM_EVENT_NOTE_OFF, KM_EVENT_NOTE_ON,
                                    KM_EVENT_NOTE_OFF,       KM_EVENT_NOTE_ON,  KM_EVENT_NOTE_OFF,
                                    KM_EVENT_PROGRAM,        KM_EVENT_CONTROL,  KM_EVENT_TEMPO,
                                    KM_EVENT_TIME_SIGNATURE, KM_EVENT_SYSEX,    KM_EVENT_PITCH_BEND,
                                    KM_EVENT_END_OF_TRACK};
    uint64_t tick = 0;
    for (size_t i = 0; i + EVENT_SIZE <= size && track->count < EVENTS_MAX; i += EVENT_SIZE) {
        const uint8_t *const event = bytes + i;
        const uint64_t step = event[0] >= 0xF0 ? (uint64_t)event[0] << event[0] % 16 : event[0];
        tick = event[0] == 0xFF ? tick / 2 : tick + step;
        track->events[track->count] =
            (struct km_event){.tick = tick,
                              .type = types[event[1] % sizeof(types)],
                              .channel = event[2] % 2 ? KM_CHANNEL_DRUMS : 0,
                              .number = (uint8_t)(36 + event[2] / 2 % KEYS),
                              .value = event[3] % 128,
                              .detail = (uint32_t)track->count * 5000};
        track->count += 1;
    }
}

static bool is_on(const struct km_event *event)
{
    return event->type == KM_EVENT_NOTE_ON && event->value > 0;
}

static bool is_off(const struct km_event *event)
{
    return event->type == KM_EVENT_NOTE_OFF || (event->type == KM_EVENT_NOTE_ON && !event->value);
}

static bool is_note(const struct km_event *event)
{
    return is_on(event) || is_off(event);
}

static void expect_sorted(const struct track *track)
{
    for (size_t i = 1; i < track->count; ++i) {
        EXPECT(!km_event_is_before(&track->events[i], &track->events[i - 1]));
    }
}

// Stable, by tick: how km_groove_apply_with reads a track.
static void sort(struct track *track)
{
    for (size_t i = 1; i < track->count; ++i) {
        for (size_t j = i; j > 0 && track->events[j].tick < track->events[j - 1].tick; --j) {
            const struct km_event event = track->events[j];
            track->events[j] = track->events[j - 1];
            track->events[j - 1] = event;
        }
    }
}

static const struct km_event *event_of(const struct track *track, uint32_t detail)
{
    for (size_t i = 0; i < track->count; ++i) {
        if (track->events[i].detail == detail) {
            return &track->events[i];
        }
    }
    return NULL;
}

// Every event is there once, or was dropped; and only notes and the end have moved or changed.
static void expect_same_events(const struct track *written, const struct track *moved,
                               bool allows_dropout)
{
    size_t found = 0;
    for (size_t i = 0; i < written->count; ++i) {
        const struct km_event *const before = &written->events[i];
        const struct km_event *const after = event_of(moved, before->detail);
        EXPECT(after || (allows_dropout && is_note(before)));
        if (!after) {
            continue;
        }
        found += 1;
        EXPECT(after->channel == before->channel && after->number == before->number);
        EXPECT(is_off(before) ? after->type == KM_EVENT_NOTE_OFF : after->type == before->type);
        EXPECT(is_on(before) ? after->value >= 1 && after->value <= 127
                             : after->value == before->value || before->type == KM_EVENT_NOTE_ON);
        EXPECT(is_note(before) || before->type == KM_EVENT_END_OF_TRACK ||
               after->tick == before->tick);
    }
    EXPECT(found == moved->count);
}

// No note is further away than the limit in the slowest tempo there was, and swing.
static void expect_near(const struct track *written, const struct track *moved,
                        const struct km_groove *groove)
{
    const double fastest_bpm = 1000.0;
    const double most = groove->ppq * (fastest_bpm / 60000.0 * 25.0 + 0.5) + 2.0 + EVENTS_MAX;
    for (size_t i = 0; i < moved->count; ++i) {
        const struct km_event *const after = &moved->events[i];
        const struct km_event *const before = event_of(written, after->detail);
        EXPECT(before);
        const double apart = (double)(int64_t)(after->tick - before->tick);
        EXPECT(apart <= most && apart >= -most);
        EXPECT(groove->complexity > 0.0 || apart < EVENTS_MAX + 2.0);
    }
}

// Every note-on that is followed by a note-off of its key in writing is so in time, a tick later at
// least, and before anything else of its key begins.
static void expect_whole_notes(const struct track *written, const struct track *moved,
                               uint8_t channel, uint8_t key)
{
    uint64_t start = 0; // Of the latest note-on.
    bool has_begun = false;
    size_t depth = 0;
    for (size_t i = 0; i < written->count; ++i) {
        const struct km_event *const event = &written->events[i];
        const struct km_event *const now = event_of(moved, event->detail);
        if (!now || !is_note(event) || event->channel != channel || event->number != key) {
            continue;
        }
        if (is_on(event)) {
            EXPECT(!has_begun || depth > 0 || now->tick > start);
            depth += 1;
            has_begun = true;
            start = now->tick;
        } else if (depth > 0) {
            depth -= 1;
            EXPECT(depth > 0 || now->tick > start);
        }
    }
}

// While notes of a key do not overlap, on and off alternate in time as they do in writing.
static void expect_no_note_cut(const struct track *written, const struct track *moved,
                               uint8_t channel, uint8_t key)
{
    size_t at = 0;
    int depth = 0;
    for (size_t i = 0; i < written->count; ++i) {
        const struct km_event *const event = &written->events[i];
        if (!is_note(event) || event->channel != channel || event->number != key ||
            !event_of(moved, event->detail)) {
            continue;
        }
        depth += is_on(event) ? 1 : -1;
        if (depth < 0 || depth > 1) {
            return;
        }
        while (!is_note(&moved->events[at]) || moved->events[at].channel != channel ||
               moved->events[at].number != key) {
            ++at;
        }
        EXPECT(is_on(&moved->events[at]) == is_on(event));
        ++at;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *input, size_t input_size)
{
    static struct track written;
    static struct track moved;
    static struct track again;
    if (input_size < SETTINGS_SIZE) {
        return 0;
    }
    const struct km_groove groove = read_settings(input);
    written.count = 0;
    read_events(&written, input + SETTINGS_SIZE, input_size - SETTINGS_SIZE);
    moved = written;
    moved.count = km_groove_apply_with(moved.events, moved.count, &groove);
    again = written;
    again.count = km_groove_apply_with(again.events, again.count, &groove);
    EXPECT(again.count == moved.count);
    EXPECT(memcmp(again.events, moved.events, moved.count * sizeof(moved.events[0])) == 0);

    sort(&written);
    expect_sorted(&moved);
    expect_same_events(&written, &moved, groove.allows_dropout);
    expect_near(&written, &moved, &groove);
    for (unsigned int i = 0; i < CHANNELS * KEYS; ++i) {
        const uint8_t channel = i % 2 ? KM_CHANNEL_DRUMS : 0;
        expect_whole_notes(&written, &moved, channel, (uint8_t)(36 + i / 2));
        expect_no_note_cut(&written, &moved, channel, (uint8_t)(36 + i / 2));
    }
    if (moved.count > 0 && written.events[written.count - 1].type == KM_EVENT_END_OF_TRACK) {
        EXPECT(moved.events[moved.count - 1].type == KM_EVENT_END_OF_TRACK);
    }
    return 0;
}
