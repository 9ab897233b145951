/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * rmapsim verify: every schedule of a scenario. Either a property holds in all
 * of them, or the schedule that breaks it is handed over, or a limit came first.
 */
#include <stdio.h>
#include <string.h>
#include "sim/cmd/progress.h"
#include "sim/cmd/recording.h"
#include "sim/cmd/verify_report.h"
#include "sim/cmd/verify_table.h"

#define SAVE_EVERY_S	60
#define MEGABYTE	(1024 * 1024)

static struct verify_options {
	gboolean exact, safety, asked, table;
	guint64 hash_seed, max_memory, max_states;
	double max_time;
	char *save;
} own;

static gboolean on_count(const gchar *name, const gchar *value, gpointer data, GError **error)
{
	guint64 *to = !strcmp(name, "--hash-seed") ? &own.hash_seed :
		      !strcmp(name, "--max-memory") ? &own.max_memory : &own.max_states;
	guint64 most = !strcmp(name, "--max-memory") ? G_MAXUINT64 / MEGABYTE : G_MAXUINT64;

	(void)data;
	if (cmd_parse_u64(value, to) && *to <= most && (*to || to == &own.hash_seed))
		return TRUE;
	g_set_error(error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE, "%s %s: valid is a number "
		    "from %d", name, value, to != &own.hash_seed);
	return FALSE;
}

static gboolean on_time(const gchar *name, const gchar *value, gpointer data, GError **error)
{
	(void)data;
	return cmd_parse_seconds(name, value, &own.max_time, error);
}

#define CALLBACK(fn)	((gpointer)(void (*)(void))(fn))

static const GOptionEntry verify_entries[] = {
	{ "table", 0, 0, G_OPTION_ARG_NONE, &own.table,
	  "search each point of [sweep], and print a row for each", NULL },
	{ "max-memory", 0, 0, G_OPTION_ARG_CALLBACK, CALLBACK(on_count),
	  "give up when more than N MB would be in use", "N" },
	{ "max-time", 0, 0, G_OPTION_ARG_CALLBACK, CALLBACK(on_time),
	  "give up after S seconds", "S" },
	{ "max-states", 0, 0, G_OPTION_ARG_CALLBACK, CALLBACK(on_count),
	  "give up behind N states", "N" },
	{ "save", 0, 0, G_OPTION_ARG_FILENAME, &own.save,
	  "keep the search in this file, and go on from it if it is there", "FILE" },
	{ "exact", 0, 0, G_OPTION_ARG_NONE, &own.exact,
	  "keep whole states and compare them, not only their hashes", NULL },
	{ "safety", 0, 0, G_OPTION_ARG_NONE, &own.safety,
	  "checks only: no worst cases, no termination; takes less memory", NULL },
	{ "asked", 0, 0, G_OPTION_ARG_NONE, &own.asked,
	  "no load goes unasked, not even under mmu_lock", NULL },
	{ "hash-seed", 0, 0, G_OPTION_ARG_CALLBACK, CALLBACK(on_count),
	  "another hash of states: the counts must be the same", "N" },
	{ 0 },
};

static const struct cmd_form verify_form = {
	.name = "verify",
	.args = "SCENARIO",
	.text = "Searches all schedules of a scenario. The answer is 'verified', with the exact\n"
		"worst cases of each walker; or 'violated', with a schedule (written to the\n"
		"folder of --out, by default the current one) that replay can tell; or\n"
		"'incomplete', when a limit came first. Tasks may loop for ever; then it is\n"
		"decided whether a fair schedule can keep a walker from finishing. [limits] of\n"
		"the scenario do not count here. With --out the worst cases' schedules are\n"
		"written too.",
	.takes = CMD_TAKES_SCENARIO | CMD_TAKES_OUT | CMD_TAKES_JSON | CMD_TAKES_DB |
		 CMD_TAKES_SWEEP,
	.own = verify_entries,
};

void verify_search_options(struct search_options *to)
{
	*to = (struct search_options){
		.hash_seed = own.hash_seed,
		.exact = own.exact,
		.safety = own.safety,
		.asked = own.asked,
		.states_max = own.max_states,
		.memory_max = own.max_memory * MEGABYTE,
		.seconds_max = own.max_time,
		.save = own.save,
		.version = cmd_version,
		.save_every = SAVE_EVERY_S,
	};
}

/* A witness as a schedule file. */
static gboolean save_witness(struct verify_report *r, struct search_tale *tale, const char *what,
			     const char *message, const char *check, GError **error)
{
	struct schedule *s = recording_take_tale(search_engine(r->search), tale, check, message,
						 cmd_sets(r->opt));
	char *file = g_strdup_printf("%s-%s.schedule", r->plan->name, what), *path;

	path = recording_write(s, r->opt->out ? r->opt->out : ".", file, error);
	if (path)
		g_ptr_array_add(r->saved, path);
	schedule_free(s);
	g_free(file);
	return !!path;
}

