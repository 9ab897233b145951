/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The hardware back end with the addresses of a kernel: rmaps, sptes and
 * descriptors are named by addresses of the high half, all bits above the
 * address set, and each access takes them back to where the memory really is.
 * For tests only: it shows that the code decodes its words right where it is
 * meant to run.
 */
#ifndef TESTS_HIGH_KERN_BACKEND_H
#define TESTS_HIGH_KERN_BACKEND_H

#include "sim/kern/hw/kern_backend.h"

#undef KERN_SUFFIX
#define KERN_SUFFIX	_high

#define high_bits	KERN_SYM(high_bits)
extern unsigned long high_bits;		/* set in every address of the high half */

#define high_set_bits(bits)	((void)(high_bits = -1ul << ((bits) - 1)))

/* User memory lies below 2^47: nothing is lost on the way. */
#define HIGH_REAL(p)	((__typeof__(p))((unsigned long)(p) & 0x7ffffffffffful))
#define HIGH_ADDRESS(kvm, p)	((__typeof__(p))((unsigned long)(p) | high_bits))

#undef READ_ONCE
#undef READ_PLAIN
#undef WRITE_ONCE
#undef WRITE_PLAIN
#define READ_ONCE(x)	(*(const volatile __typeof__(x) *)HIGH_REAL(&(x)))
#define READ_PLAIN(x)	READ_ONCE(x)
#define WRITE_ONCE(x, v) do {							\
	*(volatile __typeof__(x) *)HIGH_REAL(&(x)) = (v);			\
} while (0)
#define WRITE_PLAIN(x, v)	WRITE_ONCE(x, v)

#undef try_cmpxchg
#define try_cmpxchg(p, op, n) \
	__atomic_compare_exchange_n(HIGH_REAL(p), op, n, false, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST)

static inline void *high_alloc(struct kmem_cache *c, gfp_t gfp)
{
	void *p = kmem_cache_alloc(c, gfp);

	return p ? HIGH_ADDRESS(c, p) : NULL;
}

static inline void high_free(struct kmem_cache *c, void *p)
{
	kmem_cache_free(c, HIGH_REAL(p));
}

#define kmem_cache_alloc(c, gfp)	high_alloc(c, gfp)
#define kmem_cache_free(c, p)		high_free(c, p)

#undef kfree_rcu
#define kfree_rcu(p, field) \
	kern_hw_kfree_rcu(HIGH_REAL(&(p)->field), offsetof(__typeof__(*(p)), field))

/* The callback is given what user memory has, and frees that. */
#undef call_rcu
#define call_rcu(head, func)	kern_hw_call_rcu(HIGH_REAL(head), func)

#endif
