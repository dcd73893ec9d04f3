// SPDX-License-Identifier: MIT

/// The table of subcommands, and what is made from it: parsing, help, man pages, completion.
#ifndef KM_APPS_REGISTRY_H
#define KM_APPS_REGISTRY_H

#include "apps/command.h"

#include <stdio.h>

/// The commands in the order of the help, ended by a null pointer.  [any]
const struct km_command *const *km_commands(void);

/// The command called `name`, or null; of two words also with a hyphen between them: "midi scan",
/// "midi-scan".  [any]
const struct km_command *km_command_find(const char *name);

/// Says that there is no such command, and which are like it; returns KM_EXIT_USAGE.  [any]
int km_command_unknown(const char *name);

/// Commands of two words that begin with the same, as in groups.def: `kmidi midi scan`.
struct km_command_group {
    const char *name;
    const char *summary; ///< One line, without a full stop.
};

/// The group called `name`, or null.  [any]
const struct km_command_group *km_command_group_find(const char *name);

/// The group that a command belongs to, or null.  [any]
const struct km_command_group *km_command_group_of(const struct km_command *command);

/// The command's word in its group ("scan" of "midi scan"); null if it is of another.  [any]
const char *km_command_verb(const struct km_command_group *group, const struct km_command *command);

/// The group's command with this verb, or null.  [any]
const struct km_command *km_command_find_verb(const struct km_command_group *group,
                                              const char *verb);

/// Says that the group has no such verb, and which are like it; returns KM_EXIT_USAGE.  [any]
int km_command_unknown_verb(const struct km_command_group *group, const char *verb);

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

/// Prints the verbs of a group.  [any]
void km_help_group(const struct km_command_group *group, FILE *stream);

/// Prints a command's help.  [any]
void km_help_command(const struct km_command *command, FILE *stream);

/// Prints a man page (roff, man macros): of a command, or with null of kmidi itself.  [any]
void km_help_man(const struct km_command *command, FILE *stream);

/// Prints a group's man page.  [any]
void km_help_man_group(const struct km_command_group *group, FILE *stream);

/// Prints the completion script for bash.  [any]
void km_help_completion(FILE *stream);

#endif
