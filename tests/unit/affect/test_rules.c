// SPDX-License-Identifier: MIT

// The rules, each as a comparison of two texts: what must be more, less, or turned round.

#include "affect/affect.h"
#include "support/cmocka.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct km_affect affect_of(const char *text)
{
    struct km_affect affect;
    assert_int_equal(km_affect_of_text(text, strlen(text), &affect, NULL), KM_OK);
    return affect;
}

static float valence_of(const char *text)
{
    return affect_of(text).valence;
}

static float intensity_of(const char *text)
{
    return affect_of(text).intensity;
}

static void assert_signs(const char *const *texts, float sign)
{
    for (; *texts; ++texts) {
        if (sign * valence_of(*texts) < 0.05F) {
            fail_msg("%s: valence %d percent", *texts, (int)(100.0F * valence_of(*texts)));
        }
    }
}

static void negation_turns_what_it_reaches(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "I am not happy",           "I don't feel loved", "there is no hope",
        "I am without hope",        "nobody loves me",    "hardly any joy",
        "I can't say I am not sad", "not very happy",     NULL};
    static const char *const good[] = {
        "I am not sad",           "not unhappy",        "I'm no longer afraid",
        "I am not sad or lonely", "she is never angry", "it isn't scary",
        "I stopped being afraid", "unafraid",           NULL};
    assert_signs(bad, -1.0F);
    assert_signs(good, 1.0F);
    const float relief = affect_of("I am not angry").emotions[KM_EMOTION_RELIEF];
    assert_true(affect_of("I am no longer angry").emotions[KM_EMOTION_RELIEF] > relief);
    assert_true(affect_of("I am not angry any more").emotions[KM_EMOTION_RELIEF] > relief);
}

static void negation_stops_at_the_clause(void **state)
{
    (void)state;
    static const char *const good[] = {"I did not go there, I am happy",
                                       "not today: I feel great",
                                       "I don't work now and I am happy",
                                       "I don't know why I am so happy",
                                       "not only happy but proud",
                                       "I am not sad and I am very happy",
                                       NULL};
    static const char *const bad[] = {"I don't know why I am so sad",
                                      "I do not talk because I am sad", NULL};
    assert_signs(good, 1.0F);
    assert_signs(bad, -1.0F);
}

static void what_seems_negated_may_be_the_most(void **state)
{
    (void)state;
    static const char *const best[] = {"I have never been happier",  "I couldn't be happier",
                                       "never felt so loved",        "I can't complain",
                                       "I never stopped loving her", NULL};
    static const char *const worst[] = {"never felt so alone", "I have never been this sad",
                                        "I can't stop crying", NULL};
    assert_signs(best, 1.0F);
    assert_signs(worst, -1.0F);
}

static void what_follows_but_weighs_more(void **state)
{
    (void)state;
    static const char *const good[] = {
        "I was sad but now I am happy",    "Although I was sad, I am happy",
        "I am happy although I was sad",   "I was sad. However, I am happy now",
        "Despite the sadness, I am happy", NULL};
    static const char *const bad[] = {"I was happy but now I am sad",
                                      "Even though I should be happy, I am sad", NULL};
    assert_signs(good, 1.0F);
    assert_signs(bad, -1.0F);
}

static void boosters_and_downtoners_scale(void **state)
{
    (void)state;
    static const char *const rising[] = {"I am slightly angry", "I am angry", "I am very angry"};
    assert_true(intensity_of(rising[0]) < intensity_of(rising[1]));
    assert_true(intensity_of(rising[1]) < intensity_of(rising[2]));
    assert_true(valence_of(rising[0]) > valence_of(rising[1]));
    assert_true(valence_of(rising[1]) > valence_of(rising[2]));
    static const char *const more[] = {"I am SAD", "I am saaad", "I am sad!!!", "I am so sad",
                                       "I am sad beyond words"};
    for (size_t i = 0; i < sizeof(more) / sizeof(more[0]); ++i) {
        assert_true(intensity_of(more[i]) > intensity_of("I am sad"));
    }
    assert_true(intensity_of("I AM SAD") ==
                intensity_of("i am sad")); // All in capitals: nothing stands out.
}

