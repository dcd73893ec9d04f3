// SPDX-License-Identifier: MIT

#include "drivers/wave_private.h"

#include "support/cmocka.h"

#include <stdbool.h>
#include <string.h>

static unsigned char header[KM_WAVE_HEADER_SIZE_MAX];

static uint64_t number_at(size_t at, size_t bytes)
{
    uint64_t number = 0;
    for (size_t i = 0; i < bytes; ++i) {
        number |= (uint64_t)header[at + i] << (8 * i);
    }
    return number;
}

static bool is_named(size_t at, const char *name)
{
    return memcmp(header + at, name, 4) == 0;
}

// Where the chunk begins; every chunk before it is passed by its size.
static size_t find(const char *name, size_t size)
{
    size_t at = 12;
    while (at + 8 <= size && !is_named(at, name)) {
        at += 8 + number_at(at + 4, 4);
    }
    assert_true(at + 8 <= size);
    return at;
}

static void a_small_file_is_a_plain_wave(void **state)
{
    (void)state;
    const struct km_audio_file_config config = {.rate_hz = 44100, .encoding = KM_AUDIO_INT16};
    const size_t size = km_wave_header(header, &config, 1000);
    assert_true(is_named(0, "RIFF") && is_named(8, "WAVE"));
    assert_int_equal(number_at(4, 4), size - 8 + 4000);
    const size_t format = find("fmt ", size);
    assert_int_equal(number_at(format + 4, 4), 16);
    assert_int_equal(number_at(format + 8, 2), 1); // PCM
    assert_int_equal(number_at(format + 10, 2), 2);
    assert_int_equal(number_at(format + 12, 4), 44100);
    assert_int_equal(number_at(format + 16, 4), 44100 * 4);
    assert_int_equal(number_at(format + 20, 2), 4);
    assert_int_equal(number_at(format + 22, 2), 16);
    assert_int_equal(find("data", size), size - 8);
    assert_int_equal(number_at(size - 4, 4), 4000);
}

static void other_encodings_have_their_sizes(void **state)
{
    (void)state;
    struct km_audio_file_config config = {.rate_hz = 48000, .encoding = KM_AUDIO_INT24};
    size_t size = km_wave_header(header, &config, 10);
    assert_int_equal(number_at(find("fmt ", size) + 22, 2), 24);
    assert_int_equal(number_at(size - 4, 4), 60);
    config.encoding = KM_AUDIO_FLOAT;
    size = km_wave_header(header, &config, 10);
    assert_int_equal(number_at(find("fmt ", size) + 8, 2), 3); // IEEE float
    assert_int_equal(number_at(find("fmt ", size) + 22, 2), 32);
    assert_int_equal(number_at(find("fact", size) + 8, 4), 10);
    assert_int_equal(number_at(size - 4, 4), 80);
}

static void above_four_gigabytes_it_is_rf64(void **state)
{
    (void)state;
    const struct km_audio_file_config config = {.rate_hz = 48000, .encoding = KM_AUDIO_FLOAT};
    const size_t small_size = km_wave_header(header, &config, 0);
    const uint64_t frames_max = (UINT32_MAX - 1 - (small_size - 8)) / 8;

    assert_int_equal(km_wave_header(header, &config, frames_max), small_size);
    assert_true(is_named(0, "RIFF") && is_named(12, "JUNK"));
    assert_int_equal(number_at(4, 4), small_size - 8 + frames_max * 8);

    const uint64_t frames = frames_max + 1;
    assert_int_equal(km_wave_header(header, &config, frames), small_size);
    assert_true(is_named(0, "RF64") && is_named(8, "WAVE") && is_named(12, "ds64"));
    assert_int_equal(number_at(4, 4), UINT32_MAX);
    assert_int_equal(number_at(16, 4), 28);
    assert_int_equal(number_at(20, 8), small_size - 8 + frames * 8);
    assert_int_equal(number_at(28, 8), frames * 8);
    assert_int_equal(number_at(36, 8), frames);
    assert_int_equal(number_at(44, 4), 0);
    assert_int_equal(number_at(small_size - 4, 4), UINT32_MAX);
}

static void a_title_is_padded_and_cut_between_characters(void **state)
{
    (void)state;
    char title[2 * KM_WAVE_TITLE_MAX + 1];
    for (size_t length = 1; length < sizeof(title); ++length) {
        memset(title, 'x', length);
        title[length] = '\0';
        const struct km_audio_file_config config = {.rate_hz = 48000, .title = title};
        const size_t size = km_wave_header(header, &config, 0);
        const size_t list = find("LIST", size);
        const size_t kept = length < KM_WAVE_TITLE_MAX ? length : KM_WAVE_TITLE_MAX;
        assert_true(is_named(list + 8, "INFO") && is_named(list + 12, "INAM"));
        assert_int_equal(number_at(list + 16, 4), kept + 1);
        assert_memory_equal(header + list + 20, title, kept);
        assert_int_equal(header[list + 20 + kept], 0);
        assert_int_equal(size % 2, 0);
        assert_int_equal(find("data", size), size - 8);
    }
    // Two bytes each: an odd number of bytes does not hold a whole number of them.
    for (size_t i = 0; i + 1 < sizeof(title); ++i) {
        title[i] = (char)(i % 2 == 0 ? 0xC3 : 0xA4);
    }
    const struct km_audio_file_config config = {.rate_hz = 48000, .title = title};
    const size_t size = km_wave_header(header, &config, 0);
    assert_int_equal(number_at(find("LIST", size) + 16, 4), KM_WAVE_TITLE_MAX - 1 + 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_small_file_is_a_plain_wave),
        cmocka_unit_test(other_encodings_have_their_sizes),
        cmocka_unit_test(above_four_gigabytes_it_is_rf64),
        cmocka_unit_test(a_title_is_padded_and_cut_between_characters),
    };
    return cmocka_run_group_tests_name("wave", tests, NULL, NULL);
}
