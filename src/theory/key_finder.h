// SPDX-License-Identifier: MIT

/// The key of music, from how much each pitch class sounds.
#ifndef KM_THEORY_KEY_FINDER_H
#define KM_THEORY_KEY_FINDER_H

#include "base/attributes.h"
#include "theory/scale.h"

#include <stdbool.h>

KM_C_BEGIN

/// Major keys from C up, then minor ones.
enum { KM_KEY_SCORES_COUNT = 24 };

/// A key found. Modes are KM_MODE_IONIAN and KM_MODE_AEOLIAN: major and minor.
struct km_key_found {
    struct km_key key;
    struct km_key second; ///< The next likely one.
    /// 0 (nothing sounds, or any key would do) to 1 (no other key comes near).
    float confidence;
};

/// Finds the key of a histogram: `weights[n]` is how long pitch class n sounds in all, in any unit,
/// not negative and finite (others count as 0); drums left out.  [any]
/// Six profiles from experiments and corpora vote by their correlation with the histogram. To make
/// the first and the last bar count for more, as they should, add their weights once more. Nothing
/// sounding gives C major with confidence 0.
KM_RT struct km_key_found km_key_of_histogram(const float weights[12]);

/// How well each key fits a histogram as above: the mean of its correlations with the profiles, -1
/// to 1. False, and all 0, if all pitch classes sound alike, or none.  [any]
KM_RT bool km_key_scores(const float weights[12], float scores[KM_KEY_SCORES_COUNT]);

/// The best and the second best of such scores, or of other evidence on that scale.  [any]
KM_RT struct km_key_found km_key_of_scores(const float scores[KM_KEY_SCORES_COUNT]);

/// The key that has an index in scores.  [any]
KM_RT struct km_key km_key_of_index(int index);

KM_C_END

#endif
