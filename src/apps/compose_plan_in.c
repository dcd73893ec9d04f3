// SPDX-License-Identifier: MIT

// A plan that was kept and changed, instead of words.

#include "apps/compose_job.h"

#include "session/plan_read.h"

#include <stdio.h>
#include <string.h>

// A plan says all that these would say.
int km_compose_check_plan_in(const struct km_compose_settings *settings,
                             const struct km_arguments *arguments)
{
    if (!settings->plan_in) {
        return KM_EXIT_DONE;
    }
    if (arguments->count > 0) {
        return km_usage_error("compose", "the song comes either from words or from --plan-in");
    }
    const struct {
        bool is_given;
        const char *name;
    } others[] = {
        {settings->has_motivation, "--motivation"},
        {settings->has_chaos, "--chaos"},
        {settings->has_vulnerability, "--vulnerability"},
        {settings->has_valence, "--valence"},
        {settings->has_arousal, "--arousal"},
        {settings->key != NULL, "--key"},
        {settings->mode != NULL, "--mode"},
        {settings->has_tempo, "--tempo"},
        {settings->has_bars, "--bars"},
        {settings->metre != NULL, "--metre"},
        {settings->genre != NULL, "--genre"},
        {settings->ensemble != NULL, "--ensemble"},
        {settings->feel != NULL, "--feel"},
        {settings->arc != NULL, "--arc"},
        {settings->rules.count > 0, "--rule"},
        {settings->has_lyrics, "--lyrics"},
        {settings->journey.from != NULL, "--from"},
        {settings->journey.to != NULL, "--to"},
        {settings->journey.has_minutes, "--minutes"},
        {settings->journey.has_phrase, "--phrase-seconds"},
        {settings->journey.has_silence, "--silence"},
        {settings->journey.is_calm, "--calm"},
        {settings->journey.velocity_ceiling > 0, "--loudness-ceiling"},
    };
    for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); ++i) {
        if (others[i].is_given) {
            return km_usage_error("compose", "%s and --plan-in: the plan says it; change it there",
                                  others[i].name);
        }
    }
    return KM_EXIT_DONE;
}

// What had no effect, line by line.
static void tell_remarks(const struct km_plan_remarks *remarks)
{
    size_t told = 0;
    const char *line = remarks->text;
    for (; *line != '\0'; ++told) {
        const size_t size = strcspn(line, "\n") + 1;
        fprintf(stderr, "kmidi compose: %.*s", (int)size, line);
        line += size;
    }
    if (told < remarks->count) {
        fprintf(stderr, "kmidi compose: and %zu more of this kind\n", remarks->count - told);
    }
}

enum km_status km_compose_read_plan(struct km_compose_job *job, struct km_error *error)
{
    const struct km_compose_settings *const settings = job->settings;
    const char *const path = settings->plan_in;
    enum km_status status =
        km_read_file(job->context, path, KM_PLAN_JSON_SIZE_MAX, &job->text, error);
    if (status != KM_OK) {
        return status;
    }
    const struct km_plan_document document = {
        .name = strcmp(path, "-") == 0 ? "standard input" : path,
        .bytes = job->text.bytes,
        .size = job->text.size,
    };
    struct km_plan_remarks remarks;
    status = km_plan_read_json(job->context->heap, &document, job->plan, &remarks, error);
    if (status == KM_OK) {
        tell_remarks(&remarks);
        job->plan->seed = settings->has_seed ? (uint64_t)settings->seed : job->plan->seed;
    }
    return status;
}
