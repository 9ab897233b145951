/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The seam between simulated code and the engine: what runs on a task's stack
 * announces its next event here and, when its quantum is used up, switches to
 * the engine's stack.
 *
 * A task acts in line (load, store) while sim.quantum lasts and the memory
 * model is direct; everything else is a request that the engine answers on its
 * own stack, where libraries may be called. Nothing in this file may call into
 * the C library: stacks are copied while the code stands here.
 *
 * A site's record is static, one per primitive in the source, and collected by
 * the linker; its hash, not its address, stands for it in digests.
 */
#ifndef SIM_KERN_SIM_SIM_H
#define SIM_KERN_SIM_SIM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "sim/engine/event.h"
#include "sim/engine/rng.h"

#ifndef __x86_64__
#error "the coroutine switch is written for x86-64"
#endif

#define sim_likely(x)	__builtin_expect(!!(x), 1)
#define sim_unlikely(x)	__builtin_expect(!!(x), 0)

#define LOCKS_HELD_MAX	4

/* Where a stack stands; the offsets are known to sim_switch(). */
struct sim_context {
	void *sp, *ip, *bp;
};

/* What a task and the engine tell each other. */
struct sim_task {
	struct sim_context ctx;
	struct sim_event ev;	/* announced, or a request */
	uint64_t result;	/* of ev, when the engine acted */
	uint64_t pass_steps;	/* of this walk's present pass; aside */
	uint64_t id;		/* program position and live values */
	uint64_t op_id;		/* where a mark begins */
	uint64_t op_base;	/* where mark_outer() begins: op_id as the operation began */
	uint32_t cpu;
	void *held[LOCKS_HELD_MAX];	/* words of the locks it holds */
	struct buffer *buffer;	/* its cpu's stores that wait; NULL: none can */
	uint8_t section;	/* read-side sections that it is in, one in another */
	uint8_t left;		/* one has ended in this operation: what it led to is stale */
	uint8_t fresh;		/* but for what has been written down since, in sim.fresh */
	uint8_t loads_apart;	/* a load is more than a look at memory: sim_loaded() */
};

/* In an event's order: the access was refused in line. */
#define SIM_FAULT	0x80

/* In the shadow: what lies there is of a type-safe object that is free. */
#define SIM_FREE	0x80

#define SIM_VISITS_MAX	32
#define MARK_KEEP_MAX	8

struct sim {
	long quantum;		/* points the running task may still take in line */
	struct sim_task *cur;	/* who runs; a dummy outside of tasks */
	uint8_t *heap;		/* simulated memory */
	uint64_t heap_bytes;
	uint64_t arena_bytes;
	const uint8_t *shadow;	/* for each byte of heap: size of the location there, 0: none */
	const uint32_t *object;	/* for each 8 bytes: type-safe object's number + 1, 0: none */
	uint64_t *fresh;	/* for each cpu's task a row of bits, by those numbers */
	uint32_t fresh_words;	/* of a row */
	bool acts;		/* the engine acts for the tasks */
	bool direct;		/* outside of tasks: requests are plain calls */
	bool marks;		/* identities are maintained */
	bool sections;		/* read-side sections are events */
	uint64_t mark_keep[MARK_KEEP_MAX];	/* of each word of a mark; tests leave bits out */
	uint32_t store_room;	/* stores that may wait behind others, taken in line; 0: none */
	bool trap;		/* stop in the debugger before the next act */
	unsigned int lockers;	/* tasks that stand before a lock or wait in its queue */
	unsigned int nr_visits;
	const void *visits[SIM_VISITS_MAX];	/* of cur, not yet seen by the checks */
	struct sim_context main;
};

extern struct sim sim;
struct buffer;

/* The youngest store to p that waits in t's own buffer, else what memory holds. */
/*
 * The announced store stands in t's own buffer now; false: the engine must see to
 * it, because it is the first there, or does not fit, or the run is stepwise.
 */
