// SPDX-License-Identifier: MIT

#include "font/modulators_private.h"

#include "base/check.h"

#include <stdbool.h>
#include <string.h>

// Parts of a source operand (8.2): what kind of number it has, and its shape.
enum {
    SOURCE_NUMBER = 0x7F,
    SOURCE_IS_CONTROLLER = 0x80,
    SOURCE_IS_BIPOLAR = 0x200,
    SOURCE_TYPE_SHIFT = 10,
    SOURCE_TYPE_SWITCH = 3, // The last of four.
    SOURCE_NONE = 0,
    SOURCE_VELOCITY = 2,
    SOURCE_KEY = 3,
    SOURCE_POLY_PRESSURE = 10,
    SOURCE_CHANNEL_PRESSURE = 13,
    SOURCE_PITCH_WHEEL = 14,
    SOURCE_PITCH_WHEEL_RANGE = 16,
    SOURCE_LINK = 127,
    DESTINATION_LINK = 0x8000,
    TRANSFORM_LINEAR = 0,
    TRANSFORM_ABSOLUTE = 2,
};

// 8.4, without two: the pitch wheel (8.4.10) has a destination that is no generator, so the synth
// bends by itself; and velocity to filter cutoff (8.4.2), whose text contradicts itself between
// versions: FluidSynth carries it and lets it do nothing, since fonts sound duller with it than
// their makers heard them. Pan: the amount of 8.4.6 read as from centre to side, as FluidSynth
// does.
static const struct km_modulator default_modulators[] = {
    {.source = 0x0502, .destination = KM_GENERATOR_ATTENUATION, .amount = 960},
    {.source = 0x000D, .destination = KM_GENERATOR_VIBRATO_LFO_TO_PITCH, .amount = 50},
    {.source = 0x0081, .destination = KM_GENERATOR_VIBRATO_LFO_TO_PITCH, .amount = 50},
    {.source = 0x0587, .destination = KM_GENERATOR_ATTENUATION, .amount = 960},
    {.source = 0x028A, .destination = KM_GENERATOR_PAN, .amount = 500},
    {.source = 0x058B, .destination = KM_GENERATOR_ATTENUATION, .amount = 960},
    {.source = 0x00DB, .destination = KM_GENERATOR_REVERB_SEND, .amount = 200},
    {.source = 0x00DD, .destination = KM_GENERATOR_CHORUS_SEND, .amount = 200},
};

// What FluidSynth lets do nothing: velocity, falling, to filter cutoff, switched on by high
// velocity.
static bool is_velocity_to_cutoff(const struct km_modulator *modulator)
{
    return modulator->source == 0x0102 && modulator->amount_source == 0x0C02 &&
           modulator->destination == KM_GENERATOR_FILTER_CUTOFF;
}

static bool is_source(uint16_t source)
{
    const uint16_t number = source & SOURCE_NUMBER;
    if (source >> SOURCE_TYPE_SHIFT > SOURCE_TYPE_SWITCH) {
        return false;
    }
    if ((source & SOURCE_IS_CONTROLLER) != 0) {
        // Bank select, data entry, parameter numbers and mode messages control no sound (8.2.1).
        return number != 0 && number != 6 && number != 32 && number != 38 &&
               (number < 98 || number > 101) && number < 120;
    }
    return number == SOURCE_NONE || number == SOURCE_VELOCITY || number == SOURCE_KEY ||
           number == SOURCE_POLY_PRESSURE || number == SOURCE_CHANNEL_PRESSURE ||
           number == SOURCE_PITCH_WHEEL || number == SOURCE_PITCH_WHEEL_RANGE;
}

static bool is_none(uint16_t source)
{
    return (source & (SOURCE_NUMBER | SOURCE_IS_CONTROLLER)) == SOURCE_NONE;
}

static bool is_destination(uint16_t destination)
{
    switch (destination) {
#define KM_GENERATOR(NAME, number, low, high, preset) case (number):
#include "font/generators.def"
#undef KM_GENERATOR
        return true;
    default:
        return false;
    }
}

