/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What of a database is to be plotted: experiments, their points, each point's
 * value for every swept key, and one row of sums for each point and source.
 *
 * Texts are interned in the selection: two values are equal if their pointers
 * are. All of it lives until selection_free().
 */
#ifndef OUTPUT_PLOT_SELECTION_H
#define OUTPUT_PLOT_SELECTION_H

#include "output/plot/plot.h"

/* Keys that every point has, before those that are swept. */
enum selection_builtin {
	SELECTION_ALGORITHM,	/* algorithm.name */
	SELECTION_MODEL,	/* memory.model; simulated rows only */
	SELECTION_STRATEGY,	/* scenario.strategy; simulated rows only */
	SELECTION_EXPERIMENT,	/* if several simulated ones were asked for */
	SELECTION_MACHINE,	/* of hardware rows, if they are of several */
	SELECTION_BUILTINS,
};

struct selection_experiment {
	gint64 id;
	const char *command, *version, *scenario, *title, *created;
	const char *strategy, *seed_first, *seed_last;
	gint64 seeds;
	const char *hostname, *cpu_model, *virtual;
	gboolean sim, hw;		/* has such rows */
	gboolean chosen;
};

struct selection_point {
	gint64 id;
	guint experiment;		/* place in experiments */
	const char *model;
	const char **values;		/* by key; NULL: the point's algorithm has no such key */
};

struct selection_row {
	const struct selection_point *point;
	gboolean hw;
	const char *mode;		/* of hardware rows: timing, checked */
	struct interval_sums sums;
};

struct selection_filter;

struct selection {
	GStringChunk *texts;
	GArray *experiments;		/* of struct selection_experiment, by id */
	GPtrArray *keys;		/* of const char *, builtins first */
	GArray *points;			/* of struct selection_point, by id */
	GArray *rows;			/* of struct selection_row, by point and source */
	GArray *filters;		/* of struct selection_filter */
};

/* The rows of a view like plot_restarts_per_walk; fails if there are none. */
struct selection *selection_new(struct store *s, const struct plot *plot, const char *view,
				const struct plot_request *request, GError **error);
void selection_free(struct selection *sel);

/* The interned text; NULL stays NULL. */
const char *selection_text(struct selection *sel, const char *text);
/* Place of the point with that id, or -1. */
int selection_find_point(const struct selection *sel, gint64 id);

/* A key by its name, or by an end of it that no other has ("retries"); -1 with error set. */
int selection_find_key(const struct selection *sel, const char *what, const char *name,
		       GError **error);

const struct selection_experiment *selection_experiment_of(const struct selection *sel,
							   const struct selection_point *p);
/* The value of a row for a key, NULL if it has none. */
const char *selection_value(const struct selection *sel, const struct selection_row *row,
			    guint key);
/* The different values that rows have, numbers first and in order; free with g_ptr_array_unref. */
GPtrArray *selection_values(const struct selection *sel, guint key);
/* TRUE: *x is the number that the text is, all of it. */
gboolean selection_number(const char *text, double *x);

/* Experiments of the same scenario that are not drawn, as a remark; NULL: none; free it. */
char *selection_left_out(const struct selection *sel);

#endif
