// SPDX-License-Identifier: MIT

// The chords of the plan: phrases that leave, wander and come to a cadence, by the grammar of the
// mode, with borrowed chords, secondary dominants and inversions where the feeling asks for colour.

#include "base/check.h"
#include "base/math.h"
#include "base/random.h"
#include "base/units.h"
#include "session/genre_private.h"
#include "session/palette_private.h"
#include "session/planner_private.h"

#include <stdio.h>
#include <string.h>

enum { PHRASE_BARS = 4, SLOTS_MAX = 2 * PHRASE_BARS };

/// What a chord does in its phrase.
enum role { ROLE_PLAIN, ROLE_APPROACH, ROLE_GOAL };

/// How a phrase ends.
enum cadence {
    CADENCE_OPEN,      ///< On the approach: the next phrase resolves it.
    CADENCE_HALF,      ///< On the dominant, or what the mode has for it.
    CADENCE_AUTHENTIC, ///< Home.
    CADENCE_DECEPTIVE, ///< On the sixth degree.
};

struct phrase {
    int first_bar, bars;
    int slots_in_bar[PHRASE_BARS];
    int slots;
    uint8_t degrees[SLOTS_MAX];
    uint8_t roles[SLOTS_MAX];
    struct km_chord chords[SLOTS_MAX];
    struct km_chord plain[SLOTS_MAX]; // What stood there if the rules of colour were kept.
};

/// How often a chord gets colour.
struct chances {
    double sevenths;  // Of a seventh,
    double ninths;    // of a ninth on top of it,
    double borrowing; // of being borrowed.
};

struct harmony {
    struct km_harmony_plan *plan;
    const struct km_mode_grammar *grammar;
    struct km_palette home, lent;
    struct chances plain;   // While the rules are kept.
    struct chances chances; // And as they are broken.
    double secondary;       // Chance of a secondary dominant.
    uint8_t refuge;         // Where cadences go that avoid the tonic: IV or vi.
    struct km_random random;
};

static bool breaks(const struct harmony *harmony, enum km_rule rule)
{
    return km_plan_breaks(harmony->plan, rule);
}

// Where chords are borrowed: minor keys look to a darker mode when the secondary emotion is darker
// than the feeling, else to the grammar's brighter one.
static uint8_t choose_lender(const struct km_harmony_plan *plan, const struct km_feeling *feeling)
{
    const bool is_dark = plan->key.mode == KM_MODE_AEOLIAN || plan->key.mode == KM_MODE_DORIAN ||
                         plan->key.mode == KM_MODE_HARMONIC_MINOR;
    if (is_dark && feeling->second_valence < feeling->valence - 0.1) {
        return KM_MODE_PHRYGIAN;
    }
    return km_mode_grammar((enum km_mode)plan->key.mode)->lender;
}

static void harmony_init(struct harmony *harmony, struct km_harmony_plan *plan,
                         const struct km_feeling *feeling)
{
    const struct km_mode_grammar *const grammar = km_mode_grammar((enum km_mode)plan->key.mode);
    const double colour = (double)km_genre_traits((enum km_genre)plan->genre)->colour;
    const double dissonance = (double)plan->dissonance;
    *harmony = (struct harmony){
        .plan = plan,
        .grammar = grammar,
        .plain = {.sevenths = km_clamp(0.75 * colour + 0.35 * dissonance - 0.08, 0, 0.95),
                  .ninths = colour > 0.6 ? 0.3 : 0.08,
                  // Mixed feelings mix the modes: "bittersweet", "hard-won hope".
                  .borrowing = 0.03 + 0.25 * feeling->contrast + 0.08 * dissonance},
        .secondary = 0.03 + 0.16 * (double)plan->complexity + 0.08 * colour,
    };
    km_palette_init(&harmony->home, plan->key);
    km_palette_init(&harmony->lent, (struct km_key){plan->key.tonic, choose_lender(plan, feeling)});
    km_random_init(&harmony->random, plan->seed, "harmony");
    harmony->refuge = km_random_chance(&harmony->random, 0.5) ? 3 : 5;
    harmony->chances = harmony->plain;
    if (breaks(harmony, KM_RULE_HARMONY_MODAL_INTERCHANGE)) {
        harmony->chances.borrowing += 0.3;
    }
    if (breaks(harmony, KM_RULE_HARMONY_UNRESOLVED_DISSONANCE)) {
        harmony->chances.sevenths = 1;
        harmony->chances.ninths = 0.45;
    }
}

