// SPDX-License-Identifier: MIT

#include "quality/fluid.h"

#include <fluidsynth.h>
#include <stdlib.h>

enum { DRUM_CHANNEL = 9, BANK_DRUMS = 128, DEFAULT_ORDER = 4 };

// FluidSynth drops fractions of cents, and its sums of whole cents come out a rounding error below
// the cent at times: this little above keeps it from playing a whole cent flat there.
static const double rounding_cents = .001;

struct fluid {
    fluid_settings_t *settings;
    fluid_synth_t *synth;
    int font;
    int channel; // Of the note that is played.
    int key;
    struct fluid_config config;
};

static fluid_settings_t *settings_of(const struct fluid_config *config)
{
    fluid_settings_t *const settings = new_fluid_settings();
    fluid_settings_setnum(settings, "synth.sample-rate", STEM_RATE_HZ);
    fluid_settings_setnum(settings, "synth.gain", config->gain > 0 ? config->gain : .2);
    fluid_settings_setint(settings, "synth.polyphony", 256);
    fluid_settings_setint(settings, "synth.reverb.active", 0);
    fluid_settings_setint(settings, "synth.chorus.active", 0);
    fluid_settings_setint(settings, "synth.threadsafe-api", 0);
    fluid_settings_setint(settings, "synth.lock-memory", 0);
    return settings;
}

struct fluid *fluid_open(const char *font, const struct fluid_config *config)
{
    static const struct fluid_config defaults;
    struct fluid *const fluid = calloc(1, sizeof(*fluid));
    if (!fluid) {
        return NULL;
    }
    fluid_set_log_function(FLUID_WARN, NULL, NULL);
    fluid_set_log_function(FLUID_INFO, NULL, NULL);
    fluid->config = config ? *config : defaults;
    fluid->settings = settings_of(&fluid->config);
    fluid->synth = new_fluid_synth(fluid->settings);
    fluid->font = fluid->synth ? fluid_synth_sfload(fluid->synth, font, 0) : FLUID_FAILED;
    if (fluid->font == FLUID_FAILED) {
        fluid_close(fluid);
        return NULL;
    }
    const int order = fluid->config.interpolation ? fluid->config.interpolation : DEFAULT_ORDER;
    fluid_synth_set_interp_method(fluid->synth, -1, order);
    return fluid;
}

void fluid_close(struct fluid *fluid)
{
    if (!fluid) {
        return;
    }
    if (fluid->synth) {
        delete_fluid_synth(fluid->synth);
    }
    delete_fluid_settings(fluid->settings);
    free(fluid);
}

size_t fluid_presets(struct fluid *fluid, struct stem_note *presets, size_t max)
{
    fluid_sfont_t *const font = fluid_synth_get_sfont_by_id(fluid->synth, fluid->font);
    size_t count = 0;
    fluid_sfont_iteration_start(font);
    for (fluid_preset_t *preset = fluid_sfont_iteration_next(font); preset;
         preset = fluid_sfont_iteration_next(font)) {
        if (count < max) {
            presets[count] = (struct stem_note){.bank = (uint16_t)fluid_preset_get_banknum(preset),
                                                .program = (uint8_t)fluid_preset_get_num(preset)};
        }
        ++count;
    }
    return count;
}

const char *fluid_preset_name_of(struct fluid *fluid, uint16_t bank, uint8_t program)
{
    fluid_sfont_t *const font = fluid_synth_get_sfont_by_id(fluid->synth, fluid->font);
    fluid_preset_t *const preset = fluid_sfont_get_preset(font, bank, program);
    return preset ? fluid_preset_get_name(preset) : "";
}

static void render_block(void *context, float *left, float *right)
{
    const struct fluid *const fluid = context;
    fluid_synth_write_float(fluid->synth, STEM_BLOCK_FRAMES, left, 0, 1, right, 0, 1);
}

static void render_blocks(struct fluid *fluid, int count)
{
    float left[STEM_BLOCK_FRAMES];
    float right[STEM_BLOCK_FRAMES];
    for (int i = 0; i < count; ++i) {
        render_block(fluid, left, right);
    }
}

static void play(struct fluid *fluid, const struct stem_note *note)
{
    fluid->channel = note->bank == BANK_DRUMS ? DRUM_CHANNEL : 0;
    fluid->key = note->key;
    fluid_synth_program_select(fluid->synth, fluid->channel, fluid->font, note->bank,
                               note->program);
    fluid_synth_set_gen(fluid->synth, fluid->channel, GEN_FINETUNE,
                        (float)(fluid->config.sharp_cents + rounding_cents));
    fluid_synth_set_gen(fluid->synth, fluid->channel, GEN_VOLENVRELEASE,
                        (float)fluid->config.release_timecents);
    fluid_synth_noteon(fluid->synth, fluid->channel, note->key, note->velocity);
}

static void silence(struct fluid *fluid)
{
    fluid_synth_all_sounds_off(fluid->synth, -1);
    render_blocks(fluid, 2);
}

bool fluid_sounds(struct fluid *fluid, const struct stem_note *note)
{
    silence(fluid);
    play(fluid, note);
    const bool sounds = fluid_synth_get_active_voice_count(fluid->synth) > 0;
    silence(fluid);
    return sounds;
}

static void note_off(void *context)
{
    const struct fluid *const fluid = context;
    fluid_synth_noteoff(fluid->synth, fluid->channel, fluid->key);
}

// A voice's pan gains start from what its slot had before, and reach the note's own within the
// first block. So the note is played once unheard: the second one has its own pan from its first
// frame.
void fluid_render(struct fluid *fluid, const struct stem_note *note, struct stem *stem)
{
    silence(fluid);
    play(fluid, note);
    render_blocks(fluid, 2);
    silence(fluid);
    play(fluid, note);
    stem_render(stem, fluid, render_block, note_off);
    silence(fluid);
}
