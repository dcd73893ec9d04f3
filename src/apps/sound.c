// SPDX-License-Identifier: MIT

#include "apps/sound.h"

#include "apps/midi_files.h"
#include "base/math.h"
#include "engine/instruments.h"
#include "engine/level.h"
#include "font/bank.h"
#include "font/font.h"
#include "heap/heap.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

enum {
    MEBIBYTE = 1 << 20,
    POOL_SLACK = 1 << 18, // For what a live player asks for besides: an instrument's regions.
    POOL_LEAST = 1 << 20,
    POOL_MARGIN = 1 << 16, // Of the budget: for what whole pages and alignment take.
};

#define GAIN_DB_MIN (-12.0)
#define GAIN_DB_MAX 44.0

enum km_status km_sound_interpolation(const char *word, enum km_interpolation *interpolation,
                                      struct km_error *error)
{
    static const struct {
        const char *word;
        enum km_interpolation interpolation;
    } words[] = {{"linear", KM_INTERPOLATION_LINEAR},
                 {"4", KM_INTERPOLATION_4POINT},
                 {"7", KM_INTERPOLATION_7POINT}};
    *interpolation = KM_INTERPOLATION_4POINT;
    if (!word) {
        return KM_OK;
    }
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); ++i) {
        if (strcmp(word, words[i].word) == 0) {
            *interpolation = words[i].interpolation;
            return KM_OK;
        }
    }
    return km_error_set(error, KM_ERROR_INVALID,
                        "there is no interpolation '%.32s': linear, 4 or 7 was expected", word);
}

enum km_status km_sound_open(struct km_sound *sound, struct km_heap *heap,
                             const struct km_sound_settings *settings, struct km_error *error)
{
    sound->settings = settings;
    sound->heap = heap;
    sound->lufs = -(double)INFINITY;
    sound->gain = 1.0f;
    enum km_status status =
        km_font_find(settings->soundfont, sound->font_path, sizeof(sound->font_path), error);
    if (status == KM_OK) {
        status = km_font_open(heap, sound->font_path, &sound->font, NULL, error);
    }
    return status;
}

// Bytes of pool that the music's presets need.
static uint64_t bytes_needed(const struct km_sound *sound, const struct km_feed_scan *scan)
{
    uint16_t presets[KM_SYNTH_PROGRAMS_MAX][2];
    size_t count = 0;
    for (uint32_t i = 0; i < scan->pair_count; ++i) {
        if (km_font_resolve(sound->font, scan->pairs[i][0], (uint8_t)scan->pairs[i][1],
                            presets[count])) {
            count += 1;
        }
    }
    return km_bank_bytes_needed(sound->font, (const uint16_t(*)[2])presets, count);
}

// The size of the sample pool, in bytes; in `needed` what the music alone takes.
static uint64_t pool_bytes(const struct km_sound *sound, const struct km_feed_scan *scan,
                           uint64_t *needed)
{
    *needed = scan ? bytes_needed(sound, scan) : 0;
    if (*needed == UINT64_MAX) {
        return UINT64_MAX;
    }
    if (sound->settings->sample_memory > 0) {
        return (uint64_t)sound->settings->sample_memory * MEBIBYTE;
    }
    const uint64_t bytes =
        (scan ? *needed : km_font_sample_bytes(sound->font) + MEBIBYTE) + POOL_SLACK;
    return bytes > POOL_LEAST ? bytes : (uint64_t)POOL_LEAST;
}

static enum km_status refuse(const struct km_sound *sound, uint64_t needed, uint64_t pool,
                             uint64_t room, struct km_error *error)
{
    return km_error_set(error, KM_ERROR_NO_MEMORY,
                        "%s: this music needs %" PRIu64
                        " KiB of its samples, and Side A has %" PRIu64
                        " KiB for samples (the audio budget leaves at most %" PRIu64
                        " KiB); give more with --sample-memory, or choose a smaller soundfont",
                        sound->font_path, needed / 1024, pool / 1024, room / 1024);
}

