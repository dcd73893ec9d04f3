// SPDX-License-Identifier: MIT

#include "synth/envelope_private.h"

#include "base/check.h"

static uint32_t rounded_up(float frames)
{
    const uint32_t whole = (uint32_t)frames;
    return whole + ((float)whole < frames ? 1 : 0);
}

static void set_line(struct km_envelope *envelope, float target, float slope, uint32_t left)
{
    envelope->target = target;
    envelope->slope = slope;
    envelope->left = left;
    envelope->value = target - slope * (float)left;
}

static void enter(struct km_envelope *envelope, const struct km_envelope_times *times,
                  uint32_t stage)
{
    envelope->stage = stage;
    switch (stage) {
    case KM_STAGE_DELAY:
        set_line(envelope, 0.0f, 0.0f, times->delay);
        break;
    case KM_STAGE_ATTACK:
        set_line(envelope, 1.0f, 1.0f / (float)times->attack, times->attack);
        break;
    case KM_STAGE_HOLD:
        set_line(envelope, 1.0f, 0.0f, times->hold);
        break;
    case KM_STAGE_DECAY:
        set_line(envelope, times->sustain, -1.0f / (float)times->decay,
                 rounded_up((1.0f - times->sustain) * (float)times->decay));
        break;
    case KM_STAGE_SUSTAIN:
        set_line(envelope, times->sustain, 0.0f, 0);
        break;
    default:
        set_line(envelope, 0.0f, 0.0f, 0);
        break;
    }
}

void km_envelope_start(struct km_envelope *envelope, const struct km_envelope_times *times)
{
    KM_CHECK(times->attack > 0 && times->decay > 0 && times->release > 0);
    enter(envelope, times, times->delay > 0 ? KM_STAGE_DELAY : KM_STAGE_ATTACK);
}

void km_envelope_run(struct km_envelope *envelope, const struct km_envelope_times *times,
                     uint32_t frames)
{
    // At most once through all stages: each step enters a later one.
    while (km_envelope_moves(envelope) && frames >= envelope->left) {
        frames -= envelope->left;
        enter(envelope, times, envelope->stage + 1);
    }
    if (km_envelope_moves(envelope)) {
        envelope->left -= frames;
        envelope->value = envelope->target - envelope->slope * (float)envelope->left;
    }
}

void km_envelope_release(struct km_envelope *envelope, const struct km_envelope_times *times,
                         float value)
{
    const float held = value > 0.0f ? (value < 1.0f ? value : 1.0f) : 0.0f;
    envelope->stage = KM_STAGE_RELEASE;
    set_line(envelope, 0.0f, -1.0f / (float)times->release,
             rounded_up(held * (float)times->release));
}
