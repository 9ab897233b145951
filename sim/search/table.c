/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Open addressing with linear probing, in the order of the hashes (Amble and Knuth
 * 1974): a hash's place is its share of the slots, and no smaller hash stands
 * behind it. So a look ends at the first hash that is larger, any number of slots
 * will do, and growing, by a sixth, needs no second table: all is pushed to the
 * end of the new room and from there laid out anew. 73 to 85 percent are full.
 * Behind the slots there is some room for those that are pushed beyond the last;
 * the very last place stays free.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/param.h>
#include "sim/search/table.h"

#define SLOTS_FIRST	2048

static inline uint64_t place(const struct table *t, uint64_t hash)
{
	return (unsigned __int128)hash * t->slots >> 64;
}

static uint64_t room_behind(uint64_t slots)
{
	return 64 + slots / 128;
}

/* What is new is free. */
bool table_make_room(struct table *t, uint64_t room)
{
	if (room > SIZE_MAX / sizeof(*t->hash) ||
	    !room_make(&t->hash_room, room * sizeof(*t->hash)) ||
	    (t->numbers && !room_make(&t->number_room, room * sizeof(*t->number))))
		return false;
	t->hash = t->hash_room.at;
	t->number = t->number_room.at;
	t->room = MAX(room, t->room);
	return true;
}

bool table_init(struct table *t, bool numbers, bool exact)
{
	*t = (struct table){ .exact = exact, .numbers = numbers || exact, .slots = SLOTS_FIRST };
	return table_make_room(t, SLOTS_FIRST + room_behind(SLOTS_FIRST));
}

void table_clear(struct table *t)
{
	room_clear(&t->hash_room);
	room_clear(&t->number_room);
	free(t->words);
	free(t->at);
	*t = (struct table){ 0 };
}

static size_t slot_bytes(const struct table *t)
{
	return sizeof(*t->hash) + (t->numbers ? sizeof(*t->number) : 0);
}

size_t table_bytes(const struct table *t)
{
	return t->room * slot_bytes(t) + (t->room_words + t->room_at) * sizeof(uint64_t);
}

static bool grow_is_due(const struct table *t)
{
	return (t->used + 1) * 20 > t->slots * 17;
}

size_t table_bytes_to_grow(const struct table *t)
{
	return grow_is_due(t) ? t->slots / 6 * slot_bytes(t) : 0;
}

/* All entries, one behind the other, to the end of the room; returns where they begin. */
static uint64_t push_to_end(struct table *t)
{
	uint64_t from, to = t->room;

	for (from = t->room; from-- > 0;) {
		if (!t->hash[from])
			continue;
		t->hash[--to] = t->hash[from];
		if (t->number)
			t->number[to] = t->number[from];
	}
	return to;
}

/*
 * From the end of the room to where they belong, with what lies between them freed;
 * false: an entry's place is behind where it lies, so that more room is needed.
 */
static bool lay_out(struct table *t, uint64_t from)
{
	uint64_t to = 0, hash;

	for (; from < t->room; from++, to++) {
		hash = t->hash[from];
		while (to < place(t, hash) && to < from)
			t->hash[to++] = 0;
		if (to >= from)
			return false;
		t->hash[to] = hash;
		if (t->number)
			t->number[to] = t->number[from];
	}
	memset(&t->hash[to], 0, (t->room - to) * sizeof(*t->hash));
	return true;
}

static bool grow(struct table *t)
{
	uint64_t room;

	t->slots += t->slots / 6;
	room = t->slots + room_behind(t->slots);
	do {
		if (!table_make_room(t, room))
			return false;
		room += room_behind(t->slots);
	} while (!lay_out(t, push_to_end(t)));
	return true;
}

/* Enter a hash at its place in the order; false: there is no room behind it. */
static bool insert(struct table *t, uint64_t at, uint64_t hash, uint32_t number)
{
	uint64_t end = at;

	while (t->hash[end])
		end++;
	if (end + 1 == t->room)
		return false;
	for (; end > at; end--) {
		t->hash[end] = t->hash[end - 1];
		if (t->number)
			t->number[end] = t->number[end - 1];
	}
	t->hash[at] = hash;
	if (t->number)
		t->number[at] = number;
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

		if (!room_grow((void **)&t->words, room, sizeof(*t->words)))
			return false;
		t->room_words = room;
	}
	if (number + 2ull > t->room_at) {
		uint64_t room = t->room_at * 2 + 1024;

		if (!room_grow((void **)&t->at, room, sizeof(*t->at)))
			return false;
		t->room_at = room;
	}
	memcpy(&t->words[t->n_words], words, n * sizeof(*words));
	t->at[number] = t->n_words;
	t->n_words += n;
	t->at[number + 1] = t->n_words;
	return true;
}

static uint32_t enter_at(struct table *t, uint64_t at, uint64_t hash, const uint64_t *words,
			 size_t n_words, uint32_t number)
{
	if (t->exact && !keep_words(t, number, words, n_words))
		return TABLE_FULL;
	while (!insert(t, at, hash, number)) {
		if (!grow(t))
			return TABLE_FULL;
		for (at = place(t, hash); t->hash[at] && t->hash[at] <= hash; at++)
			;
	}
	t->used++;
	return TABLE_NEW;
}

uint32_t table_enter(struct table *t, uint64_t hash, const uint64_t *words, size_t n_words,
		     uint32_t number)
{
	uint64_t at;

	hash += !hash;
	if (grow_is_due(t) && !grow(t))
		return TABLE_FULL;
	at = place(t, hash);
	if (t->number)
		__builtin_prefetch(&t->number[at]);
	for (; t->hash[at] && t->hash[at] <= hash; at++) {
		if (t->hash[at] == hash &&
		    (!t->exact || same_words(t, t->number[at], words, n_words)))
			return t->number ? t->number[at] : 0;
	}
	return enter_at(t, at, hash, words, n_words, number);
}
