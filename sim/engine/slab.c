/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The simulated slab: a pool of objects of one type whose order of reuse is the
 * plan's (lifo, fifo, or drawn). In a type-safe cache a freed object stays
 * readable and keeps its contents until it is somebody's again, which may be at
 * once, unless pages go back (slab_page.c). In any other what is free is no memory.
 * The shadow, by which addresses are looked at, says which object is free, and follows
 * when a checkpoint is gone back to.
 */
#include <string.h>
#include "core/kvm_mmu.h"
#include "sim/engine/state.h"

static const struct rmap_object_type *slab_type(const struct engine *e, const char *name)
{
	const struct rmap_object_type *type = sim_program.algorithm->objects;

	if (e->plan->shadow_pages && !strcmp(kvm_shadow_page_type.cache, name))
		return &kvm_shadow_page_type;
	for (; type && type->cache; type++) {
		if (!strcmp(type->cache, name))
			return type;
	}
	return NULL;
}

static bool slab_field_goes_on(const struct kmem_cache *c, const struct rmap_field *f,
			       unsigned int at)
{
	if (f->array > 1)
		return at < f->offset + (unsigned int)f->array * f->size;
	return f->array && at + f->size <= c->object_size;
}

/* One location per field and object; an array field takes the rest of it. */
static void slab_locations(struct engine *e, const struct kmem_cache *c, const char *prefix,
			   const struct rmap_field *fields)
{
	const struct rmap_field *f;
	unsigned int i, at, class;

	for (f = fields; f->name; f++) {
		class = world_class(e, prefix, f->name);
		for (i = 0; i < c->nr_objects; i++) {
			uint8_t *object = sim.heap + c->first + (uint64_t)i * c->object_size;

			at = f->offset;
			do {
				world_location(e, object + at, f->size, class);
				at += f->size;
			} while (slab_field_goes_on(c, f, at));
		}
	}
}

void *slab_object(const struct kmem_cache *c, uint16_t object)
{
	return sim.heap + c->first + (uint64_t)object * c->object_size;
}

struct kmem_cache *slab_of(const struct engine *e, const void *p, uint16_t *object)
{
	uint64_t off = (uint64_t)p - (uint64_t)sim.heap;
	unsigned int i;

	for (i = 0; i < e->nr_caches; i++) {
		struct kmem_cache *c = e->caches[i];

		if (off - c->first >= (uint64_t)c->nr_objects * c->object_size)
			continue;
		*object = (off - c->first) / c->object_size;
		return c;
	}
	return NULL;
}

/* All its objects are free; nothing is there yet where they are, or an object that is free. */
static void slab_begin_show(struct engine *e, struct kmem_cache *c)
{
	uint8_t *live = g_malloc0(SLAB_SHOWN_MAX * c->object_size);
	unsigned int i;

	c->pattern = e->pattern[e->nr_caches] = live;
	c->shown = used_alloc(e, c->nr_objects);
	e->shown[e->nr_caches] = g_malloc0(c->nr_objects);
	memcpy(live, e->shadow + c->first, c->object_size);
	for (i = 0; i < c->object_size; i++)
		live[SLAB_SHOWN_FREE * c->object_size + i] = live[i] ? live[i] | SIM_FREE : 0;
}

/* A type-safe one is free when all cpus may know, behind its last owner's stores. */
static inline enum slab_shown slab_shown(const struct kmem_cache *c, uint16_t object)
{
	if (G_UNLIKELY(c->page != NULL) && slab_page_is_gone(c, object))
		return SLAB_SHOWN_GONE;
	if (c->live[object] != SLAB_FREE)
		return SLAB_SHOWN_LIVE;
	if (!c->typesafe)
		return SLAB_SHOWN_GONE;
	return c->owner[object] ? SLAB_SHOWN_LIVE : SLAB_SHOWN_FREE;
}

/* In the shadow. */
static inline void slab_put(struct engine *e, const struct kmem_cache *c, uint16_t object,
			    enum slab_shown shown)
{
	unsigned int i, words = c->object_size / 8;
	const uint64_t *from = (const uint64_t *)c->pattern + shown * words;
	uint64_t *to = (uint64_t *)(e->shadow + c->first) + object * words;

	for (i = 0; i < words; i++)
		to[i] = from[i];
	e->shown[c->number][object] = shown;
}

static inline void slab_set_shown(struct engine *e, struct kmem_cache *c, uint16_t object,
				  enum slab_shown shown)
{
	if (c->shown[object] == shown)
		return;
	c->shown[object] = shown;
	slab_put(e, c, object, shown);
}

void slab_show(struct engine *e, struct kmem_cache *c, uint16_t object)
{
	slab_set_shown(e, c, object, slab_shown(c, object));
}

void slab_show_all(struct engine *e)
{
	unsigned int i, object;

	for (i = 0; i < e->nr_caches; i++) {
		const struct kmem_cache *c = e->caches[i];

		/* (Of a cache without objects neither is there.) */
		if (!c->nr_objects || !memcmp(c->shown, e->shown[i], c->nr_objects))
			continue;
		for (object = 0; object < c->nr_objects; object++) {
			if (c->shown[object] != e->shown[i][object])
				slab_put(e, c, object, c->shown[object]);
		}
	}
}

