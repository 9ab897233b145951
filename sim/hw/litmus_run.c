/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The child of a litmus test on hardware. Threads play batches of rounds: each
 * sets up its share of the instances, all meet, each plays its process on one
 * instance after the other, all meet, each looks at its share. Shares alternate,
 * so that locations lie now in one CPU's cache, now in another's.
 *
 * Every round begins with a meeting and a moment: the last to arrive names a
 * time shortly after, and all wait for it by their time stamp counters, then a
 * small drawn delay more. To provoke store buffering, each flushes a line of its
 * own before the meeting and stores to it right before its code: all stores
 * behind that one wait in the buffer until the line has come.
 */
#define _GNU_SOURCE
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "sim/engine/rng.h"
#include "sim/hw/child.h"
#include "sim/hw/litmus_run.h"
#include "sim/hw/stamps.h"

#define BATCH		256u
#define LOOKS		256u	/* of a waiter, before it lets others run */
#define SOON_TICKS	1000	/* enough for the word to reach all */
#define LATE_TICKS	100000	/* counters that disagree by so much are not waited for */
#define JITTER_BITS	7
#define SLOTS		(4 * HW_LITMUS_STATES)

#define LINE_ALIGNED	__attribute__((aligned(HW_LITMUS_LINE)))

struct states {
	int64_t *slot;		/* SLOTS times: how often (0: free), the values */
	unsigned int n;
	bool full;
};

struct run;

struct thread {
	uint8_t slow[HW_LITMUS_LINE];	/* flushed, then stored to */
	struct run *run;
	unsigned int number;
	uint64_t meetings;
	uint64_t moment;	/* of the last meeting */
	struct rng jitter;
	int64_t *record;	/* registers of each round of a batch */
	int64_t *key;
	struct states states;
	unsigned int n_regs;
	bool wild;		/* it reached for what is no location */
} LINE_ALIGNED;

struct run {
	const struct hw_litmus_child *child;
	uint8_t *instances;
	struct thread *thread;
	unsigned int n;
	uint64_t arrived LINE_ALIGNED;
	uint64_t moment LINE_ALIGNED;
	uint64_t left LINE_ALIGNED;	/* rounds; thread 0 changes it between two meetings */
	bool over;
} LINE_ALIGNED;

static uint64_t wait_for_moment(struct run *run, uint64_t last)
{
	unsigned int looks = 0;
	uint64_t moment;

	while ((moment = __atomic_load_n(&run->moment, __ATOMIC_ACQUIRE)) == last) {
		if (looks++ < LOOKS)
			__builtin_ia32_pause();
		else
			sched_yield();
	}
	return moment;
}

/* All threads; what they stored before it is seen by all behind it. */
static void meet(struct thread *t)
{
	struct run *run = t->run;
	uint64_t last = t->moment;

	t->meetings++;
	if (__atomic_add_fetch(&run->arrived, 1, __ATOMIC_SEQ_CST) == t->meetings * run->n) {
		t->moment = MAX(last + 1, stamp_tsc() + SOON_TICKS);
		__atomic_store_n(&run->moment, t->moment, __ATOMIC_RELEASE);
	} else {
		t->moment = wait_for_moment(run, last);
	}
}

static void start_together(struct thread *t)
{
	uint32_t turns = rng_below(&t->jitter, 1u << rng_below(&t->jitter, JITTER_BITS + 1));
	int64_t ahead;

	meet(t);
	do {
		ahead = t->moment - stamp_tsc();
	} while (ahead > 0 && ahead < LATE_TICKS);
	while (turns--)
		__asm__ volatile("");
}

static inline void flush_line(void *line)
{
	__asm__ volatile("clflush (%0); mfence" :: "r"(line) : "memory");
}

static uint8_t *instance_of(const struct run *run, unsigned int i)
{
	return run->instances + (size_t)i * run->child->code->span;
}

