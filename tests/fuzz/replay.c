// SPDX-License-Identifier: MIT

// Feeds a fuzz target without a fuzzer: the files and folders named as arguments, then seeded
// random inputs. With this, every compiler and every sanitizer runs every fuzz target in the normal
// test run.

#include "support/expect.h"

#include <dirent.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>

int LLVMFuzzerTestOneInput(const uint8_t *input, size_t input_size);

enum { INPUT_SIZE_MAX = 1 << 16, RANDOM_INPUTS_COUNT = 2000 };

static uint8_t input[INPUT_SIZE_MAX];

static uint32_t random_next(uint32_t *state)
{
    *state = *state * 1664525U + 1013904223U;
    return *state >> 8;
}

static void run_random_inputs(uint32_t seed)
{
    printf("# seed %u (set KM_SEED to repeat)\n", seed);
    for (int i = 0; i < RANDOM_INPUTS_COUNT; ++i) {
        const size_t size = random_next(&seed) % 512;
        for (size_t j = 0; j < size; ++j) {
            input[j] = (uint8_t)random_next(&seed);
        }
        LLVMFuzzerTestOneInput(input, size);
    }
}

static void run_file(const char *path)
{
    FILE *const file = fopen(path, "rb");
    EXPECT(file);
    const size_t size = fread(input, 1, sizeof(input), file);
    fclose(file);
    LLVMFuzzerTestOneInput(input, size);
}

// Runs every file of a folder; a folder that is not there has none.
static void run_folder(const char *folder)
{
    DIR *const entries = opendir(folder);
    if (!entries) {
        return;
    }
    for (const struct dirent *entry = readdir(entries); entry; entry = readdir(entries)) {
        char path[4096];
        const int length = snprintf(path, sizeof(path), "%s/%s", folder, entry->d_name);
        EXPECT(length > 0 && (size_t)length < sizeof(path));
        if (entry->d_name[0] != '.') {
            run_file(path);
        }
    }
    closedir(entries);
}

int main(int argc, char **argv)
{
    for (int i = 1; i < argc; ++i) {
        struct stat status;
        if (stat(argv[i], &status) == 0 && S_ISREG(status.st_mode)) {
            run_file(argv[i]);
        } else {
            run_folder(argv[i]);
        }
    }
    const char *const seed = getenv("KM_SEED");
    run_random_inputs(seed ? (uint32_t)strtoul(seed, NULL, 10) : 1);
    return EXIT_SUCCESS;
}
