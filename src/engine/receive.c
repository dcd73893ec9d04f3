// SPDX-License-Identifier: MIT

// What the control thread says, taken from the ring before a quantum is rendered.

#include "engine/engine_private.h"

static void add_order(struct km_engine *engine, const struct km_message *message)
{
    km_orders_add(engine,
                  &(const struct km_order){.after = engine->queue.arrivals,
                                           .pair = message->number,
                                           .is_retirement = message->kind == KM_MESSAGE_RETIRE,
                                           .instrument = message->as.instrument});
}

static void wish(struct km_engine *engine, const struct km_message *message)
{
    struct km_wishes *const wishes = &engine->wishes;
    switch (message->kind) {
    case KM_MESSAGE_MUTES:
        wishes->has_mutes = true;
        wishes->mutes = message->number;
        break;
    case KM_MESSAGE_TEMPO_SCALE:
        wishes->has_tempo_scale = true;
        wishes->tempo_scale = message->as.value;
        break;
    default:
        wishes->has_production = true;
        wishes->production = message->as.sound.production;
        wishes->drift_cents = message->as.sound.drift_cents;
        break;
    }
}

static void carry_out(struct km_engine *engine, const struct km_message *message)
{
    switch (message->kind) {
    case KM_MESSAGE_CHUNK:
        km_queue_add(engine, message->number);
        break;
    case KM_MESSAGE_SET_INSTRUMENT:
    case KM_MESSAGE_RETIRE:
        add_order(engine, message);
        break;
    case KM_MESSAGE_PLAY:
        km_transport_play(engine);
        break;
    case KM_MESSAGE_PAUSE:
        km_transport_pause(engine);
        break;
    case KM_MESSAGE_STOP:
        km_transport_stop(engine);
        break;
    case KM_MESSAGE_JUMP:
        km_transport_jump(engine, message->number);
        break;
    case KM_MESSAGE_VOLUME:
        km_master_set_volume(engine->master, message->as.value);
        break;
    default:
        wish(engine, message);
        break;
    }
}

void km_engine_receive(struct km_engine *engine)
{
    struct km_message message;
    for (uint32_t i = 0; i < KM_ENGINE_MESSAGES_A_QUANTUM && km_orders_has_room(engine); ++i) {
        if (!km_ring_read(engine->messages, &message, sizeof(message))) {
            break;
        }
        engine->counts.commands += message.kind != KM_MESSAGE_CHUNK;
        carry_out(engine, &message);
    }
    if (!km_sequencer_is_busy(engine)) {
        km_wishes_grant(engine);
    }
}
