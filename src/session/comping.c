// SPDX-License-Identifier: MIT

// The chords: the voices that all parts share, touched in the patterns of the genre, fuller where
// the music is louder.

#include "base/check.h"
#include "base/units.h"
#include "session/rhythm_private.h"

enum {
    SINGLE_RING = 8 * KM_SIXTEENTH, // A single note of a chord rings so long at most.
    SHORT_LENGTH = KM_SIXTEENTH * 3 / 4,
    HELD_LENGTH = 2 * KM_PPQ, // What is as long is held to its end, in any articulation.
    STRUM_TICKS = 9,          // From string to string: 9 ms at 120 to the minute.
    GUITAR_FIRST = 24,
    GUITAR_LAST = 31,
};

struct genre_row {
    uint8_t genre, level;
    const char *steps;
};

static const struct genre_row rows[] = {
#define KM_COMPING(GENRE, LEVEL, steps) {KM_GENRE_##GENRE, KM_RHYTHM_##LEVEL, steps},
#include "session/comping.def"
#undef KM_COMPING
};

enum { ROWS_PER_GENRE = KM_RHYTHM_LEVELS_COUNT * KM_RHYTHM_VARIANTS };

_Static_assert(sizeof(rows) / sizeof(rows[0]) == (size_t)KM_GENRES_COUNT * ROWS_PER_GENRE,
               "two patterns for each genre and level");

// A voice that sounds.
struct open_note {
    bool is_open, is_single;
    uint8_t key, velocity;
    uint32_t start;
};

struct comping {
    struct km_score *score;
    const struct km_voicing *voicing;
    struct km_rhythm_layout layouts[2]; // Of a section's even and odd bars.
    struct open_note notes[KM_VOICES_MAX];
    uint32_t span[2]; // The chord's beginning and end.
    uint32_t ahead;   // Where the next chord came early; the song's end if it did not.
    int index;        // Of the chord.
    int strum;        // Ticks from voice to voice.
};

// One touch: which voices, how.
struct touch {
    uint32_t tick;
    int first, end; // Voices, lowest first.
    int accent;
    bool is_up; // From the highest voice down.
};

static void close_note(struct comping *comping, int voice, uint32_t tick)
{
    struct open_note *const note = &comping->notes[voice];
    if (!note->is_open) {
        return;
    }
    note->is_open = false;
    if (tick <= note->start) {
        return;
    }
    const uint32_t room = tick - note->start;
    const uint32_t written = note->is_single && room > SINGLE_RING ? SINGLE_RING : room;
    const uint32_t duration =
        written >= HELD_LENGTH ? written : km_score_sounding(comping->score, written);
    km_score_add(comping->score, KM_PART_CHORDS,
                 (struct km_score_note){.start = note->start,
                                        .duration = duration < room ? duration : room,
                                        .key = note->key,
                                        .velocity = note->velocity});
}

static void close_notes(struct comping *comping, uint32_t tick)
{
    for (int i = 0; i < KM_VOICES_MAX; ++i) {
        close_note(comping, i, tick);
    }
}

// A key sounds once, whichever voices are on it: what holds it ends, unless it began just now.
static bool take_key(struct comping *comping, uint8_t key, uint32_t tick)
{
    for (int i = 0; i < KM_VOICES_MAX; ++i) {
        const struct open_note *const other = &comping->notes[i];
        const bool holds_key = other->is_open && other->key == key;
        if (holds_key && other->start >= tick) {
            return false;
        }
        if (holds_key) {
            close_note(comping, i, tick);
        }
    }
    return true;
}

static void open_note(struct comping *comping, int voice, uint32_t tick, const struct touch *touch)
{
    const struct km_score *const score = comping->score;
    const uint8_t key = comping->voicing->pitches[voice];
    if (!take_key(comping, key, touch->tick)) {
        return;
    }
    close_note(comping, voice, touch->tick);
    comping->notes[voice] = (struct open_note){
        .is_open = true,
        .is_single = touch->end - touch->first == 1,
        .key = key,
        .velocity = km_score_velocity(score, (int)(touch->tick / score->bar_ticks), touch->accent),
        .start = tick,
    };
}

static void play(struct comping *comping, const struct touch *touch)
{
    for (int i = touch->first; i < touch->end; ++i) {
        const int rank = touch->is_up ? touch->end - 1 - i : i - touch->first;
        const uint32_t late = (uint32_t)(rank * comping->strum);
        if (touch->tick + late < comping->span[1]) {
            open_note(comping, i, touch->tick + late, touch);
        }
    }
}

