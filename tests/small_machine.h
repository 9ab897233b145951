/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Small programs, made from a seed, and abstract machines that run them in every
 * way: sequential consistency, x86-TSO as Owens, Sarkar and Sewell define it
 * (2009), and PSO, which is the same with a FIFO for each location. Written from
 * the papers' rules; shares nothing with the engine, the models or the litmus
 * tests' reader.
 */
#ifndef TESTS_SMALL_MACHINE_H
#define TESTS_SMALL_MACHINE_H

#include <glib.h>

#define SMALL_PROCS	3
#define SMALL_INSNS	4
#define SMALL_LOCS	3

enum small_model { SMALL_SC, SMALL_TSO, SMALL_PSO };

enum small_kind { SMALL_LOAD, SMALL_STORE, SMALL_MB, SMALL_XCHG };

struct small_insn {
	guint8 kind, loc, value;	/* results go to the register of the insn's number */
};

struct small_program {
	guint8 n_procs, n_locs;
	guint8 n[SMALL_PROCS];
	struct small_insn insn[SMALL_PROCS][SMALL_INSNS];
};

/* Two or three processes of two to four instructions. */
void small_make(struct small_program *p, guint32 seed);
/* The same as a litmus test in C; free it. Its state lines show every register and location. */
char *small_text(const struct small_program *p, const char *name);
/* The set of final states, as texts "0:r0=1; x=2;"; g_hash_table_unref() it. */
GHashTable *small_states(const struct small_program *p, enum small_model model);

#endif
