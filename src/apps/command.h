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
    KM_OPTION_FLAG,    ///< bool *
    KM_OPTION_TEXT,    ///< const char **
    KM_OPTION_REAL,    ///< double *; low and high bound it
    KM_OPTION_INTEGER, ///< int64_t *; low and high bound it
    KM_OPTION_REPEATED ///< struct km_repeated *: may be given up to KM_REPEATED_MAX times
};

enum { KM_REPEATED_MAX = 32, KM_ARGUMENTS_MAX = 4096 };

struct km_repeated {
    const char *values[KM_REPEATED_MAX];
    size_t count;
};

/// One option. Help, completion and man page are made from this table.
struct km_option {
    const char *name;     ///< "--seed"; a null name ends the table
    const char *alias;    ///< "-o" or null
    const char *argument; ///< "N" in the help; null for a flag
    const char *help;     ///< One line.
    enum km_option_kind kind;
    void *target;     ///< By kind. Left alone if the option is not given.
    bool *is_given;   ///< Set if the option is given; may be null.
    double low, high; ///< Bounds of a number.
};

/// What all commands may use.
struct km_context {
    struct km_heap *heap;
    bool wants_json; ///< --json: the result as JSON on standard output, and nothing else there.
    bool has_colour; ///< Standard output is a terminal that shows colours.
};

/// A subcommand.
struct km_command {
    const char *name;
    const char *synopsis; ///< After the name: "[TEXT] [-o X.mid] ..."
    const char *summary;  ///< One line, without a full stop.
    const char *details;  ///< Paragraphs for --help and the man page.
    const char *example;  ///< One command line that works.
    /// Runs with what followed the name; returns an enum km_exit.
    int (*run)(struct km_context *context, int argument_count, char **arguments);
    /// Fills `options` with the command's table, for help and documents.
    const struct km_option *options;
};

/// What remains after the options.
struct km_arguments {
    const char *values[KM_ARGUMENTS_MAX];
    size_t count;
};

/// Reads options and arguments. "--name=value", "--name value", "-o value", "--" ends options.
/// Returns false after an error message (exit KM_EXIT_USAGE).
KM_NODISCARD bool km_options_parse(const struct km_command *command,
                                   const struct km_option *options, int argument_count,
                                   char **arguments, struct km_arguments *rest);

/// Prints "kmidi COMMAND: message" to standard error and returns the exit code for the status.
int km_report_error(const char *command, const struct km_error *error);

/// Prints "kmidi COMMAND: message" and a hint at --help, to standard error; returns KM_EXIT_USAGE.
int km_usage_error(const char *command, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/// Reads a whole file ("-": standard input) of at most `size_max` bytes into memory on the working
/// account, with a zero byte after it. The caller releases it.
KM_NODISCARD enum km_status km_read_file(struct km_heap *heap, const char *path, size_t size_max,
                                         char **bytes, size_t *size, struct km_error *error);

/// Finishes standard output: KM_EXIT_DONE, or KM_EXIT_REFUSED with a message if it could not be
/// written.
int km_finish_output(const char *command, int exit_code);

#endif
