/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Results of litmus tests in the form that herd7 prints. */
#ifndef SIM_LITMUS_PRINT_H
#define SIM_LITMUS_PRINT_H

#include "sim/litmus/explore.h"

/*
 * The whole of it, with the empty line behind; to be freed. Two things differ
 * from herd7: Witnesses counts final states, not executions; and there is no
 * line Time, since the same test gives the same text.
 */
char *litmus_print(const struct litmus_program *program, const struct litmus_result *result);
/* "0:r0=1; x=2;": final state number i. */
char *litmus_state_text(const struct litmus_program *program, const struct litmus_result *result,
			unsigned int i);

#endif
