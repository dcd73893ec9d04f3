// SPDX-License-Identifier: MIT

// Writes the table of the 7-point interpolation: for each of 256 fractions of a frame the weights
// of the seven frames about it, and a zero. Runs during the build.
//
// A weight is sinc(d) under a Hann window of seven frames, d being the tap's distance from the
// middle of the fraction's step. Each row is scaled to add up to 1, so that a constant stays one.

#include "base/math.h"

#include <stdio.h>
#include <stdlib.h>

enum { ROWS = 256, TAPS = 7 };

static double windowed_sinc(double distance)
{
    const double angle = KM_PI * distance;
    const double window = 0.5 * (1.0 + km_cos(2.0 * angle / TAPS));
    return (angle == 0.0 ? 1.0 : km_sin(angle) / angle) * window;
}

static void write_row(FILE *file, int row)
{
    double weights[TAPS];
    double sum = 0.0;
    for (int tap = 0; tap < TAPS; ++tap) {
        // Tap 3 is the frame that is nearest; the row's fraction counts from half a frame before
        // it.
        weights[tap] = windowed_sinc(tap - 2.5 - (row + 0.5) / ROWS);
        sum += weights[tap];
    }
    (void)fprintf(file, "    {");
    for (int tap = 0; tap < TAPS; ++tap) {
        (void)fprintf(file, "%aF, ", weights[tap] / sum);
    }
    (void)fprintf(file, "0.0F},\n");
}

int main(int argument_count, char **arguments)
{
    if (argument_count != 2) {
        (void)fprintf(stderr, "usage: generate_sinc_table FILE\n");
        return EXIT_FAILURE;
    }
    FILE *const file = fopen(arguments[1], "w");
    if (!file) {
        perror(arguments[1]);
        return EXIT_FAILURE;
    }
    (void)fprintf(file, "// Written by tools/generate_sinc_table.c.\n");
    for (int row = 0; row < ROWS; ++row) {
        write_row(file, row);
    }
    if (fclose(file) != 0) {
        perror(arguments[1]);
        return EXIT_FAILURE;
    }
    return EXIT_SUCCESS;
}
