// SPDX-License-Identifier: MIT

#include "apps/compose_report.h"

#include "affect/thesaurus.h"
#include "apps/affect_json.h"
#include "base/sink.h"
#include "base/text.h"
#include "base/units.h"
#include "base/version.h"
#include "groove/groove.h"
#include "heap/heap.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>

struct style {
    const char *strong;
    const char *faint;
    const char *end;
};

static struct style style_of(const struct km_context *context)
{
    return context->has_colour ? (struct style){"\033[1m", "\033[2m", "\033[0m"}
                               : (struct style){"", "", ""};
}

static void print_number(const char *name, double value)
{
    char text[KM_TEXT_REAL_SIZE];
    km_text_format_real(text, value, 2);
    printf("  %s %s", name, text);
}

static void print_affect(const struct km_affect *affect, struct style style)
{
    printf("%s%s%s", style.strong, km_emotion_name((enum km_emotion)affect->primary), style.end);
    if (affect->secondary != KM_AFFECT_NO_EMOTION) {
        printf(" and %s", km_emotion_name((enum km_emotion)affect->secondary));
    }
    if (affect->node != KM_AFFECT_NO_NODE) {
        const struct km_thesaurus_node *const node = km_thesaurus_node(affect->node);
        printf(" (%s, %s, %s)", node->base, node->sub, node->name);
    }
    printf("%s", style.faint);
    print_number(" valence", (double)affect->valence);
    print_number("arousal", (double)affect->arousal);
    print_number("dominance", (double)affect->dominance);
    print_number("intensity", (double)affect->intensity);
    printf("%s\n", style.end);
}

// Which rules are broken, where that is not everywhere, and what the MIDI file cannot say of it.
static void print_rules(const struct km_harmony_plan *plan)
{
    for (int rule = 0; rule < KM_RULES_COUNT; ++rule) {
        if (!(plan->rules & (1U << rule))) {
            continue;
        }
        const struct km_plan_rule_use *const use = &plan->rule_uses[rule];
        const char *const missing = km_rule_missing((enum km_rule)rule);
        printf("%s %s", missing ? "carries" : "breaks", km_rule_names()[rule]);
        if (use->bar_count < plan->length_bars) {
            printf(" in bars %u to %u", use->first_bar + 1U, use->first_bar + use->bar_count + 0U);
        }
        printf("%s%s\n", missing ? ", which needs " : "", missing ? missing : "");
    }
}

static void print_plan(const struct km_harmony_plan *plan, struct style style)
{
    const uint64_t seconds = km_plan_length_ticks(plan) * 60 / ((uint64_t)KM_PPQ * plan->tempo_bpm);
    printf("%s%s %s%s, %u BPM, %u/%u, %u bars, %u:%02u; %s, %s groove, %s; seed %llu\n",
           style.strong, plan->root_note, km_mode_names()[plan->key.mode], style.end,
           (unsigned)plan->tempo_bpm, (unsigned)plan->beats_per_bar, (unsigned)plan->beat_unit,
           (unsigned)plan->length_bars, (unsigned)(seconds / 60), (unsigned)(seconds % 60),
           km_genre_names()[plan->genre], km_groove_style_names()[plan->groove_style],
           km_arc_name((enum km_arc)plan->arc), (unsigned long long)plan->seed);
    print_rules(plan);
}

// The chords that begin in a bar, from `*next` on; a bar that only holds one is "%".
static void print_bar(const struct km_harmony_plan *plan, unsigned int bar, size_t *next)
{
    const uint64_t end_tick = ((uint64_t)bar + 1) * km_plan_bar_ticks(plan);
    const size_t first = *next;
    for (; *next < plan->chord_count && plan->chords[*next].start_tick < end_tick; ++*next) {
        printf(" %s", plan->chords[*next].symbol);
    }
    printf("%s |", *next > first ? "" : " %");
}

static void print_sections(const struct km_harmony_plan *plan, struct style style)
{
    size_t next = 0;
    for (size_t i = 0; i < plan->section_count; ++i) {
        const struct km_plan_section *const section = &plan->sections[i];
        printf("  %s%-11s%s |", style.faint, km_section_name((enum km_section_kind)section->kind),
               style.end);
        for (unsigned int bar = 0; bar < section->bar_count; ++bar) {
            print_bar(plan, section->first_bar + bar, &next);
        }
        printf("\n");
    }
}

