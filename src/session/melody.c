// SPDX-License-Identifier: MIT

// The melody of a song: phrase after phrase, one climax, a breath between.

#include "base/check.h"
#include "base/units.h"
#include "session/melody_private.h"

enum { OCTAVE = 12 };

struct melody {
    struct km_score *score;
    struct km_tune_material materials[KM_SECTION_KINDS_COUNT];
    bool has_material[KM_SECTION_KINDS_COUNT];
    int climax_bar;    // Where the highest note of the song is, or -1.
    int climax_key;    // That note; the register's highest before it is known.
    int climax_phrase; // Of the plan; -1: none.
    int climax_index;  // Of the phrase's notes.
    int last;          // Key of the note before, as it is heard; 0: none.
};

static const struct km_tune_material *material_for(struct melody *melody, uint8_t kind)
{
    const uint8_t material = km_melody_material(kind);
    if (!melody->has_material[material]) {
        km_tune_material_invent(melody->score, material, &melody->materials[material]);
        melody->has_material[material] = true;
    }
    return &melody->materials[material];
}

static uint8_t kind_of_phrase(const struct melody *melody, int phrase)
{
    const struct km_score *const score = melody->score;
    return km_score_section(score, score->plan->phrases[phrase].first_bar)->kind;
}

static bool is_last_return(const struct km_harmony_plan *plan, int section, int returns)
{
    const uint8_t kind = plan->sections[section].kind;
    bool comes_again = false;
    for (int i = section + 1; i < plan->section_count; ++i) {
        comes_again = comes_again || plan->sections[i].kind == kind;
    }
    return returns > 0 && !comes_again && (kind == KM_SECTION_CHORUS || kind == KM_SECTION_DROP);
}

// All but the pick-ups.
static struct km_phrase_place place_of(const struct melody *melody, int index)
{
    const struct km_score *const score = melody->score;
    const struct km_harmony_plan *const plan = score->plan;
    const struct km_plan_phrase *const phrase = &plan->phrases[index];
    const int section = score->section_of_bar[phrase->first_bar];
    struct km_phrase_place place = {.index = index, .kind = plan->sections[section].kind};
    for (int i = index - 1; i >= 0; --i) {
        if (score->section_of_bar[plan->phrases[i].first_bar] != section) {
            break;
        }
        ++place.ordinal;
        place.same_before =
            (uint8_t)(place.same_before + (plan->phrases[i].material == phrase->material));
    }
    for (int i = 0; i < section; ++i) {
        place.returns = (uint8_t)(place.returns + (plan->sections[i].kind == place.kind));
    }
    place.is_last_return = is_last_return(plan, section, place.returns);
    place.has_peak = melody->climax_bar >= phrase->first_bar &&
                     melody->climax_bar < phrase->first_bar + phrase->bar_count;
    return place;
}

static bool is_sung(const struct melody *melody, int phrase)
{
    const uint8_t kind = kind_of_phrase(melody, phrase);
    return kind != KM_SECTION_INTRO && kind != KM_SECTION_SILENCE &&
           melody->score->plan->phrases[phrase].cadence != KM_CADENCE_SILENCE;
}

// How many semitones higher what is written in a bar will be heard, where two keys are asked for.
static int shift_at(const struct km_harmony_plan *plan, int bar)
{
    const struct km_plan_rule_use *const use = &plan->rule_uses[KM_RULE_HARMONY_POLYTONALITY];
    const bool is_moved = km_plan_breaks(plan, KM_RULE_HARMONY_POLYTONALITY) &&
                          bar >= use->first_bar && bar < use->first_bar + use->bar_count;
    return is_moved ? use->amount : 0;
}

// Ticks that a phrase takes from the one before, if there is room for both.
static uint32_t pickup_of(struct melody *melody, int phrase)
{
    const struct km_score *const score = melody->score;
    if (phrase <= 0 || phrase >= score->plan->phrase_count || !is_sung(melody, phrase)) {
        return 0;
    }
    const uint8_t before = kind_of_phrase(melody, phrase - 1);
    const int bar = score->plan->phrases[phrase].first_bar;
    if (before == KM_SECTION_SILENCE ||
        shift_at(score->plan, bar) != shift_at(score->plan, bar - 1)) {
        return 0; // Silence is silent to its end, and another key begins with its bar.
    }
    uint32_t ticks = material_for(melody, kind_of_phrase(melody, phrase))->pickup_ticks;
    if (ticks == 0 && place_of(melody, phrase).is_last_return) {
        ticks = KM_EIGHTH;
    }
    const uint32_t start = (uint32_t)bar * score->bar_ticks;
    const uint32_t rest =
        km_tune_rest_tick(score, phrase - 1, material_for(melody, before)->rests_early);
    return start - rest >= ticks + KM_PPQ + KM_EIGHTH ? ticks : 0;
}

