// SPDX-License-Identifier: MIT

// How many voices one core can play at 48 kHz in quanta of 64 frames, notes coming and going,
// effects off; how evenly; and what the effects cost. FluidSynth plays the same notes of the same
// font in the same run.

#include "synth_load.h"

#include <stdio.h>
#include <stdlib.h>

enum { VOICES_MANY = 5500, VOICES_SOME = 500 };

struct bench {
    struct km_bench *report;
    struct synth_bench *ours;
    double notes_per_voice; // Notes per second for each voice that is to sound.
    double warm_seconds;
    double seconds;
};

static struct load_figures play(const struct bench *bench, const struct player *player,
                                double voices, double seconds)
{
    struct load load =
        load_coming_and_going(voices * bench->notes_per_voice, bench->warm_seconds + seconds + 1.0);
    load_set_programs(player, false);
    const struct load_figures figures = load_play(&load, player, bench->warm_seconds, seconds);
    load_free(&load);
    return figures;
}

static struct load_figures play_held(const struct bench *bench, const struct player *player)
{
    struct load load = load_held();
    load_set_programs(player, true);
    const struct load_figures figures = load_play(&load, player, 0.5, bench->seconds);
    load_free(&load);
    return figures;
}

static struct player player_of(const struct bench *bench, enum km_interpolation interpolation)
{
    return synth_bench_player(bench->ours, interpolation, KM_VECTOR_BEST);
}

// How many notes it takes follows from the font, and is not quite in proportion: notes of one key
// end each other.
static void calibrate(struct bench *bench)
{
    bench->notes_per_voice = 0.7;
    for (int i = 0; i < 2; ++i) {
        const struct player player = player_of(bench, KM_INTERPOLATION_LINEAR);
        const double voices = play(bench, &player, VOICES_MANY, bench->seconds / 3.0).voices;
        bench->notes_per_voice *= voices > 1.0 ? VOICES_MANY / voices : 1.0;
    }
}

static struct player new_player(void *context)
{
    return player_of(context, KM_INTERPOLATION_4POINT);
}

// Many blocks, for what happens once in a thousand is to be seen a few times.
static void measure_blocks(struct bench *bench, double wanted)
{
    const double most = KM_SYNTH_VOICES_MAX * 0.9;
    const double seconds[2] = {bench->warm_seconds, 3.0 * bench->seconds};
    struct load load = load_coming_and_going(
        (wanted < most ? wanted : most) * bench->notes_per_voice, seconds[0] + seconds[1] + 1.0);
    const struct load_figures even = load_play_evenly(&load, new_player, bench, seconds);
    load_free(&load);
    km_bench_metric(bench->report, "block_p999_us", even.p999_us, "us");
    km_bench_metric(bench->report, "block_p999_percent",
                    even.p999_us * (LOAD_QUANTA_PER_SECOND / 1e4), "% of a block");
    km_bench_metric(bench->report, "block_median_us", even.median_us, "us");
    km_bench_metric(bench->report, "block_voices", even.voices, "voices");
}

static void measure_ours(struct bench *bench)
{
    struct player player = player_of(bench, KM_INTERPOLATION_4POINT);
    const struct load_figures many = play(bench, &player, VOICES_MANY, bench->seconds);
    km_bench_metric(bench->report, "voices_4point", many.voices_per_core, "voices");
    km_bench_metric(bench->report, "voices_sounding", many.voices, "voices");
    player = player_of(bench, KM_INTERPOLATION_LINEAR);
    km_bench_metric(bench->report, "voices_linear",
                    play(bench, &player, VOICES_MANY, bench->seconds).voices_per_core, "voices");
    player = player_of(bench, KM_INTERPOLATION_7POINT);
    km_bench_metric(bench->report, "voices_7point",
                    play(bench, &player, VOICES_MANY, bench->seconds).voices_per_core, "voices");
    player = player_of(bench, KM_INTERPOLATION_4POINT);
    km_bench_metric(bench->report, "voices_4point_of_500",
                    play(bench, &player, VOICES_SOME, bench->seconds).voices_per_core, "voices");
    player = player_of(bench, KM_INTERPOLATION_4POINT);
    km_bench_metric(bench->report, "voices_4point_held", play_held(bench, &player).voices_per_core,
                    "voices");
    measure_blocks(bench, many.voices_per_core / 2.0);
}

#ifdef BENCH_SYNTH_FLUIDSYNTH
static void measure_fluidsynth(struct bench *bench)
{
    if (km_bench_is_quick(bench->report)) { // valgrind, which would tell of its libraries' leaks.
        km_bench_without(bench->report, "fluidsynth", "--quick");
        return;
    }
    struct fluid_bench *const fluid = fluid_bench_new(synth_bench_font_path(bench->ours));
    if (!fluid) {
        km_bench_without(bench->report, "fluidsynth", "it does not start");
        return;
    }
    struct player player = fluid_bench_player(fluid);
    km_bench_peer(bench->report, "fluidsynth", "voices_4point_of_500",
                  play(bench, &player, VOICES_SOME, bench->seconds).voices_per_core);
    player = fluid_bench_player(fluid);
    km_bench_peer(bench->report, "fluidsynth", "voices_4point_held",
                  play_held(bench, &player).voices_per_core);
    player = fluid_bench_player(fluid);
    const struct load_figures many = play(bench, &player, VOICES_MANY, bench->seconds);
    km_bench_peer(bench->report, "fluidsynth", "voices_4th", many.voices_per_core);
    km_bench_peer(bench->report, "fluidsynth", "voices_sounding", many.voices);
    fluid_bench_free(fluid);
}
#endif

int main(int argument_count, char **arguments)
{
    struct bench bench = {
        .report = km_bench_start("synth", "voices on one core, 48 kHz, quanta of 64 frames",
                                 argument_count, arguments)};
    const bool is_quick = km_bench_is_quick(bench.report);
    bench.warm_seconds = is_quick ? 0.02 : 2.5;
    bench.seconds = is_quick ? 0.02 : 3.0;
    const char *why = NULL;
    bench.ours = synth_bench_new(&why);
    if (bench.ours) {
        calibrate(&bench);
        measure_ours(&bench);
#ifdef BENCH_SYNTH_FLUIDSYNTH
        measure_fluidsynth(&bench);
#else
        km_bench_without(bench.report, "fluidsynth",
                         "not in this build (Debian: libfluidsynth-dev)");
#endif
        synth_bench_free(bench.ours);
    } else {
        km_bench_without(bench.report, "synth", why);
    }
    km_bench_metric(bench.report, "effects_percent", synth_effects_percent(bench.report),
                    "% of a core");
    synth_kernels(bench.report);
    return km_bench_finish(bench.report);
}