static void play_round(struct thread *t, unsigned int i)
{
	const struct hw_litmus_child *child = t->run->child;
	int64_t *reg = t->record + (size_t)i * t->n_regs;
	uint8_t *instance = instance_of(t->run, i);

	memcpy(reg, child->code->proc[t->number].init, t->n_regs * sizeof(*reg));
	if (child->opt->provoke)
		flush_line(t->slow);
	start_together(t);
	if (child->opt->provoke)
		__atomic_store_n(&t->slow[0], i, __ATOMIC_RELAXED);
	if (!hw_litmus_play(child->code, t->number, instance, reg))
		t->wild = true;
}

/* The place of this key, or a free one. */
static int64_t *states_find(const struct states *s, const int64_t *key, unsigned int n)
{
	uint64_t h = 0;
	unsigned int i;

	for (i = 0; i < n; i++)
		h = hash_mix(h, key[i]);
	for (;; h++) {
		int64_t *slot = s->slot + h % SLOTS * (n + 1);

		if (!slot[0] || !memcmp(slot + 1, key, n * sizeof(*key)))
			return slot;
	}
}

static void states_add(struct states *s, const int64_t *key, unsigned int n, int64_t count)
{
	int64_t *slot = states_find(s, key, n);

	if (!slot[0]) {
		if (s->n == HW_LITMUS_STATES) {
			s->full = true;
			return;
		}
		s->n++;
		memcpy(slot + 1, key, n * sizeof(*key));
	}
	slot[0] += count;
}

static int64_t item_value(const struct run *run, struct litmus_item item, unsigned int i)
{
	const struct hw_litmus_code *code = run->child->code;
	const struct thread *t;

	if (item.proc < 0)
		return hw_litmus_location(code, instance_of(run, i), item.number);
	t = &run->thread[item.proc];
	return hw_litmus_register(code, item.proc, item.number,
				  t->record[(size_t)i * t->n_regs + item.number]);
}

static void look_at(struct thread *t, unsigned int i)
{
	const struct hw_litmus_child *child = t->run->child;
	unsigned int k;

	for (k = 0; k < child->n_items; k++)
		t->key[k] = item_value(t->run, child->item[k], i);
	states_add(&t->states, t->key, child->n_items, 1);
}

static void broken(struct run *run, const char *format, ...) G_GNUC_PRINTF(2, 3);
static void broken(struct run *run, const char *format, ...)
{
	struct hw_litmus_shared *sh = run->child->shared;
	va_list ap;

	va_start(ap, format);
	vsnprintf(sh->message, sizeof(sh->message), format, ap);
	va_end(ap);
	sh->broken = 1;
	run->over = true;
}

/* Thread 0, when all have played a batch. */
static void batch_end(struct run *run, unsigned int n)
{
	struct hw_litmus_shared *sh = run->child->shared;
	unsigned int i;

	run->left -= n;
	__atomic_store_n(&sh->rounds, run->child->opt->rounds - run->left, __ATOMIC_RELAXED);
	run->over = !run->left || __atomic_load_n(&sh->stop, __ATOMIC_RELAXED);
	for (i = 0; i < run->n; i++) {
		if (run->thread[i].wild)
			broken(run, "P%u reaches for an address that is no location", i);
	}
}

/* The meeting at a batch's begin lets everybody see what thread 0 decided before it. */
static void *thread_main(void *arg)
{
	struct thread *t = arg;
	struct run *run = t->run;
	const struct hw_litmus_code *code = run->child->code;
	unsigned int i, n;

	for (;;) {
		for (i = t->number; i < BATCH; i += run->n)
			memcpy(instance_of(run, i), code->image, code->span);
		meet(t);
		if (run->over)
			return NULL;
		n = MIN(run->left, BATCH);
		for (i = 0; i < n; i++)
			play_round(t, i);
		meet(t);
		for (i = t->number; i < n; i += run->n)
			look_at(t, i);
		if (!t->number)
			batch_end(run, n);
	}
}

