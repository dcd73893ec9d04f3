// SPDX-License-Identifier: MIT

#include "font/riff_private.h"

#include "base/check.h"
#include "base/text.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { ID_SIZE = 4, HEAD_SIZE = 8, LIST_HEAD_SIZE = 12, CHUNKS_MAX = 4096 };

static const char table_ids[KM_TABLES_COUNT][ID_SIZE + 1] = {
    [KM_TABLE_PHDR] = "phdr", [KM_TABLE_PBAG] = "pbag", [KM_TABLE_PMOD] = "pmod",
    [KM_TABLE_PGEN] = "pgen", [KM_TABLE_INST] = "inst", [KM_TABLE_IBAG] = "ibag",
    [KM_TABLE_IMOD] = "imod", [KM_TABLE_IGEN] = "igen", [KM_TABLE_SHDR] = "shdr",
};

const char *km_font_table_id(enum km_font_table table)
{
    KM_CHECK(table < KM_TABLES_COUNT);
    return table_ids[table];
}

uint32_t km_font_record_size(enum km_font_table table)
{
    static const uint8_t sizes[KM_TABLES_COUNT] = {
        [KM_TABLE_PHDR] = 38, [KM_TABLE_PBAG] = 4,  [KM_TABLE_PMOD] = 10,
        [KM_TABLE_PGEN] = 4,  [KM_TABLE_INST] = 22, [KM_TABLE_IBAG] = 4,
        [KM_TABLE_IMOD] = 10, [KM_TABLE_IGEN] = 4,  [KM_TABLE_SHDR] = 46,
    };
    KM_CHECK(table < KM_TABLES_COUNT);
    return sizes[table];
}

void km_font_warn(struct km_font_warnings *warnings, const char *format, ...)
{
    if (!warnings) {
        return;
    }
    warnings->count += 1;
    if (warnings->count > 1) {
        return;
    }
    va_list arguments;
    va_start(arguments, format);
    struct km_error text = {0};
    char raw[sizeof(text.message)];
    const int length = vsnprintf(raw, sizeof(raw), format, arguments);
    va_end(arguments);
    (void)km_error_set(&text, KM_OK, "%s", length < 0 ? "" : raw);
    size_t end = strnlen(text.message, sizeof(warnings->first_message) - 1);
    while (end > 0 && !km_text_is_utf8(text.message, end)) {
        end -= 1;
    }
    memcpy(warnings->first_message, text.message, end);
    warnings->first_message[end] = '\0';
}

// A chunk while its list is walked.
struct chunk {
    char id[ID_SIZE + 1];
    uint64_t offset; // Of its content.
    uint64_t size;   // As it says.
    uint64_t end;    // Of what of it lies in the file.
};

// A list whose chunks are looked at one after the other.
struct walk {
    const struct km_font_reading *reading;
    uint64_t position;
    uint64_t end;
    uint32_t count;
};

static enum km_status read_exactly(const struct km_font_reading *reading, uint64_t offset,
                                   void *bytes, size_t size)
{
    size_t got = 0;
    const enum km_status status =
        km_input_read_at(reading->input, offset, bytes, size, &got, reading->error);
    if (status == KM_OK && got < size) {
        return km_error_set(reading->error, KM_ERROR_TRUNCATED,
                            "%s: ends at byte %llu; expected %zu bytes from byte %llu",
                            reading->input->name, (unsigned long long)reading->input->size, size,
                            (unsigned long long)offset);
    }
    return status;
}

// Whether four bytes name a chunk that may stand where one is looked for.
static bool is_known(const unsigned char id[ID_SIZE])
{
    if (memcmp(id, "LIST", ID_SIZE) == 0 || memcmp(id, "sm24", ID_SIZE) == 0) {
        return true;
    }
    for (int i = 0; i < KM_TABLES_COUNT; ++i) {
        if (memcmp(id, table_ids[i], ID_SIZE) == 0) {
            return true;
        }
    }
    return false;
}

// Where the next chunk begins: chunks of odd size are followed by a byte of padding, which some
// writers forget.
static enum km_status find_next(struct walk *walk, const struct chunk *chunk)
{
    walk->position = chunk->end;
    if (chunk->size % 2 == 0) {
        return KM_OK;
    }
    unsigned char bytes[ID_SIZE + 1] = {0};
    size_t got = 0;
    const enum km_status status = km_input_read_at(walk->reading->input, chunk->end, bytes,
                                                   sizeof(bytes), &got, walk->reading->error);
    if (status != KM_OK) {
        return status;
    }
    if (is_known(bytes) && !is_known(bytes + 1)) {
        km_font_warn(walk->reading->warnings,
                     "%s: chunk %s at byte %llu: of odd size, with no padding after it",
                     walk->reading->input->name, chunk->id,
                     (unsigned long long)(chunk->offset - HEAD_SIZE));
    } else {
        walk->position += 1;
    }
    return KM_OK;
}

