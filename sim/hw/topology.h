/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The machine's CPUs, as hwloc and the process's affinity tell them: which there
 * are, which may be used, which are threads of one core; and which task runs
 * where. Errors are of HW_ERROR_CPUS and name the CPU.
 */
#ifndef SIM_HW_TOPOLOGY_H
#define SIM_HW_TOPOLOGY_H

#include <glib.h>

struct hw_cpu {
	guint number;		/* the system's */
	guint core;		/* equal for threads of one core */
};

struct hw_topology {
	char *cpu_model;
	char *hypervisor;	/* as the CPU names it; "" on bare metal */
	char *allowed_text;	/* "0-3,8" */
	struct hw_cpu *allowed;	/* in the order of numbers */
	guint n_allowed;
	guint n_cpus;		/* of the machine, online */
	guint highest;		/* number of a CPU that there is */
	guint threads_per_core;	/* the most that a core has */
	gboolean tsc_invariant;
};

struct hw_topology *hw_topology_new(GError **error);
void hw_topology_free(struct hw_topology *t);

/*
 * A CPU for each of n tasks; free with g_free(). list: "0,2-3" or NULL: one
 * thread of each core first. NULL with an error if a CPU is not there or not
 * allowed, or if there are fewer CPUs than tasks and oversubscribe is not set.
 */
guint *hw_topology_place(const struct hw_topology *t, const char *list, guint n,
			 gboolean oversubscribe, GError **error);
/* Are two of these n CPUs, which are not the same, threads of one core? */
gboolean hw_topology_share_core(const struct hw_topology *t, const guint *cpus, guint n);
/* Is a CPU among them twice? */
gboolean hw_topology_oversubscribed(const guint *cpus, guint n);
/* "0,1"; free it. */
char *hw_topology_list(const guint *cpus, guint n);

#endif
