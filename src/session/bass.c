// SPDX-License-Identifier: MIT

// The bass: lines of the genre over the shared bass of each chord, with the kick where the genre
// has it so, stepping into the next chord, and running with the drums where sections end.

#include "base/check.h"
#include "base/units.h"
#include "session/rhythm_private.h"

enum { OCTAVE = 12, NOTES_PER_CHORD_MAX = 64 };

struct genre_line {
    uint8_t genre, level;
    const char *steps;
};

static const struct genre_line lines[] = {
#define KM_BASS_LINE(GENRE, LEVEL, steps) {KM_GENRE_##GENRE, KM_RHYTHM_##LEVEL, steps},
#include "session/bass_lines.def"
#undef KM_BASS_LINE
};

enum { LINES_PER_GENRE = KM_RHYTHM_LEVELS_COUNT * KM_RHYTHM_VARIANTS };

_Static_assert(sizeof(lines) / sizeof(lines[0]) == (size_t)KM_GENRES_COUNT * LINES_PER_GENRE,
               "two lines for each genre and level");

// A note that a line asks for; it lasts until the next.
struct event {
    uint32_t start;
    char what; // '-' is a rest.
};

struct bass {
    struct km_score *score;
    struct km_rhythm_layout layouts[2];
    const struct km_plan_section *section;
    const char *lines[KM_RHYTHM_LEVELS_COUNT];
    const struct km_drum_pattern *kicks[KM_RHYTHM_LEVELS_COUNT];
    bool runs; // Where the section ends.
    int lowest, highest;
    // Of the chord.
    int key;      // Of its bass.
    int next_key; // Of the next chord's; 0 where none follows.
    km_pitch_set notes;
};

static void begin_section(struct bass *bass, const struct km_plan_section *section)
{
    const struct km_score *const score = bass->score;
    const struct km_harmony_plan *const plan = score->plan;
    struct km_random random = km_score_stream(score, KM_PART_BASS, section->kind);
    bass->section = section;
    for (int i = 0; i < KM_RHYTHM_LEVELS_COUNT; ++i) {
        const enum km_rhythm_level level = (enum km_rhythm_level)i;
        const uint16_t variation = plan->parts[KM_PART_BASS].variation;
        const int variant =
            (int)((km_random_below(&random, KM_RHYTHM_VARIANTS) + variation) % KM_RHYTHM_VARIANTS);
        const struct genre_line *const line =
            &lines[plan->genre * LINES_PER_GENRE + i * KM_RHYTHM_VARIANTS + variant];
        KM_CHECK(line->genre == plan->genre && line->level == i);
        bass->lines[i] = line->steps;
        bass->kicks[i] =
            km_rhythm_pattern(score, level, km_rhythm_variant(score, section->kind, level, 0));
    }
    bass->runs = km_random_chance(&random, 0.7);
}

static bool is_in_range(const struct bass *bass, int key)
{
    return key >= bass->lowest && key <= bass->highest;
}

// The chord's note so many semitones over its bass, above or an octave below; the bass itself where
// the chord has none of that kind or the instrument no room.
static int chord_note(const struct bass *bass, int low, int high)
{
    for (int up = low; up <= high; ++up) {
        const int key = bass->key + up;
        if ((bass->notes >> (unsigned int)(key % OCTAVE) & 1U) == 0) {
            continue;
        }
        if (is_in_range(bass, key)) {
            return key;
        }
        return is_in_range(bass, key - OCTAVE) ? key - OCTAVE : bass->key;
    }
    return bass->key;
}

// A step below or above a key, in the plan's key if there is one, from the side that the line comes
// from.
static int step_before(const struct bass *bass, int target, int from)
{
    const km_pitch_set scale = km_key_pitches(bass->score->plan->key);
    const int side = from < target && target - 2 >= bass->lowest ? -1 : 1;
    for (int distance = 1; distance <= 2; ++distance) {
        const int key = target + side * distance;
        if ((scale >> (unsigned int)(key % OCTAVE) & 1U) != 0) {
            return key;
        }
    }
    return target + side;
}

