// SPDX-License-Identifier: MIT

/// What an audio driver and an engine exchange in each callback.
#ifndef KM_RT_BLOCK_H
#define KM_RT_BLOCK_H

#include "base/attributes.h"

#include <stdint.h>

KM_C_BEGIN

enum {
    KM_BLOCK_FRAMES_MIN = 16, ///< That drivers ask for; a block may be of any length from 1.
    KM_BLOCK_FRAMES_MAX = 8192,
    KM_RATE_MIN = 44100,
    KM_RATE_MAX = 192000,
    KM_LIVE_EVENTS_MAX =
        1024, ///< Live MIDI messages in one block; later ones are lost, and counted.
    KM_LIVE_MESSAGE_MAX = 12, ///< Bytes; longer ones (SysEx dumps) are left out by the driver.
};

/// A MIDI message played along while the block sounds.
struct km_live_event {
    uint32_t frame; ///< Within the block; ascending from event to event.
    uint8_t size;   ///< 1 to KM_LIVE_MESSAGE_MAX
    uint8_t bytes[KM_LIVE_MESSAGE_MAX - 1 + 4];
};

/// One callback's worth. Samples are full scale at 1.0.
struct km_audio_block {
    float *left;                        ///< `frames` samples to be written.
    float *right;                       ///< As `left`; a different buffer.
    uint32_t frames;                    ///< 1 to KM_BLOCK_FRAMES_MAX
    uint32_t event_count;               ///< At most KM_LIVE_EVENTS_MAX
    const struct km_live_event *events; ///< Null if there are none.
};

/// What fills blocks, as a driver sees it: called from the audio thread, and from nowhere else.
struct km_audio_source {
    void (*process)(void *context, const struct km_audio_block *block); ///< KM_RT, never null.
    void *context;
};

KM_C_END

#endif
