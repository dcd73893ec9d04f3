// SPDX-License-Identifier: MIT

// A template as JSON, in a fixed order and with fixed decimals: the same bytes everywhere.

#include "base/check.h"
#include "base/version.h"
#include "groove/template_private.h"

static void write_real(struct km_sink *sink, const char *name, double value, int decimals)
{
    km_sink_format(sink, ",\"%s\":", name);
    km_sink_real(sink, value, decimals);
}

static void write_place(struct km_sink *sink, int64_t place)
{
    km_sink_real(sink, (double)place / KM_GROOVE_PLACES_PER_BEAT, 4);
}

// The figures without a brace before and after them.
static void write_figures(struct km_sink *sink, const struct km_groove_figures *figures)
{
    km_sink_format(sink, "\"count\":%u", (unsigned int)figures->count);
    write_real(sink, "offset_ms", figures->mean_ms, 2);
    write_real(sink, "deviation_ms", figures->deviation_ms, 2);
    write_real(sink, "velocity", figures->velocity, 1);
}

static void write_places(struct km_sink *sink, const struct km_groove_figures *places, size_t count)
{
    const char *comma = "";
    km_sink_text(sink, ",\"positions\":[");
    for (size_t i = 0; i < count; ++i) {
        if (places[i].count > 0) {
            km_sink_format(sink, "%s\n  {\"beat\":", comma);
            write_place(sink, (int64_t)i);
            km_sink_text(sink, ",");
            write_figures(sink, &places[i]);
            km_sink_text(sink, "}");
            comma = ",";
        }
    }
    km_sink_text(sink, "]");
}

static void write_roles(struct km_sink *sink, const struct km_groove_template *feel)
{
    const char *comma = "";
    km_sink_text(sink, ",\n\"roles\":{");
    for (unsigned int i = 0; i < KM_GROOVE_ROLE_ALL; ++i) {
        if (feel->measure.roles[i].count > 0) {
            km_sink_format(sink, "%s\n \"%s\":{", comma, km_groove_role_name(i));
            write_figures(sink, &feel->measure.roles[i]);
            write_places(sink, feel->places[i], feel->bar_places);
            km_sink_text(sink, "}");
            comma = ",";
        }
    }
    km_sink_text(sink, "}");
}

// The strokes of drums, or the pitched notes, by their places.
static void write_hits(struct km_sink *sink, const struct km_groove_template *feel, bool is_drum)
{
    const uint32_t *const starts = feel->starts;
    const size_t first = is_drum ? 0 : starts[KM_KEYS_COUNT];
    const size_t end = is_drum ? starts[KM_KEYS_COUNT] : feel->hit_count;
    for (size_t i = first; i < end; ++i) {
        const struct km_groove_hit *const hit = &feel->hits[i];
        km_sink_text(sink, i > first ? ",\n  [" : "\n  [");
        write_place(sink, hit->place);
        km_sink_text(sink, ",");
        km_sink_real(sink, (double)hit->offset_ms, 2);
        km_sink_format(sink, ",%u,%u]", (unsigned int)hit->key, (unsigned int)hit->velocity);
    }
}

static void write_performance(struct km_sink *sink, const struct km_groove_template *feel)
{
    if (feel->bar_count == 0) {
        return;
    }
    km_sink_format(sink, ",\n\"performance\":{\"bars\":%u,\"drums\":[",
                   (unsigned int)feel->bar_count);
    write_hits(sink, feel, true);
    km_sink_text(sink, "],\"notes\":[");
    write_hits(sink, feel, false);
    km_sink_text(sink, "]}");
}

static const char *swung_name(uint8_t swung)
{
    if (swung == 0) {
        return "null";
    }
    return swung == 2 ? "\"eighths\"" : "\"sixteenths\"";
}

enum km_status km_groove_template_write_json(const struct km_groove_template *feel,
                                             struct km_sink *sink)
{
    KM_CHECK(feel && sink);
    const struct km_groove_measure *const measure = &feel->measure;
    km_sink_text(sink, "{\"swing_ratio\":");
    km_sink_real(sink, measure->swing_ratio, 4);
    km_sink_format(sink, ",\"swung\":%s", swung_name(measure->swung));
    write_real(sink, "swing_evidence", (double)measure->swing_evidence, 4);
    write_real(sink, "push_ms", measure->push_ms, 2);
    write_real(sink, "tightness", measure->tightness, 4);
    write_real(sink, "deviation_ms", measure->roles[KM_GROOVE_ROLE_ALL].deviation_ms, 2);
    write_real(sink, "velocity", measure->roles[KM_GROOVE_ROLE_ALL].velocity, 1);
    write_real(sink, "ghost_share", (double)measure->ghost_share, 4);
    write_real(sink, "accent_share", (double)measure->accent_share, 4);
    write_real(sink, "triplet_share", (double)measure->triplet_share, 4);
    km_sink_format(sink, ",\"hits\":%u,\"name\":", (unsigned int)measure->onset_count);
    km_sink_json_text(sink, feel->name);
    km_sink_text(sink, ",\"source\":");
    km_sink_json_text(sink, feel->source);
    write_real(sink, "tempo_bpm", feel->tempo_bpm, 4);
    km_sink_format(sink, ",\"metre\":\"%u/%u\",\"bar_beats\":", (unsigned int)feel->beats_per_bar,
                   (unsigned int)feel->beat_unit);
    write_place(sink, feel->bar_places);
    write_places(sink, feel->places[KM_GROOVE_ROLE_ALL], feel->bar_places);
    write_roles(sink, feel);
    write_performance(sink, feel);
    return km_sink_text(sink, "}\n");
}
