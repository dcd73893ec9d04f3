// SPDX-License-Identifier: MIT

// Lyrics under the notes of the melody: one line a phrase, one syllable a note, as lyric events of
// the melody's track (FF 05; RP-017: a hyphen inside words, a space after them, a return at the
// end of a line). Notes that are left over belong to the syllable before.

#include "base/check.h"
#include "midi/file.h"
#include "session/lyrics.h"
#include "session/score_private.h"

#include <string.h>

enum {
    LINES_MAX = KM_PLAN_LYRICS_SIZE / 2,
    ONSETS_MAX = 128, // Of a phrase: more notes than four bars of sixteenths have.
    SYLLABLE_SIZE = 72,
    CHORDAL_TICKS = 30, // Notes nearer to each other are struck together.
    EARLY_TICKS = 120,  // What the groove, or a short pickup, brings before the bar.
};

struct setting {
    const struct km_score *score;
    struct km_midi_file *file;
    size_t track;
    const char *lines[LINES_MAX];
    int line_count;
    int refrain_count;  // Lines of the chorus: the last.
    int next_line;      // Of the verses.
    const char *rest;   // Of a line that had more words than a phrase had notes; or null.
    int chorus_phrases; // Of this section so far.
    int section;
    enum km_status status;
};

static void find_lines(struct setting *setting)
{
    const char *text = setting->score->plan->lyrics;
    while (*text != '\0' && setting->line_count < LINES_MAX) {
        setting->lines[setting->line_count++] = text;
        text += strcspn(text, "\n");
        text += *text == '\n';
    }
    // What somebody came to say in the end is the refrain.
    setting->refrain_count = setting->line_count < 6 ? 1 : 2;
}

static bool is_refrain(const struct setting *setting, int section)
{
    const uint8_t kind = setting->score->plan->sections[section].kind;
    return kind == KM_SECTION_CHORUS || kind == KM_SECTION_DROP;
}

// The line that a phrase sings: the chorus its own, other sections the next.
static const char *choose_line(struct setting *setting, int section)
{
    if (section != setting->section) {
        setting->section = section;
        setting->chorus_phrases = 0;
    }
    if (is_refrain(setting, section)) {
        const int first = setting->line_count - setting->refrain_count;
        return setting->lines[first + setting->chorus_phrases++ % setting->refrain_count];
    }
    if (setting->rest) {
        return setting->rest;
    }
    const int verses = setting->line_count - setting->refrain_count;
    const char *const line = setting->lines[setting->next_line];
    setting->next_line = setting->next_line + 1 < verses ? setting->next_line + 1 : 0;
    return line;
}

// Where the notes of a phrase begin, in order.
struct onset_list {
    uint64_t ticks[ONSETS_MAX];
    size_t count;
};

static void find_onsets(const struct setting *setting, const struct km_plan_phrase *phrase,
                        struct onset_list *onsets)
{
    const struct km_midi_track *const track = &setting->file->tracks[setting->track];
    const uint64_t start = (uint64_t)phrase->first_bar * setting->score->bar_ticks;
    const uint64_t end = start + (uint64_t)phrase->bar_count * setting->score->bar_ticks;
    onsets->count = 0;
    for (size_t i = 0; i < track->count && onsets->count < ONSETS_MAX; ++i) {
        const struct km_event *const event = &track->events[i];
        const uint64_t tick = event->tick + EARLY_TICKS;
        const bool is_new =
            onsets->count == 0 || event->tick > onsets->ticks[onsets->count - 1] + CHORDAL_TICKS;
        if (event->type == KM_EVENT_NOTE_ON && tick >= start && tick < end && is_new) {
            onsets->ticks[onsets->count++] = event->tick;
        }
    }
}

static bool is_on_pulse(const struct km_score *score, uint64_t tick)
{
    const uint64_t in_bar = (tick + EARLY_TICKS / 2) % score->bar_ticks;
    for (int i = 0; i < score->pulse_count; ++i) {
        if (in_bar >= score->pulse_starts[i] && in_bar - score->pulse_starts[i] < EARLY_TICKS) {
            return true;
        }
    }
    return false;
}

