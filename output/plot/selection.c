/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Points, their values and their sums out of the database; see selection.h. */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "output/plot/experiments.h"
#include "output/plot/filter.h"
#include "output/plot/plan_text.h"

static const char *const builtin_keys[SELECTION_BUILTINS] = {
	[SELECTION_ALGORITHM] = "algorithm.name",
	[SELECTION_MODEL] = "memory.model",
	[SELECTION_STRATEGY] = "scenario.strategy",
	[SELECTION_EXPERIMENT] = "experiment",
	[SELECTION_MACHINE] = "machine",
};

/* What a callback of the store works on. */
struct load {
	struct selection *sel;
	GHashTable *key_places;		/* interned name -> place + 1 */
};

const char *selection_text(struct selection *sel, const char *text)
{
	return text ? g_string_chunk_insert_const(sel->texts, text) : NULL;
}

static gint64 number_of(const char *text)
{
	return text ? strtoll(text, NULL, 10) : 0;
}

static double real_of(const char *text)
{
	return text ? g_ascii_strtod(text, NULL) : 0;
}

gboolean selection_number(const char *text, double *x)
{
	char *end;

	*x = g_ascii_strtod(text, &end);
	return end != text && !*end && isfinite(*x);
}

static struct selection_experiment *experiment_at(const struct selection *sel, guint i)
{
	return &g_array_index(sel->experiments, struct selection_experiment, i);
}

const struct selection_experiment *selection_experiment_of(const struct selection *sel,
							   const struct selection_point *p)
{
	return experiment_at(sel, p->experiment);
}

/* --- points and their keys */

static gboolean on_key(const struct store_row *row, gpointer data)
{
	struct load *load = data;
	const char *name = selection_text(load->sel, row->values[0]);

	if (g_hash_table_contains(load->key_places, name))
		return TRUE;
	g_ptr_array_add(load->sel->keys, (gpointer)name);
	g_hash_table_insert(load->key_places, (gpointer)name,
			    GUINT_TO_POINTER(load->sel->keys->len));
	return TRUE;
}

