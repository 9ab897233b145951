/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which rows belong together, and how they look; see series.h. */
#include <string.h>
#include "output/plot/axis.h"
#include "output/plot/series.h"

/* Okabe and Ito's palette, which colour-blind readers can tell apart; the yellow is last. */
static const char *const palette[] = {
	"#0072B2", "#D55E00", "#009E73", "#CC79A7", "#56B4E9", "#E69F00", "#000000", "#F0E442",
};

/* Filled: circle, square, triangle up, rhombus, triangle down, pentagon. Open: one less. */
static const int markers[] = { 7, 5, 9, 13, 11, 15 };

void interval_sums_add(struct interval_sums *to, const struct interval_sums *s)
{
	to->n += s->n;
	to->x += s->x;
	to->y += s->y;
	to->xx += s->xx;
	to->xy += s->xy;
	to->yy += s->yy;
}

/* --- keys */

static guint count_values(const struct selection *sel, guint key)
{
	GPtrArray *values = selection_values(sel, key);
	guint n = values->len;

	g_ptr_array_unref(values);
	return n;
}

/* Values of rows that are on the axis; without one, of all. */
static guint count_on_axis(const struct selection *sel, guint key, int x)
{
	GHashTable *seen;
	guint i, n;

	if (x < 0)
		return count_values(sel, key);
	seen = g_hash_table_new(NULL, NULL);
	for (i = 0; i < sel->rows->len; i++) {
		const struct selection_row *row = &g_array_index(sel->rows, struct selection_row,
								 i);

		if (selection_value(sel, row, x) && selection_value(sel, row, key))
			g_hash_table_add(seen, (gpointer)selection_value(sel, row, key));
	}
	n = g_hash_table_size(seen);
	g_hash_table_unref(seen);
	return n;
}

/* "task writer.count" -> "writer.count", "algorithm.retries" -> "retries" */
static const char *short_name(const char *key)
{
	const char *dot = strchr(key, '.');

	if (g_str_has_prefix(key, "task "))
		return key + strlen("task ");
	if (!strcmp(key, "algorithm.name"))
		return "algorithm";
	return dot && dot[1] ? dot + 1 : key;
}

static void add_name(GString *names, const char *name)
{
	g_string_append_printf(names, "%s%s", names->len ? ", " : "", name);
}

/* An algorithm that is told by the axis' columns is no reason for several series. */
static guint count_for_series(const struct selection *sel, guint key, int x)
{
	return key == SELECTION_ALGORITHM ? count_on_axis(sel, key, x) : count_values(sel, key);
}

/* In the order of keys, as long as there is room. */
static void choose_keys(struct series_set *set, const struct selection *sel, int x, gboolean pool)
{
	GString *pooled = g_string_new(NULL);
	guint total = 1, k, n;

	for (k = 0; k < sel->keys->len; k++) {
		n = (int)k == x ? 0 : count_for_series(sel, k, x);
		if (n < 2)
			continue;
		if (pool && total * n > SERIES_MAX / 2) {
			add_name(pooled, sel->keys->pdata[k]);
			continue;
		}
		total *= n;
		g_array_append_val(set->keys, k);
	}
	set->pooled = g_string_free(pooled, !pooled->len);
}

static gboolean has_key(const struct series_set *set, guint key)
{
	guint i;

	for (i = 0; i < set->keys->len; i++) {
		if (g_array_index(set->keys, guint, i) == key)
			return TRUE;
	}
	return FALSE;
}

static gboolean take_keys(struct series_set *set, const struct selection *sel, const char *wish,
			  int x, GError **error)
{
	char **names = g_strsplit(wish, ",", -1);
	GString *pooled = g_string_new(NULL);
	int i, key = 0;
	guint k;

	for (i = 0; names[i] && *wish && key >= 0; i++) {
		key = selection_find_key(sel, "--series", g_strstrip(names[i]), error);
		if (key < 0)
			break;
		k = key;
		if (key != x && !has_key(set, k))
			g_array_append_val(set->keys, k);
	}
	for (k = 0; k < sel->keys->len; k++) {
		if ((int)k != x && !has_key(set, k) && count_for_series(sel, k, x) > 1)
			add_name(pooled, sel->keys->pdata[k]);
	}
	set->pooled = g_string_free(pooled, !pooled->len);
	g_strfreev(names);
	return key >= 0;
}

