// SPDX-License-Identifier: MIT

#include "heap/heap.h"

#include "base/random.h"
#include "heap/refusal_private.h"
#include "support/cmocka.h"

#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdalign.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

static struct km_heap *heap_of(uint64_t budget_bytes)
{
    struct km_heap_config config = {.fail_at = 0};
    for (int i = 0; i < KM_ACCOUNTS_COUNT; ++i) {
        config.budget_bytes[i] = budget_bytes;
    }
    struct km_heap *const heap = km_heap_new(&config);
    assert_non_null(heap);
    return heap;
}

static bool is_zero(const unsigned char *bytes, size_t size)
{
    for (size_t i = 0; i < size; ++i) {
        if (bytes[i] != 0) {
            return false;
        }
    }
    return true;
}

static void has_the_guides_budgets_and_targets(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        uint64_t budget_mib, target_mib;
    } guide[] = {{"audio", 64, 32}, {"models", 512, 256}, {"working", 128, 64}};
    struct km_heap *const heap = km_heap_new(NULL);
    assert_non_null(heap);
    assert_int_equal(KM_ACCOUNTS_COUNT, 3);
    for (int i = 0; i < 3; ++i) {
        const struct km_account_usage usage = km_heap_usage(heap, (enum km_account)i);
        assert_string_equal(usage.name, guide[i].name);
        assert_int_equal(usage.budget_bytes, guide[i].budget_mib * 1024 * 1024);
        assert_int_equal(usage.target_bytes, guide[i].target_mib * 1024 * 1024);
        assert_int_equal(usage.current_bytes + usage.peak_bytes, 0);
        assert_int_equal(usage.allocations + usage.refusals, 0);
    }
    km_heap_free(heap);
}

static void settings_replace_the_defaults(void **state)
{
    (void)state;
    struct km_heap_config config = {.fail_at = 0};
    config.budget_bytes[KM_ACCOUNT_MODELS] = 1000;
    config.target_bytes[KM_ACCOUNT_WORKING] = 77;
    config.budget_bytes[KM_ACCOUNT_AUDIO] = UINT64_MAX;
    struct km_heap *const heap = km_heap_new(&config);
    assert_int_equal(km_heap_usage(heap, KM_ACCOUNT_MODELS).budget_bytes, 1000);
    assert_int_equal(km_heap_usage(heap, KM_ACCOUNT_MODELS).target_bytes, 256 << 20);
    assert_int_equal(km_heap_usage(heap, KM_ACCOUNT_WORKING).target_bytes, 77);
    assert_int_equal(km_heap_usage(heap, KM_ACCOUNT_AUDIO).budget_bytes, (1ULL << 44) - 1);
    assert_null(km_heap_allocate(heap, KM_ACCOUNT_AUDIO, SIZE_MAX)); // Not wrapped round.
    km_heap_free(heap);
}

static void a_budget_can_be_used_to_its_last_byte(void **state)
{
    (void)state;
    struct km_heap *const heap = heap_of(100);
    void *const first = km_heap_allocate(heap, KM_ACCOUNT_WORKING, 60);
    assert_non_null(first);
    assert_null(km_heap_allocate(heap, KM_ACCOUNT_WORKING, 41));
    void *const second = km_heap_allocate(heap, KM_ACCOUNT_WORKING, 40); // Nothing lost by that.
    assert_non_null(second);
    assert_null(km_heap_allocate(heap, KM_ACCOUNT_WORKING, 1));
    void *const other = km_heap_allocate(heap, KM_ACCOUNT_MODELS, 100); // Another's budget.
    assert_non_null(other);

    const struct km_account_usage usage = km_heap_usage(heap, KM_ACCOUNT_WORKING);
    assert_int_equal(usage.current_bytes, 100);
    assert_int_equal(usage.peak_bytes, 100);
    assert_int_equal(usage.allocations, 2);
    assert_int_equal(usage.refusals, 2);
    km_heap_release(heap, first);
    km_heap_release(heap, second);
    km_heap_release(heap, other);
    km_heap_release(heap, NULL);
    assert_int_equal(km_heap_usage(heap, KM_ACCOUNT_WORKING).current_bytes, 0);
    km_heap_free(heap);
}