// A degree after `last`, seldom `before_last` again: to and fro is dull.
static uint8_t next_degree(struct harmony *harmony, uint8_t last, uint8_t before_last)
{
    const float *const transitions =
        km_degree_transitions((enum km_mode)harmony->plan->key.mode, last);
    float weights[KM_DEGREES_COUNT];
    for (int i = 0; i < KM_DEGREES_COUNT; ++i) {
        const float again = i == before_last ? 0.35F : 1.0F;
        weights[i] = transitions[i] * harmony->grammar->colours[i] * again;
    }
    return (uint8_t)km_random_weighted(&harmony->random, weights, KM_DEGREES_COUNT);
}

// A walk over the degrees that never stands still.
static void walk_degrees(struct harmony *harmony, uint8_t start, uint8_t degrees[SLOTS_MAX])
{
    degrees[0] = start;
    for (int i = 1; i < SLOTS_MAX; ++i) {
        const uint8_t before_last = i > 1 ? degrees[i - 2] : KM_DEGREES_COUNT;
        degrees[i] = next_degree(harmony, degrees[i - 1], before_last);
    }
}

// Where a section begins: verses at home, choruses often on IV or vi, bridges away.
static uint8_t start_degree(struct harmony *harmony, uint8_t kind)
{
    static const float home[] = {1, 0, 0, 0, 0, 0, 0};
    static const float chorus[] = {0.5F, 0, 0, 0.25F, 0, 0.25F, 0};
    static const float before[] = {0, 0.3F, 0, 0.4F, 0, 0.3F, 0};
    static const float away[] = {0, 0, 0.2F, 0.35F, 0, 0.45F, 0};
    const float *weights = home;
    if (kind == KM_SECTION_CHORUS) {
        weights = chorus;
    } else if (kind == KM_SECTION_PRE_CHORUS) {
        weights = before;
    } else if (kind == KM_SECTION_BRIDGE) {
        weights = away;
    }
    float coloured[KM_DEGREES_COUNT];
    for (int i = 0; i < KM_DEGREES_COUNT; ++i) {
        coloured[i] = weights[i] * harmony->grammar->colours[i];
    }
    return (uint8_t)km_random_weighted(&harmony->random, coloured, KM_DEGREES_COUNT);
}

// Chords in each bar of a phrase, from the rate: .5 to 2 a bar.
static const uint8_t *layout_of(double rate)
{
    static const struct {
        double below;
        uint8_t slots[PHRASE_BARS];
    } layouts[] = {{0.75, {1, 0, 1, 1}},
                   {1.15, {1, 1, 1, 1}},
                   {1.4, {1, 1, 1, 2}},
                   {1.7, {1, 2, 1, 2}},
                   {1e9, {2, 2, 2, 2}}};
    int index = 0;
    while (rate >= layouts[index].below) {
        ++index;
    }
    return layouts[index].slots;
}

static void lay_slots(struct phrase *phrase, double rate, bool stays_home)
{
    const uint8_t *const layout = layout_of(rate);
    phrase->slots = 0;
    for (int i = 0; i < phrase->bars; ++i) {
        const bool is_arrival = stays_home && i == phrase->bars - 1;
        // What is no whole phrase is a tag: a chord a bar. The arrival has its bar for itself.
        const bool is_single = phrase->bars < PHRASE_BARS || is_arrival;
        phrase->slots_in_bar[i] = is_single ? 1 : layout[i];
        phrase->slots += phrase->slots_in_bar[i];
    }
}

static void set_slot(struct phrase *phrase, int slot, uint8_t degree, enum role role)
{
    if (slot < 0) {
        return;
    }
    phrase->degrees[slot] = degree;
    phrase->roles[slot] = (uint8_t)role;
    // The same chord before it would take the step away.
    if (slot > 0 && phrase->degrees[slot - 1] == degree) {
        phrase->degrees[slot - 1] = degree == 3 ? 5 : 3;
    }
}

