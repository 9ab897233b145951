/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The matrix into a database; see matrix_store.h. */
#include "output/store.h"
#include "sim/check/check.h"
#include "sim/cmd/machine.h"
#include "sim/cmd/matrix_store.h"
#include "sim/cmd/rows.h"

gboolean matrix_store_check(const char *db, GError **error)
{
	struct store *s = store_open(db, STORE_WRITE, error);

	return s && store_close(s, error);
}

static int64_t known(const struct matrix_line *line, enum search_metric metric)
{
	if (!line->judged || !line->bound[metric].finite)
		return ROW_UNKNOWN;
	return line->bound[metric].max;
}

/* The metrics that have no bound, for the row; free it. */
static char *unbounded(const struct matrix_line *line)
{
	GString *out = g_string_new(NULL);
	guint k;

	for (k = 0; k < SEARCH_NR_METRICS && line->judged; k++) {
		if (!line->bound[k].finite)
			g_string_append_printf(out, "%s%s", out->len ? ", " : "",
					       search_metric_name(k));
	}
	return g_string_free(out, FALSE);
}

static gboolean store_line(const struct matrix *m, struct store *s, gint64 point, guint at,
			   GError **error)
{
	const struct matrix_line *line = &m->line[at];
	char *none = unbounded(line);
	const struct row_verification row = {
		.verdict = search_verdict_name(line->verdict),
		.check_name = line->violated >= 0 ? checks[line->violated]->name : NULL,
		.message = line->violated >= 0 ? line->message :
			   *line->limit ? line->limit : NULL,
		.counterexample = m->counterexample[at],
		.states = line->states,
		.transitions = line->transitions,
		.pass_steps_max = known(line, SEARCH_PASS_STEPS),
		.walk_steps_max = known(line, SEARCH_WALK_STEPS),
		.walk_restarts_max = known(line, SEARCH_RESTARTS),
		.unbounded = *none ? none : NULL,
		.memory_bytes = line->bytes,
		.duration_ns = line->seconds * 1e9,
	};
	gboolean ok = store_add_verification(s, point, &row, NULL, error);

	g_free(none);
	return ok;
}

static gboolean store_point(const struct matrix *m, struct store *s, gint64 experiment, guint at,
			    GError **error)
{
	const struct matrix_row *row = m->rows->pdata[at / m->n_models];
	const char *model = m->models[at % m->n_models];
	struct row_param param = { .key = "memory.model", .value = model };
	struct plan *plan = matrix_plan(row->scenario, model, m->look.set, NULL, error);
	struct row_point point;
	gint64 id;
	gboolean ok;

	if (!plan)
		return FALSE;
	rows_point(&point, plan, at % m->n_models);
	point.params = &param;
	point.n_params = 1;
	ok = store_add_point(s, experiment, &point, &id, error) &&
	     store_line(m, s, id, at, error);
	plan_free(plan);
	return ok;
}

static gboolean store_row(const struct matrix *m, struct store *s, guint row,
			  const struct row_machine *machine, GError **error)
{
	const struct plan *plan = ((const struct matrix_row *)m->rows->pdata[row])->plan;
	char *models = g_strjoinv(", ", m->models);
	char *swept = g_strdup_printf("memory.model = %s\n", models);
	const struct row_experiment experiment = {
		.command = "verify",
		.program_version = cmd_version,
		.scenario = plan->name,
		.scenario_text = plan->text,
		.swept = swept,
		.strategy = "search",
	};
	gint64 id;
	gboolean ok = store_add_experiment(s, &experiment, machine, &id, error);
	guint i;

	for (i = 0; i < m->n_models && ok; i++)
		ok = store_point(m, s, id, row * m->n_models + i, error);
	g_free(swept);
	g_free(models);
	return ok && store_finish_experiment(s, id, error);
}

static gboolean store_rows(const struct matrix *m, struct store *s, GError **error)
{
	struct row_machine *machine = machine_facts();
	gboolean ok = store_begin(s, error);
	guint i;

	for (i = 0; i < m->rows->len && ok; i++)
		ok = store_row(m, s, i, machine, error);
	machine_free(machine);
	return ok && store_commit(s, error);
}

gboolean matrix_store(const struct matrix *m, GError **error)
{
	struct store *s = store_open(m->opt->db, STORE_WRITE, error);

	if (!s || !store_rows(m, s, error)) {
		store_close(s, NULL);
		return FALSE;
	}
	cmd_message("%u experiments in %s", m->rows->len, m->opt->db);
	return store_close(s, error);
}
