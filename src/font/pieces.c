// SPDX-License-Identifier: MIT

#include "font/bank_private.h"

#include "base/check.h"
#include "font/sample_pool.h"
#include "font/vorbis_private.h"
#include "rt/arena.h"

#include <string.h>

size_t km_sample_size(const struct km_font_sample *sample)
{
    KM_CHECK(sample);
    return ((size_t)sample->frame_count + (size_t)2 * KM_SAMPLE_MARGIN) * sizeof(int16_t);
}

// Files are little-endian.
// NOLINTNEXTLINE(readability-non-const-parameter): it is written where the machine is not.
static void swap_where_needed(int16_t *frames, size_t count)
{
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    for (size_t i = 0; i < count; ++i) {
        frames[i] = km_font_i16((const unsigned char *)&frames[i]);
    }
#else
    (void)frames;
    (void)count;
#endif
}

static enum km_status read_frames(struct km_font *font, const struct km_font_sample *sample,
                                  int16_t *frames, struct km_error *error)
{
    const size_t size = sample->frame_count * sizeof(int16_t);
    size_t got = 0;
    const enum km_status status = km_input_read_at(
        &font->input, font->frames_offset + (uint64_t)sample->start * sizeof(int16_t), frames, size,
        &got, error);
    if (status == KM_OK && got < size) {
        return km_error_set(error, KM_ERROR_TRUNCATED,
                            "%s: has become shorter since it was opened: sample \"%s\" is cut",
                            font->input.name, sample->name);
    }
    swap_where_needed(frames, sample->frame_count);
    return status;
}

enum km_status km_sample_read(struct km_font *font, const struct km_font_sample *sample,
                              int16_t *piece, struct km_error *error)
{
    KM_CHECK(font && sample && piece);
    int16_t *const frames = piece + KM_SAMPLE_MARGIN;
    memset(piece, 0, KM_SAMPLE_MARGIN * sizeof(int16_t));
    memset(frames + sample->frame_count, 0, KM_SAMPLE_MARGIN * sizeof(int16_t));
    return sample->is_compressed ? km_vorbis_decode(font, sample, frames, error)
                                 : read_frames(font, sample, frames, error);
}

static size_t count_keys(const struct km_flat *flat)
{
    size_t count = 0;
    for (uint32_t i = 0; i < flat->region_count; ++i) {
        const struct km_region *const region = &flat->regions[i].region;
        count += (size_t)region->key_high - region->key_low + 1;
    }
    return count;
}

// Each part is aligned as pieces are, so sizes just add up.
size_t km_instrument_size(const struct km_flat *flat)
{
    KM_CHECK(flat);
    return km_sample_pool_rounded(sizeof(struct km_instrument)) +
           km_sample_pool_rounded(flat->region_count * sizeof(struct km_region)) +
           km_sample_pool_rounded(flat->modulator_count * sizeof(struct km_modulator)) +
           km_sample_pool_rounded(count_keys(flat) * sizeof(uint16_t));
}

static void *take(struct km_arena *arena, size_t size)
{
    void *const part = km_arena_take(arena, km_sample_pool_rounded(size), KM_SAMPLE_POOL_ALIGNMENT);
    KM_CHECK(part); // km_instrument_size counted it.
    return part;
}

// Writes the indexes of the regions that have a key; returns how many there are.
static uint32_t index_key(const struct km_instrument *instrument, uint32_t key, uint16_t *regions)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < instrument->region_count; ++i) {
        const struct km_region *const region = &instrument->regions[i];
        if (region->key_low <= key && key <= region->key_high) {
            regions[count++] = (uint16_t)i;
        }
    }
    return count;
}

static void index_keys(struct km_instrument *instrument, uint16_t *key_regions)
{
    uint32_t count = 0;
    for (uint32_t key = 0; key < 128; ++key) {
        instrument->key_starts[key] = count;
        count += index_key(instrument, key, key_regions + count);
    }
    instrument->key_starts[128] = count;
    instrument->key_regions = key_regions;
}

void km_instrument_write(struct km_instrument *piece, const struct km_flat *flat,
                         const struct km_font_preset *preset)
{
    KM_CHECK(piece && flat && preset);
    const size_t size = km_instrument_size(flat);
    struct km_arena arena;
    km_arena_init(&arena, piece, size);
    struct km_instrument *const instrument = take(&arena, sizeof(*instrument));
    struct km_region *const regions = take(&arena, flat->region_count * sizeof(*regions));
    struct km_modulator *const modulators =
        take(&arena, flat->modulator_count * sizeof(*modulators));
    uint16_t *const key_regions = take(&arena, count_keys(flat) * sizeof(*key_regions));
    KM_CHECK(instrument == piece);
    if (flat->modulator_count > 0) {
        memcpy(modulators, flat->modulators, flat->modulator_count * sizeof(*modulators));
    }
    for (uint32_t i = 0; i < flat->region_count; ++i) {
        regions[i] = flat->regions[i].region;
        regions[i].modulators = modulators + flat->regions[i].modulator_first;
    }
    instrument->bank = preset->bank;
    instrument->program = (uint8_t)preset->program;
    instrument->region_count = flat->region_count;
    instrument->regions = regions;
    memcpy(instrument->name, preset->name, sizeof(instrument->name));
    index_keys(instrument, key_regions);
}
