// SPDX-License-Identifier: MIT

// The plan as JSON, in a fixed order and with fixed decimals: the same bytes everywhere.

#include "base/check.h"
#include "base/units.h"
#include "base/version.h"
#include "groove/groove.h"
#include "session/plan.h"
#include "session/song.h"

#include <string.h>

static void write_name(struct km_sink *sink, const char *name)
{
    km_sink_format(sink, ",\"%s\":", name);
}

static void write_text_field(struct km_sink *sink, const char *name, const char *text)
{
    write_name(sink, name);
    km_sink_json_text(sink, text);
}

static void write_integer_field(struct km_sink *sink, const char *name, unsigned int value)
{
    km_sink_format(sink, ",\"%s\":%u", name, value);
}

static void write_real_field(struct km_sink *sink, const char *name, double value)
{
    write_name(sink, name);
    km_sink_real(sink, value, 4);
}

static void write_affect(const struct km_affect *affect, struct km_sink *sink)
{
    km_sink_text(sink, ",\"affect\":{\"primary\":");
    km_sink_json_text(sink, km_emotion_name((enum km_emotion)affect->primary));
    km_sink_text(sink, ",\"secondary\":");
    if (affect->secondary >= 0) {
        km_sink_json_text(sink, km_emotion_name((enum km_emotion)affect->secondary));
    } else {
        km_sink_text(sink, "null");
    }
    write_real_field(sink, "valence", (double)affect->valence);
    write_real_field(sink, "arousal", (double)affect->arousal);
    write_real_field(sink, "dominance", (double)affect->dominance);
    write_real_field(sink, "intensity", (double)affect->intensity);
    km_sink_text(sink, "}");
}

static void write_sections(const struct km_harmony_plan *plan, struct km_sink *sink)
{
    km_sink_text(sink, ",\"sections\":[");
    for (int i = 0; i < plan->section_count; ++i) {
        const struct km_plan_section *const section = &plan->sections[i];
        km_sink_text(sink, i > 0 ? ",{\"name\":" : "{\"name\":");
        km_sink_json_text(sink, km_section_name((enum km_section_kind)section->kind));
        write_integer_field(sink, "first_bar", section->first_bar);
        write_integer_field(sink, "bar_count", section->bar_count);
        write_real_field(sink, "tension", (double)section->tension);
        km_sink_text(sink, "}");
    }
    km_sink_text(sink, "]");
}

static void write_phrases(const struct km_harmony_plan *plan, struct km_sink *sink)
{
    km_sink_text(sink, ",\"phrases\":[");
    for (int i = 0; i < plan->phrase_count; ++i) {
        const struct km_plan_phrase *const phrase = &plan->phrases[i];
        km_sink_format(sink, "%s{\"first_bar\":%u", i > 0 ? "," : "",
                       (unsigned int)phrase->first_bar);
        write_integer_field(sink, "bar_count", phrase->bar_count);
        write_text_field(sink, "material", (char[]){(char)('a' + phrase->material), '\0'});
        write_text_field(sink, "cadence", km_cadence_name((enum km_cadence)phrase->cadence));
        km_sink_text(sink, "}");
    }
    km_sink_text(sink, "]");
}

static void write_parts(const struct km_harmony_plan *plan, struct km_sink *sink)
{
    km_sink_text(sink, ",\"parts\":[");
    for (int i = 0; i < KM_PARTS_COUNT; ++i) {
        const struct km_plan_part *const part = &plan->parts[i];
        km_sink_text(sink, i > 0 ? ",{\"id\":" : "{\"id\":");
        km_sink_json_text(sink, km_part_id((enum km_part)i));
        write_text_field(sink, "name",
                         km_part_name((enum km_ensemble)plan->ensemble, (enum km_part)i));
        km_sink_text(sink, part->is_on ? ",\"on\":true" : ",\"on\":false");
        write_integer_field(sink, "program", part->program);
        km_sink_format(sink, ",\"level\":%d", part->level);
        write_integer_field(sink, "variation", part->variation);
        km_sink_text(sink, "}");
    }
    km_sink_text(sink, "]");
}

static void write_chord_symbols(const struct km_harmony_plan *plan, struct km_sink *sink)
{
    km_sink_text(sink, ",\"chord_symbols\":[");
    for (int i = 0; i < plan->chord_count; ++i) {
        km_sink_text(sink, i > 0 ? "," : "");
        km_sink_json_text(sink, plan->chords[i].symbol);
    }
    km_sink_text(sink, "]");
}

