// SPDX-License-Identifier: MIT

// The chords of the plan: phrases that leave, go their way and come to a cadence. Where they go is
// learned from real songs (progressions.def); the mode gives its own chords and cadences, the
// feeling borrowed chords, secondary dominants, suspensions and pedal points.

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

static void choose_amounts(struct km_harmony *harmony, const struct km_feeling *feeling,
                           double colour)
{
    const struct km_harmony_plan *const plan = harmony->plan;
    const double dissonance = (double)plan->dissonance;
    harmony->plain = (struct km_harmony_chances){
        .sevenths = km_clamp(0.5 * colour + 1.1 * dissonance - 0.1, 0, 0.8),
        .ninths = colour > 0.6 ? 0.3 : 0.08,
    };
    harmony->chances = harmony->plain;
    if (km_harmony_breaks(harmony, KM_RULE_HARMONY_UNRESOLVED_DISSONANCE)) {
        harmony->chances = (struct km_harmony_chances){.sevenths = 1, .ninths = 0.45};
    }
    // 1 is what real songs do. Mixed feelings mix the modes: "bittersweet", "hard-won hope".
    harmony->sources[KM_SOURCE_HOME] = 1;
    harmony->sources[KM_SOURCE_LENT] = 0.4 + 2.6 * feeling->contrast + 2.2 * dissonance;
    harmony->sources[KM_SOURCE_DOMINANT] = 0.5 + 1.6 * (double)plan->complexity + 0.8 * colour;
    harmony->sources[KM_SOURCE_RELATED] = 2.0 * (double)plan->complexity * colour;
    harmony->wandering = 0.005 + 0.03 * (double)plan->complexity;
    harmony->suspending =
        km_clamp(0.06 + 0.4 * dissonance + 0.15 * (double)plan->complexity, 0, 0.5);
    harmony->sadness = km_clamp(-feeling->valence * (1 - feeling->arousal) * 0.8, 0, 1);
    // Music that is calm, or built of surfaces, stays over one note.
    harmony->pedal = km_clamp(0.3 - 0.15 * feeling->arousal + 0.1 * dissonance, 0.1, 0.5);
}

