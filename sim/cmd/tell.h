/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Telling a run: an observer of the engine that puts what happens into words
 * and prints what passes the filters.
 *
 * A run is observed twice: first to see how long its sources and how many its
 * events are (tell_measure), then to tell it.
 */
#ifndef SIM_CMD_TELL_H
#define SIM_CMD_TELL_H

#include "output/trace.h"
#include "sim/engine/engine.h"

struct tell_filter {
	int task;		/* its number, -1: all */
	const char *object;	/* "desc2": it and its fields; NULL: all */
	guint64 from, to;	/* points, both included */
	guint64 last;		/* only so many rows, 0: all */
};

struct tell {
	struct engine *e;
	struct tell_filter filter;
	struct trace_layout layout;
	const char **names;	/* of the tasks */
	guint source_width;	/* as measured */
	gboolean measuring;
	gboolean flush;		/* row by row: a debugger is to stop somewhere */
	GQueue rows;		/* those that --last may still print */
	guint64 seen, shown;	/* rows */
};

void tell_begin(struct tell *t, struct engine *e, const struct tell_filter *filter);
void tell_clear(struct tell *t);

/* Watch the run that follows: to measure, or to tell. */
void tell_measure(struct tell *t);
void tell_aloud(struct tell *t, gboolean colour, gboolean flush);
/* After the told run: what was kept back. */
void tell_end(struct tell *t);


#endif
