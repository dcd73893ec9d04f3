// SPDX-License-Identifier: MIT

// The rules: one pass over a sentence notes what each word or phrase says and what holds for it;
// then the evidence is added up.

#include "affect/sentence_private.h"

#include "affect/emotion_private.h"
#include "affect/phrase_private.h"
#include "affect/thesaurus.h"
#include "base/math.h"

#include <string.h>

enum { NEGATION_REACH = 7, EXCESS_REACH = 4, BOOST_REACH = 3, STRENGTH_MIN = 5 };

#define BOOST_CAPITALS 1.3F
#define BOOST_STRETCHED 1.3F
#define BOOST_DEFAULT 1.3F
#define BOOST_MAX 1.8F
#define BOOST_MIN 0.4F
#define SHARE_BEFORE_CONTRAST 0.45F
#define SHARE_AFTER_CONTRAST 1.3F
#define SHARE_CONCEDED 0.5F
#define SHARE_HYPOTHETICAL 0.6F
#define SHARE_PREVENTED 0.25F
#define SHARE_NEGATED 0.85F
#define BAD_IS_STRONGER 1.2F // Baumeister et al. 2001: bad counts for more than good.

/// What a word or phrase says, and what holds for it.
struct item {
    const struct km_word *word;
    float boost;
    float share;
    int position; ///< Of its last token.
    bool is_negated;
    bool is_ended; ///< "no longer", "any more": the negation tells of relief.
    bool is_wished;
};

/// Where the pass stands.
struct reading {
    const struct km_sentence *sentence;
    struct item items[KM_SENTENCE_TOKENS_MAX];
    int count;
    int negation_left; ///< Words that the negation still reaches.
    bool negation_is_ended;
    bool negation_is_never;
    float boost;
    int boost_left;
    float share;
    bool is_hypothetical;
    int after_excess;  ///< Index of the token after "too"; 0 if there is none in the clause.
    bool is_prevented; ///< After the "to" of "too tired to".
    bool is_wished;
    bool is_conceding;
    bool is_not_only;
    bool was_and;
    bool is_contrast;
};

static bool is_text(const struct km_token *token, const char *text)
{
    return strcmp(token->text, text) == 0;
}

static void end_clause(struct reading *reading)
{
    reading->negation_left = 0;
    reading->boost = 1.0F;
    reading->is_hypothetical = false;
    reading->after_excess = 0;
    reading->is_prevented = false;
    reading->is_wished = false;
}

static void read_pause(struct reading *reading)
{
    end_clause(reading);
    if (reading->is_conceding) {
        reading->is_conceding = false;
        reading->share = 1.2F;
    }
}

static void read_contrast(struct reading *reading)
{
    end_clause(reading);
    if (reading->is_not_only) {
        reading->is_not_only = false;
        return;
    }
    for (int i = 0; i < reading->count; ++i) {
        reading->items[i].share *= SHARE_BEFORE_CONTRAST;
    }
    reading->is_contrast = reading->is_contrast || reading->count == 0;
    reading->share = SHARE_AFTER_CONTRAST;
    reading->is_conceding = false;
}

static void read_negator(struct reading *reading, const struct km_word *word, int index)
{
    const struct km_token *const token = &reading->sentence->tokens[index];
    const bool is_second =
        word->role == KM_ROLE_NEGATOR_ENDED || is_text(token, "not") || is_text(token, "without");
    if (is_second && reading->negation_left > 0) {
        reading->negation_left = 0; // "I never stopped loving her", "never without hope"
        return;
    }
    // The negator itself is counted off, too.
    reading->negation_left = (word->factor > 0 ? word->factor : NEGATION_REACH) + 1;
    reading->negation_is_ended = word->role == KM_ROLE_NEGATOR_ENDED;
    reading->negation_is_never = is_text(token, "never");
}

// "never so happy": no negation, but the most of it.
static void read_booster(struct reading *reading, const struct km_word *word, int index)
{
    const float factor = word->factor > 0 ? 0.01F * (float)word->factor : BOOST_DEFAULT;
    struct item *const last = reading->count > 0 ? &reading->items[reading->count - 1] : NULL;
    const bool is_near = last && index - last->position <= 3;
    if (word->role == KM_ROLE_BOOSTER_AFTER) {
        if (is_near) {
            last->boost *= factor;
            return;
        }
    }
    if (reading->negation_left > 0 && reading->negation_is_never) {
        reading->negation_left = 0;
    }
    reading->boost *= factor;
    reading->boost_left = BOOST_REACH + 1;
}

