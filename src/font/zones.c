// SPDX-License-Identifier: MIT

#include "font/zones_private.h"

#include "base/check.h"
#include "font/modulators_private.h"
#include "heap/heap.h"

#include <string.h>

enum { KEY_MAX = 127 };

void km_zones_warn(const struct km_zones_context *context, enum km_font_table table, uint32_t index,
                   const char *what)
{
    const uint64_t offset =
        context->layout->tables[table].offset + (uint64_t)index * km_font_record_size(table);
    km_font_warn(context->reading->warnings, "%s: %s at byte %llu: %s",
                 context->reading->input->name, km_font_table_id(table), (unsigned long long)offset,
                 what);
}

enum km_status km_zones_take(const struct km_zones_context *context, void **array, uint32_t count,
                             size_t size)
{
    *array = km_heap_allocate_array(context->font->heap, KM_ACCOUNT_WORKING, count + 1U, size);
    return *array ? KM_OK : km_heap_refusal(context->font->heap, context->reading->error);
}

static enum km_status read_generators(const struct km_zones_context *context)
{
    struct km_font_records records = {0};
    enum km_status status = km_font_read_records(context->font, context->reading, context->layout,
                                                 context->kind->generators, &records);
    if (status != KM_OK) {
        return status;
    }
    struct km_font_level *const level = context->level;
    void *array = NULL;
    status = km_zones_take(context, &array, records.count, sizeof(level->generators[0]));
    level->generators = array;
    level->generator_count = array ? records.count : 0;
    for (uint32_t i = 0; i < level->generator_count; ++i) {
        const unsigned char *const record = records.bytes + (size_t)i * records.size;
        level->generators[i] = (struct km_font_generator){.number = km_font_u16(record),
                                                          .amount = km_font_i16(record + 2)};
    }
    km_heap_release(context->font->heap, records.bytes);
    return status;
}

static enum km_status read_modulators(const struct km_zones_context *context)
{
    struct km_font_records records = {0};
    enum km_status status = km_font_read_records(context->font, context->reading, context->layout,
                                                 context->kind->modulators, &records);
    if (status != KM_OK) {
        return status;
    }
    struct km_font_level *const level = context->level;
    void *array = NULL;
    status = km_zones_take(context, &array, records.count, sizeof(level->modulators[0]));
    level->modulators = array;
    level->modulator_count = array ? records.count : 0;
    for (uint32_t i = 0; i < level->modulator_count; ++i) {
        const unsigned char *const record = records.bytes + (size_t)i * records.size;
        struct km_modulator *const modulator = &level->modulators[i];
        const uint16_t destination = km_font_u16(record + 2);
        const uint16_t transform = km_font_u16(record + 8);
        *modulator = (struct km_modulator){.source = km_font_u16(record),
                                           .amount_source = km_font_u16(record + 6),
                                           .amount = km_font_i16(record + 4)};
        const char *const fault = km_modulator_fault(modulator, destination, transform);
        modulator->destination = fault ? KM_MODULATOR_DROPPED : (uint8_t)destination;
        modulator->transform = (uint8_t)transform;
    }
    km_heap_release(context->font->heap, records.bytes);
    return status;
}

// A run of records that one index begins and the next one ends.
struct run {
    uint32_t first;
    uint32_t count;
};

// Runs follow one another: where an index goes backwards, or beyond the table, the run is empty,
// so that no record has two owners.
static struct run take_run(uint32_t first, uint32_t next, uint32_t *taken, uint32_t table_count,
                           bool *is_odd)
{
    if (first < *taken || next < first || next > table_count) {
        *is_odd = true;
        return (struct run){0};
    }
    *taken = next;
    return (struct run){.first = first, .count = next - first};
}

static void set_range(uint8_t *low, uint8_t *high, int16_t amount)
{
    const uint16_t both = (uint16_t)amount;
    const uint8_t to = (uint8_t)(both >> 8);
    *low = (uint8_t)(both & 0xFF);
    *high = to <= KEY_MAX ? to : KEY_MAX;
}

// Ranges come first, that of keys before that of velocities (8.1.2): false for one that stands
// elsewhere. `index` counts the zone's generators.
static bool take_range(struct km_font_zone *zone, const struct km_font_generator *generator,
                       uint32_t index)
{
    if (generator->number == KM_GENERATOR_KEY_RANGE && index == 0) {
        set_range(&zone->key_low, &zone->key_high, generator->amount);
        zone->has_keys = true;
        return true;
    }
    if (generator->number == KM_GENERATOR_VELOCITY_RANGE && index == (zone->has_keys ? 1U : 0U)) {
        set_range(&zone->velocity_low, &zone->velocity_high, generator->amount);
        zone->has_velocities = true;
        return true;
    }
    return false;
}

