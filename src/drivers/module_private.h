// SPDX-License-Identifier: MIT

/// The modules of drivers and audio files.
#ifndef KM_DRIVERS_MODULE_PRIVATE_H
#define KM_DRIVERS_MODULE_PRIVATE_H

#include "base/attributes.h"
#include "base/status.h"

KM_C_BEGIN

struct km_module;

/// Loads kmidi-<name>.so (base/module.h) and checks that it was built with us.  [control]
KM_NODISCARD enum km_status km_module_load(const char *name, const struct km_module **module,
                                           struct km_error *error);

KM_C_END

#endif
