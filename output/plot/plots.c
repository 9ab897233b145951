/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The table of plots, made from the list in Makefile.am, and what all plots share. */
#include <string.h>
#include "output/plot/plot.h"

#define X(name) extern const struct plot plot_##name;
#include "plots.inc"
#undef X

const struct plot *const plots[] = {
#define X(name) &plot_##name,
#include "plots.inc"
#undef X
	NULL
};

const char *const plot_formats[PLOT_FORMATS + 1] = {
	[PLOT_PNG] = "png", [PLOT_SVG] = "svg", [PLOT_GNUPLOT] = "gnuplot",
};

G_DEFINE_QUARK(rmapsim-plot-error, plot_error)

const struct plot *plot_find(const char *name)
{
	const struct plot *const *p;

	for (p = plots; *p; p++) {
		if (!strcmp((*p)->name, name))
			return *p;
	}
	return NULL;
}

gboolean plot_draw(struct store *s, const struct plot *plot, const struct plot_request *request,
		   struct plot_drawing *drawing, GError **error)
{
	*drawing = (struct plot_drawing){ 0 };
	return plot->draw(s, plot, request, drawing, error);
}

void plot_drawing_clear(struct plot_drawing *drawing)
{
	g_free(drawing->script);
	g_free(drawing->query);
	g_free(drawing->shown);
	g_free(drawing->remark);
}
