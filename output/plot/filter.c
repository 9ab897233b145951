/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Conditions on rows; see filter.h. */
#include <string.h>
#include "output/plot/filter.h"

#define OF_SCENARIO	(-1)
#define OF_SOURCE	(-2)
#define OF_MODE		(-3)

static void filter_clear(gpointer data)
{
	struct selection_filter *f = data;

	g_free(f->key);
	g_strfreev(f->values);
}

static gboolean check_source(const struct selection_filter *f, GError **error)
{
	char **value;

	for (value = f->values; !strcmp(f->key, "source") && *value; value++) {
		if (strcmp(*value, "sim") && strcmp(*value, "hw")) {
			g_set_error(error, PLOT_ERROR, PLOT_ERROR_INPUT, "--where source=%s: valid "
				    "are sim, hw", *value);
			return FALSE;
		}
	}
	return TRUE;
}

GArray *filters_parse(const char *const *where, GError **error)
{
	GArray *filters = g_array_new(FALSE, FALSE, sizeof(struct selection_filter));

	g_array_set_clear_func(filters, filter_clear);
	for (; where && *where; where++) {
		const char *equals = strchr(*where, '=');
		struct selection_filter f;

		if (!equals || equals == *where || !equals[1]) {
			g_set_error(error, PLOT_ERROR, PLOT_ERROR_INPUT, "--where '%s': valid is "
				    "KEY=VALUE[,VALUE...]", *where);
			g_array_unref(filters);
			return NULL;
		}
		f.key = g_strndup(*where, equals - *where);
		f.values = g_strsplit(equals + 1, ",", -1);
		g_array_append_val(filters, f);
		if (!check_source(&f, error)) {
			g_array_unref(filters);
			return NULL;
		}
	}
	return filters;
}

static const struct selection_filter *filter_at(const GArray *filters, guint i)
{
	return &g_array_index(filters, struct selection_filter, i);
}

/* "A..B": both ends included. */
static gboolean in_range(const char *range, const char *value)
{
	const char *dots = strstr(range, "..");
	double low, high, x;
	gboolean ok;
	char *left;

	if (!dots)
		return FALSE;
	left = g_strndup(range, dots - range);
	ok = selection_number(left, &low) && selection_number(dots + 2, &high) &&
	     selection_number(value, &x) && low <= x && x <= high;
	g_free(left);
	return ok;
}

static gboolean one_matches(const char *wanted, const char *value)
{
	return value && (!strcmp(wanted, value) || in_range(wanted, value));
}

static gboolean matches(const struct selection_filter *f, const char *value)
{
	char **wanted;

	for (wanted = f->values; *wanted; wanted++) {
		if (one_matches(*wanted, value))
			return TRUE;
	}
	return FALSE;
}

static gboolean all_match(const GArray *filters, const char *key, const char *value)
{
	guint i;

	for (i = 0; i < filters->len; i++) {
		const struct selection_filter *f = filter_at(filters, i);

		if (!strcmp(f->key, key) && !matches(f, value))
			return FALSE;
	}
	return TRUE;
}

gboolean filters_want_scenario(const GArray *filters, const char *scenario)
{
	return all_match(filters, "scenario", scenario);
}

gboolean filters_want_source(const GArray *filters, gboolean hw)
{
	return all_match(filters, "source", hw ? "hw" : "sim");
}

static int filter_key(const struct selection *sel, const struct selection_filter *f,
		      GError **error)
{
	GError *err = NULL;
	int key;

	if (!strcmp(f->key, "scenario"))
		return OF_SCENARIO;
	if (!strcmp(f->key, "source"))
		return OF_SOURCE;
	if (!strcmp(f->key, "mode"))
		return OF_MODE;
	key = selection_find_key(sel, "--where", f->key, &err);
	if (key >= 0)
		return key;
	g_set_error(error, PLOT_ERROR, PLOT_ERROR_INPUT, "%s, scenario, source, mode",
		    err->message);
	g_error_free(err);
	return G_MININT;
}

