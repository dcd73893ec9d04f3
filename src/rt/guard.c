// SPDX-License-Identifier: MIT

#include "rt/guard.h"

#include "base/check.h"

#include <stddef.h>

static const char *const kind_names[] = {
#define KM_GUARD_KIND(NAME, name) name,
#include "rt/guard_kinds.def"
#undef KM_GUARD_KIND
};

bool km_guard_is_watching(const struct km_guard *guard)
{
    return guard->enter != NULL;
}

void km_guard_enter(const struct km_guard *guard)
{
    if (guard->enter) {
        guard->enter();
    }
}

void km_guard_leave(const struct km_guard *guard)
{
    if (guard->leave) {
        guard->leave();
    }
}

uint64_t km_guard_count(const struct km_guard *guard, enum km_guard_kind kind)
{
    KM_CHECK((unsigned int)kind < KM_GUARD_KINDS_COUNT);
    return guard->count ? guard->count(kind_names[kind]) : 0;
}

uint64_t km_guard_count_all(const struct km_guard *guard)
{
    uint64_t sum = 0;
    for (int i = 0; i < KM_GUARD_KINDS_COUNT; ++i) {
        sum += km_guard_count(guard, (enum km_guard_kind)i);
    }
    return sum;
}

const char *km_guard_kind_name(enum km_guard_kind kind)
{
    KM_CHECK((unsigned int)kind < KM_GUARD_KINDS_COUNT);
    return kind_names[kind];
}
