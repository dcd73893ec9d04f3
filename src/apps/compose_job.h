// SPDX-License-Identifier: MIT

/// compose, in its steps: what was asked for, the plan, the song, the files.
#ifndef KM_APPS_COMPOSE_JOB_H
#define KM_APPS_COMPOSE_JOB_H

#include "apps/command.h"
#include "apps/compose_report.h"
#include "apps/song_files.h"
#include "apps/sound_render.h"
#include "base/status.h"
#include "midi/file.h"
#include "session/journey.h"
#include "session/plan.h"
#include "session/session.h"

#include <stdbool.h>
#include <stdint.h>

/// The options of a journey and of restraint, as they were given.
struct km_compose_journey_settings {
    const char *from, *to;
    double minutes, phrase_s;
    int64_t silence_s, velocity_ceiling;
    bool has_minutes, has_phrase, has_silence, is_at_once, is_calm;
};

/// The options as they were given.
struct km_compose_settings {
    struct km_sound_settings sound;
    const char *wav, *bits;
    const char *paths[KM_SONG_FILES_COUNT];
    const char *plan_in;
    const char *key, *mode, *metre, *genre, *arc, *feel, *ensemble, *title;
    double motivation, chaos, vulnerability, valence, arousal;
    bool has_motivation, has_chaos, has_vulnerability, has_valence, has_arousal;
    bool has_tempo, has_bars, has_seed, has_lyrics;
    int64_t tempo_bpm, bars, seed, vary;
    struct km_repeated rules;
    struct km_compose_journey_settings journey;
};

/// The song as sound.
struct km_compose_sound {
    struct km_sound sound;
    struct km_audio_file *file; ///< Whole, but not yet in its place; or null.
    struct km_render_result result;
    char sha256[KM_SHA256_TEXT_SIZE]; ///< Of the file in its place, with --json.
    uint64_t size;
};

enum { KM_JOURNEY_TITLE_SIZE = 64 };

/// All that a run holds; what is zero or null is not held yet.
struct km_compose_job {
    const struct km_compose_settings *settings;
    struct km_context *context;
    struct km_bytes text;
    uint64_t seed; ///< As asked for, else of the words; a plan that is read has its own.
    struct km_therapy_session *session;
    struct km_harmony_plan *plan;
    struct km_journey journey; ///< Instead of a plan, if it has a heap.
    char journey_title[KM_JOURNEY_TITLE_SIZE];
    struct km_midi_file song;
    const char *const *paths;      ///< Where the files go: as asked for, or of one alternative.
    struct km_written_file *files; ///< KM_SONG_FILES_COUNT of them: its own, or an alternative's.
    struct km_written_file own_files[KM_SONG_FILES_COUNT];
    struct km_alternative *alternatives; ///< settings->vary of them.
    struct km_compose_sound sound;
};

/// Reads the wishes from the options; the error lists what exists.  [any]
KM_NODISCARD enum km_status km_compose_read_wishes(const struct km_compose_settings *settings,
                                                   struct km_plan_wishes *wishes,
                                                   struct km_error *error);

/// From words, or from the plan of --plan-in, to job->plan. What had no effect in that plan is told
/// on standard error.  [any]
KM_NODISCARD enum km_status km_compose_make_plan(struct km_compose_job *job,
                                                 const struct km_arguments *arguments,
                                                 struct km_error *error);

/// Whether --plan-in goes together with what else is asked for: KM_EXIT_DONE, or what is wrong is
/// told. [any]
int km_compose_check_plan_in(const struct km_compose_settings *settings,
                             const struct km_arguments *arguments);

/// Reads --plan-in into job->plan.  [any]
KM_NODISCARD enum km_status km_compose_read_plan(struct km_compose_job *job,
                                                 struct km_error *error);

/// Takes the words, or those of --from, into job->session; sets job->seed.  [any]
KM_NODISCARD enum km_status km_compose_hear(struct km_compose_job *job,
                                            const struct km_arguments *arguments,
                                            struct km_error *error);

/// The seed that was asked for, else the words' own, 1 to 999; without words that of the
/// settings.  [any]
uint64_t km_compose_seed(const struct km_compose_settings *settings, const char *text, size_t size);

/// Whether a journey is asked for.  [any]
bool km_compose_is_journey(const struct km_compose_settings *settings);

/// Whether the options of a journey go together: KM_EXIT_DONE, or what is wrong is told.  [any]
int km_compose_check_journey(const struct km_compose_settings *settings,
                             const struct km_arguments *arguments);

/// Adds what these options wish to the wishes.  [any]
void km_compose_read_restraint(const struct km_compose_settings *settings,
                               struct km_plan_wishes *wishes);

/// From words to job->journey.  [any]
KM_NODISCARD enum km_status km_compose_make_journey(struct km_compose_job *job,
                                                    const struct km_arguments *arguments,
                                                    struct km_error *error);

/// Prints the journey's stages and the files for a person.  [any]
void km_compose_print_journey(const struct km_compose_job *job);

/// Prints the journey as JSON; returns an enum km_exit.  [any]
int km_compose_print_journey_json(const struct km_compose_job *job);

/// Plans the same song with another seed, after km_compose_make_plan.  [any]
KM_NODISCARD enum km_status km_compose_plan_again(struct km_compose_job *job, uint64_t seed,
                                                  struct km_error *error);

/// Composes job->plan, or job->journey, and writes every file of job->paths to the disk, but not to
/// its place.  [any]
KM_NODISCARD enum km_status km_compose_write_song(struct km_compose_job *job,
                                                  struct km_error *error);

/// Whether --wav goes together with what else is asked for: KM_EXIT_DONE, or what is wrong is
/// told.  [any]
int km_compose_check_sound(const struct km_compose_settings *settings);

/// Renders the song to --wav, if that was asked for, but not to its place.  [control]
KM_NODISCARD enum km_status km_compose_render(struct km_compose_job *job, struct km_error *error);

/// Puts the audio file in its place.  [control]
KM_NODISCARD enum km_status km_compose_commit_sound(struct km_compose_job *job,
                                                    struct km_error *error);

/// Gives back what sounds; an audio file that is still open is dropped.  [control]
void km_compose_release_sound(struct km_compose_job *job);

/// Puts the files in their places.  [any]
KM_NODISCARD enum km_status km_compose_commit(struct km_compose_job *job, struct km_error *error);

/// Whether --vary goes together with what else is asked for: KM_EXIT_DONE, or what is wrong is
/// told. [any]
int km_compose_check_vary(const struct km_compose_settings *settings, bool uses_output);

/// Makes the alternatives of --vary and writes their files: all of them, or none.  [any]
KM_NODISCARD enum km_status km_compose_vary(struct km_compose_job *job,
                                            const struct km_arguments *arguments,
                                            struct km_error *error);

/// Prints what differs among the alternatives, as text or JSON; returns an enum km_exit.  [any]
int km_compose_print_alternatives(struct km_compose_job *job);

/// Gives back the alternatives; files that are still open are dropped.  [any]
void km_compose_release_alternatives(struct km_compose_job *job);

/// What there is to say of the job.  [any]
struct km_compose_report km_compose_report_of(const struct km_compose_job *job);

/// Gives back all that the job holds, but not the job; open files are dropped.  [any]
void km_compose_release(struct km_compose_job *job);

#endif