static int key_of(const struct bass *bass, char what)
{
    switch (what) {
    case 'O':
        return is_in_range(bass, bass->key + OCTAVE)
                   ? bass->key + OCTAVE
                   : (is_in_range(bass, bass->key - OCTAVE) ? bass->key - OCTAVE : bass->key);
    case 'F':
        return chord_note(bass, 6, 8);
    case 'T':
        return chord_note(bass, 3, 4);
    default:
        return bass->key;
    }
}

static void play(const struct bass *bass, uint32_t start, uint32_t written, int key, int accent)
{
    struct km_score *const score = bass->score;
    const int bar = (int)(start / score->bar_ticks);
    // Held notes are held; short ones follow the articulation.
    const uint32_t duration =
        written >= 2 * KM_PPQ ? written - KM_SIXTEENTH / 4 : km_score_sounding(score, written);
    km_score_add(score, KM_PART_BASS,
                 (struct km_score_note){.start = start,
                                        .duration = duration,
                                        .key = (uint8_t)key,
                                        .velocity = km_score_velocity(score, bar, accent)});
}

// What the line has at a place, with the kick if the genre has it so.
static char stroke_at(const struct bass *bass, enum km_rhythm_level level,
                      const struct km_rhythm_place *place)
{
    enum { THIRD_BEAT = 8 };
    const char *const line = bass->lines[level];
    const bool follows_kick = line[0] == 'K';
    const char *const row = follows_kick ? bass->kicks[level]->kick : line;
    const char stroke = km_rhythm_stroke(row, place);
    const char what = follows_kick && stroke != '.' ? 'R' : stroke;
    if (place->tick == 0 || !km_rhythm_is_syncopated(bass->score, level)) {
        return what;
    }
    if (place->step == THIRD_BEAT) { // It was there before the beat.
        return '.';
    }
    const bool is_before = place->step == THIRD_BEAT - 2;
    return is_before && what == '.' ? 'R' : what;
}

// A build stands on its bass and repeats it, faster towards its end.
static char pedal_at(const struct bass *bass, int bar, const struct km_rhythm_place *place)
{
    const int played = bar - bass->section->first_bar;
    const int spacing = played * 2 < bass->section->bar_count ? 4 : 2;
    return place->even % spacing == 0 ? 'R' : '.';
}

// Whether the bass runs into the next section here: within so many ticks of its end.
static bool is_run(const struct bass *bass, uint32_t tick)
{
    const struct km_score *const score = bass->score;
    const uint32_t end =
        (uint32_t)(bass->section->first_bar + bass->section->bar_count) * score->bar_ticks;
    const uint32_t last = score->bar_ticks - score->pulse_starts[score->pulse_count - 1];
    return bass->runs && end < score->length && tick + last >= end;
}

static char what_at(const struct bass *bass, int bar, const struct km_rhythm_place *place)
{
    const enum km_rhythm_level level = km_rhythm_level(bass->score, bar);
    const uint32_t tick = (uint32_t)bar * bass->score->bar_ticks + place->tick;
    if (bass->section->kind == KM_SECTION_BUILD) {
        return pedal_at(bass, bar, place);
    }
    if (bass->section->kind == KM_SECTION_BREAKDOWN) {
        return place->tick == 0 ? 'R' : '.';
    }
    if (level != KM_RHYTHM_CALM && is_run(bass, tick)) {
        return place->even % 2 == 0 ? 'S' : '.';
    }
    return stroke_at(bass, level, place);
}

// What is played over a chord, in order.
struct events {
    struct event list[NOTES_PER_CHORD_MAX];
    int count;
};

