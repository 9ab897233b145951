/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Task code: compiled with the flags of everything that runs on task stacks.
 */
#include "core/kvm_mmu.h"
#include "sim/kern/sim/program.h"
#include "sim/kern/sim/stores.h"

struct sim_program sim_program;

bool sim_buffer_is_empty(const struct sim_task *t)
{
	return !t->buffer->stores;
}

bool sim_stored_behind(struct sim_task *t)
{
	struct buffer *b = t->buffer;

	if (sim.acts || sim.direct || !b->stores || b->stores >= sim.store_room ||
	    b->n + BUFFER_SPARE >= b->room || !sim_reachable(t->ev.addr, t->ev.size))
		return false;
	if (SIM_DEBUG && !sim_may_keep(t->ev.operand))
		return false;
	buffer_push(b, &t->ev, t->ev.kind == EV_UNLOCK ? 0 : t->ev.operand);
	return true;
}

uint64_t sim_forwarded(const struct sim_task *t, const volatile void *p, unsigned int size)
{
	uint32_t place = (const volatile uint8_t *)p - sim.heap;
	const struct buffer *b = t->buffer;
	unsigned int i;

	for (i = b->stores ? b->n : 0; i-- > 0;) {
		if (b->entry[i].place == place && !b->entry[i].is_note)
			return b->entry[i].value;
	}
	return sim_peek(p, size);
}

static bool program_visit(struct rmap_walk *walk, u64 *sptep)
{
	(void)walk;
	sim_visit(sptep, SIM_SITE(EV_VISIT, "visit"));
	return true;
}

static bool program_visit_first(struct rmap_walk *walk, u64 *sptep)
{
	program_visit(walk, sptep);
	return false;
}

/* Where some task zaps: what this one was to do may be done already, or undone. */
static bool program_may(const struct plan_op *op)
{
	if (!sim_program.zaps && op->kind != PLAN_OP_RECYCLE)
		return true;
	return sim_call(EV_MAY, NULL, 0, ORD_PLAIN, 0, SIM_SITE(EV_MAY, "may"));
}

static int program_add(const struct plan_op *op, struct kvm_vcpu *vcpu)
{
	struct kvm *kvm = vcpu->kvm;
	int ret = mmu_topup_memory_cache(vcpu);

	if (ret)
		return ret;
	mmu_write_lock(kvm);
	ret = -EEXIST;
	if (program_may(op))
		ret = sim_program.algorithm->add(vcpu, &kvm->rmaps[op->rmap],
						 &kvm->sptes[op->spte]);
	mmu_write_unlock(kvm);
	return ret;
}

static int program_remove(const struct plan_op *op, struct kvm *kvm)
{
	int ret = -ENOENT;

	mmu_write_lock(kvm);
	if (program_may(op)) {
		sim_call(EV_REMOVE_BEGIN, &kvm->sptes[op->spte], 8, ORD_PLAIN, op->spte,
			 SIM_SITE(EV_REMOVE_BEGIN, "remove"));
		sim_program.algorithm->remove(kvm, &kvm->rmaps[op->rmap], &kvm->sptes[op->spte]);
		ret = 0;
	}
	mmu_write_unlock(kvm);
	return ret;
}

static int program_walk(const struct plan_op *op, struct kvm *kvm)
{
	struct rmap_walk walk = { .visit = op->stop_after ? program_visit_first : program_visit };

	return sim_program.algorithm->walk(kvm, &kvm->rmaps[op->rmap], &walk);
}

static int program_zap_all(const struct plan_op *op, struct kvm *kvm)
{
	int ret = -ENOENT;

	mmu_write_lock(kvm);
	if (program_may(op)) {
		sim_call(EV_ZAP_BEGIN, &kvm->rmaps[op->rmap], 8, ORD_PLAIN, op->rmap,
			 SIM_SITE(EV_ZAP_BEGIN, "zap"));
		sim_program.algorithm->zap_all(kvm, &kvm->rmaps[op->rmap]);
		ret = 0;
	}
	mmu_write_unlock(kvm);
	return ret;
}

static int program_mark_dirty(const struct plan_op *op, struct kvm *kvm)
{
	set_bit(op->rmap, kvm->dirty_bitmap);
	return 0;
}

int sim_program_op(const struct plan_op *op, struct kvm_vcpu *vcpu)
{
	switch (op->kind) {
	case PLAN_OP_ADD:
		return program_add(op, vcpu);
	case PLAN_OP_REMOVE:
		return program_remove(op, vcpu->kvm);
	case PLAN_OP_WALK:
		return program_walk(op, vcpu->kvm);
	case PLAN_OP_ZAP_ALL:
	case PLAN_OP_RECYCLE:
		return program_zap_all(op, vcpu->kvm);
	case PLAN_OP_MARK_DIRTY:
		return program_mark_dirty(op, vcpu->kvm);
	case PLAN_OP_GUEST_WRITE:
		return kvm_vcpu_write(vcpu, op->spte, op->rmap);
	case PLAN_OP_ZAP_SPTE:
		return kvm_zap_spte(vcpu->kvm, op->spte);
	case PLAN_OP_UNMAP:
		return kvm_unmap_gfn(vcpu->kvm, op->rmap);
	case PLAN_OP_AGE:
		return kvm_age_gfn(vcpu, op->rmap);
	case PLAN_OP_GET_DIRTY_LOG:
		return kvm_get_dirty_log(vcpu);
	case PLAN_OP_ZAP_PAGE:
		return kvm_zap_page(vcpu->kvm, op->spte);
	case PLAN_OP_SET_TABLE:
	case PLAN_OP_SET_LARGE:
		return kvm_vcpu_set_guest_dir(vcpu, op->spte, op->rmap,
					      op->kind == PLAN_OP_SET_LARGE);
	case PLAN_OP_MAP_LARGE:
		return kvm_map_large(vcpu, op->spte);
	}
	return 0;
}

void sim_program_main(void)
{
	struct kvm_vcpu *vcpu = &sim_program.kvm->vcpus[smp_processor_id()];
	const struct plan_op *op;
	int ret = 0;

	for (;;) {
		op = (const struct plan_op *)sim_call(EV_OP_NEXT, NULL, 0, ORD_PLAIN, (u64)ret,
						      SIM_SITE(EV_OP_NEXT, "next operation"));
		ret = sim_program_op(op, vcpu);
	}
}

u64 sim_callback_number(void (*func)(struct rcu_head *head))
{
	const struct rmap_callback *callback = sim_program.algorithm->callbacks;
	u64 number = 1;

	for (; callback && callback->func; callback++, number++) {
		if (callback->func == func)
			break;
	}
	return number;
}

void sim_softirq_main(void)
{
	const struct sim_event *ev = &sim.cur->ev;
	struct rcu_head *head = ev->addr;

	sim_program.algorithm->callbacks[ev->operand].func(head);
	/* With its section its stores are on their way. */
	sim_call(EV_RCU_UNLOCK, NULL, 0, ORD_PLAIN, 0, SIM_SITE(EV_RCU_UNLOCK, "ends"));
	for (;;)
		sim_call(EV_SOFTIRQ_END, NULL, 0, ORD_PLAIN, 0,
			 SIM_SITE(EV_SOFTIRQ_END, "ends"));
}
