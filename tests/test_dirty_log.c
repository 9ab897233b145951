/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The check dirty-log against a count of its own. Here each page has a version,
 * raised by each store of a guest; a harvest that returns copies the versions of the
 * pages whose bits it took; and when a run is over, one last harvest copies
 * what is marked. A page whose copy is old is lost. Nothing of the check is used:
 * stores, exchanges and ends of operations are read off the trace.
 */
#include <string.h>
#include "sim/engine/campaign.h"
#include "sim/engine/state.h"
#include "tests/support.h"

#define PAGES	8
#define TASKS	4
#define SEEDS	3000

/* Runs of a few points in which much can go wrong. */
#define TEXT							\
	"[algorithm]\nname=%s\n[memory]\nrmaps=2\nsptes=4\npte-list-ext=2\n"	\
	"[kvm]\n%s\n[check]\ndirty-log=%s\ncoverage=no\nintegrity=no\ntlb=no\n"	\
	"[task guest]\ncount=2\nmix=guest-write 3; zap-spte 1\npool=spte0..3\noperations=6\n" \
	"[task harvester]\nprogram=get-dirty-log; get-dirty-log; get-dirty-log\n"

struct counted {
	const struct engine *e;
	uint64_t point;
	unsigned int version[PAGES], copy[PAGES];
	uint64_t taken[TASKS];
	unsigned int writes, harvests;
};

static int page_of(const struct counted *c, const void *addr)
{
	ptrdiff_t n = (const u64 *)addr - c->e->kvm->guest_pages;

	return n >= 0 && n < (ptrdiff_t)c->e->kvm->nr_rmaps ? (int)n : -1;
}

static void copy_pages(struct counted *c, uint64_t pages)
{
	unsigned int i;

	for (i = 0; i < PAGES; i++) {
		if (pages >> i & 1)
			c->copy[i] = c->version[i];
	}
}

static void count_record(const struct trace_record *rec, void *data)
{
	struct counted *c = data;

	/* An engine begins a run again when it learns that somebody waits by cpu_relax. */
	if (rec->point < c->point)
		*c = (struct counted){ .e = c->e };
	c->point = rec->point;
	if (rec->event.kind == EV_STORE && !rec->waits && page_of(c, rec->event.addr) >= 0) {
		c->version[page_of(c, rec->event.addr)]++;
		c->writes++;
	}
	if (rec->event.kind == EV_XCHG && rec->event.addr == c->e->kvm->dirty_bitmap)
		c->taken[rec->task] = rec->value;
	if (rec->event.kind == EV_OP_NEXT && rec->op.kind == PLAN_OP_GET_DIRTY_LOG) {
		copy_pages(c, c->taken[rec->task]);
		c->taken[rec->task] = 0;
		c->harvests++;
	}
}

static struct plan *plan_of(const char *algorithm, const char *how, const char *check)
{
	char *text = g_strdup_printf(TEXT, algorithm, how, check);
	struct plan *plan = support_plan_text(text, NULL);

	g_free(text);
	return plan;
}

/* Pages that are lost at the end of that run, by versions. */
static unsigned int lost_pages(struct engine *e, uint64_t seed, struct counted *sum)
{
	struct counted c = { .e = e };
	struct run_result res;
	unsigned int i, lost = 0;

	engine_observe(e, count_record, &c);
	engine_run(e, seed, &res);
	g_assert_cmpint(res.verdict, ==, RUN_CLEAN);
	copy_pages(&c, e->kvm->dirty_bitmap[0]);
	for (i = 0; i < PAGES; i++)
		lost += c.version[i] != c.copy[i];
	sum->writes += c.writes;
	sum->harvests += c.harvests;
	return lost;
}

struct tally {
	unsigned int lost, fired;	/* runs */
	unsigned int lost_in_silence;	/* runs in which the check should have fired */
};

/*
 * The same seeds with the check and without it. A page that is lost at the end was
 * lost before, so the check has fired. (The other way round it need not be: a
 * page that was lost may be marked again later, by another write.)
 */
static struct tally tally(const char *algorithm, const char *how)
{
	struct plan *off = plan_of(algorithm, how, "no"), *on = plan_of(algorithm, how, "yes");
	bool *lost = g_new0(bool, SEEDS + 1);
	struct counted sum = { .writes = 0 };
	struct tally t = { 0 };
	struct run_result res;
	struct engine *e = support_engine(off, ENGINE_STEPWISE);
	uint64_t seed;

	for (seed = 1; seed <= SEEDS; seed++) {
		lost[seed] = lost_pages(e, seed, &sum) > 0;
		t.lost += lost[seed];
	}
	engine_free(e);
	e = support_engine(on, 0);
	for (seed = 1; seed <= SEEDS; seed++) {
		bool fired;

		engine_run(e, seed, &res);
		fired = res.verdict == RUN_VIOLATION;
		if (fired)
			g_assert_cmpstr(res.check, ==, "dirty-log");
		t.fired += fired;
		t.lost_in_silence += lost[seed] && !fired;
	}
	engine_free(e);
	g_assert_cmpuint(sum.writes, >, 2 * SEEDS);
	g_assert_cmpuint(sum.harvests, ==, 3 * SEEDS);
	plan_free(off);
	plan_free(on);
	g_free(lost);
	return t;
}

