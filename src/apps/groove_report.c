// SPDX-License-Identifier: MIT

#include "apps/groove_report.h"

#include "base/text.h"

#include <stdio.h>
#include <string.h>

enum {
    STRIP_HALF = 15,   // Characters of a strip on either side of the middle,
    STRIP_MS_EACH = 3, // and what each stands for.
    BAR_VELOCITY_EACH = 8,
    PLACES_PER_BEAT = 12,
};

#define RANDOM_SHARE 0.26 // Of a sixteenth; deviations without a beat have 1 / sqrt(12) = .289.
#define HUMAN_MS 28.0     // What drummers scatter by; where it is as much as chance, who can tell.

struct number {
    char text[KM_TEXT_REAL_SIZE];
};

static struct number number_of(double value, int decimals)
{
    struct number number;
    km_text_format_real(number.text, value, decimals);
    return number;
}

static struct number signed_of(double value)
{
    struct number number = {"+"};
    const bool is_positive = value > 0.05;
    char digits[KM_TEXT_REAL_SIZE];
    km_text_format_real(digits, value, 1);
    (void)snprintf(number.text + is_positive, sizeof(number.text) - 1, "%.*s",
                   KM_TEXT_REAL_SIZE - 2, digits);
    return number;
}

bool km_groove_report_is_off_beat(const struct km_groove_template *feel)
{
    enum { ONSETS_MIN = 32 };
    const double sixteenth_ms = 15000.0 / feel->tempo_bpm;
    const struct km_groove_measure *const measure = &feel->measure;
    const double deviation = measure->roles[KM_GROOVE_ROLE_ALL].deviation_ms;
    return measure->onset_count >= ONSETS_MIN && deviation > RANDOM_SHARE * sixteenth_ms &&
           deviation > HUMAN_MS;
}

// Early on the left, late on the right of the middle.
static void print_strip(double ms)
{
    char strip[2 * STRIP_HALF + 2];
    memset(strip, ' ', sizeof(strip) - 1);
    strip[sizeof(strip) - 1] = '\0';
    strip[STRIP_HALF] = '|';
    const double steps = ms / STRIP_MS_EACH;
    const int at = (int)(steps < 0.0 ? steps - 0.5 : steps + 0.5);
    const int held = at > STRIP_HALF ? STRIP_HALF : (at < -STRIP_HALF ? -STRIP_HALF : at);
    for (int i = held < 0 ? held : 1; i <= (held < 0 ? -1 : held); ++i) {
        strip[STRIP_HALF + i] = '-';
    }
    strip[STRIP_HALF + held] = held < at ? '>' : (held > at ? '<' : 'o');
    printf(" %s", strip);
}

static void print_figures(const char *name, const struct km_groove_figures *figures)
{
    printf("  %-11s %7u %8s %8s", name, (unsigned int)figures->count,
           signed_of(figures->mean_ms).text, number_of(figures->deviation_ms, 1).text);
    print_strip(figures->mean_ms);
    printf(" %4s ", number_of(figures->velocity, 0).text);
    const int length = (int)(figures->velocity / BAR_VELOCITY_EACH + 0.5);
    printf("%.*s\n", length, "################");
}

static void print_heading(const struct km_context *context, const char *what)
{
    printf("\n%s  %-11s strokes  ms late       +-  early          |           late  velocity%s\n",
           context->has_colour ? "\033[1m" : "", what, context->has_colour ? "\033[0m" : "");
}

// Counted from 1, as people do.
static void print_places(const struct km_groove_template *feel)
{
    for (size_t i = 0; i < feel->bar_places; ++i) {
        const struct km_groove_figures *const figures = &feel->places[KM_GROOVE_ROLE_ALL][i];
        if (figures->count > 0) {
            print_figures(number_of(1.0 + (double)i / PLACES_PER_BEAT, 2).text, figures);
        }
    }
}

static void print_summary(const struct km_groove_template *feel, const char *path)
{
    const struct km_groove_measure *const measure = &feel->measure;
    printf("%s: %u stroke%s, %u/%u at %s BPM", path, (unsigned int)measure->onset_count,
           measure->onset_count == 1 ? "" : "s", (unsigned int)feel->beats_per_bar,
           (unsigned int)feel->beat_unit, number_of(feel->tempo_bpm, 1).text);
    if (feel->bar_count > 0) {
        printf(", %u bar%s", (unsigned int)feel->bar_count, feel->bar_count == 1 ? "" : "s");
    }
    printf("\n  swing       ");
    if (measure->swung == 0) {
        printf("no pairs to tell it by\n");
    } else {
        printf("%s : 1 %s%s (evidence %s)\n", number_of(measure->swing_ratio, 2).text,
               measure->swung == 2 ? "eighths" : "sixteenths",
               km_groove_is_swung(measure->swing_ratio) ? "" : ", straight",
               number_of((double)measure->swing_evidence, 2).text);
    }
    const char *const late = measure->push_ms > 0.05 ? "behind" : "on";
    printf("  push        %s ms: %s the beat on average\n", signed_of(measure->push_ms).text,
           measure->push_ms < -0.05 ? "before" : late);
    printf("  tightness   %s, for a deviation of %s ms\n", number_of(measure->tightness, 2).text,
           number_of(measure->roles[KM_GROOVE_ROLE_ALL].deviation_ms, 1).text);
    printf("  loudness    %s %% ghost notes, %s %% accents, %s %% triplets in straight time\n",
           number_of(100.0 * (double)measure->ghost_share, 0).text,
           number_of(100.0 * (double)measure->accent_share, 0).text,
           number_of(100.0 * (double)measure->triplet_share, 0).text);
}

void km_groove_report_print(const struct km_context *context, const struct km_groove_template *feel,
                            const char *path)
{
    print_summary(feel, path);
    print_heading(context, "who");
    for (unsigned int i = 0; i < KM_GROOVE_ROLE_ALL; ++i) {
        if (feel->measure.roles[i].count > 0) {
            print_figures(km_groove_role_name(i), &feel->measure.roles[i]);
        }
    }
    print_heading(context, "beat");
    print_places(feel);
}