static void set_cadence(struct harmony *harmony, struct phrase *phrase, enum cadence cadence)
{
    const struct km_mode_grammar *const grammar = harmony->grammar;
    const int last = phrase->slots - 1;
    const bool is_first = km_random_chance(&harmony->random, (double)grammar->first_approach);
    uint8_t approach = grammar->approaches[is_first ? 0 : 1];
    if (breaks(harmony, KM_RULE_HARMONY_TRITONE_SUBSTITUTION)) {
        approach = 4;
    }
    uint8_t home = 0;
    if (breaks(harmony, KM_RULE_HARMONY_AVOID_TONIC_RESOLUTION)) {
        home = harmony->refuge;
        approach = approach == home ? 4 : approach;
    }
    switch (cadence) {
    case CADENCE_OPEN:
        set_slot(phrase, last, approach, ROLE_APPROACH);
        break;
    case CADENCE_HALF:
        set_slot(phrase, last, grammar->half, ROLE_APPROACH);
        break;
    case CADENCE_AUTHENTIC:
        set_slot(phrase, last, home, ROLE_GOAL);
        set_slot(phrase, last - 1, approach, ROLE_APPROACH);
        break;
    case CADENCE_DECEPTIVE:
        set_slot(phrase, last, 5, ROLE_GOAL);
        set_slot(phrase, last - 1, 4, ROLE_APPROACH);
        break;
    }
}

// How many thirds this chord gets.
static enum km_stack choose_stack(struct km_random *random, const struct chances *chances,
                                  enum role role, bool is_end)
{
    double sevenths = chances->sevenths;
    if (sevenths < 1 && role == ROLE_APPROACH) {
        sevenths += 0.2; // The dominant wants its seventh.
    } else if (sevenths < 1 && is_end) {
        sevenths *= 0.4; // The end wants rest.
    }
    const bool has_seventh = km_random_chance(random, sevenths);
    const bool has_ninth = km_random_chance(random, chances->ninths);
    return has_seventh ? (has_ninth ? KM_STACK_NINTH : KM_STACK_SEVENTH) : KM_STACK_TRIAD;
}

static bool are_alike(struct km_chord a, struct km_chord b)
{
    return a.root == b.root && a.quality == b.quality;
}

static bool is_triad(struct km_chord chord)
{
    return chord.quality == KM_CHORD_MAJOR || chord.quality == KM_CHORD_MINOR;
}

static struct km_chord dominant_on(unsigned int root)
{
    const uint8_t pitch_class = (uint8_t)(root % 12);
    return (struct km_chord){
        .root = pitch_class, .quality = KM_CHORD_DOMINANT_SEVENTH, .bass = pitch_class};
}

// A chord that the parallel mode lends, if it is a plain one and not ours already.
static bool borrow_chord(const struct harmony *harmony, int degree, struct km_chord *chord)
{
    const struct km_chord lent = harmony->lent.chords[degree][KM_STACK_TRIAD];
    const struct km_chord home = harmony->home.chords[degree][KM_STACK_TRIAD];
    if (!is_triad(lent) || are_alike(lent, home)) {
        return false;
    }
    *chord = lent;
    return true;
}

// Draws as often whatever the chances are.
static struct km_chord choose_chord(struct harmony *harmony, const struct chances *chances,
                                    const struct phrase *phrase, int slot, bool is_end)
{
    struct km_random *const random = &harmony->random;
    const uint8_t degree = phrase->degrees[slot];
    const enum role role = (enum role)phrase->roles[slot];
    const enum km_stack stack = choose_stack(random, chances, role, is_end);
    struct km_chord chord = harmony->home.chords[degree][stack];
    const bool borrows = km_random_chance(random, chances->borrowing);
    const bool leads = km_random_chance(random, (double)harmony->grammar->major_dominant);
    if (role == ROLE_PLAIN && slot > 0 && borrows) {
        (void)borrow_chord(harmony, degree, &chord);
    }
    if (role == ROLE_APPROACH && degree == 4 && leads) {
        chord.quality = stack == KM_STACK_TRIAD ? KM_CHORD_MAJOR : KM_CHORD_DOMINANT_SEVENTH;
    }
    return chord;
}

// A plain chord with one note more of the mode that it is from.
static struct km_chord with_dissonance(const struct harmony *harmony, int degree,
                                       struct km_chord chord)
{
    const struct km_chord *const lent = harmony->lent.chords[degree];
    if (are_alike(chord, lent[KM_STACK_TRIAD])) {
        return lent[KM_STACK_SEVENTH];
    }
    (void)km_palette_extend(harmony->plan->key, &chord);
    return chord;
}

static void make_chord(struct harmony *harmony, struct phrase *phrase, int slot, bool is_end)
{
    const struct km_random before = harmony->random;
    phrase->plain[slot] = choose_chord(harmony, &harmony->plain, phrase, slot, is_end);
    harmony->random = before; // The same luck: what differs is the rules' doing.
    struct km_chord chord = choose_chord(harmony, &harmony->chances, phrase, slot, is_end);
    if (breaks(harmony, KM_RULE_HARMONY_UNRESOLVED_DISSONANCE) && is_triad(chord)) {
        chord = with_dissonance(harmony, phrase->degrees[slot], chord);
    }
    phrase->chords[slot] = chord;
}

