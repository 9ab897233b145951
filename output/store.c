/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Opening and closing a study's database, and what its errors mean; see store.h. */
#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "output/store_private.h"

#define BUSY_MS		3000
#define CHECK_BYTES_MAX	(16 * 1024 * 1024)	/* larger files are not read through at opening */

G_DEFINE_QUARK(rmapsim-store-error, store_error)

/* Made from schema.sql. */
static const char schema[] =
#include "schema.inc"
;

const char *store_path(const struct store *s)
{
	return s->path;
}

/* SQLite does not always know why a write failed; errno is then 0. */
static gboolean disk_full(const struct store *s, int rc, int err)
{
	int extended = sqlite3_extended_errcode(s->db);

	return rc == SQLITE_FULL || err == ENOSPC || err == EDQUOT || err == EFBIG ||
	       (!err && (extended == SQLITE_IOERR_WRITE || extended == SQLITE_IOERR_SHMSIZE));
}

gboolean store_fail(struct store *s, int rc, GError **error)
{
	int code = STORE_ERROR_SYSTEM, err = sqlite3_system_errno(s->db);
	const char *message = sqlite3_errmsg(s->db);

	switch (rc & 0xff) {
	case SQLITE_NOTADB:
		code = STORE_ERROR_FORMAT;
		message = "is no database";
		break;
	case SQLITE_CORRUPT:
		code = STORE_ERROR_FORMAT;
		message = "is damaged or cut short; `sqlite3 FILE .recover` may save what is left";
		break;
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
		message = "is locked by another program; try again when that has ended";
		break;
	case SQLITE_READONLY:
		message = "is read-only, or its folder is";
		break;
	case SQLITE_CANTOPEN:
		message = err ? g_strerror(err) : "cannot be opened";
		break;
	case SQLITE_FULL:
	case SQLITE_IOERR:
		if (disk_full(s, rc & 0xff, err))
			message = "the disk is full, or a limit on the size of files was reached; "
				  "what was written before is safe";
		else if (err)
			message = g_strerror(err);
		break;
	case SQLITE_CONSTRAINT:
		g_set_error(error, STORE_ERROR, code, "%s: refuses a row (%s); is another rmapsim "
			    "at work on the same results?", s->path, message);
		return FALSE;
	case SQLITE_ERROR:
		code = STORE_ERROR_INPUT;
		break;
	}
	g_set_error(error, STORE_ERROR, code, "%s: %s", s->path, message);
	return FALSE;
}

gboolean store_exec(struct store *s, const char *sql, GError **error)
{
	int rc = sqlite3_exec(s->db, sql, NULL, NULL, NULL);

	return rc == SQLITE_OK || store_fail(s, rc, error);
}

gboolean store_begin(struct store *s, GError **error)
{
	return store_exec(s, "BEGIN IMMEDIATE", error);
}

gboolean store_commit(struct store *s, GError **error)
{
	if (store_exec(s, "COMMIT", error))
		return TRUE;
	store_rollback(s);
	return FALSE;
}

void store_rollback(struct store *s)
{
	if (!sqlite3_get_autocommit(s->db))
		sqlite3_exec(s->db, "ROLLBACK", NULL, NULL, NULL);
}

/* Things that SQLite would take for an empty database. */
static gboolean check_file(const struct store *s, gboolean *exists, GError **error)
{
	struct stat st;

	*exists = !stat(s->path, &st);
	if (!*exists && errno == ENOENT && s->mode == STORE_WRITE)
		return TRUE;
	if (!*exists)
		g_set_error(error, STORE_ERROR, errno == EACCES ? STORE_ERROR_SYSTEM :
			    STORE_ERROR_FORMAT, "%s: %s", s->path, g_strerror(errno));
	else if (!S_ISREG(st.st_mode))
		g_set_error(error, STORE_ERROR, STORE_ERROR_FORMAT,
			    "%s: is no file that could hold a database", s->path);
	else
		return TRUE;
	return FALSE;
}

static gboolean open_database(struct store *s, GError **error)
{
	int flags = s->mode == STORE_READ ? SQLITE_OPEN_READONLY :
					    SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;
	/* So that no name is taken for a URI or a database in memory. */
	char *path = g_path_is_absolute(s->path) ? g_strdup(s->path) :
						   g_build_filename(".", s->path, NULL);
	int rc = sqlite3_open_v2(path, &s->db, flags | SQLITE_OPEN_NOMUTEX, NULL);

	g_free(path);
	if (rc != SQLITE_OK)
		return store_fail(s, rc, error);
	sqlite3_extended_result_codes(s->db, 0);
	sqlite3_busy_timeout(s->db, BUSY_MS);
	if (s->mode == STORE_WRITE && sqlite3_db_readonly(s->db, "main") == 1)
		return store_fail(s, SQLITE_READONLY, error);
	return store_exec(s, "PRAGMA foreign_keys = ON; PRAGMA trusted_schema = OFF", error);
}

