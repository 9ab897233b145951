/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tables and JSON of a sweep; see sweep_report.h. */
#include <stdio.h>
#include <string.h>
#include "sim/cmd/sweep_report.h"

#define WIDTH		100
#define VALUE_MAX	20	/* columns of one swept key in the table */
#define VALUES_WIDTH	35	/* of all of them; more go on a line of their own */
#define FAILURES_SHOWN	5

enum { COL_ORDINAL, COL_DIGEST, COL_RUNS, COL_FAILURES, COL_INCOMPLETE, COL_WALKS, COL_STEPS,
       COL_RESTARTS, COL_SLOW, COL_STEPS_PER_WALK, COL_RESTARTS_PER_WALK, COL_SLOW_PER_WALK };

static const char result_query[] =
	"SELECT p.ordinal, p.plan_digest, f.n, f.failures, f.incomplete, f.walks, f.steps, "
	"f.restarts, f.slow_path, printf('%.2f', 1.0 * f.steps / f.walks), "
	"printf('%.4f', 1.0 * f.restarts / f.walks), "
	"printf('%.2f', 100.0 * f.slow_path / f.walks), f.walks > 0 "
	"FROM point p JOIN figure f ON f.point_id = p.id AND f.source = 'sim' "
	"WHERE p.experiment_id = CAST(? AS INTEGER) ORDER BY p.ordinal";

static const char failure_query[] =
	"SELECT f.id, p.ordinal, f.seed, f.check_name, f.message "
	"FROM failure f JOIN point p ON p.id = f.point_id "
	"WHERE p.experiment_id = CAST(? AS INTEGER) ORDER BY f.id";

struct report {
	const struct grid *g;
	const struct cmd_options *opt;
	const struct sweep_result *res;
	struct sweep_counts *counts;
	guint *width;		/* of each swept key's column; NULL: a line of their own */
	JsonBuilder *json;
	guint failures;
};

/* --- swept values as columns */

/* "retries", "writer.count"; the whole key if another would have the same name. */
static const char *heading(const struct grid *g, guint axis)
{
	const char *key = g->base->axes[axis].key, *last = strrchr(key, '.') + 1;
	guint i;

	if (!strcmp(key, "algorithm.name"))
		return "algorithm";
	if (g_str_has_prefix(key, "task "))
		return key + strlen("task ");
	for (i = 0; i < g->base->n_axes; i++) {
		if (i != axis && !strcmp(strrchr(g->base->axes[i].key, '.') + 1, last))
			return key;
	}
	return last;
}

static void measure(struct report *r)
{
	guint i, k, all = 0;

	r->width = g_new0(guint, r->g->base->n_axes);
	for (i = 0; i < r->g->base->n_axes; i++) {
		const struct plan_axis *axis = &r->g->base->axes[i];

		r->width[i] = strlen(heading(r->g, i));
		for (k = 0; k < axis->n_values; k++)
			r->width[i] = MAX(r->width[i], strlen(axis->values[k]));
		all += r->width[i] > VALUE_MAX ? WIDTH : r->width[i] + 2;
	}
	if (all > VALUES_WIDTH)
		g_clear_pointer(&r->width, g_free);
}

static void print_headings(const struct report *r)
{
	guint i;

	printf("%6s", "point");
	for (i = 0; r->width && i < r->g->base->n_axes; i++)
		printf("  %*s", (int)r->width[i], heading(r->g, i));
}

static void print_values(const struct report *r, guint point)
{
	char *words, number[16];
	guint i;

	if (r->width) {
		printf("%6u", point);
		for (i = 0; i < r->g->base->n_axes; i++) {
			const char *value = sweep_value(r->g->sweep, point, i);

			printf("  %*s", (int)r->width[i], value ? value : "-");
		}
		return;
	}
	g_snprintf(number, sizeof(number), "%6u", point);
	words = sweep_point_words(r->g->sweep, point);
	cmd_print_labelled(number, words, 8, WIDTH);
	printf("%6s", "");
	g_free(words);
}

static void json_values(const struct report *r, guint point)
{
	guint i;

	cmd_json_count(r->json, "point", point);
	cmd_json_open(r->json, "values");
	for (i = 0; i < r->g->base->n_axes; i++)
		cmd_json_string(r->json, r->g->base->axes[i].key,
				sweep_value(r->g->sweep, point, i));
	cmd_json_close(r->json);
}

