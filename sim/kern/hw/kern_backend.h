/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The hardware back end of core/kern.h: x86-64 instructions, the mapping that
 * the kernel uses there. x86 keeps loads in order with loads and stores with
 * stores, so smp_rmb, smp_wmb, acquire and release bind the compiler only; a
 * full barrier is a locked instruction. No simulator code, no hooks, nothing
 * tested at run time; two notes of the small KVM leave something in the thread's
 * own memory.
 */
#ifndef SIM_KERN_HW_KERN_BACKEND_H
#define SIM_KERN_HW_KERN_BACKEND_H

#include "sim/kern/hw/rcu.h"

#ifndef __x86_64__
#error "the hardware back end is written for x86-64"
#endif

#define KERN_SUFFIX	_hw

#define READ_ONCE(x)	(*(const volatile __typeof__(x) *)&(x))
#define READ_PLAIN(x)	(x)
#define rcu_dereference(p)	READ_ONCE(p)
#define WRITE_ONCE(x, v) do {							\
	*(volatile __typeof__(x) *)&(x) = (v);					\
} while (0)
#define WRITE_PLAIN(x, v) do {							\
	(x) = (v);								\
} while (0)

#define barrier()	__asm__ volatile("" ::: "memory")
#define smp_rmb()	barrier()
#define smp_wmb()	barrier()
#define smp_mb()	__asm__ volatile("lock; addl $0, -4(%%rsp)" ::: "memory", "cc")
#define smp_mb__before_atomic()	barrier()
#define smp_mb__after_atomic()	barrier()

#define smp_load_acquire(p) __extension__({					\
	__typeof__(*(p)) __v = READ_ONCE(*(p));					\
	barrier();								\
	__v;									\
})
#define smp_store_release(p, v) do {						\
	barrier();								\
	WRITE_ONCE(*(p), v);							\
} while (0)
#define rcu_assign_pointer(p, v)	smp_store_release(&(p), v)
#define smp_store_mb(x, v) do {							\
	WRITE_ONCE(x, v);							\
	smp_mb();								\
} while (0)

/* Locked instructions are full barriers whatever the suffix says. */
#define xchg(p, v)		__atomic_exchange_n(p, v, __ATOMIC_SEQ_CST)
#define xchg_acquire(p, v)	xchg(p, v)
#define xchg_release(p, v)	xchg(p, v)
#define xchg_relaxed(p, v)	xchg(p, v)
#define cmpxchg(p, o, n) __extension__({					\
	__typeof__(*(p)) __o = (o);						\
	__atomic_compare_exchange_n(p, &__o, n, false, __ATOMIC_SEQ_CST,	\
				    __ATOMIC_SEQ_CST);				\
	__o;									\
})
#define cmpxchg_acquire(p, o, n)	cmpxchg(p, o, n)
#define cmpxchg_release(p, o, n)	cmpxchg(p, o, n)
#define cmpxchg_relaxed(p, o, n)	cmpxchg(p, o, n)
#define try_cmpxchg(p, op, n) \
	__atomic_compare_exchange_n(p, op, n, false, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST)
#define try_cmpxchg_acquire(p, op, n)	try_cmpxchg(p, op, n)
#define try_cmpxchg_release(p, op, n)	try_cmpxchg(p, op, n)
#define try_cmpxchg_relaxed(p, op, n)	try_cmpxchg(p, op, n)

#define HW_BIT_WORD(n, p)	((unsigned long *)(p) + (n) / 64)
#define HW_BIT_MASK(n)		(1ul << ((n) % 64))
#define set_bit(n, p) \
	((void)__atomic_fetch_or(HW_BIT_WORD(n, p), HW_BIT_MASK(n), __ATOMIC_SEQ_CST))
#define clear_bit(n, p) \
	((void)__atomic_fetch_and(HW_BIT_WORD(n, p), ~HW_BIT_MASK(n), __ATOMIC_SEQ_CST))
#define test_and_set_bit(n, p)							\
	(!!(__atomic_fetch_or(HW_BIT_WORD(n, p), HW_BIT_MASK(n), __ATOMIC_SEQ_CST) & \
	    HW_BIT_MASK(n)))
#define test_and_clear_bit(n, p)						\
	(!!(__atomic_fetch_and(HW_BIT_WORD(n, p), ~HW_BIT_MASK(n), __ATOMIC_SEQ_CST) & \
	    HW_BIT_MASK(n)))
