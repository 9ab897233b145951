/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The arena: one mapping at a fixed address, far from where programs, libraries
 * and sanitizers live, so that simulated code sees the same addresses in every
 * process. What lies in it is described in state.h.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include "sim/engine/state.h"

uintptr_t engine_arena_base = 0x550000000000ul;

/* The line of /proc/self/maps that covers the place, for the message. */
static void arena_occupant(uintptr_t from, size_t bytes, char *buf, size_t len)
{
	FILE *f = fopen("/proc/self/maps", "re");
	char line[256];

	snprintf(buf, len, "something unknown");
	while (f && fgets(line, sizeof(line), f)) {
		unsigned long lo, hi;

		if (sscanf(line, "%lx-%lx", &lo, &hi) == 2 && lo < from + bytes && hi > from) {
			line[strcspn(line, "\n")] = 0;
			snprintf(buf, len, "%s", line);
			break;
		}
	}
	if (f)
		fclose(f);
}

bool arena_map(struct engine *e, size_t bytes, GError **error)
{
	void *want = (void *)engine_arena_base;
	void *got = mmap(want, bytes, PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE | MAP_NORESERVE, -1, 0);
	char who[256];
	int err = errno;

	if (got == want) {
		e->arena = got;
		e->arena_bytes = bytes;
		return true;
	}
	if (got != MAP_FAILED) {	/* a kernel before 4.17 takes it for a hint */
		munmap(got, bytes);
		err = EEXIST;
	}
	if (err != EEXIST) {
		g_set_error(error, ENGINE_ERROR, ENGINE_ERROR_ARENA,
			    "cannot map the simulated memory (%zu bytes at %p): %s", bytes, want,
			    g_strerror(err));
		return false;
	}
	arena_occupant(engine_arena_base, bytes, who, sizeof(who));
	g_set_error(error, ENGINE_ERROR, ENGINE_ERROR_ARENA,
		    "the simulated memory's place (%zu bytes at %p) is taken by: %s", bytes, want,
		    who);
	return false;
}

void arena_unmap(struct engine *e)
{
	if (e->arena)
		munmap(e->arena, e->arena_bytes);
	e->arena = NULL;
}

/* Rooms were computed from the plan; running out is our bug, not the user's. */
void *heap_alloc(struct engine *e, size_t bytes)
{
	uint8_t *p = sim.heap + sim.heap_bytes;

	bytes = (bytes + 7) & ~(size_t)7;
	g_assert(sim.heap_bytes + bytes <= e->heap_room);
	sim.heap_bytes += bytes;
	return p;
}

void *used_alloc(struct engine *e, size_t bytes)
{
	uint8_t *p = e->used + e->used_bytes;

	bytes = (bytes + 7) & ~(size_t)7;
	g_assert(e->used_bytes + bytes <= e->used_room);
	e->used_bytes += bytes;
	return p;
}
