/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The check notifier: it fires where an unmap is got round, and is silent elsewhere. */
#include <string.h>
#include "tests/support.h"

/* Two guests and an unmapper on the same two pages; longer lists than one descriptor. */
#define LOAD							\
	"[scenario]\nwalkers=none\n[algorithm]\nname=%s\n"				\
	"[memory]\nmodel=%s\nrmaps=2\nsptes=6\npte-list-ext=2\n"			\
	"[kvm]\n%s\n[check]\ndirty-log=no\n"						\
	"[task guest]\ncount=2\nmix=guest-write 1\npool=spte0..5\noperations=8\n"	\
	"[task unmapper]\nprogram=unmap rmap0; unmap rmap1; unmap rmap0; unmap rmap0\n"

static guint64 load_fails(const char *algorithm, const char *model, const char *how)
{
	char *text = g_strdup_printf(LOAD, algorithm, model, how);
	guint64 failures = support_fails(support_plan_text(text, NULL), 1500, "notifier");

	g_free(text);
	return failures;
}

static void is_silent(const char *algorithm, const char *model)
{
	g_assert_cmpuint(load_fails(algorithm, model, "invalidate=retry"), ==, 0);
	g_assert_cmpuint(load_fails(algorithm, model, ""), ==, 0);
}

static void fires(const char *algorithm)
{
	g_assert_cmpuint(load_fails(algorithm, "sc", "invalidate=ignore"), >, 0);
	g_assert_cmpuint(load_fails(algorithm, "sc", "invalidate=count-only"), >, 0);
	g_assert_cmpuint(load_fails(algorithm, "tso", "unmap-flush=no"), >, 0);
}

static void test_algorithms(void)
{
	static const char *const models[] = { "sc", "tso", "weak" };
	const struct rmap_algorithm *const *a;
	unsigned int i;

	for (a = rmap_algorithms; *a; a++) {
		if ((*a)->broken || !strcmp((*a)->name, "null") || !strcmp((*a)->name, "template"))
			continue;
		for (i = 0; i < G_N_ELEMENTS(models); i++)
			is_silent((*a)->name, models[i]);
		fires((*a)->name);
	}
	/* Where nothing is listed, nothing is found to be unmapped. */
	g_assert_cmpuint(load_fails("null", "sc", ""), >, 0);
}

/* What one guest has mapped is unmapped and written to again, by nobody's fault. */
static void test_one_vcpu(void)
{
	struct plan *plan = support_plan_text(
		"[algorithm]\nname=nulls\n[memory]\nrmaps=2\nsptes=4\npte-list-ext=2\n"
		"[kvm]\ninvalidate=retry\n[task guest]\nprogram=guest-write spte0..2 rmap0; "
		"unmap rmap0; guest-write spte0..2 rmap0; guest-write spte3 rmap1; unmap rmap0; "
		"guest-write spte3 rmap1; unmap rmap1; guest-write spte0 rmap1; age rmap0\n", NULL);

	g_assert_cmpuint(support_fails(plan, 10, "notifier"), ==, 0);
}

/* The check alone is what finds it, and it is off where nobody unmaps. */
static void test_alone(void)
{
	static const char *const off[] = { "check.notifier=no", NULL };
	static const char *const on[] = { NULL };
	static const char *const names[] = {
		"notifier-ignore", "notifier-count-only", "notifier-no-flush",
	};
	unsigned int i;

	for (i = 0; i < G_N_ELEMENTS(names); i++) {
		g_assert_cmpuint(support_fails(support_plan(names[i], off), 2000, "none"), ==, 0);
		g_assert_cmpuint(support_fails(support_plan(names[i], on), 2000, "notifier"), >, 0);
	}
	g_assert_cmpuint(support_fails(support_plan("notifier-retry", on), 20000, "none"), ==, 0);
	g_assert_cmpuint(support_fails(support_plan("unmap-beside-guest", on), 20000, "none"),
			 ==, 0);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/notifier/algorithms", test_algorithms);
	g_test_add_func("/notifier/one-vcpu", test_one_vcpu);
	g_test_add_func("/notifier/alone", test_alone);
	return g_test_run();
}
