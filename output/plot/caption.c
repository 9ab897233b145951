/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Titles, sources and notes; see caption.h. */
#include <stdlib.h>
#include <string.h>
#include "output/plot/caption.h"

#define WORDS_MAX	8	/* of a list, before it is cut */

/* Different texts in order of appearance. */
static void add_word(GPtrArray *words, const char *text)
{
	if (text && !g_ptr_array_find_with_equal_func(words, text, g_str_equal, NULL))
		g_ptr_array_add(words, (gpointer)text);
}

static void put_words(GString *out, const char *before, const GPtrArray *words)
{
	guint i;

	for (i = 0; i < words->len && i < WORDS_MAX; i++)
		g_string_append_printf(out, "%s%s", i ? ", " : before,
				       (const char *)words->pdata[i]);
	if (i < words->len)
		g_string_append(out, ", ...");
}

static const struct selection_row *row_at(const struct selection *sel, guint i)
{
	return &g_array_index(sel->rows, struct selection_row, i);
}

/* The experiments of simulated rows, or of those on hardware; free with g_array_unref(). */
static GArray *experiments_of(const struct selection *sel, gboolean hw)
{
	GArray *used = g_array_new(FALSE, TRUE, sizeof(gboolean));
	GArray *out = g_array_new(FALSE, FALSE, sizeof(const struct selection_experiment *));
	guint i;

	g_array_set_size(used, sel->experiments->len);
	for (i = 0; i < sel->rows->len; i++) {
		if (row_at(sel, i)->hw == hw)
			g_array_index(used, gboolean, row_at(sel, i)->point->experiment) = TRUE;
	}
	for (i = 0; i < used->len; i++) {
		const struct selection_experiment *e =
			&g_array_index(sel->experiments, struct selection_experiment, i);

		if (g_array_index(used, gboolean, i))
			g_array_append_val(out, e);
	}
	g_array_unref(used);
	return out;
}

static const struct selection_experiment *experiment_in(const GArray *list, guint i)
{
	return g_array_index(list, const struct selection_experiment *, i);
}

/* "experiment 3", "experiments 4..9": of ids that follow each other, and of others. */
static void put_experiments(GString *out, const GArray *list)
{
	gint64 first = experiment_in(list, 0)->id, last = experiment_in(list, list->len - 1)->id;
	gboolean dense = last - first == list->len - 1;
	guint i;

	g_string_append(out, list->len > 1 ? "experiments " : "experiment ");
	if (dense && list->len > 2) {
		g_string_append_printf(out, "%" G_GINT64_FORMAT "..%" G_GINT64_FORMAT, first, last);
		return;
	}
	for (i = 0; i < list->len && i < WORDS_MAX; i++)
		g_string_append_printf(out, "%s%" G_GINT64_FORMAT, i ? ", " : "",
				       experiment_in(list, i)->id);
	if (i < list->len)
		g_string_append(out, ", ...");
}

/* "; rmapsim 0.1.0, experiment 1; on HOST (CPU, virtual)" */
static void put_origin(GString *out, const GArray *list)
{
	GPtrArray *machines = g_ptr_array_new_with_free_func(g_free);
	GPtrArray *versions = g_ptr_array_new();
	guint i;

	for (i = 0; i < list->len; i++) {
		const struct selection_experiment *e = experiment_in(list, i);
		gboolean virtual = e->virtual && *e->virtual;
		char *machine = g_strdup_printf("%s (%s%s%s)", e->hostname ? e->hostname : "?",
						e->cpu_model ? e->cpu_model : "CPU not known",
						virtual ? ", virtual: " : "",
						virtual ? e->virtual : "");

		add_word(versions, e->version);
		if (!g_ptr_array_find_with_equal_func(machines, machine, g_str_equal, NULL))
			g_ptr_array_add(machines, g_strdup(machine));
		g_free(machine);
	}
	put_words(out, "; rmapsim ", versions);
	g_string_append(out, ", ");
	put_experiments(out, list);
	put_words(out, "; on ", machines);
	g_ptr_array_unref(versions);
	g_ptr_array_unref(machines);
}

static void put_simulated(GString *out, const struct selection *sel)
{
	GArray *list = experiments_of(sel, FALSE);
	GPtrArray *seeds = g_ptr_array_new_with_free_func(g_free);
	GPtrArray *strategies = g_ptr_array_new(), *models = g_ptr_array_new();
	guint i;

	for (i = 0; i < list->len; i++) {
		const struct selection_experiment *e = experiment_in(list, i);
		char *range = g_strdup_printf("%s..%s", e->seed_first, e->seed_last);

		if (!g_ptr_array_find_with_equal_func(seeds, range, g_str_equal, NULL))
			g_ptr_array_add(seeds, g_strdup(range));
		g_free(range);
		add_word(strategies, e->strategy);
	}
	for (i = 0; i < sel->rows->len; i++) {
		if (!row_at(sel, i)->hw)
			add_word(models, row_at(sel, i)->point->model);
	}
	if (list->len) {
		put_words(out, "sim: at each point seeds ", seeds);
		put_words(out, "; strategy ", strategies);
		put_words(out, ", model ", models);
		put_origin(out, list);
		g_string_append_c(out, '\n');
	}
	g_ptr_array_unref(seeds);
	g_ptr_array_unref(strategies);
	g_ptr_array_unref(models);
	g_array_unref(list);
}

