/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Memory of a search's large arrays, in pages of 2 MB where the kernel has them:
 * every page that is touched for the first time costs as much as several
 * transitions, and looks at random places of small pages miss the TLB as well.
 */
#ifndef SIM_SEARCH_ROOM_H
#define SIM_SEARCH_ROOM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * What grows in place and is looked at all over: addresses are reserved for as much
 * as the machine has, and memory is used up to where it is touched.
 */
struct room {
	void *at;		/* what is new is zeroed */
	size_t reserved;	/* bytes */
};

/* Let that many bytes be there; what was there stays. False: no memory. */
bool room_make(struct room *r, size_t bytes);
void room_clear(struct room *r);

/* malloc()'s: make *array n objects of that size. False: no memory. */
bool room_grow(void **array, uint64_t n, size_t size);
/* malloc()'s too: for use at once and as a whole; NULL: no memory. */
void *room_alloc(size_t bytes);

#endif
