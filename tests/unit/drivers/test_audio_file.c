// SPDX-License-Identifier: MIT

// WAV needs no module; FLAC, OGG and loudness are skipped where theirs is not built. What other
// programs read out of the files: tests/special/test_audio_files.py.

#include "drivers/audio_file.h"

#include "drivers/backend_private.h"
#include "drivers/module_private.h"
#include "heap/heap.h"
#include "support/cmocka.h"

#include <dirent.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { FRAMES = 48000 };

static struct km_heap *heap;
static struct km_error error;
static char folder[64];
static float left[FRAMES];
static float right[FRAMES];

static int make_folder(void **state)
{
    (void)state;
    heap = km_heap_new(NULL);
    snprintf(folder, sizeof(folder), "/tmp/kmidi_audio_XXXXXX");
    for (int i = 0; i < FRAMES; ++i) {
        left[i] = (float)sin(i * 2.0 * 3.14159265358979 * 997.0 / 48000.0) * .5f;
        right[i] = (float)cos(i * 2.0 * 3.14159265358979 * 441.0 / 48000.0) * .25f;
    }
    return heap && mkdtemp(folder) && chdir(folder) == 0 ? 0 : -1;
}

static int remove_folder(void **state)
{
    (void)state;
    char command[256];
    km_heap_free(heap);
    snprintf(command, sizeof(command), "rm -rf %s", folder);
    return chdir("/") == 0 ? system(command) : -1; // NOLINT(cert-env33-c): the name is our own.
}

static int files_count(void)
{
    int count = 0;
    DIR *const entries = opendir(".");
    assert_non_null(entries);
    for (const struct dirent *entry = readdir(entries); entry; entry = readdir(entries)) {
        count += strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0;
    }
    closedir(entries);
    return count;
}

static bool has_module(const char *name)
{
    const struct km_module *module = NULL;
    if (km_module_load(name, &module, &error) == KM_OK) {
        return true;
    }
    print_message("skipped: %s\n", error.message);
    return false;
}

static enum km_status write_file(const char *path, const struct km_audio_file_config *config,
                                 uint32_t piece)
{
    struct km_audio_file *file = NULL;
    enum km_status status = km_audio_file_create(heap, path, config, &file, &error);
    if (status != KM_OK) {
        assert_null(file);
        return status;
    }
    for (uint32_t done = 0; done < FRAMES && status == KM_OK; done += piece) {
        const uint32_t rest = FRAMES - done;
        status = km_audio_file_write(file, left + done, right + done, rest < piece ? rest : piece,
                                     &error);
    }
    const enum km_status committed = km_audio_file_commit(file, &error);
    assert_true(status == KM_OK || committed == status);
    return committed;
}

static size_t read_file(const char *path, unsigned char *bytes, size_t size)
{
    FILE *const file = fopen(path, "rb");
    assert_non_null(file);
    const size_t length = fread(bytes, 1, size, file);
    fclose(file);
    return length;
}

static void expect_same_bytes(const char *one, const char *other)
{
    static unsigned char bytes[2][1 << 19];
    const size_t sizes[2] = {read_file(one, bytes[0], sizeof(bytes[0])),
                             read_file(other, bytes[1], sizeof(bytes[1]))};
    assert_true(sizes[0] > 1000 && sizes[0] < sizeof(bytes[0]));
    assert_int_equal(sizes[0], sizes[1]);
    assert_memory_equal(bytes[0], bytes[1], sizes[0]);
}

static void the_same_samples_give_the_same_bytes(void **state)
{
    (void)state;
    static const struct {
        const char *one;
        const char *other;
        enum km_audio_encoding encoding;
        bool needs_module;
    } cases[] = {
        {"a.wav", "b.wav", KM_AUDIO_DEFAULT, false}, {"a.wav", "b.WAV", KM_AUDIO_INT24, false},
        {"a.wav", "b.wav", KM_AUDIO_FLOAT, false},   {"a.flac", "b.flac", KM_AUDIO_DEFAULT, true},
        {"a.flac", "b.flac", KM_AUDIO_INT24, true},  {"a.ogg", "b.ogg", KM_AUDIO_DEFAULT, true},
    };
    const bool has_sndfile = has_module("sndfile");
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); ++i) {
        if (cases[i].needs_module && !has_sndfile) {
            continue;
        }
        const struct km_audio_file_config config = {
            .rate_hz = 48000, .encoding = cases[i].encoding, .title = "Grief"};
        assert_int_equal(write_file(cases[i].one, &config, FRAMES), KM_OK);
        assert_int_equal(write_file(cases[i].other, &config, 77), KM_OK);
        expect_same_bytes(cases[i].one, cases[i].other);
    }
}

static void floats_are_written_as_they_are(void **state)
{
    (void)state;
    static float frames[FRAMES][2];
    const struct km_audio_file_config config = {.rate_hz = 48000, .encoding = KM_AUDIO_FLOAT};
    assert_int_equal(write_file("float.wav", &config, 1000), KM_OK);
    FILE *const file = fopen("float.wav", "rb");
    assert_non_null(file);
    assert_int_equal(fseek(file, -(long)sizeof(frames), SEEK_END), 0);
    assert_int_equal(fread(frames, sizeof(frames[0]), FRAMES, file), FRAMES);
    fclose(file);
    for (int i = 0; i < FRAMES; ++i) {
        assert_true(frames[i][0] == left[i] && frames[i][1] == right[i]);
    }
}

