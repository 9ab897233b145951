/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Workers and their reports; see pool.h. A message is a head and as many bytes
 * as it says. Two numbers are shared by all processes: the next unit that nobody
 * has taken, and how many reports the parent has taken; a worker that is too far
 * ahead of the latter waits, so that the parent never holds many reports back.
 */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include "sim/engine/pool.h"

#define TICK_MS		250
#define AHEAD_MAX	256	/* units, and one for each job */
#define AHEAD_WAIT_NS	200000
#define READ_BYTES	65536

G_DEFINE_QUARK(rmapsim-pool-error, pool_error)

struct message {
	uint64_t unit;
	uint64_t bytes;		/* that follow */
	bool broken;		/* they are domain, message and code of an error */
};

struct shared {
	uint64_t next;		/* unit to be done next */
	uint64_t taken;		/* reports taken by the parent */
};

struct worker {
	pid_t pid;
	int fd;
	GByteArray *in;		/* what was read and is no whole message yet */
};

/* A report that waits for its turn. */
struct report {
	bool broken;
	GByteArray *bytes;
};

struct running {
	const struct pool *pool;
	struct shared *shared;
	struct worker *workers;
	GHashTable *early;	/* unit -> struct report */
	bool stopped;		/* take() wants no more, or all is taken */
};

static volatile sig_atomic_t pool_interrupted;

static void pool_on_signal(int sig)
{
	(void)sig;
	pool_interrupted = 1;
}

static void system_error(GError **error, const char *what)
{
	g_set_error(error, POOL_ERROR, POOL_ERROR_SYSTEM, "%s: %s", what, g_strerror(errno));
}

/* --- in a worker */

static void write_all(int fd, const void *data, size_t len)
{
	const char *p = data;
	ssize_t n;

	while (len) {
		n = write(fd, p, len);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			_exit(3);
		p += n;
		len -= n;
	}
}

static void send_report(int fd, uint64_t unit, bool broken, const GByteArray *report)
{
	const struct message m = { .unit = unit, .bytes = report->len, .broken = broken };

	write_all(fd, &m, sizeof(m));
	write_all(fd, report->data, report->len);
}

/* The code, the domain's name, the message. */
static void pack_error(GByteArray *out, const GError *error)
{
	const char *domain = g_quark_to_string(error->domain);
	gint32 code = error->code;

	g_byte_array_set_size(out, 0);
	g_byte_array_append(out, (const guint8 *)&code, sizeof(code));
	g_byte_array_append(out, (const guint8 *)domain, strlen(domain) + 1);
	g_byte_array_append(out, (const guint8 *)error->message, strlen(error->message) + 1);
}

static void wait_for_parent(const struct shared *shared, uint64_t unit, unsigned int jobs)
{
	const struct timespec pause = { .tv_nsec = AHEAD_WAIT_NS };

	while (unit - __atomic_load_n(&shared->taken, __ATOMIC_RELAXED) > AHEAD_MAX + jobs)
		nanosleep(&pause, NULL);
}

static void worker_main(const struct running *r, int fd)
{
	const struct pool *pool = r->pool;
	GByteArray *report = g_byte_array_new();
	GError *error = NULL;
	uint64_t unit;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	signal(SIGINT, SIG_IGN);	/* the parent decides */
	signal(SIGTERM, SIG_DFL);
	for (;;) {
		unit = __atomic_fetch_add(&r->shared->next, 1, __ATOMIC_RELAXED);
		if (unit >= pool->units)
			_exit(0);
		wait_for_parent(r->shared, unit, pool->jobs);
		g_byte_array_set_size(report, 0);
		if (!pool->work(pool->data, unit, report, &error))
			break;
		send_report(fd, unit, false, report);
	}
	pack_error(report, error);
	send_report(fd, unit, true, report);
	_exit(0);
}

/* --- in the parent */

