// SPDX-License-Identifier: MIT

#include "heap/heap.h"

#include "base/check.h"
#include "heap/block_private.h"
#include "heap/refusal_private.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { MESSAGE_SIZE = 256 };

_Static_assert(KM_ACCOUNTS_COUNT <= 16, "an account fits into a block's four bits");
_Static_assert(ATOMIC_LLONG_LOCK_FREE == 2, "counters need no lock");

struct account {
    uint64_t budget_bytes;
    uint64_t target_bytes;
    _Atomic uint64_t current_bytes;
    _Atomic uint64_t peak_bytes;
    _Atomic uint64_t allocations;
    _Atomic uint64_t refusals;
};

struct km_heap {
    struct account accounts[KM_ACCOUNTS_COUNT];
    struct km_refusal_cell last_refusal;
    _Atomic uint64_t requests;
    _Atomic uint64_t fail_at; ///< Of requests, counted from 1; 0: never.
};

static const char *account_name(uint32_t account)
{
    static const char *const names[] = {
#define KM_ACCOUNT(NAME, name, budget_mib, target_mib) name,
#include "heap/accounts.def"
#undef KM_ACCOUNT
    };
    return names[account];
}

// Says what the programmer did wrong before the check that stops the program. Not stdio's stderr:
// its lock or buffer may be what was damaged.
static void tell(const char *message)
{
    const ssize_t written = write(STDERR_FILENO, message, strlen(message));
    (void)written; // There is nobody left to tell.
}

struct km_heap *km_heap_new(const struct km_heap_config *config)
{
    static const uint64_t mib[KM_ACCOUNTS_COUNT][2] = {
#define KM_ACCOUNT(NAME, name, budget_mib, target_mib) {budget_mib, target_mib},
#include "heap/accounts.def"
#undef KM_ACCOUNT
    };
    struct km_heap *const heap = calloc(1, sizeof(*heap));
    if (!heap) {
        return NULL;
    }
    static const struct km_heap_config defaults = {.fail_at = 0};
    const struct km_heap_config *const wanted = config ? config : &defaults;
    for (size_t i = 0; i < KM_ACCOUNTS_COUNT; ++i) {
        const uint64_t budget = wanted->budget_bytes[i];
        const uint64_t target = wanted->target_bytes[i];
        // No block is larger than the largest budget, so the budget refuses what is too large.
        heap->accounts[i].budget_bytes = budget == 0                  ? mib[i][0] << 20U
                                         : budget < KM_BLOCK_SIZE_MAX ? budget
                                                                      : KM_BLOCK_SIZE_MAX;
        heap->accounts[i].target_bytes = target ? target : mib[i][1] << 20U;
    }
    atomic_store_explicit(&heap->fail_at, wanted->fail_at, memory_order_relaxed);
    return heap;
}

void km_heap_free(struct km_heap *heap)
{
    if (!heap) {
        return;
    }
    bool is_empty = true;
    for (uint32_t i = 0; i < KM_ACCOUNTS_COUNT; ++i) {
        const uint64_t left = atomic_load(&heap->accounts[i].current_bytes);
        if (left > 0) {
            char message[MESSAGE_SIZE];
            (void)snprintf(message, sizeof(message),
                           "kmidi: heap freed while account %s still holds %llu bytes\n",
                           account_name(i), (unsigned long long)left);
            tell(message);
            is_empty = false;
        }
    }
    KM_CHECK(is_empty);
    free(heap);
}

void km_heap_fail_at(struct km_heap *heap, uint64_t request)
{
    KM_CHECK(heap);
    const uint64_t before = atomic_load_explicit(&heap->requests, memory_order_relaxed);
    atomic_store_explicit(&heap->fail_at, request ? before + request : 0, memory_order_relaxed);
}

// ---- Refusals

static void refuse(struct km_heap *heap, enum km_account account, uint64_t size,
                   enum km_refusal_reason reason)
{
    struct account *const a = &heap->accounts[account];
    atomic_fetch_add_explicit(&a->refusals, 1, memory_order_relaxed);
    km_refusal_keep(&heap->last_refusal,
                    (struct km_refusal){
                        .requested_bytes = size,
                        .held_bytes = atomic_load_explicit(&a->current_bytes, memory_order_relaxed),
                        .account = (uint32_t)account,
                        .reason = (uint32_t)reason,
                    });
}