// Reads the head of the next chunk; `is_end` if there is none.
static enum km_status next_chunk(struct walk *walk, struct chunk *chunk, bool *is_end)
{
    *is_end = walk->position + HEAD_SIZE > walk->end || walk->count == CHUNKS_MAX;
    if (*is_end) {
        return KM_OK;
    }
    unsigned char head[HEAD_SIZE];
    const enum km_status status = read_exactly(walk->reading, walk->position, head, sizeof(head));
    if (status != KM_OK) {
        return status;
    }
    memcpy(chunk->id, head, ID_SIZE);
    chunk->id[ID_SIZE] = '\0';
    chunk->offset = walk->position + HEAD_SIZE;
    chunk->size = km_font_u32(head + ID_SIZE);
    const uint64_t file_end = walk->reading->input->size;
    chunk->end = chunk->offset + chunk->size < file_end ? chunk->offset + chunk->size : file_end;
    walk->count += 1;
    return find_next(walk, chunk);
}

static struct km_riff_chunk place_of(const struct chunk *chunk)
{
    return (struct km_riff_chunk){
        .is_here = true, .offset = chunk->offset, .size = chunk->end - chunk->offset};
}

static enum km_status read_info(struct walk walk, struct km_font_layout *layout)
{
    for (;;) {
        struct chunk chunk;
        bool is_end = false;
        enum km_status status = next_chunk(&walk, &chunk, &is_end);
        if (status != KM_OK || is_end) {
            return status;
        }
        const size_t size = (size_t)(chunk.end - chunk.offset);
        if (strcmp(chunk.id, "ifil") == 0 && size >= 4) {
            unsigned char version[4];
            status = read_exactly(walk.reading, chunk.offset, version, sizeof(version));
            layout->version_major = km_font_u16(version);
            layout->version_minor = km_font_u16(version + 2);
        } else if (strcmp(chunk.id, "INAM") == 0 && size > 0) {
            const size_t used = size < sizeof(layout->name) ? size : sizeof(layout->name) - 1;
            status = read_exactly(walk.reading, chunk.offset, layout->name, used);
        }
        if (status != KM_OK) {
            return status;
        }
    }
}

static enum km_status read_sample_chunks(struct walk walk, struct km_font_layout *layout)
{
    for (;;) {
        struct chunk chunk;
        bool is_end = false;
        const enum km_status status = next_chunk(&walk, &chunk, &is_end);
        if (status != KM_OK || is_end) {
            return status;
        }
        if (strcmp(chunk.id, "smpl") == 0 && !layout->frames.is_here) {
            layout->frames = place_of(&chunk);
        } else if (strcmp(chunk.id, "sm24") == 0 && chunk.size > 0) {
            layout->has_24_bits = true;
        }
        if (chunk.end < chunk.offset + chunk.size) {
            km_font_warn(
                walk.reading->warnings,
                "%s: chunk %s at byte %llu says %llu bytes, but the file ends at byte %llu",
                walk.reading->input->name, chunk.id, (unsigned long long)(chunk.offset - HEAD_SIZE),
                (unsigned long long)chunk.size, (unsigned long long)walk.reading->input->size);
        }
    }
}

static enum km_status keep_table(const struct km_font_reading *reading, const struct chunk *chunk,
                                 struct km_riff_chunk *table)
{
    if (chunk->end < chunk->offset + chunk->size) {
        return km_error_set(
            reading->error, KM_ERROR_TRUNCATED,
            "%s: chunk %s at byte %llu says %llu bytes, but the file ends at byte %llu",
            reading->input->name, chunk->id, (unsigned long long)(chunk->offset - HEAD_SIZE),
            (unsigned long long)chunk->size, (unsigned long long)reading->input->size);
    }
    if (table->is_here) {
        km_font_warn(reading->warnings, "%s: a second chunk %s at byte %llu is ignored",
                     reading->input->name, chunk->id,
                     (unsigned long long)(chunk->offset - HEAD_SIZE));
        return KM_OK;
    }
    *table = place_of(chunk);
    return KM_OK;
}

// Keeps a chunk that is a table; any other does nothing.
static enum km_status keep_if_table(const struct km_font_reading *reading,
                                    const struct chunk *chunk, struct km_font_layout *layout)
{
    for (int i = 0; i < KM_TABLES_COUNT; ++i) {
        if (strcmp(chunk->id, table_ids[i]) == 0) {
            return keep_table(reading, chunk, &layout->tables[i]);
        }
    }
    return KM_OK;
}

