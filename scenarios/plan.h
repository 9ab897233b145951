/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A plan is a scenario with nothing left open: every key has its value, every
 * name is resolved, every program is a list of operations. It is complete
 * before anything runs and constant from then on. The engine and the hardware
 * runner see plans only.
 *
 * Memory: a plan and all it points to is owned by plan_free().
 */
#ifndef SCENARIOS_PLAN_H
#define SCENARIOS_PLAN_H

#include <glib.h>
#include "core/rmap.h"

enum plan_op_kind {
	PLAN_OP_ADD,		/* spte, rmap */
	PLAN_OP_REMOVE,		/* spte, rmap */
	PLAN_OP_WALK,		/* rmap */
	PLAN_OP_ZAP_ALL,	/* rmap: all entries go at once */
	PLAN_OP_RECYCLE,	/* rmap: the same if it has more than recycle_threshold */
	PLAN_OP_MARK_DIRTY,	/* rmap: set its bit in the dirty bitmap, without mmu_lock */
	/* of the small KVM (core/kvm_mmu.h), where a page's number is its rmap's */
	PLAN_OP_GUEST_WRITE,	/* spte, rmap: a guest writes to the page, by that spte */
	PLAN_OP_ZAP_SPTE,	/* spte */
	PLAN_OP_UNMAP,		/* rmap: all sptes of the page go */
	PLAN_OP_AGE,		/* rmap: clear the accessed bits of its sptes */
	PLAN_OP_GET_DIRTY_LOG,
	PLAN_OP_ZAP_PAGE,	/* spte: number of a table; its shadow page goes */
	PLAN_OP_SET_TABLE,	/* spte: table, rmap: the page where the guest's table lies now */
	PLAN_OP_SET_LARGE,	/* spte: table, rmap: first page of the guest's large page there */
	PLAN_OP_MAP_LARGE,	/* spte: table; of the setup: a large spte maps its pages */
};

static inline gboolean plan_op_is_of_kvm(enum plan_op_kind kind)
{
	return kind >= PLAN_OP_GUEST_WRITE;
}

static inline gboolean plan_op_has_spte(enum plan_op_kind kind)
{
	return kind == PLAN_OP_ADD || kind == PLAN_OP_REMOVE;
}

/* Does it consist of walks by the algorithm, whose steps count? */
static inline gboolean plan_op_walks(enum plan_op_kind kind)
{
	return kind == PLAN_OP_WALK || kind == PLAN_OP_AGE || kind == PLAN_OP_GET_DIRTY_LOG;
}

/* Does it empty a whole rmap, so that others do not know what is where? */
static inline gboolean plan_op_zaps(enum plan_op_kind kind)
{
	return kind == PLAN_OP_ZAP_ALL || kind == PLAN_OP_RECYCLE;
}

/* Does it change a list? */
static inline gboolean plan_op_writes(enum plan_op_kind kind)
{
	return plan_op_has_spte(kind) || plan_op_zaps(kind) || kind == PLAN_OP_GUEST_WRITE ||
	       kind == PLAN_OP_ZAP_SPTE || kind == PLAN_OP_UNMAP || kind == PLAN_OP_ZAP_PAGE;
}

/* Does it name a page table of the guest's? */
static inline gboolean plan_op_has_table(enum plan_op_kind kind)
{
	return kind >= PLAN_OP_ZAP_PAGE && kind <= PLAN_OP_MAP_LARGE;
}

struct plan_op {
	enum plan_op_kind kind;
	guint spte;		/* number, in 0..nr_sptes-1; or of a table */
	guint rmap;		/* number, in 0..nr_rmaps-1 */
	guint stop_after;	/* walk: visit says stop at so many; 0: never */
};

/* One entry of a weighted mix: an operation whose objects are drawn too. */
struct plan_mix_item {
	enum plan_op_kind kind;
	guint weight;		/* at least 1 */
};

/*
 * One task is one vCPU: a fixed program (n_ops > 0) or a mix (n_mix > 0).
 * A mix adds sptes of its own pool to the rmaps in rmaps[], removes those it
 * has added, and walks rmaps of rmaps[]; what it can't do at the moment (remove
 * from nothing, add from an empty pool) is not among its choices.
 * No spte belongs to two tasks.
 */
struct plan_task {
	char *name;		/* "writer", or "writer.0" where count > 1 */
	guint cpu;
	gboolean forever;	/* loop = forever */
	struct plan_op *ops;
	guint n_ops;
	struct plan_mix_item *mix;
	guint n_mix;
	guint operations;	/* a mix that does not loop ends after so many */
	guint *rmaps;
	guint n_rmaps;
	guint *pool;		/* spte numbers */
	guint n_pool;
	gboolean walks;		/* has a walk among its operations */
	gboolean writes;
	gboolean has_guest;	/* has a guest write */
};

enum plan_reuse { PLAN_REUSE_LIFO, PLAN_REUSE_FIFO, PLAN_REUSE_SEEDED };

/* What there may be too little of. */
enum plan_short { PLAN_SHORT_NOTHING, PLAN_SHORT_DESCS, PLAN_SHORT_PAGES };