static void unpack_error(const GByteArray *bytes, GError **error)
{
	const char *domain = (const char *)bytes->data + sizeof(gint32);
	gint32 code;

	memcpy(&code, bytes->data, sizeof(code));
	g_set_error_literal(error, g_quark_from_string(domain), code, domain + strlen(domain) + 1);
}

static void report_free(gpointer p)
{
	struct report *rep = p;

	g_byte_array_unref(rep->bytes);
	g_free(rep);
}

static void take_one(struct running *r, uint64_t unit, const struct report *rep, GError **error)
{
	const struct pool *pool = r->pool;

	if (rep->broken)
		unpack_error(rep->bytes, error);
	r->stopped = rep->broken ||
		     !pool->take(pool->data, unit, rep->bytes->data, rep->bytes->len, error) ||
		     unit + 1 == pool->units;
	__atomic_store_n(&r->shared->taken, unit + 1, __ATOMIC_RELAXED);
}

/* Reports come in any order and are taken in theirs. */
static void take_all(struct running *r, GError **error)
{
	struct report *rep;
	uint64_t unit;

	while (!r->stopped) {
		unit = r->shared->taken;
		rep = g_hash_table_lookup(r->early, &unit);
		if (!rep)
			return;
		take_one(r, unit, rep, error);
		g_hash_table_remove(r->early, &unit);
	}
}

/* The whole messages among what a worker has sent. */
static void sort_in(struct running *r, struct worker *w)
{
	struct message m;
	size_t at = 0;

	while (w->in->len - at >= sizeof(m)) {
		struct report *rep;

		memcpy(&m, w->in->data + at, sizeof(m));
		if (w->in->len - at - sizeof(m) < m.bytes)
			break;
		rep = g_new0(struct report, 1);
		rep->broken = m.broken;
		rep->bytes = g_byte_array_new();
		g_byte_array_append(rep->bytes, w->in->data + at + sizeof(m), m.bytes);
		g_hash_table_insert(r->early, g_memdup2(&m.unit, sizeof(m.unit)), rep);
		at += sizeof(m) + m.bytes;
	}
	if (at)
		g_byte_array_remove_range(w->in, 0, at);
}

static void worker_ended(struct worker *w, GError **error)
{
	int status = 0;

	close(w->fd);
	w->fd = -1;
	if (waitpid(w->pid, &status, 0) != w->pid)
		system_error(error, "waiting for a worker");
	else if (WIFSIGNALED(status))
		g_set_error(error, POOL_ERROR, POOL_ERROR_SYSTEM,
			    "a worker died of signal %d (%s)", WTERMSIG(status),
			    strsignal(WTERMSIG(status)));
	else if (WEXITSTATUS(status))
		g_set_error(error, POOL_ERROR, POOL_ERROR_SYSTEM,
			    "a worker ended with status %d", WEXITSTATUS(status));
	w->pid = 0;
}

static void read_worker(struct running *r, struct worker *w, GError **error)
{
	guint have = w->in->len;
	ssize_t n;

	g_byte_array_set_size(w->in, have + READ_BYTES);
	n = read(w->fd, w->in->data + have, READ_BYTES);
	g_byte_array_set_size(w->in, have + MAX(n, 0));
	if (n < 0 && (errno == EINTR || errno == EAGAIN))
		return;
	if (n > 0) {
		sort_in(r, w);
		return;
	}
	worker_ended(w, error);
}

static bool start_worker(struct running *r, unsigned int who, GError **error)
{
	struct worker *w = &r->workers[who];
	int fds[2];
	unsigned int i;

	if (pipe(fds)) {
		system_error(error, "pipe");
		return false;
	}
	w->pid = fork();
	if (w->pid == 0) {
		close(fds[0]);
		for (i = 0; i < who; i++)
			close(r->workers[i].fd);
		worker_main(r, fds[1]);
	}
	close(fds[1]);
	w->fd = fds[0];
	if (w->pid > 0)
		return true;
	system_error(error, "fork");
	close(w->fd);
	w->fd = -1;
	w->pid = 0;
	return false;
}

