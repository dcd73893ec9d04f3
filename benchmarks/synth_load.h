// SPDX-License-Identifier: MIT

/// What bench_synth plays, and how it measures whoever plays it.
#ifndef KM_BENCHMARKS_SYNTH_LOAD_H
#define KM_BENCHMARKS_SYNTH_LOAD_H

#include "harness.h"
#include "midi/event.h"
#include "synth/synth.h"

#include <stddef.h>
#include <stdint.h>

enum { LOAD_RATE_HZ = 48000, LOAD_QUANTA_PER_SECOND = LOAD_RATE_HZ / KM_QUANTUM_FRAMES };

/// Notes in the order of time; `tick` of an event is its frame.
struct load {
    struct km_event *events;
    size_t count;
};

/// Who plays a load.
struct player {
    void *context;
    void (*event)(void *context, const struct km_event *event, uint32_t offset);
    void (*render)(void *context);     ///< The next KM_QUANTUM_FRAMES frames.
    uint32_t (*voices)(void *context); ///< That sound.
};

struct load_figures {
    double voices_per_core; ///< Voices sounding / seconds of CPU time a second of audio takes.
    double voices;          ///< That sounded, on average.
    double p999_us;         ///< Of a quantum's CPU time, events included.
    double median_us;
};

enum { LOAD_PASSES = 5 };

/// The programs of the sixteen channels: pianos, guitar, strings, brass, winds, pad, drums.
extern const uint8_t load_programs[KM_CHANNELS_COUNT];

/// Notes that come and go on all channels, `notes_per_second` together, of .5 to 1.5 s.
struct load load_coming_and_going(double notes_per_second, double seconds);

/// Notes of looped sounds (strings and a pad) that all begin at once and are held.
struct load load_held(void);

void load_free(struct load *load);

/// Programs of each channel, as events to be sent before the load; for load_held if `is_held`.
void load_set_programs(const struct player *player, bool is_held);

/// Plays the load: `warm_seconds` that do not count, then `seconds` that do.
struct load_figures load_play(const struct load *load, const struct player *player,
                              double warm_seconds, double seconds);

/// Plays the load LOAD_PASSES times, each time with a new player that does the same; of each
/// quantum's times the least counts, for what other programs take is not the player's. `new_player`
/// makes them.
struct load_figures load_play_evenly(const struct load *load, struct player (*new_player)(void *),
                                     void *context, const double seconds[2]);

/// Our synth with the font's instruments; null if there is no font, and says why in `why`.
struct synth_bench;
struct synth_bench *synth_bench_new(const char **why);
void synth_bench_free(struct synth_bench *bench);
const char *synth_bench_font_path(const struct synth_bench *bench);

/// Begins anew with this interpolation and path.
struct player synth_bench_player(struct synth_bench *bench, enum km_interpolation interpolation,
                                 enum km_vector_path path);

/// What part of a core reverb, chorus and limiter take together, in percent.
double synth_effects_percent(const struct km_bench *report);

/// How long the arithmetic alone takes, for each path.
void synth_kernels(struct km_bench *report);

#ifdef BENCH_SYNTH_FLUIDSYNTH
/// The peer: FluidSynth, fourth order, effects off, one core.
struct fluid_bench;
struct fluid_bench *fluid_bench_new(const char *font_path);
void fluid_bench_free(struct fluid_bench *bench);
struct player fluid_bench_player(struct fluid_bench *bench);
#endif

#endif
