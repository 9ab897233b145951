/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * rmapsim run: a campaign of one scenario over seeds. The lowest failing seed is
 * run again in this process for its message, its line to replay it and, with
 * --out, its schedule.
 */
#include <stdio.h>
#include "sim/cmd/recording.h"
#include "sim/cmd/rows.h"
#include "sim/cmd/run_report.h"
#include "sim/cmd/run_store.h"
#include "sim/engine/pool.h"

#define SEEDS_DEFAULT	1000

static gboolean run_print_plan;
static gboolean run_keep_going;

static const GOptionEntry run_entries[] = {
	{ "keep-going", 0, 0, G_OPTION_ARG_NONE, &run_keep_going,
	  "do not stop at the first failing seed", NULL },
	{ "print-plan", 0, 0, G_OPTION_ARG_NONE, &run_print_plan,
	  "print the complete scenario, defaults and all, and exit", NULL },
	{ 0 },
};

static const struct cmd_form run_form = {
	.name = "run",
	.args = "SCENARIO",
	.text = "Simulates a scenario once for each seed and stops at the first that fails.\n"
		"SCENARIO is a bare name (see 'rmapsim list scenarios') or a path. The default is\n"
		"1000 seeds from 1. With --db the result is stored as one experiment.",
	.takes = CMD_TAKES_SCENARIO | CMD_TAKES_SEED | CMD_TAKES_SEEDS | CMD_TAKES_JOBS |
		 CMD_TAKES_OUT | CMD_TAKES_JSON | CMD_TAKES_DIGEST | CMD_TAKES_DB,
	.own = run_entries,
};

/* Run a seed of the campaign again; it must do the same. */
static gboolean tell_seed(struct engine *e, guint64 seed, enum run_verdict verdict,
			  struct run_result *told, GError **error)
{
	engine_run(e, seed, told);
	if (told->verdict == verdict)
		return TRUE;
	g_set_error(error, POOL_ERROR, POOL_ERROR_SYSTEM,
		    "seed %" G_GUINT64_FORMAT " did something else when it was run again: this is "
		    "a defect of rmapsim", seed);
	return FALSE;
}

static gboolean tell_failures(struct run_report *r, struct engine *e, GError **error)
{
	guint i, n = r->opt->out ? r->result.n_failed :
			       MIN(r->result.n_failed, r->store ? ROWS_FAILURES : 1);
	struct run_result told;
	char *saved;

	for (i = 0; i < n; i++) {
		if (!tell_seed(e, r->result.failed[i].seed, RUN_VIOLATION, &told, error))
			return FALSE;
		if (!i)
			r->told = told;
		if (r->store)
			run_store_failure(r->store, e, &told);
		if (!r->opt->out)
			continue;
		saved = recording_save(e, r->opt->out, &told, cmd_sets(r->opt), error);
		if (!saved)
			return FALSE;
		g_ptr_array_add(r->saved, saved);
	}
	return TRUE;
}

/* What the campaign found, from runs in this process. */
static gboolean tell(struct run_report *r, GError **error)
{
	struct engine *e;
	gboolean ok;

	if (!r->result.failures && !r->result.incomplete)
		return TRUE;
	e = engine_new(r->plan, ENGINE_DIGEST | ENGINE_RECORD, error);
	if (!e)
		return FALSE;
	if (r->result.failures)
		ok = tell_failures(r, e, error);
	else
		ok = tell_seed(e, r->result.first_incomplete_seed, RUN_INCOMPLETE, &r->told, error);
	engine_free(e);
	if (r->told.verdict != RUN_CLEAN)
		r->replay = cmd_replay_line(r->scenario, r->told.seed, cmd_sets(r->opt));
	return ok;
}

static int run_status(const struct run_report *r)
{
	if (r->result.interrupted)
		return CMD_INTERRUPTED;
	if (r->result.failures)
		return CMD_VIOLATION;
	return r->result.incomplete ? CMD_LIMIT : CMD_OK;
}

/* An interrupted campaign is stored by nobody: its seeds would not be those it says. */
static int run_store(const struct run_report *r)
{
	GError *error = NULL;

	if (!r->store || r->result.interrupted || run_store_write(r->store, &error))
		return CMD_OK;
	return error ? cmd_fail(error) : CMD_SYSTEM;
}

static int run_campaign(struct run_report *r)
{
	const struct campaign_options campaign = {
		.seed_first = r->opt->seed_first,
		.seeds = r->opt->seeds,
		.jobs = r->opt->jobs,
		.keep_going = r->keep_going,
		.digest = r->opt->digest,
		.counted = r->store ? run_store_count : NULL,
		.data = r->store,
	};
	GError *error = NULL;
	int stored;

	if (r->store && !run_store_check(r->opt->db, &error))
		return cmd_fail(error);
	if (!cmd_campaign(r->plan, &campaign, &r->result, &error))
		return cmd_fail(error);
	tell(r, &error);
	if (!r->result.failures || r->replay) {
		if (r->opt->json)
			run_report_json(r);
		else
			run_report_text(r);
		run_report_rates(r);
	}
	if (error)
		return cmd_fail(error);
	stored = run_store(r);
	return stored ? stored : run_status(r);
}

static int run_plan(const struct cmd_options *opt, const struct plan *plan)
{
	struct run_report *r = g_new0(struct run_report, 1);
	int status;

	r->scenario = opt->args[0];
	r->plan = plan;
	r->opt = opt;
	r->keep_going = run_keep_going;
	if (opt->db)
		r->store = run_store_new(plan, opt, run_keep_going);
	r->saved = g_ptr_array_new_with_free_func(g_free);
	status = run_campaign(r);
	g_ptr_array_unref(r->saved);
	run_store_free(r->store);
	g_free(r->replay);
	g_free(r);
	return status;
}

static int run_scenario(struct cmd_options *opt)
{
	GError *error = NULL;
	struct plan *plan;
	int status = CMD_OK;

	if (!opt->args[0] || opt->args[1])
		return cmd_misused(&run_form, "one SCENARIO is needed");
	if (!opt->seed_given && !opt->seeds_given)
		opt->seeds = SEEDS_DEFAULT;
	if (opt->db && (opt->seed_first > ROW_SEED_MAX ||
			opt->seeds - 1 > ROW_SEED_MAX - opt->seed_first))
		return cmd_misused(&run_form, "seeds that are stored lie below 2^63");
	plan = cmd_load(opt->args[0], cmd_sets(opt), &error);
	if (!plan)
		return cmd_fail(error);
	if (run_print_plan)
		fputs(plan->text, stdout);
	else
		status = run_plan(opt, plan);
	plan_free(plan);
	return status;
}

static int run_main(int argc, char **argv)
{
	struct cmd_options opt;
	int status = cmd_parse(&run_form, argc, argv, &opt, NULL);

	if (status == CMD_GO_ON)
		status = run_scenario(&opt);
	cmd_options_clear(&opt);
	return status;
}

const struct subcommand cmd_run = {
	.name = "run",
	.summary = "simulate a scenario over seeds; stop at or collect failures",
	.run = run_main,
};
