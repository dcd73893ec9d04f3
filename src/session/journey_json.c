// SPDX-License-Identifier: MIT

// The journey as JSON, in a fixed order and with fixed decimals: the same bytes everywhere.

#include "base/check.h"
#include "base/version.h"
#include "session/journey.h"

static void write_real(struct km_sink *sink, const char *name, double value)
{
    km_sink_format(sink, "\"%s\":", name);
    km_sink_real(sink, value, 4);
}

static void write_affect(struct km_sink *sink, const char *name, const struct km_affect *affect)
{
    // Names of emotions need no escaping.
    km_sink_format(sink, ",\"%s\":{\"primary\":\"%s\",", name,
                   km_emotion_name((enum km_emotion)affect->primary));
    write_real(sink, "valence", (double)affect->valence);
    km_sink_text(sink, ",");
    write_real(sink, "arousal", (double)affect->arousal);
    km_sink_text(sink, ",");
    write_real(sink, "dominance", (double)affect->dominance);
    km_sink_text(sink, ",");
    write_real(sink, "intensity", (double)affect->intensity);
    km_sink_text(sink, "}");
}

static void write_limits(struct km_sink *sink)
{
    const struct km_journey_limits *const limits = km_journey_limits();
    km_sink_text(sink, ",\"limits\":{");
    write_real(sink, "affect", limits->affect);
    km_sink_text(sink, ",");
    write_real(sink, "tempo", limits->tempo);
    km_sink_format(sink, ",\"velocity\":%d,\"scale_notes\":%d}", limits->velocity,
                   limits->scale_notes);
}

static enum km_status write_stage(struct km_sink *sink, const struct km_journey_stage *stage)
{
    const struct km_affect *const affect = &stage->plan.affect;
    km_sink_text(sink, "{");
    write_real(sink, "start_s", stage->start_s);
    km_sink_text(sink, ",");
    write_real(sink, "seconds", stage->seconds);
    km_sink_text(sink, ",");
    write_real(sink, "share", stage->share);
    km_sink_text(sink, ",");
    write_real(sink, "valence", (double)affect->valence);
    km_sink_text(sink, ",");
    write_real(sink, "arousal", (double)affect->arousal);
    km_sink_text(sink, ",");
    write_real(sink, "dominance", (double)affect->dominance);
    km_sink_text(sink, ",\"plan\":");
    const enum km_status status = km_plan_write_json_value(&stage->plan, sink);
    return status == KM_OK ? km_sink_text(sink, "}") : status;
}

enum km_status km_journey_write_json_value(const struct km_journey *journey, struct km_sink *sink)
{
    KM_CHECK(journey && journey->stage_count > 0);
    KM_CHECK(sink);
    km_sink_format(sink, "{\"path\":\"%s\",\"version\":\"%s\",",
                   km_journey_path_name(journey->path), km_version());
    write_real(sink, "minutes", journey->minutes);
    km_sink_text(sink, ",");
    write_real(sink, "seconds", journey->seconds);
    km_sink_text(sink, ",");
    write_real(sink, "reached", journey->reached);
    km_sink_format(sink, ",\"steps\":%d", journey->steps);
    write_limits(sink);
    write_affect(sink, "from", &journey->from);
    write_affect(sink, "to", &journey->to);
    km_sink_text(sink, ",\"stages\":[");
    enum km_status status = sink->status;
    for (int i = 0; i < journey->stage_count && status == KM_OK; ++i) {
        km_sink_text(sink, i > 0 ? "," : "");
        status = write_stage(sink, &journey->stages[i]);
    }
    return status == KM_OK ? km_sink_text(sink, "]}") : status;
}

enum km_status km_journey_write_json(const struct km_journey *journey, struct km_sink *sink)
{
    km_sink_text(sink, "{\"journey\":");
    const enum km_status status = km_journey_write_json_value(journey, sink);
    return status == KM_OK ? km_sink_text(sink, "}\n") : status;
}
