/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A figure of each point against one key: a curve with its band for each series,
 * columns with error bars for algorithms that do not have the key.
 *
 * Each series is one or two data blocks in the script, $curveN and $columnN, of lines
 * "x value low high numerator denominator clusters".
 */
#include <math.h>
#include <string.h>
#include "output/plot/caption.h"

#define LOG_FROM	100	/* ratio of values from which the scale is logarithmic */

struct cell {
	guint tick;
	struct interval_sums sums;
};

struct curves {
	struct store *store;
	const struct plot *plot;
	struct selection *sel;
	struct axis *axis;
	struct series_set *set;
	struct plot_drawing *drawing;
	double high;			/* the highest thing drawn */
	double value_low, value_high;	/* of the values above 0 */
	guint zeros;			/* values that are 0 */
	double floor;			/* a logarithmic scale's lower end; 0: it is linear */
};

static struct cell *cell_at(const struct series *s, guint i)
{
	return &g_array_index(s->cells, struct cell, i);
}

/* Rows come by point: the cell that is looked for is often the last one. */
static struct cell *cell_of(struct series *s, guint tick)
{
	const struct cell fresh = { .tick = tick };
	guint i;

	for (i = s->cells->len; i-- > 0;) {
		if (cell_at(s, i)->tick == tick)
			return cell_at(s, i);
	}
	g_array_append_val(s->cells, fresh);
	return cell_at(s, s->cells->len - 1);
}

static int compare_cells(gconstpointer a, gconstpointer b)
{
	const struct cell *c = a, *d = b;

	return c->tick < d->tick ? -1 : c->tick > d->tick;
}

static gboolean fill(struct curves *c, GError **error)
{
	guint i;

	for (i = 0; i < c->sel->rows->len; i++) {
		const struct selection_row *row = &g_array_index(c->sel->rows, struct selection_row,
								 i);
		guint tick = axis_tick_of(c->axis, c->sel, row);
		struct series *s = series_of(c->set, c->sel, row, tick >= c->axis->values);

		interval_sums_add(&cell_of(s, tick)->sums, &row->sums);
	}
	for (i = 0; i < c->set->series->len; i++)
		g_array_sort(((struct series *)c->set->series->pdata[i])->cells, compare_cells);
	return series_finish(c->set, c->sel, error);
}

/* --- data */

static gboolean in_columns(const struct curves *c, guint series)
{
	const struct series *s = c->set->series->pdata[series];

	return s->cells->len && cell_at(s, s->cells->len - 1)->tick >= c->axis->values;
}

/* In a column, series stand side by side. */
static double place_of(const struct curves *c, guint series, guint tick)
{
	double at = g_array_index(c->axis->ticks, struct axis_tick, tick).at;
	guint i, n = 0, before = 0;

	if (tick < c->axis->values)
		return at;
	for (i = 0; i < c->set->series->len; i++) {
		before += i < series && in_columns(c, i);
		n += in_columns(c, i);
	}
	return at + (before - (n - 1) / 2.0) * MIN(0.7 / n, 0.2) * c->axis->step;
}

static void put_cell(struct curves *c, GString *out, guint series, const struct cell *cell)
{
	const struct interval_sums *sums = &cell->sums;
	struct interval i;

	c->plot->interval(sums, &i);
	script_numbers(out, (const double[]){ place_of(c, series, cell->tick), i.value, i.low,
					      i.high, sums->x, sums->y, sums->n }, 7);
	c->high = fmax(c->high, i.known ? i.high : i.value);
	c->drawing->points++;
	c->zeros += i.value <= 0;
	if (i.value > 0) {
		c->value_low = fmin(c->value_low, i.value);
		c->value_high = fmax(c->value_high, i.value);
	}
}

/* The cells on the axis, or those in its columns; how many that are. */
static guint put_block(struct curves *c, GString *out, guint n, gboolean columns)
{
	const struct series *s = c->set->series->pdata[n];
	guint i, cells = 0;

	for (i = 0; i < s->cells->len; i++) {
		const struct cell *cell = cell_at(s, i);

		if ((cell->tick >= c->axis->values) != columns)
			continue;
		if (!cells++) {
			g_string_append_printf(out, "$%s%u << EOD\n",
					       columns ? "column" : "curve", n);
			script_comment(out, s->label);
			g_string_append(out, "# x value low high numerator denominator clusters\n");
		}
		put_cell(c, out, n, cell);
	}
	if (cells)
		g_string_append(out, "EOD\n");
	return cells;
}