const char *km_modulator_fault(const struct km_modulator *modulator, uint16_t destination,
                               uint16_t transform)
{
    KM_CHECK(modulator);
    if ((modulator->source & (SOURCE_NUMBER | SOURCE_IS_CONTROLLER)) == SOURCE_LINK ||
        (destination & DESTINATION_LINK) != 0) {
        return "is linked to another";
    }
    if (!is_source(modulator->source) || !is_source(modulator->amount_source)) {
        return "has a source that 8.2.1 does not know";
    }
    if (!is_destination(destination)) {
        return "has a destination that is no generator";
    }
    if (transform != TRANSFORM_LINEAR && transform != TRANSFORM_ABSOLUTE) {
        return "has a transform that 8.3 does not know";
    }
    return is_none(modulator->source) ? "has no source" : NULL;
}

void km_modulator_list_begin(struct km_modulator_list *list)
{
    KM_CHECK(list);
    list->count = sizeof(default_modulators) / sizeof(default_modulators[0]);
    memcpy(list->modulators, default_modulators, sizeof(default_modulators));
}

// A source that is none is 1, whatever its polarity.
static uint16_t plain(uint16_t source)
{
    return is_none(source) ? (uint16_t)(source & ~SOURCE_IS_BIPOLAR) : source;
}

// 9.5.1: the same but for the amount.
static bool are_identical(const struct km_modulator *a, const struct km_modulator *b)
{
    return a->source == b->source && a->destination == b->destination &&
           plain(a->amount_source) == plain(b->amount_source) && a->transform == b->transform;
}

// The identical one of the list; null if there is none.
static struct km_modulator *find_identical(struct km_modulator_list *list,
                                           const struct km_modulator *modulator)
{
    for (uint32_t i = 0; i < list->count; ++i) {
        if (are_identical(&list->modulators[i], modulator)) {
            return &list->modulators[i];
        }
    }
    return NULL;
}

static void append(struct km_modulator_list *list, const struct km_modulator *modulator)
{
    if (list->count < KM_MODULATORS_MAX) {
        list->modulators[list->count++] = *modulator;
    }
}

void km_modulator_list_replace(struct km_modulator_list *list, const struct km_modulator *added,
                               uint32_t count)
{
    KM_CHECK(list && (added || count == 0));
    for (uint32_t i = 0; i < count; ++i) {
        if (added[i].destination == KM_MODULATOR_DROPPED) {
            continue;
        }
        struct km_modulator *const identical = find_identical(list, &added[i]);
        if (identical) {
            *identical = added[i];
        } else {
            append(list, &added[i]);
        }
    }
}

static int16_t sum_of(int16_t a, int16_t b)
{
    const int32_t sum = (int32_t)a + b;
    return (int16_t)(sum < INT16_MIN ? INT16_MIN : sum > INT16_MAX ? INT16_MAX : sum);
}

void km_modulator_list_sum(struct km_modulator_list *list, const struct km_modulator *added,
                           uint32_t count)
{
    KM_CHECK(list && (added || count == 0));
    for (uint32_t i = 0; i < count; ++i) {
        if (added[i].destination == KM_MODULATOR_DROPPED) {
            continue;
        }
        struct km_modulator *const identical = find_identical(list, &added[i]);
        if (identical) {
            identical->amount = sum_of(identical->amount, added[i].amount);
        } else {
            append(list, &added[i]);
        }
    }
}

void km_modulator_list_end(struct km_modulator_list *list)
{
    KM_CHECK(list);
    uint32_t kept = 0;
    for (uint32_t i = 0; i < list->count; ++i) {
        const struct km_modulator *const modulator = &list->modulators[i];
        if (modulator->amount != 0 && !is_velocity_to_cutoff(modulator)) {
            list->modulators[kept++] = *modulator;
        }
    }
    list->count = kept;
}
