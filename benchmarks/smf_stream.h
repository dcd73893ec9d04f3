// SPDX-License-Identifier: MIT

/// The part of bench_smf that reads files of any size, and its peers.
#ifndef KM_BENCHMARKS_SMF_STREAM_H
#define KM_BENCHMARKS_SMF_STREAM_H

#include "harness.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

enum { SMF_PATH_SIZE = 4096 };

/// Writes a file of `tracks` tracks of notes, all together about `size` bytes, piece by piece.
/// False if it cannot be written.
bool smf_generate(FILE *file, uint64_t size, uint32_t tracks);

/// Streaming: scan, merged read, memory, small files. `path` is a file to use; null: a generated
/// one, which is removed at the end. Goes first, because it measures how memory grows.
void smf_stream(struct km_bench *bench, const char *path);

/// The peer "plain": counts the events of a file byte by byte, as one writes it first.
uint64_t smf_plain_count(const char *path);

#ifdef BENCH_SMF_LIBSMF
/// The peer libsmf: loads a file and steps through its events in the order of time; counts them.
uint64_t smf_libsmf_count(const char *path);
#endif

#endif
