// SPDX-License-Identifier: MIT

/// Small SoundFonts made in memory: samples, instruments, presets, zones; and, for tests that want
/// it, anything broken, since every record can be changed before the bytes are made.
///
///     static struct test_font font;
///     test_font_begin(&font);
///     const uint16_t sine = test_font_add_sine(&font, 44100, 100, 4);
///     const uint16_t tone = test_font_add_instrument(&font, "tone");
///     TEST_ZONE(&font, {KM_GENERATOR_SAMPLE_MODES, 1}, {KM_GENERATOR_SAMPLE, (int16_t)sine});
///     test_font_add_preset(&font, "tone", 0, 5);
///     TEST_ZONE(&font, {KM_GENERATOR_INSTRUMENT, (int16_t)tone});
///     char path[TEST_FONT_PATH_SIZE];
///     test_font_write_temporary(&font, path); // Removing it is the test's.
///
/// A zone belongs to the instrument or preset that was added last; its generators stand in the file
/// in the order given, so ranges come first and KM_GENERATOR_SAMPLE or _INSTRUMENT last.
#ifndef KM_TESTS_SUPPORT_SOUNDFONT_H
#define KM_TESTS_SUPPORT_SOUNDFONT_H

#include "base/math.h"
#include "font/instrument.h"
#include "support/expect.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum {
    TEST_FONT_FRAMES_MAX = 1 << 17,
    TEST_FONT_SAMPLES_MAX = 64,
    TEST_FONT_HEADS_MAX = 256, ///< Presets, and instruments.
    TEST_FONT_BAGS_MAX = 1024, ///< Zones of all presets, and of all instruments.
    TEST_FONT_GENERATORS_MAX = 4096,
    TEST_FONT_MODULATORS_MAX = 1024,
    TEST_FONT_GAP = 46, ///< Frames of silence that 7.10 wants after each sample.
    TEST_FONT_SIZE_MAX = 1 << 19,
    TEST_FONT_PATH_SIZE = 512,
    TEST_GENERATORS_END = 0xFFFF, ///< Ends a list of generators.
};

/// The value of a key or velocity range.
#define TEST_RANGE(low, high) ((int16_t)((low) | (high) << 8))

// The records of the file's pdta chunk (7.2 to 7.10).
struct test_generator {
    uint16_t number; ///< enum km_generator
    int16_t amount;
};

struct test_modulator {
    uint16_t source;
    uint16_t destination; ///< enum km_generator
    int16_t amount;
    uint16_t amount_source;
    uint16_t transform;
};

struct test_bag {
    uint16_t generator;
    uint16_t modulator;
};

struct test_head { ///< A preset or an instrument.
    char name[20];
    uint16_t program;
    uint16_t bank;
    uint16_t bag;
};

struct test_sample {
    char name[20];
    uint32_t start, end, loop_start, loop_end;
    uint32_t rate_hz;
    uint8_t root_key;
    int8_t correction;
    uint16_t link;
    uint16_t type; ///< 1 mono, 2 right, 4 left, 8 linked, | 0x8000 ROM, | 0x10 Vorbis.
};

/// Presets and their zones, or instruments and theirs. The last record of each kind, which ends
/// the chunk in the file, is not here: test_font_bytes makes it.
struct test_level {
    uint32_t head_count, bag_count, generator_count, modulator_count;
    struct test_head heads[TEST_FONT_HEADS_MAX];
    struct test_bag bags[TEST_FONT_BAGS_MAX];
    struct test_generator generators[TEST_FONT_GENERATORS_MAX];
    struct test_modulator modulators[TEST_FONT_MODULATORS_MAX];
};

struct test_font {
    uint16_t major, minor; ///< Version: 2.01.
    struct test_level presets;
    struct test_level instruments;
    struct test_level *level; ///< Where zones are added.
    uint32_t sample_count;
    struct test_sample samples[TEST_FONT_SAMPLES_MAX];
    uint32_t frame_count;
    int16_t frames[TEST_FONT_FRAMES_MAX];
    bool has_24_bits; ///< Write an sm24 chunk, of zeros.
    bool lacks_ends;  ///< Leave the terminal records out.
};

static inline void test_font_begin(struct test_font *font)
{
    memset(font, 0, sizeof(*font));
    font->major = 2;
    font->minor = 1;
    font->level = &font->instruments;
}

