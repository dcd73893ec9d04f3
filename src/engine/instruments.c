// SPDX-License-Identifier: MIT

#include "engine/instruments.h"

#include "base/check.h"
#include "engine/control.h"
#include "font/bank.h"
#include "heap/heap.h"
#include "synth/synth.h"

// A bank and program that was asked for; several may have one instrument.
struct want {
    uint16_t bank;
    uint8_t program;
    bool is_set;      // The engine was told.
    bool is_retiring; // The engine was told to give it back.
    uint32_t song;    // The last that asked.
    const struct km_instrument *instrument;
};

struct km_instruments {
    struct km_heap *heap;
    struct km_engine *engine;
    struct km_bank *bank;
    uint32_t song;
    uint32_t count;
    struct want wants[KM_SYNTH_PROGRAMS_MAX];
};

struct km_instruments *km_instruments_new(struct km_heap *heap, struct km_engine *engine,
                                          struct km_bank *bank)
{
    struct km_instruments *const instruments =
        km_heap_allocate(heap, KM_ACCOUNT_WORKING, sizeof(*instruments));
    if (instruments) {
        instruments->heap = heap;
        instruments->engine = engine;
        instruments->bank = bank;
    }
    return instruments;
}

void km_instruments_free(struct km_instruments *instruments)
{
    if (!instruments) {
        return;
    }
    for (uint32_t i = 0; i < instruments->count; ++i) {
        km_bank_release(instruments->bank, instruments->wants[i].instrument);
    }
    km_heap_release(instruments->heap, instruments);
}

static struct want *find(struct km_instruments *instruments, uint16_t bank, uint8_t program)
{
    for (uint32_t i = 0; i < instruments->count; ++i) {
        struct want *const want = &instruments->wants[i];
        if (want->bank == bank && want->program == program) {
            return want;
        }
    }
    return NULL;
}

static enum km_status load(struct km_instruments *instruments, struct want *want,
                           struct km_error *error)
{
    uint16_t found_bank = 0;
    uint8_t found_program = 0;
    if (!km_bank_resolve(instruments->bank, want->bank, want->program, &found_bank,
                         &found_program)) {
        return km_error_set(error, KM_ERROR_NOT_FOUND, "the soundfont has no instruments");
    }
    return km_bank_load(instruments->bank, found_bank, found_program, &want->instrument, error);
}

static bool is_old(const struct km_instruments *instruments, const struct want *want)
{
    return want->song != instruments->song;
}

// Whether an instrument can be taken away: no pair that stands for it is asked for now.
static bool is_unwanted(const struct km_instruments *instruments,
                        const struct km_instrument *instrument)
{
    for (uint32_t i = 0; i < instruments->count; ++i) {
        const struct want *const want = &instruments->wants[i];
        if (want->instrument == instrument && (want->is_retiring || !is_old(instruments, want))) {
            return false;
        }
    }
    return true;
}

static void mark_retiring(struct km_instruments *instruments,
                          const struct km_instrument *instrument)
{
    for (uint32_t i = 0; i < instruments->count; ++i) {
        if (instruments->wants[i].instrument == instrument) {
            instruments->wants[i].is_retiring = true;
        }
    }
}

void km_instruments_begin_song(struct km_instruments *instruments)
{
    instruments->song += 1;
}

void km_instruments_retire_old(struct km_instruments *instruments)
{
    for (uint32_t i = 0; i < instruments->count; ++i) {
        const struct km_instrument *const instrument = instruments->wants[i].instrument;
        if (is_unwanted(instruments, instrument) &&
            km_engine_retire_instrument(instruments->engine, instrument)) {
            mark_retiring(instruments, instrument);
        }
    }
}

static bool is_any_retiring(const struct km_instruments *instruments)
{
    for (uint32_t i = 0; i < instruments->count; ++i) {
        if (instruments->wants[i].is_retiring) {
            return true;
        }
    }
    return false;
}

static bool is_retiring(const struct km_instruments *instruments,
                        const struct km_instrument *instrument)
{
    for (uint32_t i = 0; i < instruments->count; ++i) {
        if (instruments->wants[i].instrument == instrument && instruments->wants[i].is_retiring) {
            return true;
        }
    }
    return false;
}

