// SPDX-License-Identifier: MIT

// The guard with the preload library: this program is started with LD_PRELOAD, and sins on purpose.

#include "rt/guard.h"

#include "rt/arena.h"
#include "rt/latest.h"
#include "rt/pool.h"
#include "rt/ring.h"
#include "support/cmocka.h"
#include "unit/rt/child.h"

#include <errno.h>
#include <fcntl.h>
#include <malloc.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <semaphore.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/select.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <syslog.h>
#include <threads.h>
#include <time.h>

enum { SKIPPED = 77 };

// What the sins need, made before the section begins and undone after it.
struct scene {
    void *memory; // There from the start.
    void *taken;  // Taken by a sin.
    pthread_mutex_t mutex;
    pthread_rwlock_t rwlock;
    pthread_spinlock_t spinlock;
    pthread_cond_t condition;
    pthread_barrier_t barrier;
    pthread_t thread;
    mtx_t mtx;
    sem_t semaphore;
    FILE *file;
    int null_file;
    int epoll;
};

static void *do_nothing(void *argument)
{
    return argument;
}

static void set_scene(struct scene *scene)
{
    *scene = (struct scene){.memory = malloc(100)};
    assert_int_equal(pthread_mutex_init(&scene->mutex, NULL), 0);
    assert_int_equal(pthread_rwlock_init(&scene->rwlock, NULL), 0);
    assert_int_equal(pthread_spin_init(&scene->spinlock, PTHREAD_PROCESS_PRIVATE), 0);
    assert_int_equal(pthread_cond_init(&scene->condition, NULL), 0);
    assert_int_equal(pthread_barrier_init(&scene->barrier, NULL, 1), 0);
    assert_int_equal(pthread_create(&scene->thread, NULL, do_nothing, NULL), 0);
    assert_int_equal(mtx_init(&scene->mtx, mtx_plain), thrd_success);
    assert_int_equal(sem_init(&scene->semaphore, 0, 1), 0);
    scene->file = fopen("/dev/null", "r+");
    assert_non_null(scene->file);
    scene->null_file = open("/dev/null", O_RDWR);
    assert_true(scene->null_file >= 0);
    scene->epoll = epoll_create1(0);
    assert_true(scene->epoll >= 0);
}

static void clear_scene(struct scene *scene)
{
    free(scene->memory);
    free(scene->taken);
    if (scene->thread) {
        pthread_join(scene->thread, NULL);
    }
    sem_destroy(&scene->semaphore);
    pthread_barrier_destroy(&scene->barrier);
    if (scene->file) {
        fclose(scene->file);
    }
    close(scene->null_file);
    close(scene->epoll);
}

// Each sin is one call of the function it is named after.
#define SIN(name, call)                                                                            \
    static void sin_##name(struct scene *scene)                                                    \
    {                                                                                              \
        (void)scene;                                                                               \
        call;                                                                                      \
    }

static const struct timespec long_ago = {.tv_sec = 1};
static const struct timespec at_once = {0};

// Keeps the compiler from leaving out a call whose result nobody needs.
#define KEEP(expression)                                                                           \
    do {                                                                                           \
        volatile int64_t kept = (int64_t)(expression);                                             \
        (void)kept;                                                                                \
    } while (0)

SIN(malloc, scene->taken = malloc(10))
SIN(calloc, scene->taken = calloc(2, 10))
SIN(realloc, scene->memory = realloc(scene->memory, 20000))
SIN(reallocarray, scene->memory = reallocarray(scene->memory, 10, 20))
SIN(memalign, scene->taken = memalign(64, 10))
SIN(aligned_alloc, scene->taken = aligned_alloc(64, 64))
SIN(posix_memalign, KEEP(posix_memalign(&scene->taken, 64, 10)))
SIN(valloc, scene->taken = valloc(10))
SIN(strdup, scene->taken = strdup("a copy"))
SIN(free, free(scene->memory); scene->memory = NULL)
SIN(free_null, free(NULL))
SIN(mutex, pthread_mutex_lock(&scene->mutex))
SIN(mutex_timed, KEEP(pthread_mutex_timedlock(&scene->mutex, &long_ago)))
SIN(read_lock, pthread_rwlock_rdlock(&scene->rwlock))
SIN(write_lock, pthread_rwlock_wrlock(&scene->rwlock))
SIN(spinlock, pthread_spin_lock(&scene->spinlock))
SIN(mtx, mtx_lock(&scene->mtx))
SIN(cond_timedwait, KEEP(pthread_mutex_trylock(&scene->mutex));
    KEEP(pthread_cond_timedwait(&scene->condition, &scene->mutex, &long_ago)))
