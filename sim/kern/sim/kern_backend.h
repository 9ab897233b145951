/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The simulated back end of core/kern.h: each primitive announces an event,
 * with the place in the source that it stands at.
 */
#ifndef SIM_KERN_SIM_KERN_BACKEND_H
#define SIM_KERN_SIM_KERN_BACKEND_H

#include "sim/kern/sim/sim.h"

#define KERN_SUFFIX	_sim

struct rmap_walk;

/* locked: 0 free, 1 held. first, last: cpu + 1 of a FIFO lock's queue. */
typedef struct {
	u32 locked;
	u16 first, last;
} spinlock_t;

/* val: number of readers, or RWLOCK_WRITER. */
typedef struct {
	u32 val;
	u16 first, last;
} rwlock_t;

#define RWLOCK_WRITER	0x80000000u

/* called: its callback is running, and may free it. */
enum slab_life { SLAB_FREE, SLAB_LIVE, SLAB_WAITS, SLAB_CALLED };

/* WAITS: all its objects are free, and it may go when its grace period has ended. */
enum slab_page { SLAB_PAGE_GONE, SLAB_PAGE_USED, SLAB_PAGE_WAITS };

/* What an access to an object meets. */
enum slab_shown { SLAB_SHOWN_LIVE, SLAB_SHOWN_FREE, SLAB_SHOWN_GONE, SLAB_SHOWN_MAX };

/* Given to kfree_rcu() or call_rcu(), and still there until its grace period has ended. */
struct rcu_wait {
	u16 object;
	u16 cpu;
	u8 started;		/* the stores made before the call are visible */
	u8 callback;		/* of call_rcu(): its number + 1; 0: kfree_rcu() */
	u16 head;		/* where in the object its rcu_head is */
};

/* A pool of objects of one type; which are free is the engine's (slab.c). */
struct kmem_cache {
	u32 object_size;	/* bytes, a multiple of 8 */
	u32 nr_objects;
	u64 first;		/* offset of object 0 in the heap */
	u32 nr_free;
	u32 queue_head;		/* of a FIFO pool: where the oldest free object stands */
	u16 *free;		/* object numbers, nr_objects of them */
	u8 *live;		/* per object: enum slab_life */
	u16 *owner;		/* per object: cpu + 1 whose buffer its free waits in */
	struct rcu_wait *waits;	/* who calls kfree_rcu(): objects in the order of the calls */
	u8 *needed;		/* per object and cpu: sections that it still waits for */
	u32 nr_waits;
	u32 typesafe;		/* what is free is an object of its type */
	u32 number;
	u8 *shown;		/* per object: enum slab_shown */
	const u8 *pattern;	/* of an object in the shadow, one for each of those */
	u32 page_objects;
	u8 *page;		/* per page: enum slab_page; NULL: they stay for ever */
	u8 *page_needed;	/* per page and cpu: sections that it still waits for */
};

#define READ_ONCE(x) \
	((__typeof__(x))sim_load(&(x), sizeof(x), ORD_ONCE, SIM_SITE(EV_LOAD, "READ_ONCE")))
#define READ_PLAIN(x) \
	((__typeof__(x))sim_load(&(x), sizeof(x), ORD_PLAIN, SIM_SITE(EV_LOAD, "READ_PLAIN")))
#define rcu_dereference(p) \
	((__typeof__(p))sim_load(&(p), sizeof(p), ORD_ONCE, SIM_SITE(EV_LOAD, "rcu_dereference")))
#define smp_load_acquire(p) \
	((__typeof__(*(p)))sim_load(p, sizeof(*(p)), ORD_ACQUIRE, \
				    SIM_SITE(EV_LOAD, "smp_load_acquire")))

#define WRITE_ONCE(x, v) \
	sim_store(&(x), sizeof(x), (u64)(v), ORD_ONCE, SIM_SITE(EV_STORE, "WRITE_ONCE"))
#define WRITE_PLAIN(x, v) \
	sim_store(&(x), sizeof(x), (u64)(v), ORD_PLAIN, SIM_SITE(EV_STORE, "WRITE_PLAIN"))
