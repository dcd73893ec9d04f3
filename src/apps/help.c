// SPDX-License-Identifier: MIT

// Help and man pages, all made from the commands' tables.

#include "apps/command.h"
#include "apps/registry.h"
#include "base/version.h"

#include <stddef.h>
#include <string.h>

static const struct km_option common_options[] = {
    {.name = "--json", .help = "print the result as JSON on standard output"},
    {.name = "--help", .alias = "-h", .help = "print this help"},
    {0},
};

static const char about[] =
    "KmiDi turns how a person feels into music: say it, and a song is planned (harmony, melody,\n"
    "groove, tension) and written as MIDI. The same version, words and seed give the same song.\n";

static const char exit_codes[] =
    "Exit: 0 done, 1 the command line was not understood, 2 the input was refused, "
    "3 a check did not hold.";

void km_help_overview(FILE *stream)
{
    fprintf(stream, "usage: kmidi COMMAND [OPTION]...\n\n%s\nCommands:\n", about);
    const struct km_command_group *last = NULL;
    for (const struct km_command *const *command = km_commands(); *command; ++command) {
        const struct km_command_group *const group = km_command_group_of(*command);
        if (!group) {
            fprintf(stream, "  %-9s %s\n", (*command)->name, (*command)->summary);
        } else if (group != last) {
            fprintf(stream, "  %-9s %s: kmidi %s\n", group->name, group->summary, group->name);
        }
        last = group;
    }
    fprintf(stream, "\n  kmidi compose \"feeling grief and loss\" -o song.mid --roll song.svg\n\n"
                    "kmidi COMMAND --help tells more; kmidi --version tells the version.\n");
}

void km_help_group(const struct km_command_group *group, FILE *stream)
{
    fprintf(stream, "usage: kmidi %s VERB [OPTION]...\n\n%s.\n\nVerbs:\n", group->name,
            group->summary);
    for (const struct km_command *const *command = km_commands(); *command; ++command) {
        const char *const verb = km_command_verb(group, *command);
        if (verb) {
            fprintf(stream, "  %-9s %s\n", verb, (*command)->summary);
        }
    }
    fprintf(stream, "\nkmidi %s VERB --help tells more.\n", group->name);
}

static void print_option(const struct km_option *option, FILE *stream)
{
    char left[64];
    snprintf(left, sizeof(left), "%s%s%s%s%s", option->alias ? option->alias : "",
             option->alias ? ", " : "", option->name, option->argument ? " " : "",
             option->argument ? option->argument : "");
    if (strlen(left) > 24) {
        fprintf(stream, "  %s\n  %-24s  %s\n", left, "", option->help);
    } else {
        fprintf(stream, "  %-24s  %s\n", left, option->help);
    }
}

static void print_options(const struct km_option *options, FILE *stream)
{
    for (const struct km_option *option = options; option && option->name; ++option) {
        print_option(option, stream);
    }
}

// Each line of the example, with an indent.
static void print_lines(const char *lines, const char *indent, FILE *stream)
{
    while (*lines) {
        const size_t length = strcspn(lines, "\n");
        fprintf(stream, "%s%.*s\n", indent, (int)length, lines);
        lines += length + (lines[length] == '\n');
    }
}

enum { HELP_WIDTH = 88 };

// Prints a paragraph's words in lines; returns what follows it.
static const char *print_paragraph(const char *text, FILE *stream)
{
    size_t column = 0;
    while (*text && strncmp(text, "\n\n", 2) != 0) {
        const size_t length = strcspn(text, " \n");
        const bool begins_line = column == 0 || column + 1 + length > HELP_WIDTH;
        const char *const before = column == 0 ? "" : (begins_line ? "\n" : " ");
        fprintf(stream, "%s%.*s", before, (int)length, text);
        column = begins_line ? length : column + 1 + length;
        text += length;
        text += (*text == ' ' || (*text == '\n' && text[1] != '\n')) ? 1 : 0;
    }
    fprintf(stream, "\n");
    return text;
}

static void print_paragraphs(const char *text, FILE *stream)
{
    while (*text) {
        text = print_paragraph(text, stream);
        if (*text) {
            fprintf(stream, "\n");
            text += 2;
        }
    }
}

