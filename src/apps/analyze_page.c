// SPDX-License-Identifier: MIT

#include "apps/analyze_page.h"

#include "base/math.h"
#include "base/text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

enum {
    WIDTH_DEFAULT = 88, // Where nobody says how wide the page is.
    WIDTH_MIN = 40,
    WIDTH_MAX = 200,
};

static int width_of_terminal(void)
{
    struct winsize size = {0};
    if (km_is_terminal(STDOUT_FILENO) && ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 &&
        size.ws_col > 0) {
        return (int)km_clamp(size.ws_col, WIDTH_MIN, WIDTH_MAX);
    }
    const char *const columns = getenv("COLUMNS");
    int64_t width = WIDTH_DEFAULT;
    if (columns && !km_text_parse_integer(columns, WIDTH_MIN, WIDTH_MAX, &width)) {
        width = WIDTH_DEFAULT;
    }
    return (int)width;
}

struct km_analyze_page km_analyze_page_of(const struct km_analyze_job *job)
{
    const bool has_colour = job->context->has_colour;
    return (struct km_analyze_page){.job = job,
                                    .strong = has_colour ? "\033[1m" : "",
                                    .faint = has_colour ? "\033[2m" : "",
                                    .end = has_colour ? "\033[0m" : "",
                                    .width = width_of_terminal()};
}

void km_analyze_print_name(const struct km_analyze_page *page, const char *name)
{
    printf("  %s%-*s%s", page->faint, KM_ANALYZE_NAME_WIDTH, name, page->end);
}

void km_analyze_print_real(const char *before, double value, int decimals, const char *after)
{
    char text[KM_TEXT_REAL_SIZE];
    km_text_format_real(text, value, decimals);
    printf("%s%s%s", before, text, after);
}

// Names come from files, and a terminal would obey what is in them.
void km_analyze_make_safe(char safe[KM_ANALYZE_ITEM_SIZE], const char *text)
{
    size_t used = 0;
    for (const char *c = text; *c != '\0' && used < KM_ANALYZE_ITEM_SIZE - 1; ++c) {
        const unsigned char byte = (unsigned char)*c;
        safe[used++] = byte < 0x20 || byte == 0x7F ? '?' : *c;
    }
    safe[used] = '\0';
}

// ---- Lists that go on in the next line where one is full

// Letters of a text as a terminal shows them, about: escapes and the inner bytes of UTF-8 have
// none.
static int letters_of(const char *text)
{
    int count = 0;
    for (const char *c = text; *c != '\0'; ++c) {
        if (*c == '\033') {
            c += strcspn(c, "m");
            continue;
        }
        count += ((unsigned char)*c & 0xC0) != 0x80;
    }
    return count;
}

void km_analyze_add_item(struct km_analyze_flow *flow, const char *name, const char *item)
{
    const int letters = letters_of(item) + (int)strlen(flow->separator);
    if (flow->column == 0) {
        km_analyze_print_name(flow->page, name);
    } else if (flow->column + letters > flow->page->width) {
        printf("%s\n", flow->separator[0] == ',' ? "," : "");
        km_analyze_print_name(flow->page, "");
        flow->column = 0;
    } else {
        printf("%s", flow->separator);
    }
    printf("%s", item);
    flow->column = (flow->column == 0 ? KM_ANALYZE_NAME_WIDTH + 2 : flow->column) + letters;
}

void km_analyze_add_real(struct km_analyze_flow *flow, const char *name, const char *before,
                         double value, const char *after)
{
    char text[KM_TEXT_REAL_SIZE];
    char item[KM_ANALYZE_ITEM_SIZE];
    km_text_format_real(text, value, 2);
    (void)snprintf(item, sizeof(item), "%.100s%s%.100s", before, text, after);
    km_analyze_add_item(flow, name, item);
}

void km_analyze_end_flow(const struct km_analyze_flow *flow)
{
    printf("%s", flow->column > 0 ? "\n" : "");
}
