// SPDX-License-Identifier: MIT

/// The page that an analysis is printed on: names at the left edge, and lists beside them that go
/// on in the next line where one is full.
#ifndef KM_APPS_ANALYZE_PAGE_H
#define KM_APPS_ANALYZE_PAGE_H

#include "apps/analyze_job.h"

enum {
    KM_ANALYZE_NAME_WIDTH = 9,  ///< Letters of the names at the left edge.
    KM_ANALYZE_ITEM_SIZE = 256, ///< Bytes of a name or of an item of a list.
};

/// The page that is printed.
struct km_analyze_page {
    const struct km_analyze_job *job;
    const char *strong, *faint, *end; ///< Escapes that a terminal obeys; empty without colour.
    int width;                        ///< Letters.
};

/// A list that is being printed: page and separator are set, the rest is zero.
struct km_analyze_flow {
    const struct km_analyze_page *page;
    const char *separator;
    int column; ///< Letters in the line so far; 0: nothing is printed.
};

/// The page of a job, as wide as the terminal, which it borrows the job for.  [any]
struct km_analyze_page km_analyze_page_of(const struct km_analyze_job *job);

/// Prints the name of what follows in the line.  [any]
void km_analyze_print_name(const struct km_analyze_page *page, const char *name);

/// Prints a number between two texts.  [any]
void km_analyze_print_real(const char *before, double value, int decimals, const char *after);

/// Copies a text out of a file: what would move a terminal's cursor is "?", and what is too long is
/// cut.  [any]
void km_analyze_make_safe(char safe[KM_ANALYZE_ITEM_SIZE], const char *text);

/// Adds an item to a list; its name is printed before the first one.  [any]
void km_analyze_add_item(struct km_analyze_flow *flow, const char *name, const char *item);

/// Adds a number with two decimals between two texts, of 100 bytes at most.  [any]
void km_analyze_add_real(struct km_analyze_flow *flow, const char *name, const char *before,
                         double value, const char *after);

/// Ends the list's line, if anything was printed.  [any]
void km_analyze_end_flow(const struct km_analyze_flow *flow);

/// Prints the letters of the sections.  [any]
void km_analyze_print_form(const struct km_analyze_page *page);

/// Prints the chords in their bars, the first 1024 of them.  [any]
void km_analyze_print_chords(const struct km_analyze_page *page);

#endif
