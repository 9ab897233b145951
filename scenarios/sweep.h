/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The points of a sweep: the product of the lines of [sweep], the first of them
 * turning slowest.
 *
 * A parameter of an algorithm multiplies only the points of the algorithms that
 * have it: with `algorithm.name = position, nulls` and `algorithm.retries = 0..8`
 * there are nine points of position and one of nulls.
 */
#ifndef SCENARIOS_SWEEP_H
#define SCENARIOS_SWEEP_H

#include "scenario.h"

#define SWEEP_POINTS_MAX 100000

struct sweep;

/*
 * Of the base's axes; base must outlive it. Fails with SCENARIO_ERROR_PLAN if there are no
 * points, too many, or a parameter that no swept algorithm has.
 */
struct sweep *sweep_new(const struct plan *base, const struct scenario_vocabulary *voc,
			GError **error);
void sweep_free(struct sweep *s);

guint sweep_points(const struct sweep *s);
/* NULL: the point's algorithm has no such parameter. */
const char *sweep_value(const struct sweep *s, guint point, guint axis);
/* "algorithm.retries=2, task writer.count=4"; free it. */
char *sweep_point_words(const struct sweep *s, guint point);

/*
 * The overrides that make the point's plan out of the base's scenario: set, then the
 * point's values, and [sweep] emptied. Free with g_strfreev().
 */
char **sweep_point_set(const struct sweep *s, guint point, const char *const *set);

#endif
