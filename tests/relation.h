/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Relations over at most 64 events: row a, bit b says that (a, b) is in it. */
#ifndef TESTS_RELATION_H
#define TESTS_RELATION_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#define RELATION_N	64

struct relation {
	uint64_t row[RELATION_N];
};

static inline void relation_add(struct relation *r, unsigned int a, unsigned int b)
{
	r->row[a] |= 1ull << b;
}

static inline bool relation_has(const struct relation *r, unsigned int a, unsigned int b)
{
	return r->row[a] >> b & 1;
}

static inline struct relation product(uint64_t from, uint64_t to)
{
	struct relation r;
	unsigned int i;

	for (i = 0; i < RELATION_N; i++)
		r.row[i] = from >> i & 1 ? to : 0;
	return r;
}

/* The identity on a set. */
static inline struct relation set_id(uint64_t set)
{
	struct relation r;
	unsigned int i;

	for (i = 0; i < RELATION_N; i++)
		r.row[i] = set & 1ull << i;
	return r;
}

static inline struct relation either(struct relation a, struct relation b)
{
	unsigned int i;

	for (i = 0; i < RELATION_N; i++)
		a.row[i] |= b.row[i];
	return a;
}

static inline struct relation both(struct relation a, struct relation b)
{
	unsigned int i;

	for (i = 0; i < RELATION_N; i++)
		a.row[i] &= b.row[i];
	return a;
}

static inline struct relation minus(struct relation a, struct relation b)
{
	unsigned int i;

	for (i = 0; i < RELATION_N; i++)
		a.row[i] &= ~b.row[i];
	return a;
}

static inline struct relation restricted(struct relation a, uint64_t from, uint64_t to)
{
	return both(a, product(from, to));
}

/* a, then b. */
static inline struct relation seq(struct relation a, struct relation b)
{
	struct relation r = { { 0 } };
	unsigned int i;
	uint64_t left;

	for (i = 0; i < RELATION_N; i++) {
		for (left = a.row[i]; left; left &= left - 1)
			r.row[i] |= b.row[__builtin_ctzll(left)];
	}
	return r;
}

static inline struct relation seq3(struct relation a, struct relation b, struct relation c)
{
	return seq(seq(a, b), c);
}

static inline struct relation inverse(struct relation a)
{
	struct relation r = { { 0 } };
	unsigned int i;
	uint64_t left;

	for (i = 0; i < RELATION_N; i++) {
		for (left = a.row[i]; left; left &= left - 1)
			relation_add(&r, __builtin_ctzll(left), i);
	}
	return r;
}

static inline struct relation optional(struct relation a)
{
	return either(a, set_id(~0ull));
}

/* The transitive closure. */
static inline struct relation plus(struct relation a)
{
	unsigned int i, k;

	for (k = 0; k < RELATION_N; k++) {
		for (i = 0; i < RELATION_N; i++) {
			if (relation_has(&a, i, k))
				a.row[i] |= a.row[k];
		}
	}
	return a;
}

static inline struct relation star(struct relation a)
{
	return optional(plus(a));
}

static inline bool equal(struct relation a, struct relation b)
{
	return !memcmp(&a, &b, sizeof(a));
}

static inline bool empty(struct relation a)
{
	return equal(a, product(0, 0));
}

static inline bool irreflexive(struct relation a)
{
	return empty(both(a, set_id(~0ull)));
}

static inline bool acyclic(struct relation a)
{
	return irreflexive(plus(a));
}

#endif
