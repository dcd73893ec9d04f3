// SPDX-License-Identifier: MIT

// The fast path of decoding, compared with a decoder that goes from byte to byte.

#include "midi/kernel_private.h"

#include "base/random.h"
#include "support/cmocka.h"

enum { ROUNDS = 400000, EDGES = 6 * 6 * 6 * 6 };

// Decodes as the specification says, one byte after the other; false for what is not message.
static bool decode_slowly(const unsigned char *bytes, unsigned char running,
                          struct km_midi_message *message)
{
    *message = (struct km_midi_message){0};
    const unsigned char *at = bytes;
    message->delta = *at & 0x7FU;
    if (*at++ >= 0x80) {
        if (at[-1] == 0x80 || *at >= 0x80) {
            return false;
        }
        message->delta = message->delta << 7 | *at++;
    }
    message->status = *at >= 0x80 ? *at++ : running;
    if (message->status < 0x80 || message->status >= 0xF0 || *at >= 0x80) {
        return false;
    }
    message->first = *at++;
    if ((message->status & 0xF0U) != 0xC0 && (message->status & 0xF0U) != 0xD0) {
        if (*at >= 0x80) {
            return false;
        }
        message->second = *at++;
    }
    message->size = (uint32_t)(at - bytes);
    return true;
}

static struct km_event event_of(const struct km_midi_message *message)
{
    const uint8_t channel = message->status & 0x0FU;
    const uint8_t first = (uint8_t)message->first;
    const uint8_t second = (uint8_t)message->second;
    switch (message->status & 0xF0U) {
    case 0x80:
        return (struct km_event){0, KM_EVENT_NOTE_OFF, channel, first, second, 0};
    case 0x90:
        return second > 0 ? (struct km_event){0, KM_EVENT_NOTE_ON, channel, first, second, 0}
                          : (struct km_event){0, KM_EVENT_NOTE_OFF, channel, first, 64, 0};
    case 0xA0:
        return (struct km_event){0, KM_EVENT_KEY_PRESSURE, channel, first, second, 0};
    case 0xB0:
        return (struct km_event){0, KM_EVENT_CONTROL, channel, first, second, 0};
    case 0xC0:
        return (struct km_event){0, KM_EVENT_PROGRAM, channel, first, 0, 0};
    case 0xD0:
        return (struct km_event){0, KM_EVENT_CHANNEL_PRESSURE, channel, 0, first, 0};
    default:
        return (struct km_event){.type = KM_EVENT_PITCH_BEND,
                                 .channel = channel,
                                 .detail = (uint32_t)(first + 128 * second)};
    }
}

static void expect_same(const unsigned char *bytes, unsigned char running, size_t *plain_count)
{
    struct km_midi_message expected;
    struct km_midi_message message = {0};
    const bool is_plain = decode_slowly(bytes, running, &expected);
    assert_int_equal(km_midi_message_decode(bytes, running, &message), is_plain);
    if (!is_plain) {
        return;
    }
    ++*plain_count;
    assert_int_equal(message.delta, expected.delta);
    assert_int_equal(message.size, expected.size);
    assert_int_equal(message.status, expected.status);
    assert_int_equal(message.first, expected.first);
    assert_int_equal(message.second, expected.second);
    const struct km_event event = km_midi_message_event(&message);
    const struct km_event wanted = event_of(&expected);
    assert_memory_equal(&event, &wanted, sizeof(event));
    // At the end of what is at hand as well.
    struct km_midi_plain plain = {bytes, bytes + KM_MIDI_PLAIN_SIZE_MAX, 1000, running};
    struct km_event next = {0};
    assert_true(km_midi_plain_next(&plain, &next));
    assert_int_equal(plain.at - bytes, expected.size);
    assert_int_equal(plain.running, expected.status);
    assert_int_equal(next.tick, 1000 + expected.delta);
    next.tick = 0;
    assert_memory_equal(&next, &wanted, sizeof(next));
    // A kind is one status and either a second byte of 0 or not.
    assert_in_range(km_midi_message_kind(&message), 0, KM_MIDI_PLAIN_KINDS - 1);
    assert_int_equal(km_midi_message_kind(&message) >> 1, (message.status - 0x80) >> 4);
    assert_int_equal(km_midi_message_kind(&message) & 1, message.second != 0);
}

static void any_bytes_are_decoded_as_one_by_one(void **state)
{
    (void)state;
    struct km_random random;
    km_random_init(&random, 4, "kernel");
    size_t plain_count = 0;
    for (size_t i = 0; i < ROUNDS; ++i) {
        unsigned char bytes[KM_MIDI_PLAIN_AHEAD];
        for (size_t j = 0; j < sizeof(bytes); ++j) { // Half of them data, and zeros among them.
            bytes[j] = (unsigned char)km_random_below(
                &random, km_random_chance(&random, 0.5) ? 0x80 : 0x100);
            bytes[j] = km_random_chance(&random, 0.1) ? bytes[j] & 0x80U : bytes[j];
        }
        const unsigned char running = km_random_chance(&random, 0.2)
                                          ? 0
                                          : (unsigned char)(0x80 + km_random_below(&random, 0x70));
        expect_same(bytes, running, &plain_count);
    }
    assert_in_range(plain_count, ROUNDS / 5, ROUNDS);
}

static void each_status_with_each_edge_of_its_bytes_is_decoded(void **state)
{
    (void)state;
    static const unsigned char edges[] = {0x00, 0x01, 0x7F, 0x80, 0x81, 0xFF};
    size_t plain_count = 0;
    for (unsigned int status = 0; status < 256; ++status) {
        for (size_t i = 0; i < EDGES; ++i) {
            const unsigned char a = edges[i % 6];
            const unsigned char b = edges[i / 6 % 6];
            const unsigned char c = edges[i / 36 % 6];
            const unsigned char d = edges[i / 216];
            const unsigned char bytes = (unsigned char)status;
            expect_same((unsigned char[]){a, bytes, c, d, b, a, b, c}, 0x9F, &plain_count);
            expect_same((unsigned char[]){a, b, bytes, c, d, a, b, c}, 0xC0, &plain_count);
            expect_same((unsigned char[]){a, b, c, d, a, b, c, d}, bytes < 0x80 ? 0 : bytes,
                        &plain_count);
        }
    }
    assert_true(plain_count > 1000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(any_bytes_are_decoded_as_one_by_one),
        cmocka_unit_test(each_status_with_each_edge_of_its_bytes_is_decoded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
