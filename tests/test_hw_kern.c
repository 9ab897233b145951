/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The hardware back end of core/kern.h: who gets which free object, that locks
 * exclude and come in turn, that callbacks wait for readers. Compiled as core/
 * is for hardware.
 */
#include <glib.h>
#include <pthread.h>
#include "sim/kern/hw/kern_hw.h"

#define OBJECTS		8u
#define ROUNDS		200000u

static struct kmem_cache *cache_of(enum kern_hw_reuse reuse, unsigned int threads)
{
	const struct kern_hw_config config = {
		.nr_threads = threads, .stock = OBJECTS, .reuse = reuse, .seed = 1,
	};
	struct kmem_cache *c;

	kern_hw_configure(&config);
	c = kmem_cache_create("test", 32, 8, SLAB_TYPESAFE_BY_RCU);
	g_assert_nonnull(c);
	return c;
}

static void take_all(struct kmem_cache *c, void **object)
{
	unsigned int i;

	for (i = 0; i < OBJECTS; i++) {
		object[i] = kmem_cache_alloc(c, GFP_ATOMIC);
		g_assert_nonnull(object[i]);
	}
}

static void free_all(struct kmem_cache *c, void **object)
{
	unsigned int i;

	for (i = 0; i < OBJECTS; i++)
		kmem_cache_free(c, object[i]);
}

static void test_slab_order(void)
{
	enum kern_hw_reuse reuse;
	unsigned int i, same, back;

	for (reuse = KERN_HW_LIFO; reuse <= KERN_HW_SEEDED; reuse++) {
		struct kmem_cache *c = cache_of(reuse, 1);
		void *first[OBJECTS], *again[OBJECTS];

		kern_hw_thread_begin(0);
		take_all(c, first);
		g_assert_cmpint(kern_hw_cache_live(c), ==, OBJECTS);
		free_all(c, first);
		g_assert_cmpint(kern_hw_cache_live(c), ==, 0);
		take_all(c, again);
		for (i = same = back = 0; i < OBJECTS; i++) {
			same += again[i] == first[i];
			back += again[i] == first[OBJECTS - 1 - i];
		}
		g_assert_cmpint(same == OBJECTS, ==, reuse == KERN_HW_FIFO);
		g_assert_cmpint(back == OBJECTS, ==, reuse == KERN_HW_LIFO);
		free_all(c, again);
		kern_hw_thread_end();
		kmem_cache_destroy(c);
	}
}

/* Freed objects keep what they say; zeroed ones do not. */
static void test_slab_contents(void)
{
	struct kmem_cache *c = cache_of(KERN_HW_LIFO, 1);
	unsigned long *object;

	kern_hw_thread_begin(0);
	object = kmem_cache_alloc(c, GFP_ATOMIC);
	object[0] = 1;
	object[3] = 4;
	kmem_cache_free(c, object);
	g_assert_cmpuint(object[0] + object[3], ==, 5);
	g_assert_true(kmem_cache_alloc(c, GFP_ATOMIC) == object);
	g_assert_cmpuint(object[0] + object[3], ==, 5);
	kmem_cache_free(c, object);
	g_assert_true(kmem_cache_alloc(c, GFP_ATOMIC | __GFP_ZERO) == object);
	g_assert_cmpuint(object[0] + object[3], ==, 0);
	kmem_cache_free(c, object);
	kern_hw_thread_end();
	kmem_cache_destroy(c);
}

struct hand_over {
	struct kmem_cache *cache;
	unsigned long **box;	/* one word: an object on its way, or NULL */
	unsigned long bad;
};

/* Allocates what the other one frees: all of it goes through the depot. */
static void *giver(void *arg)
{
	struct hand_over *h = arg;
	unsigned int i;

	kern_hw_thread_begin(0);
	for (i = 0; i < ROUNDS; i++) {
		unsigned long *object = kmem_cache_alloc(h->cache, GFP_ATOMIC);

		/* The taker set it last; a store of its own that came late would show. */
		h->bad += object[0] && object[0] != object[3];
		object[0] = object[3] = 2 * i + 1;
		smp_store_release(h->box, object);
		HW_WAIT_UNTIL(!READ_ONCE(*h->box));
		kern_hw_quiescent_state();
	}
	kern_hw_thread_end();
	return NULL;
}