enum km_status km_heap_refusal(const struct km_heap *heap, struct km_error *error)
{
    KM_CHECK(heap);
    const struct km_refusal last = km_refusal_last(&heap->last_refusal);
    const char *const name = account_name(last.account);
    const unsigned long long size = last.requested_bytes;
    const unsigned long long held = last.held_bytes;
    const unsigned long long budget = heap->accounts[last.account].budget_bytes;
    switch (last.reason) {
    case KM_REFUSAL_OVER_BUDGET:
        return km_error_set(error, KM_ERROR_NO_MEMORY,
                            "memory account %s: %llu bytes refused: it holds %llu of its budget of "
                            "%llu bytes",
                            name, size, held, budget);
    case KM_REFUSAL_NO_MEMORY:
        return km_error_set(error, KM_ERROR_NO_MEMORY,
                            "memory account %s: %llu bytes refused: the system has no memory; the "
                            "account holds %llu of its budget of %llu bytes",
                            name, size, held, budget);
    case KM_REFUSAL_OVERFLOW:
        return km_error_set(error, KM_ERROR_NO_MEMORY,
                            "memory account %s: refused: more bytes than a size can say; it holds "
                            "%llu of its budget of %llu bytes",
                            name, held, budget);
    default:
        return km_error_set(error, KM_ERROR_NO_MEMORY, "%s", "");
    }
}

// ---- Accounts

static void raise_peak(struct account *account, uint64_t current)
{
    uint64_t peak = atomic_load_explicit(&account->peak_bytes, memory_order_relaxed);
    while (current > peak &&
           !atomic_compare_exchange_weak_explicit(&account->peak_bytes, &peak, current,
                                                  memory_order_relaxed, memory_order_relaxed)) {
    }
}

// Books `added` bytes on the account if its budget allows, and tells what it then holds. They are
// taken before the memory is, so that two threads cannot both have the last of a budget.
static bool book(struct account *account, uint64_t added, uint64_t *held)
{
    uint64_t current = atomic_load_explicit(&account->current_bytes, memory_order_relaxed);
    do {
        if (added > account->budget_bytes - current) { // A booked account is within its budget.
            return false;
        }
    } while (!atomic_compare_exchange_weak_explicit(&account->current_bytes, &current,
                                                    current + added, memory_order_relaxed,
                                                    memory_order_relaxed));
    *held = current + added;
    return true;
}

static void unbook(struct account *account, uint64_t bytes)
{
    atomic_fetch_sub_explicit(&account->current_bytes, bytes, memory_order_relaxed);
}

// A request for memory of a new size, of which `added` bytes are new to the account.
struct request {
    enum km_account account;
    uint64_t size;
    uint64_t added;
    uint64_t held; ///< By the account, this request included, once it is admitted.
};

// Whether a request may go on, and is then booked; otherwise it is refused.
static bool admit(struct km_heap *heap, struct request *request)
{
    const uint64_t number = atomic_fetch_add_explicit(&heap->requests, 1, memory_order_relaxed) + 1;
    const uint64_t fail_at = atomic_load_explicit(&heap->fail_at, memory_order_relaxed);
    enum km_refusal_reason reason = KM_REFUSAL_NONE;
    if (fail_at > 0 && number >= fail_at) {
        reason = KM_REFUSAL_NO_MEMORY;
    } else if (!book(&heap->accounts[request->account], request->added, &request->held)) {
        reason = KM_REFUSAL_OVER_BUDGET;
    }
    if (reason != KM_REFUSAL_NONE) {
        refuse(heap, request->account, request->size, reason);
    }
    return reason == KM_REFUSAL_NONE;
}

// Ends a request that was admitted: `memory` is what the system gave, or null.
static void *settle(struct km_heap *heap, const struct request *request, void *memory)
{
    struct account *const account = &heap->accounts[request->account];
    if (memory) {
        raise_peak(account, request->held);
        atomic_fetch_add_explicit(&account->allocations, 1, memory_order_relaxed);
    } else {
        unbook(account, request->added);
        refuse(heap, request->account, request->size, KM_REFUSAL_NO_MEMORY);
    }
    return memory;
}

