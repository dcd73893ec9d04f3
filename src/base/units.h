// SPDX-License-Identifier: MIT

/// Units that more than one module speaks of.
#ifndef KM_BASE_UNITS_H
#define KM_BASE_UNITS_H

enum {
    KM_PPQ = 480, ///< Ticks per quarter note of our own songs.
    KM_MICROSECONDS_PER_MINUTE = 60000000,
};

#endif
