/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * dirty-log: no write of a guest is lost to the dirty log.
 *
 * For each page one bit says that the guest has written to it since user space
 * copied it last. It is lost as soon as such a page's dirty bit is clear and
 * nobody is left who would see to it: no harvest has taken the page and has still
 * to be copied, and no vCPU is between making an spte of the page writable and
 * marking it. (That it is in the *next* log is not the rule: a write between the
 * taking of the bit and the flush belongs to the log in progress.) And who copies it
 * must see the write: when a harvest's flush has ended, no load of its cpu may return
 * what was in the page before.
 *
 * Ghost words: pages written; then for each task the pages that its harvest has
 * taken, and those that it is going to mark.
 */
#include "sim/check/check.h"
#include "sim/engine/state.h"

extern const struct check check_dirty_log;

enum { WRITTEN, PER_TASK, TAKEN = 0, OWED, TASK_WORDS };

static size_t dirty_log_ghost_words(const struct plan *plan)
{
	return plan->kvm ? PER_TASK + TASK_WORDS * (size_t)plan->n_tasks : 0;
}

static uint64_t *of_task(uint64_t *ghost, unsigned int task)
{
	return ghost + PER_TASK + TASK_WORDS * (size_t)task;
}

/* Is there anybody who will see to that page? Harvests that have taken it beside one, or -1. */
static bool is_seen_to(const struct engine *e, uint64_t *ghost, uint64_t page, int beside)
{
	int i;

	if (sim_peek(&e->kvm->dirty_bitmap[0], 8) & page)
		return true;
	for (i = 0; i < (int)e->plan->n_tasks; i++) {
		if (of_task(ghost, i)[OWED] & page)
			return true;
		if (i != beside && of_task(ghost, i)[TAKEN] & page)
			return true;
	}
	return false;
}

static void judge(struct engine *e, uint64_t *ghost, unsigned int task, unsigned int gfn)
{
	uint64_t page = 1ull << gfn;

	if (!(ghost[WRITTEN] & page) || is_seen_to(e, ghost, page, -1))
		return;
	check_fail(e, &check_dirty_log, task,
		   "page %u was written to and is in no dirty log: its bit is clear, no harvest "
		   "has it, and no vCPU is about to mark it (by what %s did last)", gfn,
		   engine_task_name(e, task));
}

/* May a load of that cpu still return what was in the page before the guest wrote? */
static bool may_miss(const struct engine *e, unsigned int cpu, unsigned int gfn)
{
	const u64 *page = &e->kvm->guest_pages[gfn];

	if (!e->model->changed)
		return sim_peek(page, sizeof(*page)) != 1;
	return e->model->changed(e->model_state, cpu, page, sizeof(*page), 1);
}

/* What a harvest has taken and flushed for is copied by its cpu, which must see it. */
static void flushed(struct engine *e, uint64_t *ghost, unsigned int task)
{
	uint64_t pages = of_task(ghost, task)[TAKEN] & ghost[WRITTEN];

	for (; pages; pages &= pages - 1) {
		unsigned int gfn = __builtin_ctzll(pages);

		if (!may_miss(e, e->tasks[task].sim.cpu, gfn) ||
		    is_seen_to(e, ghost, 1ull << gfn, task))
			continue;
		check_fail(e, &check_dirty_log, task,
			   "page %u was written to, and %s, which has taken it and flushed, may "
			   "still copy what was there before: nobody else will", gfn,
			   engine_task_name(e, task));
		return;
	}
}

static void dirty_log_noted(struct engine *e, uint64_t *ghost, unsigned int task,
			    unsigned int what, const void *p, uint64_t n)
{
	uint64_t *mine = of_task(ghost, task);

	(void)p;
	switch (what) {
	case KVM_NOTE_TOOK_LOG:
		mine[TAKEN] |= n;
		break;
	case KVM_NOTE_OWES_MARK:
		mine[OWED] |= 1ull << n;
		break;
	case KVM_NOTE_MARKED:
	case KVM_NOTE_FAULT_ENDS:	/* what it has not marked by now it never will */
		mine[OWED] &= ~(1ull << n);
		judge(e, ghost, task, n);
		break;
	case KVM_NOTE_GUEST_WROTE:
		ghost[WRITTEN] |= 1ull << kvm_note_gfn(n);
		judge(e, ghost, task, kvm_note_gfn(n));
		break;
	case KVM_NOTE_FLUSH_ENDS:
		flushed(e, ghost, task);
		break;
	}
}

/* The harvest has returned: user space copies what it reports, as it is now. */
static void dirty_log_op_end(struct engine *e, uint64_t *ghost, unsigned int task,
			     const struct plan_op *op, int result)
{
	uint64_t *mine;

	(void)result;
	if (!e->plan->kvm || op->kind != PLAN_OP_GET_DIRTY_LOG)
		return;
	mine = of_task(ghost, task);
	ghost[WRITTEN] &= ~mine[TAKEN];
	mine[TAKEN] = 0;
}

const struct check check_dirty_log = {
	.name = "dirty-log",
	.summary = "no write of a guest is lost to the dirty log",
	.doc = "A page is copied when the harvest that reports it has returned. A page that was "
	       "written to since must have its dirty bit set, or be in a harvest that has still to "
	       "return, or some vCPU must be between making an spte of it writable and marking "
	       "it. Else the write is in no log, now or later. And when the flush of a harvest has "
	       "ended, its CPU sees what was written to the pages that it has taken and nobody "
	       "else will. A write counts when it is in memory, not while it waits in a store "
	       "buffer.",
	.by_default = true,
	.of_pages = true,
	.ghost_words = dirty_log_ghost_words,
	.noted = dirty_log_noted,
	.op_end = dirty_log_op_end,
};