#define smp_store_release(p, v) \
	sim_store(p, sizeof(*(p)), (u64)(v), ORD_RELEASE, SIM_SITE(EV_STORE, "smp_store_release"))
#define rcu_assign_pointer(p, v) \
	sim_store(&(p), sizeof(p), (u64)(v), ORD_RELEASE, SIM_SITE(EV_STORE, "rcu_assign_pointer"))
#define smp_store_mb(x, v) do {							\
	sim_store(&(x), sizeof(x), (u64)(v), ORD_ONCE, SIM_SITE(EV_STORE, "smp_store_mb")); \
	SIM_FENCE(ORD_MB, "smp_store_mb");					\
} while (0)

#define SIM_FENCE(order, spelled) \
	((void)sim_call(EV_FENCE, NULL, 0, order, 0, SIM_SITE(EV_FENCE, spelled)))
#define barrier()		__asm__ volatile("" ::: "memory")
#define smp_mb()		SIM_FENCE(ORD_MB, "smp_mb")
#define smp_rmb()		SIM_FENCE(ORD_RMB, "smp_rmb")
#define smp_wmb()		SIM_FENCE(ORD_WMB, "smp_wmb")
#define smp_mb__before_atomic()	SIM_FENCE(ORD_BEFORE_ATOMIC, "smp_mb__before_atomic")
#define smp_mb__after_atomic()	SIM_FENCE(ORD_AFTER_ATOMIC, "smp_mb__after_atomic")

#define SIM_XCHG(p, v, order, spelled) \
	((__typeof__(*(p)))sim_call(EV_XCHG, p, sizeof(*(p)), order, (u64)(v), \
				    SIM_SITE(EV_XCHG, spelled)))
#define xchg(p, v)		SIM_XCHG(p, v, ORD_FULL, "xchg")
#define xchg_acquire(p, v)	SIM_XCHG(p, v, ORD_ACQUIRE, "xchg_acquire")
#define xchg_release(p, v)	SIM_XCHG(p, v, ORD_RELEASE, "xchg_release")
#define xchg_relaxed(p, v)	SIM_XCHG(p, v, ORD_RELAXED, "xchg_relaxed")

#define SIM_CMPXCHG(p, o, n, order, spelled) \
	((__typeof__(*(p)))sim_cmpxchg(p, sizeof(*(p)), (u64)(o), (u64)(n), order, \
				       SIM_SITE(EV_CMPXCHG, spelled)))
#define cmpxchg(p, o, n)	 SIM_CMPXCHG(p, o, n, ORD_FULL, "cmpxchg")
#define cmpxchg_acquire(p, o, n) SIM_CMPXCHG(p, o, n, ORD_ACQUIRE, "cmpxchg_acquire")
#define cmpxchg_release(p, o, n) SIM_CMPXCHG(p, o, n, ORD_RELEASE, "cmpxchg_release")
#define cmpxchg_relaxed(p, o, n) SIM_CMPXCHG(p, o, n, ORD_RELAXED, "cmpxchg_relaxed")

#define SIM_TRY_CMPXCHG(p, op, n, order, spelled) __extension__({		\
	__typeof__(*(p)) __want = *(op);					\
	__typeof__(*(p)) __got = SIM_CMPXCHG(p, __want, n, order, spelled);	\
	if (__got != __want)							\
		*(op) = __got;							\
	__got == __want;							\
})
#define try_cmpxchg(p, op, n)	      SIM_TRY_CMPXCHG(p, op, n, ORD_FULL, "try_cmpxchg")
#define try_cmpxchg_acquire(p, op, n) SIM_TRY_CMPXCHG(p, op, n, ORD_ACQUIRE, "try_cmpxchg_acquire")
#define try_cmpxchg_release(p, op, n) SIM_TRY_CMPXCHG(p, op, n, ORD_RELEASE, "try_cmpxchg_release")
#define try_cmpxchg_relaxed(p, op, n) SIM_TRY_CMPXCHG(p, op, n, ORD_RELAXED, "try_cmpxchg_relaxed")

