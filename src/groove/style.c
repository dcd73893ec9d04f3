// SPDX-License-Identifier: MIT

#include "groove/style_private.h"

#include "base/text.h"

#include <string.h>

static const char *const style_names[] = {
#define KM_GROOVE_STYLE(NAME, name, ...) name,
#include "groove/styles.def"
#undef KM_GROOVE_STYLE
    NULL};

static const char *const summaries[] = {
#define KM_GROOVE_STYLE(NAME, name, what, ...) what,
#include "groove/styles.def"
#undef KM_GROOVE_STYLE
};

static const struct km_groove_feel feels[] = {
#define KM_GROOVE_STYLE(NAME, name, what, ...) [KM_GROOVE_##NAME] = {__VA_ARGS__},
#include "groove/styles.def"
#undef KM_GROOVE_STYLE
};

_Static_assert(sizeof(feels) / sizeof(feels[0]) == KM_GROOVE_STYLES_COUNT, "a feel for each style");

#define PITCHED_8                                                                                  \
    KM_GROOVE_PITCHED, KM_GROOVE_PITCHED, KM_GROOVE_PITCHED, KM_GROOVE_PITCHED, KM_GROOVE_PITCHED, \
        KM_GROOVE_PITCHED, KM_GROOVE_PITCHED, KM_GROOVE_PITCHED
#define PITCHED_64                                                                                 \
    PITCHED_8, PITCHED_8, PITCHED_8, PITCHED_8, PITCHED_8, PITCHED_8, PITCHED_8, PITCHED_8
#define PERCUSSION_4                                                                               \
    KM_GROOVE_PERCUSSION, KM_GROOVE_PERCUSSION, KM_GROOVE_PERCUSSION, KM_GROOVE_PERCUSSION
#define PERCUSSION_17 PERCUSSION_4, PERCUSSION_4, PERCUSSION_4, PERCUSSION_4, KM_GROOVE_PERCUSSION

// General MIDI 1, percussion key map: keys 35 to 59 are a drum kit.
// clang-format off
const uint8_t km_groove_voices[2 * KM_GROOVE_KEYS_PER_CHANNEL] = {
    PITCHED_64, PITCHED_64,
    PERCUSSION_17, PERCUSSION_17, KM_GROOVE_PERCUSSION,
    KM_GROOVE_KICK, KM_GROOVE_KICK,                                             // 35
    KM_GROOVE_SNARE, KM_GROOVE_SNARE, KM_GROOVE_SNARE, KM_GROOVE_SNARE,         // 37
    KM_GROOVE_TOM, KM_GROOVE_HAT, KM_GROOVE_TOM, KM_GROOVE_HAT,                 // 41
    KM_GROOVE_TOM, KM_GROOVE_HAT, KM_GROOVE_TOM, KM_GROOVE_TOM,                 // 45
    KM_GROOVE_CRASH, KM_GROOVE_TOM, KM_GROOVE_RIDE, KM_GROOVE_CRASH,            // 49
    KM_GROOVE_RIDE, KM_GROOVE_PERCUSSION, KM_GROOVE_CRASH, KM_GROOVE_PERCUSSION, // 53
    KM_GROOVE_CRASH, KM_GROOVE_PERCUSSION, KM_GROOVE_RIDE,                      // 57
    PERCUSSION_17, PERCUSSION_17, PERCUSSION_17, PERCUSSION_17};                // 60
// clang-format on

const struct km_groove_feel *km_groove_feel_of(unsigned int style)
{
    return &feels[style < KM_GROOVE_STYLES_COUNT ? style : KM_GROOVE_PLAIN];
}

const char *const *km_groove_style_names(void)
{
    return style_names;
}

struct km_groove_facts km_groove_style_facts(enum km_groove_style style)
{
    const struct km_groove_feel *const feel = km_groove_feel_of((unsigned int)style);
    const size_t index = (size_t)(feel - feels);
    return (struct km_groove_facts){
        .name = style_names[index],
        .summary = summaries[index],
        .deviation_ms = (double)feel->deviation_ms,
        .swing_ratio = (double)feel->swing_ratio,
        .swung_per_beat = feel->swung_per_beat,
    };
}

enum km_status km_groove_style_parse(const char *text, enum km_groove_style *style,
                                     struct km_error *error)
{
    const int index = km_text_find(text, style_names, KM_GROOVE_STYLES_COUNT);
    if (index < 0) {
        char nearest[320];
        km_text_list_nearest(nearest, sizeof(nearest), text, style_names, KM_GROOVE_STYLES_COUNT);
        return km_error_set(error, KM_ERROR_NOT_FOUND, "no groove style '%.64s'; there are: %s",
                            text, nearest);
    }
    *style = (enum km_groove_style)index;
    return KM_OK;
}
