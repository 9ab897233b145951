/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The experiments of a database, and which of them are drawn: those that are asked for, else
 * the newest sweep and all that ran on hardware of the same scenario.
 */
#ifndef OUTPUT_PLOT_EXPERIMENTS_H
#define OUTPUT_PLOT_EXPERIMENTS_H

#include "output/plot/selection.h"

/* Loads all and marks the chosen ones; that may be none. */
gboolean experiments_choose(struct selection *sel, struct store *s,
			    const struct plot_request *request, GError **error);

/* The chosen ones, for a query: "1,4,5"; free it. */
char *experiments_ids(const struct selection *sel);

#endif
