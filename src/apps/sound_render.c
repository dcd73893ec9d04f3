// SPDX-License-Identifier: MIT

#include "apps/sound_render.h"

#include "apps/progress.h"
#include "engine/instruments.h"
#include "engine/process.h"
#include "heap/heap.h"

#include <string.h>
#include <strings.h>
#include <time.h>

// A run of the renderer; what is null is not there yet.
struct render {
    struct km_sound *sound;
    const struct km_render_config *config;
    struct km_render_result *result;
    struct km_feed *feed;
    struct km_audio_file *file;
    struct km_loudness *loudness;
    struct km_progress progress;
    uint32_t block_frames;
    float *left, *right;
};

static double now_seconds(void)
{
    struct timespec now = {0};
    (void)clock_gettime(CLOCK_MONOTONIC, &now); // Cannot fail with this clock.
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

enum km_status km_render_check_path(const char *path, struct km_error *error)
{
    static const char *const endings[] = {".wav", ".flac", ".ogg"};
    const char *const dot = strrchr(path, '.');
    for (size_t i = 0; dot && i < sizeof(endings) / sizeof(endings[0]); ++i) {
        if (strcasecmp(dot, endings[i]) == 0) {
            return KM_OK;
        }
    }
    return km_error_set(error, KM_ERROR_UNSUPPORTED,
                        "%s: the name must end in .wav, .flac or .ogg: it says what is written",
                        path);
}

enum km_status km_render_encoding(const char *word, enum km_audio_encoding *encoding,
                                  struct km_error *error)
{
    static const struct {
        const char *word;
        enum km_audio_encoding encoding;
    } words[] = {{"16", KM_AUDIO_INT16}, {"24", KM_AUDIO_INT24}, {"float", KM_AUDIO_FLOAT}};
    *encoding = KM_AUDIO_DEFAULT;
    if (!word) {
        return KM_OK;
    }
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); ++i) {
        if (strcmp(word, words[i].word) == 0) {
            *encoding = words[i].encoding;
            return KM_OK;
        }
    }
    return km_error_set(error, KM_ERROR_INVALID,
                        "there are no samples of '%.32s' bits: 16, 24 or float was expected", word);
}

static enum km_status open_all(struct render *render, struct km_error *error)
{
    struct km_sound *const sound = render->sound;
    const struct km_render_config *const config = render->config;
    const struct km_audio_file_config file = {
        .rate_hz = sound->rate_hz, .encoding = config->encoding, .title = config->title};
    render->left = km_heap_allocate_array(sound->heap, KM_ACCOUNT_WORKING, render->block_frames,
                                          sizeof(float));
    render->right = km_heap_allocate_array(sound->heap, KM_ACCOUNT_WORKING, render->block_frames,
                                           sizeof(float));
    if (!render->left || !render->right) {
        return km_heap_refusal(sound->heap, error);
    }
    const struct km_feed_config feed = {.source = config->source,
                                        .engine = sound->engine,
                                        .instruments = sound->instruments,
                                        .epoch = ++sound->epoch};
    enum km_status status = km_feed_new(sound->heap, &feed, &render->feed, error);
    if (status == KM_OK) {
        status = km_audio_file_create(sound->heap, config->path, &file, &render->file, error);
    }
    if (status == KM_OK) {
        const enum km_status loud = km_loudness_new(sound->heap, sound->rate_hz, &render->loudness,
                                                    &render->result->loudness_error);
        render->result->has_loudness = loud == KM_OK;
    }
    return status;
}

static void close_all(struct render *render)
{
    struct km_heap *const heap = render->sound->heap;
    km_progress_end(&render->progress);
    km_loudness_free(render->loudness);
    km_feed_free(render->feed);
    km_heap_release(heap, render->left);
    km_heap_release(heap, render->right);
}

