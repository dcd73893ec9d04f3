// SPDX-License-Identifier: MIT

/// What the files of the preload library share.
#ifndef KM_PROFILER_PRELOAD_PRELOAD_PRIVATE_H
#define KM_PROFILER_PRELOAD_PRELOAD_PRIVATE_H

// The wrappers bear the plain names and the ...64 names, so no header may turn one into the other
// or into an inline function of its own. This header comes before any other.
#undef _FILE_OFFSET_BITS
#undef _FORTIFY_SOURCE
#ifndef __NO_INLINE__
#define __NO_INLINE__ 1 // NOLINT(bugprone-reserved-identifier): the C library's own switch.
#endif
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif

#include "preload/system.h"

#include <stdbool.h>
#include <stdint.h>

/// A symbol that the watched program sees.
#define KM_EXPORT __attribute__((visibility("default")))

#define KM_UNLIKELY(condition) __builtin_expect(!!(condition), 0)

enum km_preload_kind {
#define KM_KIND(NAME, name) KM_PRELOAD_##NAME,
#include "preload/kinds.def"
#undef KM_KIND
    KM_PRELOAD_KINDS_COUNT
};

/// The functions that ours stand before. Null until they are looked up.
struct km_preload_real {
#define KM_WRAP(result, name, kind, parameters, arguments) result(*name) parameters;
#define KM_WRAP_VOID(name, kind, parameters, arguments) void(*name) parameters;
#define KM_WRAP_MEMORY(result, name, parameters) result(*name) parameters;
#define KM_WRAP_VARIADIC(result, name, parameters) result(*name) parameters;
#include "preload/functions.def"
#undef KM_WRAP
#undef KM_WRAP_VOID
#undef KM_WRAP_MEMORY
#undef KM_WRAP_VARIADIC
};

extern struct km_preload_real km_preload_real;

/// How deep in sections this thread is. In the thread's initial block, because the other models
/// allocate on first use.
extern _Thread_local unsigned int km_preload_depth __attribute__((tls_model("initial-exec")));

/// Looks up the originals, unless they are known. False if this thread is just doing so: then the
/// call comes from the look-up itself.
bool km_preload_resolve(void);

/// As km_preload_resolve, for a function without which there is no going on.
void km_preload_need(const char *name);

/// Counts a call from inside a section, or aborts. Returns the depth, and sets it to 0: what the
/// original calls in turn is not the program's doing. km_preload_unhide ends that.
unsigned int km_preload_note(enum km_preload_kind kind, const char *name);

static inline unsigned int km_preload_hide(enum km_preload_kind kind, const char *name)
{
    return KM_UNLIKELY(km_preload_depth > 0) ? km_preload_note(kind, name) : 0;
}

static inline void km_preload_unhide(unsigned int depth)
{
    if (KM_UNLIKELY(depth > 0)) {
        km_preload_depth = depth;
    }
}

/// The original of `name`.
#define KM_REAL(name)                                                                              \
    (KM_UNLIKELY(!km_preload_real.name) ? (km_preload_need(#name), km_preload_real.name)           \
                                        : km_preload_real.name)

/// Writes "kmidi: " and the texts, up to a null, to stderr, and aborts. Safe at any place.
_Noreturn void km_preload_die(const char *const *texts);

#endif