static const char *row_value(const struct selection *sel, const struct selection_row *row, int key)
{
	switch (key) {
	case OF_SCENARIO:
		return selection_experiment_of(sel, row->point)->scenario;
	case OF_SOURCE:
		return row->hw ? "hw" : "sim";
	case OF_MODE:
		return row->mode;
	}
	return selection_value(sel, row, key);
}

static void add_value(GPtrArray *values, const char *value)
{
	if (value && !g_ptr_array_find_with_equal_func(values, value, g_str_equal, NULL))
		g_ptr_array_add(values, (gpointer)value);
}

static GPtrArray *values_of(const struct selection *sel, int key)
{
	GPtrArray *values;
	guint i;

	if (key >= 0)
		return selection_values(sel, key);
	values = g_ptr_array_new();
	for (i = 0; i < sel->rows->len; i++)
		add_value(values, row_value(sel, &g_array_index(sel->rows, struct selection_row, i),
					    key));
	return values;
}

static gboolean no_value(const char *key, const char *value, const GPtrArray *valid,
			 GError **error)
{
	GString *text = g_string_new(NULL);
	guint i;

	for (i = 0; i < valid->len; i++)
		g_string_append_printf(text, "%s%s", i ? ", " : "", (const char *)valid->pdata[i]);
	g_set_error(error, PLOT_ERROR, PLOT_ERROR_INPUT, "--where %s=%s: no result has that value; "
		    "valid are %s", key, value, text->len ? text->str : "none: no result has it");
	g_string_free(text, TRUE);
	return FALSE;
}

/* Each value that is asked for is there. */
static gboolean check_values(const struct selection_filter *f, const GPtrArray *values,
			     GError **error)
{
	char **wanted;
	guint i;

	for (wanted = f->values; *wanted; wanted++) {
		for (i = 0; i < values->len; i++) {
			if (one_matches(*wanted, values->pdata[i]))
				break;
		}
		if (i == values->len)
			return no_value(f->key, *wanted, values, error);
	}
	return TRUE;
}

gboolean filters_check_scenarios(const struct selection *sel, GError **error)
{
	GPtrArray *names = g_ptr_array_new();
	gboolean ok = TRUE;
	guint i;

	for (i = 0; i < sel->experiments->len; i++)
		add_value(names, g_array_index(sel->experiments, struct selection_experiment,
					       i).scenario);
	for (i = 0; ok && i < sel->filters->len; i++) {
		if (!strcmp(filter_at(sel->filters, i)->key, "scenario"))
			ok = check_values(filter_at(sel->filters, i), names, error);
	}
	g_ptr_array_unref(names);
	return ok;
}

static void keep_rows(struct selection *sel, const struct selection_filter *f, int key)
{
	guint from, to = 0;

	for (from = 0; from < sel->rows->len; from++) {
		struct selection_row *row = &g_array_index(sel->rows, struct selection_row, from);

		if (matches(f, row_value(sel, row, key)))
			g_array_index(sel->rows, struct selection_row, to++) = *row;
	}
	g_array_set_size(sel->rows, to);
}

gboolean filters_apply(struct selection *sel, GError **error)
{
	GArray *keys = g_array_new(FALSE, FALSE, sizeof(int));
	GPtrArray *values;
	gboolean ok = TRUE;
	guint i;
	int key;

	/* All values are looked for before any row goes. */
	for (i = 0; ok && i < sel->filters->len; i++) {
		key = filter_key(sel, filter_at(sel->filters, i), error);
		ok = key != G_MININT;
		if (!ok)
			break;
		values = values_of(sel, key);
		ok = check_values(filter_at(sel->filters, i), values, error);
		g_ptr_array_unref(values);
		g_array_append_val(keys, key);
	}
	for (i = 0; ok && i < sel->filters->len; i++)
		keep_rows(sel, filter_at(sel->filters, i), g_array_index(keys, int, i));
	g_array_unref(keys);
	return ok;
}
