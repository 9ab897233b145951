/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The judge is awake: built with stamps in the wrong order (HW_WRONG_STAMPS) it
 * accuses walks that are right, built with the right ones it accuses none. The
 * two programs are this file, linked with two builds of sim/hw/checked.c.
 *
 * A false accusation needs an operation that takes longer than the clocks may
 * differ, as it does when the lock is contended or the CPU is taken away; so the
 * wrong build may take several goes, for up to a minute.
 */
#include "sim/hw/sample.h"
#include "sim/hw/topology.h"
#include "tests/support.h"

#ifdef HW_WRONG_STAMPS
#define GOES	30
#else
#define GOES	1
#endif

static const char *const algorithms[] = { "nulls", "position", "locked" };

static guint64 accusations(const char *algorithm, guint64 seed)
{
	char *name = g_strdup_printf("algorithm.name=%s", algorithm);
	const char *set[] = { name, "task writer.count=1", "task walker.count=1", NULL };
	struct plan *plan = support_plan("churn-nulls-w2", set);
	struct hw_topology *topology = hw_topology_new(NULL);
	struct hw_options opt = {
		.mode = HW_CHECKED, .seconds = 2, .seed = seed, .keep_going = TRUE,
	};
	GError *error = NULL;
	struct hw_sample *sample;
	guint64 missed;

	g_assert_nonnull(topology);
	opt.cpus = hw_topology_place(topology, NULL, plan->n_tasks, TRUE, &error);
	g_assert_no_error(error);
	sample = hw_sample_run(plan, &opt, &error);
	g_assert_no_error(error);
	g_assert_true(sample->known);
	g_assert_cmpuint(sample->verdict.judged, >, 0);
	missed = sample->verdict.missed;
	g_test_message("%s: %" G_GUINT64_FORMAT " of %" G_GUINT64_FORMAT " visits said to be "
		       "missed", algorithm, missed, sample->verdict.obligations);
	hw_sample_free(sample);
	hw_topology_free(topology);
	g_free((guint *)opt.cpus);
	plan_free(plan);
	g_free(name);
	return missed;
}

static void test_accused(void)
{
	guint64 missed = 0;
	guint go;

	for (go = 0; go < GOES && !missed; go++)
		missed = accusations(algorithms[go % G_N_ELEMENTS(algorithms)], go + 1);
	g_assert_cmpuint(missed, >, 0);
}

static void test_not_accused(void)
{
	guint i;

	for (i = 0; i < G_N_ELEMENTS(algorithms); i++)
		g_assert_cmpuint(accusations(algorithms[i], i + 1), ==, 0);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	if (GOES > 1)
		g_test_add_func("/hw/stamps/wrong-ones-accuse", test_accused);
	else
		g_test_add_func("/hw/stamps/right-ones-do-not", test_not_accused);
	(void)test_accused;
	(void)test_not_accused;
	return g_test_run();
}
