// SPDX-License-Identifier: MIT

/// Gives the pages of an Ogg stream another serial number on their way: libsndfile takes one from
/// the clock, and then the same song would never give the same file twice.
#ifndef KM_DRIVERS_OGG_PAGES_PRIVATE_H
#define KM_DRIVERS_OGG_PAGES_PRIVATE_H

#include "base/attributes.h"
#include "base/status.h"

#include <stddef.h>
#include <stdint.h>

KM_C_BEGIN

struct km_sink;

enum { KM_OGG_PAGE_SIZE_MAX = 27 + 255 + 255 * 255 };

struct km_ogg_pages {
    struct km_sink *sink; ///< Where pages go.
    uint32_t serial;
    size_t used;
    uint32_t sums[256]; ///< Of one byte each, for the checksum.
    unsigned char page[KM_OGG_PAGE_SIZE_MAX];
};

/// [any]
void km_ogg_pages_init(struct km_ogg_pages *pages, struct km_sink *sink, uint32_t serial);

/// Takes the stream's next bytes; whole pages go on. What is not Ogg is KM_ERROR_INVALID.  [any]
KM_NODISCARD enum km_status km_ogg_pages_write(struct km_ogg_pages *pages, const void *bytes,
                                               size_t size);

KM_C_END

#endif