bool sim_stored_behind(struct sim_task *t);
bool sim_buffer_is_empty(const struct sim_task *t);
uint64_t sim_forwarded(const struct sim_task *t, const volatile void *p, unsigned int size);
/* What t loads, where loads_apart says that there is more to it. */
uint64_t sim_loaded(struct sim_task *t, const volatile void *p, unsigned int size);
/* Those that are written down for t are forgotten. */
void sim_forget_addresses(struct sim_task *t);
/* What may be an address has been loaded: it is written down, if t is in a later section. */
void sim_has_address(struct sim_task *t, uint64_t value);
/* The announced access, which sim_reachable() refuses, reads what is free and may. */
bool sim_may_read_free(const struct sim_task *t);
/* The engine's answer to a request made outside of tasks. */
uint64_t sim_direct_request(struct sim_task *t);
/* An access that no location allows, outside of tasks. Does not return. */
void sim_direct_fault(struct sim_task *t) __attribute__((noreturn));

/*
 * Leave the present stack standing and go on where load stands. Nothing is
 * pushed, so a copy of the stack from sp - 128 (the red zone) is complete; the
 * jump is indirect because a ret would always be mispredicted.
 */
static inline __attribute__((always_inline)) void sim_switch(struct sim_context *save,
							      struct sim_context *load)
{
	__asm__ volatile("leaq 1f(%%rip), %%rax\n\t"
			 "movq %%rsp, 0(%%rdi)\n\t"
			 "movq %%rax, 8(%%rdi)\n\t"
			 "movq %%rbp, 16(%%rdi)\n\t"
			 "movq 0(%%rsi), %%rsp\n\t"
			 "movq 16(%%rsi), %%rbp\n\t"
			 "jmpq *8(%%rsi)\n"
			 "1:"
			 : "+D"(save), "+S"(load)
			 :
			 : "rax", "rbx", "rcx", "rdx", "r8", "r9", "r10", "r11", "r12", "r13",
			   "r14", "r15", "cc", "memory");
}

#define SIM_SITE(ev_kind, spelled) __extension__({				\
	static struct sim_site __sim_site					\
		__attribute__((section("rmapsim_sites"), used)) = {		\
		.file = __FILE__, .func = __func__, .what = spelled,		\
		.line = __LINE__, .kind = ev_kind,				\
	};									\
	&__sim_site;								\
})

static inline __attribute__((always_inline)) void
sim_announce(struct sim_task *t, unsigned int kind, const volatile void *addr, unsigned int size,
	     unsigned int order, uint64_t operand, struct sim_site *site)
{
	t->ev.kind = kind;
	t->ev.size = size;
	t->ev.order = order;
	t->ev.addr = (void *)addr;
	t->ev.operand = operand;
	t->ev.site = site;
}

/* Does a location of that size start at p? */
static inline __attribute__((always_inline)) bool sim_reachable(const volatile void *p,
								 unsigned int size)
{
	uint64_t off = (uint64_t)p - (uint64_t)sim.heap;

	return sim_likely(off < sim.heap_bytes) && sim_likely(sim.shadow[off] == size);
}

static inline __attribute__((always_inline)) uint64_t sim_peek(const volatile void *p,
							       unsigned int size)
{
	switch (size) {
	case 1:
		return *(const volatile uint8_t *)p;
	case 2:
		return *(const volatile uint16_t *)p;
	case 4:
		return *(const volatile uint32_t *)p;
	default:
		return *(const volatile uint64_t *)p;
	}
}

static inline __attribute__((always_inline)) void sim_poke(volatile void *p, unsigned int size,
							   uint64_t v)
{
	switch (size) {
	case 1:
		*(volatile uint8_t *)p = v;
		break;
	case 2:
		*(volatile uint16_t *)p = v;
		break;
	case 4:
		*(volatile uint32_t *)p = v;
		break;
	default:
		*(volatile uint64_t *)p = v;
	}
}

static inline __attribute__((always_inline)) void sim_to_engine(struct sim_task *t)
{
	sim_switch(&t->ctx, &sim.main);
	if (sim_unlikely(sim.trap)) {
		__asm__ volatile("int3");
		sim_switch(&t->ctx, &sim.main);
	}
}

/* The engine answers what has been announced. */
static inline __attribute__((always_inline)) uint64_t sim_request(struct sim_task *t)
{
	if (sim_unlikely(sim.direct))
		return sim_direct_request(t);
	sim_to_engine(t);
	return t->result;
}

