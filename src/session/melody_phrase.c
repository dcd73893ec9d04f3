// SPDX-License-Identifier: MIT

// A phrase before its keys: which motif stands in which bar, how high, and how it comes to rest.

#include "base/check.h"
#include "base/math.h"
#include "base/units.h"
#include "session/melody_private.h"

enum { STEP_UNITS = 7 }; // A scale step, on average, in quarters of a semitone.

// Letters of schemes: a the idea, e the idea with another end, i inverted, r backwards, f its first
// half twice, in sequence, d at double speed and once more, g and G its halves at half speed, h its
// first half and a rest, b the contrast, o that with another end, - a rest.
static const struct km_phrase_scheme song_schemes[] = {
    {"aab", {0, 1, 0}},  // Said, said again higher, answered.
    {"aaf", {0, 1, 2}},  // A sentence: idea, sequence, fragments.
    {"aaf", {0, 0, 1}},  // A sentence over a repeated idea.
    {"aba", {0, 1, 2}},  // Statement, contrast, return.
    {"abb", {0, 2, 1}},  // The contrast falls in sequence.
    {"aib", {0, 1, 1}},  // Mirrored, then answered.
    {"aeb", {0, 0, 2}},  // Said twice, the second time to another end.
    {"abr", {0, 1, 0}},  // Back the way it came.
    {"adb", {0, 1, 2}},  // Hurried on.
    {"gGa", {0, 0, 1}},  // First broad, then as it is.
    {"abo", {1, 0, -1}}, // Coming down.
};

static const struct km_phrase_scheme other_schemes[] = {
    {"bob", {1, 2, 1}}, {"bif", {2, 1, 1}}, {"iba", {2, 1, 0}},
    {"bra", {1, 2, 0}}, {"gGb", {1, 1, 2}}, {"bbo", {2, 1, 0}},
};

static const struct km_phrase_scheme intro_schemes[] = {
    {"---", {0, 0, 0}}, {"---", {0, 0, 0}}, {"-h-", {0, 0, 0}},
    {"--h", {0, 0, 0}}, {"h-h", {0, 0, 1}},
};

static const struct km_phrase_scheme build_schemes[] = {{"fff", {0, 1, 2}}, {"aff", {0, 1, 2}}};
static const struct km_phrase_scheme breakdown_schemes[] = {{"gGh", {0, 0, 0}}, {"gGg", {0, 0, 0}}};
static const struct km_phrase_scheme outro_schemes[] = {
    {"h-h", {0, 0, -1}}, {"ah-", {0, -1, 0}}, {"gGh", {0, 0, -1}}};

#define COUNT_OF(array) ((uint32_t)(sizeof(array) / sizeof((array)[0])))

uint8_t km_melody_material(uint8_t kind)
{
    switch (kind) {
    case KM_SECTION_INTRO: // A hint of what comes.
    case KM_SECTION_OUTRO: // An echo of what was.
    case KM_SECTION_DROP:
        return KM_SECTION_CHORUS;
    case KM_SECTION_BREAKDOWN:
        return KM_SECTION_VERSE;
    case KM_SECTION_BUILD:
        return KM_SECTION_PRE_CHORUS;
    default:
        return kind;
    }
}

static double density_factor(uint8_t kind)
{
    switch (kind) {
    case KM_SECTION_CHORUS:
        return 1.05;
    case KM_SECTION_PRE_CHORUS:
        return 1.2;
    case KM_SECTION_BRIDGE:
        return 0.75;
    default:
        return 0.95;
    }
}

// How much of a feel's rhythm is off the beat.
static double syncopation_of(enum km_feel feel)
{
    static const float shares[KM_FEELS_COUNT] = {
        [KM_FEEL_STRAIGHT_DRIVING] = 0.2F,
        [KM_FEEL_LAID_BACK] = 0.5F,
        [KM_FEEL_SWUNG] = 0.5F,
        [KM_FEEL_SYNCOPATED] = 0.9F,
        [KM_FEEL_RUBATO_FREE] = 0.3F,
        [KM_FEEL_MECHANICAL] = 0.1F,
        [KM_FEEL_ORGANIC_BREATHING] = 0.4F,
        [KM_FEEL_PUSH_PULL] = 0.7F,
    };
    return (double)shares[feel];
}

static struct km_phrase_scheme choose_scheme(struct km_random *random,
                                             const struct km_phrase_scheme *schemes, uint32_t count,
                                             double fall)
{
    struct km_phrase_scheme scheme = schemes[km_random_below(random, count)];
    if (km_random_chance(random, fall)) { // Sadness sinks where joy climbs.
        for (int i = 0; i < KM_TUNE_SCHEME_BARS; ++i) {
            scheme.levels[i] = (int8_t)-scheme.levels[i];
        }
    }
    return scheme;
}

