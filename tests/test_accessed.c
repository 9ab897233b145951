/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The check accessed: it is silent where aging holds mmu_lock or the lock bit, whatever
 * guests and unmaps do meanwhile, and fires where a walker is carried off, where an spte
 * comes to map another page, and where a store puts back what it has loaded.
 */
#include <string.h>
#include "tests/support.h"

/* Two guests, each by sptes of its own on both pages, beside two who age them. */
#define LOAD										\
	"[scenario]\nstrategy=speeds\n[algorithm]\nname=%s\n"				\
	"[memory]\nmodel=%s\nrmaps=2\nsptes=8\npte-list-ext=2\n%s\n"			\
	"[check]\naccessed=yes\n"							\
	"[task guest]\nmix=guest-write 3; unmap 1\npool=spte0..3\noperations=8\n"	\
	"[task other]\nmix=guest-write 3; zap-spte 1\npool=spte4..7\noperations=8\n"	\
	"[task ager]\ncount=2\nprogram=age rmap0; age rmap1; age rmap0; age rmap0\n"

#define LOCKED	"[kvm]\nharvest=mmu-lock"

static guint64 load_fails(const char *algorithm, const char *model, const char *how)
{
	char *text = g_strdup_printf(LOAD, algorithm, model, how);
	guint64 failures = support_fails(support_plan_text(text, NULL), 1000, "accessed");

	g_free(text);
	return failures;
}

static const char *const models[] = { "sc", "tso", "pso", "weak" };

static void test_mmu_lock(void)
{
	const struct rmap_algorithm *const *a;
	unsigned int i;

	for (a = rmap_algorithms; *a; a++) {
		if ((*a)->broken || !strcmp((*a)->name, "null") || !strcmp((*a)->name, "template"))
			continue;
		for (i = 0; i < G_N_ELEMENTS(models); i++)
			g_assert_cmpuint(load_fails((*a)->name, models[i], LOCKED), ==, 0);
	}
}

static void test_lock_bit(void)
{
	unsigned int i;

	for (i = 0; i < G_N_ELEMENTS(models); i++) {
		g_assert_cmpuint(load_fails("lock-bit", models[i], ""), ==, 0);
		g_assert_cmpuint(load_fails("locked", models[i], ""), ==, 0);
		g_assert_cmpuint(load_fails("lock-bit", models[i], "sync=none"), ==, 0);
	}
}

static void test_lockless(void)
{
	static const char *const lockless[] = {
		"nulls", "hlist-nulls", "nulls-dirty", "position", "first-level", "seqcount",
	};
	unsigned int i;

	for (i = 0; i < G_N_ELEMENTS(lockless); i++) {
		char *name = g_strdup_printf("algorithm.name=%s", lockless[i]);
		const char *const set[] = { name, NULL };

		g_assert_cmpuint(support_fails(support_plan("age-nulls", set), 5000, "accessed"),
				 >, 0);
		g_free(name);
	}
}

/* One vCPU does one thing after the other: what it is told is true. */
static void test_one_vcpu(void)
{
	struct plan *plan = support_plan_text(
		"[algorithm]\nname=nulls\n[memory]\nrmaps=2\nsptes=4\npte-list-ext=2\n"
		"[check]\naccessed=yes\n[task guest]\n"
		"program=age rmap0; guest-write spte0..2 rmap0; age rmap0; age rmap0; "
		"get-dirty-log; guest-write spte1 rmap0; age rmap0; "
		"unmap rmap0; guest-write spte0 rmap1; age rmap0; age rmap1; age rmap1\n", NULL);

	g_assert_cmpuint(support_fails(plan, 10, "accessed"), ==, 0);
}

/* The check alone is what finds it. */
static void test_alone(void)
{
	static const char *const off[] = { "check.accessed=no", NULL };
	static const char *const on[] = { NULL };
	static const char *const names[] = {
		"age-nulls", "age-rcu-reused", "age-plain-protect",
	};
	unsigned int i;

	for (i = 0; i < G_N_ELEMENTS(names); i++) {
		g_assert_cmpuint(support_fails(support_plan(names[i], off), 2000, "none"), ==, 0);
		g_assert_cmpuint(support_fails(support_plan(names[i], on), 2000, "accessed"), >, 0);
	}
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/accessed/mmu-lock", test_mmu_lock);
	g_test_add_func("/accessed/lock-bit", test_lock_bit);
	g_test_add_func("/accessed/lockless", test_lockless);
	g_test_add_func("/accessed/one-vcpu", test_one_vcpu);
	g_test_add_func("/accessed/alone", test_alone);
	return g_test_run();
}
