/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Slab pages that go back, with memory.slab-pages = return. When all objects of
 * a type-safe cache's page are free the system may give the page back, after a
 * grace period that starts when the last free is visible to all: a choice GRACE.
 * What lay there is no memory from then on, until an alloc takes the page again,
 * which it may do before as well. A page that no alloc has taken yet is not there
 * either.
 *
 * That is what SLAB_TYPESAFE_BY_RCU promises, and all: within a read-side section
 * a freed object stays an object of its type; behind the section it is nothing.
 */
#include <string.h>
#include "sim/engine/state.h"

static uint8_t *needed_by(const struct engine *e, const struct kmem_cache *c, unsigned int page)
{
	return &c->page_needed[page * e->plan->n_tasks];
}

static unsigned int nr_pages(const struct kmem_cache *c)
{
	return (c->nr_objects + c->page_objects - 1) / c->page_objects;
}

static unsigned int page_of(const struct kmem_cache *c, uint16_t object)
{
	return object / c->page_objects;
}

size_t slab_page_bytes(const struct plan *plan)
{
	return plan_objects_max(plan) * (1 + (size_t)plan->n_tasks) + 16;
}

void slab_page_begin(struct engine *e, struct kmem_cache *c)
{
	c->page_objects = e->plan->slab_page_objects;
	c->page = used_alloc(e, nr_pages(c));
	c->page_needed = used_alloc(e, nr_pages(c) * e->plan->n_tasks);
}

bool slab_page_is_gone(const struct kmem_cache *c, uint16_t object)
{
	return c->page && c->page[page_of(c, object)] == SLAB_PAGE_GONE;
}

static void set_page(struct engine *e, struct kmem_cache *c, unsigned int page, uint8_t state)
{
	unsigned int i = page * c->page_objects, end = MIN(i + c->page_objects, c->nr_objects);

	memset(needed_by(e, c, page), 0, e->plan->n_tasks);
	c->page[page] = state;
	for (; i < end; i++)
		slab_show(e, c, i);
	e->run->list_dirty = true;
}

void slab_page_taken(struct engine *e, struct kmem_cache *c, uint16_t object)
{
	if (c->page && c->page[page_of(c, object)] != SLAB_PAGE_USED)
		set_page(e, c, page_of(c, object), SLAB_PAGE_USED);
}

/* Nobody has an object of it, and that is known to every cpu. */
static bool is_free(const struct kmem_cache *c, unsigned int page)
{
	unsigned int i = page * c->page_objects, end = MIN(i + c->page_objects, c->nr_objects);

	for (; i < end; i++) {
		if (c->live[i] || c->owner[i])
			return false;
	}
	return true;
}

void slab_page_freed(struct engine *e, struct kmem_cache *c, uint16_t object)
{
	unsigned int cpu, page;

	if (!c->page || !is_free(c, page_of(c, object)))
		return;
	page = page_of(c, object);
	set_page(e, c, page, SLAB_PAGE_WAITS);
	for (cpu = 0; cpu < e->plan->n_tasks; cpu++)
		needed_by(e, c, page)[cpu] = e->tasks[cpu].rcu_open;
	if (e->model->grace)
		e->model->grace(e->model_state, 0, GRACE_QUEUED);
}

void slab_page_left(struct engine *e, unsigned int cpu)
{
	unsigned int i, page;

	for (i = 0; i < e->nr_caches; i++) {
		const struct kmem_cache *c = e->caches[i];

		for (page = 0; c->page && page < nr_pages(c); page++) {
			if (c->page[page] == SLAB_PAGE_WAITS && needed_by(e, c, page)[cpu])
				needed_by(e, c, page)[cpu]--;
		}
	}
}

static bool may_go(const struct engine *e, const struct kmem_cache *c, unsigned int page)
{
	unsigned int cpu;

	for (cpu = 0; cpu < e->plan->n_tasks; cpu++) {
		if (needed_by(e, c, page)[cpu])
			return false;
	}
	return c->page[page] == SLAB_PAGE_WAITS;
}

/* No cpu waits for it: it is said to be the first's. */
unsigned int slab_page_pending(const struct engine *e, const struct kmem_cache *c,
			       struct choice *to, unsigned int max)
{
	unsigned int page, n = 0;

	for (page = 0; c->page && page < nr_pages(c) && n < max; page++) {
		if (may_go(e, c, page))
			to[n++] = (struct choice){
				CHOICE_GRACE, 0, 0,
				(uint8_t *)slab_object(c, page * c->page_objects) - sim.heap,
			};
	}
	return n;
}

void slab_page_goes(struct engine *e, struct kmem_cache *c, uint16_t object)
{
	set_page(e, c, page_of(c, object), SLAB_PAGE_GONE);
}

/* For the identity of a state. */
uint64_t *slab_page_words(const struct engine *e, const struct kmem_cache *c, uint64_t *to)
{
	unsigned int page, cpu;

	for (page = 0; c->page && page < nr_pages(c); page++) {
		*to++ = c->page[page];
		for (cpu = 0; c->page[page] == SLAB_PAGE_WAITS && cpu < e->plan->n_tasks; cpu++)
			*to++ = needed_by(e, c, page)[cpu];
	}
	return to;
}
