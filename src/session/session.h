// SPDX-License-Identifier: MIT

/// The therapy session: from words and a few scales to a plan.
///
/// A session is used again and again without growing: each call replaces what the one before left.
/// One thread at a time.
#ifndef KM_SESSION_SESSION_H
#define KM_SESSION_SESSION_H

#include "affect/affect.h"
#include "base/attributes.h"
#include "base/status.h"
#include "session/plan.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

KM_C_BEGIN

struct km_heap;
struct km_therapy_session;

/// Wishes that go before what the affect suggests. Zero-initialise, then set `has_` with the value.
struct km_plan_wishes {
    bool has_tonic, has_mode, has_tempo, has_bars, has_genre;
    bool has_metre, has_arc, has_feel, has_ensemble;
    uint8_t tonic;                    ///< Pitch class.
    uint8_t mode;                     ///< enum km_mode
    uint16_t tempo_bpm;               ///< KM_PLAN_TEMPO_MIN to _MAX
    uint16_t bars;                    ///< KM_PLAN_BARS_MIN to _MAX
    uint8_t genre;                    ///< enum km_genre
    uint8_t beats_per_bar, beat_unit; ///< One of the metres of metres.def.
    uint8_t arc;                      ///< enum km_arc
    uint8_t feel;                     ///< enum km_feel
    uint8_t ensemble;                 ///< enum km_ensemble
    uint32_t rules;                   ///< Bit n: break enum km_rule n.
    bool keeps_rules;                 ///< Break no rule but those.
    bool is_calm; ///< 60 to 80 quarter notes a minute and no strong dynamics, if nothing
                  ///< else is wished.
    uint8_t velocity_ceiling; ///< Strike no note harder, KM_PLAN_CEILING_MIN to 127; 0: no wish.
    uint16_t silence_s;       ///< Be silent for so long, in whole bars, once; 0: not at all.
    double phrase_s; ///< Seconds of a phrase of four bars, KM_PLAN_PHRASE_MIN to _MAX, to half a
                     ///< beat a minute: decides tempo, and metre if none is wished; 0: no wish.
    bool is_continuation; ///< Music went before: no introduction.
    bool is_continued;    ///< Music follows: no outro, no close.
};

/// Creates a session on the heap's working account; null if refused.  [any]
KM_NODISCARD struct km_therapy_session *km_therapy_session_new(struct km_heap *heap);

/// Undoes km_therapy_session_new; null does nothing.  [any]
void km_therapy_session_free(struct km_therapy_session *session);

/// Takes what the person said. Empty or blank text is neutral.  [any]
KM_NODISCARD enum km_status
km_therapy_session_process_core_input(struct km_therapy_session *session, const char *text,
                                      size_t size, struct km_error *error);

/// Places the affect by hand, over what the text said; each -1 to 1.  [any]
KM_NODISCARD enum km_status km_therapy_session_set_point(struct km_therapy_session *session,
                                                         double valence, double arousal,
                                                         struct km_error *error);

/// Motivation 1 to 10 (length and drive, 5 at the start) and chaos 0 to 1 (complexity and
/// looseness, .3 at the start). Out of range or NaN is KM_ERROR_RANGE and changes nothing.  [any]
KM_NODISCARD enum km_status km_therapy_session_set_scales(struct km_therapy_session *session,
                                                          double motivation, double chaos,
                                                          struct km_error *error);

/// 0 (guarded) to 1 (open); 0 at the start.  [any]
KM_NODISCARD enum km_status km_therapy_session_set_vulnerability(struct km_therapy_session *session,
                                                                 double vulnerability,
                                                                 struct km_error *error);

/// The affect as understood so far.  [any]
const struct km_affect *km_therapy_session_affect(const struct km_therapy_session *session);

/// Plans a song from the session's state; `wishes` may be null. The same state, wishes and seed
/// give the same plan.  [any]
KM_NODISCARD enum km_status km_therapy_session_generate_plan(struct km_therapy_session *session,
                                                             const struct km_plan_wishes *wishes,
                                                             uint64_t seed,
                                                             struct km_harmony_plan *plan,
                                                             struct km_error *error);

KM_C_END

#endif
