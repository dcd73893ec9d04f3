// SPDX-License-Identifier: MIT

// Metric modulation: for a while the accompaniment taps another beat against the same bars. Where
// beats are halved, three of its sixteenths become the beat (four felt beats in the time of three);
// where they go in threes, two eighths do (three in the time of two). Whole groups of bars are
// filled so, the rest of the phrase is as it was.

#include "base/check.h"
#include "session/score_private.h"

// How written time becomes felt time, over so many bars.
struct ratio {
    uint32_t times, over; ///< 3 over 4, or 2 over 3.
    uint32_t bars;        ///< `times`: the shortest stretch in which whole bars fit.
};

struct stretch {
    uint32_t start, end; ///< Ticks.
};

static struct ratio ratio_of(const struct km_score *score)
{
    const bool is_ternary = score->pulse_starts[1] == 3 * KM_EIGHTH;
    return is_ternary ? (struct ratio){2, 3, 2} : (struct ratio){3, 4, 3};
}

static bool is_within(uint32_t tick, const struct stretch *stretch)
{
    return tick >= stretch->start && tick < stretch->end;
}

// A written note in felt time, so many turns of the stretch later; false where it is full.
static bool feel_note(const struct ratio *ratio, const struct stretch *stretch, uint32_t turn,
                      struct km_score_note *note)
{
    const uint32_t length = stretch->end - stretch->start;
    const uint32_t offset = turn * length + note->start - stretch->start;
    note->start = stretch->start + offset * ratio->times / ratio->over;
    if (note->start + KM_SIXTEENTH / 2 > stretch->end) {
        return false;
    }
    const uint32_t sounding = note->duration * ratio->times / ratio->over;
    const uint32_t room = stretch->end - note->start;
    note->duration = sounding < room ? sounding : room;
    return true;
}

// Plays what is written in a stretch faster, and again from its beginning until the stretch is
// full: twice is more than either ratio asks.
static void squeeze(struct km_score *score, struct km_note_list *felt,
                    const struct km_note_list *written, const struct stretch *stretch)
{
    const struct ratio ratio = ratio_of(score);
    for (size_t i = 0; i < 2 * written->count; ++i) {
        const uint32_t turn = i < written->count ? 0 : 1;
        struct km_score_note note = written->notes[i - turn * written->count];
        if (is_within(note.start, stretch) && feel_note(&ratio, stretch, turn, &note)) {
            km_score_keep(score, felt, &note);
        }
    }
}

// Chords keep their place: the stretch from each chord to the next is squeezed by itself.
static void squeeze_chords(struct km_score *score, struct km_note_list *felt,
                           const struct km_note_list *written, const struct stretch *bars)
{
    const struct km_harmony_plan *const plan = score->plan;
    for (int i = km_score_chord_at(score, bars->start); i < plan->chord_count; ++i) {
        const uint32_t start = plan->chords[i].start_tick;
        const uint32_t end = start + plan->chords[i].duration_ticks;
        if (start >= bars->end) {
            return;
        }
        const struct stretch chord = {.start = start > bars->start ? start : bars->start,
                                      .end = end < bars->end ? end : bars->end};
        squeeze(score, felt, written, &chord);
    }
}

// A part with the notes of some bars in the other metre.
static void modulate_bars(struct km_score *score, enum km_part part, const struct stretch *bars)
{
    struct km_note_list *const list = &score->parts[part];
    struct km_note_list felt = {0};
    for (size_t i = 0; i < list->count; ++i) {
        if (!is_within(list->notes[i].start, bars)) {
            km_score_keep(score, &felt, &list->notes[i]);
        }
    }
    if (part == KM_PART_DRUMS) {
        squeeze(score, &felt, list, bars);
    } else {
        squeeze_chords(score, &felt, list, bars);
    }
    km_score_adopt(score, part, &felt);
}

// Who taps the other beat: drums and chords; of a quartet all but the first violin. Bass and tune
// of a band keep the old one against them.
static bool taps_along(const struct km_harmony_plan *plan, enum km_part part)
{
    return plan->ensemble == KM_ENSEMBLE_STRING_QUARTET
               ? part != KM_PART_MELODY
               : part == KM_PART_DRUMS || part == KM_PART_CHORDS;
}

static void modulate_phrase(struct km_score *score, const struct km_plan_phrase *phrase)
{
    const uint32_t group = ratio_of(score).bars;
    const uint32_t bars = phrase->bar_count / group * group;
    const uint32_t start = phrase->first_bar * score->bar_ticks;
    const struct stretch stretch = {.start = start, .end = start + bars * score->bar_ticks};
    for (int part = 0; part < KM_PARTS_COUNT; ++part) {
        if (taps_along(score->plan, (enum km_part)part) && score->parts[part].count > 0) {
            modulate_bars(score, (enum km_part)part, &stretch);
        }
    }
}

void km_score_modulate_metre(struct km_score *score)
{
    const struct km_harmony_plan *const plan = score->plan;
    const struct km_plan_rule_use *const use = &plan->rule_uses[KM_RULE_RHYTHM_METRIC_MODULATION];
    KM_CHECK(use->first_bar + use->bar_count <= plan->length_bars);
    for (int i = 0; i < plan->phrase_count; ++i) {
        const struct km_plan_phrase *const phrase = &plan->phrases[i];
        if (phrase->first_bar >= use->first_bar &&
            phrase->first_bar + phrase->bar_count <= use->first_bar + use->bar_count) {
            modulate_phrase(score, phrase);
        }
    }
}
