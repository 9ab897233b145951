/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Rows into a study's database; see store.h. Each table has its line in
 * inserts[], and one function that binds a row's fields in the order of that
 * line.
 */
#include <string.h>
#include "output/store_private.h"

static const struct {
	const char *table;
	const char *columns;
} inserts[STORE_STATEMENTS] = {
	[STORE_INSERT_EXPERIMENT] = { "experiment",
		"identity, created_utc, command, program_version, scenario, scenario_text, swept, "
		"strategy, seed_first, seeds_per_point, batch_seeds, machine_id" },
	[STORE_INSERT_POINT] = { "point",
		"experiment_id, ordinal, plan_digest, plan_text, algorithm, model, strategy, "
		"tasks, writers, walkers" },
	[STORE_INSERT_PARAM] = { "point_param", "point_id, key, value" },
	[STORE_INSERT_BATCH] = { "batch",
		"point_id, seed_first, seeds, runs, failures, incomplete, points, operations, "
		"adds, removes, walks, walks_complete, passes, steps, restarts, slow_path, visits, "
		"foreign_visits, walk_steps_max, pass_steps_max, walk_restarts_max, walks_walks, "
		"restarts_restarts, restarts_walks, slow_path_slow_path, slow_path_walks, "
		"steps_steps, steps_walks, writes_writes, writes_points, walks_points, "
		"points_points, digest" },
	[STORE_INSERT_BATCH_BIN] = { "batch_histogram", "batch_id, what, low, high, count" },
	[STORE_INSERT_FAILURE] = { "failure",
		"point_id, seed, check_name, message, schedule" },
	[STORE_INSERT_SAMPLE] = { "hw_sample",
		"point_id, mode, repetition, outcome, reason, started_utc, cpus, share_core, "
		"oversubscribed, duration_ns, operations_issued, operations, adds, removes, walks, "
		"walks_complete, passes, steps, restarts, slow_path, visits, walk_steps_max, "
		"walk_restarts_max, walk_latency_median_ns, walk_latency_p90_ns, "
		"walk_latency_p99_ns, walk_latency_max_ns, latency_error, stamp_cost_ns, "
		"clock_offset_ns, rounds, judged_walks, judgements, violations" },
	[STORE_INSERT_SAMPLE_BIN] = { "hw_histogram", "hw_sample_id, what, low, high, count" },
	[STORE_INSERT_VERIFICATION] = { "verification",
		"point_id, verdict, check_name, message, counterexample, states, transitions, "
		"pass_steps_max, walk_steps_max, walk_restarts_max, unbounded, memory_bytes, "
		"duration_ns" },
};

/* Binds one value after the other; what does not fit SQLite's integers is remembered. */
struct binder {
	sqlite3_stmt *st;
	int at;
	gboolean too_large;
};

static void bind_text(struct binder *b, const char *text)
{
	if (text)
		sqlite3_bind_text(b->st, ++b->at, text, -1, SQLITE_STATIC);
	else
		sqlite3_bind_null(b->st, ++b->at);
}

/* For what is computed in the call itself. */
static void bind_copy(struct binder *b, const char *text)
{
	sqlite3_bind_text(b->st, ++b->at, text, -1, SQLITE_TRANSIENT);
}

static void bind_id(struct binder *b, gint64 id)
{
	sqlite3_bind_int64(b->st, ++b->at, id);
}

static void bind_count(struct binder *b, uint64_t n)
{
	b->too_large |= n > INT64_MAX;
	sqlite3_bind_int64(b->st, ++b->at, n);
}

static void bind_maybe(struct binder *b, int64_t n)
{
	if (n >= 0)
		sqlite3_bind_int64(b->st, ++b->at, n);
	else
		sqlite3_bind_null(b->st, ++b->at);
}

static void bind_real(struct binder *b, double x)
{
	if (x >= 0)
		sqlite3_bind_double(b->st, ++b->at, x);
	else
		sqlite3_bind_null(b->st, ++b->at);
}

