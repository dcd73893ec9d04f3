// SPDX-License-Identifier: MIT

// What it costs to read a sentence, and a long text.

#include "affect/affect.h"
#include "harness.h"

#include <stdio.h>
#include <string.h>
#include <sys/resource.h>

enum { TEXT_SIZE = 1 << 20 };

static uint64_t allocations;

// The linker sends all calls of malloc here (--wrap), and those of __real_malloc to malloc itself:
// hence the reserved names.
// NOLINTBEGIN(bugprone-reserved-identifier,cert-dcl37-c,readability-identifier-naming)
void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *memory, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *memory, size_t size);

void *__wrap_malloc(size_t size)
{
    ++allocations;
    return __real_malloc(size);
}

void *__wrap_calloc(size_t count, size_t size)
{
    ++allocations;
    return __real_calloc(count, size);
}

void *__wrap_realloc(void *memory, size_t size)
{
    ++allocations;
    return __real_realloc(memory, size);
}
// NOLINTEND(bugprone-reserved-identifier,cert-dcl37-c,readability-identifier-naming)

// 16 words each: plain, negated, misspelt, with idiom and emoji.
static const char *const sentences[] = {
    "I am devastated since she passed away and nothing in this quiet house feels right anymore",
    "I am not angry any more but I still feel a bit hurt by what he said",
    "We finally brought our baby home and I am so grateful and happy that I cried",
    "I feel deppressed and anixous and my freinds do not understand it at all, not ever :\'(",
};

enum { SENTENCES_COUNT = sizeof(sentences) / sizeof(sentences[0]) };

static void read_sentences(void *context, uint64_t n)
{
    struct km_affect *const affect = context;
    for (uint64_t i = 0; i < n; ++i) {
        const char *const text = sentences[i % SENTENCES_COUNT];
        if (km_affect_of_text(text, strlen(text), affect, NULL) != KM_OK) {
            return;
        }
        km_bench_keep(affect);
    }
}

static void read_long_text(void *context, uint64_t n)
{
    static char text[TEXT_SIZE];
    struct km_affect *const affect = context;
    for (size_t used = 0, i = 0; used + 128 < TEXT_SIZE; ++i) {
        const size_t length = strlen(sentences[i % SENTENCES_COUNT]);
        memcpy(text + used, sentences[i % SENTENCES_COUNT], length);
        text[used + length] = '.';
        text[used + length + 1] = ' ';
        used += length + 2;
    }
    for (uint64_t i = 0; i < n; ++i) {
        if (km_affect_of_text(text, TEXT_SIZE, affect, NULL) != KM_OK) {
            return;
        }
        km_bench_keep(affect);
    }
}

int main(int argument_count, char **arguments)
{
    struct km_bench *const bench =
        km_bench_start("affect", "Reading what a text feels like, by lexicon and rules",
                       argument_count, arguments);
    const uint64_t repetitions = km_bench_is_quick(bench) ? 20 : 2000;
    struct km_affect affect;
    const uint64_t allocations_before = allocations;
    read_sentences(&affect, SENTENCES_COUNT);
    const uint64_t allocations_made = allocations - allocations_before;
    const double sentence_ns = km_bench_median_ns(bench, read_sentences, &affect, repetitions);
    const double text_ns = km_bench_median_ns(bench, read_long_text, &affect, 1);
    struct rusage usage;
    (void)getrusage(RUSAGE_SELF, &usage);
    km_bench_metric(bench, "sentence_us", sentence_ns / 1e3, "us");
    km_bench_metric(bench, "megabyte_ms", text_ns / 1e6, "ms");
    km_bench_metric(bench, "allocations", (double)allocations_made, "");
    km_bench_metric(bench, "rss_mb", (double)usage.ru_maxrss / 1024.0, "MB");
    return km_bench_finish(bench);
}