/* An address that no location has: the engine reports it; the task ends there. */
static inline __attribute__((always_inline)) void sim_fault(struct sim_task *t)
{
	if (sim.direct)
		sim_direct_fault(t);
	t->ev.order |= SIM_FAULT;
	for (;;)
		sim_to_engine(t);
}

/* Returns false if the engine has acted already. */
static inline __attribute__((always_inline)) bool sim_acts_in_line(struct sim_task *t,
								   const volatile void *p,
								   unsigned int size)
{
	if (sim_unlikely(--sim.quantum < 0)) {
		sim_to_engine(t);
		if (sim_unlikely(sim.acts))
			return false;
	}
	if (sim_unlikely(!sim_reachable(p, size)) && !sim_may_read_free(t))
		sim_fault(t);
	return true;
}

/*
 * Which addresses t has (check lifetime). Once a section has ended none may lead to what
 * is read any more; in a later section of the operation those count that are loaded there.
 * In the first one nothing is written down, and in no section nothing.
 */
static inline __attribute__((always_inline)) void sim_enter_section(struct sim_task *t)
{
	t->section++;
	t->loads_apart |= t->left;
}

static inline __attribute__((always_inline)) void sim_leave_section(struct sim_task *t)
{
	if (--t->section)
		return;
	if (sim_unlikely(t->fresh))
		sim_forget_addresses(t);
	t->left = 1;
	t->loads_apart = t->buffer != NULL;
}

static inline __attribute__((always_inline)) void sim_has_no_address(struct sim_task *t)
{
	if (sim_unlikely(t->fresh))
		sim_forget_addresses(t);
	t->left = 0;
	t->loads_apart = t->buffer != NULL;
}

static inline __attribute__((always_inline)) uint64_t
sim_load(const volatile void *p, unsigned int size, unsigned int order, struct sim_site *site)
{
	struct sim_task *t = sim.cur;

	sim_announce(t, EV_LOAD, p, size, order, 0, site);
	if (!sim_acts_in_line(t, p, size))
		return t->result;
	if (sim_unlikely(t->loads_apart))
		return sim_loaded(t, p, size);
	return sim_peek(p, size);
}

#ifdef ENGINE_DEBUG
#define SIM_DEBUG	true
#else
#define SIM_DEBUG	false
#endif

/*
 * Debug builds look at what is stored: a pointer to a task's stack, or out of the
 * simulated memory, would make states differ that are the same. Tag bits and MANY
 * do not matter; numbers below 2^32 are no pointers.
 */
static inline bool sim_may_keep(uint64_t v)
{
	uint64_t p = v & 0xfffffffffffeull;

	return p < 1ull << 32 || p - (uint64_t)sim.heap < sim.heap_bytes;
}

static inline __attribute__((always_inline)) void sim_store(volatile void *p, unsigned int size,
							    uint64_t v, unsigned int order,
							    struct sim_site *site)
{
	struct sim_task *t = sim.cur;

	sim_announce(t, EV_STORE, p, size, order, v, site);
	if (sim_unlikely(t->buffer != NULL)) {
		if (!sim_stored_behind(t))
			sim_request(t);
		return;
	}
	if (!sim_acts_in_line(t, p, size))
		return;
	if (SIM_DEBUG && !sim_may_keep(v))
		sim_fault(t);
	sim_poke(p, size, v);
}

static inline __attribute__((always_inline)) uint64_t
sim_call(unsigned int kind, const volatile void *p, unsigned int size, unsigned int order,
	 uint64_t operand, struct sim_site *site)
{
	struct sim_task *t = sim.cur;

	sim_announce(t, kind, p, size, order, operand, site);
	return sim_request(t);
}

static inline __attribute__((always_inline)) uint64_t
sim_cmpxchg(volatile void *p, unsigned int size, uint64_t expected, uint64_t v, unsigned int order,
	    struct sim_site *site)
{
	sim.cur->ev.expected = expected;
	return sim_call(EV_CMPXCHG, p, size, order, v, site);
}

/*
 * Locks in line: where nobody else stands before one, taking and releasing it
 * changes nobody's turn. word: 0 free; behind it the queue of a FIFO lock.
 */