static void harmony_init(struct km_harmony *harmony, struct km_harmony_plan *plan,
                         const struct km_feeling *feeling)
{
    *harmony = (struct km_harmony){
        .plan = plan,
        .grammar = km_mode_grammar((enum km_mode)plan->key.mode),
    };
    choose_amounts(harmony, feeling, (double)km_genre_traits((enum km_genre)plan->genre)->colour);
    km_palette_init(&harmony->home, plan->key);
    const uint8_t lender = choose_lender(plan, feeling);
    km_palette_init(&harmony->lent, (struct km_key){plan->key.tonic, lender});
    km_harmony_find_places(harmony);
    if (lender == KM_MODE_PHRYGIAN) {
        // Songs hardly know its second degree: one chord in a hundred. Who asks for it means it.
        harmony->sources[KM_SOURCE_LENT] *= 6;
    }
    km_random_init(&harmony->random, plan->seed, "harmony");
    harmony->refuge = km_random_chance(&harmony->random, 0.5) ? 3 : 5;
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

static void note_phrase(struct km_harmony_plan *plan, int first_bar, int bars,
                        enum km_cadence cadence, bool is_other)
{
    KM_CHECK(plan->phrase_count < KM_PLAN_PHRASES_MAX);
    plan->phrases[plan->phrase_count++] = (struct km_plan_phrase){
        .first_bar = (uint16_t)first_bar,
        .bar_count = (uint8_t)bars,
        .cadence = (uint8_t)cadence,
        .material = is_other,
    };
}

// The song ends at home, and so does what comes before silence; what another plan's music follows
// leads on to it.
static enum km_cadence choose_cadence(struct km_harmony *harmony,
                                      const struct km_harmony_phrase *phrase, bool is_answer)
{
    const struct km_harmony_plan *const plan = harmony->plan;
    const enum km_cadence cadence = km_harmony_choose_cadence(harmony, phrase, is_answer);
    const bool is_last = phrase->first_bar + phrase->bars == plan->length_bars;
    return is_last && plan->is_continued ? KM_CADENCE_HALF : cadence;
}

static void write_phrase(struct km_harmony *harmony, struct km_harmony_phrase *phrase,
                         const struct km_harmony_step *steps, bool is_answer)
{
    // Cadences and colours have luck of their own: what differs at the end leaves the beginning.
    const struct km_random colours = harmony->random;
    harmony->random = harmony->cadences;
    const enum km_cadence cadence = choose_cadence(harmony, phrase, is_answer);
    km_harmony_lay_slots(harmony->plan, phrase, cadence);
    memcpy(phrase->steps, steps, sizeof(phrase->steps));
    memset(phrase->roles, KM_ROLE_PLAIN, sizeof(phrase->roles));
    km_harmony_set_cadence(harmony, phrase, cadence);
    harmony->random = colours;
    km_harmony_colour_phrase(harmony, phrase);
    km_harmony_add_phrase(harmony->plan, phrase);
}

static void write_silence(struct km_harmony_plan *plan, const struct km_plan_section *section)
{
    km_harmony_add_silence(plan, section->first_bar, section->bar_count);
    const int end = section->first_bar + section->bar_count;
    for (int bar = section->first_bar; bar < end; bar += KM_PLAN_PHRASE_BARS) {
        const int bars = end - bar < KM_PLAN_PHRASE_BARS ? end - bar : KM_PLAN_PHRASE_BARS;
        note_phrase(plan, bar, bars, KM_CADENCE_SILENCE, false);
    }
}

// Whether the section comes to rest: the song ends or is silent after it.
static bool is_before_rest(const struct km_harmony_plan *plan, int index)
{
    return index + 1 < plan->section_count ? plan->sections[index + 1].kind == KM_SECTION_SILENCE
                                           : !plan->is_continued;
}

// Whether sections of this kind are sometimes one phrase: then each of its phrases ends as
// that one does, for all to be known again.
static bool has_single_phrase(const struct km_harmony_plan *plan, uint8_t kind)
{
    for (int i = 0; i < plan->section_count; ++i) {
        if (plan->sections[i].kind == kind && plan->sections[i].bar_count <= KM_PLAN_PHRASE_BARS) {
            return true;
        }
    }
    return false;
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
    struct km_harmony_step first[KM_HARMONY_SLOTS_MAX];
    struct km_harmony_step other[KM_HARMONY_SLOTS_MAX];
    // What the song begins with says where home is, and is the same when it comes back.
    const struct km_harmony_step start = material == material_of(plan->sections[0].kind)
                                             ? (struct km_harmony_step){0, KM_SOURCE_HOME}
                                             : km_harmony_start(harmony, material);
    km_harmony_walk(harmony, start, first);
    km_harmony_walk(harmony, km_harmony_start(harmony, KM_SECTION_BRIDGE), other);
    const struct km_random after_walks = harmony->random;
    (void)snprintf(stream, sizeof(stream), "cadences %s",
                   km_section_name((enum km_section_kind)material));
    km_random_init(&harmony->cadences, plan->seed, stream);
    const bool is_single = has_single_phrase(plan, section->kind);
    const int end = section->first_bar + section->bar_count;
    const bool rests_after = is_before_rest(plan, index);
    int count = 0;
    for (int bar = section->first_bar; bar < end; ++count) {
        struct km_harmony_phrase phrase = {.first_bar = bar, .section_kind = section->kind};
        phrase.bars = end - bar < KM_PLAN_PHRASE_BARS ? end - bar : KM_PLAN_PHRASE_BARS;
        bar += phrase.bars;
        phrase.is_end = bar == end && rests_after;
        const bool is_other = count % 4 == 2; // Song form: a a b a.
        const bool is_answer = count % 2 == 1 || bar == end || is_single;
        harmony->random = after_walks; // The same phrase has the same colours.
        write_phrase(harmony, &phrase, is_other ? other : first, is_answer);
        note_phrase(plan, phrase.first_bar, phrase.bars, km_harmony_cadence_heard(harmony, &phrase),
                    is_other);
    }
}

void km_plan_choose_chords(struct km_harmony_plan *plan, const struct km_feeling *feeling)
{
    KM_CHECK(plan->section_count > 0);
    struct km_harmony harmony;
    harmony_init(&harmony, plan, feeling);
    plan->chord_count = 0;
    plan->phrase_count = 0;
    int chords = 0;
    int bars = 0;
    for (int i = 0; i < plan->section_count; ++i) {
        const int before = plan->chord_count;
        if (plan->sections[i].kind == KM_SECTION_SILENCE) {
            write_silence(plan, &plan->sections[i]);
        } else {
            write_section(&harmony, i);
            chords += plan->chord_count - before;
            bars += plan->sections[i].bar_count;
        }
    }
    if (bars > 0) {
        plan->harmonic_rhythm = (float)chords / (float)bars;
    }
}
