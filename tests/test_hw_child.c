/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The parent of a sample believes nothing. This program has a child's part of
 * its own (hw_run_sample() below, in the place of sim/hw/run.c) that tells what
 * cannot be, dies, hangs in an operation, or never begins to play.
 */
#include <signal.h>
#include <string.h>
#include <unistd.h>
#include "sim/hw/state.h"
#include "tests/support.h"

enum child {
	CHILD_GOOD, CHILD_NOT_DONE, CHILD_COUNTS, CHILD_HISTOGRAM, CHILD_VERDICT, CHILD_MAGIC,
	CHILD_TIME, CHILD_BROKEN, CHILD_LONG_TEXT, CHILD_DIES, CHILD_EXITS, CHILD_HANGS,
};

static enum child child;

static void good_task(struct hw_counts *c)
{
	c->issued = c->walks = c->complete = 2;
	hw_histogram_add(&c->latency_ticks, 100);
	hw_histogram_add(&c->latency_ticks, 300);
	hw_histogram_add(&c->steps_of_walk, 3);
	hw_histogram_add(&c->steps_of_walk, 3);
	hw_histogram_add(&c->restarts_of_walk, 0);
	hw_histogram_add(&c->restarts_of_walk, 0);
}

static void good_results(struct hw_shared *sh)
{
	good_task(&sh->task[0]);
	sh->ns_per_tick = 0.5;
	sh->duration_ticks = 1000;
	sh->stage = HW_STAGE_DONE;
}

void hw_run_sample(struct hw_run *run)
{
	struct hw_shared *sh = run->shared;
	struct hw_counts *c = &sh->task[0];

	good_results(sh);
	switch (child) {
	case CHILD_NOT_DONE:
		sh->stage = HW_STAGE_RUNNING;
		break;
	case CHILD_COUNTS:
		c->issued++;
		break;
	case CHILD_HISTOGRAM:
		c->latency_ticks.count[5]++;
		break;
	case CHILD_VERDICT:
		sh->verdict.judged = 1000;
		break;
	case CHILD_MAGIC:
		sh->magic = 0;
		break;
	case CHILD_TIME:
		sh->ns_per_tick = 0.0 / 0.0;
		break;
	case CHILD_BROKEN:
		sh->broken = 1;
		g_strlcpy(sh->message, "no memory", sizeof(sh->message));
		break;
	case CHILD_LONG_TEXT:
		sh->violated = 1;
		memset(sh->check, 'c', sizeof(sh->check));
		memset(sh->message, 'm', sizeof(sh->message));
		break;
	case CHILD_DIES:
		raise(SIGSEGV);
		break;
	case CHILD_EXITS:
		_exit(7);
	case CHILD_HANGS:
		c->issued++;
		sh->stage = HW_STAGE_RUNNING;
		for (;;)
			pause();
	default:
		break;
	}
}

static struct hw_sample *sample_of(enum child which, GError **error)
{
	static const char *const set[] = { "limits.hang=1", NULL };
	struct plan *plan = support_plan("endless", set);
	guint cpus[2] = { 0, 0 };
	struct hw_options opt = { .mode = HW_CHECKED, .seconds = 60, .cpus = cpus };
	struct hw_sample *sample;

	child = which;
	sample = hw_sample_run(plan, &opt, error);
	plan_free(plan);
	return sample;
}

static void test_believed(void)
{
	GError *error = NULL;
	struct hw_sample *s = sample_of(CHILD_GOOD, &error);

	g_assert_no_error(error);
	g_assert_cmpint(s->outcome, ==, HW_OK);
	g_assert_true(s->known);
	g_assert_cmpuint(s->all.walks, ==, 2);
	g_assert_cmpfloat(s->duration_ns, ==, 500);
	hw_sample_free(s);
}

static void test_not_believed(void)
{
	static const enum child lies[] = {
		CHILD_NOT_DONE, CHILD_COUNTS, CHILD_HISTOGRAM, CHILD_VERDICT, CHILD_MAGIC,
		CHILD_TIME,
	};
	size_t i;

	for (i = 0; i < G_N_ELEMENTS(lies); i++) {
		GError *error = NULL;

		g_assert_null(sample_of(lies[i], &error));
		g_assert_error(error, HW_ERROR, HW_ERROR_SYSTEM);
		g_assert_nonnull(strstr(error->message, "results that cannot be"));
		g_error_free(error);
	}
}

static void test_broken(void)
{
	GError *error = NULL;

	g_assert_null(sample_of(CHILD_BROKEN, &error));
	g_assert_error(error, HW_ERROR, HW_ERROR_SYSTEM);
	g_assert_cmpstr(error->message, ==, "no memory");
	g_error_free(error);
}

static void test_long_text(void)
{
	struct hw_sample *s = sample_of(CHILD_LONG_TEXT, NULL);

	g_assert_cmpint(s->outcome, ==, HW_VIOLATION);
	g_assert_cmpuint(strlen(s->check), ==, sizeof(s->check) - 1);
	g_assert_cmpuint(strlen(s->reason), ==, sizeof(s->reason) - 1);
	hw_sample_free(s);
}

static void ends_as(enum child which, enum hw_outcome outcome, const char *reason)
{
	struct hw_sample *s = sample_of(which, NULL);

	g_assert_cmpint(s->outcome, ==, outcome);
	g_assert_false(s->known);
	if (!strstr(s->reason, reason))
		g_test_message("'%s' has no '%s'", s->reason, reason);
	g_assert_nonnull(strstr(s->reason, reason));
	hw_sample_free(s);
}

static void test_bad_ends(void)
{
	ends_as(CHILD_DIES, HW_CRASH, "died of signal 11");
	ends_as(CHILD_EXITS, HW_CRASH, "with status 7");
	ends_as(CHILD_HANGS, HW_HANG, "writer has been in one remove of rmap0 for 1 s");
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/hw/child/believed", test_believed);
	g_test_add_func("/hw/child/not-believed", test_not_believed);
	g_test_add_func("/hw/child/broken", test_broken);
	g_test_add_func("/hw/child/long-text", test_long_text);
	g_test_add_func("/hw/child/bad-ends", test_bad_ends);
	return g_test_run();
}