// Adds what a bar has after a chord's beginning and before its end.
static void collect_bar(const struct bass *bass, uint32_t bar, uint32_t start, uint32_t end,
                        struct events *events)
{
    const bool is_odd = ((int)bar - bass->section->first_bar) % 2 == 1;
    const struct km_rhythm_layout *const layout = &bass->layouts[is_odd];
    for (int i = 0; i < layout->count && events->count < NOTES_PER_CHORD_MAX; ++i) {
        const uint32_t tick = bar * bass->score->bar_ticks + layout->places[i].tick;
        const bool is_inside = tick > start && tick < end;
        const char what = is_inside ? what_at(bass, (int)bar, &layout->places[i]) : '.';
        if (what != '.') {
            events->list[events->count++] = (struct event){tick, what};
        }
    }
}

// Something is always played at a chord's beginning.
static void collect(const struct bass *bass, uint32_t start, uint32_t end, struct events *events)
{
    const uint32_t bar_ticks = bass->score->bar_ticks;
    events->list[0] = (struct event){start, 'R'};
    events->count = 1;
    for (uint32_t bar = start / bar_ticks; bar * bar_ticks < end; ++bar) {
        collect_bar(bass, bar, start, end, events);
    }
}

// The last notes before a chord that is elsewhere step into it; others are what they are.
static int resolve(const struct bass *bass, const struct events *events, int index)
{
    const char what = events->list[index].what;
    const int left = events->count - 1 - index; // Notes after this one.
    const bool moves = bass->next_key != 0 && bass->next_key != bass->key;
    if ((what != 'A' && what != 'S') || !moves) {
        return what == 'A' || what == 'S' ? bass->key : key_of(bass, what);
    }
    int key = bass->next_key;
    for (int i = 0; i <= left && i < 3; ++i) {
        key = step_before(bass, key, bass->key);
    }
    return left < 3 && is_in_range(bass, key) ? key : bass->key;
}

static void play_chord(const struct bass *bass, uint32_t start, uint32_t end)
{
    struct events events;
    collect(bass, start, end, &events);
    for (int i = 0; i < events.count; ++i) {
        const struct event *const event = &events.list[i];
        const uint32_t next = i + 1 < events.count ? events.list[i + 1].start : end;
        const bool is_beat = event->start % KM_PPQ == 0;
        if (event->what != '-') {
            play(bass, event->start, next - event->start, resolve(bass, &events, i),
                 i == 0 ? 3 : (is_beat ? 0 : -5));
        }
    }
}

// The bass of the chord that follows without a rest, or 0.
static int next_key_of(const struct km_score *score, int chord)
{
    return chord + 1 < score->plan->chord_count ? km_score_bass_key(score, chord + 1) : 0;
}

void km_score_write_bass(struct km_score *score)
{
    enum { HIGHEST = 55 }; // Above, it would be in the chords' way.
    const struct km_harmony_plan *const plan = score->plan;
    const struct km_key_range range = score->ranges[KM_PART_BASS];
    struct bass bass = {.score = score,
                        .lowest = range.low,
                        .highest = range.high < HIGHEST ? range.high : HIGHEST};
    km_rhythm_lay_out(score, false, &bass.layouts[0]);
    km_rhythm_lay_out(score, true, &bass.layouts[1]);
    for (int i = 0; i < plan->chord_count; ++i) {
        const struct km_plan_chord *const chord = &plan->chords[i];
        const uint32_t end = chord->start_tick + chord->duration_ticks;
        const struct km_plan_section *const section =
            km_score_section(score, (int)(chord->start_tick / score->bar_ticks));
        if (section != bass.section) {
            begin_section(&bass, section);
        }
        bass.key = km_score_bass_key(score, i);
        bass.next_key = next_key_of(score, i);
        bass.notes = km_chord_pitches(chord->chord);
        if (bass.key == 0 || section->kind == KM_SECTION_SILENCE) {
            continue;
        }
        const bool is_end = end == score->length && !plan->is_continued;
        if (is_end) { // It rests at home.
            play(&bass, chord->start_tick, chord->duration_ticks, bass.key, 2);
        } else {
            play_chord(&bass, chord->start_tick, end);
        }
    }
}
