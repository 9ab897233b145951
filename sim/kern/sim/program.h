/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What runs on a task's stack: the operations of its program, one after the
 * other, each taking mmu_lock for itself where the kernel does.
 */
#ifndef SIM_KERN_SIM_PROGRAM_H
#define SIM_KERN_SIM_PROGRAM_H

#include "core/rmap.h"
#include "scenarios/plan.h"

/* The code under test and its world; constant during runs. */
struct sim_program {
	const struct rmap_algorithm *algorithm;
	struct kvm *kvm;
	bool zaps;		/* some task does */
	/* Tests: the engines to come take this one, whatever their plans say. */
	const struct rmap_algorithm *instead;
};

extern struct sim_program sim_program;

/* Of the stack of a cpu's callbacks: calls the one that is announced with the head. */
void sim_softirq_main(void) __attribute__((noreturn));

/* A task's entry point: asks for operations until there are none. */
void sim_program_main(void) __attribute__((noreturn));

/* One operation on behalf of a cpu; also used outside of tasks, for the setup. */
int sim_program_op(const struct plan_op *op, struct kvm_vcpu *vcpu);

#endif
