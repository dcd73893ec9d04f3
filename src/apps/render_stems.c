// SPDX-License-Identifier: MIT

// Each channel of a MIDI file as a file of its own.

#include "apps/render_private.h"

#include "engine/instruments.h"
#include "font/font.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

enum { NAME_SIZE = 32 };

// Name of the preset that a channel plays first, or "".
static const char *preset_of(const struct km_render_job *job, uint32_t channel)
{
    const struct km_feed_channel *const played = &job->music.scan.channels[channel];
    uint16_t found[2] = {0};
    size_t count = 0;
    const struct km_font_preset *const presets = km_font_presets(job->sound.font, &count);
    if (!km_font_resolve(job->sound.font, played->bank, (uint8_t)played->program, found)) {
        return "";
    }
    size_t i = 0;
    while (i + 1 < count && (presets[i].bank != found[0] || presets[i].program != found[1])) {
        ++i;
    }
    return presets[i].name;
}

static char small(unsigned char letter)
{
    return (char)(letter >= 'A' && letter <= 'Z' ? letter - 'A' + 'a' : letter);
}

// A preset's name, fit for a file's: letters and digits, others as one hyphen.
static void make_name(const char *text, char name[NAME_SIZE])
{
    size_t length = 0;
    for (const char *c = text; *c && length + 1 < NAME_SIZE; ++c) {
        const unsigned char byte = (unsigned char)*c;
        const bool is_plain = byte < 0x80 && isalnum(byte);
        if (is_plain || (length > 0 && name[length - 1] != '-')) {
            name[length++] = is_plain ? small(byte) : '-';
        }
    }
    while (length > 0 && name[length - 1] == '-') {
        --length;
    }
    name[length] = '\0';
}

static enum km_status name_stem(const struct km_render_job *job, struct km_stem *stem,
                                struct km_error *error)
{
    char name[NAME_SIZE];
    const char *const output = job->settings->output;
    const char *const dot = strrchr(output, '.');
    make_name(preset_of(job, stem->channel), name);
    const int length =
        snprintf(stem->path, sizeof(stem->path), "%.*s-%u%s%s%s", (int)(dot - output), output,
                 stem->channel + 1, name[0] ? "-" : "", name, dot);
    if (length < 0 || (size_t)length >= sizeof(stem->path)) {
        return km_error_set(error, KM_ERROR_TOO_LARGE, "%.64s...: the name is too long", output);
    }
    return KM_OK;
}

// Renders one channel with an engine of its own, so that all begin alike.
static enum km_status render_stem(struct km_render_job *job, struct km_stem *stem,
                                  struct km_audio_file **file, struct km_error *error)
{
    struct km_sound *const sound = &job->sound;
    struct km_render_config config = {.path = stem->path,
                                      .source = job->music.source,
                                      .seconds = job->music.scan.seconds,
                                      .block_frames = (uint32_t)job->settings->block,
                                      .mutes = ~(1U << stem->channel) & 0xFFFFU};
    enum km_status status = km_render_encoding(job->settings->bits, &config.encoding, error);
    km_sound_close_engine(sound);
    status = status == KM_OK ? km_sound_build(sound, (uint32_t)job->settings->sound.rate,
                                              &job->music.scan, error)
                             : status;
    status = status == KM_OK ? km_sound_level(sound, &job->music.source, NULL, error) : status;
    status = status == KM_OK ? km_sound_render(sound, &config, file, &stem->result, error) : status;
    return status == KM_OK ? job->music.source.rewind(job->music.source.context, error) : status;
}

// Silence until the file is as long as the longest.
static enum km_status lengthen(struct km_stem *stem, struct km_audio_file *file, uint64_t frames,
                               uint32_t rate_hz, struct km_error *error)
{
    enum { PIECE_FRAMES = 256 };
    static const float silence[PIECE_FRAMES];
    enum km_status status = KM_OK;
    while (status == KM_OK && stem->result.frames < frames) {
        const uint64_t left = frames - stem->result.frames;
        const uint32_t count = left < PIECE_FRAMES ? (uint32_t)left : PIECE_FRAMES;
        status = km_audio_file_write(file, silence, silence, count, error);
        stem->result.frames += count;
    }
    stem->result.seconds = (double)stem->result.frames / rate_hz;
    return status;
}

static enum km_status lengthen_all(struct km_render_job *job, struct km_audio_file **files,
                                   struct km_error *error)
{
    uint64_t longest = 0;
    for (uint32_t i = 0; i < job->stem_count; ++i) {
        const uint64_t frames = job->stems[i].result.frames;
        longest = frames > longest ? frames : longest;
    }
    enum km_status status = KM_OK;
    for (uint32_t i = 0; i < job->stem_count && status == KM_OK; ++i) {
        status = lengthen(&job->stems[i], files[i], longest, job->sound.rate_hz, error);
    }
    return status;
}

enum km_status km_render_stems(struct km_render_job *job, struct km_error *error)
{
    struct km_audio_file *files[KM_CHANNELS_COUNT] = {0};
    struct km_sound_settings settings = job->settings->sound;
    settings.without_limiter = true;
    job->sound.settings = &settings;
    enum km_status status = KM_OK;
    for (uint32_t i = 0; i < KM_CHANNELS_COUNT && status == KM_OK; ++i) {
        if (job->music.scan.channels[i].notes > 0) {
            struct km_stem *const stem = &job->stems[job->stem_count];
            stem->channel = i;
            status = name_stem(job, stem, error);
            status =
                status == KM_OK ? render_stem(job, stem, &files[job->stem_count], error) : status;
            job->stem_count += 1;
        }
    }
    if (status == KM_OK && job->stem_count == 0) {
        status = km_error_set(error, KM_ERROR_INVALID, "%s: no channel plays a note", job->input);
    }
    status = status == KM_OK ? lengthen_all(job, files, error) : status;
    for (uint32_t i = 0; i < job->stem_count; ++i) {
        if (status == KM_OK) {
            status = km_audio_file_commit(files[i], error);
        } else {
            km_audio_file_discard(files[i]);
        }
    }
    job->sound.settings = &job->settings->sound;
    return status;
}

void km_render_print_stems(const struct km_render_job *job)
{
    for (uint32_t i = 0; i < job->stem_count; ++i) {
        km_render_print(job->stems[i].path, &job->stems[i].result, &job->sound);
    }
}
