/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What an exploration need not look at. Registers that nobody reads any more:
 * their contents would keep states apart that are the same. Locations that a
 * process will not access any more. Stores that nobody can notice. All of it
 * backwards over each process until nothing changes. Also each instruction's
 * dependencies, as models want them.
 */
#include "sim/litmus/parse.h"

static uint64_t bit(int reg)
{
	return reg < 0 ? 0 : 1ull << reg;
}

static uint64_t read_by(const struct litmus_insn *insn)
{
	return insn->address.regs | insn->value.regs | insn->expected.regs;
}

static void observe_item(uint64_t *observed, struct litmus_item item)
{
	if (item.proc >= 0)
		observed[item.proc] |= bit(item.number);
}

static void observe_prop(uint64_t *observed, const struct litmus_prop *prop)
{
	unsigned int i;

	for (i = 0; i < prop->n; i++) {
		if (prop->term[i].op == LITMUS_P_EQUAL ||
		    prop->term[i].op == LITMUS_P_ITEMS_EQUAL)
			observe_item(observed, prop->term[i].item);
		if (prop->term[i].op == LITMUS_P_ITEMS_EQUAL)
			observe_item(observed, prop->term[i].other);
	}
}

/* Which instructions may follow number i: at most two. */
static unsigned int successors(const struct litmus_proc *proc, unsigned int i, unsigned int to[2])
{
	const struct litmus_insn *insn = &proc->insn[i];
	unsigned int n = 0;

	if (insn->kind == LITMUS_END)
		return 0;
	if (insn->kind != LITMUS_JUMP)
		to[n++] = i + 1;
	if (insn->kind == LITMUS_JUMP || insn->kind == LITMUS_BRANCH)
		to[n++] = insn->target;
	return n;
}

static uint64_t live_before(const struct litmus_proc *proc, const uint64_t *before, unsigned int i,
			    uint64_t observed)
{
	const struct litmus_insn *insn = &proc->insn[i];
	unsigned int to[2], n = successors(proc, i, to);
	uint64_t behind = n ? 0 : observed;

	while (n--)
		behind |= before[to[n]];
	return (behind & ~bit(insn->to)) | read_by(insn);
}

/* What may hold something when i comes, from whatever way, and is not live there. */
static void note_dead(struct litmus_proc *proc, const uint64_t *before)
{
	unsigned int i, n, to[2];

	for (i = 0; i < proc->n_insns; i++) {
		n = successors(proc, i, to);
		while (n--)
			proc->insn[to[n]].dead |= (before[i] | bit(proc->insn[i].to)) &
						  ~before[to[n]];
	}
}

static void live_in_proc(struct litmus_proc *proc, uint64_t observed)
{
	uint64_t *before = g_new0(uint64_t, proc->n_insns), now;
	bool changed = true;
	unsigned int i;

	while (changed) {
		changed = false;
		for (i = proc->n_insns; i-- > 0; ) {
			now = live_before(proc, before, i, observed);
			changed |= now != before[i];
			before[i] = now;
		}
	}
	note_dead(proc, before);
	g_free(before);
}

/* Which locations an access may go to: the one that it names, or any. */
static uint64_t places_of(const struct litmus_proc *proc, const struct litmus_insn *insn)
{
	const struct litmus_term *t;

	if (insn->address.n != 1)
		return ~0ull;
	t = &proc->term[insn->address.first];
	return t->op == LITMUS_T_ADDRESS ? bit(t->value) : ~0ull;
}

static bool loads(const struct litmus_insn *insn)
{
	return insn->kind == LITMUS_LOAD || (insn->kind >= LITMUS_XCHG &&
	       insn->kind <= LITMUS_AND) || insn->kind == LITMUS_LOCK ||
	       insn->kind == LITMUS_TRYLOCK;
}

static bool stores(const struct litmus_insn *insn)
{
	return insn->kind >= LITMUS_STORE && insn->kind <= LITMUS_UNLOCK &&
	       insn->kind != LITMUS_FENCE;
}

/* Fences, whatever they order, and what is more than an access. */
static bool orders(const struct litmus_insn *insn)
{
	switch (insn->kind) {
	case LITMUS_LOAD:
		return insn->order == ORD_ACQUIRE || insn->address.regs;
	case LITMUS_STORE:
	case LITMUS_UNLOCK:
		return false;
	default:
		return insn->kind <= LITMUS_LAST_EVENT;
	}
}

