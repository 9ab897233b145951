/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Large arrays; see room.h. That pages be large is only a wish. */
#define _GNU_SOURCE
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/param.h>
#include <unistd.h>
#include "sim/search/room.h"

#define HUGE_BYTES	(2ul << 20)

static size_t round_up(size_t bytes)
{
	return (bytes + HUGE_BYTES - 1) & ~(HUGE_BYTES - 1);
}

/* At a multiple of 2 MB; NULL: there are not so many addresses, or they are limited. */
static void *reserve(size_t bytes)
{
	uint8_t *p = mmap(NULL, bytes + HUGE_BYTES, PROT_READ | PROT_WRITE,
			  MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	uint8_t *at = (uint8_t *)round_up((size_t)p);

	if (p == MAP_FAILED)
		return NULL;
	if (at > p)
		munmap(p, at - p);
	munmap(at + bytes, p + HUGE_BYTES - at);
	madvise(at, bytes, MADV_HUGEPAGE);
	return at;
}

static bool room_move(struct room *r, size_t bytes)
{
	void *more = mremap(r->at, r->reserved, bytes, MREMAP_MAYMOVE);

	if (more == MAP_FAILED)
		return false;
	*r = (struct room){ .at = more, .reserved = bytes };
	return true;
}

/* All that the machine has; under a limit on addresses a part that leaves some to others. */
static bool room_begin(struct room *r, size_t bytes)
{
	size_t most = round_up((size_t)sysconf(_SC_PHYS_PAGES) * sysconf(_SC_PAGESIZE));
	size_t want = MAX(most, bytes);

	r->at = reserve(want);
	while (!r->at && want > bytes) {
		want = MAX(round_up(want / 2), bytes);
		r->at = reserve(want);
	}
	r->reserved = want;
	if (!r->at || want == bytes || want >= most)
		return r->at;
	munmap(r->at, want);
	r->reserved = MAX(round_up(want / 8), bytes);
	r->at = reserve(r->reserved);
	return r->at;
}

bool room_make(struct room *r, size_t bytes)
{
	if (bytes <= r->reserved)
		return true;
	bytes = round_up(bytes);
	if (r->at)
		return room_move(r, bytes + bytes / 4 / HUGE_BYTES * HUGE_BYTES);
	if (room_begin(r, bytes))
		return true;
	*r = (struct room){ 0 };
	return false;
}

void room_clear(struct room *r)
{
	if (r->at)
		munmap(r->at, r->reserved);
	*r = (struct room){ 0 };
}

bool room_grow(void **array, uint64_t n, size_t size)
{
	void *more = n <= SIZE_MAX / size ? realloc(*array, n * size) : NULL;

	if (!more)
		return false;
	*array = more;
	return true;
}

void *room_alloc(size_t bytes)
{
	void *p = bytes < HUGE_BYTES ? malloc(bytes) : aligned_alloc(HUGE_BYTES, round_up(bytes));

	if (p && bytes >= HUGE_BYTES)
		madvise(p, round_up(bytes), MADV_HUGEPAGE);
	return p;
}