#define test_bit(n, p)		(!!(READ_ONCE(*HW_BIT_WORD(n, p)) & HW_BIT_MASK(n)))

#define cpu_relax()		__builtin_ia32_pause()

/*
 * A lock has a cache line of its own: what stands beside mmu_lock in struct kvm
 * are constants in the kernel, and must not travel with the lock here.
 */
#define HW_LINE			64
#define ____cacheline_aligned	__attribute__((aligned(HW_LINE)))

/* After so many looks a waiter lets others run, as a paravirtual lock does. */
#define HW_SPIN_LOOKS		(1u << 12)
void kern_hw_yield(void);

#define HW_WAIT_UNTIL(cond) do {						\
	u32 __looks = 0;							\
	while (!(cond)) {							\
		cpu_relax();							\
		if (++__looks % HW_SPIN_LOOKS == 0)				\
			kern_hw_yield();					\
	}									\
	barrier();								\
} while (0)

/* A ticket lock: FIFO, taken by one locked instruction, released by a plain store. */
typedef struct {
	u32 next;
	u32 owner;
} ____cacheline_aligned spinlock_t;

static inline void spin_lock_init(spinlock_t *l)
{
	l->next = 0;
	l->owner = 0;
}

static inline void spin_lock(spinlock_t *l)
{
	u32 ticket = __atomic_fetch_add(&l->next, 1, __ATOMIC_SEQ_CST);

	HW_WAIT_UNTIL(READ_ONCE(l->owner) == ticket);
}

static inline bool spin_trylock(spinlock_t *l)
{
	u32 ticket = READ_ONCE(l->owner);

	return cmpxchg(&l->next, ticket, ticket + 1) == ticket;
}

/* Pairs with the load that ends the wait of the next ticket's owner. */
static inline void spin_unlock(spinlock_t *l)
{
	smp_store_release(&l->owner, l->owner + 1);
}

/*
 * The kernel's queued rwlock: who does not get it at once waits in a FIFO, the
 * first of which waits for the word. Bytes: writer holds, writer waits; above
 * them the number of readers.
 */
typedef struct {
	union {
		u32 word;
		u8 writer;	/* the low byte: released by a plain store */
	};
	spinlock_t queue;
} ____cacheline_aligned rwlock_t;

#define HW_WRITER_HOLDS		0xffu
#define HW_WRITER_WAITS		0x100u
#define HW_READER		0x200u

static inline void rwlock_init(rwlock_t *l)
{
	l->word = 0;
	spin_lock_init(&l->queue);
}

static inline void read_lock(rwlock_t *l)
{
	u32 word = __atomic_fetch_add(&l->word, HW_READER, __ATOMIC_SEQ_CST);

	if (likely(!(word & (HW_WRITER_HOLDS | HW_WRITER_WAITS))))
		return;
	__atomic_fetch_sub(&l->word, HW_READER, __ATOMIC_SEQ_CST);
	spin_lock(&l->queue);
	__atomic_fetch_add(&l->word, HW_READER, __ATOMIC_SEQ_CST);
	HW_WAIT_UNTIL(!(READ_ONCE(l->word) & HW_WRITER_HOLDS));
	spin_unlock(&l->queue);
}

static inline void read_unlock(rwlock_t *l)
{
	__atomic_fetch_sub(&l->word, HW_READER, __ATOMIC_SEQ_CST);
}

static inline void write_lock(rwlock_t *l)
{
	if (likely(cmpxchg(&l->word, 0, HW_WRITER_HOLDS) == 0))
		return;
	spin_lock(&l->queue);
	__atomic_fetch_or(&l->word, HW_WRITER_WAITS, __ATOMIC_SEQ_CST);
	do {
		HW_WAIT_UNTIL(READ_ONCE(l->word) == HW_WRITER_WAITS);
	} while (cmpxchg(&l->word, HW_WRITER_WAITS, HW_WRITER_HOLDS) != HW_WRITER_WAITS);
	spin_unlock(&l->queue);
}

/* Pairs with the load that ends a waiter's wait, or the locked instruction that takes it. */
static inline void write_unlock(rwlock_t *l)
{
	smp_store_release(&l->writer, 0);
}

typedef struct {
	u32 sequence;
	u32 mask;
} seqcount_t;

static inline void seqcount_init(seqcount_t *s, unsigned int bits)
{
	s->sequence = 0;
	s->mask = bits < 32 ? (1u << bits) - 1 : -1u;
}

