// SPDX-License-Identifier: MIT

#include "heap/process.h"

#include "heap/process_private.h"
#include "support/cmocka.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

static void finds_a_line_and_its_unit(void **state)
{
    (void)state;
    static const char text[] =
        "Name:\tRss: 5 kB\nVmRSS:\t    1740 kB\nThreads:\t3\nEmpty:\nWord:\tx\n"
        "Huge:\t99999999999999999999 kB\nEdge:\t18014398509481983 kB\n"
        "Over:\t18014398509481984 kB\nLast: 7 kB";
    uint64_t bytes = 42;
    assert_true(km_process_find_bytes(text, "VmRSS:", &bytes));
    assert_int_equal(bytes, 1740 * 1024);
    assert_true(km_process_find_bytes(text, "Threads:", &bytes));
    assert_int_equal(bytes, 3);
    assert_true(km_process_find_bytes(text, "Last:", &bytes));
    assert_int_equal(bytes, 7 * 1024);
    assert_true(km_process_find_bytes(text, "Edge:", &bytes));
    assert_int_equal(bytes, 18014398509481983ULL * 1024);
    static const char *const absent[] = {"Rss:", "RSS:", "Empty:", "Word:", "Huge:", "Over:", "q"};
    bytes = 42;
    for (size_t i = 0; i < sizeof(absent) / sizeof(absent[0]); ++i) {
        assert_false(km_process_find_bytes(text, absent[i], &bytes));
    }
    assert_false(km_process_find_bytes("", "Rss:", &bytes));
    assert_false(km_process_find_bytes("\n\n\n", "Rss:", &bytes));
    assert_int_equal(bytes, 42);
}

static void reads_limits(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        bool is_limit;
        uint64_t bytes;
    } cases[] = {
        {"max\n", true, UINT64_MAX},
        {"max", true, UINT64_MAX},
        {"0\n", true, 0},
        {"536870912\n", true, 536870912},
        {"9223372036854771712\n", true, 9223372036854771712ULL},
        {"18446744073709551615", true, UINT64_MAX},
        {"99999999999999999999999", true, UINT64_MAX},
        {"", false, 0},
        {"maximum", false, 0},
        {"-1", false, 0},
        {"12kB", false, 0},
        {" 12", false, 0},
        {"1,5", false, 0},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); ++i) {
        uint64_t bytes = 42;
        assert_int_equal(km_process_parse_limit(cases[i].text, &bytes), cases[i].is_limit);
        assert_int_equal(bytes, cases[i].is_limit ? cases[i].bytes : 42);
    }
}

static void finds_the_group_that_limits_memory(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        const char *path; ///< Null: no group.
        bool is_version_1;
    } cases[] = {
        {"0::/user.slice/a.scope\n", "/user.slice/a.scope", false},
        {"0::/\n", "/", false},
        {"0::/x", "/x", false},
        {"9:name=systemd:/\n4:memory:/job/a:b\n0::/z\n", "/job/a:b", true},
        {"0::/z\n5:cpu,memory,cpuacct:/m\n", "/m", true},
        {"5:cpu,memoryx:/m\n3:xmemory:/q\n", NULL, false},
        {"0::/../../other\n", "/", false},
        {"0::\n", NULL, false},
        {"0::relative\n", NULL, false},
        {"memory\n:\n::\n", NULL, false},
        {"1:memory\n/path:/x\n", NULL, false},
        {"", NULL, false},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); ++i) {
        struct km_process_group group;
        assert_int_equal(km_process_find_group(cases[i].text, &group), cases[i].path != NULL);
        if (cases[i].path) {
            assert_string_equal(group.path, cases[i].path);
            assert_int_equal(group.is_version_1, cases[i].is_version_1);
        }
    }
}

static void a_path_too_long_is_no_group(void **state)
{
    (void)state;
    char text[4096] = "0::/";
    memset(text + 4, 'a', sizeof(text) - 5);
    struct km_process_group group;
    assert_false(km_process_find_group(text, &group));
    text[4 + 1022] = '\n'; // 1,023 bytes with the slash: the longest.
    assert_true(km_process_find_group(text, &group));
    assert_int_equal(strlen(group.path), 1023);
}

