/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A check watches a run and says what is wrong, in one sentence with the names
 * of task, operation and object. One file sim/check/NAME.c, ending in one const
 * struct check check_NAME.
 *
 * A check keeps its ghost state in ghost_words() words that the engine owns,
 * saves, restores and takes into the identity: it must be canonical (what is
 * still owed, no histories, no counters without bound). It reports with
 * check_fail(). Hooks run on the engine's stack; any may be NULL.
 */
#ifndef SIM_CHECK_CHECK_H
#define SIM_CHECK_CHECK_H

#include "sim/engine/event.h"
#include "sim/engine/engine.h"

struct check {
	const char *name;
	const char *summary;	/* one line */
	const char *doc;	/* a paragraph, for `list checks` */
	bool always;		/* cannot be switched off */
	bool by_default;
	bool of_pages;		/* looks at guests and pages: on only where there are some */

	size_t (*ghost_words)(const struct plan *plan);
	void (*begin)(struct engine *e, uint64_t *ghost);

	/* An operation's first event is about to act. */
	void (*op_begin)(struct engine *e, uint64_t *ghost, unsigned int task,
			 const struct plan_op *op);
	/* It has returned; result: of walk (enum rmap_walk_result) or add (errno). */
	void (*op_end)(struct engine *e, uint64_t *ghost, unsigned int task,
		       const struct plan_op *op, int result);
	/* An add that returned is now visible to every cpu. */
	void (*add_visible)(struct engine *e, uint64_t *ghost, unsigned int task,
			    const struct plan_op *op);
	/* remove is called, under the lock. */
	void (*remove_begin)(struct engine *e, uint64_t *ghost, unsigned int task,
			     const struct plan_op *op);
	/* The walk of task meets an spte. */
	void (*visit)(struct engine *e, uint64_t *ghost, unsigned int task, unsigned int spte);
	/* A kvm_note() of core/; KVM_NOTE_GUEST_WROTE when the store is in memory. */
	void (*noted)(struct engine *e, uint64_t *ghost, unsigned int task, unsigned int what,
		      const void *p, uint64_t n);
	/* A walk's pass ends (restart) or its statistics have moved. */
	void (*walk_moved)(struct engine *e, uint64_t *ghost, unsigned int task);
	/* No writer is inside an operation and nothing is pending. */
	void (*quiet)(struct engine *e, uint64_t *ghost);
	/* All tasks are done. */
	void (*run_end)(struct engine *e, uint64_t *ghost);
};

/* The first report of a run counts. task: who is at fault, or -1. */
void check_fail(struct engine *e, const struct check *check, int task, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));

extern const struct check *const checks[];	/* NULL-terminated */
const struct check *check_find(const char *name);

#endif
