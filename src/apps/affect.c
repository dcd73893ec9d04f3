// SPDX-License-Identifier: MIT

// kmidi affect: what a text feels like.

#include "affect/affect.h"

#include "affect/thesaurus.h"
#include "apps/affect_json.h"
#include "apps/command.h"
#include "base/math.h"
#include "base/text.h"
#include "heap/heap.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { BAR_WIDTH = 24, SHOWN_MAX = 5, LINE_SIZE_FIRST = 4096 };

#define SHOWN_MIN 0.15F

struct settings {
    bool reads_lines;
};

static const struct settings defaults = {0};

static const struct km_option options[] = {
    {.name = "--lines",
     .help = "one line of JSON for each line of standard input, also for an empty one",
     .kind = KM_OPTION_FLAG,
     .offset = offsetof(struct settings, reads_lines),
     .given_offset = KM_OPTION_NOT_NOTED},
    {0},
};

static int print_json(const struct km_affect *affect)
{
    json_t *const object = km_affect_to_json(affect);
    if (!object) {
        const struct km_error error = {KM_ERROR_NO_MEMORY, "no memory for the answer"};
        return km_report_error("affect", &error);
    }
    (void)json_dumpf(object, stdout, KM_AFFECT_JSON_FLAGS); // km_finish_output sees a failure.
    (void)putchar('\n');
    json_decref(object);
    return KM_EXIT_DONE;
}

// The colour in which an Ekman group is shown: SGR codes of the 16 that every terminal has.
static int colour_of(int ekman)
{
    static const int colours[KM_EKMANS_COUNT] = {
        [KM_EKMAN_JOY] = 33,    [KM_EKMAN_SADNESS] = 34,  [KM_EKMAN_ANGER] = 31,
        [KM_EKMAN_FEAR] = 35,   [KM_EKMAN_SURPRISE] = 36, [KM_EKMAN_DISGUST] = 32,
        [KM_EKMAN_NEUTRAL] = 37};
    return colours[ekman];
}

// A bar from `low` to `value` on a scale that ends at 1.
static void print_bar(const struct km_context *context, float low, float value, int colour)
{
    const char *const full = context->has_colour ? "\xE2\x96\x88" : "#";
    const char *const empty = context->has_colour ? "\xC2\xB7" : ".";
    const float scale = (float)BAR_WIDTH / (1.0F - low);
    const int zero = (int)km_round((double)((0.0F - low) * scale));
    const int end = (int)km_round((double)((value - low) * scale));
    const int first = zero < end ? zero : end;
    const int last = zero < end ? end : zero;
    if (context->has_colour) {
        printf("\033[%dm", colour);
    }
    for (int i = 0; i < BAR_WIDTH; ++i) {
        (void)fputs(i >= first && i < last ? full : empty, stdout);
    }
    (void)fputs(context->has_colour ? "\033[0m" : "", stdout);
}

static void print_figure(const struct km_context *context, const char *name, float low, float value)
{
    char text[KM_TEXT_REAL_SIZE];
    km_text_format_real(text, (double)value, 2);
    printf("  %-14s %5s  ", name, text);
    print_bar(context, low, value, 36);
    (void)putchar('\n');
}

static void print_emotions(const struct km_context *context, const struct km_affect *affect)
{
    bool is_shown[KM_EMOTIONS_COUNT] = {false};
    for (int turn = 0; turn < SHOWN_MAX; ++turn) {
        int best = KM_AFFECT_NO_EMOTION;
        for (int i = 0; i < KM_EMOTIONS_COUNT; ++i) {
            const bool is_more = best < 0 || affect->emotions[i] > affect->emotions[best];
            best = !is_shown[i] && affect->emotions[i] >= SHOWN_MIN && is_more ? i : best;
        }
        if (best < 0) {
            return;
        }
        is_shown[best] = true;
        print_figure(context, km_emotion_name((enum km_emotion)best), 0.0F, affect->emotions[best]);
    }
}

static void print_title(const struct km_context *context, const struct km_affect *affect)
{
    const char *const primary = km_emotion_name((enum km_emotion)affect->primary);
    if (context->has_colour) {
        printf("\033[1;%dm%s\033[0m", colour_of(affect->ekman), primary);
    } else {
        printf("%s", primary);
    }
    if (affect->secondary != KM_AFFECT_NO_EMOTION) {
        printf(" and %s", km_emotion_name((enum km_emotion)affect->secondary));
    }
    if (affect->node != KM_AFFECT_NO_NODE) {
        const struct km_thesaurus_node *const node = km_thesaurus_node(affect->node);
        printf("  (%s, %s: %s)", node->base, node->sub, node->name);
    }
    printf("\n\n");
}

static int print_text(const struct km_context *context, const struct km_affect *affect)
{
    print_title(context, affect);
    print_figure(context, "valence", -1.0F, affect->valence);
    print_figure(context, "arousal", -1.0F, affect->arousal);
    print_figure(context, "dominance", -1.0F, affect->dominance);
    print_figure(context, "intensity", 0.0F, affect->intensity);
    print_figure(context, "confidence", 0.0F, affect->confidence);
    (void)putchar('\n');
    print_emotions(context, affect);
    return KM_EXIT_DONE;
}

static int answer(const struct km_context *context, const char *text, size_t size, bool as_json)
{
    struct km_affect affect;
    struct km_error error;
    if (km_affect_of_text(text, size, &affect, &error) != KM_OK) {
        return km_report_error("affect", &error);
    }
    return as_json ? print_json(&affect) : print_text(context, &affect);
}

