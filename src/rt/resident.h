// SPDX-License-Identifier: MIT

/// Memory made resident before the audio thread needs it, so that no access has to wait for a page.
#ifndef KM_RT_RESIDENT_H
#define KM_RT_RESIDENT_H

#include "base/attributes.h"
#include "base/status.h"

#include <stddef.h>

KM_C_BEGIN

/// Touches every page of `block`, for writing, without changing a byte.  [setup]
/// Without a lock the system may still take pages away later, but it does so only in need.
void km_resident_touch(void *block, size_t size);

/// Reads a byte of each page of the program, or of the library, that this function is part of: its
/// code and its tables, which the system else maps where they are first used. Nothing is locked:
/// in need the system may take them away again.  [setup]
void km_resident_touch_program(void);

/// Locks the pages of `block` in RAM, which also touches them.  [setup]
/// An ordinary user may be refused: KM_ERROR_PERMISSION or KM_ERROR_NO_MEMORY, with the limit and
/// its cure in `error`. Then touch the block instead, and show the status.
KM_NODISCARD enum km_status km_resident_lock(const void *block, size_t size,
                                             struct km_error *error);

/// Undoes km_resident_lock, also for other blocks on the same pages.  [setup]
void km_resident_unlock(const void *block, size_t size);

KM_C_END

#endif
