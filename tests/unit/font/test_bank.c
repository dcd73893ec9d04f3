// SPDX-License-Identifier: MIT

// Loading and giving back: sharing, budgets, stand-ins, failures.

#include "font/bank.h"

#include "unit/font/font_support.h"

static struct test_font made;

enum { SHARED_FRAMES = 1000, OWN_FRAMES = 3000 };

// Presets 0:0 and 0:1 share a sample; 0:1 has one of its own. And a drum kit.
static struct fixture shared_fixture(void)
{
    test_font_begin(&made);
    const uint16_t shared = test_font_add_sine(&made, 44100, SHARED_FRAMES / 10, 10);
    const uint16_t own = test_font_add_saw(&made, 44100, OWN_FRAMES / 10, 10);
    test_font_add_tone(&made, 0, 0, shared);
    test_font_add_instrument(&made, "both");
    TEST_ZONE(&made, {KM_GENERATOR_SAMPLE, (int16_t)shared});
    TEST_ZONE(&made, {KM_GENERATOR_SAMPLE, (int16_t)own});
    TEST_ZONE(&made, {KM_GENERATOR_SAMPLE, (int16_t)shared});
    test_font_add_preset(&made, "both", 0, 1);
    TEST_ZONE(&made, {KM_GENERATOR_INSTRUMENT, 1});
    test_font_add_tone(&made, 128, 0, own);
    test_font_add_tone(&made, 128, 25, own);
    return fixture_of(&made);
}

static size_t used(const struct fixture *fixture)
{
    return km_bank_usage(fixture->bank).used_bytes;
}

static void samples_are_loaded_once_and_leave_with_their_last_user(void **state)
{
    (void)state;
    struct fixture fixture = shared_fixture();
    const struct km_instrument *const both = load(&fixture, 0, 1);
    assert_int_equal(km_bank_usage(fixture.bank).samples, 2);
    const size_t of_both = used(&fixture);
    const struct km_instrument *const one = load(&fixture, 0, 0);
    assert_ptr_equal(one->regions[0].frames, both->regions[0].frames);
    assert_ptr_equal(both->regions[2].frames, both->regions[0].frames);
    assert_int_equal(km_bank_usage(fixture.bank).samples, 2);
    assert_int_equal(km_bank_usage(fixture.bank).instruments, 2);
    assert_in_range(used(&fixture) - of_both, 64, 1100);
    km_bank_release(fixture.bank, both);
    assert_int_equal(km_bank_usage(fixture.bank).samples, 1);
    assert_in_range(used(&fixture), SHARED_FRAMES * 2, SHARED_FRAMES * 2 + 2000);
    assert_int_equal(one->regions[0].frames[25], 24000);
    km_bank_release(fixture.bank, one);
    assert_int_equal(used(&fixture), 0);
    assert_int_equal(km_bank_usage(fixture.bank).samples, 0);
    assert_int_equal(km_bank_usage(fixture.bank).instruments, 0);
    assert_in_range(km_bank_usage(fixture.bank).peak_bytes, of_both, of_both + 1100);
    fixture_release(&fixture);
}

static void an_instrument_that_is_loaded_again_counts_its_users(void **state)
{
    (void)state;
    struct fixture fixture = shared_fixture();
    const struct km_instrument *const first = load(&fixture, 0, 0);
    const size_t of_one = used(&fixture);
    assert_ptr_equal(load(&fixture, 0, 0), first);
    assert_int_equal(used(&fixture), of_one);
    km_bank_release(fixture.bank, first);
    assert_int_equal(used(&fixture), of_one);
    km_bank_release(fixture.bank, first);
    assert_int_equal(used(&fixture), 0);
    fixture_release(&fixture);
}

static void samples_that_sound_already_are_not_read_again(void **state)
{
    (void)state;
    struct fixture fixture = shared_fixture();
    const struct km_instrument *const one = load(&fixture, 0, 0);
    FILE *const file = fopen(fixture.path, "r+b");
    assert_non_null(file);
    static const unsigned char zeros[8192]; // Most of the chunk smpl, and the heads before it.
    assert_int_equal(fwrite(zeros, 1, sizeof(zeros), file), sizeof(zeros));
    assert_int_equal(fclose(file), 0);
    const struct km_instrument *const both = load(&fixture, 0, 1);
    assert_int_equal(one->regions[0].frames[25], 24000);
    assert_int_equal(both->regions[1].frames[25], 0);
    fixture_release(&fixture);
}