/// A line of input, in memory of the working account.
struct line {
    char *bytes;
    size_t size;
    size_t capacity;
};

static enum km_status add_byte(struct km_heap *heap, struct line *line, char byte,
                               struct km_error *error)
{
    if (line->size == line->capacity) {
        const size_t capacity = line->capacity == 0 ? LINE_SIZE_FIRST : 2 * line->capacity;
        char *const bytes = km_heap_resize(heap, KM_ACCOUNT_WORKING, line->bytes, capacity);
        if (!bytes) {
            return km_heap_refusal(heap, error);
        }
        line->bytes = bytes;
        line->capacity = capacity;
    }
    line->bytes[line->size] = byte;
    ++line->size;
    return KM_OK;
}

// Reads up to the end of a line, which is left out; `is_left` is false at the end of the input.
static enum km_status read_line(struct km_heap *heap, struct line *line, bool *is_left,
                                struct km_error *error)
{
    line->size = 0;
    int byte = getchar();
    *is_left = byte != EOF;
    while (byte != EOF && byte != '\n') {
        if (line->size > KM_AFFECT_TEXT_SIZE_MAX) {
            return km_error_set(error, KM_ERROR_TOO_LARGE, "a line of more than %d bytes",
                                KM_AFFECT_TEXT_SIZE_MAX);
        }
        const enum km_status status = add_byte(heap, line, (char)byte, error);
        if (status != KM_OK) {
            return status;
        }
        byte = getchar();
    }
    return KM_OK;
}

// Each answer is sent at once: a program at the other end may wait for it.
static int answer_lines(const struct km_context *context)
{
    struct line line = {0};
    struct km_error error;
    int exit_code = KM_EXIT_DONE;
    for (;;) {
        bool is_left = false;
        if (read_line(context->heap, &line, &is_left, &error) != KM_OK) {
            exit_code = km_report_error("affect", &error);
            break;
        }
        if (!is_left) {
            exit_code = km_finish_input("affect", exit_code);
            break;
        }
        exit_code = answer(context, line.bytes ? line.bytes : "", line.size, true);
        exit_code = exit_code == KM_EXIT_DONE ? km_finish_output("affect", exit_code) : exit_code;
        if (exit_code != KM_EXIT_DONE) {
            break;
        }
    }
    km_heap_release(context->heap, line.bytes);
    return exit_code;
}

// The arguments with spaces between them.
static int answer_arguments(const struct km_context *context, const struct km_arguments *arguments)
{
    size_t size = 0;
    for (size_t i = 0; i < arguments->count; ++i) {
        size += strlen(arguments->values[i]) + 1;
    }
    char *const text = km_heap_allocate(context->heap, KM_ACCOUNT_WORKING, size);
    if (!text) {
        struct km_error error;
        (void)km_heap_refusal(context->heap, &error);
        return km_report_error("affect", &error);
    }
    size_t used = 0;
    for (size_t i = 0; i < arguments->count; ++i) {
        const size_t length = strlen(arguments->values[i]);
        memcpy(text + used, arguments->values[i], length);
        used += length;
        text[used] = ' ';
        ++used;
    }
    const int exit_code = answer(context, text, size - 1, context->wants_json);
    km_heap_release(context->heap, text);
    return exit_code;
}

static int answer_input(struct km_context *context)
{
    struct km_bytes bytes;
    struct km_error error;
    if (km_read_file(context, "-", KM_AFFECT_TEXT_SIZE_MAX, &bytes, &error) != KM_OK) {
        return km_report_error("affect", &error);
    }
    const int exit_code = answer(context, bytes.bytes, bytes.size, context->wants_json);
    km_heap_release(context->heap, bytes.bytes);
    return exit_code;
}

static int run(struct km_context *context, const void *settings,
               const struct km_arguments *arguments)
{
    const struct settings *const wanted = settings;
    int exit_code = KM_EXIT_DONE;
    if (wanted->reads_lines && arguments->count > 0) {
        return km_usage_error("affect", "--lines reads standard input: give no text");
    }
    if (wanted->reads_lines) {
        exit_code = answer_lines(context);
    } else if (arguments->count > 0) {
        exit_code = answer_arguments(context, arguments);
    } else if (km_is_terminal(STDIN_FILENO)) {
        return km_usage_error("affect", "no text: give it as arguments or on standard input");
    } else {
        exit_code = answer_input(context);
    }
    return exit_code;
}

const struct km_command km_command_affect = {
    .name = "affect",
    .synopsis = "[TEXT | --lines]",
    .summary = "Tell what a text feels like",
    .details = "Reads the feeling of a text: valence, arousal and dominance (-1 to 1, 0 is "
               "neutral), intensity,\n"
               "the emotions it tells of, and the nearest of 216 shades of feeling. TEXT may be "
               "several words;\n"
               "without it, standard input is read. Text that tells of no feeling is neutral.",
    .example = "kmidi affect I was scared, but now I feel safe\n"
               "kmidi affect --json \"feeling grief and loss\"\n"
               "printf 'so happy!\\nI miss her\\n' | kmidi affect --lines",
    .options = options,
    .defaults = &defaults,
    .settings_size = sizeof(defaults),
    .arguments_max = KM_ARGUMENTS_MAX,
    .run = run,
};
