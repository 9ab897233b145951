/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * rmapsim hw: the scenario on pinned threads, once, for a duration or a number
 * of operations. A crash or a hang is a result like any other.
 */
#include <math.h>
#include <stdio.h>
#include "output/store.h"
#include "sim/cmd/hw_report.h"
#include "sim/cmd/hw_table.h"
#include "sim/hw/unplayed.h"

#define SECONDS_DEFAULT	2.0
#define SECONDS_MAX	86400.0
#define SAMPLES_MAX	1000000

static gboolean hw_checked, hw_oversubscribe, hw_keep_going, hw_tabled;
static double hw_seconds;
static gboolean hw_seconds_given;
static guint64 hw_operations, hw_samples;
static char *hw_cpus;

static gboolean on_duration(const gchar *name, const gchar *value, gpointer data, GError **error)
{
	char *end;

	(void)data;
	hw_seconds = g_ascii_strtod(value, &end);
	hw_seconds_given = TRUE;
	if (end != value && !*end && isfinite(hw_seconds) && hw_seconds > 0 &&
	    hw_seconds <= SECONDS_MAX)
		return TRUE;
	g_set_error(error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
		    "%s %s: valid is a number of seconds above 0, up to %.0f", name, value,
		    SECONDS_MAX);
	return FALSE;
}

static gboolean on_operations(const gchar *name, const gchar *value, gpointer data, GError **error)
{
	(void)data;
	if (cmd_parse_u64(value, &hw_operations) && hw_operations && hw_operations <= G_MAXINT64)
		return TRUE;
	g_set_error(error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
		    "%s %s: valid is a number from 1 to 2^63 - 1", name, value);
	return FALSE;
}

static gboolean on_samples(const gchar *name, const gchar *value, gpointer data, GError **error)
{
	(void)data;
	if (cmd_parse_u64(value, &hw_samples) && hw_samples && hw_samples <= SAMPLES_MAX)
		return TRUE;
	g_set_error(error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
		    "%s %s: valid is a number from 1 to %d", name, value, SAMPLES_MAX);
	return FALSE;
}

static const GOptionEntry hw_entries[] = {
	{ "table", 0, 0, G_OPTION_ARG_NONE, &hw_tabled,
	  "play each point of [sweep], and print a row for each", NULL },
	{ "samples", 0, 0, G_OPTION_ARG_CALLBACK, (gpointer)on_samples,
	  "how often each point of a table is played (default 1)", "N" },
	{ "checked", 0, 0, G_OPTION_ARG_NONE, &hw_checked,
	  "judge coverage by stamps of every operation", NULL },
	{ "duration", 0, 0, G_OPTION_ARG_CALLBACK, (gpointer)on_duration,
	  "how long it is played (default 2)", "SECONDS" },
	{ "operations", 0, 0, G_OPTION_ARG_CALLBACK, (gpointer)on_operations,
	  "until each task has done so many, instead", "N" },
	{ "cpus", 0, 0, G_OPTION_ARG_STRING, &hw_cpus,
	  "CPUs of the tasks, in turn, such as 0,2-3", "LIST" },
	{ "oversubscribe", 0, 0, G_OPTION_ARG_NONE, &hw_oversubscribe,
	  "several tasks may share a CPU", NULL },
	{ "keep-going", 0, 0, G_OPTION_ARG_NONE, &hw_keep_going,
	  "do not stop at the first violation; count them", NULL },
	{ 0 },
};

static const struct cmd_form hw_form = {
	.name = "hw",
	.args = "SCENARIO",
	.text = "Runs the scenario's code on pinned threads of this machine: the same source, the\n"
		"kernel's instructions. Without --checked, nothing but the code and histograms is\n"
		"there; with it, every operation is stamped and walks are judged in rounds.\n"
		"Models and strategies mean nothing here; limits.hang is the time limit of an\n"
		"operation. With --table each point of [sweep] is played --samples times, for\n"
		"plots with an interval.",
	.takes = CMD_TAKES_SCENARIO | CMD_TAKES_SEED | CMD_TAKES_JSON | CMD_TAKES_DB |
		 CMD_TAKES_SWEEP,
	.own = hw_entries,
};

static int hw_status(const struct hw_sample *s)
{
	if (s->outcome != HW_OK)
		return CMD_VIOLATION;
	return s->interrupted ? CMD_INTERRUPTED : CMD_OK;
}

/* An error's exit status: what the user can mend, or what the system did. */
static int hw_fail(GError *error)
{
	gboolean system = g_error_matches(error, HW_ERROR, HW_ERROR_SYSTEM);
	int status = cmd_fail(error);

	return system ? CMD_SYSTEM : status;
}

