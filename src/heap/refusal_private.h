// SPDX-License-Identifier: MIT

/// The last refusal of a heap, written and read by any thread without a lock.
#ifndef KM_HEAP_REFUSAL_PRIVATE_H
#define KM_HEAP_REFUSAL_PRIVATE_H

#include <stdatomic.h>
#include <stdint.h>

enum km_refusal_reason {
    KM_REFUSAL_NONE, ///< Nothing was refused yet.
    KM_REFUSAL_OVER_BUDGET,
    KM_REFUSAL_NO_MEMORY,
    KM_REFUSAL_OVERFLOW, ///< A product of count and size beyond size_t.
};

struct km_refusal {
    uint64_t requested_bytes;
    uint64_t held_bytes; ///< By the account, when it refused.
    uint32_t account;    ///< enum km_account
    uint32_t reason;     ///< enum km_refusal_reason
};

/// A cell that holds the last refusal. Zero-initialised: none. The sequence is odd while somebody
/// writes.
struct km_refusal_cell {
    _Atomic uint64_t sequence;
    _Atomic uint64_t requested_bytes;
    _Atomic uint64_t held_bytes;
    _Atomic uint32_t account;
    _Atomic uint32_t reason;
};

/// Keeps `refusal`. Of simultaneous ones the first is kept: either is the last.  [any]
void km_refusal_keep(struct km_refusal_cell *cell, struct km_refusal refusal);

/// The last refusal, whole. KM_REFUSAL_NONE also if writers did not leave a moment to read.  [any]
struct km_refusal km_refusal_last(const struct km_refusal_cell *cell);

#endif
