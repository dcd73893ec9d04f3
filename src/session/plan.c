// SPDX-License-Identifier: MIT

#include "session/plan.h"

#include "base/check.h"
#include "base/text.h"
#include "base/units.h"
#include "session/genre_private.h"

static const char *const genre_names[] = {
#define KM_GENRE(NAME, name, ...) name,
#include "session/genres.def"
#undef KM_GENRE
};

static const struct km_genre_traits genre_traits[] = {
#define KM_GENRE(NAME, name, valence, arousal, dominance, colour, groove, form, bass, kit, melody, \
                 chords, low)                                                                      \
    {valence,        arousal,      dominance, colour, groove, KM_FORM_##form,                      \
     KM_BASS_##bass, KM_KIT_##kit, melody,    chords, low},
#include "session/genres.def"
#undef KM_GENRE
};

static const char *const rule_names[] = {
#define KM_RULE(NAME, name, effect, serves, missing) name,
#include "session/rules.def"
#undef KM_RULE
};

static const char *const rule_effects[] = {
#define KM_RULE(NAME, name, effect, serves, missing) effect,
#include "session/rules.def"
#undef KM_RULE
};

static const char *const rule_serves[] = {
#define KM_RULE(NAME, name, effect, serves, missing) serves,
#include "session/rules.def"
#undef KM_RULE
};

static const char *const rule_missing[] = {
#define KM_RULE(NAME, name, effect, serves, missing) missing,
#include "session/rules.def"
#undef KM_RULE
};

static const char *const ensemble_names[] = {
#define KM_ENSEMBLE(NAME, name, ...) name,
#include "session/ensembles.def"
#undef KM_ENSEMBLE
};

static const char *const feel_names[] = {
#define KM_FEEL(NAME, name, ...) name,
#include "session/feels.def"
#undef KM_FEEL
};

static const char *const cadence_names[] = {
#define KM_CADENCE(NAME, name, ...) name,
#include "session/cadences.def"
#undef KM_CADENCE
};

static const char *const section_names[] = {
#define KM_SECTION(NAME, name, tension) name,
#include "session/sections.def"
#undef KM_SECTION
};

static const char *const arc_names[] = {
#define KM_ARC(NAME, name, ...) name,
#include "session/arcs.def"
#undef KM_ARC
};

static const char *const metre_names[] = {
#define KM_METRE(beats, unit, ...) #beats "/" #unit,
#include "session/metres.def"
#undef KM_METRE
};

static const uint8_t metres[][2] = {
#define KM_METRE(beats, unit, ...) {beats, unit},
#include "session/metres.def"
#undef KM_METRE
};

enum { METRES_COUNT = sizeof(metres) / sizeof(metres[0]) };

_Static_assert(KM_RULES_COUNT <= 32, "a plan keeps its rules in 32 bits");

uint32_t km_plan_bar_ticks(const struct km_harmony_plan *plan)
{
    KM_CHECK(plan->beat_unit > 0);
    return (uint32_t)plan->beats_per_bar * (4U * KM_PPQ / plan->beat_unit);
}

uint64_t km_plan_length_ticks(const struct km_harmony_plan *plan)
{
    return (uint64_t)plan->length_bars * km_plan_bar_ticks(plan);
}

const struct km_genre_traits *km_genre_traits(enum km_genre genre)
{
    KM_CHECK((unsigned int)genre < KM_GENRES_COUNT);
    return &genre_traits[genre];
}

const char *const *km_genre_names(void)
{
    return genre_names;
}

const char *const *km_rule_names(void)
{
    return rule_names;
}

const char *km_section_name(enum km_section_kind kind)
{
    KM_CHECK((unsigned int)kind < KM_SECTION_KINDS_COUNT);
    return section_names[kind];
}

const char *const *km_arc_names(void)
{
    return arc_names;
}

const char *km_arc_name(enum km_arc arc)
{
    KM_CHECK((unsigned int)arc < KM_ARCS_COUNT);
    return arc_names[arc];
}

const char *const *km_ensemble_names(void)
{
    return ensemble_names;
}

const char *const *km_feel_names(void)
{
    return feel_names;
}

