// SPDX-License-Identifier: MIT

// Finds the functions that ours stand before: the next ones in the order in which the loader
// searches, which may be another preloaded library's.

#include "preload/preload_private.h"

#include <dlfcn.h>
#include <errno.h>
#include <string.h>

struct km_preload_real km_preload_real;

struct entry {
    const char *name;
    size_t offset; // Of its pointer in struct km_preload_real.
};

static const struct entry entries[] = {
#define KM_ENTRY(name) {#name, offsetof(struct km_preload_real, name)},
#define KM_WRAP(result, name, kind, parameters, arguments) KM_ENTRY(name)
#define KM_WRAP_VOID(name, kind, parameters, arguments) KM_ENTRY(name)
#define KM_WRAP_MEMORY(result, name, parameters) KM_ENTRY(name)
#define KM_WRAP_VARIADIC(result, name, parameters) KM_ENTRY(name)
#include "preload/functions.def"
#undef KM_ENTRY
#undef KM_WRAP
#undef KM_WRAP_VOID
#undef KM_WRAP_MEMORY
#undef KM_WRAP_VARIADIC
};

static _Thread_local bool is_resolving __attribute__((tls_model("initial-exec")));

// The first call comes from the loader or a constructor, before there are threads. Should two
// threads come here all the same, they store the same pointers.
bool km_preload_resolve(void)
{
    if (is_resolving) {
        return false;
    }
    const int error_number = errno;
    const unsigned int depth = km_preload_depth;
    is_resolving = true;
    km_preload_depth = 0;
    for (size_t i = 0; i < sizeof(entries) / sizeof(entries[0]); ++i) {
        void *const found = dlsym(RTLD_NEXT, entries[i].name);
        memcpy((unsigned char *)&km_preload_real + entries[i].offset, &found, sizeof(found));
    }
    km_preload_depth = depth;
    is_resolving = false;
    errno = error_number;
    return true;
}

// Whoever calls a function that this C library lacks got it from somewhere that we do not see.
void km_preload_need(const char *name)
{
    void *found = NULL;
    if (km_preload_resolve()) {
        found = dlsym(RTLD_NEXT, name);
    }
    if (!found) {
        km_preload_die((const char *[]){"cannot find the original of ", name, NULL});
    }
}
