// SPDX-License-Identifier: MIT

// A module of another version, and, where KM_ABSENT is defined, one whose library is not there.

#include <stdint.h>

extern const uint32_t km_module;

const uint32_t km_module = 0xFFFF;

#if defined(KM_ABSENT)
int km_absent(void);
int km_present(void);

int km_present(void)
{
    return km_absent();
}
#endif
