// SPDX-License-Identifier: MIT

// The functions of functions.def that pass their arguments on as they are.

#include "preload/preload_private.h"

// Declared once more, because the C library's headers do not declare those that only a compiler
// calls (..._chk).
#define KM_WRAP(result, name, kind, parameters, arguments)                                         \
    KM_EXPORT result name parameters;                                                              \
    result name parameters                                                                         \
    {                                                                                              \
        const unsigned int depth = km_preload_hide(KM_PRELOAD_##kind, #name);                      \
        result returned = KM_REAL(name) arguments;                                                 \
        km_preload_unhide(depth);                                                                  \
        return returned;                                                                           \
    }
#define KM_WRAP_VOID(name, kind, parameters, arguments)                                            \
    KM_EXPORT void name parameters;                                                                \
    void name parameters                                                                           \
    {                                                                                              \
        const unsigned int depth = km_preload_hide(KM_PRELOAD_##kind, #name);                      \
        KM_REAL(name) arguments;                                                                   \
        km_preload_unhide(depth);                                                                  \
    }
#define KM_WRAP_MEMORY(result, name, parameters)
#define KM_WRAP_VARIADIC(result, name, parameters)
#include "preload/functions.def"
