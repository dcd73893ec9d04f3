// SPDX-License-Identifier: MIT

// kmidi-ebur128.so: loudness by libebur128.

#include "drivers/backend_private.h"

#include <ebur128.h>
#include <math.h>

enum { CHANNELS = 2 };

static void *open_meter(uint32_t rate_hz)
{
    return ebur128_init(CHANNELS, rate_hz,
                        EBUR128_MODE_I | EBUR128_MODE_LRA | EBUR128_MODE_TRUE_PEAK |
                            EBUR128_MODE_SAMPLE_PEAK);
}

static bool add(void *meter, const float *interleaved, uint32_t frames)
{
    return ebur128_add_frames_float(meter, interleaved, frames) == EBUR128_SUCCESS;
}

static double decibel(double amplitude)
{
    return amplitude > 0.0 ? 20.0 * log10(amplitude) : -(double)INFINITY;
}

static double larger(double a, double b)
{
    return a > b ? a : b;
}

static struct km_loudness_result result(void *meter)
{
    double loudness = -(double)INFINITY;
    double range = 0.0;
    double true_peaks[CHANNELS] = {0.0, 0.0};
    double sample_peaks[CHANNELS] = {0.0, 0.0};
    (void)ebur128_loudness_global(meter, &loudness);
    (void)ebur128_loudness_range(meter, &range);
    for (unsigned i = 0; i < CHANNELS; ++i) {
        (void)ebur128_true_peak(meter, i, &true_peaks[i]);
        (void)ebur128_sample_peak(meter, i, &sample_peaks[i]);
    }
    return (struct km_loudness_result){
        .integrated_lufs = loudness,
        .range_lu = range,
        .true_peak_dbtp = decibel(larger(true_peaks[0], true_peaks[1])),
        .sample_peak_db = decibel(larger(sample_peaks[0], sample_peaks[1])),
    };
}

static void close_meter(void *meter)
{
    ebur128_state *state = meter;
    ebur128_destroy(&state);
}

static const struct km_meter meter = {
    .open = open_meter, .add = add, .result = result, .close = close_meter};

extern const struct km_module km_module;

const struct km_module km_module = {.abi = KM_MODULE_ABI, .meter = &meter};
