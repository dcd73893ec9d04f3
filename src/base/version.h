// SPDX-License-Identifier: MIT

/// The version of this build.
#ifndef KM_BASE_VERSION_H
#define KM_BASE_VERSION_H

#include "base/attributes.h"

KM_C_BEGIN

/// "1.2.3". A song says which version made it: the same version, input and seed give the same
/// bytes.  [any]
const char *km_version(void);

KM_C_END

#endif
