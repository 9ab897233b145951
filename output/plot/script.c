/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Texts and layout of a gnuplot script; see script.h. */
#include <math.h>
#include <string.h>
#include "output/plot/script.h"

#define FONT		"DejaVu Sans"
#define LINE_CHARS	158	/* of a note, in its font */
#define LINES_MAX	3
#define TICKS_MAX	24
#define TICK_CHARS	18
#define TICK_PIXELS	8	/* of a character, about */
#define AREA_PIXELS	680.0	/* of an axis, at least */

void script_head_clear(struct script_head *h)
{
	g_free(h->title);
	if (h->above)
		g_string_free(h->above, TRUE);
	if (h->below)
		g_string_free(h->below, TRUE);
}

/* --- texts of others */

static void put_char(GString *out, gunichar c, gboolean format)
{
	if (c == '\n')
		g_string_append(out, "\\n");
	else if (c == '\t')
		g_string_append(out, "\\t");
	else if (g_unichar_iscntrl(c) || c == 0x2028 || c == 0x2029)
		g_string_append_printf(out, "\\x%02x", c);
	else if (c == '\'')
		g_string_append(out, "''");
	else if (c == '%' && format)
		g_string_append(out, "%%");
	else
		g_string_append_unichar(out, c);
}

static void put_text(GString *out, const char *text, guint max, gboolean format)
{
	char *valid = g_utf8_make_valid(text, -1);
	const char *c;
	guint n = 0;

	g_string_append_c(out, '\'');
	for (c = valid; *c && n < max; c = g_utf8_next_char(c), n++)
		put_char(out, g_utf8_get_char(c), format);
	g_string_append(out, *c ? "...'" : "'");
	g_free(valid);
}

void script_text(GString *out, const char *text, guint max)
{
	put_text(out, text, max, FALSE);
}

void script_label(GString *out, const char *text, guint max)
{
	put_text(out, text, max, TRUE);
}

void script_comment(GString *out, const char *text)
{
	g_string_append(out, "# ");
	put_text(out, text, 200, FALSE);
	g_string_append_c(out, '\n');
}

void script_number(GString *out, double x)
{
	char text[G_ASCII_DTOSTR_BUF_SIZE];

	if (isfinite(x))
		g_string_append(out, g_ascii_formatd(text, sizeof(text), "%.15g", x));
	else
		g_string_append(out, "NaN");
}

void script_numbers(GString *out, const double *x, guint n)
{
	guint i;

	for (i = 0; i < n; i++) {
		script_number(out, x[i]);
		g_string_append_c(out, i + 1 < n ? ' ' : '\n');
	}
}

/* --- texts around the area */

static void put_line(GString *out, int tag, const char *text, double x, double y,
		     const char *font)
{
	char at[2][G_ASCII_DTOSTR_BUF_SIZE];

	g_string_append_printf(out, "set label %d ", tag);
	script_text(out, text, LINE_CHARS + 20);
	g_string_append_printf(out, " at screen %s, screen %s left font '%s' textcolor rgb '%s'\n",
			       g_ascii_formatd(at[0], sizeof(at[0]), "%.3f", x),
			       g_ascii_formatd(at[1], sizeof(at[1]), "%.3f", y), font,
			       tag == 1 ? "#000000" : "#404040");
}

/* Bytes of text that fit in a line: up to a blank, if there is one. */
static gsize line_bytes(const char *text)
{
	const char *c = text, *blank = NULL;
	guint n;

	for (n = 0; *c && *c != '\n'; c = g_utf8_next_char(c), n++) {
		if (n >= LINE_CHARS)
			return (blank ? blank : c) - text;
		if (*c == ' ')
			blank = c;
	}
	return c - text;
}

/* Lines of a text, wrapped; what goes beyond LINES_MAX is cut. */
static GPtrArray *wrap(const char *text)
{
	GPtrArray *lines = g_ptr_array_new_with_free_func(g_free);
	char *valid = g_utf8_make_valid(text, -1);
	const char *c = valid;
	gsize n;

	while (*c && lines->len < LINES_MAX) {
		n = line_bytes(c);
		g_ptr_array_add(lines, g_strndup(c, n));
		c += n;
		c += *c == ' ' || *c == '\n';
	}
	g_free(valid);
	return lines;
}

static void put_margin(GString *out, const char *side, double at)
{
	g_string_append_printf(out, "set %s at screen ", side);
	script_number(out, round(at * 1000) / 1000);
	g_string_append_c(out, '\n');
}

/* The texts, and the area between them. */
static void put_head(GString *out, const struct script_head *h)
{
	GPtrArray *above = wrap(h->above->str), *below = wrap(h->below->str);
	guint i;

	put_line(out, 1, h->title, 0.015, 0.968, FONT ":Bold,13");
	for (i = 0; i < above->len; i++)
		put_line(out, 2 + i, above->pdata[i], 0.015, 0.932 - 0.026 * i, FONT ",9");
	for (i = 0; i < below->len; i++)
		put_line(out, 20 + i, below->pdata[i], 0.015,
			 0.02 + 0.026 * (below->len - 1 - i), FONT ",9");
	put_margin(out, "lmargin", 0.115);
	put_margin(out, "tmargin", (h->panels ? 0.875 : 0.91) - 0.026 * above->len);
	put_margin(out, "bmargin", (h->slant ? 0.21 : 0.15) + 0.026 * below->len);
	g_ptr_array_unref(above);
	g_ptr_array_unref(below);
}

