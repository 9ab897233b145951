/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Samples of every point of a grid, in a table and in the database; see hw_table.h. */
#include <stdio.h>
#include <string.h>
#include "output/plot/interval.h"
#include "sim/cmd/grid.h"
#include "sim/cmd/hw_report.h"
#include "sim/cmd/hw_table.h"
#include "sim/cmd/progress.h"
#include "sim/cmd/rows.h"
#include "sim/hw/unplayed.h"

#define U64		G_GUINT64_FORMAT
#define WORDS_WIDTH	46

/* What the samples of a point have in common. */
struct point {
	gint64 id;			/* of its row; 0: in no database */
	GArray *writes, *walks;		/* of double: per second, of each good sample */
	guint samples;
	guint wrong;			/* samples that were not good */
	char found[64];			/* the first thing wrong: "coverage", "access (a hang)" */
	guint64 walked;
	struct hw_verdict verdict;	/* checked: summed up */
};

struct table {
	const struct cmd_options *opt;
	const struct hw_table_options *own;
	struct hw_topology *topology;
	struct grid *g;
	struct point *points;
	GPtrArray *unplayed;		/* of any point */
	gint64 experiment;
	gboolean interrupted;
};

/* --- a sample */

static void count_rates(struct point *p, const struct hw_sample *s)
{
	double writes = (s->all.adds + s->all.removes) * 1e9 / s->duration_ns;
	double walks = s->all.walks * 1e9 / s->duration_ns;

	g_array_append_val(p->writes, writes);
	g_array_append_val(p->walks, walks);
}

static void count_sample(struct table *t, guint point, const struct hw_sample *s)
{
	struct point *p = &t->points[point];
	char *words;

	p->samples++;
	if (s->outcome == HW_OK && s->duration_ns > 0)
		count_rates(p, s);
	if (s->known) {
		p->walked += s->all.walks;
		p->verdict.judged += s->verdict.judged;
		p->verdict.obligations += s->verdict.obligations;
		p->verdict.missed += s->verdict.missed;
	}
	if (s->outcome == HW_OK)
		return;
	if (!p->wrong++)
		g_snprintf(p->found, sizeof(p->found), "%s%s", s->check,
			   s->outcome == HW_CRASH ? " (a crash)" :
			   s->outcome == HW_HANG ? " (a hang)" : "");
	words = grid_point_words(t->g, point);
	cmd_message("%s: violated: %s: %s", words, s->check, s->reason);
	g_free(words);
}

static gboolean add_point(struct table *t, struct store *store, guint point, GError **error)
{
	struct row_param *params = g_new0(struct row_param, t->g->base->n_axes + 1);
	struct plan *plan = grid_plan(t->g, point, error);
	struct row_point row;
	gboolean ok = FALSE;

	if (plan) {
		rows_grid_point(&row, t->g, plan, point, params);
		ok = store_add_point(store, t->experiment, &row, &t->points[point].id, error);
	}
	plan_free(plan);
	g_free(params);
	return ok;
}

/* With the first sample, which knows the machine's clock: the experiment with all its points. */
static gboolean begin_store(struct table *t, const struct hw_report *r, struct store *store,
			    GError **error)
{
	struct hw_report base = *r;
	char *swept = grid_swept(t->g);
	gboolean ok;
	guint i;

	base.plan = t->g->base;
	ok = hw_report_store_experiment(&base, swept, store, &t->experiment, error);
	for (i = 0; i < t->g->points && ok; i++)
		ok = add_point(t, store, i, error);
	g_free(swept);
	return ok;
}

/* The store is open between samples only: a sample forks. */
static gboolean store_sample(struct table *t, const struct hw_report *r, guint point,
			     GError **error)
{
	struct store *store = store_open(t->opt->db, STORE_WRITE, error);
	gboolean ok;

	ok = store && store_begin(store, error) &&
	     (t->experiment || begin_store(t, r, store, error)) &&
	     hw_report_store_sample(r, store, t->points[point].id, NULL, error) &&
	     store_commit(store, error);
	return store_close(store, ok ? error : NULL) && ok;
}