static void instruments_may_be_in_the_pool_when_the_bank_goes(void **state)
{
    (void)state;
    struct fixture fixture = shared_fixture();
    assert_non_null(load(&fixture, 0, 0));
    assert_non_null(load(&fixture, 128, 0));
    fixture_release(&fixture); // The heap finds leaks.
    km_bank_free(NULL);
}

static void what_a_font_lacks_is_stood_in_for(void **state)
{
    (void)state;
    struct fixture fixture = shared_fixture();
    static const uint16_t cases[][4] = {
        {0, 1, 0, 1},      {128, 25, 128, 25}, // There.
        {8, 1, 0, 1},      {121, 0, 0, 0},     // The same program in bank 0.
        {128, 40, 128, 0},                     // The standard kit.
        {0, 99, 0, 0},     {8, 99, 0, 0},      // The first preset.
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); ++i) {
        uint16_t bank = 0xFFFF;
        uint8_t program = 0xFF;
        assert_true(
            km_bank_resolve(fixture.bank, cases[i][0], (uint8_t)cases[i][1], &bank, &program));
        assert_int_equal(bank, cases[i][2]);
        assert_int_equal(program, cases[i][3]);
    }
    fixture_release(&fixture);
}

static void a_preset_that_is_not_there_is_said(void **state)
{
    (void)state;
    struct fixture fixture = shared_fixture();
    const struct km_instrument *instrument = NULL;
    assert_int_equal(km_bank_load(fixture.bank, 5, 6, &instrument, &fixture.error),
                     KM_ERROR_NOT_FOUND);
    ASSERT_SAYS(fixture.error.message, "kmidi-font-", "5:6");
    assert_null(instrument);
    fixture_release(&fixture);
}

// A bank over only so many bytes of the pool.
static void shrink(struct fixture *fixture, size_t size)
{
    km_bank_free(fixture->bank);
    fixture->bank = km_bank_new(fixture->heap, fixture->font, pool_block, size);
    assert_non_null(fixture->bank);
}

static void what_does_not_fit_is_refused_with_all_that_is_to_be_known(void **state)
{
    (void)state;
    struct fixture fixture = shared_fixture();
    shrink(&fixture, 8192);
    const struct km_instrument *const one = load(&fixture, 0, 0);
    const size_t before = used(&fixture);
    const struct km_instrument *instrument = NULL;
    assert_int_equal(km_bank_load(fixture.bank, 0, 1, &instrument, &fixture.error),
                     KM_ERROR_NO_MEMORY);
    ASSERT_SAYS(fixture.error.message, "kmidi-font-", "0:1", "\"both\"", "8192", "bytes",
                "--sample-memory 1", "smaller font");
    assert_null(instrument);
    assert_int_equal(used(&fixture), before);
    assert_int_equal(km_bank_usage(fixture.bank).samples, 1);
    assert_int_equal(one->regions[0].frames[25], 24000);
    km_bank_release(fixture.bank, one);
    fixture_release(&fixture);
}

static void exactly_what_is_needed_is_enough(void **state)
{
    (void)state;
    struct fixture fixture = shared_fixture();
    static const uint16_t presets[][2] = {{0, 0}, {0, 1}, {128, 25}, {7, 7}, {0, 0}};
    const uint64_t needed = km_bank_bytes_needed(fixture.font, presets, 5);
    shrink(&fixture, needed);
    (void)load(&fixture, 0, 0);
    (void)load(&fixture, 0, 1);
    (void)load(&fixture, 128, 25);
    assert_int_equal(used(&fixture), needed);
    shrink(&fixture, needed - 64);
    (void)load(&fixture, 0, 0);
    (void)load(&fixture, 0, 1);
    const struct km_instrument *instrument = NULL;
    assert_int_equal(km_bank_load(fixture.bank, 128, 25, &instrument, NULL), KM_ERROR_NO_MEMORY);
    assert_int_equal(km_bank_bytes_needed(fixture.font, presets, 0), 0);
    fixture_release(&fixture);
}

