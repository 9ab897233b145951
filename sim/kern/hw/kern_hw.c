/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The hardware back end's slab: objects come from chunks that stay until the
 * cache goes, free ones wait on a stack under a lock of the cache's own. Freed
 * objects keep their contents, since lockless walkers may still read them: the
 * list of free objects lies beside them, not in them.
 */
#include <stdlib.h>
#include "core/kern.h"

#define CHUNK_OBJECTS	256
#define CHUNK_ALIGN	64

struct kmem_cache {
	spinlock_t lock;
	size_t object_size;
	unsigned long live;
	unsigned long nr_free, room_free;
	void **free;
	unsigned long nr_chunks;
	void **chunks;
};

__thread unsigned int kern_hw_cpu = -1;
static unsigned long warnings;

void kern_hw_warn(const char *condition)
{
	(void)condition;
	__atomic_fetch_add(&warnings, 1, __ATOMIC_SEQ_CST);
}

unsigned long kern_hw_warnings(void)
{
	return READ_ONCE(warnings);
}

struct kmem_cache *kmem_cache_create(const char *name, unsigned int size, unsigned int align,
				     unsigned int flags)
{
	struct kmem_cache *c = calloc(1, sizeof(*c));

	(void)name;
	(void)flags;
	if (!c)
		return NULL;
	spin_lock_init(&c->lock);
	align = align < 8 ? 8 : align;
	c->object_size = (size + align - 1) / align * align;
	return c;
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
	free(c);
}

/* One more chunk, all of it free; room for its objects on the stack. */
static bool cache_grow(struct kmem_cache *c)
{
	size_t bytes = (c->object_size * CHUNK_OBJECTS + CHUNK_ALIGN - 1) & ~(CHUNK_ALIGN - 1ul);
	void **list = realloc(c->free, (c->room_free + CHUNK_OBJECTS) * sizeof(*list));
	void **chunks;
	char *chunk;
	size_t i;

	if (!list)
		return false;
	c->free = list;
	chunks = realloc(c->chunks, (c->nr_chunks + 1) * sizeof(*chunks));
	if (!chunks)
		return false;
	c->chunks = chunks;
	chunk = aligned_alloc(CHUNK_ALIGN, bytes);
	if (!chunk)
		return false;
	for (i = 0; i < bytes; i++)
		chunk[i] = 0;
	c->chunks[c->nr_chunks++] = chunk;
	c->room_free += CHUNK_OBJECTS;
	for (i = CHUNK_OBJECTS; i--;)
		c->free[c->nr_free++] = chunk + i * c->object_size;
	return true;
}

void *kmem_cache_alloc(struct kmem_cache *c, gfp_t gfp)
{
	unsigned long *object = NULL;
	size_t i;

	spin_lock(&c->lock);
	if (c->nr_free || cache_grow(c)) {
		object = c->free[--c->nr_free];
		c->live++;
	}
	spin_unlock(&c->lock);
	if (!object || !(gfp & __GFP_ZERO))
		return object;
	for (i = 0; i < c->object_size / sizeof(*object); i++)
		WRITE_ONCE(object[i], 0);
	return object;
}

/* The lock orders what its owner stored before what the next one will. */
void kmem_cache_free(struct kmem_cache *c, void *object)
{
	spin_lock(&c->lock);
	c->free[c->nr_free++] = object;
	c->live--;
	spin_unlock(&c->lock);
}

unsigned long kern_hw_cache_live(struct kmem_cache *c)
{
	return READ_ONCE(c->live);
}
