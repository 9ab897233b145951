/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * `rmapsim matrix --db`: an experiment for each scenario, a point and a verification for
 * each model, as `verify --table` stores them. Campaigns are not stored.
 */
#ifndef SIM_CMD_MATRIX_STORE_H
#define SIM_CMD_MATRIX_STORE_H

#include "sim/cmd/matrix.h"

/* Can that file be written to? Before the searches, so that they are not in vain. */
gboolean matrix_store_check(const char *db, GError **error);
/* All of it or nothing. Says on stderr where it is. */
gboolean matrix_store(const struct matrix *m, GError **error);

#endif
