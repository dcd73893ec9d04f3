// SPDX-License-Identifier: MIT

// Which vector paths there are, and their functions.

#include "synth/kernel_path_private.h"

#include "base/check.h"

bool km_vector_path_is_here(enum km_vector_path path)
{
    switch (path) {
    case KM_VECTOR_BEST:
    case KM_VECTOR_SCALAR:
        return true;
#if KM_KERNEL_X86
    case KM_VECTOR_SSE2:
        return __builtin_cpu_supports("sse2");
    case KM_VECTOR_AVX2:
        return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi2");
    case KM_VECTOR_AVX512:
        return km_vector_path_is_here(KM_VECTOR_AVX2) && __builtin_cpu_supports("avx512f") &&
               __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512dq") &&
               __builtin_cpu_supports("avx512vl");
    case KM_VECTOR_NEON:
        return false;
#else
    case KM_VECTOR_SSE2:
    case KM_VECTOR_AVX2:
    case KM_VECTOR_AVX512:
        return false;
    case KM_VECTOR_NEON:
        return KM_KERNEL_NEON;
#endif
    case KM_VECTOR_PATHS_COUNT:
    default:
        return false;
    }
}

const char *km_vector_path_name(enum km_vector_path path)
{
    static const char *const names[] = {
        [KM_VECTOR_BEST] = "best", [KM_VECTOR_SCALAR] = "scalar", [KM_VECTOR_SSE2] = "sse2",
        [KM_VECTOR_AVX2] = "avx2", [KM_VECTOR_AVX512] = "avx512", [KM_VECTOR_NEON] = "neon",
    };
    KM_CHECK(path < KM_VECTOR_PATHS_COUNT);
    return names[path];
}

static enum km_vector_path best_path(void)
{
    static const enum km_vector_path paths[] = {KM_VECTOR_NEON, KM_VECTOR_AVX512, KM_VECTOR_AVX2,
                                                KM_VECTOR_SSE2};
    for (unsigned i = 0; i < sizeof(paths) / sizeof(paths[0]); ++i) {
        if (km_vector_path_is_here(paths[i])) {
            return paths[i];
        }
    }
    return KM_VECTOR_SCALAR;
}

struct km_kernel km_kernel_of(enum km_vector_path path, enum km_interpolation interpolation)
{
    KM_CHECK(km_vector_path_is_here(path));
    KM_CHECK(interpolation <= KM_INTERPOLATION_7POINT);
    switch (path == KM_VECTOR_BEST ? best_path() : path) {
#if KM_KERNEL_X86
    case KM_VECTOR_SSE2:
        return km_kernel_sse2(interpolation);
    case KM_VECTOR_AVX2:
        return km_kernel_avx2(interpolation);
    case KM_VECTOR_AVX512:
        return km_kernel_avx512(interpolation);
#else
    case KM_VECTOR_SSE2:
    case KM_VECTOR_AVX2:
    case KM_VECTOR_AVX512:
        break;
#endif
    case KM_VECTOR_NEON:
#if KM_KERNEL_NEON
        return km_kernel_neon(interpolation);
#endif
    case KM_VECTOR_BEST:
    case KM_VECTOR_SCALAR:
    case KM_VECTOR_PATHS_COUNT:
    default:
        break;
    }
    return km_kernel_scalar(interpolation);
}