// Which zone this is for, and what is beyond that.
static void take_target(const struct km_zones_context *context, struct km_font_zone *zone,
                        uint32_t index, uint32_t end)
{
    const uint16_t target = (uint16_t)context->level->generators[index].amount;
    zone->target = target < context->target_count ? target : KM_ZONE_DROPPED;
    zone->generator_count = index - zone->generator_first;
    if (zone->target == KM_ZONE_DROPPED) {
        km_zones_warn(context, context->kind->generators, index,
                      "names what does not exist; the zone is left out");
    }
    if (index + 1 < end) {
        km_zones_warn(context, context->kind->generators, index + 1,
                      "generators after the zone's last are ignored");
    }
}

static void read_zone_generators(const struct km_zones_context *context, struct km_font_zone *zone)
{
    const uint32_t end = zone->generator_first + zone->generator_count;
    for (uint32_t i = zone->generator_first; i < end; ++i) {
        struct km_font_generator *const generator = &context->level->generators[i];
        if (generator->number == context->kind->target) {
            take_target(context, zone, i, end);
            return;
        }
        const bool is_range = generator->number == KM_GENERATOR_KEY_RANGE ||
                              generator->number == KM_GENERATOR_VELOCITY_RANGE;
        if (is_range && !take_range(zone, generator, i - zone->generator_first)) {
            km_zones_warn(context, context->kind->generators, i,
                          "a range that does not come first is ignored");
        }
    }
}

static void check_zone_modulators(const struct km_zones_context *context,
                                  const struct km_font_zone *zone)
{
    const uint32_t end = zone->modulator_first + zone->modulator_count;
    for (uint32_t i = zone->modulator_first; i < end; ++i) {
        if (context->level->modulators[i].destination == KM_MODULATOR_DROPPED) {
            km_zones_warn(context, context->kind->modulators, i,
                          "a modulator that is linked, or has a source, destination or transform "
                          "that does not exist, is ignored");
        }
    }
}

static void read_zones(const struct km_zones_context *context, const struct km_font_records *bags)
{
    struct km_font_level *const level = context->level;
    uint32_t generators_taken = 0;
    uint32_t modulators_taken = 0;
    for (uint32_t i = 0; i < level->zone_count; ++i) {
        const unsigned char *const record = bags->bytes + (size_t)i * bags->size;
        const bool is_last = i + 1 == level->zone_count;
        struct km_font_zone *const zone = &level->zones[i];
        *zone = (struct km_font_zone){
            .target = KM_ZONE_GLOBAL, .key_high = KEY_MAX, .velocity_high = KEY_MAX};
        bool is_odd = false;
        // The last bag ends the table. If the writer forgot that one, all that is left is its own.
        const struct run generators =
            take_run(km_font_u16(record),
                     is_last ? level->generator_count : km_font_u16(record + bags->size),
                     &generators_taken, level->generator_count, &is_odd);
        const struct run modulators =
            take_run(km_font_u16(record + 2),
                     is_last ? level->modulator_count : km_font_u16(record + bags->size + 2),
                     &modulators_taken, level->modulator_count, &is_odd);
        if (is_odd) {
            km_zones_warn(context, context->kind->bags, i,
                          "indexes go backwards, or beyond their table; the zone is empty");
        }
        zone->generator_first = generators.first;
        zone->generator_count = generators.count;
        zone->modulator_first = modulators.first;
        zone->modulator_count = modulators.count;
    }
}

static void limit_zone(const struct km_zones_context *context, struct km_font_zone *zone)
{
    if (zone->generator_count > KM_FONT_ZONE_RECORDS_MAX) {
        km_zones_warn(context, context->kind->generators, zone->generator_first,
                      "the zone has more than 256 generators; later ones are ignored");
        zone->generator_count = KM_FONT_ZONE_RECORDS_MAX;
    }
    if (zone->modulator_count > KM_FONT_ZONE_RECORDS_MAX) {
        km_zones_warn(context, context->kind->modulators, zone->modulator_first,
                      "the zone has more than 256 modulators; later ones are ignored");
        zone->modulator_count = KM_FONT_ZONE_RECORDS_MAX;
    }
}