static void write_chords(const struct km_harmony_plan *plan, struct km_sink *sink)
{
    const uint32_t bar_ticks = km_plan_bar_ticks(plan);
    const double beat_ticks = 4.0 * KM_PPQ / plan->beat_unit;
    km_sink_text(sink, ",\"chords\":[");
    for (int i = 0; i < plan->chord_count; ++i) {
        const struct km_plan_chord *const chord = &plan->chords[i];
        km_sink_format(sink, "%s{\"bar\":%u", i > 0 ? "," : "", chord->start_tick / bar_ticks);
        write_real_field(sink, "beat", chord->start_tick % bar_ticks / beat_ticks);
        write_real_field(sink, "beats", chord->duration_ticks / beat_ticks);
        write_text_field(sink, "symbol", chord->symbol);
        write_text_field(sink, "roman", chord->roman);
        km_sink_text(sink, "}");
    }
    km_sink_text(sink, "]");
}

static void write_tension(const struct km_harmony_plan *plan, struct km_sink *sink)
{
    km_sink_text(sink, ",\"tension\":[");
    for (int i = 0; i < plan->length_bars; ++i) {
        km_sink_text(sink, i > 0 ? "," : "");
        km_sink_real(sink, (double)plan->tension[i], 4);
    }
    km_sink_text(sink, "]");
}

// Why a rule is broken, in words: the wish, or what of the feeling asks for it.
static void write_reason(const struct km_harmony_plan *plan, enum km_rule rule,
                         struct km_sink *sink)
{
    write_name(sink, "why");
    if (plan->rule_uses[rule].is_wish) {
        km_sink_json_text(sink, "asked for by name");
        return;
    }
    km_sink_text(sink, "\"");
    km_sink_text(sink, km_emotion_name((enum km_emotion)plan->affect.primary));
    km_sink_text(sink, " with vulnerability ");
    km_sink_real(sink, (double)plan->vulnerability, 2);
    km_sink_text(sink, " and complexity ");
    km_sink_real(sink, (double)plan->complexity, 2);
    km_sink_text(sink, " calls for it\"");
}

static void write_rule(const struct km_harmony_plan *plan, enum km_rule rule, struct km_sink *sink)
{
    const struct km_plan_rule_use *const use = &plan->rule_uses[rule];
    const char *const missing = km_rule_missing(rule);
    km_sink_json_text(sink, km_rule_names()[rule]);
    write_text_field(sink, "effect", km_rule_effect(rule));
    write_text_field(sink, "serves", km_rule_serves(rule));
    write_reason(plan, rule, sink);
    km_sink_text(sink, use->is_wish ? ",\"asked\":true" : ",\"asked\":false");
    write_integer_field(sink, "first_bar", use->first_bar);
    write_integer_field(sink, "bar_count", use->bar_count);
    if (rule == KM_RULE_HARMONY_POLYTONALITY) {
        km_sink_format(sink, ",\"semitones\":%d", use->amount);
    }
    km_sink_text(sink, missing ? ",\"applied\":false" : ",\"applied\":true");
    if (missing) {
        write_text_field(sink, "needs", missing);
    }
}

static void write_rules(const struct km_harmony_plan *plan, struct km_sink *sink)
{
    bool is_first = true;
    km_sink_text(sink, ",\"rules\":[");
    for (unsigned int i = 0; i < KM_RULES_COUNT; ++i) {
        if ((plan->rules >> i & 1U) != 0) {
            km_sink_text(sink, is_first ? "{\"id\":" : ",{\"id\":");
            is_first = false;
            write_rule(plan, (enum km_rule)i, sink);
            km_sink_text(sink, "}");
        }
    }
    km_sink_text(sink, "]");
}

static void write_production(const struct km_plan_production *production, struct km_sink *sink)
{
    km_sink_text(sink, ",\"production\":{\"mud_db\":");
    km_sink_real(sink, (double)production->mud_db, 4);
    write_real_field(sink, "pitch_drift_cents", (double)production->pitch_drift_cents);
    write_real_field(sink, "room_noise_percent", (double)production->room_noise_percent);
    write_real_field(sink, "drive", (double)production->drive);
    write_real_field(sink, "width", (double)production->width);
    km_sink_text(sink, "}");
}

