// SPDX-License-Identifier: MIT

#include "font/flatten_private.h"

#include "base/check.h"
#include "font/modulators_private.h"
#include "heap/heap.h"

#include <string.h>

enum { FIRST_CAPACITY = 16, COARSE_FRAMES = 32768 };

struct range {
    bool is_here;
    int32_t low, high, preset;
};

static const struct range ranges[KM_GENERATORS_COUNT] = {
#define KM_GENERATOR(NAME, number, lowest, highest, value)                                         \
    [number] = {.is_here = true, .low = (lowest), .high = (highest), .preset = (value)},
#include "font/generators.def"
#undef KM_GENERATOR
};

// A preset's zone with an instrument's zone, and what holds for all zones of either.
struct pair {
    const struct km_font *font;
    const struct km_font_zone *zones[4]; // In the order that they apply; null: none.
    const struct km_font_sample *sample;
};

enum { INSTRUMENT_GLOBAL, INSTRUMENT_LOCAL, PRESET_GLOBAL, PRESET_LOCAL };

static bool picks_zones(uint32_t number)
{
    return number == KM_GENERATOR_INSTRUMENT || number == KM_GENERATOR_SAMPLE ||
           number == KM_GENERATOR_KEY_RANGE || number == KM_GENERATOR_VELOCITY_RANGE;
}

// Generators that presets may not have (8.1.2).
static bool is_of_instruments(uint32_t number)
{
    switch (number) {
    case KM_GENERATOR_START_OFFSET:
    case KM_GENERATOR_END_OFFSET:
    case KM_GENERATOR_LOOP_START_OFFSET:
    case KM_GENERATOR_LOOP_END_OFFSET:
    case KM_GENERATOR_START_OFFSET_COARSE:
    case KM_GENERATOR_END_OFFSET_COARSE:
    case KM_GENERATOR_LOOP_START_OFFSET_COARSE:
    case KM_GENERATOR_LOOP_END_OFFSET_COARSE:
    case KM_GENERATOR_FIXED_KEY:
    case KM_GENERATOR_FIXED_VELOCITY:
    case KM_GENERATOR_SAMPLE_MODES:
    case KM_GENERATOR_EXCLUSIVE_CLASS:
    case KM_GENERATOR_ROOT_KEY:
        return true;
    default:
        return false;
    }
}

// Sets the values that a zone has; the last one of several counts.
static void apply(const struct km_font_level *level, const struct km_font_zone *zone,
                  bool is_preset, int32_t values[KM_GENERATORS_COUNT])
{
    for (uint32_t i = 0; zone && i < zone->generator_count; ++i) {
        const struct km_font_generator *const generator =
            &level->generators[zone->generator_first + i];
        const uint32_t number = generator->number;
        const bool counts = number < KM_GENERATORS_COUNT && ranges[number].is_here &&
                            !picks_zones(number) && !(is_preset && is_of_instruments(number));
        if (counts) {
            values[number] = generator->amount;
        }
    }
}

static int32_t held(int32_t value, int32_t low, int32_t high)
{
    return value < low ? low : value > high ? high : value;
}

// 9.4: local values stand above global ones and these above defaults; a preset's are added.
static void sum_generators(const struct pair *pair, int32_t values[KM_GENERATORS_COUNT])
{
    int32_t added[KM_GENERATORS_COUNT] = {0};
    for (uint32_t i = 0; i < KM_GENERATORS_COUNT; ++i) {
        values[i] = picks_zones(i) ? 0 : ranges[i].preset;
    }
    apply(&pair->font->instrument_level, pair->zones[INSTRUMENT_GLOBAL], false, values);
    apply(&pair->font->instrument_level, pair->zones[INSTRUMENT_LOCAL], false, values);
    apply(&pair->font->preset_level, pair->zones[PRESET_GLOBAL], true, added);
    apply(&pair->font->preset_level, pair->zones[PRESET_LOCAL], true, added);
    for (uint32_t i = 0; i < KM_GENERATORS_COUNT; ++i) {
        values[i] += added[i];
    }
}

static int64_t offset_of(const int32_t values[KM_GENERATORS_COUNT], enum km_generator fine,
                         enum km_generator coarse)
{
    return values[fine] + (int64_t)COARSE_FRAMES * values[coarse];
}

