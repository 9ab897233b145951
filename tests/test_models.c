/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Memory models by themselves, without an engine: what may leave a buffer, what
 * a load may return, what waits for what. Whole programs are the business of the
 * litmus tests.
 */
#include <string.h>
#include "sim/kern/sim/sim.h"
#include "sim/model/model.h"
#include "sim/model/weak.h"

enum { OBJECTS_FROM = 64, OBJECT_BYTES = 32, PLACES_MAX = 8 };

static uint64_t heap[64];
static struct plan plan;
static const struct model *model;
static void *state;
static unsigned int delivered, asked, answer;

static void *at(unsigned int place)
{
	return (uint8_t *)heap + place;
}

static void count_note(const struct model_note *note)
{
	(void)note;
	delivered++;
}

static void ignore_drain(const struct model_drained *what)
{
	(void)what;
}

/* How many there were to choose from is kept for the test. */
static uint32_t give_answer(unsigned int cpu, uint32_t n)
{
	(void)cpu;
	asked = n;
	return MIN(answer, n - 1);
}

static uint32_t object_of(uint32_t place)
{
	return place < OBJECTS_FROM ? MODEL_NO_OBJECT : place / OBJECT_BYTES * OBJECT_BYTES;
}

static uint32_t pointee_of(uint64_t value)
{
	uint64_t place = value - (uint64_t)heap;

	return place < sizeof(heap) ? object_of(place) : MODEL_NO_OBJECT;
}

/* Two cpus that have just begun, memory all 0. */
static void begin(const char *name, unsigned int store_buffer, unsigned int history)
{
	struct model_env env = {
		.deliver = count_note, .drained = ignore_drain, .pick = give_answer,
		.object = object_of, .pointee = pointee_of,
	};

	model = model_find(name);
	g_assert_nonnull(model);
	plan = (struct plan){
		.n_tasks = 2, .store_buffer = store_buffer, .history = history, .sync_none = TRUE,
	};
	memset(heap, 0, sizeof(heap));
	sim.heap = (uint8_t *)heap;
	g_free(state);
	state = g_malloc0(model->state_size(&plan));
	model->begin(state, &plan, &env);
	delivered = asked = answer = 0;
}

static struct sim_event event(enum ev_kind kind, enum ev_order order, unsigned int place)
{
	return (struct sim_event){ .kind = kind, .size = 8, .order = order, .addr = at(place) };
}

static void store(unsigned int cpu, unsigned int place, uint64_t value, enum ev_order order)
{
	struct sim_event ev = event(EV_STORE, order, place);

	g_assert_true(model->enabled(state, cpu, &ev));
	model->store(state, cpu, &ev, value);
}

static uint64_t load(unsigned int cpu, unsigned int place, enum ev_order order)
{
	struct sim_event ev = event(EV_LOAD, order, place);

	asked = 1;
	return model->load(state, cpu, &ev);
}

static bool enabled(unsigned int cpu, enum ev_kind kind, enum ev_order order, unsigned int place)
{
	struct sim_event ev = event(kind, order, place);

	return model->enabled(state, cpu, &ev);
}

static void fence(unsigned int cpu, enum ev_order order)
{
	struct sim_event ev = { .kind = EV_FENCE, .order = order };

	g_assert_true(model->enabled(state, cpu, &ev));
	model->fence(state, cpu, &ev);
}

static unsigned int pending(unsigned int cpu, uint32_t *places)
{
	return model->pending(state, cpu, places, PLACES_MAX);
}

static void drain_all(unsigned int cpu)
{
	uint32_t places[PLACES_MAX];

	while (pending(cpu, places))
		model->drain(state, cpu, places[0]);
}

static void test_fifo(void)
{
	uint32_t places[PLACES_MAX];

	begin("tso", 2, 4);
	store(0, 0, 1, ORD_ONCE);
	store(0, 8, 1, ORD_ONCE);
	g_assert_false(enabled(0, EV_STORE, ORD_ONCE, 16));	/* full */
	g_assert_true(enabled(1, EV_STORE, ORD_ONCE, 16));
	g_assert_cmpuint(load(0, 8, ORD_ONCE), ==, 1);
	g_assert_cmpuint(load(1, 8, ORD_ONCE), ==, 0);
	g_assert_cmpuint(pending(0, places), ==, 1);
	g_assert_cmpuint(places[0], ==, 0);
	model->drain(state, 0, 0);
	g_assert_cmpuint(load(1, 0, ORD_ONCE), ==, 1);
	g_assert_cmpuint(load(1, 8, ORD_ONCE), ==, 0);
	g_assert_cmpuint(pending(0, places), ==, 1);
	g_assert_cmpuint(places[0], ==, 8);
}

