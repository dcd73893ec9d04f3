// SPDX-License-Identifier: MIT

// Real-time sections of the threads, and what they did that they may not do.

#include "preload/preload_private.h"

#include "preload/preload.h"

#include <stdatomic.h>
#include <string.h>

// All that this library remembers. It has to be of file scope: the functions that it stands before
// have no parameter through which it could come.
static struct {
    _Atomic uint64_t counts[KM_PRELOAD_KINDS_COUNT];
    _Atomic bool aborts;
} sections;

_Thread_local unsigned int km_preload_depth;

static const char *const kind_names[] = {
#define KM_KIND(NAME, name) name,
#include "preload/kinds.def"
#undef KM_KIND
};

__attribute__((constructor)) static void start(void)
{
    // NOLINTNEXTLINE(concurrency-mt-unsafe): the loader runs this, before there are threads.
    const char *const mode = getenv("KMIDI_GUARD");
    atomic_store(&sections.aborts, mode && strcmp(mode, "abort") == 0);
    km_preload_resolve();
}

void km_preload_die(const char *const *texts)
{
    km_preload_depth = 0; // What abort() does is no longer the section's doing.
    char line[256] = "kmidi: ";
    size_t length = strlen(line);
    for (; *texts; ++texts) {
        for (const char *c = *texts; *c && length < sizeof(line) - 1; ++c) {
            line[length++] = *c;
        }
    }
    line[length++] = '\n';
    if (km_preload_real.write && km_preload_real.write(STDERR_FILENO, line, length) < 0) {
        abort(); // There is nowhere to say it.
    }
    abort();
}

unsigned int km_preload_note(enum km_preload_kind kind, const char *name)
{
    if (atomic_load_explicit(&sections.aborts, memory_order_relaxed)) {
        km_preload_die(
            (const char *[]){name, " (", kind_names[kind], ") inside a real-time section", NULL});
    }
    atomic_fetch_add_explicit(&sections.counts[kind], 1, memory_order_relaxed);
    const unsigned int depth = km_preload_depth;
    km_preload_depth = 0;
    return depth;
}

KM_EXPORT void km_preload_enter(void)
{
    ++km_preload_depth;
}

KM_EXPORT void km_preload_leave(void)
{
    if (km_preload_depth == 0) {
        km_preload_die((const char *[]){"a real-time section ended that had not begun", NULL});
    }
    --km_preload_depth;
}

KM_EXPORT uint64_t km_preload_count(const char *kind)
{
    for (int i = 0; i < KM_PRELOAD_KINDS_COUNT; ++i) {
        if (strcmp(kind_names[i], kind) == 0) {
            return atomic_load_explicit(&sections.counts[i], memory_order_relaxed);
        }
    }
    return UINT64_MAX;
}