static void collect(struct running *r, GError **error)
{
	const struct pool *pool = r->pool;
	unsigned int i, open = 1;
	struct pollfd *p = g_new(struct pollfd, pool->jobs);

	while (open && !r->stopped && !pool_interrupted && !*error) {
		for (i = 0; i < pool->jobs; i++)
			p[i] = (struct pollfd){ .fd = r->workers[i].fd, .events = POLLIN };
		if (poll(p, pool->jobs, TICK_MS) < 0)
			continue;
		for (i = open = 0; i < pool->jobs && !*error; i++) {
			if (p[i].fd >= 0 && p[i].revents)
				read_worker(r, &r->workers[i], error);
			open += r->workers[i].fd >= 0;
		}
		if (!*error)
			take_all(r, error);
		if (pool->tick)
			pool->tick(pool->data);
	}
	g_free(p);
	if (!open && !r->stopped && !*error)
		g_set_error(error, POOL_ERROR, POOL_ERROR_SYSTEM,
			    "the workers ended before their work was done");
}

static void start_workers(struct running *r, GError **error)
{
	const struct pool *pool = r->pool;
	unsigned int i;

	for (i = 0; i < pool->jobs; i++) {
		r->workers[i].fd = -1;
		r->workers[i].in = g_byte_array_new();
	}
	for (i = 0; i < pool->jobs && i < pool->units && !*error; i++)
		start_worker(r, i, error);
	if (!*error && pool->started)
		pool->started(pool->data, error);
}

static void end_workers(struct running *r)
{
	unsigned int i;

	for (i = 0; i < r->pool->jobs; i++) {
		struct worker *w = &r->workers[i];

		if (w->fd >= 0)
			close(w->fd);
		if (w->pid > 0) {
			kill(w->pid, SIGKILL);
			waitpid(w->pid, NULL, 0);
		}
		g_byte_array_unref(w->in);
	}
}

static double wall_seconds(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec + ts.tv_nsec / 1e9;
}

static double children_seconds(void)
{
	struct rusage ru;

	getrusage(RUSAGE_CHILDREN, &ru);
	return ru.ru_utime.tv_sec + ru.ru_stime.tv_sec +
	       (ru.ru_utime.tv_usec + ru.ru_stime.tv_usec) / 1e6;
}

static void run_workers(struct running *r, GError **error)
{
	struct sigaction sa = { .sa_handler = pool_on_signal }, old_int, old_term;

	pool_interrupted = 0;
	sigaction(SIGINT, &sa, &old_int);
	sigaction(SIGTERM, &sa, &old_term);
	r->early = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, report_free);
	r->workers = g_new0(struct worker, r->pool->jobs);
	start_workers(r, error);
	if (!*error)
		collect(r, error);
	end_workers(r);
	sigaction(SIGINT, &old_int, NULL);
	sigaction(SIGTERM, &old_term, NULL);
	g_hash_table_unref(r->early);
	g_free(r->workers);
}

bool pool_run(const struct pool *pool, struct pool_end *end, GError **error)
{
	struct running r = { .pool = pool, .stopped = !pool->units };
	double wall = wall_seconds(), cpu = children_seconds();
	GError *err = NULL;

	r.shared = mmap(NULL, sizeof(*r.shared), PROT_READ | PROT_WRITE,
			MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (r.shared == MAP_FAILED) {
		system_error(error, "memory shared with the workers");
		return false;
	}
	run_workers(&r, &err);
	munmap(r.shared, sizeof(*r.shared));
	end->interrupted = pool_interrupted && !r.stopped;
	end->seconds = wall_seconds() - wall;
	end->cpu_seconds = children_seconds() - cpu;
	if (!err)
		return true;
	g_propagate_error(error, err);
	return false;
}