// "pretty sad" is sad, "damn happy" is happy: what only steers a feeling tells of none itself.
static void boosters_before_a_feeling_do_not_speak(void **state)
{
    (void)state;
    static const char *const pairs[][2] = {{"pretty sad", "sad"},
                                           {"pretty bad", "bad"},
                                           {"pretty angry", "angry"},
                                           {"damn happy", "happy"},
                                           {"awfully kind", "kind"},
                                           {"terribly happy", "happy"},
                                           {"insanely good", "good"},
                                           {"crazy happy", "happy"},
                                           {"dead tired", "tired"},
                                           {"I am stupid happy", "I am happy"},
                                           {"pretty damn happy", "happy"},
                                           {"I feel pretty fed up", "I feel fed up"},
                                           {"a pretty sad day", "a sad day"}};
    for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); ++i) {
        const struct km_affect steered = affect_of(pairs[i][0]);
        const struct km_affect plain = affect_of(pairs[i][1]);
        const float apart = steered.valence - plain.valence;
        if (steered.primary != plain.primary || steered.secondary != plain.secondary ||
            apart < -0.15F || apart > 0.15F) {
            fail_msg("%s: %s, valence %d percent", pairs[i][0],
                     km_emotion_name((enum km_emotion)steered.primary),
                     (int)(100.0F * steered.valence));
        }
    }
}

static void words_that_may_steer_keep_their_meaning(void **state)
{
    (void)state;
    static const char *const good[] = {"a pretty day", "she is pretty", "pretty", "prettier", NULL};
    static const char *const bad[] = {
        "she is dead", "that was stupid", "pretty stupid", "stupidly", "damn", NULL};
    assert_signs(good, 1.0F);
    assert_signs(bad, -1.0F);
    assert_true(affect_of("my dead love").emotions[KM_EMOTION_GRIEF] > 0.5F);
}

// "to love like mad" has a booster; "like totally mad" has a feeling.
static void phrases_that_boost_have_no_other_booster_inside(void **state)
{
    (void)state;
    assert_int_equal(affect_of("I was like totally mad").ekman, KM_EKMAN_ANGER);
    assert_int_equal(affect_of("I was like really crazy mad").ekman, KM_EKMAN_ANGER);
    assert_true(intensity_of("I worry like mad") > intensity_of("I worry"));
    assert_int_equal(affect_of("I love you like mad").ekman, KM_EKMAN_JOY);
}

static void turns_of_phrase_are_taken_whole(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        enum km_ekman ekman;
    } cases[] = {{"Nothing matters anymore", KM_EKMAN_SADNESS},
                 {"I don't feel anything", KM_EKMAN_SADNESS},
                 {"I can't feel anything any more", KM_EKMAN_SADNESS},
                 {"my love left me", KM_EKMAN_SADNESS},
                 {"the love of my life left me", KM_EKMAN_SADNESS},
                 {"he passed away", KM_EKMAN_SADNESS},
                 {"the weight is gone", KM_EKMAN_JOY},
                 {"I passed my exam", KM_EKMAN_JOY},
                 {"I am killing it", KM_EKMAN_JOY}};
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); ++i) {
        const struct km_affect affect = affect_of(cases[i].text);
        const float sign = cases[i].ekman == KM_EKMAN_JOY ? 1.0F : -1.0F;
        if (affect.ekman != (int8_t)cases[i].ekman || sign * affect.valence < 0.3F ||
            affect.secondary != KM_AFFECT_NO_EMOTION) {
            fail_msg("%s is %s, valence %d percent", cases[i].text,
                     km_emotion_name((enum km_emotion)affect.primary),
                     (int)(100.0F * affect.valence));
        }
    }
    assert_int_equal(affect_of("the weight is gone").primary, KM_EMOTION_RELIEF);
    assert_true(valence_of("the day passed") > -0.1F);
}

static void too_much_of_one_feeling_prevents_another(void **state)
{
    (void)state;
    static const char *const bad[] = {"too sad to laugh", "I am too nervous to be happy", NULL};
    static const char *const good[] = {"I'm too happy to be sad", NULL};
    assert_signs(bad, -1.0F);
    assert_signs(good, 1.0F);
    assert_int_equal(affect_of("I am too tired to be angry").ekman, KM_EKMAN_SADNESS);
    assert_int_equal(affect_of("too angry to cry").ekman, KM_EKMAN_ANGER);
    assert_int_equal(affect_of("I am tired, too. I want to be angry").ekman, KM_EKMAN_ANGER);
}

