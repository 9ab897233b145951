/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which scenarios make the matrix; see matrix.h. */
#include <string.h>
#include "sim/cmd/matrix.h"

static void row_free(gpointer p)
{
	struct matrix_row *row = p;

	plan_free(row->plan);
	g_free(row->scenario);
	g_free(row);
}

/* With no override of the command line: whose it is. */
static gboolean add_row(GPtrArray *rows, const char *scenario, const char *const *set,
			GError **error)
{
	struct plan *plan = cmd_load(scenario, set, error);
	struct matrix_row *row;

	if (!plan)
		return FALSE;
	row = g_new0(struct matrix_row, 1);
	row->scenario = g_strdup(scenario);
	row->plan = plan;
	g_ptr_array_add(rows, row);
	return TRUE;
}

static gboolean says_what_verify_finds(const struct plan *plan)
{
	guint i;

	for (i = 0; i < plan->n_expect; i++) {
		if (!strcmp(plan->expect[i].command, "verify"))
			return TRUE;
	}
	return FALSE;
}

static const struct plan *plan_at(const GPtrArray *all, guint i)
{
	return ((const struct matrix_row *)all->pdata[i])->plan;
}

/* Of one algorithm: those with a word on verify, or all if there is none of them. */
static gboolean add_algorithm(GPtrArray *rows, const GPtrArray *all, const char *name,
			      const char *const *set, GError **error)
{
	gboolean some = FALSE;
	guint i;

	for (i = 0; i < all->len; i++)
		some |= !strcmp(plan_at(all, i)->algorithm, name) &&
			says_what_verify_finds(plan_at(all, i));
	for (i = 0; i < all->len; i++) {
		if (strcmp(plan_at(all, i)->algorithm, name) ||
		    (some && !says_what_verify_finds(plan_at(all, i))))
			continue;
		if (!add_row(rows, plan_at(all, i)->path, set, error))
			return FALSE;
	}
	return TRUE;
}

/* The algorithm that the command line asks for, or NULL. */
static const char *asked_for(const char *const *set)
{
	static const char key[] = "algorithm.name=";
	const char *name = NULL;

	for (; *set; set++) {
		if (g_str_has_prefix(*set, key))
			name = *set + strlen(key);
	}
	return name;
}

static gboolean add_by_algorithm(GPtrArray *rows, const GPtrArray *all, const char *const *set,
				 GError **error)
{
	const char *only = asked_for(set);
	guint i;

	for (i = 0; rmap_algorithms[i]; i++) {
		const char *name = rmap_algorithms[i]->name;

		if ((!only || !strcmp(only, name)) &&
		    !add_algorithm(rows, all, name, set, error))
			return FALSE;
	}
	if (rows->len)
		return TRUE;
	g_set_error(error, SCENARIO_ERROR, SCENARIO_ERROR_FILE, "no scenario%s%s%s; valid is an "
		    "algorithm that has one (see 'rmapsim list algorithms'), or scenarios on the "
		    "command line", only ? " has the algorithm '" : " was found", only ? only : "",
		    only ? "'" : "");
	return FALSE;
}

static gboolean add_all(GPtrArray *rows, const char *const *set, GError **error)
{
	GPtrArray *paths = cmd_scenarios();
	GPtrArray *all = g_ptr_array_new_with_free_func(row_free);
	gboolean ok = TRUE;
	guint i;

	for (i = 0; i < paths->len && ok; i++)
		ok = add_row(all, paths->pdata[i], NULL, error);
	ok = ok && add_by_algorithm(rows, all, set, error);
	g_ptr_array_unref(all);
	g_ptr_array_unref(paths);
	return ok;
}

GPtrArray *matrix_rows(const struct cmd_options *opt, GError **error)
{
	GPtrArray *rows = g_ptr_array_new_with_free_func(row_free);
	gboolean ok = TRUE;
	guint i;

	for (i = 0; opt->args[i] && ok; i++)
		ok = add_row(rows, opt->args[i], cmd_sets(opt), error);
	if (!opt->args[0])
		ok = add_all(rows, cmd_sets(opt), error);
	if (ok)
		return rows;
	g_ptr_array_unref(rows);
	return NULL;
}
