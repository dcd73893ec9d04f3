// SPDX-License-Identifier: MIT

/// What the commands share that make sound: a font, an engine of the right size, its instruments,
/// and the gain that brings the music to its loudness.
#ifndef KM_APPS_SOUND_H
#define KM_APPS_SOUND_H

#include "apps/command.h"
#include "base/input.h"
#include "base/status.h"
#include "engine/control.h"
#include "engine/feed.h"
#include "engine/setup.h"
#include "rt/block.h"

#include <stddef.h>
#include <stdint.h>

struct km_bank;
struct km_font;
struct km_instruments;

enum {
    KM_SOUND_PATH_SIZE = 4096,
    KM_SOUND_RATE_DEFAULT = 48000,
    KM_SOUND_VOICES_DEFAULT = 256,
    KM_SOUND_SEED = 1, ///< Of pitch drift and room noise.
};

/// Wanted loudness of music that nobody gave a gain: integrated, in LUFS.
#define KM_SOUND_LUFS_TARGET (-16.0)

/// Of music that is too large to be read before it is heard: about that of composed songs, or less
/// gain than they get where it is dense.
#define KM_SOUND_LUFS_ASSUMED (-28.0)

/// The options of sound, as they were given: a command's settings struct begins with this.
struct km_sound_settings {
    const char *soundfont;
    const char *interpolation;
    int64_t rate, voices, sample_memory; ///< The last in MiB; 0: what the music needs.
    double gain_db;                      ///< Added to what brings the music to its loudness.
    bool without_reverb, without_chorus, without_limiter;
};

#define KM_SOUND_DEFAULTS                                                                          \
    {                                                                                              \
        .rate = KM_SOUND_RATE_DEFAULT, .voices = KM_SOUND_VOICES_DEFAULT                           \
    }

/// The options' rows; `base` is the offset of the settings of sound in the command's.
#define KM_SOUND_OPTION(kind_of, field)                                                            \
    .kind = KM_OPTION_##kind_of, .offset = offsetof(struct km_sound_settings, field),              \
    .given_offset = KM_OPTION_NOT_NOTED
#define KM_SOUND_OPTIONS                                                                           \
    {KM_SOUND_OPTION(TEXT, soundfont), .name = "--soundfont", .argument = "FONT.sf2",              \
     .help = "play with this SoundFont (default: KMIDI_SOUNDFONT, or Debian's)"},                  \
        {KM_SOUND_OPTION(INTEGER, rate),                                                           \
         .name = "--rate",                                                                         \
         .argument = "HZ",                                                                         \
         .low = KM_RATE_MIN,                                                                       \
         .high = KM_RATE_MAX,                                                                      \
         .help = "sample rate, 44100 to 192000 (default 48000)"},                                  \
        {KM_SOUND_OPTION(INTEGER, voices),                                                         \
         .name = "--voices",                                                                       \
         .argument = "N",                                                                          \
         .low = 1,                                                                                 \
         .high = KM_SYNTH_VOICES_MAX,                                                              \
         .help = "polyphony, 1 to 8192 (default 256)"},                                            \
        {KM_SOUND_OPTION(TEXT, interpolation), .name = "--interpolation", .argument = "WAY",       \
         .help = "linear, 4 or 7 points (default 4)"},                                             \
        {KM_SOUND_OPTION(INTEGER, sample_memory),                                                  \
         .name = "--sample-memory",                                                                \
         .argument = "MB",                                                                         \
         .low = 1,                                                                                 \
         .high = 1024,                                                                             \
         .help = "memory for samples (default: what the music needs, within the audio budget)"},   \
        {KM_SOUND_OPTION(REAL, gain_db),                                                           \
         .name = "--gain",                                                                         \
         .argument = "DB",                                                                         \
         .low = -60.0,                                                                             \
         .high = 30.0,                                                                             \
         .help = "louder or softer than about -16 LUFS"},                                          \
        {KM_SOUND_OPTION(FLAG, without_reverb), .name = "--no-reverb", .help = "without reverb"},  \
        {KM_SOUND_OPTION(FLAG, without_chorus), .name = "--no-chorus", .help = "without chorus"},  \
    {                                                                                              \
        KM_SOUND_OPTION(FLAG, without_limiter), .name = "--no-limiter",                            \
                                                .help = "without the limiter: may exceed 0 dB"     \
    }

/// Everything that makes sound; zero-initialise. What is null is not there yet.
struct km_sound {
    const struct km_sound_settings *settings;
    struct km_heap *heap;
    struct km_font *font;
    struct km_engine *engine;
    struct km_bank *bank;
    struct km_instruments *instruments;
    uint32_t rate_hz;
    uint32_t epoch; ///< Of the last feed; the next one's is higher.
    double lufs;    ///< Estimated, before any gain; minus infinity: not estimated, or silence.
    float gain;     ///< That brings the music to its loudness, --gain included.
    char font_path[KM_SOUND_PATH_SIZE];
};

/// The interpolation by its word; null is the default.  [any]
KM_NODISCARD enum km_status km_sound_interpolation(const char *word,
                                                   enum km_interpolation *interpolation,
                                                   struct km_error *error);

/// Finds and opens the font.  [control]
KM_NODISCARD enum km_status km_sound_open(struct km_sound *sound, struct km_heap *heap,
                                          const struct km_sound_settings *settings,
                                          struct km_error *error);

/// Builds an engine whose sample pool holds what `scan` says (null: not known; the whole font, as
/// far as the audio budget goes), and loads it. A font that the budget does not hold is refused by
/// name, size, budget and remedy.  [control]
KM_NODISCARD enum km_status km_sound_build(struct km_sound *sound, uint32_t rate_hz,
                                           const struct km_feed_scan *scan, struct km_error *error);

/// Estimates how loud `source` is, with its production (null: none; given its gain here), and sets
/// the gain for it: from the next block on.  [control]
KM_NODISCARD enum km_status km_sound_level(struct km_sound *sound,
                                           const struct km_feed_source *source,
                                           struct km_production *production,
                                           struct km_error *error);

/// The gain for music whose loudness nobody has estimated. The engine is not told.  [control]
void km_sound_assume_level(struct km_sound *sound);

/// Gives back engine, bank and instruments; the font stays.  [control]
void km_sound_close_engine(struct km_sound *sound);

/// Gives all back.  [control]
void km_sound_close(struct km_sound *sound);

/// A MIDI file that is played: opened, merged, scanned.
struct km_sound_music {
    struct km_input input;
    struct km_midi_merged *merged;
    struct km_feed_source source;
    struct km_feed_scan scan;
    bool is_scanned;
};

/// Opens a file ("-": standard input) and scans it, unless it has more than so many bytes; clips
/// and what is no MIDI are refused.  [control]
KM_NODISCARD enum km_status km_sound_music_open(struct km_sound_music *music, struct km_heap *heap,
                                                const char *path, uint64_t scanned_max,
                                                struct km_error *error);

/// Gives back what km_sound_music_open took; nothing happens to one that was never
/// opened, if it was zero-initialised.  [control]
void km_sound_music_close(struct km_sound_music *music);

#endif
