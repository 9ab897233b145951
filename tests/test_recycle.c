/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Faults that recycle: when they do, what is left, and what walkers make of it. */
#include <string.h>
#include "sim/engine/campaign.h"
#include "sim/engine/state.h"
#include "tests/support.h"

/* Five sptes of one page, one after the other, and one of another. */
#define ONE_GUEST						\
	"[algorithm]\nname=%s\n[memory]\nrmaps=2\nsptes=6\npte-list-ext=2\nrecycle-threshold=%u\n" \
	"[kvm]\nrecycle=%s\n%s\n[task guest]\nprogram=guest-write spte5 rmap1; "	\
	"guest-write spte0..4 rmap0; age rmap1\n"

/* Guests that share two pages, and one more who walks. */
#define LOAD							\
	"[algorithm]\nname=%s\n[memory]\nrmaps=2\nsptes=8\npte-list-ext=2\nrecycle-threshold=2\n" \
	"[kvm]\nrecycle=%s\nrecycle-order=%s\nflush=always\n"				\
	"[task guest]\ncount=2\nmix=guest-write 6; zap-spte 1; unmap 1\npool=spte0..7\n"	\
	"operations=12\n[task walker]\nprogram=walk rmap0; get-dirty-log; age rmap1; walk rmap1\n"

/* Those that keep no list recycle nothing. */
static bool keeps_lists(const struct rmap_algorithm *a)
{
	return strcmp(a->name, "null") && strcmp(a->name, "template");
}

/* Bit n: spte n of the page is there when all have been written to. */
static unsigned int left(const char *algorithm, unsigned int threshold, const char *how,
			 const char *more)
{
	char *text = g_strdup_printf(ONE_GUEST, algorithm, threshold, how, more);
	struct plan *plan = support_plan_text(text, NULL);
	struct engine *e = support_engine(plan, 0);
	struct run_result res;
	unsigned int i, there = 0;

	engine_run(e, 1, &res);
	g_assert_cmpint(res.verdict, ==, RUN_CLEAN);
	for (i = 0; i < 5; i++)
		there |= (unsigned int)(e->kvm->sptes[i] != 0) << i;
	g_assert_cmphex(e->kvm->sptes[5], !=, 0);
	engine_free(e);
	plan_free(plan);
	g_free(text);
	return there;
}

/*
 * With at most n others a list stays; the fault that finds one more zaps all, and
 * the spte that it was for comes back alone.
 */
static void recycles(const char *algorithm, const char *how, const char *more)
{
	g_assert_cmphex(left(algorithm, 4, how, more), ==, 0x1f);
	g_assert_cmphex(left(algorithm, 3, how, more), ==, 0x10);
	g_assert_cmphex(left(algorithm, 2, how, more), ==, 0x18);
	g_assert_cmphex(left(algorithm, 1, how, more), ==, 0x10);
	g_assert_cmphex(left(algorithm, 0, how, more), ==, 0x10);
}

static void test_threshold(void)
{
	const struct rmap_algorithm *const *a;

	for (a = rmap_algorithms; *a; a++) {
		if ((*a)->broken || !keeps_lists(*a))
			continue;
		recycles((*a)->name, "bulk", "");
		recycles((*a)->name, "one-by-one", "");
		recycles((*a)->name, "bulk", "recycle-order=after-mark");
		g_assert_cmphex(left((*a)->name, 0, "none", ""), ==, 0x1f);
	}
	/* Positions that wrap: under mmu_lock too a pass is given up, and the next begins anew. */
	recycles("position\nposition-bits=1\noverflow=wrap\nretries=1", "bulk", "");
	g_assert_cmphex(left("null", 0, "bulk", ""), ==, 0x1f);
}

static void clean(const char *algorithm, const char *how, const char *order, const char *model)
{
	struct campaign_options opt = { .seed_first = 1, .seeds = 1500, .jobs = 1 };
	struct campaign_result *res = g_new0(struct campaign_result, 1);
	char *text = g_strdup_printf(LOAD, algorithm, how, order);
	char *set = g_strdup_printf("memory.model=%s", model);
	const char *const sets[] = { set, NULL };
	struct plan *plan = support_plan_text(text, sets);
	GError *error = NULL;

	g_assert_true(campaign_run(plan, &opt, res, &error));
	g_assert_no_error(error);
	if (res->failures)
		g_test_message("%s, %s, %s, %s: %s", algorithm, how, order, model,
			       res->failed[0].check);
	g_assert_cmpuint(res->failures, ==, 0);
	plan_free(plan);
	g_free(res);
	g_free(text);
	g_free(set);
}

static void test_load(void)
{
	const struct rmap_algorithm *const *a;

	for (a = rmap_algorithms; *a; a++) {
		if ((*a)->broken || !keeps_lists(*a))
			continue;
		clean((*a)->name, "bulk", "before-mark", "sc");
		clean((*a)->name, "one-by-one", "after-mark", "tso");
		clean((*a)->name, "bulk", "after-mark", "weak");
	}
}

/* The seeds in which a scenario fails by that check, of so many. */
static guint64 fails(const char *scenario, const char *const *set, const char *check)
{
	return support_fails(support_plan(scenario, set), 100000, check);
}

/* A write is lost where a page is marked and then recycled, and only there. */
static void test_order(void)
{
	static const char *const none[] = { NULL };
	static const char *const before[] = { "kvm.recycle-order=before-mark", NULL };
	static const char *const flushed[] = { "kvm.flush=always", NULL };

	g_assert_cmpuint(fails("dirty-log-recycle-after-mark", none, "dirty-log"), >, 0);
	g_assert_cmpuint(fails("dirty-log-recycle-after-mark", before, "dirty-log"), ==, 0);
	g_assert_cmpuint(fails("dirty-log-recycle-after-mark", flushed, "dirty-log"), ==, 0);
}

/* The order that is wrong where a grace period ends what is freed is nobody's under mmu_lock. */
static void test_bulk_free(void)
{
	static const char *const none[] = { NULL };
	static const char *const locked[] = { "algorithm.walk=mmu-lock", NULL };

	g_assert_cmpuint(fails("busted-bulk-free-rcu", none, "lifetime"), >, 0);
	g_assert_cmpuint(fails("busted-bulk-free-rcu", locked, "lifetime"), ==, 0);
	g_assert_cmpuint(fails("bulk-free-zeroed", none, "termination"), >, 0);
	g_assert_cmpuint(fails("bulk-free-zeroed", locked, "termination"), ==, 0);
}

/* Bounds are for walkers: how long a list is that a fault counts is nothing that they judge. */
static void test_bound(void)
{
	static const char *const behind[] = {
		"task guest.program=guest-write spte0..3 rmap0; age rmap0", NULL
	};
	static const char *const longer[] = {
		"task guest.program=guest-write spte0..3 rmap0; age rmap0", "kvm.recycle=none", NULL
	};

	g_assert_cmpuint(fails("fault-recycle-length", behind, "termination"), ==, 0);
	g_assert_cmpuint(fails("fault-recycle-length", longer, "termination"), >, 0);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/recycle/threshold", test_threshold);
	g_test_add_func("/recycle/load", test_load);
	g_test_add_func("/recycle/order", test_order);
	g_test_add_func("/recycle/bulk-free", test_bulk_free);
	g_test_add_func("/recycle/bound", test_bound);
	return g_test_run();
}