/* --- scope */

static void print_scope(const struct report *r)
{
	const struct grid *g = r->g;
	guint i;

	printf("scenario   %s\n", g->base->name);
	for (i = 0; i < g->base->n_axes; i++) {
		char *line = g_strdup_printf("%s = %s", g->base->axes[i].key,
					     g->base->axes[i].text);

		cmd_print_labelled(i ? "" : "swept", line, 11, WIDTH);
		g_free(line);
	}
	printf("points     %u\n", g->points);
	printf("seeds      %" G_GUINT64_FORMAT "..%" G_GUINT64_FORMAT " of each\n\n",
	       r->opt->seed_first, r->opt->seed_first + r->opt->seeds - 1);
}

static void json_scope(const struct report *r)
{
	cmd_json_plan(r->json, r->g->base);
	cmd_json_strings(r->json, "set", cmd_sets(r->opt));
	cmd_json_seed(r->json, "seed_first", r->opt->seed_first);
	cmd_json_seed(r->json, "seeds_per_point", r->opt->seeds);
}

void sweep_report_points(const struct grid *g, const struct cmd_options *opt)
{
	struct report r = { .g = g, .opt = opt };
	guint i;

	if (opt->json) {
		r.json = cmd_json_begin("sweep");
		json_scope(&r);
		json_builder_set_member_name(r.json, "points");
		json_builder_begin_array(r.json);
	} else {
		print_scope(&r);
		measure(&r);
		print_headings(&r);
		printf("  plan\n");
	}
	for (i = 0; i < g->points; i++) {
		if (opt->json) {
			cmd_json_open(r.json, NULL);
			json_values(&r, i);
			cmd_json_digest(r.json, "plan_digest", g->digest[i]);
			cmd_json_close(r.json);
			continue;
		}
		print_values(&r, i);
		printf("  0x%016" G_GINT64_MODIFIER "x\n", g->digest[i]);
	}
	if (opt->json) {
		json_builder_end_array(r.json);
		cmd_json_print(r.json);
	}
	g_free(r.width);
}

/* --- results */

static guint64 number(const struct store_row *row, guint col)
{
	return row->values[col] ? g_ascii_strtoull(row->values[col], NULL, 10) : 0;
}

/* "-" where there was no walk to divide by. */
static const char *ratio(const struct store_row *row, guint col)
{
	return number(row, COL_WALKS) ? row->values[col] : "-";
}

static void json_row(const struct report *r, const struct store_row *row)
{
	cmd_json_open(r->json, NULL);
	json_values(r, number(row, COL_ORDINAL));
	cmd_json_string(r->json, "plan_digest", row->values[COL_DIGEST]);
	cmd_json_count(r->json, "runs", number(row, COL_RUNS));
	cmd_json_count(r->json, "failures", number(row, COL_FAILURES));
	cmd_json_count(r->json, "incomplete", number(row, COL_INCOMPLETE));
	cmd_json_count(r->json, "walks", number(row, COL_WALKS));
	cmd_json_count(r->json, "steps", number(row, COL_STEPS));
	cmd_json_count(r->json, "restarts", number(row, COL_RESTARTS));
	cmd_json_count(r->json, "slow_path", number(row, COL_SLOW));
	cmd_json_close(r->json);
}

static gboolean on_result(const struct store_row *row, gpointer data)
{
	struct report *r = data;

	r->counts->runs += number(row, COL_RUNS);
	r->counts->failures += number(row, COL_FAILURES);
	r->counts->incomplete += number(row, COL_INCOMPLETE);
	if (r->json) {
		json_row(r, row);
		return TRUE;
	}
	print_values(r, number(row, COL_ORDINAL));
	printf(" %8s %8s %7s %8s %6s %8s %7s\n", row->values[COL_RUNS], row->values[COL_WALKS],
	       ratio(row, COL_STEPS_PER_WALK), ratio(row, COL_RESTARTS_PER_WALK),
	       ratio(row, COL_SLOW_PER_WALK), row->values[COL_FAILURES],
	       row->values[COL_INCOMPLETE]);
	return TRUE;
}

