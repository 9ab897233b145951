/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A world in the simulator: the engine's memory and slab, its calls outside of any task. */
#include <string.h>
#include "sim/engine/state.h"
#include "tests/core_world.h"
#include "tests/support.h"

static struct plan *back_plan;
static const char *back_wrong;

/* The reader would refuse some of what is tried here; an engine takes any plan. */
static struct kvm *back_make(const struct core_spec *spec)
{
	struct plan *plan = support_plan_text("[algorithm]\nname=nulls\n"
					      "[task walker]\nprogram=walk rmap0\n", NULL);
	struct engine *e;

	g_free(plan->algorithm);
	plan->algorithm = g_strdup(rmap_algorithms[spec->algorithm]->name);
	memcpy(plan->param, spec->param, sizeof(plan->param));
	plan->pte_list_ext = spec->ext;
	plan->address_bits = spec->address_bits;
	plan->nr_rmaps = spec->rmaps;
	plan->nr_sptes = spec->sptes;
	plan->nr_descs = spec->descs;
	plan->cache_objs = spec->cache_objs;
	plan->alloc_zero = spec->alloc_zero;
	plan->lock_rw = spec->lock_rw;
	back_plan = plan;
	back_wrong = NULL;
	e = support_engine(plan, 0);
	return e->kvm;
}

static void back_free(struct kvm *kvm)
{
	(void)kvm;
	engine_free(engine_present);
	plan_free(back_plan);
}

static void back_enter(void)
{
	direct_enter(engine_present);
}

static void back_leave(void)
{
	if (engine_present->direct_error)
		back_wrong = engine_present->direct_error;
	direct_leave();
}

static unsigned long back_live(struct kvm *kvm)
{
	unsigned long live = 0;
	unsigned int i;

	(void)kvm;
	for (i = 0; i < engine_present->nr_caches; i++)
		live += engine_present->caches[i]->nr_objects - engine_present->caches[i]->nr_free;
	return live;
}

static const char *back_complaint(void)
{
	return back_wrong;
}

const struct core_back core_hooks = {
	.make = back_make,
	.free = back_free,
	.enter = back_enter,
	.leave = back_leave,
	.live = back_live,
	.complaint = back_complaint,
};
