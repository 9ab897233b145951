/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What writers and walkers get done with each algorithm: on hardware in a second, simulated
 * in a thousand points, in two panels side by side with one axis of algorithms. Points are
 * no time. The panels have scales of their own: what can be compared is the order.
 *
 * Each series is one data block in a panel, $hwN and $simN, of lines
 * "place value low high samples" and "place value low high numerator denominator runs".
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "output/plot/caption.h"
#include "output/plot/filter.h"

#define LOG_FROM	100	/* ratio of values from which a scale is logarithmic */
#define COMBOS_MAX	6	/* markers that can be told apart */
#define LABEL_CHARS	24
#define LABEL_WIDTH	0.008	/* of a character, of the image */
#define MARKER_WIDTH	0.06	/* in the legend, with what is around it */
#define PANELS_GAP	0.03
#define TICKS		5	/* of a scale, about */

enum measure { WRITES, WALKS, MEASURES };

static const struct {
	const char *view, *word, *colour;
} measures[MEASURES] = {
	[WRITES] = { "plot_writes_throughput", "writes", "#D55E00" },
	[WALKS] = { "plot_walks_throughput", "walks", "#0072B2" },
};

static const struct {
	const char *block, *title, *x_title, *columns;
} panels[2] = {
	{ "sim", "simulated: per 1,000 points, which are no time", "operations per 1,000 points",
	  "numerator denominator runs" },
	{ "hw", "hardware: per second", "operations per second", "samples" },
};

/* A number in each panel for each measure: of an algorithm, with one setting of the rest. */
struct cell {
	struct interval_sums sums[MEASURES];
	GArray *rates[MEASURES];	/* of double: a sample each */
};

struct throughput {
	struct store *store;
	const struct plot *plot;
	struct selection *sel[MEASURES];	/* the same rows, each with its own sums */
	struct plot_drawing *drawing;
	GPtrArray *rows, *combos;	/* labels: of the axis, of the legend */
	struct cell *cells;		/* rows->len * combos->len */
	GHashTable *cell_of;		/* place of a hardware point + 1 -> cell */
	double low, high;		/* of what the present panel shows; low: above 0 */
};

static const struct selection_row *row_at(const struct throughput *t, guint measure, guint i)
{
	return &g_array_index(t->sel[measure]->rows, struct selection_row, i);
}

/* --- which cell a row belongs to */

static gboolean several_values(const struct selection *sel, guint key)
{
	GPtrArray *values = selection_values(sel, key);
	gboolean several = values->len > 1;

	g_ptr_array_unref(values);
	return several;
}

/* An algorithm's own keys are told on the axis, beside its name; all others by the legend. */
static gboolean on_axis(const struct selection *sel, guint key)
{
	return key >= SELECTION_BUILTINS && axis_names(sel, key);
}

/* The values of a row that stand on the axis, or in the legend; free it. */
static char *label_of(const struct selection *sel, const struct selection_row *row, gboolean axis)
{
	GString *label = g_string_new(axis ? selection_value(sel, row, SELECTION_ALGORITHM) : "");
	guint k;

	for (k = SELECTION_ALGORITHM + 1; k < sel->keys->len; k++) {
		const char *value = selection_value(sel, row, k);

		if (value && on_axis(sel, k) == axis && several_values(sel, k))
			g_string_append_printf(label, "%s%s", label->len ? ", " : "", value);
	}
	return g_string_free(label, FALSE);
}

/* Place of a label among those there are; takes it. */
static guint place_of(GPtrArray *labels, char *label)
{
	guint place;

	if (g_ptr_array_find_with_equal_func(labels, label, g_str_equal, &place)) {
		g_free(label);
		return place;
	}
	g_ptr_array_add(labels, label);
	return labels->len - 1;
}

/* A row's algorithm and its combination, as places; their product is not known before the end. */
struct place {
	guint row, combo;
};

static void find_places(struct throughput *t, struct place *at)
{
	guint i;

	for (i = 0; i < t->sel[WRITES]->rows->len; i++) {
		const struct selection_row *row = row_at(t, WRITES, i);

		at[i].row = place_of(t->rows, label_of(t->sel[WRITES], row, TRUE));
		at[i].combo = place_of(t->combos, label_of(t->sel[WRITES], row, FALSE));
	}
}

