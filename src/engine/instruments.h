// SPDX-License-Identifier: MIT

/// Between a bank of instruments and an engine: loads what a bank and program ask for before it is
/// played, and takes it back when nothing needs it any more.
///
/// All who send music to one engine share one of these. Songs that follow one another each begin
/// with km_instruments_begin_song: what only earlier songs asked for is given back when the pool is
/// full, or when somebody says so.
#ifndef KM_ENGINE_INSTRUMENTS_H
#define KM_ENGINE_INSTRUMENTS_H

#include "base/attributes.h"
#include "base/status.h"

#include <stdbool.h>
#include <stdint.h>

KM_C_BEGIN

struct km_bank;
struct km_engine;
struct km_heap;
struct km_instruments;

/// On the heap's working account; null if it refuses. Engine and bank must outlive it.  [control]
KM_NODISCARD struct km_instruments *
km_instruments_new(struct km_heap *heap, struct km_engine *engine, struct km_bank *bank);

/// Releases all instruments to the bank; only when no driver calls the engine any more, which must
/// not be played again. Null does nothing.  [control]
void km_instruments_free(struct km_instruments *instruments);

/// Sees to it that the bank and program (of the song) stand for the font's nearest preset in all
/// chunks sent from now on. `is_there` false: it must wait for the audio thread; call
/// km_instruments_collect, and this again, later. More than KM_SYNTH_PROGRAMS_MAX pairs are left to
/// the synth, which lets others stand in. An instrument that does not fit into the pool is
/// KM_ERROR_NO_MEMORY, as km_bank_load tells it.  [control]
KM_NODISCARD enum km_status km_instruments_want(struct km_instruments *instruments, uint16_t bank,
                                                uint8_t program, bool *is_there,
                                                struct km_error *error);

/// As km_instruments_want for many pairs of bank and program, before the audio starts: so that what
/// does not fit is told before anything sounds.  [control]
KM_NODISCARD enum km_status km_instruments_want_all(struct km_instruments *instruments,
                                                    const uint16_t (*pairs)[2], uint32_t count,
                                                    struct km_error *error);

/// What was asked for before may be given back from now on, unless it is asked for again. [control]
void km_instruments_begin_song(struct km_instruments *instruments);

/// Gives back what only earlier songs asked for, once nothing sounds with it.  [control]
void km_instruments_retire_old(struct km_instruments *instruments);

/// Takes in what the engine says: releases what came back, loads what live players miss. Often.
/// Fails if such a one cannot be loaded; what came after it is still there for the next
/// call.  [control]
KM_NODISCARD enum km_status km_instruments_collect(struct km_instruments *instruments,
                                                   struct km_error *error);

KM_C_END

#endif
