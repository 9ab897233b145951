/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A hardware sample as rows of a study's database; see hw_report.h. */
#include <string.h>
#include "output/store.h"
#include "sim/cmd/hw_report.h"
#include "sim/cmd/machine.h"
#include "sim/cmd/rows.h"

/* Ticks may be shorter than a nanosecond: two buckets are then one bin. */
static gboolean bin_joined(GArray *bins, const struct row_bin *bin)
{
	struct row_bin *last;

	if (!bins->len)
		return FALSE;
	last = &g_array_index(bins, struct row_bin, bins->len - 1);
	if (strcmp(last->what, bin->what) || last->high < bin->low)
		return FALSE;
	last->high = MAX(last->high, bin->high);
	last->count += bin->count;
	return TRUE;
}

static void bins_of(GArray *bins, const char *what, const struct hw_histogram *h, double unit)
{
	guint i;

	for (i = 0; i < HW_HISTOGRAM_BUCKETS; i++) {
		struct row_bin bin = { .what = what, .count = h->count[i] };

		if (!h->count[i])
			continue;
		bin.low = hw_histogram_low(i) * unit;
		bin.high = hw_histogram_low(i + 1) * unit;
		if (bin.high > bin.low)
			bin.high--;	/* where the next one begins */
		if (!bin_joined(bins, &bin))
			g_array_append_val(bins, bin);
	}
}

static void sample_counts(const struct hw_report *r, struct row_hw_sample *row)
{
	const struct hw_sums *a = &r->sample->all;

	row->operations_issued = a->issued;
	row->operations = a->operations;
	row->adds = a->adds;
	row->removes = a->removes;
	row->walks = a->walks;
	row->walks_complete = a->complete;
	row->passes = a->walks + a->restarts + a->slow_path;
	row->steps = a->steps;
	row->restarts = a->restarts;
	row->slow_path = a->slow_path;
	row->visits = a->visits;
	row->walk_steps_max = a->steps_max;
	row->walk_restarts_max = a->restarts_max;
}

static void sample_known(const struct hw_report *r, struct row_hw_sample *row)
{
	const struct hw_sample *s = r->sample;
	gboolean checked = s->known && r->hw->mode == HW_CHECKED;
	gboolean walked = s->all.walks > 0;

	row->duration_ns = s->duration_ns > 0 ? (int64_t)s->duration_ns : ROW_UNKNOWN;
	row->walk_latency_median_ns = walked ? hw_report_latency(r, 0.5) : ROW_UNKNOWN;
	row->walk_latency_p90_ns = walked ? hw_report_latency(r, 0.9) : ROW_UNKNOWN;
	row->walk_latency_p99_ns = walked ? hw_report_latency(r, 0.99) : ROW_UNKNOWN;
	row->walk_latency_max_ns = walked ? hw_report_latency(r, 1) : ROW_UNKNOWN;
	row->latency_error = walked ? HW_HISTOGRAM_ERROR : ROW_UNKNOWN;
	row->stamp_cost_ns = s->known ? s->stamp_ns : ROW_UNKNOWN;
	row->clock_offset_ns = s->known ? s->offset_ns : ROW_UNKNOWN;
	row->rounds = checked ? (int64_t)s->rounds : ROW_UNKNOWN;
	row->judged_walks = checked ? (int64_t)s->verdict.judged : ROW_UNKNOWN;
	row->judgements = checked ? (int64_t)s->verdict.obligations : ROW_UNKNOWN;
	row->violations = checked ? (int64_t)s->verdict.missed : ROW_UNKNOWN;
}