static bool thread_init(struct run *run, unsigned int i)
{
	const struct hw_litmus_child *child = run->child;
	struct thread *t = &run->thread[i];

	memset(t, 0, sizeof(*t));
	t->run = run;
	t->number = i;
	t->n_regs = MAX(child->code->proc[i].n_regs, 1);
	rng_init(&t->jitter, child->opt->seed, i + 1);
	t->record = calloc((size_t)BATCH * t->n_regs, sizeof(*t->record));
	t->key = calloc(child->n_items + 1, sizeof(*t->key));
	t->states.slot = calloc((size_t)SLOTS * (child->n_items + 1), sizeof(int64_t));
	return t->record && t->key && t->states.slot;
}

static bool run_init(struct run *run)
{
	unsigned int i;

	run->n = run->child->code->program->n_procs;
	run->left = run->child->opt->rounds;
	run->thread = aligned_alloc(HW_LITMUS_LINE, run->n * sizeof(*run->thread));
	run->instances = aligned_alloc(HW_LITMUS_LINE, (size_t)BATCH * run->child->code->span);
	if (!run->thread || !run->instances)
		return false;
	for (i = 0; i < run->n; i++) {
		if (!thread_init(run, i))
			return false;
	}
	return true;
}

static int make_thread(struct run *run, unsigned int i, pthread_t *id)
{
	size_t size = CPU_ALLOC_SIZE(CPU_SETSIZE);
	cpu_set_t *set = CPU_ALLOC(CPU_SETSIZE);
	pthread_attr_t attr;
	int err;

	CPU_ZERO_S(size, set);
	CPU_SET_S(run->child->opt->cpus[i], size, set);
	pthread_attr_init(&attr);
	pthread_attr_setaffinity_np(&attr, size, set);
	err = pthread_create(id, &attr, thread_main, &run->thread[i]);
	pthread_attr_destroy(&attr);
	CPU_FREE(set);
	return err;
}

static bool run_threads(struct run *run)
{
	pthread_t id[LITMUS_PROCS_MAX];
	unsigned int i;
	int err;

	for (i = 0; i < run->n; i++) {
		err = make_thread(run, i, &id[i]);
		if (err) {
			/* Those that were made wait for this one, and go with the process. */
			broken(run, "a thread cannot be made: %s", g_strerror(err));
			return false;
		}
	}
	for (i = 0; i < run->n; i++)
		pthread_join(id[i], NULL);
	return true;
}

static void collect(struct run *run)
{
	struct hw_litmus_shared *sh = run->child->shared;
	unsigned int i, k, n = run->child->n_items;
	struct states *all = &run->thread[0].states;

	for (i = 0; i < run->n; i++) {
		const struct states *s = &run->thread[i].states;

		all->full |= s->full;
		for (k = 0; i && k < SLOTS; k++) {
			const int64_t *slot = s->slot + (size_t)k * (n + 1);

			if (slot[0])
				states_add(all, slot + 1, n, slot[0]);
		}
	}
	if (all->full)
		broken(run, "more than %u different final states", HW_LITMUS_STATES);
	for (k = 0; k < SLOTS; k++) {
		const int64_t *slot = all->slot + (size_t)k * (n + 1);

		if (slot[0])
			memcpy(sh->table + (size_t)sh->n_states++ * (n + 1), slot,
			       (n + 1) * sizeof(*slot));
	}
}

/* Ends with its process, which frees what it made. */
void hw_litmus_child_run(void *child)
{
	struct run run = { .child = child };
	double start = hw_now_s();

	if (!run_init(&run)) {
		broken(&run, "no memory for the rounds");
		return;
	}
	if (!run_threads(&run))
		return;
	collect(&run);
	run.child->shared->seconds = hw_now_s() - start;
	__atomic_store_n(&run.child->shared->done, 1, __ATOMIC_RELEASE);
}
