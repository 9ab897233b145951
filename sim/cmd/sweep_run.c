/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The units of a sweep's pool are batches: all of the first point, then all of
 * the second. A worker keeps the engine of the point that it is at. See
 * sweep_run.h.
 */
#include <stdlib.h>
#include <string.h>
#include "sim/check/check.h"
#include "sim/cmd/machine.h"
#include "sim/cmd/progress.h"
#include "sim/cmd/recording.h"
#include "sim/cmd/rows.h"
#include "sim/cmd/sweep_run.h"
#include "sim/engine/pool.h"

#define COMMIT_US	50000	/* a transaction is not kept open for longer */

struct running {
	const struct grid *g;
	const struct cmd_options *opt;
	struct sweep_result *res;
	guint64 batches;		/* of one point */
	gint64 *point_id;

	/* a worker's */
	guint point;			/* that plan and engine are of */
	struct plan *plan;
	struct engine *e;

	/* the parent's */
	struct progress progress;
	guint64 failures;
	guint64 pending;		/* batches of the open transaction; 0: there is none */
	gint64 pending_since;		/* us */
	struct rows_bins bins;

	struct batch batch;
};

/* --- in a worker */

static gboolean need_engine(struct running *r, unsigned int flags, GError **error)
{
	if (r->e)
		return TRUE;
	r->e = engine_new(r->plan, flags, error);
	if (r->e)
		return TRUE;
	grid_prefix_error(r->g, r->point, error);
	return FALSE;
}

static gboolean need_point(struct running *r, guint point, GError **error)
{
	if (r->plan && r->point == point)
		return TRUE;
	engine_free(r->e);
	r->e = NULL;
	plan_free(r->plan);
	r->point = point;
	r->plan = grid_plan(r->g, point, error);
	return r->plan != NULL;
}

static void pack_text(GByteArray *report, const char *text)
{
	g_byte_array_append(report, (const guint8 *)text, strlen(text) + 1);
}

/* The batch's k-th failing seed once more, for its message and its schedule. */
static gboolean pack_failure(struct running *r, guint k, char **set, GByteArray *report,
			     GError **error)
{
	struct run_result run;
	struct schedule *s;
	char *text;

	engine_run(r->e, r->batch.failed[k].seed, &run);
	if (run.verdict != RUN_VIOLATION) {
		g_set_error(error, POOL_ERROR, POOL_ERROR_SYSTEM,
			    "seed %" G_GUINT64_FORMAT " did something else when it was run again: "
			    "this is a defect of rmapsim", r->batch.failed[k].seed);
		grid_prefix_error(r->g, r->point, error);
		return FALSE;
	}
	s = recording_take(r->e, &run, (const char *const *)set);
	text = schedule_to_text(s);
	pack_text(report, run.message);
	pack_text(report, text);
	g_free(text);
	schedule_free(s);
	return TRUE;
}

/* With an engine of their own: recording would slow down all the other runs. */
static gboolean pack_failures(struct running *r, GByteArray *report, GError **error)
{
	guint k, n = MIN(r->batch.n_failed, ROWS_FAILURES);
	gboolean ok;
	char **set;

	if (!n)
		return TRUE;
	engine_free(r->e);
	r->e = NULL;
	ok = need_engine(r, ENGINE_DIGEST | ENGINE_RECORD, error);
	set = grid_schedule_set(r->g, r->point);
	for (k = 0; ok && k < n; k++)
		ok = pack_failure(r, k, set, report, error);
	g_strfreev(set);
	engine_free(r->e);
	r->e = NULL;
	return ok;
}

static bool work(void *data, uint64_t unit, GByteArray *report, GError **error)
{
	struct running *r = data;
	guint64 at = r->res->batches_before + unit;
	guint64 done = at % r->batches * BATCH_SEEDS;

	if (!need_point(r, at / r->batches, error) ||
	    !need_engine(r, r->opt->digest ? ENGINE_DIGEST : 0, error))
		return false;
	batch_run(r->e, r->opt->seed_first + done, MIN(BATCH_SEEDS, r->opt->seeds - done), true,
		  &r->batch);
	batch_pack(&r->batch, report);
	return pack_failures(r, report, error);
}

/* --- in the parent */

static bool started(void *data, GError **error)
{
	struct running *r = data;

	r->res->store = store_open(r->opt->db, STORE_WRITE, error);
	return r->res->store != NULL;
}

static void unpack_failures(const struct running *r, const char *text, struct row_failure *failed)
{
	guint k;

	for (k = 0; k < MIN(r->batch.n_failed, ROWS_FAILURES); k++) {
		failed[k].seed = r->batch.failed[k].seed;
		failed[k].check_name = checks[r->batch.failed[k].check]->name;
		failed[k].message = text;
		text += strlen(text) + 1;
		failed[k].schedule = text;
		text += strlen(text) + 1;
	}
}

