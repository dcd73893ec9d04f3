// SPDX-License-Identifier: MIT

/// The reader of plans, in its pieces; for the session module alone.
#ifndef KM_SESSION_PLAN_READ_PRIVATE_H
#define KM_SESSION_PLAN_READ_PRIVATE_H

#include "session/plan.h"
#include "session/plan_read.h"

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

/// One reading. The first failure sticks: what is read after it has no effect.
struct km_plan_reading {
    const char *name; ///< Of the document.
    struct km_plan_remarks *remarks;
    struct km_error *error;
    enum km_status status;
};

/// An object of the document, and where it stands, for messages: "chords[3].", "affect.".
struct km_plan_object {
    json_t *json;     ///< Null, or no object: it has no fields.
    const char *list; ///< Null for the document itself.
    int index;        ///< -1: `list` names no list but the object.
};

struct km_plan_bounds {
    double low, high;
};

struct km_plan_names {
    const char *const *names;
    int count;
};

/// Says what is wrong with a field, and where; returns false.  [any]
bool km_plan_refuse(struct km_plan_reading *reading, const struct km_plan_object *object,
                    const char *field, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/// Tells something that is no failure.  [any]
void km_plan_remark(struct km_plan_reading *reading, const struct km_plan_object *object,
                    const char *field, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/// Remarks every field that is not among the names, the last of which is null.  [any]
void km_plan_check_fields(struct km_plan_reading *reading, const struct km_plan_object *object,
                          const char *const *names);

// Each of these reads one field if it is there (null counts as not there), and returns whether it
// did. What is wrong is a failure of the reading.

/// A whole number within bounds.  [any]
bool km_plan_read_integer(struct km_plan_reading *reading, const struct km_plan_object *object,
                          const char *field, struct km_plan_bounds bounds, int64_t *value);

/// The same into a byte.  [any]
bool km_plan_read_byte(struct km_plan_reading *reading, const struct km_plan_object *object,
                       const char *field, struct km_plan_bounds bounds, uint8_t *value);

/// [any]
bool km_plan_read_real(struct km_plan_reading *reading, const struct km_plan_object *object,
                       const char *field, struct km_plan_bounds bounds, float *value);

/// [any]
bool km_plan_read_flag(struct km_plan_reading *reading, const struct km_plan_object *object,
                       const char *field, bool *value);

/// A text, which stays the document's.  [any]
bool km_plan_read_text(struct km_plan_reading *reading, const struct km_plan_object *object,
                       const char *field, const char **value);

/// One of several names; the failure lists them.  [any]
bool km_plan_read_name(struct km_plan_reading *reading, const struct km_plan_object *object,
                       const char *field, struct km_plan_names names, uint8_t *index);

/// An object inside the document; one without fields if it is not there.  [any]
struct km_plan_object km_plan_read_object(struct km_plan_reading *reading,
                                          const struct km_plan_object *root, const char *field);

/// A list of at most `count_max` elements.  [any]
bool km_plan_read_list(struct km_plan_reading *reading, const struct km_plan_object *root,
                       const char *field, size_t count_max, json_t **list);

/// The object at an index of a list; what is none is a failure.  [any]
struct km_plan_object km_plan_list_object(struct km_plan_reading *reading, json_t *list,
                                          const char *name, size_t index);

/// What the document says of the key.
struct km_plan_keys {
    struct km_key now;    ///< As the song shall have it.
    struct km_key before; ///< As the chords were written for.
    bool has_tonic, has_mode;
};

/// Reads `root_note`, `mode` and `key`; which mode is the change, the chords' numerals tell.  [any]
struct km_plan_keys km_plan_read_keys(struct km_plan_reading *reading,
                                      const struct km_plan_object *root);

/// Reads `rules`: which are broken, and, unless `plan` is null, where, into a plan whose length
/// stands.  [any]
uint32_t km_plan_read_rules(struct km_plan_reading *reading, const struct km_plan_object *root,
                            struct km_harmony_plan *plan);

/// Reads `parts`, `rules`, `production` and `lyrics` into a plan whose length stands.  [any]
void km_plan_read_parts(struct km_plan_reading *reading, const struct km_plan_object *root,
                        struct km_harmony_plan *plan);

/// Reads sections, phrases and tension into a plan whose metre and length stand; what is not there
/// stays as the plan has it, but phrases are laid anew within sections that are there.  [any]
void km_plan_read_form(struct km_plan_reading *reading, const struct km_plan_object *root,
                       struct km_harmony_plan *plan);

/// Reads `chords` and `chord_symbols` into a plan whose key, metre and length stand.  [any]
void km_plan_read_chords(struct km_plan_reading *reading, const struct km_plan_object *root,
                         const struct km_plan_keys *keys, struct km_harmony_plan *plan);

#endif
