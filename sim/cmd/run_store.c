/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A campaign into a database; see run_store.h. */
#include "output/store.h"
#include "sim/cmd/machine.h"
#include "sim/cmd/recording.h"
#include "sim/cmd/rows.h"
#include "sim/cmd/run_store.h"

struct run_store {
	const struct plan *plan;
	const struct cmd_options *opt;
	gboolean keep_going;
	struct batch sum;
	struct row_failure failed[ROWS_FAILURES];
	guint n_failed;
	struct rows_bins bins;
};

gboolean run_store_check(const char *db, GError **error)
{
	struct store *s = store_open(db, STORE_WRITE, error);

	return s && store_close(s, error);
}

struct run_store *run_store_new(const struct plan *plan, const struct cmd_options *opt,
				gboolean keep_going)
{
	struct run_store *s = g_new0(struct run_store, 1);

	s->plan = plan;
	s->opt = opt;
	s->keep_going = keep_going;
	return s;
}

void run_store_free(struct run_store *s)
{
	guint i;

	if (!s)
		return;
	for (i = 0; i < s->n_failed; i++) {
		g_free((char *)s->failed[i].message);
		g_free((char *)s->failed[i].schedule);
	}
	g_free(s);
}

bool run_store_count(const struct batch *b, void *data, GError **error)
{
	struct run_store *s = data;

	(void)error;
	batch_add(&s->sum, b);
	return true;
}

void run_store_failure(struct run_store *s, struct engine *e, const struct run_result *told)
{
	struct row_failure *row = &s->failed[s->n_failed];
	struct schedule *schedule;

	if (s->n_failed == ROWS_FAILURES)
		return;
	schedule = recording_take(e, told, cmd_sets(s->opt));
	row->seed = told->seed;
	row->check_name = told->check;
	row->message = g_strdup(told->message);
	row->schedule = schedule_to_text(schedule);
	s->n_failed++;
	schedule_free(schedule);
}

/* All that the result depends on. */
static char *identity(const struct run_store *s)
{
	char *text = g_strdup_printf("run %s %s %016" G_GINT64_MODIFIER "x %" G_GUINT64_FORMAT
				     " %" G_GUINT64_FORMAT " %d %d", cmd_version, s->plan->name,
				     s->plan->digest, s->opt->seed_first, s->opt->seeds,
				     s->keep_going, s->opt->digest);
	char *id = g_compute_checksum_for_string(G_CHECKSUM_SHA256, text, -1);

	g_free(text);
	return id;
}

static gboolean add_experiment(const struct run_store *s, struct store *store, const char *id,
			       gint64 *experiment, GError **error)
{
	struct row_machine *machine = machine_facts();
	const struct row_experiment row = {
		.identity = id,
		.command = "run",
		.program_version = cmd_version,
		.scenario = s->plan->name,
		.scenario_text = s->plan->text,
		.swept = "",
		.strategy = s->plan->strategy,
		.seed_first = s->opt->seed_first,
		.seeds_per_point = s->opt->seeds,
		.batch_seeds = s->opt->seeds,
	};
	gboolean ok = store_add_experiment(store, &row, machine, experiment, error);

	machine_free(machine);
	return ok;
}

static gboolean add_result(struct run_store *s, struct store *store, const char *id,
			   gint64 *experiment, GError **error)
{
	struct row_point point;
	struct row_batch batch;
	gint64 at;

	rows_point(&point, s->plan, 0);
	rows_batch(&batch, &s->sum, &s->bins, s->opt->digest);
	batch.seed_first = s->opt->seed_first;
	batch.seeds = s->opt->seeds;
	batch.failed = s->failed;
	batch.n_failed = s->n_failed;
	return add_experiment(s, store, id, experiment, error) &&
	       store_add_point(store, *experiment, &point, &at, error) &&
	       store_add_batch(store, at, &batch, NULL, error) &&
	       store_finish_experiment(store, *experiment, error);
}

static gboolean write_to(struct run_store *s, struct store *store, GError **error)
{
	char *id = identity(s);
	gint64 experiment = 0;
	gboolean ok, there;

	ok = store_begin(store, error) &&
	     store_query_number(store, "SELECT id FROM experiment WHERE identity = ?", &experiment,
				error, id, NULL);
	there = experiment != 0;
	if (ok && !there)
		ok = add_result(s, store, id, &experiment, error);
	ok = ok && store_commit(store, error);
	if (ok)
		cmd_message("experiment %" G_GINT64_FORMAT " in %s%s", experiment,
			    store_path(store), there ? ": it was there already" : "");
	g_free(id);
	return ok;
}

gboolean run_store_write(struct run_store *s, GError **error)
{
	struct store *store = store_open(s->opt->db, STORE_WRITE, error);
	gboolean ok = store && write_to(s, store, error);

	if (ok)
		return store_close(store, error);
	store_close(store, NULL);
	return FALSE;
}
