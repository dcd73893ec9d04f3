// SPDX-License-Identifier: MIT

/// What players of General MIDI's instruments can play, for the tests of songs; kept apart from
/// the composer's own table.
#ifndef KM_TESTS_SESSION_INSTRUMENT_KEYS_H
#define KM_TESTS_SESSION_INSTRUMENT_KEYS_H

#include "session/plan.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/// Lowest and highest sounding keys that professional players have, by programs from one to
/// another: concert compasses of orchestral instruments (Piston, "Orchestration", 1955), strings'
/// open notes, keyboards as built. Electronic sounds: what a keyboard of 61 keys sends.
struct instrument_keys {
    uint8_t first_program, last_program, lowest, highest;
};

static inline struct instrument_keys keys_of_program(uint8_t program)
{
    static const struct instrument_keys table[] = {
        {0, 3, 21, 108},   // pianos
        {4, 5, 28, 103},   // electric pianos of 73 and 76 keys
        {6, 6, 29, 89},    // harpsichord
        {7, 7, 29, 88},    // clavinet
        {8, 8, 60, 108},   // celesta
        {9, 9, 77, 108},   // glockenspiel
        {10, 10, 53, 108}, // music box
        {11, 11, 53, 89},  // vibraphone of three octaves
        {12, 12, 45, 96},  // marimba
        {13, 13, 65, 108}, // xylophone
        {14, 14, 60, 77},  // tubular bells
        {15, 15, 48, 88},  // dulcimer
        {16, 20, 36, 96},  // organs
        {21, 21, 53, 93},  // accordion, right hand
        {22, 22, 55, 96},  // harmonica
        {23, 23, 45, 93},  // bandoneon
        {24, 24, 40, 84},  // classical guitar of 19 or 20 frets
        {25, 25, 40, 86},  // steel guitar
        {26, 30, 40, 88},  // electric guitars of 24 frets
        {31, 31, 40, 100}, // harmonics
        {32, 32, 28, 62},  // double bass, plucked
        {33, 37, 28, 67},  // bass guitars of four strings
        {38, 39, 24, 84},  // synthesisers
        {40, 40, 55, 103}, // violin
        {41, 41, 48, 91},  // viola
        {42, 42, 36, 81},  // cello
        {43, 43, 28, 62},  // double bass
        {44, 45, 28, 103}, // a section
        {46, 46, 23, 103}, // harp
        {47, 47, 36, 60},  // timpani
        {48, 51, 28, 103}, // sections and synthesisers
        {52, 53, 40, 84},  // choir
        {54, 55, 28, 96},   {56, 56, 52, 86},    {57, 57, 34, 77},   {58, 58, 26, 65},
        {59, 59, 52, 86},   {60, 60, 34, 77},    {61, 63, 28, 96},   {64, 64, 56, 88},
        {65, 65, 49, 81},   {66, 66, 44, 76},    {67, 67, 36, 69},   {68, 68, 58, 93},
        {69, 69, 52, 83},   {70, 70, 34, 76},    {71, 71, 50, 94},   {72, 72, 74, 108},
        {73, 73, 59, 98},   {74, 74, 53, 98},    {75, 79, 55, 96},   {80, 103, 36, 96},
        {104, 104, 45, 84}, {105, 105, 48, 88},  {106, 107, 45, 91}, {108, 108, 48, 88},
        {109, 109, 55, 81}, {110, 110, 55, 103}, {111, 127, 36, 96},
    };
    for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); ++i) {
        if (program >= table[i].first_program && program <= table[i].last_program) {
            return table[i];
        }
    }
    return (struct instrument_keys){.lowest = 1, .highest = 0}; // None at all.
}

/// Whether the part's instrument has the key; of drums General MIDI's kit.
static inline bool has_key(const struct km_harmony_plan *plan, enum km_part part, uint8_t key)
{
    if (part == KM_PART_DRUMS) {
        return key >= 35 && key <= 81;
    }
    const struct instrument_keys keys = keys_of_program(plan->parts[part].program);
    return key >= keys.lowest && key <= keys.highest;
}

#endif