static void choose_pickup(const struct km_score *score, struct km_random *random,
                          struct km_tune_material *material)
{
    static const float chances[] = {0.4F, 0.3F, 0.3F}; // None, one eighth, two.
    const uint32_t notes = km_random_weighted(random, chances, 3);
    material->pickup_notes = (uint8_t)notes;
    material->pickup_ticks = notes * KM_EIGHTH;
    // Of a slow song in sixteenths, where the voice moves in them anyway.
    if (notes == 2 && (double)score->plan->tempo_bpm < 66 && score->plan->density > 1.5F) {
        material->pickup_ticks = KM_EIGHTH;
    }
}

void km_tune_material_invent(const struct km_score *score, uint8_t kind,
                             struct km_tune_material *material)
{
    const struct km_harmony_plan *const plan = score->plan;
    struct km_random random = km_score_stream(score, KM_PART_MELODY, kind);
    // No voice sings much more than four notes a second.
    const double most = 4.2 * 60 / (double)plan->tempo_bpm;
    const double wanted = (double)plan->density * density_factor(kind);
    struct km_motif_wish wish = {
        .density = wanted < most ? wanted : most,
        .syncopation = syncopation_of((enum km_feel)plan->feel),
    };
    km_motif_invent(score, &random, &wish, &material->idea);
    wish.is_upbeat = km_random_chance(&random, 0.4);
    km_motif_invent(score, &random, &wish, &material->other);
    material->idea_varied = material->idea;
    km_motif_vary(&material->idea_varied, &random);
    material->other_varied = material->other;
    km_motif_vary(&material->other_varied, &random);
    const double fall = km_clamp(0.3 - 0.3 * (double)plan->affect.valence, 0, 1);
    material->schemes[0] = choose_scheme(&random, song_schemes, COUNT_OF(song_schemes), fall);
    material->schemes[1] = choose_scheme(&random, other_schemes, COUNT_OF(other_schemes), fall);
    choose_pickup(score, &random, material);
    material->rests_early = km_random_chance(&random, 0.35);
}

static const struct km_plan_phrase *phrase_at(const struct km_score *score, int phrase)
{
    KM_CHECK(phrase >= 0 && phrase < score->plan->phrase_count);
    return &score->plan->phrases[phrase];
}

static uint32_t end_of_phrase(const struct km_score *score, const struct km_plan_phrase *phrase)
{
    return ((uint32_t)phrase->first_bar + phrase->bar_count) * score->bar_ticks;
}

static uint32_t middle_of_bar(const struct km_score *score)
{
    return score->pulse_starts[(score->pulse_count + 1) / 2];
}

uint32_t km_tune_rest_tick(const struct km_score *score, int phrase, bool rests_early)
{
    const struct km_plan_phrase *const plan_phrase = phrase_at(score, phrase);
    const uint32_t end = end_of_phrase(score, plan_phrase);
    const uint32_t bar = end - score->bar_ticks;
    const uint32_t chord = score->plan->chords[km_score_chord_at(score, end - 1)].start_tick;
    if (chord > bar) {
        return chord;
    }
    const bool has_way = !rests_early && plan_phrase->bar_count > 1 && end < score->length;
    return bar + (has_way ? middle_of_bar(score) % score->bar_ticks : 0);
}

static enum km_weight weight_at(const struct km_score *score, uint32_t start, uint32_t duration)
{
    const uint32_t tick = start % score->bar_ticks;
    const bool has_middle = score->pulse_count % 2 == 0;
    enum km_weight weight = KM_WEIGHT_OFF;
    for (int i = 0; i < score->pulse_count; ++i) {
        if (score->pulse_starts[i] == tick) {
            weight = i == 0 ? KM_WEIGHT_DOWNBEAT
                            : (has_middle && 2 * i == score->pulse_count ? KM_WEIGHT_STRONG
                                                                         : KM_WEIGHT_PULSE);
        }
    }
    return duration > KM_PPQ && weight < KM_WEIGHT_STRONG ? KM_WEIGHT_STRONG : weight;
}

static void add_note(const struct km_score *score, struct km_tune *tune, uint32_t start,
                     uint32_t duration, int steps)
{
    if (tune->count == KM_TUNE_NOTES_MAX) {
        return;
    }
    const struct km_tune_note *const last = tune->count > 0 ? &tune->notes[tune->count - 1] : NULL;
    tune->notes[tune->count++] = (struct km_tune_note){
        .start = start,
        .duration = duration,
        .target = (int16_t)(steps * STEP_UNITS),
        .weight = (uint8_t)weight_at(score, start, duration),
        .is_join = !last || start >= last->start + last->duration + KM_PPQ,
    };
}