/* What the algorithm brings along is a matter of kind. */
static void find_partial(struct series_set *set, const struct selection *sel)
{
	guint i;

	for (i = 0; i < set->keys->len; i++) {
		guint key = g_array_index(set->keys, guint, i);
		gboolean partial = axis_names(sel, key);

		g_array_append_val(set->partial, partial);
	}
}

/* Names of the keys whose values the labels of series have. */
static char *legend_title(const struct series_set *set, const struct selection *sel, int x)
{
	GString *title = g_string_new(NULL);
	guint i;

	for (i = 0; i < set->keys->len; i++) {
		guint key = g_array_index(set->keys, guint, i);

		if (count_on_axis(sel, key, x))
			add_name(title, short_name(sel->keys->pdata[key]));
	}
	return g_string_free(title, FALSE);
}

static void series_one_free(gpointer data)
{
	struct series *s = data;

	g_array_unref(s->cells);
	g_free(s->label);
	g_free(s);
}

struct series_set *series_new(const struct selection *sel, const char *wish, int x,
			      gboolean pool, gsize cell_size, GError **error)
{
	struct series_set *set = g_new0(struct series_set, 1);

	set->cell_size = cell_size;
	set->keys = g_array_new(FALSE, FALSE, sizeof(guint));
	set->partial = g_array_new(FALSE, FALSE, sizeof(gboolean));
	set->series = g_ptr_array_new_with_free_func(series_one_free);
	set->by_identity = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	set->groups = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	set->kinds = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	if (!wish) {
		choose_keys(set, sel, x, pool);
	} else if (!take_keys(set, sel, wish, x, error)) {
		series_free(set);
		return NULL;
	}
	find_partial(set, sel);
	set->legend = legend_title(set, sel, x);
	return set;
}

void series_free(struct series_set *set)
{
	g_hash_table_unref(set->by_identity);
	g_hash_table_unref(set->groups);
	g_hash_table_unref(set->kinds);
	g_ptr_array_unref(set->series);
	g_array_unref(set->partial);
	g_array_unref(set->keys);
	g_free(set->legend);
	g_free(set->pooled);
	g_free(set);
}

/* --- rows */

/* Numbers in the order in which texts are first seen. */
static guint number_in(GHashTable *seen, const char *text)
{
	gpointer value;

	if (g_hash_table_lookup_extended(seen, text, NULL, &value))
		return GPOINTER_TO_UINT(value);
	g_hash_table_insert(seen, g_strdup(text), GUINT_TO_POINTER(g_hash_table_size(seen)));
	return g_hash_table_size(seen) - 1;
}

/* The values of a row as texts: all of them, those of its group and of its kind, the label. */
struct naming {
	GString *identity, *group, *kind, *label;
};

static void naming_clear(struct naming *n)
{
	g_string_free(n->identity, TRUE);
	g_string_free(n->group, TRUE);
	g_string_free(n->kind, TRUE);
	g_string_free(n->label, TRUE);
}

static void name_row(struct naming *n, const struct series_set *set, const struct selection *sel,
		     const struct selection_row *row, gboolean column)
{
	guint i;

	for (i = 0; i < set->keys->len; i++) {
		guint key = g_array_index(set->keys, guint, i);
		const char *value = selection_value(sel, row, key);
		GString *part;

		if (column && g_array_index(set->partial, gboolean, i))
			value = NULL;
		g_string_append_printf(n->identity, "%s\x1f", value ? value : "\x1e");
		if (!value)
			continue;
		add_name(n->label, value);
		part = g_array_index(set->partial, gboolean, i) ? n->kind : n->group;
		g_string_append_printf(part, "%u=%s\x1f", key, value);
	}
	g_string_append(n->identity, !row->hw ? "" : row->mode ? row->mode : "hw");
}

static const char *source_label(const struct selection_row *row)
{
	if (!row->hw)
		return "sim";
	return g_strcmp0(row->mode, "checked") ? "hw" : "hw checked";
}