/// Adds a sample of mono frames, with the gap after it; returns its number. All of it is the loop,
/// its root key is 60; change font->samples[number] for anything else.
static inline uint16_t test_font_add_sample(struct test_font *font, const int16_t *frames,
                                            uint32_t count, uint32_t rate_hz)
{
    EXPECT(font->sample_count < TEST_FONT_SAMPLES_MAX);
    EXPECT(count <= TEST_FONT_FRAMES_MAX - TEST_FONT_GAP);
    EXPECT(font->frame_count <= TEST_FONT_FRAMES_MAX - TEST_FONT_GAP - count);
    const uint16_t number = (uint16_t)font->sample_count++;
    struct test_sample *const sample = &font->samples[number];
    (void)snprintf(sample->name, sizeof(sample->name), "sample %u", (unsigned int)number);
    memcpy(&font->frames[font->frame_count], frames, count * sizeof(frames[0]));
    sample->start = sample->loop_start = font->frame_count;
    sample->end = sample->loop_end = font->frame_count + count;
    sample->rate_hz = rate_hz;
    sample->root_key = 60;
    sample->type = 1;
    font->frame_count = sample->end + TEST_FONT_GAP;
    return number;
}

// As test_font_add_sample, made by `wave` of a phase from 0 to 1.
static inline uint16_t test_font_add_wave(struct test_font *font, uint32_t rate_hz,
                                          uint32_t period_frames, uint32_t periods,
                                          double (*wave)(double phase))
{
    static int16_t frames[TEST_FONT_FRAMES_MAX];
    const uint32_t count = period_frames * periods;
    EXPECT(period_frames > 0 && count <= TEST_FONT_FRAMES_MAX);
    for (uint32_t i = 0; i < count; ++i) {
        const double phase = (double)(i % period_frames) / (double)period_frames;
        frames[i] = (int16_t)km_round(24000.0 * wave(phase));
    }
    return test_font_add_sample(font, frames, count, rate_hz);
}

static inline double test_font_sine_wave(double phase)
{
    return km_sin(2.0 * KM_PI * phase);
}

static inline double test_font_saw_wave(double phase)
{
    return 2.0 * phase - 1.0;
}

/// Adds whole periods of a sine of peak 24,000, which loop seamlessly; its pitch at the root key
/// (60) is rate_hz / period_frames.
static inline uint16_t test_font_add_sine(struct test_font *font, uint32_t rate_hz,
                                          uint32_t period_frames, uint32_t periods)
{
    return test_font_add_wave(font, rate_hz, period_frames, periods, test_font_sine_wave);
}

/// As test_font_add_sine, a saw-tooth.
static inline uint16_t test_font_add_saw(struct test_font *font, uint32_t rate_hz,
                                         uint32_t period_frames, uint32_t periods)
{
    return test_font_add_wave(font, rate_hz, period_frames, periods, test_font_saw_wave);
}

static inline uint16_t test_font_add_head(struct test_level *level, const char *name, uint16_t bank,
                                          uint16_t program)
{
    EXPECT(level->head_count < TEST_FONT_HEADS_MAX);
    const uint16_t number = (uint16_t)level->head_count++;
    struct test_head *const head = &level->heads[number];
    (void)snprintf(head->name, sizeof(head->name), "%s", name);
    head->bank = bank;
    head->program = program;
    head->bag = (uint16_t)level->bag_count;
    return number;
}

/// Begins an instrument, to which the next zones belong; returns its number.
static inline uint16_t test_font_add_instrument(struct test_font *font, const char *name)
{
    font->level = &font->instruments;
    return test_font_add_head(font->level, name, 0, 0);
}

/// Begins a preset, to which the next zones belong; returns its number.
static inline uint16_t test_font_add_preset(struct test_font *font, const char *name, uint16_t bank,
                                            uint16_t program)
{
    font->level = &font->presets;
    return test_font_add_head(font->level, name, bank, program);
}

/// Adds a generator to the zone that was added last.
static inline void test_font_add_generator(struct test_font *font, struct test_generator generator)
{
    struct test_level *const level = font->level;
    EXPECT(level->generator_count < TEST_FONT_GENERATORS_MAX);
    level->generators[level->generator_count++] = generator;
}

/// Begins a zone; `generators` end with TEST_GENERATORS_END, or are null.
static inline void test_font_add_zone(struct test_font *font,
                                      const struct test_generator *generators)
{
    struct test_level *const level = font->level;
    EXPECT(level->bag_count < TEST_FONT_BAGS_MAX);
    level->bags[level->bag_count++] = (struct test_bag){
        .generator = (uint16_t)level->generator_count,
        .modulator = (uint16_t)level->modulator_count,
    };
    for (; generators && generators->number != TEST_GENERATORS_END; ++generators) {
        test_font_add_generator(font, *generators);
    }
}

/// Begins a zone with at least one generator: TEST_ZONE(&font, {number, amount}, ...).
#define TEST_ZONE(font, ...)                                                                       \
    test_font_add_zone((font),                                                                     \
                       (const struct test_generator[]){__VA_ARGS__, {TEST_GENERATORS_END, 0}})