static int hw_tell(struct hw_report *r)
{
	GError *error = NULL;

	if (r->opt->db && !hw_report_store(r, r->opt->db, &r->stored, &error)) {
		/* What was measured is not lost. */
		hw_report_text(r);
		return hw_fail(error);
	}
	if (r->opt->json)
		hw_report_json(r);
	else
		hw_report_text(r);
	return hw_status(r->sample);
}

static struct hw_options hw_wanted(const struct cmd_options *opt, const guint *cpus)
{
	return (struct hw_options){
		.mode = hw_checked ? HW_CHECKED : HW_TIMING,
		.seconds = hw_operations ? 0 : hw_seconds_given ? hw_seconds : SECONDS_DEFAULT,
		.operations = hw_operations,
		.seed = opt->seed_first,
		.keep_going = hw_keep_going,
		.cpus = cpus,
	};
}

static int hw_sample(const struct cmd_options *opt, const struct plan *plan,
		     const struct hw_topology *topology, const guint *cpus)
{
	const struct hw_options hw = hw_wanted(opt, cpus);
	GError *error = NULL;
	struct hw_sample *sample = hw_sample_run(plan, &hw, &error);
	GPtrArray *unplayed = hw_unplayed_new();
	struct hw_report report = {
		.scenario = opt->args[0], .plan = plan, .opt = opt, .topology = topology,
		.hw = &hw, .sample = sample, .unplayed = unplayed,
	};
	int status;

	if (sample) {
		hw_report_unplayed(plan, unplayed);
		status = hw_tell(&report);
	} else {
		status = hw_fail(error);
	}
	g_ptr_array_unref(unplayed);
	hw_sample_free(sample);
	return status;
}

static int hw_place(const struct cmd_options *opt, const struct plan *plan)
{
	GError *error = NULL;
	struct hw_topology *topology = hw_topology_new(&error);
	guint *cpus;
	int status;

	if (!topology)
		return hw_fail(error);
	cpus = hw_topology_place(topology, hw_cpus, plan->n_tasks, hw_oversubscribe, &error);
	status = cpus ? hw_sample(opt, plan, topology, cpus) : hw_fail(error);
	g_free(cpus);
	hw_topology_free(topology);
	return status;
}

/* What cannot be written to is better known before anything is measured. */
static gboolean hw_try_db(const char *path, GError **error)
{
	struct store *store = path ? store_open(path, STORE_WRITE, error) : NULL;

	if (!store)
		return !path;
	return store_close(store, error);
}

static gboolean hw_sweeps(const struct cmd_options *opt)
{
	const char *const *set;

	for (set = cmd_sets(opt); *set; set++) {
		if (g_str_has_prefix(*set, "sweep."))
			return TRUE;
	}
	return FALSE;
}

static int hw_grid(const struct cmd_options *opt)
{
	const struct hw_table_options own = {
		.hw = hw_wanted(opt, NULL),
		.cpus = hw_cpus,
		.oversubscribe = hw_oversubscribe,
		.samples = hw_samples ? hw_samples : 1,
	};
	GError *error = NULL;

	return hw_try_db(opt->db, &error) ? hw_table(opt, &own) : hw_fail(error);
}

static int hw_scenario(const struct cmd_options *opt)
{
	GError *error = NULL;
	struct plan *plan;
	int status;

	if (!opt->args[0] || opt->args[1])
		return cmd_misused(&hw_form, "one SCENARIO is needed");
	if (hw_seconds_given && hw_operations)
		return cmd_misused(&hw_form, "--duration and --operations exclude each other");
	if (hw_tabled)
		return hw_grid(opt);
	if (hw_samples || hw_sweeps(opt))
		return cmd_misused(&hw_form, "%s is for a --table", hw_samples ? "--samples" :
				   "--sweep");
	plan = cmd_load(opt->args[0], cmd_sets(opt), &error);
	if (!plan)
		return cmd_fail(error);
	status = hw_try_db(opt->db, &error) ? hw_place(opt, plan) : hw_fail(error);
	plan_free(plan);
	return status;
}

static int hw_main(int argc, char **argv)
{
	struct cmd_options opt;
	int status = cmd_parse(&hw_form, argc, argv, &opt, NULL);

	if (status == CMD_GO_ON)
		status = hw_scenario(&opt);
	cmd_options_clear(&opt);
	g_free(hw_cpus);
	return status;
}

const struct subcommand cmd_hw = {
	.name = "hw",
	.summary = "the same scenario on pinned threads of this machine",
	.run = hw_main,
};
