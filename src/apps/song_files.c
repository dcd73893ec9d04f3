// SPDX-License-Identifier: MIT

#include "apps/song_files.h"

// The sum is taken on the way to the output.
static enum km_status write_and_sum(void *context, const void *bytes, size_t size)
{
    struct km_written_file *const file = context;
    km_sha256_add(&file->sum, bytes, size);
    file->size += size;
    return km_sink_write(&file->output.sink, bytes, size);
}

enum km_status km_written_file_open(struct km_written_file *file, const char *path,
                                    struct km_error *error)
{
    const enum km_status status = km_output_open(&file->output, path, error);
    if (status != KM_OK) {
        return status;
    }
    file->sink = (struct km_sink){.write = write_and_sum, .context = file};
    file->size = 0;
    km_sha256_init(&file->sum);
    return KM_OK;
}

enum km_status km_written_file_flush(struct km_written_file *file, struct km_error *error)
{
    return km_output_flush(&file->output, error);
}

enum km_status km_written_file_commit(struct km_written_file *file, struct km_error *error)
{
    file->sink.write = NULL;
    const enum km_status status = km_output_commit(&file->output, error);
    if (status == KM_OK) {
        km_sha256_finish(&file->sum, file->sha256);
    }
    return status;
}

void km_written_file_discard(struct km_written_file *file)
{
    if (file->sink.write) {
        km_output_discard(&file->output);
        file->sink.write = NULL;
    }
}
