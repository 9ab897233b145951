/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Shadow pages that come and go: each way of freeing them under guests, zaps,
 * harvests and aging, with every algorithm that it suits; and what goes wrong where
 * one does not suit the other.
 */
#include <string.h>
#include "core/shadow_page.h"
#include "sim/engine/campaign.h"
#include "tests/search_support.h"

#define SEEDS	150

/* Much happens in few points: tables of two entries, mapped by several sptes each page. */
#define TEXT									\
	"[algorithm]\nname=%s\n[memory]\nmodel=%s\nrmaps=%u\nsptes=8\npte-list-ext=2\n"	\
	"[kvm]\nshadow-pages=4\nfree=%s\nflush=always\n%s\n"			\
	"[task guest]\ncount=2\nmix=guest-write 6; zap-page 2; zap-spte 1; unmap 1\n"	\
	"pool=spte0..7\noperations=12\n"					\
	"[task zapper]\nprogram=zap-page table0..3; zap-page table0..3\n"	\
	"[task harvester]\nmix=get-dirty-log 1; age 1\noperations=6\n"

static void run_mix(const char *algorithm, const char *model, const char *free, const char *how,
		    struct campaign_result *res)
{
	struct campaign_options opt = { .seed_first = 1, .seeds = SEEDS, .jobs = 1 };
	char *text = g_strdup_printf(TEXT, algorithm, model, strstr(how, "direct") ? 8 : 3,
				     free, how);
	struct plan *plan = support_plan_text(text, NULL);
	GError *error = NULL;

	g_assert_true(campaign_run(plan, &opt, res, &error));
	g_assert_no_error(error);
	plan_free(plan);
	g_free(text);
}

static void must_be_clean(const char *algorithm, const char *free, const char *how)
{
	static const char *const model[] = { "sc", "tso" };
	struct campaign_result *res = g_new0(struct campaign_result, 1);
	unsigned int i;

	for (i = 0; i < G_N_ELEMENTS(model); i++) {
		run_mix(algorithm, model[i], free, how, res);
		if (res->failures)
			g_error("%s, free = %s, %s, seed %" G_GUINT64_FORMAT ": %s", algorithm,
				free, model[i], res->failed[0].seed, res->failed[0].check);
	}
	g_free(res);
}

/* Those that keep no list protect nothing; nulls-dirty may give up. */
static bool is_right(const struct rmap_algorithm *a)
{
	return !a->broken && strcmp(a->name, "null") && strcmp(a->name, "nulls-dirty") &&
	       strcmp(a->name, "template");
}

/* Does its walk take mmu_lock when lists are as short as here? */
static bool waits_for_mmu_lock(const struct rmap_algorithm *a)
{
	return !strcmp(a->name, "locked") || !strcmp(a->name, "first-level");
}

static void test_right(void)
{
	const struct rmap_algorithm *const *a;
	unsigned int n = 0;

	for (a = rmap_algorithms; *a; a++) {
		if (!is_right(*a))
			continue;
		if (!waits_for_mmu_lock(*a))
			must_be_clean((*a)->name, "ipi", "");
		must_be_clean((*a)->name, "rcu", "fast-fault=yes");
		must_be_clean((*a)->name, "typesafe", "");
		n++;
	}
	g_assert_cmpuint(n, >=, 6);
}

static void test_direct(void)
{
	must_be_clean("nulls", "ipi", "page-role=direct\nfast-fault=yes");
	must_be_clean("rcu", "rcu", "page-role=direct\nfast-fault=yes");
	must_be_clean("nulls", "typesafe", "page-role=direct\nfast-fault=yes");
}

/* Who holds mmu_lock throughout needs none of it. */
static void test_mmu_lock(void)
{
	must_be_clean("locked", "at-once", "harvest=mmu-lock");
	must_be_clean("locked", "ipi", "harvest=mmu-lock");
	must_be_clean("first-level", "ipi", "harvest=mmu-lock");
	must_be_clean("nulls", "at-once", "harvest=mmu-lock");
}

