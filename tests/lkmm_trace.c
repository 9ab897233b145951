/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Ways through a process: each read gets each value that its location can ever
 * hold, which are the initial one and those that some trace stores. New values
 * come from stores that depend on what was read, each at most once in an
 * execution: no more rounds are needed than there are such stores, and two.
 */
#include <string.h>
#include "tests/lkmm.h"

#define VALUES_MAX	32
#define STEPS_MAX	200
#define TRACES_MAX	200000
#define ARMS_MAX	16

struct domain {
	int64_t value[VALUES_MAX];
	unsigned int n;
};

struct builder {
	const struct litmus_program *prog;
	struct domain domain[LITMUS_LOCS_MAX];
	GArray **traces;
	bool grown, too_large;
};

/* Inside an arm of an if: everything in it depends on these reads. */
struct arm {
	uint32_t reads;
	unsigned int end;
};

struct walk {
	const struct litmus_proc *proc;
	int number;
	unsigned int pc, steps;
	struct lkmm_trace trace;
	uint32_t taint[LITMUS_REGS_MAX];
	struct arm arm[ARMS_MAX];
	unsigned int n_arms;
	int section[ARMS_MAX];		/* rcu_read_lock()s that are open */
	unsigned int n_sections;
};

int64_t lkmm_number(struct litmus_value value)
{
	return value.is_address ? LKMM_ADDRESS + 64 * value.loc : value.number;
}

struct litmus_value lkmm_value(int64_t number)
{
	int64_t loc = (number - LKMM_ADDRESS) / 64;

	if (number < LKMM_ADDRESS || loc >= LITMUS_LOCS_MAX || number % 64)
		return (struct litmus_value){ .number = number };
	return (struct litmus_value){ .is_address = true, .loc = loc };
}

static void domain_add(struct builder *b, int loc, int64_t value)
{
	struct domain *d = &b->domain[loc];
	unsigned int i;

	for (i = 0; i < d->n; i++) {
		if (d->value[i] == value)
			return;
	}
	if (d->n == VALUES_MAX) {
		b->too_large = true;
		return;
	}
	d->value[d->n++] = value;
	b->grown = true;
}

static int64_t binary(unsigned int op, int64_t a, int64_t b)
{
	switch (op) {
	case LITMUS_T_ADD:	return a + b;
	case LITMUS_T_SUB:	return a - b;
	case LITMUS_T_MUL:	return a * b;
	case LITMUS_T_DIV:	return b ? a / b : 0;
	case LITMUS_T_MOD:	return b ? a % b : 0;
	case LITMUS_T_AND:	return a & b;
	case LITMUS_T_OR:	return a | b;
	case LITMUS_T_XOR:	return a ^ b;
	case LITMUS_T_SHL:	return b < 32 ? a << b : 0;
	case LITMUS_T_SHR:	return b < 32 ? a >> b : 0;
	case LITMUS_T_EQ:	return a == b;
	case LITMUS_T_NE:	return a != b;
	case LITMUS_T_LT:	return a < b;
	case LITMUS_T_LE:	return a <= b;
	case LITMUS_T_GT:	return a > b;
	case LITMUS_T_GE:	return a >= b;
	case LITMUS_T_BELOW:	return (uint64_t)a < (uint64_t)b;
	case LITMUS_T_BELOW_EQ:	return (uint64_t)a <= (uint64_t)b;
	case LITMUS_T_LAND:	return a && b;
	default:		return a || b;
	}
}