// A chord that stands there with or without the rules of colour.
static void replace_chord(struct phrase *phrase, int slot, struct km_chord chord)
{
    phrase->chords[slot] = chord;
    phrase->plain[slot] = chord;
}

// The dominant of the next chord instead of a plain one.
static void add_secondary_dominants(struct harmony *harmony, struct phrase *phrase)
{
    bool was_changed = false;
    for (int i = 1; i + 1 < phrase->slots; ++i) {
        const bool is_wanted = km_random_chance(&harmony->random, harmony->secondary);
        const struct km_chord next = phrase->chords[i + 1];
        const bool is_possible = phrase->roles[i] == ROLE_PLAIN && phrase->degrees[i + 1] != 0 &&
                                 next.root != phrase->chords[i].root &&
                                 next.quality != KM_CHORD_DIMINISHED &&
                                 next.quality != KM_CHORD_AUGMENTED;
        if (is_wanted && is_possible && !was_changed) {
            replace_chord(phrase, i, dominant_on(next.root + 7U));
            was_changed = true;
        }
    }
}

// The dominant a tritone away, wherever a dominant is followed by what it leads to.
static void substitute_tritones(struct phrase *phrase, struct km_chord home)
{
    for (int i = 0; i < phrase->slots; ++i) {
        if (phrase->roles[i] == ROLE_APPROACH) {
            const bool is_last = i + 1 == phrase->slots;
            const struct km_chord goal = is_last ? home : phrase->chords[i + 1];
            replace_chord(phrase, i, dominant_on(goal.root + 1U));
        }
    }
}

// A borrowed chord of any degree, other than what stood there: iv for IV or the other way, bII,
// bVI...
static bool borrow_any_chord(const struct harmony *harmony, struct phrase *phrase, int slot)
{
    static const uint8_t degrees[] = {3, 1, 5, 6, 2};
    for (size_t i = 0; i < sizeof(degrees); ++i) {
        struct km_chord chord;
        if (borrow_chord(harmony, degrees[i], &chord) && !are_alike(chord, phrase->plain[slot])) {
            phrase->chords[slot] = chord;
            return true;
        }
    }
    return false;
}

static bool borrow_for_role(const struct harmony *harmony, struct phrase *phrase, enum role role)
{
    for (int i = 1; i < phrase->slots; ++i) {
        if (phrase->roles[i] == role && borrow_any_chord(harmony, phrase, i)) {
            return true;
        }
    }
    return false;
}

// A borrowed chord in each phrase, the one before the goal where nothing else is free, as in the
// minor plagal cadence; a tritone's substitute stays.
static void insist_on_borrowing(const struct harmony *harmony, struct phrase *phrase)
{
    const bool is_free = !breaks(harmony, KM_RULE_HARMONY_TRITONE_SUBSTITUTION);
    if (!borrow_for_role(harmony, phrase, ROLE_PLAIN) && is_free) {
        (void)borrow_for_role(harmony, phrase, ROLE_APPROACH);
    }
}

// Where a phrase is as dissonant as it can be by itself, its last chord that has room for it gets
// one note more.
static void insist_on_dissonance(const struct harmony *harmony, struct phrase *phrase)
{
    for (int i = 0; i < phrase->slots; ++i) {
        if (!are_alike(phrase->chords[i], phrase->plain[i])) {
            return;
        }
    }
    for (int i = phrase->slots - 1; i >= 0; --i) {
        if (km_palette_extend(harmony->plan->key, &phrase->chords[i])) {
            return;
        }
    }
}

static int steps_between(unsigned int a, unsigned int b)
{
    const int up = (int)((b + 12U - a) % 12U);
    return up > 6 ? 12 - up : up;
}

// The third in the bass where that makes a line of steps.
static void smooth_bass(struct harmony *harmony, struct phrase *phrase)
{
    for (int i = 1; i + 1 < phrase->slots; ++i) {
        struct km_chord *const chord = &phrase->chords[i];
        const bool is_wanted = km_random_chance(&harmony->random, 0.5);
        const km_pitch_set notes = km_chord_pitches((struct km_chord){.quality = chord->quality});
        const unsigned int third = (notes & 1U << 4U) != 0 ? 4 : 3;
        if (!is_wanted || (notes & 1U << third) == 0 || phrase->roles[i] == ROLE_GOAL) {
            continue;
        }
        const uint8_t bass = (uint8_t)((chord->root + third) % 12U);
        const int before = steps_between(phrase->chords[i - 1].bass, bass);
        const int after = steps_between(bass, phrase->chords[i + 1].bass);
        if (before > 0 && before <= 2 && after > 0 && after <= 2) {
            chord->bass = bass;
        }
    }
}