SIN(barrier, KEEP(pthread_barrier_wait(&scene->barrier)))
SIN(join, pthread_join(scene->thread, NULL); scene->thread = 0)
SIN(sem_wait, sem_wait(&scene->semaphore))
SIN(sem_timedwait, KEEP(sem_timedwait(&scene->semaphore, &long_ago)))
SIN(poll, KEEP(poll(NULL, 0, 0)))
SIN(ppoll, KEEP(ppoll(NULL, 0, &at_once, NULL)))
SIN(select, KEEP(select(0, NULL, NULL, NULL, &(struct timeval){0})))
SIN(pselect, KEEP(pselect(0, NULL, NULL, NULL, &at_once, NULL)))
SIN(epoll, KEEP(epoll_wait(scene->epoll, &(struct epoll_event){0}, 1, 0)))
SIN(waitpid, KEEP(waitpid(-1, NULL, WNOHANG)))
SIN(sleep, KEEP(sleep(0)))
SIN(usleep, KEEP(usleep(1)))
SIN(nanosleep, KEEP(nanosleep(&at_once, NULL)))
SIN(clock_nanosleep, KEEP(clock_nanosleep(CLOCK_MONOTONIC, 0, &at_once, NULL)))
SIN(yield, KEEP(sched_yield()))
SIN(thrd_sleep, KEEP(thrd_sleep(&at_once, NULL)))
SIN(open, close(scene->null_file); scene->null_file = open("/dev/null", O_RDWR))
SIN(read, KEEP(read(scene->null_file, &(char){0}, 1)))
SIN(pread, KEEP(pread(scene->null_file, &(char){0}, 1, 0)))
SIN(write, KEEP(write(scene->null_file, "x", 1)))
SIN(ioctl, KEEP(ioctl(scene->null_file, 0, NULL)))
SIN(fcntl, KEEP(fcntl(scene->null_file, F_GETFD)))
SIN(access, KEEP(access("/dev/null", R_OK)))
SIN(fopen, fclose(scene->file); scene->file = fopen("/dev/null", "r+"))
SIN(fclose, fclose(scene->file); scene->file = NULL)
SIN(fprintf, fprintf(scene->file, "%d\n", 1))
SIN(fputs, fputs("x", scene->file))
SIN(fwrite, KEEP(fwrite("x", 1, 1, scene->file)))
SIN(fflush, fflush(scene->file))
SIN(fgets, char line[8]; KEEP(fgets(line, 8, scene->file) != NULL))
SIN(dprintf, dprintf(scene->null_file, "%s", "x"))
SIN(syslog, syslog(LOG_DEBUG, "%s", "a test of kmidi"))
SIN(create, pthread_join(scene->thread, NULL);
    pthread_create(&scene->thread, NULL, do_nothing, NULL))
SIN(system, KEEP(system("true"))) // NOLINT(cert-env33-c): it is a sin.
SIN(mmap, KEEP(mmap(NULL, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) != MAP_FAILED))
SIN(munmap, KEEP(munmap((void *)scene, 0)))
SIN(mlock, KEEP(mlock(scene, 1)))
SIN(syscall, KEEP(syscall(SYS_getppid)))
SIN(innocence, KEEP(getppid()))

struct expectation {
    const char *name;
    void (*sin)(struct scene *scene);
    enum km_guard_kind kind;
    int count;
    enum km_guard_kind kind_too; // A second call that the sin cannot do without.
    int count_too;
};

#define ONE(name, KIND)                                                                            \
    {                                                                                              \
#name, sin_##name, KM_GUARD_##KIND, 1, 0, 0                                                \
    }
#define TWO(name, KIND, KIND_TOO)                                                                  \
    {                                                                                              \
#name, sin_##name, KM_GUARD_##KIND, 1, KM_GUARD_##KIND_TOO, 1                              \
    }

