// SPDX-License-Identifier: MIT

// The notes of the piano roll, and its strip of drums.

#include "plot/roll_private.h"
#include "plot/svg_private.h"

enum {
    LANE_HEIGHT = 13,
    HIT_WIDTH_MAX = 7,
};

static unsigned int level_of(unsigned int velocity)
{
    return velocity * KM_ROLL_SHADES_COUNT / 128;
}

static void draw_note(const struct km_roll *roll, const struct km_note *note)
{
    const double x = km_roll_x(roll, note->tick);
    const double width = km_roll_x(roll, note->end) - x - 0.6; // Repeated notes stay apart.
    const double y = roll->roll_top + (roll->key_high - note->key) * roll->row_height;
    km_svg_rect(roll->sink, NULL,
                (const double[]){x, y, width > 0.8 ? width : 0.8, roll->row_height});
}

// A hit has no length that is heard: all are as wide as the narrowest step of the song allows.
static void draw_hit(const struct km_roll *roll, const struct km_note *note)
{
    const double sixteenth = (double)(KM_ROLL_RIGHT - KM_ROLL_LEFT) / roll->bars_count / 16.0;
    const double width = sixteenth < 2.0             ? 1.2
                         : sixteenth > HIT_WIDTH_MAX ? HIT_WIDTH_MAX
                                                     : sixteenth * 0.6;
    int lane = 0;
    for (int i = 0; i < (int)km_roll_lane_of(note->key); ++i) {
        lane += roll->has_lane[i];
    }
    const double y = roll->drum_top + lane * LANE_HEIGHT + 2.0;
    km_svg_rect(roll->sink, NULL,
                (const double[]){km_roll_x(roll, note->tick), y, width, LANE_HEIGHT - 4.0});
}

// A part's notes of one velocity's shade, in a group that says so once.
struct shade {
    enum km_roll_part part;
    unsigned int level;
    bool is_open;
};

static void draw_if_of(const struct km_roll *roll, struct shade *shade, const struct km_note *note)
{
    if (km_roll_part_of(note->channel) != shade->part || level_of(note->velocity) != shade->level) {
        return;
    }
    if (!shade->is_open) {
        km_sink_format(roll->sink, "<g class=\"note %s v%u\">\n", km_roll_part_style(shade->part),
                       shade->level);
        shade->is_open = true;
    }
    (shade->part == KM_ROLL_DRUMS ? draw_hit : draw_note)(roll, note);
}

static void draw_track(const struct km_roll *roll, struct shade *shade,
                       const struct km_notes *track)
{
    for (size_t i = 0; i < track->count; ++i) {
        draw_if_of(roll, shade, &track->notes[i]);
    }
}

static void draw_part(const struct km_roll *roll, enum km_roll_part part)
{
    for (unsigned int level = 0; level < KM_ROLL_SHADES_COUNT && roll->has_part[part]; ++level) {
        struct shade shade = {.part = part, .level = level};
        for (size_t t = 0; t < roll->file->track_count; ++t) {
            draw_track(roll, &shade, &roll->tracks[t]);
        }
        if (shade.is_open) {
            km_sink_text(roll->sink, "</g>\n");
        }
    }
}

void km_roll_draw_notes(const struct km_roll *roll)
{
    bool has_any = false;
    for (int part = 0; part < KM_ROLL_PARTS_COUNT; ++part) {
        has_any = has_any || roll->has_part[part];
        if (part != KM_ROLL_DRUMS) {
            draw_part(roll, (enum km_roll_part)part);
        }
    }
    if (!has_any) {
        const double rows = roll->key_high - roll->key_low + 1;
        km_svg_text(roll->sink, "facts middle", (KM_ROLL_LEFT + KM_ROLL_RIGHT) / 2.0,
                    roll->roll_top + rows * roll->row_height / 2.0, "No notes in this file");
    }
}

void km_roll_draw_drums(const struct km_roll *roll)
{
    static const char *const names[] = {"Cymbals", "Hi-hat", "Toms", "Snare", "Kick", "Percussion"};
    double y = roll->drum_top;
    for (int lane = 0; lane < KM_ROLL_LANES_COUNT; ++lane) {
        if (roll->has_lane[lane]) {
            km_svg_text(roll->sink, "right", KM_ROLL_LEFT - 8, y + 10.5, names[lane]);
            y += LANE_HEIGHT;
        }
    }
    draw_part(roll, KM_ROLL_DRUMS);
}
