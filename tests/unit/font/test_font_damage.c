// SPDX-License-Identifier: MIT

// Files that are cut, lie about their sizes, or have any byte changed.

#include "font/font.h"

#include "support/cmocka.h"
#include "support/font_trial.h"
#include "support/soundfont.h"
#include "unit/font/font_support.h"

static struct test_font made;
static struct test_font_file file;

static void make_small(void)
{
    test_font_begin(&made);
    const uint16_t sine = test_font_add_sine(&made, 44100, 20, 2);
    test_font_add_instrument(&made, "zones");
    TEST_ZONE(&made, {KM_GENERATOR_SAMPLE_MODES, 1});
    test_font_add_modulator(&made, (struct test_modulator){0x0081, KM_GENERATOR_PAN, 200, 0, 0});
    TEST_ZONE(&made, {KM_GENERATOR_KEY_RANGE, TEST_RANGE(0, 60)}, {KM_GENERATOR_START_OFFSET, 3},
              {KM_GENERATOR_SAMPLE, (int16_t)sine});
    TEST_ZONE(&made, {KM_GENERATOR_KEY_RANGE, TEST_RANGE(61, 127)},
              {KM_GENERATOR_SAMPLE, (int16_t)sine});
    test_font_add_preset(&made, "zones", 0, 0);
    TEST_ZONE(&made, {KM_GENERATOR_INSTRUMENT, 0});
    test_font_add_tone(&made, 0, 1, sine);
    test_font_bytes(&made, &file);
}

// Where a chunk's head begins.
static size_t find_chunk(const char *id)
{
    for (size_t i = 0; i + 4 <= file.size; ++i) {
        if (memcmp(file.bytes + i, id, 4) == 0) {
            return i;
        }
    }
    fail_msg("no chunk %s", id);
    return 0;
}

static void set_size(size_t chunk, uint32_t size)
{
    for (size_t i = 0; i < 4; ++i) {
        file.bytes[chunk + 4 + i] = (unsigned char)(size >> (8 * i));
    }
}

static struct font_trial tried(void)
{
    return font_trial(file.bytes, file.size);
}

static void a_file_that_is_cut_anywhere_is_refused(void **state)
{
    (void)state;
    make_small();
    for (size_t size = 0; size < file.size; ++size) {
        const struct font_trial trial = font_trial(file.bytes, size);
        assert_int_equal(trial.opened, size < 12 ? KM_ERROR_INVALID : KM_ERROR_TRUNCATED);
    }
    assert_int_equal(tried().regions, 3);
}

static void a_cut_names_the_chunk_and_the_bytes(void **state)
{
    (void)state;
    make_small();
    const size_t chunk = find_chunk("igen");
    file.size = chunk + 9;
    char place[32];
    (void)snprintf(place, sizeof(place), "at byte %zu", chunk);
    char end[32];
    (void)snprintf(end, sizeof(end), "ends at byte %zu", file.size);
    const struct font_trial trial = tried();
    ASSERT_SAYS(trial.error.message, "chunk igen", place, end);
}

static void any_byte_may_have_any_value(void **state)
{
    (void)state;
    static const unsigned char changes[] = {0x01, 0x80, 0xFF};
    make_small();
    uint32_t refused = 0;
    for (size_t i = 0; i < file.size; ++i) {
        for (size_t change = 0; change < sizeof(changes); ++change) {
            file.bytes[i] ^= changes[change];
            refused += tried().opened != KM_OK;
            file.bytes[i] ^= changes[change];
        }
    }
    assert_in_range(refused, 50, file.size);
}

