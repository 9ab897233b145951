/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What hardware does not play of a plan; see unplayed.h. */
#include <string.h>
#include "core/rmap.h"
#include "scenarios/keys.h"
#include "sim/hw/sample.h"
#include "sim/hw/unplayed.h"

static const struct unplayed_key {
	const char *group, *name;
	gboolean refused;
	const char *why;
} unplayed_keys[] = {
	{ "machine", "preempt", TRUE,
	  "only the simulator takes CPUs away; rates and walks would be those of a machine that "
	  "keeps them; valid on hardware: no" },
	{ "memory", "slab-pages", FALSE,
	  "pages stay, and what is read in freed memory is not noticed" },
	{ "machine", "lock", FALSE, "mmu_lock is FIFO, as in the kernel" },
	{ "check", "pass-steps", FALSE, "steps are counted, and no bound on those of a pass is "
	  "judged" },
};

/* Its value in the plan, free it; NULL: the key is at its default. */
static char *value_of(const struct plan *plan, const struct unplayed_key *unplayed)
{
	const struct key *key = keys_find(unplayed->group, unplayed->name);
	GString *value = g_string_new(NULL);
	gboolean is_default;

	keys_print(value, key, plan);
	is_default = !strcmp(value->str, key->def);
	return g_string_free(value, is_default);
}

static void unplayed_free(gpointer data)
{
	struct hw_unplayed *u = data;

	g_free(u->key);
	g_free(u->value);
	g_free(u);
}

static gboolean is_there(const GPtrArray *list, const char *key, const char *value)
{
	guint i;

	for (i = 0; i < list->len; i++) {
		const struct hw_unplayed *u = list->pdata[i];

		if (!strcmp(u->key, key) && !strcmp(u->value, value))
			return TRUE;
	}
	return FALSE;
}

static void add(GPtrArray *list, const char *group, const char *name, const char *value,
		const char *why)
{
	char *key = g_strdup_printf("%s.%s", group, name);
	struct hw_unplayed *u;

	if (is_there(list, key, value)) {
		g_free(key);
		return;
	}
	u = g_new0(struct hw_unplayed, 1);
	u->key = key;
	u->value = g_strdup(value);
	u->why = why;
	g_ptr_array_add(list, u);
}

/* The parameter by which an algorithm is told to call call_rcu(). */
static const char *callback_param(const struct plan *plan)
{
	const struct rmap_algorithm *a = plan_find_algorithm(rmap_algorithms, plan->algorithm);
	const struct rmap_param *p = a && a->callbacks ? a->params : NULL;

	for (; p && p->name; p++) {
		if (p->words && !strcmp(p->words[plan->param[p - a->params]], "call-rcu"))
			return p->name;
	}
	return NULL;
}

GPtrArray *hw_unplayed_new(void)
{
	return g_ptr_array_new_with_free_func(unplayed_free);
}

void hw_unplayed_add(GPtrArray *list, const struct plan *plan)
{
	const char *param = callback_param(plan);
	gsize i;

	for (i = 0; i < G_N_ELEMENTS(unplayed_keys); i++) {
		const struct unplayed_key *u = &unplayed_keys[i];
		char *value = u->refused ? NULL : value_of(plan, u);

		if (value)
			add(list, u->group, u->name, value, u->why);
		g_free(value);
	}
	if (param)
		add(list, "algorithm", param, "call-rcu",
		    "callbacks run between two operations of the thread that called, in no "
		    "softirq that could come in the middle of one");
}

gboolean hw_unplayed_fits(const struct plan *plan, GError **error)
{
	gboolean fits = TRUE;
	gsize i;

	for (i = 0; i < G_N_ELEMENTS(unplayed_keys) && fits; i++) {
		const struct unplayed_key *u = &unplayed_keys[i];
		char *value = u->refused ? value_of(plan, u) : NULL;

		fits = !value;
		if (value)
			g_set_error(error, HW_ERROR, HW_ERROR_PLAN, "%s.%s = %s: %s", u->group,
				    u->name, value, u->why);
		g_free(value);
	}
	return fits;
}
