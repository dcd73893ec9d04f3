// SPDX-License-Identifier: MIT

// The counter-melody: held guide tones under the tune, and answers where a phrase ends and the
// voice breathes. It knows the plan alone: where phrases end, and in which register the tune lies.

#include "base/check.h"
#include "base/units.h"
#include "session/lines_private.h"

enum {
    COST_NONE = 1 << 20,
    ANSWER_NOTES_MAX = 5,
    ANSWER_NOTES_MIN = 2,
    OCTAVE = 12,
    ENTRIES_COUNT = 3
};

// How much it has to say in a section.
enum role { SILENT, ANSWERS, FULL };

struct counter {
    struct km_score *score;
    struct km_key_range range;
    int home;             // Where the line lies.
    uint32_t answer_step; // Ticks of the answers' notes.
    uint32_t entry;       // Ticks after the beat at which held notes come in.
    int last;             // Key of the note before; 0: none.
};

static bool is_refrain(uint8_t kind)
{
    return kind == KM_SECTION_CHORUS || kind == KM_SECTION_DROP;
}

// Sections of the kind before this one, and in all.
static int count_of_kind(const struct km_harmony_plan *plan, uint8_t kind, int end)
{
    int count = 0;
    for (int i = 0; i < end; ++i) {
        count += plan->sections[i].kind == kind;
    }
    return count;
}

// What is new is sung alone; what comes back gets company. Where nothing comes back, the refrain
// has it at once, and a song of verses in its second half.
static enum role role_in(const struct km_harmony_plan *plan, int index, int bar)
{
    const struct km_plan_section *const section = &plan->sections[index];
    const int before = count_of_kind(plan, section->kind, index);
    const bool is_half = bar - section->first_bar >= section->bar_count / 2;
    if (section->kind == KM_SECTION_BRIDGE) {
        return FULL;
    }
    if (is_refrain(section->kind)) {
        const bool is_only = count_of_kind(plan, section->kind, plan->section_count) == 1;
        return before > 0 || is_only ? FULL : ANSWERS;
    }
    if (section->kind == KM_SECTION_VERSE) {
        const bool is_all = plan->section_count == 1;
        return is_all ? (is_half ? FULL : SILENT) : (before > 0 ? ANSWERS : SILENT);
    }
    return SILENT;
}

static void play(struct counter *counter, uint32_t start, uint32_t written, int key, int accent)
{
    struct km_score *const score = counter->score;
    const int bar = (int)(start / score->bar_ticks);
    const uint32_t duration =
        written > KM_PPQ ? written - KM_SIXTEENTH / 2 : km_score_sounding(score, written);
    km_score_add(score, KM_PART_COUNTER,
                 (struct km_score_note){.start = start,
                                        .duration = duration,
                                        .key = (uint8_t)key,
                                        .velocity = km_score_velocity(score, bar, accent)});
    counter->last = key;
}

// A guide tone that sounds; key 0: none.
struct guide {
    int key;
    uint32_t start;
};

static void end_guide(struct counter *counter, const struct guide *guide, uint32_t end)
{
    if (guide->key != 0 && end > guide->start) {
        play(counter, guide->start, end - guide->start, guide->key, 0);
    }
}

// Coming in after the tune lets both be heard, where there is time.
static struct guide begin_guide(const struct counter *counter, int key, uint32_t tick,
                                uint32_t room)
{
    return (struct guide){
        .key = key,
        .start = tick + (room > 2 * counter->entry ? counter->entry : 0),
    };
}

// Guide tones from a tick to another: one for each chord, held on where the next chord has it too.
static void hold_guides(struct counter *counter, uint32_t start, uint32_t end)
{
    const struct km_score *const score = counter->score;
    struct guide guide = {0};
    for (uint32_t tick = start; tick < end;) {
        const struct km_plan_chord *const chord =
            &score->plan->chords[km_score_chord_at(score, tick)];
        const uint32_t chord_end = chord->start_tick + chord->duration_ticks;
        const int wanted = km_line_nearest(counter->range, km_line_guides(chord->chord),
                                           counter->last, counter->home);
        if (wanted != guide.key) {
            end_guide(counter, &guide, tick);
            guide = begin_guide(counter, wanted, tick, (chord_end < end ? chord_end : end) - tick);
            counter->last = wanted != 0 ? wanted : counter->last;
        }
        tick = chord_end;
    }
    end_guide(counter, &guide, end);
}

// An answer: so many notes by step into the key that comes next, from a side.
struct answer {
    int notes, direction, first_key, cost;
};

static struct answer weigh_answer(const struct counter *counter, uint32_t bar_end, int target,
                                  struct answer answer)
{
    const struct km_score *const score = counter->score;
    const uint32_t start = bar_end - (uint32_t)answer.notes * counter->answer_step;
    const km_pitch_set chord = km_line_chord_at(score, start);
    answer.first_key =
        km_line_step(target, -answer.direction * answer.notes, km_line_scale(score, chord));
    const int moved = counter->last == 0 ? 0 : answer.first_key - counter->last;
    const bool is_inside =
        answer.first_key >= counter->range.low && answer.first_key <= counter->range.high;
    answer.cost = is_inside && km_line_has(chord, answer.first_key)
                      ? (moved < 0 ? -moved : moved) + 3 * (ANSWER_NOTES_MAX - answer.notes)
                      : COST_NONE;
    return answer;
}