static void add_motif(const struct km_score *score, struct km_tune *tune,
                      const struct km_motif *motif, uint32_t start)
{
    for (int i = 0; i < motif->count; ++i) {
        const struct km_motif_note *const note = &motif->notes[i];
        add_note(score, tune, start + note->start, note->duration, note->offset);
    }
}

// The first half twice, the second time a step on in the direction of the motif.
static void make_fragments(struct km_motif *motif, uint32_t middle, uint32_t bar)
{
    km_motif_cut(motif, middle);
    motif->length = (uint16_t)middle;
    struct km_motif again = *motif;
    const int last = motif->count > 0 ? motif->notes[motif->count - 1].offset : 0;
    km_motif_transpose(&again, last < 0 ? -1 : 1);
    km_motif_cut(&again, bar - middle);
    km_motif_append(motif, &again);
}

// At double speed, and once more; as it is where that were too fast to sing.
static void make_hurried(const struct km_score *score, struct km_motif *motif)
{
    const double seconds = (double)score->bar_ticks / KM_PPQ * 60 / (double)score->plan->tempo_bpm;
    if (2.0 * (double)motif->count > 5 * seconds || !km_motif_diminish(motif)) {
        return;
    }
    struct km_motif again = *motif;
    km_motif_transpose(&again, 1);
    km_motif_append(motif, &again);
}

static struct km_motif bar_motif(const struct km_score *score,
                                 const struct km_tune_material *material, char letter)
{
    const uint32_t bar = score->bar_ticks;
    const uint32_t middle = middle_of_bar(score);
    struct km_motif motif = letter == 'b' || letter == 'o' ? material->other : material->idea;
    switch (letter) {
    case 'e':
        return material->idea_varied;
    case 'o':
        return material->other_varied;
    case 'i':
        km_motif_invert(&motif);
        break;
    case 'r':
        km_motif_retrograde(&motif);
        break;
    case 'f':
        make_fragments(&motif, middle, bar);
        break;
    case 'd':
        make_hurried(score, &motif);
        break;
    case 'G':
        km_motif_skip(&motif, bar / 2);
        km_motif_augment(&motif);
        break;
    case 'g':
        km_motif_cut(&motif, bar / 2);
        km_motif_augment(&motif);
        break;
    case 'h':
        km_motif_cut(&motif, middle);
        break;
    case '-':
        km_motif_cut(&motif, 0);
        break;
    default:
        break;
    }
    return motif;
}

// The scheme that a phrase follows: its material's, or what its kind of section makes of that.
static struct km_phrase_scheme scheme_of(const struct km_score *score,
                                         const struct km_tune_material *material,
                                         const struct km_phrase_place *place)
{
    struct km_random random = km_score_stream(score, KM_PART_MELODY, place->kind);
    const uint64_t choice = km_random_bits(&random) >> 32U;
    switch (place->has_peak ? (uint8_t)KM_SECTION_CHORUS : place->kind) {
    case KM_SECTION_INTRO:
        return intro_schemes[choice % COUNT_OF(intro_schemes)];
    case KM_SECTION_BUILD:
        return build_schemes[choice % COUNT_OF(build_schemes)];
    case KM_SECTION_BREAKDOWN:
        return breakdown_schemes[choice % COUNT_OF(breakdown_schemes)];
    case KM_SECTION_OUTRO:
        return outro_schemes[choice % COUNT_OF(outro_schemes)];
    default:
        return material->schemes[phrase_at(score, place->index)->material > 0];
    }
}

static char with_other_end(char letter)
{
    return letter == 'a' ? 'e' : (letter == 'b' ? 'o' : letter);
}

// What comes again is decorated: the answer to a phrase, and the first phrase of a return.
static bool is_decorated(const struct km_phrase_place *place)
{
    const bool returns =
        place->is_last_return || (place->kind == KM_SECTION_VERSE && place->returns % 2 == 1);
    return place->ordinal % 2 == 1 || (returns && place->ordinal == 0);
}

// The bars before the last.
static void add_bars(const struct km_score *score, const struct km_tune_material *material,
                     const struct km_phrase_place *place, struct km_tune *tune)
{
    const struct km_plan_phrase *const phrase = phrase_at(score, place->index);
    const struct km_phrase_scheme scheme = scheme_of(score, material, place);
    for (int i = 0; i + 1 < phrase->bar_count; ++i) {
        const int column = i % KM_TUNE_SCHEME_BARS;
        char letter = scheme.bars[column];
        if (column == KM_TUNE_SCHEME_BARS - 1 && place->same_before % 2 == 1) {
            letter = with_other_end(letter); // The answer to the phrase before.
        }
        struct km_motif motif = bar_motif(score, material, letter);
        if (column == 1 && is_decorated(place)) {
            (void)km_motif_ornament(&motif);
        }
        km_motif_transpose(&motif, scheme.levels[column]);
        add_motif(score, tune, &motif,
                  ((uint32_t)phrase->first_bar + (uint32_t)i) * score->bar_ticks);
    }
}