// ---- Systems made of files

static char root[64];

static void put(const char *path, const char *text)
{
    char full[512];
    snprintf(full, sizeof(full), "%s%s", root, path);
    for (char *slash = full + strlen(root); (slash = strchr(slash + 1, '/'));) {
        *slash = '\0';
        mkdir(full, 0700);
        *slash = '/';
    }
    FILE *const file = fopen(full, "w");
    assert_non_null(file);
    fputs(text, file);
    assert_int_equal(fclose(file), 0);
}

static int make_root(void **state)
{
    (void)state;
    snprintf(root, sizeof(root), "/tmp/kmidi_process_XXXXXX");
    if (!mkdtemp(root)) {
        return -1;
    }
    put("/proc/self/status", "VmHWM:\t 3000 kB\nVmRSS:\t 2000 kB\nRssAnon:\t 500 kB\n");
    put("/proc/meminfo", "MemTotal: 8000000 kB\nMemFree: 1 kB\nMemAvailable: 4000000 kB\n");
    return 0;
}

static int remove_root(void **state)
{
    (void)state;
    char command[128];
    snprintf(command, sizeof(command), "rm -rf %s", root);
    return system(command); // NOLINT(cert-env33-c): the name is our own.
}

static struct km_process_memory read_root(void)
{
    struct km_process_memory memory;
    struct km_error error;
    assert_int_equal(km_process_memory_read_of(root, &memory, &error), KM_OK);
    return memory;
}

static void without_control_groups_the_machine_is_the_limit(void **state)
{
    (void)state;
    const struct km_process_memory memory = read_root();
    assert_int_equal(memory.rss_bytes, 2000 * 1024);
    assert_int_equal(memory.rss_peak_bytes, 3000 * 1024);
    assert_int_equal(memory.anonymous_bytes, 500 * 1024);
    assert_int_equal(memory.pss_bytes, 0);
    assert_int_equal(memory.limit_bytes, 8000000ULL * 1024);
    assert_int_equal(memory.available_bytes, 4000000ULL * 1024);
}

static void smaps_rollup_is_more_exact_than_status(void **state)
{
    (void)state;
    put("/proc/self/smaps_rollup", "0-1 ---p 0 00:00 0 [rollup]\nRss: 3500 kB\nPss: 900 kB\n"
                                   "Pss_Dirty: 1 kB\nAnonymous: 600 kB\n");
    const struct km_process_memory memory = read_root();
    assert_int_equal(memory.rss_bytes, 3500 * 1024);
    assert_int_equal(memory.rss_peak_bytes, 3500 * 1024); // Never below what is there now.
    assert_int_equal(memory.pss_bytes, 900 * 1024);
    assert_int_equal(memory.anonymous_bytes, 600 * 1024);
}

static void version_2_takes_the_tightest_of_all_levels(void **state)
{
    (void)state;
    put("/proc/self/cgroup", "0::/a/b\n");
    put("/sys/fs/cgroup/a/b/memory.max", "max\n");
    put("/sys/fs/cgroup/a/memory.max", "1000000\n");
    put("/sys/fs/cgroup/a/memory.current", "700000\n");
    put("/sys/fs/cgroup/a/memory.stat", "anon 5\ninactive_file 100000\nactive_file 7\n");
    put("/sys/fs/cgroup/memory.max", "2000000\n");
    put("/sys/fs/cgroup/memory.current", "1900000\n");
    const struct km_process_memory memory = read_root();
    assert_int_equal(memory.limit_bytes, 1000000);
    assert_int_equal(memory.available_bytes, 100000); // The outer group's rest is smaller.
}

