// SPDX-License-Identifier: MIT

/// Streams of MIDI that must be read more than once are kept in a temporary file.
#ifndef KM_MIDI_SPOOL_H
#define KM_MIDI_SPOOL_H

#include "base/attributes.h"
#include "base/status.h"

#include <stdint.h>

KM_C_BEGIN

struct km_heap;
struct km_input;

/// Bytes of a stream that are kept at most.
#define KM_MIDI_SPOOL_SIZE_MAX (UINT64_C(1) << 36)

/// As km_input_spool, but what the reader refuses up to the header is refused at once, without the
/// input's name before it: a stream that is no MIDI may have no end. More than
/// KM_MIDI_SPOOL_SIZE_MAX bytes are KM_ERROR_TOO_LARGE.  [any]
KM_NODISCARD enum km_status km_midi_spool(struct km_heap *heap, struct km_input *input,
                                          struct km_error *error);

KM_C_END

#endif
