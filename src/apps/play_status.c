// SPDX-License-Identifier: MIT

// What play says: the line while it plays, the summary after it.

#include "apps/midi_files.h"
#include "apps/play_private.h"
#include "base/math.h"
#include "base/text.h"

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
static void format_live(struct km_player *player, char text[KM_PLAY_LINE_SIZE])
{
    const struct km_engine_status *const status = &player->status;
    const struct km_harmony_plan *const plan = km_live_plan(player->live, status);
    char scales[KM_LIVE_SCALES_COUNT][KM_TEXT_REAL_SIZE];
    for (int i = 0; i < KM_LIVE_SCALES_COUNT; ++i) {
        km_text_format_real(scales[i], km_live_get(player->live, (enum km_live_scale)i), 1);
    }
    text[0] = '\0';
    const uint32_t section = status->section & KM_LIVE_SECTION_MASK;
    if (plan && section < plan->section_count && status->chord < plan->chord_count) {
        (void)snprintf(text, KM_PLAY_LINE_SIZE, "%-7s %-10s v %s a %s c %s u %s  ",
                       plan->chords[status->chord].symbol,
                       km_section_name((enum km_section_kind)plan->sections[section].kind),
                       scales[KM_LIVE_VALENCE], scales[KM_LIVE_AROUSAL], scales[KM_LIVE_CHAOS],
                       scales[KM_LIVE_VULNERABILITY]);
    }
}

void km_play_format(struct km_player *player, char line[KM_PLAY_LINE_SIZE])
{
    const struct km_engine_status *const status = &player->status;
    const struct km_driver_status driver = km_driver_status(player->driver);
    const uint32_t seconds = (uint32_t)status->seconds;
    const float peak =
        status->peak_left > status->peak_right ? status->peak_left : status->peak_right;
    char live[KM_PLAY_LINE_SIZE] = "";
    if (player->live) {
        format_live(player, live);
    }
    (void)snprintf(line, KM_PLAY_LINE_SIZE,
                   "%s %u:%02u bar %u  %.120s%3" PRIu32 " voices %3d%% %4d dB"
                   "  A: %" PRIu64 " stolen %" PRIu64 " starved %" PRIu64 " late %" PRIu64
                   " xruns %" PRIu64 " broken",
                   state_word(player), seconds / 60, seconds % 60, status->bar + 1, live,
                   status->voices, (int)(100.0f * driver.load + 0.5f), decibels(peak),
                   status->synth.voices_stolen, status->starvations, status->events_late,
                   driver.xruns, status->guard_events);
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