static bool look_ahead_from(struct litmus_proc *proc, unsigned int i)
{
	struct litmus_insn *insn = &proc->insn[i];
	const struct litmus_insn was = *insn;
	unsigned int to[2], n = successors(proc, i, to);

	if (loads(insn))
		insn->loads_ahead |= places_of(proc, insn);
	if (stores(insn))
		insn->stores_ahead |= places_of(proc, insn);
	insn->orders_ahead |= orders(insn);
	insn->sections_ahead |= insn->kind == LITMUS_RCU_LOCK || insn->kind == LITMUS_RCU_UNLOCK;
	insn->syncs_ahead |= insn->kind == LITMUS_SYNC_RCU;
	while (n--) {
		insn->loads_ahead |= proc->insn[to[n]].loads_ahead;
		insn->stores_ahead |= proc->insn[to[n]].stores_ahead;
		insn->orders_ahead |= proc->insn[to[n]].orders_ahead;
		insn->sections_ahead |= proc->insn[to[n]].sections_ahead;
		insn->syncs_ahead |= proc->insn[to[n]].syncs_ahead;
	}
	return was.loads_ahead != insn->loads_ahead || was.stores_ahead != insn->stores_ahead ||
	       was.orders_ahead != insn->orders_ahead ||
	       was.sections_ahead != insn->sections_ahead ||
	       was.syncs_ahead != insn->syncs_ahead;
}

static void look_ahead(struct litmus_proc *proc)
{
	bool changed = true;
	unsigned int i;

	while (changed) {
		changed = false;
		for (i = proc->n_insns; i-- > 0; )
			changed |= look_ahead_from(proc, i);
	}
}

/* Locations that some process can load, or that are looked at in the end. */
static uint64_t places_that_matter(const struct litmus_program *program)
{
	const struct litmus_prop *props[] = { &program->condition, &program->filter };
	uint64_t places = 0;
	unsigned int i, k;

	for (i = 0; i < program->n_procs; i++)
		places |= program->proc[i].insn[0].loads_ahead;
	for (i = 0; i < program->n_items; i++)
		places |= program->item[i].proc < 0 ? bit(program->item[i].number) : 0;
	for (k = 0; k < G_N_ELEMENTS(props); k++) {
		for (i = 0; i < props[k]->n; i++) {
			const struct litmus_prop_term *t = &props[k]->term[i];

			places |= t->item.proc < 0 ? bit(t->item.number) : 0;
			places |= t->other.proc < 0 ? bit(t->other.number) : 0;
		}
	}
	return places;
}

/* One that goes where it must not go is not in vain: it is to be found. */
static void note_vain(const struct litmus_program *program, struct litmus_proc *proc,
		      uint64_t matter)
{
	unsigned int i;

	for (i = 0; i < proc->n_insns; i++) {
		struct litmus_insn *insn = &proc->insn[i];
		uint64_t places = places_of(proc, insn);

		insn->in_vain = insn->kind == LITMUS_STORE && places != ~0ull &&
				!(places & matter) &&
				program->loc[__builtin_ctzll(places)].size == insn->size;
	}
}

static void note_dependencies(struct litmus_proc *proc)
{
	unsigned int i;

	for (i = 0; i < proc->n_insns; i++) {
		struct litmus_insn *insn = &proc->insn[i];

		insn->deps = (struct sim_deps){
			.address = insn->address.regs,
			.data = insn->value.regs | insn->expected.regs,
			.to = insn->to,
		};
	}
}

void live_find(struct litmus_program *program)
{
	uint64_t observed[LITMUS_PROCS_MAX] = { 0 };
	unsigned int i;

	observe_prop(observed, &program->condition);
	observe_prop(observed, &program->filter);
	for (i = 0; i < program->n_items; i++)
		observe_item(observed, program->item[i]);
	for (i = 0; i < program->n_procs; i++) {
		live_in_proc(&program->proc[i], observed[i]);
		note_dependencies(&program->proc[i]);
		look_ahead(&program->proc[i]);
	}
	for (i = 0; i < program->n_procs; i++)
		note_vain(program, &program->proc[i], places_that_matter(program));
}