static void bind_digest(struct binder *b, const uint64_t *digest)
{
	char text[32];

	if (!digest) {
		bind_text(b, NULL);
		return;
	}
	g_snprintf(text, sizeof(text), "0x%016" G_GINT64_MODIFIER "x", *digest);
	bind_copy(b, text);
}

static void bind_now(struct binder *b, const char *utc)
{
	GDateTime *now;
	char *text;

	if (utc) {
		bind_text(b, utc);
		return;
	}
	now = g_date_time_new_now_utc();
	text = g_date_time_format(now, "%Y-%m-%dT%H:%M:%SZ");
	bind_copy(b, text);
	g_free(text);
	g_date_time_unref(now);
}

static gboolean prepare(struct store *s, enum store_statement which, GError **error)
{
	GString *sql = g_string_new(NULL);
	const char *c;
	int rc;

	g_string_printf(sql, "INSERT INTO %s (%s) VALUES (?", inserts[which].table,
			inserts[which].columns);
	for (c = strchr(inserts[which].columns, ','); c; c = strchr(c + 1, ','))
		g_string_append(sql, ",?");
	g_string_append_c(sql, ')');
	rc = sqlite3_prepare_v3(s->db, sql->str, -1, SQLITE_PREPARE_PERSISTENT,
				&s->prepared[which], NULL);
	g_string_free(sql, TRUE);
	return rc == SQLITE_OK || store_fail(s, rc, error);
}

static gboolean binder_begin(struct binder *b, struct store *s, enum store_statement which,
			     GError **error)
{
	if (!s->prepared[which] && !prepare(s, which, error))
		return FALSE;
	*b = (struct binder){ .st = s->prepared[which] };
	return TRUE;
}

/* The row goes in; its id in *id, if that is asked for. */
static gboolean binder_insert(struct binder *b, struct store *s, gint64 *id, GError **error)
{
	int rc = SQLITE_DONE;

	g_assert(b->at == sqlite3_bind_parameter_count(b->st));
	if (b->too_large) {
		sqlite3_clear_bindings(b->st);
		g_set_error(error, STORE_ERROR, STORE_ERROR_INPUT,
			    "%s: a seed or count is too large for it; valid: below 2^63", s->path);
		return FALSE;
	}
	rc = sqlite3_step(b->st);
	if (rc != SQLITE_DONE)
		store_fail(s, rc, error);
	sqlite3_reset(b->st);
	if (rc == SQLITE_DONE && id)
		*id = sqlite3_last_insert_rowid(s->db);
	return rc == SQLITE_DONE;
}

/* Rows that belong together: a transaction of their own, unless the caller has one. */
static gboolean whole_begin(struct store *s, gboolean *own, GError **error)
{
	*own = sqlite3_get_autocommit(s->db);
	return !*own || store_begin(s, error);
}

static gboolean whole_end(struct store *s, gboolean own, gboolean ok, GError **error)
{
	if (!own)
		return ok;
	if (ok)
		return store_commit(s, error);
	store_rollback(s);
	return FALSE;
}

static gboolean insert_bins(struct store *s, enum store_statement which, gint64 owner,
			    const struct row_bin *bins, size_t n, GError **error)
{
	struct binder b;
	size_t i;

	for (i = 0; i < n; i++) {
		if (!binder_begin(&b, s, which, error))
			return FALSE;
		bind_id(&b, owner);
		bind_text(&b, bins[i].what);
		bind_count(&b, bins[i].low);
		bind_count(&b, bins[i].high);
		bind_count(&b, bins[i].count);
		if (!binder_insert(&b, s, NULL, error))
			return FALSE;
	}
	return TRUE;
}

static const char machine_columns[] =
	"hostname, cpu_model, cpus_online, cpus_allowed, threads_per_core, virtual, kernel, "
	"compiler, memory_bytes, tsc_hz";

