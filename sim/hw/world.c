/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The memory that a sample works on: struct kvm with what the plan wants, its
 * start state, and what must be true of it when all is over.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "sim/hw/stamps.h"
#include "sim/hw/state.h"
#include "sim/kern/constants.h"
#include "sim/kern/hw/kern_hw.h"

/* Behind the heads: no descriptor and no spte, so that who strays there is seen. */
#define POISON	0x6b6b6b6b6b6b6b6bul

void hw_violation(struct hw_run *run, const char *check, const char *fmt, ...)
{
	struct hw_shared *sh = run->shared;
	va_list ap;

	if (sh->violated)
		return;
	sh->violation_ticks = stamp_tsc() - run->start_tsc;
	g_strlcpy(sh->check, check, sizeof(sh->check));
	va_start(ap, fmt);
	vsnprintf(sh->message, sizeof(sh->message), fmt, ap);
	va_end(ap);
	sh->violated = 1;
}

static void *world_array(size_t n, size_t size)
{
	size_t bytes = (n * size + HW_LINE - 1) / HW_LINE * HW_LINE;
	void *p = aligned_alloc(HW_LINE, bytes);

	if (p)
		memset(p, 0, bytes);
	return p;
}

static struct kvm_rmap_head *world_rmaps(const struct plan *plan)
{
	size_t i, n = plan->nr_rmaps, behind = plan->pte_list_ext + 2;
	struct kvm_rmap_head *rmaps = world_array(n + behind, sizeof(*rmaps));

	for (i = n; rmaps && i < n + behind; i++)
		rmaps[i].val = POISON;
	return rmaps;
}

static bool world_arrays(struct kvm *kvm, const struct plan *plan)
{
	unsigned int i;

	kvm->sptes = world_array(plan->nr_sptes, sizeof(*kvm->sptes));
	kvm->rmaps = world_rmaps(plan);
	kvm->vcpus = world_array(kvm->nr_vcpus, sizeof(*kvm->vcpus));
	kvm->rmap_seqs = world_array(kvm->nr_rmaps, sizeof(*kvm->rmap_seqs));
	kvm->dirty_bitmap = world_array((kvm->nr_rmaps + 63) / 64, sizeof(*kvm->dirty_bitmap));
	kvm->guest_pages = world_array(kvm->nr_rmaps, sizeof(*kvm->guest_pages));
	if (!kvm->guest_pages)
		return false;
	if (!kvm->sptes || !kvm->rmaps || !kvm->vcpus || !kvm->rmap_seqs || !kvm->dirty_bitmap)
		return false;
	for (i = 0; i < kvm->nr_vcpus; i++) {
		kvm->vcpus[i].kvm = kvm;
		kvm->vcpus[i].vcpu_id = i;
	}
	return true;
}

static void world_configure(const struct hw_run *run)
{
	static const enum kern_hw_reuse reuse[] = {
		[PLAN_REUSE_LIFO] = KERN_HW_LIFO,
		[PLAN_REUSE_FIFO] = KERN_HW_FIFO,
		[PLAN_REUSE_SEEDED] = KERN_HW_SEEDED,
	};
	const struct kern_hw_config config = {
		.nr_threads = run->plan->n_tasks,
		.stock = run->plan->nr_descs,
		.reuse = reuse[run->plan->reuse],
		.seed = run->opt->seed,
	};

	kern_hw_configure(&config);
}

bool hw_world_build(struct hw_run *run)
{
	const struct plan *plan = run->plan;
	struct kvm *kvm = world_array(1, sizeof(*kvm));

	run->kvm = kvm;
	if (!kvm)
		return false;
	world_configure(run);
	kern_list_constants(kvm, plan);
	if (!world_arrays(kvm, plan))
		return false;
	if (plan->kvm)
		kern_page_constants(kvm, plan, run->algorithm);
	kvm_mmu_init(kvm);
	return run->algorithm->init(kvm) == 0;
}

void hw_world_free(struct hw_run *run)
{
	run->algorithm->destroy(run->kvm);
	free(run->kvm->sptes);
	free(run->kvm->rmaps);
	free(run->kvm->vcpus);
	free(run->kvm->rmap_seqs);
	free(run->kvm->dirty_bitmap);
	free(run->kvm->guest_pages);
	free(run->kvm);
}

static void world_setup_op(struct hw_run *run, const struct plan_op *op)
{
	struct kvm *kvm = run->kvm;
	struct kvm_vcpu *vcpu = &kvm->vcpus[run->plan->n_tasks];
	int ret = mmu_topup_memory_cache(vcpu);

	mmu_write_lock(kvm);
	if (op->kind == PLAN_OP_REMOVE)
		run->algorithm->remove(kvm, &kvm->rmaps[op->rmap], &kvm->sptes[op->spte]);
	else if (!ret)
		ret = run->algorithm->add(vcpu, &kvm->rmaps[op->rmap], &kvm->sptes[op->spte]);
	mmu_write_unlock(kvm);
	if (ret)
		hw_violation(run, "integrity", "the setup's add of spte%u to rmap%u failed: %s",
			     op->spte, op->rmap, g_strerror(-ret));
}