enum plan_page_role { PLAN_PAGES_SHADOWING, PLAN_PAGES_DIRECT };

/* One line of [expect]: COMMAND.MODEL = ... */
struct plan_expect {
	char *command;		/* "run", "verify" */
	char *model;
	char **verdicts;	/* {"clean"}, {"incomplete"} or names of checks */
	guint64 seeds;		/* 0: not said */
	guint64 states;		/* 0: not said */
	guint line;
};

/* One line of [sweep]: the values that a key takes, one after the other. */
struct plan_axis {
	char *key;		/* "algorithm.retries", "task writer.count" */
	char *written;		/* the same as it was written */
	char *text;		/* the values as they were written */
	char **values;
	guint n_values;
	guint line;		/* 0: from the command line */
};

struct litmus_program;

struct plan {
	char *name;		/* bare name: the file's without .scenario */
	char *path;
	char *title;
	char *question;
	gboolean walkers_none;
	char *strategy;

	char *algorithm;
	long param[RMAP_PARAM_MAX];

	char *model;
	guint store_buffer;	/* stores of one vCPU that may wait */
	guint drain_weight;	/* of a task's event against a drain's, for random */
	guint history;		/* values of a location that the model weak keeps */
	gboolean sync_none;	/* operations do not begin synchronised */
	guint pte_list_ext;
	guint address_bits;
	guint nr_rmaps;
	guint nr_sptes;
	guint nr_descs;		/* objects in the slab's pool */
	int runs_short;		/* enum plan_short */
	enum plan_reuse reuse;
	gboolean slab_return;	/* slab pages that nobody uses may go back */
	guint slab_page_objects;
	guint recycle_threshold;
	gboolean zaps;		/* some task does: others find their sptes gone, or there */
	gboolean marks_dirty;	/* some task does */
	guint cache_objs;
	gboolean alloc_zero;

	gboolean kvm;		/* tasks use the small KVM; [kvm] says how it goes about it */
	int dirty_order;	/* enum kvm_dirty_order, and so on */
	int dirty_set;
	int write_protect;
	int flush;
	int handshake;
	gboolean harvest_locked;
	int fast_fault;
	guint shadow_pages;	/* page tables of the guest; 0: sptes are always there */
	int page_role;		/* what they shadow: enum plan_page_role */
	int free;
	int bookkeeping;
	guint mmio;		/* pages, the last ones, that belong to no memslot */
	guint nr_pages;		/* shadow pages in the slab's pool */
	int recycle;
	int recycle_order;
	int invalidate;
	gboolean unmap_no_flush;

	gboolean lock_fifo;
	gboolean lock_rw;
	gboolean spin_real;	/* cpu_relax does not wait for a change */

	gboolean preempt;	/* the host takes CPUs away, */
	guint preempt_points;	/* for so many points, */
	guint preempt_every;	/* once in so many on average */

	const struct litmus_program *litmus;	/* what tasks do; NULL: operations */

	struct plan_op *setup;	/* done by one CPU before the tasks start */
	guint n_setup;
	struct plan_task *tasks;
	guint n_tasks;

	char **checks;		/* names of those that are on, NULL-terminated */
	guint64 pass_steps_max;	/* [check], 0: no bound */
	guint64 restarts_max;	/* [check], of one walk; 0: no bound */

	guint64 events_max;	/* [limits], points of one run; 0: no limit */
	guint64 operations_max;	/* [limits], of one run; 0: no limit */
	guint hang_seconds;	/* a task that announces nothing for so long */

	struct plan_expect *expect;
	guint n_expect;

	struct plan_axis *axes;	/* [sweep], in the order of the lines */
	guint n_axes;

	char *text;		/* --print-plan: itself a scenario, canonical */
	guint64 digest;		/* of text without title, question, expect and sweep */
};

/* Does each operation begin by seeing all that has drained? A litmus test's bodies don't. */
static inline gboolean plan_synchronises(const struct plan *plan)
{
	return !plan->sync_none && !plan->litmus;
}

/* Entries of a shadow page. */
static inline guint plan_page_entries(const struct plan *plan)
{
	return plan->shadow_pages ? plan->nr_sptes / plan->shadow_pages : 0;
}

/* In the pool of any cache. */
static inline guint plan_objects_max(const struct plan *plan)
{
	return MAX(plan->nr_descs, plan->nr_pages);
}

static inline gboolean plan_frees_pages_by_rcu(const struct plan *plan)
{
	return plan->shadow_pages && plan->free == KVM_FREE_RCU;
}

/* Places where an spte can be: it is by these that checks number them. */
static inline guint plan_spte_slots(const struct plan *plan)
{
	if (!plan->shadow_pages)
		return plan->nr_sptes;
	/* In pages, and large ones. */
	return plan->nr_pages * plan_page_entries(plan) + plan->shadow_pages;
}

/* Is there such an operation in some task's program or mix? */
gboolean plan_does(const struct plan *plan, enum plan_op_kind kind);

void plan_free(struct plan *plan);

/* The algorithm's table in one build of core/ (NULL-terminated), or NULL. */
const struct rmap_algorithm *plan_find_algorithm(const struct rmap_algorithm *const *table,
						 const char *name);

#endif
