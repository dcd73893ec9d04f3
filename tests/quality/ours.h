// SPDX-License-Identifier: MIT

/// Our own synthesiser, as the comparison plays it: font, bank and synth, nothing after them.
#ifndef KM_TESTS_QUALITY_OURS_H
#define KM_TESTS_QUALITY_OURS_H

#include "quality/stem.h"
#include "synth/synth.h"

struct ours;

/// Null if the font cannot be opened.
struct ours *ours_open(const char *font, enum km_interpolation interpolation);
void ours_close(struct ours *ours);

/// A preset that the font lacks is silent.
void ours_render(struct ours *ours, const struct stem_note *note, struct stem *stem);

#endif
