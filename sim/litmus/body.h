/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The interpreter of litmus tests: what runs on the tasks' stacks, one process a
 * task. All that a process is lies in its frame in simulated memory, so that it
 * belongs to the state's identity and a saved state needs nothing else.
 */
#ifndef SIM_LITMUS_BODY_H
#define SIM_LITMUS_BODY_H

#include "sim/litmus/program.h"

struct litmus_frame {
	uint64_t pc;
	int64_t reg[];		/* as many as the process has */
};

/* The test and where its parts lie; constant during runs. Made by the engine. */
struct litmus_world {
	const struct litmus_program *program;
	void *loc[LITMUS_LOCS_MAX];
	struct litmus_frame *frame[LITMUS_PROCS_MAX];
	/* Which instruction has announced last, for messages before a search begins. */
	const struct litmus_insn *announced;
	unsigned int announced_by;
	uint8_t loc_at[8 * LITMUS_LOCS_MAX + 1];	/* by offset in the memory: number + 1 */
	bool every_order;	/* nothing is left out */
	bool fences;		/* the model has use for them */
	bool moves;		/* it wants to know where registers go */
};

extern struct litmus_world litmus_world;

/* A task's entry point. */
void litmus_main(void) __attribute__((noreturn));

#endif
