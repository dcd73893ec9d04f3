// SPDX-License-Identifier: MIT

// kmidi chord: the chord that notes make.

#include "theory/chord.h"
#include "theory/likelihood.h"

#include "apps/command.h"
#include "base/text.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>

enum {
    KEYS_COUNT = 128,
    STACK_FROM = 60,
    LINE_SIZE_MAX = 8192,
    ALTERNATIVES_MAX = 16,
    WORD_SIZE = 48
};

/// The notes of one question.
struct notes {
    uint8_t keys[KEYS_COUNT]; ///< As given, without doublings.
    size_t count;
    float weights[12]; ///< How often each pitch class was given.
    bool repeats;      ///< Some key was given more than once.
    int last;          ///< Names without octave are stacked upon it; -1: none yet.
};

struct settings {
    bool reads_lines;
};

static const struct settings defaults = {0};

static const struct km_option options[] = {
    {.name = "--lines",
     .help = "one line of JSON for each line of notes on standard input, also for an empty one",
     .kind = KM_OPTION_FLAG,
     .offset = offsetof(struct settings, reads_lines),
     .given_offset = KM_OPTION_NOT_NOTED},
    {0},
};

static bool is_separator(char c)
{
    return c == ' ' || c == ',' || c == '\t' || c == '\r' || c == '\n';
}

// The next key with this pitch class above the last one; at the top of the range the one below.
static int stacked(int last, int semitones)
{
    const int pitch_class = (semitones + 24) % 12;
    const int above = last < 0 ? STACK_FROM : last + 1;
    const int key = above + (pitch_class + 132 - above) % 12;
    return key < KEYS_COUNT ? key : key - 12;
}

// Reads "C", "C4", "Eb3", "F#-1" or a MIDI number. -1 if it is none of them.
static int key_of(const char *word, int last)
{
    int64_t number = 0;
    if (km_text_parse_integer(word, 0, KEYS_COUNT - 1, &number)) {
        return (int)number;
    }
    size_t position = 0;
    int semitones = 0;
    if (!km_note_name_read(word, &position, &semitones)) {
        return -1;
    }
    if (word[position] == '\0') {
        return stacked(last, semitones);
    }
    if (!km_text_parse_integer(word + position, -1, 9, &number)) {
        return -1;
    }
    const int key = 12 * ((int)number + 1) + semitones;
    return key < KEYS_COUNT ? key : -1; // Cb-1 is below the range, and negative already.
}

static enum km_status add_note(struct notes *notes, const char *word, struct km_error *error)
{
    const int key = key_of(word, notes->last);
    if (key < 0) {
        return km_error_set(error, KM_ERROR_INVALID,
                            "note \"%.40s\": expected a MIDI number 0 to 127 or a name such as C4, "
                            "Eb3 or F#",
                            word);
    }
    notes->last = key;
    notes->weights[key % 12] += 1.0F;
    for (size_t i = 0; i < notes->count; ++i) {
        if (notes->keys[i] == key) {
            notes->repeats = true;
            return KM_OK;
        }
    }
    notes->keys[notes->count++] = (uint8_t)key;
    return KM_OK;
}

// Copies the next word, cut at the size, and returns where it ends. Empty at the end of the text.
static const char *next_word(const char *text, char word[WORD_SIZE])
{
    size_t length = 0;
    while (is_separator(*text)) {
        ++text;
    }
    for (; *text != '\0' && !is_separator(*text); ++text) {
        if (length < WORD_SIZE - 1) {
            word[length++] = *text;
        }
    }
    word[length] = '\0';
    return text;
}

// Reads all notes of a text, apart by spaces or commas.
static enum km_status add_notes(struct notes *notes, const char *text, struct km_error *error)
{
    char word[WORD_SIZE];
    for (text = next_word(text, word); word[0] != '\0'; text = next_word(text, word)) {
        const enum km_status status = add_note(notes, word, error);
        if (status != KM_OK) {
            return status;
        }
    }
    return KM_OK;
}

// A key that was given again and again stands for one that sounds the longer: then this is a
// passage, whose passing notes count for less.
static struct km_chord_found chord_of(const struct notes *notes)
{
    uint8_t lowest = KEYS_COUNT - 1;
    uint32_t set = 0;
    for (size_t i = 0; i < notes->count; ++i) {
        lowest = notes->keys[i] < lowest ? notes->keys[i] : lowest;
        set |= 1U << notes->keys[i] % 12;
    }
    const uint32_t but_two = set & (set - 1);
    const bool is_passage = notes->repeats && (but_two & (but_two - 1)) != 0;
    return is_passage ? km_chord_of_weights(notes->weights, lowest % 12)
                      : km_chord_of_notes(notes->keys, notes->count);
}

// The key whose names a chord alone is written with: that of its root.
static struct km_key key_of_chord(struct km_chord chord)
{
    const km_pitch_set quality = km_chord_pitches((struct km_chord){0, chord.quality, 0});
    const bool is_minor = (quality & 0x018U) == 0x008U;
    return (struct km_key){chord.root, is_minor ? KM_MODE_AEOLIAN : KM_MODE_IONIAN};
}

