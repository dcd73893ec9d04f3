// SPDX-License-Identifier: MIT

/// An affect as JSON: what `kmidi affect --json` and the affect of `kmidi compose --json` are.
#ifndef KM_APPS_AFFECT_JSON_H
#define KM_APPS_AFFECT_JSON_H

#include "affect/affect.h"
#include "base/attributes.h"

#include <jansson.h>

/// How JSON is printed: numbers as short as they can be, nothing but ASCII's spaces left out.
enum { KM_AFFECT_JSON_FLAGS = JSON_COMPACT | JSON_REAL_PRECISION(7) };

/// A new object with the fields of DESIGN's contract and "confidence"; numbers have 4 digits after
/// the point. The caller gives it back with json_decref. Null if there is no memory.  [any]
KM_NODISCARD json_t *km_affect_to_json(const struct km_affect *affect);

#endif
