// SPDX-License-Identifier: MIT

// What compose says of a journey.

#include "apps/affect_json.h"
#include "apps/compose_job.h"
#include "base/text.h"
#include "base/version.h"
#include "heap/heap.h"
#include "session/plan.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>

static unsigned int whole_seconds(double seconds)
{
    return (unsigned int)(seconds + 0.5);
}

static void print_real(double value)
{
    char text[KM_TEXT_REAL_SIZE];
    km_text_format_real(text, value, 2);
    printf("  %5s", text);
}

static void print_stage(const struct km_journey_stage *stage)
{
    const struct km_harmony_plan *const plan = &stage->plan;
    const unsigned int start = whole_seconds(stage->start_s);
    const unsigned int mode = plan->key.mode;
    printf("  %3u:%02u  %-14s", start / 60, start % 60,
           km_emotion_name((enum km_emotion)plan->affect.primary));
    print_real((double)plan->affect.valence);
    print_real((double)plan->affect.arousal);
    printf("  %3u BPM  %2u-%-3u  %s %s%s\n", (unsigned int)plan->tempo_bpm,
           (unsigned int)plan->velocity_low, (unsigned int)plan->velocity_high, plan->root_note,
           km_mode_names()[mode],
           plan->sections[plan->section_count - 1].kind == KM_SECTION_SILENCE ? ", then silence"
                                                                              : "");
}

void km_compose_print_journey(const struct km_compose_job *job)
{
    const struct km_journey *const journey = &job->journey;
    const struct km_harmony_plan *const plan = &journey->stages[0].plan;
    const unsigned int seconds = whole_seconds(journey->seconds);
    printf("%s, %s: %d stage%s, %u:%02u, %u/%u; %s, %s; seed %llu\n", job->journey_title,
           km_journey_path_name(journey->path), journey->stage_count,
           journey->stage_count == 1 ? "" : "s", seconds / 60, seconds % 60,
           (unsigned int)plan->beats_per_bar, (unsigned int)plan->beat_unit,
           km_genre_names()[plan->genre], km_ensemble_names()[plan->ensemble],
           (unsigned long long)job->seed);
    printf("  %6s  %-14s  %5s  %5s  %7s  %-6s  %s\n", "time", "feeling", "val.", "arou.", "tempo",
           "loud", "key");
    for (int i = 0; i < journey->stage_count; ++i) {
        print_stage(&journey->stages[i]);
    }
    if (journey->reached < 1) {
        printf(
            "ends on the way, after %d of %d steps: more --minutes, or --at-once, reach the goal\n",
            journey->stage_count - 1, journey->steps);
    }
    const struct km_compose_report report = km_compose_report_of(job);
    km_compose_print_files(&report);
}

static enum km_status write_output(void *context, const void *bytes, size_t size)
{
    return fwrite(bytes, 1, size, context) == size ? KM_OK : KM_ERROR_IO;
}

// An hour's journey is megabytes of JSON: its stages are written one by one, not gathered first.
int km_compose_print_journey_json(const struct km_compose_job *job)
{
    const struct km_compose_report report = km_compose_report_of(job);
    json_t *const affect = km_affect_to_json(&job->journey.from);
    json_t *const files = km_compose_files_to_json(&report);
    bool is_held = affect && files;
    if (is_held) {
        struct km_sink sink = {.write = write_output, .context = stdout};
        printf("{\"seed\": %lld, \"version\": \"%s\", \"affect\": ", (long long)job->seed,
               km_version());
        is_held = json_dumpf(affect, stdout, JSON_REAL_PRECISION(9)) == 0;
        printf(", \"journey\": ");
        // An unwritable output is told at the end.
        const enum km_status status = km_journey_write_json_value(&job->journey, &sink);
        printf(", \"files\": ");
        is_held = json_dumpf(files, stdout, JSON_REAL_PRECISION(9)) == 0 && is_held &&
                  (status == KM_OK || ferror(stdout));
        printf("}\n");
    }
    json_decref(affect);
    json_decref(files);
    if (is_held || ferror(stdout)) {
        return KM_EXIT_DONE;
    }
    struct km_error error = {0};
    (void)km_heap_refusal(job->context->heap, &error);
    return km_report_error("compose", &error);
}