static void read_comparative(struct reading *reading)
{
    if (reading->negation_left > 0 && reading->negation_is_never) {
        reading->negation_left = 0;
        reading->boost *= BOOST_DEFAULT;
        reading->boost_left = BOOST_REACH + 1;
    }
}

static void read_ended(struct reading *reading)
{
    for (int i = 0; i < reading->count; ++i) {
        reading->items[i].is_ended = reading->items[i].is_negated;
    }
}

static void read_role(struct reading *reading, const struct km_word *word, int index)
{
    const bool was_and = reading->was_and;
    reading->was_and = word->role == KM_ROLE_AND;
    switch ((enum km_role)word->role) {
    case KM_ROLE_NEGATOR:
    case KM_ROLE_NEGATOR_ENDED:
        read_negator(reading, word, index);
        break;
    case KM_ROLE_NOT_NEGATOR:
        reading->is_not_only = true;
        break;
    case KM_ROLE_ENDED:
        read_ended(reading);
        break;
    case KM_ROLE_BOOSTER:
    case KM_ROLE_BOOSTER_AFTER:
    case KM_ROLE_DOWNTONER:
        read_booster(reading, word, index);
        break;
    case KM_ROLE_EVER: // "I don't think I have ever been so happy"
        reading->negation_is_never = true;
        break;
    case KM_ROLE_COMPARATIVE:
        read_comparative(reading);
        break;
    case KM_ROLE_CONTRAST:
        read_contrast(reading);
        break;
    case KM_ROLE_CONCESSION:
        end_clause(reading);
        reading->share = SHARE_CONCEDED;
        reading->is_conceding = true;
        break;
    case KM_ROLE_HYPOTHETICAL:
        reading->is_hypothetical = true;
        break;
    case KM_ROLE_WISH:
        reading->is_wished = true;
        break;
    case KM_ROLE_CLAUSE:
        end_clause(reading);
        break;
    case KM_ROLE_SUBJECT:
        if (was_and) {
            end_clause(reading);
        }
        break;
    case KM_ROLE_NONE:
    case KM_ROLE_PERFECT:
    case KM_ROLE_POSSESSIVE:
    case KM_ROLE_KIN:
    case KM_ROLE_BEING:
    case KM_ROLE_AND:
    case KM_ROLE_ONLY:
    case KM_ROLE_BOOSTER_BEFORE: // Where they steer: read_word.
    case KM_ROLE_BOOSTER_PREDICATE:
    case KM_ROLES_COUNT:
        break;
    }
}

// Whether the capitals of a word stand out from the others.
static bool is_shouted(const struct km_sentence *sentence, const struct km_token *token)
{
    return token->is_capital && token->length >= 3 && sentence->capitals < sentence->words;
}

static void add_item(struct reading *reading, const struct km_word *word, int first, int last)
{
    const struct km_token *const token = &reading->sentence->tokens[first];
    if (token->is_comparative) {
        read_comparative(reading);
    }
    struct item *const item = &reading->items[reading->count];
    ++reading->count;
    const bool is_negated = reading->negation_left > 0;
    *item = (struct item){.word = word,
                          .boost = reading->boost,
                          .share = reading->share,
                          .position = last,
                          .is_negated = is_negated != token->is_turned,
                          .is_ended = is_negated && reading->negation_is_ended,
                          .is_wished = reading->is_wished};
    item->boost *= is_shouted(reading->sentence, token) ? BOOST_CAPITALS : 1.0F;
    item->boost *= token->is_stretched ? BOOST_STRETCHED : 1.0F;
    item->share *= reading->is_hypothetical ? SHARE_HYPOTHETICAL : 1.0F;
    item->share *= reading->is_prevented ? SHARE_PREVENTED : 1.0F;
    reading->boost = 1.0F;
}

// Words that steer others say something themselves only if that is plain.
static bool says_something(const struct km_word *word)
{
    const bool is_steering = word->role == KM_ROLE_BOOSTER || word->role == KM_ROLE_DOWNTONER ||
                             word->role == KM_ROLE_NEGATOR || word->role == KM_ROLE_HYPOTHETICAL;
    return is_steering ? word->weights[0] >= 50
                       : word->weights[0] > 0 || word->strength >= STRENGTH_MIN;
}

