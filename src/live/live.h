// SPDX-License-Identifier: MIT

/// Composes while it plays: two bars ahead of what sounds, without end, in constant memory.
///
/// A change of feeling makes a new plan in a new epoch, which takes over at the next bar line
/// although two bars of the old one are queued. Tonic and metre stay, so that the music goes on
/// rather than starting anew. When a plan ends, the next one of the same feeling follows without a
/// gap.
#ifndef KM_LIVE_LIVE_H
#define KM_LIVE_LIVE_H

#include "base/attributes.h"
#include "base/status.h"
#include "session/plan.h"

#include <stddef.h>
#include <stdint.h>

struct km_engine;
struct km_engine_status;
struct km_heap;
struct km_instruments;
struct km_live;
struct km_midi_file;

enum { KM_LIVE_BARS_AHEAD = 2, KM_LIVE_SECTION_MASK = 0xFFF };

/// What can be turned while it plays.
enum km_live_scale {
    KM_LIVE_VALENCE,       ///< -1 to 1
    KM_LIVE_AROUSAL,       ///< -1 to 1
    KM_LIVE_CHAOS,         ///< 0 to 1
    KM_LIVE_VULNERABILITY, ///< 0 to 1
    KM_LIVE_SCALES_COUNT
};

struct km_live_config {
    struct km_heap *heap;
    struct km_engine *engine;
    struct km_instruments *instruments;
    const char *text; ///< What the person said; may be empty.
    size_t text_size;
    uint64_t seed;
    uint32_t epoch; ///< Of the first bars; above 0 and all that the engine has been sent.
    /// Told when a plan begins to sound, so that gain and production can follow; may be null. The
    /// plan stays as it is until two more have begun.
    enum km_status (*begins)(void *context, const struct km_harmony_plan *plan,
                             const struct km_midi_file *song, struct km_error *error);
    void *context;
};

/// Plans the first song. On failure there is nothing to free.  [control]
KM_NODISCARD enum km_status km_live_new(const struct km_live_config *config, struct km_live **live,
                                        struct km_error *error);

/// Null does nothing.  [control]
void km_live_free(struct km_live *live);

/// Sends bars until there are KM_LIVE_BARS_AHEAD beyond the one that sounds. Often. If the engine
/// was stopped, a new plan begins.  [control]
KM_NODISCARD enum km_status
km_live_pump(struct km_live *live, const struct km_engine_status *status, struct km_error *error);

/// Where a scale stands.  [control]
double km_live_get(const struct km_live *live, enum km_live_scale scale);

/// Turns a scale, held within its range: from the next bar on. Of very many turns within a bar the
/// last may wait for km_live_pump. A plan that cannot be made leaves all as it was.  [control]
KM_NODISCARD enum km_status km_live_set(struct km_live *live, enum km_live_scale scale,
                                        double value, const struct km_engine_status *status,
                                        struct km_error *error);

/// The plan that sounds, by the status; null before the first bar.  [control]
const struct km_harmony_plan *km_live_plan(struct km_live *live,
                                           const struct km_engine_status *status);

/// "valence", ...  [any]
const char *km_live_scale_name(enum km_live_scale scale);

#endif
