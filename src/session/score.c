// SPDX-License-Identifier: MIT

#include "session/score_private.h"

#include "base/check.h"
#include "base/math.h"
#include "base/units.h"
#include "heap/heap.h"
#include "midi/event.h"

#include <stdio.h>

enum { ITEMS_CAPACITY_FIRST = 256 };

// Eighths go in threes where they come out even, else in twos with a three at the end; other
// metres tap their own unit.
static void find_pulses(struct km_score *score)
{
    const struct km_harmony_plan *const plan = score->plan;
    const uint32_t unit = 4U * KM_PPQ / plan->beat_unit;
    uint32_t tick = 0;
    int count = 0;
    while (tick < score->bar_ticks && count < KM_PULSES_MAX) {
        score->pulse_starts[count++] = tick;
        const uint32_t left = (score->bar_ticks - tick) / unit;
        uint32_t units = 1;
        if (plan->beat_unit == 8) {
            units = plan->beats_per_bar % 3 == 0 || left == 3 ? 3 : (left < 2 ? left : 2);
        }
        tick += units * unit;
    }
    score->pulse_starts[count] = score->bar_ticks;
    score->pulse_count = count;
}

// Where tension is highest while the voice is there: after the introduction.
static int find_peak(const struct km_score *score)
{
    const struct km_harmony_plan *const plan = score->plan;
    const struct km_plan_section *const first = &plan->sections[0];
    const bool waits = first->kind == KM_SECTION_INTRO && first->bar_count < plan->length_bars;
    int peak = waits ? first->bar_count : 0;
    for (int bar = peak + 1; bar < plan->length_bars; ++bar) {
        peak = plan->tension[bar] > plan->tension[peak] ? bar : peak;
    }
    return peak;
}

void km_score_init(struct km_score *score, const struct km_harmony_plan *plan, struct km_heap *heap)
{
    KM_CHECK(plan->length_bars >= 1 && plan->length_bars <= KM_PLAN_BARS_MAX);
    KM_CHECK(plan->beats_per_bar >= 1 && plan->beats_per_bar <= KM_PULSES_MAX);
    KM_CHECK(plan->section_count > 0 && plan->chord_count > 0);
    *score = (struct km_score){
        .plan = plan,
        .traits = km_genre_traits((enum km_genre)plan->genre),
        .heap = heap,
        .bar_ticks = km_plan_bar_ticks(plan),
        .length = (uint32_t)km_plan_length_ticks(plan),
    };
    find_pulses(score);
    for (uint8_t i = 0; i < plan->section_count; ++i) {
        const struct km_plan_section *const section = &plan->sections[i];
        KM_CHECK(section->first_bar + section->bar_count <= plan->length_bars);
        for (int j = 0; j < section->bar_count; ++j) {
            score->section_of_bar[section->first_bar + j] = i;
        }
    }
    score->peak_bar = find_peak(score);
    for (int i = 0; i < KM_PARTS_COUNT; ++i) {
        score->ranges[i] = km_part_range(plan, (enum km_part)i);
    }
}

void km_score_release(struct km_score *score)
{
    for (int i = 0; i < KM_PARTS_COUNT; ++i) {
        km_heap_release(score->heap, score->parts[i].notes);
        score->parts[i] = (struct km_note_list){0};
        km_heap_release(score->heap, score->controls[i].controls);
        score->controls[i] = (struct km_control_list){0};
    }
}

// Room for one more item: the list itself, moved if it had to grow, or null.
static void *reserve(struct km_score *score, void *items, size_t count, size_t *capacity,
                     size_t size)
{
    if (count < *capacity) {
        return items;
    }
    const size_t wanted = *capacity > 0 ? *capacity * 2 : ITEMS_CAPACITY_FIRST;
    void *const grown = km_heap_resize(score->heap, KM_ACCOUNT_WORKING, items, wanted * size);
    if (!grown) {
        score->status = KM_ERROR_NO_MEMORY;
        return NULL;
    }
    *capacity = wanted;
    return grown;
}

static void add_control(struct km_score *score, enum km_part part, struct km_score_control control)
{
    struct km_control_list *const list = &score->controls[part];
    if (score->status != KM_OK || control.tick >= score->length) {
        return;
    }
    struct km_score_control *const controls =
        reserve(score, list->controls, list->count, &list->capacity, sizeof(control));
    if (controls) {
        list->controls = controls;
        list->controls[list->count++] = control;
    }
}

void km_score_control(struct km_score *score, enum km_part part, uint32_t tick,
                      enum km_controller number, uint8_t value)
{
    KM_CHECK(value < 128);
    add_control(
        score, part,
        (struct km_score_control){
            .tick = tick, .type = KM_EVENT_CONTROL, .number = (uint8_t)number, .value = value});
}

void km_score_change_program(struct km_score *score, enum km_part part, uint32_t tick,
                             uint8_t program)
{
    KM_CHECK(program < KM_INSTRUMENTS_COUNT);
    add_control(
        score, part,
        (struct km_score_control){.tick = tick, .type = KM_EVENT_PROGRAM, .number = program});
}

// Expression at a place of a bar: between the tension of this bar and of the next.
static uint8_t expression_at(const struct km_score *score, int bar, double place)
{
    const struct km_harmony_plan *const plan = score->plan;
    const int next = bar + 1 < plan->length_bars ? bar + 1 : bar;
    const double here = (double)plan->tension[bar];
    const double tension = here + place * ((double)plan->tension[next] - here);
    return (uint8_t)km_round(km_clamp(62 + 52 * tension, 40, 127));
}