static const char *const terminals[PLOT_FORMATS] = {
	[PLOT_PNG] = "pngcairo noenhanced",
	[PLOT_SVG] = "svg noenhanced",
	[PLOT_GNUPLOT] = "pngcairo noenhanced",
};

void script_begin(GString *out, enum plot_format format, const struct script_head *h)
{
	g_string_append_printf(out,
		"# Made by rmapsim plot; needs gnuplot 5.0 or newer. The image goes to standard\n"
		"# output: gnuplot THIS >plot.png. For SVG, put 'svg' for 'pngcairo'.\n"
		"set encoding utf8\n"
		"set terminal %s size %d,%d font '" FONT ",11' background rgb '#ffffff'\n",
		terminals[format], SCRIPT_WIDTH, SCRIPT_HEIGHT);
	put_head(out, h);
	g_string_append(out,
		"set border 3 linecolor rgb '#606060'\n"
		"set tics nomirror out\n"
		"set grid ytics linetype 1 linecolor rgb '#e0e0e0'\n"
		"set errorbars 0.6\n"
		"set style fill transparent solid 0.15 noborder\n");
}

/* --- axes and legend */

/* So many labels are passed over behind each one that is shown, as all have no room. */
static guint tick_stride(const struct axis *a)
{
	return 1 + (a->values - !!a->values) / TICKS_MAX;
}

static const struct axis_tick *shown_tick(const struct axis *a, guint i)
{
	if (i < a->values && i % tick_stride(a))
		return NULL;
	return &g_array_index(a->ticks, struct axis_tick, i);
}

static double label_pixels(const struct axis_tick *t)
{
	return TICK_PIXELS * (1 + MIN(g_utf8_strlen(t->label, -1), TICK_CHARS));
}

gboolean script_labels_slant(const struct axis *a)
{
	double scale = AREA_PIXELS / (axis_high(a) - axis_low(a));
	const struct axis_tick *before = NULL, *t;
	guint i;

	for (i = 0; i < a->ticks->len; i++) {
		t = shown_tick(a, i);
		if (!t)
			continue;
		if (before && (t->at - before->at) * scale <
			      (label_pixels(t) + label_pixels(before)) / 2)
			return TRUE;
		before = t;
	}
	return FALSE;
}

/* Between the values and the columns. */
static void put_divider(GString *out, const struct axis *a)
{
	double x;

	if (!a->values || a->values == a->ticks->len)
		return;
	x = (g_array_index(a->ticks, struct axis_tick, a->values - 1).at +
	     g_array_index(a->ticks, struct axis_tick, a->values).at) / 2;
	g_string_append(out, "set arrow 1 from first ");
	script_number(out, x);
	g_string_append(out, ", graph 0 to first ");
	script_number(out, x);
	g_string_append(out, ", graph 1 nohead dashtype 3 linecolor rgb '#909090'\n");
}

void script_axis(GString *out, const struct axis *a, const struct selection *sel)
{
	char *title = axis_title(a, sel);
	const char *sep = "";
	guint i;

	g_string_append(out, "set xlabel ");
	script_text(out, title, 110);
	g_string_append(out, "\nset xrange [");
	script_number(out, axis_low(a));
	g_string_append(out, ":");
	script_number(out, axis_high(a));
	g_string_append(out, "]\nset xtics (");
	for (i = 0; i < a->ticks->len; i++) {
		const struct axis_tick *t = shown_tick(a, i);

		if (!t)
			continue;
		g_string_append(out, sep);
		script_label(out, t->label, TICK_CHARS);
		g_string_append_c(out, ' ');
		script_number(out, t->at);
		sep = ", ";
	}
	g_string_append(out, script_labels_slant(a) ? ") rotate by -25\n" : ")\n");
	put_divider(out, a);
	g_free(title);
}

void script_legend(GString *out, const char *title)
{
	g_string_append(out, "set key outside right top vertical Left reverse samplen 3 "
			     "spacing 1.2 font '" FONT ",10'");
	if (*title) {
		g_string_append(out, " title ");
		script_text(out, title, 32);
	}
	g_string_append_c(out, '\n');
}

void script_y(GString *out, const char *title, double low, double high, gboolean log)
{
	g_string_append(out, "set ylabel ");
	script_text(out, title, 70);
	if (log)
		g_string_append(out, "\nset logscale y\nset format y '%g'");
	g_string_append(out, "\nset yrange [");
	script_number(out, low);
	g_string_append_c(out, ':');
	script_number(out, high);
	g_string_append(out, "]\n");
}
