// SPDX-License-Identifier: MIT

// The guard's [setup] part, which asks the dynamic loader.

#include "rt/guard.h"

#include "base/check.h"

#include <dlfcn.h>
#include <string.h>

_Static_assert(sizeof(void *) == sizeof(void (*)(void)), "dlsym gives functions as objects");

// Stores the function called `name` in the pointer at `function`, or null.
static void find(void *function, const char *name)
{
    void *const found = dlsym(RTLD_DEFAULT, name);
    memcpy(function, &found, sizeof(found));
}

void km_guard_start(struct km_guard *guard)
{
    KM_CHECK(guard);
    struct km_guard found = {0};
    find(&found.enter, "km_preload_enter");
    find(&found.leave, "km_preload_leave");
    find(&found.count, "km_preload_count");
    bool is_complete = found.enter && found.leave && found.count;
    for (int i = 0; is_complete && i < KM_GUARD_KINDS_COUNT; ++i) {
        is_complete = found.count(km_guard_kind_name((enum km_guard_kind)i)) != UINT64_MAX;
    }
    *guard = is_complete ? found : (struct km_guard){0};
}