void km_help_command(const struct km_command *command, FILE *stream)
{
    fprintf(stream, "usage: kmidi %s %s\n\n%s.\n", command->name, command->synopsis,
            command->summary);
    if (command->details[0] != '\0') {
        fprintf(stream, "\n");
        print_paragraphs(command->details, stream);
    }
    fprintf(stream, "\nOptions:\n");
    print_options(command->options, stream);
    print_options(common_options, stream);
    fprintf(stream, "\nExample:\n");
    print_lines(command->example, "  ", stream);
    fprintf(stream, "\n%s\n", exit_codes);
}

// roff reads a backslash, a leading full stop and a leading quote as its own.
static void print_roff(const char *text, FILE *stream)
{
    bool is_line_start = true;
    for (const char *c = text; *c; ++c) {
        if (is_line_start && (*c == '.' || *c == '\'')) {
            fputs("\\&", stream);
        }
        if (*c == '\\') {
            fputs("\\e", stream);
        } else if (*c == '-') {
            fputs("\\-", stream);
        } else if (*c == '\n' && c[1] == '\n') {
            fputs("\n.PP", stream);
        } else {
            fputc(*c, stream);
        }
        is_line_start = *c == '\n';
    }
    fputc('\n', stream);
}

static void print_man_options(const struct km_option *options, FILE *stream)
{
    for (const struct km_option *option = options; option && option->name; ++option) {
        fprintf(stream, ".TP\n\\fB");
        if (option->alias) {
            fprintf(stream, "\\-%s\\fR, \\fB", option->alias + 1);
        }
        fprintf(stream, "\\-\\-%s\\fR", option->name + 2);
        if (option->argument) {
            fprintf(stream, " \\fI%s\\fR", option->argument);
        }
        fprintf(stream, "\n");
        print_roff(option->help, stream);
    }
}

// The name of a command's page after "kmidi-": "midi-scan".
static void print_page_name(const struct km_command *command, FILE *stream)
{
    for (const char *c = command->name; *c; ++c) {
        fputs(*c == ' ' ? "\\-" : (const char[]){*c, '\0'}, stream);
    }
}

static void print_man_reference(const struct km_command *command, FILE *stream)
{
    fprintf(stream, ".TP\n\\fBkmidi\\-");
    print_page_name(command, stream);
    fprintf(stream, "\\fR(1)\n");
    print_roff(command->summary, stream);
}

static void print_man_of_kmidi(FILE *stream)
{
    fprintf(
        stream,
        ".TH kmidi 1 \"\" \"KmiDi %s\" \"User Commands\"\n.SH NAME\nkmidi \\- turns how a "
        "person feels into music\n.SH SYNOPSIS\n\\fBkmidi\\fR \\fICOMMAND\\fR [\\fIOPTION\\fR]...\n"
        ".SH DESCRIPTION\n",
        km_version());
    print_roff(about, stream);
    fprintf(stream, ".SH COMMANDS\n");
    for (const struct km_command *const *command = km_commands(); *command; ++command) {
        print_man_reference(*command, stream);
    }
    fprintf(stream, ".SH EXAMPLE\n.nf\nkmidi compose \"feeling grief and loss\" \\-o song.mid "
                    "\\-\\-roll song.svg\n.fi\n");
    fprintf(stream, ".SH EXIT STATUS\n");
    print_roff(exit_codes, stream);
}

void km_help_man(const struct km_command *command, FILE *stream)
{
    if (!command) {
        print_man_of_kmidi(stream);
        return;
    }
    fprintf(stream, ".TH kmidi\\-");
    print_page_name(command, stream);
    fprintf(stream, " 1 \"\" \"KmiDi %s\" \"User Commands\"\n.SH NAME\nkmidi\\-", km_version());
    print_page_name(command, stream);
    fprintf(stream, " \\- ");
    print_roff(command->summary, stream);
    fprintf(stream, ".SH SYNOPSIS\n\\fBkmidi %s\\fR ", command->name);
    print_roff(command->synopsis, stream);
    fprintf(stream, ".SH DESCRIPTION\n");
    print_roff(command->details[0] != '\0' ? command->details : command->summary, stream);
    fprintf(stream, ".SH OPTIONS\n");
    print_man_options(command->options, stream);
    print_man_options(common_options, stream);
    fprintf(stream, ".SH EXAMPLE\n.nf\n");
    print_roff(command->example, stream);
    fprintf(stream, ".fi\n.SH EXIT STATUS\n");
    print_roff(exit_codes, stream);
    fprintf(stream, ".SH SEE ALSO\n\\fBkmidi\\fR(1)\n");
}

