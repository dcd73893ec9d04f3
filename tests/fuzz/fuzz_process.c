// SPDX-License-Identifier: MIT

// Feeds the readers of /proc and control group files with anything, and holds their answers
// against what the C library and a plain search say.

#include "heap/process_private.h"
#include "support/expect.h"

#include <errno.h>
#include <stdint.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *input, size_t input_size);

enum { TEXT_SIZE_MAX = 4096 };

static void expect_limit(const char *text)
{
    uint64_t limit = 0;
    if (!km_process_parse_limit(text, &limit)) {
        return;
    }
    if (text[0] == 'm') {
        EXPECT(limit == UINT64_MAX);
        return;
    }
    errno = 0;
    EXPECT(limit == strtoull(text, NULL, 10)); // ULLONG_MAX if too large, as ours.
}

static void expect_bytes(const char *text)
{
    uint64_t bytes = 0;
    if (!km_process_find_bytes(text, "Rss:", &bytes)) {
        return;
    }
    const char *line = strstr(text, "Rss:");
    while (line && line != text && line[-1] != '\n') {
        line = strstr(line + 1, "Rss:");
    }
    EXPECT(line);
    char *end = NULL;
    const uint64_t number = strtoull(line + 4, &end, 10);
    EXPECT(bytes == number || bytes == number * 1024);
}

int LLVMFuzzerTestOneInput(const uint8_t *input, size_t input_size)
{
    static char text[TEXT_SIZE_MAX + 1];
    const size_t size = input_size < TEXT_SIZE_MAX ? input_size : TEXT_SIZE_MAX;
    if (size > 0) {
        memcpy(text, input, size);
    }
    text[size] = '\0';
    expect_limit(text);
    expect_bytes(text);
    struct km_process_group group;
    if (km_process_find_group(text, &group)) {
        EXPECT(group.path[0] == '/');
        EXPECT(strlen(group.path) < sizeof(group.path));
        EXPECT(!strchr(group.path, '\n') && !strstr(group.path, "/.."));
        EXPECT(strcmp(group.path, "/") == 0 || strstr(text, group.path));
    }
    return 0;
}
