/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Threads wait for each other between laps. They hold no reference meanwhile,
 * so that one of them may wait for a grace period.
 */
#include "sim/hw/state.h"
#include "sim/kern/hw/kern_hw.h"

/* Long enough for threads that have CPUs of their own; others are let run at once. */
#define LOOKS	256

static void barrier_look(const struct hw_barrier *b, uint32_t phase)
{
	unsigned int looks = 0;

	while (READ_ONCE(b->phase) == phase) {
		if (looks++ < LOOKS)
			cpu_relax();
		else
			kern_hw_yield();
	}
	barrier();	/* before what follows; pairs with the release in hw_barrier_wait() */
}

void hw_barrier_wait(struct hw_barrier *b)
{
	uint32_t phase = READ_ONCE(b->phase);

	kern_hw_rcu_offline();
	if (__atomic_add_fetch(&b->arrived, 1, __ATOMIC_SEQ_CST) == b->n) {
		WRITE_ONCE(b->arrived, 0);
		/* What all did before; pairs with the load that ends their wait. */
		smp_store_release(&b->phase, phase + 1);
	} else {
		barrier_look(b, phase);
	}
	kern_hw_rcu_online();
}