void km_help_man_group(const struct km_command_group *group, FILE *stream)
{
    fprintf(stream,
            ".TH kmidi\\-%s 1 \"\" \"KmiDi %s\" \"User Commands\"\n.SH NAME\nkmidi\\-%s \\- ",
            group->name, km_version(), group->name);
    print_roff(group->summary, stream);
    fprintf(stream, ".SH SYNOPSIS\n\\fBkmidi %s\\fR \\fIVERB\\fR [\\fIOPTION\\fR]...\n.SH VERBS\n",
            group->name);
    for (const struct km_command *const *command = km_commands(); *command; ++command) {
        if (km_command_verb(group, *command)) {
            print_man_reference(*command, stream);
        }
    }
    fprintf(stream, ".SH EXIT STATUS\n");
    print_roff(exit_codes, stream);
    fprintf(stream, ".SH SEE ALSO\n\\fBkmidi\\fR(1)\n");
}

struct settings {
    bool wants_man;
    const char *shell;
};

static const struct settings defaults = {0};

static const struct km_option options[] = {
    {.name = "--man",
     .help = "print the man page, for man -l -",
     .kind = KM_OPTION_FLAG,
     .offset = offsetof(struct settings, wants_man),
     .given_offset = KM_OPTION_NOT_NOTED},
    {.name = "--completion",
     .argument = "SHELL",
     .help = "print the completion script for a shell: bash",
     .kind = KM_OPTION_TEXT,
     .offset = offsetof(struct settings, shell),
     .given_offset = KM_OPTION_NOT_NOTED},
    {0},
};

static int explain_group(const struct settings *settings, const struct km_command_group *group)
{
    if (settings->wants_man) {
        km_help_man_group(group, stdout);
    } else {
        km_help_group(group, stdout);
    }
    return KM_EXIT_DONE;
}

static int explain_command(const struct settings *settings, const struct km_command *command)
{
    if (settings->wants_man) {
        km_help_man(command, stdout);
    } else if (command) {
        km_help_command(command, stdout);
    } else {
        km_help_overview(stdout);
    }
    return KM_EXIT_DONE;
}

static int explain(const struct settings *settings, const struct km_arguments *arguments)
{
    if (arguments->count == 0) {
        return explain_command(settings, NULL);
    }
    const char *const name = arguments->values[0];
    const struct km_command_group *const group = km_command_group_find(name);
    if (group && arguments->count == 1) {
        return explain_group(settings, group);
    }
    if (group) {
        const char *const verb = arguments->values[1];
        const struct km_command *const command = km_command_find_verb(group, verb);
        return command ? explain_command(settings, command) : km_command_unknown_verb(group, verb);
    }
    const struct km_command *const command = km_command_find(name);
    if (!command) {
        return km_command_unknown(name);
    }
    if (arguments->count > 1) {
        return km_usage_error("help", "%s has no verbs: kmidi help %s", name, name);
    }
    return explain_command(settings, command);
}

static int run(struct km_context *context, const void *settings_given,
               const struct km_arguments *arguments)
{
    (void)context;
    const struct settings *const settings = settings_given;
    if (settings->shell) {
        if (strcmp(settings->shell, "bash") != 0) {
            return km_usage_error("help", "no completion for '%.32s'; there is: bash",
                                  settings->shell);
        }
        km_help_completion(stdout);
        return KM_EXIT_DONE;
    }
    return explain(settings, arguments);
}

const struct km_command km_command_help = {
    .name = "help",
    .synopsis = "[COMMAND [VERB]] [--man | --completion bash]",
    .summary = "Explain a command",
    .details = "",
    .example = "kmidi help compose\nkmidi help midi scan\nkmidi help compose --man | man -l -",
    .options = options,
    .defaults = &defaults,
    .settings_size = sizeof(defaults),
    .arguments_max = 2,
    .run = run,
};
