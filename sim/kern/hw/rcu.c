/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Grace periods by liburcu, qsbr flavour; see rcu.h.
 *
 * A thread has two lists: callbacks that wait for the next grace period, and
 * one batch whose grace period runs. The batch is one callback of liburcu's,
 * called by its helper thread, which only says that the time has come; so
 * nobody waits, and the callbacks run where the kernel runs them: on the CPU
 * that asked, when it is in no read-side section.
 */
#define _LGPL_SOURCE
#include <stdbool.h>
#include <urcu-qsbr.h>
#include "sim/kern/hw/rcu.h"

/* As in the kernel: a func below this is the offset of a head in an object to be freed. */
#define KFREE_OFFSET_MAX	4096

struct rcu_thread {
	struct kern_hw_rcu_head *next, **next_tail;
	struct kern_hw_rcu_head *batch;
	struct rcu_head grace;
	int elapsed;		/* set by the helper thread: the batch's time has come */
};

static __thread struct rcu_thread me;

static void grace_elapsed(struct rcu_head *head)
{
	struct rcu_thread *t = caa_container_of(head, struct rcu_thread, grace);

	/* Pairs with the acquire in run_batch(): what ended the readers, before the callbacks. */
	__atomic_store_n(&t->elapsed, 1, __ATOMIC_RELEASE);
}

static void run_callbacks(struct kern_hw_rcu_head *head)
{
	struct kern_hw_rcu_head *next;

	for (; head; head = next) {
		next = head->next;
		if ((size_t)head->func < KFREE_OFFSET_MAX)
			kern_hw_slab_free((char *)head - (size_t)head->func);
		else
			head->func(head);
	}
}

static void start_batch(void)
{
	me.batch = me.next;
	me.next = NULL;
	me.next_tail = &me.next;
	__atomic_store_n(&me.elapsed, 0, __ATOMIC_RELAXED);
	call_rcu(&me.grace, grace_elapsed);
}

/* False: its time has not come. */
static bool run_batch(void)
{
	struct kern_hw_rcu_head *batch = me.batch;

	/* Pairs with the release in grace_elapsed(). */
	if (!__atomic_load_n(&me.elapsed, __ATOMIC_ACQUIRE))
		return false;
	me.batch = NULL;
	run_callbacks(batch);
	return true;
}

static void queue_callback(struct kern_hw_rcu_head *head)
{
	head->next = NULL;
	if (!me.next_tail) {
		run_callbacks(head);
		return;
	}
	*me.next_tail = head;
	me.next_tail = &head->next;
}

void kern_hw_call_rcu(struct kern_hw_rcu_head *head, void (*func)(struct kern_hw_rcu_head *))
{
	head->func = func;
	queue_callback(head);
}

void kern_hw_kfree_rcu(struct kern_hw_rcu_head *head, size_t offset)
{
	head->func = (void (*)(struct kern_hw_rcu_head *))offset;
	queue_callback(head);
}

void kern_hw_synchronize_rcu(void)
{
	synchronize_rcu();
}

void kern_hw_rcu_begin(void)
{
	me.next = NULL;
	me.next_tail = &me.next;
	me.batch = NULL;
	rcu_register_thread();
}

void kern_hw_rcu_end(void)
{
	rcu_thread_offline();
	while (me.batch || me.next) {
		if (!me.batch)
			start_batch();
		synchronize_rcu();
		run_batch();
	}
	me.next_tail = NULL;
	rcu_thread_online();
	rcu_unregister_thread();
}

void kern_hw_quiescent_state(void)
{
	rcu_quiescent_state();
	if (me.batch && !run_batch())
		return;
	if (me.next)
		start_batch();
}

void kern_hw_rcu_offline(void)
{
	rcu_thread_offline();
}

void kern_hw_rcu_online(void)
{
	rcu_thread_online();
}
