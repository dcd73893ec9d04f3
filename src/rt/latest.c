// SPDX-License-Identifier: MIT

#include "rt/latest.h"

#include "base/check.h"
#include "rt/arena.h"

#include <stdalign.h>
#include <stdatomic.h>
#include <string.h>

enum { SLOTS_COUNT = 3, CACHE_LINE_SIZE = 64 };

// `exchanged` names the slot between the two sides, and whether its snapshot is still unread.
enum { SLOT_MASK = 3, UNREAD = 4 };

struct km_latest {
    unsigned char *slots;
    uint32_t size;
    uint32_t stride; // The size rounded up to cache lines, so that two slots never share one.
    alignas(CACHE_LINE_SIZE) uint32_t writer_slot; // Touched by the writer only.
    alignas(CACHE_LINE_SIZE) uint32_t reader_slot; // Touched by the reader only.
    alignas(CACHE_LINE_SIZE) _Atomic uint32_t exchanged;
};

_Static_assert(ATOMIC_INT_LOCK_FREE == 2, "an exchange must never take a lock");

static uint32_t stride_of(uint32_t size)
{
    return (size + CACHE_LINE_SIZE - 1) / CACHE_LINE_SIZE * CACHE_LINE_SIZE;
}

size_t km_latest_size(uint32_t size)
{
    KM_CHECK(size > 0);
    KM_CHECK(size <= KM_LATEST_SIZE_MAX);
    return sizeof(struct km_latest) + (size_t)SLOTS_COUNT * stride_of(size);
}

struct km_latest *km_latest_new(struct km_arena *arena, uint32_t size)
{
    KM_CHECK(size > 0);
    KM_CHECK(size <= KM_LATEST_SIZE_MAX);

    const struct km_arena arena_before = *arena;
    const uint32_t stride = stride_of(size);
    struct km_latest *const latest =
        km_arena_take(arena, sizeof(*latest), alignof(struct km_latest));
    unsigned char *const slots =
        km_arena_take(arena, (size_t)SLOTS_COUNT * stride, CACHE_LINE_SIZE);
    if (!latest || !slots) {
        *arena = arena_before;
        return NULL;
    }

    latest->slots = slots;
    latest->size = size;
    latest->stride = stride;
    latest->writer_slot = 0;
    latest->reader_slot = 1;
    atomic_init(&latest->exchanged, 2);
    return latest;
}

static unsigned char *slot_at(const struct km_latest *latest, uint32_t slot)
{
    return latest->slots + (size_t)slot * latest->stride;
}

void *km_latest_slot(struct km_latest *latest)
{
    return slot_at(latest, latest->writer_slot);
}

void km_latest_publish(struct km_latest *latest)
{
    // Release: the reader that gets the slot sees all of the snapshot. Acquire: the reader has
    // finished with the slot that we get.
    const uint32_t old = atomic_exchange_explicit(&latest->exchanged, latest->writer_slot | UNREAD,
                                                  memory_order_acq_rel);
    latest->writer_slot = old & SLOT_MASK;
}

void km_latest_write(struct km_latest *latest, const void *snapshot)
{
    memcpy(km_latest_slot(latest), snapshot, latest->size);
    km_latest_publish(latest);
}

bool km_latest_has_news(const struct km_latest *latest)
{
    return (atomic_load_explicit(&latest->exchanged, memory_order_relaxed) & UNREAD) != 0;
}

const void *km_latest_read(struct km_latest *latest)
{
    if (km_latest_has_news(latest)) {
        // Acquire: we see all of the snapshot. Release: the writer that gets the slot we leave may
        // overwrite it. Only the reader takes UNREAD away, so the exchange always gets news.
        const uint32_t old =
            atomic_exchange_explicit(&latest->exchanged, latest->reader_slot, memory_order_acq_rel);
        latest->reader_slot = old & SLOT_MASK;
    }
    return slot_at(latest, latest->reader_slot);
}
