// SPDX-License-Identifier: MIT

/// SHA-256 (FIPS 180-4), to name the files that a command wrote by their content.
#ifndef KM_BASE_SHA256_H
#define KM_BASE_SHA256_H

#include "base/attributes.h"

#include <stddef.h>
#include <stdint.h>

KM_C_BEGIN

enum { KM_SHA256_TEXT_SIZE = 65 };

struct km_sha256 {
    uint32_t state[8];
    uint64_t size; ///< Bytes so far.
    unsigned char block[64];
};

/// Starts a sum.  [any]
void km_sha256_init(struct km_sha256 *sum);

/// Adds bytes.  [any]
void km_sha256_add(struct km_sha256 *sum, const void *bytes, size_t size);

/// Ends the sum and writes it as 64 hexadecimal digits and a zero byte.  [any]
void km_sha256_finish(struct km_sha256 *sum, char text[KM_SHA256_TEXT_SIZE]);

KM_C_END

#endif
