// SPDX-License-Identifier: MIT

// Streams of MIDI, kept whole or refused at their beginning.

#include "midi/spool.h"

#include "base/input.h"
#include "heap/heap.h"
#include "support/cmocka.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

// A pipe that holds all of `bytes`, and then ends.
static struct km_input pipe_of(const void *bytes, size_t size)
{
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    assert_int_equal(write(ends[1], bytes, size), size);
    close(ends[1]);
    return (struct km_input){.file = ends[0], .is_stream = true, .name = "pipe"};
}

// An empty track, 20,000 bytes of another chunk, so that several pieces are kept.
static size_t song(unsigned char bytes[30000])
{
    static const unsigned char head[] = {'M', 'T', 'h', 'd', 0,   0,   0,   6, 0, 0,    0,
                                         1,   0,   96,  'j', 'u', 'n', 'k', 0, 0, 0x4E, 0x20};
    static const unsigned char track[] = {'M', 'T', 'r', 'k', 0, 0, 0, 4, 0, 0xFF, 0x2F, 0};
    memset(bytes, 0, 30000);
    memcpy(bytes, head, sizeof(head));
    memcpy(bytes + sizeof(head) + 20000, track, sizeof(track));
    return sizeof(head) + 20000 + sizeof(track);
}

static void keeps_all_of_a_song(void **state)
{
    (void)state;
    unsigned char bytes[30000];
    unsigned char kept[30000];
    const size_t size = song(bytes);
    struct km_heap *const heap = km_heap_new(NULL);
    struct km_input input = pipe_of(bytes, size);
    struct km_error error = {0};
    assert_int_equal(km_midi_spool(heap, &input, &error), KM_OK);
    assert_false(input.is_stream);
    assert_int_equal(input.size, size);
    size_t got = 0;
    assert_int_equal(km_input_read_at(&input, 0, kept, sizeof(kept), &got, &error), KM_OK);
    assert_int_equal(got, size);
    assert_memory_equal(kept, bytes, size);
    assert_int_equal(km_midi_spool(heap, &input, &error), KM_OK); // Nothing to do.
    km_input_close(&input);
    km_heap_free(heap);
}

static void refuses_an_endless_stream_of_anything_else(void **state)
{
    (void)state;
    struct km_heap *const heap = km_heap_new(NULL);
    struct km_input input;
    struct km_error error = {0};
    assert_int_equal(km_input_open(&input, "/dev/zero", &error), KM_OK);
    assert_int_equal(km_midi_spool(heap, &input, &error), KM_ERROR_INVALID);
    assert_non_null(strstr(error.message, "byte 0: no Standard MIDI File"));
    assert_true(input.is_stream);
    km_input_close(&input);
    km_heap_free(heap);
}

static void says_that_there_is_no_memory(void **state)
{
    (void)state;
    unsigned char bytes[30000];
    const size_t size = song(bytes);
    enum km_status status = KM_ERROR_NO_MEMORY;
    uint64_t request = 0;
    while (status != KM_OK) {
        struct km_heap *const heap = km_heap_new(&(struct km_heap_config){.fail_at = ++request});
        assert_non_null(heap);
        struct km_input input = pipe_of(bytes, size);
        struct km_error error = {0};
        status = km_midi_spool(heap, &input, &error);
        assert_true(status == KM_OK || status == KM_ERROR_NO_MEMORY);
        km_input_close(&input);
        km_heap_free(heap);
    }
    assert_true(request > 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keeps_all_of_a_song),
        cmocka_unit_test(refuses_an_endless_stream_of_anything_else),
        cmocka_unit_test(says_that_there_is_no_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