static void fill_row(struct throughput *t, guint i, struct cell *cell)
{
	const struct selection_row *row = row_at(t, WRITES, i);
	guint m, point = row->point - (struct selection_point *)t->sel[WRITES]->points->data;

	if (row->hw) {
		g_hash_table_insert(t->cell_of, GUINT_TO_POINTER(point + 1), cell);
		return;
	}
	for (m = 0; m < MEASURES; m++)
		interval_sums_add(&cell->sums[m], &row_at(t, m, i)->sums);
}

static gboolean fill(struct throughput *t, GError **error)
{
	guint i, m, n = t->sel[WRITES]->rows->len;
	struct place *at = g_new0(struct place, n);

	find_places(t, at);
	t->cells = g_new0(struct cell, t->rows->len * t->combos->len);
	for (i = 0; i < t->rows->len * t->combos->len; i++) {
		for (m = 0; m < MEASURES; m++)
			t->cells[i].rates[m] = g_array_new(FALSE, FALSE, sizeof(double));
	}
	for (i = 0; i < n; i++)
		fill_row(t, i, &t->cells[at[i].row * t->combos->len + at[i].combo]);
	g_free(at);
	if (t->combos->len <= COMBOS_MAX)
		return TRUE;
	g_set_error(error, PLOT_ERROR, PLOT_ERROR_INPUT, "%u settings cannot be told apart, %d "
		    "can; take fewer by --where KEY=VALUE", t->combos->len, COMBOS_MAX);
	return FALSE;
}

/* --- samples */

static gboolean on_sample(const struct store_row *row, gpointer data)
{
	struct throughput *t = data;
	int place = selection_find_point(t->sel[WRITES], strtoll(row->values[0], NULL, 10));
	struct cell *cell = g_hash_table_lookup(t->cell_of, GUINT_TO_POINTER(place + 1));
	guint m;

	for (m = 0; cell && m < MEASURES; m++) {
		double rate = g_ascii_strtod(row->values[1 + m], NULL);

		g_array_append_val(cell->rates[m], rate);
	}
	return TRUE;
}

/* Good samples in timing mode, as the views have them. */
static gboolean load_samples(struct throughput *t, GError **error)
{
	GString *sql = g_string_new(
		"SELECT point_id, writes_per_second, walks_per_second FROM hw_sample "
		"WHERE outcome = 'ok' AND mode = 'timing' AND writes_per_second IS NOT NULL AND "
		"walks_per_second IS NOT NULL AND point_id IN (");
	GHashTableIter iter;
	gpointer place, cell;
	const char *sep = "";
	gboolean ok;

	g_hash_table_iter_init(&iter, t->cell_of);
	while (g_hash_table_iter_next(&iter, &place, &cell)) {
		const struct selection_point *p = &g_array_index(t->sel[WRITES]->points,
			struct selection_point, GPOINTER_TO_UINT(place) - 1);

		g_string_append_printf(sql, "%s%" G_GINT64_FORMAT, sep, p->id);
		sep = ",";
	}
	g_string_append(sql, ") ORDER BY point_id, repetition");
	ok = store_query(t->store, sql->str, on_sample, t, error, NULL);
	g_string_free(sql, TRUE);
	return ok;
}

/* Both panels, unless --where wants one of them alone. */
static gboolean check_sources(const struct throughput *t, GError **error)
{
	const GArray *filters = t->sel[WRITES]->filters;
	const char *path = store_path(t->store);
	gboolean there[2] = { FALSE, FALSE };
	char *word;
	guint i;

	for (i = 0; i < t->sel[WRITES]->rows->len; i++)
		there[row_at(t, WRITES, i)->hw] = TRUE;
	if ((there[0] || !filters_want_source(filters, FALSE)) &&
	    (there[1] || !filters_want_source(filters, TRUE)))
		return TRUE;
	word = g_shell_quote(path);
	if (there[0])
		g_set_error(error, PLOT_ERROR, PLOT_ERROR_INPUT, "%s: no samples on hardware in "
			    "timing mode for plot %s; 'rmapsim hw SCENARIO --table --samples 10 "
			    "--db %s' makes some, --where source=sim draws the simulated ones "
			    "alone", path, t->plot->name, word);
	else
		g_set_error(error, PLOT_ERROR, PLOT_ERROR_INPUT, "%s: nothing simulated for plot "
			    "%s; 'rmapsim sweep SCENARIO --db %s' makes some, --where source=hw "
			    "draws the samples on hardware alone", path, t->plot->name, word);
	g_free(word);
	return FALSE;
}

/* --- data */

static guint series_number(const struct throughput *t, guint combo, guint measure)
{
	return measure * t->combos->len + combo;
}

