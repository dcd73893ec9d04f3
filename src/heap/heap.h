// SPDX-License-Identifier: MIT

/// Side B's allocator: every byte belongs to an account, and an account has a budget.
///
/// A request that would exceed the budget is refused with null and counted; `km_heap_refusal` says
/// which account, budget and request it was. Nothing is lost by a refusal, and the next smaller
/// request may succeed. The handle is shared by threads; its counters are atomic.
#ifndef KM_HEAP_HEAP_H
#define KM_HEAP_HEAP_H

#include "base/attributes.h"
#include "base/status.h"

#include <stddef.h>
#include <stdint.h>

KM_C_BEGIN

struct km_heap;

enum km_account {
#define KM_ACCOUNT(NAME, name, budget_mib, target_mib) KM_ACCOUNT_##NAME,
#include "heap/accounts.def"
#undef KM_ACCOUNT
    KM_ACCOUNTS_COUNT
};

/// What an account holds now, and has held.
struct km_account_usage {
    const char *name;
    uint64_t budget_bytes;
    uint64_t target_bytes;
    uint64_t current_bytes; ///< As requested, without the allocator's own overhead.
    uint64_t peak_bytes;
    uint64_t allocations; ///< Requests granted since the start, resizing included.
    uint64_t refusals;    ///< Requests refused: over budget, or no memory.
};

/// Settings of a heap; zero-initialised means the defaults of accounts.def.
struct km_heap_config {
    uint64_t budget_bytes[KM_ACCOUNTS_COUNT]; ///< 0: the default. More than 16 TiB is 16 TiB.
    uint64_t target_bytes[KM_ACCOUNTS_COUNT]; ///< 0: the default.
    uint64_t fail_at;                         ///< Tests: as km_heap_fail_at, from the start.
};

/// Creates a heap; null if there is no memory for its counters. `config` may be null.  [any]
KM_NODISCARD struct km_heap *km_heap_new(const struct km_heap_config *config);

/// Frees the heap. All that was allocated from it must have been freed: a leak is a programmer
/// error: the program stops, and says on standard error which account still holds how many bytes.
/// Null does nothing.  [any]
void km_heap_free(struct km_heap *heap);

/// Tests: the n-th request from now, and all after it, fail as if the system had no memory. 0: none
/// does.  [any]
void km_heap_fail_at(struct km_heap *heap, uint64_t request);

/// Allocates `size` zeroed bytes (0 counts as 1), aligned for any type, on the account.  [any]
/// Null if refused. Costs 16 bytes more than malloc, which no account counts.
KM_NODISCARD void *km_heap_allocate(struct km_heap *heap, enum km_account account, size_t size);

/// As km_heap_allocate, aligned to a power of two of up to 4,096 bytes.  [any]
KM_NODISCARD void *km_heap_allocate_aligned(struct km_heap *heap, enum km_account account,
                                            size_t size, size_t alignment);

/// As km_heap_allocate for `count` elements of `size` bytes; a product that overflows is refused.
/// [any]
KM_NODISCARD void *km_heap_allocate_array(struct km_heap *heap, enum km_account account,
                                          size_t count, size_t size);

/// Gives `memory` (from this heap, on its account) a new size, keeping its content; new bytes are
/// zero and its alignment stays. Null `memory` is an allocation on `account`. On refusal returns
/// null and `memory` stays as it was.  [any]
KM_NODISCARD void *km_heap_resize(struct km_heap *heap, enum km_account account, void *memory,
                                  size_t size);

/// Gives memory back; null does nothing. Foreign or damaged memory is a programmer error: the
/// program stops, and says so on standard error.  [any]
void km_heap_release(struct km_heap *heap, void *memory);

/// Reads an account's counters.  [any]
struct km_account_usage km_heap_usage(const struct km_heap *heap, enum km_account account);

/// Describes the last refusal of this heap: account, request, what it held of which budget. Empty
/// if there was none.
/// Returns KM_ERROR_NO_MEMORY for `return km_heap_refusal(...)`.  [any]
enum km_status km_heap_refusal(const struct km_heap *heap, struct km_error *error);

KM_C_END

#endif
