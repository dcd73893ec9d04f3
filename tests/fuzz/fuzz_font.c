// SPDX-License-Identifier: MIT

// SoundFonts from anybody: they are refused with a message, or every preset that loads is all that
// font/instrument.h promises. Input that begins with RIFF is a file; any other changes one that is
// whole: its first byte says which, and each four bytes after it say where and how.

#include "support/font_trial.h"
#include "support/soundfont.h"

int LLVMFuzzerTestOneInput(const uint8_t *input, size_t input_size);

enum { KINDS = 4, STEP = 4, FRAMES = 60 };

static void add_zones(struct test_font *font, int16_t left, int16_t right)
{
    TEST_ZONE(font, {KM_GENERATOR_REVERB_SEND, 100}, {KM_GENERATOR_SAMPLE_MODES, 1});
    test_font_add_modulator(font, (struct test_modulator){0x0081, KM_GENERATOR_PAN, 200, 0, 0});
    TEST_ZONE(font, {KM_GENERATOR_KEY_RANGE, TEST_RANGE(0, 60)},
              {KM_GENERATOR_VELOCITY_RANGE, TEST_RANGE(1, 90)}, {KM_GENERATOR_START_OFFSET, 4},
              {KM_GENERATOR_LOOP_END_OFFSET, -3}, {KM_GENERATOR_SAMPLE, left});
    TEST_ZONE(font, {KM_GENERATOR_KEY_RANGE, TEST_RANGE(0, 60)},
              {KM_GENERATOR_VELOCITY_RANGE, TEST_RANGE(1, 90)}, {KM_GENERATOR_SAMPLE, right});
    test_font_add_modulator(font, (struct test_modulator){0x0587, 48, 300, 2, 2});
    TEST_ZONE(font, {KM_GENERATOR_KEY_RANGE, TEST_RANGE(61, 127)}, {KM_GENERATOR_SAMPLE, 0});
}

// A small font that has one of everything.
static void make_font(struct test_font *font, unsigned int kind)
{
    test_font_begin(font);
    for (int i = 0; i < 3; ++i) {
        (void)test_font_add_saw(font, 22050, FRAMES / 2, 2);
    }
    font->samples[1].type = 4;
    font->samples[1].link = 2;
    font->samples[2].type = 2;
    font->samples[2].link = 1;
    test_font_add_instrument(font, "zones");
    add_zones(font, 1, 2);
    test_font_add_preset(font, "zones", 0, 1);
    TEST_ZONE(font, {KM_GENERATOR_PAN, 10});
    TEST_ZONE(font, {KM_GENERATOR_VELOCITY_RANGE, TEST_RANGE(0, 100)},
              {KM_GENERATOR_ATTENUATION, 30}, {KM_GENERATOR_INSTRUMENT, 0});
    test_font_add_modulator(font, (struct test_modulator){0x0587, 48, -30, 0, 0});
    test_font_add_tone(font, 128, 0, 0);
    font->lacks_ends = kind == 1;
    font->has_24_bits = kind == 2;
    if (kind == 3) { // Bytes that say of themselves that they are an Ogg page of 40 frames.
        static const unsigned char page[] = "OggS\0\4\x28\0\0\0\0\0\0\0";
        memcpy(font->frames, page, sizeof(page));
        font->samples[0].type = 0x11;
        font->samples[0].loop_start = 2;
        font->samples[0].loop_end = 30;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *input, size_t input_size)
{
    static struct test_font font;
    static struct test_font_file file;
    if (input_size >= 4 && memcmp(input, "RIFF", 4) == 0) {
        (void)font_trial(input, input_size);
        return 0;
    }
    make_font(&font, input_size > 0 ? input[0] % KINDS : 0);
    test_font_bytes(&font, &file);
    for (size_t i = 1; i + STEP <= input_size && i < 64; i += STEP) {
        // Mostly the tables, which stand at the end.
        const size_t place = (input[i] | (size_t)input[i + 1] << 8) % file.size;
        file.bytes[file.size - 1 - place] = input[i + 2];
        if (input[i + 3] % 16 == 0) {
            file.size -= place / 2;
        }
    }
    const struct font_trial trial = font_trial(file.bytes, file.size);
    EXPECT(input_size > STEP || (trial.loaded == 2 && trial.regions == 4));
    return 0;
}
