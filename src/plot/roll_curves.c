// SPDX-License-Identifier: MIT

// The curves below the piano roll: tension by bar, tempo by tick.

#include "base/math.h"
#include "plot/roll_private.h"
#include "plot/svg_private.h"

enum { TENSION_HEIGHT = 60, TEMPO_HEIGHT = 34, TEMPO_POINTS_MAX = 4096 };

static void write_point(struct km_sink *sink, double x, double y)
{
    km_sink_real(sink, x, 2);
    km_sink_text(sink, " ");
    km_sink_real(sink, y, 2);
}

static double tension_y(const struct km_roll *roll, int bar)
{
    const double tension = km_clamp((double)roll->plan->tension[bar], 0.0, 1.3);
    return roll->tension_top + TENSION_HEIGHT - 6.0 - tension / 1.3 * (TENSION_HEIGHT - 14.0);
}

// Through the middle of each bar, level there: the curve never goes beyond what the bars say.
static void write_tension(const struct km_roll *roll, int bars)
{
    const uint64_t bar_ticks = roll->metres[0].bar_ticks;
    write_point(roll->sink, km_roll_x(roll, 0), tension_y(roll, 0));
    double before = km_roll_x(roll, 0);
    for (int bar = 0; bar < bars; ++bar) {
        const double x = km_roll_x(roll, (uint64_t)bar * bar_ticks + bar_ticks / 2);
        const double middle = (before + x) / 2.0;
        km_sink_text(roll->sink, "C");
        write_point(roll->sink, middle, tension_y(roll, bar > 0 ? bar - 1 : 0));
        km_sink_text(roll->sink, " ");
        write_point(roll->sink, middle, tension_y(roll, bar));
        km_sink_text(roll->sink, " ");
        write_point(roll->sink, x, tension_y(roll, bar));
        before = x;
    }
    km_sink_text(roll->sink, "L");
    write_point(roll->sink, km_roll_x(roll, (uint64_t)bars * bar_ticks), tension_y(roll, bars - 1));
}

void km_roll_draw_tension(const struct km_roll *roll)
{
    const int length = roll->plan->length_bars;
    const int bars = length < KM_PLAN_BARS_MAX ? length : KM_PLAN_BARS_MAX;
    km_svg_text(roll->sink, "right", KM_ROLL_LEFT - 8,
                roll->tension_top + TENSION_HEIGHT / 2.0 + 4.0, "Tension");
    if (bars == 0) {
        return;
    }
    const double bottom = roll->tension_top + TENSION_HEIGHT;
    km_sink_text(roll->sink, "<path class=\"area\" d=\"M");
    write_tension(roll, bars);
    km_sink_text(roll->sink, "V");
    km_sink_real(roll->sink, bottom, 2);
    km_sink_text(roll->sink, "H");
    km_sink_real(roll->sink, KM_ROLL_LEFT, 2);
    km_sink_text(roll->sink, "Z\"/>\n<path class=\"curve\" d=\"M");
    write_tension(roll, bars);
    km_sink_text(roll->sink, "\"/>\n");
}

static double bpm_of(const struct km_roll *roll, size_t change)
{
    return km_tempo_map_bpm(&roll->tempo, roll->tempo.changes[change].tick);
}

static void draw_tempo_range(const struct km_roll *roll, double low, double high)
{
    const long long lowest = (long long)km_round(low);
    const long long highest = (long long)km_round(high);
    const double middle = roll->tempo_top + TEMPO_HEIGHT / 2.0;
    km_svg_text(roll->sink, "right", KM_ROLL_LEFT - 8, middle - 2.0, "Tempo");
    km_svg_text_begin(roll->sink, "right", KM_ROLL_LEFT - 8, middle + 12.0);
    km_sink_format(roll->sink, "%lld", lowest);
    if (lowest != highest) {
        km_sink_format(roll->sink, "\xE2\x80\x93%lld", highest);
    }
    km_svg_text_end(roll->sink);
}

void km_roll_draw_tempo(const struct km_roll *roll)
{
    const size_t count = roll->tempo.count;
    double low = bpm_of(roll, 0);
    double high = low;
    for (size_t i = 1; i < count; ++i) {
        const double bpm = bpm_of(roll, i);
        low = bpm < low ? bpm : low;
        high = bpm > high ? bpm : high;
    }
    draw_tempo_range(roll, low, high);
    // At least a tenth of the tempo fills the panel, so that a breath does not look like a storm.
    const double middle = (low + high) / 2.0;
    const double range = high - low > middle * 0.1 ? high - low : middle * 0.1;
    // Of very many changes, as many as a picture can show.
    const size_t step = count / TEMPO_POINTS_MAX + 1;
    km_sink_text(roll->sink, "<path class=\"curve tempo\" d=\"");
    for (size_t i = 0; i < count; i += step) {
        const double share = (bpm_of(roll, i) - middle) / range;
        const double y = roll->tempo_top + TEMPO_HEIGHT / 2.0 - share * (TEMPO_HEIGHT - 12.0);
        if (i == 0) {
            km_sink_text(roll->sink, "M");
            write_point(roll->sink, KM_ROLL_LEFT, y);
        } else {
            km_sink_text(roll->sink, "H");
            km_sink_real(roll->sink, km_roll_x(roll, roll->tempo.changes[i].tick), 2);
            km_sink_text(roll->sink, "V");
            km_sink_real(roll->sink, y, 2);
        }
    }
    km_sink_text(roll->sink, "H");
    km_sink_real(roll->sink, KM_ROLL_RIGHT, 2);
    km_sink_text(roll->sink, "\"/>\n");
}
