/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Campaigns. The seeds are cut into batches of a fixed size; worker w of n does
 * batches w, w + n, ... and reports each through a pipe in one write that is
 * small enough to be atomic. The parent takes reports in any order and counts
 * them in the order of the batches, so the result is the same for every number
 * of workers: what lies behind the lowest failing seed is not counted.
 *
 * The parent has no engine, so a plan that cannot be built is reported by the
 * first worker and a worker's death is an error, not a hang.
 */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include "sim/check/check.h"
#include "sim/engine/campaign.h"
#include "sim/engine/rng.h"

#define BATCH_SEEDS	512
#define BATCH_FAILURES	16
#define PROGRESS_MS	250

G_DEFINE_QUARK(rmapsim-campaign-error, campaign_error)

/* One batch, as it goes through the pipe. */
struct report {
	uint64_t batch;
	uint64_t runs, failures, incomplete, first_incomplete;
	uint64_t digest;
	struct run_stats stats;
	uint32_t n_failed;
	struct {
		uint64_t seed;
		int32_t check;		/* place in checks[] */
	} failed[BATCH_FAILURES];
	bool broken;			/* no engine: message says why */
	char message[512];
};

_Static_assert(sizeof(struct report) <= 4096, "one report is one atomic write");

struct worker {
	pid_t pid;
	int fd;
	struct report partial;
	size_t have;
};

struct campaign {
	const struct plan *plan;
	const struct campaign_options *opt;
	struct campaign_result *result;
	uint64_t batches;
	uint64_t next;			/* batch to be counted next */
	GHashTable *early;		/* batch -> report, until its turn comes */
	uint64_t seeds_done;		/* for the progress bar */
	struct worker *workers;
	bool finished;
};

static volatile sig_atomic_t campaign_interrupted;

static void campaign_on_signal(int sig)
{
	(void)sig;
	campaign_interrupted = 1;
}

static int check_place(const char *name)
{
	int i;

	for (i = 0; checks[i]; i++) {
		if (!strcmp(checks[i]->name, name))
			return i;
	}
	return 0;
}

static void stats_add(struct run_stats *to, const struct run_stats *s)
{
	to->points += s->points;
	to->operations += s->operations;
	to->walks += s->walks;
	to->walks_complete += s->walks_complete;
	to->passes += s->passes;
	to->steps += s->steps;
	to->restarts += s->restarts;
	to->slow_paths += s->slow_paths;
	to->visits += s->visits;
	to->foreign += s->foreign;
	to->walk_steps_max = MAX(to->walk_steps_max, s->walk_steps_max);
	to->pass_steps_max = MAX(to->pass_steps_max, s->pass_steps_max);
	to->restarts_max = MAX(to->restarts_max, s->restarts_max);
}

static void worker_count(struct report *rep, const struct run_result *run)
{
	rep->runs++;
	rep->digest += mix64(run->digest ^ run->seed);
	stats_add(&rep->stats, &run->stats);
	if (run->verdict == RUN_INCOMPLETE && !rep->incomplete++)
		rep->first_incomplete = run->seed;
	if (run->verdict != RUN_VIOLATION)
		return;
	if (rep->n_failed < BATCH_FAILURES) {
		rep->failed[rep->n_failed].seed = run->seed;
		rep->failed[rep->n_failed++].check = check_place(run->check);
	}
	rep->failures++;
}

static void worker_batch(struct engine *e, const struct campaign_options *opt, uint64_t batch,
			 struct report *rep)
{
	uint64_t i, n = MIN(BATCH_SEEDS, opt->seeds - batch * BATCH_SEEDS);
	struct run_result run;

	*rep = (struct report){ .batch = batch };
	for (i = 0; i < n; i++) {
		engine_run(e, opt->seed_first + batch * BATCH_SEEDS + i, &run);
		worker_count(rep, &run);
		if (rep->failures && !opt->keep_going)
			break;
	}
}

static void worker_report(int fd, const struct report *rep)
{
	ssize_t n;

	do {
		n = write(fd, rep, sizeof(*rep));
	} while (n < 0 && errno == EINTR);
	if (n != sizeof(*rep))
		_exit(3);
}