// Symbol and numeral; a chord that was named before keeps its names.
static void name_chord(struct km_harmony_plan *plan, struct km_plan_chord *chord)
{
    for (int i = 0; i < plan->chord_count; ++i) {
        const struct km_plan_chord *const other = &plan->chords[i];
        if (other->chord.root == chord->chord.root && other->chord.bass == chord->chord.bass &&
            other->chord.quality == chord->chord.quality) {
            memcpy(chord->symbol, other->symbol, sizeof(chord->symbol));
            memcpy(chord->roman, other->roman, sizeof(chord->roman));
            return;
        }
    }
    (void)km_chord_format(chord->chord, plan->key, chord->symbol);
    (void)km_roman_format(chord->chord, plan->key, chord->roman);
}

static void add_chord(struct km_harmony_plan *plan, struct km_chord chord, uint32_t start,
                      uint32_t duration)
{
    KM_CHECK(plan->chord_count < KM_PLAN_CHORDS_MAX);
    KM_CHECK(duration > 0);
    struct km_plan_chord *const place = &plan->chords[plan->chord_count];
    *place =
        (struct km_plan_chord){.start_tick = start, .duration_ticks = duration, .chord = chord};
    name_chord(plan, place);
    ++plan->chord_count;
}

static void add_phrase(struct km_harmony_plan *plan, const struct phrase *phrase)
{
    const uint32_t bar = km_plan_bar_ticks(plan);
    const uint32_t beat = 4U * KM_PPQ / plan->beat_unit;
    const uint32_t half = (plan->beats_per_bar + 1U) / 2U * beat; // 2+1, 3+2, 4+3
    uint32_t starts[SLOTS_MAX + 1] = {0};
    int slot = 0;
    for (int i = 0; i < phrase->bars; ++i) {
        for (int j = 0; j < phrase->slots_in_bar[i]; ++j) {
            starts[slot++] = (uint32_t)(phrase->first_bar + i) * bar + (uint32_t)j * half;
        }
    }
    starts[slot] = (uint32_t)(phrase->first_bar + phrase->bars) * bar;
    for (int i = 0; i < phrase->slots; ++i) {
        add_chord(plan, phrase->chords[i], starts[i], starts[i + 1] - starts[i]);
    }
}

// The section whose chords this one shares: intros look forward to the verse, outros back to the
// chorus.
static uint8_t material_of(uint8_t kind)
{
    switch (kind) {
    case KM_SECTION_INTRO:
        return KM_SECTION_VERSE;
    case KM_SECTION_OUTRO:
    case KM_SECTION_DROP:
        return KM_SECTION_CHORUS;
    case KM_SECTION_BUILD:
        return KM_SECTION_PRE_CHORUS;
    default:
        return kind;
    }
}

static enum cadence choose_cadence(struct harmony *harmony, uint8_t kind, bool is_last)
{
    const double chance = km_random_unit(&harmony->random);
    if (!is_last) {
        return chance < 0.5 ? CADENCE_HALF : CADENCE_OPEN;
    }
    switch (kind) {
    case KM_SECTION_CHORUS:
    case KM_SECTION_DROP:
        return chance < 0.6 ? CADENCE_AUTHENTIC
                            : (chance < 0.75 ? CADENCE_DECEPTIVE : CADENCE_OPEN);
    case KM_SECTION_OUTRO:
        return CADENCE_AUTHENTIC;
    case KM_SECTION_VERSE:
    case KM_SECTION_INTRO:
        return CADENCE_OPEN;
    default:
        return CADENCE_HALF;
    }
}

static enum km_cadence cadence_name(const struct harmony *harmony, enum cadence cadence,
                                    uint8_t approach)
{
    switch (cadence) {
    case CADENCE_OPEN:
        return KM_CADENCE_OPEN;
    case CADENCE_HALF:
        return KM_CADENCE_HALF;
    case CADENCE_DECEPTIVE:
        return KM_CADENCE_DECEPTIVE;
    case CADENCE_AUTHENTIC:
    default:
        break;
    }
    if (breaks(harmony, KM_RULE_HARMONY_AVOID_TONIC_RESOLUTION)) {
        return KM_CADENCE_EVADED;
    }
    if (approach == 4) {
        return KM_CADENCE_AUTHENTIC;
    }
    return approach == 3 ? KM_CADENCE_PLAGAL : KM_CADENCE_MODAL;
}

