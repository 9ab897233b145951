/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What searches and campaigns say of each check; see matrix_line.h. */
#include <stdlib.h>
#include <string.h>
#include "sim/check/check.h"
#include "sim/cmd/common.h"
#include "sim/cmd/matrix_line.h"
#include "sim/cmd/recording.h"

#define SEARCH_MEMORY_MAX	(4ull << 30)

/* Runs up to the first failure, or all of a campaign's. */
struct sample {
	guint64 runs, incomplete;
	int check;			/* place in checks[], or -1 */
};

struct look {
	const char *path, *model;
	const struct matrix_options *opt;
	struct matrix_line *line;
	char **counterexample;		/* or NULL */
	gboolean off[MATRIX_CHECKS_MAX];	/* not, or no longer, looked at */
	struct sample *sample;
	struct batch *batch;
};

static int place(const char *name)
{
	int i;

	for (i = 0; checks[i]; i++) {
		if (!strcmp(checks[i]->name, name))
			return i;
	}
	return -1;
}

struct plan *matrix_plan(const char *path, const char *model, const char *const *set,
			 const gboolean *without, GError **error)
{
	GPtrArray *all = g_ptr_array_new_with_free_func(g_free);
	struct plan *plan;
	guint i;

	for (; *set; set++)
		g_ptr_array_add(all, g_strdup(*set));
	if (model)
		g_ptr_array_add(all, g_strdup_printf("memory.model=%s", model));
	for (i = 0; without && checks[i]; i++) {
		if (without[i])
			g_ptr_array_add(all, g_strdup_printf("check.%s=no", checks[i]->name));
	}
	g_ptr_array_add(all, NULL);
	plan = cmd_load(path, (const char *const *)all->pdata, error);
	g_ptr_array_unref(all);
	return plan;
}

static struct plan *plan_of(const struct look *l, const gboolean *off, GError **error)
{
	return matrix_plan(l->path, l->model, l->opt->set, off, error);
}

/* What is on in the scenario. */
static gboolean begin_line(struct look *l, GError **error)
{
	struct plan *plan = plan_of(l, NULL, error);
	guint i;

	if (!plan)
		return FALSE;
	for (i = 0; checks[i]; i++) {
		l->off[i] = !g_strv_contains((const char *const *)plan->checks, checks[i]->name);
		l->line->cell[i].evidence = l->off[i] ? MATRIX_OFF : MATRIX_UNKNOWN;
	}
	plan_free(plan);
	return TRUE;
}

/* --- searches */

/* What a walk can take at worst is no matter of checks: any finished search will do. */
static void note_bounds(struct matrix_line *line, const struct search_result *res)
{
	guint m;

	line->judged = res->judged && res->n_walkers;
	for (m = 0; m < SEARCH_NR_METRICS && line->judged; m++)
		line->bound[m] = res->walker[0].bound[m];
}

static void note_search(struct matrix_line *line, const struct search_result *res)
{
	line->verdict = res->verdict;
	line->violated = res->verdict == SEARCH_VIOLATED ? place(res->check) : -1;
	line->states = res->states;
	line->transitions = res->transitions;
	line->bytes = res->bytes;
	line->seconds = res->seconds;
	g_strlcpy(line->message, res->message, sizeof(line->message));
	g_strlcpy(line->limit, res->limit, sizeof(line->limit));
}

static void verified_but(struct look *l, const struct search_result *res, int violated)
{
	guint i;

	for (i = 0; checks[i]; i++) {
		if (l->off[i] || (int)i == violated)
			continue;
		l->line->cell[i].evidence = MATRIX_VERIFIED;
		l->line->cell[i].states = res->states;
	}
}

/* Returns whether the other checks are still to be looked at. */
static gboolean take_violation(struct look *l, const struct search_result *res)
{
	int fired = place(res->check);
	struct matrix_cell *cell = &l->line->cell[fired];

	cell->evidence = MATRIX_VIOLATED;
	cell->finding = res->finding;
	cell->states = res->states;
	if (res->finding != SEARCH_CHECK) {
		/* Found on the graph of all states, in none of which a check fired. */
		verified_but(l, res, fired);
		return FALSE;
	}
	l->off[fired] = TRUE;
	return !checks[fired]->always;
}

