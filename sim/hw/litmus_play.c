/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The measured path of a litmus test on hardware: a few nanoseconds an
 * operation. Each access of the test is one x86 instruction; what lies between
 * them loads and stores memory of the thread's own only, which neither drains
 * its buffer nor reorders anything: x86 orders those like all others.
 */
#include "sim/hw/litmus_code.h"

#define STEPS_LOOK	64	/* a lock that is taken: look so often between two tries */

/* Twice the same with other types: the four sizes of an access. */
#define BY_SIZE(size, place, expr) do {						\
	switch (size) {								\
	case 1: { uint8_t *p = (void *)(place); expr; break; }			\
	case 2: { uint16_t *p = (void *)(place); expr; break; }			\
	case 4: { uint32_t *p = (void *)(place); expr; break; }			\
	default: { uint64_t *p = (void *)(place); expr; break; }		\
	}									\
} while (0)

static inline uint64_t access_load(void *place, unsigned int size)
{
	uint64_t v;

	BY_SIZE(size, place, v = __atomic_load_n(p, __ATOMIC_RELAXED));
	return v;
}

static inline void access_store(void *place, unsigned int size, uint64_t value)
{
	BY_SIZE(size, place, __atomic_store_n(p, value, __ATOMIC_RELAXED));
}

static inline uint64_t access_xchg(void *place, unsigned int size, uint64_t value)
{
	uint64_t v;

	BY_SIZE(size, place, v = __atomic_exchange_n(p, value, __ATOMIC_SEQ_CST));
	return v;
}

static inline uint64_t access_add(void *place, unsigned int size, uint64_t value)
{
	uint64_t v;

	BY_SIZE(size, place, v = __atomic_fetch_add(p, value, __ATOMIC_SEQ_CST));
	return v;
}

static inline uint64_t access_or(void *place, unsigned int size, uint64_t value)
{
	uint64_t v;

	BY_SIZE(size, place, v = __atomic_fetch_or(p, value, __ATOMIC_SEQ_CST));
	return v;
}

static inline uint64_t access_and(void *place, unsigned int size, uint64_t value)
{
	uint64_t v;

	BY_SIZE(size, place, v = __atomic_fetch_and(p, value, __ATOMIC_SEQ_CST));
	return v;
}

#define CMPXCHG(type) do {							\
	type expect = old;							\
	__atomic_compare_exchange_n((type *)place, &expect, value, false,	\
				    __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);	\
	return expect;								\
} while (0)

/* A locked instruction whether it finds what it expects or not. */
static inline uint64_t access_cmpxchg(void *place, unsigned int size, uint64_t old,
				      uint64_t value)
{
	switch (size) {
	case 1: CMPXCHG(uint8_t);
	case 2: CMPXCHG(uint16_t);
	case 4: CMPXCHG(uint32_t);
	default: CMPXCHG(uint64_t);
	}
}

static void access_lock(uint32_t *lock)
{
	unsigned int looks;

	while (__atomic_exchange_n(lock, 1, __ATOMIC_SEQ_CST)) {
		for (looks = 0; looks < STEPS_LOOK && __atomic_load_n(lock, __ATOMIC_RELAXED);
		     looks++)
			__builtin_ia32_pause();
	}
}

static int64_t divide(int64_t a, int64_t b, bool rest)
{
	if (!b)
		return 0;
	if (b == -1)
		return rest ? 0 : (int64_t)-(uint64_t)a;
	return rest ? a % b : a / b;
}

static int64_t compute(unsigned int op, int64_t a, int64_t b)
{
	uint64_t ua = a, ub = b;

	switch (op) {
	case LITMUS_T_ADD:	return ua + ub;
	case LITMUS_T_SUB:	return ua - ub;
	case LITMUS_T_MUL:	return ua * ub;
	case LITMUS_T_DIV:	return divide(a, b, false);
	case LITMUS_T_MOD:	return divide(a, b, true);
	case LITMUS_T_AND:	return a & b;
	case LITMUS_T_OR:	return a | b;
	case LITMUS_T_XOR:	return a ^ b;
	case LITMUS_T_SHL:	return ub < 64 ? ua << ub : 0;
	case LITMUS_T_SHR:	return ub < 64 ? a >> b : 0;
	case LITMUS_T_EQ:	return a == b;
	case LITMUS_T_NE:	return a != b;
	case LITMUS_T_LT:	return a < b;
	case LITMUS_T_LE:	return a <= b;
	case LITMUS_T_GT:	return a > b;
	case LITMUS_T_GE:	return a >= b;
	case LITMUS_T_BELOW:	return ua < ub;
	case LITMUS_T_BELOW_EQ:	return ua <= ub;
	case LITMUS_T_LAND:	return a && b;
	default:		return a || b;	/* LITMUS_T_LOR */
	}
}