// The answer that leads best into a key, from a tick on at the earliest; no notes where none does.
static struct answer best_answer(const struct counter *counter, uint32_t from, uint32_t bar_end,
                                 int target)
{
    struct answer best = {.cost = COST_NONE};
    const int room = (int)((bar_end - from) / counter->answer_step);
    const int most = room < ANSWER_NOTES_MAX ? room : ANSWER_NOTES_MAX;
    for (int notes = ANSWER_NOTES_MIN; notes <= most; ++notes) {
        for (int direction = -1; direction <= 1; direction += 2) {
            const struct answer answer = weigh_answer(
                counter, bar_end, target, (struct answer){.notes = notes, .direction = direction});
            best = answer.cost < best.cost ? answer : best;
        }
    }
    return best;
}

static void play_answer(struct counter *counter, const struct answer *answer, uint32_t bar_end)
{
    const struct km_score *const score = counter->score;
    const uint32_t start = bar_end - (uint32_t)answer->notes * counter->answer_step;
    for (int i = 0; i < answer->notes; ++i) {
        const uint32_t tick = start + (uint32_t)i * counter->answer_step;
        const km_pitch_set scale = km_line_scale(score, km_line_chord_at(score, tick));
        const int key =
            i == 0 ? answer->first_key : km_line_step(counter->last, answer->direction, scale);
        play(counter, tick, counter->answer_step, key, i == 0 ? 3 : i - 2);
    }
}

// Speaks in the second half of a phrase's last bar, where the tune rests on its long note, and
// leads into the next.
static void answer_phrase(struct counter *counter, int bar, uint32_t from)
{
    const struct km_score *const score = counter->score;
    const uint32_t bar_end = (uint32_t)(bar + 1) * score->bar_ticks;
    struct answer answer = {0};
    if (bar_end < score->length) {
        const struct km_plan_chord *const next =
            &score->plan->chords[km_score_chord_at(score, bar_end)];
        const int target = km_line_nearest(counter->range, km_line_guides(next->chord),
                                           counter->last, counter->home);
        answer = target != 0 ? best_answer(counter, from, bar_end, target) : answer;
    }
    if (answer.notes > 0) {
        play_answer(counter, &answer, bar_end);
    } else {
        hold_guides(counter, from, bar_end);
    }
}

static void play_phrase(struct counter *counter, enum role role, int first_bar, int end_bar)
{
    const struct km_score *const score = counter->score;
    const uint32_t half = score->pulse_starts[(score->pulse_count + 1) / 2];
    const uint32_t rest = half < score->bar_ticks ? half : 0;
    const uint32_t answer = (uint32_t)(end_bar - 1) * score->bar_ticks + rest;
    if (role == FULL) {
        hold_guides(counter, (uint32_t)first_bar * score->bar_ticks, answer);
    } else {
        counter->last = 0; // It has been away.
    }
    answer_phrase(counter, end_bar - 1, answer);
}

static struct counter counter_of(struct km_score *score)
{
    const struct km_harmony_plan *const plan = score->plan;
    const struct km_key_range instrument = score->ranges[KM_PART_COUNTER];
    const uint32_t variation = plan->parts[KM_PART_COUNTER].variation;
    struct counter counter = {.score = score};
    // Under the tune, with its lowest notes in common; an octave at least.
    int low = plan->register_low - 13;
    low = low > instrument.low ? low : instrument.low;
    int high = plan->register_low + 4;
    high = high < low + OCTAVE ? low + OCTAVE : high;
    high = high < instrument.high ? high : instrument.high;
    low = low < high - OCTAVE ? low : high - OCTAVE;
    counter.range = (struct km_key_range){(uint8_t)low, (uint8_t)high};
    struct km_random random;
    km_random_init(&random, plan->seed, "counter entry");
    const uint32_t first = km_random_below(&random, ENTRIES_COUNT) + variation;
    const uint32_t entries[ENTRIES_COUNT] = {0, score->pulse_starts[1], KM_EIGHTH};
    counter.entry = entries[first % ENTRIES_COUNT];
    const int offset = (int)(variation / ENTRIES_COUNT % 3);
    counter.home = (low + high) / 2 + (offset == 1 ? 4 : (offset == 2 ? -4 : 0));
    // Slow music is answered in eighths, fast in quarters.
    const bool is_slow = plan->tempo_bpm < 112;
    counter.answer_step = is_slow != (variation / ENTRIES_COUNT % 2 == 1) ? KM_EIGHTH : KM_PPQ;
    return counter;
}

static void play_section(struct counter *counter, int index)
{
    const struct km_harmony_plan *const plan = counter->score->plan;
    const struct km_plan_section *const section = &plan->sections[index];
    const int end = section->first_bar + section->bar_count;
    counter->last = 0; // A section that comes back is the same.
    int phrase_end = 0;
    for (int bar = section->first_bar; bar < end; bar = phrase_end) {
        const enum role role = role_in(plan, index, bar);
        phrase_end = km_line_phrase_end(counter->score, bar);
        if (role != SILENT) {
            play_phrase(counter, role, bar, phrase_end);
        }
    }
}

void km_score_write_counter(struct km_score *score)
{
    struct counter counter = counter_of(score);
    for (int i = 0; i < score->plan->section_count; ++i) {
        play_section(&counter, i);
    }
}