static gboolean on_failure(const struct store_row *row, gpointer data)
{
	struct report *r = data;
	char *line;

	if (r->json) {
		cmd_json_open(r->json, NULL);
		cmd_json_count(r->json, "failure", number(row, 0));
		cmd_json_count(r->json, "point", number(row, 1));
		cmd_json_seed(r->json, "seed", number(row, 2));
		cmd_json_string(r->json, "check", row->values[3]);
		cmd_json_string(r->json, "message", row->values[4]);
		cmd_json_close(r->json);
		return TRUE;
	}
	if (r->failures++ >= FAILURES_SHOWN)
		return TRUE;
	line = g_strdup_printf("failure %s: point %s, seed %s, %s: %s", row->values[0],
			       row->values[1], row->values[2], row->values[3], row->values[4]);
	if (r->failures == 1)
		putchar('\n');
	cmd_print_wrapped(line, 0, WIDTH);
	g_free(line);
	return TRUE;
}

static void print_end(const struct report *r)
{
	const struct sweep_counts *c = r->counts;
	char *db = cmd_shell_word(r->opt->db);

	if (r->failures > FAILURES_SHOWN)
		printf("and %u more that are stored\n", r->failures - FAILURES_SHOWN);
	if (r->failures)
		printf("  replay: rmapsim replay --db %s --failure N\n", db);
	printf("\n%" G_GUINT64_FORMAT " runs of %u points: %" G_GUINT64_FORMAT " violations, %"
	       G_GUINT64_FORMAT " incomplete\n", c->runs, r->g->points, c->failures,
	       c->incomplete);
	printf("experiment %" G_GINT64_FORMAT " in %s\n", r->res->experiment, r->opt->db);
	g_free(db);
}

static void json_end(const struct report *r)
{
	double s = MAX(r->res->seconds, 1e-9);

	cmd_json_count(r->json, "runs", r->counts->runs);
	cmd_json_count(r->json, "violations", r->counts->failures);
	cmd_json_count(r->json, "incomplete", r->counts->incomplete);
	cmd_json_bool(r->json, "interrupted", r->res->interrupted);
	cmd_json_string(r->json, "db", r->opt->db);
	cmd_json_count(r->json, "experiment", r->res->experiment);
	cmd_json_open(r->json, "timing");
	cmd_json_count(r->json, "jobs", r->opt->jobs);
	cmd_json_count(r->json, "runs_before", r->counts->runs - r->res->runs);
	cmd_json_double(r->json, "seconds", r->res->seconds);
	cmd_json_double(r->json, "cpu_seconds", r->res->cpu_seconds);
	cmd_json_double(r->json, "runs_per_second", r->res->runs / s);
	cmd_json_close(r->json);
	cmd_json_print(r->json);
}

static void begin_results(struct report *r)
{
	if (r->opt->json) {
		r->json = cmd_json_begin("sweep");
		json_scope(r);
		json_builder_set_member_name(r->json, "points");
		json_builder_begin_array(r->json);
		return;
	}
	print_scope(r);
	printf("steps and restarts of a walk; slow%%: walks that took mmu_lock to finish\n");
	measure(r);
	print_headings(r);
	printf(" %8s %8s %7s %8s %6s %8s %7s\n", "runs", "walks", "steps", "restarts", "slow%",
	       "violated", "incompl");
}

gboolean sweep_report_result(const struct grid *g, const struct cmd_options *opt,
			     const struct sweep_result *res, struct sweep_counts *counts,
			     GError **error)
{
	struct report r = { .g = g, .opt = opt, .res = res, .counts = counts };
	char *id = g_strdup_printf("%" G_GINT64_FORMAT, res->experiment);
	gboolean ok;

	*counts = (struct sweep_counts){ 0 };
	begin_results(&r);
	ok = store_query(res->store, result_query, on_result, &r, error, id, NULL);
	if (r.json) {
		json_builder_end_array(r.json);
		json_builder_set_member_name(r.json, "failed");
		json_builder_begin_array(r.json);
	}
	ok = ok && store_query(res->store, failure_query, on_failure, &r, error, id, NULL);
	if (r.json) {
		json_builder_end_array(r.json);
		json_end(&r);
	} else {
		print_end(&r);
	}
	g_free(r.width);
	g_free(id);
	return ok;
}
