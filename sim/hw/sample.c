/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The parent of a sample: forks the child, ends it in time, and makes a result
 * of what it left in shared memory. Nothing there is believed: a child that ran
 * broken code may have written anything anywhere.
 */
#include <errno.h>
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include "sim/hw/child.h"
#include "sim/hw/state.h"
#include "sim/hw/unplayed.h"

#define ENDING_S	60	/* for the end checks, beyond the scenario's hang time */

/* What the parent has seen of a task. */
struct watch {
	uint64_t issued;
	double since;		/* when that was seen first */
};

struct parent {
	struct hw_run run;	/* the child's, before it exists */
	size_t bytes;
	pid_t pid;
	int status;		/* of the child, when it has ended */
	gboolean ended, killed;
	gboolean stuck;		/* not in an operation: it is not the code's fault */
	double started;		/* when the child ran, 0: not yet */
	double stopped;		/* when it was told to stop, 0: not yet */
	struct watch *watch;
	struct hw_sample *sample;
};

const char *hw_outcome_word(enum hw_outcome outcome)
{
	static const char *const words[] = {
		[HW_OK] = "ok", [HW_VIOLATION] = "violation", [HW_CRASH] = "crash",
		[HW_HANG] = "hang",
	};

	return words[outcome];
}

static void parent_stop(struct parent *p)
{
	__atomic_fetch_or(&p->run.shared->flags, HW_STOP, __ATOMIC_SEQ_CST);
	if (!p->stopped)
		p->stopped = hw_now_s();
}

static void parent_kill(struct parent *p, const char *why)
{
	if (p->killed)
		return;
	kill(p->pid, SIGKILL);
	p->killed = TRUE;
	g_strlcpy(p->sample->reason, why, sizeof(p->sample->reason));
}

static void parent_stuck(struct parent *p, const char *why)
{
	p->stuck = !p->killed;
	parent_kill(p, why);
}

/* A task that has been in one operation for too long. */
static void watch_task(struct parent *p, guint i, double now)
{
	static const char *const words[] = {
		[PLAN_OP_ADD] = "add", [PLAN_OP_REMOVE] = "remove", [PLAN_OP_WALK] = "walk",
		[PLAN_OP_GUEST_WRITE] = "guest-write", [PLAN_OP_ZAP_SPTE] = "zap-spte",
		[PLAN_OP_UNMAP] = "unmap", [PLAN_OP_AGE] = "age",
		[PLAN_OP_GET_DIRTY_LOG] = "get-dirty-log",
	};
	const struct hw_counts *c = &p->run.shared->task[i];
	const struct hw_tape *tape = &p->run.tapes->tape[i];
	uint64_t issued = READ_ONCE(c->issued);
	uint64_t done = READ_ONCE(c->adds) + READ_ONCE(c->removes) + READ_ONCE(c->walks) +
			READ_ONCE(c->pages);
	char why[HW_MESSAGE_MAX];
	const struct hw_op *op;

	if (issued != p->watch[i].issued || issued == done) {
		p->watch[i] = (struct watch){ issued, now };
		return;
	}
	if (now - p->watch[i].since < p->run.plan->hang_seconds)
		return;
	op = &tape->ops[(issued - 1) % tape->n];
	snprintf(why, sizeof(why), "%s has been in one %s of rmap%u for %u s (its operation "
		 "number %" G_GUINT64_FORMAT ")", p->run.plan->tasks[i].name,
		 words[MIN(op->kind, PLAN_OP_GET_DIRTY_LOG)], op->rmap,
		 p->run.plan->hang_seconds, issued);
	parent_kill(p, why);
}

static void watch_child(struct parent *p)
{
	double now = hw_now_s();
	guint i;

	if (!p->started) {
		if (READ_ONCE(p->run.shared->stage) < HW_STAGE_RUNNING)
			return;
		p->started = now;
		for (i = 0; i < p->run.plan->n_tasks; i++)
			p->watch[i].since = now;
	}
	if (hw_signals_seen() ||
	    (p->run.opt->seconds > 0 && now - p->started >= p->run.opt->seconds))
		parent_stop(p);
	for (i = 0; i < p->run.plan->n_tasks; i++)
		watch_task(p, i, now);
	if (hw_signals_seen() > 1)
		parent_kill(p, "");
	if (p->stopped && now - p->stopped > p->run.plan->hang_seconds + ENDING_S)
		parent_stuck(p, "the sample did not come to its end: too many tasks for these "
			     "CPUs, or a defect of rmapsim");
}