/* --- what draws them */

static void put_looks(const struct curves *c, GString *out, const struct series *s, gboolean line)
{
	if (line)
		g_string_append_printf(out, " linewidth 1.6 dashtype %d", series_dash(s));
	g_string_append_printf(out, " pointtype %d pointsize 1.1 linecolor rgb '%s'",
			       series_marker(c->set, s), series_colour(c->set, s));
}

/* A curve's line stands in the legend, or its column if that is all there is. */
static void put_title(GString *out, const struct series *s, gboolean titled)
{
	if (titled) {
		g_string_append(out, " title ");
		script_text(out, s->label, 32);
	} else {
		g_string_append(out, " notitle");
	}
}

static void put_curve(const struct curves *c, GString *bands, GString *lines, guint n,
		      gboolean single)
{
	const struct series *s = c->set->series->pdata[n];

	if (!s->hw && !single)
		g_string_append_printf(bands, "\\\n\t$curve%u using 1:(on($3)):(on($4)) "
				       "with filledcurves linecolor rgb '%s' notitle, ", n,
				       series_colour(c->set, s));
	else
		g_string_append_printf(bands, "\\\n\t$curve%u using "
				       "1:(on($2)):(on($3)):(on($4)) with yerrorbars pointtype 0 "
				       "linecolor rgb '%s' notitle, ", n, series_colour(c->set, s));
	g_string_append_printf(lines, "\\\n\t$curve%u using 1:(on($2)) with linespoints", n);
	put_looks(c, lines, s, TRUE);
	put_title(lines, s, TRUE);
	g_string_append(lines, ", ");
}

static void put_column(const struct curves *c, GString *lines, guint n, gboolean titled)
{
	const struct series *s = c->set->series->pdata[n];

	/* The error bars apart: an interval that is not known takes no point away. */
	g_string_append_printf(lines, "\\\n\t$column%u using 1:(on($2)):(on($3)):(on($4)) with "
			       "yerrorbars pointtype 0 linecolor rgb '%s' notitle, ", n,
			       series_colour(c->set, s));
	g_string_append_printf(lines, "\\\n\t$column%u using 1:(on($2)) with points", n);
	put_looks(c, lines, s, FALSE);
	put_title(lines, s, titled && series_named(c->set, s));
	g_string_append(lines, ", ");
}

static void put_data(struct curves *c, GString *data, GString *commands)
{
	GString *lines = g_string_new(NULL);
	guint n, on_axis, in_columns;

	g_string_append(commands, "plot ");
	for (n = 0; n < c->set->series->len; n++) {
		on_axis = put_block(c, data, n, FALSE);
		in_columns = put_block(c, data, n, TRUE);
		if (on_axis)
			put_curve(c, commands, lines, n, on_axis == 1);
		if (in_columns)
			put_column(c, lines, n, !on_axis);
	}
	g_string_append(commands, lines->str);
	g_string_truncate(commands, commands->len - strlen(", "));
	g_string_append_c(commands, '\n');
	g_string_free(lines, TRUE);
}

/* --- the script */

/* The query of the first row, which is a number of the plot unless it is pooled with others. */
static void say_query(struct curves *c)
{
	const struct selection_row *row = &g_array_index(c->sel->rows, struct selection_row, 0);
	guint tick = axis_tick_of(c->axis, c->sel, row);
	struct series *s = series_of(c->set, c->sel, row, tick >= c->axis->values);
	const char *mode = !row->hw ? "" : g_strcmp0(row->mode, "checked") ?
			   " AND mode = 'timing'" : " AND mode = 'checked'";
	char *words;

	if (cell_of(s, tick)->sums.y != row->sums.y)
		return;
	words = caption_row(c->sel, row);
	c->drawing->query = g_strdup_printf(
		"SELECT value FROM %s WHERE point_id = %" G_GINT64_FORMAT " AND source = '%s'%s",
		c->plot->view, row->point->id, row->hw ? "hw" : "sim", mode);
	c->drawing->shown = g_strdup_printf("%.6g at %s", row->sums.x / row->sums.y, words);
	g_free(words);
}

