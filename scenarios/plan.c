/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is in a plan, finding its algorithm in a build of core/, and its end. */
#include <string.h>
#include "expect.h"
#include "plan.h"

static void task_clear(struct plan_task *t)
{
	g_free(t->name);
	g_free(t->ops);
	g_free(t->mix);
	g_free(t->rmaps);
	g_free(t->pool);
}

static void axis_clear(struct plan_axis *axis)
{
	g_free(axis->key);
	g_free(axis->written);
	g_free(axis->text);
	g_strfreev(axis->values);
}

gboolean plan_does(const struct plan *plan, enum plan_op_kind kind)
{
	guint i, k;

	for (i = 0; i < plan->n_tasks; i++) {
		const struct plan_task *t = &plan->tasks[i];

		for (k = 0; k < t->n_ops; k++) {
			if (t->ops[k].kind == kind)
				return TRUE;
		}
		for (k = 0; k < t->n_mix; k++) {
			if (t->mix[k].kind == kind)
				return TRUE;
		}
	}
	return FALSE;
}

void plan_free(struct plan *plan)
{
	guint i;

	if (!plan)
		return;
	for (i = 0; i < plan->n_tasks; i++)
		task_clear(&plan->tasks[i]);
	for (i = 0; i < plan->n_expect; i++)
		expect_clear(&plan->expect[i]);
	for (i = 0; i < plan->n_axes; i++)
		axis_clear(&plan->axes[i]);
	g_free(plan->tasks);
	g_free(plan->axes);
	g_free(plan->expect);
	g_free(plan->setup);
	g_strfreev(plan->checks);
	g_free(plan->name);
	g_free(plan->path);
	g_free(plan->title);
	g_free(plan->question);
	g_free(plan->strategy);
	g_free(plan->algorithm);
	g_free(plan->model);
	g_free(plan->text);
	g_free(plan);
}

const struct rmap_algorithm *plan_find_algorithm(const struct rmap_algorithm *const *table,
						 const char *name)
{
	for (; *table; table++) {
		if (!strcmp((*table)->name, name))
			return *table;
	}
	return NULL;
}
