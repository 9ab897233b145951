/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Code of core/ that runs outside of any task: init, the setup, audits. There
 * is nobody to interleave with, so every request takes effect at once.
 */
#include "sim/engine/state.h"

static uint64_t direct_rmw(const struct sim_event *ev)
{
	uint64_t old = sim_peek(ev->addr, ev->size);

	if (ev->kind == EV_CMPXCHG && old != ev->expected)
		return old;
	if (ev->kind == EV_ADD)
		sim_poke(ev->addr, ev->size, old + ev->operand);
	else if (ev->kind == EV_OR)
		sim_poke(ev->addr, ev->size, old | ev->operand);
	else if (ev->kind == EV_AND)
		sim_poke(ev->addr, ev->size, old & ev->operand);
	else
		sim_poke(ev->addr, ev->size, ev->operand);
	return old;
}

static uint64_t direct_lock(struct engine *e, const struct sim_event *ev)
{
	if (sim_peek(ev->addr, 4)) {
		e->direct_error = "takes mmu_lock, which is held";
		return 0;
	}
	sim_poke(ev->addr, 4, 1);
	return 1;
}

static void direct_free(struct engine *e, const struct sim_event *ev)
{
	const char *wrong = slab_free(e, (struct kmem_cache *)ev->operand, ev->addr, NULL);

	if (wrong)
		e->direct_error = wrong;
}

static void direct_free_rcu(struct engine *e, const struct sim_event *ev)
{
	const char *wrong = ev->operand ? slab_call_rcu(e, ev->addr, ev->operand, NULL) :
					  slab_free_rcu(e, ev->addr, NULL);

	if (wrong)
		e->direct_error = wrong;
}

uint64_t sim_direct_request(struct sim_task *t)
{
	struct engine *e = engine_present;
	const struct sim_event *ev = &t->ev;

	sim.quantum = LONG_MAX;
	switch (ev->kind) {
	case EV_XCHG:
	case EV_CMPXCHG:
	case EV_ADD:
	case EV_OR:
	case EV_AND:
		if (!sim_reachable(ev->addr, ev->size))
			sim_direct_fault(t);
		return direct_rmw(ev);
	case EV_LOCK:
	case EV_TRYLOCK:
		return direct_lock(e, ev);
	case EV_UNLOCK:
		sim_poke(ev->addr, 4, 0);
		return 0;
	case EV_ALLOC:
		return (uint64_t)slab_alloc(e, (struct kmem_cache *)ev->operand, NULL);
	case EV_FREE:
		direct_free(e, ev);
		return 0;
	case EV_FREE_RCU:
		direct_free_rcu(e, ev);
		return 0;
	case EV_WARN:
		e->direct_error = (const char *)ev->operand;
		return 0;
	case EV_ASSERT_HELD:
		if (!sim_peek(ev->addr, 4) && !e->direct_audit)
			e->direct_error = "mmu_lock is not held where it must be";
		return 0;
	case EV_MAY:
		return 1;
	case EV_CACHE_OF:
		return (uint64_t)slab_of(e, ev->addr, &(uint16_t){ 0 });
	default:
		return 0;	/* fences, notes */
	}
}

void sim_direct_fault(struct sim_task *t)
{
	engine_present->direct_fault_addr = t->ev.addr;
	siglongjmp(engine_present->direct_fault, 1);
}

void direct_enter(struct engine *e)
{
	sim.direct = true;
	sim.cur = &e->outside;
	sim.quantum = LONG_MAX;
	e->direct_error = NULL;
	e->outside.cpu = e->plan->n_tasks;
}

void direct_leave(void)
{
	sim.direct = false;
	sim.nr_visits = 0;
}

/* One operation of the setup; NULL, or what went wrong. */
const char *direct_op(struct engine *e, const struct plan_op *op)
{
	volatile int ret = 0;	/* what a jump back must not undo */

	direct_enter(e);
	if (sigsetjmp(e->direct_fault, 0))
		e->direct_error = "accesses memory that is no live object";
	else
		ret = sim_program_op(op, &e->kvm->vcpus[e->plan->n_tasks]);
	direct_leave();
	if (!e->direct_error && ret && op->kind == PLAN_OP_ADD)
		e->direct_error = g_strerror(-ret);
	return e->direct_error;
}

static void audit_found(struct rmap_audit *audit, const u64 *sptep)
{
	struct audit_result *out = audit->arg;
	int spte = world_spte_number(engine_present, sptep);

	if (spte < 0) {
		audit->error = "an entry points to what is no spte";
		audit->where = sptep;
	} else if (out->found[spte] < UINT8_MAX) {
		out->found[spte]++;
	}
}

/* found: an array of nr_sptes, counted up, not cleared. */
void audit_rmap(struct engine *e, unsigned int rmap, struct audit_result *out)
{
	struct rmap_audit audit = { .found = audit_found, .arg = out };

	direct_enter(e);
	e->direct_audit = true;
	if (sigsetjmp(e->direct_fault, 0)) {
		audit.error = "a pointer leads to memory that is no live object";
		audit.where = e->direct_fault_addr;
	} else {
		sim_program.algorithm->audit(e->kvm, &e->kvm->rmaps[rmap], &audit);
	}
	e->direct_audit = false;
	direct_leave();
	out->error = audit.error;
	out->where = audit.where;
	out->keeps_nothing = audit.keeps_nothing;
	out->nr_sptes = audit.nr_sptes;
	out->nr_objects = audit.nr_objects;
}