static const struct expectation expectations[] = {
    ONE(malloc, ALLOCATION),
    ONE(calloc, ALLOCATION),
    ONE(realloc, ALLOCATION),
    ONE(reallocarray, ALLOCATION),
    ONE(memalign, ALLOCATION),
    ONE(aligned_alloc, ALLOCATION),
    ONE(posix_memalign, ALLOCATION),
    ONE(valloc, ALLOCATION),
    ONE(strdup, ALLOCATION),
    ONE(free, FREE),
    ONE(mutex, LOCK),
    ONE(mutex_timed, LOCK),
    ONE(read_lock, LOCK),
    ONE(write_lock, LOCK),
    ONE(spinlock, LOCK),
    ONE(mtx, LOCK),
    ONE(cond_timedwait, WAIT),
    ONE(barrier, WAIT),
    ONE(join, WAIT),
    ONE(sem_wait, WAIT),
    ONE(sem_timedwait, WAIT),
    ONE(poll, WAIT),
    ONE(ppoll, WAIT),
    ONE(select, WAIT),
    ONE(pselect, WAIT),
    ONE(epoll, WAIT),
    ONE(waitpid, WAIT),
    ONE(sleep, SLEEP),
    ONE(usleep, SLEEP),
    ONE(nanosleep, SLEEP),
    ONE(clock_nanosleep, SLEEP),
    ONE(yield, SLEEP),
    ONE(thrd_sleep, SLEEP),
    TWO(open, IO, IO),
    ONE(read, IO),
    ONE(pread, IO),
    ONE(write, IO),
    ONE(ioctl, IO),
    ONE(fcntl, IO),
    ONE(access, IO),
    TWO(fopen, IO, IO),
    ONE(fclose, IO),
    ONE(fprintf, IO),
    ONE(fputs, IO),
    ONE(fwrite, IO),
    ONE(fflush, IO),
    ONE(fgets, IO),
    ONE(dprintf, IO),
    ONE(syslog, LOG),
    TWO(create, THREAD, WAIT),
    ONE(system, THREAD),
    ONE(mmap, SYSCALL),
    ONE(munmap, SYSCALL),
    ONE(mlock, SYSCALL),
    ONE(syscall, SYSCALL),
    {"free_null", sin_free_null, 0, 0, 0, 0}, // It does nothing.
    {"innocence", sin_innocence, 0, 0, 0, 0},
};

enum { EXPECTATIONS_COUNT = sizeof(expectations) / sizeof(expectations[0]) };

static struct km_guard started_guard(void)
{
    struct km_guard guard = {0};
    km_guard_start(&guard);
    assert_true(km_guard_is_watching(&guard));
    return guard;
}

// Inside a section each call is counted once, under its kind, whatever the C library does in turn;
// outside it is not counted.
static void counts_each_call_once_and_only_inside(void **state)
{
    (void)state;
    const struct km_guard guard = started_guard();
    for (int i = 0; i < EXPECTATIONS_COUNT; ++i) {
        const struct expectation *const expected = &expectations[i];
        uint64_t counts[KM_GUARD_KINDS_COUNT];
        for (int kind = 0; kind < KM_GUARD_KINDS_COUNT; ++kind) {
            counts[kind] = km_guard_count(&guard, (enum km_guard_kind)kind);
        }
        counts[expected->kind] += (uint64_t)expected->count;
        counts[expected->kind_too] += (uint64_t)expected->count_too;

        struct scene scene;
        set_scene(&scene);
        km_guard_enter(&guard);
        expected->sin(&scene);
        km_guard_leave(&guard);
        clear_scene(&scene);

        set_scene(&scene);
        expected->sin(&scene);
        clear_scene(&scene);

        for (int kind = 0; kind < KM_GUARD_KINDS_COUNT; ++kind) {
            const uint64_t count = km_guard_count(&guard, (enum km_guard_kind)kind);
            if (count != counts[kind]) {
                fail_msg("%s: %d of kind %s too many", expected->name, (int)(count - counts[kind]),
                         km_guard_kind_name((enum km_guard_kind)kind));
            }
        }
    }
}

static void sections_nest(void **state)
{
    (void)state;
    const struct km_guard guard = started_guard();
    const uint64_t before = km_guard_count_all(&guard);
    km_guard_enter(&guard);
    km_guard_enter(&guard);
    KEEP(sched_yield());
    km_guard_leave(&guard);
    KEEP(sched_yield());
    km_guard_leave(&guard);
    KEEP(sched_yield());
    assert_int_equal(km_guard_count_all(&guard), before + 2);
}

static void *allocate_and_free(void *unused)
{
    (void)unused;
    for (int i = 0; i < 100; ++i) {
        void *volatile memory = malloc(10);
        free(memory);
    }
    return NULL;
}

static void *allocate_and_free_inside(void *guard)
{
    km_guard_enter(guard);
    allocate_and_free(NULL);
    km_guard_leave(guard);
    return NULL;
}