static enum km_status begin(struct render *render, struct km_error *error)
{
    struct km_engine *const engine = render->sound->engine;
    const struct km_render_config *const config = render->config;
    bool is_ready = km_engine_set_mutes(engine, config->mutes);
    if (config->production) {
        is_ready = is_ready &&
                   km_engine_set_production(engine, config->production, config->pitch_drift_cents);
    }
    if (!is_ready || !km_engine_play(engine)) {
        return km_error_set(error, KM_ERROR_NO_SPACE, "the audio engine takes no orders");
    }
    return KM_OK;
}

static enum km_status feed(struct render *render, struct km_error *error)
{
    bool is_done = false;
    const enum km_status status = km_instruments_collect(render->sound->instruments, error);
    return status == KM_OK ? km_feed_pump(render->feed, &is_done, error) : status;
}

static enum km_status keep(struct render *render, uint32_t frames, struct km_error *error)
{
    render->result->frames += frames;
    if (render->loudness &&
        km_loudness_add(render->loudness, render->left, render->right, frames) != KM_OK) {
        return km_error_set(error, KM_ERROR_NO_MEMORY, "the loudness meter has no memory");
    }
    return km_audio_file_write(render->file, render->left, render->right, frames, error);
}

// How many frames of the block that was just made are the file's: its end, and so its length, does
// not depend on the block.
static uint32_t frames_to_keep(const struct render *render, const struct km_engine_status *now,
                               bool *is_ended)
{
    const uint64_t before = render->result->frames;
    const uint64_t after = before + render->block_frames;
    const double longest = render->config->seconds * 4.0 + KM_RENDER_TAIL_SECONDS_MAX;
    if (now->transport == KM_TRANSPORT_ENDED && after >= now->ended) {
        *is_ended = true;
        return now->ended > before ? (uint32_t)(now->ended - before) : 0;
    }
    *is_ended = (double)after / render->sound->rate_hz > longest;
    return render->block_frames;
}

static enum km_status step(struct render *render, bool *is_ended, struct km_error *error)
{
    struct km_engine *const engine = render->sound->engine;
    enum km_status status = feed(render, error);
    if (status != KM_OK) {
        return status;
    }
    km_engine_process(engine, &(const struct km_audio_block){.left = render->left,
                                                             .right = render->right,
                                                             .frames = render->block_frames});
    const struct km_engine_status now = km_engine_status(engine);
    render->result->synth = now.synth;
    render->result->events_late = now.events_late;
    render->result->starvations = now.starvations;
    km_progress_tell(&render->progress, (uint64_t)(now.seconds * 1000.0),
                     (uint64_t)(render->config->seconds * 1000.0));
    const uint32_t frames = frames_to_keep(render, &now, is_ended);
    return frames > 0 ? keep(render, frames, error) : KM_OK;
}

static enum km_status run(struct render *render, struct km_error *error)
{
    enum km_status status = open_all(render, error);
    status = status == KM_OK ? begin(render, error) : status;
    bool is_ended = false;
    while (status == KM_OK && !is_ended) {
        status = step(render, &is_ended, error);
    }
    if (status == KM_OK && render->loudness) {
        render->result->loudness = km_loudness_result(render->loudness);
    }
    return status;
}

enum km_status km_sound_render(struct km_sound *sound, const struct km_render_config *config,
                               struct km_audio_file **file, struct km_render_result *result,
                               struct km_error *error)
{
    struct render render = {.sound = sound, .config = config, .result = result};
    const double start = now_seconds();
    *result = (struct km_render_result){.frames = 0};
    render.block_frames =
        config->block_frames > 0 ? config->block_frames : (uint32_t)KM_RENDER_BLOCK_DEFAULT;
    km_progress_start(&render.progress, config->path);
    const enum km_status status = run(&render, error);
    close_all(&render);
    if (status != KM_OK) {
        km_audio_file_discard(render.file);
        return status;
    }
    result->seconds = (double)result->frames / sound->rate_hz;
    result->render_seconds = now_seconds() - start;
    *file = render.file;
    return KM_OK;
}
