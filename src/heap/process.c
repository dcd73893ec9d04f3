// SPDX-License-Identifier: MIT

#include "heap/process.h"

#include "base/check.h"
#include "heap/process_private.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum {
    TEXT_SIZE = 8192, ///< The files are of 1 to 2 KB; what is beyond is not looked for.
    PATH_SIZE = 2048,
    LEVELS_MAX = 64, ///< Of control groups above each other.
};

// ---- Texts

static const char *skip_blanks(const char *text)
{
    return text + strspn(text, " \t");
}

// Reads digits; false if there are none. A number beyond 64 bits is UINT64_MAX.
static bool read_number(const char **text, uint64_t *number)
{
    const char *c = *text;
    uint64_t value = 0;
    bool is_too_large = false;
    for (; *c >= '0' && *c <= '9'; ++c) {
        const uint64_t digit = (uint64_t)(*c - '0');
        is_too_large = is_too_large || value > (UINT64_MAX - digit) / 10;
        value = is_too_large ? UINT64_MAX : value * 10 + digit;
    }
    if (c == *text) {
        return false;
    }
    *text = c;
    *number = value;
    return true;
}

static const char *next_line(const char *text)
{
    const char *const end = strchr(text, '\n');
    return end ? end + 1 : NULL;
}

bool km_process_find_bytes(const char *text, const char *name, uint64_t *bytes)
{
    const size_t length = strlen(name);
    while (text && strncmp(text, name, length) != 0) {
        text = next_line(text);
    }
    if (!text) {
        return false;
    }
    const char *c = skip_blanks(text + length);
    uint64_t number = 0;
    if (!read_number(&c, &number)) {
        return false;
    }
    const bool is_kb = strncmp(skip_blanks(c), "kB", 2) == 0;
    if (number == UINT64_MAX || (is_kb && number > UINT64_MAX / 1024)) {
        return false;
    }
    *bytes = is_kb ? number * 1024 : number;
    return true;
}

bool km_process_parse_limit(const char *text, uint64_t *bytes)
{
    const bool is_max = strncmp(text, "max", 3) == 0;
    const char *c = is_max ? text + 3 : text;
    uint64_t number = UINT64_MAX;
    if (!is_max && !read_number(&c, &number)) {
        return false;
    }
    if (*c != '\0' && *c != '\n') {
        return false;
    }
    *bytes = number;
    return true;
}

// Whether `controllers` ("cpu,memory") of `length` bytes has memory among them.
static bool has_memory(const char *controllers, size_t length)
{
    size_t start = 0;
    while (start < length) {
        size_t end = start;
        while (end < length && controllers[end] != ',') {
            ++end;
        }
        if (end - start == 6 && memcmp(controllers + start, "memory", 6) == 0) {
            return true;
        }
        start = end + 1;
    }
    return false;
}

static bool copy_path(struct km_process_group *group, const char *path, size_t length)
{
    if (length == 0 || path[0] != '/' || length >= sizeof(group->path)) {
        return false;
    }
    memcpy(group->path, path, length);
    group->path[length] = '\0';
    if (strstr(group->path, "/..")) { // Above the part of the tree that we are shown.
        group->path[1] = '\0';
    }
    return true;
}

// Reads one line, "number:controllers:path": of version 2 with the number 0 and no controllers.
// False if it is another controller's.
static bool parse_group(const char *line, struct km_process_group *group)
{
    const size_t length = strcspn(line, "\n");
    const char *const controllers = memchr(line, ':', length);
    if (!controllers) {
        return false;
    }
    const size_t rest = length - (size_t)(controllers + 1 - line);
    const char *const path = memchr(controllers + 1, ':', rest);
    if (!path) {
        return false;
    }
    group->is_version_1 = strncmp(line, "0::", 3) != 0;
    if (group->is_version_1 && !has_memory(controllers + 1, (size_t)(path - controllers) - 1)) {
        return false;
    }
    return copy_path(group, path + 1, length - (size_t)(path + 1 - line));
}

bool km_process_find_group(const char *text, struct km_process_group *group)
{
    bool is_found = false;
    // Where there are both, version 1 is the one that counts memory.
    for (const char *line = text; line && !(is_found && group->is_version_1);
         line = next_line(line)) {
        struct km_process_group found;
        if (parse_group(line, &found) && (found.is_version_1 || !is_found)) {
            *group = found;
            is_found = true;
        }
    }
    return is_found;
}

// ---- Files

// Reads the beginning of a file as text; false if it cannot be read or the path is too long.
static bool read_text(const char *path, char text[TEXT_SIZE])
{
    int file = -1;
    do {
        file = open(path, O_RDONLY | O_CLOEXEC);
    } while (file < 0 && errno == EINTR);
    if (file < 0) {
        return false;
    }
    size_t size = 0;
    ssize_t got = 0;
    do {
        got = read(file, text + size, TEXT_SIZE - 1 - size);
        size += got > 0 ? (size_t)got : 0;
    } while ((got > 0 && size < TEXT_SIZE - 1) || (got < 0 && errno == EINTR));
    close(file);
    text[size] = '\0';
    return got >= 0;
}