static void add_syllable(struct setting *setting, uint64_t tick, const char *bytes, size_t size,
                         char after)
{
    char text[SYLLABLE_SIZE];
    KM_CHECK(size + 2 <= sizeof(text));
    memcpy(text, bytes, size);
    text[size] = after;
    text[size + 1] = '\0';
    if (setting->status == KM_OK) {
        setting->status =
            km_midi_file_add_text(setting->file, setting->track, tick, KM_META_LYRIC, text);
    }
}

static size_t count_syllables(const char *line)
{
    uint16_t starts[KM_SYLLABLES_MAX];
    size_t count = 0;
    while (*line != '\n' && *line != '\0') {
        const size_t size = strcspn(line, " \n");
        count += size > 0 ? km_syllables_divide(line, size, starts) : 0;
        line += size + (line[size] == ' ');
    }
    return count;
}

// A word of a line, and its syllables.
struct word {
    const char *bytes;
    size_t size;
    size_t count;
    uint16_t starts[KM_SYLLABLES_MAX];
    bool ends_line;
};

// The word at `line`; what has no room in an event is left out, at the end of a character.
static struct word word_at(const char *line, size_t length)
{
    struct word word = {.bytes = line, .size = length};
    word.ends_line = line[length] == '\n' || line[length] == '\0';
    while (word.size > SYLLABLE_SIZE - 2 ||
           (word.size < length && ((unsigned char)line[word.size] & 0xC0U) == 0x80)) {
        --word.size;
    }
    word.count = word.size > 0 ? km_syllables_divide(line, word.size, word.starts) : 0;
    return word;
}

// Sets a word from a note on; returns the note after it. With more syllables than there are notes
// it ends on the last one.
static size_t set_word(struct setting *setting, const struct word *word,
                       const struct onset_list *onsets, size_t note)
{
    for (size_t i = 0; i < word->count && note < onsets->count; ++i, ++note) {
        const bool ends = i + 1 == word->count || note + 1 == onsets->count;
        const size_t end = ends ? word->size : word->starts[i + 1];
        const char after = word->ends_line ? '\r' : ' ';
        add_syllable(setting, onsets->ticks[note], word->bytes + word->starts[i],
                     end - word->starts[i], ends ? after : '-');
    }
    return note;
}

// Whether a word had better begin a note later: on a beat, if notes can be spared for it.
static bool waits(const struct setting *setting, const struct onset_list *onsets, size_t note,
                  size_t syllables_left)
{
    return note > 0 && note + 1 < onsets->count && onsets->count - note > syllables_left &&
           !is_on_pulse(setting->score, onsets->ticks[note]) &&
           is_on_pulse(setting->score, onsets->ticks[note + 1]);
}

// Sets one line to the notes of a phrase; returns where the words begin that found no note, or
// null.
static const char *set_line(struct setting *setting, const char *line,
                            const struct onset_list *onsets)
{
    size_t left = count_syllables(line);
    size_t note = 0;
    while (*line != '\n' && *line != '\0') {
        const size_t length = strcspn(line, " \n");
        const struct word word = word_at(line, length);
        if (note > 0 && note + word.count > onsets->count) {
            return line; // Whole words wait for the next phrase.
        }
        note += waits(setting, onsets, note, left);
        note = set_word(setting, &word, onsets, note);
        left -= word.count < left ? word.count : left;
        line += length + (line[length] == ' ');
    }
    return NULL;
}

// Words of a verse that found no note go on in the next verse's phrase; a refrain begins anew.
static void set_phrase(struct setting *setting, int section, const struct onset_list *onsets)
{
    const char *const line = choose_line(setting, section);
    const char *const rest = set_line(setting, line, onsets);
    if (!is_refrain(setting, section)) {
        setting->rest = rest;
    }
}

enum km_status km_score_set_lyrics(const struct km_score *score, struct km_midi_file *file,
                                   size_t track)
{
    const struct km_harmony_plan *const plan = score->plan;
    if (plan->lyrics[0] == '\0') {
        return KM_OK;
    }
    struct setting setting = {.score = score, .file = file, .track = track, .section = -1};
    find_lines(&setting);
    for (int i = 0; i < plan->phrase_count; ++i) {
        const struct km_plan_phrase *const phrase = &plan->phrases[i];
        struct onset_list onsets = {0};
        find_onsets(&setting, phrase, &onsets);
        if (onsets.count > 0) {
            set_phrase(&setting, score->section_of_bar[phrase->first_bar], &onsets);
        }
    }
    return setting.status;
}
