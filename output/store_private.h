/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Inside of the store: store.c opens and closes, store_write.c and store_read.c do the rows. */
#ifndef OUTPUT_STORE_PRIVATE_H
#define OUTPUT_STORE_PRIVATE_H

#include <sqlite3.h>
#include "output/store.h"

enum store_statement {
	STORE_INSERT_EXPERIMENT,
	STORE_INSERT_POINT,
	STORE_INSERT_PARAM,
	STORE_INSERT_BATCH,
	STORE_INSERT_BATCH_BIN,
	STORE_INSERT_FAILURE,
	STORE_INSERT_SAMPLE,
	STORE_INSERT_SAMPLE_BIN,
	STORE_INSERT_VERIFICATION,
	STORE_STATEMENTS,
};

struct store {
	char *path;
	sqlite3 *db;
	enum store_mode mode;
	sqlite3_stmt *prepared[STORE_STATEMENTS];	/* made when first needed */
};

/* Sets error from SQLite's present state after a call that returned rc; returns FALSE. */
gboolean store_fail(struct store *s, int rc, GError **error);
/* Statements without an answer. */
gboolean store_exec(struct store *s, const char *sql, GError **error);

#endif
