// SPDX-License-Identifier: MIT

#include "midi/edit_private.h"

// All repairs but those of notes are made on the way from the reader to any edit.
static enum km_status pass(void *context, struct km_midi_run *run)
{
    (void)context;
    const struct km_midi_steps steps = {.keeps_around = true, .mends_notes = true};
    return km_midi_run_feed(run, &steps);
}

enum km_status km_midi_repair(const struct km_midi_edit *edit, struct km_midi_edit_report *report,
                              struct km_error *error)
{
    return km_midi_run_twice(edit, pass, NULL, report, error);
}