void hw_world_reset(struct hw_run *run)
{
	struct kvm *kvm = run->kvm;
	unsigned int i;

	if (run->plan->kvm) {
		hw_pages_reset(run);
		return;
	}
	for (i = 0; i < kvm->nr_rmaps; i++) {
		mmu_write_lock(kvm);
		run->algorithm->zap_all(kvm, &kvm->rmaps[i]);
		mmu_write_unlock(kvm);
	}
	for (i = 0; i < run->plan->n_setup; i++)
		world_setup_op(run, &run->plan->setup[i]);
	memcpy(run->where, run->tapes->start, run->plan->nr_sptes * sizeof(*run->where));
}

/* What an audit found in one rmap. */
struct found {
	const struct hw_run *run;
	unsigned int rmap;
	uint16_t *where;
	const char *error;
	size_t spte;
};

static void world_found(struct rmap_audit *audit, const u64 *sptep)
{
	struct found *f = audit->arg;
	size_t spte = sptep - f->run->kvm->sptes;

	if (f->error)
		return;
	f->spte = spte;
	if (spte >= f->run->kvm->nr_sptes)
		f->error = "holds what is no spte";
	else if (f->where[spte] != f->rmap + 1)
		f->error = f->where[spte] ? "holds an spte of another rmap, or one twice" :
					    "holds an spte that was removed";
	else
		f->where[spte] = UINT16_MAX;	/* found; not to be found again */
}

static bool world_audit(struct hw_run *run, struct found *f, u32 *objects)
{
	struct rmap_audit audit = { .found = world_found, .arg = f };
	unsigned int i;

	run->algorithm->audit(run->kvm, &run->kvm->rmaps[f->rmap], &audit);
	*objects += audit.nr_objects;
	if (audit.error)
		hw_violation(run, "integrity", "at the end, rmap%u: %s", f->rmap, audit.error);
	if (f->error)
		hw_violation(run, "integrity", "at the end, rmap%u %s (spte%zu)", f->rmap,
			     f->error, f->spte);
	for (i = 0; i < run->kvm->nr_sptes && !audit.keeps_nothing; i++) {
		if (f->where[i] == f->rmap + 1)
			hw_violation(run, "integrity", "at the end, spte%u is not in rmap%u, "
				     "where it was added", i, f->rmap);
	}
	return !audit.keeps_nothing;
}

/* Where each spte must be by now: the tapes, played on a plain set. */
static void world_expected(const struct hw_run *run, uint16_t *where)
{
	unsigned int i;
	uint64_t k;

	if (run->plan->kvm) {
		hw_pages_expected(run, where);
		return;
	}
	memcpy(where, run->tapes->start, run->kvm->nr_sptes * sizeof(*where));
	for (i = 0; i < run->plan->n_tasks; i++) {
		const struct hw_thread *t = &run->thread[i];
		uint64_t at = run->tapes->laps ? t->lap_at : 0;
		uint64_t n = t->counts->issued - (run->tapes->laps ? t->lap_issued : 0);

		/* A whole tape leads back to the start. */
		if (!run->tapes->laps)
			n %= t->tape->n;
		for (k = 0; k < n; k++)
			hw_tape_apply(where, &t->tape->ops[(at + k) % t->tape->n]);
	}
}

static void world_check_counts(struct hw_run *run)
{
	unsigned int i;

	for (i = 0; i < run->plan->n_tasks; i++) {
		const struct hw_counts *c = &run->shared->task[i];
		const char *name = run->plan->tasks[i].name;

		if (c->adds_failed)
			hw_violation(run, "integrity", "%" G_GUINT64_FORMAT " adds of %s failed",
				     c->adds_failed, name);
		if (c->issued != c->adds + c->removes + c->walks + c->pages ||
		    c->walks != c->complete + c->stopped + c->given_up ||
		    c->walks != hw_histogram_total(&c->latency_ticks))
			hw_violation(run, "integrity", "counts of %s do not add up: this is a "
				     "defect of rmapsim", name);
	}
}

void hw_world_check_end(struct hw_run *run)
{
	uint16_t *where = g_new0(uint16_t, run->kvm->nr_sptes);
	bool keeps = true;
	u32 objects = 0;
	unsigned int i;
	long live;

	world_check_counts(run);
	world_expected(run, where);
	for (i = 0; i < run->kvm->nr_rmaps; i++) {
		struct found f = { .run = run, .rmap = i, .where = where };

		keeps &= world_audit(run, &f, &objects);
	}
	live = kern_hw_cache_live(run->kvm->pte_list_desc_cache);
	if (keeps && live != (long)objects)
		hw_violation(run, "integrity", "%ld descriptors are allocated at the end, %u are "
			     "in lists", live, objects);
	run->shared->warnings = kern_hw_warnings();
	if (run->shared->warnings)
		hw_violation(run, "warn", "%" G_GUINT64_FORMAT " warnings, the first one: %s",
			     run->shared->warnings, kern_hw_first_warning());
	g_free(where);
}