void slab_clear(struct engine *e)
{
	unsigned int i;

	for (i = 0; i < CACHES_MAX; i++) {
		g_free(e->shown[i]);
		g_free(e->pattern[i]);
	}
}

/* Those of type-safe caches have numbers, by which it is known who has their addresses. */
static void slab_number_objects(struct engine *e, const struct kmem_cache *c)
{
	uint32_t words = c->object_size / 8, i;

	for (i = 0; i < c->nr_objects * words; i++)
		e->object_number[c->first / 8 + i] = e->nr_typesafe + i / words + 1;
	e->nr_typesafe += c->nr_objects;
}

struct kmem_cache *sim_cache_create(const char *name, unsigned int size, unsigned int align,
				    unsigned int flags)
{
	struct engine *e = engine_present;
	const struct rmap_object_type *type = slab_type(e, name);
	struct kmem_cache *c;
	unsigned int i;

	(void)align;
	if (!type || e->nr_caches == CACHES_MAX)
		return NULL;
	c = used_alloc(e, sizeof(*c));
	c->object_size = (size + 7) & ~7u;
	c->nr_objects = type == &kvm_shadow_page_type ? e->plan->nr_pages : e->plan->nr_descs;
	c->free = used_alloc(e, c->nr_objects * sizeof(*c->free));
	c->live = used_alloc(e, c->nr_objects);
	c->owner = used_alloc(e, c->nr_objects * sizeof(*c->owner));
	c->first = (uint8_t *)heap_alloc(e, (size_t)c->nr_objects * c->object_size) - sim.heap;
	c->nr_free = c->nr_objects;
	/* Object 0 is the first to be handed out, whatever the order. */
	for (i = 0; i < c->nr_objects; i++)
		c->free[i] = e->plan->reuse == PLAN_REUSE_LIFO ? c->nr_objects - 1 - i : i;
	slab_locations(e, c, type->prefix, type->fields);
	c->number = e->nr_caches;
	c->typesafe = flags & SLAB_TYPESAFE_BY_RCU;
	slab_begin_show(e, c);
	if (c->typesafe)
		slab_number_objects(e, c);
	if (c->typesafe && e->returns_pages)
		slab_page_begin(e, c);
	if (e->frees_by_rcu) {
		c->waits = used_alloc(e, c->nr_objects * sizeof(*c->waits));
		c->needed = used_alloc(e, c->nr_objects * e->plan->n_tasks);
	}
	world_hot(e, sim.heap + c->first, (size_t)c->nr_objects * c->object_size);
	e->object[e->nr_objects] = (struct object){
		.first = c->first, .stride = c->object_size, .count = c->nr_objects,
		.numbered = true, .fields = type->fields, .class = OBJECT_SLAB,
	};
	g_strlcpy(e->object[e->nr_objects++].prefix, type->prefix, OBJECT_NAME_MAX);
	e->caches[e->nr_caches++] = c;
	for (i = 0; i < c->nr_objects; i++)
		slab_show(e, c, i);
	return c;
}

void sim_cache_destroy(struct kmem_cache *cache)
{
	(void)cache;	/* the pool goes with the arena */
}

/*
 * What a cpu has freed is its own again at once, but another cpu's only when
 * the stores that it made before have drained (release to acquire, as in SLUB).
 */
static bool slab_may_take(const struct kmem_cache *c, uint32_t place, const struct task *t)
{
	uint16_t owner = c->owner[c->free[place]];

	return !owner || !t || owner == t->sim.cpu + 1;
}

static uint32_t slab_available(const struct kmem_cache *c, const struct task *t)
{
	uint32_t place, n = 0;

	for (place = 0; place < c->nr_free; place++)
		n += slab_may_take(c, place, t);
	return n;
}

bool slab_waits(const struct engine *e, const struct kmem_cache *c, const struct task *t)
{
	if (c->nr_waits && !c->nr_free)
		return true;
	return !e->model->direct && c->nr_free && !slab_available(c, t);
}

/* The n-th from the bottom of those that t may take. */
static uint32_t slab_nth(const struct kmem_cache *c, const struct task *t, uint32_t n)
{
	uint32_t place = 0;

	while (!slab_may_take(c, place, t) || n--)
		place++;
	return place;
}

/* Which place of the free list: the top, the bottom, or one that is drawn. */
static uint32_t slab_place(struct engine *e, struct kmem_cache *c, struct task *t)
{
	uint32_t n = e->model->direct ? c->nr_free : slab_available(c, t), which = 0;

	if (e->plan->reuse == PLAN_REUSE_LIFO)
		which = n - 1;
	else if (e->plan->reuse == PLAN_REUSE_SEEDED && t && n > 1)
		which = choice_pick(e, CHOICE_REUSE, t, n, rng_below(&t->stream, n));
	return e->model->direct ? which : slab_nth(c, t, which);
}