static void compose_phrase(struct melody *melody, int phrase, struct km_tune *tune)
{
    struct km_phrase_place place = place_of(melody, phrase);
    place.pickup = pickup_of(melody, phrase);
    place.next_pickup = pickup_of(melody, phrase + 1);
    km_tune_compose(melody->score, material_for(melody, place.kind), &place, tune);
}

// The highest key at or under the register's top that may be sung as a note of a phrase.
static int highest_key(const struct melody *melody, const struct km_tune *tune, int index)
{
    const km_pitch_set set = index + 1 == tune->count
                                 ? tune->rest
                                 : km_melody_chord_pitches(melody->score, tune->notes[index].start);
    int key = melody->score->plan->register_high;
    for (int i = 0; i < OCTAVE && (set >> (unsigned int)(key % OCTAVE) & 1U) == 0; ++i) {
        --key;
    }
    return key;
}

// Chooses the climax among the notes of its bar: not where the phrase begins or rests, if others
// are there; high, on the beat, long.
static void find_climax(struct melody *melody, int phrase)
{
    const struct km_score *const score = melody->score;
    struct km_tune tune;
    compose_phrase(melody, phrase, &tune);
    int best_merit = -1;
    for (int i = 0; i < tune.count; ++i) {
        const struct km_tune_note *const note = &tune.notes[i];
        if ((int)(note->start / score->bar_ticks) != melody->climax_bar) {
            continue;
        }
        const int key = highest_key(melody, &tune, i);
        const bool is_inside = i > 0 && i + 1 < tune.count;
        const int length = note->duration >= KM_PPQ ? 3 : (note->duration >= KM_EIGHTH ? 2 : 0);
        // Two for a quarter of a semitone: where the line is high anyway.
        const int merit = (is_inside ? 1000 : 0) + 10 * (key - score->plan->register_low) +
                          10 * note->weight + 20 * length + (note->is_join ? 0 : 40) +
                          2 * note->target;
        if (merit > best_merit) {
            best_merit = merit;
            melody->climax_phrase = phrase;
            melody->climax_index = i;
            melody->climax_key = key;
        }
    }
}

// The climax lies in the bar of the highest tension, or in the one before where that is a phrase's
// rest.
static void place_climax(struct melody *melody)
{
    const struct km_score *const score = melody->score;
    const struct km_harmony_plan *const plan = score->plan;
    melody->climax_bar = -1;
    melody->climax_phrase = -1;
    melody->climax_key = plan->register_high + 1;
    for (int i = 0; i < plan->phrase_count; ++i) {
        const struct km_plan_phrase *const phrase = &plan->phrases[i];
        const int last = phrase->first_bar + phrase->bar_count - 1;
        if (score->peak_bar < phrase->first_bar || score->peak_bar > last || !is_sung(melody, i)) {
            continue;
        }
        const bool is_rest = score->peak_bar == last && phrase->bar_count > 1;
        melody->climax_bar = score->peak_bar - (is_rest ? 1 : 0);
        find_climax(melody, i);
    }
}

