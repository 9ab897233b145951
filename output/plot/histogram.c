/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Walks by what one took: the share of walks in each bin, divided by the values in
 * it; on a logarithmic scale, so that a long tail shows. Few bins are drawn as bars,
 * side by side; many as a line for each series.
 *
 * Each series is one data block, $binsN, of lines
 * "x value low high count walks bin-low bin-high apart"; apart: 1 if the interval is
 * drawn as an error bar, as in a bin without neighbours.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "output/plot/caption.h"

#define BARS_MAX	50	/* highest value up to which bars have room */
#define LOG_X_FROM	300	/* an x axis that is longer is logarithmic */

struct cell {
	guint64 low, high;
	double count;
};

struct histogram {
	struct store *store;
	const struct plot *plot;
	struct selection *sel;
	struct series_set *set;
	struct plot_drawing *drawing;
	GHashTable *series_of_row;	/* place of a row + 1 -> series */
	double lowest, highest;		/* that are drawn */
	guint64 last;			/* the highest value that a bin holds */
};

static const struct selection_row *row_at(const struct histogram *h, guint i)
{
	return &g_array_index(h->sel->rows, struct selection_row, i);
}

static struct cell *cell_at(const struct series *s, guint i)
{
	return &g_array_index(s->cells, struct cell, i);
}

/* Series have the sums of their rows, of which walks and their squares count here. */
static gboolean make_series(struct histogram *h, GError **error)
{
	guint i;

	for (i = 0; i < h->sel->rows->len; i++) {
		struct series *s = series_of(h->set, h->sel, row_at(h, i), FALSE);

		interval_sums_add(&s->sums, &row_at(h, i)->sums);
		g_hash_table_insert(h->series_of_row, GUINT_TO_POINTER(i + 1), s);
	}
	return series_finish(h->set, h->sel, error);
}

/* --- bins */

/* Rows are in the order of the query's: by point, then source and mode, both downwards. */
struct bins {
	struct histogram *h;
	guint at;
};

static gboolean same_row(const struct selection_row *row, gint64 point, gboolean hw,
			 const char *mode)
{
	return row->point->id == point && row->hw == hw && !g_strcmp0(row->mode, mode);
}

static struct series *bin_series(struct bins *b, const struct store_row *row)
{
	gint64 point = strtoll(row->values[0], NULL, 10);
	gboolean hw = !strcmp(row->values[1], "hw");
	guint i, n = b->h->sel->rows->len;

	for (i = b->at; i < n && row_at(b->h, i)->point->id <= point; i++) {
		if (!same_row(row_at(b->h, i), point, hw, row->values[2]))
			continue;
		b->at = i;
		return g_hash_table_lookup(b->h->series_of_row, GUINT_TO_POINTER(i + 1));
	}
	return NULL;
}

/* Bins of one row come in order, those of the series' rows before it are there already. */
static gboolean on_bin(const struct store_row *row, gpointer data)
{
	struct bins *b = data;
	struct series *s = bin_series(b, row);
	const struct cell cell = {
		.low = strtoull(row->values[3], NULL, 10),
		.high = strtoull(row->values[4], NULL, 10),
		.count = g_ascii_strtod(row->values[5], NULL),
	};

	if (s)
		g_array_append_val(s->cells, cell);
	return TRUE;
}

static int compare_cells(gconstpointer a, gconstpointer b)
{
	const struct cell *c = a, *d = b;

	if (c->low != d->low)
		return c->low < d->low ? -1 : 1;
	return c->high < d->high ? -1 : c->high > d->high;
}

/* Equal bins of several points become one. */
static void join_cells(struct series *s)
{
	guint from, to = 0;

	g_array_sort(s->cells, compare_cells);
	for (from = 0; from < s->cells->len; from++) {
		const struct cell *c = cell_at(s, from);

		if (to && !compare_cells(cell_at(s, to - 1), c))
			cell_at(s, to - 1)->count += c->count;
		else
			*cell_at(s, to++) = *c;
	}
	g_array_set_size(s->cells, to);
}

static void find_last(struct histogram *h)
{
	guint i;

	for (i = 0; i < h->set->series->len; i++) {
		const struct series *s = h->set->series->pdata[i];

		if (s->cells->len)
			h->last = MAX(h->last, cell_at(s, s->cells->len - 1)->high);
	}
}

