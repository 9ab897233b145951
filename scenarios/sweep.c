/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The points of a sweep; see sweep.h. */
#include <string.h>
#include "reading.h"
#include "sweep.h"

#define PARAMETER		"algorithm."
#define COMBINATIONS_MAX	(100 * SWEEP_POINTS_MAX)

struct sweep {
	const struct plan *base;
	const struct scenario_vocabulary *voc;
	int algorithm_axis;	/* that sweeps algorithm.name, or -1 */
	guint n;
	guint *place;		/* n times n_axes: which value, or NOT_APPLIED */
};

#define NOT_APPLIED G_MAXUINT

static int find_algorithm_axis(const struct plan *base)
{
	guint i;

	for (i = 0; i < base->n_axes; i++) {
		if (!strcmp(base->axes[i].key, PARAMETER "name"))
			return i;
	}
	return -1;
}

/* An unknown algorithm takes them all: reading its points will say what is wrong. */
static gboolean applies(const struct sweep *s, guint axis, const char *name)
{
	const struct rmap_algorithm *algorithm = plan_find_algorithm(s->voc->algorithms, name);
	const char *key = s->base->axes[axis].key;

	return !algorithm || (int)axis == s->algorithm_axis ||
	       !g_str_has_prefix(key, PARAMETER) ||
	       algorithm_has(algorithm, key + strlen(PARAMETER));
}

/* What algorithm.name is for the i-th of the swept algorithms. */
static const char *algorithm_at(const struct sweep *s, guint i)
{
	return s->algorithm_axis < 0 ? s->base->algorithm :
				       s->base->axes[s->algorithm_axis].values[i];
}

static guint algorithms(const struct sweep *s)
{
	return s->algorithm_axis < 0 ? 1 : s->base->axes[s->algorithm_axis].n_values;
}

/* Points of one algorithm; G_MAXUINT64: more than can be counted. */
static guint64 count_points(const struct sweep *s, const char *algorithm)
{
	guint64 n = 1;
	guint i;

	for (i = 0; i < s->base->n_axes; i++) {
		if ((int)i != s->algorithm_axis && applies(s, i, algorithm) &&
		    !g_uint64_checked_mul(&n, n, s->base->axes[i].n_values))
			return G_MAXUINT64;
	}
	return n;
}

/* Of all values, whether or not they make points: that is how long enumerating takes. */
static guint64 combinations(const struct sweep *s)
{
	guint64 n = 1;
	guint i;

	for (i = 0; i < s->base->n_axes; i++) {
		if (!g_uint64_checked_mul(&n, n, s->base->axes[i].n_values))
			return G_MAXUINT64;
	}
	return n;
}

static gboolean check_count(struct sweep *s, GError **error)
{
	guint64 n = 0;
	guint i;

	if (!s->base->n_axes) {
		g_set_error(error, SCENARIO_ERROR, SCENARIO_ERROR_PLAN, "%s: nothing is swept; "
			    "valid: lines GROUP.KEY = VALUES in [sweep], or --sweep "
			    "GROUP.KEY=VALUES", s->base->path);
		return FALSE;
	}
	for (i = 0; i < algorithms(s); i++) {
		if (!g_uint64_checked_add(&n, n, count_points(s, algorithm_at(s, i))))
			n = G_MAXUINT64;
	}
	if (n <= SWEEP_POINTS_MAX && combinations(s) <= COMBINATIONS_MAX) {
		s->n = n;
		return TRUE;
	}
	n = MAX(n, combinations(s));
	g_set_error(error, SCENARIO_ERROR, SCENARIO_ERROR_PLAN, "%s: the sweep has %s%"
		    G_GUINT64_FORMAT " points; valid: at most %d", s->base->path,
		    n == G_MAXUINT64 ? "more than " : "", n, SWEEP_POINTS_MAX);
	return FALSE;
}

