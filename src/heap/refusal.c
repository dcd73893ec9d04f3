// SPDX-License-Identifier: MIT

#include "heap/refusal_private.h"

// Writing is five stores: who finds this many writers in a row has found a storm.
enum { TRIES_MAX = 1000 };

_Static_assert(ATOMIC_LLONG_LOCK_FREE == 2 && ATOMIC_INT_LOCK_FREE == 2, "no hidden locks");

void km_refusal_keep(struct km_refusal_cell *cell, struct km_refusal refusal)
{
    uint64_t sequence = atomic_load_explicit(&cell->sequence, memory_order_relaxed);
    if (sequence % 2 == 1 ||
        !atomic_compare_exchange_strong_explicit(&cell->sequence, &sequence, sequence + 1,
                                                 memory_order_acquire, memory_order_relaxed)) {
        return;
    }
    // Release, each: who reads a new value afterwards reads at least the odd sequence.
    atomic_store_explicit(&cell->requested_bytes, refusal.requested_bytes, memory_order_release);
    atomic_store_explicit(&cell->held_bytes, refusal.held_bytes, memory_order_release);
    atomic_store_explicit(&cell->account, refusal.account, memory_order_release);
    atomic_store_explicit(&cell->reason, refusal.reason, memory_order_release);
    atomic_store_explicit(&cell->sequence, sequence + 2, memory_order_release);
}

struct km_refusal km_refusal_last(const struct km_refusal_cell *cell)
{
    for (int i = 0; i < TRIES_MAX; ++i) {
        const uint64_t before = atomic_load_explicit(&cell->sequence, memory_order_acquire);
        const struct km_refusal refusal = {
            .requested_bytes = atomic_load_explicit(&cell->requested_bytes, memory_order_acquire),
            .held_bytes = atomic_load_explicit(&cell->held_bytes, memory_order_acquire),
            .account = atomic_load_explicit(&cell->account, memory_order_acquire),
            .reason = atomic_load_explicit(&cell->reason, memory_order_acquire),
        };
        const uint64_t after = atomic_load_explicit(&cell->sequence, memory_order_relaxed);
        if (before == after && before % 2 == 0) {
            return refusal;
        }
    }
    return (struct km_refusal){.reason = KM_REFUSAL_NONE};
}
