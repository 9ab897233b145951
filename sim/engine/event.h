/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The vocabulary of a simulated run: events that tasks announce, choices that
 * the scheduler makes, records of what happened, violations.
 */
#ifndef SIM_ENGINE_EVENT_H
#define SIM_ENGINE_EVENT_H

#include <stdbool.h>
#include <stdint.h>

enum ev_kind {
	EV_NONE,	/* nothing announced: the task is done */
	EV_LOAD,
	EV_STORE,
	EV_XCHG,
	EV_CMPXCHG,	/* operand: new, expected: old */
	EV_ADD,		/* operand is added */
	EV_OR,		/* bit operations: operand is the mask */
	EV_AND,
	EV_FENCE,
	EV_LOCK,	/* take; enabled by the lock's rule */
	EV_TRYLOCK,
	EV_LOCK_WAIT,	/* in the queue of a FIFO lock */
	EV_UNLOCK,	/* a store to the lock's word */
	EV_ALLOC,
	EV_FREE,
	EV_FREE_RCU,	/* after a grace period; operand: callback + 1, or 0 of kfree_rcu() */
	EV_RELAX,	/* cpu_relax: wait for a change of what was read */
	EV_OP,		/* a task with a mix chooses its next operation */
	EV_RCU_LOCK,	/* a read-side section begins, and ends */
	EV_RCU_UNLOCK,
	EV_SYNC_RCU,	/* a grace period is asked for */
	EV_SYNC_WAIT,	/* its end */
	EV_DRAIN,	/* never announced: a store leaves its buffer */
	EV_GRACE,	/* never announced: a grace period ends, an object is freed or called */
	/* what no other task can observe; never a point */
	EV_UNASKED,
	EV_OP_NEXT = EV_UNASKED,	/* operand: result of the one that ended */
	EV_REMOVE_BEGIN,		/* operand: spte's number */
	EV_MAY,				/* under mmu_lock: can the operation be done at all? */
	EV_ZAP_BEGIN,			/* all entries of the rmap are on their way out */
	EV_VISIT,			/* address: the spte */
	EV_MARK,			/* never announced: a site only */
	EV_RESTART,
	EV_SLOW_PATH,
	EV_WARN,
	EV_ASSERT_HELD,
	EV_MOVE,			/* a register gets what ev.deps says */
	EV_DEPEND,			/* address: found through the load before */
	EV_NOTE,			/* order: enum kvm_note; address, operand */
	EV_PREEMPT,			/* never announced: operand: points; 0: it goes on */
	EV_CACHE_OF,			/* in which cache an object is */
	EV_SOFTIRQ_END,			/* a callback has returned: its cpu's task goes on */
	EV_KIND_MAX,
};

enum ev_order {
	ORD_PLAIN, ORD_ONCE, ORD_ACQUIRE, ORD_RELEASE, ORD_FULL, ORD_RELAXED,
	ORD_RMB, ORD_WMB, ORD_MB, ORD_BARRIER, ORD_BEFORE_ATOMIC, ORD_AFTER_ATOMIC,
	ORD_AFTER_SPINLOCK,
	ORD_READ, ORD_WRITE,	/* of an rwlock; a spinlock has ORD_ACQUIRE */
	ORD_BH,			/* of a read-side section: it keeps softirqs out */
};

/* A place in core/ that announces; one static record per primitive. */
struct sim_site {
	const char *file;	/* relative to the source root */
	const char *func;
	const char *what;	/* the primitive, as it is spelled in core/ */
	uint32_t line;
	uint8_t kind;
	uint64_t hash;		/* of the above, made when the program starts */
} __attribute__((aligned(64)));

#define SIM_REGS_MAX	64

/*
 * What an event depends on, where that is known exactly: registers, one bit
 * each. Native code says nothing, and models go by the pointers it loads.
 */
struct sim_deps {
	uint64_t address;	/* that the address was made of */
	uint64_t data;		/* that the value to be stored was made of */
	int to;			/* register that gets what is loaded; -1: none */
};

/* A task's next act, announced before it is chosen. */
struct sim_event {
	uint8_t kind;
	uint8_t size;		/* bytes of the location */
	uint8_t order;
	void *addr;
	uint64_t operand;	/* value to store, mask, ... */
	uint64_t expected;	/* of a cmpxchg */
	struct sim_site *site;
	const struct sim_deps *deps;	/* NULL: of native code */
};

enum choice_kind {
	CHOICE_TASK,		/* a task's announced event */
	CHOICE_DRAIN,		/* one store of a cpu's buffer */
	CHOICE_GRACE,		/* what a cpu has waited for longest ends: an object is freed, or
				 * its callback begins */
	CHOICE_IPI, CHOICE_INTERRUPT, CHOICE_PREEMPT,
	CHOICE_READ,		/* which message a load returns */
	CHOICE_REUSE,		/* which free object */
	CHOICE_OP,		/* which operation of a mix, which spte, which rmap */
	CHOICE_KIND_MAX,
};

/* One answer of the scheduler. */
struct choice {
	uint8_t kind;
	uint16_t cpu;
	uint16_t who;		/* task's number */
	uint32_t pick;		/* which of several; 0 for a task */
};

/* An ordinary store: under models with store buffers it waits there. */
static inline bool event_enters_buffer(const struct sim_event *ev)
{
	return ev->kind == EV_STORE || (ev->kind == EV_UNLOCK && ev->order != ORD_READ);
}

/* Names as they stand in schedules and traces. */
const char *ev_kind_name(enum ev_kind kind);
const char *choice_kind_name(enum choice_kind kind);
int choice_kind_from_name(const char *name);	/* -1: none */

#endif
