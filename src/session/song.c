// SPDX-License-Identifier: MIT

// From plan to MIDI file: the conductor's track, then each part.

#include "session/song.h"

#include "base/check.h"
#include "base/units.h"
#include "heap/heap.h"
#include "session/quartet_private.h"
#include "session/score_private.h"
#include "session/song_private.h"

static const char *const part_names[KM_ENSEMBLES_COUNT][KM_PARTS_COUNT] = {
    [KM_ENSEMBLE_BAND] = {"Melody", "Counter-melody", "Chords", "Pad", "Bass", "Drums"},
    [KM_ENSEMBLE_SOLO_PIANO] = {"Right hand", "Counter-melody", "Left hand", "Pad", "Bass",
                                "Drums"},
    [KM_ENSEMBLE_STRING_QUARTET] = {"Violin I", "Violin II", "Chords", "Viola", "Cello", "Drums"},
};

static const uint8_t part_channels[KM_PARTS_COUNT] = {
    [KM_PART_MELODY] = 3, [KM_PART_COUNTER] = 5, [KM_PART_CHORDS] = 1,
    [KM_PART_PAD] = 4,    [KM_PART_BASS] = 0,    [KM_PART_DRUMS] = KM_CHANNEL_DRUMS,
};

const char *km_part_name(enum km_ensemble ensemble, enum km_part part)
{
    KM_CHECK((unsigned int)ensemble < KM_ENSEMBLES_COUNT);
    KM_CHECK((unsigned int)part < KM_PARTS_COUNT);
    return part_names[ensemble][part];
}

int km_song_track(const struct km_harmony_plan *plan, enum km_part part)
{
    KM_CHECK((unsigned int)part < KM_PARTS_COUNT);
    if (!plan->parts[part].is_on) {
        return -1;
    }
    int track = 1;
    for (int i = 0; i < (int)part; ++i) {
        track += plan->parts[i].is_on;
    }
    return track;
}

uint8_t km_part_channel(enum km_part part)
{
    KM_CHECK((unsigned int)part < KM_PARTS_COUNT);
    return part_channels[part];
}

static void add_note(struct km_song_writer *writer, const struct km_score_note *note,
                     uint8_t channel)
{
    const struct km_event on = {.tick = note->start,
                                .type = KM_EVENT_NOTE_ON,
                                .channel = channel,
                                .number = note->key,
                                .value = note->velocity};
    const struct km_event off = {.tick = (uint64_t)note->start + note->duration,
                                 .type = KM_EVENT_NOTE_OFF,
                                 .channel = channel,
                                 .number = note->key,
                                 .value = 64};
    km_song_add_event(writer, on);
    km_song_add_event(writer, off);
}

// A stereo picture, as on a stage: tune and low instruments in the middle, the rest around them;
// what is soft and held stands further back.
struct place {
    uint8_t pan, reverb;
};

static void set_up_channel(struct km_song_writer *writer, const struct km_score *score,
                           enum km_part part)
{
    static const struct place places[KM_ENSEMBLES_COUNT][KM_PARTS_COUNT] = {
        [KM_ENSEMBLE_BAND] = {{64, 48}, {88, 64}, {44, 44}, {74, 80}, {64, 12}, {64, 28}},
        [KM_ENSEMBLE_SOLO_PIANO] = {{70, 56}, {88, 64}, {58, 56}, {74, 80}, {64, 24}, {64, 28}},
        [KM_ENSEMBLE_STRING_QUARTET] = {{40, 64}, {54, 64}, {64, 64}, {74, 64}, {88, 64}, {64, 28}},
    };
    const struct km_harmony_plan *const plan = score->plan;
    const struct place place = places[plan->ensemble][part];
    const uint8_t values[][2] = {
        {KM_CONTROL_VOLUME, 100}, {KM_CONTROL_PAN, place.pan}, {KM_CONTROL_REVERB, place.reverb}};
    const uint8_t channel = part_channels[part];
    km_song_add_event(writer, (struct km_event){.type = KM_EVENT_PROGRAM,
                                                .channel = channel,
                                                .number = plan->parts[part].program});
    for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); ++i) {
        km_song_add_event(writer, (struct km_event){.type = KM_EVENT_CONTROL,
                                                    .channel = channel,
                                                    .number = values[i][0],
                                                    .value = values[i][1]});
    }
}