static void a_section_is_its_threads_own(void **state)
{
    (void)state;
    struct km_guard guard = started_guard();
    pthread_t outside;
    pthread_t inside[2];
    const uint64_t allocations = km_guard_count(&guard, KM_GUARD_ALLOCATION);
    const uint64_t frees = km_guard_count(&guard, KM_GUARD_FREE);
    assert_int_equal(pthread_create(&outside, NULL, allocate_and_free, NULL), 0);
    assert_int_equal(pthread_create(&inside[0], NULL, allocate_and_free_inside, &guard), 0);
    assert_int_equal(pthread_create(&inside[1], NULL, allocate_and_free_inside, &guard), 0);
    allocate_and_free(NULL);
    assert_int_equal(pthread_join(outside, NULL), 0);
    assert_int_equal(pthread_join(inside[0], NULL), 0);
    assert_int_equal(pthread_join(inside[1], NULL), 0);
    assert_int_equal(km_guard_count(&guard, KM_GUARD_ALLOCATION), allocations + 200);
    assert_int_equal(km_guard_count(&guard, KM_GUARD_FREE), frees + 200);
}

// A wrapped call gives what the original gives, inside and outside a section.
static void passes_results_and_errors_on(void **state)
{
    (void)state;
    const struct km_guard guard = started_guard();
    for (int i = 0; i < 2; ++i) {
        if (i == 1) {
            km_guard_enter(&guard);
        }
        volatile size_t half = SIZE_MAX / 2; // Not for the compiler to see.
        errno = 0;
        const int file = open("/nowhere/to/be/found", O_RDONLY);
        const int open_error = errno;
        const int null_file = open("/dev/null", O_RDWR | O_CREAT, 0600);
        const ssize_t written = write(null_file, "four", 4);
        void *const too_much = reallocarray(NULL, half, 4);
        const int overflow_error = errno;
        const long process = syscall(SYS_getpid);
        char text[16] = "";
        const int length = snprintf(text, sizeof(text), "%d", 42);
        close(null_file);
        if (i == 1) {
            km_guard_leave(&guard);
        }
        assert_int_equal(file, -1);
        assert_int_equal(open_error, ENOENT);
        assert_int_equal(written, 4);
        assert_null(too_much);
        assert_int_equal(overflow_error, ENOMEM);
        assert_int_equal(process, getpid());
        assert_int_equal(length, 2);
    }
}

// What travels behind "..." arrives: the mode of a new file, and the numbers of a system call.
static void passes_variable_arguments_on(void **state)
{
    (void)state;
    const struct km_guard guard = started_guard();
    char path[64];
    const int length = snprintf(path, sizeof(path), "%s/test_guard_%ld", P_tmpdir, (long)getpid());
    assert_in_range(length, 1, sizeof(path) - 1);
    const mode_t mask = umask(0);
    km_guard_enter(&guard);
    const int file = open(path, O_CREAT | O_EXCL | O_RDWR, 0640);
    const long written = syscall(SYS_pwrite64, file, "abc", 3L, 10L);
    const int formatted = dprintf(file, "%s %d %.1f", "x", 42, 2.5);
    const int copy = fcntl(file, F_DUPFD, 100);
    km_guard_leave(&guard);
    umask(mask);
    struct stat status;
    assert_int_equal(fstat(file, &status), 0);
    char read_back[32] = "";
    const ssize_t size = pread(file, read_back, sizeof(read_back) - 1, 0);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(close(file), 0);
    assert_int_equal(close(copy), 0);
    assert_true(copy >= 100);
    assert_int_equal(status.st_mode & 0777, 0640);
    assert_int_equal(written, 3);
    assert_int_equal(formatted, 8);
    assert_int_equal(size, 13);
    assert_memory_equal(read_back, "x 42 2.5\0\0abc", 13);
}

struct side_a {
    struct km_arena arena;
    struct km_ring *ring;
    struct km_pool *pool;
    struct km_latest *latest;
};

static uint64_t use_everything(struct side_a *side, uint64_t rounds)
{
    uint64_t sum = 0;
    for (uint64_t i = 0; i < rounds; ++i) {
        uint64_t message[2] = {i, i};
        char bytes[11] = {0};
        sum += km_ring_write(side->ring, message, sizeof(message));
        sum += km_ring_write(side->ring, bytes, sizeof(bytes)); // Not always in one piece.
        sum += km_ring_read_space(side->ring) + km_ring_write_space(side->ring);
        sum += km_ring_read(side->ring, message, sizeof(message));
        sum += km_ring_read(side->ring, bytes, sizeof(bytes));
        void *const block = km_pool_take(side->pool);
        void *const other = km_pool_take(side->pool);
        sum += km_pool_take(side->pool) == NULL;
        km_pool_give(side->pool, block);
        km_pool_give(side->pool, other);
        sum += km_pool_taken(side->pool) + km_pool_refusals(side->pool);
        km_latest_write(side->latest, message);
        sum += km_latest_has_news(side->latest);
        sum += *(const uint64_t *)km_latest_read(side->latest);
        sum += km_arena_is_sealed(&side->arena) + km_arena_remaining(&side->arena);
    }
    return sum;
}