/*
 * A transaction takes much longer than a batch's rows, so batches that come close
 * together share one.
 */
static gboolean begin(struct running *r, GError **error)
{
	if (r->pending)
		return TRUE;
	r->pending_since = g_get_monotonic_time();
	return store_begin(r->res->store, error);
}

static gboolean commit(struct running *r, GError **error)
{
	if (r->pending && !store_commit(r->res->store, error))
		return FALSE;
	r->res->batches_stored += r->pending;
	r->pending = 0;
	return TRUE;
}

static bool take(void *data, uint64_t unit, const uint8_t *report, size_t len, GError **error)
{
	struct running *r = data;
	guint64 at = r->res->batches_before + unit;
	struct row_failure failed[ROWS_FAILURES];
	struct row_batch row;
	size_t used = batch_unpack(&r->batch, report, len);

	rows_batch(&row, &r->batch, &r->bins, r->opt->digest);
	unpack_failures(r, (const char *)report + used, failed);
	row.failed = failed;
	row.n_failed = MIN(r->batch.n_failed, ROWS_FAILURES);
	if (!begin(r, error) ||
	    !store_add_batch(r->res->store, r->point_id[at / r->batches], &row, NULL, error))
		return false;
	r->pending++;
	r->res->runs += row.runs;
	r->failures += row.failures;
	return g_get_monotonic_time() - r->pending_since < COMMIT_US || commit(r, error);
}

static void tick(void *data)
{
	struct running *r = data;
	const struct sweep_result *res = r->res;
	guint64 left = res->batches - res->batches_before;

	progress_points(&r->progress, (res->batches_stored + r->pending) / r->batches,
			r->g->points);
	/* Whole batches: the last of a point may have fewer seeds. */
	progress_update(res->runs, MAX(res->runs, left * MIN(BATCH_SEEDS, r->opt->seeds)),
			r->failures, &r->progress);
}

/* --- the experiment */

static gboolean add_point(struct running *r, guint point, GError **error)
{
	const struct grid *g = r->g;
	struct row_param *params = g_new0(struct row_param, g->base->n_axes);
	struct plan *plan = grid_plan(g, point, error);
	struct row_point row;
	gboolean ok = FALSE;

	if (plan) {
		rows_grid_point(&row, g, plan, point, params);
		ok = store_add_point(r->res->store, r->res->experiment, &row, &r->point_id[point],
				     error);
	}
	plan_free(plan);
	g_free(params);
	return ok;
}

static gboolean add_experiment(struct running *r, const char *identity, GError **error)
{
	struct row_machine *machine = machine_facts();
	char *swept = grid_swept(r->g);
	const struct row_experiment row = {
		.identity = identity,
		.command = "sweep",
		.program_version = cmd_version,
		.scenario = r->g->base->name,
		.scenario_text = r->g->base->text,
		.swept = swept,
		.strategy = r->g->base->strategy,
		.seed_first = r->opt->seed_first,
		.seeds_per_point = r->opt->seeds,
		.batch_seeds = BATCH_SEEDS,
	};
	gboolean ok = store_add_experiment(r->res->store, &row, machine, &r->res->experiment,
					   error);
	guint i;

	for (i = 0; ok && i < r->g->points; i++)
		ok = add_point(r, i, error);
	machine_free(machine);
	g_free(swept);
	return ok;
}

struct found_points {
	struct running *r;
	guint n;
	gboolean differ;
};

static gboolean on_point(const struct store_row *row, gpointer data)
{
	struct found_points *f = data;

	if (f->n == f->r->g->points) {
		f->differ = TRUE;
		return FALSE;
	}
	f->differ |= g_ascii_strtoull(row->values[1], NULL, 16) != f->r->g->digest[f->n];
	f->r->point_id[f->n++] = g_ascii_strtoll(row->values[0], NULL, 10);
	return TRUE;
}