static void parent_wait(struct parent *p)
{
	const struct timespec pause = { .tv_nsec = HW_POLL_NS };
	double forked = hw_now_s();
	gboolean lost;

	for (;;) {
		p->ended = hw_child_ended(p->pid, p->killed, &p->status, &lost);
		if (p->ended || lost)
			return;
		watch_child(p);
		if (!p->started && hw_signals_seen())
			parent_kill(p, "");
		if (!p->started && hw_now_s() - forked > p->run.plan->hang_seconds + ENDING_S)
			parent_stuck(p, "the sample did not come to its start: too many tasks for "
				     "these CPUs, or a defect of rmapsim");
		nanosleep(&pause, NULL);
	}
}

static void parent_child(void *arg)
{
	hw_run_sample(arg);
}

static gboolean parent_fork(struct parent *p, GError **error)
{
	p->pid = hw_child_fork(parent_child, &p->run);
	if (p->pid > 0)
		return TRUE;
	g_set_error(error, HW_ERROR, HW_ERROR_SYSTEM, "fork: %s", g_strerror(errno));
	return FALSE;
}

static void sums_add(struct hw_sums *to, const struct hw_sums *s)
{
	to->issued += s->issued;
	to->operations += s->operations;
	to->adds += s->adds;
	to->removes += s->removes;
	to->walks += s->walks;
	to->guest_writes += s->guest_writes;
	to->harvests += s->harvests;
	to->pages += s->pages;
	to->complete += s->complete;
	to->stopped += s->stopped;
	to->given_up += s->given_up;
	to->steps += s->steps;
	to->restarts += s->restarts;
	to->slow_path += s->slow_path;
	to->visits += s->visits;
	to->strange += s->strange;
	to->steps_max = MAX(to->steps_max, s->steps_max);
	to->restarts_max = MAX(to->restarts_max, s->restarts_max);
	to->busy_ns += s->busy_ns;
}

static void take_task(struct hw_sample *s, guint i, const struct hw_counts *c)
{
	s->task[i] = (struct hw_sums){
		.issued = c->issued,
		.operations = c->adds + c->removes + c->walks + c->pages,
		.adds = c->adds,
		.removes = c->removes,
		.walks = c->walks,
		.guest_writes = c->guest_writes,
		.harvests = c->harvests,
		.pages = c->pages,
		.complete = c->complete,
		.stopped = c->stopped,
		.given_up = c->given_up,
		.steps = c->steps,
		.restarts = c->restarts,
		.slow_path = c->slow_path,
		.visits = c->visits,
		.strange = c->strange,
		.steps_max = c->steps_max,
		.restarts_max = c->restarts_max,
		.busy_ns = c->busy_ticks * s->ns_per_tick,
		.cpu_share = c->wall_ns ? (double)c->cpu_ns / c->wall_ns : 0,
	};
	sums_add(&s->all, &s->task[i]);
	hw_histogram_merge(&s->latency_ticks, &c->latency_ticks);
	hw_histogram_merge(&s->steps_of_walk, &c->steps_of_walk);
	hw_histogram_merge(&s->restarts_of_walk, &c->restarts_of_walk);
}

static void take_results(struct parent *p)
{
	const struct hw_shared *sh = p->run.shared;
	struct hw_sample *s = p->sample;
	double ns = sh->ns_per_tick;
	guint i;

	s->ns_per_tick = isfinite(ns) && ns > 1e-3 && ns < 1e3 ? ns : 1;
	s->rounds = sh->laps;
	s->duration_ns = sh->duration_ticks * s->ns_per_tick;
	s->violation_ns = sh->violated ? sh->violation_ticks * s->ns_per_tick : 0;
	s->stamp_ns = sh->stamp_ticks * s->ns_per_tick;
	s->offset_ns = sh->offset_ticks * s->ns_per_tick;
	s->verdict = sh->verdict;
	for (i = 0; i < s->n_tasks; i++)
		take_task(s, i, &sh->task[i]);
	if (s->duration_ns <= 0 && p->started)
		s->duration_ns = (hw_now_s() - p->started) * 1e9;
}

