// SPDX-License-Identifier: MIT

/// Finds for each note where the template has it.
#ifndef KM_GROOVE_TEMPLATE_MATCH_PRIVATE_H
#define KM_GROOVE_TEMPLATE_MATCH_PRIVATE_H

#include "base/attributes.h"
#include "groove/template.h"

#include <stddef.h>
#include <stdint.h>

/// What the music is to the performance.
enum km_groove_likeness {
    KM_GROOVE_SAME,  ///< The take itself, put on some grid.
    KM_GROOVE_OTHER, ///< Music of its own rhythm.
    KM_GROOVE_SWUNG, ///< The same, written straight, to be swung.
};

/// Sets the target and velocity of the marks of all note-ons, by their written ticks, which must
/// ascend. Returns the share of them that found a stroke of their own, as many as there were at
/// their place.  [any]
double km_groove_match(const struct km_event *events, size_t count, const struct km_groove_use *use,
                       enum km_groove_likeness likeness, struct km_groove_mark *marks);

#endif
