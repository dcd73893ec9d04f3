// SPDX-License-Identifier: MIT

/// The table of subcommands, and what is made from it: parsing, help, man pages, completion.
#ifndef KM_APPS_REGISTRY_H
#define KM_APPS_REGISTRY_H

#include "apps/command.h"

#include <stdio.h>

/// The commands in the order of the help, ended by a null pointer.  [any]
const struct km_command *const *km_commands(void);

/// The command called `name`, or null.  [any]
const struct km_command *km_command_find(const char *name);

/// Says that there is no such command, and which are like it; returns KM_EXIT_USAGE.  [any]
int km_command_unknown(const char *name);

/// What reading a command line came to.
enum km_parsed {
    KM_PARSED_RUN,    ///< Settings and arguments are there.
    KM_PARSED_HELP,   ///< --help was asked for.
    KM_PARSED_USAGE,  ///< Refused, with a message: exit KM_EXIT_USAGE.
    KM_PARSED_REFUSED ///< A value was refused, with a message: exit KM_EXIT_REFUSED.
};

/// Reads "--name value", "--name=value", "-o value", flags, and arguments; "--" ends the options.
/// [any] `settings` holds the command's defaults already.
KM_NODISCARD enum km_parsed km_options_parse(const struct km_command *command,
                                             struct km_context *context, void *settings,
                                             char **words, struct km_arguments *arguments);

/// Prints the overview of all commands.  [any]
void km_help_overview(FILE *stream);

/// Prints a command's help.  [any]
void km_help_command(const struct km_command *command, FILE *stream);

/// Prints a man page (roff, man macros): of a command, or with null of kmidi itself.  [any]
void km_help_man(const struct km_command *command, FILE *stream);

/// Prints the completion script for bash.  [any]
void km_help_completion(FILE *stream);

#endif