/* A child that says it came to its end must tell what can be true. */
static gboolean results_credible(const struct parent *p)
{
	const struct hw_shared *sh = p->run.shared;
	const struct hw_sample *s = p->sample;
	guint i;

	if (sh->magic != HW_SHARED_MAGIC || sh->stage != HW_STAGE_DONE ||
	    s->ns_per_tick != sh->ns_per_tick)
		return FALSE;
	for (i = 0; i < s->n_tasks; i++) {
		const struct hw_counts *c = &sh->task[i];

		if (hw_histogram_total(&c->latency_ticks) != s->task[i].walks ||
		    hw_histogram_total(&c->steps_of_walk) != s->task[i].walks ||
		    hw_histogram_total(&c->restarts_of_walk) != s->task[i].walks ||
		    s->task[i].issued != s->task[i].operations)
			return FALSE;
	}
	return s->verdict.judged <= s->verdict.walks && s->verdict.walks <= s->all.walks;
}

static void take_text(char *to, const char *from, size_t room)
{
	char *utf8 = g_strndup(from, room - 1);

	g_strlcpy(to, utf8, room);
	g_free(utf8);
}

static void take_crash(struct parent *p)
{
	struct hw_sample *s = p->sample;

	s->outcome = HW_CRASH;
	g_strlcpy(s->check, "access", sizeof(s->check));
	if (WIFSIGNALED(p->status))
		snprintf(s->reason, sizeof(s->reason), "the code under test died of signal %d "
			 "(%s)", WTERMSIG(p->status), strsignal(WTERMSIG(p->status)));
	else
		snprintf(s->reason, sizeof(s->reason), "the code under test ended its process, "
			 "with status %d", WEXITSTATUS(p->status));
}

/* FALSE: there is no result, only an error. */
static gboolean take_outcome(struct parent *p, GError **error)
{
	const struct hw_shared *sh = p->run.shared;
	struct hw_sample *s = p->sample;
	gboolean fine = p->ended && WIFEXITED(p->status) && !WEXITSTATUS(p->status);

	s->interrupted = hw_signals_seen();
	if (p->stuck) {
		g_set_error(error, HW_ERROR, HW_ERROR_SYSTEM, "%s", s->reason);
		return FALSE;
	} else if (p->killed && !(s->interrupted && !*s->reason)) {
		s->outcome = HW_HANG;
		g_strlcpy(s->check, "access", sizeof(s->check));
	} else if (p->killed) {
		return TRUE;
	} else if (!fine) {
		take_crash(p);
	} else if (sh->broken) {
		take_text(s->reason, sh->message, sizeof(s->reason));
		g_set_error(error, HW_ERROR, HW_ERROR_SYSTEM, "%s", s->reason);
		return FALSE;
	} else if (!results_credible(p)) {
		g_set_error(error, HW_ERROR, HW_ERROR_SYSTEM,
			    "the sample's process left results that cannot be");
		return FALSE;
	} else {
		s->known = TRUE;
		s->outcome = sh->violated ? HW_VIOLATION : HW_OK;
	}
	if (s->outcome == HW_VIOLATION) {
		take_text(s->check, sh->check, sizeof(s->check));
		take_text(s->reason, sh->message, sizeof(s->reason));
	}
	return TRUE;
}

