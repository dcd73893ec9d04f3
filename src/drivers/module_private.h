// SPDX-License-Identifier: MIT

/// Finds and loads kmidi-<name>.so.
#ifndef KM_DRIVERS_MODULE_PRIVATE_H
#define KM_DRIVERS_MODULE_PRIVATE_H

#include "base/attributes.h"
#include "base/status.h"

KM_C_BEGIN

struct km_module;

/// Loads a module of this version. It is looked for in the folder KMIDI_MODULES, if that is set,
/// and else where it lies beside the program or libkmidi, installed or in a build's folder. On
/// failure the error says what is missing: the module, or the library's package.  [control]
KM_NODISCARD enum km_status km_module_load(const char *name, const struct km_module **module,
                                           struct km_error *error);

KM_C_END

#endif