static void bind_machine(sqlite3_stmt *st, const struct row_machine *m)
{
	struct binder b = { .st = st };

	bind_text(&b, m->hostname);
	bind_text(&b, m->cpu_model);
	bind_maybe(&b, m->cpus_online);
	bind_text(&b, m->cpus_allowed);
	bind_maybe(&b, m->threads_per_core);
	bind_text(&b, m->virtual);
	bind_text(&b, m->kernel);
	bind_text(&b, m->compiler);
	bind_maybe(&b, m->memory_bytes);
	bind_maybe(&b, m->tsc_hz);
}

/* One statement about a machine; *id as its answer or the id of the new row. */
static gboolean machine_step(struct store *s, const char *sql, const struct row_machine *m,
			     gint64 *id, GError **error)
{
	sqlite3_stmt *st = NULL;
	int rc = sqlite3_prepare_v2(s->db, sql, -1, &st, NULL);

	if (rc == SQLITE_OK) {
		bind_machine(st, m);
		rc = sqlite3_step(st);
		if (rc == SQLITE_ROW)
			*id = sqlite3_column_int64(st, 0);
	}
	if (rc != SQLITE_ROW && rc != SQLITE_DONE)
		store_fail(s, rc, error);
	sqlite3_finalize(st);
	return rc == SQLITE_ROW || rc == SQLITE_DONE;
}

static gboolean machine_id(struct store *s, const struct row_machine *m, gint64 *id,
			   GError **error)
{
	char *sql = g_strdup_printf("SELECT id FROM machine WHERE (%s) IS "
				    "(?,?,?,?,?,?,?,?,?,?)", machine_columns);
	gboolean ok;

	*id = 0;
	ok = machine_step(s, sql, m, id, error);
	g_free(sql);
	if (!ok || *id)
		return ok;
	sql = g_strdup_printf("INSERT INTO machine (%s) VALUES (?,?,?,?,?,?,?,?,?,?) RETURNING id",
			      machine_columns);
	ok = machine_step(s, sql, m, id, error);
	g_free(sql);
	return ok;
}

static gboolean insert_experiment(struct store *s, const struct row_experiment *row,
				  gint64 machine, gint64 *id, GError **error)
{
	struct binder b;

	if (!binder_begin(&b, s, STORE_INSERT_EXPERIMENT, error))
		return FALSE;
	bind_text(&b, row->identity);
	bind_now(&b, NULL);
	bind_text(&b, row->command);
	bind_text(&b, row->program_version);
	bind_text(&b, row->scenario);
	bind_text(&b, row->scenario_text);
	bind_text(&b, row->swept);
	bind_text(&b, row->strategy);
	bind_count(&b, row->seed_first);
	bind_count(&b, row->seeds_per_point);
	bind_count(&b, row->batch_seeds);
	bind_id(&b, machine);
	return binder_insert(&b, s, id, error);
}

gboolean store_add_experiment(struct store *s, const struct row_experiment *row,
			      const struct row_machine *machine, gint64 *id, GError **error)
{
	gint64 at = 0;
	gboolean own, ok;

	if (!whole_begin(s, &own, error))
		return FALSE;
	ok = machine_id(s, machine, &at, error) && insert_experiment(s, row, at, id, error);
	return whole_end(s, own, ok, error);
}

static gboolean insert_point(struct store *s, gint64 experiment, const struct row_point *row,
			     gint64 *id, GError **error)
{
	struct binder b;

	if (!binder_begin(&b, s, STORE_INSERT_POINT, error))
		return FALSE;
	bind_id(&b, experiment);
	bind_count(&b, row->ordinal);
	bind_digest(&b, &row->plan_digest);
	bind_text(&b, row->plan_text);
	bind_text(&b, row->algorithm);
	bind_text(&b, row->model);
	bind_text(&b, row->strategy);
	bind_count(&b, row->tasks);
	bind_count(&b, row->writers);
	bind_count(&b, row->walkers);
	return binder_insert(&b, s, id, error);
}

