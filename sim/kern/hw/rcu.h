/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Callbacks after a grace period, for the hardware back end. A thread's
 * callbacks wait in a list of its own and are run by itself, at a quiescent
 * state of its own. liburcu is seen by rcu.c only.
 */
#ifndef SIM_KERN_HW_RCU_H
#define SIM_KERN_HW_RCU_H

#include <stddef.h>

/* core/ calls it struct rcu_head. */
struct kern_hw_rcu_head {
	struct kern_hw_rcu_head *next;
	void (*func)(struct kern_hw_rcu_head *head);
};

void kern_hw_call_rcu(struct kern_hw_rcu_head *head, void (*func)(struct kern_hw_rcu_head *));
/* The object begins offset bytes before its head and came from kmem_cache_alloc(). */
void kern_hw_kfree_rcu(struct kern_hw_rcu_head *head, size_t offset);
/* slab.c: back to the cache that it is of. */
void kern_hw_slab_free(void *object);
/* Not inside a read-side section. */
void kern_hw_synchronize_rcu(void);

/*
 * For the runner. A thread is a reader between begin and end; outside of all that
 * nobody reads, and callbacks are run at once.
 */
void kern_hw_rcu_begin(void);
/* Runs this thread's remaining callbacks, after their grace period. */
void kern_hw_rcu_end(void);
/* This thread holds no reference; runs the callbacks whose time has come. */
void kern_hw_quiescent_state(void);
/* Around a wait for other threads, which may themselves wait for a grace period. */
void kern_hw_rcu_offline(void);
void kern_hw_rcu_online(void);

#endif
