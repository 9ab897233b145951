/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * lifetime: nothing is used that is gone. Accesses are reported where an address is
 * looked at before it is used (sim.h, act.c): the shadow says whether an object of a
 * cache that is not type-safe is there, or the page of one that is (slab.c,
 * slab_page.c), and which type-safe ones are free. What is looked at here is what
 * nobody need ever read: rmap entries that lead into a shadow page when it is given
 * away to be freed.
 *
 * Ghost state: for each task a row of one bit per type-safe object, those whose
 * addresses it has loaded in the read-side section that it is in, if that is not the
 * first of its operation (sections.c). In others all are 0, so that searches find no
 * more states than without it. With the bits goes what stands in struct sim_task: how
 * many sections the task is in, and whether one has ended.
 */
#include <string.h>
#include "sim/check/check.h"
#include "sim/engine/state.h"

extern const struct check check_lifetime;

#define SPTES_MAX	1024

/* The entries of one rmap that lead into the page: sptes number first and up. */
static void lifetime_rmap(struct engine *e, unsigned int task, unsigned int rmap,
			  unsigned int first)
{
	uint8_t found[SPTES_MAX] = { 0 };
	struct audit_result audit = { .found = found };
	unsigned int i;
	char name[96];

	audit_rmap(e, rmap, &audit);
	for (i = first; i < first + plan_page_entries(e->plan); i++) {
		if (!found[i])
			continue;
		check_fail(e, &check_lifetime, task,
			   "%s frees a shadow page, and rmap%u has an entry that leads to %s in it",
			   engine_task_name(e, task), rmap,
			   world_spte_name(e, i, name, sizeof(name)));
	}
}

/* Those of type-safe caches, at the most. */
static size_t row_words(const struct plan *plan)
{
	const struct rmap_object_type *type = sim_program.algorithm->objects;
	size_t objects = plan->nr_pages;

	for (; !plan->litmus && type && type->cache; type++)
		objects += plan->nr_descs;
	return plan->litmus ? 0 : (objects + 63) / 64;
}

static size_t lifetime_ghost_words(const struct plan *plan)
{
	return row_words(plan) * plan->n_tasks;
}

static void lifetime_begin(struct engine *e, uint64_t *ghost)
{
	sim.fresh = ghost;
	sim.fresh_words = row_words(e->plan);
	g_assert(e->nr_typesafe <= 64 * sim.fresh_words);
}

static void lifetime_noted(struct engine *e, uint64_t *ghost, unsigned int task, unsigned int what,
			   const void *p, uint64_t n)
{
	uint16_t page = 0;
	unsigned int i;

	(void)ghost;
	(void)n;
	if (what != KVM_NOTE_PAGE_FREED || !slab_of(e, p, &page))
		return;
	for (i = 0; i < e->plan->nr_rmaps; i++)
		lifetime_rmap(e, task, i, page * plan_page_entries(e->plan));
}

const struct check check_lifetime = {
	.name = "lifetime",
	.summary = "nothing is read or written in an object that has been freed",
	.doc = "An object of a cache without SLAB_TYPESAFE_BY_RCU is gone when it is free: every "
	       "access to it before it is somebody's again is a violation, whatever would be found "
	       "there. kfree_rcu() frees it at the end of a grace period, which comes at any time "
	       "after the read-side sections that were open when the stores before the call became "
	       "visible; so a walker outside of a section is found out as well. Type-safe objects, "
	       "which the algorithms of 2013 rely on, may be read when they are free, inside of "
	       "the read-side section in which their address was loaded: what was loaded in a "
	       "section that has ended must be loaded again, and in no section nothing that is "
	       "free may be read. (Two things are not seen: an address that was loaded before "
	       "the first section of an operation, and used in it, and one that is used while "
	       "its object is somebody's again.) Nobody writes to what is free; an atomic that "
	       "leaves the word as it was, as a compare that fails, has read it. With "
	       "memory.slab-pages = return their page may go back to the system after a grace "
	       "period, and what lay there is gone until the page is used again. When a shadow "
	       "page is given away to be freed, in whatever way, no rmap may have an entry that "
	       "leads into it, even if nobody reads that entry any more.",
	.always = true,
	.ghost_words = lifetime_ghost_words,
	.begin = lifetime_begin,
	.noted = lifetime_noted,
};