// The key of the melody's note that begins at a tick; 0: none does.
static int sung_key(const struct km_score *score, uint32_t tick)
{
    const struct km_note_list *const list = &score->parts[KM_PART_MELODY];
    size_t low = 0;
    size_t high = list->count;
    while (low < high) { // The first note at or after the tick.
        const size_t middle = (low + high) / 2;
        if (list->notes[middle].start < tick) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low < list->count && list->notes[low].start == tick ? list->notes[low].key : 0;
}

// A section that comes back aims at what it sang at first, whatever its chords have become; notes
// that are new follow those beside them.
static void recall(const struct melody *melody, int phrase, struct km_tune *tune)
{
    const struct km_score *const score = melody->score;
    const struct km_harmony_plan *const plan = score->plan;
    const uint16_t bar = plan->phrases[phrase].first_bar;
    const struct km_plan_section *const section = km_score_section(score, bar);
    const struct km_plan_section *first = plan->sections;
    while (first->kind != section->kind) {
        ++first;
    }
    const uint32_t back = (uint32_t)(section->first_bar - first->first_bar) * score->bar_ticks;
    int moved = 0;
    for (int i = 0; i < tune->count && back > 0; ++i) {
        struct km_tune_note *const note = &tune->notes[i];
        const int key = note->start >= back ? sung_key(score, note->start - back) : 0;
        if (key > 0) {
            moved = KM_TARGET_UNITS * key - note->target;
        }
        note->target = (int16_t)(note->target + moved);
        note->is_recalled = key > 0;
    }
}

// A climax is heard: a sixteenth takes the time of the notes after it, within its bar.
static void hold_climax(const struct melody *melody, struct km_tune *tune)
{
    const uint32_t bar = melody->score->bar_ticks;
    struct km_tune_note *const climax = &tune->notes[tune->climax];
    while (climax->duration < KM_EIGHTH && tune->climax + 2 < tune->count) {
        const struct km_tune_note *const next = climax + 1;
        if (next->start != climax->start + climax->duration ||
            next->start / bar != climax->start / bar) {
            return;
        }
        climax->duration += next->duration;
        --tune->count;
        for (int i = tune->climax + 1; i < tune->count; ++i) {
            tune->notes[i] = tune->notes[i + 1];
        }
    }
}

// Lifts the line towards the climax over a bar, and down again in less.
static void lift_towards_climax(const struct melody *melody, struct km_tune *tune)
{
    tune->climax = melody->climax_index;
    tune->climax_key = melody->climax_key;
    const struct km_tune_note *const climax = &tune->notes[tune->climax];
    const int lift = KM_TARGET_UNITS * melody->climax_key - climax->target;
    const int bar = (int)melody->score->bar_ticks;
    for (int i = 0; i < tune->count; ++i) {
        struct km_tune_note *const note = &tune->notes[i];
        const int apart = (int)climax->start - (int)note->start;
        const int reach = apart >= 0 ? bar : bar / 2;
        const int distance = apart >= 0 ? apart : -apart;
        if (distance < reach && lift > 0) {
            note->target = (int16_t)(note->target + lift * (reach - distance) / reach);
        }
    }
}

static void sing_note(struct melody *melody, const struct km_tune *tune, int index, int key)
{
    struct km_score *const score = melody->score;
    const struct km_tune_note *const note = &tune->notes[index];
    static const int accents[] = {-5, -2, 1, 5}; // By weight.
    const int accent = accents[note->weight] + (index == tune->climax ? 6 : 0);
    // Long notes are sung out whatever the articulation.
    const uint32_t duration = note->duration > KM_PPQ ? note->duration - KM_SIXTEENTH / 2
                                                      : km_score_sounding(score, note->duration);
    const int bar = (int)(note->start / score->bar_ticks);
    km_score_add(score, KM_PART_MELODY,
                 (struct km_score_note){.start = note->start,
                                        .duration = duration,
                                        .key = (uint8_t)key,
                                        .velocity = km_score_velocity(score, bar, accent)});
}

static void sing_phrase(struct melody *melody, int phrase)
{
    struct km_tune tune;
    compose_phrase(melody, phrase, &tune);
    recall(melody, phrase, &tune);
    if (melody->climax_phrase >= 0) {
        tune.ceiling = melody->climax_key - 1;
    }
    if (phrase == melody->climax_phrase) {
        lift_towards_climax(melody, &tune);
        hold_climax(melody, &tune);
    }
    uint8_t keys[KM_TUNE_NOTES_MAX];
    const int bar = melody->score->plan->phrases[phrase].first_bar;
    const int shift = shift_at(melody->score->plan, bar);
    km_tune_settle(melody->score, &tune, melody->last > 0 ? melody->last - shift : 0, keys);
    for (int i = 0; i < tune.count; ++i) {
        sing_note(melody, &tune, i, keys[i]);
        melody->last = keys[i] + shift;
    }
}

void km_score_write_melody(struct km_score *score)
{
    const struct km_harmony_plan *const plan = score->plan;
    KM_CHECK(plan->register_high >= plan->register_low + OCTAVE);
    struct melody melody = {.score = score};
    place_climax(&melody);
    for (int i = 0; i < plan->phrase_count; ++i) {
        if (is_sung(&melody, i) || kind_of_phrase(&melody, i) == KM_SECTION_INTRO) {
            sing_phrase(&melody, i);
        }
    }
}
