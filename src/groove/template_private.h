// SPDX-License-Identifier: MIT

/// What extracting and reading a template share.
#ifndef KM_GROOVE_TEMPLATE_PRIVATE_H
#define KM_GROOVE_TEMPLATE_PRIVATE_H

#include "base/attributes.h"
#include "groove/grid_private.h"
#include "groove/template.h"

/// An empty template, or null.  [any]
KM_NODISCARD struct km_groove_template *km_groove_template_new(struct km_heap *heap);

/// Makes room for `count` hits.  [any]
KM_NODISCARD enum km_status km_groove_template_reserve(struct km_groove_template *feel,
                                                       size_t count);

/// Finds where the hits sound, puts them in order and finds each key's first. KM_ERROR_NO_MEMORY
/// leaves the template fit to be freed only.  [any]
KM_NODISCARD enum km_status km_groove_template_index(struct km_groove_template *feel);

/// The grid of a template.  [any]
struct km_groove_grid km_groove_template_grid(const struct km_groove_template *feel);

/// The hits' stream: a drum's key, or KM_KEYS_COUNT + the key of a pitched note.  [any]
static inline size_t km_groove_stream(bool is_drum, uint8_t key)
{
    return (is_drum ? 0U : (size_t)KM_KEYS_COUNT) + key % KM_KEYS_COUNT;
}

#endif
