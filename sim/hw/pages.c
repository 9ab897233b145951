/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The small KVM on hardware, and whether its dirty log has lost a write.
 *
 * A page's version is the number of writes to it, which each guest counts for itself
 * in guest mode, behind its store. When a harvest has returned, the versions of the
 * pages that it has taken are copied. A write that is not in the copy must have its
 * page marked, so that a later harvest takes it. Between laps all threads have stopped:
 * after one last harvest nobody is left who could mark, and copies must have all that
 * was written. A write that was lost and then followed by one that was not is not seen.
 */
#include "core/kvm_mmu.h"
#include "sim/hw/state.h"

static uint64_t pages_version(const struct hw_run *run, unsigned int gfn)
{
	uint64_t version = 0;
	unsigned int i;

	for (i = 0; i < run->plan->n_tasks; i++)
		version += READ_ONCE(run->copies[i].pages->wrote[gfn]);
	return version;
}

/* User space reads what its harvest has reported. */
static void pages_copy(struct hw_thread *t)
{
	uint64_t taken = kern_hw_pages.taken;
	unsigned int gfn;

	kern_hw_pages.taken = 0;
	for (; taken; taken &= taken - 1) {
		gfn = __builtin_ctzll(taken);
		t->copies->version[gfn] = pages_version(t->run, gfn);
	}
}

static void pages_harvest(struct hw_thread *t)
{
	kvm_get_dirty_log(t->vcpu);
	pages_copy(t);
}

void hw_pages_play(struct hw_thread *t, const struct hw_op *op)
{
	struct hw_counts *c = t->counts;

	switch (op->kind) {
	case PLAN_OP_GUEST_WRITE:
		c->adds_failed += !!kvm_vcpu_write(t->vcpu, op->spte, op->rmap);
		c->guest_writes++;
		break;
	case PLAN_OP_ZAP_SPTE:
		kvm_zap_spte(t->kvm, op->spte);
		break;
	case PLAN_OP_UNMAP:
		kvm_unmap_gfn(t->kvm, op->rmap);
		break;
	case PLAN_OP_AGE:
		kvm_age_gfn(t->vcpu, op->rmap);
		break;
	default:
		pages_harvest(t);
		c->harvests++;
	}
	c->pages++;
}

/* Harvesters copy when they have released their lock: the newest copy counts. */
static uint64_t pages_copied(const struct hw_run *run, unsigned int gfn)
{
	uint64_t copied = 0;
	unsigned int i;

	for (i = 0; i < run->plan->n_tasks; i++)
		copied = MAX(copied, run->copies[i].version[gfn]);
	return copied;
}

void hw_pages_judge(struct hw_run *run, struct hw_thread *t)
{
	unsigned int gfn;

	pages_harvest(t);
	for (gfn = 0; gfn < run->plan->nr_rmaps; gfn++) {
		uint64_t copied = pages_copied(run, gfn), version = pages_version(run, gfn);

		if (copied == version)
			continue;
		hw_violation(run, "dirty-log", "the last copy of page %u has %" G_GUINT64_FORMAT
			     " of %" G_GUINT64_FORMAT " writes to it; all have stopped, so that "
			     "the others are in no dirty log, now or later (lap %"
			     G_GUINT64_FORMAT ")", gfn, copied, version, run->shared->laps + 1);
		/* To be looked for anew, if it goes on. */
		t->copies->version[gfn] = version;
	}
}

void hw_pages_reset(struct hw_run *run)
{
	unsigned int i;

	for (i = 0; i < run->kvm->nr_sptes; i++)
		kvm_zap_spte(run->kvm, i);
}

void hw_pages_expected(const struct hw_run *run, uint16_t *where)
{
	unsigned int i;

	for (i = 0; i < run->kvm->nr_sptes; i++) {
		u64 spte = run->kvm->sptes[i];

		where[i] = spte & SPTE_PRESENT ? spte_gfn(spte) + 1 : 0;
	}
}
