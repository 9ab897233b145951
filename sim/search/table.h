/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The table of visited states: from the hash of a state's words to its number.
 * It starts small and grows. With `exact` it keeps the words of every state
 * and compares them, so that two states with one hash stay two.
 */
#ifndef SIM_SEARCH_TABLE_H
#define SIM_SEARCH_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "sim/search/room.h"

#define TABLE_NEW	0xffffffffu
#define TABLE_FULL	0xfffffffeu	/* no memory */

struct table {
	uint64_t *hash;		/* 0: free; a state's hash is never 0 */
	uint32_t *number;	/* NULL: numbers are not kept */
	struct room hash_room, number_room;
	bool numbers;
	uint64_t slots, used;
	uint64_t room;		/* of the arrays: the slots, and some behind them */
	uint64_t collisions;	/* seen: one hash, other words (exact only) */

	bool exact;
	uint64_t *words;	/* of all states, one after the other */
	uint64_t n_words, room_words;
	uint64_t *at;		/* per state's number: its place in words; one more at the end */
	uint64_t room_at;
};

/* Returns false without memory. */
bool table_init(struct table *t, bool numbers, bool exact);
void table_clear(struct table *t);
/* An empty table with at least this much room, for what comes from a file. */
bool table_make_room(struct table *t, uint64_t room);
size_t table_bytes(const struct table *t);
/* What growing by one step takes for a moment on top of that; 0: not yet due. */
size_t table_bytes_to_grow(const struct table *t);

/*
 * The number of a state that is known (0 where numbers are not kept). TABLE_NEW:
 * it was not, and has been entered under `number`, which must be the next one.
 */
uint32_t table_enter(struct table *t, uint64_t hash, const uint64_t *words, size_t n_words,
		     uint32_t number);

#endif