/* What a sweep that was broken off leaves: all points, and a beginning of the batches. */
static gboolean find_rest(struct running *r, GError **error)
{
	static const char points[] =
		"SELECT id, plan_digest FROM point WHERE experiment_id = CAST(? AS INTEGER) "
		"ORDER BY ordinal";
	static const char stored[] =
		"SELECT COUNT(*) FROM batch JOIN point p ON p.id = point_id "
		"WHERE p.experiment_id = CAST(? AS INTEGER)";
	static const char within[] =
		"SELECT COUNT(*) FROM batch b JOIN point p ON p.id = b.point_id "
		"JOIN experiment e ON e.id = p.experiment_id WHERE e.id = CAST(? AS INTEGER) "
		"AND p.ordinal * CAST(? AS INTEGER) + (b.seed_first - e.seed_first) / "
		"e.batch_seeds < CAST(? AS INTEGER)";
	struct found_points found = { .r = r };
	char *id = g_strdup_printf("%" G_GINT64_FORMAT, r->res->experiment), *n, *batches;
	gint64 all = 0, first = 0;
	gboolean ok;

	ok = store_query(r->res->store, points, on_point, &found, error, id, NULL) &&
	     store_query_number(r->res->store, stored, &all, error, id, NULL);
	n = g_strdup_printf("%" G_GINT64_FORMAT, all);
	batches = g_strdup_printf("%" G_GUINT64_FORMAT, r->batches);
	ok = ok && store_query_number(r->res->store, within, &first, error, id, batches, n, NULL);
	if (ok && (found.differ || found.n != r->g->points || first != all ||
		   (guint64)all > r->res->batches)) {
		g_set_error(error, STORE_ERROR, STORE_ERROR_FORMAT, "%s: experiment %s has been "
			    "changed since it was broken off; it cannot be continued", r->opt->db,
			    id);
		ok = FALSE;
	}
	r->res->batches_before = r->res->batches_stored = all;
	g_free(batches);
	g_free(n);
	g_free(id);
	return ok;
}

static char *identity(const struct running *r)
{
	char *extra = g_strdup_printf("sweep %" G_GUINT64_FORMAT " %" G_GUINT64_FORMAT " %d %d",
				      r->opt->seed_first, r->opt->seeds, BATCH_SEEDS,
				      r->opt->digest);
	char *id = grid_identity(r->g, extra);

	g_free(extra);
	return id;
}

/* Found or made; the database is closed again, because workers are to be forked. */
static gboolean find_experiment(struct running *r, GError **error)
{
	struct sweep_result *res = r->res;
	char *id = identity(r);
	gboolean ok;

	res->store = store_open(r->opt->db, STORE_WRITE, error);
	ok = res->store && store_begin(res->store, error) &&
	     store_query_number(res->store, "SELECT id FROM experiment WHERE identity = ?",
				&res->experiment, error, id, NULL);
	if (ok)
		ok = res->experiment ? find_rest(r, error) : add_experiment(r, id, error);
	if (ok)
		ok = store_commit(res->store, error);
	if (ok)
		ok = store_close(res->store, error);
	else
		store_close(res->store, NULL);
	res->store = NULL;
	g_free(id);
	return ok;
}

static gboolean run_pool(struct running *r, GError **error)
{
	struct sweep_result *res = r->res;
	const struct pool pool = {
		.units = res->batches - res->batches_before,
		.jobs = r->opt->jobs,
		.data = r,
		.work = work,
		.started = started,
		.take = take,
		.tick = tick,
	};
	struct pool_end end = { 0 };
	gboolean ok;

	progress_begin(&r->progress);
	ok = pool_run(&pool, &end, error);
	progress_end(&r->progress);
	res->interrupted = end.interrupted;
	res->seconds = end.seconds;
	res->cpu_seconds = end.cpu_seconds;
	if (!ok || !commit(r, error) || res->interrupted)
		return ok && !r->pending;
	return store_finish_experiment(res->store, res->experiment, error);
}

gboolean sweep_run(const struct grid *g, const struct cmd_options *opt, struct sweep_result *res,
		   GError **error)
{
	struct running *r = g_new0(struct running, 1);
	gboolean ok;

	*res = (struct sweep_result){ 0 };
	r->g = g;
	r->opt = opt;
	r->res = res;
	r->batches = opt->seeds / BATCH_SEEDS + !!(opt->seeds % BATCH_SEEDS);
	res->batches = r->batches * g->points;
	r->point_id = g_new0(gint64, g->points);
	ok = find_experiment(r, error) && run_pool(r, error);
	g_free(r->point_id);
	g_free(r);
	return ok;
}

/* --- before it */

struct trial {
	const struct grid *g;
};

static bool try_engine(void *data, uint64_t unit, GByteArray *report, GError **error)
{
	const struct trial *t = data;
	struct plan *plan = grid_plan(t->g, unit, error);
	struct engine *e = plan ? engine_new(plan, 0, error) : NULL;

	(void)report;
	if (plan && !e)
		grid_prefix_error(t->g, unit, error);
	engine_free(e);
	plan_free(plan);
	return e != NULL;
}

static bool go_on(void *data, uint64_t unit, const uint8_t *report, size_t len, GError **error)
{
	(void)data;
	(void)unit;
	(void)report;
	(void)len;
	(void)error;
	return true;
}

gboolean sweep_check_engines(const struct grid *g, guint jobs, gboolean *interrupted,
			     GError **error)
{
	struct trial trial = { .g = g };
	const struct pool pool = {
		.units = g->points,
		.jobs = jobs,
		.data = &trial,
		.work = try_engine,
		.take = go_on,
	};
	struct pool_end end = { 0 };
	gboolean ok = pool_run(&pool, &end, error);

	*interrupted = end.interrupted;
	return ok;
}