/* Series stand side by side within their algorithm's room. */
static double place_in(const struct throughput *t, guint row, guint series)
{
	guint n = t->combos->len * MEASURES;

	return row + (series - (n - 1) / 2.0) * 0.72 / n;
}

static void put_line(struct throughput *t, GString *out, double place, const struct interval *i)
{
	script_numbers(out, (const double[]){ place, i->value, i->known ? i->low : NAN,
					      i->known ? i->high : NAN }, 4);
	out->str[out->len - 1] = ' ';
	if (i->value > 0)
		t->low = fmin(t->low, i->value);
	t->high = fmax(t->high, i->known ? i->high : i->value);
	t->drawing->points++;
}

static void put_cell(struct throughput *t, GString *out, gboolean hw, double place,
		     const struct cell *cell, guint measure)
{
	const struct interval_sums *sums = &cell->sums[measure];
	GArray *rates = cell->rates[measure];
	struct interval i;

	if (hw && rates->len) {
		interval_median((double *)(gpointer)rates->data, rates->len, &i);
		put_line(t, out, place, &i);
		script_numbers(out, (const double[]){ rates->len }, 1);
	} else if (!hw && sums->n > 0) {
		interval_mean(sums, &i);
		put_line(t, out, place, &i);
		script_numbers(out, (const double[]){ sums->x, sums->y, sums->n }, 3);
	}
}

/* "walks, rwlock"; free it. */
static char *series_label(const struct throughput *t, guint combo, guint measure)
{
	const char *words = t->combos->pdata[combo];

	return g_strdup_printf("%s%s%s", measures[measure].word, *words ? ", " : "", words);
}

static void put_block(struct throughput *t, GString *out, gboolean hw, guint combo, guint measure)
{
	guint n = series_number(t, combo, measure), row;
	char *label = series_label(t, combo, measure);

	g_string_append_printf(out, "$%s%u << EOD\n", panels[hw].block, n);
	script_comment(out, label);
	g_string_append_printf(out, "# place value low high %s\n", panels[hw].columns);
	for (row = 0; row < t->rows->len; row++)
		put_cell(t, out, hw, place_in(t, row, n),
			 &t->cells[row * t->combos->len + combo], measure);
	g_string_append(out, "EOD\n");
	g_free(label);
}

/* --- a panel */

/* Filled: circle, square, triangle up, rhombus, triangle down, pentagon. */
static int marker(guint combo)
{
	static const int markers[COMBOS_MAX] = { 7, 5, 9, 13, 11, 15 };

	return markers[combo];
}

static void put_ticks(const struct throughput *t, GString *out, gboolean labelled)
{
	guint i;

	g_string_append(out, "set ytics (");
	for (i = 0; i < t->rows->len; i++) {
		g_string_append(out, i ? ", " : "");
		script_label(out, labelled ? t->rows->pdata[i] : "", LABEL_CHARS);
		g_string_append_printf(out, " %u", i);
	}
	g_string_append_printf(out, ")\nset yrange [%u.5:-0.5]\n", t->rows->len - 1);
}

/* The lower end of the scale; 0: it is linear. */
static double floor_of(const struct throughput *t, const char *wish)
{
	gboolean log = wish ? !strcmp(wish, "log") : t->high > LOG_FROM * t->low;

	return log && t->high > 0 ? pow(10, floor(log10(t->low * 0.999))) : 0;
}

/* 1, 2 or 5 times a power of ten: not more ticks than have room for their labels. */
static double step_of(double top)
{
	double power = pow(10, floor(log10(top / TICKS))), m = top / TICKS / power;

	return power * (m <= 1 ? 1 : m <= 2 ? 2 : m <= 5 ? 5 : 10);
}

static void put_scale(const struct throughput *t, GString *out, gboolean hw, const char *wish)
{
	double least = floor_of(t, wish), top = t->high * (least ? 1.3 : 1.06);
	char *title = g_strconcat(panels[hw].x_title, least ? " (log scale)" : "", NULL);

	g_string_append_printf(out, "%sset logscale x\nset format x '%s'\nset xlabel ",
			       least ? "" : "un", hw ? "%.1s%c" : "%g");
	script_text(out, title, 50);
	g_string_append(out, "\nset xrange [");
	script_number(out, least);
	g_string_append_c(out, ':');
	script_number(out, top > 0 ? top : 1);
	g_string_append(out, least ? "]\nset xtics autofreq" : "]\nset xtics ");
	if (!least)
		script_number(out, step_of(top > 0 ? top : 1));
	g_string_append(out, "\non(x) = x < ");
	script_number(out, least);
	g_string_append(out, " ? ");
	script_number(out, least);
	g_string_append(out, " : x\n");
	g_free(title);
}

