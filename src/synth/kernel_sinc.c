// SPDX-License-Identifier: MIT

// The windowed sinc of the 7-point interpolation, made by tools/generate_sinc_table.c during the
// build.

#include "synth/kernel_path_private.h"

const float km_sinc_rows[KM_SINC_ROWS][KM_SINC_TAPS] = {
#include "synth/sinc_table.inc"
};