static gboolean take_sample(struct table *t, guint point, guint64 repetition,
			    const struct plan *plan, const guint *cpus, GError **error)
{
	struct hw_options hw = t->own->hw;
	struct hw_report r = {
		.scenario = t->opt->args[0], .plan = plan, .opt = t->opt,
		.topology = t->topology, .hw = &hw, .repetition = repetition,
	};
	struct hw_sample *sample;
	gboolean ok = TRUE;

	hw.cpus = cpus;
	hw.seed += repetition;	/* another sample plays other operations */
	sample = hw_sample_run(plan, &hw, error);
	if (!sample)
		return FALSE;
	hw_report_unplayed(plan, t->unplayed);
	r.sample = sample;
	t->interrupted |= sample->interrupted;
	if (!sample->interrupted) {
		count_sample(t, point, sample);
		ok = !t->opt->db || store_sample(t, &r, point, error);
	}
	hw_sample_free(sample);
	return ok;
}

static gboolean sample_point(struct table *t, guint point, guint64 repetition, GError **error)
{
	struct plan *plan = grid_plan(t->g, point, error);
	guint *cpus;
	gboolean ok;

	if (!plan)
		return FALSE;
	cpus = hw_topology_place(t->topology, t->own->cpus, plan->n_tasks, t->own->oversubscribe,
				 error);
	ok = cpus && take_sample(t, point, repetition, plan, cpus, error);
	if (!ok)
		grid_prefix_error(t->g, point, error);
	g_free(cpus);
	plan_free(plan);
	return ok;
}

static gboolean sample_all(struct table *t, GError **error)
{
	struct progress progress;
	guint64 repetition, done = 0;
	gboolean ok = TRUE;
	guint i;

	progress_begin(&progress);
	for (repetition = 0; repetition < t->own->samples && ok; repetition++) {
		for (i = 0; i < t->g->points && ok && !t->interrupted; i++) {
			ok = sample_point(t, i, repetition, error);
			progress_lines(&progress, ++done, t->own->samples * t->g->points);
		}
	}
	progress_end(&progress);
	return ok;
}

/* --- the table */

static double median(GArray *values)
{
	struct interval i = { 0 };

	if (values->len)
		interval_median((double *)(gpointer)values->data, values->len, &i);
	return i.value;
}

static const char *found(const struct point *p)
{
	return !p->samples ? "no sample" : p->wrong ? p->found : "clean";
}

static void print_row(const struct table *t, guint i)
{
	const struct point *p = &t->points[i];
	char *words = grid_point_words(t->g, i), writes[24] = "-", walks[24] = "-";

	if (p->writes->len) {
		progress_number(median(p->writes), writes, sizeof(writes));
		progress_number(median(p->walks), walks, sizeof(walks));
	}
	printf("%-*s %7u %9s %9s", WORDS_WIDTH, words, p->samples, writes, walks);
	if (t->own->hw.mode == HW_CHECKED)
		printf(" %13" U64, p->verdict.judged);
	printf("  %s\n", found(p));
	g_free(words);
}

static void print_head(const struct table *t)
{
	const char *mode = t->own->hw.mode == HW_CHECKED ?
			   "checked: stamps cost time, rates are not those of the code" :
			   "timing: walks are not judged";
	char *head = g_strdup_printf("scenario %s on this machine (%s), %s; medians over samples",
				     t->g->base->name, t->topology->cpu_model, mode);

	cmd_print_wrapped(head, 0, 100);
	g_free(head);
}

static void print_table(const struct table *t)
{
	gboolean checked = t->own->hw.mode == HW_CHECKED;
	guint i, wrong = 0, samples = 0;

	print_head(t);
	printf("\n%-*s %7s %9s %9s%s\n", WORDS_WIDTH, "", "", "writes", "walks",
	       checked ? "        judged" : "");
	printf("%-*s %7s %9s %9s%s  %s\n", WORDS_WIDTH, "point", "samples", "per s", "per s",
	       checked ? "         walks" : "", "found");
	for (i = 0; i < t->g->points; i++) {
		print_row(t, i);
		wrong += t->points[i].wrong;
		samples += t->points[i].samples;
	}
	printf("\n%u samples, %u of them with a violation; writes are adds and removes\n", samples,
	       wrong);
	if (t->experiment)
		printf("stored in %s: experiment %" G_GINT64_FORMAT "\n", t->opt->db,
		       t->experiment);
}