static void tell_counterexample(struct look *l, struct search *search,
				const struct search_result *res)
{
	char *model = g_strdup_printf("memory.model=%s", l->model);
	GPtrArray *set = g_ptr_array_new();
	struct search_tale tale;
	struct schedule *s;
	guint i;

	for (i = 0; l->opt->set[i]; i++)
		g_ptr_array_add(set, (gpointer)l->opt->set[i]);
	g_ptr_array_add(set, model);
	g_ptr_array_add(set, NULL);
	if (search_tell(search, SEARCH_COUNTEREXAMPLE, 0, 0, &tale)) {
		s = recording_take_tale(search_engine(search), &tale, res->check, res->message,
					(const char *const *)set->pdata);
		*l->counterexample = schedule_to_text(s);
		schedule_free(s);
	}
	g_ptr_array_unref(set);
	g_free(model);
}

static gboolean search_once(struct look *l, gboolean first, struct search_result *res,
			    GError **error)
{
	const struct search_options opt = {
		.states_max = l->opt->states_max,
		.seconds_max = l->opt->seconds_max,
		.memory_max = SEARCH_MEMORY_MAX,
	};
	struct plan *plan = plan_of(l, l->off, error);
	struct search *search = plan ? search_new(plan, &opt, error) : NULL;
	gboolean ok = search && search_run(search, res, error);

	if (ok && first)
		note_search(l->line, res);
	if (ok && first && l->counterexample && res->verdict == SEARCH_VIOLATED)
		tell_counterexample(l, search, res);
	/* It must outlive the search. */
	if (ok && res->check)
		res->check = checks[place(res->check)]->name;
	search_free(search);
	plan_free(plan);
	return ok;
}

/* *left: a limit came before all checks were answered for. */
static gboolean search_all(struct look *l, gboolean *left, GError **error)
{
	struct search_result *res = g_new0(struct search_result, 1);
	gboolean ok, again = TRUE, first = TRUE;

	for (*left = FALSE; again; first = FALSE) {
		ok = search_once(l, first, res, error);
		if (!ok)
			break;
		note_bounds(l->line, res);
		again = res->verdict == SEARCH_VIOLATED && take_violation(l, res);
		if (res->verdict == SEARCH_VERIFIED)
			verified_but(l, res, -1);
		*left = res->verdict == SEARCH_INCOMPLETE;
	}
	g_free(res);
	return ok;
}

/* --- campaigns */

static gboolean sample(struct look *l, const gboolean *off, GError **error)
{
	struct plan *plan = plan_of(l, off, error);
	struct engine *e = plan ? engine_new(plan, 0, error) : NULL;
	guint i;

	for (i = 0; e && i < l->opt->campaigns; i++) {
		batch_run(e, l->opt->seed_first + i * l->opt->seeds, l->opt->seeds, false,
			  l->batch);
		l->sample[i] = (struct sample){
			.runs = l->batch->runs,
			.incomplete = l->batch->incomplete,
			.check = l->batch->failures ? l->batch->failed[0].check : -1,
		};
	}
	engine_free(e);
	plan_free(plan);
	return e != NULL;
}

