/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The child of a sample: threads, laps, the end.
 *
 * All threads wait for each other at the beginning and the end of a lap. In
 * between one of them, the keeper, sets up, judges and decides whether there is
 * another lap, and nobody else does anything. A plan whose tasks can all be
 * played again and again has one long lap in timing mode, and in checked mode
 * laps as long as the logs. The keeper is the first task that writes, so that
 * what the setup frees is what that task allocates next, as with one slab for
 * all in the simulator.
 */
#define _GNU_SOURCE
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include "sim/hw/stamps.h"
#include "sim/hw/state.h"
#include "sim/kern/hw/kern_hw.h"

#define OFFSET_MESSAGES	2000
#define JITTER_BITS	12	/* a lap's start is late by up to so many turns of a loop */

static const uint32_t heeds_nothing;

static void run_broken(struct hw_run *run, const char *what, int err)
{
	snprintf(run->shared->message, sizeof(run->shared->message), "%s: %s", what,
		 g_strerror(err));
	run->shared->broken = 1;
}

/* Is there an earlier thread on this one's CPU? They have one clock. */
static bool same_clock(const struct hw_run *run, unsigned int i)
{
	unsigned int k;

	for (k = 0; k < i; k++) {
		if (run->opt->cpus[k] == run->opt->cpus[i])
			return true;
	}
	return false;
}

/* Thread 0 with one of each other CPU in turn. */
static void run_offsets(struct hw_thread *t)
{
	struct hw_run *run = t->run;
	unsigned int i;

	for (i = 1; i < run->plan->n_tasks; i++) {
		if (same_clock(run, i))
			continue;
		if (!t->number)
			hw_offsets_reset(run->offsets);
		hw_barrier_wait(&run->barrier);
		if (!t->number || t->number == i)
			hw_offsets_measure(run->offsets, i, !t->number, OFFSET_MESSAGES);
		hw_barrier_wait(&run->barrier);
	}
	if (t->number == run->keeper)
		run->shared->offset_ticks = hw_offsets_bound(run->offsets);
}

/* How many operations this task may do in this lap. */
static uint64_t lap_operations(const struct hw_thread *t)
{
	uint64_t limit = t->run->opt->operations, ops = UINT64_MAX;

	if (t->tape->lap)
		return t->tape->lap;
	if (limit)
		ops = limit > t->counts->issued ? limit - t->counts->issued : 0;
	return ops;
}

/* Starts that are not always the same: short delays often, long ones now and then. */
static void lap_jitter(struct hw_thread *t)
{
	uint32_t turns = rng_below(&t->jitter, 1u << rng_below(&t->jitter, JITTER_BITS + 1));

	while (turns--)
		barrier();
}

static void lap_play(struct hw_thread *t)
{
	struct hw_run *run = t->run;
	uint64_t begin, ops = lap_operations(t);

	if (run->tapes->laps && !t->tape->lap)
		t->at = 0;	/* the start state is new, the tape begins with it */
	t->lap_at = t->at;
	t->lap_issued = t->counts->issued;
	if (run->tapes->laps)
		lap_jitter(t);
	begin = stamp_tsc();
	if (run->opt->mode == HW_CHECKED)
		hw_play_checked(t, ops);
	else
		hw_play_timing(t, ops);
	t->counts->busy_ticks += stamp_tsc() - begin;
	if (t->tape->lap && !__atomic_sub_fetch(&run->lap_pending, 1, __ATOMIC_SEQ_CST))
		__atomic_fetch_or(&run->shared->flags, HW_LAP_OVER, __ATOMIC_SEQ_CST);
}

static unsigned int lap_tasks(const struct hw_run *run)
{
	unsigned int i, n = 0;

	for (i = 0; i < run->plan->n_tasks; i++)
		n += run->tapes->tape[i].lap > 0;
	return n;
}

static void tell_missed(struct hw_run *run, const struct hw_verdict *v)
{
	double ns = run->shared->ns_per_tick;
	char added[64] = "there since the lap began", removed[64] = "not removed in it";

	if (v->added)
		snprintf(added, sizeof(added), "added %.0f ns before the walk began",
			 v->before * ns);
	if (v->removed)
		snprintf(removed, sizeof(removed), "removed %.0f ns after it ended",
			 v->after * ns);
	hw_violation(run, "coverage", "%s's walk of rmap%u missed spte%u, which was in it "
		     "throughout: %s, %s (lap %" G_GUINT64_FORMAT ", walk %u)",
		     run->plan->tasks[v->task].name, v->rmap, v->spte, added, removed,
		     run->shared->laps, v->walk);
}

static bool has_check(const struct plan *plan, const char *name)
{
	return g_strv_contains((const char *const *)plan->checks, name);
}

