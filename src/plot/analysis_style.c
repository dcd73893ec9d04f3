// SPDX-License-Identifier: MIT

// Colours of the picture of an analysis, beside those of the piano roll. Keys stand on the circle
// of fifths, one hue a step, C and A minor yellow; all hues of equal lightness and chroma (OKLCH,
// Ottosson 2020), so that no key looks more important. Minor keys are paler. Text on them has a
// contrast of more than 7 to 1.

#include "plot/analysis_private.h"

enum { KEYS_COUNT = 12, LETTERS_COUNT = 8 };

struct scheme {
    uint32_t keys[KEYS_COUNT]; // By fifths from C.
    uint32_t letters[LETTERS_COUNT];
};

static const struct scheme light = {
    .keys = {0xDED392, 0xF5C894, 0xFFBFA7, 0xFFBAC4, 0xF8BCE3, 0xE2C2FB, 0xC5CCFF, 0xA7D6FF,
             0x8FDFF8, 0x8CE3DD, 0xA0E3BE, 0xBFDDA2},
    .letters = {0xC5D6FF, 0xB7E5BF, 0xFBCDAA, 0xF3C7EE, 0xA0E6EA, 0xE2D9A4, 0xFFC6C4, 0xDECEFF},
};

static const struct scheme dark = {
    .keys = {0x584E05, 0x6A440B, 0x733B27, 0x743742, 0x6B395C, 0x5B3F70, 0x44477A, 0x255079,
             0x00576D, 0x005B57, 0x155B3D, 0x3D5620},
    .letters = {0x354478, 0x1B552C, 0x6A3A06, 0x62345F, 0x00555B, 0x534800, 0x703133, 0x4F3B71},
};

static void write_scheme(struct km_sink *sink, const struct scheme *scheme)
{
    for (int i = 0; i < KEYS_COUNT; ++i) {
        km_sink_format(sink, ".k%d{fill:#%06x}", i, scheme->keys[i]);
    }
    km_sink_text(sink, "\n");
    for (int i = 0; i < LETTERS_COUNT; ++i) {
        km_sink_format(sink, ".s%d{fill:#%06x}", i, scheme->letters[i]);
    }
    km_sink_text(sink, "\n");
}

void km_view_write_style(struct km_sink *sink)
{
    km_sink_text(sink, "<style>\n"
                       ".faint{font-size:10px;fill:#6e7781}.heading{font-size:12px;"
                       "font-weight:600;fill:#1f2328}.onkey{font-size:11px;fill:#1f2328}\n"
                       ".minor{fill-opacity:.6}.axis{stroke:#1f2328;stroke-opacity:.35}"
                       ".whisker{stroke:#5b6ee1;stroke-opacity:.35}\n"
                       ".stem{stroke:#5b6ee1;stroke-width:1.5}.dot{fill:#5b6ee1}"
                       ".cell{fill:#5b6ee1}.point{fill:#c74e00}\n");
    write_scheme(sink, &light);
    km_sink_text(sink, "@media (prefers-color-scheme:dark){\n"
                       ".faint{fill:#848d97}.heading,.onkey{fill:#f0f6fc}"
                       ".axis{stroke:#f0f6fc}.whisker,.stem{stroke:#8ea0ff}"
                       ".dot,.cell{fill:#8ea0ff}.point{fill:#ff9d57}\n");
    write_scheme(sink, &dark);
    km_sink_text(sink, "}\n</style>\n");
}