// Only where there are some: words are kept if that was asked for, and else not at all.
static void write_lyrics(const struct km_harmony_plan *plan, struct km_sink *sink)
{
    if (plan->lyrics[0] == '\0') {
        return;
    }
    char line[KM_PLAN_LYRICS_SIZE];
    const char *text = plan->lyrics;
    km_sink_text(sink, ",\"lyrics\":[");
    while (*text != '\0') {
        const size_t size = strcspn(text, "\n");
        memcpy(line, text, size);
        line[size] = '\0';
        km_sink_text(sink, text == plan->lyrics ? "" : ",");
        km_sink_json_text(sink, line);
        text += size + (text[size] == '\n');
    }
    km_sink_text(sink, "]");
}

static void write_harmony_plan_fields(const struct km_harmony_plan *plan, struct km_sink *sink)
{
    km_sink_text(sink, "{\"root_note\":");
    km_sink_json_text(sink, plan->root_note);
    write_text_field(sink, "mode", km_mode_names()[plan->key.mode]);
    write_integer_field(sink, "tempo_bpm", plan->tempo_bpm);
    km_sink_format(sink, ",\"time_signature\":\"%u/%u\"", (unsigned int)plan->beats_per_bar,
                   (unsigned int)plan->beat_unit);
    write_integer_field(sink, "length_bars", plan->length_bars);
    write_chord_symbols(plan, sink);
    write_real_field(sink, "harmonic_rhythm", (double)plan->harmonic_rhythm);
    write_text_field(sink, "mood_profile", plan->mood_profile);
    write_real_field(sink, "complexity", (double)plan->complexity);
    write_real_field(sink, "vulnerability", (double)plan->vulnerability);
}

enum km_status km_plan_write_json_value(const struct km_harmony_plan *plan, struct km_sink *sink)
{
    KM_CHECK(plan && plan->length_bars > 0);
    KM_CHECK(sink);
    write_harmony_plan_fields(plan, sink);
    km_sink_format(sink, ",\"seed\":%llu", (unsigned long long)plan->seed);
    write_text_field(sink, "version", km_version());
    km_sink_text(sink, ",\"key\":");
    km_sink_format(sink, "{\"tonic\":%u", (unsigned int)plan->key.tonic);
    write_text_field(sink, "name", plan->root_note);
    write_text_field(sink, "mode", km_mode_names()[plan->key.mode]);
    km_sink_text(sink, "}");
    write_text_field(sink, "genre", km_genre_names()[plan->genre]);
    write_text_field(sink, "groove", km_groove_style_names()[plan->groove_style]);
    write_text_field(sink, "ensemble", km_ensemble_names()[plan->ensemble]);
    write_text_field(sink, "feel", km_feel_names()[plan->feel]);
    write_text_field(sink, "arc", km_arc_name((enum km_arc)plan->arc));
    write_integer_field(sink, "motivation", plan->motivation);
    write_affect(&plan->affect, sink);
    write_real_field(sink, "density", (double)plan->density);
    write_real_field(sink, "dissonance", (double)plan->dissonance);
    write_real_field(sink, "articulation", (double)plan->articulation);
    km_sink_format(sink, ",\"dynamics\":{\"low\":%u,\"high\":%u,\"ceiling\":%u}",
                   (unsigned int)plan->velocity_low, (unsigned int)plan->velocity_high,
                   (unsigned int)plan->velocity_ceiling);
    km_sink_text(sink, plan->is_continued ? ",\"continued\":true" : ",\"continued\":false");
    km_sink_format(sink, ",\"register\":{\"low\":%u,\"high\":%u}", (unsigned int)plan->register_low,
                   (unsigned int)plan->register_high);
    write_parts(plan, sink);
    write_sections(plan, sink);
    write_phrases(plan, sink);
    write_chords(plan, sink);
    write_tension(plan, sink);
    write_rules(plan, sink);
    write_production(&plan->production, sink);
    write_lyrics(plan, sink);
    return km_sink_text(sink, "}");
}

enum km_status km_plan_write_json(const struct km_harmony_plan *plan, struct km_sink *sink)
{
    const enum km_status status = km_plan_write_json_value(plan, sink);
    return status == KM_OK ? km_sink_text(sink, "\n") : status;
}
