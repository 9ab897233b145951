/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A gnuplot script as text. Names and values of a database may hold anything;
 * script_text() is the only way in which they get into a script:
 * - single quotes, in which gnuplot looks for neither backquotes nor macros; a
 *   quote is doubled;
 * - control characters and line ends as visible text, bytes that are no UTF-8 replaced;
 * - terminals are set to noenhanced, so that ^ _ @ { } mean themselves.
 */
#ifndef OUTPUT_PLOT_SCRIPT_H
#define OUTPUT_PLOT_SCRIPT_H

#include "output/plot/axis.h"
#include "output/plot/series.h"

#define SCRIPT_WIDTH	1000	/* of the image, pixels */
#define SCRIPT_HEIGHT	650

/* Texts around the plot's area. */
struct script_head {
	char *title;
	GString *above, *below;	/* lines, wrapped when they are written */
	gboolean slant;		/* labels of the x axis need more room */
	gboolean panels;	/* with titles of their own, above the area */
};

void script_head_clear(struct script_head *h);

/* A quoted text of at most max characters. */
void script_text(GString *out, const char *text, guint max);
/* The same with % doubled: gnuplot takes a tick's label for a format. */
void script_label(GString *out, const char *text, guint max);
/* A number as gnuplot reads it; NaN is what is not known. */
void script_number(GString *out, double x);
/* n of them, a line of a data block. */
void script_numbers(GString *out, const double *x, guint n);
/* A comment: one line, whatever the text holds. */
void script_comment(GString *out, const char *text);

/* Do labels of that axis have to be slanted, or they would overlap? */
gboolean script_labels_slant(const struct axis *a);

/* Terminal, texts, margins, grid. */
void script_begin(GString *out, enum plot_format format, const struct script_head *h);
/* Titles and ticks of the x axis of curves. */
void script_axis(GString *out, const struct axis *a, const struct selection *sel);
/* The legend, at the right of the area. */
void script_legend(GString *out, const char *title);
/* The y axis from low to high. */
void script_y(GString *out, const char *title, double low, double high, gboolean log);

#endif