static void lap_check_bounds(struct hw_run *run)
{
	uint64_t max = has_check(run->plan, "termination") ? run->plan->restarts_max : 0;
	unsigned int i;

	for (i = 0; i < run->plan->n_tasks; i++) {
		const struct hw_counts *c = &run->shared->task[i];

		if (c->strange)
			hw_violation(run, "access", "%s visited what is no spte",
				     run->plan->tasks[i].name);
		if (max && c->restarts_max > max)
			hw_violation(run, "termination", "a walk of %s restarted %"
				     G_GUINT64_FORMAT " times, more than check.restarts = %"
				     G_GUINT64_FORMAT, run->plan->tasks[i].name, c->restarts_max,
				     max);
	}
}

static void lap_judge(struct hw_run *run)
{
	struct hw_verdict *v = &run->shared->verdict;
	unsigned int i, k;

	if (has_check(run->plan, "coverage"))
		hw_judge_lap(run->judge, run->where, run->log, run->plan->n_tasks,
			     run->shared->offset_ticks, v);
	if (v->missed)
		tell_missed(run, v);
	lap_check_bounds(run);
	for (i = 0; i < run->plan->n_tasks; i++) {
		struct hw_log *log = &run->log[i];

		for (k = 0; k < log->n_events; k++) {
			const struct hw_event *ev = &log->event[k];

			run->where[ev->spte] = ev->add ? ev->rmap + 1 : 0;
		}
		log->n_events = 0;
		log->n_walks = 0;
	}
}

/* Has each task done what was asked for? Those that loop beside laps do what they can. */
static bool run_done(const struct hw_run *run)
{
	unsigned int i;

	if (READ_ONCE(run->shared->flags) & HW_STOP)
		return true;
	if (!run->opt->operations)
		return false;
	for (i = 0; i < run->plan->n_tasks; i++) {
		bool counts = run->tapes->tape[i].lap || !run->tapes->laps;

		if (counts && run->shared->task[i].issued < run->opt->operations)
			return false;
	}
	return true;
}

/* The keeper, between two laps. */
static void lap_end(struct hw_run *run)
{
	struct hw_shared *sh = run->shared;

	sh->duration_ticks = stamp_tsc() - run->start_tsc;
	if (run->plan->kvm && has_check(run->plan, "dirty-log"))
		hw_pages_judge(run, &run->thread[run->keeper]);
	if (run->opt->mode == HW_CHECKED)
		lap_judge(run);
	sh->laps++;
	if (sh->violated && !run->opt->keep_going)
		__atomic_fetch_or(&sh->flags, HW_STOP, __ATOMIC_SEQ_CST);
	__atomic_fetch_and(&sh->flags, ~HW_LAP_OVER, __ATOMIC_SEQ_CST);
	run->lap_pending = lap_tasks(run);
	run->over = run_done(run);
	if (run->tapes->laps && !run->over)
		hw_world_reset(run);
}

static void run_start(struct hw_run *run)
{
	run->shared->stamp_ticks = hw_clock_stamp_ticks();
	hw_world_reset(run);
	run->lap_pending = lap_tasks(run);
	run->start_tsc = stamp_tsc();
	WRITE_ONCE(run->shared->stage, HW_STAGE_RUNNING);
}

static uint64_t clock_read_ns(clockid_t clock)
{
	struct timespec ts;

	clock_gettime(clock, &ts);
	return ts.tv_sec * 1000000000ull + ts.tv_nsec;
}

static void run_laps(struct hw_thread *t)
{
	uint64_t cpu = clock_read_ns(CLOCK_THREAD_CPUTIME_ID);
	uint64_t wall = clock_read_ns(CLOCK_MONOTONIC);
	struct hw_run *run = t->run;
	bool keeper = t->number == run->keeper;

	if (keeper)
		run_start(run);
	for (;;) {
		hw_barrier_wait(&run->barrier);
		if (run->over)
			break;
		lap_play(t);
		hw_barrier_wait(&run->barrier);
		if (keeper)
			lap_end(run);
	}
	t->counts->cpu_ns = clock_read_ns(CLOCK_THREAD_CPUTIME_ID) - cpu;
	t->counts->wall_ns = clock_read_ns(CLOCK_MONOTONIC) - wall;
	if (keeper)
		WRITE_ONCE(run->shared->stage, HW_STAGE_ENDING);
}

static void *run_thread(void *arg)
{
	struct hw_thread *t = arg;
	struct hw_run *run = t->run;
	cpu_set_t *set = CPU_ALLOC(CPU_SETSIZE);

	CPU_ZERO_S(CPU_ALLOC_SIZE(CPU_SETSIZE), set);
	CPU_SET_S(run->opt->cpus[t->number], CPU_ALLOC_SIZE(CPU_SETSIZE), set);
	pthread_setaffinity_np(pthread_self(), CPU_ALLOC_SIZE(CPU_SETSIZE), set);
	CPU_FREE(set);
	kern_hw_thread_begin(t->number);
	t->copies->pages = &kern_hw_pages;
	run_offsets(t);
	run_laps(t);
	run_offsets(t);
	mmu_free_memory_cache(t->vcpu);
	if (t->number == run->keeper)
		mmu_free_memory_cache(&run->kvm->vcpus[run->plan->n_tasks]);
	kern_hw_thread_end();
	return NULL;
}

