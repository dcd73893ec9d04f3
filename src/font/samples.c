// SPDX-License-Identifier: MIT

// The sample headers (SoundFont 2.04, 7.10), made usable.

#include "base/check.h"
#include "font/font_private.h"
#include "font/vorbis_private.h"
#include "heap/heap.h"

#include <string.h>

enum {
    NAME_SIZE = 20,
    TYPE_RIGHT = 2,
    TYPE_LEFT = 4,
    TYPE_COMPRESSED = 0x10, // SF3
    TYPE_ROM = 0x8000,
    RATE_DEFAULT = 44100,
    KEY_UNPITCHED = 60, // What 7.10 wants for root keys that are none.
};

// What is said of samples, and where they stand.
struct context {
    struct km_font *font;
    const struct km_font_reading *reading;
    uint64_t table_offset;
};

static uint64_t record_offset(const struct context *context, uint32_t index)
{
    return context->table_offset + (uint64_t)index * km_font_record_size(KM_TABLE_SHDR);
}

static void warn(const struct context *context, uint32_t index, const char *what)
{
    km_font_warn(context->reading->warnings, "%s: shdr at byte %llu: sample %u \"%s\" %s",
                 context->reading->input->name, (unsigned long long)record_offset(context, index),
                 (unsigned int)index, context->font->samples[index].name, what);
}

// Loops as FluidSynth 2.3.1 mends them: as little as can be. `all` is the smpl chunk's frames;
// `loop` is where the loop begins and ends there.
static bool mend_loop(struct km_font_sample *sample, uint64_t all, const uint32_t loop[2])
{
    const uint64_t start = sample->is_compressed ? 0 : sample->start;
    const uint64_t end = start + sample->frame_count;
    uint64_t low = loop[0] < loop[1] ? loop[0] : loop[1];
    uint64_t high = loop[0] < loop[1] ? loop[1] : loop[0];
    bool is_mended = loop[0] > loop[1];
    if (low < start || low > all) {
        low = start;
        is_mended = true;
    }
    if (high < start || high > all) {
        high = end;
        is_mended = true;
    }
    sample->loop_start = (uint32_t)(low - start);
    sample->loop_end = (uint32_t)(high - start);
    // Loops of no length are how a sample says that it has none.
    return is_mended && loop[0] != loop[1];
}

// The compressed bytes must lie in the smpl chunk, and say how many frames they hold.
static enum km_status place_compressed(const struct context *context, uint32_t index, uint32_t end)
{
    struct km_font_sample *const sample = &context->font->samples[index];
    const uint64_t all = context->font->frames_size;
    if (sample->start >= end || end > all) {
        warn(context, index, "lies outside the chunk smpl: left out");
        return KM_OK;
    }
    sample->size = end - sample->start;
    uint64_t frame_count = 0;
    const enum km_status status = km_vorbis_frame_count(
        context->reading, context->font->frames_offset + sample->start, sample->size, &frame_count);
    if (status != KM_OK) {
        return status;
    }
    sample->is_usable = frame_count > 0 && frame_count <= KM_SAMPLE_FRAMES_MAX;
    sample->frame_count = sample->is_usable ? (uint32_t)frame_count : 0;
    if (!sample->is_usable) {
        warn(context, index, "is no Ogg Vorbis stream of a known length: left out");
    }
    return KM_OK;
}

static void place_frames(const struct context *context, uint32_t index, uint32_t end)
{
    struct km_font_sample *const sample = &context->font->samples[index];
    const uint64_t all = context->font->frames_size / sizeof(int16_t);
    if (sample->start >= end || sample->start >= all) {
        warn(context, index,
             sample->start >= end ? "has no frames: left out"
                                  : "begins after the end of the chunk smpl: left out");
        return;
    }
    if (end > all) {
        warn(context, index, "ends after the end of the chunk smpl: cut");
        end = (uint32_t)all;
    }
    if (end - sample->start > KM_SAMPLE_FRAMES_MAX) {
        warn(context, index, "is too long: left out");
        return;
    }
    sample->size = end - sample->start;
    sample->frame_count = sample->size;
    sample->is_usable = true;
}