static gboolean parent_shared(struct parent *p, GError **error)
{
	void *shared;

	p->bytes = sizeof(struct hw_shared) + p->run.plan->n_tasks * sizeof(struct hw_counts);
	shared = mmap(NULL, p->bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (shared == MAP_FAILED) {
		g_set_error(error, HW_ERROR, HW_ERROR_SYSTEM, "memory for the results: %s",
			    g_strerror(errno));
		return FALSE;
	}
	p->run.shared = shared;
	p->run.shared->magic = HW_SHARED_MAGIC;
	return TRUE;
}

static gboolean parent_run(struct parent *p, GError **error)
{
	struct hw_signals signals;
	gboolean ok;

	hw_signals_catch(&signals);
	ok = parent_fork(p, error);
	if (ok)
		parent_wait(p);
	hw_signals_restore(&signals);
	if (!ok)
		return FALSE;
	take_results(p);
	return take_outcome(p, error);
}

static gboolean op_fits(enum plan_op_kind kind, guint stop_after)
{
	return (kind <= PLAN_OP_WALK || plan_op_is_of_kvm(kind)) && !stop_after;
}

/* Some operations are the simulator's alone. */
static gboolean task_fits(const struct plan_task *task, GError **error)
{
	gboolean fits = TRUE;
	guint k;

	for (k = 0; k < task->n_ops && fits; k++)
		fits = op_fits(task->ops[k].kind, task->ops[k].stop_after);
	for (k = 0; k < task->n_mix && fits; k++)
		fits = op_fits(task->mix[k].kind, 0);
	if (!fits)
		g_set_error(error, HW_ERROR, HW_ERROR_PLAN, "task %s, operation %u: only the "
			    "simulator has it; valid on hardware: add, remove, walk, guest-write, "
			    "zap-spte, unmap, age, get-dirty-log", task->name, k);
	return fits;
}

static gboolean plan_fits(const struct plan *plan, const struct hw_options *opt, GError **error)
{
	guint i;

	if (plan->kvm && opt->mode == HW_CHECKED) {
		g_set_error(error, HW_ERROR, HW_ERROR_PLAN, "--checked judges walks beside adds "
			    "and removes; the dirty log of guests is judged without it");
		return FALSE;
	}
	if (plan->shadow_pages) {
		g_set_error(error, HW_ERROR, HW_ERROR_PLAN, "kvm.shadow-pages = %u: only the "
			    "simulator has them; valid on hardware: 0", plan->shadow_pages);
		return FALSE;
	}
	if (!hw_unplayed_fits(plan, error))
		return FALSE;
	if (plan->invalidate) {
		g_set_error(error, HW_ERROR, HW_ERROR_PLAN, "kvm.invalidate: only the simulator "
			    "has a host that takes pages away; valid on hardware: none");
		return FALSE;
	}
	if (plan->kvm && plan->nr_rmaps > KERN_HW_PAGES) {
		g_set_error(error, HW_ERROR, HW_ERROR_PLAN, "memory.rmaps = %u: valid beside "
			    "guests on hardware is up to %d", plan->nr_rmaps, KERN_HW_PAGES);
		return FALSE;
	}
	for (i = 0; i < plan->n_tasks; i++) {
		if (!task_fits(&plan->tasks[i], error))
			return FALSE;
	}
	return TRUE;
}

struct hw_sample *hw_sample_run(const struct plan *plan, const struct hw_options *opt,
				GError **error)
{
	struct parent p = {
		.run = { .plan = plan, .opt = opt },
		.watch = g_new0(struct watch, plan->n_tasks),
		.sample = g_new0(struct hw_sample, 1),
	};
	struct hw_tapes *tapes = hw_tapes_new(plan, opt->seed);
	gboolean ok = FALSE;

	p.run.tapes = tapes;
	p.run.algorithm = plan_find_algorithm(rmap_algorithms, plan->algorithm);
	p.sample->n_tasks = plan->n_tasks;
	p.sample->task = g_new0(struct hw_sums, plan->n_tasks);
	p.sample->laps = tapes->laps;
	if (!p.run.algorithm)
		g_set_error(error, HW_ERROR, HW_ERROR_PLAN, "algorithm %s has no hardware build",
			    plan->algorithm);
	else if (plan_fits(plan, opt, error) && parent_shared(&p, error)) {
		ok = parent_run(&p, error);
		munmap(p.run.shared, p.bytes);
	}
	hw_tapes_free(tapes);
	g_free(p.watch);
	if (ok)
		return p.sample;
	hw_sample_free(p.sample);
	return NULL;
}

void hw_sample_free(struct hw_sample *sample)
{
	if (!sample)
		return;
	g_free(sample->task);
	g_free(sample);
}