static gboolean load_bins(struct histogram *h, GError **error)
{
	GString *sql = g_string_new(NULL);
	struct bins b = { .h = h };
	gint64 before = -1;
	gboolean ok;
	guint i;

	g_string_printf(sql, "SELECT point_id, source, mode, low, high, count FROM %s WHERE "
			"experiment_id IN (", h->plot->view);
	for (i = 0; i < h->sel->points->len; i++) {
		const struct selection_point *p = &g_array_index(h->sel->points,
								 struct selection_point, i);
		gint64 id = selection_experiment_of(h->sel, p)->id;

		if (id != before)
			g_string_append_printf(sql, "%s%" G_GINT64_FORMAT, i ? "," : "", id);
		before = id;
	}
	g_string_append(sql, ") ORDER BY point_id, source DESC, mode DESC, low");
	ok = store_query(h->store, sql->str, on_bin, &b, error, NULL);
	g_string_free(sql, TRUE);
	for (i = 0; ok && i < h->set->series->len; i++)
		join_cells(h->set->series->pdata[i]);
	find_last(h);
	return ok;
}

static double total_of(const struct series *s)
{
	double total = 0;
	guint i;

	for (i = 0; i < s->cells->len; i++)
		total += cell_at(s, i)->count;
	return total;
}

/* --- data */

static gboolean bars(const struct histogram *h)
{
	return h->last <= BARS_MAX;
}

/* Bars stand side by side, lines have their points in the middle of the bin. */
static double place_of(const struct histogram *h, guint n, const struct cell *c)
{
	guint series = h->set->series->len;
	double middle = c->low / 2.0 + c->high / 2.0;

	return bars(h) ? middle + (n - (series - 1) / 2.0) * 0.8 / series : middle;
}

/* Is the bin before i next to it? */
static gboolean joined(const struct series *s, guint i)
{
	return i && i < s->cells->len && cell_at(s, i)->low == cell_at(s, i - 1)->high + 1;
}

static void put_bin(struct histogram *h, GString *out, guint n, guint bin, double total)
{
	const struct series *s = h->set->series->pdata[n];
	const struct cell *c = cell_at(s, bin);
	gboolean apart = bars(h) || (!joined(s, bin) && !joined(s, bin + 1));
	const struct interval_sums sums = {
		.n = s->sums.n, .x = c->count, .y = total, .yy = s->sums.yy,
	};
	double width = c->high - c->low + 1.0;
	struct interval i;

	h->plot->interval(&sums, &i);
	i.value /= width;
	/* Samples of hardware are few and say nothing of how walks of one hang together. */
	i.known = i.known && !s->hw;
	i.low = i.known ? i.low / width : NAN;
	i.high = i.known ? i.high / width : NAN;
	script_numbers(out, (const double[]){ place_of(h, n, c), i.value, i.low, i.high, c->count,
					      total, c->low, c->high, apart }, 9);
	h->lowest = fmin(h->lowest, i.value);
	h->highest = fmax(h->highest, i.known ? i.high : i.value);
	h->drawing->points++;
}

static void put_block(struct histogram *h, GString *out, guint n)
{
	const struct series *s = h->set->series->pdata[n];
	double total = total_of(s);
	guint i;

	g_string_append_printf(out, "$bins%u << EOD\n", n);
	script_comment(out, s->label);
	g_string_append(out, "# x value low high count walks bin-low bin-high apart\n");
	for (i = 0; i < s->cells->len; i++) {
		/* An empty bin between two: the line ends. */
		if (i && !joined(s, i))
			g_string_append_c(out, '\n');
		put_bin(h, out, n, i, total);
	}
	g_string_append(out, "EOD\n");
}

static void put_intervals(const struct histogram *h, GString *out, guint n)
{
	const struct series *s = h->set->series->pdata[n];

	if (s->hw)
		return;
	if (!bars(h))
		g_string_append_printf(out, "\\\n\t$bins%u using 1:3:4 with filledcurves "
				       "linecolor rgb '%s' notitle, ", n,
				       series_colour(h->set, s));
	/* A bin that stands alone has no area. */
	g_string_append_printf(out, "\\\n\t$bins%u using 1:($9 > 0 ? $2 : NaN):3:4 with yerrorbars "
			       "pointtype 0 linecolor rgb '%s' notitle, ", n,
			       series_colour(h->set, s));
}

static void put_looks(const struct histogram *h, GString *out, guint n)
{
	const struct series *s = h->set->series->pdata[n];
	const char *colour = series_colour(h->set, s);

	if (bars(h))
		g_string_append_printf(out, "\\\n\t$bins%u using 1:2 with impulses linewidth %d "
				       "linecolor rgb '%s' notitle, ", n, s->hw ? 1 : 2, colour);
	g_string_append_printf(out, "\\\n\t$bins%u using 1:2 with %s pointtype %d pointsize 0.8 "
			       "linecolor rgb '%s'", n, bars(h) ? "points" : "linespoints",
			       series_marker(h->set, s), colour);
	if (!bars(h))
		g_string_append_printf(out, " linewidth 1.6 dashtype %d", series_dash(s));
	g_string_append(out, " title ");
	script_text(out, s->label, 32);
	g_string_append(out, ", ");
}

