// SPDX-License-Identifier: MIT

#include "midi/sounding.h"

#include "base/check.h"

uint32_t km_midi_sounding_end(struct km_midi_sounding *sounding, int64_t track, uint64_t tick,
                              const struct km_midi_listener *listener)
{
    KM_CHECK(sounding);
    KM_CHECK(listener);
    uint32_t told = 0;
    for (size_t i = 0; sounding->total > 0; ++i) {
        KM_CHECK(i < KM_MIDI_SOUNDING_KEYS);
        if (sounding->counts[i] == 0) {
            continue;
        }
        sounding->total -= sounding->counts[i];
        sounding->counts[i] = 0;
        ++told;
        if (listener->tell) {
            listener->tell(listener->context,
                           &(struct km_midi_problem){.fault = KM_MIDI_FAULT_HANGING_NOTE,
                                                     .offset = sounding->offsets[i],
                                                     .track = track,
                                                     .tick = tick});
        }
    }
    return told;
}