static void expect_refusal(const char *path, const struct km_audio_file_config *config,
                           enum km_status status, const char *said)
{
    assert_int_equal(write_file(path, config, FRAMES), status);
    if (!strstr(error.message, said) || !strstr(error.message, path)) {
        fail_msg("'%s' does not say '%s' of '%s'", error.message, said, path);
    }
    assert_int_equal(access(path, F_OK), -1);
}

static void what_cannot_be_written_is_told(void **state)
{
    (void)state;
    struct km_audio_file_config config = {.rate_hz = 48000};
    expect_refusal("song.mp3", &config, KM_ERROR_UNSUPPORTED, ".wav, .flac or .ogg");
    expect_refusal(".wav", &config, KM_ERROR_UNSUPPORTED, ".wav, .flac or .ogg");
    expect_refusal("no/such/folder.wav", &config, KM_ERROR_NOT_FOUND, "No such file");
    config.rate_hz = 8000;
    expect_refusal("song.wav", &config, KM_ERROR_RANGE, "44100 to 192000");
    config = (struct km_audio_file_config){.rate_hz = 48000, .encoding = KM_AUDIO_FLOAT};
    expect_refusal("song.flac", &config, KM_ERROR_UNSUPPORTED, "only WAV");
    expect_refusal("song.ogg", &config, KM_ERROR_UNSUPPORTED, "only WAV");
    config.encoding = KM_AUDIO_INT16;
    expect_refusal("song.ogg", &config, KM_ERROR_UNSUPPORTED, "leave them out");
    config = (struct km_audio_file_config){.rate_hz = 48000, .ogg_quality = 1.5};
    expect_refusal("song.ogg", &config, KM_ERROR_RANGE, "from 0 to 1");
    config.ogg_quality = (double)NAN;
    expect_refusal("song.ogg", &config, KM_ERROR_RANGE, "from 0 to 1");
    assert_int_equal(files_count(), 0);
}

static void a_missing_module_is_named_but_wav_needs_none(void **state)
{
    (void)state;
    setenv("KMIDI_MODULES", "/nowhere", 1);
    const struct km_audio_file_config config = {.rate_hz = 48000};
    assert_int_equal(write_file("song.flac", &config, FRAMES), KM_ERROR_NOT_FOUND);
    assert_non_null(strstr(error.message, "kmidi-sndfile.so"));
    assert_non_null(strstr(error.message, "libsndfile1-dev"));
    struct km_loudness *loudness = NULL;
    assert_int_equal(km_loudness_new(heap, 48000, &loudness, &error), KM_ERROR_NOT_FOUND);
    assert_non_null(strstr(error.message, "libebur128-dev"));
    assert_int_equal(files_count(), 0);
    assert_int_equal(write_file("song.wav", &config, FRAMES), KM_OK);
    unsetenv("KMIDI_MODULES");
}

// tests/special.cmake makes one beside this program.
static void a_module_of_another_version_is_refused(void **state)
{
    (void)state;
    char path[4096] = "";
    const ssize_t length = readlink("/proc/self/exe", path, sizeof(path) - 1);
    assert_true(length > 0);
    char *const slash = strrchr(path, '/');
    assert_non_null(slash);
    snprintf(slash, sizeof(path) - (size_t)(slash - path), "/special_modules");
    setenv("KMIDI_MODULES", path, 1);
    const struct km_audio_file_config config = {.rate_hz = 48000};
    assert_int_equal(write_file("song.flac", &config, FRAMES), KM_ERROR_UNSUPPORTED);
    assert_non_null(strstr(error.message, "another version of KmiDi: expected 1, found 65535"));
    unsetenv("KMIDI_MODULES");
}

static void what_is_discarded_leaves_nothing(void **state)
{
    (void)state;
    static const char *const paths[] = {"a.wav", "a.flac", "a.ogg"};
    for (size_t i = 0; i < 3; ++i) {
        if (i > 0 && !has_module("sndfile")) {
            continue;
        }
        struct km_audio_file *file = NULL;
        const struct km_audio_file_config config = {.rate_hz = 48000};
        assert_int_equal(km_audio_file_create(heap, paths[i], &config, &file, &error), KM_OK);
        assert_int_equal(km_audio_file_write(file, left, right, FRAMES, &error), KM_OK);
        km_audio_file_discard(file);
        assert_int_equal(files_count(), 0);
    }
    km_audio_file_discard(NULL);
}

