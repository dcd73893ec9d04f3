// SPDX-License-Identifier: MIT

// Presets in order, and instruments.

#include "base/check.h"
#include "font/zones_private.h"
#include "heap/heap.h"

#include <string.h>

enum { NAME_SIZE = 20, PROGRAM_MAX = 127 };

static const struct km_zones_kind preset_kind = {.end = "EOP",
                                                 .heads = KM_TABLE_PHDR,
                                                 .bags = KM_TABLE_PBAG,
                                                 .modulators = KM_TABLE_PMOD,
                                                 .generators = KM_TABLE_PGEN,
                                                 .target = KM_GENERATOR_INSTRUMENT,
                                                 .bag_at = 24};

static const struct km_zones_kind instrument_kind = {.end = "EOI",
                                                     .heads = KM_TABLE_INST,
                                                     .bags = KM_TABLE_IBAG,
                                                     .modulators = KM_TABLE_IMOD,
                                                     .generators = KM_TABLE_IGEN,
                                                     .target = KM_GENERATOR_SAMPLE,
                                                     .bag_at = 20};

enum km_status km_font_read_instruments(struct km_font *font, const struct km_font_reading *reading,
                                        const struct km_font_layout *layout)
{
    KM_CHECK(font && reading && layout);
    const struct km_zones_context context = {.font = font,
                                             .reading = reading,
                                             .layout = layout,
                                             .kind = &instrument_kind,
                                             .level = &font->instrument_level,
                                             .target_count = font->sample_count};
    struct km_font_records records = {0};
    const enum km_status status = km_zones_read(&context, &records);
    km_heap_release(font->heap, records.bytes);
    return status;
}

// What presets are ordered by: bank, program, and where they stand in the file. Where that is are
// the lowest bits.
enum { KEY_INDEX_BITS = 16, KEY_PROGRAM_BITS = 8 };

// Moves a key down to where it belongs among those before it, `gap` apart.
static void sink(uint64_t *keys, uint32_t place, uint32_t gap)
{
    const uint64_t key = keys[place];
    for (; place >= gap && keys[place - gap] > key; place -= gap) {
        keys[place] = keys[place - gap];
    }
    keys[place] = key;
}

// Shell's sort, by Ciura's gaps (2001): short, and without memory of its own.
static void sort(uint64_t *keys, uint32_t count)
{
    static const uint32_t gaps[] = {16001, 7001, 3001, 1750, 701, 301, 132, 57, 23, 10, 4, 1};
    for (size_t g = 0; g < sizeof(gaps) / sizeof(gaps[0]); ++g) {
        for (uint32_t i = gaps[g]; i < count; ++i) {
            sink(keys, i, gaps[g]);
        }
    }
}

static void read_preset(struct km_font_preset *preset, const unsigned char *record)
{
    km_font_set_name(preset->name, sizeof(preset->name), record, NAME_SIZE);
    preset->program = km_font_u16(record + 20);
    preset->bank = km_font_u16(record + 22);
}

// Keys of the presets that can be used, in order.
static uint32_t make_keys(const struct km_zones_context *context,
                          const struct km_font_records *records, uint64_t *keys)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < context->level->head_count; ++i) {
        const unsigned char *const record = records->bytes + (size_t)i * records->size;
        const uint64_t program = km_font_u16(record + 20);
        const uint64_t bank = km_font_u16(record + 22);
        if (program > PROGRAM_MAX) {
            km_zones_warn(context, KM_TABLE_PHDR, i, "a program above 127: the preset is left out");
            continue;
        }
        keys[count++] = (bank << KEY_PROGRAM_BITS | program) << KEY_INDEX_BITS | i;
    }
    sort(keys, count);
    uint32_t kept = 0;
    for (uint32_t i = 0; i < count; ++i) {
        if (kept > 0 && keys[kept - 1] >> KEY_INDEX_BITS == keys[i] >> KEY_INDEX_BITS) {
            km_zones_warn(context, KM_TABLE_PHDR, (uint32_t)(keys[i] & 0xFFFF),
                          "a second preset of the same bank and program is left out");
            continue;
        }
        keys[kept++] = keys[i];
    }
    return kept;
}

// Puts the presets and their zones in order. `keys` and `heads` have room for all.
static void order_presets(const struct km_zones_context *context,
                          const struct km_font_records *records, uint64_t *keys,
                          struct km_font_zones *heads)
{
    struct km_font *const font = context->font;
    font->preset_count = make_keys(context, records, keys);
    memcpy(heads, context->level->heads, context->level->head_count * sizeof(heads[0]));
    for (uint32_t i = 0; i < font->preset_count; ++i) {
        const size_t index = keys[i] & 0xFFFF;
        read_preset(&font->presets[i], records->bytes + index * records->size);
        context->level->heads[i] = heads[index];
    }
    context->level->head_count = font->preset_count;
}

static enum km_status take_presets(const struct km_zones_context *context,
                                   const struct km_font_records *records)
{
    struct km_font *const font = context->font;
    const uint32_t count = context->level->head_count;
    void *keys = NULL;
    void *heads = NULL;
    void *presets = NULL;
    enum km_status status = km_zones_take(context, &presets, count, sizeof(font->presets[0]));
    font->presets = presets;
    if (status == KM_OK) {
        status = km_zones_take(context, &keys, count, sizeof(uint64_t));
    }
    if (status == KM_OK) {
        status = km_zones_take(context, &heads, count, sizeof(struct km_font_zones));
    }
    if (status == KM_OK) {
        order_presets(context, records, keys, heads);
    }
    km_heap_release(font->heap, heads);
    km_heap_release(font->heap, keys);
    return status;
}

enum km_status km_font_read_presets(struct km_font *font, const struct km_font_reading *reading,
                                    const struct km_font_layout *layout)
{
    KM_CHECK(font && reading && layout);
    const struct km_zones_context context = {.font = font,
                                             .reading = reading,
                                             .layout = layout,
                                             .kind = &preset_kind,
                                             .level = &font->preset_level,
                                             .target_count = font->instrument_level.head_count};
    struct km_font_records records = {0};
    enum km_status status = km_zones_read(&context, &records);
    if (status == KM_OK) {
        status = take_presets(&context, &records);
    }
    km_heap_release(font->heap, records.bytes);
    if (status == KM_OK && font->preset_count == 0) {
        status = km_error_set(reading->error, KM_ERROR_INVALID,
                              "%s: chunk phdr at byte %llu has no presets that can be used",
                              reading->input->name,
                              (unsigned long long)layout->tables[KM_TABLE_PHDR].offset);
    }
    return status;
}
