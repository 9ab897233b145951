/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * rmapsim matrix: what each check says of each algorithm under each memory model.
 * Lines are looked at side by side by forked workers, each in its own process and
 * on its own; they are taken in order, so that the result is the same for every
 * number of them.
 */
#include <stdio.h>
#include <string.h>
#include "sim/check/check.h"
#include "sim/cmd/matrix.h"
#include "sim/cmd/matrix_store.h"
#include "sim/cmd/progress.h"
#include "sim/engine/pool.h"
#include "sim/model/model.h"

#define STATES_DEFAULT		1000000
#define SEEDS_DEFAULT		1000
#define CAMPAIGNS_DEFAULT	20

static struct {
	guint64 max_states, campaigns;
	double max_time;
	char *models;
} own;

static gboolean on_count(const gchar *name, const gchar *value, gpointer data, GError **error)
{
	gboolean states = !strcmp(name, "--max-states");
	guint64 most = states ? G_MAXINT64 : MATRIX_CAMPAIGNS_MAX;
	guint64 *to = states ? &own.max_states : &own.campaigns;

	(void)data;
	if (cmd_parse_u64(value, to) && *to >= 1 && *to <= most)
		return TRUE;
	g_set_error(error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE, "%s %s: valid is a number "
		    "from 1 to %" G_GUINT64_FORMAT, name, value, most);
	return FALSE;
}

static gboolean on_time(const gchar *name, const gchar *value, gpointer data, GError **error)
{
	(void)data;
	return cmd_parse_seconds(name, value, &own.max_time, error);
}

#define CALLBACK(fn)	((gpointer)(void (*)(void))(fn))

static const GOptionEntry matrix_entries[] = {
	{ "model", 0, 0, G_OPTION_ARG_STRING, &own.models,
	  "only these memory models, separated by commas", "NAME[,NAME...]" },
	{ "max-states", 0, 0, G_OPTION_ARG_CALLBACK, CALLBACK(on_count),
	  "a search gives up behind N states (default 1000000)", "N" },
	{ "max-time", 0, 0, G_OPTION_ARG_CALLBACK, CALLBACK(on_time),
	  "or after S seconds; what is found then depends on the machine", "S" },
	{ "campaigns", 0, 0, G_OPTION_ARG_CALLBACK, CALLBACK(on_count),
	  "where it gives up, run N campaigns (default 20)", "N" },
	{ 0 },
};

static const struct cmd_form matrix_form = {
	.name = "matrix",
	.args = "[SCENARIO...]",
	.text = "What each check says of each algorithm, right or wrong, under each memory model.\n"
		"A line is one scenario under one model: all its schedules are searched, and a\n"
		"check that fires is turned off to see what the others say. Where a search\n"
		"gives up, campaigns are run over seeds that follow each other: 1 to 1000 for\n"
		"the first unless --seeds says otherwise, 1001 to 2000 for the next.\n\n"
		"Without SCENARIO all are looked at whose [expect] says what verify finds, and\n"
		"of an algorithm that has none such, all it has; --algorithm chooses among them\n"
		"then. Violations are results. The exit status is 1 if a line contradicts the\n"
		"scenario's [expect], which is judged as long as no key is overridden. With\n"
		"--db each line is stored as a verification.",
	.takes = CMD_TAKES_OVERRIDES | CMD_TAKES_SEEDS | CMD_TAKES_JOBS | CMD_TAKES_JSON |
		 CMD_TAKES_DB,
	.own = matrix_entries,
};

/* --- lines */

struct looking {
	struct matrix *m;
	struct progress progress;
};

static bool work(void *data, uint64_t unit, GByteArray *report, GError **error)
{
	const struct looking *l = data;
	const struct matrix *m = l->m;
	const struct matrix_row *row = m->rows->pdata[unit / m->n_models];
	struct matrix_line *line = g_new0(struct matrix_line, 1);
	char *counterexample = NULL;
	bool ok;

	ok = matrix_look(row->scenario, m->models[unit % m->n_models], &m->look, line,
			 m->opt->db ? &counterexample : NULL, error);
	g_byte_array_append(report, (const guint8 *)line, sizeof(*line));
	if (counterexample)
		g_byte_array_append(report, (const guint8 *)counterexample,
				    strlen(counterexample));
	g_free(counterexample);
	g_free(line);
	return ok;
}

static bool take(void *data, uint64_t unit, const uint8_t *report, size_t len, GError **error)
{
	struct looking *l = data;
	struct matrix *m = l->m;

	(void)error;
	g_assert(len >= sizeof(m->line[unit]));
	memcpy(&m->line[unit], report, sizeof(m->line[unit]));
	if (len > sizeof(m->line[unit]))
		m->counterexample[unit] = g_strndup((const char *)report + sizeof(m->line[unit]),
						    len - sizeof(m->line[unit]));
	m->interrupted = m->line[unit].verdict == SEARCH_INTERRUPTED;
	m->done += !m->interrupted;
	return !m->interrupted;
}