// Primary neutral and a valence far from 0 would contradict each other.
static void what_is_neutral_is_near_the_middle(void **state)
{
    (void)state;
    static const char *const texts[] = {"exam",           "the killing", "a terrible exam",
                                        "kill",           "prison",      "insane",
                                        "I have a tumor", "lie",         "the massacre"};
    int neutrals = 0;
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); ++i) {
        const struct km_affect affect = affect_of(texts[i]);
        if (affect.primary != KM_EMOTION_NEUTRAL) {
            continue;
        }
        ++neutrals;
        if (affect.valence < -0.32F || affect.intensity > 0.32F) {
            fail_msg("%s: valence %d percent", texts[i], (int)(100.0F * affect.valence));
        }
    }
    assert_true(neutrals > 0);
    const struct km_affect ugh = affect_of("ugh");
    assert_int_equal(ugh.primary, KM_EMOTION_ANNOYANCE);
    assert_true(ugh.valence < -0.2F);
}

static void wishes_and_the_past_are_not_the_present(void **state)
{
    (void)state;
    static const char *const bad[] = {"I wish I were happy", "I used to be happy",
                                      "if only I were loved", NULL};
    assert_signs(bad, -1.0F);
    assert_true(valence_of("I would be happy") <= valence_of("I am happy"));
}

static void the_last_sentence_weighs_more(void **state)
{
    (void)state;
    assert_true(valence_of("I am sad. I am happy.") > valence_of("I am happy. I am sad."));
    assert_int_equal(affect_of("I am sad. I am happy.").ekman, KM_EKMAN_JOY);
    assert_int_equal(affect_of("I am happy. I am sad.").ekman, KM_EKMAN_SADNESS);
}

static void a_second_feeling_is_no_synonym(void **state)
{
    (void)state;
    assert_int_equal(affect_of("grief and relief").secondary, KM_EMOTION_RELIEF);
    assert_int_equal(affect_of("I am proud and scared").secondary < 0, false);
    assert_int_equal(affect_of("sad and sorrowful and full of grief").secondary,
                     KM_AFFECT_NO_EMOTION);
    assert_int_equal(affect_of("angry and furious").secondary, KM_AFFECT_NO_EMOTION);
}

static void marks_and_writing_do_not_matter(void **state)
{
    (void)state;
    static const char *const same[][2] = {{"I'm not sad", "I\xE2\x80\x99m not sad"},
                                          {"I am sad", "i am   sad"},
                                          {"#sad", "sad"},
                                          {"#NotSad", "not sad"},
                                          {"heart\xC2\xAD"
                                           "broken",
                                           "heartbroken"},
                                          {"cafe joy", "caf\xC3\xA9 joy"},
                                          {"so happy\xE2\x80\xA6", "so happy..."},
                                          {"panic-stricken", "panic stricken"}};
    for (size_t i = 0; i < sizeof(same) / sizeof(same[0]); ++i) {
        const struct km_affect a = affect_of(same[i][0]);
        const struct km_affect b = affect_of(same[i][1]);
        if (a.valence != b.valence || a.primary != b.primary) {
            fail_msg("%s is not as %s", same[i][0], same[i][1]);
        }
    }
}

// A word is a word wherever it stands in a text: 200 of them in a row change nothing but certainty.
static void long_sentences_come_in_pieces(void **state)
{
    (void)state;
    enum { SIZE = 4096 };
    char text[SIZE];
    size_t used = 0;
    while (used + 10 < SIZE) {
        used += (size_t)snprintf(text + used, SIZE - used, "%s", "happy and ");
    }
    const struct km_affect affect = affect_of(text);
    assert_int_equal(affect.primary, KM_EMOTION_JOY);
    assert_true(affect.valence > 0.7F);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(negation_turns_what_it_reaches),
        cmocka_unit_test(negation_stops_at_the_clause),
        cmocka_unit_test(what_seems_negated_may_be_the_most),
        cmocka_unit_test(what_follows_but_weighs_more),
        cmocka_unit_test(boosters_and_downtoners_scale),
        cmocka_unit_test(boosters_before_a_feeling_do_not_speak),
        cmocka_unit_test(words_that_may_steer_keep_their_meaning),
        cmocka_unit_test(phrases_that_boost_have_no_other_booster_inside),
        cmocka_unit_test(turns_of_phrase_are_taken_whole),
        cmocka_unit_test(too_much_of_one_feeling_prevents_another),
        cmocka_unit_test(what_is_neutral_is_near_the_middle),
        cmocka_unit_test(wishes_and_the_past_are_not_the_present),
        cmocka_unit_test(the_last_sentence_weighs_more),
        cmocka_unit_test(a_second_feeling_is_no_synonym),
        cmocka_unit_test(marks_and_writing_do_not_matter),
        cmocka_unit_test(long_sentences_come_in_pieces),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
