/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A scenario and the points of its [sweep]. Plans of points are made when they
 * are needed, from the scenario's text: a hundred thousand of them would not fit.
 */
#ifndef SIM_CMD_GRID_H
#define SIM_CMD_GRID_H

#include "scenarios/sweep.h"
#include "sim/cmd/common.h"

struct grid {
	struct plan *base;
	struct sweep *sweep;
	guint points;
	guint64 *digest;	/* of each point's plan */

	GString *text;		/* of the scenario's file */
	char *path;
	const char *const *set;	/* the caller's */
};

/*
 * Reads the scenario and makes every point's plan once: a point that is not valid is
 * named in the error.
 */
struct grid *grid_new(const char *scenario, const char *const *set, GError **error);
void grid_free(struct grid *g);

struct plan *grid_plan(const struct grid *g, guint point, GError **error);
/* "locked", "position retries=2 compare=gt": what differs from point to point, short; free it. */
char *grid_point_words(const struct grid *g, guint point);
/* The overrides that a schedule of this point carries; free with g_strfreev(). */
char **grid_schedule_set(const struct grid *g, guint point);
/* Puts "point 3 (algorithm.retries=2): " before a message. */
void grid_prefix_error(const struct grid *g, guint point, GError **error);

/* "algorithm.retries = 0..8" and so on, as [sweep] has it; free it. */
char *grid_swept(const struct grid *g);
/* A digest of all points and of extra, which says how they are run; free it. */
char *grid_identity(const struct grid *g, const char *extra);

#endif