static void worker_main(const struct campaign *c, unsigned int who, int fd)
{
	unsigned int flags = c->opt->digest ? ENGINE_DIGEST : 0;
	struct report rep = { 0 };
	GError *error = NULL;
	struct engine *e;
	uint64_t batch;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	signal(SIGINT, SIG_IGN);	/* the parent decides */
	signal(SIGTERM, SIG_DFL);
	e = engine_new(c->plan, flags, &error);
	if (!e) {
		rep.broken = true;
		g_strlcpy(rep.message, error->message, sizeof(rep.message));
		worker_report(fd, &rep);
		_exit(0);
	}
	for (batch = who; batch < c->batches; batch += c->opt->jobs) {
		worker_batch(e, c->opt, batch, &rep);
		worker_report(fd, &rep);
		if (rep.failures && !c->opt->keep_going)
			break;
	}
	_exit(0);
}

static void keep_failures(struct campaign_result *res, const struct report *rep)
{
	uint32_t i;

	for (i = 0; i < rep->n_failed && res->n_failed < CAMPAIGN_FAILURES_MAX; i++) {
		res->failed[res->n_failed].seed = rep->failed[i].seed;
		res->failed[res->n_failed++].check = checks[rep->failed[i].check]->name;
	}
}

static void count_report(struct campaign *c, const struct report *rep)
{
	struct campaign_result *res = c->result;

	res->runs += rep->runs;
	res->failures += rep->failures;
	if (rep->incomplete && !res->incomplete)
		res->first_incomplete_seed = rep->first_incomplete;
	res->incomplete += rep->incomplete;
	res->digest += rep->digest;
	stats_add(&res->stats, &rep->stats);
	keep_failures(res, rep);
	c->next++;
	c->finished = c->next == c->batches || (res->failures && !c->opt->keep_going);
}

/* Reports come in any order and are counted in theirs. */
static void take_report(struct campaign *c, const struct report *rep)
{
	struct report *next;

	c->seeds_done += rep->runs;
	g_hash_table_insert(c->early, g_memdup2(&rep->batch, sizeof(rep->batch)),
			    g_memdup2(rep, sizeof(*rep)));
	while (!c->finished && (next = g_hash_table_lookup(c->early, &c->next))) {
		uint64_t batch = c->next;

		count_report(c, next);
		g_hash_table_remove(c->early, &batch);
	}
}

static bool worker_died(const struct worker *w, GError **error)
{
	int status;

	if (waitpid(w->pid, &status, 0) == w->pid && WIFEXITED(status) && !WEXITSTATUS(status))
		return false;
	if (WIFSIGNALED(status))
		g_set_error(error, CAMPAIGN_ERROR, CAMPAIGN_ERROR_SYSTEM,
			    "a worker died of signal %d (%s)", WTERMSIG(status),
			    strsignal(WTERMSIG(status)));
	else
		g_set_error(error, CAMPAIGN_ERROR, CAMPAIGN_ERROR_SYSTEM,
			    "a worker ended with status %d", WEXITSTATUS(status));
	return true;
}

/* False: this worker is done, or error is set. */
static bool read_worker(struct campaign *c, struct worker *w, GError **error)
{
	ssize_t n = read(w->fd, (char *)&w->partial + w->have, sizeof(w->partial) - w->have);

	if (n < 0 && (errno == EINTR || errno == EAGAIN))
		return true;
	if (n <= 0) {
		close(w->fd);
		w->fd = -1;
		if (worker_died(w, error))
			c->finished = true;
		w->pid = 0;
		return false;
	}
	w->have += n;
	if (w->have < sizeof(w->partial))
		return true;
	w->have = 0;
	if (w->partial.broken) {
		g_set_error(error, ENGINE_ERROR, ENGINE_ERROR_PLAN, "%s", w->partial.message);
		c->finished = true;
		return false;
	}
	take_report(c, &w->partial);
	return true;
}