static gboolean insert_params(struct store *s, gint64 point, const struct row_point *row,
			      GError **error)
{
	struct binder b;
	size_t i;

	for (i = 0; i < row->n_params; i++) {
		if (!binder_begin(&b, s, STORE_INSERT_PARAM, error))
			return FALSE;
		bind_id(&b, point);
		bind_text(&b, row->params[i].key);
		bind_text(&b, row->params[i].value);
		if (!binder_insert(&b, s, NULL, error))
			return FALSE;
	}
	return TRUE;
}

gboolean store_add_point(struct store *s, gint64 experiment, const struct row_point *row,
			 gint64 *id, GError **error)
{
	gint64 at = 0;
	gboolean own, ok;

	if (!whole_begin(s, &own, error))
		return FALSE;
	ok = insert_point(s, experiment, row, &at, error) && insert_params(s, at, row, error);
	if (id)
		*id = at;
	return whole_end(s, own, ok, error);
}

static gboolean insert_batch(struct store *s, gint64 point, const struct row_batch *row,
			     gint64 *id, GError **error)
{
	struct binder b;

	if (!binder_begin(&b, s, STORE_INSERT_BATCH, error))
		return FALSE;
	bind_id(&b, point);
	bind_count(&b, row->seed_first);
	bind_count(&b, row->seeds);
	bind_count(&b, row->runs);
	bind_count(&b, row->failures);
	bind_count(&b, row->incomplete);
	bind_count(&b, row->points);
	bind_count(&b, row->operations);
	bind_count(&b, row->adds);
	bind_count(&b, row->removes);
	bind_count(&b, row->walks);
	bind_count(&b, row->walks_complete);
	bind_count(&b, row->passes);
	bind_count(&b, row->steps);
	bind_count(&b, row->restarts);
	bind_count(&b, row->slow_path);
	bind_count(&b, row->visits);
	bind_count(&b, row->foreign_visits);
	bind_count(&b, row->walk_steps_max);
	bind_count(&b, row->pass_steps_max);
	bind_count(&b, row->walk_restarts_max);
	bind_real(&b, row->walks_walks);
	bind_real(&b, row->restarts_restarts);
	bind_real(&b, row->restarts_walks);
	bind_real(&b, row->slow_path_slow_path);
	bind_real(&b, row->slow_path_walks);
	bind_real(&b, row->steps_steps);
	bind_real(&b, row->steps_walks);
	bind_real(&b, row->writes_writes);
	bind_real(&b, row->writes_points);
	bind_real(&b, row->walks_points);
	bind_real(&b, row->points_points);
	bind_digest(&b, row->digest);
	return binder_insert(&b, s, id, error);
}

static gboolean insert_failures(struct store *s, gint64 point, const struct row_failure *row,
				size_t n, GError **error)
{
	struct binder b;
	size_t i;

	for (i = 0; i < n; i++) {
		if (!binder_begin(&b, s, STORE_INSERT_FAILURE, error))
			return FALSE;
		bind_id(&b, point);
		bind_count(&b, row[i].seed);
		bind_text(&b, row[i].check_name);
		bind_text(&b, row[i].message);
		bind_text(&b, row[i].schedule);
		if (!binder_insert(&b, s, NULL, error))
			return FALSE;
	}
	return TRUE;
}

gboolean store_add_batch(struct store *s, gint64 point, const struct row_batch *row, gint64 *id,
			 GError **error)
{
	gint64 at = 0;
	gboolean own, ok;

	if (!whole_begin(s, &own, error))
		return FALSE;
	ok = insert_batch(s, point, row, &at, error) &&
	     insert_bins(s, STORE_INSERT_BATCH_BIN, at, row->bins, row->n_bins, error) &&
	     insert_failures(s, point, row->failed, row->n_failed, error);
	if (id)
		*id = at;
	return whole_end(s, own, ok, error);
}

