/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A run costs no heap allocation: 100,000 runs, counted by standing before the
 * C library's allocator. Recording allocates until its buffer has grown to the
 * longest schedule, and then no more.
 */
#include <stdlib.h>
#include "tests/support.h"

#define RUNS	100000

/* A sanitizer has an allocator of its own, and stands there itself. */
#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define SANITIZED
#endif
#endif
#if defined(__SANITIZE_ADDRESS__)
#define SANITIZED
#endif

#ifdef SANITIZED
#include <stdio.h>

int main(void)
{
	puts("1..0 # SKIP built with a sanitizer's allocator");
	return 77;
}
#else

static volatile unsigned long allocations;

/* glibc's own names for what is replaced here. */
extern void *__libc_malloc(size_t size);
extern void *__libc_calloc(size_t n, size_t size);
extern void *__libc_realloc(void *p, size_t size);
extern void *__libc_memalign(size_t align, size_t size);
void *memalign(size_t align, size_t size);

void *malloc(size_t size)
{
	allocations++;
	return __libc_malloc(size);
}

void *calloc(size_t n, size_t size)
{
	allocations++;
	return __libc_calloc(n, size);
}

void *realloc(void *p, size_t size)
{
	allocations++;
	return __libc_realloc(p, size);
}

void *memalign(size_t align, size_t size)
{
	allocations++;
	return __libc_memalign(align, size);
}

void *aligned_alloc(size_t align, size_t size)
{
	return memalign(align, size);
}

/* How many there are in some runs from a seed on. */
static unsigned long allocations_in(struct engine *e, uint64_t first, uint64_t runs)
{
	unsigned long before = allocations;
	struct run_result run;
	uint64_t seed;

	for (seed = first; seed < first + runs; seed++)
		engine_run(e, seed, &run);
	return allocations - before;
}

static void count(const char *name, const char *reuse, unsigned int flags, uint64_t runs)
{
	char *set_reuse = g_strdup_printf("memory.reuse=%s", reuse);
	const char *set[] = { set_reuse, NULL };
	struct plan *plan = support_plan(name, set);
	struct engine *e = support_engine(plan, flags);
	unsigned long n;

	/* The first run that fails, waits or is recorded may bring its room with it. */
	allocations_in(e, 1, runs / 10);
	n = allocations_in(e, 1, runs);
	g_test_message("%s: %lu allocations in %lu runs", name, n, (unsigned long)runs);
	g_assert_cmpuint(n, ==, 0);
	engine_free(e);
	plan_free(plan);
	g_free(set_reuse);
}

/* Without a warm-up: the first run is as good as any. */
static void test_from_the_first_run(void)
{
	struct plan *plan = support_plan("bench-c1", NULL);
	struct engine *e = support_engine(plan, 0);

	g_assert_cmpuint(allocations_in(e, 1, RUNS), ==, 0);
	engine_free(e);
	plan_free(plan);
}

static void test_quick(void)
{
	count("bench-c1", "lifo", 0, RUNS);
	count("bench-c4", "fifo", 0, RUNS);
	count("bench-c9", "lifo", 0, RUNS / 5);
	count("churn-position-w4", "seeded", 0, RUNS / 20);
	count("churn-locked-tail-w2", "lifo", 0, RUNS / 10);
	count("endless", "lifo", 0, RUNS / 100);
}

/* A violation is told in words, into room that is there. */
static void test_failing(void)
{
	count("busted-scan-up", "lifo", 0, RUNS);
	count("busted-stray-pointer", "lifo", 0, RUNS / 5);
	count("busted-early-publish", "lifo", 0, RUNS / 5);
}

static void test_stepwise(void)
{
	count("bench-c1", "lifo", ENGINE_DIGEST | ENGINE_IDENTITY, RUNS / 10);
	count("busted-scan-up", "seeded", ENGINE_DIGEST, RUNS / 10);
}

static void test_recording(void)
{
	struct plan *plan = support_plan("churn-position-w2", NULL);
	struct engine *e = support_engine(plan, ENGINE_RECORD);
	unsigned long warm;
	size_t n;

	warm = allocations_in(e, 1, 2000);
	engine_schedule(e, &n);
	g_assert_cmpuint(warm, <, 20);
	g_assert_cmpuint(allocations_in(e, 1, 2000), ==, 0);
	engine_free(e);
	plan_free(plan);
}

/* The counter counts: what the engine does not, GLib and the C library do. */
static void test_the_counter(void)
{
	unsigned long before = allocations;
	char *volatile text = g_strdup("allocated");

	g_free(text);
	g_assert_cmpuint(allocations, >, before);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/alloc/the-counter", test_the_counter);
	g_test_add_func("/alloc/from-the-first-run", test_from_the_first_run);
	g_test_add_func("/alloc/quick", test_quick);
	g_test_add_func("/alloc/failing", test_failing);
	g_test_add_func("/alloc/stepwise", test_stepwise);
	g_test_add_func("/alloc/recording", test_recording);
	return g_test_run();
}

#endif
