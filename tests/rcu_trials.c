/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See rcu_trials.h. */
#include <string.h>
#include "core/rmap_snapshot.h"
#include "sim/kern/sim/program.h"
#include "tests/rcu_trials.h"

static enum rcu_trial present;
static struct rmap_algorithm changed;

static void trial_free_locked(struct rcu_head *head)
{
	struct kvm *kvm = sim_program.kvm;

	spin_lock(&kvm->slots_lock);
	snapshot_free_rcu(head);
	spin_unlock(&kvm->slots_lock);
}

static void trial_free_waits(struct rcu_head *head)
{
	synchronize_rcu();
	snapshot_free_rcu(head);
}

static const struct rmap_callback trial_callbacks[] = {
	RMAP_CALLBACK(snapshot_free_rcu),
	RMAP_CALLBACK(trial_free_locked),
	RMAP_CALLBACK(trial_free_waits),
	{ .func = NULL },
};

static void trial_remove(struct kvm *kvm, struct kvm_rmap_head *rmap, u64 *sptep)
{
	struct snapshot_copy c;

	if (!snapshot_copy_without(kvm, rmap, sptep, &c))
		return;
	snapshot_publish(rmap, &c);
	if (present == TRIAL_SYNC_IN_SOFTIRQ) {
		call_rcu(&c.old->rcu, trial_free_waits);
		return;
	}
	if (present == TRIAL_LOCKS_BH_OFF)
		local_bh_disable();
	spin_lock(&kvm->slots_lock);
	call_rcu(&c.old->rcu, trial_free_locked);
	spin_unlock(&kvm->slots_lock);
	if (present == TRIAL_LOCKS_BH_OFF)
		local_bh_enable();
}

static void trial_wait(struct kvm *kvm)
{
	if (present == TRIAL_SYNC_IN_SECTION)
		rcu_read_lock();
	if (present == TRIAL_SYNC_BH_OFF)
		local_bh_disable();
	if (present == TRIAL_SYNC_UNDER_LOCK)
		spin_lock(&kvm->slots_lock);
	if (present != TRIAL_NO_SYNC)
		synchronize_rcu();
}

static void trial_update(struct kvm *kvm)
{
	WRITE_ONCE(kvm->sptes[0], 1);
	trial_wait(kvm);
	WRITE_ONCE(kvm->sptes[1], 1);
}

/* A section that begins before the grace period's end sees nothing of what comes after it. */
static void trial_read(struct kvm *kvm)
{
	u64 first, second;

	rcu_read_lock();
	first = READ_ONCE(kvm->sptes[0]);
	second = READ_ONCE(kvm->sptes[1]);
	WARN_ON_ONCE(!first && second);
	while (present == TRIAL_READER_WAITS && !READ_ONCE(kvm->sptes[1]))
		cpu_relax();
	if (present != TRIAL_READER_FORGETS)
		rcu_read_unlock();
}

static enum rmap_walk_result trial_walk(struct kvm *kvm, struct kvm_rmap_head *rmap,
					struct rmap_walk *walk)
{
	(void)rmap;
	if (present == TRIAL_WALK_LOCKED) {
		mmu_read_lock(kvm);
		walk_step(walk);
		mmu_read_unlock(kvm);
		return RMAP_WALK_GIVEN_UP;
	}
	if (!smp_processor_id() && present != TRIAL_READER_FORGETS)
		trial_update(kvm);
	else
		trial_read(kvm);
	return RMAP_WALK_GIVEN_UP;
}

void rcu_trial_begin(enum rcu_trial trial)
{
	const struct rmap_algorithm *const *usual = rmap_algorithms;

	while (strcmp((*usual)->name, "snapshot"))
		usual++;
	present = trial;
	changed = **usual;
	changed.callbacks = trial_callbacks;
	if (trial <= TRIAL_LOCKS || trial == TRIAL_SYNC_IN_SOFTIRQ)
		changed.remove = trial_remove;
	else
		changed.walk = trial_walk;
	sim_program.instead = &changed;
}

void rcu_trial_end(void)
{
	sim_program.instead = NULL;
}
