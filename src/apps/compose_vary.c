// SPDX-License-Identifier: MIT

// Alternatives of one feeling: as many songs, each of its own seed, and what differs among them.

#include "apps/compose_job.h"
#include "groove/groove.h"
#include "heap/heap.h"
#include "theory/scale.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>

enum { FACT_SIZE = 128 };

// What is told of a song, if it differs.
enum fact {
    FACT_KEY,
    FACT_MODE,
    FACT_TEMPO,
    FACT_METRE,
    FACT_GENRE,
    FACT_ENSEMBLE,
    FACT_FEEL,
    FACT_GROOVE,
    FACT_ARC,
    FACT_FORM,
    FACT_CHORDS,
    FACT_RULES,
    FACTS_COUNT
};

static const char *const fact_names[FACTS_COUNT] = {
    "key",  "mode",   "tempo_bpm", "time_signature", "genre",  "ensemble",
    "feel", "groove", "arc",       "form",           "chords", "rules"};

// One song: what is told of it, and its files.
struct km_alternative {
    uint64_t seed;
    char facts[FACTS_COUNT][FACT_SIZE];
    char path_texts[KM_SONG_FILES_COUNT][KM_OUTPUT_PATH_SIZE];
    const char *paths[KM_SONG_FILES_COUNT];
    struct km_written_file files[KM_SONG_FILES_COUNT];
};

int km_compose_check_vary(const struct km_compose_settings *settings, bool uses_output)
{
    if (settings->vary > 0 && uses_output) {
        return km_usage_error("compose", "--vary makes several files: standard output holds one");
    }
    if (settings->has_lyrics && km_compose_is_journey(settings)) {
        return km_usage_error("compose", "--lyrics sets words to a song, not to a journey");
    }
    if (settings->vary > 0 && km_compose_is_journey(settings)) {
        return km_usage_error("compose", "--vary makes alternatives of a song, not of a journey");
    }
    return KM_EXIT_DONE;
}

static void append(char fact[FACT_SIZE], const char *before, const char *text)
{
    const size_t used = strlen(fact);
    const bool fits = used + strlen(before) + strlen(text) + sizeof(" ...") < FACT_SIZE;
    if (fits) {
        (void)snprintf(fact + used, FACT_SIZE - used, "%s%s", used > 0 ? before : "", text);
    } else if (used > 0 && fact[used - 1] != '.') {
        (void)snprintf(fact + used, FACT_SIZE - used, " ...");
    }
}

// Chords of the first chorus or drop, else of the first section, as numerals.
static void describe_chords(const struct km_harmony_plan *plan, char fact[FACT_SIZE])
{
    const struct km_plan_section *section = &plan->sections[0];
    for (int i = plan->section_count - 1; i >= 0; --i) {
        const uint8_t kind = plan->sections[i].kind;
        if (kind == KM_SECTION_CHORUS || kind == KM_SECTION_DROP) {
            section = &plan->sections[i];
        }
    }
    const uint32_t bar = km_plan_bar_ticks(plan);
    const uint32_t end = (uint32_t)(section->first_bar + section->bar_count) * bar;
    for (int i = 0; i < plan->chord_count; ++i) {
        const struct km_plan_chord *const chord = &plan->chords[i];
        if (chord->start_tick >= section->first_bar * bar && chord->start_tick < end) {
            append(fact, " ", chord->roman);
        }
    }
}