static void version_1_reads_its_own_files(void **state)
{
    (void)state;
    put("/proc/self/cgroup", "4:memory:/job\n0::/\n");
    put("/sys/fs/cgroup/memory/job/memory.limit_in_bytes", "500000\n");
    put("/sys/fs/cgroup/memory/job/memory.usage_in_bytes", "450000\n");
    put("/sys/fs/cgroup/memory/job/memory.stat", "inactive_file 1\ntotal_inactive_file 50000\n");
    put("/sys/fs/cgroup/memory/memory.limit_in_bytes", "9223372036854771712\n");
    const struct km_process_memory memory = read_root();
    assert_int_equal(memory.limit_bytes, 500000);
    assert_int_equal(memory.available_bytes, 100000);
}

static void a_container_sees_its_limit_at_the_root(void **state)
{
    (void)state;
    put("/proc/self/cgroup", "4:memory:/docker/0123/not/mounted/here\n");
    put("/sys/fs/cgroup/memory/memory.limit_in_bytes", "300000\n");
    put("/sys/fs/cgroup/memory/memory.usage_in_bytes", "400000\n"); // Over it: nothing is left.
    const struct km_process_memory memory = read_root();
    assert_int_equal(memory.limit_bytes, 300000);
    assert_int_equal(memory.available_bytes, 0);
}

static void without_proc_it_says_so(void **state)
{
    (void)state;
    struct km_process_memory memory = {.rss_bytes = 42};
    struct km_error error;
    assert_int_equal(km_process_memory_read_of("/nowhere", &memory, &error), KM_ERROR_UNSUPPORTED);
    assert_non_null(strstr(error.message, "/proc"));
    assert_int_equal(memory.rss_bytes, 42);
}

// ---- This system

enum { TOUCHED_SIZE = 32 << 20 };

static void sees_touched_memory_come_and_go(void **state)
{
    (void)state;
    struct km_process_memory before;
    struct km_process_memory during;
    struct km_process_memory after;
    assert_int_equal(km_process_memory_read(&before, NULL), KM_OK);
    char *const touched =
        mmap(NULL, TOUCHED_SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    assert_ptr_not_equal(touched, MAP_FAILED);
    memset(touched, 1, TOUCHED_SIZE);
    assert_int_equal(km_process_memory_read(&during, NULL), KM_OK);
    assert_int_equal(munmap(touched, TOUCHED_SIZE), 0);
    assert_int_equal(km_process_memory_read(&after, NULL), KM_OK);

    const uint64_t most = TOUCHED_SIZE - TOUCHED_SIZE / 8;
    assert_true(during.rss_bytes - before.rss_bytes > most);
    assert_true(during.anonymous_bytes - before.anonymous_bytes > most);
    assert_true(during.rss_bytes - after.rss_bytes > most);
    assert_true(after.rss_peak_bytes >= during.rss_bytes - TOUCHED_SIZE / 8);
    assert_true(during.pss_bytes > 0 && during.pss_bytes <= during.rss_bytes);
    assert_true(during.limit_bytes > during.rss_bytes);
    assert_true(during.available_bytes <= during.limit_bytes);

    struct rusage usage;
    assert_int_equal(getrusage(RUSAGE_SELF, &usage), 0);
    const uint64_t peak = (uint64_t)usage.ru_maxrss * 1024;
    assert_true(after.rss_peak_bytes > peak / 8 * 7 && after.rss_peak_bytes < peak / 8 * 9);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(finds_a_line_and_its_unit),
        cmocka_unit_test(reads_limits),
        cmocka_unit_test(finds_the_group_that_limits_memory),
        cmocka_unit_test(a_path_too_long_is_no_group),
        cmocka_unit_test_setup_teardown(without_control_groups_the_machine_is_the_limit, make_root,
                                        remove_root),
        cmocka_unit_test_setup_teardown(smaps_rollup_is_more_exact_than_status, make_root,
                                        remove_root),
        cmocka_unit_test_setup_teardown(version_2_takes_the_tightest_of_all_levels, make_root,
                                        remove_root),
        cmocka_unit_test_setup_teardown(version_1_reads_its_own_files, make_root, remove_root),
        cmocka_unit_test_setup_teardown(a_container_sees_its_limit_at_the_root, make_root,
                                        remove_root),
        cmocka_unit_test(without_proc_it_says_so),
        cmocka_unit_test(sees_touched_memory_come_and_go),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
