// SPDX-License-Identifier: MIT

#include "base/version.h"

const char *km_version(void)
{
    return KM_VERSION; // From project() in CMakeLists.txt.
}
