// SPDX-License-Identifier: MIT

#include "font/bank.h"

#include "base/check.h"
#include "font/bank_private.h"
#include "font/flatten_private.h"
#include "font/sample_pool.h"
#include "heap/heap.h"

#include <stdio.h>

// A sample in the pool.
struct sample {
    int16_t *piece; // With its margins; null: not there.
    uint32_t users; // Instruments.
};

// A preset, by the font's index.
struct entry {
    struct km_instrument *instrument; // Null: not loaded.
    uint32_t *samples;                // Indexes, each once.
    uint32_t sample_count;
    uint32_t users;
};

struct km_bank {
    struct km_heap *heap;
    struct km_font *font;
    struct km_sample_pool *pool;
    struct entry *entries;
    struct sample *samples;
    uint32_t instrument_count;
    uint32_t sample_count;
};

struct km_bank *km_bank_new(struct km_heap *heap, struct km_font *font, void *pool,
                            size_t pool_size)
{
    KM_CHECK(heap && font && pool);
    struct km_bank *const bank = km_heap_allocate(heap, KM_ACCOUNT_WORKING, sizeof(struct km_bank));
    if (!bank) {
        return NULL;
    }
    bank->heap = heap;
    bank->font = font;
    bank->pool = km_sample_pool_new(heap, pool, pool_size);
    bank->entries = km_heap_allocate_array(heap, KM_ACCOUNT_WORKING, font->preset_count,
                                           sizeof(bank->entries[0]));
    bank->samples = km_heap_allocate_array(heap, KM_ACCOUNT_WORKING, font->sample_count + 1U,
                                           sizeof(bank->samples[0]));
    if (!bank->pool || !bank->entries || !bank->samples) {
        km_bank_free(bank);
        return NULL;
    }
    return bank;
}

void km_bank_free(struct km_bank *bank)
{
    if (!bank) {
        return;
    }
    for (uint32_t i = 0; bank->entries && i < bank->font->preset_count; ++i) {
        km_heap_release(bank->heap, bank->entries[i].samples);
    }
    km_heap_release(bank->heap, bank->entries);
    km_heap_release(bank->heap, bank->samples);
    km_sample_pool_free(bank->pool);
    km_heap_release(bank->heap, bank);
}

bool km_bank_resolve(const struct km_bank *bank, uint16_t wanted_bank, uint8_t wanted_program,
                     uint16_t *found_bank, uint8_t *found_program)
{
    KM_CHECK(bank && found_bank && found_program);
    uint16_t found[2] = {0};
    if (!km_font_resolve(bank->font, wanted_bank, wanted_program, found)) {
        return false;
    }
    *found_bank = found[0];
    *found_program = (uint8_t)found[1];
    return true;
}

// A preset that is being loaded.
struct loading {
    struct km_bank *bank;
    struct km_error *error;
    uint32_t preset;
    struct km_flat flat;
    struct entry entry; // What will stand in the bank.
};

static const char *preset_name(const struct loading *loading)
{
    return loading->bank->font->presets[loading->preset].name;
}

// Which samples the regions need, each once.
static enum km_status list_samples(struct loading *loading)
{
    struct km_bank *const bank = loading->bank;
    const struct km_flat *const flat = &loading->flat;
    struct entry *const entry = &loading->entry;
    unsigned char *const seen =
        km_heap_allocate(bank->heap, KM_ACCOUNT_WORKING, bank->font->sample_count);
    entry->samples = km_heap_allocate_array(bank->heap, KM_ACCOUNT_WORKING, flat->region_count + 1U,
                                            sizeof(entry->samples[0]));
    if (!seen || !entry->samples) {
        km_heap_release(bank->heap, seen);
        return km_heap_refusal(bank->heap, loading->error);
    }
    for (uint32_t i = 0; i < flat->region_count; ++i) {
        const uint32_t sample = flat->regions[i].sample;
        if (!seen[sample]) {
            seen[sample] = 1;
            entry->samples[entry->sample_count++] = sample;
        }
    }
    km_heap_release(bank->heap, seen);
    return KM_OK;
}

// Bytes that the pool must still give.
static uint64_t bytes_missing(const struct loading *loading)
{
    const struct km_bank *const bank = loading->bank;
    uint64_t bytes = km_sample_pool_rounded(km_instrument_size(&loading->flat));
    for (uint32_t i = 0; i < loading->entry.sample_count; ++i) {
        const uint32_t sample = loading->entry.samples[i];
        if (!bank->samples[sample].piece) {
            bytes += km_sample_pool_rounded(km_sample_size(&bank->font->samples[sample]));
        }
    }
    return bytes;
}