/* A little room above what is highest; a share ends at 1. */
static double top_of(const struct curves *c)
{
	if (c->high <= 0)
		return 1;
	if (c->floor)
		return c->plot->share ? fmin(c->high * 1.3, 1.2) : c->high * 1.3;
	return c->plot->share ? fmin(c->high * 1.06, 1.02) : c->high * 1.06;
}

/* Values far apart are on a logarithmic scale, unless the user wants it otherwise. */
static gboolean choose_scale(struct curves *c, const char *wish, GError **error)
{
	gboolean log = c->value_high > LOG_FROM * c->value_low;

	if (wish && strcmp(wish, "linear") && strcmp(wish, "log")) {
		g_set_error(error, PLOT_ERROR, PLOT_ERROR_INPUT, "--y-scale %s: valid are linear, "
			    "log", wish);
		return FALSE;
	}
	if (wish)
		log = !strcmp(wish, "log") && c->value_high > 0;
	c->floor = log ? pow(10, floor(log10(c->value_low * 0.999))) : 0;
	return TRUE;
}

/* on(y): y, or the lower edge where there is no such place on a logarithmic scale. */
static void put_y(const struct curves *c, GString *out)
{
	char *title = g_strconcat(c->plot->y_title, c->floor ? " (log scale)" : "", NULL);

	g_string_append(out, "on(y) = y < ");
	script_number(out, c->floor);
	g_string_append(out, " ? ");
	script_number(out, c->floor);
	g_string_append(out, " : y\n");
	script_y(out, title, c->floor, top_of(c), c->floor > 0);
	g_free(title);
}

static gboolean put_script(struct curves *c, const struct plot_request *request, GError **error)
{
	GString *out = g_string_new(NULL), *data = g_string_new(NULL);
	GString *commands = g_string_new(NULL);
	char *against = axis_caption(c->axis, c->sel);
	struct script_head head = { 0 };
	gboolean ok;

	put_data(c, data, commands);
	ok = choose_scale(c, request->y_scale, error) &&
	     caption_make(&head, c->store, c->plot, c->sel, against, c->set, error);
	if (ok) {
		if (c->floor && c->zeros)
			g_string_append(head.below, " On the lower edge: 0.");
		head.slant = script_labels_slant(c->axis);
		script_begin(out, request->format, &head);
		script_axis(out, c->axis, c->sel);
		put_y(c, out);
		script_legend(out, c->set->legend);
		g_string_append(out, data->str);
		g_string_append(out, commands->str);
		c->drawing->series = c->set->series->len;
		c->drawing->script = g_string_free(out, FALSE);
		c->drawing->remark = selection_left_out(c->sel);
		say_query(c);
	} else {
		g_string_free(out, TRUE);
	}
	script_head_clear(&head);
	g_free(against);
	g_string_free(data, TRUE);
	g_string_free(commands, TRUE);
	return ok;
}

gboolean plot_draw_curves(struct store *s, const struct plot *plot,
			  const struct plot_request *request, struct plot_drawing *drawing,
			  GError **error)
{
	struct curves c = {
		.store = s, .plot = plot, .drawing = drawing, .value_low = INFINITY,
	};
	gboolean ok = FALSE;

	c.sel = selection_new(s, plot, plot->view, request, error);
	if (!c.sel)
		return FALSE;
	c.axis = axis_new(c.sel, request->x, error);
	if (c.axis)
		c.set = series_new(c.sel, request->series, c.axis->key, FALSE,
				   sizeof(struct cell), error);
	if (c.set) {
		axis_place_columns(c.axis, c.sel, c.set->keys);
		ok = fill(&c, error) && put_script(&c, request, error);
	}
	if (c.set)
		series_free(c.set);
	if (c.axis)
		axis_free(c.axis);
	selection_free(c.sel);
	return ok;
}