// What stands before a feeling that it steers says nothing itself: "damn happy".
static void read_word(struct reading *reading, const struct km_word *word, int first, int last)
{
    const bool is_steering =
        km_phrase_is_booster(word) && km_phrase_steers_feeling(reading->sentence, first);
    read_role(reading, word, first);
    if (is_steering &&
        (word->role == KM_ROLE_BOOSTER_BEFORE || word->role == KM_ROLE_BOOSTER_PREDICATE)) {
        read_booster(reading, word, first);
    }
    if (!is_steering && says_something(word)) {
        add_item(reading, word, first, last);
    }
}

// "too tired to be angry" is tired.
static void read_excess(struct reading *reading, int index)
{
    const struct km_token *const token = &reading->sentence->tokens[index];
    const struct item *const last = reading->count > 0 ? &reading->items[reading->count - 1] : NULL;
    if (is_text(token, "too")) {
        reading->after_excess = reading->negation_left > 0 ? 0 : index + 1;
        return;
    }
    const bool is_near = reading->after_excess > 0 && index - reading->after_excess < EXCESS_REACH;
    if (is_near && is_text(token, "to") && last && last->position >= reading->after_excess) {
        reading->is_prevented = true;
    }
}

static int read_token(struct reading *reading, int index)
{
    const struct km_token *const token = &reading->sentence->tokens[index];
    if (token->kind == KM_TOKEN_PAUSE) {
        read_pause(reading);
        return 1;
    }
    int count = 1;
    const struct km_word *const word = km_phrase_or_word(reading->sentence, index, &count);
    if (word) {
        read_word(reading, word, index, index + count - 1);
    }
    if (count == 1) {
        read_excess(reading, index);
    }
    reading->negation_left -= reading->negation_left > 0;
    reading->boost_left -= reading->boost_left > 0;
    if (reading->boost_left == 0) {
        reading->boost = 1.0F;
    }
    return count;
}

/// What an item says once its rules are applied.
struct saying {
    float point[3];
    float emotions[KM_EMOTIONS_COUNT];
    int leading;
    float weight; ///< Of its place: how much it says, times its share.
    float share;
    float intensity;
    float boost;
};

static float bounded(float x, float low, float high)
{
    return (float)km_clamp((double)x, (double)low, (double)high);
}

static void place_by_emotions(const struct km_word *word, float point[3])
{
    float total = 0.0F;
    for (int i = 0; i < KM_WORD_EMOTIONS_MAX; ++i) {
        const float weight = (float)word->weights[i];
        const float *const place = km_emotion_point(word->emotions[i]);
        for (int axis = 0; axis < 3; ++axis) {
            point[axis] += weight * place[axis];
        }
        total += weight;
    }
    for (int axis = 0; axis < 3; ++axis) {
        point[axis] /= total > 0.0F ? total : 1.0F;
    }
}

static void say_plainly(const struct km_word *word, struct saying *saying)
{
    for (int axis = 0; axis < 3; ++axis) {
        saying->point[axis] = 0.01F * (float)word->point[axis];
    }
    if (word->length == 0) { // A sign.
        place_by_emotions(word, saying->point);
    }
    for (int i = 0; i < KM_WORD_EMOTIONS_MAX; ++i) {
        saying->emotions[word->emotions[i]] += 0.01F * (float)word->weights[i];
    }
    const float size = (float)km_sqrt(
        (double)(saying->point[0] * saying->point[0] + 0.5F * saying->point[1] * saying->point[1]));
    saying->intensity = word->node >= 0 ? km_thesaurus_node(word->node)->intensity
                                        : bounded(0.15F + 0.7F * size, 0.0F, 1.0F);
}

// "not angry": the opposite, and calmer. "no longer angry" is relief more than "not angry" is.
static void say_negated(struct saying *saying, bool is_ended)
{
    float turned[KM_EMOTIONS_COUNT] = {0};
    for (int emotion = 0; emotion < KM_EMOTIONS_COUNT; ++emotion) {
        float weight = 0.0F;
        const int opposite = km_emotion_opposite(emotion, &weight);
        const float more = is_ended && opposite == KM_EMOTION_RELIEF ? 1.3F : 1.0F;
        turned[opposite] += saying->emotions[emotion] * bounded(weight * more, 0.0F, 0.9F);
    }
    memcpy(saying->emotions, turned, sizeof(turned));
    const float valence = saying->point[0];
    saying->point[0] = valence < 0.0F ? -0.45F * valence : -0.6F * valence;
    saying->point[1] =
        saying->point[1] > 0.0F ? -0.35F * saying->point[1] : 0.3F * saying->point[1];
    saying->point[2] *= -0.4F;
    saying->intensity *= 0.6F;
}

