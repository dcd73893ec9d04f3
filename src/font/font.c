// SPDX-License-Identifier: MIT

#include "font/font.h"

#include "base/check.h"
#include "base/text.h"
#include "font/decoder.h"
#include "font/font_private.h"
#include "heap/heap.h"

#include <string.h>

enum {
    VERSION_MIN = 2,
    VERSION_MAX = 3, // MuseScore writes 3.0 into SF3 files.
};

// One character of a name as UTF-8: control characters become spaces. What is not UTF-8 is Latin-1.
static uint32_t next_character(const char *bytes, size_t size, size_t *position, bool is_utf8)
{
    const uint32_t c =
        is_utf8 ? km_text_next(bytes, size, position) : (unsigned char)bytes[(*position)++];
    return c < 0x20 || (c >= 0x7F && c < 0xA0) ? ' ' : c;
}

void km_font_set_name(char *name, size_t name_size, const unsigned char *bytes, size_t size)
{
    KM_CHECK(name && bytes && name_size > 0);
    const char *const text = (const char *)bytes;
    const size_t length = strnlen(text, size);
    const bool is_utf8 = km_text_is_utf8(text, length);
    size_t used = 0;
    for (size_t position = 0; position < length;) {
        char encoded[4];
        const size_t count =
            km_text_encode(encoded, next_character(text, length, &position, is_utf8));
        if (used + count >= name_size) {
            break;
        }
        memcpy(name + used, encoded, count);
        used += count;
    }
    while (used > 0 && name[used - 1] == ' ') {
        used -= 1;
    }
    memset(name + used, 0, name_size - used);
}

enum km_status km_font_read_records(struct km_font *font, const struct km_font_reading *reading,
                                    const struct km_font_layout *layout, enum km_font_table table,
                                    struct km_font_records *records)
{
    KM_CHECK(font && reading && layout && records);
    const struct km_riff_chunk *const chunk = &layout->tables[table];
    const uint32_t size = km_font_record_size(table);
    uint64_t count = chunk->size / size;
    if (chunk->size % size != 0) {
        km_font_warn(
            reading->warnings, "%s: chunk %s at byte %llu: its size %llu is no multiple of %u",
            reading->input->name, km_font_table_id(table), (unsigned long long)chunk->offset,
            (unsigned long long)chunk->size, (unsigned int)size);
    }
    if (count > KM_FONT_RECORDS_MAX) {
        km_font_warn(reading->warnings,
                     "%s: chunk %s at byte %llu has %llu records; what is beyond %d is ignored",
                     reading->input->name, km_font_table_id(table),
                     (unsigned long long)chunk->offset, (unsigned long long)count,
                     (int)KM_FONT_RECORDS_MAX);
        count = KM_FONT_RECORDS_MAX;
    }
    *records = (struct km_font_records){.count = (uint32_t)count, .size = size};
    if (count == 0) {
        return KM_OK;
    }
    records->bytes = km_heap_allocate_array(font->heap, KM_ACCOUNT_WORKING, (size_t)count, size);
    if (!records->bytes) {
        return km_heap_refusal(font->heap, reading->error);
    }
    size_t got = 0;
    enum km_status status = km_input_read_at(reading->input, chunk->offset, records->bytes,
                                             (size_t)count * size, &got, reading->error);
    if (status == KM_OK && got < (size_t)count * size) {
        status = km_error_set(reading->error, KM_ERROR_TRUNCATED,
                              "%s: chunk %s at byte %llu: the file has become shorter",
                              reading->input->name, km_font_table_id(table),
                              (unsigned long long)chunk->offset);
    }
    if (status != KM_OK) {
        km_heap_release(font->heap, records->bytes);
        *records = (struct km_font_records){0};
    }
    return status;
}

static enum km_status check_version(const struct km_font_reading *reading,
                                    const struct km_font_layout *layout)
{
    const unsigned int major = layout->version_major;
    const unsigned int minor = layout->version_minor;
    if (major == 0 && minor == 0) {
        km_font_warn(reading->warnings, "%s: has no version (chunk ifil)", reading->input->name);
        return KM_OK;
    }
    if (major < VERSION_MIN || major > VERSION_MAX) {
        return km_error_set(reading->error, KM_ERROR_UNSUPPORTED,
                            "%s: is a SoundFont of version %u.%02u (chunk ifil); expected 2.00 to "
                            "2.04, or 3",
                            reading->input->name, major, minor);
    }
    return KM_OK;
}

static enum km_status read_all(struct km_font *font, const struct km_font_reading *reading)
{
    struct km_font_layout layout;
    enum km_status status = km_font_find_chunks(reading, &layout);
    if (status == KM_OK) {
        status = check_version(reading, &layout);
    }
    if (status != KM_OK) {
        return status;
    }
    if (layout.has_24_bits) {
        km_font_warn(reading->warnings, "%s: has samples of 24 bits; 16 are used",
                     reading->input->name);
    }
    km_font_set_name(font->name, sizeof(font->name), (const unsigned char *)layout.name,
                     sizeof(layout.name));
    font->frames_offset = layout.frames.offset;
    font->frames_size = layout.frames.size;
    status = km_font_read_samples(font, reading, &layout);
    if (status == KM_OK) {
        status = km_font_read_instruments(font, reading, &layout);
    }
    if (status == KM_OK) {
        status = km_font_read_presets(font, reading, &layout);
    }
    return status;
}