static void tick(void *data)
{
	struct looking *l = data;

	progress_lines(&l->progress, l->m->done, l->m->rows->len * l->m->n_models);
}

static gboolean look_at_all(struct matrix *m, GError **error)
{
	struct looking looking = { .m = m };
	const struct pool pool = {
		.units = (guint64)m->rows->len * m->n_models,
		.jobs = m->opt->jobs,
		.data = &looking,
		.work = work,
		.take = take,
		.tick = tick,
	};
	struct pool_end end = { 0 };
	gboolean ok;

	m->line = g_new0(struct matrix_line, pool.units);
	m->counterexample = g_new0(char *, pool.units);
	progress_begin(&looking.progress);
	ok = pool_run(&pool, &end, error);
	progress_end(&looking.progress);
	m->interrupted |= end.interrupted;
	if (ok)
		cmd_message("%.1f s, %u %s", end.seconds, m->opt->jobs,
			    m->opt->jobs == 1 ? "job" : "jobs");
	return ok;
}

/* --- the command line */

static char **all_models(void)
{
	GPtrArray *names = g_ptr_array_new();
	guint i;

	for (i = 0; models[i]; i++)
		g_ptr_array_add(names, g_strdup(models[i]->name));
	g_ptr_array_add(names, NULL);
	return (char **)g_ptr_array_free(names, FALSE);
}

static int bad_model(const char *name)
{
	char **all = all_models(), *valid = g_strjoinv(", ", all);
	int status = cmd_misused(&matrix_form, "--model %s: valid are %s, each once, separated by "
				 "commas", name, valid);

	g_free(valid);
	g_strfreev(all);
	return status;
}

static int choose_models(struct matrix *m)
{
	guint i, k;

	m->models = own.models ? g_strsplit(own.models, ",", -1) : all_models();
	m->n_models = g_strv_length(m->models);
	for (i = 0; i < m->n_models; i++) {
		if (!model_find(m->models[i]))
			return bad_model(own.models);
		for (k = 0; k < i; k++) {
			if (!strcmp(m->models[i], m->models[k]))
				return bad_model(own.models);
		}
	}
	return m->n_models ? CMD_GO_ON : bad_model("''");
}

static int choose_limits(struct matrix *m)
{
	const struct cmd_options *opt = m->opt;
	guint64 runs;

	m->look = (struct matrix_options){
		.set = cmd_sets(opt),
		.states_max = own.max_states ? own.max_states : STATES_DEFAULT,
		.seconds_max = own.max_time,
		.seed_first = opt->seed_first,
		.seeds = opt->seeds_given ? opt->seeds : SEEDS_DEFAULT,
		.campaigns = own.campaigns ? own.campaigns : CAMPAIGNS_DEFAULT,
	};
	if (!g_uint64_checked_mul(&runs, m->look.seeds, m->look.campaigns) ||
	    opt->seed_first > G_MAXUINT64 - runs)
		return cmd_misused(&matrix_form,
				   "so many campaigns need more seeds than there are");
	return CMD_GO_ON;
}

static int matrix_status(const struct matrix *m)
{
	guint i;

	if (m->interrupted)
		return CMD_INTERRUPTED;
	for (i = 0; i < m->done; i++) {
		if (matrix_contradicted(m, i))
			return CMD_VIOLATION;
	}
	return CMD_OK;
}

static int matrix_make(struct matrix *m)
{
	GError *error = NULL;
	int status = choose_models(m);

	if (status == CMD_GO_ON)
		status = choose_limits(m);
	if (status != CMD_GO_ON)
		return status;
	m->rows = matrix_rows(m->opt, &error);
	if (!m->rows || (m->opt->db && !matrix_store_check(m->opt->db, &error)) ||
	    !look_at_all(m, &error))
		return cmd_fail(error);
	if (m->opt->json)
		matrix_report_json(m);
	else
		matrix_report_text(m);
	if (m->opt->db && !m->interrupted && !matrix_store(m, &error))
		return cmd_fail(error);
	return matrix_status(m);
}

static int matrix_main(int argc, char **argv)
{
	struct cmd_options opt;
	struct matrix m = { .opt = &opt };
	int status;
	guint i;

	g_assert(g_strv_length((char **)cmd_vocabulary()->checks) <= MATRIX_CHECKS_MAX);
	status = cmd_parse(&matrix_form, argc, argv, &opt, NULL);
	if (status == CMD_GO_ON)
		status = matrix_make(&m);
	for (i = 0; m.counterexample && i < m.rows->len * m.n_models; i++)
		g_free(m.counterexample[i]);
	g_free(m.counterexample);
	if (m.rows)
		g_ptr_array_unref(m.rows);
	g_strfreev(m.models);
	g_free(m.line);
	g_free(own.models);
	cmd_options_clear(&opt);
	return status;
}

const struct subcommand cmd_matrix = {
	.name = "matrix",
	.summary = "what each check says of each algorithm under each memory model",
	.run = matrix_main,
};
