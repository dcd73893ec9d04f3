// SPDX-License-Identifier: MIT

// kmidi bench: finds a benchmark program and becomes it.

#include "apps/command.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { PATH_SIZE = 4096, NAME_MAX_LENGTH = 32 };

struct settings {
    bool is_quick;
};

static const struct settings defaults = {0};

static const struct km_option options[] = {
    {.name = "--quick",
     .help = "a hundredth of the work: to see that it runs, not for figures",
     .kind = KM_OPTION_FLAG,
     .offset = offsetof(struct settings, is_quick),
     .given_offset = KM_OPTION_NOT_NOTED},
    {0},
};

// The benchmarks lie beside a kmidi that was built, and in libexec of one that was installed.
static bool find_folder(char folder[PATH_SIZE])
{
    const char *const given = getenv("KMIDI_BENCHMARKS");
    if (given) {
        return snprintf(folder, PATH_SIZE, "%s", given) < PATH_SIZE && access(folder, X_OK) == 0;
    }
    char program[PATH_SIZE - 64];
    const ssize_t length = readlink("/proc/self/exe", program, sizeof(program) - 1);
    if (length <= 0) {
        return false;
    }
    program[length] = '\0';
    char *const slash = strrchr(program, '/');
    if (slash) {
        *slash = '\0';
    }
    snprintf(folder, PATH_SIZE, "%s/benchmarks", program);
    if (access(folder, X_OK) == 0) {
        return true;
    }
    snprintf(folder, PATH_SIZE, "%s/../libexec/kmidi/benchmarks", program);
    return access(folder, X_OK) == 0;
}

static int compare_names(const void *a, const void *b)
{
    return strcmp(a, b);
}

// Prints the names of the benchmarks in the folder.
static void list(const char *folder, FILE *stream)
{
    enum { NAMES_MAX = 64 };
    static char names[NAMES_MAX][NAME_MAX_LENGTH + 1];
    size_t count = 0;
    DIR *const entries = opendir(folder);
    if (!entries) {
        return;
    }
    for (const struct dirent *entry = readdir(entries); entry && count < NAMES_MAX;
         entry = readdir(entries)) {
        const char *const name = entry->d_name;
        const bool is_program = strncmp(name, "bench_", 6) == 0 && !strchr(name, '.');
        if (is_program && strlen(name) <= NAME_MAX_LENGTH) {
            snprintf(names[count++], sizeof(names[0]), "%s", name + 6);
        }
    }
    closedir(entries);
    qsort(names, count, sizeof(names[0]), compare_names);
    for (size_t i = 0; i < count; ++i) {
        fprintf(stream, "%s%s", i > 0 ? ", " : "", names[i]);
    }
    fprintf(stream, "\n");
}

static int become(const char *program, const struct km_context *context,
                  const struct settings *settings, const struct km_arguments *arguments)
{
    enum { WORDS_MAX = 16 };
    const char *words[WORDS_MAX] = {0};
    size_t count = 0;
    words[count++] = program;
    if (context->wants_json) {
        words[count++] = "--json";
    }
    if (settings->is_quick) {
        words[count++] = "--quick";
    }
    for (size_t i = 1; i < arguments->count && count < WORDS_MAX - 1; ++i) {
        words[count++] = arguments->values[i];
    }
    char *unchanged[WORDS_MAX]; // execv takes pointers to char, and does not write through them.
    memcpy(unchanged, words, sizeof(words));
    execv(program, unchanged);
    const int reason = errno;
    struct km_error error;
    km_error_set(&error, km_status_of_errno(reason), "%s: cannot run: %s", program,
                 km_errno_text(reason));
    return km_report_error("bench", &error);
}

static int run(struct km_context *context, const void *settings,
               const struct km_arguments *arguments)
{
    char folder[PATH_SIZE];
    if (!find_folder(folder)) {
        struct km_error error;
        km_error_set(&error, KM_ERROR_NOT_FOUND,
                     "the benchmark programs are not there: build all of the project "
                     "(cmake --build build), or set KMIDI_BENCHMARKS to their folder");
        return km_report_error("bench", &error);
    }
    if (arguments->count == 0) {
        printf("benchmarks: ");
        list(folder, stdout);
        return KM_EXIT_DONE;
    }
    const char *const name = arguments->values[0];
    char program[PATH_SIZE + NAME_MAX_LENGTH + 16];
    snprintf(program, sizeof(program), "%s/bench_%.32s", folder, name);
    if (strlen(name) > NAME_MAX_LENGTH || strchr(name, '/') || access(program, X_OK) != 0) {
        fprintf(stderr, "kmidi bench: no benchmark '%.32s'; there are: ", name);
        list(folder, stderr);
        return KM_EXIT_REFUSED;
    }
    return become(program, context, settings, arguments);
}

const struct km_command km_command_bench = {
    .name = "bench",
    .synopsis = "[NAME] [--quick]",
    .summary = "Measure a part against its peers",
    .details = "Runs a benchmark and prints our figures, those of peers where they are installed, "
               "and the\n"
               "ratios. Figures are medians of thread CPU time; compare within one run. Without a "
               "name, lists them.",
    .example = "kmidi bench harmony\nkmidi bench ring --json",
    .options = options,
    .defaults = &defaults,
    .settings_size = sizeof(defaults),
    .arguments_max = 8,
    .run = run,
};
