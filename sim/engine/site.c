/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The registry of sites: the linker collects one record per primitive into a
 * section; here each gets its hash, made of what a reader would name it by.
 */
#include "sim/engine/rng.h"
#include "sim/engine/site.h"

extern struct sim_site __start_rmapsim_sites[], __stop_rmapsim_sites[];

static uint64_t site_hash_text(uint64_t h, const char *s)
{
	for (; *s; s++)
		h = (h ^ (unsigned char)*s) * 0x100000001b3ull;
	return hash_mix(h, 0);
}

void site_register_all(void)
{
	struct sim_site *s;

	for (s = __start_rmapsim_sites; s < __stop_rmapsim_sites; s++) {
		uint64_t h = site_hash_text(0xcbf29ce484222325ull, s->file);

		h = site_hash_text(h, s->func);
		h = site_hash_text(h, s->what);
		s->hash = hash_mix(h, (uint64_t)s->line << 8 | s->kind);
	}
}
