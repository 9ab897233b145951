/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The contract between the code under test and what runs it: the kernel
 * primitives core/ may use, and what each of them orders.
 *
 * Two back ends implement it, chosen by include path (kern_backend.h): the
 * simulator, where each primitive announces an event and waits to be chosen,
 * and x86-64 hardware. The same sources are compiled once for each, and
 * KERN_SYM() gives every exported symbol the back end's suffix, so that all
 * builds live in one program.
 *
 * Rules for core/:
 * - one primitive per source line, so that a site has one name;
 * - no mutable static data: all state hangs off a struct kvm;
 * - shared words are touched by these primitives only;
 * - a barrier, an acquire or a release says what it pairs with.
 *
 * Accesses (1, 2, 4 or 8 bytes; a location is always accessed in one size)
 *	READ_ONCE(x), WRITE_ONCE(x, v)	one access, no ordering but coherence
 *	READ_PLAIN(x), WRITE_PLAIN(x, v)  the kernel's plain accesses: the
 *				compiler may move, split or repeat them
 *	smp_load_acquire(p)	before every later access
 *	smp_store_release(p, v)	after every earlier access
 *	smp_store_mb(x, v)	WRITE_ONCE, then smp_mb
 *	rcu_dereference(p)	READ_ONCE; what is reached through the value
 *				is read after it (address dependency)
 *	rcu_assign_pointer(p, v)  store release
 *
 * Fences
 *	barrier()		the compiler only
 *	smp_rmb(), smp_wmb()	loads with loads, stores with stores
 *	smp_mb()		everything with everything
 *	smp_mb__before_atomic(), smp_mb__after_atomic()
 *				make an unordered atomic a full barrier
 *
 * Atomics: one indivisible read and write
 *	xchg(p, v), cmpxchg(p, o, n), try_cmpxchg(p, &o, n)
 *				full barriers; a failed compare orders nothing
 *	..._acquire, ..._release, ..._relaxed
 *	set_bit(n, p), clear_bit(n, p)	  order nothing
 *	test_and_set_bit(n, p), test_and_clear_bit(n, p)  full barriers
 *	test_bit(n, p)		READ_ONCE of the word
 *	Bit operations act on unsigned long.
 *
 * Locks
 *	spin_lock_init, spin_lock (acquire), spin_trylock (acquire if taken),
 *	spin_unlock (release); rwlock_init, read_lock, read_unlock,
 *	write_lock, write_unlock likewise.
 *	lockdep_assert_held(l), lockdep_assert_held_write(l): checked, never
 *	an event.
 *
 * Sequence counts: a writer counts up before and after it changes something, so
 * that the count is odd meanwhile; writers are kept apart by a lock of their own
 *	seqcount_init(s, bits)	to 0; counts modulo 2^bits. In the kernel bits is 32;
 *				fewer of them make a count that comes round
 *	read_seqcount_begin(s)	the count, when it is even; until then it waits as
 *				cpu_relax() does. Acquire: before every later access
 *	read_seqcount_retry(s, start)
 *				smp_rmb, then: is the count another one than start?
 *	write_seqcount_begin(s)	counts up, then smp_wmb
 *	write_seqcount_end(s)	smp_wmb, then counts up
 *
 * RCU
 *	rcu_read_lock(), rcu_read_unlock(): keep type-safe pages in place, and
 *	what was given to kfree_rcu(); order nothing, drain nothing.
 *	kfree_rcu(p, field): frees p, an object of a slab cache with a struct
 *	rcu_head in it, after a grace period, which begins when the stores made
 *	before the call are visible and ends, sooner or later, when every reader
 *	that was inside then has left. Who calls it says RMAP_NEEDS_RCU; for
 *	others the simulator has no sections to wait for, unless a scenario lets
 *	slab pages go back (memory.slab-pages). An alloc that finds
 *	only objects that wait for a grace period waits with them there.
 *	call_rcu(head, func): func(head) after such a grace period, in a softirq of
 *	the CPU that called: between any two events of its task, whatever locks
 *	that holds, and before the task goes on. head lies in an object of a slab
 *	cache, and func in the algorithm's list of callbacks. It begins synchronised
 *	and is a read-side section itself; callbacks of a CPU run one by one. (On
 *	hardware: at the end of one of the thread's operations.) Who waits at the
 *	end of a run need not have been called.
 *	synchronize_rcu(): waits for such a grace period; full barriers on both
 *	sides. Not in a read-side section, under a spinlock or in a softirq.
 *	local_bh_disable(), local_bh_enable(): no callback begins on this CPU in
 *	between; a read-side section, too. A lock that callbacks take needs it:
 *	neither spin_lock() nor preempt_disable() keeps softirqs out.
 *
 * Memory
 *	kmem_cache_create(name, size, align, flags), kmem_cache_destroy(c),
 *	kmem_cache_alloc(c, gfp), kmem_cache_free(c, p)
 *	With SLAB_TYPESAFE_BY_RCU a freed object may be reused at once, as
 *	another object of the same type, and may still be read, in the read-side
 *	section in which its address was loaded; never written to. Without it what
 *	is free is no memory (check lifetime). alloc returns NULL when there is
 *	none left. With __GFP_ZERO the object is zeroed word by word by plain
 *	stores, under the feet of whoever still reads it. What a CPU stored
 *	before it freed an object is visible to the CPU that gets it next.
 *	virt_to_cache(p)	the cache of an object; never an event
 *	kmalloc(size, gfp), kfree(p). (Hardware only so far.)
 *
 * CPU
 *	smp_processor_id(), cpu_relax(), preempt_disable(), preempt_enable()
 *
 * Notes: nothing on hardware but a counter, never an event
 *	depends_on_load(p)	directly behind a load: what p points to was
 *				found through the value loaded, by other means than that value
 *				being a pointer to it (an index, say). Native
 *				code orders such loads; the simulator's weak
 *				model sees dependencies through pointers only
 *	mark_state(p)		all that decides the rest of this operation is
 *				*p and its arguments; p is a zeroed struct
 *				without padding
 *	mark_outer(p)		the same for an operation that consists of walks: *p lives
 *				on behind the marks that follow, until the next mark_outer
 *	update_outer(p)		mark_outer inside of a walk, from its visit
 *	kvm_note(what, p, n)	what happens to a page that no access shows (enum
 *				kvm_note in rmap.h)
 *	walk_step(w)		a list word was loaded by this walk
 *	walk_restart(w)		a new pass begins
 *	walk_slow_path(w)	the walk goes on under mmu_lock
 *	WARN_ON_ONCE(cond)	returns cond; a violation when it is true
 */
#ifndef CORE_KERN_H
#define CORE_KERN_H

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef uint8_t u8;
typedef uint16_t u16;
typedef uint32_t u32;
typedef uint64_t u64;
typedef int64_t s64;

#ifndef likely
#define likely(x)	__builtin_expect(!!(x), 1)
#define unlikely(x)	__builtin_expect(!!(x), 0)
#endif

typedef unsigned int gfp_t;
#define GFP_ATOMIC		0x1u
#define GFP_KERNEL_ACCOUNT	0x2u
#define __GFP_ZERO		0x100u

#define SLAB_TYPESAFE_BY_RCU	0x1u

#define __KERN_CAT(a, b)	a##b
#define KERN_CAT(a, b)		__KERN_CAT(a, b)
#define KERN_SYM(name)		KERN_CAT(name, KERN_SUFFIX)

/* Defines KERN_SUFFIX, the lock types and every primitive above. */
#include <kern_backend.h>

/* Of what one CPU writes and others do not want to feel. */
#ifndef ____cacheline_aligned
#define ____cacheline_aligned
#endif

#endif
