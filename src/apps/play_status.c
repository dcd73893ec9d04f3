// SPDX-License-Identifier: MIT

// What play says: the line while it plays, the summary after it.

#include "apps/midi_files.h"
#include "apps/play_private.h"
#include "base/math.h"
#include "base/text.h"
#include "midi/division.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>

static const char *state_word(const struct km_player *player)
{
    switch (player->status.transport) {
    case KM_TRANSPORT_PLAYING:
        return "playing";
    case KM_TRANSPORT_PAUSED:
        return "paused";
    case KM_TRANSPORT_ENDED:
        return "ended";
    case KM_TRANSPORT_STOPPED:
    default:
        return "stopped";
    }
}

static int decibels(float peak)
{
    return peak > 1e-5f ? (int)km_round(20.0 * km_log((double)peak) / km_log(10.0)) : -100;
}

// What the live composer plays now: its section and chord, and how the scales stand.
static void format_live(struct km_player *player, bool is_short, char text[KM_PLAY_LINE_SIZE])
{
    const struct km_engine_status *const status = &player->status;
    const struct km_harmony_plan *const plan = km_live_plan(player->live, status);
    char scales[KM_LIVE_SCALES_COUNT][KM_TEXT_REAL_SIZE];
    for (int i = 0; i < KM_LIVE_SCALES_COUNT; ++i) {
        km_text_format_real(scales[i], km_live_get(player->live, (enum km_live_scale)i), 1);
    }
    text[0] = '\0';
    const uint32_t section = status->section & KM_LIVE_SECTION_MASK;
    if (!plan || section >= plan->section_count || status->chord >= plan->chord_count) {
        return;
    }
    const char *const name = km_section_name((enum km_section_kind)plan->sections[section].kind);
    const int symbol_width = is_short ? 0 : 7;
    const int name_width = is_short ? 0 : 10;
    const int name_size = is_short ? 6 : 32;
    const char *const gap = is_short ? "" : " ";
    (void)snprintf(text, KM_PLAY_LINE_SIZE, "%-*s %-*.*s v%s%s a%s%s c%s%s u%s%s %s", symbol_width,
                   plan->chords[status->chord].symbol, name_width, name_size, name, gap,
                   scales[KM_LIVE_VALENCE], gap, scales[KM_LIVE_AROUSAL], gap,
                   scales[KM_LIVE_CHAOS], gap, scales[KM_LIVE_VULNERABILITY], gap);
}

// What is found in the file that plays: its chord and section. Of SMPTE time nothing is known.
static void format_file(const struct km_player *player, char text[KM_PLAY_LINE_SIZE])
{
    const uint16_t division = player->music.source.division;
    text[0] = '\0';
    if (division > 0 && !km_midi_division_is_smpte(division)) {
        km_play_chart_format(&player->chart, (double)player->status.tick / division, text);
    }
}

// Side A's counters; the short form leaves out those that are 0.
static void format_counters(const struct km_player *player, uint64_t xruns, bool is_short,
                            char text[KM_PLAY_LINE_SIZE])
{
    const struct km_engine_status *const status = &player->status;
    const struct {
        const char *word;
        uint64_t count;
    } counters[] = {{"stolen", status->synth.voices_stolen},
                    {"starved", status->starvations},
                    {"late", status->events_late},
                    {"xruns", xruns},
                    {"broken", status->guard_events}};
    size_t length = (size_t)snprintf(text, KM_PLAY_LINE_SIZE, "A:");
    const size_t start = length;
    for (size_t i = 0; i < sizeof(counters) / sizeof(counters[0]); ++i) {
        if (!is_short || counters[i].count > 0) { // Five of at most 29 bytes: there is room.
            length += (size_t)snprintf(text + length, KM_PLAY_LINE_SIZE - length, " %" PRIu64 " %s",
                                       counters[i].count, counters[i].word);
        }
    }
    if (length == start) {
        (void)snprintf(text + length, KM_PLAY_LINE_SIZE - length, " ok");
    }
}

