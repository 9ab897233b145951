/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What several test programs need: the vocabulary of this program, a plan from
 * a shipped scenario or from text, an engine or a campaign of it.
 */
#ifndef TESTS_SUPPORT_H
#define TESTS_SUPPORT_H

#include "scenarios/scenario.h"
#include "sim/engine/campaign.h"
#include "sim/engine/engine.h"

/* The shipped scenario of that name with overrides (NULL-terminated), or the test fails. */
struct plan *support_plan(const char *name, const char *const *set);
/* The same from text. */
struct plan *support_plan_text(const char *text, const char *const *set);
/* An engine of that plan, or the test fails. */
struct engine *support_engine(const struct plan *plan, unsigned int flags);
/* How many of the seeds 1..seeds fail, the first by that check. The plan is freed. */
guint64 support_fails(struct plan *plan, guint64 seeds, const char *check);

#endif
