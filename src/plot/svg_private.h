// SPDX-License-Identifier: MIT

/// Pieces of SVG, written to a sink. A failing sink is noticed at the end: its status sticks.
#ifndef KM_PLOT_SVG_PRIVATE_H
#define KM_PLOT_SVG_PRIVATE_H

#include "base/sink.h"

/// Writes text for XML: markup escaped, what is not UTF-8 or no XML character replaced, line breaks
/// as spaces, direction marks dropped; cut to about `width` letters, at a word where one ends near,
/// with an ellipsis. Wide characters count as two.  [any]
void km_svg_escaped(struct km_sink *sink, const char *text, int width);

/// Writes an attribute with a number: ` name="1.25"`.  [any]
void km_svg_number(struct km_sink *sink, const char *name, double value);

/// Writes <rect>, of class `style` unless that is null.  [any]
void km_svg_rect(struct km_sink *sink, const char *style, const double box[4]);

/// Writes a straight line of class `style`.  [any]
void km_svg_line(struct km_sink *sink, const char *style, const double ends[4]);

/// Opens <text>; its content and km_svg_text_end follow.  [any]
void km_svg_text_begin(struct km_sink *sink, const char *style, double x, double y);
void km_svg_text_end(struct km_sink *sink);

/// Writes <text> with content that needs no escape.  [any]
void km_svg_text(struct km_sink *sink, const char *style, double x, double y, const char *content);

#endif
