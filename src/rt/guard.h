// SPDX-License-Identifier: MIT

/// Marks real-time sections, so that what they may not do is counted.
///
/// The counting is done by libkmidi-preload.so, if the program was started with it
/// (`LD_PRELOAD=.../libkmidi-preload.so`); otherwise a section is two tests of a pointer, and all
/// counts stay 0. With KMIDI_GUARD=abort in the environment the first such call ends the program,
/// and its name stands on stderr. The guard belongs to who marks the sections, for example the
/// engine; any number of them share the counters.
#ifndef KM_RT_GUARD_H
#define KM_RT_GUARD_H

#include "base/attributes.h"

#include <stdbool.h>
#include <stdint.h>

KM_C_BEGIN

enum km_guard_kind {
#define KM_GUARD_KIND(NAME, name) KM_GUARD_##NAME,
#include "rt/guard_kinds.def"
#undef KM_GUARD_KIND
    KM_GUARD_KINDS_COUNT
};

/// The preload library's entries, or nulls. All zero is a guard that does not watch.
struct km_guard {
    void (*enter)(void);
    void (*leave)(void);
    uint64_t (*count)(const char *kind);
};

/// Finds the preload library, if it is there and knows all our kinds.  [setup]
void km_guard_start(struct km_guard *guard);

/// Whether sections are watched.  [any]
KM_RT bool km_guard_is_watching(const struct km_guard *guard);

/// Begins a real-time section of the calling thread. Sections nest.  [any]
KM_RT void km_guard_enter(const struct km_guard *guard);

/// Ends the section that this thread began last; there must be one.  [any]
KM_RT void km_guard_leave(const struct km_guard *guard);

/// How many calls of this kind sections have made, in all threads, since the program started: calls
/// of the program, not what the C library does in turn. 0 if nobody watches.  [any]
uint64_t km_guard_count(const struct km_guard *guard, enum km_guard_kind kind);

/// The sum of km_guard_count over all kinds.  [any]
uint64_t km_guard_count_all(const struct km_guard *guard);

/// The kind in one word, as reports show it.  [any]
const char *km_guard_kind_name(enum km_guard_kind kind);

KM_C_END

#endif
