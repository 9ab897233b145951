/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Between the two halves of a litmus test on hardware: the child that plays it
 * (litmus_run.c) and the parent that waits for it (litmus.c). The parent believes
 * nothing that it finds in shared memory unchecked.
 */
#ifndef SIM_HW_LITMUS_RUN_H
#define SIM_HW_LITMUS_RUN_H

#include "sim/hw/litmus.h"
#include "sim/hw/litmus_code.h"

#define HW_LITMUS_STATES	4096u	/* different final states */
#define HW_LITMUS_MAGIC		0x6c69746du

struct hw_litmus_shared {
	uint32_t magic;
	uint32_t done;		/* set when all below is complete */
	uint32_t stop;		/* the parent's: end with this batch */
	uint32_t broken;	/* the test cannot go on: message says why */
	uint64_t rounds;	/* done; grows */
	double seconds;
	char message[HW_MESSAGE_MAX];
	uint32_t n_states;
	int64_t table[];	/* of each state: how often, then the items' values */
};

struct hw_litmus_child {
	const struct hw_litmus_code *code;
	const struct hw_litmus_options *opt;
	const struct litmus_item *item;
	unsigned int n_items;
	struct hw_litmus_shared *shared;
};

static inline size_t hw_litmus_shared_size(unsigned int n_items)
{
	return sizeof(struct hw_litmus_shared) +
	       (size_t)HW_LITMUS_STATES * (n_items + 1) * sizeof(int64_t);
}

void hw_litmus_child_run(void *child);

#endif