// Says what does not fit, and what helps. `usage` is that before anything was taken.
static enum km_status refuse(const struct loading *loading, uint64_t missing,
                             const struct km_sample_pool_usage *usage)
{
    const struct km_bank *const bank = loading->bank;
    const struct km_font_preset *const preset = &bank->font->presets[loading->preset];
    const uint64_t left = usage->size - usage->used;
    const bool is_in_pieces = missing <= left;
    char pieces[64] = "";
    if (is_in_pieces) {
        (void)snprintf(pieces, sizeof(pieces), " in pieces of at most %zu", usage->largest_free);
    }
    // In mebibytes: what is used and what is missing, and one more against gaps between.
    const uint64_t enough = ((usage->used + missing + (1U << 20) - 1) >> 20) + is_in_pieces;
    return km_error_set(loading->error, KM_ERROR_NO_MEMORY,
                        "%s: preset %u:%u \"%s\" needs %llu bytes, but of the sample pool's %zu "
                        "bytes %llu are free%s: give Side A more sample memory (--sample-memory "
                        "%llu, in MB) or choose a smaller font",
                        bank->font->input.name, (unsigned int)preset->bank,
                        (unsigned int)preset->program, preset->name, (unsigned long long)missing,
                        usage->size, (unsigned long long)left, pieces, (unsigned long long)enough);
}

// Gives back the samples that nobody uses.
static void release_samples(struct km_bank *bank, const struct entry *entry)
{
    for (uint32_t i = 0; i < entry->sample_count; ++i) {
        struct sample *const sample = &bank->samples[entry->samples[i]];
        if (sample->users == 0 && sample->piece) {
            km_sample_pool_release(bank->pool, sample->piece);
            sample->piece = NULL;
            bank->sample_count -= 1;
        }
    }
}

// Takes pieces for the instrument and its samples; 0 if all are there, or the size of the one that
// could not be had.
static size_t take_all(struct loading *loading)
{
    struct km_bank *const bank = loading->bank;
    const size_t instrument_size = km_instrument_size(&loading->flat);
    loading->entry.instrument = km_sample_pool_allocate(bank->pool, instrument_size);
    if (!loading->entry.instrument) {
        return instrument_size;
    }
    for (uint32_t i = 0; i < loading->entry.sample_count; ++i) {
        const uint32_t number = loading->entry.samples[i];
        const size_t size = km_sample_size(&bank->font->samples[number]);
        struct sample *const sample = &bank->samples[number];
        if (sample->piece) {
            continue;
        }
        sample->piece = km_sample_pool_allocate(bank->pool, size);
        if (!sample->piece) {
            return size;
        }
        bank->sample_count += 1;
    }
    return 0;
}

// All pieces are taken before any sample is read: what does not fit is known at once.
static enum km_status take_pieces(struct loading *loading)
{
    struct km_bank *const bank = loading->bank;
    const uint64_t missing = bytes_missing(loading);
    const struct km_sample_pool_usage before = km_sample_pool_usage(bank->pool);
    if (missing > before.size - before.used) {
        return refuse(loading, missing, &before);
    }
    const size_t refused = take_all(loading);
    if (refused == 0) {
        return KM_OK;
    }
    if (km_sample_pool_usage(bank->pool).largest_free >= km_sample_pool_rounded(refused)) {
        return km_heap_refusal(bank->heap, loading->error); // The pool's books.
    }
    return refuse(loading, missing, &before);
}

// Reads the samples that were not there before: nobody uses these yet.
static enum km_status read_samples(const struct loading *loading)
{
    struct km_bank *const bank = loading->bank;
    enum km_status status = KM_OK;
    for (uint32_t i = 0; i < loading->entry.sample_count && status == KM_OK; ++i) {
        const uint32_t number = loading->entry.samples[i];
        const struct sample *const sample = &bank->samples[number];
        if (sample->users == 0) {
            status = km_sample_read(bank->font, &bank->font->samples[number], sample->piece,
                                    loading->error);
        }
    }
    return status;
}

static void set_frames(const struct loading *loading)
{
    const struct km_flat *const flat = &loading->flat;
    for (uint32_t i = 0; i < flat->region_count; ++i) {
        const int16_t *const piece = loading->bank->samples[flat->regions[i].sample].piece;
        flat->regions[i].region.frames = piece + KM_SAMPLE_MARGIN;
    }
}

static enum km_status load(struct loading *loading)
{
    struct km_bank *const bank = loading->bank;
    struct km_error reason = {0};
    enum km_status status = km_flatten(bank->font, loading->preset, &loading->flat, &reason);
    if (status != KM_OK) {
        return km_error_set(loading->error, status, "%s: preset \"%s\": %s", bank->font->input.name,
                            preset_name(loading), reason.message);
    }
    status = list_samples(loading);
    if (status == KM_OK) {
        status = take_pieces(loading);
    }
    if (status == KM_OK) {
        status = read_samples(loading);
    }
    if (status != KM_OK) {
        release_samples(bank, &loading->entry);
        km_sample_pool_release(bank->pool, loading->entry.instrument);
        return status;
    }
    set_frames(loading);
    km_instrument_write(loading->entry.instrument, &loading->flat,
                        &bank->font->presets[loading->preset]);
    return KM_OK;
}

