/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Asking a study's database; see store.h. */
#include <stdarg.h>
#include <stdlib.h>
#include "output/store_private.h"

static gboolean not_one_reading(struct store *s, GError **error)
{
	g_set_error(error, STORE_ERROR, STORE_ERROR_INPUT,
		    "%s: a query must be one statement that only reads", s->path);
	return FALSE;
}

static gboolean prepare(struct store *s, const char *sql, sqlite3_stmt **st, GError **error)
{
	const char *tail = NULL;
	int rc = sqlite3_prepare_v2(s->db, sql, -1, st, &tail);

	if (rc != SQLITE_OK)
		return store_fail(s, rc, error);
	while (g_ascii_isspace(*tail) || *tail == ';')
		tail++;
	if (*st && !*tail && sqlite3_stmt_readonly(*st))
		return TRUE;
	sqlite3_finalize(*st);
	*st = NULL;
	return not_one_reading(s, error);
}

static void bind_texts(sqlite3_stmt *st, va_list ap)
{
	int i, n = sqlite3_bind_parameter_count(st);

	for (i = 1; i <= n; i++) {
		const char *text = va_arg(ap, const char *);

		if (!text)
			return;
		sqlite3_bind_text(st, i, text, -1, SQLITE_TRANSIENT);
	}
}

static void fetch(sqlite3_stmt *st, const char **names, const char **values, int n)
{
	int i;

	for (i = 0; i < n; i++) {
		names[i] = sqlite3_column_name(st, i);
		values[i] = (const char *)sqlite3_column_text(st, i);
	}
}

static gboolean step_through(struct store *s, sqlite3_stmt *st, store_row_fn fn, gpointer data,
			     GError **error)
{
	int n = sqlite3_column_count(st), rc;
	const char **names = g_new0(const char *, n), **values = g_new0(const char *, n);
	const struct store_row row = { n, names, values };

	while ((rc = sqlite3_step(st)) == SQLITE_ROW) {
		fetch(st, names, values, n);
		if (!fn(&row, data))
			break;
	}
	g_free(names);
	g_free(values);
	return rc == SQLITE_ROW || rc == SQLITE_DONE || store_fail(s, rc, error);
}

static gboolean query(struct store *s, const char *sql, store_row_fn fn, gpointer data,
		      GError **error, va_list ap)
{
	sqlite3_stmt *st = NULL;
	gboolean ok;

	if (!prepare(s, sql, &st, error))
		return FALSE;
	bind_texts(st, ap);
	ok = step_through(s, st, fn, data, error);
	sqlite3_finalize(st);
	return ok;
}

gboolean store_query(struct store *s, const char *sql, store_row_fn fn, gpointer data,
		     GError **error, ...)
{
	va_list ap;
	gboolean ok;

	va_start(ap, error);
	ok = query(s, sql, fn, data, error, ap);
	va_end(ap);
	return ok;
}

static gboolean on_number(const struct store_row *row, gpointer data)
{
	if (row->values[0])
		*(gint64 *)data = strtoll(row->values[0], NULL, 10);
	return FALSE;
}

gboolean store_query_number(struct store *s, const char *sql, gint64 *value, GError **error, ...)
{
	va_list ap;
	gboolean ok;

	*value = 0;
	va_start(ap, error);
	ok = query(s, sql, on_number, value, error, ap);
	va_end(ap);
	return ok;
}
