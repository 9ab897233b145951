/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which experiments of a database are drawn; see experiments.h. */
#include <stdlib.h>
#include <string.h>
#include "output/plot/experiments.h"
#include "output/plot/filter.h"
#include "output/plot/plan_text.h"

static gint64 number_of(const char *text)
{
	return text ? strtoll(text, NULL, 10) : 0;
}

static struct selection_experiment *experiment_at(const struct selection *sel, guint i)
{
	return &g_array_index(sel->experiments, struct selection_experiment, i);
}

static const char experiments_sql[] =
	"SELECT e.id, e.command, e.program_version, e.scenario, e.scenario_text, e.created_utc, "
	"e.strategy, e.seed_first, e.seed_first + max(e.seeds_per_point, 1) - 1, "
	"e.seeds_per_point, m.hostname, m.cpu_model, m.virtual, "
	"EXISTS (SELECT 1 FROM point p JOIN batch b ON b.point_id = p.id "
	"        WHERE p.experiment_id = e.id AND b.walks > 0), "
	"EXISTS (SELECT 1 FROM point p JOIN hw_sample h ON h.point_id = p.id "
	"        WHERE p.experiment_id = e.id AND h.outcome = 'ok' AND h.walks > 0) "
	"FROM experiment e JOIN machine m ON m.id = e.machine_id ORDER BY e.id";

static gboolean on_experiment(const struct store_row *row, gpointer data)
{
	struct selection *sel = data;
	const char *const *v = row->values;
	char *title = plan_text_value(v[4], "scenario.title");
	const struct selection_experiment e = {
		.id = number_of(v[0]),
		.command = selection_text(sel, v[1]),
		.version = selection_text(sel, v[2]),
		.scenario = selection_text(sel, v[3]),
		.title = selection_text(sel, title),
		.created = selection_text(sel, v[5]),
		.strategy = selection_text(sel, v[6]),
		.seed_first = selection_text(sel, v[7]),
		.seed_last = selection_text(sel, v[8]),
		.seeds = number_of(v[9]),
		.hostname = selection_text(sel, v[10]),
		.cpu_model = selection_text(sel, v[11]),
		.virtual = selection_text(sel, v[12]),
		.sim = number_of(v[13]),
		.hw = number_of(v[14]),
	};

	g_array_append_val(sel->experiments, e);
	g_free(title);
	return TRUE;
}

static gboolean wanted(const struct selection *sel, const struct selection_experiment *e,
		       gboolean sweeps_only)
{
	gboolean sim = e->sim && filters_want_source(sel->filters, FALSE);
	gboolean hw = e->hw && filters_want_source(sel->filters, TRUE);

	return (sim || (hw && !sweeps_only)) &&
	       (!sweeps_only || !strcmp(e->command, "sweep")) &&
	       filters_want_scenario(sel->filters, e->scenario);
}

/* The newest sweep, else whatever is the newest; NULL: there is nothing. */
static struct selection_experiment *newest(const struct selection *sel, const char *scenario)
{
	struct selection_experiment *e;
	int sweeps_only;
	guint i;

	for (sweeps_only = 1; sweeps_only >= 0; sweeps_only--) {
		for (i = sel->experiments->len; i-- > 0;) {
			e = experiment_at(sel, i);
			if (wanted(sel, e, sweeps_only) && (!scenario || e->scenario == scenario))
				return e;
		}
	}
	return NULL;
}

/* Simulated rows of one experiment, as a grid is one; hardware rows of all of that scenario. */
static void choose_by_default(struct selection *sel)
{
	struct selection_experiment *base = newest(sel, NULL), *e;
	guint i;

	if (!base)
		return;
	base->chosen = TRUE;
	for (i = 0; i < sel->experiments->len; i++) {
		e = experiment_at(sel, i);
		if (e->scenario == base->scenario && e->hw &&
		    filters_want_source(sel->filters, TRUE))
			e->chosen = TRUE;
	}
	for (i = sel->experiments->len; !base->sim && i-- > 0;) {
		e = experiment_at(sel, i);
		if (e->scenario != base->scenario || !e->sim || !wanted(sel, e, FALSE))
			continue;
		e->chosen = TRUE;
		return;
	}
}

static gboolean no_experiment(const struct selection *sel, const struct store *s, gint64 id,
			      GError **error)
{
	GString *valid = g_string_new(NULL);
	guint i;

	for (i = 0; i < sel->experiments->len; i++)
		g_string_append_printf(valid, "%s%" G_GINT64_FORMAT, i ? ", " : "",
				       experiment_at(sel, i)->id);
	g_set_error(error, PLOT_ERROR, PLOT_ERROR_INPUT, "%s: has no experiment %" G_GINT64_FORMAT
		    "; valid are %s", store_path(s), id, valid->len ? valid->str : "none");
	g_string_free(valid, TRUE);
	return FALSE;
}

static gboolean choose_given(struct selection *sel, const struct store *s,
			     const struct plot_request *request, GError **error)
{
	guint i, j;

	for (i = 0; i < request->n_experiments; i++) {
		for (j = 0; j < sel->experiments->len; j++) {
			if (experiment_at(sel, j)->id == request->experiments[i])
				break;
		}
		if (j == sel->experiments->len)
			return no_experiment(sel, s, request->experiments[i], error);
		experiment_at(sel, j)->chosen = TRUE;
	}
	return TRUE;
}

char *experiments_ids(const struct selection *sel)
{
	GString *ids = g_string_new(NULL);
	guint i;

	for (i = 0; i < sel->experiments->len; i++) {
		if (experiment_at(sel, i)->chosen)
			g_string_append_printf(ids, "%s%" G_GINT64_FORMAT, ids->len ? "," : "",
					       experiment_at(sel, i)->id);
	}
	return g_string_free(ids, FALSE);
}

char *selection_left_out(const struct selection *sel)
{
	GString *out = g_string_new(NULL);
	const char *scenario = NULL;
	guint i;

	for (i = 0; i < sel->experiments->len; i++) {
		if (experiment_at(sel, i)->chosen)
			scenario = experiment_at(sel, i)->scenario;
	}
	for (i = 0; i < sel->experiments->len; i++) {
		const struct selection_experiment *e = experiment_at(sel, i);

		if (!e->chosen && wanted(sel, e, FALSE) && e->scenario == scenario)
			g_string_append_printf(out, "%s%" G_GINT64_FORMAT, out->len ? ", " : "",
					       e->id);
	}
	if (out->len) {
		g_string_prepend(out, "not drawn, but of the same scenario: experiment ");
		g_string_append(out, "; --experiment N takes just that one");
	}
	return g_string_free(out, !out->len);
}

gboolean experiments_choose(struct selection *sel, struct store *s,
			    const struct plot_request *request, GError **error)
{
	if (!store_query(s, experiments_sql, on_experiment, sel, error, NULL) ||
	    !filters_check_scenarios(sel, error))
		return FALSE;
	if (request->n_experiments)
		return choose_given(sel, s, request, error);
	choose_by_default(sel);
	return TRUE;
}
