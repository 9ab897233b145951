/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Grace periods in the model weak: a section that begins behind the start of one sees
 * at least the state of the start, and who has waited sees all that those readers did.
 */
#include "sim/model/weak.h"

void weak_grace(void *state, unsigned int cpu, enum model_grace what)
{
	struct weak_state *s = state;
	struct weak_cpu *c = weak_cpu(s, cpu);

	switch (what) {
	case GRACE_STARTS:
		weak_full_barrier(c);
		s->grace_start = s->clock;
		c->grace_end = s->clock;
		break;
	case GRACE_QUEUED:
		s->grace_start = s->clock;
		break;
	case GRACE_SECTION:
		weak_raise(&c->all, s->grace_start);
		break;
	case GRACE_LEFT:
		c->grace_end = s->clock;
		break;
	case GRACE_ENDS:
		weak_full_barrier(c);
		weak_raise(&c->all, c->grace_end);
		break;
	}
}
