// SPDX-License-Identifier: MIT

// Takes notes out, together with their note-offs.

#include "base/math.h"
#include "groove/clock_private.h"
#include "groove/move_private.h"

#define DROPOUT_MAX 0.2 // Of unprotected notes at complexity 1.

enum { COUNT_MAX = 255 };

struct pass {
    struct km_groove_clock clock;
    double dropout;                        // Probability for a note without protection.
    uint8_t open[KM_GROOVE_KEYS_COUNT];    // Notes that wait for their note-off.
    uint8_t dropped[KM_GROOVE_KEYS_COUNT]; // Those that were taken out.
};

// A player at the limit of concentration loses little notes first, the frame last.
static const double kept[KM_GROOVE_VOICES_COUNT] = {
    [KM_GROOVE_KICK] = 0.8,       [KM_GROOVE_SNARE] = 0.7,  [KM_GROOVE_HAT] = 0.2,
    [KM_GROOVE_RIDE] = 0.3,       [KM_GROOVE_CRASH] = 0.9,  [KM_GROOVE_TOM] = 0.5,
    [KM_GROOVE_PERCUSSION] = 0.3, [KM_GROOVE_PITCHED] = 0.5};

// A note may go if its key is free, so that its note-off is surely the next one.
static bool drops_note_on(struct pass *pass, const struct km_event *event, uint32_t key)
{
    if (event->tick != pass->clock.tick) {
        km_groove_clock_go(&pass->clock, event->tick);
    }
    const uint64_t bits = km_groove_mix(pass->clock.bits ^ ((key + 1) * 0x8EBC6AF09C88C6E3ULL));
    const double chance = pass->dropout * (1.0 - kept[km_groove_voice_of(key)]);
    const bool is_free = pass->open[key] == 0 && pass->dropped[key] < COUNT_MAX;
    if (is_free && (double)(bits >> 11) * 0x1p-53 < chance) {
        pass->dropped[key] = (uint8_t)(pass->dropped[key] + 1);
        return true;
    }
    pass->open[key] = (uint8_t)(pass->open[key] + (pass->open[key] < COUNT_MAX));
    return false;
}

static bool drops_note_off(struct pass *pass, uint32_t key)
{
    if (pass->dropped[key] > 0) {
        pass->dropped[key] = (uint8_t)(pass->dropped[key] - 1);
        return true;
    }
    pass->open[key] = (uint8_t)(pass->open[key] - (pass->open[key] > 0));
    return false;
}

uint32_t km_groove_drop(struct km_event *events, uint32_t count, const struct km_groove *groove)
{
    struct pass pass = {.dropout = DROPOUT_MAX * km_clamp(groove->complexity, 0.0, 1.0)};
    km_groove_clock_init(&pass.clock, groove);
    uint32_t left = 0;
    for (uint32_t i = 0; i < count; ++i) {
        const struct km_event *const event = &events[i];
        const uint32_t key = km_groove_key_of(event);
        const bool is_out = km_groove_is_note_on(event)    ? drops_note_on(&pass, event, key)
                            : km_groove_is_note_off(event) ? drops_note_off(&pass, key)
                                                           : false;
        if (!is_out) {
            events[left++] = *event;
        }
    }
    return left;
}