/* Pairs with the fence in write_seqcount_end(). */
static inline u32 read_seqcount_begin(const seqcount_t *s)
{
	u32 sequence;

	HW_WAIT_UNTIL(!((sequence = READ_ONCE(s->sequence)) & 1));
	return sequence;
}

/* Pairs with the fence in write_seqcount_begin(). */
static inline bool read_seqcount_retry(const seqcount_t *s, u32 start)
{
	smp_rmb();
	return READ_ONCE(s->sequence) != start;
}

static inline void write_seqcount_begin(seqcount_t *s)
{
	WRITE_ONCE(s->sequence, (s->sequence + 1) & s->mask);
	smp_wmb();
}

static inline void write_seqcount_end(seqcount_t *s)
{
	smp_wmb();
	WRITE_ONCE(s->sequence, (s->sequence + 1) & s->mask);
}

/* Without lockdep the kernel asserts nothing; the simulator's check `locking` does. */
#define lockdep_assert_held(l)		((void)(l))
#define lockdep_assert_held_write(l)	((void)(l))

/* Counted for each thread; a warning must not stop a measurement. */
void kern_hw_warn(const char *condition);

#define WARN_ON_ONCE(cond) __extension__({					\
	bool __warn = !!(cond);							\
	if (__builtin_expect(__warn, 0))					\
		kern_hw_warn(#cond);						\
	__warn;									\
})

/*
 * Grace periods are liburcu's, of the qsbr flavour: a read-side section costs
 * nothing but what it binds the compiler to, as in a kernel without preemption,
 * and the runner says between operations that its thread is in none.
 */
#define rcu_read_lock()		barrier()
#define rcu_read_unlock()	barrier()
#define rcu_head		kern_hw_rcu_head
#define call_rcu(head, func)	kern_hw_call_rcu(head, func)
#define kfree_rcu(p, field) \
	kern_hw_kfree_rcu(&(p)->field, offsetof(__typeof__(*(p)), field))
#define synchronize_rcu()	kern_hw_synchronize_rcu()
/* Callbacks run between operations: nothing is to be kept out. */
#define local_bh_disable()	barrier()
#define local_bh_enable()	barrier()
#define preempt_disable()	barrier()
#define preempt_enable()	barrier()

/* The number that the thread was given; -1 before that. */
extern __thread unsigned int kern_hw_cpu;
#define smp_processor_id()	kern_hw_cpu

/*
 * Type-safe by construction: memory is never given back while the cache exists.
 * Each thread has a list of free objects of its own (slab.c).
 * kmem_cache_create: NULL and nothing allocated when there is no memory.
 * kmem_cache_destroy frees all objects, allocated or not.
 */
struct kmem_cache;
struct kmem_cache *kmem_cache_create(const char *name, unsigned int size, unsigned int align,
				     unsigned int flags);
void kmem_cache_destroy(struct kmem_cache *cache);
void *kmem_cache_alloc(struct kmem_cache *cache, gfp_t gfp);
void kmem_cache_free(struct kmem_cache *cache, void *object);
#define virt_to_cache(p)	kern_hw_cache_of(p)
struct kmem_cache *kern_hw_cache_of(const void *object);
void *kmalloc(size_t size, gfp_t gfp);
void kfree(const void *p);

#define depends_on_load(p)	((void)(p))
#define mark_state(p)		((void)(p))
#define mark_outer(p)		((void)(p))
#define update_outer(p)		((void)(p))
/*
 * What a guest's write leaves beside its constant 1, and which pages a harvest has taken:
 * behind the store, and before the vCPU leaves the guest. `what` is a constant.
 */
#define KERN_HW_PAGES		64

struct kern_hw_pages {
	u64 wrote[KERN_HW_PAGES];	/* by this thread, to each page */
	u64 taken;			/* by its harvest; the runner clears it */
} ____cacheline_aligned;

extern __thread struct kern_hw_pages kern_hw_pages;

#define kvm_note(what, p, n) do {						\
	(void)(p);								\
	if ((what) == KVM_NOTE_GUEST_WROTE)					\
		kern_hw_pages.wrote[kvm_note_gfn(n) % KERN_HW_PAGES]++;		\
	else if ((what) == KVM_NOTE_TOOK_LOG)					\
		kern_hw_pages.taken |= (n);					\
	else									\
		(void)(n);							\
} while (0)
#define walk_step(w)		((void)(w)->stats.steps++)
#define walk_restart(w)		((void)(w)->stats.restarts++)
#define walk_slow_path(w)	((void)(w)->stats.slow_path++)

#endif
