// SPDX-License-Identifier: MIT

/// The vector paths, each with its functions; which of them are compiled depends on the processor's
/// family.
#ifndef KM_SYNTH_KERNEL_PATH_PRIVATE_H
#define KM_SYNTH_KERNEL_PATH_PRIVATE_H

#include "synth/kernel_private.h"

enum {
    KM_SINC_ROWS = 256, ///< Fractions of a frame that the 7-point interpolation knows.
    KM_SINC_TAPS = 8,   ///< Of which the last is 0.
};

// KM_RT stands at functions of setup here: tools/check_rt_symbols.py then looks at what they hand
// out.

/// The windowed sinc, its rows in steps of a fraction, each adding up to 1.
extern const float km_sinc_rows[KM_SINC_ROWS][KM_SINC_TAPS];

/// [setup]
KM_RT struct km_kernel km_kernel_scalar(enum km_interpolation interpolation);

#if defined(__x86_64__) || defined(__i386__)
#define KM_KERNEL_X86 1
/// [setup]
KM_RT struct km_kernel km_kernel_sse2(enum km_interpolation interpolation);
/// [setup]
KM_RT struct km_kernel km_kernel_avx2(enum km_interpolation interpolation);
/// How AVX2 interpolates, for AVX-512 at high pitches.  [audio]
KM_RT void km_avx2_linear(const int16_t *source, uint64_t position, uint64_t increment, float *out);
/// As km_avx2_linear.  [audio]
KM_RT void km_avx2_4point(const int16_t *source, uint64_t position, uint64_t increment, float *out);
/// [setup]
KM_RT struct km_kernel km_kernel_avx512(enum km_interpolation interpolation);
#else
#define KM_KERNEL_X86 0
#endif

#if defined(__aarch64__)
#define KM_KERNEL_NEON 1
/// [setup]
KM_RT struct km_kernel km_kernel_neon(enum km_interpolation interpolation);
#else
#define KM_KERNEL_NEON 0
#endif

#endif