static void *taker(void *arg)
{
	struct hand_over *h = arg;
	unsigned int i;

	kern_hw_thread_begin(1);
	for (i = 0; i < ROUNDS; i++) {
		unsigned long *object;

		HW_WAIT_UNTIL(READ_ONCE(*h->box));
		object = READ_ONCE(*h->box);
		h->bad += object[0] != 2 * i + 1 || object[3] != 2 * i + 1;
		object[0] = object[3] = 2 * i + 2;
		kmem_cache_free(h->cache, object);
		smp_store_release(h->box, NULL);
		kern_hw_quiescent_state();
	}
	kern_hw_thread_end();
	return NULL;
}

static void both(void *(*a)(void *), void *(*b)(void *), void *arg)
{
	pthread_t threads[2];

	g_assert_cmpint(pthread_create(&threads[0], NULL, a, arg), ==, 0);
	g_assert_cmpint(pthread_create(&threads[1], NULL, b, arg), ==, 0);
	pthread_join(threads[0], NULL);
	pthread_join(threads[1], NULL);
}

static void test_slab_hand_over(void)
{
	unsigned long *box = NULL;
	struct hand_over h = { .cache = cache_of(KERN_HW_FIFO, 2), .box = &box };

	both(giver, taker, &h);
	g_assert_cmpuint(h.bad, ==, 0);
	g_assert_cmpint(kern_hw_cache_live(h.cache), ==, 0);
	kmem_cache_destroy(h.cache);
}

struct locked {
	spinlock_t spin;
	rwlock_t rw;
	unsigned long count, copy;	/* equal whenever a lock is held */
	unsigned long torn;
};

static void *spinner(void *arg)
{
	struct locked *l = arg;
	unsigned int i;

	for (i = 0; i < ROUNDS; i++) {
		spin_lock(&l->spin);
		l->torn += l->count != l->copy;
		l->count++;
		l->copy++;
		spin_unlock(&l->spin);
	}
	return NULL;
}

static void *rw_writer(void *arg)
{
	struct locked *l = arg;
	unsigned int i;

	for (i = 0; i < ROUNDS; i++) {
		write_lock(&l->rw);
		l->count++;
		barrier();
		l->copy++;
		write_unlock(&l->rw);
	}
	return NULL;
}

static void *rw_reader(void *arg)
{
	struct locked *l = arg;
	unsigned long torn = 0;
	unsigned int i;

	for (i = 0; i < ROUNDS; i++) {
		read_lock(&l->rw);
		torn += READ_ONCE(l->count) != READ_ONCE(l->copy);
		read_unlock(&l->rw);
	}
	__atomic_fetch_add(&l->torn, torn, __ATOMIC_SEQ_CST);
	return NULL;
}

static struct locked *locked_new(void)
{
	struct locked *l = aligned_alloc(HW_LINE, sizeof(*l));

	g_assert_nonnull(l);
	*l = (struct locked){ .count = 0 };
	spin_lock_init(&l->spin);
	rwlock_init(&l->rw);
	return l;
}

static void test_locks_exclude(void)
{
	struct locked *l = locked_new();

	both(spinner, spinner, l);
	g_assert_cmpuint(l->count, ==, 2 * ROUNDS);
	g_assert_cmpuint(l->torn, ==, 0);
	both(rw_writer, rw_writer, l);
	g_assert_cmpuint(l->count, ==, 4 * ROUNDS);
	g_assert_cmpuint(l->copy, ==, 4 * ROUNDS);
	both(rw_writer, rw_reader, l);
	g_assert_cmpuint(l->torn, ==, 0);
	free(l);
}

static void test_lock_words(void)
{
	struct locked *l = locked_new();

	g_assert_true(spin_trylock(&l->spin));
	g_assert_false(spin_trylock(&l->spin));
	spin_unlock(&l->spin);
	g_assert_true(spin_trylock(&l->spin));
	spin_unlock(&l->spin);
	/* Two readers at once, and a writer after them. */
	read_lock(&l->rw);
	read_lock(&l->rw);
	read_unlock(&l->rw);
	read_unlock(&l->rw);
	write_lock(&l->rw);
	write_unlock(&l->rw);
	g_assert_cmpuint(l->rw.word, ==, 0);
	/* Nothing else lies in a lock's cache line. */
	g_assert_cmpuint(sizeof(l->spin) % HW_LINE, ==, 0);
	g_assert_cmpuint((uintptr_t)&l->rw % HW_LINE, ==, 0);
	free(l);
}