static gboolean save_worst(struct verify_report *r, guint w, enum search_metric metric,
			   GError **error)
{
	const struct search_walker *walker = &r->result.walker[w];
	struct search_tale tale;
	char *what, *message;
	gboolean ok;

	if (!search_tell(r->search, SEARCH_WORST, w, metric, &tale))
		return TRUE;	/* no step, no way */
	what = g_strdup_printf("%s-%s", r->plan->tasks[walker->task].name,
			       search_metric_name(metric));
	message = g_strdup_printf("worst case: %s takes %" G_GUINT64_FORMAT " %s",
				  r->plan->tasks[walker->task].name, walker->bound[metric].max,
				  search_metric_name(metric));
	ok = save_witness(r, &tale, what, message, NULL, error);
	g_free(what);
	g_free(message);
	return ok;
}

static gboolean save_witnesses(struct verify_report *r, GError **error)
{
	struct search_tale tale;
	guint w, metric;

	if (r->result.verdict == SEARCH_VIOLATED)
		return !search_tell(r->search, SEARCH_COUNTEREXAMPLE, 0, 0, &tale) ||
		       save_witness(r, &tale, "counterexample", r->result.message,
				    r->result.check, error);
	for (w = 0; r->opt->out && w < r->result.n_walkers; w++) {
		for (metric = 0; metric < SEARCH_NR_METRICS; metric++) {
			if (r->result.walker[w].bound[metric].finite &&
			    !save_worst(r, w, metric, error))
				return FALSE;
		}
	}
	return TRUE;
}

int verify_status(const struct search_result *result)
{
	static const int status[] = {
		[SEARCH_VERIFIED] = CMD_OK, [SEARCH_VIOLATED] = CMD_VIOLATION,
		[SEARCH_INCOMPLETE] = CMD_LIMIT, [SEARCH_INTERRUPTED] = CMD_INTERRUPTED,
	};

	return status[result->verdict];
}

gboolean verify_plan(const struct plan *plan, const struct search_options *opt,
		     struct search **search, struct search_result *result, GError **error)
{
	struct progress progress;
	gboolean ok;

	*search = search_new(plan, opt, error);
	if (!*search)
		return FALSE;
	progress_begin(&progress);
	search_watch(*search, progress_search, &progress);
	ok = search_run(*search, result, error);
	progress_end(&progress);
	return ok;
}

static int report(struct verify_report *r)
{
	struct search_options opt;
	GError *error = NULL;

	verify_search_options(&opt);
	if (!verify_plan(r->plan, &opt, &r->search, &r->result, &error))
		return cmd_fail(error);
	save_witnesses(r, &error);
	if (r->opt->json)
		verify_report_json(r);
	else
		verify_report_text(r);
	verify_report_rates(r);
	return error ? cmd_fail(error) : verify_status(&r->result);
}

static int verify_scenario(struct cmd_options *opt)
{
	struct search_options search;
	struct verify_report *r;
	GError *error = NULL;
	struct plan *plan;
	int status;

	if (!opt->args[0] || opt->args[1])
		return cmd_misused(&verify_form, "one SCENARIO is needed");
	if (own.table && (own.save || opt->out))
		return cmd_misused(&verify_form, "--table excludes --save and --out");
	if (own.table) {
		verify_search_options(&search);
		return verify_table(opt, &search);
	}
	if (opt->db)
		return cmd_misused(&verify_form, "--db stores the rows of a --table");
	plan = cmd_load(opt->args[0], cmd_sets(opt), &error);
	if (!plan)
		return cmd_fail(error);
	r = g_new0(struct verify_report, 1);
	r->scenario = opt->args[0];
	r->plan = plan;
	r->opt = opt;
	r->saved = g_ptr_array_new_with_free_func(g_free);
	status = report(r);
	search_free(r->search);
	g_ptr_array_unref(r->saved);
	plan_free(plan);
	g_free(r);
	return status;
}

static int verify_main(int argc, char **argv)
{
	struct cmd_options opt;
	int status = cmd_parse(&verify_form, argc, argv, &opt, NULL);

	if (status == CMD_GO_ON)
		status = verify_scenario(&opt);
	g_free(own.save);
	cmd_options_clear(&opt);
	return status;
}

const struct subcommand cmd_verify = {
	.name = "verify",
	.summary = "search all schedules of a scenario",
	.run = verify_main,
};