// Sizes the pool; what the budget does not hold is refused, and what is not known takes what is
// there.
static enum km_status size_pool(const struct km_sound *sound, const struct km_feed_scan *scan,
                                struct km_engine_config *config, struct km_error *error)
{
    const struct km_account_usage usage = km_heap_usage(sound->heap, KM_ACCOUNT_AUDIO);
    config->sample_pool_bytes = POOL_LEAST;
    const uint64_t besides = km_engine_size(config) - POOL_LEAST;
    const uint64_t taken = usage.current_bytes + besides + POOL_MARGIN;
    const uint64_t room = usage.budget_bytes > taken ? usage.budget_bytes - taken : 0;
    uint64_t needed = 0;
    uint64_t pool = pool_bytes(sound, scan, &needed);
    if (pool == UINT64_MAX) {
        return km_heap_refusal(sound->heap, error);
    }
    if (!scan && sound->settings->sample_memory == 0 && pool > room) {
        pool = room;
    }
    if (needed <= room && sound->settings->sample_memory > 0 && pool > room) {
        return km_error_set(error, KM_ERROR_NO_MEMORY,
                            "--sample-memory %" PRId64 ": the audio budget leaves at most %" PRIu64
                            " MB for samples",
                            sound->settings->sample_memory, room / MEBIBYTE);
    }
    if (needed > pool || pool > room) {
        return refuse(sound, needed, pool < room ? pool : room, room, error);
    }
    config->sample_pool_bytes = (size_t)pool;
    return KM_OK;
}

static enum km_status make_bank(struct km_sound *sound, struct km_error *error)
{
    size_t size = 0;
    void *const pool = km_engine_pool(sound->engine, &size);
    sound->bank = km_bank_new(sound->heap, sound->font, pool, size);
    sound->instruments =
        sound->bank ? km_instruments_new(sound->heap, sound->engine, sound->bank) : NULL;
    return sound->instruments ? KM_OK : km_heap_refusal(sound->heap, error);
}

enum km_status km_sound_build(struct km_sound *sound, uint32_t rate_hz,
                              const struct km_feed_scan *scan, struct km_error *error)
{
    const struct km_sound_settings *const settings = sound->settings;
    struct km_engine_config config = {.rate_hz = rate_hz,
                                      .voices = (uint32_t)settings->voices,
                                      .without_reverb = settings->without_reverb,
                                      .without_chorus = settings->without_chorus,
                                      .without_limiter = settings->without_limiter,
                                      .seed = KM_SOUND_SEED};
    sound->rate_hz = rate_hz;
    enum km_status status =
        km_sound_interpolation(settings->interpolation, &config.interpolation, error);
    status = status == KM_OK ? size_pool(sound, scan, &config, error) : status;
    status = status == KM_OK ? km_engine_new(sound->heap, &config, &sound->engine, error) : status;
    status = status == KM_OK ? make_bank(sound, error) : status;
    if (status == KM_OK && scan) {
        status = km_instruments_want_all(sound->instruments, scan->pairs, scan->pair_count, error);
    }
    return status;
}

// Instruments that the estimate looks at: loaded once more each, and given back after it.
struct looked_at {
    struct km_bank *bank;
    const struct km_instrument *found[KM_SYNTH_PROGRAMS_MAX];
    uint32_t count;
};

static const struct km_instrument *look(void *context, uint16_t bank, uint8_t program)
{
    struct looked_at *const at = context;
    uint16_t found_bank = 0;
    uint8_t found_program = 0;
    const struct km_instrument *instrument = NULL;
    if (!km_bank_resolve(at->bank, bank, program, &found_bank, &found_program)) {
        return NULL;
    }
    for (uint32_t i = 0; i < at->count; ++i) {
        if (at->found[i]->bank == found_bank && at->found[i]->program == found_program) {
            return at->found[i];
        }
    }
    if (at->count == KM_SYNTH_PROGRAMS_MAX ||
        km_bank_load(at->bank, found_bank, found_program, &instrument, NULL) != KM_OK) {
        return NULL;
    }
    at->found[at->count++] = instrument;
    return instrument;
}

