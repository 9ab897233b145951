/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Random numbers: SplitMix64 (Steele, Lea, Flood 2014), whose 64 output bits
 * all pass the usual batteries. One stream per purpose, derived from the seed
 * by mixing, so that streams of neighbouring seeds have nothing in common.
 */
#ifndef SIM_ENGINE_RNG_H
#define SIM_ENGINE_RNG_H

#include <stdint.h>

struct rng {
	uint64_t state;
};

static inline uint64_t mix64(uint64_t z)
{
	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ull;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebull;
	return z ^ (z >> 31);
}

/* Fold v into the hash h; not commutative. */
static inline uint64_t hash_mix(uint64_t h, uint64_t v)
{
	return mix64(h * 0x9e3779b97f4a7c15ull + v + 0x632be59bd9b4e019ull);
}

static inline uint64_t rng_next(struct rng *r)
{
	r->state += 0x9e3779b97f4a7c15ull;
	return mix64(r->state);
}

/* Streams of one seed are told apart by a number of the caller's. */
static inline void rng_init(struct rng *r, uint64_t seed, uint64_t stream)
{
	r->state = hash_mix(hash_mix(0x726d617073696dull, seed), stream);
}

/* Uniform in 0..n-1, n >= 1 (Lemire 2019, with rejection: no bias at all). */
static inline uint32_t rng_below(struct rng *r, uint32_t n)
{
	uint64_t m = (rng_next(r) >> 32) * n;

	if ((uint32_t)m < n) {
		uint32_t threshold = -n % n;

		while ((uint32_t)m < threshold)
			m = (rng_next(r) >> 32) * n;
	}
	return m >> 32;
}

#endif