static void put_sides(GString *out, double left, double right)
{
	g_string_append(out, "set lmargin at screen ");
	script_number(out, round(left * 1000) / 1000);
	g_string_append(out, "\nset rmargin at screen ");
	script_number(out, round(right * 1000) / 1000);
	g_string_append_c(out, '\n');
}

static void put_series(const struct throughput *t, GString *out, gboolean hw)
{
	static const char bars[] = "\\\n\t$%s%u using (on($2)):1:(on($3)):(on($4)) with xerrorbars "
				   "pointtype 0 linewidth 1.2 linecolor rgb '%s' notitle, ";
	static const char points[] = "\\\n\t$%s%u using (on($2)):1 with points pointtype %d "
				     "pointsize 0.9 linecolor rgb '%s' notitle, ";
	guint c, m;

	for (m = 0; m < MEASURES; m++) {
		for (c = 0; c < t->combos->len; c++) {
			guint n = series_number(t, c, m);

			/* The bars apart: an interval that is not known takes no point away. */
			g_string_append_printf(out, bars, panels[hw].block, n, measures[m].colour);
			g_string_append_printf(out, points, panels[hw].block, n, marker(c),
					       measures[m].colour);
		}
	}
}

/* Names in the legend stand by themselves: a series may be in one panel only. */
static void put_names(const struct throughput *t, GString *out)
{
	guint c, m;

	for (m = 0; m < MEASURES; m++) {
		for (c = 0; c < t->combos->len; c++) {
			char *label = series_label(t, c, m);

			g_string_append_printf(out, "\\\n\tNaN with points pointtype %d pointsize "
					       "1.1 linecolor rgb '%s' title ", marker(c),
					       measures[m].colour);
			script_text(out, label, LABEL_CHARS + strlen("writes, "));
			g_string_append(out, ", ");
			g_free(label);
		}
	}
}

static void put_panel(struct throughput *t, GString *out, gboolean hw, gboolean last,
		      const char *scale)
{
	GString *data = g_string_new(NULL);
	guint c, m;

	t->low = INFINITY;
	t->high = 0;
	for (m = 0; m < MEASURES; m++) {
		for (c = 0; c < t->combos->len; c++)
			put_block(t, data, hw, c, m);
	}
	put_scale(t, out, hw, scale);
	g_string_append(out, "set title ");
	script_text(out, panels[hw].title, 60);
	g_string_append(out, " offset 0, -0.3\n");
	if (last)
		script_legend(out, "");
	else
		g_string_append(out, "unset key\n");
	g_string_append(out, data->str);
	g_string_append(out, "plot ");
	put_series(t, out, hw);
	if (last)
		put_names(t, out);
	g_string_truncate(out, out->len - strlen(", "));
	g_string_append_c(out, '\n');
	g_string_free(data, TRUE);
}

/* --- the script */

/* Of the longest of these labels, about. */
static double width_of(const GPtrArray *labels)
{
	glong longest = 0;
	guint i;

	for (i = 0; i < labels->len; i++)
		longest = MAX(longest, g_utf8_strlen(labels->pdata[i], -1));
	return LABEL_WIDTH * MIN(longest, LABEL_CHARS + 3);
}

static void put_panels(struct throughput *t, GString *out, const char *scale)
{
	const GArray *filters = t->sel[WRITES]->filters;
	gboolean hw = filters_want_source(filters, TRUE), sim = filters_want_source(filters, FALSE);
	double left = fmax(width_of(t->rows) + 0.03, 0.115);
	double right = 1 - MARKER_WIDTH - width_of(t->combos) - LABEL_WIDTH * strlen("writes, ");
	double width = hw && sim ? (right - left - PANELS_GAP) / 2 : right - left;
	guint i;

	g_string_append(out, "set grid xtics linetype 1 linecolor rgb '#e0e0e0'\n");
	for (i = 1; i < t->rows->len; i++)
		g_string_append_printf(out, "set arrow %u from graph 0, first %u.5 to graph 1, "
				       "first %u.5 nohead linecolor rgb '#d0d0d0'\n", i, i - 1,
				       i - 1);
	g_string_append(out, "set multiplot\n");
	put_ticks(t, out, TRUE);
	put_sides(out, left, left + width);
	if (hw)
		put_panel(t, out, TRUE, !sim, scale);
	if (hw && sim) {
		g_string_append(out, "unset label\n");
		put_ticks(t, out, FALSE);
		put_sides(out, right - width, right);
	}
	if (sim)
		put_panel(t, out, FALSE, TRUE, scale);
	g_string_append(out, "unset multiplot\n");
}