gboolean hw_report_store_sample(const struct hw_report *r, struct store *store, gint64 point,
				gint64 *id, GError **error)
{
	const struct hw_sample *s = r->sample;
	guint n = r->plan->n_tasks;
	char *cpus = hw_topology_list(r->hw->cpus, n);
	GArray *bins = g_array_new(FALSE, FALSE, sizeof(struct row_bin));
	struct row_hw_sample row = {
		.mode = r->hw->mode == HW_CHECKED ? "checked" : "timing",
		.repetition = r->repetition,
		.outcome = hw_outcome_word(s->outcome),
		.reason = *s->reason ? s->reason : NULL,
		.cpus = cpus,
		.share_core = hw_topology_share_core(r->topology, r->hw->cpus, n),
		.oversubscribed = hw_topology_oversubscribed(r->hw->cpus, n),
	};
	gboolean ok;

	if (s->known) {
		bins_of(bins, "walk_steps", &s->steps_of_walk, 1);
		bins_of(bins, "walk_restarts", &s->restarts_of_walk, 1);
		bins_of(bins, "walk_latency_ns", &s->latency_ticks, s->ns_per_tick);
	}
	sample_counts(r, &row);
	sample_known(r, &row);
	row.bins = (const struct row_bin *)(gconstpointer)bins->data;
	row.n_bins = bins->len;
	ok = store_add_hw_sample(store, point, &row, id, error);
	g_array_unref(bins);
	g_free(cpus);
	return ok;
}

/*
 * What the command line set, by the names that a sweep gives its keys: so the
 * sample stands on a plot over such a key, beside what was simulated. A
 * task.NAME.KEY is called "task NAME.KEY" there.
 */
static GArray *point_params(const struct hw_report *r)
{
	GArray *params = g_array_new(FALSE, FALSE, sizeof(struct row_param));
	const char *const *set;
	guint i;

	for (set = cmd_sets(r->opt); *set; set++) {
		char *key = g_strndup(*set, strcspn(*set, "="));
		const char *value = *set + strlen(key);
		struct row_param param = { .key = key, .value = value + (*value == '=') };

		if (g_str_has_prefix(key, "task."))
			key[4] = ' ';
		/* Of a key that was set twice, the last counts. */
		for (i = 0; i < params->len; i++) {
			if (!strcmp(g_array_index(params, struct row_param, i).key, key)) {
				g_free((char *)g_array_index(params, struct row_param, i).key);
				g_array_remove_index(params, i--);
			}
		}
		g_array_append_val(params, param);
	}
	return params;
}

static gboolean store_point(const struct hw_report *r, struct store *store, gint64 experiment,
			    gint64 *id, GError **error)
{
	GArray *params = point_params(r);
	struct row_point row;
	gboolean ok;
	guint i;

	rows_point(&row, r->plan, 0);
	row.params = (const struct row_param *)(gconstpointer)params->data;
	row.n_params = params->len;
	ok = store_add_point(store, experiment, &row, id, error);
	for (i = 0; i < params->len; i++)
		g_free((char *)row.params[i].key);
	g_array_unref(params);
	return ok;
}

gboolean hw_report_store_experiment(const struct hw_report *r, const char *swept,
				    struct store *store, gint64 *id, GError **error)
{
	struct row_experiment row = {
		.command = "hw",
		.program_version = cmd_version,
		.scenario = r->plan->name,
		.scenario_text = r->plan->text,
		.swept = swept,
		.strategy = r->plan->strategy,
		.seed_first = MIN(r->hw->seed, ROW_SEED_MAX),
	};
	struct row_machine *machine = machine_facts();
	gboolean ok;

	/* Measured anew each time: rounded to MHz, so that one machine stays one row. */
	if (r->sample->known)
		machine->tsc_hz = (int64_t)(1e3 / r->sample->ns_per_tick + 0.5) * 1000000;
	ok = store_add_experiment(store, &row, machine, id, error);
	machine_free(machine);
	return ok;
}

static gboolean store_all(const struct hw_report *r, struct store *store, gint64 *id,
			  GError **error)
{
	gint64 experiment, point;

	return store_begin(store, error) &&
	       hw_report_store_experiment(r, "", store, &experiment, error) &&
	       store_point(r, store, experiment, &point, error) &&
	       hw_report_store_sample(r, store, point, id, error) &&
	       store_finish_experiment(store, experiment, error) &&
	       store_commit(store, error);
}

gboolean hw_report_store(const struct hw_report *r, const char *path, gint64 *id, GError **error)
{
	struct store *store = store_open(path, STORE_WRITE, error);
	gboolean ok;

	if (!store)
		return FALSE;
	ok = store_all(r, store, id, error);
	return store_close(store, ok ? error : NULL) && ok;
}