static void a_pool_in_pieces_is_named_as_such(void **state)
{
    (void)state;
    test_font_begin(&made);
    static const uint16_t small[][2] = {{0, 0}, {0, 1}, {0, 2}, {0, 3}, {0, 4}};
    for (uint16_t program = 0; program < 5; ++program) {
        test_font_add_tone(&made, 0, program, test_font_add_sine(&made, 44100, 100, 10));
    }
    test_font_add_tone(&made, 0, 5, test_font_add_sine(&made, 44100, 100, 30));
    struct fixture fixture = fixture_of(&made);
    shrink(&fixture, km_bank_bytes_needed(fixture.font, small, 5));
    const struct km_instrument *loaded[5];
    for (uint8_t program = 0; program < 5; ++program) {
        loaded[program] = load(&fixture, 0, program);
    }
    for (int i = 0; i < 5; i += 2) {
        km_bank_release(fixture.bank, loaded[i]);
    }
    const size_t before = used(&fixture);
    const struct km_instrument *instrument = NULL;
    assert_int_equal(km_bank_load(fixture.bank, 0, 5, &instrument, &fixture.error),
                     KM_ERROR_NO_MEMORY);
    ASSERT_SAYS(fixture.error.message, "0:5", "in pieces", "--sample-memory 2");
    assert_int_equal(used(&fixture), before);
    fixture_release(&fixture);
}

static void leaves_no_trace_where_memory_is_refused(void **state)
{
    (void)state;
    struct fixture fixture = shared_fixture();
    km_bank_free(fixture.bank);
    fixture.bank = NULL;
    uint64_t request = 0;
    while (!fixture.bank) {
        km_heap_fail_at(fixture.heap, ++request);
        fixture.bank = km_bank_new(fixture.heap, fixture.font, pool_block, POOL_SIZE);
    }
    assert_in_range(request, 4, 8);
    const struct km_instrument *instrument = NULL;
    enum km_status status = KM_ERROR_NO_MEMORY;
    for (request = 1; status != KM_OK; ++request) {
        km_heap_fail_at(fixture.heap, request);
        status = km_bank_load(fixture.bank, 0, 1, &instrument, &fixture.error);
        assert_true(status == KM_OK || status == KM_ERROR_NO_MEMORY);
        assert_true(status == KM_OK || used(&fixture) == 0);
        assert_true(status == KM_OK || km_bank_usage(fixture.bank).samples == 0);
    }
    assert_in_range(request, 5, 12);
    static const uint16_t presets[][2] = {{0, 1}};
    uint64_t needed = UINT64_MAX;
    for (request = 1; needed == UINT64_MAX; ++request) {
        km_heap_fail_at(fixture.heap, request);
        needed = km_bank_bytes_needed(fixture.font, presets, 1);
    }
    assert_in_range(request, 4, 8);
    assert_int_equal(needed, used(&fixture));
    km_heap_fail_at(fixture.heap, 0);
    fixture_release(&fixture);
}

static void a_file_that_has_become_shorter_is_found(void **state)
{
    (void)state;
    struct fixture fixture = shared_fixture();
    assert_int_equal(truncate(fixture.path, 1000), 0);
    const struct km_instrument *instrument = NULL;
    assert_int_equal(km_bank_load(fixture.bank, 0, 1, &instrument, &fixture.error),
                     KM_ERROR_TRUNCATED);
    ASSERT_SAYS(fixture.error.message, "shorter", "sample 0");
    assert_int_equal(used(&fixture), 0);
    fixture_release(&fixture);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(samples_are_loaded_once_and_leave_with_their_last_user),
        cmocka_unit_test(an_instrument_that_is_loaded_again_counts_its_users),
        cmocka_unit_test(samples_that_sound_already_are_not_read_again),
        cmocka_unit_test(instruments_may_be_in_the_pool_when_the_bank_goes),
        cmocka_unit_test(what_a_font_lacks_is_stood_in_for),
        cmocka_unit_test(a_preset_that_is_not_there_is_said),
        cmocka_unit_test(what_does_not_fit_is_refused_with_all_that_is_to_be_known),
        cmocka_unit_test(exactly_what_is_needed_is_enough),
        cmocka_unit_test(a_pool_in_pieces_is_named_as_such),
        cmocka_unit_test(leaves_no_trace_where_memory_is_refused),
        cmocka_unit_test(a_file_that_has_become_shorter_is_found),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
