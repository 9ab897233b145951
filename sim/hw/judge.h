/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Coverage from stamps: which sptes a walk had to visit, and whether it did.
 *
 * An spte was certainly in an rmap throughout a walk of it if its add ended
 * before the walk began and its remove began after the walk ended, both by more
 * than what the clocks of two CPUs may differ. What is closer is not judged. An
 * spte that was there when the lap began needs no stamp of its add, and one that
 * was not removed in the lap none of its remove: all threads waited for each
 * other there.
 *
 * Pure: logs go in, a verdict comes out. Nothing here knows threads or clocks.
 */
#ifndef SIM_HW_JUDGE_H
#define SIM_HW_JUDGE_H

#include <stdbool.h>
#include <stdint.h>

struct hw_event {
	uint64_t time;		/* an add's end, a remove's beginning */
	uint16_t spte;
	uint16_t rmap;
	bool add;
};

/* One walk; behind it a bit for each spte, set if it was visited. */
struct hw_walk {
	uint64_t begin, end;
	uint32_t rmap;
	bool complete;		/* only complete walks are judged */
	uint64_t seen[];
};

/* What one task did in a lap, in its own order. No spte is in two tasks' logs. */
struct hw_log {
	struct hw_event *event;
	unsigned int n_events, room_events;
	char *walks;		/* records of hw_judge_stride() bytes */
	unsigned int n_walks, room_walks;
};

struct hw_verdict {
	uint64_t walks;		/* complete ones */
	uint64_t judged;	/* those among them that had to visit something for certain */
	uint64_t obligations;	/* pairs of a walk and an spte that it had to visit */
	uint64_t missed;	/* among those */
	/* The first that was missed. */
	unsigned int task, walk, spte, rmap;
	bool added, removed;	/* in this lap: then how many ticks before, after the walk */
	uint64_t before, after;
};

struct hw_judge;

/* NULL: no memory. events_max: of all logs of a lap together. */
struct hw_judge *hw_judge_new(unsigned int nr_sptes, unsigned int events_max);
void hw_judge_free(struct hw_judge *judge);

/* Bytes of one walk's record. */
unsigned int hw_judge_stride(unsigned int nr_sptes);

static inline struct hw_walk *hw_log_walk(const struct hw_log *log, unsigned int stride,
					  unsigned int i)
{
	return (struct hw_walk *)(log->walks + (uint64_t)i * stride);
}

/*
 * One lap. start: rmap + 1 of each spte when it began, or 0. offset: bound on
 * the difference of two CPUs' clocks, in ticks. Adds to *verdict.
 */
void hw_judge_lap(struct hw_judge *judge, const uint16_t *start, const struct hw_log *logs,
		  unsigned int n_logs, uint64_t offset, struct hw_verdict *verdict);

#endif
