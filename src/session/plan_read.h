// SPDX-License-Identifier: MIT

/// Reads plans from JSON: those that km_plan_write_json wrote, edited by hand or by programs.
#ifndef KM_SESSION_PLAN_READ_H
#define KM_SESSION_PLAN_READ_H

#include "base/attributes.h"
#include "base/status.h"
#include "session/plan.h"

#include <stddef.h>

KM_C_BEGIN

struct km_heap;

enum {
    KM_PLAN_JSON_SIZE_MAX = 1 << 20, ///< Bytes; the longest plan takes a quarter of it.
    KM_PLAN_REMARKS_SIZE = 1024,
};

/// A text that holds a plan.
struct km_plan_document {
    const char *name; ///< For messages: "plan.json".
    const char *bytes;
    size_t size;
};

/// What was read otherwise than it stands there, or not at all, in sentences that each end in \n.
struct km_plan_remarks {
    size_t count;                    ///< All of them, also those that found no room.
    char text[KM_PLAN_REMARKS_SIZE]; ///< Of the first; ended by a zero byte.
};

/// Reads a plan. What km_plan_write_json wrote gives the same plan again, as far as a plan decides
/// about music: of the affect only what the document says, the rest as km_affect_of_point has
/// it.  [any]
/// - What is left out is planned from what is there.
/// - What is said twice may be changed once: tonic, mode and chords are told by several fields, and
///   the one that differs from the others is the change. So another root note moves the chords, and
///   another mode takes them along.
/// - A field that is not known, or without effect, is told in `remarks`, which may be null.
/// - What is no plan (a wrong type, a number out of range, a gap between sections, phrases or
///   chords, more than KM_PLAN_JSON_SIZE_MAX) is refused; `error` names the field and what was
///   expected. Any plan that is taken can be composed.
/// Memory: the heap's working account for the time of the call; and what jansson allocates, for
/// which the program may have set its own functions. On failure `plan` stays as it was.
KM_NODISCARD enum km_status km_plan_read_json(struct km_heap *heap,
                                              const struct km_plan_document *document,
                                              struct km_harmony_plan *plan,
                                              struct km_plan_remarks *remarks,
                                              struct km_error *error);

KM_C_END

#endif
