// SPDX-License-Identifier: MIT

/// Floats below 1e-38 count as 0 while the audio thread works: sums of them are slow, and differ
/// between processors' settings.
#ifndef KM_ENGINE_DENORMALS_PRIVATE_H
#define KM_ENGINE_DENORMALS_PRIVATE_H

#include "base/attributes.h"

#include <stdint.h>

#if defined(__SSE2__)
#include <immintrin.h>
#endif

/// Flushes results and operands to zero in the calling thread; gives the setting that there was.
/// Processors without such a switch keep theirs.  [audio]
KM_RT static inline uint64_t km_denormals_disable(void)
{
#if defined(__SSE2__)
    const unsigned int before = _mm_getcsr();
    _mm_setcsr(before | _MM_FLUSH_ZERO_ON | 0x40U); // 0x40: operands as well (DAZ).
    return before;
#elif defined(__aarch64__)
    uint64_t before = 0;
    __asm__ volatile("mrs %0, fpcr" : "=r"(before));
    __asm__ volatile("msr fpcr, %0" : : "r"(before | UINT64_C(1) << 24));
    return before;
#else
    return 0;
#endif
}

/// Back to the setting that km_denormals_disable gave.  [audio]
KM_RT static inline void km_denormals_restore(uint64_t before)
{
#if defined(__SSE2__)
    _mm_setcsr((unsigned int)before);
#elif defined(__aarch64__)
    __asm__ volatile("msr fpcr, %0" : : "r"(before));
#else
    (void)before;
#endif
}

#endif
