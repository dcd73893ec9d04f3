// SPDX-License-Identifier: MIT

/// What the tests of font share: a font made in memory, opened, with a bank over a pool.
#ifndef KM_TESTS_FONT_SUPPORT_H
#define KM_TESTS_FONT_SUPPORT_H

#include "font/bank.h"
#include "font/font.h"
#include "heap/heap.h"
#include "support/cmocka.h"
#include "support/instrument_check.h"
#include "support/soundfont.h"

#include <stdalign.h>
#include <stdio.h>
#include <string.h>

enum { POOL_SIZE = 1 << 20 };

struct fixture {
    struct km_heap *heap;
    struct km_font *font;
    struct km_bank *bank;
    struct km_font_warnings warnings;
    struct km_error error;
    char path[TEST_FONT_PATH_SIZE];
};

static alignas(4096) unsigned char pool_block[POOL_SIZE];

/// Writes the bytes to a file, and opens that; `status` is what is expected.
static inline struct fixture fixture_of_bytes(const struct test_font_file *file,
                                              enum km_status status)
{
    struct fixture fixture = {.heap = km_heap_new(NULL)};
    assert_non_null(fixture.heap);
    test_font_write_bytes(file, fixture.path);
    const enum km_status found =
        km_font_open(fixture.heap, fixture.path, &fixture.font, &fixture.warnings, &fixture.error);
    if (found != status) {
        print_message("%s\n", fixture.error.message);
    }
    assert_int_equal(found, status);
    return fixture;
}

/// Opens a font made by hand, with a bank over a pool of POOL_SIZE bytes.
static inline struct fixture fixture_of(const struct test_font *font)
{
    static struct test_font_file file;
    test_font_bytes(font, &file);
    struct fixture fixture = fixture_of_bytes(&file, KM_OK);
    memset(pool_block, 0x55, sizeof(pool_block)); // What the last user left.
    fixture.bank = km_bank_new(fixture.heap, fixture.font, pool_block, POOL_SIZE);
    assert_non_null(fixture.bank);
    return fixture;
}

static inline void fixture_release(struct fixture *fixture)
{
    km_bank_free(fixture->bank);
    km_font_free(fixture->font);
    km_heap_free(fixture->heap);
    assert_int_equal(remove(fixture->path), 0);
}

/// Loads a preset, and looks at all of it.
static inline const struct km_instrument *load(struct fixture *fixture, uint16_t bank,
                                               uint8_t program)
{
    const struct km_instrument *instrument = NULL;
    const enum km_status status =
        km_bank_load(fixture->bank, bank, program, &instrument, &fixture->error);
    if (status != KM_OK) {
        print_message("%s\n", fixture->error.message);
    }
    assert_int_equal(status, KM_OK);
    const struct instrument_pool pool = {.block = pool_block, .size = POOL_SIZE};
    expect_valid_instrument(&pool, instrument);
    return instrument;
}

/// A message must say all of these words.
static inline void assert_says(const char *message, const char *const *words)
{
    for (; *words; ++words) {
        if (!strstr(message, *words)) {
            print_message("\"%s\" lacks \"%s\"\n", message, *words);
        }
        assert_non_null(strstr(message, *words));
    }
}

#define ASSERT_SAYS(message, ...) assert_says((message), (const char *const[]){__VA_ARGS__, NULL})

#endif
