/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Threads wait for each other between laps. They hold no reference meanwhile,
 * so that one of them may wait for a grace period.
 */
#include "sim/hw/state.h"
#include "sim/kern/hw/kern_hw.h"

void hw_barrier_wait(struct hw_barrier *b)
{
	uint32_t phase = READ_ONCE(b->phase);

	kern_hw_rcu_offline();
	if (__atomic_add_fetch(&b->arrived, 1, __ATOMIC_SEQ_CST) == b->n) {
		WRITE_ONCE(b->arrived, 0);
		/* What all did before; pairs with the load that ends their wait. */
		smp_store_release(&b->phase, phase + 1);
	} else {
		HW_WAIT_UNTIL(READ_ONCE(b->phase) != phase);
	}
	kern_hw_rcu_online();
}