static void put_data(struct histogram *h, GString *data, GString *commands)
{
	GString *lines = g_string_new(NULL);
	guint n;

	g_string_append(commands, "plot ");
	for (n = 0; n < h->set->series->len; n++) {
		if (!((struct series *)h->set->series->pdata[n])->cells->len)
			continue;
		put_block(h, data, n);
		put_intervals(h, commands, n);
		put_looks(h, lines, n);
	}
	g_string_append(commands, lines->str);
	g_string_truncate(commands, commands->len - strlen(", "));
	g_string_append_c(commands, '\n');
	g_string_free(lines, TRUE);
}

/* --- the script */

static void put_x(const struct histogram *h, GString *out)
{
	double high = h->last + 0.5;

	g_string_append(out, "set xlabel 'steps of a walk (loads of a list word, all passes)'\n");
	if (h->last >= LOG_X_FROM)
		g_string_append(out, "set logscale x\nset xrange [0.5:");
	else
		g_string_append(out, "set xrange [-0.5:");
	script_number(out, h->last >= LOG_X_FROM ? high * 1.1 : high + 0.5);
	g_string_append(out, "]\n");
}

static double power_below(double y)
{
	return pow(10, floor(log10(y)));
}

static void say_query(struct histogram *h)
{
	const struct selection_row *row = row_at(h, 0);
	const struct series *s = g_hash_table_lookup(h->series_of_row, GUINT_TO_POINTER(1));
	const char *mode = !row->hw ? "" : g_strcmp0(row->mode, "checked") ?
			   " AND mode = 'timing'" : " AND mode = 'checked'";
	char *words;

	if (s->sums.y != row->sums.y || !s->cells->len)
		return;
	words = caption_row(h->sel, row);
	h->drawing->query = g_strdup_printf(
		"SELECT share FROM %s WHERE point_id = %" G_GINT64_FORMAT " AND source = '%s'%s "
		"AND low = %" G_GUINT64_FORMAT, h->plot->view, row->point->id,
		row->hw ? "hw" : "sim", mode, cell_at(s, 0)->low);
	h->drawing->shown = g_strdup_printf("%.6g at %" G_GUINT64_FORMAT " steps, %s",
					    cell_at(s, 0)->count / total_of(s), cell_at(s, 0)->low,
					    words);
	g_free(words);
}

static gboolean put_script(struct histogram *h, enum plot_format format, GError **error)
{
	GString *data = g_string_new(NULL), *commands = g_string_new(NULL), *out;
	struct script_head head = { 0 };
	gboolean ok;

	ok = caption_make(&head, h->store, h->plot, h->sel, NULL, h->set, error);
	if (ok) {
		out = g_string_new(NULL);
		put_data(h, data, commands);
		script_begin(out, format, &head);
		put_x(h, out);
		script_y(out, h->plot->y_title, power_below(h->lowest), h->highest * 1.5, TRUE);
		script_legend(out, h->set->legend);
		g_string_append(out, data->str);
		g_string_append(out, commands->str);
		h->drawing->series = h->set->series->len;
		h->drawing->script = g_string_free(out, FALSE);
		h->drawing->remark = selection_left_out(h->sel);
		say_query(h);
	}
	script_head_clear(&head);
	g_string_free(data, TRUE);
	g_string_free(commands, TRUE);
	return ok;
}

static gboolean check_bins(const struct histogram *h, GError **error)
{
	guint i;

	for (i = 0; i < h->set->series->len; i++) {
		if (((struct series *)h->set->series->pdata[i])->cells->len)
			return TRUE;
	}
	g_set_error(error, PLOT_ERROR, PLOT_ERROR_INPUT, "%s: no histograms for plot %s; 'rmapsim "
		    "sweep SCENARIO --db FILE' stores them with each batch",
		    store_path(h->store), h->plot->name);
	return FALSE;
}

gboolean plot_draw_histogram(struct store *s, const struct plot *plot,
			     const struct plot_request *request, struct plot_drawing *drawing,
			     GError **error)
{
	struct histogram h = { .store = s, .plot = plot, .drawing = drawing, .lowest = INFINITY };
	gboolean ok = FALSE;

	if (request->x || request->y_scale) {
		g_set_error(error, PLOT_ERROR, PLOT_ERROR_INPUT, "--x, --y-scale: plot %s has axes "
			    "of its own; choose by --where and --series", plot->name);
		return FALSE;
	}
	h.sel = selection_new(s, plot, "plot_steps_per_walk", request, error);
	if (!h.sel)
		return FALSE;
	h.series_of_row = g_hash_table_new(NULL, NULL);
	h.set = series_new(h.sel, request->series, -1, TRUE, sizeof(struct cell), error);
	if (h.set)
		ok = make_series(&h, error) && load_bins(&h, error) && check_bins(&h, error) &&
		     put_script(&h, request->format, error);
	if (h.set)
		series_free(h.set);
	g_hash_table_unref(h.series_of_row);
	selection_free(h.sel);
	return ok;
}
