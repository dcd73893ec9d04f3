// SPDX-License-Identifier: MIT

// From notes to chord: one load from a table.

#include "base/check.h"
#include "theory/chord.h"

// Row of a set whose bass is pitch class 0: 4 bits root above the bass, 7 bits quality, 5 bits
// confidence (see tools/generate_chord_table.c).
static const uint16_t rows[4096] = {
#include "theory/chord_table.inc"
};

struct km_chord_found km_chord_of_pitches(km_pitch_set pitches, uint8_t bass)
{
    KM_CHECK(bass < 12);
    const uint32_t set = pitches & 0xFFFU;
    // The bass belongs to the set, unless nothing sounds at all.
    const uint32_t from_bass = ((set >> bass | set << (12 - bass)) & 0xFFFU) | (set != 0);
    const uint32_t row = rows[from_bass];
    const uint32_t root = bass + (row & 15U);
    const uint32_t sounding = set != 0 ? bass : 0;
    return (struct km_chord_found){
        .chord = {.root = (uint8_t)(set == 0 ? 0 : (root < 12 ? root : root - 12)),
                  .quality = (uint8_t)(row >> 4 & 127U),
                  .bass = (uint8_t)sounding},
        .confidence = (float)(row >> 11) * (1.0F / 31.0F),
    };
}

struct km_chord_found km_chord_of_notes(const uint8_t *notes, size_t count)
{
    uint32_t set = 0;
    uint32_t lowest = UINT8_MAX;
    for (size_t i = 0; i < count; ++i) {
        const uint32_t note = notes[i];
        set |= 1U << note % 12;
        lowest = note < lowest ? note : lowest;
    }
    return km_chord_of_pitches((km_pitch_set)set, (uint8_t)(lowest % 12));
}
