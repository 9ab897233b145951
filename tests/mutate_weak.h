/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Primitives without the order that they have: what a mutant of core/ calls where
 * core/kern.h has no name for it. See tests/mutate.sh.
 */
#ifndef TESTS_MUTATE_WEAK_H
#define TESTS_MUTATE_WEAK_H

#include "core/kern.h"

/* As sim_seqcount_begin(), without its acquire. */
static inline __attribute__((always_inline)) u32
mutate_seqcount_begin(seqcount_t *s, struct sim_site *load, struct sim_site *relax)
{
	u64 id = sim.cur->id;
	u32 sequence;

	for (;;) {
		sim.cur->id = id;
		sequence = sim_load(&s->sequence, 4, ORD_ONCE, load);
		if (!(sequence & 1))
			return sequence;
		sim_call(EV_RELAX, NULL, 0, ORD_PLAIN, 0, relax);
	}
}

#define read_seqcount_begin_relaxed(s) \
	mutate_seqcount_begin(s, SIM_SITE(EV_LOAD, "read_seqcount_begin"), \
			      SIM_SITE(EV_RELAX, "read_seqcount_begin"))
#define read_seqcount_retry_relaxed(s, start)	(READ_ONCE((s)->sequence) != (start))
#define write_seqcount_begin_relaxed(s) \
	sim_seqcount_count(s, SIM_SITE(EV_LOAD, "write_seqcount_begin"), \
			   SIM_SITE(EV_STORE, "write_seqcount_begin"))
#define write_seqcount_end_relaxed(s) \
	sim_seqcount_count(s, SIM_SITE(EV_LOAD, "write_seqcount_end"), \
			   SIM_SITE(EV_STORE, "write_seqcount_end"))

#endif
