/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a scenario says of shadow pages, and what of that is impossible together. */
#include "keys.h"
#include "program.h"
#include "reading.h"

#define SLOTS_MAX	1024	/* checks number the places of sptes */

/* Guests whose faults have a page at hand, and pages that wait for a grace period. */
static guint pages_usual(const struct plan *plan)
{
	guint i, n = plan->shadow_pages;

	for (i = 0; i < plan->n_tasks && plan->runs_short != PLAN_SHORT_PAGES; i++)
		n += plan->tasks[i].has_guest;
	return plan->free == KVM_FREE_RCU ? n + plan->shadow_pages : n;
}

/* At the key of [kvm], or its group where that is not written. */
static gboolean page_error(const struct reading *r, const char *name, char *why, GError **error)
{
	const struct keyfile_group *group = keyfile_group(r->kf, "kvm");
	const struct keyfile_entry *entry = keyfile_entry(group, name);

	if (entry)
		keyfile_error_entry(error, SCENARIO_ERROR_PLAN, r->kf, entry, "%s", why);
	else
		keyfile_error_group(error, SCENARIO_ERROR_PLAN, r->kf, group, "%s %s", name, why);
	g_free(why);
	return FALSE;
}

static gboolean check_no_pages(const struct reading *r, GError **error)
{
	const struct plan *plan = r->plan;
	const char *name = plan->page_role ? "page-role" : plan->free ? "free" :
			   plan->bookkeeping ? "bookkeeping" : plan->mmio ? "mmio" : NULL;

	if (!name)
		return TRUE;
	return page_error(r, name, g_strdup("says something of shadow pages, and there are none; "
			  "valid: kvm.shadow-pages above 0, or no such key"), error);
}

/* Does some guest change what its entries for tables say? */
static gboolean sets_tables(const struct plan *plan)
{
	guint i, k;

	for (i = 0; i < plan->n_tasks; i++) {
		for (k = 0; k < plan->tasks[i].n_ops; k++) {
			if (plan->tasks[i].ops[k].kind == PLAN_OP_SET_TABLE ||
			    plan->tasks[i].ops[k].kind == PLAN_OP_SET_LARGE)
				return TRUE;
		}
	}
	return FALSE;
}

static char *no_room(const struct plan *plan, const struct plan_op *op, guint entries)
{
	if (entries > plan->nr_rmaps)
		return g_strdup_printf("makes a large page %u pages, and memory.rmaps is %u; "
				       "valid: no set-large, fewer sptes a page, or as many rmaps",
				       entries, plan->nr_rmaps);
	return g_strdup_printf("makes a large page %u pages, and set-large table%u rmap%u "
			       "begins too near the end; valid: at most rmap%u", entries,
			       op->spte, op->rmap, plan->nr_rmaps - entries);
}

/* A large page ends where pages do. */
static gboolean check_large(const struct reading *r, GError **error)
{
	const struct plan *plan = r->plan;
	guint i, k, entries = plan_page_entries(plan);

	for (i = 0; i < plan->n_tasks; i++) {
		for (k = 0; k < plan->tasks[i].n_ops; k++) {
			const struct plan_op *op = &plan->tasks[i].ops[k];

			if (op->kind != PLAN_OP_SET_LARGE || op->rmap + entries <= plan->nr_rmaps)
				continue;
			return page_error(r, "shadow-pages", no_room(plan, op, entries), error);
		}
	}
	if (!plan->n_setup || (plan->page_role == PLAN_PAGES_DIRECT && entries > 1))
		return TRUE;
	return page_error(r, "page-role", g_strdup("does not suit map-large in memory.setup; "
			  "valid: direct, with two or more sptes a page"), error);
}

static gboolean is_direct(const struct reading *r, const struct plan_op *op, GError **error)
{
	if (op->kind != PLAN_OP_GUEST_WRITE || op->spte == op->rmap)
		return TRUE;
	return page_error(r, "page-role", g_strdup_printf("makes spte%u map page %u, and some task "
			  "writes by it to page %u; valid: guest-write spte%u rmap%u", op->spte,
			  op->spte, op->rmap, op->spte, op->spte), error);
}

/* What direct pages map does not depend on the guest. */
static gboolean check_direct(const struct reading *r, GError **error)
{
	const struct plan *plan = r->plan;
	guint i, k;

	if (plan->nr_rmaps < plan->nr_sptes)
		return page_error(r, "page-role", g_strdup_printf("makes spteN map page N, but "
				  "sptes are %u and rmaps %u; valid: as many rmaps as sptes",
				  plan->nr_sptes, plan->nr_rmaps), error);
	for (i = 0; i < plan->n_tasks && !sets_tables(plan); i++) {
		for (k = 0; k < plan->tasks[i].n_ops; k++) {
			if (!is_direct(r, &plan->tasks[i].ops[k], error))
				return FALSE;
		}
	}
	return TRUE;
}

gboolean pages_check(struct reading *r, GError **error)
{
	struct plan *plan = r->plan;
	guint entries = plan_page_entries(plan);

	if (!plan->shadow_pages)
		return check_no_pages(r, error);
	if (!entries || entries > KVM_SP_ENTRIES_MAX || plan->nr_sptes % plan->shadow_pages)
		return page_error(r, "shadow-pages", g_strdup_printf("cannot share %u sptes "
				  "evenly, with at most %d for each; valid: a divisor of "
				  "memory.sptes", plan->nr_sptes, KVM_SP_ENTRIES_MAX), error);
	plan->nr_pages = pages_usual(plan);
	if (plan_spte_slots(plan) > SLOTS_MAX)
		return page_error(r, "shadow-pages", g_strdup_printf("needs %u pages at a time, of "
				  "%u sptes; valid: at most %d sptes, with fewer tables or guests",
				  plan->nr_pages, plan_spte_slots(plan), SLOTS_MAX), error);
	if (plan->mmio >= plan->nr_rmaps)
		return page_error(r, "mmio", g_strdup_printf("leaves no page to a memslot; valid: "
				  "fewer than memory.rmaps = %u", plan->nr_rmaps), error);
	if (!check_large(r, error))
		return FALSE;
	return plan->page_role != PLAN_PAGES_DIRECT || check_direct(r, error);
}