static struct series *series_make(struct series_set *set, struct naming *n,
				  const struct selection_row *row)
{
	struct series *s = g_new0(struct series, 1);

	s->hw = row->hw;
	s->mode = row->mode;
	s->group = number_in(set->groups, n->group->str);
	s->kind = number_in(set->kinds, n->kind->str);
	s->order = set->series->len;
	add_name(n->label, source_label(row));
	s->label = g_strdup(n->label->str);
	s->cells = g_array_new(FALSE, TRUE, set->cell_size);
	g_ptr_array_add(set->series, s);
	g_hash_table_insert(set->by_identity, g_strdup(n->identity->str), s);
	return s;
}

struct series *series_of(struct series_set *set, const struct selection *sel,
			 const struct selection_row *row, gboolean column)
{
	struct naming n = {
		g_string_new(NULL), g_string_new(NULL), g_string_new(NULL), g_string_new(NULL),
	};
	struct series *s;

	name_row(&n, set, sel, row, column);
	s = g_hash_table_lookup(set->by_identity, n.identity->str);
	if (!s)
		s = series_make(set, &n, row);
	s->on_axis |= !column;
	naming_clear(&n);
	return s;
}

/* --- order and looks */

/* What was simulated before what ran on hardware, each in the order of its first row. */
static int compare_series(gconstpointer a, gconstpointer b)
{
	const struct series *s = *(const struct series *const *)a;
	const struct series *t = *(const struct series *const *)b;

	if (s->hw != t->hw)
		return s->hw - t->hw;
	if (g_strcmp0(s->mode, t->mode))
		return -g_strcmp0(s->mode, t->mode);
	return s->order < t->order ? -1 : s->order > t->order;
}

gboolean series_named(const struct series_set *set, const struct series *s)
{
	guint i;

	for (i = 0; !s->on_axis && i < set->series->len; i++) {
		const struct series *t = set->series->pdata[i];

		if (t->on_axis && t->group == s->group && t->hw == s->hw &&
		    !g_strcmp0(t->mode, s->mode))
			return FALSE;
	}
	return TRUE;
}

static gboolean too_many(const struct series_set *set, const struct selection *sel, guint n,
			 GError **error)
{
	GString *keys = g_string_new(NULL);
	guint i;

	for (i = 0; i < set->keys->len; i++) {
		guint key = g_array_index(set->keys, guint, i);
		char *one = g_strdup_printf("%s (%u values)", (const char *)sel->keys->pdata[key],
					    count_values(sel, key));

		add_name(keys, one);
		g_free(one);
	}
	g_set_error(error, PLOT_ERROR, PLOT_ERROR_INPUT, "%u series cannot be told apart, %d can; "
		    "take fewer by --where KEY=VALUE, or pool some by --series KEY: series are "
		    "made of %s, each simulated or on hardware", n, SERIES_MAX,
		    keys->len ? keys->str : "no key");
	g_string_free(keys, TRUE);
	return FALSE;
}

gboolean series_finish(struct series_set *set, const struct selection *sel, GError **error)
{
	guint i, named = 0;

	g_ptr_array_sort(set->series, compare_series);
	for (i = 0; i < set->series->len; i++)
		named += series_named(set, set->series->pdata[i]);
	return named <= SERIES_MAX || too_many(set, sel, named, error);
}

const char *series_colour(const struct series_set *set, const struct series *s)
{
	guint n = g_hash_table_size(set->groups) > 1 ? s->group : s->kind;

	return palette[n % G_N_ELEMENTS(palette)];
}

int series_marker(const struct series_set *set, const struct series *s)
{
	gboolean by_kind = g_hash_table_size(set->kinds) > 1;
	guint n = by_kind ? s->kind : s->group;

	/* Beyond the palette colours come again: with another marker. */
	if (!by_kind)
		n += n / G_N_ELEMENTS(palette);
	return markers[n % G_N_ELEMENTS(markers)] - !!s->hw;
}

int series_dash(const struct series *s)
{
	if (!s->hw)
		return 1;
	return g_strcmp0(s->mode, "checked") ? 2 : 3;
}