static void nothing_is_one_byte(void **state)
{
    (void)state;
    struct km_heap *const heap = heap_of(2);
    void *const nothing = km_heap_allocate(heap, KM_ACCOUNT_AUDIO, 0);
    void *const none = km_heap_allocate_array(heap, KM_ACCOUNT_AUDIO, 0, 8);
    assert_non_null(nothing);
    assert_non_null(none);
    assert_ptr_not_equal(nothing, none);
    void *const resized = km_heap_resize(heap, KM_ACCOUNT_AUDIO, none, 0);
    assert_non_null(resized);
    assert_int_equal(km_heap_usage(heap, KM_ACCOUNT_AUDIO).current_bytes, 2);
    km_heap_release(heap, nothing);
    km_heap_release(heap, resized);
    km_heap_free(heap);
}

static void a_refusal_names_account_request_and_budget(void **state)
{
    (void)state;
    struct km_heap *const heap = heap_of(1000);
    struct km_error error;
    assert_int_equal(km_heap_refusal(heap, &error), KM_ERROR_NO_MEMORY);
    assert_string_equal(error.message, "");

    void *const held = km_heap_allocate(heap, KM_ACCOUNT_MODELS, 300);
    assert_null(km_heap_allocate(heap, KM_ACCOUNT_MODELS, 701));
    km_heap_release(heap, held);
    assert_int_equal(km_heap_refusal(heap, &error), KM_ERROR_NO_MEMORY);
    assert_int_equal(error.status, KM_ERROR_NO_MEMORY);
    assert_string_equal(error.message, "memory account models: 701 bytes refused: it holds 300 of "
                                       "its budget of 1000 bytes");
    assert_int_equal(km_heap_refusal(heap, NULL), KM_ERROR_NO_MEMORY);

    km_heap_fail_at(heap, 1);
    assert_null(km_heap_allocate(heap, KM_ACCOUNT_AUDIO, 5));
    assert_int_equal(km_heap_refusal(heap, &error), KM_ERROR_NO_MEMORY);
    assert_string_equal(error.message,
                        "memory account audio: 5 bytes refused: the system has no memory; the "
                        "account holds 0 of its budget of 1000 bytes");
    km_heap_free(heap);
}

static void a_product_that_overflows_is_refused(void **state)
{
    (void)state;
    struct km_heap *const heap = heap_of(UINT64_MAX);
    const size_t half = SIZE_MAX / 2 + 1;
    assert_null(km_heap_allocate_array(heap, KM_ACCOUNT_WORKING, half, 2)); // 0 if it wrapped.
    assert_null(km_heap_allocate_array(heap, KM_ACCOUNT_WORKING, 2, half));
    assert_null(km_heap_allocate_array(heap, KM_ACCOUNT_WORKING, half + 8, 2)); // 16.
    assert_int_equal(km_heap_usage(heap, KM_ACCOUNT_WORKING).refusals, 3);
    struct km_error error;
    assert_int_equal(km_heap_refusal(heap, &error), KM_ERROR_NO_MEMORY);
    assert_non_null(strstr(error.message, "working"));

    unsigned char *const array = km_heap_allocate_array(heap, KM_ACCOUNT_WORKING, 7, 9);
    assert_int_equal(km_heap_usage(heap, KM_ACCOUNT_WORKING).current_bytes, 63);
    assert_true(is_zero(array, 63));
    km_heap_release(heap, array);
    km_heap_free(heap);
}

static void alignment_holds_also_through_resizing(void **state)
{
    (void)state;
    struct km_heap *const heap = heap_of(1 << 24);
    for (size_t alignment = 1; alignment <= 4096; alignment *= 2) {
        void *blocks[16];
        for (size_t i = 0; i < 16; ++i) {
            const size_t size = 1 + i * 61;
            blocks[i] = km_heap_allocate_aligned(heap, KM_ACCOUNT_AUDIO, size, alignment);
            assert_non_null(blocks[i]);
            assert_int_equal((uintptr_t)blocks[i] % alignment, 0);
            assert_int_equal((uintptr_t)blocks[i] % alignof(max_align_t), 0);
            assert_true(is_zero(blocks[i], size));
            memset(blocks[i], (int)i + 1, size);
        }
        for (size_t i = 0; i < 16; ++i) {
            const size_t size = 1 + i * 61;
            unsigned char *const resized =
                km_heap_resize(heap, KM_ACCOUNT_AUDIO, blocks[i], size + 5000);
            assert_non_null(resized);
            assert_int_equal((uintptr_t)resized % alignment, 0);
            assert_int_equal(resized[0], i + 1);
            assert_int_equal(resized[size - 1], i + 1);
            assert_true(is_zero(resized + size, 5000));
            km_heap_release(heap, resized);
        }
    }
    assert_int_equal(km_heap_usage(heap, KM_ACCOUNT_AUDIO).current_bytes, 0);
    km_heap_free(heap);
}