static uint32_t frame_at(int64_t place, int64_t low, int64_t high)
{
    return (uint32_t)(place < low ? low : place > high ? high : place);
}

// Loop points held within the sample, and in order; as FluidSynth 2.3.1 does for a voice.
static void place_loop(struct km_region *region, const struct km_font_sample *sample,
                       const int32_t values[KM_GENERATORS_COUNT])
{
    const int64_t count = sample->frame_count;
    const uint32_t a =
        frame_at(sample->loop_start + offset_of(values, KM_GENERATOR_LOOP_START_OFFSET,
                                                KM_GENERATOR_LOOP_START_OFFSET_COARSE),
                 0, count);
    const uint32_t b = frame_at(sample->loop_end + offset_of(values, KM_GENERATOR_LOOP_END_OFFSET,
                                                             KM_GENERATOR_LOOP_END_OFFSET_COARSE),
                                0, count);
    const uint32_t low = a < b ? a : b;
    const uint32_t high = a < b ? b : a;
    if (high < low + KM_LOOP_FRAMES_MIN) {
        region->loop_mode = KM_LOOP_NONE;
        return;
    }
    region->loop_start = low;
    region->loop_end = high;
    // A loop sounds to its end, wherever the sample's end was moved to; who begins after it begins
    // in it.
    region->end = region->end > high ? region->end : high;
    region->start = region->start < high ? region->start : low;
}

// Where the region sounds; false if it has no frames. The end is that of the last frame.
static bool place_frames(struct km_region *region, const struct km_font_sample *sample,
                         const int32_t values[KM_GENERATORS_COUNT])
{
    const int64_t last = (int64_t)sample->frame_count - 1;
    const uint32_t a = frame_at(
        offset_of(values, KM_GENERATOR_START_OFFSET, KM_GENERATOR_START_OFFSET_COARSE), 0, last);
    const uint32_t b = frame_at(
        last + offset_of(values, KM_GENERATOR_END_OFFSET, KM_GENERATOR_END_OFFSET_COARSE), 0, last);
    if (a == b) {
        return false;
    }
    region->start = a < b ? a : b;
    region->end = (a < b ? b : a) + 1;
    const int32_t mode = values[KM_GENERATOR_SAMPLE_MODES];
    region->loop_mode =
        mode == KM_LOOP_ALWAYS || mode == KM_LOOP_UNTIL_RELEASE ? (uint8_t)mode : KM_LOOP_NONE;
    if (region->loop_mode != KM_LOOP_NONE) {
        place_loop(region, sample, values);
    }
    return true;
}

static void set_generators(struct km_region *region, int32_t values[KM_GENERATORS_COUNT])
{
    values[KM_GENERATOR_SAMPLE_MODES] = region->loop_mode;
    for (uint32_t i = 0; i < KM_GENERATORS_COUNT; ++i) {
        const bool is_applied =
            picks_zones(i) || !ranges[i].is_here || i <= KM_GENERATOR_START_OFFSET_COARSE ||
            i == KM_GENERATOR_END_OFFSET_COARSE || i == KM_GENERATOR_LOOP_START_OFFSET_COARSE ||
            i == KM_GENERATOR_LOOP_END_OFFSET_COARSE;
        region->generators[i] =
            is_applied ? 0 : (int16_t)held(values[i], ranges[i].low, ranges[i].high);
    }
}

static uint8_t larger(uint8_t a, uint8_t b)
{
    return a > b ? a : b;
}

static uint8_t smaller(uint8_t a, uint8_t b)
{
    return a < b ? a : b;
}

// The keys and velocities that both zones have; false if there are none.
static bool set_ranges(const struct pair *pair, struct km_region *region)
{
    const struct km_font_zone *const a = pair->zones[PRESET_LOCAL];
    const struct km_font_zone *const b = pair->zones[INSTRUMENT_LOCAL];
    region->key_low = larger(a->key_low, b->key_low);
    region->key_high = smaller(a->key_high, b->key_high);
    region->velocity_low = larger(a->velocity_low, b->velocity_low);
    region->velocity_high = smaller(a->velocity_high, b->velocity_high);
    return region->key_low <= region->key_high && region->velocity_low <= region->velocity_high;
}

