/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Identity of a state: what decides how a run can go on, and nothing else, as a
 * row of words that is the same wherever the arena lies. Stacks are left out
 * because what lies in them depends on the compiler; for each task its position
 * (id) stands in for them.
 */
#include <string.h>
#include "sim/engine/state.h"

/* As sim_canonical(), with what the compiler cannot know to stay as it is read once. */
static uint64_t *put_words(uint64_t *to, const void *p, size_t bytes)
{
	const uint64_t base = (uint64_t)sim.heap, span = sim.arena_bytes;
	const uint64_t *word = p;
	size_t i;

	for (i = 0; i < bytes / 8; i++) {
		uint64_t w = word[i];

		*to++ = (w & 0xffffffffffffull) - base < span ? w - base : w;
	}
	return to;
}

/* What it has announced, and its position. */
static uint64_t *put_position(uint64_t *to, const struct sim_task *t)
{
	const struct sim_event *ev = &t->ev;
	unsigned int i;

	*to++ = t->id;
	*to++ = t->op_id;
	*to++ = sim_canonical((uint64_t)ev->addr);
	*to++ = sim_canonical(ev->operand);
	*to++ = ev->kind == EV_CMPXCHG ? sim_canonical(ev->expected) : 0;
	*to++ = ev->site->hash;
	for (i = 0; i < LOCKS_HELD_MAX && t->held[i]; i++)
		*to++ = sim_canonical((uint64_t)t->held[i]);
	return to;
}

/* What it may read of what is free; the rest of it is the ghost's (lifetime.c). */
static uint64_t sections_of(const struct sim_task *t)
{
	return t->left | (uint64_t)MIN(t->section, 7) << 1;
}

/* The softirq stands where its task would, and the task below it behind. */
static uint64_t *put_softirq(const struct engine *e, uint64_t *to, const struct task *t,
			     const struct softirq *softirq)
{
	*to++ = (uint64_t)softirq->begin_pending | sections_of(&softirq->below) << 1 |
		(uint64_t)softirq->queue_next << 8 |
		(uint64_t)softirq->below.ev.kind << 32 | (uint64_t)softirq->rcu_nesting << 40;
	to = put_position(to, &t->sim);
	if (!t->done)
		to = put_position(to, &softirq->below);
	return rcu_words(e, t, to);
}

static uint64_t *put_task(const struct engine *e, uint64_t *to, const struct task *t)
{
	const struct softirq *softirq = softirq_of(e, t->sim.cpu);

	*to++ = (uint64_t)t->done | t->in_op << 1 | t->begin_pending << 2 | !!softirq << 3 |
		sections_of(&t->sim) << 4 |
		(uint64_t)t->queue_next << 8 | (uint64_t)t->sim.ev.kind << 32 |
		(uint64_t)t->rcu_nesting << 40 | (uint64_t)t->rcu_open << 48 |
		(uint64_t)t->bh_off << 56;
	if (softirq)
		return put_softirq(e, to, t, softirq);
	if (t->done)
		return to;
	return rcu_words(e, t, put_position(to, &t->sim));
}

/* What is free is listed in the order in which it will be handed out. */
static uint64_t *put_slabs(const struct engine *e, uint64_t *to)
{
	unsigned int i, j;

	for (i = 0; i < e->nr_caches; i++) {
		const struct kmem_cache *c = e->caches[i];

		*to++ = c->nr_free;
		for (j = 0; j + 4 <= c->nr_free; j += 4) {
			memcpy(to, &c->free[j], 8);
			to++;
		}
		for (; j < c->nr_free; j++)
			*to++ = c->free[j];
	}
	return to;
}

static uint64_t *put_places(const struct engine *e, uint64_t *to)
{
	unsigned int i, n = plan_spte_slots(e->plan);

	for (i = 0; i + 4 <= n; i += 4) {
		memcpy(to, &e->spte_rmap[i], 8);
		to++;
	}
	for (; i < n; i++)
		*to++ = e->spte_rmap[i];
	return to;
}