static bool start_worker(struct campaign *c, unsigned int who, GError **error)
{
	struct worker *w = &c->workers[who];
	int fds[2];
	unsigned int i;

	if (pipe(fds)) {
		g_set_error(error, CAMPAIGN_ERROR, CAMPAIGN_ERROR_SYSTEM, "pipe: %s",
			    g_strerror(errno));
		return false;
	}
	w->pid = fork();
	if (w->pid == 0) {
		close(fds[0]);
		for (i = 0; i < who; i++)
			close(c->workers[i].fd);
		worker_main(c, who, fds[1]);
	}
	close(fds[1]);
	w->fd = fds[0];
	if (w->pid > 0)
		return true;
	g_set_error(error, CAMPAIGN_ERROR, CAMPAIGN_ERROR_SYSTEM, "fork: %s", g_strerror(errno));
	close(w->fd);
	w->fd = -1;
	w->pid = 0;
	return false;
}

static void collect(struct campaign *c, GError **error)
{
	unsigned int i, open = 1;
	struct pollfd *p = g_new(struct pollfd, c->opt->jobs);

	while (open && !c->finished && !campaign_interrupted && !*error) {
		for (i = 0; i < c->opt->jobs; i++)
			p[i] = (struct pollfd){ .fd = c->workers[i].fd, .events = POLLIN };
		poll(p, c->opt->jobs, PROGRESS_MS);
		for (i = open = 0; i < c->opt->jobs && !*error; i++) {
			if (p[i].fd >= 0 && p[i].revents)
				read_worker(c, &c->workers[i], error);
			open += c->workers[i].fd >= 0;
		}
		if (c->opt->progress)
			c->opt->progress(c->seeds_done, c->opt->seeds, c->result->failures,
					 c->opt->progress_data);
	}
	g_free(p);
}

static void end_workers(struct campaign *c)
{
	unsigned int i;

	for (i = 0; i < c->opt->jobs; i++) {
		struct worker *w = &c->workers[i];

		if (w->fd >= 0)
			close(w->fd);
		if (w->pid > 0) {
			kill(w->pid, SIGKILL);
			waitpid(w->pid, NULL, 0);
		}
	}
}

static double seconds_now(clockid_t clock)
{
	struct timespec ts;

	clock_gettime(clock, &ts);
	return ts.tv_sec + ts.tv_nsec / 1e9;
}

static double children_seconds(void)
{
	struct rusage ru;

	getrusage(RUSAGE_CHILDREN, &ru);
	return ru.ru_utime.tv_sec + ru.ru_stime.tv_sec +
	       (ru.ru_utime.tv_usec + ru.ru_stime.tv_usec) / 1e6;
}

bool campaign_run(const struct plan *plan, const struct campaign_options *opt,
		  struct campaign_result *result, GError **error)
{
	struct sigaction sa = { .sa_handler = campaign_on_signal }, old_int, old_term;
	struct campaign c = { .plan = plan, .opt = opt, .result = result };
	double wall = seconds_now(CLOCK_MONOTONIC), cpu = children_seconds();
	GError *err = NULL;
	unsigned int i;

	*result = (struct campaign_result){ 0 };
	c.batches = opt->seeds / BATCH_SEEDS + !!(opt->seeds % BATCH_SEEDS);
	c.finished = !c.batches;
	c.early = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, g_free);
	c.workers = g_new0(struct worker, opt->jobs);
	campaign_interrupted = 0;
	sigaction(SIGINT, &sa, &old_int);
	sigaction(SIGTERM, &sa, &old_term);
	for (i = 0; i < opt->jobs; i++)
		c.workers[i].fd = -1;
	for (i = 0; i < opt->jobs && i < c.batches && !err; i++)
		start_worker(&c, i, &err);
	collect(&c, &err);
	end_workers(&c);
	sigaction(SIGINT, &old_int, NULL);
	sigaction(SIGTERM, &old_term, NULL);
	result->interrupted = campaign_interrupted && !c.finished;
	result->seconds = seconds_now(CLOCK_MONOTONIC) - wall;
	result->cpu_seconds = children_seconds() - cpu;
	g_hash_table_unref(c.early);
	g_free(c.workers);
	if (!err && !c.finished && !result->interrupted)
		g_set_error(&err, CAMPAIGN_ERROR, CAMPAIGN_ERROR_SYSTEM,
			    "the workers ended before their work was done");
	if (!err)
		return true;
	g_propagate_error(error, err);
	return false;
}