enum km_status km_bank_load(struct km_bank *bank, uint16_t number, uint8_t program,
                            const struct km_instrument **instrument, struct km_error *error)
{
    KM_CHECK(bank && instrument);
    const int32_t preset = km_font_find_preset(bank->font, number, program);
    if (preset < 0) {
        return km_error_set(error, KM_ERROR_NOT_FOUND, "%s: has no preset %u:%u",
                            bank->font->input.name, (unsigned int)number, (unsigned int)program);
    }
    struct entry *const entry = &bank->entries[preset];
    if (!entry->instrument) {
        struct loading loading = {
            .bank = bank, .error = error, .preset = (uint32_t)preset, .flat = {.heap = bank->heap}};
        const enum km_status status = load(&loading);
        km_flat_release(&loading.flat);
        if (status != KM_OK) {
            km_heap_release(bank->heap, loading.entry.samples);
            return status;
        }
        *entry = loading.entry;
        bank->instrument_count += 1;
        for (uint32_t i = 0; i < entry->sample_count; ++i) {
            bank->samples[entry->samples[i]].users += 1;
        }
    }
    entry->users += 1;
    *instrument = entry->instrument;
    return KM_OK;
}

void km_bank_release(struct km_bank *bank, const struct km_instrument *instrument)
{
    KM_CHECK(bank && instrument);
    const int32_t preset = km_font_find_preset(bank->font, instrument->bank, instrument->program);
    KM_CHECK(preset >= 0);
    struct entry *const entry = &bank->entries[preset];
    KM_CHECK(entry->instrument == instrument && entry->users > 0);
    entry->users -= 1;
    if (entry->users > 0) {
        return;
    }
    for (uint32_t i = 0; i < entry->sample_count; ++i) {
        bank->samples[entry->samples[i]].users -= 1;
    }
    release_samples(bank, entry);
    km_sample_pool_release(bank->pool, entry->instrument);
    km_heap_release(bank->heap, entry->samples);
    *entry = (struct entry){0};
    bank->instrument_count -= 1;
}

struct km_bank_usage km_bank_usage(const struct km_bank *bank)
{
    KM_CHECK(bank);
    const struct km_sample_pool_usage usage = km_sample_pool_usage(bank->pool);
    return (struct km_bank_usage){.pool_bytes = usage.size,
                                  .used_bytes = usage.used,
                                  .peak_bytes = usage.peak,
                                  .instruments = bank->instrument_count,
                                  .samples = bank->sample_count};
}

// What a preset adds to those before it; UINT64_MAX if the heap refuses.
static uint64_t bytes_of_preset(struct km_font *font, uint32_t preset, unsigned char *seen)
{
    struct km_flat flat = {.heap = font->heap};
    uint64_t bytes = UINT64_MAX;
    const enum km_status status = km_flatten(font, preset, &flat, NULL);
    if (status == KM_OK) {
        bytes = km_sample_pool_rounded(km_instrument_size(&flat));
        for (uint32_t i = 0; i < flat.region_count; ++i) {
            const uint32_t sample = flat.regions[i].sample;
            bytes +=
                seen[sample] ? 0 : km_sample_pool_rounded(km_sample_size(&font->samples[sample]));
            seen[sample] = 1;
        }
    } else if (status == KM_ERROR_TOO_LARGE) {
        bytes = 0; // It cannot be loaded at all.
    }
    km_flat_release(&flat);
    return bytes;
}

uint64_t km_bank_bytes_needed(struct km_font *font, const uint16_t (*presets)[2], size_t count)
{
    KM_CHECK(font && (presets || count == 0));
    // Marks of samples, and after them of presets, that were counted.
    const size_t marks = (size_t)font->sample_count + font->preset_count;
    unsigned char *const seen = km_heap_allocate(font->heap, KM_ACCOUNT_WORKING, marks);
    uint64_t bytes = seen ? 0 : UINT64_MAX;
    for (size_t i = 0; i < count && bytes != UINT64_MAX; ++i) {
        const int32_t preset = km_font_find_preset(font, presets[i][0], presets[i][1]);
        if (preset < 0 || seen[font->sample_count + (uint32_t)preset]) {
            continue;
        }
        seen[font->sample_count + (uint32_t)preset] = 1;
        const uint64_t added = bytes_of_preset(font, (uint32_t)preset, seen);
        bytes = added == UINT64_MAX ? added : bytes + added;
    }
    km_heap_release(font->heap, seen);
    return bytes;
}
