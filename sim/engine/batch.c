/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Runs counted together; see batch.h. */
#include <string.h>
#include "sim/check/check.h"
#include "sim/engine/batch.h"
#include "sim/engine/rng.h"

#define HEAD_BYTES	offsetof(struct batch, walks)

struct packed_bin {
	uint32_t what, bin;
	uint64_t count;
};

static int check_place(const char *name)
{
	int i;

	for (i = 0; checks[i]; i++) {
		if (!strcmp(checks[i]->name, name))
			return i;
	}
	return 0;
}

void run_stats_add(struct run_stats *to, const struct run_stats *s)
{
	to->points += s->points;
	to->operations += s->operations;
	to->adds += s->adds;
	to->removes += s->removes;
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

static void products_add(struct run_products *p, const struct run_stats *s)
{
	double walks = s->walks, restarts = s->restarts, slow = s->slow_paths, steps = s->steps;
	double writes = s->adds + s->removes, points = s->points;

	p->walks_walks += walks * walks;
	p->restarts_restarts += restarts * restarts;
	p->restarts_walks += restarts * walks;
	p->slow_paths_slow_paths += slow * slow;
	p->slow_paths_walks += slow * walks;
	p->steps_steps += steps * steps;
	p->steps_walks += steps * walks;
	p->writes_writes += writes * writes;
	p->writes_points += writes * points;
	p->walks_points += walks * points;
	p->points_points += points * points;
}

static void count_run(struct batch *b, const struct run_result *run)
{
	b->runs++;
	b->digest += mix64(run->digest ^ run->seed);
	run_stats_add(&b->stats, &run->stats);
	products_add(&b->products, &run->stats);
	if (run->verdict == RUN_INCOMPLETE && !b->incomplete++)
		b->first_incomplete = run->seed;
	if (run->verdict != RUN_VIOLATION)
		return;
	if (b->n_failed < BATCH_FAILURES) {
		b->failed[b->n_failed].seed = run->seed;
		b->failed[b->n_failed++].check = check_place(run->check);
	}
	b->failures++;
}

void batch_run(struct engine *e, uint64_t seed_first, uint64_t seeds, bool keep_going,
	       struct batch *b)
{
	struct run_result run;
	uint64_t i;

	walk_tally_clear(&b->walks);
	memset(b, 0, HEAD_BYTES);
	b->seed_first = seed_first;
	b->seeds = seeds;
	for (i = 0; i < seeds && (keep_going || !b->failures); i++) {
		engine_run(e, seed_first + i, &run);
		count_run(b, &run);
		walk_tally_add(&b->walks, engine_walks(e));
	}
}

static void products_sum(struct run_products *to, const struct run_products *p)
{
	to->walks_walks += p->walks_walks;
	to->restarts_restarts += p->restarts_restarts;
	to->restarts_walks += p->restarts_walks;
	to->slow_paths_slow_paths += p->slow_paths_slow_paths;
	to->slow_paths_walks += p->slow_paths_walks;
	to->steps_steps += p->steps_steps;
	to->steps_walks += p->steps_walks;
	to->writes_writes += p->writes_writes;
	to->writes_points += p->writes_points;
	to->walks_points += p->walks_points;
	to->points_points += p->points_points;
}

void batch_add(struct batch *to, const struct batch *b)
{
	uint32_t i;

	if (b->incomplete && !to->incomplete)
		to->first_incomplete = b->first_incomplete;
	to->runs += b->runs;
	to->failures += b->failures;
	to->incomplete += b->incomplete;
	to->digest += b->digest;
	run_stats_add(&to->stats, &b->stats);
	products_sum(&to->products, &b->products);
	for (i = 0; i < b->n_failed && to->n_failed < BATCH_FAILURES; i++)
		to->failed[to->n_failed++] = b->failed[i];
	walk_tally_add(&to->walks, &b->walks);
}

void batch_pack(const struct batch *b, GByteArray *out)
{
	const struct walk_tally *t = &b->walks;
	uint64_t bins = 0;
	unsigned int what, i;

	for (what = 0; what < WALK_WHATS; what++)
		bins += t->n_used[what];
	g_byte_array_append(out, (const guint8 *)b, HEAD_BYTES);
	g_byte_array_append(out, (const guint8 *)&bins, sizeof(bins));
	for (what = 0; what < WALK_WHATS; what++) {
		for (i = 0; i < t->n_used[what]; i++) {
			struct packed_bin p = { what, t->used[what][i],
						t->count[what][t->used[what][i]] };

			g_byte_array_append(out, (const guint8 *)&p, sizeof(p));
		}
	}
}

size_t batch_unpack(struct batch *b, const uint8_t *p, size_t len)
{
	const size_t head = HEAD_BYTES + sizeof(uint64_t);
	struct packed_bin bin;
	uint64_t bins, i;

	if (len < head)
		return 0;
	memcpy(b, p, HEAD_BYTES);
	memcpy(&bins, p + HEAD_BYTES, sizeof(bins));
	if (bins > WALK_WHATS * WALK_BINS || len - head < bins * sizeof(bin))
		return 0;
	walk_tally_clear(&b->walks);
	for (i = 0; i < bins; i++) {
		memcpy(&bin, p + head + i * sizeof(bin), sizeof(bin));
		walk_tally_bin(&b->walks, bin.what, bin.bin, bin.count);
	}
	return head + bins * sizeof(bin);
}