#define SIM_BIT_WORD(n, p)	((unsigned long *)(p) + (n) / 64)
#define SIM_BIT_MASK(n)		(1ul << ((n) % 64))
#define SIM_BITOP(kind, n, p, mask, order, spelled) \
	sim_call(kind, SIM_BIT_WORD(n, p), 8, order, mask, SIM_SITE(kind, spelled))
#define set_bit(n, p) \
	((void)SIM_BITOP(EV_OR, n, p, SIM_BIT_MASK(n), ORD_RELAXED, "set_bit"))
#define clear_bit(n, p) \
	((void)SIM_BITOP(EV_AND, n, p, ~SIM_BIT_MASK(n), ORD_RELAXED, "clear_bit"))
#define test_and_set_bit(n, p) \
	(!!(SIM_BITOP(EV_OR, n, p, SIM_BIT_MASK(n), ORD_FULL, "test_and_set_bit") & \
	    SIM_BIT_MASK(n)))
#define test_and_clear_bit(n, p) \
	(!!(SIM_BITOP(EV_AND, n, p, ~SIM_BIT_MASK(n), ORD_FULL, "test_and_clear_bit") & \
	    SIM_BIT_MASK(n)))
#define test_bit(n, p) \
	(!!(sim_load(SIM_BIT_WORD(n, p), 8, ORD_ONCE, SIM_SITE(EV_LOAD, "test_bit")) & \
	    SIM_BIT_MASK(n)))

/* A lock's event carries the address of its word; the queue lies behind it. */
#define SIM_LOCK_OP(kind, word, order, spelled) \
	sim_call(kind, word, 4, order, 0, SIM_SITE(kind, spelled))
#define spin_lock_init(l)	((void)(*(l) = (spinlock_t){ 0 }))
#define spin_lock(l)	sim_spin_lock(&(l)->locked, SIM_SITE(EV_LOCK, "spin_lock"))
#define spin_trylock(l)	(!!SIM_LOCK_OP(EV_TRYLOCK, &(l)->locked, ORD_ACQUIRE, "spin_trylock"))
#define spin_unlock(l)	sim_spin_unlock(&(l)->locked, SIM_SITE(EV_UNLOCK, "spin_unlock"))
#define rwlock_init(l)	((void)(*(l) = (rwlock_t){ 0 }))
#define read_lock(l)	((void)SIM_LOCK_OP(EV_LOCK, &(l)->val, ORD_READ, "read_lock"))
#define read_unlock(l)	((void)SIM_LOCK_OP(EV_UNLOCK, &(l)->val, ORD_READ, "read_unlock"))
#define write_lock(l)	((void)SIM_LOCK_OP(EV_LOCK, &(l)->val, ORD_WRITE, "write_lock"))
#define write_unlock(l)	((void)SIM_LOCK_OP(EV_UNLOCK, &(l)->val, ORD_WRITE, "write_unlock"))
#define lockdep_assert_held(l) \
	sim_assert_held(&(l)->locked, SIM_SITE(EV_ASSERT_HELD, "lockdep_assert_held"))
#define lockdep_assert_held_write(l) \
	sim_assert_held(&(l)->val, SIM_SITE(EV_ASSERT_HELD, "lockdep_assert_held_write"))

/* mask: a constant behind the location. */
typedef struct {
	u32 sequence;
	u32 mask;
} seqcount_t;

static inline void seqcount_init(seqcount_t *s, unsigned int bits)
{
	s->sequence = 0;
	s->mask = bits < 32 ? (1u << bits) - 1 : -1u;
}

/* However often it has waited: what comes after does not depend on it. */
static inline __attribute__((always_inline)) u32
sim_seqcount_begin(seqcount_t *s, struct sim_site *load, struct sim_site *relax)
{
	u64 id = sim.cur->id;
	u32 sequence;

	for (;;) {
		sim.cur->id = id;
		sequence = sim_load(&s->sequence, 4, ORD_ACQUIRE, load);
		if (!(sequence & 1))
			return sequence;
		sim_call(EV_RELAX, NULL, 0, ORD_PLAIN, 0, relax);
	}
}

