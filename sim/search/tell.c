/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A way through the graph run again, as a run like any other: loads that went
 * unasked are points here, and the schedule has what is not the default. A cycle
 * is gone round twice and its second round is the one that is told: from there
 * on each round begins as it did.
 */
#include "sim/search/private.h"

static bool take_ways(struct search *s, const struct way *w, size_t from, size_t to)
{
	for (; from < to; from++) {
		if (s->e->run->over || transition_at_end(s))
			return false;
		if (!transition_take_label(s, &s->graph.labels[w->label[from]]))
			return false;
	}
	return true;
}

/* The run stops where the way does, whatever could still be done. */
static void stop(struct search *s, struct run_result *result)
{
	struct run_state *r = s->e->run;

	if (!r->over)
		transition_at_end(s);	/* a deadlock, or what a check says of the end */
	if (!r->over)
		engine_stop(s->e, RUN_STOPPED, "the run is cut short here");
	r->over = true;
	engine_end(s->e, result);
}

static bool tell_way(struct search *s, const struct way *w, size_t cycle_from,
		     struct search_tale *tale)
{
	struct engine *e = s->e;
	uint64_t before;
	bool ok;

	*tale = (struct search_tale){ .cycle_at = 0 };
	engine_begin(e, 0);
	e->strategy = &search_strategy;
	e->run->recorded = e->run->recorded_point = 0;
	ok = take_ways(s, w, 0, w->n);
	if (ok && cycle_from < w->n) {
		tale->cycle_at = e->run->points;
		before = engine_identity(e, s->opt.hash_seed);
		ok = take_ways(s, w, cycle_from, w->n) &&
		     engine_identity(e, s->opt.hash_seed) == before;
		tale->cycle_points = e->run->points - tale->cycle_at;
	}
	stop(s, &tale->run);
	return ok;
}

bool search_tell(struct search *s, enum search_witness what, unsigned int walker,
		 enum search_metric metric, struct search_tale *tale)
{
	const struct way *w = &s->counterexample;
	size_t cycle_from = s->cycle_from;
	bool ok;

	if (what == SEARCH_WORST) {
		w = &s->worst[walker][metric];
		cycle_from = w->n;
		if (!s->res->walker[walker].bound[metric].finite)
			return false;
	}
	if (!w->n)
		return false;
	s->e->flags |= ENGINE_RECORD | ENGINE_DIGEST;
	ok = tell_way(s, w, cycle_from, tale);
	s->e->flags &= ~(ENGINE_RECORD | ENGINE_DIGEST);
	return ok;
}
