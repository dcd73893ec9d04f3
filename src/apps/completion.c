// SPDX-License-Identifier: MIT

// Completion for shells, made from the tables of commands and options.

#include "apps/registry.h"

#include <stddef.h>

// Prints, with a space before each, what can be the first word.
static void print_first_words(FILE *stream)
{
    const struct km_command_group *last = NULL;
    for (const struct km_command *const *command = km_commands(); *command; ++command) {
        const struct km_command_group *const group = km_command_group_of(*command);
        if (!group || group != last) {
            fprintf(stream, " %s", group ? group->name : (*command)->name);
        }
        last = group;
    }
}

// A case that sets the options of a command.
static void print_options_case(const char *word, const struct km_command *command, FILE *stream)
{
    fprintf(stream, "    '%s') options=\"--help --json", word);
    for (const struct km_option *option = command->options; option && option->name; ++option) {
        fprintf(stream, " %s", option->name);
    }
    fprintf(stream, "\" ;;\n");
}

// A case that sets the words after a group's name.
static void print_verbs_case(const struct km_command_group *group, FILE *stream)
{
    fprintf(stream, "    '%s') verbs=\"--help", group->name);
    for (const struct km_command *const *command = km_commands(); *command; ++command) {
        const char *const verb = km_command_verb(group, *command);
        if (verb) {
            fprintf(stream, " %s", verb);
        }
    }
    fprintf(stream, "\" ;;\n");
}

static void print_verbs(FILE *stream)
{
    fprintf(stream, "    case ${COMP_WORDS[1]} in\n");
    const struct km_command_group *last = NULL;
    for (const struct km_command *const *command = km_commands(); *command; ++command) {
        const struct km_command_group *const group = km_command_group_of(*command);
        if (group && group != last) {
            print_verbs_case(group, stream);
        }
        last = group;
    }
    fprintf(stream, "    esac\n"
                    "    if [ -n \"$verbs\" ]; then\n"
                    "        name=\"${COMP_WORDS[1]} ${COMP_WORDS[2]}\"\n"
                    "        if [ \"$COMP_CWORD\" -eq 2 ]; then\n"
                    "            COMPREPLY=($(compgen -W \"$verbs\" -- \"$word\"))\n"
                    "            return\n        fi\n    fi\n");
}

void km_help_completion(FILE *stream)
{
    fprintf(stream,
            "# bash completion for kmidi; made from its tables of commands and options.\n"
            "_kmidi()\n{\n"
            "    local word=${COMP_WORDS[COMP_CWORD]} name=${COMP_WORDS[1]} verbs= options=\n"
            "    if [ \"$COMP_CWORD\" -eq 1 ]; then\n"
            "        COMPREPLY=($(compgen -W \"--help --version");
    print_first_words(stream);
    fprintf(stream, "\" -- \"$word\"))\n        return\n    fi\n");
    print_verbs(stream);
    fprintf(stream, "    case $name in\n");
    for (const struct km_command *const *command = km_commands(); *command; ++command) {
        print_options_case((*command)->name, *command, stream);
    }
    fprintf(stream, "    esac\n"
                    "    case $word in\n"
                    "    -*) COMPREPLY=($(compgen -W \"$options\" -- \"$word\")) ;;\n"
                    "    *) COMPREPLY=($(compgen -f -- \"$word\")) ;;\n"
                    "    esac\n}\n"
                    "complete -o filenames -F _kmidi kmidi\n");
}
