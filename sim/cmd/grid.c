/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A scenario and the points of its [sweep]; see grid.h. */
#include <string.h>
#include "sim/cmd/grid.h"

struct plan *grid_plan(const struct grid *g, guint point, GError **error)
{
	char **set = sweep_point_set(g->sweep, point, g->set);
	struct plan *plan = scenario_parse(g->text->str, g->text->len, g->path,
					   (const char *const *)set, cmd_vocabulary(), error);

	g_strfreev(set);
	if (!plan)
		grid_prefix_error(g, point, error);
	return plan;
}

void grid_prefix_error(const struct grid *g, guint point, GError **error)
{
	char *words;

	if (!error || !*error)
		return;
	words = sweep_point_words(g->sweep, point);
	g_prefix_error(error, "point %u (%s): ", point, words);
	g_free(words);
}

static gboolean check_points(struct grid *g, GError **error)
{
	guint i;

	g->points = sweep_points(g->sweep);
	g->digest = g_new0(guint64, g->points);
	for (i = 0; i < g->points; i++) {
		struct plan *plan = grid_plan(g, i, error);

		if (!plan)
			return FALSE;
		g->digest[i] = plan->digest;
		plan_free(plan);
	}
	return TRUE;
}

struct grid *grid_new(const char *scenario, const char *const *set, GError **error)
{
	struct grid *g = g_new0(struct grid, 1);
	char **dirs = cmd_scenario_dirs();

	g->set = set;
	g->text = scenario_read(scenario, (const char *const *)dirs, &g->path, error);
	g_strfreev(dirs);
	if (g->text)
		g->base = scenario_parse(g->text->str, g->text->len, g->path, set,
					 cmd_vocabulary(), error);
	if (g->base)
		g->sweep = sweep_new(g->base, cmd_vocabulary(), error);
	if (g->sweep && check_points(g, error))
		return g;
	grid_free(g);
	return NULL;
}

void grid_free(struct grid *g)
{
	if (!g)
		return;
	sweep_free(g->sweep);
	plan_free(g->base);
	if (g->text)
		g_string_free(g->text, TRUE);
	g_free(g->path);
	g_free(g->digest);
	g_free(g);
}

char *grid_point_words(const struct grid *g, guint point)
{
	GString *out = g_string_new(NULL);
	guint i;

	for (i = 0; i < g->base->n_axes; i++) {
		const char *value = sweep_value(g->sweep, point, i);
		const char *key = g->base->axes[i].key, *dot = strrchr(key, '.');

		if (!value)
			continue;
		if (out->len)
			g_string_append_c(out, ' ');
		if (!strcmp(key, "algorithm.name"))
			g_string_append(out, value);
		else
			g_string_append_printf(out, "%s=%s", dot ? dot + 1 : key, value);
	}
	return g_string_free(out, FALSE);
}

char **grid_schedule_set(const struct grid *g, guint point)
{
	char **all = sweep_point_set(g->sweep, point, g->set);
	guint i, n = 0;

	for (i = 0; all[i]; i++) {
		if (g_str_has_prefix(all[i], "sweep."))
			g_free(all[i]);
		else
			all[n++] = all[i];
	}
	all[n] = NULL;
	return all;
}

char *grid_swept(const struct grid *g)
{
	GString *out = g_string_new(NULL);
	guint i;

	for (i = 0; i < g->base->n_axes; i++)
		g_string_append_printf(out, "%s = %s\n", g->base->axes[i].key,
				       g->base->axes[i].text);
	return g_string_free(out, FALSE);
}

char *grid_identity(const struct grid *g, const char *extra)
{
	GChecksum *sum = g_checksum_new(G_CHECKSUM_SHA256);
	char *head = g_strdup_printf("%s\n%s\n%016" G_GINT64_MODIFIER "x\n%s\n", cmd_version,
				     g->base->name, g->base->digest, extra), *line, *words;
	guint i;

	g_checksum_update(sum, (const guchar *)head, -1);
	for (i = 0; i < g->points; i++) {
		words = sweep_point_words(g->sweep, i);
		line = g_strdup_printf("%016" G_GINT64_MODIFIER "x %s\n", g->digest[i], words);
		g_checksum_update(sum, (const guchar *)line, -1);
		g_free(line);
		g_free(words);
	}
	g_free(head);
	line = g_strdup(g_checksum_get_string(sum));
	g_checksum_free(sum);
	return line;
}
