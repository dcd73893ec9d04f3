// SPDX-License-Identifier: MIT

// From a plan to the song's files.

#include "apps/compose_job.h"

#include "base/units.h"
#include "plot/roll.h"
#include "session/song.h"

static const char *title_of(const struct km_compose_job *job)
{
    if (job->settings->title) {
        return job->settings->title;
    }
    return job->journey.heap ? job->journey_title : job->plan->mood_profile;
}

static enum km_status write_content(struct km_compose_job *job, enum km_song_file kind,
                                    struct km_error *error)
{
    struct km_sink *const sink = &job->files[kind].sink;
    enum km_status status = KM_OK;
    switch (kind) {
    case KM_SONG_FILE_MIDI:
        return km_midi_file_write(&job->song, sink, error);
    case KM_SONG_FILE_PLAN:
        status = job->journey.heap ? km_journey_write_json(&job->journey, sink)
                                   : km_plan_write_json(job->plan, sink);
        break;
    case KM_SONG_FILE_ROLL:
        status = job->journey.heap
                     ? km_roll_write_journey_svg(&job->song, &job->journey, title_of(job), sink)
                     : km_roll_write_svg(&job->song, job->plan, title_of(job), sink);
        break;
    case KM_SONG_FILES_COUNT:
    default:
        break;
    }
    if (status != KM_OK) {
        return km_error_set(error, status, "%s: cannot write: %s", job->paths[kind],
                            km_status_text(status));
    }
    return KM_OK;
}

static enum km_status open_file(struct km_compose_job *job, enum km_song_file kind,
                                struct km_error *error)
{
    return km_written_file_open(&job->files[kind], job->paths[kind], error);
}

static enum km_status flush_file(struct km_compose_job *job, enum km_song_file kind,
                                 struct km_error *error)
{
    return km_written_file_flush(&job->files[kind], error);
}

static enum km_status commit_file(struct km_compose_job *job, enum km_song_file kind,
                                  struct km_error *error)
{
    return km_written_file_commit(&job->files[kind], error);
}

// Does one thing with each file that was asked for, until one fails.
static enum km_status each_file(struct km_compose_job *job,
                                enum km_status (*step)(struct km_compose_job *, enum km_song_file,
                                                       struct km_error *),
                                struct km_error *error)
{
    enum km_status status = KM_OK;
    for (int kind = 0; kind < KM_SONG_FILES_COUNT && status == KM_OK; ++kind) {
        if (job->paths[kind]) {
            status = step(job, (enum km_song_file)kind, error);
        }
    }
    return status;
}

// All files are on the disk before the first takes its place.
static enum km_status write_files(struct km_compose_job *job, struct km_error *error)
{
    enum km_status status = each_file(job, open_file, error);
    status = status == KM_OK ? each_file(job, write_content, error) : status;
    return status == KM_OK ? each_file(job, flush_file, error) : status;
}

enum km_status km_compose_commit(struct km_compose_job *job, struct km_error *error)
{
    return each_file(job, commit_file, error);
}

enum km_status km_compose_write_song(struct km_compose_job *job, struct km_error *error)
{
    km_midi_file_init(&job->song, job->context->heap, 1, KM_PPQ);
    const enum km_status status =
        job->journey.heap ? km_journey_compose(&job->journey, title_of(job), &job->song, error)
                          : km_song_compose(job->plan, title_of(job), &job->song, error);
    return status == KM_OK ? write_files(job, error) : status;
}
