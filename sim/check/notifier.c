/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * notifier: no guest writes to a page of the host's that an unmap has given back.
 *
 * When an unmap has returned, whatever leads to the page that was behind the gfn is
 * old: TLB entries, sptes, and what faults have looked up and not yet mapped. A
 * fault that looks up later may still find that page, until the host has changed
 * its tables. What an old look-up maps is old, and so is what a TLB takes from an old
 * spte. Old things may exist; a write by one is what is wrong.
 *
 * Ghost words: the host's page behind each gfn, as it is from the last unmap's
 * return on; for each task the gfn that its fault has looked up, and whether what it
 * found is old; old sptes; old TLB entries, KVM_TLB_ENTRIES bits a vCPU.
 */
#include "sim/check/check.h"
#include "core/spte.h"
#include "sim/engine/state.h"

extern const struct check check_notifier;

#define VCPUS_A_WORD	(64 / KVM_TLB_ENTRIES)
#define ALL_ENTRIES	((1ull << KVM_TLB_ENTRIES) - 1)

enum { PAGES, PER_TASK, LOOKED_UP = 0, OLD, TASK_WORDS };

static bool unmaps(const struct plan *plan)
{
	return plan_does(plan, PLAN_OP_UNMAP);
}

static size_t spte_words(const struct plan *plan)
{
	return (plan_spte_slots(plan) + 63) / 64;
}

static size_t tlb_words(const struct plan *plan)
{
	return (plan->n_tasks + VCPUS_A_WORD - 1) / VCPUS_A_WORD;
}

static size_t notifier_ghost_words(const struct plan *plan)
{
	if (!plan->kvm || !unmaps(plan))
		return 0;
	return PER_TASK + TASK_WORDS * (size_t)plan->n_tasks + spte_words(plan) + tlb_words(plan);
}

static uint64_t *of_task(uint64_t *ghost, unsigned int task)
{
	return ghost + PER_TASK + TASK_WORDS * (size_t)task;
}

static uint64_t *of_spte(const struct engine *e, uint64_t *ghost, unsigned int spte)
{
	return of_task(ghost, e->plan->n_tasks) + spte / 64;
}

static uint64_t *of_vcpu(const struct engine *e, uint64_t *ghost, unsigned int vcpu)
{
	return of_task(ghost, e->plan->n_tasks) + spte_words(e->plan) + vcpu / VCPUS_A_WORD;
}

static uint64_t entries_of(unsigned int vcpu, uint64_t entries)
{
	return entries << (vcpu % VCPUS_A_WORD * KVM_TLB_ENTRIES);
}

static void set(uint64_t *word, uint64_t bits, bool on)
{
	*word = on ? *word | bits : *word & ~bits;
}

static bool maps(uint64_t spte, unsigned int gfn)
{
	return spte & SPTE_PRESENT && spte_maps(spte, gfn);
}

/* All that leads to the page that was behind the gfn is old now. */
static void unmapped(struct engine *e, uint64_t *ghost, unsigned int gfn)
{
	uint64_t page = 1ull << gfn;
	unsigned int i, k;

	if (e->plan->invalidate)
		ghost[PAGES] ^= page;
	for (i = 0; i < plan_spte_slots(e->plan); i++) {
		if (maps(sim_peek(world_spte(e, i), 8), gfn))
			set(of_spte(e, ghost, i), 1ull << i % 64, true);
	}
	for (i = 0; i < e->plan->n_tasks; i++) {
		of_task(ghost, i)[OLD] |= of_task(ghost, i)[LOOKED_UP] & page;
		for (k = 0; k < KVM_TLB_ENTRIES; k++) {
			if (maps(e->kvm->vcpus[i].tlb[k].spte, gfn))
				*of_vcpu(e, ghost, i) |= entries_of(i, 1ull << k);
		}
	}
}

static void looked_up(uint64_t *ghost, unsigned int task, unsigned int gfn, unsigned int found)
{
	uint64_t *mine = of_task(ghost, task);

	mine[LOOKED_UP] = 1ull << gfn;
	mine[OLD] = found == (ghost[PAGES] >> gfn & 1) ? 0 : 1ull << gfn;
}

static bool is_old(const struct engine *e, uint64_t *ghost, const void *sptep)
{
	int spte = world_spte_number(e, sptep);

	return spte >= 0 && *of_spte(e, ghost, spte) >> spte % 64 & 1;
}

static void mapped(struct engine *e, uint64_t *ghost, unsigned int task, const void *sptep)
{
	int spte = world_spte_number(e, sptep);

	if (spte >= 0)
		set(of_spte(e, ghost, spte), 1ull << spte % 64, of_task(ghost, task)[OLD]);
}

static void wrote(struct engine *e, uint64_t *ghost, unsigned int vcpu, unsigned int entry,
		  unsigned int gfn)
{
	if (!(*of_vcpu(e, ghost, vcpu) & entries_of(vcpu, 1ull << entry)))
		return;
	check_fail(e, &check_notifier, vcpu,
		   "the guest of %s writes by entry %u of its TLB to what was page %u before an "
		   "unmap that has returned", engine_task_name(e, vcpu), entry, gfn);
}

static void notifier_noted(struct engine *e, uint64_t *ghost, unsigned int task,
			   unsigned int what, const void *p, uint64_t n)
{
	if (!unmaps(e->plan))
		return;
	switch (what) {
	case KVM_NOTE_LOOKED_UP:
		looked_up(ghost, task, kvm_note_gfn(n), kvm_note_entry(n));
		break;
	case KVM_NOTE_MAPPED:
		mapped(e, ghost, task, p);
		break;
	case KVM_NOTE_FAULT_ENDS:
		of_task(ghost, task)[LOOKED_UP] = 0;
		of_task(ghost, task)[OLD] = 0;
		break;
	case KVM_NOTE_UNMAPPED:
		unmapped(e, ghost, n);
		break;
	case KVM_NOTE_TLB_FILLED:
		set(of_vcpu(e, ghost, task), entries_of(task, 1ull << n), is_old(e, ghost, p));
		break;
	case KVM_NOTE_TLB_FLUSHED:
		set(of_vcpu(e, ghost, task), entries_of(task, ALL_ENTRIES), false);
		break;
	case KVM_NOTE_GUEST_WROTE:
		wrote(e, ghost, task, kvm_note_entry(n), kvm_note_gfn(n));
		break;
	}
}

/* It maps nothing now. */
static void notifier_remove_begin(struct engine *e, uint64_t *ghost, unsigned int task,
				  const struct plan_op *op)
{
	(void)task;
	if (unmaps(e->plan))
		set(of_spte(e, ghost, op->spte), 1ull << op->spte % 64, false);
}

const struct check check_notifier = {
	.name = "notifier",
	.summary = "no guest writes to a page of the host's that an unmap has given back",
	.doc = "When an unmap has returned, the host may give the page to somebody else. Nothing "
	       "may be written any more by TLB entries and sptes that were there before, nor by "
	       "those that a fault makes later of what it has looked up before, or of what it "
	       "finds in the host's tables before the host has changed them. A write counts "
	       "when it is in memory, not while it waits in a store buffer.",
	.by_default = true,
	.of_pages = true,
	.ghost_words = notifier_ghost_words,
	.remove_begin = notifier_remove_begin,
	.noted = notifier_noted,
};
