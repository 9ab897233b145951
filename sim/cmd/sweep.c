/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * rmapsim sweep: campaigns over the product of [sweep], into a database. All
 * points are known to be valid before the first run.
 */
#include <stdio.h>
#include "sim/cmd/progress.h"
#include "sim/cmd/sweep_report.h"

#define SEEDS_DEFAULT	1000

static gboolean sweep_dry_run;

static const GOptionEntry sweep_entries[] = {
	{ "dry-run", 0, 0, G_OPTION_ARG_NONE, &sweep_dry_run,
	  "print the points and exit", NULL },
	{ 0 },
};

static const struct cmd_form sweep_form = {
	.name = "sweep",
	.args = "SCENARIO --db FILE",
	.text = "Simulates a scenario over seeds at each point of a grid, and stores what it\n"
		"counts in an SQLite database. The grid is the product of the lines of the\n"
		"scenario's [sweep] and of --sweep. The default is 1000 seeds from 1 at each\n"
		"point.\n\n"
		"A sweep that was broken off, by Ctrl-C, kill -9 or a full disk, goes on when the\n"
		"same command is given again. With another scenario, grid, range of seeds or\n"
		"version of the program it is a new experiment in the same file.",
	.takes = CMD_TAKES_SCENARIO | CMD_TAKES_SEED | CMD_TAKES_SEEDS | CMD_TAKES_JOBS |
		 CMD_TAKES_JSON | CMD_TAKES_DIGEST | CMD_TAKES_DB | CMD_TAKES_SWEEP,
	.own = sweep_entries,
};

static int sweep_status(const struct sweep_result *res, const struct sweep_counts *counts)
{
	if (res->interrupted)
		return CMD_INTERRUPTED;
	if (counts->failures)
		return CMD_VIOLATION;
	return counts->incomplete ? CMD_LIMIT : CMD_OK;
}

static void say_rates(const struct cmd_options *opt, const struct sweep_result *res)
{
	char rate[24];

	if (res->batches_before == res->batches)
		cmd_message("all of it was there already");
	else if (res->batches_before)
		cmd_message("%" G_GUINT64_FORMAT " of %" G_GUINT64_FORMAT " batches were there "
			    "already", res->batches_before, res->batches);
	if (res->interrupted)
		cmd_message("interrupted: %" G_GUINT64_FORMAT " of %" G_GUINT64_FORMAT " batches "
			    "are stored; the same command goes on from there",
			    res->batches_stored, res->batches);
	fprintf(stderr, "%.2f s, %u %s, %s runs/s\n", res->seconds, opt->jobs,
		opt->jobs == 1 ? "job" : "jobs",
		progress_number(res->runs / MAX(res->seconds, 1e-9), rate, sizeof(rate)));
}

static int sweep_into(const struct grid *g, const struct cmd_options *opt)
{
	struct sweep_result res;
	struct sweep_counts counts;
	GError *error = NULL;
	gboolean ok;
	int status;

	ok = sweep_run(g, opt, &res, &error) &&
	     sweep_report_result(g, opt, &res, &counts, &error);
	if (ok)
		say_rates(opt, &res);
	else if (res.batches_stored)
		g_prefix_error(&error, "%" G_GUINT64_FORMAT " of %" G_GUINT64_FORMAT " batches "
			       "are stored, the same command goes on from there: ",
			       res.batches_stored, res.batches);
	store_close(res.store, ok ? &error : NULL);
	status = error ? cmd_fail(error) : sweep_status(&res, &counts);
	return status;
}

static int sweep_grid(const struct grid *g, const struct cmd_options *opt)
{
	GError *error = NULL;
	gboolean interrupted;
	guint64 runs;

	if (!g_uint64_checked_mul(&runs, g->points, opt->seeds))
		return cmd_misused(&sweep_form, "%u points with so many seeds are too many runs",
				   g->points);
	fflush(stdout);
	if (!sweep_check_engines(g, opt->jobs, &interrupted, &error))
		return cmd_fail(error);
	if (interrupted)
		return CMD_INTERRUPTED;
	if (!sweep_dry_run)
		return sweep_into(g, opt);
	sweep_report_points(g, opt);
	return CMD_OK;
}

static int sweep_scenario(struct cmd_options *opt)
{
	GError *error = NULL;
	struct grid *g;
	int status;

	if (!opt->args[0] || opt->args[1])
		return cmd_misused(&sweep_form, "one SCENARIO is needed");
	if (!opt->db && !sweep_dry_run)
		return cmd_misused(&sweep_form, "--db FILE is needed, or --dry-run");
	if (!opt->seed_given && !opt->seeds_given)
		opt->seeds = SEEDS_DEFAULT;
	if (opt->seed_first > ROW_SEED_MAX || opt->seeds - 1 > ROW_SEED_MAX - opt->seed_first)
		return cmd_misused(&sweep_form, "seeds of a sweep lie below 2^63");
	g = grid_new(opt->args[0], cmd_sets(opt), &error);
	if (!g)
		return cmd_fail(error);
	status = sweep_grid(g, opt);
	grid_free(g);
	return status;
}

static int sweep_main(int argc, char **argv)
{
	struct cmd_options opt;
	int status = cmd_parse(&sweep_form, argc, argv, &opt, NULL);

	if (status == CMD_GO_ON)
		status = sweep_scenario(&opt);
	cmd_options_clear(&opt);
	return status;
}

const struct subcommand cmd_sweep = {
	.name = "sweep",
	.summary = "a parameter grid into a database, parallel, resumable",
	.run = sweep_main,
};
