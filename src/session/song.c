// SPDX-License-Identifier: MIT

// From plan to MIDI file: the conductor's track, then each part, humanised and set right.

#include "session/song.h"

#include "base/check.h"
#include "base/math.h"
#include "base/units.h"
#include "groove/groove.h"
#include "heap/heap.h"
#include "session/feels_private.h"
#include "session/quartet_private.h"
#include "session/score_private.h"

#include <stdio.h>

enum { KEYS_COUNT = 128, DROPPED = KM_EVENT_TYPES_COUNT };

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

// Adding to a file until the first failure, which is looked at once, at the end.
struct writer {
    struct km_midi_file *file;
    size_t track;
    enum km_status status;
};

static void add_event(struct writer *writer, struct km_event event)
{
    if (writer->status == KM_OK) {
        writer->status = km_midi_file_add(writer->file, writer->track, event);
    }
}

static void add_text(struct writer *writer, uint64_t tick, enum km_meta type, const char *text)
{
    if (writer->status == KM_OK) {
        writer->status = km_midi_file_add_text(writer->file, writer->track, tick, type, text);
    }
}

static void add_track(struct writer *writer)
{
    if (writer->status == KM_OK) {
        writer->status = km_midi_file_add_track(writer->file);
    }
    writer->track = writer->file->track_count - 1;
}

static void end_track(struct writer *writer, uint64_t length)
{
    add_event(writer, (struct km_event){.tick = length, .type = KM_EVENT_END_OF_TRACK});
    if (writer->status == KM_OK) {
        writer->status = km_midi_track_sort(writer->file, writer->track);
    }
}

static void add_tempo(struct writer *writer, uint64_t tick, double bpm)
{
    const int64_t microseconds = km_round(KM_MICROSECONDS_PER_MINUTE / bpm);
    add_event(writer, (struct km_event){
                          .tick = tick, .type = KM_EVENT_TEMPO, .detail = (uint32_t)microseconds});
}

// The tempo at a pulse. A phrase breathes by 5 BPM where that rule is broken, and else as the feel
// does; quiet songs slow down into their last bars.
static double tempo_at(const struct km_score *score, int bar, int pulse)
{
    const struct km_harmony_plan *const plan = score->plan;
    double tempo = plan->tempo_bpm;
    if (km_plan_breaks(plan, KM_RULE_RHYTHM_TEMPO_FLUCTUATION)) {
        const int phrase_bar = bar - km_score_section(score, bar)->first_bar;
        tempo += 5 * km_sin(2 * KM_PI * (double)phrase_bar / 4);
    } else {
        tempo *= km_feel_tempo(score, bar, pulse);
    }
    const int left = plan->length_bars - bar;
    if (left <= 2 && plan->affect.arousal < 0.3F && !plan->is_continued) {
        tempo *= left == 2 ? 0.94 : 0.84;
    }
    return km_clamp(tempo, KM_PLAN_TEMPO_MIN * 0.8, KM_PLAN_TEMPO_MAX + 5);
}

static void add_tempi(struct writer *writer, const struct km_score *score)
{
    const int pulses = km_feel_is_free(score->plan) ? score->pulse_count : 1;
    double before = 0;
    for (int i = 0; i < score->plan->length_bars * pulses; ++i) {
        const double tempo = tempo_at(score, i / pulses, i % pulses);
        if (tempo > before || tempo < before) {
            add_tempo(writer,
                      (uint64_t)(i / pulses) * score->bar_ticks + score->pulse_starts[i % pulses],
                      tempo);
        }
        before = tempo;
    }
}

static uint8_t log2_of(uint8_t power)
{
    uint8_t exponent = 0;
    while (power >> (exponent + 1U) != 0) {
        ++exponent;
    }
    return exponent;
}

// Track 0: title, tempo, metre, key, sections.
static void write_conductor(struct writer *writer, const struct km_score *score, const char *title)
{
    const struct km_harmony_plan *const plan = score->plan;
    add_track(writer);
    if (title) {
        add_text(writer, 0, KM_META_TRACK_NAME, title);
    }
    const uint32_t clocks = (score->pulse_starts[1] - score->pulse_starts[0]) * 24U / KM_PPQ;
    add_event(writer, (struct km_event){.type = KM_EVENT_TIME_SIGNATURE,
                                        .number = plan->beats_per_bar,
                                        .value = log2_of(plan->beat_unit),
                                        .detail = clocks | 8U << 8U});
    add_event(writer,
              (struct km_event){.type = KM_EVENT_KEY_SIGNATURE,
                                .number = (uint8_t)(int8_t)km_key_signature(plan->key),
                                .value = km_mode_is_minor((enum km_mode)plan->key.mode) ? 1 : 0});
    add_tempi(writer, score);
    for (int i = 0; i < plan->section_count; ++i) {
        const struct km_plan_section *const section = &plan->sections[i];
        add_text(writer, (uint64_t)section->first_bar * score->bar_ticks, KM_META_MARKER,
                 km_section_name((enum km_section_kind)section->kind));
    }
    end_track(writer, score->length);
}

static void add_note(struct writer *writer, const struct km_score_note *note, uint8_t channel)
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
    add_event(writer, on);
    add_event(writer, off);
}

// A key's notes that are not closed yet: the groove may bring the next in before the last is out.
struct key_state {
    struct km_event *on[2];
    uint64_t cut; // Where the first must end, if there are two.
    int count;
};

