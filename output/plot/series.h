/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Series of a plot: rows that agree in the series' keys, in their source and
 * mode. What differs in other keys is pooled, which is said.
 */
#ifndef OUTPUT_PLOT_SERIES_H
#define OUTPUT_PLOT_SERIES_H

#include "output/plot/selection.h"

#define SERIES_MAX	16	/* that can be told apart */

struct series {
	const char *mode;		/* of hardware */
	gboolean hw;
	guint group;			/* equal values of keys that all rows have: one number */
	guint kind;			/* of the algorithm and the other keys, the same way */
	guint order;			/* place of creation */
	char *label;			/* for the legend */
	gboolean on_axis;		/* has rows that are in no column */
	GArray *cells;			/* of the plot's own kind */
	struct interval_sums sums;	/* of all its rows */
};

struct series_set {
	GArray *keys;			/* of guint */
	GArray *partial;		/* of gboolean: some row has no value for that key */
	GPtrArray *series;		/* of struct series *, in order of the legend */
	GHashTable *by_identity;
	GHashTable *groups, *kinds;
	char *legend;			/* its title: short names of the keys; "" if none */
	char *pooled;			/* names of the keys that are pooled; NULL: none */
	gsize cell_size;
};

/*
 * Keys of the series: as wished for ("a,b"; "" is none), else those in which rows differ.
 * x: the axis' key, or -1. pool: leave keys out while they make more than half of
 * SERIES_MAX.
 */
struct series_set *series_new(const struct selection *sel, const char *wish, int x,
			      gboolean pool, gsize cell_size, GError **error);
void series_free(struct series_set *set);

/* The series of a row, made if need be. column: the axis tells what axis_names() says. */
struct series *series_of(struct series_set *set, const struct selection *sel,
			 const struct selection_row *row, gboolean column);

/* When all rows have theirs: puts them in order. Too many are an error. */
gboolean series_finish(struct series_set *set, const struct selection *sel, GError **error);

/* A series in columns alone is not in the legend if one on the axis has its colour. */
gboolean series_named(const struct series_set *set, const struct series *s);

/* How a series is drawn: its colour "#rrggbb", and gnuplot's numbers of point and dash types. */
const char *series_colour(const struct series_set *set, const struct series *s);
int series_marker(const struct series_set *set, const struct series *s);
int series_dash(const struct series *s);

void interval_sums_add(struct interval_sums *to, const struct interval_sums *s);

#endif
