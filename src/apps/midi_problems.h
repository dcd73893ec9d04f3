// SPDX-License-Identifier: MIT

/// Problems of a MIDI file, kept up to a limit and counted beyond it.
#ifndef KM_APPS_MIDI_PROBLEMS_H
#define KM_APPS_MIDI_PROBLEMS_H

#include "apps/midi_files.h"

struct km_heap;

/// The first `kept` problems, and how many there are of each fault.
struct km_problem_list {
    struct km_heap *heap;
    struct km_midi_problem *items;
    size_t kept, limit;
    struct km_midi_problems counts;
};

/// Makes room for `limit` problems (which may be 0).  [any]
KM_NODISCARD enum km_status km_problem_list_init(struct km_problem_list *list, struct km_heap *heap,
                                                 size_t limit, struct km_error *error);

/// Gives the memory back.  [any]
void km_problem_list_release(struct km_problem_list *list);

/// A listener that adds to `list`.  [any]
struct km_midi_listener km_problem_list_listener(struct km_problem_list *list);

/// What is kept, as a list of {"fault", "offset", "track", "tick", "text", "done"}; null if there
/// is no memory.  [any]
json_t *km_problem_list_json(const struct km_problem_list *list);

#endif