// "I wish I were happy": what is wished for is missing.
static void say_wished(struct saying *saying)
{
    if (saying->point[0] <= 0.0F) {
        saying->weight *= 0.5F;
        saying->share *= 0.5F;
        return;
    }
    float total = 0.0F;
    for (int emotion = 0; emotion < KM_EMOTIONS_COUNT; ++emotion) {
        total = total > saying->emotions[emotion] ? total : saying->emotions[emotion];
        saying->emotions[emotion] *= 0.15F;
    }
    saying->emotions[KM_EMOTION_SADNESS] += 0.6F * total;
    saying->emotions[KM_EMOTION_DESIRE] += 0.5F * total;
    saying->point[0] *= -0.5F;
    saying->point[1] *= -0.3F;
    saying->point[2] *= -0.5F;
    saying->intensity *= 0.8F;
}

static void say(const struct item *item, struct saying *saying)
{
    memset(saying, 0, sizeof(*saying));
    saying->boost = bounded(item->boost, BOOST_MIN, BOOST_MAX);
    saying->share = item->share * (item->is_negated ? SHARE_NEGATED : 1.0F);
    saying->weight = 0.01F * (float)item->word->strength * saying->share;
    say_plainly(item->word, saying);
    if (item->is_negated) {
        say_negated(saying, item->is_ended);
    }
    if (item->is_wished) {
        say_wished(saying);
    }
    if (saying->point[0] < 0.0F) {
        saying->weight *= BAD_IS_STRONGER;
    }
    saying->leading = KM_EMOTION_NEUTRAL;
    saying->emotions[KM_EMOTION_NEUTRAL] = 0.0F;
    for (int emotion = 0; emotion < KM_EMOTIONS_COUNT; ++emotion) {
        if (saying->emotions[emotion] > saying->emotions[saying->leading]) {
            saying->leading = emotion;
        }
    }
}

static void add_saying(const struct saying *saying, struct km_evidence *evidence)
{
    // A booster moves a feeling away from the middle by half of what it adds.
    const float reach = 1.0F + 0.5F * (saying->boost - 1.0F);
    const float share = bounded(saying->share, 0.0F, 1.0F);
    evidence->weight += saying->weight;
    for (int axis = 0; axis < 3; ++axis) {
        evidence->point[axis] += saying->weight * bounded(saying->point[axis] * reach, -1.0F, 1.0F);
    }
    evidence->intensity += saying->weight * bounded(saying->intensity * saying->boost, 0.0F, 1.0F);
    for (int emotion = 0; emotion < KM_EMOTIONS_COUNT; ++emotion) {
        const float probability = bounded(saying->emotions[emotion] * share * reach, 0.0F, 0.98F);
        evidence->emotions[emotion] += (1.0F - evidence->emotions[emotion]) * probability;
    }
    evidence->leading[saying->leading] += saying->weight * saying->emotions[saying->leading];
}

static void add_node(const struct item *item, const struct saying *saying,
                     struct km_evidence *evidence)
{
    const bool is_named = item->word->node >= 0 && !item->is_negated && !item->is_wished;
    if (is_named && saying->weight >= evidence->node_weight) {
        evidence->node = item->word->node;
        evidence->node_weight = saying->weight;
    }
}

void km_sentence_read(const struct km_sentence *sentence, struct km_evidence *evidence)
{
    struct reading reading = {.sentence = sentence, .boost = 1.0F, .share = 1.0F};
    for (int index = 0; index < sentence->count;) {
        index += read_token(&reading, index);
    }
    memset(evidence, 0, sizeof(*evidence));
    evidence->node = KM_AFFECT_NO_NODE;
    evidence->is_contrast = reading.is_contrast;
    const int exclamations = sentence->exclamations < 3 ? sentence->exclamations : 3;
    for (int i = 0; i < reading.count; ++i) {
        struct saying saying;
        reading.items[i].boost *= 1.0F + 0.1F * (float)exclamations;
        say(&reading.items[i], &saying);
        add_saying(&saying, evidence);
        add_node(&reading.items[i], &saying, evidence);
    }
}