static void side_a_is_innocent_a_million_times(void **state)
{
    (void)state;
    static unsigned char block[1 << 14];
    struct side_a side;
    km_arena_init(&side.arena, block, sizeof(block));
    side.ring = km_ring_new(&side.arena, 64);
    side.pool = km_pool_new(&side.arena, 40, 8, 2);
    side.latest = km_latest_new(&side.arena, 16);
    assert_non_null(side.ring);
    assert_non_null(side.pool);
    assert_non_null(side.latest);
    km_arena_seal(&side.arena);

    const struct km_guard guard = started_guard();
    const uint64_t before = km_guard_count_all(&guard);
    km_guard_enter(&guard);
    const uint64_t sum = use_everything(&side, 1000000);
    const uint64_t during = km_guard_count_all(&guard);
    KEEP(sched_yield()); // The section was one: this is caught.
    km_guard_leave(&guard);
    assert_true(sum > 0);
    assert_int_equal(during, before);
    assert_int_equal(km_guard_count_all(&guard), before + 1);
}

// Runs this program once more, with KMIDI_GUARD=abort, to commit the sin; gives its stderr and
// whether it aborted.
static bool aborts_on(const char *sin, char *said, size_t said_size)
{
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    const pid_t child = fork();
    if (child == 0) {
        const struct rlimit no_core_file = {0};
        setrlimit(RLIMIT_CORE, &no_core_file);
        setenv("KMIDI_GUARD", "abort", 1);
        dup2(ends[1], STDERR_FILENO);
        execl("/proc/self/exe", "test_guard_watched", sin, (char *)NULL);
        _exit(EXIT_FAILURE);
    }
    close(ends[1]);
    size_t size = 0;
    for (ssize_t got = 1; got > 0; size += (size_t)(got > 0 ? got : 0)) {
        got = read(ends[0], said + size, said_size - 1 - size);
    }
    said[size] = '\0';
    close(ends[0]);
    int status = 0;
    assert_int_equal(waitpid(child, &status, 0), child);
    return WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT;
}

static void aborts_and_says_why_where_asked_to(void **state)
{
    (void)state;
    char said[256];
    assert_true(aborts_on("calloc", said, sizeof(said)));
    assert_string_equal(said, "kmidi: calloc (allocation) inside a real-time section\n");
    assert_true(aborts_on("mutex", said, sizeof(said)));
    assert_string_equal(said, "kmidi: pthread_mutex_lock (lock) inside a real-time section\n");
    assert_true(aborts_on("write", said, sizeof(said)));
    assert_string_equal(said, "kmidi: write (io) inside a real-time section\n");
    assert_true(aborts_on("syslog", said, sizeof(said)));
    assert_string_equal(said, "kmidi: syslog (log) inside a real-time section\n");
    assert_true(aborts_on("leave", said, sizeof(said)));
    assert_string_equal(said, "kmidi: a real-time section ended that had not begun\n");
    assert_false(aborts_on("innocence", said, sizeof(said)));
    assert_string_equal(said, "");
}

// The child's part of aborts_on.
static int commit(const char *name)
{
    struct km_guard guard = {0};
    km_guard_start(&guard);
    if (strcmp(name, "leave") == 0) {
        km_guard_leave(&guard);
    }
    for (int i = 0; i < EXPECTATIONS_COUNT; ++i) {
        if (strcmp(name, expectations[i].name) == 0) {
            struct scene scene;
            set_scene(&scene);
            km_guard_enter(&guard);
            expectations[i].sin(&scene);
            km_guard_leave(&guard);
        }
    }
    return EXIT_SUCCESS;
}

int main(int argc, char **argv)
{
#ifdef KM_WITHOUT_PRELOAD
    (void)argv;
    printf("skipped: the sanitizers own malloc, so there is no preload library\n");
    if (argc > 0) {
        return SKIPPED;
    }
#endif
    if (argc > 1) {
        return commit(argv[1]);
    }
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(counts_each_call_once_and_only_inside),
        cmocka_unit_test(sections_nest),
        cmocka_unit_test(a_section_is_its_threads_own),
        cmocka_unit_test(passes_results_and_errors_on),
        cmocka_unit_test(passes_variable_arguments_on),
        cmocka_unit_test(side_a_is_innocent_a_million_times),
        cmocka_unit_test(aborts_and_says_why_where_asked_to),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
