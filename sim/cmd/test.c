/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * rmapsim test: runs scenarios and compares what is found with their [expect]
 * lines. Its exit status is for `git bisect run`.
 */
#include <stdio.h>
#include <string.h>
#include "scenarios/scenario.h"
#include "sim/cmd/common.h"
#include "sim/cmd/verify_report.h"
#include "sim/model/model.h"

#define SEEDS_DEFAULT		10000
#define SEARCH_MEMORY_MAX	(4ull << 30)

enum judgement { AS_EXPECTED, NOT_AS_EXPECTED, NOT_JUDGED };

struct test {
	const struct cmd_options *opt;
	JsonBuilder *json;	/* or NULL: a table */
	guint count[NOT_JUDGED + 1];
	guint errors;		/* scenarios or campaigns that could not be had */
	gboolean interrupted;
};

static const struct cmd_form test_form = {
	.name = "test",
	.args = "[SCENARIO|FOLDER...]",
	.text = "Runs scenarios, by default all there are, and compares what is found with the\n"
		"lines of their [expect]. A line says how many seeds a run needs (default 10000;\n"
		"--seeds N takes fewer), or behind how many states verify is to give up. Exit\n"
		"status: 0 all as expected, 1 not, 125 anything else, as 'git bisect run' wants\n"
		"it.",
	.takes = CMD_TAKES_SCENARIO | CMD_TAKES_SEEDS | CMD_TAKES_JOBS | CMD_TAKES_JSON,
};

static const char judgement_names[][16] = { "ok", "NOT AS EXPECTED", "not judged" };

/* One line of the table, or one object of the array. */
static void report(struct test *t, const struct plan *plan, const struct plan_expect *x,
		   const char *seen, guint64 seeds, enum judgement judgement)
{
	char *expected = g_strjoinv(", ", x->verdicts);
	char *what = g_strdup_printf("%s.%s", x->command, x->model);

	t->count[judgement]++;
	if (t->json) {
		cmd_json_open(t->json, NULL);
		cmd_json_string(t->json, "scenario", plan->name);
		cmd_json_string(t->json, "path", plan->path);
		cmd_json_string(t->json, "what", what);
		cmd_json_strings(t->json, "expected", (const char *const *)x->verdicts);
		cmd_json_string(t->json, "seen", seen);
		cmd_json_seed(t->json, strcmp(x->command, "verify") ? "seeds" : "states", seeds);
		cmd_json_string(t->json, "judgement", judgement_names[judgement]);
		cmd_json_close(t->json);
	} else {
		printf("%-26s %-10s %-20s %-20s %8" G_GUINT64_FORMAT "  %s\n", plan->name, what,
		       expected, seen, seeds, judgement_names[judgement]);
	}
	g_free(expected);
	g_free(what);
}

static const char *seen_in(const struct campaign_result *res)
{
	if (res->failures)
		return res->failed[0].check;
	return res->incomplete ? "incomplete" : "clean";
}

/* capped: fewer seeds than the line needs to show a failure. */
static enum judgement judge(const struct plan_expect *x, const struct campaign_result *res,
			    gboolean capped)
{
	if (g_strv_contains((const char *const *)x->verdicts, seen_in(res)))
		return AS_EXPECTED;
	return capped && !res->failures ? NOT_JUDGED : NOT_AS_EXPECTED;
}

static guint64 seeds_for(const struct test *t, const struct plan_expect *x, gboolean *capped)
{
	guint64 seeds = x->seeds ? x->seeds : SEEDS_DEFAULT;

	*capped = t->opt->seeds_given && t->opt->seeds < seeds;
	return *capped ? t->opt->seeds : seeds;
}

static void test_campaign(struct test *t, const struct plan *plan, const struct plan_expect *x)
{
	struct campaign_result *res = g_new0(struct campaign_result, 1);
	struct campaign_options campaign = {
		.seed_first = t->opt->seed_first,
		.jobs = t->opt->jobs,
	};
	GError *error = NULL;
	gboolean capped;

	campaign.seeds = seeds_for(t, x, &capped);
	if (!cmd_campaign(plan, &campaign, res, &error)) {
		g_prefix_error(&error, "%s: ", plan->path);
		cmd_fail(error);
		t->errors++;
	} else if (res->interrupted) {
		t->interrupted = TRUE;
	} else {
		report(t, plan, x, seen_in(res), res->runs, judge(x, res, capped));
	}
	g_free(res);
}

/* What a search found, in the words of [expect]. */
static const char *seen_by(const struct search_result *res)
{
	if (res->verdict == SEARCH_VIOLATED)
		return res->check;
	return res->verdict == SEARCH_VERIFIED ? "clean" : "incomplete";
}

static void test_search(struct test *t, const struct plan *plan, const struct plan_expect *x)
{
	struct search_result *res = g_new0(struct search_result, 1);
	struct search_options opt = {
		.states_max = x->states,
		.memory_max = SEARCH_MEMORY_MAX,
	};
	struct search *search = NULL;
	GError *error = NULL;

	if (!verify_plan(plan, &opt, &search, res, &error)) {
		g_prefix_error(&error, "%s: ", plan->path);
		cmd_fail(error);
		t->errors++;
	} else if (res->verdict == SEARCH_INTERRUPTED) {
		t->interrupted = TRUE;
	} else {
		gboolean as = g_strv_contains((const char *const *)x->verdicts, seen_by(res));

		report(t, plan, x, seen_by(res), res->states, as ? AS_EXPECTED : NOT_AS_EXPECTED);
	}
	search_free(search);
	g_free(res);
}