/// Adds a modulator to the zone that was added last.
static inline void test_font_add_modulator(struct test_font *font, struct test_modulator modulator)
{
    struct test_level *const level = font->level;
    EXPECT(level->modulator_count < TEST_FONT_MODULATORS_MAX);
    level->modulators[level->modulator_count++] = modulator;
}

/// Adds an instrument of one looped zone with that sample, and a preset that is nothing but it.
static inline void test_font_add_tone(struct test_font *font, uint16_t bank, uint16_t program,
                                      uint16_t sample)
{
    const uint16_t instrument = test_font_add_instrument(font, "tone");
    TEST_ZONE(font, {KM_GENERATOR_SAMPLE_MODES, KM_LOOP_ALWAYS},
              {KM_GENERATOR_SAMPLE, (int16_t)sample});
    test_font_add_preset(font, "tone", bank, program);
    TEST_ZONE(font, {KM_GENERATOR_INSTRUMENT, (int16_t)instrument});
}

/// Bytes of a file.
struct test_font_file {
    unsigned char bytes[TEST_FONT_SIZE_MAX];
    size_t size;
};

static inline void test_font_put(struct test_font_file *file, const void *bytes, size_t size)
{
    EXPECT(size <= sizeof(file->bytes) - file->size);
    memcpy(file->bytes + file->size, bytes, size);
    file->size += size;
}

static inline void test_font_put_number(struct test_font_file *file, uint64_t value, size_t size)
{
    for (size_t i = 0; i < size; ++i) {
        const unsigned char byte = (unsigned char)(i < 8 ? value >> (8 * i) & 0xFF : 0);
        test_font_put(file, &byte, 1);
    }
}

// Writes the head of a chunk; returns where its content begins, for test_font_end_chunk.
static inline size_t test_font_begin_chunk(struct test_font_file *file, const char *id)
{
    test_font_put(file, id, 4);
    test_font_put_number(file, 0, 4);
    return file->size;
}

static inline size_t test_font_begin_list(struct test_font_file *file, const char *id,
                                          const char *type)
{
    const size_t start = test_font_begin_chunk(file, id);
    test_font_put(file, type, 4);
    return start;
}

static inline void test_font_end_chunk(struct test_font_file *file, size_t start)
{
    const size_t size = file->size - start;
    for (size_t i = 0; i < 4; ++i) {
        file->bytes[start - 4 + i] = (unsigned char)(size >> (8 * i) & 0xFF);
    }
    if (size % 2 == 1) {
        test_font_put_number(file, 0, 1);
    }
}

static inline void test_font_put_heads(struct test_font_file *file, const struct test_font *font,
                                       const struct test_level *level, bool is_preset)
{
    const struct test_head end = {.name = "EOP", .bag = (uint16_t)level->bag_count};
    const size_t start = test_font_begin_chunk(file, is_preset ? "phdr" : "inst");
    for (uint32_t i = 0; i < level->head_count + !font->lacks_ends; ++i) {
        const struct test_head *const head = i < level->head_count ? &level->heads[i] : &end;
        test_font_put(file, head->name, sizeof(head->name));
        if (is_preset) {
            test_font_put_number(file, head->program, 2);
            test_font_put_number(file, head->bank, 2);
        }
        test_font_put_number(file, head->bag, 2);
        test_font_put_number(file, 0, is_preset ? 12 : 0);
    }
    test_font_end_chunk(file, start);
}

static inline void test_font_put_level(struct test_font_file *file, const struct test_font *font,
                                       const struct test_level *level, bool is_preset)
{
    test_font_put_heads(file, font, level, is_preset);
    const uint32_t ends = font->lacks_ends ? 0 : 1;
    const struct test_bag last_bag = {(uint16_t)level->generator_count,
                                      (uint16_t)level->modulator_count};
    size_t start = test_font_begin_chunk(file, is_preset ? "pbag" : "ibag");
    for (uint32_t i = 0; i < level->bag_count + ends; ++i) {
        const struct test_bag *const bag = i < level->bag_count ? &level->bags[i] : &last_bag;
        test_font_put_number(file, bag->generator, 2);
        test_font_put_number(file, bag->modulator, 2);
    }
    test_font_end_chunk(file, start);
    start = test_font_begin_chunk(file, is_preset ? "pmod" : "imod");
    for (uint32_t i = 0; i < level->modulator_count; ++i) {
        const struct test_modulator *const modulator = &level->modulators[i];
        test_font_put_number(file, modulator->source, 2);
        test_font_put_number(file, modulator->destination, 2);
        test_font_put_number(file, (uint16_t)modulator->amount, 2);
        test_font_put_number(file, modulator->amount_source, 2);
        test_font_put_number(file, modulator->transform, 2);
    }
    test_font_put_number(file, 0, ends ? 10 : 0);
    test_font_end_chunk(file, start);
    start = test_font_begin_chunk(file, is_preset ? "pgen" : "igen");
    for (uint32_t i = 0; i < level->generator_count; ++i) {
        test_font_put_number(file, level->generators[i].number, 2);
        test_font_put_number(file, (uint16_t)level->generators[i].amount, 2);
    }
    test_font_put_number(file, 0, ends ? 4 : 0);
    test_font_end_chunk(file, start);
}