static void memory_grown_again_is_zero(void **state)
{
    (void)state;
    struct km_heap *const heap = heap_of(1 << 20);
    unsigned char *memory = km_heap_allocate(heap, KM_ACCOUNT_WORKING, 1000);
    memset(memory, 0xEE, 1000);
    memory = km_heap_resize(heap, KM_ACCOUNT_WORKING, memory, 10);
    memory = km_heap_resize(heap, KM_ACCOUNT_WORKING, memory, 1000); // Likely the same bytes.
    assert_int_equal(memory[9], 0xEE);
    assert_true(is_zero(memory + 10, 990));
    km_heap_release(heap, memory);
    km_heap_free(heap);
}

static void a_refused_resize_leaves_the_memory_as_it_was(void **state)
{
    (void)state;
    struct km_heap *const heap = heap_of(100);
    char *const memory = km_heap_allocate(heap, KM_ACCOUNT_WORKING, 50);
    memset(memory, 'x', 50);
    assert_null(km_heap_resize(heap, KM_ACCOUNT_WORKING, memory, 101));
    km_heap_fail_at(heap, 1);
    assert_null(km_heap_resize(heap, KM_ACCOUNT_WORKING, memory, 60));
    assert_int_equal(km_heap_usage(heap, KM_ACCOUNT_WORKING).current_bytes, 50);
    assert_int_equal(km_heap_usage(heap, KM_ACCOUNT_WORKING).refusals, 2);
    assert_int_equal(memory[49], 'x');
    km_heap_release(heap, memory);
    km_heap_free(heap);
}

static void the_nth_request_and_all_after_it_fail(void **state)
{
    (void)state;
    const struct km_heap_config config = {.fail_at = 3};
    struct km_heap *const heap = km_heap_new(&config);
    void *const first = km_heap_allocate(heap, KM_ACCOUNT_WORKING, 8);
    void *second = km_heap_allocate_aligned(heap, KM_ACCOUNT_AUDIO, 8, 64);
    assert_non_null(first);
    assert_non_null(second);
    assert_null(km_heap_allocate(heap, KM_ACCOUNT_WORKING, 8));
    assert_null(km_heap_allocate_array(heap, KM_ACCOUNT_MODELS, 1, 8));
    assert_null(km_heap_resize(heap, KM_ACCOUNT_AUDIO, second, 4));

    km_heap_fail_at(heap, 2);
    second = km_heap_resize(heap, KM_ACCOUNT_AUDIO, second, 4);
    assert_non_null(second);
    assert_null(km_heap_allocate(heap, KM_ACCOUNT_WORKING, 8));
    km_heap_fail_at(heap, 0);
    void *const third = km_heap_allocate(heap, KM_ACCOUNT_WORKING, 8);
    assert_non_null(third);
    km_heap_release(heap, first);
    km_heap_release(heap, second);
    km_heap_release(heap, third);
    km_heap_free(heap);
}

// ---- Against a model

enum { SLOTS_COUNT = 64, STEPS_COUNT = 20000, MODEL_BUDGET = 30000 };

struct slot {
    unsigned char *memory;
    size_t size;
    enum km_account account;
    size_t alignment;
    unsigned char fill;
};

struct model {
    struct slot slots[SLOTS_COUNT];
    struct km_account_usage accounts[KM_ACCOUNTS_COUNT];
};

static bool model_books(struct model *model, enum km_account account, size_t before, size_t size)
{
    struct km_account_usage *const usage = &model->accounts[account];
    if (usage->current_bytes - before + size > MODEL_BUDGET) {
        usage->refusals += 1;
        return false;
    }
    usage->current_bytes += size - before;
    usage->allocations += 1;
    if (usage->current_bytes > usage->peak_bytes) {
        usage->peak_bytes = usage->current_bytes;
    }
    return true;
}

