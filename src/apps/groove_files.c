// SPDX-License-Identifier: MIT

#include "apps/groove_files.h"

#include "apps/midi_files.h"
#include "heap/heap.h"

#include <stdio.h>

enum { FILE_SIZE_MAX = 1 << 30 };

// A piece is read whole here.
static enum km_status input_refused(const char *path, enum km_status status, struct km_error *error)
{
    if (status != KM_ERROR_NO_MEMORY) {
        return status;
    }
    return km_error_set(error, status,
                        "%.150s: larger than there is memory for; kmidi midi cut makes a shorter "
                        "file of it",
                        km_midi_shown_name(path));
}

enum km_status km_groove_input_read(struct km_groove_input *input, struct km_error *error)
{
    input->bytes = (struct km_bytes){0};
    km_midi_file_init(&input->file, input->context->heap, 1, 1);
    enum km_status status =
        km_read_file(input->context, input->path, FILE_SIZE_MAX, &input->bytes, error);
    if (status != KM_OK) {
        return input_refused(input->path, status, error);
    }
    status = km_midi_file_read(&input->file, input->bytes.bytes, input->bytes.size,
                               &input->warnings, error);
    if (status == KM_OK) {
        return KM_OK;
    }
    status = km_midi_in_file(input->path, status, error);
    return input_refused(input->path, status, error);
}

void km_groove_input_release(struct km_groove_input *input)
{
    km_heap_release(input->context->heap, input->bytes.bytes);
    km_midi_file_release(&input->file);
}

void km_groove_input_warn(const struct km_groove_input *input)
{
    if (input->warnings.count > 0) {
        (void)fprintf(stderr, "kmidi %s: %s: %u repairs or oddities, the first at byte %zu: %s\n",
                      input->command, input->path, input->warnings.count,
                      input->warnings.first_offset, input->warnings.first_message);
    }
}
