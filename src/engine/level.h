// SPDX-License-Identifier: MIT

/// How loud music will be, told from its events before a note of it sounds.
///
/// So a song can be given the gain that brings it to a wanted loudness, the same for a render and
/// live. It adds up the notes' power in time: of each region that a note plays, the power of its
/// sample (K-weighted, as ITU-R BS.1770-4 asks), through a simple reading of envelope, attenuation,
/// velocity, volume and expression. Voices are taken to be uncorrelated. Then the power is gated as
/// BS.1770-4 says. What it leaves out (modulation, effects, bends) is worth a decibel or so: see
/// docs/audio.md for what was measured.
#ifndef KM_ENGINE_LEVEL_H
#define KM_ENGINE_LEVEL_H

#include "base/attributes.h"
#include "base/status.h"
#include "font/instrument.h"
#include "midi/event.h"

#include <stdint.h>

KM_C_BEGIN

struct km_heap;
struct km_level;
struct km_production;

enum {
    KM_LEVEL_SECONDS_MAX = 4 * 3600, ///< Music after that does not count.
    KM_LEVEL_PROFILES_MAX = 1024,    ///< Samples that are looked at; notes of others do not count.
};

struct km_level_config {
    struct km_heap *heap; ///< The working account is used.
    /// The instrument that a bank and program stand for, or null: then its notes do not count.
    const struct km_instrument *(*find)(void *context, uint16_t bank, uint8_t program);
    void *context;
    /// Null: none. Its mud and drive count; drive needs its gain.
    const struct km_production *production;
};

/// Null if the heap refuses.  [control]
KM_NODISCARD struct km_level *km_level_new(const struct km_level_config *config);

/// Null does nothing.  [control]
void km_level_free(struct km_level *level);

/// Takes an event that happens `seconds` from the beginning; events come in the order of time. Of
/// SysEx nothing is understood.  [control]
KM_NODISCARD enum km_status km_level_add(struct km_level *level, const struct km_event *event,
                                         double seconds);

/// Integrated loudness in LUFS of all that was added, at volume 1 and without effects
/// but those of the production; notes that
/// were not let go end here. Minus infinity for silence.  [control]
KM_NODISCARD enum km_status km_level_finish(struct km_level *level, double seconds, double *lufs);

struct km_feed_source;

/// The loudness of all that a source plays, which is rewound then.  [control]
KM_NODISCARD enum km_status km_level_of_source(const struct km_level_config *config,
                                               const struct km_feed_source *source, double *lufs,
                                               struct km_error *error);

KM_C_END

#endif
