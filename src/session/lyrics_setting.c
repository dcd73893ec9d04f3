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

// The line that a phrase sings: the chorus its own, other sections the next.
static const char *choose_line(struct setting *setting, int section)
{
    const uint8_t kind = setting->score->plan->sections[section].kind;
    if (section != setting->section) {
        setting->section = section;
        setting->chorus_phrases = 0;
    }
    if (kind == KM_SECTION_CHORUS || kind == KM_SECTION_DROP) {
        const int first = setting->line_count - setting->refrain_count;
        return setting->lines[first + setting->chorus_phrases++ % setting->refrain_count];
    }
    if (setting->rest) {
        const char *const rest = setting->rest;
        setting->rest = NULL;
        return rest;
    }
    const int verses = setting->line_count - setting->refrain_count;
    const char *const line = setting->lines[setting->next_line];
    setting->next_line = setting->next_line + 1 < verses ? setting->next_line + 1 : 0;
    return line;
}

// Where the notes of a phrase begin, in order.
static int find_onsets(const struct setting *setting, const struct km_plan_phrase *phrase,
                       uint64_t onsets[ONSETS_MAX])
{
    const struct km_midi_track *const track = &setting->file->tracks[setting->track];
    const uint64_t start = (uint64_t)phrase->first_bar * setting->score->bar_ticks;
    const uint64_t end = start + (uint64_t)phrase->bar_count * setting->score->bar_ticks;
    int count = 0;
    for (size_t i = 0; i < track->count && count < ONSETS_MAX; ++i) {
        const struct km_event *const event = &track->events[i];
        const uint64_t tick = event->tick + EARLY_TICKS;
        const bool is_new = count == 0 || event->tick > onsets[count - 1] + CHORDAL_TICKS;
        if (event->type == KM_EVENT_NOTE_ON && tick >= start && tick < end && is_new) {
            onsets[count++] = event->tick;
        }
    }
    return count;
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

// Sets one line to the notes of a phrase. A word begins on a beat if notes can be spared for it.
static void set_line(struct setting *setting, const char *line, const uint64_t *onsets,
                     size_t onset_count)
{
    size_t left = count_syllables(line);
    size_t note = 0;
    while (*line != '\n' && *line != '\0') {
        uint16_t starts[KM_SYLLABLES_MAX];
        size_t size = strcspn(line, " \n");
        size = size < SYLLABLE_SIZE - 2 ? size : SYLLABLE_SIZE - 2;
        const size_t count = size > 0 ? km_syllables_divide(line, size, starts) : 0;
        if (note > 0 && note + count > onset_count) {
            setting->rest = line; // Whole words: the rest waits for the next phrase.
            return;
        }
        const bool can_wait = note > 0 && onset_count - note > left && note + 1 < onset_count;
        note += can_wait && !is_on_pulse(setting->score, onsets[note]) &&
                is_on_pulse(setting->score, onsets[note + 1]);
        const bool is_last = line[size] == '\n' || line[size] == '\0';
        for (size_t i = 0; i < count && note < onset_count; ++i) {
            // A word with more syllables than there are notes ends on the last note.
            const bool ends = i + 1 == count || note + 1 == onset_count;
            const size_t end = ends ? size : starts[i + 1];
            add_syllable(setting, onsets[note++], line + starts[i], end - starts[i],
                         ends ? (is_last ? '\r' : ' ') : '-');
        }
        left -= count < left ? count : left;
        line += size + (line[size] == ' ');
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
        uint64_t onsets[ONSETS_MAX];
        const int count = find_onsets(&setting, phrase, onsets);
        if (count > 0) {
            const char *const line =
                choose_line(&setting, score->section_of_bar[phrase->first_bar]);
            set_line(&setting, line, onsets, (size_t)count);
        }
    }
    return setting.status;
}
