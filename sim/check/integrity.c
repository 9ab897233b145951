/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * integrity: whenever no writer is inside an operation, each list is well formed
 * (the algorithm's audit), holds just the sptes that were added and not removed,
 * and no slab object is lost or held twice.
 */
#include <string.h>
#include "core/spte.h"
#include "sim/check/check.h"
#include "sim/engine/state.h"

extern const struct check check_integrity;

#define SPTES_MAX 1024

static void integrity_entries(struct engine *e, unsigned int rmap, const struct audit_result *audit)
{
	unsigned int i;
	char name[96];

	for (i = 0; i < plan_spte_slots(e->plan); i++) {
		bool listed = e->spte_rmap[i] == rmap + 1;

		if (audit->found[i] > 1)
			check_fail(e, &check_integrity, -1, "%s is %u times in rmap%u",
				   world_spte_name(e, i, name, sizeof(name)), audit->found[i],
				   rmap);
		else if (listed && !audit->found[i])
			check_fail(e, &check_integrity, -1,
				   "%s was added to rmap%u and is not in its list",
				   world_spte_name(e, i, name, sizeof(name)), rmap);
		else if (!listed && audit->found[i])
			check_fail(e, &check_integrity, -1,
				   "%s is in rmap%u's list, where it does not belong",
				   world_spte_name(e, i, name, sizeof(name)), rmap);
	}
}

static void integrity_form(struct engine *e, unsigned int rmap, const struct audit_result *audit)
{
	char name[96];

	check_fail(e, &check_integrity, -1, "rmap%u is not well formed: %s%s%s", rmap, audit->error,
		   audit->where ? ", at " : "",
		   audit->where ? engine_name(e, audit->where, name, sizeof(name)) : "");
}

static unsigned int integrity_live(const struct kmem_cache *c)
{
	return c->nr_objects - c->nr_free - c->nr_waits;
}

/* Likewise for shadow pages: those that are linked, and those at hand for a fault. */
static void integrity_pages(struct engine *e)
{
	const struct kvm *kvm = e->kvm;
	unsigned int i, linked = 0, spare = 0;

	if (!kvm->shadow_page_cache)
		return;
	for (i = 0; i < kvm->nr_tables; i++)
		linked += (kvm->root[i] & SPTE_PRESENT) && !spte_is_large(kvm->root[i]);
	for (i = 0; i < kvm->nr_vcpus; i++)
		spare += !!kvm->vcpus[i].spare_page;
	if (integrity_live(kvm->shadow_page_cache) != linked + spare)
		check_fail(e, &check_integrity, -1,
			   "%u shadow pages are allocated, but %u are linked and %u at hand",
			   integrity_live(kvm->shadow_page_cache), linked, spare);
}

/*
 * Objects in lists and in the vCPUs' caches must be all that are allocated, but for
 * those that only wait for a grace period.
 */
static void integrity_leaks(struct engine *e, unsigned int listed)
{
	unsigned int i, live = 0, cached = 0;

	for (i = 0; i < e->nr_caches; i++) {
		if (e->caches[i] != e->kvm->shadow_page_cache)
			live += integrity_live(e->caches[i]);
	}
	for (i = 0; i < e->kvm->nr_vcpus; i++)
		cached += e->kvm->vcpus[i].pte_list_desc_cache.nobjs;
	if (live != listed + cached)
		check_fail(e, &check_integrity, -1,
			   "%u descriptors are allocated, but the lists hold %u and the vCPUs' "
			   "caches %u", live, listed, cached);
}

/* A word that leads to a shadow page, not an spte. */
static bool integrity_is_link(const struct engine *e, unsigned int spte)
{
	return e->kvm->sp_entries && spte >= e->plan->nr_pages * e->kvm->sp_entries &&
	       !spte_is_large(*world_spte(e, spte));
}

/* Who finds a link in an rmap takes it for an spte. */
static void integrity_link(struct engine *e, unsigned int spte)
{
	char name[96];

	if (e->spte_rmap[spte])
		check_fail(e, &check_integrity, -1, "%s maps no page by itself and is in rmap%d",
			   world_spte_name(e, spte, name, sizeof(name)), e->spte_rmap[spte] - 1);
}

/* An spte that maps a page and is not in its rmap can be found by nobody. */
static void integrity_sptes(struct engine *e)
{
	unsigned int i;
	char name[96];

	for (i = 0; e->plan->kvm && i < plan_spte_slots(e->plan); i++) {
		uint64_t spte = *world_spte(e, i);

		if (integrity_is_link(e, i)) {
			integrity_link(e, i);
			continue;
		}
		if (!(spte & SPTE_PRESENT) || e->spte_rmap[i] == spte_gfn(spte) + 1)
			continue;
		check_fail(e, &check_integrity, -1, "%s maps page %lu and is not in its rmap",
			   world_spte_name(e, i, name, sizeof(name)), spte_gfn(spte));
	}
}

static void integrity_quiet(struct engine *e, uint64_t *ghost)
{
	uint8_t found[SPTES_MAX];
	struct audit_result audit = { .found = found };
	unsigned int i, objects = 0;

	(void)ghost;
	for (i = 0; i < e->plan->nr_rmaps; i++) {
		memset(found, 0, sizeof(found));
		audit_rmap(e, i, &audit);
		if (audit.error)
			integrity_form(e, i, &audit);
		else if (!audit.keeps_nothing)
			integrity_entries(e, i, &audit);
		objects += audit.nr_objects;
	}
	integrity_leaks(e, objects);
	integrity_pages(e);
	integrity_sptes(e);
}

const struct check check_integrity = {
	.name = "integrity",
	.summary = "lists are well formed and hold what was added, nothing is leaked",
	.doc = "Whenever no writer is inside an operation and no store is pending, the algorithm's "
	       "own audit looks at the form of each list (descriptors, positions, counts, nulls), "
	       "the entries found are compared with what was added and not yet removed, and the "
	       "descriptors in lists and in the vCPUs' caches with those that are allocated. Where "
	       "there are pages, each spte that maps one is in that page's rmap, no word that "
	       "leads to a shadow page is in any, and shadow pages that are allocated are linked, "
	       "or at hand for a fault.",
	.by_default = true,
	.quiet = integrity_quiet,
	.run_end = integrity_quiet,
};
