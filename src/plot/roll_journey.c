// SPDX-License-Identifier: MIT

// The way of a journey above its notes: a band for each stage, with its feeling and its key.

#include "base/check.h"
#include "base/math.h"
#include "plot/roll_private.h"
#include "plot/svg_private.h"
#include "session/journey.h"

#include <string.h>

enum { BAND_HEIGHT = 20, LETTER_WIDTH = 8, NAME_SPACE = 12 };

static double stage_x(const struct km_roll *roll, int stage)
{
    const uint64_t bar = km_journey_first_bar(roll->journey, stage);
    return km_roll_x(roll, bar * roll->metres[0].bar_ticks);
}

static const char *feeling_of(const struct km_journey *journey, int stage)
{
    return km_emotion_name((enum km_emotion)journey->stages[stage].plan.affect.primary);
}

// The more excited, the stronger the band.
static void draw_band(const struct km_roll *roll, int stage, double left, double right)
{
    const double arousal = (double)roll->journey->stages[stage].plan.affect.arousal;
    km_sink_text(roll->sink, "<g fill-opacity=\"");
    km_sink_real(roll->sink, 0.08 + 0.22 * km_clamp((arousal + 1) / 2, 0, 1), 2);
    km_sink_text(roll->sink, "\">");
    km_svg_rect(roll->sink, "band",
                (const double[]){left, roll->section_top, right - left - 1.0, BAND_HEIGHT});
    km_sink_text(roll->sink, "</g>\n");
}

// Stages of one feeling share its name.
static void draw_feeling(const struct km_roll *roll, int stage, double left)
{
    const struct km_journey *const journey = roll->journey;
    const char *const name = feeling_of(journey, stage);
    int end = stage + 1;
    while (end < journey->stage_count && strcmp(feeling_of(journey, end), name) == 0) {
        ++end;
    }
    const bool is_first = stage == 0 || strcmp(feeling_of(journey, stage - 1), name) != 0;
    const int letters = (int)((stage_x(roll, end) - left - NAME_SPACE) / LETTER_WIDTH);
    if (is_first && letters >= 3) {
        km_svg_text_begin(roll->sink, "section", left + 6.0, roll->section_top + 14.5);
        km_sink_format(roll->sink, "%.*s%s", letters, name, (int)strlen(name) > letters ? "." : "");
        km_svg_text_end(roll->sink);
    }
}

// The key where it changes, and there is room; where it stands until the next one.
static void draw_key(const struct km_roll *roll, int stage, double left, double *free_from)
{
    const struct km_journey_stage *const here = &roll->journey->stages[stage];
    const bool is_new = stage == 0 || here[-1].plan.key.mode != here->plan.key.mode;
    const char *const mode = km_mode_names()[here->plan.key.mode];
    if (is_new && left >= *free_from) {
        km_svg_text_begin(roll->sink, "chord", left + 2.0, roll->chord_top + 16.0);
        km_sink_format(roll->sink, "%s %s", here->plan.root_note, mode);
        km_svg_text_end(roll->sink);
        *free_from = left + 6.8 * (double)(strlen(here->plan.root_note) + strlen(mode) + 2);
    }
}

void km_roll_draw_stages(const struct km_roll *roll)
{
    KM_CHECK(roll->journey);
    double free_from = 0;
    for (int i = 0; i < roll->journey->stage_count; ++i) {
        const double left = stage_x(roll, i);
        draw_band(roll, i, left, stage_x(roll, i + 1));
        draw_feeling(roll, i, left);
        draw_key(roll, i, left, &free_from);
        if (i > 0) {
            km_svg_line(roll->sink, "edge",
                        (const double[]){left, roll->section_top, left, roll->axis_top});
        }
    }
}
