// SPDX-License-Identifier: MIT

#include "apps/progress.h"

#include "apps/command.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { LABEL_COLUMNS = 32, BAR_COLUMNS = 30, MEGABYTE = 1000000 };

static int64_t now_ms(void)
{
    struct timespec now = {0};
    (void)clock_gettime(CLOCK_MONOTONIC, &now); // Cannot fail with this clock.
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

void km_progress_start(struct km_progress *progress, const char *label)
{
    const char *const terminal = getenv("TERM");
    const bool moves_cursor = !terminal || strcmp(terminal, "dumb") != 0;
    *progress = (struct km_progress){.label = label,
                                     .start_ms = now_ms(),
                                     .is_terminal = km_is_terminal(STDERR_FILENO) && moves_cursor};
}

// The label's bytes, cut to whole characters, with what moves a terminal made visible.
static void copy_label(char copy[LABEL_COLUMNS + 1], const char *label)
{
    size_t size = strlen(label) < LABEL_COLUMNS ? strlen(label) : LABEL_COLUMNS;
    while (size > 0 && ((unsigned char)label[size] & 0xC0U) == 0x80) {
        --size; // In the middle of a character of UTF-8.
    }
    for (size_t i = 0; i < size; ++i) {
        const unsigned char byte = (unsigned char)label[i];
        copy[i] = byte < 0x20 || byte == 0x7F ? '?' : label[i];
    }
    copy[size] = '\0';
}

void km_progress_format(char line[KM_PROGRESS_LINE_SIZE], const char *label, uint64_t done,
                        uint64_t total)
{
    char name[LABEL_COLUMNS + 1];
    copy_label(name, label);
    if (total == 0) {
        (void)snprintf(line, KM_PROGRESS_LINE_SIZE, "%s  %llu MB", name,
                       (unsigned long long)(done / MEGABYTE));
        return;
    }
    const double part = done < total ? (double)done / (double)total : 1.0;
    char bar[BAR_COLUMNS + 1];
    const int full = (int)(part * BAR_COLUMNS);
    for (int i = 0; i < BAR_COLUMNS; ++i) {
        bar[i] = i < full ? '#' : '.';
    }
    bar[BAR_COLUMNS] = '\0';
    (void)snprintf(line, KM_PROGRESS_LINE_SIZE, "%s  [%s] %3d %%", name, bar, (int)(part * 100.0));
}

void km_progress_tell(struct km_progress *progress, uint64_t done, uint64_t total)
{
    if (!progress->is_terminal) {
        return;
    }
    const int64_t now = now_ms();
    if (now - progress->start_ms < KM_PROGRESS_DELAY_MS ||
        (progress->is_drawn && now - progress->drawn_ms < KM_PROGRESS_EVERY_MS)) {
        return;
    }
    char line[KM_PROGRESS_LINE_SIZE];
    km_progress_format(line, progress->label, done, total);
    (void)fprintf(stderr, "\r%s\033[K", line); // Clears what was there to the right.
    (void)fflush(stderr);
    progress->is_drawn = true;
    progress->drawn_ms = now;
}

static bool tell(void *context, uint64_t done, uint64_t total)
{
    km_progress_tell(context, done, total);
    return true;
}

struct km_midi_progress km_progress_listener(struct km_progress *progress)
{
    return (struct km_midi_progress){.tell = tell, .context = progress};
}

void km_progress_end(struct km_progress *progress)
{
    if (progress->is_drawn) {
        (void)fprintf(stderr, "\r\033[K");
        (void)fflush(stderr);
        progress->is_drawn = false;
    }
}
