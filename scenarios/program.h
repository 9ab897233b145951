/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The little languages of a scenario's values: programs, mixes, and lists of
 * numbered objects. What is printed is canonical: equal values, equal text.
 *
 *	program	add spte1..3 rmap0; remove spte2 rmap0; walk rmap0; zap-all rmap0;
 *		walk-first rmap0; mark-dirty rmap0
 *	mix	add 3; remove 2; walk 1
 *	list	spte4..7, spte10
 *
 * Readers return FALSE and say in *why (free it) what is wrong and what would
 * be valid.
 */
#ifndef SCENARIOS_PROGRAM_H
#define SCENARIOS_PROGRAM_H

#include "plan.h"

#define PROGRAM_ITEMS_MAX	2000	/* so that every program has a canonical line */
#define PROGRAM_OPS_MAX		100000	/* after ranges are expanded */
#define MIX_WEIGHT_MAX		1000

/* plan: how many there are of what a program names. */
gboolean program_read(const char *text, const struct plan *plan, struct plan_op **ops, guint *n,
		      char **why);
void program_print(GString *out, const struct plan_op *ops, guint n);

/* Each kind of operation at most once. */
gboolean mix_read(const char *text, struct plan_mix_item **items, guint *n, char **why);
void mix_print(GString *out, const struct plan_mix_item *items, guint n);

/* prefix: "spte" or "rmap"; numbers below limit, none twice. */
gboolean list_read(const char *text, const char *prefix, guint limit, guint **numbers, guint *n,
		   char **why);
void list_print(GString *out, const char *prefix, const guint *numbers, guint n);

/* "add", "remove", "walk", "zap-all", "recycle", "mark-dirty", "guest-write" ... */
const char *op_word(enum plan_op_kind kind);

#endif