static void write_part(struct km_song_writer *writer, const struct km_score *score,
                       enum km_part part)
{
    const struct km_note_list *const list = &score->parts[part];
    const struct km_control_list *const controls = &score->controls[part];
    const uint8_t channel = part_channels[part];
    km_song_add_track(writer);
    km_song_add_text(writer, 0, KM_META_TRACK_NAME,
                     km_part_name((enum km_ensemble)score->plan->ensemble, part));
    set_up_channel(writer, score, part);
    if (writer->status == KM_OK) {
        writer->status = km_midi_file_reserve(writer->file, writer->track,
                                              2 * list->count + controls->count + 1);
    }
    for (size_t i = 0; i < controls->count; ++i) {
        const struct km_score_control *const control = &controls->controls[i];
        km_song_add_event(writer, (struct km_event){.tick = control->tick,
                                                    .type = control->type,
                                                    .channel = channel,
                                                    .number = control->number,
                                                    .value = control->value});
    }
    for (size_t i = 0; i < list->count; ++i) {
        add_note(writer, &list->notes[i], channel);
    }
    if (writer->status == KM_OK) {
        writer->status = km_midi_track_sort(writer->file, writer->track);
    }
    if (writer->status == KM_OK) {
        km_song_humanise(&writer->file->tracks[writer->track], score, part);
    }
    if (writer->status == KM_OK && part == KM_PART_MELODY) {
        writer->status = km_score_set_lyrics(score, writer->file, writer->track);
    }
    km_song_end_track(writer, score->length); // Sorts.
}

typedef void part_writer(struct km_score *score);

// What an ensemble does not have is written as a band's, should the plan turn it on.
static void write_scored_parts(struct km_score *score)
{
    static part_writer *const writers[KM_ENSEMBLES_COUNT][KM_PARTS_COUNT] = {
        [KM_ENSEMBLE_BAND] = {km_score_write_melody, km_score_write_counter, km_score_write_chords,
                              km_score_write_pad, km_score_write_bass, km_score_write_drums},
        [KM_ENSEMBLE_SOLO_PIANO] = {km_score_write_right_hand, km_score_write_counter,
                                    km_score_write_left_hand, km_score_write_pad,
                                    km_score_write_bass, km_score_write_drums},
        [KM_ENSEMBLE_STRING_QUARTET] = {km_score_write_first_violin, km_score_write_second_violin,
                                        km_score_write_chords, km_score_write_viola,
                                        km_score_write_cello, km_score_write_drums},
    };
    for (int i = 0; i < KM_PARTS_COUNT; ++i) {
        if (score->plan->parts[i].is_on) {
            writers[score->plan->ensemble][i](score);
        }
    }
}

enum km_status km_song_compose(const struct km_harmony_plan *plan, const char *title,
                               struct km_midi_file *file, struct km_error *error)
{
    KM_CHECK(plan && file);
    KM_CHECK(file->format == 1 && file->division == KM_PPQ && file->track_count == 0);
    struct km_score score;
    km_score_init(&score, plan, file->heap);
    km_score_lead_bass(&score);
    if (plan->ensemble == KM_ENSEMBLE_STRING_QUARTET) {
        km_quartet_lead_inner_voices(&score);
    } else {
        km_score_lead_voices(&score);
    }
    write_scored_parts(&score);
    if (km_plan_breaks(plan, KM_RULE_HARMONY_POLYTONALITY)) {
        km_score_stack_keys(&score);
    }
    if (km_plan_breaks(plan, KM_RULE_RHYTHM_METRIC_MODULATION)) {
        km_score_modulate_metre(&score);
    }
    if (km_plan_breaks(plan, KM_RULE_RHYTHM_DROPPED_BEATS)) {
        km_score_drop_beats(&score);
    }
    struct km_song_writer writer = {.file = file, .status = score.status};
    km_song_write_conductor(&writer, &score, title);
    for (int i = 0; i < KM_PARTS_COUNT; ++i) {
        if (plan->parts[i].is_on) {
            write_part(&writer, &score, (enum km_part)i);
        }
    }
    km_score_release(&score);
    if (writer.status == KM_OK) {
        return KM_OK;
    }
    km_midi_file_release(file);
    if (writer.status == KM_ERROR_NO_MEMORY) {
        return km_heap_refusal(file->heap, error);
    }
    return km_error_set(error, writer.status, "the song cannot be kept: %s",
                        km_status_text(writer.status));
}
