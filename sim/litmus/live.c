/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which registers nobody reads any more: their contents would keep states apart
 * that are the same. Backwards over each process until nothing changes. Also
 * each instruction's dependencies, as models want them.
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
	}
}
