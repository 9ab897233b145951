/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * accessed: what aging says of a page is true of that page.
 *
 * The accessed bit of an spte is all that the host learns of what a guest uses. An
 * access that has set it is owed to the host until an aging of that page takes the
 * bit, or the spte goes (what is lost with it, KVM does without). So the bit must
 * not be cleared by anybody else: not by a store of what the spte was before, nor by
 * the aging of another page whose walker has been carried off. And an aging says
 * young if and only if it has met an access to its page: one that none before it
 * has taken, or one that came later. An access by an entry that is in a TLB already
 * sets no bit, and is owed to nobody.
 *
 * Ghost words: sptes whose access is owed; sptes of which somebody may see the bit,
 * as a store that sets it has been made and the bit has not been taken since with
 * all stores in memory; for each task the page that it ages, whether it may find
 * it young, and whether it has.
 */
#include "sim/check/check.h"
#include "core/spte.h"
#include "sim/engine/state.h"

extern const struct check check_accessed;

/* Beside the gfn + 1 in a task's word. */
#define MAYBE_YOUNG	(1ull << 32)
#define FOUND_YOUNG	(1ull << 33)

static bool ages(const struct plan *plan)
{
	return plan->kvm && plan_does(plan, PLAN_OP_AGE);
}

static size_t spte_words(const struct plan *plan)
{
	return (plan_spte_slots(plan) + 63) / 64;
}

static size_t accessed_ghost_words(const struct plan *plan)
{
	return ages(plan) ? 2 * spte_words(plan) + plan->n_tasks : 0;
}

static uint64_t *owed(uint64_t *ghost, unsigned int spte)
{
	return ghost + spte / 64;
}

static uint64_t *seen(const struct engine *e, uint64_t *ghost, unsigned int spte)
{
	return ghost + spte_words(e->plan) + spte / 64;
}

static uint64_t *of_task(const struct engine *e, uint64_t *ghost, unsigned int task)
{
	return ghost + 2 * spte_words(e->plan) + task;
}

static uint64_t bit(unsigned int spte)
{
	return 1ull << spte % 64;
}

static uint64_t peek(const struct engine *e, unsigned int spte)
{
	return sim_peek(world_spte(e, spte), 8);
}

static bool is_of(uint64_t spte, unsigned int gfn)
{
	return spte & SPTE_PRESENT && spte_gfn(spte) == gfn;
}

/* May an aging of the page that begins now find the bit in that spte? */
static bool may_find(struct engine *e, uint64_t *ghost, unsigned int spte, unsigned int gfn)
{
	return (*seen(e, ghost, spte) & bit(spte)) &&
	       (is_of(peek(e, spte), gfn) || !request_nothing_pending(e));
}

static void accessed_op_begin(struct engine *e, uint64_t *ghost, unsigned int task,
			      const struct plan_op *op)
{
	uint64_t *mine;
	unsigned int i;

	if (op->kind != PLAN_OP_AGE || !ages(e->plan))
		return;
	mine = of_task(e, ghost, task);
	*mine = op->rmap + 1;
	for (i = 0; i < plan_spte_slots(e->plan); i++) {
		if (may_find(e, ghost, i, op->rmap))
			*mine |= MAYBE_YOUNG;
	}
}

/* Somebody sets the bit of an spte of that page. */
static void sets(struct engine *e, uint64_t *ghost, unsigned int spte, unsigned int gfn)
{
	unsigned int i;

	*seen(e, ghost, spte) |= bit(spte);
	for (i = 0; i < e->plan->n_tasks; i++) {
		if ((uint32_t)*of_task(e, ghost, i) == gfn + 1)
			*of_task(e, ghost, i) |= MAYBE_YOUNG;
	}
}

/* A guest has got at the page; if its bit is in memory, that is to be told. */
static void filled(struct engine *e, uint64_t *ghost, unsigned int spte)
{
	sets(e, ghost, spte, spte_gfn(peek(e, spte)));
	if (peek(e, spte) & SPTE_ACCESSED)
		*owed(ghost, spte) |= bit(spte);
}

/* Is the bit gone, and nobody has taken it? */
static void judge(struct engine *e, uint64_t *ghost, int task, unsigned int spte)
{
	char name[96];

	if (!(*owed(ghost, spte) & bit(spte)) || !(peek(e, spte) & SPTE_PRESENT) ||
	    (peek(e, spte) & SPTE_ACCESSED))
		return;
	check_fail(e, &check_accessed, task,
		   "page %lu was used by %s, whose accessed bit is gone, and no aging has taken it",
		   spte_gfn(peek(e, spte)), world_spte_name(e, spte, name, sizeof(name)));
}

