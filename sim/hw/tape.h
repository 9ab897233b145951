/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A task's operations, drawn and written down before anything is measured: a
 * thread then only reads on.
 *
 * A program's tape is the program. A mix's tape has what the simulator would
 * draw from the same stream (seed, task), and at its end what brings the task's
 * sptes back to where they began; then it is played again from its beginning.
 *
 * A program that does not leave its sptes as it found them cannot be played
 * again at once. One such task makes the whole plan one of laps: all tasks play
 * their programs once, wait for each other, and the start state is set up anew.
 */
#ifndef SIM_HW_TAPE_H
#define SIM_HW_TAPE_H

#include <glib.h>
#include "scenarios/plan.h"

struct hw_op {
	uint16_t kind;		/* enum plan_op_kind */
	uint16_t rmap;
	uint16_t spte;
	uint16_t pad;
};

struct hw_tape {
	struct hw_op *ops;
	uint32_t n;
	uint32_t lap;		/* operations of one lap; 0: until the others are done */
	uint32_t variants;	/* laps that the tape has room for, one after the other */
};

struct hw_tapes {
	struct hw_tape *tape;	/* one for each task */
	unsigned int n;
	gboolean laps;
	uint16_t *start;	/* rmap + 1 of each spte after the setup, 0: in none */
};

struct hw_tapes *hw_tapes_new(const struct plan *plan, guint64 seed);
void hw_tapes_free(struct hw_tapes *tapes);

/* A plain set: where each spte is, as the operations say. */
void hw_tape_apply(uint16_t *where, const struct hw_op *op);

#endif
