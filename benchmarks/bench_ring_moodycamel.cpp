// SPDX-License-Identifier: MIT

// The peer of bench_ring in C++: moodycamel::ReaderWriterQueue, used as its documentation shows.

#include "bench_ring.h"

#include <readerwriterqueue/readerwriterqueue.h>

namespace
{

template <typename message> using queue_of = moodycamel::ReaderWriterQueue<message>;

template <typename message> void *create()
{
    // It takes the number as a promise and makes 4 blocks of 512, one element of each kept free.
    return new queue_of<message>(BENCH_RING_CAPACITY / 2);
}

template <typename message> void destroy(void *queue)
{
    delete static_cast<queue_of<message> *>(queue);
}

template <typename message> void write(void *queue, uint64_t first, uint64_t count)
{
    queue_of<message> &target = *static_cast<queue_of<message> *>(queue);
    for (uint64_t i = first; i < first + count; ++i) {
        message sent = {};
        sent.words[0] = i;
        for (unsigned int tries = 0; !target.try_enqueue(sent);) {
            bench_ring_wait(&tries);
        }
    }
}

template <typename message> bool read(void *queue, uint64_t first, uint64_t count)
{
    queue_of<message> &source = *static_cast<queue_of<message> *>(queue);
    bool in_order = true;
    for (uint64_t i = first; i < first + count; ++i) {
        message received;
        for (unsigned int tries = 0; !source.try_dequeue(received);) {
            bench_ring_wait(&tries);
        }
        in_order = in_order && received.words[0] == i;
    }
    return in_order;
}

} // namespace

extern "C" const bench_queue bench_ring_moodycamel[2] = {
    {"moodycamel", create<message_8>, destroy<message_8>, write<message_8>, read<message_8>},
    {"moodycamel", create<message_64>, destroy<message_64>, write<message_64>, read<message_64>},
};