static void test_right(void)
{
	static const char *const how[] = {
		"flush=always", "flush=always\nfast-fault=yes",
		"harvest=mmu-lock\ndirty-order=first", "harvest=mmu-lock\ndirty-order=last",
	};
	unsigned int i;

	for (i = 0; i < G_N_ELEMENTS(how); i++) {
		struct tally t = tally("nulls", how[i]);

		g_assert_cmpuint(t.lost, ==, 0);
		g_assert_cmpuint(t.fired, ==, 0);
	}
}

static void test_wrong(void)
{
	static const char *const how[] = {
		"flush=always\ndirty-order=first", "flush=always\ndirty-order=between",
		"flush=none",
	};
	unsigned int i;

	for (i = 0; i < G_N_ELEMENTS(how); i++) {
		struct tally t = tally("nulls", how[i]);

		g_test_message("%s: lost in %u runs, fired in %u", how[i], t.lost, t.fired);
		g_assert_cmpuint(t.lost, >, 0);
		g_assert_cmpuint(t.fired, >=, t.lost);
		g_assert_cmpuint(t.lost_in_silence, ==, 0);
	}
}

/* Every algorithm that is right keeps the log right. */
static void test_algorithms(void)
{
	const struct rmap_algorithm *const *a;
	unsigned int n = 0;

	for (a = rmap_algorithms; *a; a++) {
		struct tally t;

		/* Those that keep no list protect nothing; nulls-dirty may give up. */
		if ((*a)->broken || !strcmp((*a)->name, "null") ||
		    !strcmp((*a)->name, "nulls-dirty") || !strcmp((*a)->name, "template"))
			continue;
		t = tally((*a)->name, "flush=always");
		g_assert_cmpuint(t.fired, ==, 0);
		n++;
	}
	g_assert_cmpuint(n, >=, 6);
}

/* What is unmapped is gone, and nothing else, whatever the page's dirty bit says. */
static void unmapped(const char *algorithm)
{
	char *text = g_strdup_printf("[algorithm]\nname=%s\n[memory]\nrmaps=2\nsptes=6\n"
				     "pte-list-ext=2\n[task guest]\nprogram=guest-write "
				     "spte0..4 rmap0; guest-write spte5 rmap1; unmap rmap0; age "
				     "rmap1\n", algorithm);
	struct plan *plan = support_plan_text(text, NULL);
	struct engine *e = support_engine(plan, 0);
	struct run_result res;
	unsigned int i;

	engine_run(e, 1, &res);
	g_assert_cmpint(res.verdict, ==, RUN_CLEAN);
	for (i = 0; i < 5; i++)
		g_assert_cmphex(e->kvm->sptes[i], ==, 0);
	g_assert_cmphex(e->kvm->sptes[5], !=, 0);
	engine_free(e);
	plan_free(plan);
	g_free(text);
}

static void test_unmap(void)
{
	const struct rmap_algorithm *const *a;

	for (a = rmap_algorithms; *a; a++) {
		if (!(*a)->broken && strcmp((*a)->name, "null") && strcmp((*a)->name, "template"))
			unmapped((*a)->name);
	}
}

/* The other check: a TLB that is not what a flush has left. */
static void test_tlb(void)
{
	const char *const sc[] = { "check.dirty-log=no", NULL };
	const char *const tso[] = { "check.dirty-log=no", "memory.model=tso", NULL };
	const char *const *const set[] = { sc, tso };
	struct campaign_options opt = { .seed_first = 1, .seeds = 20000, .jobs = 1 };
	struct campaign_result *res = g_new0(struct campaign_result, 1);
	unsigned int i;

	for (i = 0; i < 2; i++) {
		struct plan *plan = support_plan("vcpu-no-enter-mb", set[i]);
		GError *error = NULL;

		g_assert_true(campaign_run(plan, &opt, res, &error));
		g_assert_no_error(error);
		if (i)
			g_assert_cmpstr(res->failed[0].check, ==, "tlb");
		else
			g_assert_cmpuint(res->failures, ==, 0);
		plan_free(plan);
	}
	g_free(res);
}

/* A harvest that must see what it copies: only where a load may be done early can it not. */
static void test_copy(void)
{
	static const char *const weak[] = { "memory.model=weak", NULL };
	static const char *const pso[] = { "memory.model=pso", NULL };
	static const char *const right[] = { "memory.model=weak", "kvm.handshake=full", NULL };
	static const char *const off[] = { "memory.model=weak", "check.dirty-log=no", NULL };
	static const char *const *const set[] = { weak, pso, right, off };
	struct campaign_options opt = { .seed_first = 1, .seeds = 20000, .jobs = 1 };
	struct campaign_result *res = g_new0(struct campaign_result, 1);
	unsigned int i;

	for (i = 0; i < G_N_ELEMENTS(set); i++) {
		struct plan *plan = support_plan("kick-no-rmb", set[i]);
		GError *error = NULL;

		g_assert_true(campaign_run(plan, &opt, res, &error));
		g_assert_no_error(error);
		g_assert_cmpuint(res->failures > 0, ==, set[i] == weak);
		if (set[i] == weak)
			g_assert_cmpstr(res->failed[0].check, ==, "dirty-log");
		plan_free(plan);
	}
	g_free(res);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/dirty-log/right", test_right);
	g_test_add_func("/dirty-log/wrong", test_wrong);
	g_test_add_func("/dirty-log/algorithms", test_algorithms);
	g_test_add_func("/dirty-log/unmap", test_unmap);
	g_test_add_func("/dirty-log/tlb", test_tlb);
	g_test_add_func("/dirty-log/copy", test_copy);
	return g_test_run();
}
