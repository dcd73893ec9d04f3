// SPDX-License-Identifier: MIT

// Draws any file that the reader makes of the input, titled with the input itself: the picture must
// be well-formed and have a rectangle for each note.

#include "heap/heap.h"
#include "midi/notes.h"
#include "plot/roll.h"
#include "support/expect.h"
#include "support/xml.h"

#include <stdint.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *input, size_t input_size);

enum { PICTURE_SIZE_MAX = 8 << 20, TITLE_SIZE_MAX = 300 };

static size_t notes_of(const struct km_midi_file *file)
{
    size_t count = 0;
    for (size_t i = 0; i < file->track_count; ++i) {
        struct km_notes notes;
        EXPECT(km_notes_init(&notes, file, i) == KM_OK);
        count += notes.count;
        km_notes_release(&notes);
    }
    return count;
}

static size_t drawn_in(const char *picture)
{
    size_t count = 0;
    for (const char *group = strstr(picture, "<g class=\"note"); group;
         group = strstr(group + 1, "<g class=\"note")) {
        const char *const end = strstr(group, "</g>");
        for (const char *c = strstr(group, "<rect "); c && c < end; c = strstr(c + 1, "<rect ")) {
            ++count;
        }
    }
    return count;
}

int LLVMFuzzerTestOneInput(const uint8_t *input, size_t input_size)
{
    static char picture[PICTURE_SIZE_MAX + 1];
    char title[TITLE_SIZE_MAX + 1];
    const size_t title_size = input_size < TITLE_SIZE_MAX ? input_size : TITLE_SIZE_MAX;
    if (title_size > 0) {
        memcpy(title, input, title_size);
    }
    title[title_size] = '\0';

    struct km_heap *const heap = km_heap_new(NULL);
    EXPECT(heap);
    struct km_midi_file file;
    km_midi_file_init(&file, heap, 1, 480);
    if (km_midi_file_read(&file, input, input_size, NULL, NULL) != KM_OK) {
        km_midi_file_init(&file, heap, 1, 480);
    }
    struct km_sink_memory memory = {.bytes = (unsigned char *)picture, .size = PICTURE_SIZE_MAX};
    struct km_sink sink = km_sink_to_memory(&memory);
    const enum km_status status = km_roll_write_svg(&file, NULL, title, &sink);
    picture[memory.used] = '\0';
    EXPECT(status == KM_OK || status == KM_ERROR_TOO_LARGE);
    if (status == KM_OK) {
        EXPECT(xml_is_well_formed(picture));
        EXPECT(drawn_in(picture) == notes_of(&file));
    }
    km_midi_file_release(&file);
    km_heap_free(heap);
    return 0;
}
