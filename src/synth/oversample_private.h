// SPDX-License-Identifier: MIT

/// What a sampled signal is halfway between its samples.
#ifndef KM_SYNTH_OVERSAMPLE_PRIVATE_H
#define KM_SYNTH_OVERSAMPLE_PRIVATE_H

#include "base/math.h"
#include "synth/effects_private.h"

/// Coefficients for km_halfway_read: a sinc under Kaiser's window (beta), whose sum is 1/2. `taps`
/// is how many samples on each side count.  [setup]
static inline void km_halfway_init(float *coefficients, int taps, double beta)
{
    double sum = 0.0;
    double values[64];
    for (int i = 0; i < taps; ++i) {
        const double at = (double)i + 0.5;
        const double edge = at / (double)taps;
        const double root = 0.5 * beta * km_sqrt(1.0 - edge * edge);
        double bessel = 1.0; // I0(2 root): its series.
        double term = 1.0;
        for (int k = 1; k < 40; ++k) {
            term *= root * root / ((double)k * (double)k);
            bessel += term;
        }
        values[i] = (i % 2 == 0 ? 1.0 : -1.0) / at * bessel; // sin(pi (i + .5)) is 1 or -1.
        sum += values[i];
    }
    for (int i = 0; i < taps; ++i) {
        coefficients[i] = (float)(0.5 * values[i] / sum);
    }
}

/// out[n] is the signal between x[n] and x[n + 1], from `taps` (a multiple of 4) samples on each
/// side.  [audio]
KM_INLINE void km_halfway_read(const float *coefficients, int taps, const float *restrict x,
                               float *restrict out, int count)
{
    memset(out, 0, (size_t)count * sizeof(float));
    for (int i = 0; i < taps; i += 4) {
        const float c0 = coefficients[i], c1 = coefficients[i + 1];
        const float c2 = coefficients[i + 2], c3 = coefficients[i + 3];
        const float *l0 = x - i, *l1 = l0 - 1, *l2 = l0 - 2, *l3 = l0 - 3;
        const float *r0 = x + i + 1, *r1 = r0 + 1, *r2 = r0 + 2, *r3 = r0 + 3;
        KM_APART(l0);
        KM_APART(l1);
        KM_APART(l2);
        KM_APART(l3);
        KM_APART(r0);
        KM_APART(r1);
        KM_APART(r2);
        KM_APART(r3);
        for (int n = 0; n < count; ++n) {
            const float near = c0 * (l0[n] + r0[n]) + c1 * (l1[n] + r1[n]);
            const float far = c2 * (l2[n] + r2[n]) + c3 * (l3[n] + r3[n]);
            out[n] += near + far;
        }
    }
}

#endif