static bool read_at(const char *root, const char *path, char text[TEXT_SIZE])
{
    char full[PATH_SIZE];
    const int length = snprintf(full, sizeof(full), "%s%s", root, path);
    return length > 0 && (size_t)length < sizeof(full) && read_text(full, text);
}

static uint64_t bytes_or(const char *text, const char *name, uint64_t otherwise)
{
    uint64_t bytes = otherwise;
    return km_process_find_bytes(text, name, &bytes) ? bytes : otherwise;
}

// ---- Control groups

// One level of the tree: the folder of its files, and what they are called in this version.
struct level {
    const char *root;
    const struct km_process_group *group;
    size_t path_length;
};

static bool read_group_file(const struct level *level, const char *file, char text[TEXT_SIZE])
{
    char path[PATH_SIZE];
    const int length = snprintf(path, sizeof(path), "/sys/fs/cgroup%s%.*s/%s",
                                level->group->is_version_1 ? "/memory" : "",
                                (int)level->path_length, level->group->path, file);
    return length > 0 && (size_t)length < sizeof(path) && read_at(level->root, path, text);
}

static void apply_level(const struct level *level, struct km_process_memory *memory)
{
    const bool is_version_1 = level->group->is_version_1;
    char text[TEXT_SIZE];
    uint64_t limit = UINT64_MAX;
    if (!read_group_file(level, is_version_1 ? "memory.limit_in_bytes" : "memory.max", text) ||
        !km_process_parse_limit(text, &limit) || limit == UINT64_MAX) {
        return;
    }
    if (limit < memory->limit_bytes || memory->limit_bytes == 0) {
        memory->limit_bytes = limit;
    }
    uint64_t used = 0;
    if (!read_group_file(level, is_version_1 ? "memory.usage_in_bytes" : "memory.current", text) ||
        !km_process_parse_limit(text, &used)) {
        return;
    }
    // Files that were not read lately are given up before the limit hurts.
    const char *const name = is_version_1 ? "total_inactive_file " : "inactive_file ";
    const uint64_t idle = read_group_file(level, "memory.stat", text) ? bytes_or(text, name, 0) : 0;
    const uint64_t kept = used > idle ? used - idle : 0;
    const uint64_t left = limit > kept ? limit - kept : 0;
    if (left < memory->available_bytes) {
        memory->available_bytes = left;
    }
}

// A group is bound by its own limit and by those of all above it.
static void apply_groups(const char *root, struct km_process_memory *memory)
{
    char text[TEXT_SIZE];
    struct km_process_group group;
    if (!read_at(root, "/proc/self/cgroup", text) || !km_process_find_group(text, &group)) {
        return;
    }
    struct level level = {.root = root, .group = &group, .path_length = strlen(group.path)};
    for (int i = 0; i < LEVELS_MAX && level.path_length > 1; ++i) {
        apply_level(&level, memory);
        while (group.path[level.path_length - 1] != '/') {
            --level.path_length;
        }
        --level.path_length;
    }
    level.path_length = 0; // The root, which in a container is where its limit stands.
    apply_level(&level, memory);
}

// ---- The reading

enum km_status km_process_memory_read_of(const char *root, struct km_process_memory *memory,
                                         struct km_error *error)
{
    KM_CHECK(root);
    KM_CHECK(memory);

    char text[TEXT_SIZE];
    if (!read_at(root, "/proc/self/status", text)) {
        return km_error_set(error, KM_ERROR_UNSUPPORTED,
                            "/proc/self/status: cannot read the process's memory: is /proc "
                            "mounted?");
    }
    struct km_process_memory reading = {
        .available_bytes = UINT64_MAX,
        .rss_bytes = bytes_or(text, "VmRSS:", 0),
        .rss_peak_bytes = bytes_or(text, "VmHWM:", 0),
        .anonymous_bytes = bytes_or(text, "RssAnon:", 0),
    };
    if (read_at(root, "/proc/self/smaps_rollup", text)) { // Exact, where status is a little late.
        reading.rss_bytes = bytes_or(text, "Rss:", reading.rss_bytes);
        reading.pss_bytes = bytes_or(text, "Pss:", 0);
        reading.anonymous_bytes = bytes_or(text, "Anonymous:", reading.anonymous_bytes);
    }
    if (reading.rss_peak_bytes < reading.rss_bytes) {
        reading.rss_peak_bytes = reading.rss_bytes;
    }
    if (read_at(root, "/proc/meminfo", text)) {
        reading.limit_bytes = bytes_or(text, "MemTotal:", 0);
        reading.available_bytes = bytes_or(text, "MemAvailable:", UINT64_MAX);
    }
    apply_groups(root, &reading);
    if (reading.available_bytes == UINT64_MAX) {
        reading.available_bytes = 0; // Nobody told.
    }
    *memory = reading;
    return KM_OK;
}

enum km_status km_process_memory_read(struct km_process_memory *memory, struct km_error *error)
{
    return km_process_memory_read_of("", memory, error);
}
