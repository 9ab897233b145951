/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * tlb: no guest writes through a TLB entry that a flush should have removed.
 *
 * When a flush begins, the entries of all TLBs that allow what their spte does not
 * (any more) are on its list; those that are still there when it ends are gone as
 * far as anybody may assume. The vCPU must flush them before it uses them.
 *
 * Ghost words: for each task a word of entries that are to be gone, then for each
 * task that flushes the entries on its list, KVM_TLB_ENTRIES bits a vCPU.
 */
#include "sim/check/check.h"
#include "core/spte.h"
#include "sim/engine/state.h"

extern const struct check check_tlb;

#define VCPUS_A_WORD	(64 / KVM_TLB_ENTRIES)

static size_t row_words(const struct plan *plan)
{
	return (plan->n_tasks + VCPUS_A_WORD - 1) / VCPUS_A_WORD;
}

/* Row 0: entries that must not be used; row 1 + task: on that task's list. */
static size_t tlb_ghost_words(const struct plan *plan)
{
	return plan->kvm ? (1 + (size_t)plan->n_tasks) * row_words(plan) : 0;
}

static uint64_t *row_of(const struct engine *e, uint64_t *ghost, unsigned int task)
{
	return ghost + (1 + (size_t)task) * row_words(e->plan);
}

static unsigned int entry_bit(unsigned int vcpu, unsigned int entry)
{
	return vcpu % VCPUS_A_WORD * KVM_TLB_ENTRIES + entry;
}

/* Does the entry allow a write that its spte does not? */
static bool is_stale(const struct kvm_tlb_entry *entry)
{
	return entry->spte && !spte_allows_write(sim_peek(entry->sptep, 8), spte_gfn(entry->spte));
}

static void flush_begins(struct engine *e, uint64_t *ghost, unsigned int task)
{
	uint64_t *row = row_of(e, ghost, task);
	unsigned int i, k;

	for (i = 0; i < e->plan->n_tasks; i++) {
		for (k = 0; k < KVM_TLB_ENTRIES; k++) {
			if (is_stale(&e->kvm->vcpus[i].tlb[k]))
				row[i / VCPUS_A_WORD] |= 1ull << entry_bit(i, k);
		}
	}
}

static void flush_ends(struct engine *e, uint64_t *ghost, unsigned int task)
{
	uint64_t *row = row_of(e, ghost, task);
	size_t i;

	for (i = 0; i < row_words(e->plan); i++) {
		ghost[i] |= row[i];
		row[i] = 0;
	}
}

/* What has been on anybody's list is another entry by now. */
static void entries_go(struct engine *e, uint64_t *ghost, unsigned int vcpu, uint64_t entries)
{
	uint64_t bits = entries << entry_bit(vcpu, 0);
	unsigned int row;

	for (row = 0; row <= e->plan->n_tasks; row++)
		ghost[row * row_words(e->plan) + vcpu / VCPUS_A_WORD] &= ~bits;
}

static void entry_used(struct engine *e, uint64_t *ghost, unsigned int vcpu, unsigned int entry,
		       unsigned int gfn)
{
	if (!(ghost[vcpu / VCPUS_A_WORD] >> entry_bit(vcpu, entry) & 1))
		return;
	check_fail(e, &check_tlb, vcpu,
		   "the guest of %s writes to page %u by entry %u of its TLB, which a flush that "
		   "has ended should have removed", engine_task_name(e, vcpu), gfn, entry);
}

static void tlb_noted(struct engine *e, uint64_t *ghost, unsigned int task, unsigned int what,
		      const void *p, uint64_t n)
{
	(void)p;
	switch (what) {
	case KVM_NOTE_FLUSH_BEGINS:
		flush_begins(e, ghost, task);
		break;
	case KVM_NOTE_FLUSH_ENDS:
		flush_ends(e, ghost, task);
		break;
	case KVM_NOTE_TLB_FILLED:
		entries_go(e, ghost, task, 1ull << n);
		break;
	case KVM_NOTE_TLB_FLUSHED:
		entries_go(e, ghost, task, (1ull << KVM_TLB_ENTRIES) - 1);
		break;
	case KVM_NOTE_GUEST_WROTE:
		entry_used(e, ghost, task, kvm_note_entry(n), kvm_note_gfn(n));
		break;
	}
}

const struct check check_tlb = {
	.name = "tlb",
	.summary = "no guest writes by a TLB entry that a flush should have removed",
	.doc = "Entries of any vCPU's TLB that allow a write which their spte does not allow any "
	       "more when a flush begins must not be used once it has ended: the vCPU flushes its "
	       "TLB before the guest's next access, or had left the guest and will on its way "
	       "back. A write counts when it is in memory, not while it waits in a store buffer.",
	.by_default = true,
	.of_pages = true,
	.ghost_words = tlb_ghost_words,
	.noted = tlb_noted,
};