// Which of a head's zones holds for all others, and which can be used.
static void settle_zones(const struct km_zones_context *context, struct km_font_zones *head)
{
    struct km_font_zone *const zones = context->level->zones;
    for (uint32_t i = head->first; i < head->first + head->count; ++i) {
        read_zone_generators(context, &zones[i]);
        check_zone_modulators(context, &zones[i]);
        limit_zone(context, &zones[i]);
    }
    head->global = -1;
    if (head->count > 0 && zones[head->first].target == KM_ZONE_GLOBAL) {
        head->global = (int32_t)head->first;
        head->first += 1;
        head->count -= 1;
    }
    for (uint32_t i = head->first; i < head->first + head->count; ++i) {
        struct km_font_zone *const zone = &zones[i];
        if (zone->target == KM_ZONE_GLOBAL) {
            km_zones_warn(
                context, context->kind->bags, i,
                "the zone names neither sample nor instrument, and is not the first; it is "
                "left out");
            zone->target = KM_ZONE_DROPPED;
        }
        if (head->global >= 0 && !zone->has_keys) {
            zone->key_low = zones[head->global].key_low;
            zone->key_high = zones[head->global].key_high;
        }
        if (head->global >= 0 && !zone->has_velocities) {
            zone->velocity_low = zones[head->global].velocity_low;
            zone->velocity_high = zones[head->global].velocity_high;
        }
    }
}

// Whether a zone names its sample or instrument, before it has been read.
static bool has_target(const struct km_zones_context *context, uint32_t index)
{
    const struct km_font_zone *const zone = &context->level->zones[index];
    for (uint32_t i = 0; i < zone->generator_count; ++i) {
        if (context->level->generators[zone->generator_first + i].number == context->kind->target) {
            return true;
        }
    }
    return false;
}

// How many records of the heads' table are heads: the last one ends the table, unless the writer
// forgot it.
static uint32_t count_heads(const struct km_zones_context *context,
                            const struct km_font_records *heads)
{
    if (heads->count == 0) {
        return 0;
    }
    const unsigned char *const last = heads->bytes + (size_t)(heads->count - 1) * heads->size;
    const uint32_t bag = km_font_u16(last + context->kind->bag_at);
    const uint32_t bag_count = context->level->zone_count;
    const bool is_end = memcmp(last, context->kind->end, 3) == 0 || bag >= bag_count ||
                        (bag + 1 == bag_count && !has_target(context, bag));
    if (!is_end) {
        km_zones_warn(context, context->kind->heads, heads->count - 1,
                      "the record after it, which ends the table, is missing");
    }
    return heads->count - is_end;
}

static void read_heads(const struct km_zones_context *context,
                       const struct km_font_records *records)
{
    struct km_font_level *const level = context->level;
    uint32_t taken = 0;
    for (uint32_t i = 0; i < level->head_count; ++i) {
        const unsigned char *const record = records->bytes + (size_t)i * records->size;
        const uint32_t first = km_font_u16(record + context->kind->bag_at);
        const uint32_t next = i + 1 < records->count
                                  ? km_font_u16(record + records->size + context->kind->bag_at)
                                  : level->zone_count;
        bool is_odd = false;
        const struct run run = take_run(first, next, &taken, level->zone_count, &is_odd);
        if (is_odd) {
            km_zones_warn(context, context->kind->heads, i,
                          "indexes go backwards, or beyond their table; it has no zones");
        }
        level->heads[i] = (struct km_font_zones){.first = run.first, .count = run.count};
        settle_zones(context, &level->heads[i]);
    }
}

// Reads bags, and what they hold.
static enum km_status read_bags(const struct km_zones_context *context)
{
    struct km_font_records bags = {0};
    enum km_status status = km_font_read_records(context->font, context->reading, context->layout,
                                                 context->kind->bags, &bags);
    if (status != KM_OK) {
        return status;
    }
    void *array = NULL;
    status = km_zones_take(context, &array, bags.count, sizeof(context->level->zones[0]));
    context->level->zones = array;
    context->level->zone_count = array ? bags.count : 0;
    if (status == KM_OK) {
        read_zones(context, &bags);
    }
    km_heap_release(context->font->heap, bags.bytes);
    return status;
}

enum km_status km_zones_read(const struct km_zones_context *context,
                             struct km_font_records *records)
{
    enum km_status status = read_generators(context);
    if (status == KM_OK) {
        status = read_modulators(context);
    }
    if (status == KM_OK) {
        status = read_bags(context);
    }
    if (status == KM_OK) {
        status = km_font_read_records(context->font, context->reading, context->layout,
                                      context->kind->heads, records);
    }
    if (status != KM_OK) {
        return status;
    }
    const uint32_t count = count_heads(context, records);
    void *array = NULL;
    status = km_zones_take(context, &array, count, sizeof(context->level->heads[0]));
    context->level->heads = array;
    context->level->head_count = array ? count : 0;
    if (status == KM_OK) {
        read_heads(context, records);
    }
    return status;
}