// ---- Requests

static void check_sound(const struct km_heap *heap, const void *memory)
{
    const bool is_sound = km_block_is_sound(heap, memory);
    if (!is_sound) {
        char message[MESSAGE_SIZE];
        (void)snprintf(message, sizeof(message),
                       "kmidi: memory at %p is damaged, freed already, or not of this heap\n",
                       memory);
        tell(message);
    }
    KM_CHECK(is_sound);
}

static void *allocate(struct km_heap *heap, enum km_account account, size_t size, size_t alignment)
{
    KM_CHECK(heap);
    KM_CHECK((unsigned int)account < KM_ACCOUNTS_COUNT);

    const size_t wanted = size > 0 ? size : 1;
    struct request request = {.account = account, .size = wanted, .added = wanted};
    if (!admit(heap, &request)) {
        return NULL;
    }
    return settle(heap, &request, km_block_make(heap, account, wanted, alignment));
}

void *km_heap_allocate(struct km_heap *heap, enum km_account account, size_t size)
{
    return allocate(heap, account, size, KM_BLOCK_ALIGNMENT);
}

void *km_heap_allocate_aligned(struct km_heap *heap, enum km_account account, size_t size,
                               size_t alignment)
{
    KM_CHECK(alignment > 0 && alignment <= KM_BLOCK_ALIGNMENT_MAX);
    KM_CHECK((alignment & (alignment - 1)) == 0);

    return allocate(heap, account, size, alignment);
}

void *km_heap_allocate_array(struct km_heap *heap, enum km_account account, size_t count,
                             size_t size)
{
    KM_CHECK(heap);
    KM_CHECK((unsigned int)account < KM_ACCOUNTS_COUNT);
    if (size > 0 && count > SIZE_MAX / size) {
        refuse(heap, account, SIZE_MAX, KM_REFUSAL_OVERFLOW);
        return NULL;
    }
    return km_heap_allocate(heap, account, count * size);
}

void *km_heap_resize(struct km_heap *heap, enum km_account account, void *memory, size_t size)
{
    if (!memory) {
        return km_heap_allocate(heap, account, size);
    }
    KM_CHECK(heap);
    check_sound(heap, memory);
    KM_CHECK(km_block_of(memory)->account == (uint64_t)account);

    const uint64_t size_before = km_block_of(memory)->size;
    const size_t wanted = size > 0 ? size : 1;
    const uint64_t added = wanted > size_before ? wanted - size_before : 0;
    struct request request = {.account = account, .size = wanted, .added = added};
    if (!admit(heap, &request)) {
        return NULL;
    }
    void *const resized = settle(heap, &request, km_block_resize(heap, memory, wanted));
    if (resized && wanted < size_before) {
        unbook(&heap->accounts[account], size_before - wanted);
    }
    return resized;
}

void km_heap_release(struct km_heap *heap, void *memory)
{
    if (!memory) {
        return;
    }
    KM_CHECK(heap);
    check_sound(heap, memory);

    unbook(&heap->accounts[km_block_of(memory)->account], km_block_of(memory)->size);
    km_block_free(memory);
}

struct km_account_usage km_heap_usage(const struct km_heap *heap, enum km_account account)
{
    KM_CHECK(heap);
    KM_CHECK((unsigned int)account < KM_ACCOUNTS_COUNT);
    const struct account *const a = &heap->accounts[account];
    return (struct km_account_usage){
        .name = account_name((uint32_t)account),
        .budget_bytes = a->budget_bytes,
        .target_bytes = a->target_bytes,
        .current_bytes = atomic_load_explicit(&a->current_bytes, memory_order_relaxed),
        .peak_bytes = atomic_load_explicit(&a->peak_bytes, memory_order_relaxed),
        .allocations = atomic_load_explicit(&a->allocations, memory_order_relaxed),
        .refusals = atomic_load_explicit(&a->refusals, memory_order_relaxed),
    };
}
