// SPDX-License-Identifier: MIT

// The colours of the piano roll. Light ones come first, for readers of SVG that know no preference.
// Text has a contrast of at least 4.5 to 1 with its ground, notes of 3 to 1 but for the softest;
// the parts of a song differ for every kind of colour vision (after Okabe and Ito, "Color Universal
// Design", 2008; distances in CIELAB as dichromats see them, simulated after Machado, Oliveira and
// Fernandes 2009, are at least 10).

#include "plot/roll_private.h"

struct scheme {
    uint32_t panel;
    uint32_t parts[KM_ROLL_PARTS_COUNT];
};

static const struct scheme light = {
    .panel = 0xF6F8FA,
    .parts = {[KM_ROLL_OTHER] = 0x6E7781,
              [KM_ROLL_PAD] = 0x8B7B74,
              [KM_ROLL_COUNTER] = 0x8F1F6B,
              [KM_ROLL_CHORDS] = 0x0072B2,
              [KM_ROLL_BASS] = 0x007A5A,
              [KM_ROLL_MELODY] = 0xC74E00,
              [KM_ROLL_DRUMS] = 0x6B4FA8},
};

static const struct scheme dark = {
    .panel = 0x151B23,
    .parts = {[KM_ROLL_OTHER] = 0x8B949E,
              [KM_ROLL_PAD] = 0xF0E442,
              [KM_ROLL_COUNTER] = 0xD65CC0,
              [KM_ROLL_CHORDS] = 0x58A6FF,
              [KM_ROLL_BASS] = 0x3FCF8E,
              [KM_ROLL_MELODY] = 0xFF9D57,
              [KM_ROLL_DRUMS] = 0xBB9AF7},
};

const char *km_roll_part_style(enum km_roll_part part)
{
    static const char *const styles[] = {"other",   "pad",    "chords", "bass",
                                         "counter", "melody", "drums"};
    return styles[part];
}

// `part` over `ground`, so many percent of it. Mixed here, for a note that is transparent would
// change its colour with what lies below it.
static uint32_t mixed(uint32_t part, uint32_t ground, uint32_t percent)
{
    uint32_t colour = 0;
    for (unsigned int shift = 0; shift < 24; shift += 8) {
        const uint32_t a = part >> shift & 0xFFU;
        const uint32_t b = ground >> shift & 0xFFU;
        colour |= (a * percent + b * (100 - percent) + 50) / 100 << shift;
    }
    return colour;
}

static void write_parts(struct km_sink *sink, const struct scheme *scheme)
{
    static const uint32_t percents[KM_ROLL_SHADES_COUNT] = {58, 72, 86, 100};
    for (int part = 0; part < KM_ROLL_PARTS_COUNT; ++part) {
        const char *const style = km_roll_part_style((enum km_roll_part)part);
        km_sink_format(sink, ".%s{fill:#%06x}", style, scheme->parts[part]);
        for (int shade = 0; shade < KM_ROLL_SHADES_COUNT - 1; ++shade) {
            const uint32_t colour = mixed(scheme->parts[part], scheme->panel, percents[shade]);
            km_sink_format(sink, ".%s.v%d{fill:#%06x}", style, shade, colour);
        }
        km_sink_text(sink, "\n");
    }
}

void km_roll_write_style(struct km_sink *sink)
{
    km_sink_text(
        sink, "<style>\n"
              "text{font-family:system-ui,-apple-system,'Segoe UI',Roboto,'Helvetica Neue',Arial,"
              "sans-serif;font-size:11px;fill:#59636e}\n"
              ".facts{font-size:13px}.right{text-anchor:end}.middle{text-anchor:middle}\n"
              ".title{font-size:21px;font-weight:600;fill:#1f2328}\n"
              ".section{font-size:12px;font-weight:600;fill:#1f2328}\n"
              ".chord{font-size:12px;font-weight:500;fill:#1f2328}\n"
              ".ground{fill:#ffffff}.band{fill:#5b6ee1}.note rect{rx:1.5px;ry:1.5px}\n"
              ".bar{stroke:#1f2328;stroke-opacity:.07}.phrase{stroke:#1f2328;stroke-opacity:.16}\n"
              ".octave{stroke:#1f2328;stroke-opacity:.13}\n"
              ".edge{stroke:#5b6ee1;stroke-opacity:.55;stroke-dasharray:2 3}\n"
              ".curve{fill:none;stroke:#5b6ee1;stroke-width:2;stroke-linejoin:round}\n"
              ".area{fill:#5b6ee1;fill-opacity:.13}.tempo{stroke:#59636e;stroke-width:1.5}\n");
    km_sink_format(sink, ".panel{fill:#%06x}\n", light.panel);
    write_parts(sink, &light);
    km_sink_text(sink, "@media (prefers-color-scheme:dark){\n"
                       "text{fill:#9198a1}.title,.section,.chord{fill:#f0f6fc}\n"
                       ".ground{fill:#0d1117}.band{fill:#7d8ff5}.area{fill:#8ea0ff}\n"
                       ".bar,.phrase,.octave{stroke:#f0f6fc}.edge,.curve{stroke:#8ea0ff}"
                       ".tempo{stroke:#9198a1}\n");
    km_sink_format(sink, ".panel{fill:#%06x}\n", dark.panel);
    write_parts(sink, &dark);
    km_sink_text(sink, "}\n</style>\n");
}
