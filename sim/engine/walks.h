/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Walks counted by what one took: steps, restarts. Each value below WALK_EXACT
 * has a bin of its own; above, every power of two is cut into WALK_PARTS bins,
 * so that no bin is wider than 1/8 of its lowest value.
 *
 * A tally knows which of its bins are used, so that emptying and adding one cost
 * what is in it. Nothing is allocated.
 */
#ifndef SIM_ENGINE_WALKS_H
#define SIM_ENGINE_WALKS_H

#include <stdint.h>

#define WALK_EXACT	128
#define WALK_PARTS	8
#define WALK_BINS	(WALK_EXACT + 57 * WALK_PARTS)	/* up to 2^64 - 1 */

enum walk_what { WALK_STEPS, WALK_RESTARTS, WALK_WHATS };

struct walk_tally {
	uint64_t count[WALK_WHATS][WALK_BINS];
	uint16_t used[WALK_WHATS][WALK_BINS];	/* bins that are not 0, in no order */
	uint32_t n_used[WALK_WHATS];
};

static inline unsigned int walk_bin(uint64_t value)
{
	unsigned int power;

	if (value < WALK_EXACT)
		return value;
	power = 63 - __builtin_clzll(value);
	return WALK_EXACT + (power - 7) * WALK_PARTS + (value >> (power - 3) & (WALK_PARTS - 1));
}

/* The lowest value of a bin; of the one behind the last: 2^64, that is, 0. */
static inline uint64_t walk_bin_low(unsigned int bin)
{
	unsigned int power, part;

	if (bin < WALK_EXACT)
		return bin;
	power = 7 + (bin - WALK_EXACT) / WALK_PARTS;
	part = (bin - WALK_EXACT) % WALK_PARTS;
	return power > 63 ? 0 : (uint64_t)(WALK_PARTS + part) << (power - 3);
}

static inline uint64_t walk_bin_high(unsigned int bin)
{
	return walk_bin_low(bin + 1) - 1;
}

static inline void walk_tally_bin(struct walk_tally *t, enum walk_what what, unsigned int bin,
				  uint64_t n)
{
	if (!t->count[what][bin])
		t->used[what][t->n_used[what]++] = bin;
	t->count[what][bin] += n;
}

static inline void walk_tally_walk(struct walk_tally *t, uint64_t steps, uint64_t restarts)
{
	walk_tally_bin(t, WALK_STEPS, walk_bin(steps), 1);
	walk_tally_bin(t, WALK_RESTARTS, walk_bin(restarts), 1);
}

static inline void walk_tally_clear(struct walk_tally *t)
{
	unsigned int what;

	for (what = 0; what < WALK_WHATS; what++) {
		while (t->n_used[what])
			t->count[what][t->used[what][--t->n_used[what]]] = 0;
	}
}

static inline void walk_tally_add(struct walk_tally *to, const struct walk_tally *t)
{
	unsigned int what, i;

	for (what = 0; what < WALK_WHATS; what++) {
		for (i = 0; i < t->n_used[what]; i++) {
			unsigned int bin = t->used[what][i];

			walk_tally_bin(to, what, bin, t->count[what][bin]);
		}
	}
}

#endif
