// SPDX-License-Identifier: MIT

// From words to a plan, or from a plan that was kept.

#include "apps/compose_job.h"

#include "affect/affect.h"
#include "heap/heap.h"
#include "session/lyrics.h"

#include <string.h>

static enum km_status no_memory(const struct km_compose_job *job, struct km_error *error)
{
    return km_heap_refusal(job->context->heap, error);
}

static enum km_status copy_text(struct km_compose_job *job, const char *text,
                                struct km_error *error)
{
    const size_t size = strlen(text);
    job->text.bytes = km_heap_allocate(job->context->heap, KM_ACCOUNT_WORKING, size + 1);
    if (!job->text.bytes) {
        return no_memory(job, error);
    }
    memcpy(job->text.bytes, text, size);
    job->text.size = size;
    return KM_OK;
}

// The words, joined by spaces; a single "-" is standard input.
static enum km_status take_text(struct km_compose_job *job, const struct km_arguments *arguments,
                                struct km_error *error)
{
    if (job->settings->journey.from) {
        return copy_text(job, job->settings->journey.from, error);
    }
    if (arguments->count == 1 && strcmp(arguments->values[0], "-") == 0) {
        return km_read_file(job->context, "-", KM_AFFECT_TEXT_SIZE_MAX, &job->text, error);
    }
    size_t size = 1;
    for (size_t i = 0; i < arguments->count; ++i) {
        size += strlen(arguments->values[i]) + 1;
    }
    job->text.bytes = km_heap_allocate(job->context->heap, KM_ACCOUNT_WORKING, size);
    if (!job->text.bytes) {
        return no_memory(job, error);
    }
    for (size_t i = 0; i < arguments->count; ++i) {
        const size_t length = strlen(arguments->values[i]);
        memcpy(job->text.bytes + job->text.size, arguments->values[i], length);
        job->text.size += length;
        job->text.bytes[job->text.size++] = ' ';
    }
    return KM_OK;
}

// Words and scales go into the session.
static enum km_status feed_session(struct km_compose_job *job, struct km_error *error)
{
    const struct km_compose_settings *const settings = job->settings;
    job->session = km_therapy_session_new(job->context->heap);
    if (!job->session) {
        return no_memory(job, error);
    }
    enum km_status status =
        km_therapy_session_process_core_input(job->session, job->text.bytes, job->text.size, error);
    if (status == KM_OK && (settings->has_valence || settings->has_arousal)) {
        const struct km_affect *const heard = km_therapy_session_affect(job->session);
        const double valence = settings->has_valence ? settings->valence : (double)heard->valence;
        const double arousal = settings->has_arousal ? settings->arousal : (double)heard->arousal;
        status = km_therapy_session_set_point(job->session, valence, arousal, error);
    }
    if (status == KM_OK) {
        status = km_therapy_session_set_scales(job->session, settings->motivation, settings->chaos,
                                               error);
    }
    if (status == KM_OK) {
        status = km_therapy_session_set_vulnerability(job->session, settings->vulnerability, error);
    }
    return status;
}

enum km_status km_compose_make_plan(struct km_compose_job *job,
                                    const struct km_arguments *arguments, struct km_error *error)
{
    job->plan = km_heap_allocate(job->context->heap, KM_ACCOUNT_WORKING, sizeof(*job->plan));
    if (!job->plan) {
        return no_memory(job, error);
    }
    if (job->settings->plan_in) {
        return km_compose_read_plan(job, error);
    }
    const enum km_status status = km_compose_hear(job, arguments, error);
    return status == KM_OK ? km_compose_plan_again(job, job->seed, error) : status;
}

enum km_status km_compose_plan_again(struct km_compose_job *job, uint64_t seed,
                                     struct km_error *error)
{
    if (job->settings->plan_in) {
        job->plan->seed = seed;
        return KM_OK;
    }
    struct km_plan_wishes wishes;
    enum km_status status = km_compose_read_wishes(job->settings, &wishes, error);
    if (status == KM_OK) {
        status = km_therapy_session_generate_plan(job->session, &wishes, seed, job->plan, error);
    }
    if (status == KM_OK && job->settings->has_lyrics) {
        (void)km_lyrics_of_text(job->text.bytes, job->text.size, job->plan->lyrics);
    }
    return status;
}

enum km_status km_compose_hear(struct km_compose_job *job, const struct km_arguments *arguments,
                               struct km_error *error)
{
    const enum km_status status = take_text(job, arguments, error);
    if (status != KM_OK) {
        return status;
    }
    job->seed = km_compose_seed(job->settings, job->text.bytes, job->text.size);
    return feed_session(job, error);
}

void km_compose_release(struct km_compose_job *job)
{
    struct km_heap *const heap = job->context->heap;
    for (int i = 0; i < KM_SONG_FILES_COUNT; ++i) {
        km_written_file_discard(&job->own_files[i]);
    }
    km_compose_release_alternatives(job);
    km_compose_release_sound(job);
    if (job->song.heap) {
        km_midi_file_release(&job->song);
    }
    if (job->journey.heap) {
        km_journey_release(&job->journey);
    }
    km_therapy_session_free(job->session);
    km_heap_release(heap, job->plan);
    km_heap_release(heap, job->text.bytes);
}

struct km_compose_report km_compose_report_of(const struct km_compose_job *job)
{
    struct km_compose_report report = {.plan = job->plan, .files = job->files};
    memcpy(report.paths, job->settings->paths, sizeof(report.paths));
    if (job->settings->wav) {
        report.wav = job->settings->wav;
        report.wav_sha256 = job->sound.sha256;
        report.wav_size = job->sound.size;
        report.wav_result = &job->sound.result;
        report.wav_sound = &job->sound.sound;
    }
    return report;
}
