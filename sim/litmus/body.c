/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Task code: interprets a process of a litmus test. Every access announces an
 * event; nothing else is a point. Each event is announced behind a mark that
 * takes nothing, since the frame says all that lives on.
 */
#include "sim/kern/sim/sim.h"
#include "sim/litmus/body.h"

#define LOCAL_MAX	20000	/* instructions without an event: a loop that never ends */

struct litmus_world litmus_world;

static int64_t divide(int64_t a, int64_t b, bool remainder)
{
	if (!b || (b == -1 && a == INT64_MIN))
		return 0;
	return remainder ? a % b : a / b;
}

static int64_t binary(unsigned int op, int64_t a, int64_t b)
{
	switch (op) {
	case LITMUS_T_ADD:
		return (int64_t)((uint64_t)a + (uint64_t)b);
	case LITMUS_T_SUB:
		return (int64_t)((uint64_t)a - (uint64_t)b);
	case LITMUS_T_MUL:
		return (int64_t)((uint64_t)a * (uint64_t)b);
	case LITMUS_T_DIV:
		return divide(a, b, false);
	case LITMUS_T_MOD:
		return divide(a, b, true);
	case LITMUS_T_AND:
		return a & b;
	case LITMUS_T_OR:
		return a | b;
	case LITMUS_T_XOR:
		return a ^ b;
	case LITMUS_T_SHL:
		return (uint64_t)b < 64 ? (int64_t)((uint64_t)a << b) : 0;
	case LITMUS_T_SHR:
		return (uint64_t)b < 64 ? a >> b : 0;
	case LITMUS_T_EQ:
		return a == b;
	case LITMUS_T_NE:
		return a != b;
	case LITMUS_T_LT:
		return a < b;
	case LITMUS_T_LE:
		return a <= b;
	case LITMUS_T_GT:
		return a > b;
	case LITMUS_T_GE:
		return a >= b;
	case LITMUS_T_LAND:
		return a && b;
	default:
		return a || b;
	}
}

static int64_t unary(const struct litmus_term *t, int64_t a)
{
	switch (t->op) {
	case LITMUS_T_NEG:
		return (int64_t)-(uint64_t)a;
	case LITMUS_T_NOT:
		return ~a;
	case LITMUS_T_LNOT:
		return !a;
	default:
		return litmus_extend(a, t->value, t->op == LITMUS_T_EXTEND);
	}
}

static int64_t leaf(const struct litmus_frame *f, const struct litmus_term *t)
{
	if (t->op == LITMUS_T_NUMBER)
		return t->value;
	if (t->op == LITMUS_T_ADDRESS)
		return (int64_t)litmus_world.loc[t->value];
	return f->reg[t->value];
}

/* The parser has seen to it that the stack is large enough and never empty. */
static int64_t value_of(const struct litmus_proc *proc, const struct litmus_frame *f,
			const struct litmus_expr *expr)
{
	const struct litmus_term *t = &proc->term[expr->first], *end = t + expr->n;
	int64_t stack[LITMUS_STACK_MAX];
	unsigned int n = 0;

	for (; t < end; t++) {
		if (t->op <= LITMUS_T_REG) {
			stack[n++] = leaf(f, t);
		} else if (t->op == LITMUS_T_SELECT) {
			n -= 2;
			stack[n - 1] = stack[n - 1] ? stack[n] : stack[n + 1];
		} else if (t->op >= LITMUS_T_NEG) {
			stack[n - 1] = unary(t, stack[n - 1]);
		} else {
			n--;
			stack[n - 1] = binary(t->op, stack[n - 1], stack[n]);
		}
	}
	return n ? stack[0] : 0;
}

static uint64_t announce(const struct litmus_insn *insn, unsigned int kind, void *addr,
			 unsigned int size, unsigned int order, uint64_t operand,
			 struct sim_site *site)
{
	litmus_world.announced = insn;
	litmus_world.announced_by = sim.cur->cpu;
	sim_mark(NULL, 0, site);
	sim.cur->ev.deps = &insn->deps;
	return sim_call(kind, addr, size, order, operand, site);
}

/* What comes of an access, for register to. */
static void receive(struct litmus_frame *f, const struct litmus_insn *insn, uint64_t result)
{
	if (insn->to >= 0)
		f->reg[insn->to] = litmus_extend(result, insn->size, insn->is_signed);
}