const char *km_cadence_name(enum km_cadence cadence)
{
    KM_CHECK((unsigned int)cadence < KM_CADENCES_COUNT);
    return cadence_names[cadence];
}

const char *km_part_id(enum km_part part)
{
    static const char *const ids[KM_PARTS_COUNT] = {"melody", "counter", "chords",
                                                    "pad",    "bass",    "drums"};
    KM_CHECK((unsigned int)part < KM_PARTS_COUNT);
    return ids[part];
}

const char *km_rule_effect(enum km_rule rule)
{
    KM_CHECK((unsigned int)rule < KM_RULES_COUNT);
    return rule_effects[rule];
}

const char *km_rule_serves(enum km_rule rule)
{
    KM_CHECK((unsigned int)rule < KM_RULES_COUNT);
    return rule_serves[rule];
}

const char *km_rule_missing(enum km_rule rule)
{
    KM_CHECK((unsigned int)rule < KM_RULES_COUNT);
    return rule_missing[rule][0] == '\0' ? (const char *)0 : rule_missing[rule];
}

// Finds `text` among names, or says what there is.
struct vocabulary {
    const char *what; ///< "genre"
    const char *const *names;
    int count;
};

static enum km_status find_name(const struct vocabulary *vocabulary, const char *text, int *index,
                                struct km_error *error)
{
    *index = km_text_find(text, vocabulary->names, vocabulary->count);
    if (*index >= 0) {
        return KM_OK;
    }
    char list[KM_ERROR_MESSAGE_SIZE - 100]; // All there are, with the sentence around them.
    km_text_list_nearest(list, sizeof(list), text, vocabulary->names, vocabulary->count);
    return km_error_set(error, KM_ERROR_NOT_FOUND, "there is no %s '%.40s'; there are: %s",
                        vocabulary->what, text, list);
}

enum km_status km_genre_parse(const char *text, enum km_genre *genre, struct km_error *error)
{
    static const struct vocabulary genres = {"genre", genre_names, KM_GENRES_COUNT};
    int index;
    const enum km_status status = find_name(&genres, text, &index, error);
    if (status == KM_OK) {
        *genre = (enum km_genre)index;
    }
    return status;
}

enum km_status km_rule_parse(const char *text, enum km_rule *rule, struct km_error *error)
{
    static const struct vocabulary rules = {"rule", rule_names, KM_RULES_COUNT};
    int index;
    const enum km_status status = find_name(&rules, text, &index, error);
    if (status == KM_OK) {
        *rule = (enum km_rule)index;
    }
    return status;
}

enum km_status km_ensemble_parse(const char *text, enum km_ensemble *ensemble,
                                 struct km_error *error)
{
    static const struct vocabulary ensembles = {"ensemble", ensemble_names, KM_ENSEMBLES_COUNT};
    int index;
    const enum km_status status = find_name(&ensembles, text, &index, error);
    if (status == KM_OK) {
        *ensemble = (enum km_ensemble)index;
    }
    return status;
}

enum km_status km_feel_parse(const char *text, enum km_feel *feel, struct km_error *error)
{
    static const struct vocabulary feels = {"feel", feel_names, KM_FEELS_COUNT};
    int index;
    const enum km_status status = find_name(&feels, text, &index, error);
    if (status == KM_OK) {
        *feel = (enum km_feel)index;
    }
    return status;
}

enum km_status km_arc_parse(const char *text, enum km_arc *arc, struct km_error *error)
{
    static const struct vocabulary arcs = {"arc", arc_names, KM_ARCS_COUNT};
    int index;
    const enum km_status status = find_name(&arcs, text, &index, error);
    if (status == KM_OK) {
        *arc = (enum km_arc)index;
    }
    return status;
}

enum km_status km_metre_parse(const char *text, uint8_t *beats_per_bar, uint8_t *beat_unit,
                              struct km_error *error)
{
    static const struct vocabulary all = {"metre", metre_names, METRES_COUNT};
    int index;
    const enum km_status status = find_name(&all, text, &index, error);
    if (status == KM_OK) {
        *beats_per_bar = metres[index][0];
        *beat_unit = metres[index][1];
    }
    return status;
}
