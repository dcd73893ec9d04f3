// SPDX-License-Identifier: MIT

// The thesaurus: its shape, its names, its figures.

#include "affect/thesaurus.h"

#include "affect/affect.h"
#include "support/cmocka.h"

#include <stdio.h>
#include <string.h>

static void has_six_bases_of_six_subs_of_six_nodes(void **state)
{
    (void)state;
    static const char *const bases[] = {"happy", "sad", "angry", "fear", "surprise", "disgust"};
    for (int i = 0; i < KM_THESAURUS_NODES_COUNT; ++i) {
        const struct km_thesaurus_node *const node = km_thesaurus_node(i);
        assert_string_equal(node->base, bases[i / 36]);
        assert_string_equal(node->sub, km_thesaurus_node(i / 6 * 6)->sub);
        if (i % 36 > 5) {
            assert_string_not_equal(node->sub, km_thesaurus_node(i - 6)->sub);
        }
    }
}

static void names_differ_and_are_found(void **state)
{
    (void)state;
    for (int i = 0; i < KM_THESAURUS_NODES_COUNT; ++i) {
        const char *const name = km_thesaurus_node(i)->name;
        assert_int_equal(km_thesaurus_find(name),
                         i); // The first of that name: so it is the only one.
        char upper[64];
        (void)snprintf(upper, sizeof(upper), "%s", name);
        for (char *c = upper; *c != '\0'; ++c) {
            if (*c == ' ') {
                *c = '-';
            } else if (*c >= 'a' && *c <= 'z') {
                *c = (char)(*c - 'a' + 'A');
            }
        }
        assert_int_equal(km_thesaurus_find(upper), i);
    }
    assert_int_equal(km_thesaurus_find(""), -1);
    assert_int_equal(km_thesaurus_find("no such feeling"), -1);
}

static void figures_rise_from_subtle_to_overwhelming(void **state)
{
    (void)state;
    for (int i = 0; i < KM_THESAURUS_NODES_COUNT; ++i) {
        const struct km_thesaurus_node *const node = km_thesaurus_node(i);
        assert_true(node->valence >= -1.0F && node->valence <= 1.0F);
        assert_true(node->arousal >= -1.0F && node->arousal <= 1.0F);
        assert_true(node->dominance >= -1.0F && node->dominance <= 1.0F);
        assert_true(node->emotion >= 0 && node->emotion < KM_EMOTION_NEUTRAL);
        assert_true(i % 6 == 0 || node->intensity > km_thesaurus_node(i - 1)->intensity);
        const bool is_mixed = strcmp(node->base, "surprise") == 0;
        assert_true(is_mixed || (node->valence > 0.0F) == (strcmp(node->base, "happy") == 0));
    }
}

// The way by hand: the four corners of the plane are the feelings that one expects there.
static void places_by_hand_have_their_feelings(void **state)
{
    (void)state;
    static const struct {
        double valence, arousal;
        enum km_ekman ekman;
    } places[] = {{0.85, 0.5, KM_EKMAN_JOY},        {0.6, -0.3, KM_EKMAN_JOY},
                  {-0.75, -0.35, KM_EKMAN_SADNESS}, {-0.7, 0.75, KM_EKMAN_ANGER},
                  {2.0, 9.0, KM_EKMAN_JOY},         {0.0, 0.0, KM_EKMAN_NEUTRAL}};
    for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); ++i) {
        struct km_affect affect;
        km_affect_of_point(places[i].valence, places[i].arousal, &affect);
        const bool is_right = affect.ekman == (int)places[i].ekman ||
                              (places[i].ekman == KM_EKMAN_ANGER && affect.ekman == KM_EKMAN_FEAR);
        assert_true(is_right);
        assert_true(affect.valence <= 1.0F && affect.arousal <= 1.0F);
        assert_int_equal(affect.node == KM_AFFECT_NO_NODE, affect.ekman == KM_EKMAN_NEUTRAL);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(has_six_bases_of_six_subs_of_six_nodes),
        cmocka_unit_test(names_differ_and_are_found),
        cmocka_unit_test(figures_rise_from_subtle_to_overwhelming),
        cmocka_unit_test(places_by_hand_have_their_feelings),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
