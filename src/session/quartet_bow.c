// SPDX-License-Identifier: MIT

// One bow of a string quartet: its notes, and how it moves about in a chord.

#include "base/units.h"
#include "session/lines_private.h"
#include "session/quartet_private.h"

enum { OCTAVE = 12, FIGURE_LENGTH = 4 };

int km_bow_key(const struct km_score *score, enum km_part part, int chord)
{
    const struct km_voicing *const voicing = km_score_voicing(score, chord);
    if (part == KM_PART_BASS || voicing->count < KM_QUARTET_INNER_COUNT) {
        return part == KM_PART_BASS ? km_score_bass_key(score, chord) : 0;
    }
    return voicing->pitches[part == KM_PART_PAD ? KM_QUARTET_VIOLA : KM_QUARTET_SECOND];
}

void km_bow_play(struct km_bow *bow, uint32_t start, uint32_t duration, int key, int accent)
{
    struct km_score *const score = bow->score;
    const int bar = (int)(start / score->bar_ticks);
    km_score_add(score, bow->part,
                 (struct km_score_note){.start = start,
                                        .duration = duration,
                                        .key = (uint8_t)key,
                                        .velocity = km_score_velocity(score, bar, accent)});
}

void km_bow_let_go(struct km_bow *bow)
{
    if (bow->held_key != 0) {
        const uint32_t written = bow->held_end - bow->held_start;
        const uint32_t breath = written > KM_PPQ ? KM_SIXTEENTH / 4 : 0; // The bow turns.
        km_bow_play(bow, bow->held_start, written - breath, bow->held_key, 0);
        bow->held_key = 0;
    }
}

// Whether going from one key to the next, while another voice goes from one of its own to the next,
// makes parallel fifths or octaves.
static bool is_parallel(int from, int to, int other_from, int other_to)
{
    const int before = (from - other_from) % OCTAVE;
    const int after = (to - other_to) % OCTAVE;
    return before == after && from != to && other_from != other_to &&
           (before == 0 || before == 7 || before == -7);
}

static bool is_clean(const struct km_bow *bow, const struct km_bow_span *span, int key)
{
    const struct km_score *const score = bow->score;
    if (!span->is_last || span->index + 1 >= score->plan->chord_count || span->next_key == 0) {
        return true;
    }
    static const enum km_part others[] = {KM_PART_COUNTER, KM_PART_PAD, KM_PART_BASS};
    for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); ++i) {
        const int from = km_bow_key(score, others[i], span->index);
        const int to = km_bow_key(score, others[i], span->index + 1);
        if (others[i] != bow->part && is_parallel(key, span->next_key, from, to)) {
            return false;
        }
    }
    return true;
}

// Keys between the neighbours': what a moving voice may use in a chord.
static struct km_key_range room_of(const struct km_bow *bow, int index)
{
    const struct km_score *const score = bow->score;
    if (bow->part == KM_PART_PAD) {
        return (struct km_key_range){(uint8_t)(km_bow_key(score, KM_PART_BASS, index) + 1),
                                     (uint8_t)(km_bow_key(score, KM_PART_COUNTER, index) - 1)};
    }
    return (struct km_key_range){(uint8_t)(km_bow_key(score, KM_PART_PAD, index) + 1),
                                 (uint8_t)(score->plan->register_low + 5)};
}

// The nearest key of the chord above or below; the voice's own where there is no room.
static int chord_key_beside(const struct km_bow *bow, const struct km_bow_span *span, int direction)
{
    const struct km_key_range room = room_of(bow, span->index);
    const km_pitch_set chord = km_chord_pitches(bow->score->plan->chords[span->index].chord);
    const int key = km_line_step(span->key, direction, chord);
    return key >= room.low && key <= room.high ? key : span->key;
}

// The key at a place of the figure; the voice's own where there is no room, or where going on from
// it would make parallels.
static int figure_key(const struct km_bow *bow, const struct km_bow_span *span, int wanted,
                      bool is_last)
{
    const struct km_key_range room = room_of(bow, span->index);
    const bool fits = wanted >= room.low && wanted <= room.high;
    return fits && (!is_last || is_clean(bow, span, wanted)) ? wanted : span->key;
}

// A step from the next chord's key, on the side that the line comes from.
static int leading_key(const struct km_bow_span *span, int from, km_pitch_set scale)
{
    return km_line_step(span->next_key, from < span->next_key ? -1 : 1, scale);
}

void km_bow_move(struct km_bow *bow, const struct km_bow_span *span, uint32_t step)
{
    const struct km_score *const score = bow->score;
    const km_pitch_set chord = km_chord_pitches(score->plan->chords[span->index].chord);
    const km_pitch_set scale = km_line_scale(score, chord);
    const int side = (bow->variation + (uint32_t)span->index) % 2 == 0 ? 1 : -1;
    const int beside = chord_key_beside(bow, span, side);
    // Up to the other chord note and back by the notes between; round the own note if that is near.
    const int turn = km_line_step(span->key, beside == span->key ? -side : side, scale);
    const int figures[][FIGURE_LENGTH] = {{span->key, turn, beside, turn},
                                          {span->key, beside, span->key, turn}};
    const int *const figure = figures[bow->variation / 2 % 2];
    const bool leads_on = span->is_last && span->next_key != 0;
    km_bow_let_go(bow);
    for (uint32_t tick = span->start, place = 0; tick < span->end; tick += step, ++place) {
        const uint32_t room = span->end - tick;
        const bool is_last = room <= step;
        const int wanted = figure[place % FIGURE_LENGTH];
        const int key = is_last && leads_on ? leading_key(span, wanted, scale) : wanted;
        km_bow_play(bow, tick, is_last ? room : step,
                    place == 0 ? span->key : figure_key(bow, span, key, is_last),
                    place == 0 ? 0 : -4);
    }
}
