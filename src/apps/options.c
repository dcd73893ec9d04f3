// SPDX-License-Identifier: MIT

// Reads a command line by the command's table of options.

#include "apps/registry.h"
#include "base/text.h"

#include <string.h>

// One reading: what is being filled.
struct reading {
    const struct km_command *command;
    struct km_context *context;
    unsigned char *settings;
    char **words; // The next word.
};

static const struct km_option *option_called(const struct km_command *command, const char *name,
                                             size_t length)
{
    for (const struct km_option *option = command->options; option && option->name; ++option) {
        const bool is_name =
            strlen(option->name) == length && strncmp(option->name, name, length) == 0;
        const bool is_alias = option->alias && strlen(option->alias) == length &&
                              strncmp(option->alias, name, length) == 0;
        if (is_name || is_alias) {
            return option;
        }
    }
    return NULL;
}

static enum km_parsed unknown_option(const struct km_command *command, const char *word)
{
    enum { NAMES_MAX = 64 };
    const char *names[NAMES_MAX] = {"--help", "--json"};
    int count = 2;
    for (const struct km_option *option = command->options;
         option && option->name && count < NAMES_MAX; ++option) {
        names[count++] = option->name;
    }
    char nearest[384]; // All of them, for every command.
    km_text_list_nearest(nearest, sizeof(nearest), word, names, count);
    km_usage_error(command->name, "no option '%.64s'; there are: %s", word, nearest);
    return KM_PARSED_USAGE;
}

static enum km_parsed refuse_number(const struct reading *reading, const struct km_option *option,
                                    const char *value)
{
    char low[KM_TEXT_REAL_SIZE];
    char high[KM_TEXT_REAL_SIZE];
    km_text_format_real(low, option->low, 3);
    km_text_format_real(high, option->high, 3);
    struct km_error error;
    km_error_set(&error, KM_ERROR_RANGE, "%s %.64s: expected a %s from %s to %s", option->name,
                 value, option->kind == KM_OPTION_INTEGER ? "whole number" : "number", low, high);
    km_report_error(reading->command->name, &error);
    return KM_PARSED_REFUSED;
}

static enum km_parsed set_value(const struct reading *reading, const struct km_option *option,
                                const char *value)
{
    unsigned char *const target = reading->settings + option->offset;
    if (option->kind == KM_OPTION_REAL) {
        double number = 0.0;
        if (!km_text_parse_real(value, &number) || number < option->low || number > option->high) {
            return refuse_number(reading, option, value);
        }
        memcpy(target, &number, sizeof(number));
    } else if (option->kind == KM_OPTION_INTEGER) {
        int64_t number = 0;
        if (!km_text_parse_integer(value, (int64_t)option->low, (int64_t)option->high, &number)) {
            return refuse_number(reading, option, value);
        }
        memcpy(target, &number, sizeof(number));
    } else if (option->kind == KM_OPTION_TEXT) {
        memcpy(target, &value, sizeof(value));
    } else if (option->kind == KM_OPTION_REPEATED) {
        struct km_repeated list;
        memcpy(&list, target, sizeof(list));
        if (list.count == KM_REPEATED_MAX) {
            km_usage_error(reading->command->name, "%s may be given at most %d times", option->name,
                           KM_REPEATED_MAX);
            return KM_PARSED_USAGE;
        }
        list.values[list.count++] = value;
        memcpy(target, &list, sizeof(list));
    }
    return KM_PARSED_RUN;
}

static void set_flag(const struct reading *reading, size_t offset)
{
    const bool yes = true;
    memcpy(reading->settings + offset, &yes, sizeof(yes));
}

// Reads the option that `word` names, and its value from the same or the next word.
static enum km_parsed read_option(struct reading *reading, const char *word)
{
    const char *const equals = strncmp(word, "--", 2) == 0 ? strchr(word, '=') : NULL;
    const size_t length = equals ? (size_t)(equals - word) : strlen(word);
    const struct km_option *const option = option_called(reading->command, word, length);
    if (!option) {
        return unknown_option(reading->command, word);
    }
    if (option->given_offset != KM_OPTION_NOT_NOTED) {
        set_flag(reading, option->given_offset);
    }
    if (option->kind == KM_OPTION_FLAG) {
        if (equals) {
            km_usage_error(reading->command->name, "%s takes no value", option->name);
            return KM_PARSED_USAGE;
        }
        set_flag(reading, option->offset);
        return KM_PARSED_RUN;
    }
    const char *value = equals ? equals + 1 : NULL;
    if (!equals && *reading->words) {
        value = *reading->words++;
    }
    if (!value) {
        km_usage_error(reading->command->name, "%s needs a value: %s", option->name,
                       option->argument);
        return KM_PARSED_USAGE;
    }
    return set_value(reading, option, value);
}

static enum km_parsed read_word(struct reading *reading, const char *word,
                                struct km_arguments *arguments, bool *options_ended)
{
    const bool is_option = !*options_ended && word[0] == '-' && word[1] != '\0';
    if (!is_option) {
        if (arguments->count == KM_ARGUMENTS_MAX) {
            km_usage_error(reading->command->name, "more than %d arguments", KM_ARGUMENTS_MAX);
            return KM_PARSED_USAGE;
        }
        arguments->values[arguments->count++] = word;
        return KM_PARSED_RUN;
    }
    if (strcmp(word, "--") == 0) {
        *options_ended = true;
        return KM_PARSED_RUN;
    }
    if (strcmp(word, "--json") == 0) {
        reading->context->wants_json = true;
        return KM_PARSED_RUN;
    }
    return read_option(reading, word);
}

static bool asks_for_help(char **words)
{
    for (; *words && strcmp(*words, "--") != 0; ++words) {
        if (strcmp(*words, "--help") == 0 || strcmp(*words, "-h") == 0) {
            return true;
        }
    }
    return false;
}

enum km_parsed km_options_parse(const struct km_command *command, struct km_context *context,
                                void *settings, char **words, struct km_arguments *arguments)
{
    if (asks_for_help(words)) {
        return KM_PARSED_HELP;
    }
    struct reading reading = {
        .command = command, .context = context, .settings = settings, .words = words};
    bool options_ended = false;
    arguments->count = 0;
    while (*reading.words) {
        const char *const word = *reading.words++;
        const enum km_parsed parsed = read_word(&reading, word, arguments, &options_ended);
        if (parsed != KM_PARSED_RUN) {
            return parsed;
        }
    }
    if (arguments->count < command->arguments_min || arguments->count > command->arguments_max) {
        km_usage_error(command->name, "expected: kmidi %s %s", command->name, command->synopsis);
        return KM_PARSED_USAGE;
    }
    return KM_PARSED_RUN;
}