static void bind_sample_counts(struct binder *b, const struct row_hw_sample *row)
{
	bind_maybe(b, row->operations_issued);
	bind_maybe(b, row->operations);
	bind_maybe(b, row->adds);
	bind_maybe(b, row->removes);
	bind_maybe(b, row->walks);
	bind_maybe(b, row->walks_complete);
	bind_maybe(b, row->passes);
	bind_maybe(b, row->steps);
	bind_maybe(b, row->restarts);
	bind_maybe(b, row->slow_path);
	bind_maybe(b, row->visits);
	bind_maybe(b, row->walk_steps_max);
	bind_maybe(b, row->walk_restarts_max);
}

static gboolean insert_sample(struct store *s, gint64 point, const struct row_hw_sample *row,
			      gint64 *id, GError **error)
{
	struct binder b;

	if (!binder_begin(&b, s, STORE_INSERT_SAMPLE, error))
		return FALSE;
	bind_id(&b, point);
	bind_text(&b, row->mode);
	bind_count(&b, row->repetition);
	bind_text(&b, row->outcome);
	bind_text(&b, row->reason);
	bind_now(&b, row->started_utc);
	bind_text(&b, row->cpus);
	bind_maybe(&b, row->share_core);
	bind_maybe(&b, row->oversubscribed);
	bind_maybe(&b, row->duration_ns);
	bind_sample_counts(&b, row);
	bind_real(&b, row->walk_latency_median_ns);
	bind_real(&b, row->walk_latency_p90_ns);
	bind_real(&b, row->walk_latency_p99_ns);
	bind_real(&b, row->walk_latency_max_ns);
	bind_real(&b, row->latency_error);
	bind_real(&b, row->stamp_cost_ns);
	bind_real(&b, row->clock_offset_ns);
	bind_maybe(&b, row->rounds);
	bind_maybe(&b, row->judged_walks);
	bind_maybe(&b, row->judgements);
	bind_maybe(&b, row->violations);
	return binder_insert(&b, s, id, error);
}

gboolean store_add_hw_sample(struct store *s, gint64 point, const struct row_hw_sample *row,
			     gint64 *id, GError **error)
{
	gint64 at = 0;
	gboolean own, ok;

	if (!whole_begin(s, &own, error))
		return FALSE;
	ok = insert_sample(s, point, row, &at, error) &&
	     insert_bins(s, STORE_INSERT_SAMPLE_BIN, at, row->bins, row->n_bins, error);
	if (id)
		*id = at;
	return whole_end(s, own, ok, error);
}

gboolean store_add_verification(struct store *s, gint64 point,
				const struct row_verification *row, gint64 *id, GError **error)
{
	struct binder b;

	if (!binder_begin(&b, s, STORE_INSERT_VERIFICATION, error))
		return FALSE;
	bind_id(&b, point);
	bind_text(&b, row->verdict);
	bind_text(&b, row->check_name);
	bind_text(&b, row->message);
	bind_text(&b, row->counterexample);
	bind_count(&b, row->states);
	bind_count(&b, row->transitions);
	bind_maybe(&b, row->pass_steps_max);
	bind_maybe(&b, row->walk_steps_max);
	bind_maybe(&b, row->walk_restarts_max);
	bind_text(&b, row->unbounded);
	bind_maybe(&b, row->memory_bytes);
	bind_maybe(&b, row->duration_ns);
	return binder_insert(&b, s, id, error);
}

gboolean store_finish_experiment(struct store *s, gint64 experiment, GError **error)
{
	char *sql = g_strdup_printf("UPDATE experiment SET finished = 1 WHERE id = %"
				    G_GINT64_FORMAT, experiment);
	gboolean ok = store_exec(s, sql, error);

	g_free(sql);
	return ok;
}
