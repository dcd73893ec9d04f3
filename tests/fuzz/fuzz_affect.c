// SPDX-License-Identifier: MIT

// Any bytes give an affect within its ranges, the same one each time, whatever stands behind the
// text in memory; and text that is cut into sentences by the reader is read to its end.

#include "affect/affect.h"
#include "affect/thesaurus.h"
#include "support/expect.h"

#include <stdint.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *input, size_t input_size);

static void expect_within(float value, float low, float high)
{
    EXPECT(value >= low && value <= high); // NaN is not.
}

static void expect_valid(const struct km_affect *affect)
{
    expect_within(affect->valence, -1.0F, 1.0F);
    expect_within(affect->arousal, -1.0F, 1.0F);
    expect_within(affect->dominance, -1.0F, 1.0F);
    expect_within(affect->intensity, 0.0F, 1.0F);
    expect_within(affect->confidence, 0.0F, 1.0F);
    for (int i = 0; i < KM_EMOTIONS_COUNT; ++i) {
        expect_within(affect->emotions[i], 0.0F, 1.0F);
    }
    EXPECT(affect->primary >= 0 && affect->primary < KM_EMOTIONS_COUNT);
    EXPECT(affect->secondary >= KM_AFFECT_NO_EMOTION && affect->secondary < KM_EMOTION_NEUTRAL);
    EXPECT(affect->secondary != affect->primary);
    EXPECT(affect->ekman >= 0 && affect->ekman < KM_EKMANS_COUNT);
    EXPECT(affect->node >= KM_AFFECT_NO_NODE && affect->node < KM_THESAURUS_NODES_COUNT);
    EXPECT((affect->node == KM_AFFECT_NO_NODE) == (affect->primary == KM_EMOTION_NEUTRAL));
    EXPECT(affect->labels != 0 && affect->labels < 1U << KM_EMOTIONS_COUNT);
    EXPECT(affect->ekman_labels != 0 && affect->sentiment_labels != 0);
}

static void expect_same(const struct km_affect *a, const struct km_affect *b)
{
    EXPECT(a->valence == b->valence && a->arousal == b->arousal && a->dominance == b->dominance);
    EXPECT(a->intensity == b->intensity && a->confidence == b->confidence);
    EXPECT(a->primary == b->primary && a->secondary == b->secondary && a->node == b->node);
    EXPECT(a->labels == b->labels && a->ekman_labels == b->ekman_labels);
    for (int i = 0; i < KM_EMOTIONS_COUNT; ++i) {
        EXPECT(a->emotions[i] == b->emotions[i]);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *input, size_t input_size)
{
    enum { SIZE_MAX_TRIED = 1 << 14 };
    static char text[SIZE_MAX_TRIED + 16];
    const size_t size = input_size < SIZE_MAX_TRIED ? input_size : SIZE_MAX_TRIED;
    struct km_affect affect;
    memset(&affect, 0, sizeof(affect));
    EXPECT(km_affect_of_text((const char *)input, size, &affect, NULL) == KM_OK);
    expect_valid(&affect);

    memcpy(text, input, size);
    static const char behind[] = "n't sad :( \xE2\x80\xBC"; // Must not be looked at.
    memcpy(text + size, behind, sizeof(behind));
    struct km_affect again;
    memset(&again, 0, sizeof(again));
    EXPECT(km_affect_of_text(text, size, &again, NULL) == KM_OK);
    expect_same(&affect, &again);

    if (size >= 2) {
        km_affect_of_point((double)(int8_t)input[0] / 64.0, (double)(int8_t)input[1] / 64.0,
                           &affect);
        expect_valid(&affect);
    }
    return 0;
}