/* An aging has seen no bit. Where loads may be old, it may have come by before there was one. */
static void passed_by(struct engine *e, uint64_t *ghost, unsigned int task, unsigned int spte)
{
	char name[96];

	if ((*owed(ghost, spte) & bit(spte)) && (peek(e, spte) & SPTE_ACCESSED) &&
	    !e->model->asks)
		check_fail(e, &check_accessed, task,
			   "%s ages and passes %s by, whose accessed bit is set",
			   engine_task_name(e, task), world_spte_name(e, spte, name, sizeof(name)));
	judge(e, ghost, task, spte);
}

static void taken(struct engine *e, uint64_t *ghost, unsigned int task, unsigned int spte,
		  unsigned int gfn)
{
	char name[96];

	if (request_nothing_pending(e))
		*seen(e, ghost, spte) &= ~bit(spte);
	if ((*owed(ghost, spte) & bit(spte)) && !is_of(peek(e, spte), gfn))
		check_fail(e, &check_accessed, task,
			   "%s ages page %u and clears the accessed bit of %s, which maps page "
			   "%lu: nobody learns that that page is used",
			   engine_task_name(e, task), gfn,
			   world_spte_name(e, spte, name, sizeof(name)), spte_gfn(peek(e, spte)));
	else if (*owed(ghost, spte) & bit(spte))
		*of_task(e, ghost, task) |= FOUND_YOUNG;
	*owed(ghost, spte) &= ~bit(spte);
}

static void aged(struct engine *e, uint64_t *ghost, unsigned int task, unsigned int gfn,
		 bool young)
{
	uint64_t *mine = of_task(e, ghost, task);

	if (young && !(*mine & MAYBE_YOUNG) && plan_synchronises(e->plan))
		check_fail(e, &check_accessed, task,
			   "%s says that page %u is young, and nobody has used it since it was "
			   "aged last", engine_task_name(e, task), gfn);
	if (!young && (*mine & FOUND_YOUNG))
		check_fail(e, &check_accessed, task,
			   "%s has taken an accessed bit of page %u and says that it is not young",
			   engine_task_name(e, task), gfn);
	*mine = 0;
}

static void accessed_noted(struct engine *e, uint64_t *ghost, unsigned int task,
			   unsigned int what, const void *p, uint64_t n)
{
	int spte = p ? world_spte_number(e, p) : -1;

	if (!ages(e->plan))
		return;
	if (what == KVM_NOTE_AGED)
		aged(e, ghost, task, kvm_note_gfn(n), kvm_note_entry(n));
	if (spte < 0)
		return;
	if (what == KVM_NOTE_NOT_ACCESSED)
		passed_by(e, ghost, task, spte);
	else if (what == KVM_NOTE_MAPPED)
		sets(e, ghost, spte, n);
	else if (what == KVM_NOTE_TLB_FILLED)
		filled(e, ghost, spte);
	else if (what == KVM_NOTE_TOOK_ACCESSED)
		taken(e, ghost, task, spte, n);
}

/* It goes, and what it knew with it. */
static void accessed_remove_begin(struct engine *e, uint64_t *ghost, unsigned int task,
				  const struct plan_op *op)
{
	(void)task;
	if (ages(e->plan))
		*owed(ghost, op->spte) &= ~bit(op->spte);
}

static void accessed_quiet(struct engine *e, uint64_t *ghost)
{
	unsigned int i;

	for (i = 0; ages(e->plan) && i < plan_spte_slots(e->plan); i++)
		judge(e, ghost, -1, i);
}

const struct check check_accessed = {
	.name = "accessed",
	.summary = "what aging says of a page is true of that page",
	.doc = "An access by which a guest's TLB is filled sets the accessed bit of the spte. Only "
	       "an aging of the page that the spte maps may take that bit, until the spte goes; "
	       "not a store of what was there before, and not the aging of another page, whose "
	       "walker has been carried off. And an aging says young if and only if it has met "
	       "an access to its own page since it was aged last. The bit is a hint to the host: "
	       "a walk that breaks this costs pages in the wrong order, not a guest's data.",
	.of_pages = true,
	.ghost_words = accessed_ghost_words,
	.op_begin = accessed_op_begin,
	.noted = accessed_noted,
	.remove_begin = accessed_remove_begin,
	.quiet = accessed_quiet,
};
