// SPDX-License-Identifier: MIT

/// The drivers that the core itself has.
#ifndef KM_DRIVERS_BACKENDS_PRIVATE_H
#define KM_DRIVERS_BACKENDS_PRIVATE_H

#include "drivers/backend_private.h"

KM_C_BEGIN

/// Its clock is turned by hand, and what is played can be looked at.
extern const struct km_backend km_backend_null;

/// As null, and what is played is written to a file.
extern const struct km_backend km_backend_file;

/// A thread plays in real time, to nowhere: for machines without sound.
extern const struct km_backend km_backend_clock;

KM_C_END

#endif
