/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a plan says and hardware does not play: the simulator's own. Keys that only
 * say how the simulator goes about it (models, strategies, limits of a run) are none.
 */
#ifndef SIM_HW_UNPLAYED_H
#define SIM_HW_UNPLAYED_H

#include <glib.h>
#include "scenarios/plan.h"

struct hw_unplayed {
	char *key;		/* "memory.slab-pages" */
	char *value;
	const char *why;	/* what is done instead */
};

/* A list of struct hw_unplayed, which g_ptr_array_unref() frees. */
GPtrArray *hw_unplayed_new(void);
/* What of the plan is not in it yet; what is refused is never in it. */
void hw_unplayed_add(GPtrArray *list, const struct plan *plan);

/* Without that key the result would mean something else. FALSE with HW_ERROR_PLAN. */
gboolean hw_unplayed_fits(const struct plan *plan, GError **error);

#endif
