// SPDX-License-Identifier: MIT

// The kmidi command: finds the subcommand, reads its options, runs it.

#include "apps/command.h"
#include "apps/json_heap.h"
#include "apps/registry.h"
#include "base/check.h"
#include "base/text.h"
#include "base/version.h"
#include "heap/heap.h"

#include <signal.h>
#include <stdalign.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static bool shows_colour(void)
{
    const char *const terminal = getenv("TERM");
    const char *const no_colour = getenv("NO_COLOR"); // https://no-color.org
    return km_is_terminal(STDOUT_FILENO) && terminal && strcmp(terminal, "dumb") != 0 &&
           (!no_colour || no_colour[0] == '\0');
}

static int run(const struct km_command *command, char **words, struct km_heap *heap)
{
    static struct km_arguments arguments; // 32 KiB: too much for a stack that others share.
    alignas(max_align_t) unsigned char settings[KM_SETTINGS_SIZE_MAX] = {0};
    KM_CHECK(command->settings_size <= sizeof(settings));
    if (command->settings_size > 0) {
        memcpy(settings, command->defaults, command->settings_size);
    }
    struct km_context context = {.heap = heap, .has_colour = shows_colour()};
    switch (km_options_parse(command, &context, settings, words, &arguments)) {
    case KM_PARSED_HELP:
        km_help_command(command, stdout);
        return km_finish_output(command->name, KM_EXIT_DONE);
    case KM_PARSED_USAGE:
        return KM_EXIT_USAGE;
    case KM_PARSED_REFUSED:
        return KM_EXIT_REFUSED;
    case KM_PARSED_RUN:
    default:
        return km_finish_output(command->name, command->run(&context, settings, &arguments));
    }
}

// For tests: KMIDI_HEAP_FAIL_AT=n lets the n-th request for memory, and all after it, fail.
static uint64_t fail_at_from_environment(void)
{
    const char *const text = getenv("KMIDI_HEAP_FAIL_AT");
    int64_t number = 0;
    return text && km_text_parse_integer(text, 1, INT64_MAX, &number) ? (uint64_t)number : 0;
}

static int run_command(const struct km_command *command, char **words)
{
    const struct km_heap_config config = {.fail_at = fail_at_from_environment()};
    struct km_heap *const heap = km_heap_new(&config);
    if (!heap) {
        fprintf(stderr, "kmidi: no memory\n");
        return KM_EXIT_REFUSED;
    }
    km_json_use_heap(heap);
    const int exit_code = run(command, words, heap);
    km_json_use_heap(NULL);
    km_heap_free(heap);
    return exit_code;
}

static bool is_help(const char *word)
{
    return strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0;
}

// `words` begin with the verb.
static int run_verb(const struct km_command_group *group, char **words)
{
    if (!words[0]) {
        km_help_group(group, stderr);
        return KM_EXIT_USAGE;
    }
    if (is_help(words[0])) {
        km_help_group(group, stdout);
        return km_finish_output(group->name, KM_EXIT_DONE);
    }
    const struct km_command *const command = km_command_find_verb(group, words[0]);
    return command ? run_command(command, words + 1) : km_command_unknown_verb(group, words[0]);
}

static int run_named(const char *name, char **words)
{
    const struct km_command_group *const group = km_command_group_find(name);
    if (group) {
        return run_verb(group, words);
    }
    const struct km_command *const command = km_command_find(name);
    return command ? run_command(command, words) : km_command_unknown(name);
}

int main(int argument_count, char **arguments)
{
    // A reader that goes away and a file-size limit are errors like any other: they shall not kill
    // us in mid-file.
    signal(SIGPIPE, SIG_IGN);
    signal(SIGXFSZ, SIG_IGN);

    if (argument_count < 2) {
        km_help_overview(stderr);
        return KM_EXIT_USAGE;
    }
    const char *const first = arguments[1];
    if (strcmp(first, "--version") == 0) {
        printf("kmidi %s\n", km_version());
        return km_finish_output("--version", KM_EXIT_DONE);
    }
    if (is_help(first)) {
        km_help_overview(stdout);
        return km_finish_output("--help", KM_EXIT_DONE);
    }
    return run_named(first, arguments + 2);
}
