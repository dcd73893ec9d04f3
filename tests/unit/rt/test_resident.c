// SPDX-License-Identifier: MIT

#include "rt/resident.h"

#include "support/cmocka.h"
#include "support/sanitized.h"
#include "unit/rt/child.h"

#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>

enum { PAGES_COUNT = 64 };

static size_t page_size(void)
{
    return (size_t)sysconf(_SC_PAGESIZE);
}

static unsigned char *new_pages(void)
{
    void *const pages = mmap(NULL, PAGES_COUNT * page_size(), PROT_READ | PROT_WRITE,
                             MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    assert_true(pages != MAP_FAILED);
    return pages;
}

static void free_pages(unsigned char *pages)
{
    assert_int_equal(munmap(pages, PAGES_COUNT * page_size()), 0);
}

static int resident_pages(unsigned char *pages)
{
    unsigned char is_resident[PAGES_COUNT];
    assert_int_equal(mincore(pages, PAGES_COUNT * page_size(), is_resident), 0);
    int count = 0;
    for (int i = 0; i < PAGES_COUNT; ++i) {
        count += is_resident[i] & 1;
    }
    return count;
}

static long faults(void)
{
    struct rusage usage;
    assert_int_equal(getrusage(RUSAGE_SELF, &usage), 0);
    return usage.ru_minflt + usage.ru_majflt;
}

enum { TABLE_HALF = 512 * 1024, TABLE_SIZE = 2 * TABLE_HALF };

// Part of the program; nobody has read it before.
static const unsigned char table[TABLE_SIZE] = {1};

static long faults_of_half(size_t half)
{
    const volatile unsigned char *const bytes = table + half * TABLE_HALF;
    const long before = faults();
    for (size_t i = 0; i < TABLE_HALF; i += page_size()) {
        (void)bytes[i];
    }
    return faults() - before;
}

static void touches_the_program_itself(void **state)
{
    (void)state;
    (void)faults();
    assert_true(faults_of_half(0) > 0);
    km_resident_touch_program();
    if (KM_IS_SANITIZED) {
        skip(); // What watches the reads has pages of its own.
    }
    assert_int_equal(faults_of_half(1), 0);
}

// From an odd address to an odd address, so that both end pages are touched by a part only.
static void touches_every_page(void **state)
{
    (void)state;
    unsigned char *const pages = new_pages();
    assert_int_equal(resident_pages(pages), 0);
    km_resident_touch(pages + page_size() - 1, 10 * page_size() + 2);
    assert_int_equal(resident_pages(pages), 12);
    free_pages(pages);
}

static void touches_without_changing_a_byte(void **state)
{
    (void)state;
    unsigned char *const pages = new_pages();
    memset(pages, 0x5A, PAGES_COUNT * page_size());
    km_resident_touch(pages, PAGES_COUNT * page_size());
    km_resident_touch(pages, 0);
    km_resident_touch(NULL, 0);
    for (size_t i = 0; i < PAGES_COUNT * page_size(); ++i) {
        assert_int_equal(pages[i], 0x5A);
    }
    free_pages(pages);
}

// The sanitizers answer mlock themselves, with success, and lock nothing.
static void skip_where_nothing_is_locked(void)
{
    if (KM_IS_SANITIZED) {
        print_message("skipped: a sanitizer stands in for mlock\n");
        skip();
    }
}

static void locks_or_says_why_not(void **state)
{
    (void)state;
    skip_where_nothing_is_locked();
    unsigned char *const pages = new_pages();
    struct km_error error = {0};
    const enum km_status status =
        km_resident_lock(pages + 100, PAGES_COUNT * page_size() - 200, &error);
    if (status == KM_OK) {
        assert_int_equal(resident_pages(pages), PAGES_COUNT);
        assert_string_equal(error.message, "");
        km_resident_unlock(pages + 100, PAGES_COUNT * page_size() - 200);
    } else {
        assert_true(status == KM_ERROR_PERMISSION || status == KM_ERROR_NO_MEMORY);
        assert_non_null(strstr(error.message, "cannot lock"));
    }
    assert_int_equal(km_resident_lock(NULL, 0, &error), KM_OK);
    free_pages(pages);
}

// As an ordinary user with a limit of one page: the answer is a status, and says the cure.
static int lock_as_ordinary_user(unsigned char *pages)
{
    const struct rlimit one_page = {.rlim_cur = page_size(), .rlim_max = page_size()};
    const bool is_limited = setrlimit(RLIMIT_MEMLOCK, &one_page) == 0;
    const bool is_ordinary = geteuid() != 0 || setuid(65534) == 0;
    if (!is_limited || !is_ordinary) {
        return 2;
    }
    struct km_error error = {0};
    const enum km_status status = km_resident_lock(pages, PAGES_COUNT * page_size(), &error);
    const bool is_refused = status == KM_ERROR_NO_MEMORY || status == KM_ERROR_PERMISSION;
    return is_refused && error.status == status && strstr(error.message, "ulimit -l") ? 0 : 1;
}

static void a_refusal_names_the_limit(void **state)
{
    (void)state;
    skip_where_nothing_is_locked();
    unsigned char *const pages = new_pages();
    const pid_t child = fork();
    if (child == 0) {
        _exit(lock_as_ordinary_user(pages));
    }
    int status = 0;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    free_pages(pages);
    if (WEXITSTATUS(status) == 2) {
        print_message("skipped: this machine does not let a test become an ordinary user\n");
        skip();
    }
    assert_int_equal(WEXITSTATUS(status), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(touches_the_program_itself),      cmocka_unit_test(touches_every_page),
        cmocka_unit_test(touches_without_changing_a_byte), cmocka_unit_test(locks_or_says_why_not),
        cmocka_unit_test(a_refusal_names_the_limit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