static enum km_status read_tables(struct walk walk, struct km_font_layout *layout)
{
    for (;;) {
        struct chunk chunk;
        bool is_end = false;
        enum km_status status = next_chunk(&walk, &chunk, &is_end);
        if (status != KM_OK || is_end) {
            return status;
        }
        status = keep_if_table(walk.reading, &chunk, layout);
        if (status != KM_OK) {
            return status;
        }
    }
}

static enum km_status read_list(const struct km_font_reading *reading, const struct chunk *list,
                                struct km_font_layout *layout)
{
    unsigned char type[ID_SIZE];
    if (list->end < list->offset + ID_SIZE) {
        return KM_OK;
    }
    const enum km_status status = read_exactly(reading, list->offset, type, sizeof(type));
    if (status != KM_OK) {
        return status;
    }
    const struct walk walk = {
        .reading = reading, .position = list->offset + ID_SIZE, .end = list->end};
    if (memcmp(type, "INFO", ID_SIZE) == 0) {
        return read_info(walk, layout);
    }
    if (memcmp(type, "sdta", ID_SIZE) == 0) {
        return read_sample_chunks(walk, layout);
    }
    return memcmp(type, "pdta", ID_SIZE) == 0 ? read_tables(walk, layout) : KM_OK;
}

// The file's first twelve bytes: RIFF, its size, and what kind it is.
static enum km_status read_head(const struct km_font_reading *reading, uint64_t *end)
{
    const char *const name = reading->input->name;
    unsigned char head[LIST_HEAD_SIZE] = {0};
    size_t got = 0;
    const enum km_status status =
        km_input_read_at(reading->input, 0, head, sizeof(head), &got, reading->error);
    if (status != KM_OK) {
        return status;
    }
    if (got < sizeof(head) || memcmp(head, "RIFF", ID_SIZE) != 0) {
        return km_error_set(reading->error, KM_ERROR_INVALID,
                            "%s: is not a SoundFont: expected RIFF at byte 0", name);
    }
    if (memcmp(head + HEAD_SIZE, "DLS ", ID_SIZE) == 0) {
        return km_error_set(reading->error, KM_ERROR_UNSUPPORTED,
                            "%s: is a DLS sound bank; expected a SoundFont (.sf2 or .sf3)", name);
    }
    if (memcmp(head + HEAD_SIZE, "sfbk", ID_SIZE) != 0) {
        return km_error_set(reading->error, KM_ERROR_UNSUPPORTED,
                            "%s: is a RIFF file of another kind (%.4s at byte 8); expected a "
                            "SoundFont (sfbk)",
                            name, (const char *)head + HEAD_SIZE);
    }
    *end = HEAD_SIZE + (uint64_t)km_font_u32(head + ID_SIZE);
    if (*end > reading->input->size) {
        km_font_warn(reading->warnings, "%s: RIFF says %llu bytes, but the file has %llu", name,
                     (unsigned long long)*end, (unsigned long long)reading->input->size);
    }
    return KM_OK;
}

static enum km_status check_complete(const struct km_font_reading *reading,
                                     const struct km_font_layout *layout, uint64_t riff_end)
{
    const char *missing = layout->frames.is_here ? NULL : "smpl";
    for (int i = KM_TABLES_COUNT - 1; i >= 0; --i) {
        // Files without modulators may leave these out.
        const bool is_needed = i != KM_TABLE_PMOD && i != KM_TABLE_IMOD;
        missing = is_needed && !layout->tables[i].is_here ? table_ids[i] : missing;
    }
    if (!missing) {
        return KM_OK;
    }
    const bool is_cut = riff_end > reading->input->size;
    return km_error_set(reading->error, is_cut ? KM_ERROR_TRUNCATED : KM_ERROR_INVALID,
                        "%s: has no chunk %s: the file ends at byte %llu%s", reading->input->name,
                        missing, (unsigned long long)reading->input->size,
                        is_cut ? ", and should be longer" : "");
}

enum km_status km_font_find_chunks(const struct km_font_reading *reading,
                                   struct km_font_layout *layout)
{
    KM_CHECK(reading && layout);
    *layout = (struct km_font_layout){0};
    uint64_t riff_end = 0;
    enum km_status status = read_head(reading, &riff_end);
    // Up to the file's end: a writer that was interrupted may have left RIFF's size 0.
    struct walk walk = {
        .reading = reading, .position = LIST_HEAD_SIZE, .end = reading->input->size};
    bool is_end = false;
    while (status == KM_OK) {
        struct chunk chunk;
        status = next_chunk(&walk, &chunk, &is_end);
        if (status != KM_OK || is_end) {
            break;
        }
        if (strcmp(chunk.id, "LIST") == 0) {
            status = read_list(reading, &chunk, layout);
        }
    }
    return status == KM_OK ? check_complete(reading, layout, riff_end) : status;
}
