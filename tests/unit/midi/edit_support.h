// SPDX-License-Identifier: MIT

/// What the tests of edits share: bytes in memory as input and output, and the files to try.
#ifndef KM_TESTS_EDIT_SUPPORT_H
#define KM_TESTS_EDIT_SUPPORT_H

#include "heap/heap.h"
#include "midi/edit.h"
#include "midi/file.h"
#include "support/cmocka.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { EDIT_FILE_SIZE_MAX = 1 << 20, EDIT_PATH_SIZE = 4096 };

/// Bytes that grow.
struct edit_bytes {
    unsigned char *bytes;
    size_t size;
    size_t capacity;
};

struct edit_output {
    struct edit_bytes content;
};

/// What the listener heard.
struct edit_problems {
    size_t count;
    struct km_midi_problem first;
};

static inline void edit_free(struct edit_bytes *bytes)
{
    free(bytes->bytes);
    *bytes = (struct edit_bytes){0};
}

static inline enum km_status edit_write(void *context, const void *bytes, size_t size)
{
    struct edit_output *const output = context;
    struct edit_bytes *const content = &output->content;
    if (content->capacity - content->size < size) {
        content->capacity = 2 * content->capacity + size;
        content->bytes = realloc(content->bytes, content->capacity);
        assert_non_null(content->bytes);
    }
    memcpy(content->bytes + content->size, bytes, size);
    content->size += size;
    return KM_OK;
}

static inline struct km_sink edit_sink(struct edit_output *output)
{
    return (struct km_sink){.write = edit_write, .context = output};
}

static inline void edit_hear(void *context, const struct km_midi_problem *problem)
{
    struct edit_problems *const problems = context;
    if (problems->count++ == 0) {
        problems->first = *problem;
    }
}

/// Runs an edit, which is called with everything set up, from bytes to bytes.
static inline enum km_status
edit_run(enum km_status (*function)(const struct km_midi_edit *edit, void *settings,
                                    struct km_midi_edit_report *report, struct km_error *error),
         void *settings, const struct edit_bytes *input, struct edit_bytes *result,
         struct edit_problems *problems)
{
    struct edit_output output = {0};
    struct km_midi_bytes bytes = {.bytes = input->bytes, .size = input->size};
    struct km_sink sink = edit_sink(&output);
    struct km_midi_edit edit = {
        .heap = km_heap_new(NULL), .source = km_midi_source_of_memory(&bytes), .sink = &sink};
    assert_non_null(edit.heap);
    if (problems) {
        edit.reader.listener = (struct km_midi_listener){edit_hear, problems};
    }
    struct km_midi_edit_report report;
    struct km_error error = {0};
    const enum km_status status = function(&edit, settings, &report, &error);
    if (status != KM_OK) {
        assert_int_equal(error.status, status);
        assert_true(error.message[0] != '\0');
        assert_int_equal(output.content.size, 0); // What is refused leaves nothing.
    }
    km_heap_free(edit.heap);
    *result = output.content;
    return status;
}

static inline enum km_status edit_repair_function(const struct km_midi_edit *edit, void *settings,
                                                  struct km_midi_edit_report *report,
                                                  struct km_error *error)
{
    (void)settings;
    return km_midi_repair(edit, report, error);
}

static inline enum km_status edit_repair(const struct edit_bytes *input, struct edit_bytes *result,
                                         struct edit_problems *problems)
{
    return edit_run(edit_repair_function, NULL, input, result, problems);
}

static inline void edit_expect_same(const struct edit_bytes *one, const struct edit_bytes *other,
                                    const char *name)
{
    size_t i = 0;
    while (i < one->size && i < other->size && one->bytes[i] == other->bytes[i]) {
        ++i;
    }
    if (i < one->size || i < other->size) {
        fail_msg("%s: %zu and %zu bytes, different from byte %zu on", name, one->size, other->size,
                 i);
    }
}

static inline bool edit_load(const char *path, struct edit_bytes *content)
{
    FILE *const file = fopen(path, "rb");
    if (!file) {
        return false;
    }
    *content = (struct edit_bytes){.bytes = malloc(EDIT_FILE_SIZE_MAX + 1)};
    assert_non_null(content->bytes);
    content->size = fread(content->bytes, 1, EDIT_FILE_SIZE_MAX + 1, file);
    (void)fclose(file);
    return true;
}

static inline int edit_is_visible(const struct dirent *entry)
{
    return entry->d_name[0] != '.';
}

/// Calls `look` with each file of at most EDIT_FILE_SIZE_MAX bytes in a folder of KMIDI_DATA and
/// those below it; false if there is no such folder.
static inline bool edit_each_file(const char *folder,
                                  void (*look)(const struct edit_bytes *content, const char *name))
{
    char folders[64][EDIT_PATH_SIZE];
    size_t count = 1;
    const char *const data = getenv("KMIDI_DATA");
    (void)snprintf(folders[0], EDIT_PATH_SIZE, "%s/%s", data ? data : "", folder);
    bool is_there = false;
    while (count > 0) {
        char current[EDIT_PATH_SIZE];
        memcpy(current, folders[--count], sizeof(current));
        struct dirent **entries = NULL;
        const int found = scandir(current, &entries, edit_is_visible, alphasort);
        is_there = is_there || found >= 0;
        for (int i = 0; i < found; ++i) {
            char path[EDIT_PATH_SIZE + 300];
            (void)snprintf(path, sizeof(path), "%s/%s", current, entries[i]->d_name);
            struct stat facts;
            struct edit_bytes content = {0};
            const bool is_known = stat(path, &facts) == 0;
            if (is_known && S_ISDIR(facts.st_mode) && count < 64 && strlen(path) < EDIT_PATH_SIZE) {
                memcpy(folders[count++], path, strlen(path) + 1);
            } else if (is_known && S_ISREG(facts.st_mode) && edit_load(path, &content)) {
                if (content.size <= EDIT_FILE_SIZE_MAX) {
                    look(&content, path);
                }
                edit_free(&content);
            }
            free(entries[i]);
        }
        free(entries);
    }
    return is_there;
}

#endif
