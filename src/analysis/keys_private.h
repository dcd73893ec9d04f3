// SPDX-License-Identifier: MIT

/// What the files that find keys share: the piece cut into bars, and what each bar sounds like.
#ifndef KM_ANALYSIS_KEYS_PRIVATE_H
#define KM_ANALYSIS_KEYS_PRIVATE_H

#include "analysis/analysis.h"
#include "theory/key_finder.h"

/// Longer pieces are cut into so many equal frames instead of bars.
enum { KM_KEY_FRAMES_MAX = 1 << 13 };

/// How long each pitch class sounds.
struct km_key_weights {
    float pitch[12];
};

/// The piece cut into frames: its bars.
struct km_key_frames {
    struct km_heap *heap;
    double *starts;                 ///< In beats; one more than frames.
    struct km_key_weights *weights; ///< Of each frame.
    uint8_t *keys;                  ///< Of each frame: index as in scores.
    size_t count;                   ///< At least 1.
    float total[12];                ///< All frames together.
};

/// Whether a note tells of harmony: no drum, no noise.  [any]
bool km_note_is_pitched(const struct km_piece_note *note);

/// Cuts the piece and weighs its notes. Untouched on failure.  [any]
KM_NODISCARD enum km_status km_key_frames_make(struct km_key_frames *frames,
                                               const struct km_piece *piece);

/// Gives the memory back.  [any]
void km_key_frames_release(struct km_key_frames *frames);

/// Follows the local key from frame to frame; `home`, an index as in scores, is the key of the
/// piece.  [any]
KM_NODISCARD enum km_status km_key_frames_follow(struct km_key_frames *frames, int home);

/// How likely each key is to be that of the whole piece: probabilities, which sum to 1.  [any]
void km_key_evidence_weigh(const struct km_piece *piece, const struct km_key_frames *frames,
                           double probabilities[KM_KEY_SCORES_COUNT]);

/// The scale of the notes, given the key.  [any]
void km_scale_find(const float weights[12], struct km_key key, struct km_key *scale,
                   float *confidence);

#endif