// Fills a region but for its modulators; false if it cannot sound.
static bool make_region(const struct pair *pair, struct km_region *region)
{
    *region = (struct km_region){.stereo_region = -1, .rate_hz = pair->sample->rate_hz};
    if (!set_ranges(pair, region)) {
        return false;
    }
    int32_t values[KM_GENERATORS_COUNT];
    sum_generators(pair, values);
    if (!place_frames(region, pair->sample, values)) {
        return false;
    }
    set_generators(region, values);
    const int16_t root = region->generators[KM_GENERATOR_ROOT_KEY];
    region->root_key = root >= 0 ? (uint8_t)root : pair->sample->root_key;
    region->correction_cents = pair->sample->correction_cents;
    region->fixed_key = (int8_t)region->generators[KM_GENERATOR_FIXED_KEY];
    region->fixed_velocity = (int8_t)region->generators[KM_GENERATOR_FIXED_VELOCITY];
    region->exclusive_class = (uint8_t)region->generators[KM_GENERATOR_EXCLUSIVE_CLASS];
    return true;
}

static void zone_modulators(const struct km_font_level *level, const struct km_font_zone *zone,
                            struct km_modulator_list *list)
{
    if (zone) {
        km_modulator_list_replace(list, &level->modulators[zone->modulator_first],
                                  zone->modulator_count);
    }
}

static void list_modulators(const struct pair *pair, struct km_modulator_list *list)
{
    struct km_modulator_list added = {.count = 0};
    km_modulator_list_begin(list);
    zone_modulators(&pair->font->instrument_level, pair->zones[INSTRUMENT_GLOBAL], list);
    zone_modulators(&pair->font->instrument_level, pair->zones[INSTRUMENT_LOCAL], list);
    zone_modulators(&pair->font->preset_level, pair->zones[PRESET_GLOBAL], &added);
    zone_modulators(&pair->font->preset_level, pair->zones[PRESET_LOCAL], &added);
    km_modulator_list_sum(list, added.modulators, added.count);
    km_modulator_list_end(list);
}

// Room for `more` elements of `size` bytes after `count`.
static bool reserve(struct km_heap *heap, void **array, uint32_t *capacity, uint32_t needed,
                    size_t size)
{
    if (needed <= *capacity) {
        return true;
    }
    uint32_t wanted = *capacity > 0 ? *capacity : FIRST_CAPACITY;
    while (wanted < needed) {
        wanted *= 2;
    }
    void *const larger_array =
        km_heap_resize(heap, KM_ACCOUNT_WORKING, *array, (size_t)wanted * size);
    if (!larger_array) {
        return false;
    }
    *array = larger_array;
    *capacity = wanted;
    return true;
}

// Appends the list, unless it is that of the region before.
static bool add_modulators(struct km_flat *flat, const struct km_modulator_list *list,
                           struct km_flat_region *region)
{
    const struct km_flat_region *const before =
        flat->region_count > 0 ? &flat->regions[flat->region_count - 1] : NULL;
    region->region.modulator_count = (uint16_t)list->count;
    if (before && before->region.modulator_count == list->count &&
        memcmp(&flat->modulators[before->modulator_first], list->modulators,
               list->count * sizeof(list->modulators[0])) == 0) {
        region->modulator_first = before->modulator_first;
        return true;
    }
    void *array = flat->modulators;
    if (!reserve(flat->heap, &array, &flat->modulator_capacity, flat->modulator_count + list->count,
                 sizeof(flat->modulators[0]))) {
        return false;
    }
    flat->modulators = array;
    memcpy(&flat->modulators[flat->modulator_count], list->modulators,
           list->count * sizeof(list->modulators[0]));
    region->modulator_first = flat->modulator_count;
    flat->modulator_count += list->count;
    return true;
}

static enum km_status add_region(struct km_flat *flat, const struct pair *pair,
                                 struct km_flat_region *region, struct km_error *error)
{
    if (flat->region_count == KM_REGIONS_MAX) {
        return km_error_set(error, KM_ERROR_TOO_LARGE, "has more than %d regions",
                            (int)KM_REGIONS_MAX);
    }
    struct km_modulator_list list;
    list_modulators(pair, &list);
    if (!add_modulators(flat, &list, region)) {
        return km_heap_refusal(flat->heap, error);
    }
    void *array = flat->regions;
    if (!reserve(flat->heap, &array, &flat->region_capacity, flat->region_count + 1,
                 sizeof(flat->regions[0]))) {
        return km_heap_refusal(flat->heap, error);
    }
    flat->regions = array;
    flat->regions[flat->region_count++] = *region;
    return KM_OK;
}

