/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The hardware back end's slab. Each thread has a list of free objects of its
 * own, as each CPU has in the kernel's: what a thread frees it gets back first,
 * at once, without a lock. Only when a list runs empty or over do objects pass
 * through the depot, under its lock, which orders what the old owner stored
 * before what the new one will (release by the unlock, acquire by the lock; on
 * x86 stores leave a CPU in order anyway).
 *
 * Freed objects keep their contents, since lockless walkers may still read them:
 * the lists lie beside the objects, not in them. Objects come from chunks that
 * stay until the cache goes. Which of a thread's own free objects it gets next
 * is the plan's order of reuse: the last freed, the first, or a drawn one.
 */
#include <stdlib.h>
#include "sim/engine/rng.h"
#include "sim/kern/hw/kern_hw.h"

#define LOCAL_MAX	256	/* of a thread's list; a power of two */
#define CHUNK_OBJECTS	256	/* at most */
#define CHUNK_BYTES	65536	/* and where a chunk begins: so an object tells its cache */

/* What stands before the objects of a chunk. */
struct slab_chunk {
	struct kmem_cache *cache;
} ____cacheline_aligned;

/* A ring of free objects, touched by its thread only. */
struct slab_cpu {
	unsigned int first, n;
	long live;		/* allocated less freed, by this thread */
	struct rng rng;
	void *free[LOCAL_MAX];
} ____cacheline_aligned;

struct kmem_cache {
	void *(*take)(struct slab_cpu *cpu);
	size_t object_size;
	unsigned int chunk_objects;
	unsigned int stock;
	unsigned int nr_cpus;
	struct slab_cpu *cpu;
	spinlock_t lock;	/* of all below */
	unsigned long nr_free, room_free;
	void **free;
	unsigned long nr_chunks;
	void **chunks;
};

static void **ring_slot(struct slab_cpu *cpu, unsigned int i)
{
	return &cpu->free[(cpu->first + i) % LOCAL_MAX];
}

static void *take_last(struct slab_cpu *cpu)
{
	return *ring_slot(cpu, --cpu->n);
}

static void *take_first(struct slab_cpu *cpu)
{
	void *object = *ring_slot(cpu, 0);

	cpu->first++;
	cpu->n--;
	return object;
}

static void *take_drawn(struct slab_cpu *cpu)
{
	void **drawn = ring_slot(cpu, rng_below(&cpu->rng, cpu->n));
	void *object = *drawn;

	*drawn = take_last(cpu);
	return object;
}

static bool cache_init(struct kmem_cache *c, unsigned int size, unsigned int align)
{
	static void *(*const takes[])(struct slab_cpu *) = {
		[KERN_HW_LIFO] = take_last,
		[KERN_HW_FIFO] = take_first,
		[KERN_HW_SEEDED] = take_drawn,
	};
	const struct kern_hw_config *config = kern_hw_configuration();
	unsigned int i;

	align = align < 8 ? 8 : align;
	*c = (struct kmem_cache){
		.take = takes[config->reuse],
		.object_size = (size + align - 1) / align * align,
		.stock = config->stock < 1 ? 1 : config->stock,
		.nr_cpus = config->nr_threads,
	};
	c->chunk_objects = (CHUNK_BYTES - sizeof(struct slab_chunk)) / c->object_size;
	if (c->chunk_objects > CHUNK_OBJECTS)
		c->chunk_objects = CHUNK_OBJECTS;
	if (c->stock > LOCAL_MAX / 2)
		c->stock = LOCAL_MAX / 2;
	spin_lock_init(&c->lock);
	c->cpu = aligned_alloc(HW_LINE, c->nr_cpus * sizeof(*c->cpu));
	if (!c->cpu || !c->chunk_objects) {
		free(c->cpu);
		return false;
	}
	for (i = 0; i < c->nr_cpus; i++) {
		c->cpu[i] = (struct slab_cpu){ .n = 0 };
		rng_init(&c->cpu[i].rng, config->seed, i);
	}
	return true;
}

