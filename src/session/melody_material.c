// SPDX-License-Identifier: MIT

// What sections of a kind sing: two motifs, the schemes that set them in phrases, and what a scheme
// makes of a motif in each bar.

#include "base/math.h"
#include "base/units.h"
#include "session/melody_private.h"

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
        return 1.12;
    case KM_SECTION_PRE_CHORUS:
        return 1.25;
    case KM_SECTION_BRIDGE:
        return 0.7;
    default:
        return 0.88;
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

uint32_t km_tune_middle(const struct km_score *score)
{
    return score->pulse_starts[(score->pulse_count + 1) / 2];
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

struct km_motif km_tune_bar(const struct km_score *score, const struct km_tune_material *material,
                            char letter)
{
    const uint32_t bar = score->bar_ticks;
    const uint32_t middle = km_tune_middle(score);
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

struct km_phrase_scheme km_tune_scheme(const struct km_score *score,
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
        return material->schemes[score->plan->phrases[place->index].material > 0];
    }
}