struct marks {
	gint64 application, schema, objects;
};

static gboolean read_marks(struct store *s, struct marks *m, GError **error)
{
	return store_query_number(s, "PRAGMA application_id", &m->application, error, NULL) &&
	       store_query_number(s, "PRAGMA user_version", &m->schema, error, NULL) &&
	       store_query_number(s, "SELECT COUNT(*) FROM sqlite_master", &m->objects, error,
				  NULL);
}

static gboolean marks_empty(const struct marks *m)
{
	return !m->application && !m->schema && !m->objects;
}

static gboolean check_marks(const struct store *s, const struct marks *m, GError **error)
{
	if (m->application != STORE_APPLICATION_ID)
		g_set_error(error, STORE_ERROR, STORE_ERROR_FORMAT,
			    "%s: is a database, but not one of rmapsim", s->path);
	else if (m->schema > STORE_SCHEMA)
		g_set_error(error, STORE_ERROR, STORE_ERROR_FORMAT,
			    "%s: is of a newer rmapsim (schema %" G_GINT64_FORMAT ", this one "
			    "knows %d)", s->path, m->schema, STORE_SCHEMA);
	else if (m->schema < STORE_SCHEMA)
		g_set_error(error, STORE_ERROR, STORE_ERROR_FORMAT,
			    "%s: is of an older rmapsim (schema %" G_GINT64_FORMAT ", this one "
			    "needs %d)", s->path, m->schema, STORE_SCHEMA);
	else
		return TRUE;
	return FALSE;
}

/* Another program may be making it at the same time: the one that comes second sees that. */
static gboolean create(struct store *s, GError **error)
{
	struct marks m;
	char *sql;
	gboolean ok;

	if (!store_begin(s, error))
		return FALSE;
	if (!read_marks(s, &m, error) || !marks_empty(&m)) {
		store_rollback(s);
		return !error || !*error;
	}
	sql = g_strdup_printf("PRAGMA application_id = %d; PRAGMA user_version = %d; %s",
			      STORE_APPLICATION_ID, STORE_SCHEMA, schema);
	ok = store_exec(s, sql, error);
	g_free(sql);
	if (!ok)
		store_rollback(s);
	return ok && store_commit(s, error);
}

static gboolean on_check(const struct store_row *row, gpointer data)
{
	*(gboolean *)data = !g_strcmp0(row->values[0], "ok");
	return FALSE;
}

static gboolean check_whole(struct store *s, GError **error)
{
	gboolean fine = FALSE;
	struct stat st;

	if (stat(s->path, &st) || st.st_size > CHECK_BYTES_MAX)
		return TRUE;
	if (!store_query(s, "PRAGMA quick_check(1)", on_check, &fine, error, NULL))
		return FALSE;
	return fine || store_fail(s, SQLITE_CORRUPT, error);
}

static gboolean identify(struct store *s, GError **error)
{
	struct marks m;

	if (!read_marks(s, &m, error))
		return FALSE;
	if (s->mode == STORE_WRITE && marks_empty(&m)) {
		if (!create(s, error) || !read_marks(s, &m, error))
			return FALSE;
	}
	return check_marks(s, &m, error) && check_whole(s, error);
}

/* Where there can be no write-ahead log, the plain journal does. */
static gboolean begin_writing(struct store *s, GError **error)
{
	return s->mode == STORE_READ ||
	       store_exec(s, "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL", error);
}

struct store *store_open(const char *path, enum store_mode mode, GError **error)
{
	struct store *s = g_new0(struct store, 1);
	gboolean exists = TRUE, opened = FALSE;
	GError *err = NULL;

	s->path = g_strdup(path);
	s->mode = mode;
	if (check_file(s, &exists, &err)) {
		opened = open_database(s, &err);
		if (opened && identify(s, &err) && begin_writing(s, &err))
			return s;
	}
	g_propagate_error(error, err);
	s->mode = STORE_READ;		/* leaves it as it is */
	store_close(s, NULL);
	if (!exists && opened)
		unlink(path);
	return NULL;
}

/* Readers may keep it from becoming one plain file; that is no fault. */
static gboolean end_writing(struct store *s, GError **error)
{
	int rc = sqlite3_exec(s->db, "PRAGMA journal_mode = DELETE", NULL, NULL, NULL);

	return rc == SQLITE_OK || rc == SQLITE_BUSY || rc == SQLITE_LOCKED ||
	       store_fail(s, rc, error);
}

gboolean store_close(struct store *s, GError **error)
{
	gboolean ok = TRUE;
	int i;

	if (!s)
		return TRUE;
	for (i = 0; i < STORE_STATEMENTS; i++)
		sqlite3_finalize(s->prepared[i]);
	if (s->db && s->mode == STORE_WRITE) {
		store_rollback(s);
		ok = end_writing(s, error);
	}
	sqlite3_close(s->db);
	g_free(s->path);
	g_free(s);
	return ok;
}
