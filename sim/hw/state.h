/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Inside a hardware sample: what its threads share and what each has for
 * itself. Only sim/hw/ includes this.
 *
 * The child that runs a sample has everything; of it the parent sees struct
 * hw_shared, which lies in shared memory, and believes none of it unchecked.
 * Threads write to their own struct hw_counts only and read one word, flags,
 * which nobody writes while a lap is played.
 */
#ifndef SIM_HW_STATE_H
#define SIM_HW_STATE_H

#include "core/mmu.h"
#include "scenarios/plan.h"
#include "sim/engine/rng.h"
#include "sim/hw/clock.h"
#include "sim/hw/histogram.h"
#include "sim/hw/judge.h"
#include "sim/hw/sample.h"
#include "sim/hw/tape.h"

#define HW_SHARED_MAGIC	0x68776d61u
#define HW_LOG_ROOM	4096u	/* operations of a task in one checked lap */

/* What a task did; written by its thread, read by the parent at any time. */
struct hw_counts {
	uint64_t issued;	/* operations begun; one more than are done while one runs */
	uint64_t adds, removes, walks;
	uint64_t guest_writes, harvests, pages;	/* pages: these and all others of the small KVM */
	uint64_t adds_failed;
	uint64_t complete, stopped, given_up;
	uint64_t steps, restarts, slow_path;
	uint64_t steps_max, restarts_max;
	uint64_t visits;
	uint64_t strange;	/* visits of what is no spte */
	uint64_t busy_ticks;	/* from a lap's start to this task's end in it */
	uint64_t cpu_ns, wall_ns;	/* of the thread, waits included: had it its CPU? */
	struct hw_histogram latency_ticks;
	struct hw_histogram steps_of_walk;
	struct hw_histogram restarts_of_walk;
} ____cacheline_aligned;

/* Bits of hw_shared.flags. */
#define HW_STOP		1u	/* the sample is over; set by the parent, or at a violation */
#define HW_LAP_OVER	2u	/* tasks that loop end their lap */

enum hw_stage { HW_STAGE_STARTING, HW_STAGE_RUNNING, HW_STAGE_ENDING, HW_STAGE_DONE };

struct hw_shared {
	uint32_t magic;
	uint32_t stage;		/* enum hw_stage */
	uint32_t flags ____cacheline_aligned;
	uint64_t laps ____cacheline_aligned;
	uint32_t broken;	/* the child could not do it: message says why */
	uint32_t violated;	/* check and message say how */
	char check[32];
	char message[HW_MESSAGE_MAX];
	double ns_per_tick;
	double stamp_ticks;
	uint64_t offset_ticks;
	uint64_t duration_ticks;
	uint64_t violation_ticks;	/* from the start to the end of the lap with it */
	uint64_t warnings;
	struct hw_verdict verdict;
	struct hw_counts task[] ____cacheline_aligned;
};

/* All wait until the last has come. */
struct hw_barrier {
	uint32_t n;
	uint32_t arrived ____cacheline_aligned;
	uint32_t phase ____cacheline_aligned;
};

/* Versions of pages as user space copied them when a harvest of this thread had returned. */
struct hw_copies {
	const struct kern_hw_pages *pages;	/* of the thread itself */
	uint64_t version[KERN_HW_PAGES];
} ____cacheline_aligned;

struct hw_run;

struct hw_thread {
	struct hw_run *run;
	unsigned int number;
	struct hw_counts *counts;
	const uint32_t *flags;	/* those that this task heeds */
	const struct hw_tape *tape;
	uint32_t at;		/* next operation on the tape */
	struct kvm *kvm;
	struct kvm_vcpu *vcpu;
	const struct rmap_algorithm *algorithm;
	struct rmap_walk walk;
	uint64_t visits;
	struct hw_walk *record;	/* of the present walk, in checked mode */
	unsigned int stride;
	struct hw_log *log;
	struct hw_copies *copies;
	uint32_t lap_at;	/* where this lap began on the tape, ... */
	uint64_t lap_issued;	/* ... and how many had been issued before */
	struct rng jitter;
} ____cacheline_aligned;

struct hw_run {
	const struct plan *plan;
	const struct hw_options *opt;
	const struct hw_tapes *tapes;
	const struct rmap_algorithm *algorithm;
	struct hw_shared *shared;
	struct kvm *kvm;
	struct hw_thread *thread;
	struct hw_log *log;
	struct hw_judge *judge;
	struct hw_offsets *offsets;
	struct hw_copies *copies;	/* one for each thread */
	uint16_t *where;	/* rmap + 1 of each spte when the present lap began */
	unsigned int keeper;	/* the thread that sets up, judges and decides */
	bool over;		/* written by the keeper between laps */
	uint32_t lap_pending;	/* tasks that have yet to end this lap's program */
	struct hw_barrier barrier;
	uint64_t start_tsc;
};

/* world.c */
bool hw_world_build(struct hw_run *run);
void hw_world_free(struct hw_run *run);
/* The start state, by the calling thread; the lists may hold anything. */
void hw_world_reset(struct hw_run *run);
/* Lists against a plain set, forms, leaks, warnings, counts. No other thread runs. */
void hw_world_check_end(struct hw_run *run);
/* A violation; the first one stays. */
void hw_violation(struct hw_run *run, const char *check, const char *fmt, ...)
	G_GNUC_PRINTF(3, 4);

/* pages.c: the small KVM. */
void hw_pages_play(struct hw_thread *t, const struct hw_op *op);
/* Between laps: once more harvested, does each page's copy have all that was written? */
void hw_pages_judge(struct hw_run *run, struct hw_thread *t);
void hw_pages_reset(struct hw_run *run);
/* Where sptes must be listed, by what they say themselves. */
void hw_pages_expected(const struct hw_run *run, uint16_t *where);

/* timing.c, checked.c: play up to ops operations, or until a heeded flag. */
void hw_play_timing(struct hw_thread *t, uint64_t ops);
void hw_play_checked(struct hw_thread *t, uint64_t ops);

/* run.c: the whole of a child. Writes its results to run->shared. */
void hw_run_sample(struct hw_run *run);

/* wait.c */
void hw_barrier_wait(struct hw_barrier *barrier);

#endif
