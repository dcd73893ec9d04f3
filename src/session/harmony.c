// SPDX-License-Identifier: MIT

// The chords of the plan: phrases that leave, wander and come to a cadence, by the grammar of the
// mode, with borrowed chords, secondary dominants and inversions where the feeling asks for colour.

#include "base/check.h"
#include "base/math.h"
#include "session/genre_private.h"
#include "session/harmony_private.h"

#include <stdio.h>
#include <string.h>

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

static void harmony_init(struct km_harmony *harmony, struct km_harmony_plan *plan,
                         const struct km_feeling *feeling)
{
    const struct km_mode_grammar *const grammar = km_mode_grammar((enum km_mode)plan->key.mode);
    const double colour = (double)km_genre_traits((enum km_genre)plan->genre)->colour;
    const double dissonance = (double)plan->dissonance;
    *harmony = (struct km_harmony){
        .plan = plan,
        .grammar = grammar,
        .plain = {.sevenths = km_clamp(0.5 * colour + 1.1 * dissonance - 0.1, 0, 0.95),
                  .ninths = colour > 0.6 ? 0.3 : 0.08,
                  // Mixed feelings mix the modes: "bittersweet", "hard-won hope".
                  .borrowing = 0.03 + 0.25 * feeling->contrast + 0.45 * dissonance},
        .secondary = 0.03 + 0.16 * (double)plan->complexity + 0.08 * colour,
    };
    km_palette_init(&harmony->home, plan->key);
    km_palette_init(&harmony->lent, (struct km_key){plan->key.tonic, choose_lender(plan, feeling)});
    km_random_init(&harmony->random, plan->seed, "harmony");
    harmony->refuge = km_random_chance(&harmony->random, 0.5) ? 3 : 5;
    harmony->chances = harmony->plain;
    if (km_harmony_breaks(harmony, KM_RULE_HARMONY_MODAL_INTERCHANGE)) {
        harmony->chances.borrowing += 0.3;
    }
    if (km_harmony_breaks(harmony, KM_RULE_HARMONY_UNRESOLVED_DISSONANCE)) {
        harmony->chances.sevenths = 1;
        harmony->chances.ninths = 0.45;
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

static void note_phrase(struct km_harmony *harmony, const struct km_harmony_phrase *phrase,
                        enum km_harmony_cadence cadence, bool is_other)
{
    struct km_harmony_plan *const plan = harmony->plan;
    KM_CHECK(plan->phrase_count < KM_PLAN_PHRASES_MAX);
    const uint8_t approach = phrase->slots > 1 ? phrase->degrees[phrase->slots - 2] : 0;
    plan->phrases[plan->phrase_count++] = (struct km_plan_phrase){
        .first_bar = (uint16_t)phrase->first_bar,
        .bar_count = (uint8_t)phrase->bars,
        .cadence = (uint8_t)km_harmony_cadence_name(harmony, cadence, approach),
        .material = is_other,
    };
}

static void write_phrase(struct km_harmony *harmony, struct km_harmony_phrase *phrase,
                         const uint8_t *degrees, enum km_harmony_cadence cadence, bool is_end)
{
    km_harmony_lay_slots(phrase, (double)harmony->plan->harmonic_rhythm,
                         cadence == KM_HARMONY_AUTHENTIC);
    memcpy(phrase->degrees, degrees, KM_HARMONY_SLOTS_MAX);
    memset(phrase->roles, KM_ROLE_PLAIN, sizeof(phrase->roles));
    km_harmony_set_cadence(harmony, phrase, cadence);
    km_harmony_colour_phrase(harmony, phrase, is_end);
    km_harmony_add_phrase(harmony->plan, phrase);
}

// No chord, in phrases that are none.
static void write_silence(struct km_harmony_plan *plan, const struct km_plan_section *section)
{
    const int end = section->first_bar + section->bar_count;
    for (int bar = section->first_bar; bar < end; bar += KM_PLAN_PHRASE_BARS) {
        struct km_harmony_phrase phrase = {.first_bar = bar, .slots_in_bar = {1}, .slots = 1};
        phrase.bars = end - bar < KM_PLAN_PHRASE_BARS ? end - bar : KM_PLAN_PHRASE_BARS;
        phrase.chords[0].quality = KM_CHORD_NONE;
        km_harmony_add_phrase(plan, &phrase);
        KM_CHECK(plan->phrase_count < KM_PLAN_PHRASES_MAX);
        plan->phrases[plan->phrase_count++] = (struct km_plan_phrase){
            .first_bar = (uint16_t)bar,
            .bar_count = (uint8_t)phrase.bars,
            .cadence = KM_CADENCE_SILENCE,
        };
    }
}

// The song ends at home, and so does what comes before silence; what another plan's music follows
// leads on to it.
static enum km_harmony_cadence choose_cadence(struct km_harmony *harmony, int index, int end_bar)
{
    const struct km_harmony_plan *const plan = harmony->plan;
    const struct km_plan_section *const section = &plan->sections[index];
    const bool is_last = end_bar == section->first_bar + section->bar_count;
    if (end_bar == plan->length_bars) {
        return plan->is_continued ? KM_HARMONY_HALF : KM_HARMONY_AUTHENTIC;
    }
    const enum km_harmony_cadence cadence =
        km_harmony_choose_cadence(harmony, section->kind, is_last);
    return is_last && section[1].kind == KM_SECTION_SILENCE ? KM_HARMONY_AUTHENTIC : cadence;
}

static void write_section(struct km_harmony *harmony, int index)
{
    struct km_harmony_plan *const plan = harmony->plan;
    const struct km_plan_section *const section = &plan->sections[index];
    const uint8_t material = material_of(section->kind);
    // A stream for each kind: a chorus that comes back is the same chorus.
    char stream[40];
    (void)snprintf(stream, sizeof(stream), "harmony %s",
                   km_section_name((enum km_section_kind)material));
    km_random_init(&harmony->random, plan->seed, stream);
    uint8_t first[KM_HARMONY_SLOTS_MAX];
    uint8_t other[KM_HARMONY_SLOTS_MAX];
    km_harmony_walk(harmony, km_harmony_start(harmony, material), first);
    km_harmony_walk(harmony, km_harmony_start(harmony, KM_SECTION_BRIDGE), other);
    const struct km_random after_walks = harmony->random;
    const int end = section->first_bar + section->bar_count;
    int count = 0;
    for (int bar = section->first_bar; bar < end; ++count) {
        struct km_harmony_phrase phrase = {.first_bar = bar};
        phrase.bars = end - bar < KM_PLAN_PHRASE_BARS ? end - bar : KM_PLAN_PHRASE_BARS;
        bar += phrase.bars;
        const bool is_end = bar == plan->length_bars && !plan->is_continued;
        const bool is_other = count % 4 == 2; // Song form: a a b a.
        harmony->random = after_walks;        // The same phrase has the same colours.
        const enum km_harmony_cadence cadence = choose_cadence(harmony, index, bar);
        write_phrase(harmony, &phrase, is_other ? other : first, cadence, is_end);
        note_phrase(harmony, &phrase, cadence, is_other);
    }
}

void km_plan_choose_chords(struct km_harmony_plan *plan, const struct km_feeling *feeling)
{
    KM_CHECK(plan->section_count > 0);
    struct km_harmony harmony;
    harmony_init(&harmony, plan, feeling);
    plan->chord_count = 0;
    plan->phrase_count = 0;
    for (int i = 0; i < plan->section_count; ++i) {
        if (plan->sections[i].kind == KM_SECTION_SILENCE) {
            write_silence(plan, &plan->sections[i]);
        } else {
            write_section(&harmony, i);
        }
    }
    plan->harmonic_rhythm = (float)plan->chord_count / (float)plan->length_bars;
}