/* --- hardware */

static gboolean on_samples(const struct store_row *row, gpointer data)
{
	const char *const *v = row->values;
	double low = v[1] ? g_ascii_strtod(v[1], NULL) / 1e9 : 0;
	double high = v[2] ? g_ascii_strtod(v[2], NULL) / 1e9 : 0;
	GString *out = data;

	g_string_append_printf(out, "hw: %s %s of ", v[0], strcmp(v[0], "1") ? "samples" :
								       "sample");
	if (high - low > 0.05 * high)
		g_string_append_printf(out, "%.2g to ", low);
	g_string_append_printf(out, "%.2g s", high);
	if (v[3])
		g_string_append_printf(out, ", %s", v[3]);
	if (v[4] && !strcmp(v[4], "1"))
		g_string_append_printf(out, ", CPUs %s", v[5] ? v[5] : "?");
	if (v[6] && !strcmp(v[6], "1"))
		g_string_append(out, ", some oversubscribed");
	if (v[7] && !strcmp(v[7], "1"))
		g_string_append(out, ", some on threads of one core");
	return FALSE;
}

static gboolean put_hardware(GString *out, struct store *s, const struct selection *sel,
			     GError **error)
{
	GString *sql = g_string_new(
		"SELECT COUNT(*), MIN(duration_ns), MAX(duration_ns), group_concat(DISTINCT mode), "
		"COUNT(DISTINCT cpus), MIN(cpus), MAX(oversubscribed), MAX(share_core) "
		"FROM hw_sample WHERE outcome = 'ok' AND walks > 0 AND (point_id, mode) IN "
		"(VALUES ");
	GArray *list = experiments_of(sel, TRUE);
	gboolean any = FALSE, ok = TRUE;
	const char *mode;
	guint i;

	for (i = 0; i < sel->rows->len; i++) {
		if (!row_at(sel, i)->hw)
			continue;
		mode = g_strcmp0(row_at(sel, i)->mode, "checked") ? "timing" : "checked";
		g_string_append_printf(sql, "%s(%" G_GINT64_FORMAT ", '%s')", any ? "," : "",
				       row_at(sel, i)->point->id, mode);
		any = TRUE;
	}
	g_string_append_c(sql, ')');
	if (any)
		ok = store_query(s, sql->str, on_samples, out, error, NULL);
	if (any && ok) {
		put_origin(out, list);
		g_string_append_c(out, '\n');
	}
	g_array_unref(list);
	g_string_free(sql, TRUE);
	return ok;
}

/* --- all of it */

static void put_notes(GString *out, const struct plot *plot, const struct series_set *series)
{
	g_string_append(out, plot->method);
	if (series->pooled)
		g_string_append_printf(out, "\nPooled: %s (all values of it together; --where and "
				       "--series take it apart).", series->pooled);
}

static char *make_title(const struct plot *plot, const struct selection *sel, const char *against)
{
	const struct selection_experiment *e = selection_experiment_of(sel, row_at(sel, 0)->point);

	return g_strdup_printf("%s%s%s: %s", plot->title, against ? " against " : "",
			       against ? against : "", e->scenario);
}

gboolean caption_make(struct script_head *h, struct store *s, const struct plot *plot,
		      const struct selection *sel, const char *against,
		      const struct series_set *series, GError **error)
{
	h->title = make_title(plot, sel, against);
	h->above = g_string_new(NULL);
	h->below = g_string_new(NULL);
	put_simulated(h->above, sel);
	put_notes(h->below, plot, series);
	return put_hardware(h->above, s, sel, error);
}

char *caption_row(const struct selection *sel, const struct selection_row *row)
{
	GString *out = g_string_new(NULL);
	guint k;

	for (k = 0; k < sel->keys->len; k++) {
		const char *value = selection_value(sel, row, k);
		char *key, *text;

		if (!value || k == SELECTION_MODEL || k == SELECTION_STRATEGY)
			continue;
		/* For a terminal, which takes some characters for commands. */
		key = g_strescape(sel->keys->pdata[k], NULL);
		text = g_strescape(value, NULL);
		g_string_append_printf(out, "%s%s = %s", out->len ? ", " : "", key, text);
		g_free(key);
		g_free(text);
	}
	g_string_append_printf(out, "%s%s", out->len ? ", " : "",
			       row->hw ? "on hardware" : "simulated");
	return g_string_free(out, FALSE);
}