// Whether somebody would call the notes so: over its root they have no better name.
static bool is_usual(struct km_chord chord)
{
    const struct km_chord in_root = {chord.root, chord.quality, chord.root};
    const struct km_chord heard = km_chord_of_pitches(km_chord_pitches(in_root), chord.root).chord;
    return heard.root == chord.root && heard.quality == chord.quality;
}

// Other chords with just the same notes; returns how many.
static size_t find_alternatives(struct km_chord_found found,
                                struct km_chord others[ALTERNATIVES_MAX])
{
    const struct km_chord chord = found.chord;
    const km_pitch_set pitches = km_chord_pitches(chord);
    size_t count = 0;
    for (int i = 12; i < 12 * KM_CHORD_QUALITIES_COUNT && count < ALTERNATIVES_MAX; ++i) {
        const struct km_chord other = {(uint8_t)(i % 12), (uint8_t)(i / 12), chord.bass};
        const struct km_chord in_root = {other.root, other.quality, other.root};
        const bool is_same = other.root == chord.root && other.quality == chord.quality;
        if (!is_same && found.confidence == 1.0F && km_chord_pitches(in_root) == pitches &&
            is_usual(other)) {
            others[count++] = other;
        }
    }
    return count;
}

static void symbol_of(struct km_chord chord, char symbol[KM_CHORD_SYMBOL_SIZE])
{
    km_chord_format(chord, key_of_chord(chord), symbol);
}

static const char *quality_of(struct km_chord chord)
{
    const char *const symbol = km_chord_quality_symbol((enum km_chord_quality)chord.quality);
    return symbol[0] == '\0' ? "maj" : symbol;
}

// The confidence in thousandths, as a number with no more digits than it has.
static double rounded(float confidence)
{
    return (double)(int)(confidence * 1000.0F + 0.5F) / 1000.0;
}

static json_t *alternatives_to_json(struct km_chord_found found)
{
    struct km_chord others[ALTERNATIVES_MAX];
    const size_t count = find_alternatives(found, others);
    json_t *const array = json_array();
    for (size_t i = 0; i < count; ++i) {
        char symbol[KM_CHORD_SYMBOL_SIZE];
        symbol_of(others[i], symbol);
        (void)json_array_append_new(array, json_string(symbol)); // A null array is seen below.
    }
    return array;
}

// Null if there is no memory.
static json_t *to_json(struct km_chord_found found)
{
    char symbol[KM_CHORD_SYMBOL_SIZE];
    symbol_of(found.chord, symbol);
    if (found.chord.quality == KM_CHORD_NONE) {
        return json_pack("{s:s, s:n, s:s, s:n, s:f, s:[]}", "symbol", symbol, "root", "quality",
                         symbol, "bass", "confidence", rounded(found.confidence), "alternatives");
    }
    return json_pack("{s:s, s:i, s:s, s:i, s:f, s:o}", "symbol", symbol, "root", found.chord.root,
                     "quality", quality_of(found.chord), "bass", found.chord.bass, "confidence",
                     rounded(found.confidence), "alternatives", alternatives_to_json(found));
}

static int print_json(json_t *object)
{
    if (!object) {
        const struct km_error error = {KM_ERROR_NO_MEMORY, "no memory for the answer"};
        return km_report_error("chord", &error);
    }
    (void)json_dumpf(object, stdout, JSON_REAL_PRECISION(6)); // km_finish_output sees a failure.
    (void)putchar('\n');
    json_decref(object);
    return KM_EXIT_DONE;
}

static void print_alternatives(struct km_chord_found found)
{
    struct km_chord others[ALTERNATIVES_MAX];
    const size_t count = find_alternatives(found, others);
    for (size_t i = 0; i < count; ++i) {
        char symbol[KM_CHORD_SYMBOL_SIZE];
        symbol_of(others[i], symbol);
        printf("%s%s", i == 0 ? "  or    " : ", ", symbol);
    }
    (void)fputs(count > 0 ? "\n" : "", stdout);
}

static void print_notes(const struct notes *notes, struct km_chord chord)
{
    bool is_sounding[KEYS_COUNT] = {false};
    for (size_t i = 0; i < notes->count; ++i) {
        is_sounding[notes->keys[i]] = true;
    }
    (void)fputs("  notes", stdout);
    for (int key = 0; key < KEYS_COUNT; ++key) {
        if (is_sounding[key]) {
            const char *const name = km_key_spell(key_of_chord(chord), (uint8_t)(key % 12));
            // The octave is the letter's: Cb4 sounds in the octave below.
            const bool is_low_b = name[0] == 'B' && key % 12 < 3;
            const bool is_high_c = name[0] == 'C' && key % 12 > 8;
            printf(" %s%d", name, key / 12 - 1 - is_low_b + is_high_c);
        }
    }
    (void)putchar('\n');
}

