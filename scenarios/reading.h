/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A scenario on its way to a plan: what the steps of the reader hand on. Each
 * step is one file and returns FALSE with an error that says what is valid:
 *
 *	keyfile.c	text to groups and keys
 *	keys.c		what stands in the table of keys
 *	algorithm.c	the algorithm and its parameters
 *	task.c		programs and mixes
 *	axis.c		the lines of [sweep]
 *	rules.c		what is impossible together
 *	text.c		the canonical text
 */
#ifndef SCENARIOS_READING_H
#define SCENARIOS_READING_H

#include "keyfile.h"
#include "keys.h"

#define TASKS_MAX 512

struct reading {
	struct keyfile *kf;
	const struct scenario_vocabulary *voc;
	const struct rmap_algorithm *algorithm;
	GArray *specs;		/* of struct task_spec */
	struct plan *plan;
};

/* Does any algorithm have a parameter of that name? */
gboolean some_algorithm_has(const struct scenario_vocabulary *voc, const char *name);
gboolean algorithm_has(const struct rmap_algorithm *algorithm, const char *name);
gboolean algorithm_read(struct reading *r, GError **error);
gboolean tasks_read(struct reading *r, GError **error);
gboolean axes_read(struct reading *r, GError **error);
gboolean rules_check(struct reading *r, GError **error);
/* pages.c: of shadow pages; sets plan->nr_pages */
gboolean pages_check(struct reading *r, GError **error);
/* Fills in text and digest. */
gboolean text_write(struct reading *r, GError **error);

#endif