static int64_t evaluate(const struct walk *w, struct litmus_expr e)
{
	int64_t s[LITMUS_STACK_MAX + 1] = { 0 };
	unsigned int i, n = 0;

	for (i = 0; i < e.n; i++) {
		const struct litmus_term *t = &w->proc->term[e.first + i];

		if (t->op == LITMUS_T_NUMBER)
			s[n++] = t->value;
		else if (t->op == LITMUS_T_ADDRESS)
			s[n++] = lkmm_number((struct litmus_value){ true, t->value, 0 });
		else if (t->op == LITMUS_T_REG)
			s[n++] = w->trace.reg[t->value];
		else if (t->op == LITMUS_T_NEG)
			s[n - 1] = -s[n - 1];
		else if (t->op == LITMUS_T_NOT)
			s[n - 1] = ~s[n - 1];
		else if (t->op == LITMUS_T_LNOT)
			s[n - 1] = !s[n - 1];
		else if (t->op == LITMUS_T_EXTEND || t->op == LITMUS_T_TRUNCATE)
			s[n - 1] = litmus_extend(s[n - 1], t->value, t->op == LITMUS_T_EXTEND);
		else if (t->op == LITMUS_T_SELECT)
			n -= 2, s[n - 1] = s[n - 1] ? s[n] : s[n + 1];
		else
			n--, s[n - 1] = binary(t->op, s[n - 1], s[n]);
	}
	return s[0];
}

static uint32_t taint_of(const struct walk *w, struct litmus_expr e)
{
	uint32_t taint = 0;
	unsigned int i;

	for (i = 0; i < e.n; i++) {
		const struct litmus_term *t = &w->proc->term[e.first + i];

		if (t->op == LITMUS_T_REG)
			taint |= w->taint[t->value];
	}
	return taint;
}

/* The event's number in its trace. */
static int add_event(struct walk *w, uint32_t is, const struct litmus_insn *insn, int loc,
		     int64_t value)
{
	struct lkmm_trace *t = &w->trace;
	struct lkmm_event *ev = &t->ev[MIN(t->n, LKMM_OF_PROC - 1)];
	unsigned int i;

	*ev = (struct lkmm_event){
		.is = is, .proc = w->number, .loc = loc, .value = value, .partner = -1,
		.addr = taint_of(w, insn->address),
		.data = is & LKMM_W ? taint_of(w, insn->value) : 0,
	};
	for (i = 0; i < w->n_arms; i++)
		ev->ctrl |= w->arm[i].reads;
	return t->n++;
}

static void load_to(struct walk *w, const struct litmus_insn *insn, int64_t value, int read)
{
	if (insn->to < 0)
		return;
	w->trace.reg[insn->to] = value;
	w->taint[insn->to] = 1u << (read % LKMM_OF_PROC);
}

static void fence_event(struct walk *w, const struct litmus_insn *insn)
{
	static const uint32_t is[] = {
		[ORD_MB] = LKMM_MB, [ORD_RMB] = LKMM_RMB, [ORD_WMB] = LKMM_WMB,
		[ORD_BEFORE_ATOMIC] = LKMM_BEFORE, [ORD_AFTER_ATOMIC] = LKMM_AFTER,
		[ORD_AFTER_SPINLOCK] = LKMM_AFTER_SPIN, [ORD_BARRIER] = 0,
	};

	add_event(w, is[insn->order], insn, -1, 0);
}

static void section_event(struct walk *w, const struct litmus_insn *insn)
{
	int ev;

	if (insn->kind == LITMUS_SYNC_RCU) {
		add_event(w, LKMM_SYNC, insn, -1, 0);
	} else if (insn->kind == LITMUS_RCU_LOCK) {
		ev = add_event(w, LKMM_RCU_LOCK, insn, -1, 0);
		if (w->n_sections < ARMS_MAX)
			w->section[w->n_sections++] = ev;
	} else {
		ev = add_event(w, LKMM_RCU_UNLOCK, insn, -1, 0);
		if (w->n_sections)
			w->trace.ev[ev].partner = w->section[--w->n_sections];
	}
}

static int64_t rmw_value(const struct litmus_insn *insn, int64_t old, int64_t operand)
{
	switch (insn->kind) {
	case LITMUS_ADD:	return litmus_extend(old + operand, insn->size, true);
	case LITMUS_OR:		return old | operand;
	case LITMUS_AND:	return old & operand;
	default:		return operand;
	}
}

