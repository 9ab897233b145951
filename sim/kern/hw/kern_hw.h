/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The hardware back end as its runner sees it: what is set before anything
 * runs, threads with numbers, and what can be asked when all is over. core/ sees
 * kern_backend.h only.
 */
#ifndef SIM_KERN_HW_KERN_HW_H
#define SIM_KERN_HW_KERN_HW_H

#include "core/kern.h"

enum kern_hw_reuse { KERN_HW_LIFO, KERN_HW_FIFO, KERN_HW_SEEDED };

struct kern_hw_config {
	unsigned int nr_threads;	/* numbers below it may be given */
	unsigned int stock;		/* objects that a thread's free list gets at a time */
	enum kern_hw_reuse reuse;	/* of a thread's own free objects */
	u64 seed;			/* for KERN_HW_SEEDED */
};

/* Before the first cache is created; holds for all that follow. */
void kern_hw_configure(const struct kern_hw_config *config);
const struct kern_hw_config *kern_hw_configuration(void);

/* The calling thread is number n: its slab lists, its warnings, a reader of RCU. */
void kern_hw_thread_begin(unsigned int n);
void kern_hw_thread_end(void);

/* Warnings of the threads that have ended and of this one; and the first one's condition. */
unsigned long kern_hw_warnings(void);
const char *kern_hw_first_warning(void);

/* Objects that are allocated now; no other thread runs. */
long kern_hw_cache_live(const struct kmem_cache *cache);

#endif