static void a_chunk_that_is_missing_is_named(void **state)
{
    (void)state;
    static const char *const needed[] = {"smpl", "phdr", "pbag", "pgen",
                                         "inst", "ibag", "igen", "shdr"};
    for (size_t i = 0; i < sizeof(needed) / sizeof(needed[0]); ++i) {
        make_small();
        file.bytes[find_chunk(needed[i])] = 'X';
        const struct font_trial trial = tried();
        assert_int_equal(trial.opened, KM_ERROR_INVALID);
        ASSERT_SAYS(trial.error.message, "has no chunk", needed[i]);
    }
    make_small(); // Files without modulators need no tables of them.
    file.bytes[find_chunk("pmod")] = 'X';
    file.bytes[find_chunk("imod")] = 'X';
    assert_int_equal(tried().opened, KM_OK);
}

static void other_files_are_told_from_soundfonts(void **state)
{
    (void)state;
    make_small();
    memcpy(file.bytes + 8, "DLS ", 4);
    struct font_trial trial = tried();
    assert_int_equal(trial.opened, KM_ERROR_UNSUPPORTED);
    ASSERT_SAYS(trial.error.message, "DLS", ".sf2");
    memcpy(file.bytes + 8, "WAVE", 4);
    trial = tried();
    assert_int_equal(trial.opened, KM_ERROR_UNSUPPORTED);
    ASSERT_SAYS(trial.error.message, "WAVE");
    memcpy(file.bytes, "MThd", 4);
    trial = tried();
    assert_int_equal(trial.opened, KM_ERROR_INVALID);
    ASSERT_SAYS(trial.error.message, "is not a SoundFont", "RIFF at byte 0");
}

static void sizes_that_lie_are_found(void **state)
{
    (void)state;
    make_small();
    set_size(find_chunk("pgen"), 0xFFFFFFF0U);
    struct font_trial trial = tried();
    assert_int_equal(trial.opened, KM_ERROR_TRUNCATED);
    ASSERT_SAYS(trial.error.message, "chunk pgen", "4294967280 bytes");
    make_small();
    set_size(0, 0x7FFFFFFF);
    trial = tried();
    assert_int_equal(trial.opened, KM_OK);
    assert_int_equal(trial.regions, 3);
    ASSERT_SAYS(trial.warnings.first_message, "RIFF says");
    make_small();
    set_size(0, 0); // A writer that was interrupted before it came back to it.
    assert_int_equal(tried().regions, 3);
}

static void tables_of_no_whole_records_are_read_as_far_as_they_go(void **state)
{
    (void)state;
    make_small();
    const size_t chunk = find_chunk("shdr");
    file.size -= 5; // Within the record that ends the table.
    set_size(chunk, (uint32_t)(file.size - chunk - 8));
    const struct font_trial trial = tried();
    assert_int_equal(trial.opened, KM_OK);
    assert_int_equal(trial.regions, 3);
    assert_true(trial.warnings.count > 0);
}

// Inserts bytes where a chunk begins, and takes them into account in the sizes around.
static void insert(size_t place, const void *bytes, size_t size)
{
    memmove(file.bytes + place + size, file.bytes + place, file.size - place);
    memcpy(file.bytes + place, bytes, size);
    file.size += size;
}

static void chunks_of_odd_size_may_lack_their_padding(void **state)
{
    (void)state;
    make_small();
    insert(find_chunk("phdr"), "zzzz\3\0\0\0abc\0", 12);
    struct font_trial trial = tried();
    assert_int_equal(trial.regions, 3);
    make_small();
    insert(find_chunk("phdr"), "zzzz\3\0\0\0abc", 11);
    trial = tried();
    assert_int_equal(trial.regions, 3);
    ASSERT_SAYS(trial.warnings.first_message, "chunk zzzz", "no padding");
}

static void a_second_table_is_ignored(void **state)
{
    (void)state;
    make_small();
    insert(find_chunk("pmod"), "phdr\4\0\0\0abcd", 12);
    const struct font_trial trial = tried();
    assert_int_equal(trial.regions, 3);
    ASSERT_SAYS(trial.warnings.first_message, "second chunk phdr");
}

