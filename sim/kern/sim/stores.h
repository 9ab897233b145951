/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The stores of a cpu that wait, as task code sees them: it may put one behind
 * others and look for its own. All else is sim/model/buffer.h's.
 */
#ifndef SIM_KERN_SIM_STORES_H
#define SIM_KERN_SIM_STORES_H

#include "sim/kern/sim/sim.h"

#define BUFFER_SPARE	2	/* entries for the end of an operation, which cannot wait */

enum buffer_flags {
	BUFFER_RELEASE = 1 << 0,	/* behind all that stands before it */
	BUFFER_BARRIER = 1 << 1,	/* so are this one and all behind it */
	BUFFER_UNLOCK = 1 << 2,
};

struct buffer_entry {
	uint64_t value;		/* of a store */
	struct sim_site *site;
	uint32_t place;		/* of a store; a note's arg */
	uint32_t time;		/* of what a store was made from; the model's */
	uint8_t is_note;
	uint8_t size;
	uint8_t flags;
	uint8_t note;		/* its kind */
};

struct buffer {
	uint16_t n;
	uint16_t stores;
	uint16_t barrier;	/* the next store is the first behind one */
	uint16_t room;		/* entries */
	struct buffer_entry entry[];
};

static inline struct buffer_entry *buffer_push(struct buffer *b, const struct sim_event *ev,
					       uint64_t value)
{
	struct buffer_entry *entry = &b->entry[b->n++];

	*entry = (struct buffer_entry){
		.value = value,
		.site = ev->site,
		.place = (uint8_t *)ev->addr - sim.heap,
		.size = ev->size,
	};
	if (ev->kind == EV_UNLOCK)
		entry->flags |= BUFFER_RELEASE | BUFFER_UNLOCK;
	else if (ev->order == ORD_RELEASE)
		entry->flags |= BUFFER_RELEASE;
	if (b->barrier)
		entry->flags |= BUFFER_BARRIER;
	b->barrier = 0;
	b->stores++;
	return entry;
}

#endif
