// SPDX-License-Identifier: MIT

/// A bar on the terminal while long work goes on.
#ifndef KM_APPS_PROGRESS_H
#define KM_APPS_PROGRESS_H

#include "base/attributes.h"
#include "midi/scan.h"

#include <stdbool.h>
#include <stdint.h>

enum {
    KM_PROGRESS_DELAY_MS = 500, ///< Work that is done sooner shows nothing.
    KM_PROGRESS_EVERY_MS = 100, ///< Between two looks of the bar.
};

/// The bar of one piece of work. It is drawn on standard error, and only if that is a terminal.
struct km_progress {
    const char *label; ///< What is being worked on; cut if it is long. Must outlive the bar.
    int64_t start_ms;
    int64_t drawn_ms;
    bool is_terminal;
    bool is_drawn;
};

/// Begins; nothing is drawn yet.  [any]
void km_progress_start(struct km_progress *progress, const char *label);

/// What to hand to the work: it draws when it is time. Never stops the work.  [any]
struct km_midi_progress km_progress_listener(struct km_progress *progress);

/// Draws how far it is, if it is time; `total` is 0 where nobody knows.  [any]
void km_progress_tell(struct km_progress *progress, uint64_t done, uint64_t total);

/// Clears the line, if anything was drawn: before other output on the terminal, and at the
/// end.  [any]
void km_progress_end(struct km_progress *progress);

enum { KM_PROGRESS_LINE_SIZE = 128 };

/// Writes the line for `done` of `total` bytes: a bar and percents, or megabytes where the total is
/// not known. At most 79 columns.  [any]
void km_progress_format(char line[KM_PROGRESS_LINE_SIZE], const char *label, uint64_t done,
                        uint64_t total);

#endif