uint32_t slab_which(const struct kmem_cache *c, uint16_t object)
{
	return c->number << 16 | object;
}

/* The stores that its last owner made before the free are visible to all. */
void slab_handed_over(struct engine *e, uint32_t which)
{
	struct kmem_cache *c = e->caches[which >> 16];
	unsigned int i;

	c->owner[which & 0xffff] = 0;
	slab_show(e, c, which);
	slab_page_freed(e, c, which);
	for (i = 0; i < e->plan->n_tasks; i++)	/* somebody may have waited for one */
		e->run->set_dirty |= e->tasks[i].sim.ev.kind == EV_ALLOC;
}

static void slab_note_free(struct engine *e, struct kmem_cache *c, uint16_t object,
			   struct task *t)
{
	struct model_note note = {
		.cpu = t->sim.cpu, .kind = NOTE_FREED, .arg = slab_which(c, object),
	};

	c->owner[object] = t->sim.cpu + 1;
	slab_show(e, c, object);
	e->model->note(e->model_state, &note);
}

/* Its own again, before anybody else could have it. */
static void slab_take_back(struct engine *e, struct kmem_cache *c, uint16_t object)
{
	struct model_note note = {
		.cpu = c->owner[object] - 1, .kind = NOTE_FREED,
		.arg = slab_which(c, object),
	};

	c->owner[object] = 0;
	e->model->cancel(e->model_state, &note);
}

void *slab_alloc(struct engine *e, struct kmem_cache *c, struct task *t)
{
	uint32_t place;
	uint16_t object;

	if (!c->nr_free)
		return NULL;
	place = slab_place(e, c, t);
	object = c->free[place];
	c->nr_free--;
	memmove(&c->free[place], &c->free[place + 1], (c->nr_free - place) * sizeof(*c->free));
	c->live[object] = SLAB_LIVE;
	slab_page_taken(e, c, object);
	slab_set_shown(e, c, object, SLAB_SHOWN_LIVE);
	if (c->owner[object])
		slab_take_back(e, c, object);
	return slab_object(c, object);
}

void slab_release(struct engine *e, struct kmem_cache *c, uint16_t object)
{
	uint32_t place = c->nr_free;

	c->live[object] = SLAB_FREE;
	slab_set_shown(e, c, object, c->typesafe ? SLAB_SHOWN_FREE : SLAB_SHOWN_GONE);
	/* Drawn from anywhere, the list's order would be state without meaning: keep it sorted. */
	while (e->plan->reuse == PLAN_REUSE_SEEDED && place && c->free[place - 1] > object) {
		c->free[place] = c->free[place - 1];
		place--;
	}
	c->free[place] = object;
	c->nr_free++;
}

static bool slab_is_ours(const struct kmem_cache *c, uint16_t object)
{
	return c->live[object] == SLAB_LIVE || c->live[object] == SLAB_CALLED;
}

static const char *slab_not_live(const struct kmem_cache *c, uint16_t object)
{
	if (c->live[object] == SLAB_WAITS)
		return "frees an object that waits for its grace period already";
	return c->live[object] ? NULL : "frees an object that is free already";
}

const char *slab_free(struct engine *e, struct kmem_cache *c, void *p, struct task *t)
{
	uint16_t object = 0;

	if (slab_of(e, p, &object) != c || p != slab_object(c, object))
		return "frees what is not an object of the cache";
	if (!slab_is_ours(c, object))
		return slab_not_live(c, object);
	slab_release(e, c, object);
	if (t && !e->model->direct)
		slab_note_free(e, c, object, t);
	else
		slab_page_freed(e, c, object);
	return NULL;
}

const char *slab_free_rcu(struct engine *e, void *p, struct task *t)
{
	uint16_t object = 0;
	struct kmem_cache *c = slab_of(e, p, &object);

	if (!c || p != slab_object(c, object))
		return "frees what is not an object of a cache";
	if (!c->waits)
		return "frees by RCU without RMAP_NEEDS_RCU";
	if (!slab_is_ours(c, object))
		return slab_not_live(c, object);
	if (t)
		rcu_free(e, c, (struct rcu_wait){ .object = object }, t);
	else
		slab_release(e, c, object);	/* nobody is there who could read it */
	return NULL;
}

const char *slab_call_rcu(struct engine *e, void *head, uint64_t callback, struct task *t)
{
	struct rcu_wait wait = { .callback = callback };
	struct kmem_cache *c = slab_of(e, head, &wait.object);

	if (!c)
		return "gives what is in no object of a cache";
	if (!c->waits || !e->calls_back)
		return "without RMAP_NEEDS_RCU and a list of callbacks";
	if (!sim_program.algorithm->callbacks[callback - 1].func)
		return "gives a function that is not in the algorithm's list of callbacks";
	if (!slab_is_ours(c, wait.object))
		return slab_not_live(c, wait.object);
	wait.head = (uint8_t *)head - (uint8_t *)slab_object(c, wait.object);
	if (t)
		rcu_free(e, c, wait, t);
	else
		sim_program.algorithm->callbacks[callback - 1].func(head);
	return NULL;
}