static void test_what_waits(void)
{
	begin("tso", 4, 4);
	store(0, 0, 1, ORD_ONCE);
	g_assert_false(enabled(0, EV_FENCE, ORD_MB, 0));
	g_assert_true(enabled(0, EV_FENCE, ORD_WMB, 0));
	g_assert_true(enabled(0, EV_LOAD, ORD_ACQUIRE, 0));
	g_assert_false(enabled(0, EV_XCHG, ORD_RELAXED, 8));
	g_assert_false(enabled(0, EV_LOCK, ORD_ACQUIRE, 8));
	g_assert_true(enabled(0, EV_UNLOCK, ORD_ACQUIRE, 8));
	g_assert_false(enabled(0, EV_UNLOCK, ORD_READ, 8));
	drain_all(0);
	g_assert_true(enabled(0, EV_FENCE, ORD_MB, 0));
	g_assert_true(enabled(0, EV_LOCK, ORD_ACQUIRE, 8));
}

/* A location's stores stay in order; a barrier and a release hold others back. */
static void test_by_place(void)
{
	uint32_t places[PLACES_MAX];

	begin("pso", 8, 4);
	store(0, 0, 1, ORD_ONCE);
	store(0, 0, 2, ORD_ONCE);
	store(0, 8, 1, ORD_ONCE);
	g_assert_cmpuint(pending(0, places), ==, 2);
	model->drain(state, 0, 8);
	g_assert_cmpuint(load(1, 8, ORD_ONCE), ==, 1);
	g_assert_cmpuint(load(1, 0, ORD_ONCE), ==, 0);
	store(0, 16, 1, ORD_RELEASE);
	g_assert_cmpuint(pending(0, places), ==, 1);
	drain_all(0);
	g_assert_cmpuint(load(1, 0, ORD_ONCE), ==, 2);
	store(0, 0, 3, ORD_ONCE);
	fence(0, ORD_WMB);
	store(0, 8, 3, ORD_ONCE);
	store(0, 16, 3, ORD_ONCE);
	g_assert_cmpuint(pending(0, places), ==, 1);
	g_assert_cmpuint(places[0], ==, 0);
	model->drain(state, 0, 0);
	g_assert_cmpuint(pending(0, places), ==, 2);
}

static void test_notes(void)
{
	struct model_note note = { .cpu = 0, .kind = NOTE_ADDED, .arg = 7 };

	begin("pso", 8, 4);
	model->note(state, &note);
	g_assert_cmpuint(delivered, ==, 1);
	store(0, 0, 1, ORD_ONCE);
	store(0, 8, 1, ORD_ONCE);
	model->note(state, &note);
	model->drain(state, 0, 8);
	g_assert_cmpuint(delivered, ==, 1);
	g_assert_true(model->busy(state));
	model->drain(state, 0, 0);
	g_assert_cmpuint(delivered, ==, 2);
	g_assert_false(model->busy(state));
	store(0, 0, 2, ORD_ONCE);
	model->note(state, &note);
	model->cancel(state, &note);
	drain_all(0);
	g_assert_cmpuint(delivered, ==, 2);
}

/* x = y = 1 have drained, x first; cpu 1 has read y, and did so with this order. */
static unsigned int choices_of_x(enum ev_order order, bool rmb)
{
	begin("weak", 8, 4);
	store(0, 0, 1, ORD_ONCE);
	store(0, 8, 1, ORD_RELEASE);
	drain_all(0);
	g_assert_cmpuint(load(1, 8, order), ==, 1);
	if (rmb)
		fence(1, ORD_RMB);
	load(1, 0, ORD_ONCE);
	return asked;
}

static void test_older_values(void)
{
	g_assert_cmpuint(choices_of_x(ORD_ONCE, false), ==, 2);
	g_assert_cmpuint(choices_of_x(ORD_ACQUIRE, false), ==, 1);
	g_assert_cmpuint(choices_of_x(ORD_ONCE, true), ==, 1);
	/* Coherence: who has read the newer value never reads the older one again. */
	choices_of_x(ORD_ONCE, false);
	load(1, 0, ORD_ONCE);
	g_assert_cmpuint(asked, ==, 1);
	/* And the older one can be read by who asks for it. */
	begin("weak", 8, 4);
	store(0, 0, 1, ORD_ONCE);
	drain_all(0);
	answer = 1;
	g_assert_cmpuint(load(1, 0, ORD_ONCE), ==, 0);
	g_assert_cmpuint(asked, ==, 2);
	g_assert_true(model->changed(state, 1, at(0), 8, 0));
	model->sync(state, 1);
	g_assert_cmpuint(load(1, 0, ORD_ONCE), ==, 1);
	g_assert_cmpuint(asked, ==, 1);
	g_assert_false(model->changed(state, 1, at(0), 8, 1));
}