static void check_filled(const struct slot *slot, size_t size)
{
    for (size_t i = 0; i < size; ++i) {
        assert_int_equal(slot->memory[i], slot->fill);
    }
}

static size_t random_size(struct km_random *random)
{
    return 1 + km_random_below(random, 1U << km_random_below(random, 16));
}

static void model_allocates(struct model *model, struct km_heap *heap, struct slot *slot,
                            struct km_random *random)
{
    const size_t size = random_size(random);
    slot->alignment = (size_t)1 << km_random_below(random, 13);
    slot->account = (enum km_account)km_random_below(random, KM_ACCOUNTS_COUNT);
    slot->memory = km_heap_allocate_aligned(heap, slot->account, size, slot->alignment);
    assert_int_equal(slot->memory != NULL, model_books(model, slot->account, 0, size));
    if (slot->memory) {
        assert_true(is_zero(slot->memory, size));
        slot->size = size;
        slot->fill = (unsigned char)km_random_between(random, 1, 255);
        memset(slot->memory, slot->fill, size);
    }
}

static void model_resizes(struct model *model, struct km_heap *heap, struct slot *slot,
                          struct km_random *random)
{
    const size_t size = random_size(random);
    unsigned char *const memory = km_heap_resize(heap, slot->account, slot->memory, size);
    assert_int_equal(memory != NULL, model_books(model, slot->account, slot->size, size));
    if (memory) {
        const size_t kept = size < slot->size ? size : slot->size;
        slot->memory = memory;
        slot->size = size;
        assert_int_equal((uintptr_t)memory % slot->alignment, 0);
        check_filled(slot, kept);
        assert_true(is_zero(memory + kept, size - kept));
        memset(memory, slot->fill, size);
    }
}

static void model_releases(struct model *model, struct km_heap *heap, struct slot *slot)
{
    check_filled(slot, slot->size);
    km_heap_release(heap, slot->memory);
    model->accounts[slot->account].current_bytes -= slot->size;
    slot->memory = NULL;
}

static void agrees_with_a_model_of_its_accounts(void **state)
{
    (void)state;
    static struct model model;
    struct km_heap *const heap = heap_of(MODEL_BUDGET);
    struct km_random random;
    km_random_init(&random, 1, "heap");
    for (int step = 0; step < STEPS_COUNT; ++step) {
        struct slot *const slot = &model.slots[km_random_below(&random, SLOTS_COUNT)];
        if (!slot->memory) {
            model_allocates(&model, heap, slot, &random);
        } else if (km_random_chance(&random, 0.5)) {
            model_resizes(&model, heap, slot, &random);
        } else {
            model_releases(&model, heap, slot);
        }
        for (int i = 0; i < KM_ACCOUNTS_COUNT; ++i) {
            const struct km_account_usage usage = km_heap_usage(heap, (enum km_account)i);
            assert_int_equal(usage.current_bytes, model.accounts[i].current_bytes);
            assert_int_equal(usage.peak_bytes, model.accounts[i].peak_bytes);
            assert_int_equal(usage.allocations, model.accounts[i].allocations);
            assert_int_equal(usage.refusals, model.accounts[i].refusals);
        }
    }
    assert_true(model.accounts[0].refusals > 10); // The budget was reached.
    for (int i = 0; i < SLOTS_COUNT; ++i) {
        if (model.slots[i].memory) {
            model_releases(&model, heap, &model.slots[i]);
        }
    }
    km_heap_free(heap);
}

// ---- Threads

enum { REFUSALS_COUNT = 200000, ROUNDS_COUNT = 20000, THREADS_COUNT = 2 };

struct worker {
    struct km_heap *heap;
    uint64_t granted;
};

static void *allocate_and_release(void *context)
{
    struct worker *const worker = context;
    struct km_heap *const heap = worker->heap;
    for (int i = 0; i < ROUNDS_COUNT; ++i) {
        char *const memory = km_heap_allocate(heap, KM_ACCOUNT_WORKING, 60);
        if (memory) {
            memory[59] = 1;
            worker->granted += 1;
            if (i % 8 == 0) {
                sched_yield(); // While holding it, so that the other one is refused.
            }
            km_heap_release(heap, memory);
        } else {
            struct km_error error;
            assert_int_equal(km_heap_refusal(heap, &error), KM_ERROR_NO_MEMORY);
            assert_non_null(strstr(error.message, "working: 60 bytes"));
            sched_yield();
        }
    }
    return NULL;
}

