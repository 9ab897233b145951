/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The Linux kernel memory model, as axioms over candidate executions: which
 * final states does it allow a litmus test? Written from the model's own
 * definition (tools/memory-model of Linux 6.1, linux-kernel.cat and lock.cat), and
 * shares nothing with the engine or the models but the parser. Only for tests,
 * and for small ones: no loops, LKMM_EVENTS events, no SRCU.
 */
#ifndef TESTS_LKMM_H
#define TESTS_LKMM_H

#include "sim/litmus/program.h"

#define LKMM_EVENTS	64	/* initial writes included */
#define LKMM_OF_PROC	32

/* What an event is; bits, so that sets are easily made. */
#define LKMM_R		(1u << 0)
#define LKMM_W		(1u << 1)
#define LKMM_IW		(1u << 2)	/* an initial write; also W */
#define LKMM_PLAIN	(1u << 3)
#define LKMM_ACQUIRE	(1u << 4)
#define LKMM_RELEASE	(1u << 5)
#define LKMM_NORETURN	(1u << 6)
#define LKMM_RMW	(1u << 7)	/* half of an atomic that is no lock */
#define LKMM_LKR	(1u << 8)	/* also R, acquire */
#define LKMM_LKW	(1u << 9)	/* also W */
#define LKMM_UL		(1u << 10)	/* also W, release */
#define LKMM_LF		(1u << 11)	/* also R: a spin_trylock that failed */
#define LKMM_MB		(1u << 12)
#define LKMM_RMB	(1u << 13)
#define LKMM_WMB	(1u << 14)
#define LKMM_BEFORE	(1u << 15)
#define LKMM_AFTER	(1u << 16)
#define LKMM_AFTER_SPIN	(1u << 17)
#define LKMM_RCU_LOCK	(1u << 18)
#define LKMM_RCU_UNLOCK	(1u << 19)
#define LKMM_SYNC	(1u << 20)

struct lkmm_event {
	uint32_t is;
	int proc;		/* -1: an initial write */
	int loc;		/* -1: a fence */
	int64_t value;
	/* Events of the same process, by their number there. */
	uint32_t addr, data, ctrl;	/* reads that it depends on */
	int partner;		/* of the second half of an RMW or section: the first; -1 */
};

/* One way through a process, with a value guessed for each read. */
struct lkmm_trace {
	struct lkmm_event ev[LKMM_OF_PROC];
	unsigned int n;
	int64_t reg[LITMUS_REGS_MAX];
};

/* Values are numbers; an address is one from here up. */
#define LKMM_ADDRESS	(1ll << 45)

/*
 * All traces of each process (arrays of struct lkmm_trace); free each with
 * g_array_unref(). false: the program has loops or is too large.
 */
bool lkmm_traces(const struct litmus_program *program, GArray **traces);

int64_t lkmm_number(struct litmus_value value);
struct litmus_value lkmm_value(int64_t number);

/*
 * A set of the final states that are allowed, as texts "0:r0=1; x=2;" of the
 * program's items; the filter is heeded. NULL: it has loops or is too large.
 */
GHashTable *lkmm_states(const struct litmus_program *program, bool *some, bool *all);

#endif
