// SPDX-License-Identifier: MIT

#include "base/random.h"

#include "base/check.h"

static uint64_t split_mix(uint64_t *state)
{
    *state += 0x9E3779B97F4A7C15ULL;
    uint64_t mixed = *state;
    mixed = (mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9ULL;
    mixed = (mixed ^ (mixed >> 27)) * 0x94D049BB133111EBULL;
    return mixed ^ (mixed >> 31);
}

// FNV-1a, 64 bits.
static uint64_t hash_of(const char *name)
{
    uint64_t hash = 0xCBF29CE484222325ULL;
    for (const char *c = name; *c; ++c) {
        hash = (hash ^ (unsigned char)*c) * 0x100000001B3ULL;
    }
    return hash;
}

static uint64_t rotate_left(uint64_t bits, unsigned int count)
{
    return (bits << count) | (bits >> (64U - count));
}

void km_random_init(struct km_random *random, uint64_t seed, const char *name)
{
    KM_CHECK(random);
    KM_CHECK(name);
    // The seed is mixed before the name joins it, so that seed 1 of one stream is not seed 2 of
    // another.
    uint64_t mixed = seed;
    mixed = split_mix(&mixed) ^ hash_of(name);
    for (int i = 0; i < 4; ++i) {
        random->state[i] = split_mix(&mixed);
    }
}

uint64_t km_random_bits(struct km_random *random)
{
    uint64_t *const s = random->state;
    const uint64_t result = rotate_left(s[1] * 5, 7) * 9;
    const uint64_t shifted = s[1] << 17;
    s[2] ^= s[0];
    s[3] ^= s[1];
    s[1] ^= s[2];
    s[0] ^= s[3];
    s[2] ^= shifted;
    s[3] = rotate_left(s[3], 45);
    return result;
}

uint32_t km_random_below(struct km_random *random, uint32_t count)
{
    KM_CHECK(count > 0);
    return (uint32_t)(((km_random_bits(random) >> 32) * count) >> 32);
}

int32_t km_random_between(struct km_random *random, int32_t low, int32_t high)
{
    KM_CHECK(low <= high);
    const uint64_t count = (uint64_t)((int64_t)high - low) + 1;
    return (int32_t)(low + (int64_t)(((km_random_bits(random) >> 32) * count) >> 32));
}

double km_random_unit(struct km_random *random)
{
    return (double)(km_random_bits(random) >> 11) * 0x1p-53;
}

bool km_random_chance(struct km_random *random, double probability)
{
    return km_random_unit(random) < probability;
}

double km_random_bell(struct km_random *random)
{
    const uint64_t bits = km_random_bits(random);
    const uint64_t sum =
        (bits & 0xFFFF) + ((bits >> 16) & 0xFFFF) + ((bits >> 32) & 0xFFFF) + (bits >> 48);
    // Four uniform numbers of 0..65535: mean 131070, variance 4 * (2^32 - 1) / 12.
    return ((double)sum - 131070.0) * 2.6428997921303014e-05;
}

uint32_t km_random_weighted(struct km_random *random, const float *weights, uint32_t count)
{
    KM_CHECK(count > 0);
    double total = 0.0;
    for (uint32_t i = 0; i < count; ++i) {
        total += (double)weights[i];
    }
    double left = km_random_unit(random) * total;
    uint32_t last = 0; // The last one with a weight: rounding must not fall through to one without.
    for (uint32_t i = 0; i < count && left >= 0.0; ++i) {
        last = weights[i] > 0.0F ? i : last;
        left -= (double)weights[i];
    }
    return last;
}