static enum km_status read_sample(const struct context *context, uint32_t index,
                                  const unsigned char *record)
{
    struct km_font_sample *const sample = &context->font->samples[index];
    const uint16_t type = km_font_u16(record + 44);
    const uint32_t end = km_font_u32(record + 24);
    const uint32_t loop[2] = {km_font_u32(record + 28), km_font_u32(record + 32)};
    km_font_set_name(sample->name, sizeof(sample->name), record, NAME_SIZE);
    sample->start = km_font_u32(record + 20);
    sample->rate_hz = km_font_u32(record + 36);
    sample->root_key = record[40] <= 127 ? record[40] : KEY_UNPITCHED;
    sample->correction_cents = (int8_t)record[41];
    sample->is_compressed = (type & TYPE_COMPRESSED) != 0;
    sample->link = (type & (TYPE_RIGHT | TYPE_LEFT)) != 0 ? km_font_u16(record + 42) : KM_LINK_NONE;
    if ((type & TYPE_ROM) != 0) {
        warn(context, index, "lies in a sound card's ROM: left out");
        return KM_OK;
    }
    if (sample->is_compressed) {
        const enum km_status status = place_compressed(context, index, end);
        if (status != KM_OK) {
            return status;
        }
    } else {
        place_frames(context, index, end);
    }
    const uint64_t all =
        sample->is_compressed ? sample->frame_count : context->font->frames_size / sizeof(int16_t);
    if (sample->is_usable && mend_loop(sample, all, loop)) {
        warn(context, index, "has a loop that is reversed, or lies outside: mended");
    }
    if (sample->rate_hz == 0) {
        warn(context, index, "has no sampling rate: 44,100 Hz is taken");
        sample->rate_hz = RATE_DEFAULT;
    }
    return KM_OK;
}

// A link holds if it leads to another sample of the other side that leads back: so there are no
// cycles.
static void check_links(const struct context *context, const unsigned char *records)
{
    struct km_font_sample *const samples = context->font->samples;
    const uint32_t count = context->font->sample_count;
    const uint32_t size = km_font_record_size(KM_TABLE_SHDR);
    for (uint32_t i = 0; i < count; ++i) {
        const int32_t link = samples[i].link;
        if (link == KM_LINK_NONE) {
            continue;
        }
        const uint16_t type = km_font_u16(records + (size_t)i * size + 44);
        bool holds = link < (int32_t)count && link != (int32_t)i;
        if (holds) {
            const unsigned char *const other = records + (size_t)link * size;
            const int sides = (km_font_u16(other + 44) ^ type) & (TYPE_RIGHT | TYPE_LEFT);
            holds = km_font_u16(other + 42) == i && sides == (TYPE_RIGHT | TYPE_LEFT);
        }
        // 0 is what is written where nobody cared, mostly.
        if (!holds && link != 0) {
            warn(context, i, "is half of a pair whose other half does not name it: played alone");
        }
        samples[i].link = holds ? link : KM_LINK_NONE;
    }
}

// The last record ends the table, unless the writer forgot that one.
static uint32_t count_samples(const struct context *context, const struct km_font_records *records)
{
    if (records->count == 0) {
        return 0;
    }
    const unsigned char *const last = records->bytes + (size_t)(records->count - 1) * records->size;
    const bool is_end =
        memcmp(last, "EOS", 3) == 0 || km_font_u32(last + 20) >= km_font_u32(last + 24);
    if (!is_end) {
        km_font_warn(context->reading->warnings,
                     "%s: chunk shdr at byte %llu lacks the record that ends it",
                     context->reading->input->name, (unsigned long long)context->table_offset);
    }
    return records->count - is_end;
}

enum km_status km_font_read_samples(struct km_font *font, const struct km_font_reading *reading,
                                    const struct km_font_layout *layout)
{
    KM_CHECK(font && reading && layout);
    struct km_font_records records = {0};
    enum km_status status = km_font_read_records(font, reading, layout, KM_TABLE_SHDR, &records);
    if (status != KM_OK) {
        return status;
    }
    const struct context context = {
        .font = font, .reading = reading, .table_offset = layout->tables[KM_TABLE_SHDR].offset};
    const uint32_t count = count_samples(&context, &records);
    font->samples = km_heap_allocate_array(font->heap, KM_ACCOUNT_WORKING, count + 1U,
                                           sizeof(font->samples[0]));
    if (!font->samples) {
        status = km_heap_refusal(font->heap, reading->error);
    }
    font->sample_count = font->samples ? count : 0;
    for (uint32_t i = 0; i < font->sample_count && status == KM_OK; ++i) {
        status = read_sample(&context, i, records.bytes + (size_t)i * records.size);
    }
    if (status == KM_OK) {
        check_links(&context, records.bytes);
    }
    km_heap_release(font->heap, records.bytes);
    return status;
}