/* The query of the first simulated row, if no other is pooled with it. */
static void say_query(struct throughput *t)
{
	const struct selection_row *row = row_at(t, WRITES, 0);
	char *words;

	if (row->hw || t->cells[0].sums[WRITES].y != row->sums.y)
		return;
	words = caption_row(t->sel[WRITES], row);
	t->drawing->query = g_strdup_printf("SELECT value FROM %s WHERE point_id = %"
					    G_GINT64_FORMAT " AND source = 'sim'",
					    measures[WRITES].view, row->point->id);
	t->drawing->shown = g_strdup_printf("%.6g adds and removes per 1,000 points, %s",
					    row->sums.x / row->sums.y, words);
	g_free(words);
}

static gboolean put_script(struct throughput *t, const struct plot_request *request,
			   GError **error)
{
	const struct series_set none = { 0 };
	struct script_head head = { .panels = TRUE };
	gboolean ok = caption_make(&head, t->store, t->plot, t->sel[WRITES], NULL, &none, error);
	GString *out;

	if (ok) {
		out = g_string_new(NULL);
		script_begin(out, request->format, &head);
		put_panels(t, out, request->y_scale);
		t->drawing->series = t->combos->len * MEASURES;
		t->drawing->script = g_string_free(out, FALSE);
		t->drawing->remark = selection_left_out(t->sel[WRITES]);
		say_query(t);
	}
	script_head_clear(&head);
	return ok;
}

static gboolean check_request(const struct plot *plot, const struct plot_request *r,
			      GError **error)
{
	if (r->x || r->series)
		g_set_error(error, PLOT_ERROR, PLOT_ERROR_INPUT, "--x, --series: plot %s has axes "
			    "of its own; choose by --where", plot->name);
	else if (r->y_scale && strcmp(r->y_scale, "linear") && strcmp(r->y_scale, "log"))
		g_set_error(error, PLOT_ERROR, PLOT_ERROR_INPUT, "--y-scale %s: valid are linear, "
			    "log", r->y_scale);
	else
		return TRUE;
	return FALSE;
}

static void throughput_clear(struct throughput *t)
{
	guint i, m;

	for (i = 0; t->cells && i < t->rows->len * t->combos->len; i++) {
		for (m = 0; m < MEASURES; m++)
			g_array_unref(t->cells[i].rates[m]);
	}
	for (m = 0; m < MEASURES; m++) {
		if (t->sel[m])
			selection_free(t->sel[m]);
	}
	g_free(t->cells);
	g_hash_table_unref(t->cell_of);
	g_ptr_array_unref(t->rows);
	g_ptr_array_unref(t->combos);
}

static gboolean throughput_draw(struct store *s, const struct plot *plot,
				const struct plot_request *request, struct plot_drawing *drawing,
				GError **error)
{
	struct throughput t = { .store = s, .plot = plot, .drawing = drawing };
	gboolean ok = check_request(plot, request, error);
	guint m;

	t.rows = g_ptr_array_new_with_free_func(g_free);
	t.combos = g_ptr_array_new_with_free_func(g_free);
	t.cell_of = g_hash_table_new(NULL, NULL);
	for (m = 0; m < MEASURES && ok; m++) {
		t.sel[m] = selection_new(s, plot, measures[m].view, request, error);
		ok = t.sel[m] != NULL;
	}
	ok = ok && check_sources(&t, error) && fill(&t, error) && load_samples(&t, error) &&
	     put_script(&t, request, error);
	throughput_clear(&t);
	return ok;
}

const struct plot plot_throughput = {
	.name = "throughput",
	.summary = "writers' and walkers' throughput by algorithm: on hardware, and simulated",
	.view = "plot_writes_throughput",
	.title = "Throughput of writers and of walkers",
	.scenario = "throughput",
	.method = "Writes are adds and removes. Hardware: medians over samples in timing mode, "
		  "error bars: " INTERVAL_LEVEL " intervals of the median by order statistics "
		  "(none with fewer than 6 samples). Simulated: operations per 1,000 points of all "
		  "tasks (a point is one access to shared memory, whatever it would cost), error "
		  "bars: " INTERVAL_LEVEL " intervals of a ratio of sums over runs, by the delta "
		  "method.",
	.draw = throughput_draw,
};