static void test_plan(struct test *t, const struct plan *plan, const struct plan_expect *x)
{
	if (!strcmp(x->command, "verify"))
		test_search(t, plan, x);
	else
		test_campaign(t, plan, x);
}

/* The overrides of the command line, and this model. */
static struct plan *load_with_model(const struct test *t, const char *path, const char *model,
				    GError **error)
{
	const char *const *given = cmd_sets(t->opt);
	GPtrArray *set = g_ptr_array_new();
	char *set_model = NULL;
	struct plan *plan;

	for (; *given; given++)
		g_ptr_array_add(set, (gpointer)*given);
	if (model) {
		set_model = g_strdup_printf("memory.model=%s", model);
		g_ptr_array_add(set, set_model);
	}
	g_ptr_array_add(set, NULL);
	plan = cmd_load(path, (const char *const *)set->pdata, error);
	g_ptr_array_unref(set);
	g_free(set_model);
	return plan;
}

static void test_line(struct test *t, const char *path, const struct plan *plan,
		      const struct plan_expect *x)
{
	struct plan *with_model;
	GError *error = NULL;

	if (!model_find(x->model)) {
		report(t, plan, x, "-", 0, NOT_JUDGED);
		return;
	}
	if (!strcmp(plan->model, x->model)) {
		test_plan(t, plan, x);
		return;
	}
	with_model = load_with_model(t, path, x->model, &error);
	if (with_model) {
		test_plan(t, with_model, x);
	} else {
		cmd_fail(error);
		t->errors++;
	}
	plan_free(with_model);
}

static void test_scenario(struct test *t, const char *path)
{
	GError *error = NULL;
	struct plan *plan = load_with_model(t, path, NULL, &error);
	guint i;

	if (!plan) {
		cmd_fail(error);
		t->errors++;
		return;
	}
	if (!plan->n_expect) {
		t->count[NOT_JUDGED]++;
		if (!t->json)
			printf("%-26s expects nothing\n", plan->name);
	}
	for (i = 0; i < plan->n_expect && !t->interrupted; i++)
		test_line(t, path, plan, &plan->expect[i]);
	plan_free(plan);
}

static void test_all_of(struct test *t, const GPtrArray *paths)
{
	guint i;

	for (i = 0; i < paths->len && !t->interrupted; i++)
		test_scenario(t, paths->pdata[i]);
}

static void test_argument(struct test *t, const char *arg)
{
	GError *error = NULL;
	GPtrArray *paths;

	if (!g_file_test(arg, G_FILE_TEST_IS_DIR)) {
		test_scenario(t, arg);
		return;
	}
	paths = scenario_list(arg, &error);
	if (!paths) {
		cmd_fail(error);
		t->errors++;
		return;
	}
	if (!paths->len) {
		cmd_message("%s: has no scenario in it", arg);
		t->errors++;
	}
	test_all_of(t, paths);
	g_ptr_array_unref(paths);
}

static void test_arguments(struct test *t)
{
	GPtrArray *all;
	char **arg;

	for (arg = t->opt->args; *arg && !t->interrupted; arg++)
		test_argument(t, *arg);
	if (t->opt->args[0])
		return;
	all = cmd_scenarios();
	if (!all->len) {
		cmd_message("no scenario was found");
		t->errors++;
	}
	test_all_of(t, all);
	g_ptr_array_unref(all);
}

static void summary(const struct test *t)
{
	if (t->json) {
		json_builder_end_array(t->json);
		cmd_json_count(t->json, "as_expected", t->count[AS_EXPECTED]);
		cmd_json_count(t->json, "not_as_expected", t->count[NOT_AS_EXPECTED]);
		cmd_json_count(t->json, "not_judged", t->count[NOT_JUDGED]);
		cmd_json_count(t->json, "errors", t->errors);
		cmd_json_bool(t->json, "interrupted", t->interrupted);
		cmd_json_print(t->json);
		return;
	}
	printf("%u as expected, %u not, %u not judged, %u %s%s\n", t->count[AS_EXPECTED],
	       t->count[NOT_AS_EXPECTED], t->count[NOT_JUDGED], t->errors,
	       t->errors == 1 ? "error" : "errors", t->interrupted ? "; interrupted" : "");
}

static int test_status(const struct test *t)
{
	if (t->errors || t->interrupted)
		return CMD_BISECT_SKIP;
	return t->count[NOT_AS_EXPECTED] ? CMD_VIOLATION : CMD_OK;
}

static int test_run(const struct cmd_options *opt)
{
	struct test t = { .opt = opt };

	if (opt->json) {
		t.json = cmd_json_begin("test");
		json_builder_set_member_name(t.json, "results");
		json_builder_begin_array(t.json);
	} else {
		printf("%-26s %-10s %-20s %-20s %8s\n", "scenario", "what", "expected", "seen",
		       "tried");
	}
	test_arguments(&t);
	summary(&t);
	return test_status(&t);
}

static int test_main(int argc, char **argv)
{
	struct cmd_options opt;
	int status = cmd_parse(&test_form, argc, argv, &opt, NULL);

	if (status == CMD_GO_ON)
		status = test_run(&opt);
	cmd_options_clear(&opt);
	return status;
}

const struct subcommand cmd_test = {
	.name = "test",
	.summary = "run scenarios or folders of them and compare with [expect]",
	.otherwise = CMD_BISECT_SKIP,
	.run = test_main,
};
