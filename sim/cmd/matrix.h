/* SPDX-License-Identifier: GPL-2.0-or-later */
/* `rmapsim matrix`: the scenarios that make its rows, and how it prints them. */
#ifndef SIM_CMD_MATRIX_H
#define SIM_CMD_MATRIX_H

#include "sim/cmd/common.h"
#include "sim/cmd/matrix_line.h"

struct matrix_row {
	char *scenario;		/* as it was asked for, or its path */
	struct plan *plan;	/* with the command line's overrides */
};

struct matrix {
	const struct cmd_options *opt;
	struct matrix_options look;
	GPtrArray *rows;	/* of struct matrix_row */
	char **models;
	guint n_models;
	struct matrix_line *line;	/* of row i and model k at i * n_models + k */
	char **counterexample;	/* of the same, with --db; NULL where there is none */
	guint done;		/* lines that are there, from the first */
	gboolean interrupted;
};

/* matrix_rows.c */

/*
 * Those of the command line; or all whose [expect] says what verify finds, and of an
 * algorithm that has no such scenario all that it has, in the order of the algorithms.
 */
GPtrArray *matrix_rows(const struct cmd_options *opt, GError **error);

/* matrix_report.c */

/* Does what was found contradict a line of the scenario's [expect]? Which, or NULL. */
const struct plan_expect *matrix_contradicted(const struct matrix *m, guint line);
void matrix_report_text(const struct matrix *m);
void matrix_report_json(const struct matrix *m);

#endif
