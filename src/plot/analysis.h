// SPDX-License-Identifier: MIT

/// A picture of what is in a piece as SVG: piano roll, keys, chords, sections, loudness, tempo,
/// groove, feeling.
#ifndef KM_PLOT_ANALYSIS_H
#define KM_PLOT_ANALYSIS_H

#include "analysis/analysis.h"
#include "analysis/piece.h"
#include "base/attributes.h"
#include "base/sink.h"
#include "base/status.h"
#include "groove/measure.h"

KM_C_BEGIN

enum {
    KM_PICTURE_NOTES_MAX = 12000, ///< Drawn one by one; of more notes, what they cover.
    KM_PICTURE_SIZE_MAX = 4 << 20 ///< Bytes of a picture, whatever the piece.
};

/// What is drawn. All but `piece` may be null: then it is left out.
struct km_analysis_picture {
    const struct km_piece *piece;
    const struct km_keys *keys;
    const struct km_chords *chords;
    const struct km_sections *sections;
    const struct km_groove_measure *groove;
    const struct km_heard *heard;
    const char *title;
};

/// Writes the picture. Colours follow the reader's light or dark preference; what there is no room
/// to name is drawn without a name, and the last line tells. A little memory comes from the piece's
/// heap. The same piece gives the same bytes.  [any]
KM_NODISCARD enum km_status km_analysis_write_svg(const struct km_analysis_picture *picture,
                                                  struct km_sink *sink);

KM_C_END

#endif
