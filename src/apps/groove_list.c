// SPDX-License-Identifier: MIT

// kmidi groove list: styles of human timing.

#include "groove/groove.h"

#include "apps/groove_files.h"
#include "apps/midi_files.h"
#include "base/text.h"

#include <stdio.h>

struct settings {
    bool none;
};

static const struct settings defaults = {0};

static const struct km_option options[] = {{0}};

static const char *swung_notes(const struct km_groove_facts *facts)
{
    return facts->swung_per_beat == 4 ? "sixteenths" : "eighths";
}

static void print_style(const struct km_context *context, const struct km_groove_facts *facts)
{
    char swing[64] = "straight";
    char deviation[KM_TEXT_REAL_SIZE];
    if (facts->swung_per_beat > 0) {
        char ratio[KM_TEXT_REAL_SIZE];
        km_text_format_real(ratio, facts->swing_ratio, 2);
        (void)snprintf(swing, sizeof(swing), "%s : 1 %s", ratio, swung_notes(facts));
    }
    km_text_format_real(deviation, facts->deviation_ms, 1);
    printf("%s%-14s%s %-20s %4s ms   %s\n", context->has_colour ? "\033[1m" : "", facts->name,
           context->has_colour ? "\033[0m" : "", swing, deviation, facts->summary);
}

static json_t *json_of_style(const struct km_groove_facts *facts)
{
    return json_pack("{s:s, s:f, s:s?, s:f, s:s}", "name", facts->name, "swing_ratio",
                     facts->swing_ratio, "swung", facts->swung_per_beat ? swung_notes(facts) : NULL,
                     "deviation_ms", facts->deviation_ms, "description", facts->summary);
}

static int list_styles(const struct km_context *context)
{
    json_t *const list = context->wants_json ? json_array() : NULL;
    if (!context->wants_json) {
        printf("%-14s %-20s %7s   %s\n", "style", "swing", "timing", "what it is");
    }
    for (int i = 0; i < KM_GROOVE_STYLES_COUNT; ++i) {
        const struct km_groove_facts facts = km_groove_style_facts((enum km_groove_style)i);
        if (!context->wants_json) {
            print_style(context, &facts);
        } else if (list && json_array_append_new(list, json_of_style(&facts)) != 0) {
            json_decref(list);
            return km_midi_print_json("groove list", NULL);
        }
    }
    return context->wants_json ? km_midi_print_json("groove list", list) : KM_EXIT_DONE;
}

static int run(struct km_context *context, const void *settings,
               const struct km_arguments *arguments)
{
    (void)settings;
    (void)arguments;
    return km_finish_output("groove list", list_styles(context));
}

const struct km_command km_command_groove_list = {
    .name = "groove list",
    .synopsis = "",
    .summary = "Show the styles of human timing",
    .details = "Shows how long the long note of a swung pair is against the short one, and how "
               "far, as a standard deviation at complexity 0.5, notes are from the grid. Half of "
               "the styles are measured from human drummers, the others set after them.",
    .example = "kmidi groove list",
    .options = options,
    .defaults = &defaults,
    .settings_size = sizeof(struct settings),
    .run = run,
};