static inline __attribute__((always_inline)) bool sim_lock_in_line(const volatile void *word)
{
	return sim_likely(sim.quantum > 0) && sim_likely(!sim.acts & !sim.direct & !sim.lockers) &&
	       sim_likely(sim_reachable(word, 4));
}

static inline __attribute__((always_inline)) void sim_spin_lock(uint32_t *word,
								 struct sim_site *site)
{
	struct sim_task *t = sim.cur;

	sim_announce(t, EV_LOCK, word, 4, ORD_ACQUIRE, 0, site);
	if (!sim_lock_in_line(word) || *word || t->held[0] ||
	    (t->buffer && !sim_buffer_is_empty(t))) {
		sim_request(t);
		return;
	}
	sim.quantum--;
	*word = 1;
	t->held[0] = word;
}

static inline __attribute__((always_inline)) void sim_spin_unlock(uint32_t *word,
								   struct sim_site *site)
{
	struct sim_task *t = sim.cur;

	sim_announce(t, EV_UNLOCK, word, 4, ORD_ACQUIRE, 0, site);
	if (sim_unlikely(t->buffer != NULL)) {
		if (t->held[0] == word && sim_stored_behind(t))
			t->held[0] = NULL;
		else
			sim_request(t);
		return;
	}
	if (!sim_lock_in_line(word) || t->held[0] != word) {
		sim_request(t);
		return;
	}
	sim.quantum--;
	*word = 0;
	t->held[0] = NULL;
}

/* Asked only when the answer is not at hand: the lock taken last is the usual one. */
static inline __attribute__((always_inline)) void sim_assert_held(const void *word,
								   struct sim_site *site)
{
	if (sim_unlikely(sim.cur->held[0] != word))
		sim_call(EV_ASSERT_HELD, word, 4, ORD_ACQUIRE, 0, site);
}

/* The visit is noted in line; checks see it before anything else happens. */
static inline __attribute__((always_inline)) void sim_visit(const void *sptep,
							     struct sim_site *site)
{
	if (sim_unlikely(sim.direct | (sim.nr_visits == SIM_VISITS_MAX)))
		sim_call(EV_VISIT, sptep, 8, ORD_PLAIN, 0, site);
	else
		sim.visits[sim.nr_visits++] = sptep;
}

static inline __attribute__((always_inline)) void sim_step(void)
{
	sim.cur->pass_steps++;
}

/* A word with the arena's address taken out: the same wherever the arena lies. */
static inline __attribute__((always_inline)) uint64_t sim_canonical(uint64_t word)
{
	uint64_t base = (uint64_t)sim.heap;

	return (word & 0xffffffffffffull) - base < sim.arena_bytes ? word - base : word;
}

/*
 * All that lives on is in these bytes: what came before no longer counts. They
 * lie on the task's stack, where addresses in them are of the arena or nothing.
 */
static inline __attribute__((always_inline)) void sim_mark(const void *p, unsigned int bytes,
							    const struct sim_site *site)
{
	const uint64_t *word = p;
	unsigned int i;
	uint64_t id;

	if (sim_likely(!sim.marks))
		return;
	id = hash_mix(sim.cur->op_id, site->hash);
	for (i = 0; i < bytes / 8; i++)
		id = hash_mix(id, sim_canonical(word[i] & sim.mark_keep[i % MARK_KEEP_MAX]));
	sim.cur->id = id;
}

/* These bytes live on behind the marks to come: from here on those begin with them. */
static inline __attribute__((always_inline)) void
sim_mark_outer(const void *p, unsigned int bytes, const struct sim_site *site)
{
	struct sim_task *t = sim.cur;

	if (sim_likely(!sim.marks))
		return;
	t->op_id = t->op_base;
	sim_mark(p, bytes, site);
	t->op_id = t->id;
}

/* The same inside of a walk, whose own position counts until its next mark. */
static inline __attribute__((always_inline)) void
sim_update_outer(const void *p, unsigned int bytes, const struct sim_site *site)
{
	struct sim_task *t = sim.cur;
	uint64_t id = t->id;

	if (sim_likely(!sim.marks))
		return;
	sim_mark_outer(p, bytes, site);
	t->id = hash_mix(id, t->op_id);
}

#endif
