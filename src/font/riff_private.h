// SPDX-License-Identifier: MIT

/// The chunks of a SoundFont's RIFF file (SoundFont 2.04, sections 3 and 4): where each lies.
#ifndef KM_FONT_RIFF_PRIVATE_H
#define KM_FONT_RIFF_PRIVATE_H

#include "base/input.h"
#include "base/status.h"
#include "font/font.h"

#include <stdbool.h>
#include <stdint.h>

/// Tables of the pdta list, in the order of section 7.
enum km_font_table {
    KM_TABLE_PHDR,
    KM_TABLE_PBAG,
    KM_TABLE_PMOD,
    KM_TABLE_PGEN,
    KM_TABLE_INST,
    KM_TABLE_IBAG,
    KM_TABLE_IMOD,
    KM_TABLE_IGEN,
    KM_TABLE_SHDR,
    KM_TABLES_COUNT
};

struct km_riff_chunk {
    bool is_here;
    uint64_t offset; ///< Of its content.
    uint64_t size;   ///< Of its content; lies within the file.
};

struct km_font_layout {
    uint16_t version_major;
    uint16_t version_minor;
    char name[64];               ///< INAM, as bytes, with a final zero.
    struct km_riff_chunk frames; ///< smpl
    bool has_24_bits;            ///< sm24
    struct km_riff_chunk tables[KM_TABLES_COUNT];
};

/// What a reader of the file needs: the file, and where to say what is odd or wrong.
struct km_font_reading {
    struct km_input *input;
    struct km_font_warnings *warnings; ///< May be null.
    struct km_error *error;            ///< May be null.
};

/// "pbag" and so on.  [any]
const char *km_font_table_id(enum km_font_table table);

/// Bytes of a table's record.  [any]
uint32_t km_font_record_size(enum km_font_table table);

/// Finds all chunks. What is no SoundFont, or lacks what none can do without, is an error.
/// [control]
KM_NODISCARD enum km_status km_font_find_chunks(const struct km_font_reading *reading,
                                                struct km_font_layout *layout);

/// Counts an oddity, and keeps the first one's sentence. `warnings` may be null.  [control]
void km_font_warn(struct km_font_warnings *warnings, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/// Numbers as they stand in the file: the least byte first.  [any]
static inline uint16_t km_font_u16(const unsigned char *bytes)
{
    return (uint16_t)(bytes[0] | bytes[1] << 8);
}

/// As km_font_u16, with a sign.  [any]
static inline int16_t km_font_i16(const unsigned char *bytes)
{
    return (int16_t)km_font_u16(bytes);
}

/// As km_font_u16, of four bytes.  [any]
static inline uint32_t km_font_u32(const unsigned char *bytes)
{
    return (uint32_t)km_font_u16(bytes) | (uint32_t)km_font_u16(bytes + 2) << 16;
}

#endif