static void a_full_disk_is_told(void **state)
{
    (void)state;
    static const char *const paths[] = {"full.wav", "full.flac", "full.ogg"};
    for (size_t i = 0; i < 3; ++i) {
        if (i > 0 && !has_module("sndfile")) {
            continue;
        }
        const struct km_audio_file_config config = {.rate_hz = 48000};
        assert_int_equal(symlink("/dev/full", paths[i]), 0);
        assert_int_equal(write_file(paths[i], &config, 1024), KM_ERROR_NO_SPACE);
        assert_non_null(strstr(error.message, paths[i]));
        assert_non_null(strstr(error.message, "no space left"));
    }
}

static void a_pipe_is_refused_where_the_header_comes_last(void **state)
{
    (void)state;
    static const char *const paths[] = {"pipe.wav", "pipe.flac"};
    for (size_t i = 0; i < 2; ++i) {
        assert_int_equal(mkfifo(paths[i], 0600), 0);
        FILE *const reader = fopen(paths[i], "r+"); // So that opening does not wait.
        assert_non_null(reader);
        struct km_audio_file *file = NULL;
        const struct km_audio_file_config config = {.rate_hz = 48000};
        assert_int_equal(km_audio_file_create(heap, paths[i], &config, &file, &error),
                         KM_ERROR_UNSUPPORTED);
        assert_non_null(strstr(error.message, "cannot be rewound"));
        fclose(reader);
    }
}

static void memory_that_fails_leaves_nothing(void **state)
{
    (void)state;
    static const char *const paths[] = {"a.wav", "a.flac", "a.ogg"};
    for (size_t i = 0; i < 3; ++i) {
        if (i > 0 && !has_module("sndfile")) {
            continue;
        }
        enum km_status status = KM_ERROR_NO_MEMORY;
        uint64_t requests = 0;
        while (status != KM_OK) {
            struct km_audio_file *file = NULL;
            const struct km_audio_file_config config = {.rate_hz = 48000};
            km_heap_fail_at(heap, ++requests);
            status = km_audio_file_create(heap, paths[i], &config, &file, &error);
            km_heap_fail_at(heap, 0);
            assert_true(requests < 10 && (status == KM_OK || status == KM_ERROR_NO_MEMORY));
            km_audio_file_discard(file);
            assert_int_equal(files_count(), 0);
        }
        assert_int_equal(requests, i == 2 ? 3 : 2);
    }
}

// EBU Tech 3341: a stereo sine of 1 kHz at -23 dBFS reads -23 LUFS.
static void loudness_is_what_the_ebu_says(void **state)
{
    (void)state;
    if (!has_module("ebur128")) {
        skip();
    }
    struct km_loudness *loudness = NULL;
    assert_int_equal(km_loudness_new(heap, 48000, &loudness, &error), KM_OK);
    const float amplitude = (float)pow(10.0, -23.0 / 20.0);
    for (int i = 0; i < FRAMES; ++i) {
        left[i] = (float)sin(i * 2.0 * 3.14159265358979 / 48.0) * amplitude;
    }
    for (int second = 0; second < 5; ++second) {
        assert_int_equal(km_loudness_add(loudness, left, left, FRAMES), KM_OK);
    }
    const struct km_loudness_result result = km_loudness_result(loudness);
    assert_true(fabs(result.integrated_lufs + 23.0) < .1);
    assert_true(fabs(result.true_peak_dbtp + 23.0) < .2);
    assert_true(fabs(result.sample_peak_db + 23.0) < .01);
    assert_true(fabs(result.range_lu) < .1);
    km_loudness_free(loudness);
    km_loudness_free(NULL);
}

static void silence_has_no_loudness(void **state)
{
    (void)state;
    if (!has_module("ebur128")) {
        skip();
    }
    struct km_loudness *loudness = NULL;
    assert_int_equal(km_loudness_new(heap, 44100, &loudness, &error), KM_OK);
    static const float zeros[FRAMES];
    assert_int_equal(km_loudness_add(loudness, zeros, zeros, FRAMES), KM_OK);
    const struct km_loudness_result result = km_loudness_result(loudness);
    assert_true(isinf(result.integrated_lufs) && result.integrated_lufs < 0);
    assert_true(isinf(result.true_peak_dbtp) && result.true_peak_dbtp < 0);
    km_loudness_free(loudness);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(the_same_samples_give_the_same_bytes, make_folder,
                                        remove_folder),
        cmocka_unit_test_setup_teardown(floats_are_written_as_they_are, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(what_cannot_be_written_is_told, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(a_missing_module_is_named_but_wav_needs_none, make_folder,
                                        remove_folder),
        cmocka_unit_test_setup_teardown(a_module_of_another_version_is_refused, make_folder,
                                        remove_folder),
        cmocka_unit_test_setup_teardown(what_is_discarded_leaves_nothing, make_folder,
                                        remove_folder),
        cmocka_unit_test_setup_teardown(a_full_disk_is_told, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(a_pipe_is_refused_where_the_header_comes_last, make_folder,
                                        remove_folder),
        cmocka_unit_test_setup_teardown(memory_that_fails_leaves_nothing, make_folder,
                                        remove_folder),
        cmocka_unit_test_setup_teardown(loudness_is_what_the_ebu_says, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(silence_has_no_loudness, make_folder, remove_folder),
    };
    return cmocka_run_group_tests_name("audio files", tests, NULL, NULL);
}
