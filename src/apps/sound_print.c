// SPDX-License-Identifier: MIT

// Tells people what was rendered.

#include "apps/sound_render.h"
#include "base/text.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>

enum { MEBIBYTE = 1 << 20 };

static const char *real(char text[KM_TEXT_REAL_SIZE], double value, int decimals)
{
    if (!isfinite(value)) {
        return "none";
    }
    km_text_format_real(text, value, decimals);
    return text;
}

static void print_loudness(const struct km_render_result *result)
{
    char lufs[KM_TEXT_REAL_SIZE];
    char range[KM_TEXT_REAL_SIZE];
    char peak[KM_TEXT_REAL_SIZE];
    if (!result->has_loudness) {
        printf("  loudness  not measured: %s\n", result->loudness_error.message);
        return;
    }
    printf("  loudness  %s LUFS, range %s LU, true peak %s dBTP\n",
           real(lufs, result->loudness.integrated_lufs, 1),
           real(range, result->loudness.range_lu, 1),
           real(peak, result->loudness.true_peak_dbtp, 1));
}

static void print_lost(const struct km_render_result *result)
{
    const struct km_synth_counters *const synth = &result->synth;
    if (synth->voices_stolen > 0 || synth->notes_lost > 0) {
        printf("  voices    %" PRIu64 " stolen, %" PRIu64
               " notes lost: more voices than --voices allows\n",
               synth->voices_stolen, synth->notes_lost);
    }
}

void km_render_print(const char *path, const struct km_render_result *result,
                     const struct km_sound *sound)
{
    char seconds[KM_TEXT_REAL_SIZE];
    char speed[KM_TEXT_REAL_SIZE];
    char memory[KM_TEXT_REAL_SIZE];
    const struct km_engine_memory *const side_a = km_engine_memory(sound->engine);
    const double took = result->render_seconds > 0.0 ? result->render_seconds : 1e-9;
    printf("%s\n  length    %s s at %" PRIu32 " Hz, rendered at %s times real time\n", path,
           real(seconds, result->seconds, 1), sound->rate_hz,
           real(speed, result->seconds / took, 0));
    print_loudness(result);
    printf("  notes     %" PRIu64 ", at most %" PRIu32 " voices at once\n", result->synth.notes_on,
           result->synth.voices_peak);
    print_lost(result);
    printf("  Side A    %s MiB%s\n  font      %s\n",
           real(memory, (double)side_a->arena_bytes / MEBIBYTE, 1),
           side_a->is_locked ? ", locked" : ", not locked", sound->font_path);
}