static void json_point(JsonBuilder *b, const struct table *t, guint i)
{
	const struct point *p = &t->points[i];
	char *words = sweep_point_words(t->g->sweep, i);

	cmd_json_open(b, NULL);
	cmd_json_string(b, "point", words);
	cmd_json_count(b, "samples", p->samples);
	cmd_json_count(b, "violations", p->wrong);
	cmd_json_string(b, "check", p->wrong ? p->found : NULL);
	if (p->writes->len) {
		cmd_json_double(b, "writes_per_second_median", median(p->writes));
		cmd_json_double(b, "walks_per_second_median", median(p->walks));
	}
	cmd_json_count(b, "walks", p->walked);
	if (t->own->hw.mode == HW_CHECKED) {
		cmd_json_count(b, "walks_judged", p->verdict.judged);
		cmd_json_count(b, "visits_owed", p->verdict.obligations);
		cmd_json_count(b, "visits_missed", p->verdict.missed);
	}
	cmd_json_close(b);
	g_free(words);
}

static void json_table(const struct table *t)
{
	JsonBuilder *b = cmd_json_begin("hw");
	guint i;

	cmd_json_plan(b, t->g->base);
	cmd_json_string(b, "mode", t->own->hw.mode == HW_CHECKED ? "checked" : "timing");
	cmd_json_bool(b, "interrupted", t->interrupted);
	hw_report_json_unplayed(b, t->unplayed);
	json_builder_set_member_name(b, "points");
	json_builder_begin_array(b);
	for (i = 0; i < t->g->points; i++)
		json_point(b, t, i);
	json_builder_end_array(b);
	if (t->experiment)
		cmd_json_count(b, "experiment", t->experiment);
	cmd_json_print(b);
}

/* --- all of it */

static gboolean finish_store(struct table *t, GError **error)
{
	struct store *store;
	gboolean ok;

	if (!t->experiment || t->interrupted)
		return TRUE;
	store = store_open(t->opt->db, STORE_WRITE, error);
	ok = store && store_finish_experiment(store, t->experiment, error);
	return store_close(store, ok ? error : NULL) && ok;
}

static int table_status(const struct table *t)
{
	guint i;

	for (i = 0; i < t->g->points; i++) {
		if (t->points[i].wrong)
			return CMD_VIOLATION;
	}
	return t->interrupted ? CMD_INTERRUPTED : CMD_OK;
}

static void make_points(struct table *t)
{
	guint i;

	t->points = g_new0(struct point, t->g->points);
	for (i = 0; i < t->g->points; i++) {
		t->points[i].writes = g_array_new(FALSE, FALSE, sizeof(double));
		t->points[i].walks = g_array_new(FALSE, FALSE, sizeof(double));
	}
}

static void free_points(struct table *t)
{
	guint i;

	for (i = 0; i < t->g->points; i++) {
		g_array_unref(t->points[i].writes);
		g_array_unref(t->points[i].walks);
	}
	g_free(t->points);
}

static int run_table(struct table *t)
{
	GError *error = NULL;
	gboolean ok, system;
	int status;

	make_points(t);
	ok = sample_all(t, &error) && finish_store(t, &error);
	/* What was measured before an error is not lost. */
	if (t->opt->json && ok)
		json_table(t);
	else if (!t->opt->json)
		print_table(t);
	system = g_error_matches(error, HW_ERROR, HW_ERROR_SYSTEM);
	status = ok ? table_status(t) : cmd_fail(error);
	free_points(t);
	return system ? CMD_SYSTEM : status;
}

int hw_table(const struct cmd_options *opt, const struct hw_table_options *own)
{
	struct table t = { .opt = opt, .own = own, .unplayed = hw_unplayed_new() };
	GError *error = NULL;
	int status;

	t.topology = hw_topology_new(&error);
	if (!t.topology) {
		cmd_fail(error);
		g_ptr_array_unref(t.unplayed);
		return CMD_SYSTEM;
	}
	t.g = grid_new(opt->args[0], cmd_sets(opt), &error);
	status = t.g ? run_table(&t) : cmd_fail(error);
	grid_free(t.g);
	hw_topology_free(t.topology);
	g_ptr_array_unref(t.unplayed);
	return status;
}