/* A word of the object, then a pointer to it with tag bits; cpu 1 follows the pointer. */
static void test_dependencies(void)
{
	const unsigned int word = OBJECTS_FROM + 8;

	begin("weak", 8, 4);
	store(0, word, 1, ORD_ONCE);
	store(0, 0, (uint64_t)at(OBJECTS_FROM), ORD_RELEASE);
	drain_all(0);
	load(1, 0, ORD_ONCE);
	g_assert_cmpuint(load(1, word, ORD_ONCE), ==, 1);
	g_assert_cmpuint(asked, ==, 1);
	/* An index says nothing by itself, and all when it is marked. */
	begin("weak", 8, 4);
	store(0, word, 1, ORD_ONCE);
	store(0, 0, 3, ORD_RELEASE);
	drain_all(0);
	load(1, 0, ORD_ONCE);
	load(1, word, ORD_ONCE);
	g_assert_cmpuint(asked, ==, 2);
	begin("weak", 8, 4);
	store(0, word, 1, ORD_ONCE);
	store(0, 0, 3, ORD_RELEASE);
	drain_all(0);
	load(1, 0, ORD_ONCE);
	model->depend(state, 1, at(word));
	g_assert_cmpuint(load(1, word, ORD_ONCE), ==, 1);
	g_assert_cmpuint(asked, ==, 1);
}

static void test_history(void)
{
	unsigned int i;

	begin("weak", 8, 3);
	for (i = 1; i <= 10; i++) {
		store(0, 0, i, ORD_ONCE);
		drain_all(0);
	}
	answer = 2;
	g_assert_cmpuint(load(1, 0, ORD_ONCE), ==, 8);
	g_assert_cmpuint(asked, ==, 3);
	/* What nobody can read any more is not kept. */
	model->sync(state, 0);
	model->sync(state, 1);
	g_assert_cmpuint(((struct weak_state *)state)->n_messages, ==, 0);
}

/* More places than messages are kept for: everybody is forced on, nothing is lost. */
static void test_many_messages(void)
{
	unsigned int round, place;

	begin("weak", 8, 1);
	for (round = 1; round <= 200; round++) {
		for (place = 0; place < sizeof(heap); place += 8) {
			store(0, place, round, ORD_ONCE);
			drain_all(0);
		}
	}
	for (place = 0; place < sizeof(heap); place += 8)
		g_assert_cmpuint(load(1, place, ORD_ONCE), ==, 200);
}

static void test_weak_atomics(void)
{
	struct sim_event ev = event(EV_CMPXCHG, ORD_FULL, 8);
	struct sim_event unlock = event(EV_UNLOCK, ORD_ACQUIRE, 16);

	begin("weak", 8, 4);
	store(0, 0, 1, ORD_ONCE);
	g_assert_true(enabled(0, EV_OR, ORD_RELAXED, 8));
	g_assert_false(enabled(0, EV_OR, ORD_RELAXED, 0));	/* its own store first */
	g_assert_false(enabled(0, EV_XCHG, ORD_FULL, 8));
	g_assert_false(enabled(0, EV_XCHG, ORD_RELEASE, 8));
	g_assert_true(enabled(0, EV_XCHG, ORD_ACQUIRE, 8));
	ev.expected = 5;
	g_assert_true(model->enabled(state, 0, &ev));	/* it will fail, and order nothing */
	ev.expected = 0;
	g_assert_false(model->enabled(state, 0, &ev));
	g_assert_true(enabled(0, EV_LOCK, ORD_ACQUIRE, 8));
	model->store(state, 0, &unlock, 0);
	g_assert_false(enabled(0, EV_LOCK, ORD_ACQUIRE, 8));	/* behind its own unlock */
	fence(0, ORD_WMB);
	g_assert_false(enabled(0, EV_OR, ORD_RELAXED, 8));	/* would pass the barrier */
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/models/tso/first in, first out", test_fifo);
	g_test_add_func("/models/tso/what waits", test_what_waits);
	g_test_add_func("/models/pso/by place", test_by_place);
	g_test_add_func("/models/pso/notes", test_notes);
	g_test_add_func("/models/weak/older values", test_older_values);
	g_test_add_func("/models/weak/dependencies", test_dependencies);
	g_test_add_func("/models/weak/history", test_history);
	g_test_add_func("/models/weak/many messages", test_many_messages);
	g_test_add_func("/models/weak/atomics", test_weak_atomics);
	return g_test_run();
}