// The budget has room for one of the two: never are both granted, and no byte gets lost.
static void counts_between_threads(void **state)
{
    (void)state;
    struct km_heap *const heap = heap_of(100);
    struct worker workers[THREADS_COUNT] = {{heap, 0}, {heap, 0}};
    pthread_t threads[THREADS_COUNT];
    for (int i = 0; i < THREADS_COUNT; ++i) {
        assert_int_equal(pthread_create(&threads[i], NULL, allocate_and_release, &workers[i]), 0);
    }
    uint64_t granted = 0;
    for (int i = 0; i < THREADS_COUNT; ++i) {
        assert_int_equal(pthread_join(threads[i], NULL), 0);
        granted += workers[i].granted;
    }
    const struct km_account_usage usage = km_heap_usage(heap, KM_ACCOUNT_WORKING);
    assert_int_equal(usage.current_bytes, 0);
    assert_int_equal(usage.peak_bytes, 60);
    assert_int_equal(usage.allocations, granted);
    assert_int_equal(usage.allocations + usage.refusals, THREADS_COUNT * ROUNDS_COUNT);
    km_heap_free(heap);
}

struct keeper {
    struct km_refusal_cell *cell;
    uint32_t number;
    _Atomic int *keeping; ///< Threads that have not ended.
};

static void *keep_refusals(void *context)
{
    const struct keeper *const keeper = context;
    for (uint64_t i = 0; i < REFUSALS_COUNT; ++i) {
        const uint64_t value = i * 2 + keeper->number;
        km_refusal_keep(keeper->cell, (struct km_refusal){.requested_bytes = value,
                                                          .held_bytes = ~value,
                                                          .account = keeper->number,
                                                          .reason = KM_REFUSAL_OVER_BUDGET});
        if (i % 1000 == 0) {
            sched_yield();
        }
    }
    atomic_fetch_sub(keeper->keeping, 1);
    return NULL;
}

static void a_refusal_is_read_whole_while_two_write(void **state)
{
    (void)state;
    static struct km_refusal_cell cell;
    static _Atomic int keeping = 2;
    struct keeper keepers[2] = {{&cell, 0, &keeping}, {&cell, 1, &keeping}};
    pthread_t threads[2];
    for (int i = 0; i < 2; ++i) {
        assert_int_equal(pthread_create(&threads[i], NULL, keep_refusals, &keepers[i]), 0);
    }
    while (atomic_load(&keeping) > 0) {
        const struct km_refusal last = km_refusal_last(&cell);
        if (last.reason != KM_REFUSAL_NONE) {
            assert_int_equal(last.held_bytes, ~last.requested_bytes);
            assert_int_equal(last.requested_bytes % 2, last.account);
        }
    }
    assert_int_equal(pthread_join(threads[0], NULL), 0);
    assert_int_equal(pthread_join(threads[1], NULL), 0);
    assert_int_equal(km_refusal_last(&cell).reason, KM_REFUSAL_OVER_BUDGET);
}

static void a_refusal_half_written_is_not_shown(void **state)
{
    (void)state;
    struct km_refusal_cell cell = {.sequence = 0};
    const struct km_refusal refusal = {1, 2, 0, KM_REFUSAL_OVER_BUDGET};
    km_refusal_keep(&cell, refusal);
    assert_int_equal(km_refusal_last(&cell).held_bytes, 2);
    atomic_fetch_add(&cell.sequence, 1); // As if a writer had stopped in the middle.
    assert_int_equal(km_refusal_last(&cell).reason, KM_REFUSAL_NONE);
    km_refusal_keep(&cell, (struct km_refusal){3, 4, 0, KM_REFUSAL_NO_MEMORY});
    atomic_fetch_add(&cell.sequence, 1);
    assert_int_equal(km_refusal_last(&cell).held_bytes, 2); // The second writer kept out.
}

// ---- Programmer errors

enum { TOLD_SIZE = 512 };