static int experiment_place(const struct selection *sel, gint64 id)
{
	guint low = 0, high = sel->experiments->len;

	while (low < high) {
		guint middle = (low + high) / 2;

		if (experiment_at(sel, middle)->id < id)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static gboolean on_point(const struct store_row *row, gpointer data)
{
	struct selection *sel = ((struct load *)data)->sel;
	const char *const *v = row->values;
	const struct selection_experiment *e;
	struct selection_point p = {
		.id = number_of(v[0]),
		.experiment = experiment_place(sel, number_of(v[1])),
		.values = g_new0(const char *, sel->keys->len),
	};
	char id[32];

	e = experiment_at(sel, p.experiment);
	g_snprintf(id, sizeof(id), "%" G_GINT64_FORMAT, e->id);
	p.values[SELECTION_ALGORITHM] = selection_text(sel, v[2]);
	p.values[SELECTION_MODEL] = selection_text(sel, v[3]);
	p.values[SELECTION_STRATEGY] = selection_text(sel, v[4]);
	p.values[SELECTION_EXPERIMENT] = selection_text(sel, id);
	p.values[SELECTION_MACHINE] = selection_text(sel, e->hostname);
	p.model = p.values[SELECTION_MODEL];
	g_array_append_val(sel->points, p);
	return TRUE;
}

int selection_find_point(const struct selection *sel, gint64 id)
{
	guint low = 0, high = sel->points->len;

	while (low < high) {
		guint middle = (low + high) / 2;

		if (g_array_index(sel->points, struct selection_point, middle).id < id)
			low = middle + 1;
		else
			high = middle;
	}
	if (low == sel->points->len ||
	    g_array_index(sel->points, struct selection_point, low).id != id)
		return -1;
	return low;
}

static struct selection_point *point_of_row(struct load *load, const char *id)
{
	int place = selection_find_point(load->sel, number_of(id));

	return place < 0 ? NULL : &g_array_index(load->sel->points, struct selection_point, place);
}

static gboolean on_param(const struct store_row *row, gpointer data)
{
	struct load *load = data;
	struct selection_point *p = point_of_row(load, row->values[0]);
	const char *key = selection_text(load->sel, row->values[1]);
	guint place = GPOINTER_TO_UINT(g_hash_table_lookup(load->key_places, key));

	if (p && place > SELECTION_BUILTINS)
		p->values[place - 1] = selection_text(load->sel, row->values[2]);
	return TRUE;
}

/* A key that this point's experiment did not sweep has its value in the plan. */
static gboolean on_plan(const struct store_row *row, gpointer data)
{
	struct load *load = data;
	struct selection_point *p = point_of_row(load, row->values[0]);
	guint k;

	for (k = SELECTION_BUILTINS; p && k < load->sel->keys->len; k++) {
		char *value;

		if (p->values[k])
			continue;
		value = plan_text_value(row->values[1], load->sel->keys->pdata[k]);
		p->values[k] = selection_text(load->sel, value);
		g_free(value);
	}
	return TRUE;
}

static gboolean query_of(struct store *s, const char *format, const char *ids, store_row_fn fn,
			 struct load *load, GError **error)
{
	char **parts = g_strsplit(format, "%", 2);
	char *sql = g_strconcat(parts[0], ids, parts[1], NULL);
	gboolean ok = store_query(s, sql, fn, load, error, NULL);

	g_free(sql);
	g_strfreev(parts);
	return ok;
}

static gboolean load_points(struct selection *sel, struct store *s, const char *ids,
			    GError **error)
{
	struct load load = { .sel = sel, .key_places = g_hash_table_new(NULL, NULL) };
	guint k;
	gboolean ok;

	for (k = 0; k < SELECTION_BUILTINS; k++) {
		const char *name = selection_text(sel, builtin_keys[k]);

		g_ptr_array_add(sel->keys, (gpointer)name);
		g_hash_table_insert(load.key_places, (gpointer)name, GUINT_TO_POINTER(k + 1));
	}
	ok = query_of(s, "SELECT DISTINCT a.key FROM point p JOIN point_param a "
		      "ON a.point_id = p.id WHERE p.experiment_id IN (%) ORDER BY a.key", ids,
		      on_key, &load, error) &&
	     query_of(s, "SELECT id, experiment_id, algorithm, model, strategy FROM point "
		      "WHERE experiment_id IN (%) ORDER BY id", ids, on_point, &load, error) &&
	     query_of(s, "SELECT a.point_id, a.key, a.value FROM point p JOIN point_param a "
		      "ON a.point_id = p.id WHERE p.experiment_id IN (%)", ids, on_param, &load,
		      error);
	if (ok && strchr(ids, ','))	/* one experiment has all its keys at each point */
		ok = query_of(s, "SELECT id, plan_text FROM point WHERE experiment_id IN (%)",
			      ids, on_plan, &load, error);
	g_hash_table_unref(load.key_places);
	return ok;
}

/* --- rows */

static gboolean on_sums(const struct store_row *row, gpointer data)
{
	struct load *load = data;
	const char *const *v = row->values;
	struct selection_row r = {
		.point = point_of_row(load, v[0]),
		.hw = !g_strcmp0(v[1], "hw"),
		.mode = selection_text(load->sel, v[2]),
		.sums = {
			.n = real_of(v[3]), .x = real_of(v[4]), .y = real_of(v[5]),
			.xx = real_of(v[6]), .xy = real_of(v[7]), .yy = real_of(v[8]),
		},
	};

	if (r.point)
		g_array_append_val(load->sel->rows, r);
	return TRUE;
}

static gboolean load_rows(struct selection *sel, struct store *s, const char *view,
			  const char *ids, GError **error)
{
	struct load load = { .sel = sel };
	char *format = g_strdup_printf("SELECT point_id, source, mode, n, numerator, denominator, "
				       "sum_xx, sum_xy, sum_yy FROM %s WHERE experiment_id IN (%%) "
				       "ORDER BY point_id, source DESC, mode DESC", view);
	gboolean ok = query_of(s, format, ids, on_sums, &load, error);

	g_free(format);
	return ok;
}

/* --- keys and values */

/* Do rows, simulated or on hardware, differ in that? */
static gboolean several(const struct selection *sel, gboolean hw, guint builtin)
{
	const char *first = NULL;
	guint i;

	for (i = 0; i < sel->rows->len; i++) {
		const struct selection_row *r = &g_array_index(sel->rows, struct selection_row, i);

		if (r->hw != hw)
			continue;
		if (first && r->point->values[builtin] != first)
			return TRUE;
		first = r->point->values[builtin];
	}
	return FALSE;
}

static void forget(struct selection *sel, guint builtin)
{
	guint i;

	for (i = 0; i < sel->points->len; i++)
		g_array_index(sel->points, struct selection_point, i).values[builtin] = NULL;
}

const char *selection_value(const struct selection *sel, const struct selection_row *row,
			    guint key)
{
	(void)sel;
	if (row->hw && (key == SELECTION_MODEL || key == SELECTION_STRATEGY ||
			key == SELECTION_EXPERIMENT))
		return NULL;
	if (!row->hw && key == SELECTION_MACHINE)
		return NULL;
	return row->point->values[key];
}

static int compare_values(gconstpointer a, gconstpointer b)
{
	const char *s = *(const char *const *)a, *t = *(const char *const *)b;
	double x, y;
	gboolean first = selection_number(s, &x), second = selection_number(t, &y);

	if (first && second && x != y)
		return x < y ? -1 : 1;
	return first == second ? strcmp(s, t) : second - first;
}

GPtrArray *selection_values(const struct selection *sel, guint key)
{
	GHashTable *seen = g_hash_table_new(NULL, NULL);
	GPtrArray *values = g_ptr_array_new();
	guint i;

	for (i = 0; i < sel->rows->len; i++) {
		const char *v = selection_value(sel, &g_array_index(sel->rows, struct selection_row,
								    i), key);

		if (v && g_hash_table_add(seen, (gpointer)v))
			g_ptr_array_add(values, (gpointer)v);
	}
	g_hash_table_unref(seen);
	g_ptr_array_sort(values, compare_values);
	return values;
}

/* The text is the key, or its end behind a dot or a blank. */
static gboolean key_ends_in(const char *key, const char *end)
{
	gsize n = strlen(key), m = strlen(end);

	return n > m && m && !strcmp(key + n - m, end) && strchr(". ", key[n - m - 1]);
}

static int key_by_end(const struct selection *sel, const char *name)
{
	int found = -1;
	guint k;

	for (k = 0; k < sel->keys->len; k++) {
		if (!key_ends_in(sel->keys->pdata[k], name))
			continue;
		if (found >= 0)
			return -1;
		found = k;
	}
	return found;
}

int selection_find_key(const struct selection *sel, const char *what, const char *name,
		       GError **error)
{
	GString *valid;
	guint k;
	int found;

	if (!strcmp(name, "algorithm"))
		return SELECTION_ALGORITHM;
	for (k = 0; k < sel->keys->len; k++) {
		if (!strcmp(sel->keys->pdata[k], name))
			return k;
	}
	found = key_by_end(sel, name);
	if (found >= 0)
		return found;
	valid = g_string_new(NULL);
	for (k = 0; k < sel->keys->len; k++)
		g_string_append_printf(valid, "%s%s", k ? ", " : "",
				       (const char *)sel->keys->pdata[k]);
	g_set_error(error, PLOT_ERROR, PLOT_ERROR_INPUT, "%s: '%s' is no key of these results; "
		    "valid are %s", what, name, valid->str);
	g_string_free(valid, TRUE);
	return -1;
}

/* --- all of it */

static gboolean nothing(const struct selection *sel, const struct plot *plot,
			const struct store *s, GError **error)
{
	const char *path = store_path(s);
	const char *scenario = plot->scenario ? plot->scenario : "sweep-retries";
	char *word = g_shell_quote(path);

	if (!filters_want_source(sel->filters, FALSE))
		g_set_error(error, PLOT_ERROR, PLOT_ERROR_INPUT, "%s: no walks on hardware for "
			    "plot %s; they come from 'rmapsim hw SCENARIO --db %s'", path,
			    plot->name, word);
	else if (sel->filters->len || sel->experiments->len)
		g_set_error(error, PLOT_ERROR, PLOT_ERROR_INPUT, "%s: nothing for plot %s among "
			    "what was asked for; 'rmapsim plot --list --db %s' shows what there "
			    "is, 'rmapsim sweep %s --db %s' makes more", path, plot->name,
			    word, scenario, word);
	else
		g_set_error(error, PLOT_ERROR, PLOT_ERROR_INPUT, "%s: no walks for plot %s; they "
			    "come from 'rmapsim sweep %s --db %s', and from hardware by 'rmapsim "
			    "hw %s --db %s'", path, plot->name, scenario, word, scenario, word);
	g_free(word);
	return FALSE;
}

static gboolean load_all(struct selection *sel, struct store *s, const struct plot *plot,
			 const char *view, const struct plot_request *request, GError **error)
{
	gboolean ok;
	char *ids;

	if (!experiments_choose(sel, s, request, error))
		return FALSE;
	ids = experiments_ids(sel);
	ok = load_points(sel, s, ids, error) && load_rows(sel, s, view, ids, error) &&
	     (sel->rows->len || nothing(sel, plot, s, error)) && filters_apply(sel, error) &&
	     (sel->rows->len || nothing(sel, plot, s, error));
	g_free(ids);
	if (ok && !several(sel, FALSE, SELECTION_EXPERIMENT))
		forget(sel, SELECTION_EXPERIMENT);
	if (ok && !several(sel, TRUE, SELECTION_MACHINE))
		forget(sel, SELECTION_MACHINE);
	return ok;
}

struct selection *selection_new(struct store *s, const struct plot *plot, const char *view,
				const struct plot_request *request, GError **error)
{
	struct selection *sel = g_new0(struct selection, 1);

	sel->texts = g_string_chunk_new(4096);
	sel->experiments = g_array_new(FALSE, FALSE, sizeof(struct selection_experiment));
	sel->keys = g_ptr_array_new();
	sel->points = g_array_new(FALSE, FALSE, sizeof(struct selection_point));
	sel->rows = g_array_new(FALSE, FALSE, sizeof(struct selection_row));
	sel->filters = filters_parse(request->where, error);
	if (sel->filters && load_all(sel, s, plot, view, request, error))
		return sel;
	selection_free(sel);
	return NULL;
}

void selection_free(struct selection *sel)
{
	guint i;

	for (i = 0; i < sel->points->len; i++)
		g_free(g_array_index(sel->points, struct selection_point, i).values);
	if (sel->filters)
		g_array_unref(sel->filters);
	g_array_unref(sel->rows);
	g_array_unref(sel->points);
	g_ptr_array_unref(sel->keys);
	g_array_unref(sel->experiments);
	g_string_chunk_free(sel->texts);
	g_free(sel);
}
