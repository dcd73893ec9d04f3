// SPDX-License-Identifier: MIT

// The tables of commands and groups, and how a name is found in them.

#include "apps/registry.h"

#include "base/check.h"
#include "base/text.h"

#include <string.h>

#define KM_COMMAND(name) extern const struct km_command km_command_##name;
#include "apps/commands.def"
#undef KM_COMMAND

static const struct km_command *const commands[] = {
#define KM_COMMAND(name) &km_command_##name,
#include "apps/commands.def"
#undef KM_COMMAND
    NULL,
};

static const struct km_command_group groups[] = {
#define KM_GROUP(name, summary) {#name, summary},
#include "apps/groups.def"
#undef KM_GROUP
    {0},
};

enum {
    COMMANDS_COUNT = sizeof(commands) / sizeof(commands[0]) - 1,
    GROUPS_COUNT = sizeof(groups) / sizeof(groups[0]) - 1,
};

const struct km_command *const *km_commands(void)
{
    return commands;
}

// Whether `name` is the command's, with a space or a hyphen between two words.
static bool is_called(const struct km_command *command, const char *name)
{
    size_t i = 0;
    while (name[i] != '\0' &&
           (name[i] == command->name[i] || (name[i] == '-' && command->name[i] == ' '))) {
        ++i;
    }
    return name[i] == '\0' && command->name[i] == '\0';
}

const struct km_command *km_command_find(const char *name)
{
    for (int i = 0; i < COMMANDS_COUNT; ++i) {
        if (is_called(commands[i], name)) {
            return commands[i];
        }
    }
    return NULL;
}

const struct km_command_group *km_command_group_find(const char *name)
{
    for (int i = 0; i < GROUPS_COUNT; ++i) {
        if (strcmp(groups[i].name, name) == 0) {
            return &groups[i];
        }
    }
    return NULL;
}

const struct km_command_group *km_command_group_of(const struct km_command *command)
{
    for (int i = 0; i < GROUPS_COUNT; ++i) {
        if (km_command_verb(&groups[i], command)) {
            return &groups[i];
        }
    }
    return NULL;
}

const char *km_command_verb(const struct km_command_group *group, const struct km_command *command)
{
    const size_t length = strlen(group->name);
    const bool is_in = strncmp(command->name, group->name, length) == 0;
    return is_in && command->name[length] == ' ' ? command->name + length + 1 : NULL;
}

const struct km_command *km_command_find_verb(const struct km_command_group *group,
                                              const char *verb)
{
    for (int i = 0; i < COMMANDS_COUNT; ++i) {
        const char *const own = km_command_verb(group, commands[i]);
        if (own && strcmp(own, verb) == 0) {
            return commands[i];
        }
    }
    return NULL;
}

int km_command_unknown(const char *name)
{
    const char *names[COMMANDS_COUNT + GROUPS_COUNT];
    int count = 0;
    for (int i = 0; i < COMMANDS_COUNT; ++i) {
        if (!km_command_group_of(commands[i])) {
            names[count++] = commands[i]->name;
        }
    }
    for (int i = 0; i < GROUPS_COUNT; ++i) {
        names[count++] = groups[i].name;
    }
    char nearest[256];
    km_text_list_nearest(nearest, sizeof(nearest), name, names, count);
    fprintf(stderr, "kmidi: no command '%.64s'; there are: %s\n", name, nearest);
    return KM_EXIT_USAGE;
}

int km_command_unknown_verb(const struct km_command_group *group, const char *verb)
{
    const char *names[COMMANDS_COUNT];
    int count = 0;
    for (int i = 0; i < COMMANDS_COUNT; ++i) {
        const char *const own = km_command_verb(group, commands[i]);
        if (own) {
            names[count++] = own;
        }
    }
    KM_CHECK(count > 0); // A group without verbs has no reason to be.
    char nearest[256];
    km_text_list_nearest(nearest, sizeof(nearest), verb, names, count);
    fprintf(stderr, "kmidi %s: no verb '%.64s'; there are: %s\n", group->name, verb, nearest);
    return KM_EXIT_USAGE;
}
