/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * lifetime: nothing is used that is gone. Accesses are reported where an address is
 * looked at before it is used (sim.h, act.c): an object of a cache that is not
 * type-safe has no locations while it is free (slab.c), one of a type-safe cache
 * while its page is gone (slab_page.c). What is looked at here is what nobody need
 * ever read: rmap entries that lead into a shadow page when it is given away to be
 * freed.
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
	       "which the algorithms of 2013 rely on, may be read when they are free; but with "
	       "memory.slab-pages = return their page may go back to the system after a grace "
	       "period, and what lay there is gone until the page is used again. When a shadow "
	       "page is given away to be freed, in whatever way, no rmap may have an entry that "
	       "leads into it, even if nobody reads that entry any more.",
	.always = true,
	.noted = lifetime_noted,
};
