/* SPDX-License-Identifier: GPL-2.0-or-later */
/* --where: conditions on keys, on the scenario, and on where a row comes from. */
#ifndef OUTPUT_PLOT_FILTER_H
#define OUTPUT_PLOT_FILTER_H

#include "output/plot/selection.h"

/* "key=value[,value...]": one of the values; a value may be a range of numbers, A..B. */
struct selection_filter {
	char *key;
	char **values;
};

/* NULL-terminated texts; the array owns what is in it. */
GArray *filters_parse(const char *const *where, GError **error);

/* Before anything is loaded: is an experiment of that scenario wanted? */
gboolean filters_want_scenario(const GArray *filters, const char *scenario);
/* The same of simulated rows, or of hardware rows. */
gboolean filters_want_source(const GArray *filters, gboolean hw);

/* Once experiments are known: is each scenario that is asked for among them? */
gboolean filters_check_scenarios(const struct selection *sel, GError **error);

/*
 * Takes the rows that are not wanted out of the selection. An unknown key, or a value that no
 * row has, is an error that says what would be valid.
 */
gboolean filters_apply(struct selection *sel, GError **error);

#endif
