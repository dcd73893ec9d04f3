// SPDX-License-Identifier: MIT

/// The parts of km_process_memory_read that tests feed with systems of their own.
#ifndef KM_HEAP_PROCESS_PRIVATE_H
#define KM_HEAP_PROCESS_PRIVATE_H

#include "base/attributes.h"
#include "heap/process.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/// Finds the line that begins with `name` (colon included, if there is one) and reads the number
/// behind it, times 1,024 if " kB" follows.  [any]
/// False, and `bytes` stays, if there is no such line, or no number that fits 64 bits.
KM_NODISCARD bool km_process_find_bytes(const char *text, const char *name, uint64_t *bytes);

/// Reads the number that a control group's file holds.  [any]
/// "max" and what does not fit 64 bits is UINT64_MAX; false for anything else that is no number.
KM_NODISCARD bool km_process_parse_limit(const char *text, uint64_t *bytes);

/// A place in the tree of control groups.
struct km_process_group {
    bool is_version_1;
    char path[1024]; ///< "/", "/user.slice/x.scope"; without a final slash except the root's.
};

/// Finds the group that limits memory in the text of /proc/self/cgroup.  [any]
/// False if there is none, or its path is too long. A path outside our view ("..") is "/".
KM_NODISCARD bool km_process_find_group(const char *text, struct km_process_group *group);

/// As km_process_memory_read, of the system whose root folder is `root` ("" is ours).  [any]
KM_NODISCARD enum km_status km_process_memory_read_of(const char *root,
                                                      struct km_process_memory *memory,
                                                      struct km_error *error);

#endif
