// SPDX-License-Identifier: MIT

// What composers do with a motif: exact, so that what is undone is as it was.

#include "session/motif_private.h"

#include "base/check.h"
#include "base/units.h"

#include <string.h>

void km_motif_transpose(struct km_motif *motif, int steps)
{
    for (int i = 0; i < motif->count; ++i) {
        motif->notes[i].offset = (int16_t)(motif->notes[i].offset + steps);
    }
}

void km_motif_invert(struct km_motif *motif)
{
    const int axis = motif->count > 0 ? 2 * motif->notes[0].offset : 0;
    for (int i = 0; i < motif->count; ++i) {
        motif->notes[i].offset = (int16_t)(axis - motif->notes[i].offset);
    }
}

void km_motif_retrograde(struct km_motif *motif)
{
    for (int i = 0, j = motif->count - 1; i < j; ++i, --j) {
        const struct km_motif_note note = motif->notes[i];
        motif->notes[i] = motif->notes[j];
        motif->notes[j] = note;
    }
    for (int i = 0; i < motif->count; ++i) {
        struct km_motif_note *const note = &motif->notes[i];
        KM_CHECK(note->start + note->duration <= motif->length);
        note->start = (uint16_t)(motif->length - note->start - note->duration);
    }
}

void km_motif_augment(struct km_motif *motif)
{
    KM_CHECK(motif->length <= UINT16_MAX / 2);
    motif->length = (uint16_t)(2U * motif->length);
    for (int i = 0; i < motif->count; ++i) {
        motif->notes[i].start = (uint16_t)(2U * motif->notes[i].start);
        motif->notes[i].duration = (uint16_t)(2U * motif->notes[i].duration);
    }
}

bool km_motif_diminish(struct km_motif *motif)
{
    unsigned int rests = motif->length % (2U * KM_SIXTEENTH);
    for (int i = 0; i < motif->count; ++i) {
        rests |= motif->notes[i].start % (2U * KM_SIXTEENTH);
        rests |= motif->notes[i].duration % (2U * KM_SIXTEENTH);
    }
    if (rests != 0) {
        return false;
    }
    motif->length = (uint16_t)(motif->length / 2U);
    for (int i = 0; i < motif->count; ++i) {
        motif->notes[i].start = (uint16_t)(motif->notes[i].start / 2U);
        motif->notes[i].duration = (uint16_t)(motif->notes[i].duration / 2U);
    }
    return true;
}

void km_motif_cut(struct km_motif *motif, uint32_t end)
{
    int count = 0;
    for (; count < motif->count && motif->notes[count].start < end; ++count) {
        struct km_motif_note *const note = &motif->notes[count];
        if (note->start + note->duration > end) {
            note->duration = (uint16_t)(end - note->start);
        }
    }
    motif->count = count;
    motif->length = (uint16_t)(motif->length < end ? motif->length : end);
}

void km_motif_skip(struct km_motif *motif, uint32_t start)
{
    int count = 0;
    for (int i = 0; i < motif->count; ++i) {
        if (motif->notes[i].start >= start) {
            motif->notes[count] = motif->notes[i];
            motif->notes[count].start = (uint16_t)(motif->notes[i].start - start);
            ++count;
        }
    }
    motif->count = count;
    motif->length = (uint16_t)(motif->length > start ? motif->length - start : 0);
}

void km_motif_append(struct km_motif *motif, const struct km_motif *other)
{
    KM_CHECK(motif != other);
    KM_CHECK((uint32_t)motif->length + other->length <= UINT16_MAX);
    for (int i = 0; i < other->count && motif->count < KM_MOTIF_NOTES_MAX; ++i) {
        struct km_motif_note *const note = &motif->notes[motif->count++];
        *note = other->notes[i];
        note->start = (uint16_t)(note->start + motif->length);
    }
    motif->length = (uint16_t)(motif->length + other->length);
}

void km_motif_vary(struct km_motif *motif, struct km_random *random)
{
    const int first = motif->count - motif->count / 3 - 1;
    for (int i = first > 1 ? first : 1; i < motif->count; ++i) {
        const int offset = motif->notes[i].offset + km_random_between(random, -2, 2);
        motif->notes[i].offset = (int16_t)(offset > 5 ? 5 : (offset < -5 ? -5 : offset));
    }
}

bool km_motif_ornament(struct km_motif *motif)
{
    int longest = 0;
    for (int i = 1; i < motif->count; ++i) {
        longest = motif->notes[i].duration > motif->notes[longest].duration ? i : longest;
    }
    if (motif->count == 0 || motif->count == KM_MOTIF_NOTES_MAX ||
        motif->notes[longest].duration < KM_PPQ) {
        return false;
    }
    struct km_motif_note *const note = &motif->notes[longest];
    memmove(note + 1, note, (size_t)(motif->count - longest) * sizeof(*note));
    ++motif->count;
    const unsigned int half = note->duration / (2U * KM_SIXTEENTH) * KM_SIXTEENTH;
    const int next = longest + 2 < motif->count ? note[2].offset : note->offset + 1;
    note->duration = (uint16_t)half;
    note[1].start = (uint16_t)(note->start + half);
    note[1].duration = (uint16_t)(note[1].duration - half);
    note[1].offset = (int16_t)(note->offset + (next < note->offset ? -1 : 1));
    return true;
}
