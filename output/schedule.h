/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Schedules as text: a head that says what they belong to, then one line for
 * each answer of the scheduler that was not the default. For people and for
 * replay; versioned; '#' begins a comment.
 *
 * Reading refuses with SCHEDULE_ERROR, naming file, line and reason. Writing
 * goes to a temporary file that is renamed. schedule.c writes, schedule_parse.c
 * reads.
 */
#ifndef OUTPUT_SCHEDULE_H
#define OUTPUT_SCHEDULE_H

#include <glib.h>
#include "sim/engine/event.h"

#define SCHEDULE_FORMAT		1
#define SCHEDULE_LINES_MAX	10000000
#define SCHEDULE_LINE_BYTES_MAX	65536
#define SCHEDULE_FILE_BYTES_MAX	(1ull << 30)

#define SCHEDULE_ERROR (schedule_error_quark())
GQuark schedule_error_quark(void);

enum schedule_error {
	SCHEDULE_ERROR_FORMAT,	/* what it says */
	SCHEDULE_ERROR_FILE,	/* it cannot be read */
	SCHEDULE_ERROR_IO,	/* it cannot be written */
};

/* One answer; the same fields as the engine's schedule_entry. */
struct schedule_line {
	guint64 after;
	struct choice choice;
	guint64 site_hash;
	char *expect;
	guint line;		/* in the file */
};

struct schedule {
	char *version;		/* of the program that wrote it */
	char *scenario;		/* bare name */
	char **set;		/* overrides it was run with, NULL-terminated */
	guint64 plan_digest;
	guint64 seed;
	char *strategy;
	char *model;
	guint64 digest;		/* of the run; 0: not known */
	guint64 points;		/* of the run */
	guint64 stop_at;	/* it is cut short after so many points; 0: it has its own end */
	guint64 cycle_at;	/* points before the cycle begins */
	guint64 cycle_points;	/* of one round, the last of the run; 0: there is no cycle */
	char *check;		/* that fired, or NULL */
	char *message;		/* or NULL */
	GArray *lines;		/* of struct schedule_line */
};

struct schedule *schedule_new(void);
void schedule_free(struct schedule *s);

/* Takes a copy of expect. */
void schedule_add(struct schedule *s, guint64 after, const struct choice *choice,
		  guint64 site_hash, const char *expect);

gboolean schedule_write(const struct schedule *s, const char *path, GError **error);
char *schedule_to_text(const struct schedule *s);

/* path is for messages in schedule_parse(). No input crashes or hangs either. */
struct schedule *schedule_read(const char *path, GError **error);
struct schedule *schedule_parse(const char *text, gsize len, const char *path, GError **error);

#endif
