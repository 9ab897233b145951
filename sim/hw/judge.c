/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The judge; see judge.h. Each spte's stays in lists are put in a row, and each
 * task's walks, which are in the order of time, go along all rows at once.
 */
#include <stdlib.h>
#include "sim/hw/judge.h"

#define NEVER	UINT64_MAX

/* From the end of an add to the beginning of a remove. */
struct stay {
	uint64_t from;		/* 0: since before the lap */
	uint64_t to;		/* NEVER: beyond the lap */
	uint16_t rmap;
};

struct hw_judge {
	unsigned int nr_sptes;
	unsigned int stays_max;
	unsigned int *first;	/* place of an spte's first stay; nr_sptes + 1 of them */
	unsigned int *n;	/* its stays */
	unsigned int *at;	/* how many of them had begun before the present walk */
	struct stay *stay;
};

struct hw_judge *hw_judge_new(unsigned int nr_sptes, unsigned int events_max)
{
	struct hw_judge *j = calloc(1, sizeof(*j));

	if (!j)
		return NULL;
	j->nr_sptes = nr_sptes;
	j->stays_max = events_max + nr_sptes;
	j->first = calloc(nr_sptes + 1, sizeof(*j->first));
	j->n = calloc(nr_sptes, sizeof(*j->n));
	j->at = calloc(nr_sptes, sizeof(*j->at));
	j->stay = calloc(j->stays_max, sizeof(*j->stay));
	if (j->first && j->n && j->at && j->stay)
		return j;
	hw_judge_free(j);
	return NULL;
}

void hw_judge_free(struct hw_judge *j)
{
	if (!j)
		return;
	free(j->first);
	free(j->n);
	free(j->at);
	free(j->stay);
	free(j);
}

unsigned int hw_judge_stride(unsigned int nr_sptes)
{
	return sizeof(struct hw_walk) + (nr_sptes + 63) / 64 * sizeof(uint64_t);
}

/* Room for as many stays as an spte can have. */
static void judge_room(struct hw_judge *j, const uint16_t *start, const struct hw_log *logs,
		       unsigned int n_logs)
{
	unsigned int i, k;

	for (i = 0; i < j->nr_sptes; i++)
		j->n[i] = !!start[i];
	for (k = 0; k < n_logs; k++) {
		for (i = 0; i < logs[k].n_events; i++)
			j->n[logs[k].event[i].spte] += logs[k].event[i].add;
	}
	for (i = 0; i < j->nr_sptes; i++) {
		j->first[i + 1] = j->first[i] + j->n[i];
		j->n[i] = 0;
	}
}

static void judge_event(struct hw_judge *j, const struct hw_event *ev)
{
	struct stay *stay = &j->stay[j->first[ev->spte]];

	if (ev->add)
		stay[j->n[ev->spte]++] = (struct stay){ ev->time, NEVER, ev->rmap };
	else if (j->n[ev->spte])
		stay[j->n[ev->spte] - 1].to = ev->time;
}

static void judge_stays(struct hw_judge *j, const uint16_t *start, const struct hw_log *logs,
			unsigned int n_logs)
{
	unsigned int i, k;

	judge_room(j, start, logs, n_logs);
	for (i = 0; i < j->nr_sptes; i++) {
		if (start[i])
			j->stay[j->first[i] + j->n[i]++] = (struct stay){ 0, NEVER, start[i] - 1 };
	}
	for (k = 0; k < n_logs; k++) {
		for (i = 0; i < logs[k].n_events; i++)
			judge_event(j, &logs[k].event[i]);
	}
}

/* The stay of this spte that covers the walk for certain, or NULL. */
static const struct stay *judge_stay(struct hw_judge *j, unsigned int spte,
				     const struct hw_walk *walk, uint64_t offset)
{
	const struct stay *stays = &j->stay[j->first[spte]], *stay;
	unsigned int *at = &j->at[spte];

	/* A stay since before the lap began before every walk of it. */
	while (*at < j->n[spte] && (!stays[*at].from || stays[*at].from + offset < walk->begin))
		(*at)++;
	if (!*at)
		return NULL;
	stay = &stays[*at - 1];
	if (stay->rmap != walk->rmap)
		return NULL;
	return stay->to == NEVER || walk->end + offset < stay->to ? stay : NULL;
}

static void judge_missed(const struct hw_walk *walk, const struct stay *stay, unsigned int spte,
			 struct hw_verdict *v)
{
	if (v->missed++)
		return;
	v->spte = spte;
	v->rmap = walk->rmap;
	v->added = stay->from;
	v->removed = stay->to != NEVER;
	v->before = v->added ? walk->begin - stay->from : 0;
	v->after = v->removed ? stay->to - walk->end : 0;
}

static void judge_walk(struct hw_judge *j, const struct hw_walk *walk, uint64_t offset,
		       struct hw_verdict *v)
{
	uint64_t before = v->obligations;
	unsigned int spte;

	for (spte = 0; spte < j->nr_sptes; spte++) {
		const struct stay *stay = judge_stay(j, spte, walk, offset);

		if (!stay)
			continue;
		v->obligations++;
		if (!(walk->seen[spte / 64] >> spte % 64 & 1))
			judge_missed(walk, stay, spte, v);
	}
	v->judged += v->obligations > before;
}

void hw_judge_lap(struct hw_judge *j, const uint16_t *start, const struct hw_log *logs,
		  unsigned int n_logs, uint64_t offset, struct hw_verdict *v)
{
	unsigned int stride = hw_judge_stride(j->nr_sptes), i, k;

	judge_stays(j, start, logs, n_logs);
	for (k = 0; k < n_logs; k++) {
		for (i = 0; i < j->nr_sptes; i++)
			j->at[i] = 0;
		for (i = 0; i < logs[k].n_walks; i++) {
			const struct hw_walk *walk = hw_log_walk(&logs[k], stride, i);
			uint64_t missed = v->missed;

			if (!walk->complete)
				continue;
			v->walks++;
			judge_walk(j, walk, offset, v);
			if (!missed && v->missed) {
				v->task = k;
				v->walk = i;
			}
		}
	}
}
