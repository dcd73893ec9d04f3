// SPDX-License-Identifier: MIT

// A font whose samples are Ogg Vorbis, decoded by the module kmidi-sndfile.so, where that was
// built.

#include "drivers/audio_file.h"
#include "unit/font/font_support.h"

enum { RATE = 44100, FRAMES = 20000, PERIOD = 100 };

static int16_t sine_at(int frame)
{
    return (int16_t)km_round(20000.0 * km_sin(2.0 * KM_PI * (double)(frame % PERIOD) / PERIOD));
}

// Writes a sine as Ogg Vorbis; false if the module or its library is not here.
static bool write_ogg(struct km_heap *heap, const char *path)
{
    static float frames[FRAMES];
    const float scale = 1.0f / 32768;
    for (int i = 0; i < FRAMES; ++i) {
        frames[i] = (float)sine_at(i) * scale;
    }
    struct km_error error = {0};
    struct km_audio_file *audio = NULL;
    const struct km_audio_file_config config = {
        .rate_hz = RATE, .encoding = KM_AUDIO_DEFAULT, .ogg_quality = 0.9};
    const enum km_status status = km_audio_file_create(heap, path, &config, &audio, &error);
    if (status == KM_ERROR_NOT_FOUND) {
        print_message("skipped: %s\n", error.message);
        return false;
    }
    assert_int_equal(status, KM_OK);
    assert_int_equal(km_audio_file_write(audio, frames, frames, FRAMES, &error), KM_OK);
    assert_int_equal(km_audio_file_commit(audio, &error), KM_OK);
    return true;
}

// Makes a font of which that file, as bytes, is the only sample.
static void make_font(struct test_font *font, const char *path)
{
    static int16_t bytes[TEST_FONT_FRAMES_MAX];
    FILE *const file = fopen(path, "rb");
    assert_non_null(file);
    const size_t size = fread(bytes, 1, sizeof(bytes), file);
    assert_int_equal(fclose(file), 0);
    assert_in_range(size, 1000, 100000);
    test_font_begin(font);
    font->major = 3;
    const uint16_t sample = test_font_add_sample(font, bytes, (uint32_t)(size / 2 + 1), RATE);
    font->samples[sample].type = 0x11;
    font->samples[sample].end = (uint32_t)size;
    font->samples[sample].loop_start = 5000;
    font->samples[sample].loop_end = 15000;
    test_font_add_tone(font, 0, 0, sample);
}

static void samples_of_ogg_vorbis_sound_as_before(void **state)
{
    (void)state;
    static struct test_font font;
    char path[TEST_FONT_PATH_SIZE];
    struct km_heap *const heap = km_heap_new(NULL);
    test_font_begin(&font);
    test_font_write_temporary(&font, path); // For a name that nobody else has.
    assert_int_equal(remove(path), 0);
    (void)snprintf(path + strlen(path), sizeof(path) - strlen(path), ".ogg");
    if (!write_ogg(heap, path)) {
        km_heap_free(heap);
        return;
    }
    make_font(&font, path);
    assert_int_equal(remove(path), 0);
    struct fixture fixture = fixture_of(&font);
    assert_int_equal(fixture.warnings.count, 0);
    const struct km_region *const region = load(&fixture, 0, 0)->regions;
    assert_int_equal(region->end, FRAMES);
    assert_int_equal(region->loop_start, 5000);
    double difference = 0.0;
    for (int i = 0; i < FRAMES; ++i) {
        const double d = (double)region->frames[i] - (double)sine_at(i);
        difference += d * d;
    }
    // Within 1 % of the sine's peak.
    assert_true(km_sqrt(difference / FRAMES) < 200.0);
    fixture_release(&fixture);
    km_heap_free(heap);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(samples_of_ogg_vorbis_sound_as_before)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
