// SPDX-License-Identifier: MIT

/// How far a stem is from a reference stem of the same note, as numbers.
#ifndef KM_TESTS_QUALITY_MEASURE_H
#define KM_TESTS_QUALITY_MEASURE_H

#include "quality/stem.h"

enum measure_part {
    PART_ATTACK, ///< The first 100 ms.
    PART_HELD,   ///< From then on to the note-off.
    PART_RELEASE,
    PARTS_COUNT
};

/// What cannot be measured (a pitch of what has none, a release that does not end) is NAN.
struct measures {
    double null_db;                   ///< Energy of the difference, gain and lag matched, over the
                                      ///< reference's; -200 at the least.
    double null_part_db[PARTS_COUNT]; ///< As null_db, with its gain and lag, of a part alone.
    int lag_frames;                   ///< By which the test is late.
    double pitch_cents;               ///< By which it is sharp.
    double onset_ms;                  ///< By which its energy comes late.
    double release_ratio;             ///< Time from note-off to -40 dB, over the reference's.
    double release_difference_ms;     ///< As a difference.
    double level_lu;                  ///< By which it is louder, K-weighted (ITU-R BS.1770).
};

/// Both stems silent is equal; one of them is a null of 0 dB and NAN otherwise.
struct measures measure(const struct stem *reference, const struct stem *test);

/// What measure() is made of; see struct measures.
double measure_pitch(const struct stem *reference, const struct stem *test, int lag_frames);
double measure_onset(const struct stem *reference, const struct stem *test);
double measure_loudness(const struct stem *stem); ///< LKFS without gates.

/// Frames from note-off until the stem stays below a fraction of its energy at the note-off; NAN if
/// it never does, or if that is softer than -100 dB of full scale, where 16 bits have ended and a
/// synthesiser may leave off.
double measure_release_frames(const struct stem *stem, double energy_fraction);

#endif