static void describe(const struct km_harmony_plan *plan, struct km_alternative *alternative)
{
    char(*const facts)[FACT_SIZE] = alternative->facts;
    alternative->seed = plan->seed;
    append(facts[FACT_KEY], "", plan->root_note);
    append(facts[FACT_MODE], "", km_mode_names()[plan->key.mode]);
    (void)snprintf(facts[FACT_TEMPO], FACT_SIZE, "%u", (unsigned int)plan->tempo_bpm);
    (void)snprintf(facts[FACT_METRE], FACT_SIZE, "%u/%u", (unsigned int)plan->beats_per_bar,
                   (unsigned int)plan->beat_unit);
    append(facts[FACT_GENRE], "", km_genre_names()[plan->genre]);
    append(facts[FACT_ENSEMBLE], "", km_ensemble_names()[plan->ensemble]);
    append(facts[FACT_FEEL], "", km_feel_names()[plan->feel]);
    append(facts[FACT_GROOVE], "", km_groove_style_names()[plan->groove_style]);
    append(facts[FACT_ARC], "", km_arc_name((enum km_arc)plan->arc));
    for (int i = 0; i < plan->section_count; ++i) {
        append(facts[FACT_FORM], ", ",
               km_section_name((enum km_section_kind)plan->sections[i].kind));
    }
    describe_chords(plan, facts[FACT_CHORDS]);
    for (int i = 0; i < KM_RULES_COUNT; ++i) {
        if ((plan->rules >> (unsigned int)i & 1U) != 0) {
            append(facts[FACT_RULES], ", ", km_rule_names()[i]);
        }
    }
}

// "song.mid" and 3 is "song-3.mid".
static enum km_status name_file(const char *path, int number, char text[KM_OUTPUT_PATH_SIZE],
                                struct km_error *error)
{
    const char *const slash = strrchr(path, '/');
    const char *const name = slash ? slash + 1 : path;
    const char *const dot = strrchr(name, '.');
    const size_t stem = dot && dot > name ? (size_t)(dot - path) : strlen(path);
    const int length =
        snprintf(text, KM_OUTPUT_PATH_SIZE, "%.*s-%d%s", (int)stem, path, number, path + stem);
    if (path[0] == '\0') {
        return km_error_set(error, KM_ERROR_INVALID, "an empty path: expected the name of a file");
    }
    return length < KM_OUTPUT_PATH_SIZE
               ? KM_OK
               : km_error_set(error, KM_ERROR_TOO_LARGE, "%.60s...: the path is too long", path);
}

static enum km_status name_files(const struct km_compose_job *job, int index,
                                 struct km_error *error)
{
    struct km_alternative *const alternative = &job->alternatives[index];
    const char *const *const paths = job->settings->paths;
    enum km_status status = KM_OK;
    for (int i = 0; i < KM_SONG_FILES_COUNT && status == KM_OK; ++i) {
        if (paths[i]) {
            status = name_file(paths[i], index + 1, alternative->path_texts[i], error);
            alternative->paths[i] = alternative->path_texts[i];
        }
    }
    return status;
}

static enum km_status make_alternative(struct km_compose_job *job, int index,
                                       struct km_error *error)
{
    struct km_alternative *const alternative = &job->alternatives[index];
    enum km_status status = name_files(job, index, error);
    if (status != KM_OK) {
        return status;
    }
    describe(job->plan, alternative);
    job->paths = alternative->paths;
    job->files = alternative->files;
    status = km_compose_write_song(job, error);
    km_midi_file_release(&job->song);
    return status;
}

static enum km_status commit_all(struct km_compose_job *job, struct km_error *error)
{
    enum km_status status = KM_OK;
    for (int i = 0; i < job->settings->vary && status == KM_OK; ++i) {
        job->paths = job->alternatives[i].paths;
        job->files = job->alternatives[i].files;
        status = km_compose_commit(job, error);
    }
    return status;
}

enum km_status km_compose_vary(struct km_compose_job *job, const struct km_arguments *arguments,
                               struct km_error *error)
{
    const size_t count = (size_t)job->settings->vary;
    job->alternatives = km_heap_allocate_array(job->context->heap, KM_ACCOUNT_WORKING, count,
                                               sizeof(*job->alternatives));
    if (!job->alternatives) {
        return km_heap_refusal(job->context->heap, error);
    }
    enum km_status status = km_compose_make_plan(job, arguments, error);
    const uint64_t seed = status == KM_OK ? job->plan->seed : 0;
    for (size_t i = 0; i < count && status == KM_OK; ++i) {
        status = km_compose_plan_again(job, seed + i, error);
        if (status == KM_OK) {
            status = make_alternative(job, (int)i, error);
        }
    }
    status = status == KM_OK ? commit_all(job, error) : status;
    return status == KM_OK ? km_compose_plan_again(job, seed, error) : status;
}

