// SPDX-License-Identifier: MIT

// Composes a song from a sentence and writes it to song.mid.
//     gcc compose.c -o compose $(pkg-config --cflags --libs kmidi) && ./compose "a quiet, hopeful
//     morning"

#include <kmidi/base/output.h>
#include <kmidi/base/units.h>
#include <kmidi/heap/heap.h>
#include <kmidi/midi/file.h>
#include <kmidi/session/session.h>
#include <kmidi/session/song.h>
#include <stdio.h>
#include <string.h>

// From words to a plan: key, tempo, sections and chords.
static enum km_status plan_song(struct km_therapy_session *session, const char *text,
                                struct km_harmony_plan *plan, struct km_error *error)
{
    enum km_status status =
        km_therapy_session_process_core_input(session, text, strlen(text), error);
    if (status == KM_OK) {
        status = km_therapy_session_generate_plan(session, NULL, 1, plan, error);
    }
    return status;
}

// From the plan to a file, which appears whole or not at all.
static enum km_status write_song(struct km_heap *heap, const struct km_harmony_plan *plan,
                                 const char *path, struct km_error *error)
{
    static struct km_output output;
    struct km_midi_file file;
    km_midi_file_init(&file, heap, 1, KM_PPQ);
    enum km_status status = km_song_compose(plan, "My first song", &file, error);
    if (status == KM_OK) {
        status = km_output_open(&output, path, error);
    }
    if (status == KM_OK) {
        status = km_midi_file_write(&file, &output.sink, error);
        if (status == KM_OK) {
            status = km_output_commit(&output, error);
        } else {
            km_output_discard(&output);
        }
    }
    km_midi_file_release(&file);
    return status;
}

int main(int argc, char **argv)
{
    static struct km_harmony_plan plan;
    const char *const text = argc > 1 ? argv[1] : "feeling grief and loss";
    struct km_error error = {.status = KM_OK};
    struct km_heap *const heap = km_heap_new(NULL);
    struct km_therapy_session *const session = heap ? km_therapy_session_new(heap) : NULL;
    enum km_status status = session ? plan_song(session, text, &plan, &error) : KM_ERROR_NO_MEMORY;
    if (status == KM_OK) {
        status = write_song(heap, &plan, "song.mid", &error);
    }
    if (status == KM_OK) {
        printf("%s: %s at %d BPM, %d bars, beginning with %s; see song.mid\n", plan.mood_profile,
               plan.root_note, plan.tempo_bpm, plan.length_bars, plan.chords[0].symbol);
    } else {
        fprintf(stderr, "cannot compose: %s\n", error.message);
    }
    km_therapy_session_free(session);
    if (heap) {
        km_heap_free(heap);
    }
    return status == KM_OK ? 0 : 1;
}
