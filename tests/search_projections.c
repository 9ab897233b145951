/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Prints what memory and ghosts can come to under any schedule of bench-c1 to
 * bench-c6 and of some scenarios that loop: how many pairs, and a digest of
 * their set, for every way of telling states apart. Nothing else of a state is
 * in it, so that builds by any compiler must print the same; tests/long_builds.sh
 * compares them.
 */
#include "tests/search_support.h"

static void project(struct engine *e, uint32_t state, void *data)
{
	(void)state;
	search_set_add(data, search_memory(e));
}

/* The same for every order. */
static uint64_t digest_of(GHashTable *set)
{
	GHashTableIter it;
	gpointer key;
	uint64_t sum = 0;

	g_hash_table_iter_init(&it, set);
	while (g_hash_table_iter_next(&it, &key, NULL))
		sum += hash_mix(7, *(const gint64 *)key);
	return sum;
}

static void print_one(const char *name, const char *how, struct search_options opt)
{
	struct plan *plan = support_plan(name, NULL);
	GHashTable *set = search_set_new();
	struct search_result res;

	opt.on_state = project;
	opt.hook_data = set;
	search_result_of(plan, &opt, &res);
	g_print("%s %s: %s, %u pairs of memory and ghosts, digest 0x%016" G_GINT64_MODIFIER "x\n",
		name, how, search_verdict_name(res.verdict), g_hash_table_size(set),
		digest_of(set));
	g_hash_table_unref(set);
	plan_free(plan);
}

static void print_all(const char *name, bool finite)
{
	print_one(name, "with marks", (struct search_options){ .hash_seed = 0 });
	print_one(name, "with marks, another hash", (struct search_options){ .hash_seed = 1 });
	print_one(name, "asked", (struct search_options){ .asked = true });
	if (finite)
		print_one(name, "without marks", (struct search_options){ .no_marks = true });
}

int main(void)
{
	static const char *const loops[] = {
		"nulls-restarts-forever", "position-ge-pass", "position-starves",
		"position-wraps-unlimited", "recycle-restarts-forever",
	};
	unsigned int i;

	for (i = 1; i <= 6; i++) {
		char *name = g_strdup_printf("bench-c%u", i);

		print_all(name, true);
		g_free(name);
	}
	for (i = 0; i < G_N_ELEMENTS(loops); i++)
		print_all(loops[i], false);
	return 0;
}
