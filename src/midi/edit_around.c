// SPDX-License-Identifier: MIT

// What is around the tracks, on its way through an edit: the header, chunks of other types, RIFF.

#include "base/check.h"
#include "midi/edit_private.h"

#include <string.h>

enum { CHUNK_HEADER_SIZE = KM_MIDI_CHUNK_HEADER_SIZE, RIFF_HEADER_SIZE = 12 };

static uint32_t big_endian(const unsigned char *bytes)
{
    return (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 | bytes[3];
}

static void put_big_endian(unsigned char *to, uint32_t value, size_t size)
{
    for (size_t i = 0; i < size; ++i) {
        to[i] = (unsigned char)(value >> (8 * (size - 1 - i)) & 0xFFU);
    }
}

static uint32_t little_endian(const unsigned char *bytes)
{
    return bytes[0] | (uint32_t)bytes[1] << 8 | (uint32_t)bytes[2] << 16 | (uint32_t)bytes[3] << 24;
}

static void put_little_endian(unsigned char *to, uint32_t value)
{
    for (size_t i = 0; i < 4; ++i) {
        to[i] = (unsigned char)(value >> (8 * i) & 0xFFU);
    }
}

// Bytes of the file itself, which RIFF counts.
static void put_midi(struct km_midi_run *run, const void *bytes, size_t size)
{
    km_midi_writer_bytes(&run->writer, bytes, size);
    if (!run->is_writing) {
        run->around.midi_size += size;
    }
}

static void keep_header(struct km_midi_run *run, const struct km_midi_item *item)
{
    size_t done = 0;
    if (!run->has_header) {
        KM_CHECK(item->size >= KM_MIDI_HEADER_SIZE);
        run->has_header = true;
        if (!run->is_writing) {
            run->format = run->header.format;
            run->division = run->division != 0 ? run->division : run->header.division;
        }
        unsigned char header[KM_MIDI_HEADER_SIZE];
        memcpy(header, item->bytes, sizeof(header));
        const bool has_more = run->format == 0 && run->sizes_count > 1;
        put_big_endian(header + 8, has_more ? 1 : run->format, 2);
        put_big_endian(header + 10, (uint32_t)run->sizes_count, 2);
        put_big_endian(header + 12, run->division, 2);
        put_midi(run, header, sizeof(header));
        done = sizeof(header);
    }
    put_midi(run, item->bytes + done, item->size - done);
}

// A piece of a chunk that is no track. The end of the file may cut the last one: then it gets the
// length it has.
static void keep_chunk(struct km_midi_run *run, const struct km_midi_item *item)
{
    struct km_midi_around *const around = &run->around;
    size_t done = 0;
    if (run->chunk_left == 0) {
        KM_CHECK(item->size >= CHUNK_HEADER_SIZE);
        ++run->chunks_seen;
        unsigned char header[CHUNK_HEADER_SIZE];
        memcpy(header, item->bytes, sizeof(header));
        run->chunk_left = big_endian(header + 4);
        if (run->is_writing && run->chunks_seen == around->cut_chunk) {
            put_big_endian(header + 4, big_endian(header + 4) - (uint32_t)around->cut_missing, 4);
        }
        put_midi(run, header, sizeof(header));
        done = sizeof(header);
    }
    put_midi(run, item->bytes + done, item->size - done);
    const uint64_t body = item->size - done;
    run->chunk_left = body < run->chunk_left ? run->chunk_left - body : 0;
}

enum km_status km_midi_run_add_missing_track(struct km_midi_run *run)
{
    if (run->tracks_done > 0) {
        return KM_OK;
    }
    const enum km_status status = km_midi_run_begin_track(run);
    return status == KM_OK ? km_midi_run_end_track(run, 0) : status;
}

static uint64_t padded(uint64_t size)
{
    return size + size % 2;
}

// The RIFF size after an edit: as much longer as the MIDI in it.
static uint32_t riff_size(const struct km_midi_around *around)
{
    const uint64_t before = (uint64_t)around->data_size + around->has_pad;
    return (uint32_t)(around->riff_size - before + padded(around->midi_size));
}

static void keep_riff_header(struct km_midi_run *run)
{
    struct km_midi_wrapper *const wrapper = &run->wrapper;
    struct km_midi_around *const around = &run->around;
    wrapper->has_begun = true;
    around->has_wrapper = true;
    if (!run->is_writing) {
        around->riff_size = little_endian(wrapper->header + 4);
    } else if (around->midi_size != around->data_size) {
        put_little_endian(wrapper->header + 4, riff_size(around));
    }
}

static void keep_riff_chunk(struct km_midi_run *run)
{
    struct km_midi_wrapper *const wrapper = &run->wrapper;
    const uint32_t size = little_endian(wrapper->header + 4);
    wrapper->is_after = memcmp(wrapper->header, "data", 4) == 0;
    if (!wrapper->is_after) {
        wrapper->body_left = padded(size);
    } else if (!run->is_writing) {
        run->around.data_size = size;
    } else {
        put_little_endian(wrapper->header + 4, (uint32_t)run->around.midi_size);
    }
}

// Takes bytes of RIFF before the MIDI; returns how many.
static size_t keep_before(struct km_midi_run *run, const unsigned char *bytes, size_t size)
{
    struct km_midi_wrapper *const wrapper = &run->wrapper;
    if (wrapper->body_left > 0) {
        const size_t part = size < wrapper->body_left ? size : (size_t)wrapper->body_left;
        km_midi_writer_bytes(&run->writer, bytes, part);
        wrapper->body_left -= part;
        return part;
    }
    wrapper->header[wrapper->header_used++] = bytes[0];
    const size_t wanted = wrapper->has_begun ? CHUNK_HEADER_SIZE : RIFF_HEADER_SIZE;
    if (wrapper->header_used == wanted) {
        if (wrapper->has_begun) {
            keep_riff_chunk(run);
        } else {
            keep_riff_header(run);
        }
        km_midi_writer_bytes(&run->writer, wrapper->header, wanted);
        wrapper->header_used = 0;
    }
    return 1;
}

// A MIDI of odd size is followed by a byte that does not count. Returns how many bytes of the
// input's were that.
static size_t settle_pad(struct km_midi_run *run, size_t size)
{
    struct km_midi_around *const around = &run->around;
    run->wrapper.is_pad_settled = true;
    if (!run->is_writing) {
        around->has_pad = around->data_size % 2 != 0 && size > 0;
    } else if (around->midi_size != around->data_size && around->midi_size % 2 != 0) {
        km_midi_writer_bytes(&run->writer, "", 1);
    }
    const bool is_same = run->is_writing && around->midi_size == around->data_size;
    return is_same || !around->has_pad ? 0 : 1;
}

static enum km_status keep_wrapper(struct km_midi_run *run, const struct km_midi_item *item)
{
    const unsigned char *bytes = item->bytes;
    size_t left = item->size;
    while (left > 0 && !run->wrapper.is_after) {
        const size_t taken = keep_before(run, bytes, left);
        bytes += taken;
        left -= taken;
    }
    if (left == 0) {
        return KM_OK;
    }
    const enum km_status status = km_midi_run_add_missing_track(run);
    if (status == KM_OK && !run->wrapper.is_pad_settled) {
        const size_t pad = settle_pad(run, left);
        bytes += pad;
        left -= pad;
    }
    km_midi_writer_bytes(&run->writer, bytes, left);
    return status;
}

enum km_status km_midi_run_keep_around(struct km_midi_run *run, const struct km_midi_item *item)
{
    if (item->type == KM_MIDI_ITEM_WRAPPER) {
        return keep_wrapper(run, item);
    }
    if (item->type == KM_MIDI_ITEM_HEADER) {
        keep_header(run, item);
        return KM_OK;
    }
    KM_CHECK(item->type == KM_MIDI_ITEM_CHUNK);
    keep_chunk(run, item);
    return KM_OK;
}

enum km_status km_midi_run_finish_around(struct km_midi_run *run)
{
    if (!run->is_writing && run->chunk_left > 0) {
        run->around.cut_chunk = run->chunks_seen;
        run->around.cut_missing = run->chunk_left;
    }
    const enum km_status status = km_midi_run_add_missing_track(run);
    if (status == KM_OK && run->around.has_wrapper && !run->wrapper.is_pad_settled) {
        (void)settle_pad(run, 0);
    }
    return status;
}