/* Only a run that waits by cpu_relax has reads. */
static uint64_t *put_reads(const struct engine *e, uint64_t *to)
{
	unsigned int i, j;

	for (i = 0; e->slow_only && i < e->plan->n_tasks * (e->softirqs ? 2 : 1); i++) {
		const struct task_reads *reads = &e->reads[i];

		*to++ = (uint64_t)reads->n << 1 | reads->overflow;
		for (j = 0; j < reads->n; j++) {
			*to++ = sim_canonical((uint64_t)reads->read[j].addr);
			*to++ = sim_canonical(reads->read[j].value);
		}
	}
	return to;
}

/* What code of core/ stores: the words that locations are, and the vCPUs' caches. */
static uint64_t *put_memory(const struct engine *e, uint64_t *to)
{
	unsigned int i;

	for (i = 0; i < e->nr_hot; i++)
		to = put_words(to, sim.heap + e->hot[i].first, e->hot[i].bytes);
	return put_words(to, e->ghost_base, e->ghost_words * 8);
}

size_t engine_state_words_max(const struct engine *e)
{
	size_t n = sim.heap_bytes / 8 + e->ghost_words + 1;

	n += e->plan->n_tasks * (7 + LOCKS_HELD_MAX + 1 + 2 * (size_t)READS_MAX);
	if (e->softirqs)
		n += e->plan->n_tasks * (7 + LOCKS_HELD_MAX + 1 + 2 * (size_t)READS_MAX);
	n += e->rcu_need ? (size_t)e->plan->n_tasks * e->plan->n_tasks : 0;
	if (engine_has_graces(e))
		n += e->nr_caches *
		     (1 + plan_objects_max(e->plan) * (1 + (size_t)e->plan->n_tasks));
	n += e->model->words_max ? e->model->words_max(e->plan) : 0;
	return n + e->nr_caches * ((size_t)plan_objects_max(e->plan) + 1) +
	       plan_spte_slots(e->plan);
}

size_t engine_state_words(const struct engine *e, uint64_t *words)
{
	uint64_t *to = words;
	unsigned int i;

	*to++ = e->run->ending;
	to = put_memory(e, to);
	to = put_slabs(e, to);
	to = rcu_free_words(e, to);
	for (i = 0; e->returns_pages && i < e->nr_caches; i++)
		to = slab_page_words(e, e->caches[i], to);
	to = put_places(e, to);
	for (i = 0; i < e->plan->n_tasks; i++)
		to = put_task(e, to, &e->tasks[i]);
	to = put_reads(e, to);
	if (e->model->words)
		to += e->model->words(e->model_state, to);
	return to - words;
}

size_t engine_memory_words(const struct engine *e, uint64_t *words)
{
	return put_memory(e, words) - words;
}

/* Multiply and fold (Wang Yi's wyhash): two words a multiplication. */
static inline uint64_t fold(uint64_t a, uint64_t b)
{
	__uint128_t m = (__uint128_t)a * b;

	return (uint64_t)m ^ (uint64_t)(m >> 64);
}

uint64_t engine_words_hash(const uint64_t *words, size_t n, uint64_t hash_seed)
{
	uint64_t k0 = mix64(hash_seed + 0x9e3779b97f4a7c15ull);
	uint64_t k1 = mix64(k0 + 0x9e3779b97f4a7c15ull);
	uint64_t a = k0, b = k1 ^ n, c = k0 ^ k1, d = ~k0;
	size_t i;

	/* Four rows of multiplications that do not wait for one another. */
	for (i = 0; i + 8 <= n; i += 8) {
		a = fold(words[i] ^ k0, words[i + 1] ^ a);
		b = fold(words[i + 2] ^ k1, words[i + 3] ^ b);
		c = fold(words[i + 4] ^ k0, words[i + 5] ^ c);
		d = fold(words[i + 6] ^ k1, words[i + 7] ^ d);
	}
	for (; i < n; i++)
		a = fold(words[i] ^ k0, a ^ k1);
	return mix64(fold(fold(a ^ k0, c ^ k1) ^ k0, fold(b ^ k1, d ^ k0) ^ k1) ^ n);
}

uint64_t engine_identity(const struct engine *e, uint64_t hash_seed)
{
	return engine_words_hash(e->words, engine_state_words(e, e->words), hash_seed);
}