static bool log_init(struct hw_log *log, const struct hw_tape *tape, unsigned int stride)
{
	log->room_events = log->room_walks = MAX(HW_LOG_ROOM, tape->lap);
	log->event = calloc(log->room_events, sizeof(*log->event));
	log->walks = calloc(log->room_walks, stride);
	return log->event && log->walks;
}

static bool run_logs(struct hw_run *run)
{
	unsigned int i, events = 0;

	if (run->opt->mode != HW_CHECKED)
		return true;
	for (i = 0; i < run->plan->n_tasks; i++) {
		if (!log_init(&run->log[i], &run->tapes->tape[i], run->thread[i].stride))
			return false;
		events += run->log[i].room_events;
	}
	run->judge = hw_judge_new(run->plan->nr_sptes, events);
	return run->judge;
}

static void thread_init(struct hw_run *run, unsigned int i)
{
	struct hw_thread *t = &run->thread[i];

	*t = (struct hw_thread){
		.run = run,
		.number = i,
		.counts = &run->shared->task[i],
		.tape = &run->tapes->tape[i],
		.flags = run->tapes->tape[i].lap ? &heeds_nothing : &run->shared->flags,
		.kvm = run->kvm,
		.vcpu = &run->kvm->vcpus[i],
		.algorithm = run->algorithm,
		.stride = hw_judge_stride(run->plan->nr_sptes),
		.log = &run->log[i],
		.copies = &run->copies[i],
	};
	/* Streams of the tasks are numbered from 1; these are of another kind. */
	rng_init(&t->jitter, run->opt->seed, (uint64_t)i + 1 + (1ull << 32));
}

static unsigned int run_keeper(const struct plan *plan)
{
	unsigned int i;

	for (i = 0; i < plan->n_tasks; i++) {
		if (plan->tasks[i].writes)
			return i;
	}
	return 0;
}

static bool run_init(struct hw_run *run)
{
	unsigned int i, n = run->plan->n_tasks;

	run->keeper = run_keeper(run->plan);
	run->barrier.n = n;
	run->where = calloc(run->plan->nr_sptes, sizeof(*run->where));
	run->thread = aligned_alloc(HW_LINE, n * sizeof(*run->thread));
	run->log = calloc(n, sizeof(*run->log));
	run->offsets = hw_offsets_new(n);
	run->copies = aligned_alloc(HW_LINE, n * sizeof(*run->copies));
	if (!run->copies)
		return false;
	memset(run->copies, 0, n * sizeof(*run->copies));
	if (!run->where || !run->thread || !run->log || !run->offsets || !hw_world_build(run))
		return false;
	for (i = 0; i < n; i++)
		thread_init(run, i);
	return run_logs(run);
}

static bool run_threads(struct hw_run *run)
{
	pthread_t *threads = g_new0(pthread_t, run->plan->n_tasks);
	unsigned int i;
	int err;

	for (i = 0; i < run->plan->n_tasks; i++) {
		err = pthread_create(&threads[i], NULL, run_thread, &run->thread[i]);
		if (err) {
			/* Those that were made wait for this one, and go with the process. */
			run_broken(run, "a thread cannot be made", err);
			return false;
		}
	}
	for (i = 0; i < run->plan->n_tasks; i++)
		pthread_join(threads[i], NULL);
	g_free(threads);
	return true;
}

/* All that run_init() made; no thread is left. */
static void run_free(struct hw_run *run)
{
	unsigned int i;

	hw_world_free(run);
	for (i = 0; i < run->plan->n_tasks; i++) {
		free(run->log[i].event);
		free(run->log[i].walks);
	}
	free(run->log);
	free(run->thread);
	free(run->copies);
	free(run->where);
	hw_judge_free(run->judge);
	hw_offsets_free(run->offsets);
}

void hw_run_sample(struct hw_run *run)
{
	struct hw_shared *sh = run->shared;
	struct hw_clock_pair start;

	if (!run_init(run)) {
		run_broken(run, "the sample cannot be set up", ENOMEM);
		return;
	}
	hw_clock_read(&start);
	sh->ns_per_tick = hw_clock_ns_per_tick(&start);
	if (!run_threads(run))
		return;
	sh->ns_per_tick = hw_clock_ns_per_tick(&start);
	if (hw_offsets_moved(run->offsets)) {
		snprintf(sh->message, sizeof(sh->message), "the time stamp counters of the CPUs "
			 "moved against each other during the sample");
		sh->broken = 1;
		return;
	}
	hw_world_check_end(run);
	run_free(run);
	WRITE_ONCE(sh->stage, HW_STAGE_DONE);
}