/* Both halves, and full barriers around them if it is one and succeeds. */
static void rmw_events(struct walk *w, const struct litmus_insn *insn, int loc, int64_t old)
{
	int64_t value = rmw_value(insn, old, evaluate(w, insn->value));
	bool fails = insn->kind == LITMUS_CMPXCHG && old != evaluate(w, insn->expected);
	bool noreturn = insn->to < 0 && insn->kind >= LITMUS_ADD && insn->kind <= LITMUS_AND;
	uint32_t r = LKMM_R, wr = LKMM_W | LKMM_RMW;
	int first;

	if (fails) {
		first = add_event(w, LKMM_R, insn, loc, old);
		load_to(w, insn, old, first);
		return;
	}
	r |= LKMM_RMW | (insn->order == ORD_ACQUIRE ? LKMM_ACQUIRE : 0) |
	     (noreturn ? LKMM_NORETURN : 0);
	wr |= insn->order == ORD_RELEASE ? LKMM_RELEASE : 0;
	if (insn->order == ORD_FULL)
		add_event(w, LKMM_MB, insn, -1, 0);
	first = add_event(w, r, insn, loc, old);
	w->trace.ev[add_event(w, wr, insn, loc, value) % LKMM_OF_PROC].partner = first;
	if (insn->order == ORD_FULL)
		add_event(w, LKMM_MB, insn, -1, 0);
	load_to(w, insn, old, first);
}

static void lock_events(struct walk *w, const struct litmus_insn *insn, int loc, int64_t old)
{
	int first;

	if (old) {
		first = add_event(w, LKMM_R | LKMM_LF, insn, loc, 1);
	} else {
		first = add_event(w, LKMM_R | LKMM_LKR | LKMM_ACQUIRE, insn, loc, 0);
		w->trace.ev[add_event(w, LKMM_W | LKMM_LKW, insn, loc, 1) % LKMM_OF_PROC].partner =
			first;
	}
	load_to(w, insn, !old, first);
}

/* One access, with the value that the location holds. */
static void access_events(struct walk *w, const struct litmus_insn *insn, int loc, int64_t old)
{
	uint32_t plain = insn->order == ORD_PLAIN ? LKMM_PLAIN : 0;

	switch (insn->kind) {
	case LITMUS_LOAD:
		load_to(w, insn, old, add_event(w, LKMM_R | plain | (insn->order == ORD_ACQUIRE ?
							LKMM_ACQUIRE : 0), insn, loc, old));
		break;
	case LITMUS_STORE:
		add_event(w, LKMM_W | plain | (insn->order == ORD_RELEASE ? LKMM_RELEASE : 0),
			  insn, loc, evaluate(w, insn->value));
		break;
	case LITMUS_LOCK:
	case LITMUS_TRYLOCK:
		lock_events(w, insn, loc, old);
		break;
	case LITMUS_UNLOCK:
		add_event(w, LKMM_W | LKMM_UL | LKMM_RELEASE, insn, loc, 0);
		break;
	default:
		rmw_events(w, insn, loc, old);
	}
}

static bool reads(const struct litmus_insn *insn)
{
	return insn->kind != LITMUS_STORE && insn->kind != LITMUS_UNLOCK &&
	       insn->kind != LITMUS_LOCK;	/* which always reads 0 */
}

/* The arm of an if ends where both ways meet again. */
static void enter_arm(struct walk *w, const struct litmus_insn *insn)
{
	const struct litmus_insn *last = &w->proc->insn[insn->target - 1];
	unsigned int end = insn->target;

	if (last->kind == LITMUS_JUMP && last->target > end)
		end = last->target;
	if (w->n_arms < ARMS_MAX)
		w->arm[w->n_arms++] = (struct arm){ taint_of(w, insn->value), end };
}

static void leave_arms(struct walk *w)
{
	while (w->n_arms && w->pc >= w->arm[w->n_arms - 1].end)
		w->n_arms--;
}

static void finish(struct builder *b, struct walk *w)
{
	unsigned int i;

	if (w->trace.n > LKMM_OF_PROC || b->traces[w->number]->len >= TRACES_MAX) {
		b->too_large = true;
		return;
	}
	for (i = 0; i < w->trace.n; i++) {
		if (w->trace.ev[i].is & LKMM_W)
			domain_add(b, w->trace.ev[i].loc, w->trace.ev[i].value);
	}
	g_array_append_val(b->traces[w->number], w->trace);
}

