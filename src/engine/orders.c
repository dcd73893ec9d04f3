// SPDX-License-Identifier: MIT

// Which instrument stands for which bank and program: changed in the order of chunks, given back
// when no voice plays it any more.

#include "engine/engine_private.h"

#include "base/check.h"

static struct km_entry *find(struct km_orders *orders, uint32_t pair)
{
    for (uint32_t i = 0; i < orders->entry_count; ++i) {
        if (orders->entries[i].pair == pair) {
            return &orders->entries[i];
        }
    }
    return NULL;
}

static uint16_t bank_of(uint32_t pair)
{
    return (uint16_t)(pair >> 8);
}

static uint8_t program_of(uint32_t pair)
{
    return (uint8_t)(pair & 0xFFU);
}

static void remove_entry(struct km_engine *engine, struct km_entry *entry)
{
    struct km_orders *const orders = &engine->orders;
    // Taking an entry away always succeeds.
    const bool is_away =
        km_synth_set_instrument(engine->synth, bank_of(entry->pair), program_of(entry->pair), NULL);
    KM_CHECK(is_away);
    orders->entry_count -= 1;
    *entry = orders->entries[orders->entry_count];
}

static void set(struct km_engine *engine, uint32_t pair, const struct km_instrument *instrument)
{
    struct km_orders *const orders = &engine->orders;
    struct km_entry *entry = find(orders, pair);
    if (!instrument) {
        if (entry) {
            remove_entry(engine, entry);
        }
        return;
    }
    const bool fits = entry || orders->entry_count < KM_SYNTH_PROGRAMS_MAX;
    if (!fits ||
        !km_synth_set_instrument(engine->synth, bank_of(pair), program_of(pair), instrument)) {
        orders->refused += 1;
        return;
    }
    if (!entry) {
        entry = &orders->entries[orders->entry_count++];
    }
    *entry = (struct km_entry){.pair = pair, .instrument = instrument};
}

static void retire(struct km_engine *engine, const struct km_instrument *instrument)
{
    struct km_orders *const orders = &engine->orders;
    for (uint32_t i = orders->entry_count; i-- > 0;) {
        if (orders->entries[i].instrument == instrument) {
            remove_entry(engine, &orders->entries[i]);
        }
    }
    KM_CHECK(orders->retiring_count < KM_ENGINE_RETIRING_MAX);
    orders->retiring[orders->retiring_count++] = instrument;
}

static void carry_out(struct km_engine *engine, const struct km_order *order)
{
    if (order->is_retirement) {
        retire(engine, order->instrument);
    } else {
        set(engine, order->pair, order->instrument);
    }
}

bool km_orders_has_room(const struct km_engine *engine)
{
    return engine->orders.count < KM_ENGINE_ORDERS_MAX;
}

void km_orders_add(struct km_engine *engine, const struct km_order *order)
{
    struct km_orders *const orders = &engine->orders;
    const uint64_t oldest = km_queue_oldest(engine);
    km_orders_carry_out(engine, oldest);
    // An instrument for a pair that has none does no harm to chunks that were sent before.
    const bool is_new = !order->is_retirement && !find(orders, order->pair);
    if (is_new || order->after < oldest) {
        carry_out(engine, order);
        return;
    }
    KM_CHECK(orders->count < KM_ENGINE_ORDERS_MAX);
    orders->waiting[(orders->first + orders->count) % KM_ENGINE_ORDERS_MAX] = *order;
    orders->count += 1;
}

void km_orders_carry_out(struct km_engine *engine, uint64_t number)
{
    struct km_orders *const orders = &engine->orders;
    while (orders->count > 0 && orders->waiting[orders->first].after < number) {
        carry_out(engine, &orders->waiting[orders->first]);
        orders->first = (orders->first + 1) % KM_ENGINE_ORDERS_MAX;
        orders->count -= 1;
    }
}

static void tell_free(struct km_engine *engine)
{
    struct km_orders *const orders = &engine->orders;
    if (orders->retiring_count == 0) {
        return;
    }
    const uint32_t index = orders->retiring_looked_at % orders->retiring_count;
    orders->retiring_looked_at = index + 1;
    const struct km_instrument *const instrument = orders->retiring[index];
    if (km_synth_uses(engine->synth, instrument)) {
        return;
    }
    // Who plays its programs from now on is told again that they are missing.
    km_synth_forget_instrument(engine->synth, instrument);
    const struct km_notice notice = {.kind = KM_NOTICE_INSTRUMENT_FREE, .instrument = instrument};
    // There is room: no more can be retiring than the ring holds beside the missing ones.
    const bool fits = km_ring_write(engine->notices, &notice, sizeof(notice));
    KM_CHECK(fits);
    orders->retiring_count -= 1;
    orders->retiring[index] = orders->retiring[orders->retiring_count];
}

static void tell_missing(struct km_engine *engine)
{
    // Room is left for all instruments that may come back.
    const uint32_t kept = KM_ENGINE_RETIRING_MAX * (uint32_t)sizeof(struct km_notice);
    struct km_notice notice = {.kind = KM_NOTICE_INSTRUMENT_MISSING};
    if (km_ring_write_space(engine->notices) < kept + sizeof(notice) ||
        !km_synth_take_missing(engine->synth, &notice.bank, &notice.program)) {
        return;
    }
    const bool fits = km_ring_write(engine->notices, &notice, sizeof(notice));
    KM_CHECK(fits);
}

void km_orders_tell(struct km_engine *engine)
{
    km_orders_carry_out(engine, km_queue_oldest(engine));
    tell_free(engine);
    tell_missing(engine);
}
