// SPDX-License-Identifier: MIT

// Track 0 of a song, and how its tracks are written.

#include "base/math.h"
#include "base/units.h"
#include "session/feels_private.h"
#include "session/song_private.h"

void km_song_add_event(struct km_song_writer *writer, struct km_event event)
{
    if (writer->status == KM_OK) {
        writer->status = km_midi_file_add(writer->file, writer->track, event);
    }
}

void km_song_add_text(struct km_song_writer *writer, uint64_t tick, enum km_meta type,
                      const char *text)
{
    if (writer->status == KM_OK) {
        writer->status = km_midi_file_add_text(writer->file, writer->track, tick, type, text);
    }
}

void km_song_add_track(struct km_song_writer *writer)
{
    if (writer->status == KM_OK) {
        writer->status = km_midi_file_add_track(writer->file);
    }
    writer->track = writer->file->track_count - 1;
}

void km_song_end_track(struct km_song_writer *writer, uint64_t length)
{
    km_song_add_event(writer, (struct km_event){.tick = length, .type = KM_EVENT_END_OF_TRACK});
    if (writer->status == KM_OK) {
        writer->status = km_midi_track_sort(writer->file, writer->track);
    }
}

static void add_tempo(struct km_song_writer *writer, uint64_t tick, double bpm)
{
    const int64_t microseconds = km_round(KM_MICROSECONDS_PER_MINUTE / bpm);
    km_song_add_event(
        writer,
        (struct km_event){.tick = tick, .type = KM_EVENT_TEMPO, .detail = (uint32_t)microseconds});
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

static void add_tempi(struct km_song_writer *writer, const struct km_score *score)
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
void km_song_write_conductor(struct km_song_writer *writer, const struct km_score *score,
                             const char *title)
{
    const struct km_harmony_plan *const plan = score->plan;
    km_song_add_track(writer);
    if (title) {
        km_song_add_text(writer, 0, KM_META_TRACK_NAME, title);
    }
    const uint32_t clocks = (score->pulse_starts[1] - score->pulse_starts[0]) * 24U / KM_PPQ;
    km_song_add_event(writer, (struct km_event){.type = KM_EVENT_TIME_SIGNATURE,
                                                .number = plan->beats_per_bar,
                                                .value = log2_of(plan->beat_unit),
                                                .detail = clocks | 8U << 8U});
    km_song_add_event(
        writer, (struct km_event){.type = KM_EVENT_KEY_SIGNATURE,
                                  .number = (uint8_t)(int8_t)km_key_signature(plan->key),
                                  .value = km_mode_is_minor((enum km_mode)plan->key.mode) ? 1 : 0});
    add_tempi(writer, score);
    for (int i = 0; i < plan->section_count; ++i) {
        const struct km_plan_section *const section = &plan->sections[i];
        km_song_add_text(writer, (uint64_t)section->first_bar * score->bar_ticks, KM_META_MARKER,
                         km_section_name((enum km_section_kind)section->kind));
    }
    km_song_end_track(writer, score->length);
}