/* Every schedule of a scenario, with one thing changed; check: NULL if all are clean. */
static const struct tried {
	const char *scenario, *set, *model, *check;
} tried[] = {
	{ "free-ipi", NULL, "tso", NULL },
	{ "free-ipi", "kvm.free=at-once", "sc", "lifetime" },
	{ "free-rcu", NULL, "sc", NULL },
	{ "free-rcu", "kvm.free=at-once", "sc", "lifetime" },
	{ "free-rcu", "algorithm.name=rcu", "sc", NULL },
	{ "free-rcu", "algorithm.name=locked", "sc", NULL },
	{ "free-typesafe", NULL, "tso", NULL },
	{ "free-typesafe", "kvm.free=at-once", "tso", "lifetime" },
	{ "free-at-once-mmu-lock", NULL, "sc", NULL },
	{ "free-at-once-mmu-lock", "algorithm.name=nulls", "tso", NULL },
	{ "free-at-once-mmu-lock", "kvm.harvest=walk", "sc", NULL },
	{ "free-at-once", "algorithm.name=rcu", "sc", "lifetime" },
	{ "free-at-once", "algorithm.name=lock-bit", "sc", NULL },
	{ "free-at-once-lock-bit", NULL, "tso", NULL },
	{ "reading-no-mb", NULL, "sc", NULL },
	{ "reading-no-mb", NULL, "tso", "lifetime" },
	{ "reading-no-mb", NULL, "pso", "lifetime" },
	{ "reading-no-mb", "kvm.handshake=full", "pso", NULL },
	{ "free-ipi-locked", NULL, "sc", "locking" },
	{ "free-ipi-locked", "kvm.free=rcu", "sc", NULL },
	{ "free-ipi-locked", "kvm.harvest=mmu-lock", "sc", NULL },
	{ "free-ipi-first-level", NULL, "sc", "locking" },
	{ "free-ipi-first-level", "kvm.free=typesafe", "sc", NULL },
	{ "free-ipi-unnumbered", NULL, "sc", "locking" },
	{ "free-ipi-position", NULL, "tso", NULL },
	{ "mmio-over-present", NULL, "sc", "lifetime" },
	{ "mmio-over-present", "kvm.bookkeeping=right", "sc", NULL },
	{ "mmio-over-present", "kvm.free=rcu", "tso", "lifetime" },
	{ "mmio-over-present", "kvm.free=typesafe", "pso", "lifetime" },
	{ "mmio-over-present", "algorithm.name=lock-bit", "sc", "lifetime" },
	{ "mmio-after-drop", NULL, "tso", NULL },
	{ "child-reuse-gfn", NULL, "sc", "warn" },
	{ "child-reuse-gfn", "kvm.bookkeeping=right", "sc", NULL },
	{ "child-reuse-gfn", "kvm.bookkeeping=reuse-role", "sc", NULL },
	{ "child-reuse-role", NULL, "sc", "warn" },
	{ "child-reuse-role", "kvm.bookkeeping=right", "tso", NULL },
	{ "child-reuse-role", "kvm.bookkeeping=reuse-gfn", "sc", NULL },
	{ "fast-fault-large", NULL, "sc", "dirty-log" },
	{ "fast-fault-large", "kvm.fast-fault=yes", "sc", NULL },
	{ "fast-fault-large", "kvm.fast-fault=indirect", "sc", NULL },
	{ "fast-fault-large", "kvm.fast-fault=no", "sc", NULL },
	{ "fast-fault-at-once", NULL, "sc", "lifetime" },
};

static void test_tried(gconstpointer data)
{
	const struct tried *t = data;
	char *model = g_strdup_printf("memory.model=%s", t->model);
	const char *const set[] = { model, t->set, NULL };
	struct plan *plan = support_plan(t->scenario, set);
	struct search_result *res = g_new0(struct search_result, 1);

	search_result_of(plan, NULL, res);
	g_assert_cmpint(res->verdict, ==, t->check ? SEARCH_VIOLATED : SEARCH_VERIFIED);
	if (t->check)
		g_assert_cmpstr(res->check, ==, t->check);
	g_free(res);
	plan_free(plan);
	g_free(model);
}

static void add_tried(const struct tried *t)
{
	char *path = g_strdup_printf("/shadow-pages/tried/%s-%s-%s", t->scenario,
				     t->set ? t->set : "as-it-is", t->model);

	g_test_add_data_func(path, t, test_tried);
	g_free(path);
}

/* The large spte goes, and its entry stays. */
static void forget_the_large(const struct trace_record *rec, void *data)
{
	struct engine *e = data;

	(void)rec;
	if (spte_is_large(e->kvm->root[0]))
		e->kvm->root[0] = 0;
}

/* Sptes are in their pages, and nowhere else. */
static void test_no_others(void)
{
	struct plan *plan = support_plan("free-ipi", NULL);
	struct plan *without = support_plan("dirty-log-walk", NULL);
	struct engine *e = support_engine(plan, 0);

	g_assert_null(e->kvm->sptes);
	engine_free(e);
	e = support_engine(without, 0);
	g_assert_nonnull(e->kvm->sptes);
	engine_free(e);
	plan_free(plan);
	plan_free(without);
}

static void test_entry_of_a_link(void)
{
	struct plan *plan = support_plan("fast-fault-first-page", NULL);
	struct engine *e = support_engine(plan, ENGINE_STEPWISE);
	struct run_result run;

	engine_run(e, 1, &run);
	g_assert_cmpint(run.verdict, ==, RUN_CLEAN);
	engine_observe(e, forget_the_large, e);
	engine_run(e, 1, &run);
	g_assert_cmpint(run.verdict, ==, RUN_VIOLATION);
	g_assert_cmpstr(run.check, ==, "integrity");
	g_assert_nonnull(strstr(run.message, "maps no page by itself and is in rmap0"));
	engine_free(e);
	plan_free(plan);
}

int main(int argc, char **argv)
{
	unsigned int i;

	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/shadow-pages/right", test_right);
	g_test_add_func("/shadow-pages/direct", test_direct);
	g_test_add_func("/shadow-pages/mmu-lock", test_mmu_lock);
	g_test_add_func("/shadow-pages/no-others", test_no_others);
	g_test_add_func("/shadow-pages/entry-of-a-link", test_entry_of_a_link);
	for (i = 0; i < G_N_ELEMENTS(tried); i++)
		add_tried(&tried[i]);
	return g_test_run();
}
