// SPDX-License-Identifier: MIT

// Modules that cannot be used; what those that can are good for is tested with the drivers. The
// ones here are made by tests/special.cmake.

#include "base/module.h"

#include "support/cmocka.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static struct km_error error;

static enum km_status find(const char *name, const char *symbol)
{
    void *found = NULL;
    const enum km_status status = km_module_find(name, symbol, &found, &error);
    assert_true((found != NULL) == (status == KM_OK));
    return status;
}

static void expect_said(const char *text)
{
    if (!strstr(error.message, text)) {
        fail_msg("'%s' does not say '%s'", error.message, text);
    }
}

static void a_missing_module_is_named_with_its_packages(void **state)
{
    (void)state;
    static const char *const cases[][2] = {{"jack", "JACK needs kmidi-jack.so"},
                                           {"portaudio", "PortAudio needs kmidi-portaudio.so"},
                                           {"sndfile", "FLAC, OGG or SF3 needs kmidi-sndfile.so"},
                                           {"ebur128", "meter needs kmidi-ebur128.so"}};
    setenv("KMIDI_MODULES", "/nowhere/modules", 1);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); ++i) {
        assert_int_equal(find(cases[i][0], "km_module"), KM_ERROR_NOT_FOUND);
        expect_said(cases[i][1]);
        expect_said("/nowhere/modules: install the package kmidi-modules, or build with ");
    }
    char path[5000];
    memset(path, 'x', sizeof(path));
    path[sizeof(path) - 1] = '\0';
    setenv("KMIDI_MODULES", path, 1);
    assert_int_equal(find("jack", "km_module"), KM_ERROR_NOT_FOUND);
    unsetenv("KMIDI_MODULES");
}

static void a_module_that_is_none_is_told(void **state)
{
    (void)state;
    char folder[] = "/tmp/kmidi_module_XXXXXX";
    assert_non_null(mkdtemp(folder));
    char path[64];
    snprintf(path, sizeof(path), "%s/kmidi-jack.so", folder);
    FILE *const file = fopen(path, "w");
    assert_non_null(file);
    fputs("no module", file);
    fclose(file);
    setenv("KMIDI_MODULES", folder, 1);
    assert_int_equal(find("jack", "km_module"), KM_ERROR_NOT_FOUND);
    expect_said("JACK needs the package libjack-jackd2-0, or pipewire-jack (");
    unsetenv("KMIDI_MODULES");
    unlink(path);
    rmdir(folder);
}

// Loads a module that lies beside this program, in special_modules.
static void use_special_modules(void)
{
    char program[4096] = "";
    const ssize_t length = readlink("/proc/self/exe", program, sizeof(program) - 1);
    assert_true(length > 0);
    program[length] = '\0';
    char *const slash = strrchr(program, '/');
    assert_non_null(slash);
    snprintf(slash, sizeof(program) - (size_t)(slash - program), "/special_modules");
    setenv("KMIDI_MODULES", program, 1);
}

static void a_missing_library_names_its_package(void **state)
{
    (void)state;
    use_special_modules();
    assert_int_equal(find("portaudio", "km_module"), KM_ERROR_NOT_FOUND);
    expect_said("PortAudio needs the package libportaudio2 (libkm_absent.so: cannot open");
    unsetenv("KMIDI_MODULES");
}

static void a_module_of_another_version_is_refused(void **state)
{
    (void)state;
    use_special_modules();
    assert_int_equal(find("sndfile", "km_module"), KM_OK);
    assert_int_equal(find("sndfile", "km_module_of_tomorrow"), KM_ERROR_UNSUPPORTED);
    expect_said("special_modules/kmidi-sndfile.so is of another version of KmiDi");
    unsetenv("KMIDI_MODULES");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_missing_module_is_named_with_its_packages),
        cmocka_unit_test(a_module_that_is_none_is_told),
        cmocka_unit_test(a_missing_library_names_its_package),
        cmocka_unit_test(a_module_of_another_version_is_refused),
    };
    return cmocka_run_group_tests_name("module", tests, NULL, NULL);
}