/* An object that a reader looks at until it is replaced. */
struct published {
	unsigned long alive;
	struct rcu_head rcu;
};

struct publication {
	struct published *now;
	unsigned long freed;
	unsigned long dead_seen;
	unsigned int over;
};

static unsigned long *freed_count;
static struct kmem_cache *published_cache;

static void published_free(struct kern_hw_rcu_head *head)
{
	struct published *p = (struct published *)((char *)head - offsetof(struct published, rcu));

	WRITE_ONCE(p->alive, 0);
	(*freed_count)++;
	kmem_cache_free(published_cache, p);
}

static struct published *published_new(void)
{
	struct published *p = kmem_cache_alloc(published_cache, GFP_ATOMIC | __GFP_ZERO);

	g_assert_nonnull(p);
	p->alive = 1;
	return p;
}

static void *rcu_writer(void *arg)
{
	struct publication *pub = arg;
	unsigned int i;

	kern_hw_thread_begin(0);
	for (i = 0; i < ROUNDS / 10; i++) {
		struct published *old = pub->now;

		rcu_assign_pointer(pub->now, published_new());
		if (i % 2)
			call_rcu(&old->rcu, published_free);
		else
			kfree_rcu(old, rcu);
		kern_hw_quiescent_state();
	}
	WRITE_ONCE(pub->over, 1);
	kern_hw_thread_end();
	return NULL;
}

static void *rcu_reader(void *arg)
{
	struct publication *pub = arg;

	kern_hw_thread_begin(1);
	while (!READ_ONCE(pub->over)) {
		struct published *p;
		unsigned int i;

		rcu_read_lock();
		p = rcu_dereference(pub->now);
		for (i = 0; i < 20; i++)
			pub->dead_seen += !READ_ONCE(p->alive);
		rcu_read_unlock();
		kern_hw_quiescent_state();
	}
	kern_hw_thread_end();
	return NULL;
}

static void test_rcu_waits_for_readers(void)
{
	const struct kern_hw_config config = { .nr_threads = 2 };
	struct publication pub = { .over = 0 };

	kern_hw_configure(&config);
	kern_hw_cpu = 0;
	published_cache = kmem_cache_create("published", sizeof(struct published), 8, 0);
	pub.now = published_new();
	freed_count = &pub.freed;
	both(rcu_writer, rcu_reader, &pub);
	g_assert_cmpuint(pub.dead_seen, ==, 0);
	/* All callbacks have run, none twice. */
	g_assert_cmpuint(pub.freed, ==, ROUNDS / 10 / 2);
	g_assert_cmpint(kern_hw_cache_live(published_cache), ==, 1);
	kmem_cache_destroy(published_cache);
}

static void test_warnings(void)
{
	unsigned long before = kern_hw_warnings();

	g_assert_false(WARN_ON_ONCE(before == before + 1));
	g_assert_cmpuint(kern_hw_warnings(), ==, before);
	g_assert_true(WARN_ON_ONCE(before == before));
	g_assert_true(WARN_ON_ONCE(before + 1));
	g_assert_cmpuint(kern_hw_warnings(), ==, before + 2);
	g_assert_cmpstr(kern_hw_first_warning(), ==, "before == before");
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/hw/kern/slab-order", test_slab_order);
	g_test_add_func("/hw/kern/slab-contents", test_slab_contents);
	g_test_add_func("/hw/kern/slab-hand-over", test_slab_hand_over);
	g_test_add_func("/hw/kern/locks-exclude", test_locks_exclude);
	g_test_add_func("/hw/kern/lock-words", test_lock_words);
	g_test_add_func("/hw/kern/rcu-waits", test_rcu_waits_for_readers);
	g_test_add_func("/hw/kern/warnings", test_warnings);
	return g_test_run();
}
