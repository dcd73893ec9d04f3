// SPDX-License-Identifier: MIT

// Renders a MIDI file to song.wav; without one, a broken chord.
//     gcc render.c -o render $(pkg-config --cflags --libs kmidi) && ./render some.mid

#include <kmidi/drivers/audio_file.h>
#include <kmidi/engine/control.h>
#include <kmidi/engine/feed.h>
#include <kmidi/engine/instruments.h>
#include <kmidi/engine/process.h>
#include <kmidi/engine/setup.h>
#include <kmidi/font/bank.h>
#include <kmidi/font/font.h>
#include <kmidi/heap/heap.h>
#include <kmidi/midi/file.h>
#include <stdio.h>

enum { RATE = 48000, BLOCK = 1024, SIZE_MAX_READ = 1 << 20 };

// Format 0, 96 ticks a quarter note: C, E and G, one after the other, held together.
static const unsigned char chord[] = {
    'M',  'T',  'h',  'd', 0,  0, 0,    6,  0,  0,  0,    1,  0,  96, 'M',  'T',  'r',
    'k',  0,    0,    0,   29, 0, 0x90, 60, 90, 48, 0x90, 64, 90, 48, 0x90, 67,   90,
    0x81, 0x40, 0x80, 60,  64, 0, 0x80, 64, 64, 0,  0x80, 67, 64, 0,  0xFF, 0x2F, 0};

// What a render needs, from the font to the file that is written.
struct render {
    struct km_heap *heap;
    struct km_midi_file song;
    struct km_font *font;
    struct km_engine *engine;
    struct km_bank *bank;
    struct km_instruments *instruments;
    struct km_feed_file *music;
    struct km_feed *feed;
    struct km_audio_file *file;
};

static enum km_status read_song(struct render *render, const char *path, struct km_error *error)
{
    static unsigned char bytes[SIZE_MAX_READ];
    km_midi_file_init(&render->song, render->heap, 1, 96);
    if (!path) {
        return km_midi_file_read(&render->song, chord, sizeof(chord), NULL, error);
    }
    FILE *const input = fopen(path, "rb");
    if (!input) {
        return km_error_set(error, KM_ERROR_IO, "cannot open %s", path);
    }
    const size_t size = fread(bytes, 1, sizeof(bytes), input);
    fclose(input);
    return km_midi_file_read(&render->song, bytes, size, NULL, error);
}

// The font, an engine in one block of memory, and a bank that loads presets into its pool.
static enum km_status build(struct render *render, struct km_error *error)
{
    char path[1024];
    const struct km_engine_config config = {.rate_hz = RATE};
    enum km_status status = km_font_find(NULL, path, sizeof(path), error);
    if (status == KM_OK) {
        status = km_font_open(render->heap, path, &render->font, NULL, error);
    }
    if (status == KM_OK) {
        status = km_engine_new(render->heap, &config, &render->engine, error);
    }
    if (status != KM_OK) {
        return status;
    }
    size_t size = 0;
    void *const pool = km_engine_pool(render->engine, &size);
    render->bank = km_bank_new(render->heap, render->font, pool, size);
    render->instruments =
        render->bank ? km_instruments_new(render->heap, render->engine, render->bank) : NULL;
    render->music = km_feed_file_new(render->heap, &render->song);
    return render->instruments && render->music ? KM_OK : km_heap_refusal(render->heap, error);
}

static enum km_status begin(struct render *render, struct km_error *error)
{
    const struct km_feed_config config = {.source = km_feed_source_file(render->music),
                                          .engine = render->engine,
                                          .instruments = render->instruments,
                                          .epoch = 1};
    const struct km_audio_file_config file = {.rate_hz = RATE};
    enum km_status status = km_feed_new(render->heap, &config, &render->feed, error);
    if (status == KM_OK) {
        status = km_audio_file_create(render->heap, "song.wav", &file, &render->file, error);
    }
    if (status == KM_OK && !km_engine_play(render->engine)) {
        status = km_error_set(error, KM_ERROR_NO_SPACE, "the engine takes no orders");
    }
    return status;
}

// Sends bars ahead, as the processing side does, and renders, as the audio thread does.
static enum km_status run(struct render *render, struct km_error *error)
{
    float left[BLOCK];
    float right[BLOCK];
    enum km_status status = KM_OK;
    while (status == KM_OK && km_engine_status(render->engine).transport != KM_TRANSPORT_ENDED) {
        bool is_done = false;
        status = km_instruments_collect(render->instruments, error);
        if (status == KM_OK) {
            status = km_feed_pump(render->feed, &is_done, error);
        }
        const struct km_audio_block block = {.left = left, .right = right, .frames = BLOCK};
        km_engine_process(render->engine, &block);
        if (status == KM_OK) {
            status = km_audio_file_write(render->file, left, right, BLOCK, error);
        }
    }
    return status;
}

static void release(struct render *render)
{
    km_audio_file_discard(render->file);
    km_feed_free(render->feed);
    km_feed_file_free(render->music);
    km_instruments_free(render->instruments);
    km_bank_free(render->bank);
    km_engine_free(render->engine);
    km_font_free(render->font);
    km_midi_file_release(&render->song);
    km_heap_free(render->heap);
}

int main(int argc, char **argv)
{
    struct km_error error = {.status = KM_OK};
    struct render render = {.heap = km_heap_new(NULL)};
    if (!render.heap) {
        fprintf(stderr, "no memory\n");
        return 1;
    }
    enum km_status status = read_song(&render, argc > 1 ? argv[1] : NULL, &error);
    status = status == KM_OK ? build(&render, &error) : status;
    status = status == KM_OK ? begin(&render, &error) : status;
    status = status == KM_OK ? run(&render, &error) : status;
    if (status == KM_OK) {
        const struct km_engine_status now = km_engine_status(render.engine);
        status = km_audio_file_commit(render.file, &error);
        render.file = NULL;
        printf("song.wav: %.1f s, %llu notes\n", (double)now.frames / RATE,
               (unsigned long long)now.synth.notes_on);
    }
    if (status != KM_OK) {
        fprintf(stderr, "cannot render: %s\n", error.message);
    }
    release(&render);
    return status == KM_OK ? 0 : 1;
}
