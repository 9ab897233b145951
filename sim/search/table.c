/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Open addressing with linear probing, three quarters full at the most. */
#include <stdlib.h>
#include <string.h>
#include "sim/search/table.h"

#define SLOTS_FIRST	4096

static bool allocate(struct table *t, uint64_t slots, bool numbers)
{
	t->hash = calloc(slots, sizeof(*t->hash));
	t->number = numbers && t->hash ? malloc(slots * sizeof(*t->number)) : NULL;
	t->slots = slots;
	if (t->hash && (t->number || !numbers))
		return true;
	free(t->hash);
	return false;
}

bool table_init(struct table *t, bool numbers, bool exact)
{
	*t = (struct table){ .exact = exact };
	return allocate(t, SLOTS_FIRST, numbers || exact);
}

void table_clear(struct table *t)
{
	free(t->hash);
	free(t->number);
	free(t->words);
	free(t->at);
	*t = (struct table){ 0 };
}

static size_t slot_bytes(const struct table *t)
{
	return sizeof(*t->hash) + (t->number ? sizeof(*t->number) : 0);
}

size_t table_bytes(const struct table *t)
{
	return t->slots * slot_bytes(t) + (t->room_words + t->room_at) * sizeof(uint64_t);
}

static bool grow_is_due(const struct table *t)
{
	return (t->used + 1) * 4 > t->slots * 3;
}

size_t table_bytes_to_grow(const struct table *t)
{
	return grow_is_due(t) ? 2 * t->slots * slot_bytes(t) : 0;
}

static bool grow(struct table *t)
{
	struct table old = *t;
	uint64_t i, at;

	if (!allocate(t, old.slots * 2, old.number)) {
		*t = old;
		return false;
	}
	for (i = 0; i < old.slots; i++) {
		if (!old.hash[i])
			continue;
		at = old.hash[i] & (t->slots - 1);
		while (t->hash[at])
			at = (at + 1) & (t->slots - 1);
		t->hash[at] = old.hash[i];
		if (t->number)
			t->number[at] = old.number[i];
	}
	free(old.hash);
	free(old.number);
	return true;
}

static bool same_words(struct table *t, uint32_t number, const uint64_t *words, size_t n)
{
	uint64_t at = t->at[number];

	if (t->at[number + 1] - at == n && !memcmp(&t->words[at], words, n * sizeof(*words)))
		return true;
	t->collisions++;
	return false;
}

static bool keep_words(struct table *t, uint32_t number, const uint64_t *words, size_t n)
{
	if (t->n_words + n > t->room_words) {
		uint64_t room = t->room_words * 2 + n + 65536;
		uint64_t *more = realloc(t->words, room * sizeof(*more));

		if (!more)
			return false;
		t->words = more;
		t->room_words = room;
	}
	if (number + 2ull > t->room_at) {
		uint64_t room = t->room_at * 2 + 1024;
		uint64_t *more = realloc(t->at, room * sizeof(*more));

		if (!more)
			return false;
		t->at = more;
		t->room_at = room;
	}
	memcpy(&t->words[t->n_words], words, n * sizeof(*words));
	t->at[number] = t->n_words;
	t->n_words += n;
	t->at[number + 1] = t->n_words;
	return true;
}

uint32_t table_enter(struct table *t, uint64_t hash, const uint64_t *words, size_t n_words,
		     uint32_t number)
{
	uint64_t at;

	hash += !hash;
	if (grow_is_due(t) && !grow(t))
		return TABLE_FULL;
	for (at = hash & (t->slots - 1); t->hash[at]; at = (at + 1) & (t->slots - 1)) {
		if (t->hash[at] != hash)
			continue;
		if (!t->exact || same_words(t, t->number[at], words, n_words))
			return t->number ? t->number[at] : 0;
	}
	if (t->exact && !keep_words(t, number, words, n_words))
		return TABLE_FULL;
	t->hash[at] = hash;
	if (t->number)
		t->number[at] = number;
	t->used++;
	return TABLE_NEW;
}
