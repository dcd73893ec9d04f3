// SPDX-License-Identifier: MIT

/// Which notes of a preset are compared, and what a preset's stems say together.
#ifndef KM_TESTS_QUALITY_PRESETS_H
#define KM_TESTS_QUALITY_PRESETS_H

#include "quality/fluid.h"
#include "quality/measure.h"

enum { PRESET_NOTES_MAX = 24, PRESETS_MAX = 1024, PRESET_NAME_SIZE = 32 };

/// The bars that a preset's stems must hold.
extern const struct preset_bars {
    double null_db;
    double pitch_cents;
    double onset_ms;
    double release_part; ///< Part by which the release may differ, ...
    double release_ms;   ///< ... or this, if it is more: of releases that are short.
    double level_lu;
} preset_bars;

/// The worst of a preset's stems, measure by measure; signs are kept. NAN where no stem could be
/// measured.
struct preset_result {
    struct stem_note preset; ///< Bank and program.
    char name[PRESET_NAME_SIZE];
    size_t stems;
    struct measures worst;
    struct stem_note worst_null_note;
};

/// Keys over the range that sounds, each at two velocities: how many notes.
size_t preset_notes(struct fluid *fluid, const struct stem_note *preset,
                    struct stem_note notes[PRESET_NOTES_MAX]);

void preset_result_add(struct preset_result *result, const struct stem_note *note,
                       const struct measures *measures);

/// Whether the null alone, and whether all the other measures, are within their bars.
bool preset_null_holds(const struct preset_result *result);
bool preset_rest_holds(const struct preset_result *result);

/// Why a preset may miss the bar, from outliers.def; null if it says nothing.
const char *preset_excuse(const struct stem_note *preset);

#endif
