// SPDX-License-Identifier: MIT

/// Modulators (SoundFont 2.04, 8.2 to 8.4): which can be used, and how those of a default, an
/// instrument and a preset become one list.
#ifndef KM_FONT_MODULATORS_PRIVATE_H
#define KM_FONT_MODULATORS_PRIVATE_H

#include "font/font_private.h"

/// Why a modulator cannot be used, in words; null if it can. `destination` and `transform` are
/// those of the file, which may not fit a km_modulator.  [any]
const char *km_modulator_fault(const struct km_modulator *modulator, uint16_t destination,
                               uint16_t transform);

struct km_modulator_list {
    uint32_t count;
    struct km_modulator modulators[KM_MODULATORS_MAX];
};

/// Starts with the default modulators of 8.4, as FluidSynth has them.  [control]
void km_modulator_list_begin(struct km_modulator_list *list);

/// Adds a zone's modulators: identical ones in the list are replaced. What does not fit is left
/// out.  [control]
void km_modulator_list_replace(struct km_modulator_list *list, const struct km_modulator *added,
                               uint32_t count);

/// Adds a preset's modulators: the amounts of identical ones are summed. What does not fit is left
/// out.  [control]
void km_modulator_list_sum(struct km_modulator_list *list, const struct km_modulator *added,
                           uint32_t count);

/// Drops those that do nothing.  [control]
void km_modulator_list_end(struct km_modulator_list *list);

#endif
