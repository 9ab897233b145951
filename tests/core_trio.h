/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * For tests/test_core.c: the same world in every build of core/, what it must
 * hold, and (core_rules.c) what must be true of it after each step. What is not
 * ends the test with the parameters, the build and the step.
 */
#ifndef TESTS_CORE_TRIO_H
#define TESTS_CORE_TRIO_H

#include <glib.h>
#include "core/pte_list.h"
#include "sim/engine/rng.h"
#include "tests/core_world.h"

#define RMAPS	3
#define SPTES	24
#define BUILDS	3

extern const struct core_build *const trio_builds[BUILDS];

struct trio {
	const struct rmap_algorithm *algorithm;
	struct core_spec spec;
	struct core_world *w[BUILDS];
	int where[SPTES];		/* the rmap that it is in, or -1 */
	unsigned int n[RMAPS];
	unsigned int room;		/* entries that one rmap may have */
	struct rng rng;
	char doing[96];
};

#define MUST(t, b, cond) do {							\
	if (G_UNLIKELY(!(cond)))						\
		g_error("%s:%d: %s: %s", __FILE__, __LINE__,			\
			trio_words(t, trio_builds[b]->name), #cond);		\
} while (0)

/* Algorithm, parameters and step, for a message. */
char *trio_words(const struct trio *t, const char *build);
/* A parameter's value, or otherwise if the algorithm has none of that name. */
long trio_param(const struct trio *t, const char *name, long otherwise);
/* Which form of the list is kept; neither: one that is not known here. */
bool trio_is_tail(const struct trio *t);
bool trio_is_stack(const struct trio *t);

/* After an add, remove or zap of rmap, whose lists were `was` before. */
void rules_after_step(struct trio *t, unsigned int rmap, struct core_list was[BUILDS]);
/* What an undisturbed walk may have taken. */
void rules_of_walk(struct trio *t, size_t b, unsigned int rmap, const struct core_walked *walked);

#endif
