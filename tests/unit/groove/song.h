// SPDX-License-Identifier: MIT

/// A plain song for groove tests: every note carries a number in `detail`, by which it is found
/// again after it was moved.
#ifndef KM_TESTS_GROOVE_SONG_H
#define KM_TESTS_GROOVE_SONG_H

#include "base/units.h"
#include "groove/groove.h"

#include <stddef.h>
#include <stdint.h>
#include <string.h>

enum {
    SONG_BARS_MAX = 256,
    SONG_NOTES_PER_BAR = 36,
    SONG_NOTES_MAX = SONG_BARS_MAX * SONG_NOTES_PER_BAR,
    SONG_EVENTS_MAX = 2 * SONG_NOTES_MAX + 1,
    KICK = 36,
    SNARE = 38,
    HAT = 42,
    BASS_CHANNEL = 1,
    SIXTEENTH = KM_PPQ / 4,
    BAR = 4 * KM_PPQ,
};

struct song_note {
    uint64_t tick;
    uint64_t length;
    uint8_t channel;
    uint8_t key;
    uint8_t velocity;
};

struct song {
    struct song_note notes[SONG_NOTES_MAX];
    size_t note_count;
    struct km_event events[SONG_EVENTS_MAX];
    size_t count;
};

static inline void song_add(struct song *song, struct song_note note)
{
    const uint32_t number = (uint32_t)song->note_count;
    song->notes[song->note_count++] = note;
    song->events[song->count++] = (struct km_event){.tick = note.tick,
                                                    .type = KM_EVENT_NOTE_ON,
                                                    .channel = note.channel,
                                                    .number = note.key,
                                                    .value = note.velocity,
                                                    .detail = number};
    song->events[song->count++] = (struct km_event){.tick = note.tick + note.length,
                                                    .type = KM_EVENT_NOTE_OFF,
                                                    .channel = note.channel,
                                                    .number = note.key,
                                                    .value = 64,
                                                    .detail = number};
}

/// Stable and obvious; quick where little is out of order.
static inline void song_sort(struct km_event *events, size_t count)
{
    for (size_t i = 1; i < count; ++i) {
        for (size_t j = i; j > 0 && km_event_is_before(&events[j], &events[j - 1]); --j) {
            const struct km_event event = events[j];
            events[j] = events[j - 1];
            events[j - 1] = event;
        }
    }
}

/// Hi-hat in sixteenths; kick on every beat, snare on the second and fourth; bass in legato eighths
/// of one key; a chord of three at each half bar; END_OF_TRACK at the bar line.
static inline void song_make(struct song *song, size_t bars)
{
    song->note_count = 0;
    song->count = 0;
    for (size_t bar = 0; bar < bars; ++bar) {
        const uint64_t start = (uint64_t)bar * BAR;
        for (size_t i = 0; i < 16; ++i) {
            song_add(song, (struct song_note){start + i * SIXTEENTH, 60, 9, HAT, 80});
        }
        for (size_t i = 0; i < 4; ++i) {
            song_add(song, (struct song_note){start + i * KM_PPQ, 120, 9, KICK, 100});
        }
        song_add(song, (struct song_note){start + KM_PPQ, 120, 9, SNARE, 100});
        song_add(song, (struct song_note){start + 3 * (uint64_t)KM_PPQ, 120, 9, SNARE, 100});
        for (size_t i = 0; i < 8; ++i) {
            song_add(song,
                     (struct song_note){start + i * KM_PPQ / 2, KM_PPQ / 2, BASS_CHANNEL, 36, 90});
        }
        for (size_t i = 0; i < 6; ++i) {
            const uint8_t key = (uint8_t)(60 + 4 * (i % 3));
            song_add(song, (struct song_note){start + i / 3 * BAR / 2, BAR / 2, 0, key, 70});
        }
    }
    song_sort(song->events, song->count);
    song->events[song->count++] =
        (struct km_event){.tick = (uint64_t)bars * BAR, .type = KM_EVENT_END_OF_TRACK};
}

/// The settings that the tests start from.
static inline struct km_groove song_groove(enum km_groove_style style, double complexity,
                                           uint64_t seed)
{
    return (struct km_groove){.complexity = complexity,
                              .vulnerability = 0.5,
                              .seed = seed,
                              .tempo_bpm = 120.0,
                              .ppq = KM_PPQ,
                              .beats_per_bar = 4,
                              .style = (uint8_t)style};
}

/// Where each note begins and ends now, by its number.
struct song_moved {
    uint64_t on[SONG_NOTES_MAX];
    uint64_t off[SONG_NOTES_MAX];
    uint8_t velocity[SONG_NOTES_MAX];
    size_t ons;
    size_t offs;
};

static inline void song_read(struct song_moved *moved, const struct km_event *events, size_t count)
{
    memset(moved, 0, sizeof(*moved));
    for (size_t i = 0; i < count; ++i) {
        if (events[i].type == KM_EVENT_NOTE_ON) {
            moved->on[events[i].detail] = events[i].tick;
            moved->velocity[events[i].detail] = events[i].value;
            moved->ons += 1;
        } else if (events[i].type == KM_EVENT_NOTE_OFF) {
            moved->off[events[i].detail] = events[i].tick;
            moved->offs += 1;
        }
    }
}

/// How many ms later than written a note begins, at this tempo.
static inline double song_late_ms(const struct song *song, const struct song_moved *moved,
                                  size_t number, double tempo_bpm)
{
    const double ticks = (double)(int64_t)(moved->on[number] - song->notes[number].tick);
    return ticks * 60000.0 / (tempo_bpm * KM_PPQ);
}

#endif
