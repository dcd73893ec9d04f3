// SPDX-License-Identifier: MIT

// compose --from --to: from two feelings to a journey; and the options that hold music back.

#include "affect/affect.h"
#include "apps/compose_job.h"
#include "base/check.h"

#include <stdio.h>
#include <string.h>

bool km_compose_is_journey(const struct km_compose_settings *settings)
{
    return settings->journey.from || settings->journey.to;
}

int km_compose_check_journey(const struct km_compose_settings *settings,
                             const struct km_arguments *arguments)
{
    const struct km_compose_journey_settings *const journey = &settings->journey;
    if (journey->from && arguments->count > 0) {
        return km_usage_error("compose", "a journey begins either with your words or with --from");
    }
    if (journey->is_at_once && !journey->to) {
        return km_usage_error("compose", "--at-once needs --to: where to be at once");
    }
    if (km_compose_is_journey(settings)) {
        return settings->has_bars
                   ? km_usage_error("compose", "a journey's length is --minutes, not --bars")
                   : KM_EXIT_DONE;
    }
    if (journey->has_minutes) {
        return km_usage_error("compose", "--minutes needs --from, --to, or both");
    }
    return KM_EXIT_DONE;
}

void km_compose_read_restraint(const struct km_compose_settings *settings,
                               struct km_plan_wishes *wishes)
{
    const struct km_compose_journey_settings *const journey = &settings->journey;
    wishes->is_calm = journey->is_calm;
    wishes->phrase_s = journey->phrase_s;
    wishes->silence_s = (uint16_t)journey->silence_s;
    wishes->velocity_ceiling = (uint8_t)journey->velocity_ceiling;
}

static void name_journey(struct km_compose_job *job)
{
    const struct km_journey *const journey = &job->journey;
    const char *const from = km_emotion_name((enum km_emotion)journey->from.primary);
    const char *const to = km_emotion_name((enum km_emotion)journey->to.primary);
    if (journey->path == KM_JOURNEY_STEPS) {
        (void)snprintf(job->journey_title, sizeof(job->journey_title), "from %s to %s", from, to);
    } else {
        (void)snprintf(job->journey_title, sizeof(job->journey_title), "%s", to);
    }
}

enum km_status km_compose_make_journey(struct km_compose_job *job,
                                       const struct km_arguments *arguments, struct km_error *error)
{
    const struct km_compose_settings *const settings = job->settings;
    KM_CHECK(km_compose_is_journey(settings));
    struct km_plan_wishes wishes;
    enum km_status status = km_compose_read_wishes(settings, &wishes, error);
    if (status == KM_OK) {
        status = km_compose_hear(job, arguments, error);
    }
    if (status != KM_OK) {
        return status;
    }
    struct km_journey_config config = {
        .from = *km_therapy_session_affect(job->session),
        .path = KM_JOURNEY_HOLD,
        .minutes = settings->journey.minutes,
        .motivation = (uint8_t)(settings->motivation + 0.5),
        .chaos = settings->chaos,
        .vulnerability = settings->vulnerability,
        .seed = job->seed,
        .wishes = &wishes,
    };
    const char *const to = settings->journey.to;
    if (to) {
        config.path = settings->journey.is_at_once ? KM_JOURNEY_AT_ONCE : KM_JOURNEY_STEPS;
        status = km_affect_of_text(to, strlen(to), &config.to, error);
    }
    if (status == KM_OK) {
        status = km_journey_plan(&config, job->context->heap, &job->journey, error);
    }
    if (status == KM_OK) {
        name_journey(job);
    }
    return status;
}
