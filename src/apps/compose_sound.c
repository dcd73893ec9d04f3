// SPDX-License-Identifier: MIT

// compose --wav: the song as sound, with what its plan asks of the production.

#include "apps/compose_job.h"
#include "base/input.h"
#include "engine/feed.h"
#include "heap/heap.h"

#include <string.h>

int km_compose_check_sound(const struct km_compose_settings *settings)
{
    struct km_error error = {0};
    enum km_audio_encoding encoding;
    if (!settings->wav) {
        return KM_EXIT_DONE;
    }
    if (settings->vary > 0) {
        return km_usage_error("compose", "--vary makes MIDI files: kmidi render makes sound of "
                                         "each");
    }
    if (km_render_check_path(settings->wav, &error) != KM_OK ||
        km_render_encoding(settings->bits, &encoding, &error) != KM_OK) {
        return km_usage_error("compose", "%s", error.message);
    }
    for (int i = 0; i < KM_SONG_FILES_COUNT; ++i) {
        if (settings->paths[i] && km_is_same_place(settings->paths[i], settings->wav)) {
            return km_usage_error("compose", "two files cannot both be %s", settings->wav);
        }
    }
    return KM_EXIT_DONE;
}

// A journey's stages break rules only by wish, all of them the same.
static const struct km_plan_production *production_of(const struct km_compose_job *job)
{
    return job->journey.heap ? &job->journey.stages[0].plan.production : &job->plan->production;
}

static enum km_status render(struct km_compose_job *job, const struct km_feed_source *source,
                             struct km_error *error)
{
    const struct km_compose_settings *const settings = job->settings;
    const struct km_plan_production *const plan = production_of(job);
    struct km_production production = {.mud_db = plan->mud_db,
                                       .room_noise_percent = plan->room_noise_percent,
                                       .drive = plan->drive,
                                       .width = plan->width};
    struct km_compose_sound *const sound = &job->sound;
    struct km_feed_scan *const scan =
        km_heap_allocate(job->context->heap, KM_ACCOUNT_WORKING, sizeof(*scan));
    if (!scan) {
        return km_heap_refusal(job->context->heap, error);
    }
    struct km_render_config config = {.path = settings->wav,
                                      .title = settings->title,
                                      .source = *source,
                                      .production = &production,
                                      .pitch_drift_cents = plan->pitch_drift_cents};
    enum km_status status = km_render_encoding(settings->bits, &config.encoding, error);
    status = status == KM_OK ? km_feed_scan(source, scan, error) : status;
    config.seconds = scan->seconds;
    if (status == KM_OK) {
        status = km_sound_build(&sound->sound, (uint32_t)settings->sound.rate, scan, error);
    }
    km_heap_release(job->context->heap, scan);
    status = status == KM_OK ? km_sound_level(&sound->sound, source, &production, error) : status;
    return status == KM_OK
               ? km_sound_render(&sound->sound, &config, &sound->file, &sound->result, error)
               : status;
}

enum km_status km_compose_render(struct km_compose_job *job, struct km_error *error)
{
    struct km_heap *const heap = job->context->heap;
    if (!job->settings->wav) {
        return KM_OK;
    }
    enum km_status status = km_sound_open(&job->sound.sound, heap, &job->settings->sound, error);
    if (status != KM_OK) {
        return status;
    }
    struct km_feed_file *const music = km_feed_file_new(heap, &job->song);
    if (!music) {
        return km_heap_refusal(heap, error);
    }
    const struct km_feed_source source = km_feed_source_file(music);
    status = render(job, &source, error);
    km_feed_file_free(music);
    return status;
}

// The sum of the file that now stands in its place.
static enum km_status sum_file(struct km_compose_job *job, struct km_error *error)
{
    enum { PIECE_SIZE = 1 << 16 };
    struct km_input input;
    struct km_sha256 sum;
    struct km_compose_sound *const sound = &job->sound;
    unsigned char *const piece =
        km_heap_allocate(job->context->heap, KM_ACCOUNT_WORKING, PIECE_SIZE);
    if (!piece) {
        return km_heap_refusal(job->context->heap, error);
    }
    enum km_status status = km_input_open(&input, job->settings->wav, error);
    km_sha256_init(&sum);
    for (size_t got = 1; status == KM_OK && got > 0;) {
        status = km_input_read(&input, piece, PIECE_SIZE, &got, error);
        km_sha256_add(&sum, piece, status == KM_OK ? got : 0);
        sound->size += status == KM_OK ? got : 0;
    }
    km_input_close(&input);
    km_heap_release(job->context->heap, piece);
    km_sha256_finish(&sum, sound->sha256);
    return status;
}

enum km_status km_compose_commit_sound(struct km_compose_job *job, struct km_error *error)
{
    struct km_audio_file *const file = job->sound.file;
    if (!file) {
        return KM_OK;
    }
    job->sound.file = NULL;
    const enum km_status status = km_audio_file_commit(file, error);
    return status == KM_OK && job->context->wants_json ? sum_file(job, error) : status;
}

void km_compose_release_sound(struct km_compose_job *job)
{
    km_audio_file_discard(job->sound.file);
    km_sound_close(&job->sound.sound);
}