static inline __attribute__((always_inline)) bool
sim_seqcount_retry(seqcount_t *s, u32 start, struct sim_site *fence, struct sim_site *load)
{
	sim_call(EV_FENCE, NULL, 0, ORD_RMB, 0, fence);
	return sim_load(&s->sequence, 4, ORD_ONCE, load) != start;
}

static inline __attribute__((always_inline)) void
sim_seqcount_count(seqcount_t *s, struct sim_site *load, struct sim_site *store)
{
	u32 sequence = sim_load(&s->sequence, 4, ORD_PLAIN, load);

	sim_store(&s->sequence, 4, (sequence + 1) & s->mask, ORD_ONCE, store);
}

#define read_seqcount_begin(s) \
	sim_seqcount_begin(s, SIM_SITE(EV_LOAD, "read_seqcount_begin"), \
			   SIM_SITE(EV_RELAX, "read_seqcount_begin"))
#define read_seqcount_retry(s, start) \
	sim_seqcount_retry(s, start, SIM_SITE(EV_FENCE, "read_seqcount_retry"), \
			   SIM_SITE(EV_LOAD, "read_seqcount_retry"))
#define write_seqcount_begin(s) do {						\
	sim_seqcount_count(s, SIM_SITE(EV_LOAD, "write_seqcount_begin"),	\
			   SIM_SITE(EV_STORE, "write_seqcount_begin"));		\
	SIM_FENCE(ORD_WMB, "write_seqcount_begin");				\
} while (0)
#define write_seqcount_end(s) do {						\
	SIM_FENCE(ORD_WMB, "write_seqcount_end");				\
	sim_seqcount_count(s, SIM_SITE(EV_LOAD, "write_seqcount_end"),		\
			   SIM_SITE(EV_STORE, "write_seqcount_end"));		\
} while (0)

/* What a queue of callbacks needs of an object is the engine's. */
struct rcu_head {
};

/*
 * No events for algorithms that free nothing by RCU: nobody waits for their sections.
 * The end of one that never began is told all the same.
 */
static inline __attribute__((always_inline)) void sim_section(unsigned int kind,
							      unsigned int order,
							      struct sim_site *site)
{
	if (sim_unlikely(sim.sections || (kind == EV_RCU_UNLOCK && !sim.cur->section)))
		sim_call(kind, NULL, 0, order, 0, site);
	else if (kind == EV_RCU_LOCK)
		sim_enter_section(sim.cur);
	else
		sim_leave_section(sim.cur);
}

#define rcu_read_lock() \
	sim_section(EV_RCU_LOCK, ORD_PLAIN, SIM_SITE(EV_RCU_LOCK, "rcu_read_lock"))
#define rcu_read_unlock() \
	sim_section(EV_RCU_UNLOCK, ORD_PLAIN, SIM_SITE(EV_RCU_UNLOCK, "rcu_read_unlock"))
#define local_bh_disable() \
	sim_section(EV_RCU_LOCK, ORD_BH, SIM_SITE(EV_RCU_LOCK, "local_bh_disable"))
#define local_bh_enable() \
	sim_section(EV_RCU_UNLOCK, ORD_BH, SIM_SITE(EV_RCU_UNLOCK, "local_bh_enable"))
#define synchronize_rcu() \
	((void)sim_call(EV_SYNC_RCU, NULL, 0, ORD_PLAIN, 0, \
			SIM_SITE(EV_SYNC_RCU, "synchronize_rcu")))
#define kfree_rcu(p, field) \
	((void)sizeof((p)->field), \
	 (void)sim_call(EV_FREE_RCU, p, 0, ORD_PLAIN, 0, SIM_SITE(EV_FREE_RCU, "kfree_rcu")))
