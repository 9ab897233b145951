/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where the values of a key stand; see axis.h. */
#include <math.h>
#include <string.h>
#include "output/plot/axis.h"

#define RETRIES		"algorithm.retries"
#define SPREAD_MAX	40	/* smallest gaps on an axis that is still to scale */

static guint count_values(const struct selection *sel, guint key)
{
	GPtrArray *values = selection_values(sel, key);
	guint n = values->len;

	g_ptr_array_unref(values);
	return n;
}

static gboolean all_numbers(const struct selection *sel, guint key)
{
	GPtrArray *values = selection_values(sel, key);
	gboolean all = values->len > 0;
	double x;
	guint i;

	for (i = 0; all && i < values->len; i++)
		all = selection_number(values->pdata[i], &x);
	g_ptr_array_unref(values);
	return all;
}

/* The retry limit, else the first swept key with several numbers, with several values, any. */
static guint choose_key(const struct selection *sel)
{
	guint k, several = 0, any = 0;

	for (k = SELECTION_BUILTINS; k < sel->keys->len; k++) {
		if (!strcmp(sel->keys->pdata[k], RETRIES) && count_values(sel, k))
			return k;
	}
	for (k = SELECTION_BUILTINS; k < sel->keys->len; k++) {
		guint n = count_values(sel, k);

		if (n > 1 && all_numbers(sel, k))
			return k;
		several = several || n < 2 ? several : k;
		any = any || !n ? any : k;
	}
	if (several)
		return several;
	return count_values(sel, SELECTION_ALGORITHM) > 1 ? SELECTION_ALGORITHM : any;
}

static void add_tick(struct axis *a, const char *label, double at)
{
	const struct axis_tick tick = { label, at };

	g_array_append_val(a->ticks, tick);
}

static const struct axis_tick *tick_at(const struct axis *a, guint i)
{
	return &g_array_index(a->ticks, struct axis_tick, i);
}

/* The numbers among the values come first; the smallest gap between them, 1 if there is none. */
static guint count_numbers(const GPtrArray *values, double *gap, double *width)
{
	double x, before = 0, first = 0;
	guint n;

	*gap = 0;
	*width = 0;
	for (n = 0; n < values->len && selection_number(values->pdata[n], &x); n++) {
		if (n && (!*gap || x - before < *gap))
			*gap = x - before;
		first = n ? first : x;
		before = x;
		*width = x - first;
	}
	return n;
}

static void place_values(struct axis *a, const GPtrArray *values)
{
	double gap, width, x;
	guint i, numbers = count_numbers(values, &gap, &width);

	a->to_scale = numbers < 2 || (gap > 0 && width / gap <= SPREAD_MAX);
	a->step = a->to_scale && gap > 0 ? gap : 1;
	for (i = 0; i < values->len; i++) {
		if (!a->to_scale)
			x = i;
		else if (i >= numbers)
			x = i ? tick_at(a, i - 1)->at + a->step : 0;
		else
			selection_number(values->pdata[i], &x);
		g_hash_table_insert(a->places, values->pdata[i], GUINT_TO_POINTER(i));
		add_tick(a, values->pdata[i], x);
	}
	a->values = values->len;
	/* Columns and words keep their distance on a long axis. */
	a->step = fmax(a->step, width / 16);
}

/* --- columns */

gboolean axis_names(const struct selection *sel, guint key)
{
	guint i;

	for (i = 0; key != SELECTION_ALGORITHM && i < sel->rows->len; i++) {
		if (!selection_value(sel, &g_array_index(sel->rows, struct selection_row, i), key))
			return TRUE;
	}
	return key == SELECTION_ALGORITHM;
}

/* "locked, tail": what names the column of a row that has no value; free it. */
static char *column_label(const struct axis *a, const struct selection *sel,
			  const struct selection_row *row)
{
	GString *label = g_string_new(NULL);
	const char *value;
	guint i;

	if (a->key != SELECTION_ALGORITHM)
		g_string_append(label, row->point->values[SELECTION_ALGORITHM]);
	for (i = 0; i < a->naming->len; i++) {
		value = selection_value(sel, row, g_array_index(a->naming, guint, i));
		if (value)
			g_string_append_printf(label, "%s%s", label->len ? ", " : "", value);
	}
	return g_string_free(label, FALSE);
}

