// SPDX-License-Identifier: MIT

// Any stream of live events: four bytes each (what, key, velocity, time). After each event chord
// and key are those of a simple model, which keeps the whole history and makes everything anew from
// it.

#include "base/math.h"
#include "support/expect.h"
#include "theory/harmony.h"

#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *input, size_t input_size);

enum { EVENT_SIZE = 4, EVENTS_MAX = 40 };

struct event {
    enum { ON, OFF, ALL_OFF } what;
    uint8_t key;
    uint8_t velocity;
    uint64_t time_us;
};

struct model {
    struct event events[EVENTS_MAX];
    size_t count;
};

// Steps from none to centuries, and now and then one back.
static uint64_t time_after(uint64_t time_us, uint8_t step)
{
    if (step == 255) {
        return UINT64_MAX - 1000;
    }
    if (step == 254) {
        return time_us / 2;
    }
    const uint64_t jump = step < 128 ? (uint64_t)step * 20000 : UINT64_C(1) << (step - 128) % 50;
    return time_us + (time_us < UINT64_MAX / 4 ? jump : 0);
}

// Seconds that what sounded from `start` to `end` still counts at `now`.
static double heard(uint64_t start, uint64_t end, uint64_t now)
{
    const double full = (double)KM_HARMONY_HALF_LIFE_US / 1e6 / 0.69314718055994531;
    const double from = km_exp2(-(double)(now - start) / KM_HARMONY_HALF_LIFE_US);
    const double to = km_exp2(-(double)(now - end) / KM_HARMONY_HALF_LIFE_US);
    return full * (to - from);
}

// How often each key is down after an event.
static void apply(const struct event *event, int held[128])
{
    for (int key = 0; key < 128; ++key) {
        const bool is_here = event->what == ALL_OFF || event->key == key;
        if (is_here && event->what == ON) {
            held[key] += held[key] < 255;
        } else if (is_here) {
            held[key] = event->what == ALL_OFF || held[key] == 0 ? 0 : held[key] - 1;
        }
    }
}

static bool sounds(const int held[128], int pitch)
{
    bool is_down = false;
    for (int key = pitch; key < 128; key += 12) {
        is_down = is_down || held[key] > 0;
    }
    return is_down;
}

// Plays the history through; fills what is held and what has been heard.
static void recompute(const struct model *model, uint64_t now, int held[128], double weights[12])
{
    for (int pitch = 0; pitch < 12; ++pitch) {
        weights[pitch] = 0.0;
    }
    for (int key = 0; key < 128; ++key) {
        held[key] = 0;
    }
    for (size_t i = 0; i < model->count; ++i) {
        const struct event *const event = &model->events[i];
        const uint64_t end = i + 1 < model->count ? model->events[i + 1].time_us : now;
        const double age = (double)(now - event->time_us) / KM_HARMONY_HALF_LIFE_US;
        const double strike = 0.25 * event->velocity / 127.0 * km_exp2(-age);
        weights[event->key % 12] += event->what == ON ? strike : 0.0;
        apply(event, held);
        for (int pitch = 0; pitch < 12; ++pitch) {
            weights[pitch] += sounds(held, pitch) ? heard(event->time_us, end, now) : 0.0;
        }
    }
}

static void check(const struct km_harmony *harmony, const struct model *model)
{
    int held[128];
    double weights[12];
    recompute(model, harmony->time_us, held, weights);
    uint8_t notes[128];
    size_t count = 0;
    uint32_t set = 0;
    for (int key = 0; key < 128; ++key) {
        EXPECT(harmony->held[key] == held[key]);
        if (held[key] > 0) {
            notes[count++] = (uint8_t)key;
            set |= 1U << key % 12;
        }
    }
    const struct km_chord_found found = km_harmony_chord(harmony);
    if ((set & (set - 1)) == 0) {
        EXPECT(found.chord.quality == KM_CHORD_NONE);
    } else {
        const struct km_chord_found expected = km_chord_of_notes(notes, count);
        EXPECT(found.chord.root == expected.chord.root && found.chord.bass == expected.chord.bass);
        EXPECT(found.chord.quality == expected.chord.quality);
    }
    double sum = 0.0;
    for (int pitch = 0; pitch < 12; ++pitch) {
        const double difference = (double)harmony->weights[pitch] - weights[pitch];
        EXPECT(difference < 1e-3 && difference > -1e-3);
        sum += weights[pitch];
    }
    const struct km_key_found key = km_harmony_key(harmony);
    EXPECT(key.key.tonic < 12 && key.confidence >= 0.0F && key.confidence <= 1.0F);
    EXPECT(sum > 0.0 || key.confidence == 0.0F);
}

// Gives an event to the harmony, and says what it was; returns whether it is one at all.
static bool give(struct km_harmony *harmony, const uint8_t bytes[EVENT_SIZE], uint64_t time_us,
                 struct event *event)
{
    const int what = bytes[0] % 8;
    *event = (struct event){OFF, bytes[1], bytes[2] & 127U, 0};
    if (what == 7) {
        event->what = ALL_OFF;
        km_harmony_release_all(harmony, time_us);
        return true;
    }
    if (what < 5) {
        event->what = event->velocity > 0 ? ON : OFF;
        km_harmony_note_on(harmony, event->key, event->velocity, time_us);
    } else {
        km_harmony_note_off(harmony, event->key, time_us);
    }
    return event->key < 128;
}

int LLVMFuzzerTestOneInput(const uint8_t *input, size_t input_size)
{
    struct km_harmony harmony;
    km_harmony_init(&harmony);
    struct model model = {.count = 0};
    uint64_t time_us = 0;
    for (size_t i = 0; i + EVENT_SIZE <= input_size && model.count < EVENTS_MAX; i += EVENT_SIZE) {
        const uint64_t asked_us = time_after(time_us, input[i + 3]);
        struct event event;
        if (give(&harmony, input + i, asked_us, &event)) {
            time_us = harmony.time_us;
            event.time_us = time_us;
            model.events[model.count++] = event;
        }
        check(&harmony, &model);
    }
    return 0;
}
