/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A line of [expect]: what a command is to find under a memory model.
 *
 *	COMMAND.MODEL = VERDICTS [; seeds = N] [; states = N]
 *
 * COMMAND is run or verify; MODEL is sc, tso, pso or weak, whether or not this
 * version has it; VERDICTS is clean, incomplete, or CHECK[, CHECK].
 */
#ifndef SCENARIOS_EXPECT_H
#define SCENARIOS_EXPECT_H

#include "scenario.h"

/* FALSE: *why (free it) says what is wrong and what would be valid. */
gboolean expect_read(const char *key, const char *value, const struct scenario_vocabulary *voc,
		     struct plan_expect *expect, char **why);
void expect_print(GString *out, const struct plan_expect *expect);
void expect_clear(struct plan_expect *expect);

#endif