// The last bar: a fragment on the way, a long note, a breath.
static void add_rest(const struct km_score *score, const struct km_tune_material *material,
                     const struct km_phrase_place *place, struct km_tune *tune)
{
    const struct km_plan_phrase *const phrase = phrase_at(score, place->index);
    const uint32_t end = end_of_phrase(score, phrase);
    const uint32_t bar = end - score->bar_ticks;
    const uint32_t rest = km_tune_rest_tick(score, place->index, material->rests_early);
    struct km_motif way = place->ordinal % 2 == 0 ? material->idea : material->other;
    km_motif_cut(&way, rest - bar);
    add_motif(score, tune, &way, bar);
    uint32_t room = end - rest - place->next_pickup;
    if (end < score->length) {
        room -= room > 2 * KM_PPQ ? KM_PPQ : (room > KM_EIGHTH ? KM_EIGHTH : 0);
    }
    const int steps = tune->count > 0 ? tune->notes[tune->count - 1].target / STEP_UNITS - 1 : 0;
    add_note(score, tune, rest, room, steps);
}

static void add_pickup(const struct km_score *score, const struct km_tune_material *material,
                       const struct km_phrase_place *place, struct km_tune *tune)
{
    const uint32_t notes = material->pickup_notes > 0 ? material->pickup_notes : 1;
    const uint32_t start = phrase_at(score, place->index)->first_bar * score->bar_ticks;
    const struct km_phrase_scheme scheme = scheme_of(score, material, place);
    const struct km_motif first = bar_motif(score, material, scheme.bars[0]);
    if (first.count == 0 || first.notes[0].start > 0) {
        return; // It would lead to a rest.
    }
    const uint32_t ticks = place->pickup / notes;
    for (uint32_t i = 0; i < notes && ticks > 0; ++i) {
        add_note(score, tune, start - place->pickup + i * ticks, ticks,
                 scheme.levels[0] - (int)(notes - i));
    }
}

// Where a kind of section lies in the voice, 0 to 1.
static double height_of(uint8_t kind)
{
    static const float heights[KM_SECTION_KINDS_COUNT] = {
        [KM_SECTION_INTRO] = 0.4F,   [KM_SECTION_VERSE] = 0.33F, [KM_SECTION_PRE_CHORUS] = 0.45F,
        [KM_SECTION_CHORUS] = 0.6F,  [KM_SECTION_BRIDGE] = 0.5F, [KM_SECTION_BREAKDOWN] = 0.22F,
        [KM_SECTION_BUILD] = 0.5F,   [KM_SECTION_DROP] = 0.62F,  [KM_SECTION_OUTRO] = 0.4F,
        [KM_SECTION_SILENCE] = 0.4F,
    };
    return (double)heights[kind];
}

// Moves the contour, which was about 0, to its height in the voice.
static void set_height(const struct km_score *score, const struct km_phrase_place *place,
                       struct km_tune *tune)
{
    const struct km_harmony_plan *const plan = score->plan;
    int sum = 0;
    for (int i = 0; i < tune->count; ++i) {
        sum += tune->notes[i].target;
    }
    const double span = (double)plan->register_high - (double)plan->register_low;
    const double height = (double)plan->register_low + span * height_of(place->kind);
    const int shift =
        (int)km_round(height * KM_TARGET_UNITS) - (tune->count > 0 ? sum / tune->count : 0);
    for (int i = 0; i < tune->count; ++i) {
        tune->notes[i].target = (int16_t)(tune->notes[i].target + shift);
    }
}

void km_tune_compose(const struct km_score *score, const struct km_tune_material *material,
                     const struct km_phrase_place *place, struct km_tune *tune)
{
    const struct km_plan_phrase *const phrase = phrase_at(score, place->index);
    tune->count = 0;
    tune->climax = -1;
    tune->floor = score->plan->register_low;
    tune->ceiling = score->plan->register_high;
    const bool is_hint = place->kind == KM_SECTION_INTRO && !place->has_peak;
    if (place->pickup > 0) {
        add_pickup(score, material, place, tune);
    }
    add_bars(score, material, place, tune);
    if (!is_hint) {
        add_rest(score, material, place, tune);
    }
    set_height(score, place, tune);
    const uint32_t last = tune->count > 0 ? tune->notes[tune->count - 1].start : 0;
    const struct km_chord chord = score->plan->chords[km_score_chord_at(score, last)].chord;
    const bool is_end = end_of_phrase(score, phrase) == score->length;
    tune->rest = km_melody_rest(
        score->plan, chord, is_hint ? (uint8_t)KM_CADENCE_OPEN : phrase->cadence,
        is_end && !km_plan_breaks(score->plan, KM_RULE_HARMONY_AVOID_TONIC_RESOLUTION));
}
