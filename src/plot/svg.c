// SPDX-License-Identifier: MIT

#include "plot/svg_private.h"

#include "base/text.h"

#include <stdbool.h>
#include <string.h>

// Code points that fill a square: East Asian letters, most emoji.
static int width_of(uint32_t c)
{
    const bool is_wide = (c >= 0x1100 && c <= 0x115F) || (c >= 0x2E80 && c <= 0xA4CF) ||
                         (c >= 0xAC00 && c <= 0xD7A3) || (c >= 0xF900 && c <= 0xFAFF) ||
                         (c >= 0xFE30 && c <= 0xFE6F) || (c >= 0xFF00 && c <= 0xFF60) ||
                         (c >= 0x1F300 && c <= 0x1FAFF) || (c >= 0x20000 && c <= 0x3FFFD);
    return is_wide ? 2 : 1;
}

// Marks that turn the direction of writing: in a title they would turn what stands beside it.
static bool is_direction_mark(uint32_t c)
{
    return (c >= 0x200E && c <= 0x200F) || (c >= 0x202A && c <= 0x202E) ||
           (c >= 0x2066 && c <= 0x2069);
}

static void write_escaped(struct km_sink *sink, uint32_t c)
{
    const bool is_no_character = c == 0xFFFE || c == 0xFFFF || (c >= 0x7F && c < 0xA0);
    char bytes[4];
    if (c == '&') {
        km_sink_text(sink, "&amp;");
    } else if (c == '<') {
        km_sink_text(sink, "&lt;");
    } else if (c == '>') {
        km_sink_text(sink, "&gt;");
    } else if (c == '"') {
        km_sink_text(sink, "&quot;");
    } else if (c < 0x20) {
        km_sink_text(sink, " ");
    } else if (!is_direction_mark(c)) {
        km_sink_write(sink, bytes, km_text_encode(bytes, is_no_character ? 0xFFFD : c));
    }
}

// Where to stop so that the text is at most `width` wide; its size if all of it is.
static size_t cut_of(const char *text, size_t size, int width)
{
    size_t position = 0;
    size_t cut = 0;  // With room for the ellipsis.
    size_t word = 0; // The last place before a space.
    int used = 0;
    while (position < size) {
        const size_t start = position;
        const uint32_t c = km_text_next(text, size, &position);
        word = c == ' ' && used < width ? start : word;
        used += width_of(c);
        cut = used < width ? position : cut;
        if (used > width) {
            return word > cut * 2 / 3 ? word : cut;
        }
    }
    return size;
}

void km_svg_escaped(struct km_sink *sink, const char *text, int width)
{
    const size_t size = strlen(text);
    const size_t cut = cut_of(text, size, width);
    size_t position = 0;
    while (position < cut) {
        write_escaped(sink, km_text_next(text, cut, &position));
    }
    if (cut < size) {
        km_sink_text(sink, "\xE2\x80\xA6"); // An ellipsis.
    }
}

void km_svg_number(struct km_sink *sink, const char *name, double value)
{
    km_sink_format(sink, " %s=\"", name);
    km_sink_real(sink, value, 2);
    km_sink_text(sink, "\"");
}

static void begin(struct km_sink *sink, const char *element, const char *style)
{
    km_sink_format(sink, "<%s", element);
    if (style) {
        km_sink_format(sink, " class=\"%s\"", style);
    }
}

void km_svg_rect(struct km_sink *sink, const char *style, const double box[4])
{
    begin(sink, "rect", style);
    km_svg_number(sink, "x", box[0]);
    km_svg_number(sink, "y", box[1]);
    km_svg_number(sink, "width", box[2]);
    km_svg_number(sink, "height", box[3]);
    km_sink_text(sink, "/>\n");
}

void km_svg_line(struct km_sink *sink, const char *style, const double ends[4])
{
    begin(sink, "line", style);
    km_svg_number(sink, "x1", ends[0]);
    km_svg_number(sink, "y1", ends[1]);
    km_svg_number(sink, "x2", ends[2]);
    km_svg_number(sink, "y2", ends[3]);
    km_sink_text(sink, "/>\n");
}

void km_svg_text_begin(struct km_sink *sink, const char *style, double x, double y)
{
    begin(sink, "text", style);
    km_svg_number(sink, "x", x);
    km_svg_number(sink, "y", y);
    km_sink_text(sink, ">");
}

void km_svg_text_end(struct km_sink *sink)
{
    km_sink_text(sink, "</text>\n");
}

void km_svg_text(struct km_sink *sink, const char *style, double x, double y, const char *content)
{
    km_svg_text_begin(sink, style, x, y);
    km_sink_text(sink, content);
    km_svg_text_end(sink);
}
