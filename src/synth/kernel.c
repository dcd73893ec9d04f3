// SPDX-License-Identifier: MIT

// Which vector paths there are, and their functions.

#include "synth/kernel_path_private.h"

#include "base/check.h"

#if KM_KERNEL_X86
static bool is_x86_path_here(enum km_vector_path path)
{
    const bool has_avx2 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi2");
    const bool has_avx512 =
        __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
        __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl");
    return (path == KM_VECTOR_SSE2 && __builtin_cpu_supports("sse2")) ||
           (path == KM_VECTOR_AVX2 && has_avx2) ||
           (path == KM_VECTOR_AVX512 && has_avx2 && has_avx512);
}
#else
static bool is_x86_path_here(enum km_vector_path path)
{
    (void)path;
    return false;
}
#endif

bool km_vector_path_is_here(enum km_vector_path path)
{
    return path == KM_VECTOR_BEST || path == KM_VECTOR_SCALAR || is_x86_path_here(path) ||
           (path == KM_VECTOR_NEON && KM_KERNEL_NEON);
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
    const enum km_vector_path chosen = path == KM_VECTOR_BEST ? best_path() : path;
#if KM_KERNEL_X86
    if (chosen == KM_VECTOR_AVX512) {
        return km_kernel_avx512(interpolation);
    }
    if (chosen == KM_VECTOR_AVX2) {
        return km_kernel_avx2(interpolation);
    }
    if (chosen == KM_VECTOR_SSE2) {
        return km_kernel_sse2(interpolation);
    }
#endif
#if KM_KERNEL_NEON
    if (chosen == KM_VECTOR_NEON) {
        return km_kernel_neon(interpolation);
    }
#endif
    (void)chosen;
    return km_kernel_scalar(interpolation);
}