static void samples_that_are_cut_off_are_a_warning_where_the_tables_come_first(void **state)
{
    (void)state;
    make_small();
    // pdta before sdta: what is cut then are frames.
    static struct test_font_file other;
    const size_t sdta = find_chunk("sdta") - 8;
    const size_t pdta = find_chunk("pdta") - 8;
    other = file;
    memcpy(other.bytes + sdta, file.bytes + pdta, file.size - pdta);
    memcpy(other.bytes + sdta + file.size - pdta, file.bytes + sdta, pdta - sdta);
    file = other;
    assert_int_equal(tried().regions, 3);
    file.size -= 110;
    const struct font_trial trial = tried();
    assert_int_equal(trial.regions, 3);
    ASSERT_SAYS(trial.warnings.first_message, "RIFF says");
    assert_int_equal(trial.warnings.count, 4); // RIFF, smpl, the sample that ends beyond, its loop.
}

// As many zones of a preset as of its instrument, none of which leaves a frame to sound.
static struct font_trial tried_pairs(int zones)
{
    test_font_begin(&made);
    (void)test_font_add_sine(&made, 44100, 20, 2);
    test_font_add_instrument(&made, "many");
    for (int i = 0; i < zones; ++i) {
        TEST_ZONE(&made, {KM_GENERATOR_START_OFFSET, 30000}, {KM_GENERATOR_SAMPLE, 0});
    }
    test_font_add_preset(&made, "many", 0, 0);
    for (int i = 0; i < zones; ++i) {
        TEST_ZONE(&made, {KM_GENERATOR_INSTRUMENT, 0});
    }
    test_font_bytes(&made, &file);
    return tried();
}

static void files_that_are_made_to_take_long_are_refused(void **state)
{
    (void)state;
    struct font_trial trial = tried_pairs(512);
    assert_int_equal(trial.loaded, 1);
    assert_int_equal(trial.regions, 0);
    trial = tried_pairs(513);
    assert_int_equal(trial.opened, KM_OK);
    assert_int_equal(trial.loaded, 0);
    ASSERT_SAYS(trial.error.message, "\"many\"", "262144 pairs of zones");
}

static void zones_of_thousands_of_generators_are_cut(void **state)
{
    (void)state;
    test_font_begin(&made);
    (void)test_font_add_sine(&made, 44100, 20, 2);
    test_font_add_instrument(&made, "long");
    test_font_add_zone(&made, NULL);
    for (int i = 0; i < 1000; ++i) {
        test_font_add_generator(&made, (struct test_generator){KM_GENERATOR_PAN, 1});
        test_font_add_modulator(&made, (struct test_modulator){0x0081, KM_GENERATOR_PAN, 1, 0, 0});
    }
    TEST_ZONE(&made, {KM_GENERATOR_SAMPLE, 0});
    test_font_add_preset(&made, "long", 0, 0);
    TEST_ZONE(&made, {KM_GENERATOR_INSTRUMENT, 0});
    test_font_bytes(&made, &file);
    const struct font_trial trial = tried();
    assert_int_equal(trial.regions, 1);
    assert_int_equal(trial.warnings.count, 2);
    ASSERT_SAYS(trial.warnings.first_message, "igen at byte", "256 generators");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_file_that_is_cut_anywhere_is_refused),
        cmocka_unit_test(a_cut_names_the_chunk_and_the_bytes),
        cmocka_unit_test(any_byte_may_have_any_value),
        cmocka_unit_test(a_chunk_that_is_missing_is_named),
        cmocka_unit_test(other_files_are_told_from_soundfonts),
        cmocka_unit_test(sizes_that_lie_are_found),
        cmocka_unit_test(tables_of_no_whole_records_are_read_as_far_as_they_go),
        cmocka_unit_test(chunks_of_odd_size_may_lack_their_padding),
        cmocka_unit_test(a_second_table_is_ignored),
        cmocka_unit_test(samples_that_are_cut_off_are_a_warning_where_the_tables_come_first),
        cmocka_unit_test(files_that_are_made_to_take_long_are_refused),
        cmocka_unit_test(zones_of_thousands_of_generators_are_cut),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