void km_play_format(struct km_player *player, int columns, char line[KM_PLAY_LINE_SIZE])
{
    const struct km_engine_status *const status = &player->status;
    const struct km_driver_status driver = km_driver_status(player->driver);
    const uint32_t seconds = (uint32_t)status->seconds;
    const float peak =
        status->peak_left > status->peak_right ? status->peak_left : status->peak_right;
    int length = columns;
    // In full, or, where the terminal has no room for that, in short.
    for (int is_short = 0; is_short < 2 && length >= columns; ++is_short) {
        const bool is_brief = is_short && status->transport == KM_TRANSPORT_PLAYING;
        char live[KM_PLAY_LINE_SIZE] = "";
        char counters[KM_PLAY_LINE_SIZE];
        if (player->live) {
            format_live(player, is_short, live);
        } else {
            format_file(player, live);
        }
        format_counters(player, driver.xruns, is_short, counters);
        length = snprintf(
            line, KM_PLAY_LINE_SIZE,
            is_short ? "%s %u:%02u bar %u %.80s%" PRIu32 " voices %d%% %d dB %.120s"
                     : "%s %u:%02u bar %u  %.80s%3" PRIu32 " voices %3d%% %4d dB  %.120s",
            is_brief ? ">" : state_word(player), seconds / 60, seconds % 60, status->bar + 1, live,
            status->voices, (int)(100.0f * driver.load + 0.5f), decibels(peak), counters);
    }
}

static json_t *to_json(struct km_player *player)
{
    const struct km_engine_status *const status = &player->status;
    const struct km_driver_status driver = km_driver_status(player->driver);
    const struct km_engine_memory *const memory = km_engine_memory(player->sound.engine);
    return json_pack(
        "{s:s, s:i, s:i, s:I, s:I, s:I, s:b, s:f, s:f, s:f, s:I, s:I, s:I, s:I, s:I, s:I, s:I, "
        "s:I, s:b, s:s}",
        "driver", driver.name, "rate_hz", (int)driver.rate_hz, "block_frames",
        (int)driver.block_frames, "callbacks", (json_int_t)driver.callbacks, "expected_callbacks",
        (json_int_t)driver.expected_callbacks, "xruns", (json_int_t)driver.xruns, "is_realtime",
        (int)driver.is_realtime, "first_sound_ms", player->first_sound_ms, "seconds",
        (double)status->frames / player->sound.rate_hz, "gain", (double)player->sound.gain,
        "frames", (json_int_t)status->frames, "notes", (json_int_t)status->synth.notes_on,
        "voices_peak", (json_int_t)status->synth.voices_peak, "voices_stolen",
        (json_int_t)status->synth.voices_stolen, "starvations", (json_int_t)status->starvations,
        "events_late", (json_int_t)status->events_late, "guard_events",
        (json_int_t)status->guard_events, "side_a_bytes", (json_int_t)memory->arena_bytes,
        "is_locked", (int)memory->is_locked, "soundfont", player->sound.font_path);
}

int km_play_tell(struct km_player *player)
{
    if (player->context->wants_json) {
        return km_midi_print_json("play", to_json(player));
    }
    const struct km_engine_status *const status = &player->status;
    const struct km_driver_status driver = km_driver_status(player->driver);
    char seconds[KM_TEXT_REAL_SIZE];
    char first[KM_TEXT_REAL_SIZE];
    km_text_format_real(seconds, (double)status->frames / player->sound.rate_hz, 1);
    km_text_format_real(first, player->first_sound_ms, 0);
    printf("played %s s on %s at %" PRIu32 " Hz, first sound after %s ms\n", seconds, driver.name,
           driver.rate_hz, first);
    printf("  notes     %" PRIu64 ", at most %" PRIu32 " voices at once, %" PRIu64 " stolen\n",
           status->synth.notes_on, status->synth.voices_peak, status->synth.voices_stolen);
    printf("  Side A    %" PRIu64 " xruns, %" PRIu64 " starvations, %" PRIu64 " events late\n",
           driver.xruns, status->starvations, status->events_late);
    return KM_EXIT_DONE;
}