static uint64_t refusals(const struct km_instruments *instruments)
{
    return km_heap_usage(instruments->heap, KM_ACCOUNT_WORKING).refusals;
}

// Loads what nobody asked for yet. When the pool is full, old instruments make room, later; they do
// not help the heap. What the engine is to give back it must not get again before that: it may have
// given it back already.
static enum km_status add(struct km_instruments *instruments, struct want *wanted, bool *is_waiting,
                          struct km_error *error)
{
    struct km_error refusal = {0};
    const uint64_t refusals_before = refusals(instruments);
    const enum km_status status = load(instruments, wanted, &refusal);
    if (status == KM_OK && is_retiring(instruments, wanted->instrument)) {
        km_bank_release(instruments->bank, wanted->instrument);
        *is_waiting = true;
        return KM_OK;
    }
    if (status == KM_OK) {
        instruments->wants[instruments->count++] = *wanted;
        return KM_OK;
    }
    if (status == KM_ERROR_NO_MEMORY && refusals(instruments) == refusals_before) {
        km_instruments_retire_old(instruments);
        if (is_any_retiring(instruments)) {
            *is_waiting = true;
            return KM_OK;
        }
    }
    return km_error_set(error, status, "%s", refusal.message);
}

enum km_status km_instruments_want(struct km_instruments *instruments, uint16_t bank,
                                   uint8_t program, bool *is_there, struct km_error *error)
{
    struct want *want = find(instruments, bank, program);
    *is_there = false;
    if (!want && instruments->count == KM_SYNTH_PROGRAMS_MAX) {
        km_instruments_retire_old(instruments);
        *is_there = !is_any_retiring(instruments);
        return KM_OK;
    }
    if (!want) {
        struct want wanted = {.bank = bank, .program = program, .song = instruments->song};
        bool is_waiting = false;
        const enum km_status status = add(instruments, &wanted, &is_waiting, error);
        if (status != KM_OK || is_waiting) {
            return status;
        }
        want = &instruments->wants[instruments->count - 1];
    }
    if (want->is_retiring) {
        return KM_OK;
    }
    want->song = instruments->song;
    if (!want->is_set) {
        want->is_set =
            km_engine_set_instrument(instruments->engine, bank, program, want->instrument);
    }
    *is_there = want->is_set;
    return KM_OK;
}

enum km_status km_instruments_want_all(struct km_instruments *instruments,
                                       const uint16_t (*pairs)[2], uint32_t count,
                                       struct km_error *error)
{
    for (uint32_t i = 0; i < count; ++i) {
        bool is_there = false;
        const enum km_status status =
            km_instruments_want(instruments, pairs[i][0], (uint8_t)pairs[i][1], &is_there, error);
        if (status != KM_OK) {
            return status;
        }
    }
    return KM_OK;
}

// The engine has let go of an instrument: all pairs that stood for it are gone.
static void release(struct km_instruments *instruments, const struct km_instrument *instrument)
{
    for (uint32_t i = instruments->count; i-- > 0;) {
        if (instruments->wants[i].instrument == instrument) {
            km_bank_release(instruments->bank, instrument);
            instruments->count -= 1;
            instruments->wants[i] = instruments->wants[instruments->count];
        }
    }
}

// Loads what a live player missed. If it must wait, the player will miss it again.
static enum km_status take_missing(struct km_instruments *instruments,
                                   const struct km_notice *notice, struct km_error *error)
{
    bool is_there = false;
    return km_instruments_want(instruments, notice->bank, notice->program, &is_there, error);
}

enum km_status km_instruments_collect(struct km_instruments *instruments, struct km_error *error)
{
    struct km_notice notice;
    enum km_status status = KM_OK;
    while (status == KM_OK && km_engine_collect(instruments->engine, &notice)) {
        if (notice.kind == KM_NOTICE_INSTRUMENT_FREE) {
            release(instruments, notice.instrument);
        } else {
            status = take_missing(instruments, &notice, error);
        }
    }
    return status;
}
