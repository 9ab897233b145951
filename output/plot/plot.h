/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Plots: a study's database in, a gnuplot script or an image out. A plot is one
 * file output/plot/NAME.c that ends in one const struct plot plot_NAME, and one
 * word in Makefile.am.
 *
 * Everything that comes out of a database is text that nobody has looked at: it
 * reaches gnuplot only through script.h.
 */
#ifndef OUTPUT_PLOT_PLOT_H
#define OUTPUT_PLOT_PLOT_H

#include "output/plot/interval.h"
#include "output/store.h"

#define PLOT_ERROR (plot_error_quark())
GQuark plot_error_quark(void);

enum plot_error {
	PLOT_ERROR_INPUT,	/* a key, a value, another choice; missing data: exit 2 */
	PLOT_ERROR_TOOL,	/* gnuplot: exit 3 */
};

enum plot_format { PLOT_PNG, PLOT_SVG, PLOT_GNUPLOT, PLOT_FORMATS };

struct plot_request {
	enum plot_format format;
	const char *x;			/* a key; NULL: chosen */
	const char *series;		/* keys, comma-separated; NULL: chosen, "": none */
	const char *const *where;	/* "key=value[,value...]", NULL-terminated; or NULL */
	const char *y_scale;		/* "linear", "log"; NULL: chosen */
	const gint64 *experiments;	/* NULL: chosen */
	guint n_experiments;
};

/* What was drawn. Clear with plot_drawing_clear(). */
struct plot_drawing {
	char *script;		/* of gnuplot, self-contained; the image goes to its stdout */
	char *query;		/* SQL that gives one of the numbers; NULL: none does alone */
	char *shown;		/* what that one is: "algorithm.retries = 2, ... : 0.25" */
	char *remark;		/* what was left out, in a sentence; or NULL */
	guint series;
	guint points;		/* rows in the script's data */
};

struct plot {
	const char *name;
	const char *summary;	/* one line, for the list of plots */
	const char *view;	/* of the database */
	const char *title;	/* "Restarts per walk" */
	const char *y_title;	/* with its unit */
	/* From the sums of one plotted number. */
	void (*interval)(const struct interval_sums *s, struct interval *i);
	const char *method;	/* how these intervals are made, for the note below */
	gboolean share;		/* y lies in 0..1 */
	const char *scenario;	/* that makes what it needs; NULL: sweep-retries */
	gboolean (*draw)(struct store *s, const struct plot *plot,
			 const struct plot_request *request, struct plot_drawing *drawing,
			 GError **error);
};

/* The two ways to draw: view_curves over one row a point, view_histogram over bins. */
gboolean plot_draw_curves(struct store *s, const struct plot *plot,
			  const struct plot_request *request, struct plot_drawing *drawing,
			  GError **error);
gboolean plot_draw_histogram(struct store *s, const struct plot *plot,
			     const struct plot_request *request, struct plot_drawing *drawing,
			     GError **error);

extern const struct plot *const plots[];	/* NULL-terminated, in the order of Makefile.am */
const struct plot *plot_find(const char *name);

extern const char *const plot_formats[PLOT_FORMATS + 1];	/* png, svg, gnuplot, NULL */

/* The script of a plot. */
gboolean plot_draw(struct store *s, const struct plot *plot, const struct plot_request *request,
		   struct plot_drawing *drawing, GError **error);
void plot_drawing_clear(struct plot_drawing *drawing);

/* What the script makes: its own text if that is the format, else gnuplot is run. */
GBytes *plot_image(const struct plot_drawing *drawing, enum plot_format format, GError **error);

#endif