// Whether the chord that follows may begin an eighth early: not the last, and not out of silence.
static bool can_come_early(const struct comping *comping, uint32_t tick)
{
    const struct km_harmony_plan *const plan = comping->score->plan;
    const int next = comping->index + 1;
    return tick + KM_EIGHTH >= comping->span[1] && next + 1 < plan->chord_count &&
           km_score_voicing(comping->score, next)->count > 0;
}

// Half a step softer off the beat.
static int accent_at(const struct comping *comping, uint32_t tick)
{
    const struct km_score *const score = comping->score;
    const uint32_t place = tick % score->bar_ticks;
    for (int i = 0; i < score->pulse_count; ++i) {
        if (score->pulse_starts[i] == place) {
            return i == 0 ? 3 : 1;
        }
    }
    return -3;
}

static void play_single(struct comping *comping, struct touch touch, int voice)
{
    const int last = comping->voicing->count - 1;
    touch.first = voice < last ? voice : last;
    touch.end = touch.first + 1;
    touch.accent -= voice == 0 ? 0 : 3;
    play(comping, &touch);
}

static void play_short(struct comping *comping, const struct touch *touch)
{
    close_notes(comping, touch->tick);
    play(comping, touch);
    const uint32_t spread = (uint32_t)(comping->strum * touch->end);
    close_notes(comping, touch->tick + SHORT_LENGTH + spread);
}

// What a stroke of a pattern does; see comping.def.
static void strike(struct comping *comping, char stroke, uint32_t tick)
{
    const int count = comping->voicing->count;
    struct touch touch = {.tick = tick, .end = count, .accent = accent_at(comping, tick)};
    switch (stroke) {
    case '-':
        close_notes(comping, tick);
        break;
    case 's':
        play_short(comping, &touch);
        break;
    case 'u':
        touch.first = count > 2 ? 1 : 0;
        touch.is_up = true;
        touch.accent -= 5;
        play(comping, &touch);
        break;
    case 'i':
        touch.first = count > 2 ? 1 : 0;
        touch.end = count > 3 ? count - 1 : count;
        touch.accent -= 4;
        play(comping, &touch);
        break;
    case 'p':
        play_single(comping, touch, 0);
        play_single(comping, touch, count - 1);
        break;
    case 'A':
        if (can_come_early(comping, tick)) {
            close_notes(comping, tick);
            comping->ahead = tick;
            break;
        }
        play(comping, &touch);
        break;
    case 'X':
    case 'x':
        touch.accent += stroke == 'X' ? 5 : 0;
        play(comping, &touch);
        break;
    default:
        KM_CHECK(stroke >= '1' && stroke <= '4');
        play_single(comping, touch, stroke - '1');
    }
}

// The genre whose patterns a variation takes: after two, those of the next genre that is played on
// the like.
static uint8_t genre_of_variation(const struct km_harmony_plan *plan)
{
    enum { KEYS, GUITARS, WIDE };
    static const uint8_t families[KM_GENRES_COUNT] = {
        [KM_GENRE_CINEMATIC_NEO_SOUL] = KEYS,
        [KM_GENRE_LO_FI_BEDROOM] = KEYS,
        [KM_GENRE_INDUSTRIAL_POP] = WIDE,
        [KM_GENRE_SYNTHWAVE] = WIDE,
        [KM_GENRE_CONFESSIONAL_ACOUSTIC] = GUITARS,
        [KM_GENRE_ART_ROCK] = GUITARS,
        [KM_GENRE_INDIE_FOLK] = GUITARS,
        [KM_GENRE_POST_PUNK] = GUITARS,
        [KM_GENRE_CHAMBER_POP] = WIDE,
        [KM_GENRE_ELECTRONIC] = WIDE,
        [KM_GENRE_HIP_HOP] = KEYS,
        [KM_GENRE_R_AND_B] = KEYS,
        [KM_GENRE_ALTERNATIVE] = GUITARS,
        [KM_GENRE_SHOEGAZE] = GUITARS,
        [KM_GENRE_DREAM_POP] = WIDE,
    };
    uint8_t genre = plan->genre;
    int others = plan->parts[KM_PART_CHORDS].variation / KM_RHYTHM_VARIANTS % KM_GENRES_COUNT;
    while (others > 0) {
        genre = (uint8_t)((genre + 1) % KM_GENRES_COUNT);
        others -= families[genre] == families[plan->genre] ? 1 : 0;
    }
    return genre;
}

static const char *steps_of_bar(const struct km_score *score, int bar)
{
    const enum km_rhythm_level level = km_rhythm_level(score, bar);
    const uint16_t variation = score->plan->parts[KM_PART_CHORDS].variation;
    const int variant =
        km_rhythm_variant(score, km_score_section(score, bar)->kind, level, variation);
    const unsigned int genre = genre_of_variation(score->plan);
    const struct genre_row *const row =
        &rows[genre * ROWS_PER_GENRE + (unsigned int)level * KM_RHYTHM_VARIANTS +
              (unsigned int)variant];
    KM_CHECK(row->genre == genre && row->level == level);
    return row->steps;
}