struct kmem_cache *kmem_cache_create(const char *name, unsigned int size, unsigned int align,
				     unsigned int flags)
{
	struct kmem_cache *c = aligned_alloc(HW_LINE, sizeof(*c));

	(void)name;
	(void)flags;
	if (c && cache_init(c, size, align))
		return c;
	free(c);
	return NULL;
}

void kmem_cache_destroy(struct kmem_cache *c)
{
	unsigned long i;

	if (!c)
		return;
	for (i = 0; i < c->nr_chunks; i++)
		free(c->chunks[i]);
	free(c->chunks);
	free(c->free);
	free(c->cpu);
	free(c);
}

/* Room for n more objects in the depot's list. */
static bool depot_room(struct kmem_cache *c, unsigned long n)
{
	unsigned long room = c->room_free * 2 + n;
	void **list;

	if (c->nr_free + n <= c->room_free)
		return true;
	list = realloc(c->free, room * sizeof(*list));
	if (!list)
		return false;
	c->free = list;
	c->room_free = room;
	return true;
}

/* One more chunk, all of it free. */
static bool depot_grow(struct kmem_cache *c)
{
	void **chunks = realloc(c->chunks, (c->nr_chunks + 1) * sizeof(*chunks));
	struct slab_chunk *chunk;
	char *first;
	size_t i;

	if (!chunks)
		return false;
	c->chunks = chunks;
	if (!depot_room(c, c->chunk_objects))
		return false;
	chunk = aligned_alloc(CHUNK_BYTES, CHUNK_BYTES);
	if (!chunk)
		return false;
	chunk->cache = c;
	first = (char *)(chunk + 1);
	for (i = 0; i < c->object_size * c->chunk_objects; i++)
		first[i] = 0;
	c->chunks[c->nr_chunks++] = chunk;
	for (i = c->chunk_objects; i--;)
		c->free[c->nr_free++] = first + i * c->object_size;
	return true;
}

/* An empty list gets a stock from the depot; false: there is no memory. */
static __attribute__((noinline, cold)) bool cpu_refill(struct kmem_cache *c, struct slab_cpu *cpu)
{
	spin_lock(&c->lock);
	while (cpu->n < c->stock && (c->nr_free || depot_grow(c)))
		*ring_slot(cpu, cpu->n++) = c->free[--c->nr_free];
	spin_unlock(&c->lock);
	return cpu->n;
}

/* A full list gives its older half to the depot. */
static __attribute__((noinline, cold)) void cpu_flush(struct kmem_cache *c, struct slab_cpu *cpu)
{
	spin_lock(&c->lock);
	if (!depot_room(c, LOCAL_MAX / 2))
		abort();	/* out of memory for a list of pointers: nothing can go on */
	while (cpu->n > LOCAL_MAX / 2)
		c->free[c->nr_free++] = take_first(cpu);
	spin_unlock(&c->lock);
}

void *kmem_cache_alloc(struct kmem_cache *c, gfp_t gfp)
{
	struct slab_cpu *cpu = &c->cpu[smp_processor_id()];
	unsigned long *object;
	size_t i;

	if (unlikely(!cpu->n) && !cpu_refill(c, cpu))
		return NULL;
	object = c->take(cpu);
	cpu->live++;
	if (gfp & __GFP_ZERO) {
		for (i = 0; i < c->object_size / sizeof(*object); i++)
			WRITE_ONCE(object[i], 0);
	}
	return object;
}

void kmem_cache_free(struct kmem_cache *c, void *object)
{
	struct slab_cpu *cpu = &c->cpu[smp_processor_id()];

	if (unlikely(cpu->n == LOCAL_MAX))
		cpu_flush(c, cpu);
	*ring_slot(cpu, cpu->n++) = object;
	cpu->live--;
}

struct kmem_cache *kern_hw_cache_of(const void *object)
{
	const struct slab_chunk *chunk = (void *)((uintptr_t)object & ~(CHUNK_BYTES - 1ul));

	return chunk->cache;
}

void kern_hw_slab_free(void *object)
{
	kmem_cache_free(kern_hw_cache_of(object), object);
}

long kern_hw_cache_live(const struct kmem_cache *c)
{
	unsigned int i;
	long live = 0;

	for (i = 0; c && i < c->nr_cpus; i++)
		live += c->cpu[i].live;
	return live;
}