/* Accesses, fences and locks. */
static void event(const struct litmus_proc *proc, struct litmus_frame *f,
		  const struct litmus_insn *insn)
{
	void *addr = (void *)value_of(proc, f, &insn->address);
	uint64_t value = litmus_extend(value_of(proc, f, &insn->value), insn->size, false);
	unsigned int size = insn->size, order = insn->order;
	uint64_t got;

	switch (insn->kind) {
	case LITMUS_LOAD:
		got = announce(insn, EV_LOAD, addr, size, order, 0, SIM_SITE(EV_LOAD, "load"));
		break;
	case LITMUS_STORE:
		got = announce(insn, EV_STORE, addr, size, order, value,
			       SIM_SITE(EV_STORE, "store"));
		break;
	case LITMUS_XCHG:
		got = announce(insn, EV_XCHG, addr, size, order, value,
			       SIM_SITE(EV_XCHG, "xchg"));
		break;
	case LITMUS_CMPXCHG:
		sim.cur->ev.expected = litmus_extend(value_of(proc, f, &insn->expected), size,
						     false);
		got = announce(insn, EV_CMPXCHG, addr, size, order, value,
			       SIM_SITE(EV_CMPXCHG, "cmpxchg"));
		break;
	case LITMUS_ADD:
		got = announce(insn, EV_ADD, addr, size, order, value, SIM_SITE(EV_ADD, "add"));
		break;
	case LITMUS_OR:
		got = announce(insn, EV_OR, addr, size, order, value, SIM_SITE(EV_OR, "or"));
		break;
	case LITMUS_AND:
		got = announce(insn, EV_AND, addr, size, order, value, SIM_SITE(EV_AND, "and"));
		break;
	case LITMUS_FENCE:
		announce(insn, EV_FENCE, NULL, 0, order, 0, SIM_SITE(EV_FENCE, "a fence"));
		return;
	case LITMUS_LOCK:
		got = announce(insn, EV_LOCK, addr, size, order, 0,
			       SIM_SITE(EV_LOCK, "spin_lock"));
		break;
	case LITMUS_TRYLOCK:
		got = announce(insn, EV_TRYLOCK, addr, size, order, 0,
			       SIM_SITE(EV_TRYLOCK, "spin_trylock"));
		break;
	case LITMUS_UNLOCK:
		got = announce(insn, EV_UNLOCK, addr, size, order, 0,
			       SIM_SITE(EV_UNLOCK, "spin_unlock"));
		break;
	default:
		return;
	}
	receive(f, insn, got);
}

static void rcu(const struct litmus_insn *insn)
{
	switch (insn->kind) {
	case LITMUS_RCU_LOCK:
		announce(insn, EV_RCU_LOCK, NULL, 0, ORD_PLAIN, 0,
			 SIM_SITE(EV_RCU_LOCK, "rcu_read_lock"));
		break;
	case LITMUS_RCU_UNLOCK:
		announce(insn, EV_RCU_UNLOCK, NULL, 0, ORD_PLAIN, 0,
			 SIM_SITE(EV_RCU_UNLOCK, "rcu_read_unlock"));
		break;
	case LITMUS_SYNC_RCU:
		announce(insn, EV_SYNC_RCU, NULL, 0, ORD_PLAIN, 0,
			 SIM_SITE(EV_SYNC_RCU, "synchronize_rcu"));
		break;
	default:
		break;
	}
}

/* A register takes its times from others, where a model keeps times. */
static void tell_move(const struct sim_deps *deps)
{
	if (!litmus_world.moves)
		return;
	sim.cur->ev.deps = deps;
	sim_call(EV_MOVE, NULL, 0, ORD_PLAIN, 0, SIM_SITE(EV_MOVE, "="));
}

static void clear_dead(struct litmus_frame *f, uint64_t dead)
{
	struct sim_deps deps = { 0 };

	for (; dead; dead &= dead - 1) {
		deps.to = __builtin_ctzll(dead);
		f->reg[deps.to] = 0;
		tell_move(&deps);
	}
}

/* Does it go without an event? A fence that the model has no use for, and what is in vain. */
static bool is_local(const struct litmus_insn *insn)
{
	if (insn->kind == LITMUS_FENCE)
		return !litmus_world.fences || insn->order == ORD_BARRIER;
	return insn->kind > LITMUS_LAST_EVENT || (insn->in_vain && !litmus_world.every_order);
}

/* Local instructions: where it goes on. */
static uint64_t local(const struct litmus_proc *proc, struct litmus_frame *f,
		      const struct litmus_insn *insn)
{
	switch (insn->kind) {
	case LITMUS_SET:
		f->reg[insn->to] = value_of(proc, f, &insn->value);
		tell_move(&insn->deps);
		return f->pc + 1;
	case LITMUS_JUMP:
		return insn->target;
	case LITMUS_BRANCH:
		return value_of(proc, f, &insn->value) ? f->pc + 1 : insn->target;
	default:
		return f->pc + 1;
	}
}

/* Neither comes back; to the sanitizers, who then look for a stack's end, that is no news. */
static inline __attribute__((always_inline)) void end(void)
{
	for (;;)
		sim_call(EV_OP_NEXT, NULL, 0, ORD_PLAIN, 0, SIM_SITE(EV_OP_NEXT, "the end"));
}

static inline __attribute__((always_inline)) void give_up(const struct litmus_insn *insn)
{
	litmus_world.announced = insn;
	litmus_world.announced_by = sim.cur->cpu;
	for (;;)
		sim_call(EV_WARN, NULL, 0, ORD_PLAIN, (uint64_t)"a loop without an access",
			 SIM_SITE(EV_WARN, "loop"));
}

void litmus_main(void)
{
	unsigned int cpu = sim.cur->cpu, locals = 0;
	const struct litmus_proc *proc = &litmus_world.program->proc[cpu];
	struct litmus_frame *f = litmus_world.frame[cpu];
	const struct litmus_insn *insn;

	for (;;) {
		insn = &proc->insn[f->pc];
		clear_dead(f, insn->dead);
		if (insn->kind == LITMUS_END)
			end();
		if (is_local(insn)) {
			if (locals++ == LOCAL_MAX)
				give_up(insn);
			f->pc = local(proc, f, insn);
			continue;
		}
		if (insn->kind >= LITMUS_RCU_LOCK)
			rcu(insn);
		else
			event(proc, f, insn);
		locals = 0;
		f->pc++;
	}
}