static float gain_for(double lufs, double gain_db)
{
    double decibels = lufs > -200.0 ? KM_SOUND_LUFS_TARGET - lufs : 0.0;
    decibels = km_clamp(decibels, GAIN_DB_MIN, GAIN_DB_MAX) + gain_db;
    const double gain = km_pow(10.0, decibels / 20.0);
    return (float)km_clamp(gain, 0.0, KM_MASTER_GAIN_MAX);
}

enum km_status km_sound_level(struct km_sound *sound, const struct km_feed_source *source,
                              struct km_production *production, struct km_error *error)
{
    struct looked_at at = {.bank = sound->bank};
    struct km_level_config config = {.heap = sound->heap, .find = look, .context = &at};
    enum km_status status = km_level_of_source(&config, source, &sound->lufs, error);
    if (status == KM_OK && production) {
        // The production's own loudness hangs on the gain of what it works on.
        production->gain = gain_for(sound->lufs, 0.0);
        if (production->mud_db > 0.0f || production->drive > 0.0f) {
            config.production = production;
            status = km_level_of_source(&config, source, &sound->lufs, error);
        }
    }
    for (uint32_t i = 0; i < at.count; ++i) {
        km_bank_release(sound->bank, at.found[i]);
    }
    if (status != KM_OK) {
        return status;
    }
    sound->gain = gain_for(sound->lufs, sound->settings->gain_db);
    if (!km_engine_set_volume(sound->engine, sound->gain)) {
        return km_error_set(error, KM_ERROR_NO_SPACE, "the audio engine takes no orders");
    }
    return KM_OK;
}

void km_sound_assume_level(struct km_sound *sound)
{
    sound->lufs = -(double)INFINITY;
    sound->gain = gain_for(KM_SOUND_LUFS_ASSUMED, sound->settings->gain_db);
}

void km_sound_close_engine(struct km_sound *sound)
{
    km_instruments_free(sound->instruments);
    km_bank_free(sound->bank);
    if (sound->engine) {
        km_engine_free(sound->engine);
    }
    sound->instruments = NULL;
    sound->bank = NULL;
    sound->engine = NULL;
}

void km_sound_close(struct km_sound *sound)
{
    km_sound_close_engine(sound);
    km_font_free(sound->font);
    sound->font = NULL;
}

enum km_status km_sound_music_open(struct km_sound_music *music, struct km_heap *heap,
                                   const char *path, uint64_t scanned_max, struct km_error *error)
{
    *music = (struct km_sound_music){.input = {.file = -1}};
    const struct km_midi_reader_config config = {.is_strict = false};
    enum km_status status = km_midi_input_open(heap, path, &music->input, error);
    if (status != KM_OK) {
        return status;
    }
    status = km_midi_merged_new(heap, &music->input, &config, &music->merged, error);
    if (status != KM_OK) {
        km_input_close(&music->input);
        return km_midi_in_file(path, status, error);
    }
    music->source = km_feed_source_merged(music->merged);
    music->is_scanned = music->input.size <= scanned_max;
    if (!music->is_scanned) {
        return KM_OK;
    }
    status = km_feed_scan(&music->source, &music->scan, error);
    if (status != KM_OK) {
        km_sound_music_close(music);
        return km_midi_in_file(path, status, error);
    }
    return KM_OK;
}

void km_sound_music_close(struct km_sound_music *music)
{
    if (!music->merged) {
        return; // It was never opened.
    }
    km_midi_merged_free(music->merged);
    km_input_close(&music->input);
    music->merged = NULL;
}
