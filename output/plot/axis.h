/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The x axis of a curve: the values of one key. Numbers stand where they belong if that
 * leaves them apart, else side by side; words follow them. Rows whose algorithm has no such
 * key stand in columns at the right, one for each algorithm with the values of keys that
 * not all rows have.
 */
#ifndef OUTPUT_PLOT_AXIS_H
#define OUTPUT_PLOT_AXIS_H

#include "output/plot/selection.h"

struct axis_tick {
	const char *label;
	double at;
};

struct axis {
	guint key;
	GArray *ticks;		/* of struct axis_tick: values, then columns */
	guint values;		/* of these ticks, the first */
	GArray *naming;		/* of guint: keys whose values are in the names of columns */
	GHashTable *places;	/* value, as its pointer -> tick */
	GStringChunk *labels;	/* of columns */
	double step;		/* between two values that stand side by side */
	gboolean to_scale;	/* or no numbers are there that could be */
};

/* name: the user's wish for a key, or NULL. NULL if that is no key. */
struct axis *axis_new(const struct selection *sel, const char *name, GError **error);
void axis_free(struct axis *a);

/*
 * Is that what the name of a column tells, so that series need not: the algorithm, or a key
 * that some row has no value for?
 */
gboolean axis_names(const struct selection *sel, guint key);

/*
 * Makes the columns; keys (of guint) are those that rows are kept apart by. Before any of
 * the functions below.
 */
void axis_place_columns(struct axis *a, const struct selection *sel, const GArray *keys);

/* The tick of a row; a column if it is not among the first a->values. */
guint axis_tick_of(const struct axis *a, const struct selection *sel,
		   const struct selection_row *row);
double axis_low(const struct axis *a);
double axis_high(const struct axis *a);

/* "the retry limit N", and with its unit: for titles; free them. */
char *axis_caption(const struct axis *a, const struct selection *sel);
char *axis_title(const struct axis *a, const struct selection *sel);

#endif
