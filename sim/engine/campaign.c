/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Campaigns: a pool whose units are batches of one plan's seeds. They are
 * counted in order, so the result is the same for every number of workers: what
 * lies behind the lowest failing seed is not counted.
 *
 * The parent has no engine, so a plan that cannot be built is reported by the
 * first worker.
 */
#include "sim/check/check.h"
#include "sim/engine/campaign.h"
#include "sim/engine/pool.h"

struct campaign {
	const struct plan *plan;
	const struct campaign_options *opt;
	struct campaign_result *result;
	struct engine *e;		/* a worker's */
	struct batch batch;
};

static bool campaign_work(void *data, uint64_t unit, GByteArray *report, GError **error)
{
	struct campaign *c = data;
	const struct campaign_options *opt = c->opt;
	uint64_t done = unit * BATCH_SEEDS;

	if (!c->e)
		c->e = engine_new(c->plan, opt->digest ? ENGINE_DIGEST : 0, error);
	if (!c->e)
		return false;
	batch_run(c->e, opt->seed_first + done, MIN(BATCH_SEEDS, opt->seeds - done),
		  opt->keep_going, &c->batch);
	batch_pack(&c->batch, report);
	return true;
}

static void keep_failures(struct campaign_result *res, const struct batch *b)
{
	uint32_t i;

	for (i = 0; i < b->n_failed && res->n_failed < CAMPAIGN_FAILURES_MAX; i++) {
		res->failed[res->n_failed].seed = b->failed[i].seed;
		res->failed[res->n_failed++].check = checks[b->failed[i].check]->name;
	}
}

static bool campaign_take(void *data, uint64_t unit, const uint8_t *report, size_t len,
			  GError **error)
{
	struct campaign *c = data;
	struct campaign_result *res = c->result;
	const struct batch *b = &c->batch;

	(void)unit;
	batch_unpack(&c->batch, report, len);
	res->runs += b->runs;
	res->failures += b->failures;
	if (b->incomplete && !res->incomplete)
		res->first_incomplete_seed = b->first_incomplete;
	res->incomplete += b->incomplete;
	res->digest += b->digest;
	run_stats_add(&res->stats, &b->stats);
	keep_failures(res, b);
	if (c->opt->counted && !c->opt->counted(b, c->opt->data, error))
		return false;
	return c->opt->keep_going || !res->failures;
}

static void campaign_tick(void *data)
{
	const struct campaign *c = data;

	if (c->opt->progress)
		c->opt->progress(c->result->runs, c->opt->seeds, c->result->failures,
				 c->opt->progress_data);
}

static bool campaign_started(void *data, GError **error)
{
	const struct campaign *c = data;

	return !c->opt->started || c->opt->started(c->opt->data, error);
}

bool campaign_run(const struct plan *plan, const struct campaign_options *opt,
		  struct campaign_result *result, GError **error)
{
	struct campaign *c = g_new0(struct campaign, 1);
	const struct pool pool = {
		.units = opt->seeds / BATCH_SEEDS + !!(opt->seeds % BATCH_SEEDS),
		.jobs = opt->jobs,
		.data = c,
		.work = campaign_work,
		.started = campaign_started,
		.take = campaign_take,
		.tick = campaign_tick,
	};
	struct pool_end end = { 0 };
	bool ok;

	*result = (struct campaign_result){ 0 };
	*c = (struct campaign){ .plan = plan, .opt = opt, .result = result };
	ok = pool_run(&pool, &end, error);
	result->interrupted = end.interrupted;
	result->seconds = end.seconds;
	result->cpu_seconds = end.cpu_seconds;
	g_free(c);
	return ok;
}