static void note_phrase(struct harmony *harmony, const struct phrase *phrase, enum cadence cadence,
                        bool is_other)
{
    struct km_harmony_plan *const plan = harmony->plan;
    KM_CHECK(plan->phrase_count < KM_PLAN_PHRASES_MAX);
    const uint8_t approach = phrase->slots > 1 ? phrase->degrees[phrase->slots - 2] : 0;
    plan->phrases[plan->phrase_count++] = (struct km_plan_phrase){
        .first_bar = (uint16_t)phrase->first_bar,
        .bar_count = (uint8_t)phrase->bars,
        .cadence = (uint8_t)cadence_name(harmony, cadence, approach),
        .material = is_other,
    };
}

static void write_phrase(struct harmony *harmony, struct phrase *phrase, const uint8_t *degrees,
                         enum cadence cadence, bool is_end)
{
    lay_slots(phrase, (double)harmony->plan->harmonic_rhythm, cadence == CADENCE_AUTHENTIC);
    memcpy(phrase->degrees, degrees, SLOTS_MAX);
    memset(phrase->roles, ROLE_PLAIN, sizeof(phrase->roles));
    set_cadence(harmony, phrase, cadence);
    for (int i = 0; i < phrase->slots; ++i) {
        make_chord(harmony, phrase, i, is_end && i + 1 == phrase->slots);
    }
    // Substitutes first: a secondary dominant leads to what is there.
    if (breaks(harmony, KM_RULE_HARMONY_TRITONE_SUBSTITUTION)) {
        substitute_tritones(phrase, harmony->home.chords[0][KM_STACK_TRIAD]);
    }
    if (breaks(harmony, KM_RULE_HARMONY_MODAL_INTERCHANGE)) {
        insist_on_borrowing(harmony, phrase);
    } else {
        add_secondary_dominants(harmony, phrase);
    }
    if (breaks(harmony, KM_RULE_HARMONY_UNRESOLVED_DISSONANCE)) {
        insist_on_dissonance(harmony, phrase);
    }
    smooth_bass(harmony, phrase);
    add_phrase(harmony->plan, phrase);
}

static void write_section(struct harmony *harmony, int index)
{
    struct km_harmony_plan *const plan = harmony->plan;
    const struct km_plan_section *const section = &plan->sections[index];
    const uint8_t material = material_of(section->kind);
    // A stream for each kind: a chorus that comes back is the same chorus.
    char stream[40];
    (void)snprintf(stream, sizeof(stream), "harmony %s",
                   km_section_name((enum km_section_kind)material));
    km_random_init(&harmony->random, plan->seed, stream);
    uint8_t first[SLOTS_MAX];
    uint8_t other[SLOTS_MAX];
    walk_degrees(harmony, start_degree(harmony, material), first);
    walk_degrees(harmony, start_degree(harmony, KM_SECTION_BRIDGE), other);
    const struct km_random after_walks = harmony->random;
    const int end = section->first_bar + section->bar_count;
    int count = 0;
    for (int bar = section->first_bar; bar < end; ++count) {
        struct phrase phrase = {.first_bar = bar};
        phrase.bars = end - bar < PHRASE_BARS ? end - bar : PHRASE_BARS;
        bar += phrase.bars;
        const bool is_end = bar == plan->length_bars && !plan->is_continued;
        const bool is_other = count % 4 == 2; // Song form: a a b a.
        harmony->random = after_walks;        // The same phrase has the same colours.
        const enum cadence cadence =
            is_end ? CADENCE_AUTHENTIC : choose_cadence(harmony, section->kind, bar == end);
        write_phrase(harmony, &phrase, is_other ? other : first, cadence, is_end);
        note_phrase(harmony, &phrase, cadence, is_other);
    }
}

void km_plan_choose_chords(struct km_harmony_plan *plan, const struct km_feeling *feeling)
{
    KM_CHECK(plan->section_count > 0);
    struct harmony harmony;
    harmony_init(&harmony, plan, feeling);
    plan->chord_count = 0;
    plan->phrase_count = 0;
    for (int i = 0; i < plan->section_count; ++i) {
        write_section(&harmony, i);
    }
    plan->harmonic_rhythm = (float)plan->chord_count / (float)plan->length_bars;
}