static enum km_status open_file(struct km_font *font, const char *path, struct km_error *error)
{
    const enum km_status status = km_input_open(&font->input, path, error);
    if (status != KM_OK) {
        return status;
    }
    if (font->input.is_stream) {
        return km_error_set(error, KM_ERROR_UNSUPPORTED,
                            "%s: is a pipe or a device; expected a SoundFont that is a file",
                            font->input.name);
    }
    const size_t size = strlen(path) + 1;
    font->path = km_heap_allocate(font->heap, KM_ACCOUNT_WORKING, size);
    if (!font->path) {
        return km_heap_refusal(font->heap, error);
    }
    memcpy(font->path, path, size);
    return KM_OK;
}

enum km_status km_font_open(struct km_heap *heap, const char *path, struct km_font **font,
                            struct km_font_warnings *warnings, struct km_error *error)
{
    KM_CHECK(heap && path);
    KM_CHECK(font);
    if (warnings) {
        *warnings = (struct km_font_warnings){0};
    }
    struct km_font *const opened =
        km_heap_allocate(heap, KM_ACCOUNT_WORKING, sizeof(struct km_font));
    if (!opened) {
        return km_heap_refusal(heap, error);
    }
    opened->heap = heap;
    opened->input.file = -1;
    const struct km_font_reading reading = {
        .input = &opened->input, .warnings = warnings, .error = error};
    enum km_status status = open_file(opened, path, error);
    if (status == KM_OK) {
        status = read_all(opened, &reading);
    }
    if (status != KM_OK) {
        km_font_free(opened);
        return status;
    }
    *font = opened;
    return KM_OK;
}

static void free_level(struct km_heap *heap, const struct km_font_level *level)
{
    km_heap_release(heap, level->heads);
    km_heap_release(heap, level->zones);
    km_heap_release(heap, level->generators);
    km_heap_release(heap, level->modulators);
}

void km_font_free(struct km_font *font)
{
    if (!font) {
        return;
    }
    km_input_close(&font->input);
    free_level(font->heap, &font->preset_level);
    free_level(font->heap, &font->instrument_level);
    km_heap_release(font->heap, font->presets);
    km_heap_release(font->heap, font->samples);
    km_heap_release(font->heap, font->path);
    km_heap_release(font->heap, font);
}

const struct km_font_preset *km_font_presets(const struct km_font *font, size_t *count)
{
    KM_CHECK(font && count);
    *count = font->preset_count;
    return font->presets;
}

const char *km_font_path(const struct km_font *font)
{
    KM_CHECK(font);
    return font->path;
}

const char *km_font_name(const struct km_font *font)
{
    KM_CHECK(font);
    return font->name;
}

uint64_t km_font_sample_bytes(const struct km_font *font)
{
    KM_CHECK(font);
    uint64_t bytes = 0;
    for (uint32_t i = 0; i < font->sample_count; ++i) {
        bytes += font->samples[i].frame_count * sizeof(int16_t);
    }
    return bytes;
}

int32_t km_font_find_preset(const struct km_font *font, uint16_t bank, uint16_t program)
{
    KM_CHECK(font);
    const uint32_t wanted = (uint32_t)bank << 16 | program;
    uint32_t low = 0;
    uint32_t high = font->preset_count;
    while (low < high) {
        const uint32_t middle = low + (high - low) / 2;
        const struct km_font_preset *const preset = &font->presets[middle];
        if (((uint32_t)preset->bank << 16 | preset->program) < wanted) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    const bool is_found = low < font->preset_count && font->presets[low].bank == bank &&
                          font->presets[low].program == program;
    return is_found ? (int32_t)low : -1;
}

bool km_font_resolve(const struct km_font *font, uint16_t bank, uint8_t program, uint16_t found[2])
{
    KM_CHECK(font && found);
    enum { BANK_DRUMS = 128 };
    int32_t preset = km_font_find_preset(font, bank, program);
    if (preset < 0 && bank == BANK_DRUMS) {
        preset = km_font_find_preset(font, BANK_DRUMS, 0);
    } else if (preset < 0) {
        preset = km_font_find_preset(font, 0, program);
    }
    if (font->preset_count == 0) {
        return false;
    }
    const struct km_font_preset *const stand_in = &font->presets[preset > 0 ? preset : 0];
    found[0] = stand_in->bank;
    found[1] = stand_in->program;
    return true;
}

void km_font_set_decoder(struct km_font *font, const struct km_font_decoder *decoder)
{
    KM_CHECK(font && decoder && decoder->decode);
    font->decoder = decoder;
}
