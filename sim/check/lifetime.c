/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * lifetime: reported where an address is looked at before it is used (sim.h,
 * act.c): an object of a cache that is not type-safe has no locations while it
 * is free (slab.c), one of a type-safe cache while its page is gone (slab_page.c).
 */
#include "sim/check/check.h"

const struct check check_lifetime = {
	.name = "lifetime",
	.summary = "nothing is read or written in an object that has been freed",
	.doc = "An object of a cache without SLAB_TYPESAFE_BY_RCU is gone when it is free: every "
	       "access to it before it is somebody's again is a violation, whatever would be found "
	       "there. kfree_rcu() frees it at the end of a grace period, which comes at any time "
	       "after the read-side sections that were open when the stores before the call became "
	       "visible; so a walker outside of a section is found out as well. Type-safe objects, "
	       "which the algorithms of 2013 rely on, may be read when they are free; but with "
	       "memory.slab-pages = return their page may go back to the system after a grace "
	       "period, and what lay there is gone until the page is used again.",
	.always = true,
};
