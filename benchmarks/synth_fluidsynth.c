// SPDX-License-Identifier: MIT

// The peer of bench_synth: FluidSynth, as a program that wants many voices of it would set it up.

#include "synth_load.h"

#include <fluidsynth.h>
#include <stdlib.h>

enum { POLYPHONY = 16384 };

struct fluid_bench {
    fluid_settings_t *settings;
    fluid_synth_t *synth;
    float left[KM_QUANTUM_FRAMES];
    float right[KM_QUANTUM_FRAMES];
};

static void play_event(void *context, const struct km_event *event, uint32_t offset)
{
    struct fluid_bench *const bench = context;
    (void)offset; // Its control rate is the same: 64 frames.
    if (event->type == KM_EVENT_NOTE_ON) {
        fluid_synth_noteon(bench->synth, event->channel, event->number, event->value);
    } else if (event->type == KM_EVENT_NOTE_OFF) {
        fluid_synth_noteoff(bench->synth, event->channel, event->number);
    } else if (event->type == KM_EVENT_PROGRAM) {
        fluid_synth_program_change(bench->synth, event->channel, event->number);
    }
}

static void render(void *context)
{
    struct fluid_bench *const bench = context;
    fluid_synth_write_float(bench->synth, KM_QUANTUM_FRAMES, bench->left, 0, 1, bench->right, 0, 1);
    km_bench_keep(bench->left);
}

static uint32_t voices(void *context)
{
    struct fluid_bench *const bench = context;
    return (uint32_t)fluid_synth_get_active_voice_count(bench->synth);
}

struct fluid_bench *fluid_bench_new(const char *font_path)
{
    static struct fluid_bench bench;
    bench = (struct fluid_bench){.settings = new_fluid_settings()};
    fluid_set_log_function(FLUID_WARN, NULL, NULL);
    fluid_settings_setnum(bench.settings, "synth.sample-rate", LOAD_RATE_HZ);
    fluid_settings_setint(bench.settings, "synth.polyphony", POLYPHONY);
    fluid_settings_setint(bench.settings, "synth.reverb.active", 0);
    fluid_settings_setint(bench.settings, "synth.chorus.active", 0);
    fluid_settings_setint(bench.settings, "synth.lock-memory", 0);
    fluid_settings_setint(bench.settings, "synth.cpu-cores", 1);
    fluid_settings_setint(bench.settings, "synth.threadsafe-api", 0); // Faster without its locks.
    bench.synth = new_fluid_synth(bench.settings);
    if (!bench.synth || fluid_synth_sfload(bench.synth, font_path, 1) < 0) {
        fluid_bench_free(&bench);
        return NULL;
    }
    fluid_synth_set_interp_method(bench.synth, -1, FLUID_INTERP_4THORDER);
    return &bench;
}

void fluid_bench_free(struct fluid_bench *bench)
{
    delete_fluid_synth(bench->synth);
    delete_fluid_settings(bench->settings);
}

struct player fluid_bench_player(struct fluid_bench *bench)
{
    fluid_synth_system_reset(bench->synth);
    return (struct player){
        .context = bench, .event = play_event, .render = render, .voices = voices};
}