static const struct km_font_zone *global_of(const struct km_font_level *level, uint32_t head)
{
    const int32_t global = level->heads[head].global;
    return global >= 0 ? &level->zones[global] : NULL;
}

// Regions of a preset's zone with each zone of its instrument.
static enum km_status add_regions(const struct km_font *font, struct pair *pair,
                                  struct km_flat *flat, struct km_error *error)
{
    const struct km_font_level *const level = &font->instrument_level;
    const uint32_t instrument = (uint32_t)pair->zones[PRESET_LOCAL]->target;
    const struct km_font_zones *const head = &level->heads[instrument];
    enum km_status status = KM_OK;
    pair->zones[INSTRUMENT_GLOBAL] = global_of(level, instrument);
    for (uint32_t i = 0; i < head->count && status == KM_OK; ++i) {
        const struct km_font_zone *const zone = &level->zones[head->first + i];
        if (zone->target < 0 || !font->samples[zone->target].is_usable) {
            continue;
        }
        struct km_flat_region region = {.sample = (uint32_t)zone->target};
        pair->zones[INSTRUMENT_LOCAL] = zone;
        pair->sample = &font->samples[zone->target];
        if (make_region(pair, &region.region)) {
            status = add_region(flat, pair, &region, error);
        }
    }
    return status;
}

static bool have_same_keys(const struct km_region *a, const struct km_region *b)
{
    return a->key_low == b->key_low && a->key_high == b->key_high &&
           a->velocity_low == b->velocity_low && a->velocity_high == b->velocity_high;
}

// The region after `index` that is the other side of it; region_count if there is none.
static uint32_t find_side(const struct km_flat *flat, uint32_t index, uint32_t sample)
{
    for (uint32_t i = index + 1; i < flat->region_count; ++i) {
        const struct km_flat_region *const other = &flat->regions[i];
        if (other->sample == sample && other->region.stereo_region < 0 &&
            have_same_keys(&flat->regions[index].region, &other->region)) {
            return i;
        }
    }
    return flat->region_count;
}

// Finds pairs of regions, from `first` on, whose samples are the two sides of one.
static void link_sides(const struct km_font *font, struct km_flat *flat, uint32_t first)
{
    for (uint32_t i = first; i < flat->region_count; ++i) {
        struct km_flat_region *const region = &flat->regions[i];
        const int32_t link = font->samples[region->sample].link;
        if (link == KM_LINK_NONE || region->region.stereo_region >= 0) {
            continue;
        }
        const uint32_t side = find_side(flat, i, (uint32_t)link);
        if (side < flat->region_count) {
            region->region.stereo_region = (int32_t)side;
            flat->regions[side].region.stereo_region = (int32_t)i;
        }
    }
}

enum km_status km_flatten(const struct km_font *font, uint32_t preset, struct km_flat *flat,
                          struct km_error *error)
{
    KM_CHECK(font && flat && flat->heap);
    KM_CHECK(preset < font->preset_count);
    const struct km_font_level *const level = &font->preset_level;
    const struct km_font_zones *const head = &level->heads[preset];
    struct pair pair = {.font = font, .zones = {[PRESET_GLOBAL] = global_of(level, preset)}};
    uint32_t pairs = 0;
    for (uint32_t i = 0; i < head->count; ++i) {
        const struct km_font_zone *const zone = &level->zones[head->first + i];
        if (zone->target < 0) {
            continue;
        }
        pairs += font->instrument_level.heads[zone->target].count;
        if (pairs > KM_FLAT_PAIRS_MAX) {
            return km_error_set(error, KM_ERROR_TOO_LARGE, "has more than %d pairs of zones",
                                (int)KM_FLAT_PAIRS_MAX);
        }
        const uint32_t first = flat->region_count;
        pair.zones[PRESET_LOCAL] = zone;
        const enum km_status status = add_regions(font, &pair, flat, error);
        if (status != KM_OK) {
            return status;
        }
        link_sides(font, flat, first);
    }
    return KM_OK;
}

void km_flat_release(struct km_flat *flat)
{
    KM_CHECK(flat);
    km_heap_release(flat->heap, flat->regions);
    km_heap_release(flat->heap, flat->modulators);
    *flat = (struct km_flat){.heap = flat->heap};
}