static inline void test_font_put_samples(struct test_font_file *file, const struct test_font *font)
{
    const struct test_sample end = {.name = "EOS"};
    const size_t start = test_font_begin_chunk(file, "shdr");
    for (uint32_t i = 0; i < font->sample_count + !font->lacks_ends; ++i) {
        const struct test_sample *const sample = i < font->sample_count ? &font->samples[i] : &end;
        test_font_put(file, sample->name, sizeof(sample->name));
        test_font_put_number(file, sample->start, 4);
        test_font_put_number(file, sample->end, 4);
        test_font_put_number(file, sample->loop_start, 4);
        test_font_put_number(file, sample->loop_end, 4);
        test_font_put_number(file, sample->rate_hz, 4);
        test_font_put_number(file, sample->root_key, 1);
        test_font_put_number(file, (uint8_t)sample->correction, 1);
        test_font_put_number(file, sample->link, 2);
        test_font_put_number(file, sample->type, 2);
    }
    test_font_end_chunk(file, start);
}

static inline void test_font_put_info(struct test_font_file *file, const struct test_font *font)
{
    const size_t list = test_font_begin_list(file, "LIST", "INFO");
    size_t start = test_font_begin_chunk(file, "ifil");
    test_font_put_number(file, font->major, 2);
    test_font_put_number(file, font->minor, 2);
    test_font_end_chunk(file, start);
    start = test_font_begin_chunk(file, "isng");
    test_font_put(file, "EMU8000", 8);
    test_font_end_chunk(file, start);
    start = test_font_begin_chunk(file, "INAM");
    test_font_put(file, "a font of tests", 16);
    test_font_end_chunk(file, start);
    test_font_end_chunk(file, list);
}

/// Makes the file's bytes; `file` is overwritten.
static inline void test_font_bytes(const struct test_font *font, struct test_font_file *file)
{
    file->size = 0;
    const size_t riff = test_font_begin_list(file, "RIFF", "sfbk");
    test_font_put_info(file, font);
    size_t list = test_font_begin_list(file, "LIST", "sdta");
    size_t start = test_font_begin_chunk(file, "smpl");
    for (uint32_t i = 0; i < font->frame_count; ++i) {
        test_font_put_number(file, (uint16_t)font->frames[i], 2);
    }
    test_font_end_chunk(file, start);
    if (font->has_24_bits) {
        start = test_font_begin_chunk(file, "sm24");
        test_font_put_number(file, 0, font->frame_count);
        test_font_end_chunk(file, start);
    }
    test_font_end_chunk(file, list);
    list = test_font_begin_list(file, "LIST", "pdta");
    test_font_put_level(file, font, &font->presets, true);
    test_font_put_level(file, font, &font->instruments, false);
    test_font_put_samples(file, font);
    test_font_end_chunk(file, list);
    test_font_end_chunk(file, riff);
}

/// Writes bytes to a new file in TMPDIR (or /tmp) and sets its path.
static inline void test_font_write_bytes(const struct test_font_file *file,
                                         char path[TEST_FONT_PATH_SIZE])
{
    const char *const folder = getenv("TMPDIR"); // NOLINT(concurrency-mt-unsafe): no threads yet.
    const int length = snprintf(path, TEST_FONT_PATH_SIZE, "%s/kmidi-font-XXXXXX",
                                folder && folder[0] != '\0' ? folder : "/tmp");
    EXPECT(length > 0 && length < TEST_FONT_PATH_SIZE);
    const int descriptor = mkstemp(path);
    EXPECT(descriptor >= 0);
    for (size_t used = 0; used < file->size;) {
        const ssize_t written = write(descriptor, file->bytes + used, file->size - used);
        EXPECT(written > 0);
        used += (size_t)written;
    }
    EXPECT(close(descriptor) == 0);
}

/// Writes the font to a new file and sets its path; remove(path) is the test's.
static inline void test_font_write_temporary(const struct test_font *font,
                                             char path[TEST_FONT_PATH_SIZE])
{
    static struct test_font_file file;
    test_font_bytes(font, &file);
    test_font_write_bytes(&file, path);
}

#endif