void km_compose_print_files(const struct km_compose_report *report)
{
    bool has_files = false;
    for (int i = 0; i < KM_SONG_FILES_COUNT; ++i) {
        if (report->paths[i]) {
            printf("%s%s%s, %zu bytes", has_files ? "; " : "wrote ", report->paths[i], "",
                   report->files[i].size);
            has_files = true;
        }
    }
    const bool has_any = has_files || report->wav;
    if (has_files || !has_any) {
        printf("%s\n", has_any ? "" : "nothing written: -o song.mid writes the song");
    }
}

void km_compose_print(const struct km_compose_report *report, const struct km_context *context)
{
    const struct style style = style_of(context);
    const struct km_harmony_plan *const plan = report->plan;
    print_affect(&plan->affect, style);
    print_plan(plan, style);
    print_sections(plan, style);
    km_compose_print_files(report);
}

static json_t *plan_to_json(const struct km_harmony_plan *plan, struct km_heap *heap)
{
    enum { PLAN_JSON_SIZE_MAX = 1 << 20 };
    struct km_sink_memory memory = {
        .bytes = km_heap_allocate(heap, KM_ACCOUNT_WORKING, PLAN_JSON_SIZE_MAX),
        .size = PLAN_JSON_SIZE_MAX};
    if (!memory.bytes) {
        return NULL;
    }
    struct km_sink sink = km_sink_to_memory(&memory);
    json_t *json = NULL;
    if (km_plan_write_json(plan, &sink) == KM_OK) {
        json = json_loadb((const char *)memory.bytes, memory.used, 0, NULL);
    }
    km_heap_release(heap, memory.bytes);
    return json;
}

// The audio file: path, sum and size as of the others, and what was rendered.
static json_t *wav_to_json(const struct km_compose_report *report)
{
    json_t *const file = json_pack("{s:s, s:s, s:I}", "path", report->wav, "sha256",
                                   report->wav_sha256, "size", (json_int_t)report->wav_size);
    json_t *const sound = km_render_file_json(report->wav, report->wav_result, report->wav_sound);
    if (file && sound) {
        (void)json_object_del(sound, "file"); // It is the path.
        (void)json_object_update(file, sound);
    }
    json_decref(sound);
    return file;
}

json_t *km_compose_files_to_json(const struct km_compose_report *report)
{
    json_t *const files = json_array();
    for (int i = 0; i < KM_SONG_FILES_COUNT; ++i) {
        if (report->paths[i]) {
            json_array_append_new(files, json_pack("{s:s, s:s, s:I}", "path", report->paths[i],
                                                   "sha256", report->files[i].sha256, "size",
                                                   (json_int_t)report->files[i].size));
        }
    }
    if (report->wav) {
        json_array_append_new(files, wav_to_json(report));
    }
    return files;
}

static int no_memory(const struct km_context *context)
{
    struct km_error error = {0};
    (void)km_heap_refusal(context->heap, &error);
    return km_report_error("compose", &error);
}

json_t *km_compose_to_json(const struct km_compose_report *report, const struct km_context *context)
{
    return json_pack("{s:I, s:s, s:o, s:o, s:o}", "seed", (json_int_t)report->plan->seed, "version",
                     km_version(), "affect", km_affect_to_json(&report->plan->affect), "plan",
                     plan_to_json(report->plan, context->heap), "files",
                     km_compose_files_to_json(report));
}

int km_compose_dump(json_t *root, const struct km_context *context)
{
    if (!root) {
        return no_memory(context);
    }
    const int failed = json_dumpf(root, stdout, JSON_REAL_PRECISION(9));
    json_decref(root);
    printf("\n");
    if (failed && !ferror(stdout)) { // An unwritable output is told at the end.
        return no_memory(context);
    }
    return KM_EXIT_DONE;
}

int km_compose_print_json(const struct km_compose_report *report, const struct km_context *context)
{
    return km_compose_dump(km_compose_to_json(report, context), context);
}