static int by_size(const void *a, const void *b)
{
	const guint64 *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

/*
 * The runs with which half of the campaigns had failed. One that was ended by another
 * check counts as one that did not.
 */
static void take_failures(struct look *l, int check)
{
	struct matrix_cell *cell = &l->line->cell[check];
	guint64 *runs = g_new(guint64, l->opt->campaigns);
	guint i;

	cell->evidence = MATRIX_FAILS;
	cell->campaigns = l->opt->campaigns;
	cell->failed = 0;
	for (i = 0; i < l->opt->campaigns; i++) {
		if (l->sample[i].check == check)
			runs[cell->failed++] = l->sample[i].runs;
	}
	qsort(runs, cell->failed, sizeof(*runs), by_size);
	if (2 * cell->failed >= cell->campaigns)
		cell->median = runs[(cell->campaigns - 1) / 2];
	g_free(runs);
}

/* A run cannot show that a walk never ends, only that a bound is exceeded. */
static gboolean seeds_can_tell(const struct look *l, const struct plan *plan, guint check)
{
	if (l->off[check])
		return FALSE;
	return strcmp(checks[check]->name, "termination") || plan->pass_steps_max ||
	       plan->restarts_max;
}

static gboolean take_clean(struct look *l, GError **error)
{
	struct plan *plan = plan_of(l, NULL, error);
	guint64 runs = 0;
	guint i;

	for (i = 0; i < l->opt->campaigns; i++)
		runs += l->sample[i].runs - l->sample[i].incomplete;
	for (i = 0; plan && checks[i]; i++) {
		if (!runs || !seeds_can_tell(l, plan, i))
			continue;
		l->line->cell[i].evidence = MATRIX_CLEAN;
		l->line->cell[i].runs = runs;
	}
	plan_free(plan);
	return plan != NULL;
}

/* The checks that ended a campaign; returns how many. */
static guint find_fired(const struct look *l, gboolean *fired)
{
	guint i, n = 0;

	memset(fired, 0, MATRIX_CHECKS_MAX * sizeof(*fired));
	for (i = 0; i < l->opt->campaigns; i++) {
		if (l->sample[i].check < 0)
			continue;
		n += !fired[l->sample[i].check];
		fired[l->sample[i].check] = TRUE;
	}
	return n;
}

/* Several checks have ended campaigns: each again without the others. */
static gboolean sample_alone(struct look *l, int check, GError **error)
{
	gboolean off[MATRIX_CHECKS_MAX] = { 0 };
	guint i;

	for (i = 0; checks[i]; i++)
		off[i] = !checks[i]->always && (int)i != check;
	if (!sample(l, off, error))
		return FALSE;
	take_failures(l, check);
	return TRUE;
}

/* *again: some checks have not been answered for. */
static gboolean take_fired(struct look *l, gboolean *again, GError **error)
{
	gboolean fired[MATRIX_CHECKS_MAX];
	guint i, n = find_fired(l, fired);

	*again = n > 0;
	if (!n)
		return take_clean(l, error);
	for (i = 0; checks[i]; i++) {
		if (fired[i])
			take_failures(l, i);
	}
	for (i = 0; checks[i]; i++) {
		if (!fired[i])
			continue;
		l->off[i] = TRUE;
		if (checks[i]->always)
			*again = FALSE;
		else if (n > 1 && !sample_alone(l, i, error))
			return FALSE;
	}
	return TRUE;
}

static void note_samples(struct look *l)
{
	struct matrix_line *line = l->line;
	guint i;

	line->sampled = TRUE;
	line->failed = -1;
	for (i = 0; i < l->opt->campaigns && line->failed < 0; i++) {
		line->failed = l->sample[i].check;
		line->runs += l->sample[i].runs;
	}
}

static gboolean sample_all(struct look *l, GError **error)
{
	gboolean again = TRUE, first;

	l->sample = g_new0(struct sample, l->opt->campaigns);
	l->batch = g_new0(struct batch, 1);
	while (again) {
		/* Later ones leave out what a search has already found. */
		first = l->line->verdict == SEARCH_INCOMPLETE && !l->line->sampled;
		again = sample(l, l->off, error);
		if (!again)
			break;
		if (first)
			note_samples(l);
		if (!take_fired(l, &again, error))
			break;
	}
	g_free(l->sample);
	g_free(l->batch);
	return !*error;
}

gboolean matrix_look(const char *path, const char *model, const struct matrix_options *opt,
		     struct matrix_line *line, char **counterexample, GError **error)
{
	struct look l = { .path = path, .model = model, .opt = opt, .line = line,
			  .counterexample = counterexample };
	GError *err = NULL;
	gboolean left;

	*line = (struct matrix_line){ .violated = -1, .failed = -1 };
	if (begin_line(&l, &err) && search_all(&l, &left, &err) && left)
		sample_all(&l, &err);
	if (!err)
		return TRUE;
	if (strstr(err->message, path))
		g_propagate_prefixed_error(error, err, "model %s: ", model);
	else
		g_propagate_prefixed_error(error, err, "%s, model %s: ", path, model);
	return FALSE;
}
