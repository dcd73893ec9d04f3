// SPDX-License-Identifier: MIT

/// What the whole process takes of the machine's memory, and what there is to take.
#ifndef KM_HEAP_PROCESS_H
#define KM_HEAP_PROCESS_H

#include "base/attributes.h"
#include "base/status.h"

#include <stdint.h>

KM_C_BEGIN

/// A reading, in bytes. What the system does not tell is 0.
struct km_process_memory {
    uint64_t rss_bytes;       ///< Resident now.
    uint64_t rss_peak_bytes;  ///< Resident at most since the start.
    uint64_t pss_bytes;       ///< Resident, pages shared with others counted by share.
    uint64_t anonymous_bytes; ///< Of the resident: heap, stacks and changed pages of files.
    uint64_t limit_bytes;     ///< The tightest of the control groups' limits and the machine.
    uint64_t available_bytes; ///< What may still be taken before that limit, caches given up.
};

/// Reads /proc and the control groups (version 1 and 2). Takes no memory; about a millisecond for
/// a small process.  [any] KM_ERROR_UNSUPPORTED where there is no /proc.
KM_NODISCARD enum km_status km_process_memory_read(struct km_process_memory *memory,
                                                   struct km_error *error);

KM_C_END

#endif
