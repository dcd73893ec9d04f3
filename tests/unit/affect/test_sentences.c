// SPDX-License-Identifier: MIT

// Sentences that people say of themselves: what share of them is understood. Not all of them are,
// and the test asks only that the share does not fall.

#include "affect/affect.h"

#include "support/cmocka.h"

#include <stdio.h>
#include <string.h>

#define JOY (1U << KM_EKMAN_JOY)
#define SADNESS (1U << KM_EKMAN_SADNESS)
#define ANGER (1U << KM_EKMAN_ANGER)
#define FEAR (1U << KM_EKMAN_FEAR)
#define SURPRISE (1U << KM_EKMAN_SURPRISE)
#define DISGUST (1U << KM_EKMAN_DISGUST)

enum { EKMAN_PERCENT_MIN = 85, VALENCE_PERCENT_MIN = 92, AROUSAL_PERCENT_MIN = 85 };

struct expectation {
    const char *text;
    unsigned ekman; ///< Bits of those that are right.
    int valence;
    int arousal;
};

static const struct expectation expectations[] = {
#define KM_SENTENCE(text, ekman, valence, arousal) {text, ekman, valence, arousal},
#include "unit/affect/sentences.def"
#undef KM_SENTENCE
};

/// How often one thing was asked for, and right.
struct share {
    int asked;
    int right;
};

static bool count(struct share *share, int wanted, float value)
{
    if (wanted == 0) {
        return true;
    }
    const bool is_right = wanted > 0 ? value > 0.0F : value < 0.0F;
    ++share->asked;
    share->right += is_right;
    return is_right;
}

static void check(const char *what, struct share share, int percent_min)
{
    print_message("%s: %d of %d\n", what, share.right, share.asked);
    assert_true(share.right * 100 >= share.asked * percent_min);
}

static void most_sentences_are_understood(void **state)
{
    (void)state;
    struct share ekman = {0, 0};
    struct share valence = {0, 0};
    struct share arousal = {0, 0};
    for (size_t i = 0; i < sizeof(expectations) / sizeof(expectations[0]); ++i) {
        const struct expectation *const e = &expectations[i];
        struct km_affect affect;
        assert_int_equal(km_affect_of_text(e->text, strlen(e->text), &affect, NULL), KM_OK);
        const bool is_group = (e->ekman >> (unsigned)affect.ekman & 1U) != 0;
        ++ekman.asked;
        ekman.right += is_group;
        const bool is_valence = count(&valence, e->valence, affect.valence);
        const bool is_arousal = count(&arousal, e->arousal, affect.arousal);
        if (!is_group || !is_valence || !is_arousal) {
            print_message("%s -> %s%s%s\n", e->text, km_ekman_name((enum km_ekman)affect.ekman),
                          is_valence ? "" : ", valence", is_arousal ? "" : ", arousal");
        }
    }
    check("Ekman group", ekman, EKMAN_PERCENT_MIN);
    check("sign of valence", valence, VALENCE_PERCENT_MIN);
    check("sign of arousal", arousal, AROUSAL_PERCENT_MIN);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(most_sentences_are_understood)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
