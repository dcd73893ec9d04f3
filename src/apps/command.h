// SPDX-License-Identifier: MIT

/// What a subcommand is, and the helpers that all of them share.
#ifndef KM_APPS_COMMAND_H
#define KM_APPS_COMMAND_H

#include "base/attributes.h"
#include "base/status.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct km_heap;

/// Exit codes of every command.
enum km_exit {
    KM_EXIT_DONE = 0,
    KM_EXIT_USAGE = 1,   ///< The command line was not understood.
    KM_EXIT_REFUSED = 2, ///< The input was refused, or the output could not be written.
    KM_EXIT_NOT_HELD = 3 ///< A check did not hold.
};

enum km_option_kind {
    KM_OPTION_FLAG,     ///< bool
    KM_OPTION_TEXT,     ///< const char *
    KM_OPTION_REAL,     ///< double; low and high bound it
    KM_OPTION_INTEGER,  ///< int64_t; low and high bound it
    KM_OPTION_REPEATED, ///< struct km_repeated: may be given up to KM_REPEATED_MAX times
};

enum { KM_REPEATED_MAX = 32, KM_ARGUMENTS_MAX = 4096, KM_SETTINGS_SIZE_MAX = 4096 };

struct km_repeated {
    const char *values[KM_REPEATED_MAX];
    size_t count;
};

#define KM_OPTION_NOT_NOTED SIZE_MAX

/// One option. Parsing, help, completion and man page are all made from this table.
struct km_option {
    const char *name;     ///< "--seed"; a null name ends the table.
    const char *alias;    ///< "-o", or null.
    const char *argument; ///< "N" in the help; null for a flag.
    const char *help;     ///< One line, without a full stop.
    enum km_option_kind kind;
    size_t offset; ///< Of the value in the command's settings: offsetof(struct settings, seed)
    size_t given_offset; ///< Of a bool that notes that it was given, or KM_OPTION_NOT_NOTED.
    double low, high;    ///< Bounds of a number, both included.
};

/// What all commands may use.
struct km_context {
    struct km_heap *heap;
    bool wants_json; ///< --json, which every command has: the result as JSON on standard output.
    bool has_colour; ///< Standard output is a terminal that shows colours.
};

/// What remains after the options.
struct km_arguments {
    const char *values[KM_ARGUMENTS_MAX];
    size_t count;
};

/// A subcommand: `const struct km_command km_command_chord` in apps/chord.c, listed in
/// commands.def.
struct km_command {
    const char *name;
    const char *synopsis;            ///< After the name: "[TEXT] [-o X.mid] ..."
    const char *summary;             ///< One line, without a full stop.
    const char *details;             ///< Paragraphs for --help and the man page.
    const char *example;             ///< Command lines that work, one a line.
    const struct km_option *options; ///< Without --help and --json, which every command has.
    const void *defaults;            ///< The settings before the options are read.
    size_t settings_size;            ///< At most KM_SETTINGS_SIZE_MAX.
    size_t arguments_min, arguments_max;
    /// Runs with the settings and the arguments that remain; returns an enum km_exit.
    int (*run)(struct km_context *context, const void *settings,
               const struct km_arguments *arguments);
};

/// Prints "kmidi COMMAND: message" to standard error and returns KM_EXIT_REFUSED.  [any]
int km_report_error(const char *command, const struct km_error *error);

/// Prints "kmidi COMMAND: message" and a hint at --help, to standard error; returns KM_EXIT_USAGE.
/// [any]
int km_usage_error(const char *command, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/// A file's content; released with km_heap_release(context->heap, bytes).
struct km_bytes {
    char *bytes; ///< Ended by a zero byte that does not count.
    size_t size;
};

/// Reads a whole file ("-": standard input) of at most `size_max` bytes into memory on the working
/// account. The caller releases it.  [any]
KM_NODISCARD enum km_status km_read_file(struct km_context *context, const char *path,
                                         size_t size_max, struct km_bytes *bytes,
                                         struct km_error *error);

/// Whether two paths name the same entry of the same folder, however they are spelled. Links are
/// not followed in the last part.  [any]
bool km_is_same_place(const char *path, const char *other);

/// At the end of standard input: `exit_code`, or KM_EXIT_REFUSED with a message if it ended because
/// it could not be read.  [any]
int km_finish_input(const char *command, int exit_code);

/// Finishes standard output: `exit_code`, or KM_EXIT_REFUSED with a message if it could not be
/// written.
int km_finish_output(const char *command, int exit_code);

/// Whether what goes to this descriptor is read by a person.  [any]
bool km_is_terminal(int file);

#endif
