// SPDX-License-Identifier: MIT

/// Finds and loads modules: kmidi-<name>.so, which hold what needs a library beyond libc and
/// jansson, and are loaded when they are used.
#ifndef KM_BASE_MODULE_H
#define KM_BASE_MODULE_H

#include "base/attributes.h"
#include "base/status.h"

KM_C_BEGIN

/// Loads the module called `name` ("jack", "portaudio", "sndfile", "ebur128") if it is not yet, and
/// finds one of its symbols. It is looked for in the folder KMIDI_MODULES, if that is set, and else
/// where it lies beside the program or libkmidi, installed or in a build's folder. A module is
/// never unloaded. The error says what is missing: the module, or the package of its library
/// (KM_ERROR_NOT_FOUND), or the symbol (KM_ERROR_UNSUPPORTED: another version's module).  [control]
KM_NODISCARD enum km_status km_module_find(const char *name, const char *symbol, void **found,
                                           struct km_error *error);

KM_C_END

#endif