/* Terms of one operand, of none (a number, a register), of three. */
static int64_t *other_term(const struct litmus_term *t, const int64_t *reg, int64_t *top)
{
	switch (t->op) {
	case LITMUS_T_REG:
		*++top = reg[t->value];
		break;
	case LITMUS_T_NEG:
		*top = -(uint64_t)*top;
		break;
	case LITMUS_T_NOT:
		*top = ~*top;
		break;
	case LITMUS_T_LNOT:
		*top = !*top;
		break;
	case LITMUS_T_EXTEND:
	case LITMUS_T_TRUNCATE:
		*top = litmus_extend(*top, t->value, t->op == LITMUS_T_EXTEND);
		break;
	case LITMUS_T_SELECT:
		top -= 2;
		*top = *top ? top[1] : top[2];
		break;
	default:		/* a number; addresses are some */
		*++top = t->value;
	}
	return top;
}

static int64_t evaluate(const struct code_value *v, const int64_t *reg)
{
	int64_t stack[LITMUS_STACK_MAX + 1] = { 0 }, *top = stack;
	unsigned int i;

	for (i = 0; i < v->n; i++) {
		const struct litmus_term *t = &v->term[i];

		if (t->op >= LITMUS_T_ADD && t->op <= LITMUS_T_LOR) {
			top--;
			*top = compute(t->op, *top, top[1]);
		} else {
			top = other_term(t, reg, top);
		}
	}
	return *top;
}

static inline int64_t value_of(const struct code_value *v, const int64_t *reg)
{
	if (v->kind == CODE_REG)
		return reg[v->number];
	return v->kind == CODE_TERMS ? evaluate(v, reg) : v->number;
}

static inline void full_barrier(const struct hw_litmus_code *code)
{
	if (code->mfence)
		__asm__ volatile("mfence" ::: "memory");
	else	/* what smp_mb() is in the kernel, but for the place it adds nothing to */
		__asm__ volatile("lock; addl $0, -132(%%rsp)" ::: "memory", "cc");
}

/* An operation with an address; what the location held. */
static uint64_t play_access(const struct code_op *op, uint8_t *place, const int64_t *reg)
{
	uint64_t value = value_of(&op->value, reg);

	switch (op->kind) {
	case LITMUS_LOAD:
		return access_load(place, op->size);
	case LITMUS_STORE:
		access_store(place, op->size, value);
		return 0;
	case LITMUS_XCHG:
		return access_xchg(place, op->size, value);
	case LITMUS_CMPXCHG:
		return access_cmpxchg(place, op->size, value_of(&op->expected, reg), value);
	case LITMUS_ADD:
		return access_add(place, op->size, value);
	case LITMUS_OR:
		return access_or(place, op->size, value);
	case LITMUS_AND:
		return access_and(place, op->size, value);
	case LITMUS_LOCK:
		access_lock((void *)place);
		return 0;
	case LITMUS_TRYLOCK:
		return !access_cmpxchg(place, sizeof(uint32_t), 0, 1);
	default:		/* LITMUS_UNLOCK */
		access_store(place, sizeof(uint32_t), 0);
		return 0;
	}
}

bool hw_litmus_play(const struct hw_litmus_code *code, unsigned int number, uint8_t *instance,
		    int64_t *reg)
{
	const struct code_proc *proc = &code->proc[number];
	const struct code_op *op = proc->op;
	uint64_t offset, held;

	for (;; op++) {
		switch (op->kind) {
		case LITMUS_SET:
			reg[op->to] = value_of(&op->value, reg);
			break;
		case LITMUS_FENCE:
			if (op->drains)
				full_barrier(code);
			break;
		case LITMUS_RCU_LOCK:
		case LITMUS_RCU_UNLOCK:
			break;
		case LITMUS_JUMP:
			op = proc->op + op->target - 1;
			break;
		case LITMUS_BRANCH:
			if (!value_of(&op->value, reg))
				op = proc->op + op->target - 1;
			break;
		case LITMUS_END:
			return true;
		default:
			offset = value_of(&op->address, reg) - HW_LITMUS_BASE;
			if (offset > code->span - op->size || offset % op->size)
				return false;
			held = play_access(op, instance + offset, reg);
			if (op->to >= 0)
				reg[op->to] = litmus_extend(held, op->size, op->is_signed);
		}
	}
}