static int find_column(const struct axis *a, const char *label)
{
	guint i;

	for (i = a->values; i < a->ticks->len; i++) {
		if (!strcmp(tick_at(a, i)->label, label))
			return i;
	}
	return -1;
}

void axis_place_columns(struct axis *a, const struct selection *sel, const GArray *keys)
{
	double at = a->values ? tick_at(a, a->values - 1)->at + a->step / 2 : 0;
	guint i, key;

	for (i = 0; i < keys->len; i++) {
		key = g_array_index(keys, guint, i);
		if (key != SELECTION_ALGORITHM && key != a->key && axis_names(sel, key))
			g_array_append_val(a->naming, key);
	}
	for (i = 0; i < sel->rows->len; i++) {
		const struct selection_row *row = &g_array_index(sel->rows, struct selection_row,
								 i);
		char *label;

		if (selection_value(sel, row, a->key))
			continue;
		label = column_label(a, sel, row);
		if (find_column(a, label) < 0) {
			at += a->step;
			add_tick(a, g_string_chunk_insert(a->labels, label), at);
		}
		g_free(label);
	}
}

/* --- the axis */

struct axis *axis_new(const struct selection *sel, const char *name, GError **error)
{
	int key = name ? selection_find_key(sel, "--x", name, error) : (int)choose_key(sel);
	GPtrArray *values;
	struct axis *a;

	if (key < 0)
		return NULL;
	a = g_new0(struct axis, 1);
	a->key = key;
	a->places = g_hash_table_new(NULL, NULL);
	a->ticks = g_array_new(FALSE, FALSE, sizeof(struct axis_tick));
	a->naming = g_array_new(FALSE, FALSE, sizeof(guint));
	a->labels = g_string_chunk_new(256);
	values = selection_values(sel, a->key);
	place_values(a, values);
	g_ptr_array_unref(values);
	return a;
}

void axis_free(struct axis *a)
{
	g_hash_table_unref(a->places);
	g_array_unref(a->ticks);
	g_array_unref(a->naming);
	g_string_chunk_free(a->labels);
	g_free(a);
}

guint axis_tick_of(const struct axis *a, const struct selection *sel,
		   const struct selection_row *row)
{
	const char *value = selection_value(sel, row, a->key);
	char *label;
	guint tick;

	if (!value) {
		label = column_label(a, sel, row);
		tick = find_column(a, label);
		g_free(label);
		return tick;
	}
	return GPOINTER_TO_UINT(g_hash_table_lookup(a->places, value));
}

double axis_low(const struct axis *a)
{
	return tick_at(a, 0)->at - a->step / 2;
}

double axis_high(const struct axis *a)
{
	return tick_at(a, a->ticks->len - 1)->at + a->step / 2;
}

static const char *key_name(const struct axis *a, const struct selection *sel)
{
	return sel->keys->pdata[a->key];
}

char *axis_caption(const struct axis *a, const struct selection *sel)
{
	const char *key = key_name(a, sel);

	return g_strdup(strcmp(key, RETRIES) ? key : "the retry limit N");
}

/* "task writer.count" counts tasks; of other keys the value is all that is known. */
char *axis_title(const struct axis *a, const struct selection *sel)
{
	const char *key = key_name(a, sel);
	GString *title = g_string_new(key);

	if (!strcmp(key, RETRIES))
		g_string_assign(title, "retry limit N, restarts (" RETRIES ")");
	else if (g_str_has_prefix(key, "task ") && g_str_has_suffix(key, ".count"))
		g_string_append(title, " (tasks)");
	if (!a->to_scale && a->values > 1)
		g_string_append(title, ", not to scale");
	if (a->ticks->len > a->values && a->values)
		g_string_append(title, "; right of the line: algorithms without it");
	return g_string_free(title, FALSE);
}
