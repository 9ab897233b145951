/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The database of a study: opening, writing rows, reading them. The only module
 * that knows SQLite; the tables are those of output/schema.sql.
 *
 * While it is written to it has a write-ahead log, so that others can read and a
 * killed writer damages nothing; store_close() turns it back into one plain
 * file. What a transaction holds is in the database whole or not at all.
 *
 * A store must not be open in a process that forks workers: open it afterwards.
 *
 * Errors are of STORE_ERROR and name the file.
 */
#ifndef OUTPUT_STORE_H
#define OUTPUT_STORE_H

#include <glib.h>
#include "output/row.h"

#define STORE_ERROR (store_error_quark())
GQuark store_error_quark(void);

enum store_error {
	STORE_ERROR_FORMAT,	/* not ours, of a newer schema, damaged, no such file: exit 2 */
	STORE_ERROR_INPUT,	/* a query or a row that cannot be: exit 2 */
	STORE_ERROR_SYSTEM,	/* locked, read-only, disk full, ...: exit 3 */
};

#define STORE_SCHEMA		2
#define STORE_APPLICATION_ID	0x726d6170	/* "rmap" */

enum store_mode {
	STORE_READ,		/* must exist; nothing is changed */
	STORE_WRITE,		/* made if it does not exist */
};

struct store;

struct store *store_open(const char *path, enum store_mode mode, GError **error);
/* Rolls an open transaction back. s may be NULL. False: the end was not a clean one. */
gboolean store_close(struct store *s, GError **error);
const char *store_path(const struct store *s);

/*
 * A transaction around several rows. Without one, each store_add_*() is its own:
 * a batch with its histogram and its failures, a sample with its histogram.
 * Rolling back takes what it has to: it cannot fail.
 */
gboolean store_begin(struct store *s, GError **error);
gboolean store_commit(struct store *s, GError **error);
void store_rollback(struct store *s);

/* Writing; *id (may be NULL) is the new row's. machine: an equal row is used again. */
gboolean store_add_experiment(struct store *s, const struct row_experiment *row,
			      const struct row_machine *machine, gint64 *id, GError **error);
gboolean store_add_point(struct store *s, gint64 experiment, const struct row_point *row,
			 gint64 *id, GError **error);
gboolean store_add_batch(struct store *s, gint64 point, const struct row_batch *row,
			 gint64 *id, GError **error);
gboolean store_add_hw_sample(struct store *s, gint64 point, const struct row_hw_sample *row,
			     gint64 *id, GError **error);
gboolean store_add_verification(struct store *s, gint64 point,
				const struct row_verification *row, gint64 *id, GError **error);
/* All its results are there. */
gboolean store_finish_experiment(struct store *s, gint64 experiment, GError **error);

/* One row of an answer: values as text, NULL for NULL; valid during the call. */
struct store_row {
	guint n;
	const char *const *names;
	const char *const *values;
};

/* Returns FALSE to stop (which is no error). */
typedef gboolean (*store_row_fn)(const struct store_row *row, gpointer data);

/*
 * One SELECT, its ? bound to the texts that follow error (as many as it has, then
 * NULL). Compare a bound text with a number by CAST(? AS INTEGER). Anything that
 * is not exactly one reading statement is STORE_ERROR_INPUT.
 */
gboolean store_query(struct store *s, const char *sql, store_row_fn fn, gpointer data,
		     GError **error, ...) G_GNUC_NULL_TERMINATED;

/* The first value of the first row as a number; *value = 0 if there is none or NULL. */
gboolean store_query_number(struct store *s, const char *sql, gint64 *value, GError **error,
			    ...) G_GNUC_NULL_TERMINATED;

#endif