static void go_on(struct builder *b, struct walk *w);

static void go_on_access(struct builder *b, const struct walk *w, const struct litmus_insn *insn)
{
	struct litmus_value at = lkmm_value(evaluate(w, insn->address));
	unsigned int i, n;
	struct walk next;

	if (!at.is_address)
		return;		/* no such execution */
	n = reads(insn) ? b->domain[at.loc].n : 1;
	for (i = 0; i < n; i++) {
		next = *w;
		next.pc++;
		access_events(&next, insn, at.loc, reads(insn) ? b->domain[at.loc].value[i] : 0);
		go_on(b, &next);
	}
}

/* One instruction that accesses nothing. */
static void step(struct walk *w, const struct litmus_insn *insn)
{
	bool taken = insn->kind == LITMUS_JUMP;

	if (insn->kind == LITMUS_FENCE) {
		fence_event(w, insn);
	} else if (insn->kind == LITMUS_SET) {
		uint32_t taint = taint_of(w, insn->value);

		w->trace.reg[insn->to] = evaluate(w, insn->value);
		w->taint[insn->to] = taint;
	} else if (insn->kind == LITMUS_BRANCH) {
		taken = !evaluate(w, insn->value);
		enter_arm(w, insn);
	} else if (insn->kind != LITMUS_JUMP) {
		section_event(w, insn);
	}
	w->pc = taken ? insn->target : w->pc + 1;
}

static void go_on(struct builder *b, struct walk *w)
{
	for (;;) {
		const struct litmus_insn *insn = &w->proc->insn[w->pc];

		leave_arms(w);
		if (w->steps++ > STEPS_MAX || w->trace.n >= LKMM_OF_PROC)
			b->too_large = true;
		if (b->too_large)
			return;
		if (insn->kind == LITMUS_END) {
			finish(b, w);
			return;
		}
		if (insn->kind < LITMUS_FENCE ||
		    (insn->kind >= LITMUS_LOCK && insn->kind <= LITMUS_UNLOCK)) {
			go_on_access(b, w, insn);
			return;
		}
		step(w, insn);
	}
}

static void trace_proc(struct builder *b, unsigned int number)
{
	const struct litmus_proc *proc = &b->prog->proc[number];
	struct walk w = { .proc = proc, .number = number };
	unsigned int i;

	for (i = 0; i < proc->n_regs; i++)
		w.trace.reg[i] = lkmm_number(proc->reg[i].init);
	g_array_set_size(b->traces[number], 0);
	go_on(b, &w);
}

/* Stores of this process whose value, place or being depends on what was read. */
static unsigned int dependent_stores(const struct litmus_proc *proc)
{
	unsigned int i, n = 0;
	bool branched = false;

	for (i = 0; i < proc->n_insns; i++) {
		const struct litmus_insn *insn = &proc->insn[i];

		branched |= insn->kind == LITMUS_BRANCH;
		if (insn->kind == LITMUS_STORE || insn->kind == LITMUS_XCHG)
			n += branched || insn->value.regs || insn->address.regs;
		n += insn->kind >= LITMUS_CMPXCHG && insn->kind <= LITMUS_AND;
	}
	return n;
}

bool lkmm_traces(const struct litmus_program *program, GArray **traces)
{
	struct builder b = { .prog = program, .traces = traces };
	unsigned int i, rounds, stores = 2;	/* the constants' round, and the traces' */

	for (i = 0; i < program->n_locs; i++)
		domain_add(&b, i, lkmm_number(program->loc[i].init));
	for (i = 0; i < program->n_procs; i++) {
		traces[i] = g_array_new(FALSE, FALSE, sizeof(struct lkmm_trace));
		stores += dependent_stores(&program->proc[i]);
	}
	b.grown = true;
	for (rounds = 0; b.grown && rounds < stores && !b.too_large; rounds++) {
		b.grown = false;
		for (i = 0; i < program->n_procs; i++)
			trace_proc(&b, i);
	}
	return !b.too_large;
}
