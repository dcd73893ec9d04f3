// SPDX-License-Identifier: MIT

// A solo piano's right hand, which has the tune, thickened where it is loud; and the pedal, which
// changes with the harmony.

#include "base/units.h"
#include "session/lines_private.h"
#include "session/piano_private.h"

enum {
    OCTAVE = 12,
    PEDAL_DELAY = 60, // Ticks after the beat: the dampers fall on the old chord before they rise.
};

int km_piano_split(const struct km_harmony_plan *plan)
{
    return plan->register_low - 2;
}

bool km_piano_uses_pedal(const struct km_harmony_plan *plan)
{
    return plan->articulation >= 0.55F;
}

static void change_pedal(struct km_score *score, enum km_part part, uint32_t tick, bool sounds)
{
    km_score_control(score, part, tick, KM_CONTROL_SUSTAIN, 0);
    if (sounds) {
        km_score_control(score, part, tick + PEDAL_DELAY, KM_CONTROL_SUSTAIN, 127);
    }
}

void km_piano_press_pedal(struct km_score *score, enum km_part part)
{
    const struct km_harmony_plan *const plan = score->plan;
    for (int i = 0; i < plan->chord_count && km_piano_uses_pedal(plan); ++i) {
        const struct km_plan_chord *const chord = &plan->chords[i];
        const uint32_t end = chord->start_tick + chord->duration_ticks;
        uint32_t next_bar = 0;
        for (uint32_t tick = chord->start_tick; tick < end; tick = next_bar) {
            const int bar = (int)(tick / score->bar_ticks);
            next_bar = (uint32_t)(bar + 1) * score->bar_ticks;
            change_pedal(score, part, tick,
                         chord->chord.quality != KM_CHORD_NONE &&
                             km_score_section(score, bar)->kind != KM_SECTION_SILENCE);
        }
    }
    km_score_control(score, part, score->length - 1, KM_CONTROL_SUSTAIN, 0);
}

bool km_piano_is_accented(const struct km_score *score, uint32_t tick)
{
    const uint32_t offset = tick % score->bar_ticks;
    return offset == 0 || offset == score->pulse_starts[(score->pulse_count + 1) / 2];
}

static void add_below(struct km_score *score, const struct km_score_note *above, int key)
{
    struct km_score_note note = *above;
    // The level is added again, and the tune stays above.
    const int velocity = note.velocity - score->plan->parts[KM_PART_MELODY].level - 10;
    note.key = (uint8_t)key;
    note.velocity = (uint8_t)(velocity < 8 ? 8 : velocity);
    km_score_add(score, KM_PART_MELODY, note);
}

// A third to a sixth below the tune, of the chord; 0 where there is none.
static int companion_of(const struct km_score *score, const struct km_score_note *note)
{
    const km_pitch_set chord = km_line_chord_at(score, note->start);
    for (int below = 3; below <= 9; ++below) {
        const int key = note->key - below;
        if (key >= km_piano_split(score->plan) && km_line_has(chord, key)) {
            return key;
        }
    }
    return 0;
}

static void thicken(struct km_score *score, const struct km_score_note *note)
{
    const float tension = score->plan->tension[note->start / score->bar_ticks];
    const int octave = note->key - OCTAVE;
    if (tension > 1.0F && octave >= km_piano_split(score->plan)) {
        add_below(score, note, octave);
        return;
    }
    const int companion = companion_of(score, note);
    const bool is_rich = tension > 0.6F || note->duration > KM_PPQ;
    if (is_rich && companion > 0) {
        add_below(score, note, companion);
    }
}

// Strong beats that are held, and every beat where it is loudest.
static bool is_thickened(const struct km_score *score, const struct km_score_note *note)
{
    const bool is_loud = score->plan->tension[note->start / score->bar_ticks] > 1.0F;
    const bool is_on_beat = note->start % score->bar_ticks % KM_PPQ == 0;
    return note->duration >= KM_SIXTEENTH / 2 &&
           (km_piano_is_accented(score, note->start) || (is_loud && is_on_beat));
}

void km_score_write_right_hand(struct km_score *score)
{
    km_score_write_melody(score);
    struct km_note_list *const tune = &score->parts[KM_PART_MELODY];
    const size_t count = tune->count;
    for (size_t i = 0; i < count; ++i) {
        // A note that goes below its register would be in the other hand's way; but a plan may ask
        // for an instrument that does not reach above it.
        while (tune->notes[i].key < km_piano_split(score->plan) &&
               tune->notes[i].key + OCTAVE <= score->ranges[KM_PART_MELODY].high) {
            tune->notes[i].key = (uint8_t)(tune->notes[i].key + OCTAVE);
        }
        const struct km_score_note note = tune->notes[i]; // The list may move.
        if (is_thickened(score, &note)) {
            thicken(score, &note);
        }
    }
    km_piano_press_pedal(score, KM_PART_MELODY);
}