#define call_rcu(head, func) \
	((void)sim_call(EV_FREE_RCU, head, 0, ORD_PLAIN, sim_callback_number(func), \
			SIM_SITE(EV_FREE_RCU, "call_rcu")))

/* Its place in the algorithm's list, + 1; behind the list's end: it is not there. */
u64 sim_callback_number(void (*func)(struct rcu_head *head));

struct kmem_cache *sim_cache_create(const char *name, unsigned int size, unsigned int align,
				    unsigned int flags);
void sim_cache_destroy(struct kmem_cache *cache);
#define kmem_cache_create(name, size, align, flags) sim_cache_create(name, size, align, flags)
#define kmem_cache_destroy(c)	sim_cache_destroy(c)
#define kmem_cache_alloc(c, gfp) \
	sim_alloc(c, gfp, SIM_SITE(EV_ALLOC, "kmem_cache_alloc"), \
		  SIM_SITE(EV_STORE, "kmem_cache_alloc"))
#define virt_to_cache(p) \
	((struct kmem_cache *)sim_call(EV_CACHE_OF, p, 0, ORD_PLAIN, 0, \
				       SIM_SITE(EV_CACHE_OF, "virt_to_cache")))
#define kmem_cache_free(c, p) \
	((void)sim_call(EV_FREE, p, 0, ORD_PLAIN, (u64)(c), SIM_SITE(EV_FREE, "kmem_cache_free")))

static inline __attribute__((always_inline)) void *
sim_alloc(struct kmem_cache *c, gfp_t gfp, struct sim_site *alloc, struct sim_site *zero)
{
	unsigned long *p = (unsigned long *)sim_call(EV_ALLOC, NULL, 0, ORD_PLAIN, (u64)c, alloc);
	unsigned int i, words = p && (gfp & __GFP_ZERO) ? c->object_size / 8 : 0;

	for (i = 0; i < words; i++)
		sim_store(p + i, 8, 0, ORD_PLAIN, zero);
	return p;
}

#define smp_processor_id()	(sim.cur->cpu)
#define cpu_relax() \
	((void)sim_call(EV_RELAX, NULL, 0, ORD_PLAIN, 0, SIM_SITE(EV_RELAX, "cpu_relax")))
#define preempt_disable()	barrier()
#define preempt_enable()	barrier()

#define depends_on_load(p) \
	((void)sim_call(EV_DEPEND, p, 0, ORD_PLAIN, 0, SIM_SITE(EV_DEPEND, "depends_on_load")))
#define mark_outer(p) do {							\
	sim_has_no_address(sim.cur);						\
	sim_mark_outer(p, sizeof(*(p)), SIM_SITE(EV_MARK, "mark_outer"));	\
} while (0)
#define update_outer(p)		sim_update_outer(p, sizeof(*(p)), SIM_SITE(EV_MARK, "update_outer"))
#define kvm_note(what, p, n) \
	((void)sim_call(EV_NOTE, p, 8, what, (u64)(n), SIM_SITE(EV_NOTE, "kvm_note")))
#define mark_state(p)		sim_mark(p, sizeof(*(p)), SIM_SITE(EV_MARK, "mark_state"))
#define walk_step(w)		((void)(w), sim_step())
#define walk_restart(w) \
	((void)(w), (void)sim_call(EV_RESTART, NULL, 0, ORD_PLAIN, 0, \
				   SIM_SITE(EV_RESTART, "walk_restart")))
#define walk_slow_path(w) \
	((void)(w), (void)sim_call(EV_SLOW_PATH, NULL, 0, ORD_PLAIN, 0, \
				   SIM_SITE(EV_SLOW_PATH, "walk_slow_path")))
#define WARN_ON_ONCE(cond) __extension__({					\
	bool __warn = !!(cond);							\
	if (sim_unlikely(__warn))						\
		sim_call(EV_WARN, NULL, 0, ORD_PLAIN, (u64)#cond,		\
			 SIM_SITE(EV_WARN, "WARN_ON_ONCE"));			\
	__warn;									\
})

#endif
