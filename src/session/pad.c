// SPDX-License-Identifier: MIT

// The pad: soft held harmony behind the rest. Notes that a chord shares with the one before go on
// sounding, and the whole swells with the tension.

#include "base/check.h"
#include "session/score_private.h"

enum { OCTAVE = 12, NOT_SOUNDING = 0 };

// How the voices are laid.
enum layout { UPPER_THREE, OPEN, PAIR, ALL_FOUR };

enum { LAYOUTS_COUNT = ALL_FOUR + 1 };

// A note that has begun and may go on.
struct held {
    uint8_t key; // NOT_SOUNDING where nothing sounds.
    uint8_t velocity;
    uint32_t start;
};

struct pad {
    struct km_score *score;
    enum layout layout;
    bool is_pulsed;   // Struck anew in every bar, as music to dance to has it.
    uint32_t longest; // Ticks that a note sounds on over changes of chord.
    uint32_t end;     // Of what sounds.
    struct held held[KM_VOICES_MAX];
};

// Whether the pad plays in a section: everywhere where the genre lives on it, but for the start; in
// other songs where it should open up.
static bool plays_in(const struct km_score *score, const struct km_plan_section *section)
{
    const enum km_genre genre = (enum km_genre)score->plan->genre;
    const bool is_washed = genre == KM_GENRE_DREAM_POP || genre == KM_GENRE_SHOEGAZE ||
                           genre == KM_GENRE_SYNTHWAVE || genre == KM_GENRE_CINEMATIC_NEO_SOUL;
    switch (section->kind) {
    case KM_SECTION_SILENCE:
        return false;
    case KM_SECTION_CHORUS:
    case KM_SECTION_BRIDGE:
    case KM_SECTION_DROP:
    case KM_SECTION_BREAKDOWN:
        return true;
    default:
        // Short songs have only verses: there it follows the tension.
        return is_washed || section->tension > 0.8F || score->plan->section_count == 1;
    }
}

// The key of a voice of a chord in the layout; NOT_SOUNDING where the layout has none.
static int key_of_voice(enum layout layout, const struct km_voicing *voicing, int voice)
{
    if (voice >= voicing->count) {
        return NOT_SOUNDING;
    }
    const int key = voicing->pitches[voice];
    const int from_top = voicing->count - 1 - voice;
    switch (layout) {
    case UPPER_THREE:
        return from_top < 3 ? key : NOT_SOUNDING;
    case OPEN: // The second voice from above an octave down: wide, and under the tune.
        return from_top >= 3 ? NOT_SOUNDING : (from_top == 1 ? key - OCTAVE : key);
    case PAIR:
        return from_top < 2 ? key : NOT_SOUNDING;
    case ALL_FOUR:
    default:
        return key;
    }
}

static void release_voice(struct pad *pad, int voice, uint32_t end)
{
    struct held *const held = &pad->held[voice];
    if (held->key != NOT_SOUNDING && end > held->start) {
        km_score_add(pad->score, KM_PART_PAD,
                     (struct km_score_note){.start = held->start,
                                            .duration = end - held->start,
                                            .key = held->key,
                                            .velocity = held->velocity});
    }
    held->key = NOT_SOUNDING;
}

static void release_all(struct pad *pad, uint32_t end)
{
    for (int voice = 0; voice < KM_VOICES_MAX; ++voice) {
        release_voice(pad, voice, end);
    }
}

static bool is_held(const struct pad *pad, int voice, int key)
{
    for (int i = 0; i < KM_VOICES_MAX; ++i) {
        if (i != voice && pad->held[i].key == key) {
            return true;
        }
    }
    return false;
}

// From a tick on these are the notes; those that sound already go on, if not for too long.
static void hold_chord(struct pad *pad, const struct km_voicing *voicing, uint32_t start)
{
    struct km_score *const score = pad->score;
    const int bar = (int)(start / score->bar_ticks);
    int keys[KM_VOICES_MAX];
    for (int voice = 0; voice < KM_VOICES_MAX; ++voice) {
        keys[voice] = key_of_voice(pad->layout, voicing, voice);
        const struct held *const held = &pad->held[voice];
        if (held->key != keys[voice] || start - held->start >= pad->longest || pad->is_pulsed) {
            release_voice(pad, voice, start);
        }
    }
    for (int voice = 0; voice < KM_VOICES_MAX; ++voice) {
        struct held *const held = &pad->held[voice];
        const bool is_wanted = keys[voice] != NOT_SOUNDING && !is_held(pad, voice, keys[voice]);
        if (is_wanted && held->key == NOT_SOUNDING) {
            *held = (struct held){.key = (uint8_t)keys[voice],
                                  .velocity = km_score_velocity(score, bar, -2),
                                  .start = start};
        }
    }
}

// The first chord that begins in a section or after it, and the notes of those within.
static int play_section(struct pad *pad, const struct km_plan_section *section, int index)
{
    struct km_score *const score = pad->score;
    const struct km_harmony_plan *const plan = score->plan;
    const uint32_t end = (uint32_t)(section->first_bar + section->bar_count) * score->bar_ticks;
    const bool is_on = plays_in(score, section);
    for (; index < plan->chord_count && plan->chords[index].start_tick < end; ++index) {
        const struct km_plan_chord *const chord = &plan->chords[index];
        const uint32_t chord_end = chord->start_tick + chord->duration_ticks;
        uint32_t tick = chord->start_tick;
        while (is_on && tick < chord_end) {
            hold_chord(pad, km_score_voicing(score, index), tick);
            // A pulsed pad comes again with the next bar of the same chord.
            const uint32_t next_bar = tick - tick % score->bar_ticks + score->bar_ticks;
            tick = pad->is_pulsed && next_bar < chord_end ? next_bar : chord_end;
            pad->end = chord_end;
        }
    }
    if (is_on) {
        km_score_swell(score, KM_PART_PAD, section->first_bar,
                       section->first_bar + section->bar_count);
    }
    return index;
}

void km_score_write_pad(struct km_score *score)
{
    const struct km_harmony_plan *const plan = score->plan;
    struct km_random random;
    km_random_init(&random, plan->seed, "pad layout");
    const uint32_t first = km_random_below(&random, LAYOUTS_COUNT);
    const uint32_t variation = plan->parts[KM_PART_PAD].variation;
    struct pad pad = {
        .score = score,
        .layout = (enum layout)((first + variation) % LAYOUTS_COUNT),
        .is_pulsed = (plan->affect.arousal > 0.3F) != (variation / LAYOUTS_COUNT % 2 == 1),
        .longest = (variation / (2 * LAYOUTS_COUNT) % 2 == 1 ? 2 : 4) * score->bar_ticks,
    };
    int index = 0;
    for (int i = 0; i < plan->section_count; ++i) {
        index = play_section(&pad, &plan->sections[i], index);
        const bool goes_on = i + 1 < plan->section_count && plays_in(score, &plan->sections[i + 1]);
        if (!goes_on) {
            release_all(&pad, pad.end);
        }
    }
}
