// SPDX-License-Identifier: MIT

// What texts must be read as, whatever else changes: the texts that the reader was made for.

#include "affect/affect.h"

#include "affect/thesaurus.h"
#include "support/cmocka.h"

#include <stdio.h>
#include <string.h>

static struct km_affect affect_of(const char *text)
{
    struct km_affect affect;
    memset(&affect, 0x5A, sizeof(affect));
    assert_int_equal(km_affect_of_text(text, strlen(text), &affect, NULL), KM_OK);
    return affect;
}

static void assert_neutral(const struct km_affect *affect)
{
    assert_int_equal(affect->primary, KM_EMOTION_NEUTRAL);
    assert_int_equal(affect->secondary, KM_AFFECT_NO_EMOTION);
    assert_int_equal(affect->ekman, KM_EKMAN_NEUTRAL);
    assert_int_equal(affect->node, KM_AFFECT_NO_NODE);
    assert_true(affect->valence == 0.0F && affect->arousal == 0.0F && affect->dominance == 0.0F);
    assert_true(affect->intensity == 0.0F && affect->confidence == 0.0F);
    assert_int_equal(affect->labels, 1U << KM_EMOTION_NEUTRAL);
    assert_int_equal(affect->ekman_labels, 1U << KM_EKMAN_NEUTRAL);
    assert_int_equal(affect->sentiment_labels, 1U << KM_SENTIMENT_NEUTRAL);
}

static void grief_is_grief(void **state)
{
    (void)state;
    static const char *const texts[] = {"I feel grief", "feeling grief and loss",
                                        "I am devastated since she passed away", "greif",
                                        "my heart is broken since we lost our mother"};
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); ++i) {
        const struct km_affect affect = affect_of(texts[i]);
        assert_int_equal(affect.primary, KM_EMOTION_GRIEF);
        assert_int_equal(affect.ekman, KM_EKMAN_SADNESS);
        assert_true(affect.valence < -0.6F);
        assert_true(affect.arousal < 0.0F);
        assert_string_equal(km_thesaurus_node(affect.node)->base, "sad");
    }
}

static void negation_turns_anger_to_calm(void **state)
{
    (void)state;
    static const char *const texts[] = {"I am not angry any more", "I'm no longer angry",
                                        "I am not angry", "I'm not angry anymore",
                                        "I don\xE2\x80\x99t feel angry"};
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); ++i) {
        const struct km_affect affect = affect_of(texts[i]);
        assert_int_equal(affect.primary, KM_EMOTION_RELIEF);
        assert_true(affect.valence > 0.0F);
        assert_true(affect.arousal < 0.0F);
        assert_true(affect.emotions[KM_EMOTION_ANGER] < 0.2F);
    }
}

static void no_evidence_is_neutral(void **state)
{
    (void)state;
    static const char *const texts[] = {"",
                                        " \t\r\n",
                                        "...",
                                        "?!",
                                        "xqzt",
                                        "12 34",
                                        "\xE6\x88\x91\xE5\xBE\x88\xE9\x9A\xBE\xE8\xBF\x87",
                                        "\xD0\xBF\xD0\xB5\xD1\x87\xD0\xB0\xD0\xBB\xD1\x8C",
                                        "\xFF\xFE\x80\xC3",
                                        "\xF0\x9F\xA7\xB1"};
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); ++i) {
        const struct km_affect affect = affect_of(texts[i]);
        assert_neutral(&affect);
    }
}

static void a_text_over_the_limit_is_refused(void **state)
{
    (void)state;
    struct km_affect affect;
    struct km_error error;
    memset(&affect, 0x5A, sizeof(affect));
    const struct km_affect before = affect;
    const enum km_status status =
        km_affect_of_text("", (size_t)KM_AFFECT_TEXT_SIZE_MAX + 1, &affect, &error);
    assert_int_equal(status, KM_ERROR_TOO_LARGE);
    assert_non_null(strstr(error.message, "16777216"));
    assert_memory_equal(&affect, &before, sizeof(affect));
}

static bool has_sign(float value, float wanted)
{
    return (value > 0.0F) == (wanted > 0.0F) || (wanted < 0.05F && wanted > -0.05F);
}

// Each name of the thesaurus, alone and in a sentence, is understood as what it is.
static void names_of_the_thesaurus_land_on_their_node(void **state)
{
    (void)state;
    static const char *const forms[] = {"%s", "I feel %s", "i am %s."};
    for (size_t form = 0; form < sizeof(forms) / sizeof(forms[0]); ++form) {
        int own = 0;
        int signs = 0;
        for (int i = 0; i < KM_THESAURUS_NODES_COUNT; ++i) {
            const struct km_thesaurus_node *const node = km_thesaurus_node(i);
            char text[80];
            (void)snprintf(text, sizeof(text),
                           form == 0   ? "%s"
                           : form == 1 ? "I feel %s"
                                       : "i am %s.",
                           node->name);
            const struct km_affect affect = affect_of(text);
            assert_int_not_equal(affect.primary, KM_EMOTION_NEUTRAL);
            own += affect.node == i;
            signs += has_sign(affect.valence, node->valence);
            if (affect.node != i) {
                print_message("%s -> %s\n", text, km_thesaurus_node(affect.node)->name);
            }
        }
        print_message("%s: %d of 216 on their own node, %d with their sign of valence\n",
                      forms[form], own, signs);
        assert_int_equal(own, KM_THESAURUS_NODES_COUNT);
        assert_int_equal(signs, KM_THESAURUS_NODES_COUNT);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(grief_is_grief),
        cmocka_unit_test(negation_turns_anger_to_calm),
        cmocka_unit_test(no_evidence_is_neutral),
        cmocka_unit_test(a_text_over_the_limit_is_refused),
        cmocka_unit_test(names_of_the_thesaurus_land_on_their_node),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
