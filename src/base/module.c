// SPDX-License-Identifier: MIT

#include "base/module.h"

#include "base/check.h"

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { PATH_SIZE = 4096, FOLDERS_MAX = 5 };

// What a module is for, and the packages (Debian's names) that it needs.
struct library {
    const char *module;
    const char *purpose;
    const char *package;
    const char *build_package;
};

static const struct library libraries[] = {
    {"jack", "JACK", "libjack-jackd2-0, or pipewire-jack", "libjack-jackd2-dev"},
    {"portaudio", "PortAudio", "libportaudio2", "portaudio19-dev"},
    {"sndfile", "FLAC, OGG or SF3", "libsndfile1", "libsndfile1-dev"},
    {"ebur128", "the loudness meter", "libebur128-1", "libebur128-dev"},
};

enum { LIBRARIES_COUNT = sizeof(libraries) / sizeof(libraries[0]) };

// Folders that may hold modules, in the order of the search.
struct folders {
    char paths[FOLDERS_MAX][PATH_SIZE];
    int count;
};

static const struct library *library_of(const char *module)
{
    size_t i = 0;
    while (i < LIBRARIES_COUNT && strcmp(libraries[i].module, module) != 0) {
        ++i;
    }
    KM_CHECK(i < LIBRARIES_COUNT);
    return &libraries[i];
}

// `beside` is a file; null, or a path that does not fit, adds nothing.
static void add(struct folders *folders, const char *beside, const char *folder)
{
    char *const path = folders->paths[folders->count];
    const char *const slash = beside ? strrchr(beside, '/') : NULL;
    if (!slash) {
        return;
    }
    const int length =
        snprintf(path, PATH_SIZE, "%.*s%s", (int)(slash - beside + 1), beside, folder);
    folders->count += length > 0 && length < PATH_SIZE;
}

static void find_folders(struct folders *folders)
{
    folders->count = 0;
    // Nobody changes the environment while drivers are opened.
    const char *const chosen = getenv("KMIDI_MODULES"); // NOLINT(concurrency-mt-unsafe)
    if (chosen && chosen[0] != '\0') {
        folders->count = snprintf(folders->paths[0], PATH_SIZE, "%s", chosen) < PATH_SIZE;
        return;
    }
    char program[PATH_SIZE] = "";
    const ssize_t length = readlink("/proc/self/exe", program, sizeof(program) - 1);
    if (length > 0) {
        program[length] = '\0';
        add(folders, program, KM_MODULES_FROM_PROGRAM);
        add(folders, program, "modules");    // The command in its build's folder,
        add(folders, program, "../modules"); // and the tests and benchmarks below it.
    }
    Dl_info library;
    if (dladdr(libraries, &library) != 0) {
        add(folders, library.dli_fname, "kmidi");
    }
    add(folders, KM_MODULES_INSTALLED "/", "");
}

static enum km_status is_missing(const struct library *library, const struct folders *folders,
                                 struct km_error *error)
{
    char searched[512] = "";
    size_t used = 0;
    for (int i = 0; i < folders->count && used < sizeof(searched); ++i) {
        const int length = snprintf(searched + used, sizeof(searched) - used, "%s%s",
                                    i > 0 ? ", " : "", folders->paths[i]);
        used += length > 0 ? (size_t)length : 0;
    }
    return km_error_set(
        error, KM_ERROR_NOT_FOUND,
        "%s needs kmidi-%s.so, which is not in %s: install the package kmidi-modules, "
        "or build with %s",
        library->purpose, library->module, searched, library->build_package);
}

static enum km_status load(const struct library *library, const char *path, const char *symbol,
                           void **found, struct km_error *error)
{
    // It stays: threads of libjack may still run in it when its last driver is gone.
    void *const handle = dlopen(path, RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
    if (!handle) {
        // dlerror keeps its text for each thread.
        const char *const reason = dlerror(); // NOLINT(concurrency-mt-unsafe)
        return km_error_set(error, KM_ERROR_NOT_FOUND, "%s needs the package %s (%s)",
                            library->purpose, library->package, reason ? reason : path);
    }
    void *const address = dlsym(handle, symbol);
    if (!address) {
        return km_error_set(error, KM_ERROR_UNSUPPORTED,
                            "%s is of another version of KmiDi: expected %s in it", path, symbol);
    }
    *found = address;
    return KM_OK;
}

enum km_status km_module_find(const char *name, const char *symbol, void **found,
                              struct km_error *error)
{
    KM_CHECK(name && symbol);
    KM_CHECK(found);
    const struct library *const library = library_of(name);
    struct folders folders;
    find_folders(&folders);
    for (int i = 0; i < folders.count; ++i) {
        char path[PATH_SIZE];
        const int length =
            snprintf(path, sizeof(path), "%s/kmidi-%s.so", folders.paths[i], library->module);
        if (length < PATH_SIZE && access(path, F_OK) == 0) {
            return load(library, path, symbol, found, error);
        }
    }
    return is_missing(library, &folders, error);
}