static gboolean check_parameters(const struct sweep *s, GError **error)
{
	guint i, j;

	for (i = 0; i < s->base->n_axes; i++) {
		for (j = 0; j < algorithms(s) && !applies(s, i, algorithm_at(s, j)); j++)
			;
		if (j < algorithms(s))
			continue;
		g_set_error(error, SCENARIO_ERROR, SCENARIO_ERROR_PLAN, "%s: [sweep] %s: no swept "
			    "algorithm has this parameter; see 'rmapsim list algorithms'",
			    s->base->path, s->base->axes[i].key);
		return FALSE;
	}
	return TRUE;
}

/* The next combination, the last axis turning fastest; FALSE behind the last one. */
static gboolean turn(const struct sweep *s, guint *place)
{
	guint i;

	for (i = s->base->n_axes; i-- > 0; ) {
		if (++place[i] < s->base->axes[i].n_values)
			return TRUE;
		place[i] = 0;
	}
	return FALSE;
}

/* Into to; FALSE: the same point as one before. */
static gboolean take_point(const struct sweep *s, const guint *place, guint *to)
{
	const char *name = algorithm_at(s, s->algorithm_axis < 0 ? 0 : place[s->algorithm_axis]);
	guint i;

	for (i = 0; i < s->base->n_axes; i++) {
		gboolean applied = applies(s, i, name);

		if (!applied && place[i])
			return FALSE;
		to[i] = applied ? place[i] : NOT_APPLIED;
	}
	return TRUE;
}

static void enumerate(struct sweep *s)
{
	guint axes = s->base->n_axes, n = 0;
	guint *place = g_new0(guint, axes);

	s->place = g_new0(guint, (gsize)s->n * axes);
	do {
		if (take_point(s, place, s->place + (gsize)n * axes))
			n++;
	} while (n < s->n && turn(s, place));
	g_assert(n == s->n);
	g_free(place);
}

struct sweep *sweep_new(const struct plan *base, const struct scenario_vocabulary *voc,
			GError **error)
{
	struct sweep *s = g_new0(struct sweep, 1);

	s->base = base;
	s->voc = voc;
	s->algorithm_axis = find_algorithm_axis(base);
	if (check_parameters(s, error) && check_count(s, error)) {
		enumerate(s);
		return s;
	}
	sweep_free(s);
	return NULL;
}

void sweep_free(struct sweep *s)
{
	if (!s)
		return;
	g_free(s->place);
	g_free(s);
}

guint sweep_points(const struct sweep *s)
{
	return s->n;
}

const char *sweep_value(const struct sweep *s, guint point, guint axis)
{
	guint place = s->place[(gsize)point * s->base->n_axes + axis];

	return place == NOT_APPLIED ? NULL : s->base->axes[axis].values[place];
}

char *sweep_point_words(const struct sweep *s, guint point)
{
	GString *out = g_string_new(NULL);
	guint i;

	for (i = 0; i < s->base->n_axes; i++) {
		const char *value = sweep_value(s, point, i);

		if (value)
			g_string_append_printf(out, "%s%s=%s", out->len ? ", " : "",
					       s->base->axes[i].key, value);
	}
	return g_string_free(out, FALSE);
}

char **sweep_point_set(const struct sweep *s, guint point, const char *const *set)
{
	GPtrArray *all = g_ptr_array_new();
	guint i;

	for (; set && *set; set++)
		g_ptr_array_add(all, g_strdup(*set));
	for (i = 0; i < s->base->n_axes; i++) {
		const struct plan_axis *axis = &s->base->axes[i];
		const char *value = sweep_value(s, point, i);

		g_ptr_array_add(all, g_strdup_printf("sweep.%s=", axis->written));
		if (value)
			g_ptr_array_add(all, g_strdup_printf("%s=%s", axis->key, value));
	}
	g_ptr_array_add(all, NULL);
	return (char **)g_ptr_array_free(all, FALSE);
}