// Threes against the twos of the metre, or twos against its threes, running through the bars.
static void play_polyrhythm(struct comping *comping, int bar)
{
    const struct km_score *const score = comping->score;
    const bool is_ternary = score->pulse_starts[1] == 6 * KM_SIXTEENTH;
    const uint32_t step = is_ternary ? 4 * KM_SIXTEENTH : 3 * KM_SIXTEENTH;
    const uint32_t bar_start = (uint32_t)bar * score->bar_ticks;
    const int first_bar = km_score_section(score, bar)->first_bar;
    const uint32_t before = (uint32_t)(bar - first_bar) * score->bar_ticks % step;
    for (uint32_t at = before == 0 ? 0 : step - before; at < score->bar_ticks; at += step) {
        if (bar_start + at >= comping->span[0] && bar_start + at < comping->span[1]) {
            strike(comping, 'x', bar_start + at);
        }
    }
}

// A chord's beginning is heard, if the pattern does not rest there, and it has not come early.
static char stroke_at_beginning(const struct comping *comping, char stroke, const char *steps)
{
    if (comping->notes[0].is_open) {
        return '.';
    }
    if (km_plan_breaks(comping->score->plan, KM_RULE_HARMONY_PARALLEL_MOTION)) {
        return 'x'; // What moves in parallel is heard together.
    }
    const bool is_broken = steps[0] >= '1' && steps[0] <= '4';
    const bool goes_on = stroke == '.' || stroke == 'A';
    return goes_on ? (is_broken ? 'p' : 'x') : stroke;
}

static void play_pattern(struct comping *comping, int bar)
{
    const struct km_score *const score = comping->score;
    const char *const steps = steps_of_bar(score, bar);
    const int first_bar = km_score_section(score, bar)->first_bar;
    const struct km_rhythm_layout *const layout = &comping->layouts[(bar - first_bar) % 2];
    for (int i = 0; i < layout->count; ++i) {
        const uint32_t tick = (uint32_t)bar * score->bar_ticks + layout->places[i].tick;
        if (tick < comping->span[0] || tick >= comping->span[1]) {
            continue;
        }
        char stroke = km_rhythm_stroke(steps, &layout->places[i]);
        if (tick == comping->span[0]) {
            stroke = stroke_at_beginning(comping, stroke, steps);
        }
        if (comping->ahead < comping->span[1]) {
            return; // The next chord has come.
        }
        if (stroke != '.') {
            strike(comping, stroke, tick);
        }
    }
}

static void play_chord(struct comping *comping, int index)
{
    struct km_score *const score = comping->score;
    const struct km_plan_chord *const chord = &score->plan->chords[index];
    const bool is_early = comping->ahead < score->length;
    const uint32_t start = is_early ? comping->ahead : chord->start_tick;
    comping->index = index;
    comping->voicing = km_score_voicing(score, index);
    comping->ahead = score->length;
    comping->span[0] = chord->start_tick;
    comping->span[1] = chord->start_tick + chord->duration_ticks;
    if (comping->voicing->count == 0) {
        return;
    }
    const int first_bar = (int)(comping->span[0] / score->bar_ticks);
    const int last_bar = (int)((comping->span[1] - 1) / score->bar_ticks);
    const bool is_last = comping->span[1] == score->length;
    if (is_early || is_last) {
        strike(comping, 'x', start);
    }
    for (int bar = first_bar; bar <= last_bar && !is_last; ++bar) {
        if (km_plan_breaks(score->plan, KM_RULE_RHYTHM_POLYRHYTHMIC_LAYERS)) {
            play_polyrhythm(comping, bar);
        } else {
            play_pattern(comping, bar);
        }
    }
    close_notes(comping, comping->span[1]);
}

void km_score_write_chords(struct km_score *score)
{
    const struct km_harmony_plan *const plan = score->plan;
    const uint8_t program = plan->parts[KM_PART_CHORDS].program;
    const bool is_guitar = program >= GUITAR_FIRST && program <= GUITAR_LAST;
    struct comping comping = {
        .score = score,
        .ahead = score->length,
        .strum = is_guitar && plan->feel != KM_FEEL_MECHANICAL ? STRUM_TICKS : 0,
    };
    km_rhythm_lay_out(score, false, &comping.layouts[0]);
    km_rhythm_lay_out(score, true, &comping.layouts[1]);
    for (int i = 0; i < plan->chord_count; ++i) {
        play_chord(&comping, i);
    }
}
