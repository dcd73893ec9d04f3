// SPDX-License-Identifier: MIT

/// The entries of libkmidi-preload.so, to be found with dlsym(RTLD_DEFAULT, ...): a program that is
/// not being watched does not have them.
#ifndef KM_PROFILER_PRELOAD_PRELOAD_H
#define KM_PROFILER_PRELOAD_PRELOAD_H

#include "base/attributes.h"

#include <stdint.h>

/// Begins a real-time section of this thread. Sections nest.  [any]
KM_RT void km_preload_enter(void);

/// Ends the section that began last; ending none aborts, with a message.  [any]
KM_RT void km_preload_leave(void);

/// How many calls of this kind (a name of kinds.def) real-time sections have made, in all threads,
/// since the program started; UINT64_MAX if there is no such kind.  [any]
uint64_t km_preload_count(const char *kind);

#endif
