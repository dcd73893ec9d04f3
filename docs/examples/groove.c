// SPDX-License-Identifier: MIT

// Gives a bar of even eighth notes a human touch, and prints where each went.
//     gcc groove.c -o groove $(pkg-config --cflags --libs kmidi) && ./groove

#include <kmidi/base/units.h>
#include <kmidi/groove/groove.h>
#include <stdio.h>

enum { NOTES_COUNT = 8, EIGHTH_TICKS = KM_PPQ / 2, HI_HAT_CLOSED = 42 };

int main(void)
{
    struct km_event events[2 * NOTES_COUNT];
    for (size_t i = 0; i < NOTES_COUNT; ++i) {
        const struct km_event on = {.tick = i * EIGHTH_TICKS,
                                    .type = KM_EVENT_NOTE_ON,
                                    .channel = KM_CHANNEL_DRUMS,
                                    .number = HI_HAT_CLOSED,
                                    .value = 80};
        events[2 * i] = on;
        events[2 * i + 1] = on;
        events[2 * i + 1].type = KM_EVENT_NOTE_OFF;
        events[2 * i + 1].tick += EIGHTH_TICKS / 2;
    }

    km_groove_apply(events, 2 * NOTES_COUNT, 0.5, 0.3, 1); // In place; nothing is allocated.

    size_t note = 0;
    for (size_t i = 0; i < 2 * NOTES_COUNT; ++i) {
        if (events[i].type == KM_EVENT_NOTE_ON) {
            printf("note %zu: tick %4d becomes %4d, velocity 80 becomes %d\n", note + 1,
                   (int)note * EIGHTH_TICKS, (int)events[i].tick, events[i].value);
            ++note;
        }
    }
    return 0;
}
