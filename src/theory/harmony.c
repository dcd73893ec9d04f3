// SPDX-License-Identifier: MIT

// Chord and key of live playing. What is held is kept as sets, so that an event changes one bit,
// and the chord is a load from a table. What has been heard fades exponentially: one multiplication
// for any stretch of time, however long.

#include "theory/harmony.h"

#include "base/check.h"
#include "base/math.h"

enum { PITCHES = 12, HELD_MAX = UINT8_MAX };

// How long a note counts for being struck, at the loudest, in seconds: short notes are heard too.
#define STRIKE_SECONDS 0.25F

// Seconds that a sound without beginning would count; what sounds comes up to this from below.
#define FULL_SECONDS ((float)(KM_HARMONY_HALF_LIFE_US / 1e6 / 0.69314718055994531))

void km_harmony_init(struct km_harmony *harmony)
{
    KM_CHECK(harmony);
    *harmony = (struct km_harmony){0};
}

// Lets time pass: all that was heard fades, and what is held sounds on.
static void advance(struct km_harmony *harmony, uint64_t time_us)
{
    if (time_us <= harmony->time_us) {
        return;
    }
    const double half_lives =
        (double)(time_us - harmony->time_us) / (double)KM_HARMONY_HALF_LIFE_US;
    const float kept = (float)km_exp2(-half_lives);
    const float gained = FULL_SECONDS * (1.0F - kept);
    for (int pitch = 0; pitch < PITCHES; ++pitch) {
        const float sounded = harmony->set >> pitch & 1U ? gained : 0.0F;
        harmony->weights[pitch] = harmony->weights[pitch] * kept + sounded;
    }
    harmony->time_us = time_us;
}

void km_harmony_note_on(struct km_harmony *harmony, uint8_t key, uint8_t velocity, uint64_t time_us)
{
    KM_CHECK(harmony);
    if (velocity == 0) {
        km_harmony_note_off(harmony, key, time_us);
        return;
    }
    if (key >= KM_HARMONY_KEYS) {
        return;
    }
    advance(harmony, time_us);
    const uint32_t pitch = key % 12U;
    harmony->weights[pitch] += STRIKE_SECONDS * (float)velocity / 127.0F;
    harmony->keys[pitch] = (uint8_t)(harmony->keys[pitch] + (harmony->held[key] == 0));
    harmony->held[key] = (uint8_t)(harmony->held[key] + (harmony->held[key] < HELD_MAX));
    harmony->down[key / 64U] |= UINT64_C(1) << key % 64U;
    harmony->set = (km_pitch_set)(harmony->set | 1U << pitch);
}

void km_harmony_note_off(struct km_harmony *harmony, uint8_t key, uint64_t time_us)
{
    KM_CHECK(harmony);
    if (key >= KM_HARMONY_KEYS || harmony->held[key] == 0) {
        return;
    }
    advance(harmony, time_us);
    harmony->held[key] = (uint8_t)(harmony->held[key] - 1);
    if (harmony->held[key] > 0) {
        return;
    }
    const uint32_t pitch = key % 12U;
    harmony->down[key / 64U] &= ~(UINT64_C(1) << key % 64U);
    harmony->keys[pitch] = (uint8_t)(harmony->keys[pitch] - 1);
    if (harmony->keys[pitch] == 0) {
        harmony->set = (km_pitch_set)(harmony->set & ~(1U << pitch));
    }
}

void km_harmony_release_all(struct km_harmony *harmony, uint64_t time_us)
{
    KM_CHECK(harmony);
    advance(harmony, time_us);
    for (int key = 0; key < KM_HARMONY_KEYS; ++key) {
        harmony->held[key] = 0;
    }
    for (int pitch = 0; pitch < PITCHES; ++pitch) {
        harmony->keys[pitch] = 0;
    }
    harmony->down[0] = 0;
    harmony->down[1] = 0;
    harmony->set = 0;
}

// The lowest key that is down; some key is.
static uint32_t lowest(const struct km_harmony *harmony)
{
    const bool is_low = harmony->down[0] != 0;
    const uint64_t word = harmony->down[is_low ? 0 : 1];
    return (is_low ? 0U : 64U) + (uint32_t)__builtin_ctzll(word);
}

struct km_chord_found km_harmony_chord(const struct km_harmony *harmony)
{
    KM_CHECK(harmony);
    const uint32_t set = harmony->set;
    if ((set & (set - 1U)) == 0) { // None, or one alone
        return (struct km_chord_found){.confidence = 1.0F};
    }
    return km_chord_of_pitches(harmony->set, (uint8_t)(lowest(harmony) % 12U));
}

struct km_key_found km_harmony_key(const struct km_harmony *harmony)
{
    KM_CHECK(harmony);
    return km_key_of_histogram(harmony->weights);
}