void km_score_swell(struct km_score *score, enum km_part part, int first_bar, int end_bar)
{
    enum { SWELLS_PER_BAR = 2 };
    for (int bar = first_bar; bar < end_bar; ++bar) {
        for (uint32_t i = 0; i < SWELLS_PER_BAR; ++i) {
            const uint32_t offset = i * score->bar_ticks / SWELLS_PER_BAR;
            km_score_control(score, part, (uint32_t)bar * score->bar_ticks + offset,
                             KM_CONTROL_EXPRESSION,
                             expression_at(score, bar, (double)i / SWELLS_PER_BAR));
        }
    }
}

uint32_t km_score_sound_end(const struct km_score *score, uint32_t tick)
{
    const struct km_harmony_plan *const plan = score->plan;
    int index = score->section_of_bar[tick / score->bar_ticks];
    while (index < plan->section_count && plan->sections[index].kind != KM_SECTION_SILENCE) {
        ++index;
    }
    return index < plan->section_count ? plan->sections[index].first_bar * score->bar_ticks
                                       : score->length;
}

uint32_t km_score_sound_start(const struct km_score *score, uint32_t tick)
{
    if (tick >= score->length) {
        return tick;
    }
    const struct km_plan_section *const section =
        &score->plan->sections[score->section_of_bar[tick / score->bar_ticks]];
    const uint32_t end = (uint32_t)(section->first_bar + section->bar_count) * score->bar_ticks;
    const bool is_early = section->kind == KM_SECTION_SILENCE && end - tick < KM_EIGHTH;
    return is_early ? end : tick;
}

// Which parts the rule of displacement moves: those that mark the beat beside the tune.
static bool is_displaced(const struct km_harmony_plan *plan, enum km_part part)
{
    const bool is_inner = plan->ensemble == KM_ENSEMBLE_STRING_QUARTET
                              ? part == KM_PART_COUNTER || part == KM_PART_PAD
                              : part == KM_PART_CHORDS;
    return is_inner && km_plan_breaks(plan, KM_RULE_RHYTHM_CONSTANT_DISPLACEMENT);
}

void km_score_adopt(struct km_score *score, enum km_part part, struct km_note_list *list)
{
    km_heap_release(score->heap, score->parts[part].notes);
    score->parts[part] = *list;
    *list = (struct km_note_list){0};
}

void km_score_keep(struct km_score *score, struct km_note_list *list,
                   const struct km_score_note *note)
{
    struct km_score_note *const notes =
        reserve(score, list->notes, list->count, &list->capacity, sizeof(*notes));
    if (notes) {
        list->notes = notes;
        list->notes[list->count++] = *note;
    }
}

void km_score_add(struct km_score *score, enum km_part part, struct km_score_note note)
{
    KM_CHECK(note.key < KM_KEYS_COUNT);
    if (score->status != KM_OK || note.start >= score->length) {
        return;
    }
    const uint32_t end = km_score_sound_end(score, note.start);
    note.start += is_displaced(score->plan, part) ? KM_SIXTEENTH : 0;
    if (note.start + KM_SIXTEENTH / 2 > end) {
        return;
    }
    const uint32_t room = end - note.start;
    note.duration = note.duration < room ? note.duration : room;
    note.key = km_key_within(score->ranges[part], note.key);
    const int velocity = note.velocity + score->plan->parts[part].level;
    note.velocity = (uint8_t)(velocity < 8 ? 8 : (velocity > 127 ? 127 : velocity));
    km_score_keep(score, &score->parts[part], &note);
}

uint8_t km_score_velocity(const struct km_score *score, int bar, int accent)
{
    const struct km_harmony_plan *const plan = score->plan;
    const double place = km_clamp(((double)plan->tension[bar] - 0.35) / 0.75, 0, 1);
    const double span = (double)plan->velocity_high - (double)plan->velocity_low;
    const double velocity = (double)plan->velocity_low + place * span + (double)accent;
    return (uint8_t)km_round(km_clamp(velocity, 10, 127));
}

const struct km_plan_section *km_score_section(const struct km_score *score, int bar)
{
    KM_CHECK(bar >= 0 && bar < score->plan->length_bars);
    return &score->plan->sections[score->section_of_bar[bar]];
}

int km_score_chord_at(const struct km_score *score, uint32_t tick)
{
    const struct km_harmony_plan *const plan = score->plan;
    int low = 0;
    int high = plan->chord_count - 1;
    while (low < high) { // The last chord that starts at or before the tick.
        const int middle = (low + high + 1) / 2;
        if (plan->chords[middle].start_tick <= tick) {
            low = middle;
        } else {
            high = middle - 1;
        }
    }
    return low;
}

uint32_t km_score_sounding(const struct km_score *score, uint32_t written)
{
    const double sounding = (double)written * (double)score->plan->articulation;
    const uint32_t ticks = (uint32_t)km_round(sounding);
    return ticks < KM_SIXTEENTH / 2 ? KM_SIXTEENTH / 2 : ticks;
}

static struct km_random named_stream(const struct km_score *score, enum km_part part,
                                     const char *what)
{
    char name[64];
    (void)snprintf(name, sizeof(name), "%s %u %s", km_part_id(part),
                   (unsigned int)score->plan->parts[part].variation, what);
    struct km_random random;
    km_random_init(&random, score->plan->seed, name);
    return random;
}

struct km_random km_score_stream(const struct km_score *score, enum km_part part, uint8_t kind)
{
    return named_stream(score, part, km_section_name((enum km_section_kind)kind));
}

struct km_random km_score_part_stream(const struct km_score *score, enum km_part part,
                                      const char *what)
{
    return named_stream(score, part, what);
}