static int print_text(const struct km_context *context, const struct notes *notes,
                      struct km_chord_found found)
{
    char symbol[KM_CHORD_SYMBOL_SIZE];
    symbol_of(found.chord, symbol);
    printf("%s%s%s\n", context->has_colour ? "\033[1m" : "", symbol,
           context->has_colour ? "\033[0m" : "");
    if (notes->count == 0) {
        return KM_EXIT_DONE;
    }
    print_notes(notes, found.chord);
    print_alternatives(found);
    if (found.confidence < 1.0F) {
        char confidence[KM_TEXT_REAL_SIZE];
        km_text_format_real(confidence, rounded(found.confidence), 2);
        printf("  confidence %s: not just this chord's notes\n", confidence);
    }
    return KM_EXIT_DONE;
}

static int answer_arguments(const struct km_context *context, const struct km_arguments *arguments)
{
    struct notes notes = {.last = -1};
    for (size_t i = 0; i < arguments->count; ++i) {
        struct km_error error;
        if (add_notes(&notes, arguments->values[i], &error) != KM_OK) {
            return km_report_error("chord", &error);
        }
    }
    const struct km_chord_found found = chord_of(&notes);
    return context->wants_json ? print_json(to_json(found)) : print_text(context, &notes, found);
}

// The message as well-formed UTF-8, which JSON asks for: what was typed may be anything.
static json_t *error_to_json(const char *message)
{
    char text[4 * KM_ERROR_MESSAGE_SIZE];
    const size_t size = strlen(message);
    size_t length = 0;
    for (size_t position = 0; position < size;) {
        char bytes[4];
        const size_t count = km_text_encode(bytes, km_text_next(message, size, &position));
        memcpy(text + length, bytes, count);
        length += count;
    }
    text[length] = '\0';
    return json_pack("{s:s}", "error", text);
}

// Reads a line without its end; false at the end of the input. What is too long is cut, and
// `is_whole` tells.
static bool read_line(char line[LINE_SIZE_MAX], bool *is_whole)
{
    size_t length = 0;
    int byte = getchar();
    const bool is_left = byte != EOF;
    *is_whole = true;
    for (; byte != EOF && byte != '\n'; byte = getchar()) {
        if (length < LINE_SIZE_MAX - 1) {
            line[length++] = (char)(byte == '\0' ? '?' : byte);
        } else {
            *is_whole = false;
        }
    }
    line[length] = '\0';
    return is_left;
}

// One answer a line, whatever the line: a bad one gets an object with "error". Each answer is sent
// at once: a program at the other end may wait for it.
static int answer_lines(void)
{
    char line[LINE_SIZE_MAX];
    bool is_whole = false;
    int exit_code = KM_EXIT_DONE;
    while (read_line(line, &is_whole)) {
        struct notes notes = {.last = -1};
        struct km_error error;
        if (!is_whole) {
            (void)km_error_set(&error, KM_ERROR_TOO_LARGE, "line: more than %d bytes",
                               LINE_SIZE_MAX - 1);
        }
        const bool is_good = is_whole && add_notes(&notes, line, &error) == KM_OK;
        json_t *const object = is_good ? to_json(chord_of(&notes)) : error_to_json(error.message);
        if (print_json(object) != KM_EXIT_DONE ||
            km_finish_output("chord", KM_EXIT_DONE) != KM_EXIT_DONE) {
            return KM_EXIT_REFUSED;
        }
        exit_code = is_good ? exit_code : KM_EXIT_REFUSED;
    }
    return km_finish_input("chord", exit_code);
}

static int run(struct km_context *context, const void *settings,
               const struct km_arguments *arguments)
{
    const struct settings *const wanted = settings;
    if (wanted->reads_lines && arguments->count > 0) {
        return km_usage_error("chord", "--lines reads standard input: give no notes");
    }
    if (!wanted->reads_lines && arguments->count == 0) {
        return km_usage_error("chord", "no notes: give some, or --lines");
    }
    return wanted->reads_lines ? answer_lines() : answer_arguments(context, arguments);
}

const struct km_command km_command_chord = {
    .name = "chord",
    .synopsis = "NOTES... | --lines",
    .summary = "Name the chord that notes make",
    .details =
        "NOTES are MIDI numbers (60 is middle C) or names (C4, Eb3, F#), apart by spaces or "
        "commas. The\n"
        "lowest is the bass. A name without octave is stacked upon the note before it. No "
        "notes (an empty\n"
        "argument or line) are no chord: N.C. Order and octaves do not matter.\n"
        "A key that is given more than once has sounded longer: of such a passage the likeliest "
        "triad or\n"
        "seventh is named, however many notes pass.\n"
        "With --lines each line of standard input is one set of notes, and each answer one "
        "object in JSON;\n"
        "a line that is not understood is answered by {\"error\": ...}, and the exit code is "
        "2 in the end.",
    .example = "kmidi chord 60 64 67 71\n"
               "kmidi chord E G C\n"
               "printf 'C4 E4 G4\\n57 60 64 67\\n' | kmidi chord --lines",
    .options = options,
    .defaults = &defaults,
    .settings_size = sizeof(defaults),
    .arguments_max = KM_ARGUMENTS_MAX,
    .run = run,
};