// Runs `crime` in a child, which must abort; what it said on standard error is in `told`.
static void expect_abort(void (*crime)(struct km_heap *heap), char told[TOLD_SIZE])
{
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    const pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        const struct rlimit no_core = {0, 0};
        setrlimit(RLIMIT_CORE, &no_core);
        signal(SIGABRT, SIG_DFL); // cmocka would jump out of it.
        dup2(ends[1], STDERR_FILENO);
        crime(heap_of(1 << 20));
        _exit(0);
    }
    close(ends[1]);
    size_t size = 0;
    ssize_t got = 0;
    while (size < TOLD_SIZE - 1 && (got = read(ends[0], told + size, TOLD_SIZE - 1 - size)) > 0) {
        size += (size_t)got;
    }
    told[size] = '\0';
    close(ends[0]);
    int status = 0;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT);
}

static void leak(struct km_heap *heap)
{
    void *const lost = km_heap_allocate(heap, KM_ACCOUNT_MODELS, 123);
    (void)lost;
    km_heap_free(heap);
}

static void release_damaged(struct km_heap *heap)
{
    char *const memory = km_heap_allocate(heap, KM_ACCOUNT_MODELS, 10);
    memory[-16] ^= 1; // One bit of the size.
    km_heap_release(heap, memory);
}

static void resize_damaged(struct km_heap *heap)
{
    char *const memory = km_heap_allocate_aligned(heap, KM_ACCOUNT_MODELS, 10, 64);
    memory[-1] ^= 1; // One bit of the seal.
    void *const resized = km_heap_resize(heap, KM_ACCOUNT_MODELS, memory, 20);
    (void)resized;
}

static void release_foreign(struct km_heap *heap)
{
    static _Alignas(16) unsigned char foreign[64];
    km_heap_release(heap, foreign + 32);
}

static void release_inside(struct km_heap *heap)
{
    char *const memory = km_heap_allocate(heap, KM_ACCOUNT_MODELS, 100);
    km_heap_release(heap, memory + 8);
}

static void release_to_another_heap(struct km_heap *heap)
{
    km_heap_release(heap_of(1000), km_heap_allocate(heap, KM_ACCOUNT_MODELS, 100));
}

static void resize_on_another_account(struct km_heap *heap)
{
    void *const memory = km_heap_allocate(heap, KM_ACCOUNT_MODELS, 100);
    void *const resized = km_heap_resize(heap, KM_ACCOUNT_AUDIO, memory, 50);
    (void)resized;
}

static void ask_for_odd_alignment(struct km_heap *heap)
{
    void *const memory = km_heap_allocate_aligned(heap, KM_ACCOUNT_MODELS, 100, 48);
    (void)memory;
}

static void a_leak_stops_the_program_and_names_account_and_bytes(void **state)
{
    (void)state;
    char told[TOLD_SIZE];
    expect_abort(leak, told);
    assert_non_null(strstr(told, "account models"));
    assert_non_null(strstr(told, "123 bytes"));
}

static void damaged_or_foreign_memory_stops_the_program(void **state)
{
    (void)state;
    void (*const crimes[])(struct km_heap *) = {release_damaged, resize_damaged, release_foreign,
                                                release_inside, release_to_another_heap};
    for (size_t i = 0; i < sizeof(crimes) / sizeof(crimes[0]); ++i) {
        char told[TOLD_SIZE];
        expect_abort(crimes[i], told);
        assert_non_null(strstr(told, "damaged"));
    }
    char told[TOLD_SIZE];
    expect_abort(resize_on_another_account, told);
    expect_abort(ask_for_odd_alignment, told);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(has_the_guides_budgets_and_targets),
        cmocka_unit_test(settings_replace_the_defaults),
        cmocka_unit_test(a_budget_can_be_used_to_its_last_byte),
        cmocka_unit_test(nothing_is_one_byte),
        cmocka_unit_test(a_refusal_names_account_request_and_budget),
        cmocka_unit_test(a_product_that_overflows_is_refused),
        cmocka_unit_test(alignment_holds_also_through_resizing),
        cmocka_unit_test(memory_grown_again_is_zero),
        cmocka_unit_test(a_refused_resize_leaves_the_memory_as_it_was),
        cmocka_unit_test(the_nth_request_and_all_after_it_fail),
        cmocka_unit_test(agrees_with_a_model_of_its_accounts),
        cmocka_unit_test(counts_between_threads),
        cmocka_unit_test(a_refusal_is_read_whole_while_two_write),
        cmocka_unit_test(a_refusal_half_written_is_not_shown),
        cmocka_unit_test(a_leak_stops_the_program_and_names_account_and_bytes),
        cmocka_unit_test(damaged_or_foreign_memory_stops_the_program),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