static void open_note(struct key_state *key, struct km_event *on)
{
    if (key->count == 1) {
        key->cut = on->tick;
    }
    if (key->count == 2) { // A third at once: leave it out, its off closes the second.
        on->type = DROPPED;
        return;
    }
    key->on[key->count++] = on;
}

static void close_note(const struct km_score *score, struct key_state *key, struct km_event *off)
{
    if (key->count == 0) {
        off->type = DROPPED;
        return;
    }
    struct km_event *const on = key->on[0];
    const uint64_t last =
        on->tick < score->length ? km_score_sound_end(score, (uint32_t)on->tick) : score->length;
    const uint64_t end = key->count == 2 && key->cut < off->tick ? key->cut : off->tick;
    off->tick = end < last ? end : last;
    if (off->tick <= on->tick) { // Nothing left of it.
        on->type = DROPPED;
        off->type = DROPPED;
    }
    key->on[0] = key->on[1];
    --key->count;
}

// After the groove: no note over the end, in silence, into the next on its key, or harder than the
// ceiling.
static void set_right(struct km_midi_track *track, const struct km_score *score)
{
    const uint8_t ceiling = score->plan->velocity_ceiling;
    struct key_state keys[KEYS_COUNT] = {0};
    for (size_t i = 0; i < track->count; ++i) {
        struct km_event *const event = &track->events[i];
        if (event->type == KM_EVENT_NOTE_ON) {
            event->value = ceiling > 0 && event->value > ceiling ? ceiling : event->value;
            event->tick = km_score_sound_start(score, (uint32_t)event->tick);
            open_note(&keys[event->number & 127U], event);
        } else if (event->type == KM_EVENT_NOTE_OFF) {
            close_note(score, &keys[event->number & 127U], event);
        }
    }
    size_t kept = 0;
    for (size_t i = 0; i < track->count; ++i) {
        if (track->events[i].type != DROPPED) {
            track->events[kept++] = track->events[i];
        }
    }
    track->count = kept;
}

// The end of a note that begins at an event, or null.
static struct km_event *end_of_note(struct km_midi_track *track, size_t on)
{
    for (size_t i = on + 1; i < track->count; ++i) {
        struct km_event *const event = &track->events[i];
        if (event->type == KM_EVENT_NOTE_OFF && event->number == track->events[on].number) {
            return event;
        }
    }
    return NULL;
}

// A bow that plays one line: each note ends where the next begins, however early that comes.
static void let_one_note_sound(struct km_midi_track *track)
{
    const struct km_event *before = NULL;
    struct km_event *off = NULL; // Of the note before.
    for (size_t i = 0; i < track->count; ++i) {
        struct km_event *const event = &track->events[i];
        if (event->type != KM_EVENT_NOTE_ON) {
            continue;
        }
        if (before && off && off->tick > event->tick && event->tick > before->tick) {
            off->tick = event->tick;
        }
        before = event;
        off = end_of_note(track, i);
    }
}

static void humanise(struct writer *writer, const struct km_score *score, enum km_part part)
{
    const struct km_groove groove = km_feel_groove(score, part);
    struct km_midi_track *const track = &writer->file->tracks[writer->track];
    track->count = km_groove_apply_with(track->events, track->count, &groove);
    set_right(track, score);
}

// A stereo picture, as on a stage: tune and low instruments in the middle, the rest around them;
// what is soft and held stands further back.
struct place {
    uint8_t pan, reverb;
};

static void set_up_channel(struct writer *writer, const struct km_score *score, enum km_part part)
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
    add_event(writer, (struct km_event){.type = KM_EVENT_PROGRAM,
                                        .channel = channel,
                                        .number = plan->parts[part].program});
    for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); ++i) {
        add_event(writer, (struct km_event){.type = KM_EVENT_CONTROL,
                                            .channel = channel,
                                            .number = values[i][0],
                                            .value = values[i][1]});
    }
}

static void write_part(struct writer *writer, const struct km_score *score, enum km_part part)
{
    const struct km_note_list *const list = &score->parts[part];
    const struct km_control_list *const controls = &score->controls[part];
    const uint8_t channel = part_channels[part];
    add_track(writer);
    add_text(writer, 0, KM_META_TRACK_NAME,
             km_part_name((enum km_ensemble)score->plan->ensemble, part));
    set_up_channel(writer, score, part);
    if (writer->status == KM_OK) {
        writer->status = km_midi_file_reserve(writer->file, writer->track,
                                              2 * list->count + controls->count + 1);
    }
    for (size_t i = 0; i < controls->count; ++i) {
        const struct km_score_control *const control = &controls->controls[i];
        add_event(writer, (struct km_event){.tick = control->tick,
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
        humanise(writer, score, part);
    }
    const bool is_bowed = score->plan->ensemble == KM_ENSEMBLE_STRING_QUARTET;
    if (writer->status == KM_OK && is_bowed && part != KM_PART_DRUMS) {
        let_one_note_sound(&writer->file->tracks[writer->track]);
    }
    if (writer->status == KM_OK && part == KM_PART_MELODY) {
        writer->status = km_score_set_lyrics(score, writer->file, writer->track);
    }
    end_track(writer, score->length); // Sorts.
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
    struct writer writer = {.file = file, .status = score.status};
    write_conductor(&writer, &score, title);
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