void km_compose_release_alternatives(struct km_compose_job *job)
{
    for (int i = 0; job->alternatives && i < job->settings->vary; ++i) {
        for (int j = 0; j < KM_SONG_FILES_COUNT; ++j) {
            km_written_file_discard(&job->alternatives[i].files[j]);
        }
    }
    km_heap_release(job->context->heap, job->alternatives);
    job->alternatives = NULL;
}

static struct km_compose_report report_on(const struct km_compose_job *job, int index)
{
    const struct km_alternative *const alternative = &job->alternatives[index];
    struct km_compose_report report = {.plan = job->plan, .files = alternative->files};
    memcpy(report.paths, alternative->paths, sizeof(report.paths));
    return report;
}

static bool is_different(const struct km_compose_job *job, int index, int fact)
{
    return strcmp(job->alternatives[index].facts[fact], job->alternatives[0].facts[fact]) != 0;
}

// Whether there is anything to tell of a fact: of the first song, what any other has otherwise.
static bool is_told(const struct km_compose_job *job, int index, int fact)
{
    bool is_any = is_different(job, index, fact);
    for (int i = 0; index == 0 && i < job->settings->vary; ++i) {
        is_any = is_any || is_different(job, i, fact);
    }
    return is_any;
}

static bool print_facts(const struct km_compose_job *job, int index)
{
    bool is_any = false;
    for (int fact = 0; fact < FACTS_COUNT; ++fact) {
        if (is_told(job, index, fact)) {
            const char *const text = job->alternatives[index].facts[fact];
            printf("   %-15s %s\n", fact_names[fact], text[0] != '\0' ? text : "none");
            is_any = true;
        }
    }
    return is_any;
}

static void print_text(const struct km_compose_job *job)
{
    for (int i = 0; i < job->settings->vary; ++i) {
        printf("%d  seed %llu\n", i + 1, (unsigned long long)job->alternatives[i].seed);
        if (!print_facts(job, i) && i > 0) {
            printf("   planned like the first, played otherwise\n");
        }
        const struct km_compose_report report = report_on(job, i);
        printf("   ");
        km_compose_print_files(&report);
    }
}

static json_t *alternative_to_json(const struct km_compose_job *job, int index)
{
    const struct km_compose_report report = report_on(job, index);
    json_t *const differs = json_object();
    bool is_held = differs != NULL;
    for (int fact = 0; fact < FACTS_COUNT; ++fact) {
        if (is_different(job, index, fact)) {
            const char *const text = job->alternatives[index].facts[fact];
            is_held =
                json_object_set_new(differs, fact_names[fact], json_string(text)) == 0 && is_held;
        }
    }
    json_t *const files = km_compose_files_to_json(&report);
    if (!is_held) {
        json_decref(differs);
        json_decref(files);
        return NULL;
    }
    return json_pack("{s:I, s:o, s:o}", "seed", (json_int_t)job->alternatives[index].seed, "files",
                     files, "differs", differs);
}

static int print_json(const struct km_compose_job *job)
{
    const struct km_compose_report report = report_on(job, 0);
    json_t *const list = json_array();
    bool is_held = list != NULL;
    for (int i = 0; i < job->settings->vary && is_held; ++i) {
        is_held = json_array_append_new(list, alternative_to_json(job, i)) == 0;
    }
    json_t *root = km_compose_to_json(&report, job->context);
    if (!is_held || json_object_set(root, "alternatives", list) != 0) {
        json_decref(root);
        root = NULL;
    }
    json_decref(list);
    return km_compose_dump(root, job->context);
}

int km_compose_print_alternatives(struct km_compose_job *job)
{
    if (job->context->wants_json) {
        return print_json(job);
    }
    print_text(job);
    return KM_EXIT_DONE;
}
