/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a sample looks at besides coverage: each check fires on an algorithm that
 * was made to break it, and stays silent on the one it was made from. The child's
 * part runs in this process. Compiled as core/ is for hardware.
 */
#include <stdlib.h>
#include <string.h>
#include "core/pte_list.h"
#include "sim/hw/state.h"
#include "tests/support.h"

#define OPERATIONS	1000

extern const struct rmap_algorithm rmap_algorithm_nulls_hw;
#define nulls rmap_algorithm_nulls_hw

static unsigned int calls;

/* Nothing ever goes. */
static void lossy_remove(struct kvm *kvm, struct kvm_rmap_head *rmap, u64 *sptep)
{
	(void)kvm;
	(void)rmap;
	(void)sptep;
}

/* As if the lists were empty; as if each entry were there twice. */
static void empty_audit(struct kvm *kvm, struct kvm_rmap_head *rmap, struct rmap_audit *audit)
{
	(void)kvm;
	(void)rmap;
	(void)audit;
}

static void double_audit(struct kvm *kvm, struct kvm_rmap_head *rmap, struct rmap_audit *audit)
{
	nulls.audit(kvm, rmap, audit);
	nulls.audit(kvm, rmap, audit);
}

static int leaky_add(struct kvm_vcpu *vcpu, struct kvm_rmap_head *rmap, u64 *sptep)
{
	if (++calls == 100)
		(void)kmem_cache_alloc(vcpu->kvm->pte_list_desc_cache, GFP_ATOMIC);
	return nulls.add(vcpu, rmap, sptep);
}

static int failing_add(struct kvm_vcpu *vcpu, struct kvm_rmap_head *rmap, u64 *sptep)
{
	int ret = nulls.add(vcpu, rmap, sptep);

	return ++calls == 100 ? -ENOMEM : ret;
}

static enum rmap_walk_result warning_walk(struct kvm *kvm, struct kvm_rmap_head *rmap,
					  struct rmap_walk *walk)
{
	WARN_ON_ONCE(++calls == 100);
	return nulls.walk(kvm, rmap, walk);
}

static enum rmap_walk_result straying_walk(struct kvm *kvm, struct kvm_rmap_head *rmap,
					   struct rmap_walk *walk)
{
	static u64 elsewhere;

	if (++calls == 100)
		walk->visit(walk, &elsewhere);
	return nulls.walk(kvm, rmap, walk);
}

static enum rmap_walk_result restless_walk(struct kvm *kvm, struct kvm_rmap_head *rmap,
					   struct rmap_walk *walk)
{
	if (++calls == 100)
		walk->stats.restarts += 1000;
	return nulls.walk(kvm, rmap, walk);
}

/* One that leaves out what it should visit. */
static enum rmap_walk_result blind_walk(struct kvm *kvm, struct kvm_rmap_head *rmap,
					struct rmap_walk *walk)
{
	if (++calls % 100 == 0)
		return RMAP_WALK_COMPLETE;
	return nulls.walk(kvm, rmap, walk);
}

struct outcome {
	bool violated, broken;
	char check[32];
	char message[HW_MESSAGE_MAX];
	uint64_t walks, issued;
};

static void run_child(const struct plan *plan, const struct rmap_algorithm *algorithm,
		      enum hw_mode mode, struct outcome *out)
{
	guint *cpus = g_new0(guint, plan->n_tasks);
	struct hw_options opt = {
		.mode = mode, .operations = OPERATIONS, .seed = 1, .cpus = cpus,
	};
	size_t bytes = sizeof(struct hw_shared) + plan->n_tasks * sizeof(struct hw_counts);
	struct hw_tapes *tapes = hw_tapes_new(plan, 1);
	struct hw_run run = {
		.plan = plan, .opt = &opt, .tapes = tapes, .algorithm = algorithm,
		.shared = aligned_alloc(HW_LINE, (bytes + HW_LINE - 1) / HW_LINE * HW_LINE),
	};
	unsigned int i;

	memset(run.shared, 0, bytes);
	calls = 0;
	hw_run_sample(&run);
	*out = (struct outcome){ .violated = run.shared->violated, .broken = run.shared->broken };
	g_strlcpy(out->check, run.shared->check, sizeof(out->check));
	g_strlcpy(out->message, run.shared->message, sizeof(out->message));
	for (i = 0; i < plan->n_tasks; i++) {
		out->issued += run.shared->task[i].issued;
		out->walks += run.shared->task[i].walks;
	}
	free(run.shared);
	hw_tapes_free(tapes);
	g_free(cpus);
}

/* With every hook of nulls but those given. */
static struct rmap_algorithm like_nulls(void)
{
	return nulls;
}

static void expect(const struct rmap_algorithm *algorithm, enum hw_mode mode, const char *check,
		   const char *words)
{
	static const char *const set[] = {
		"task writer.count=1", "task walker.count=1", "check.restarts=999", NULL,
	};
	struct plan *plan = support_plan("churn-nulls-w2", set);
	struct outcome out;

	run_child(plan, algorithm, mode, &out);
	g_test_message("%s: %s", out.check, out.message);
	g_assert_false(out.broken);
	g_assert_cmpint(out.violated, ==, !!check);
	if (check) {
		g_assert_cmpstr(out.check, ==, check);
		g_assert_nonnull(strstr(out.message, words));
	} else {
		g_assert_cmpuint(out.issued, ==, 2 * OPERATIONS);
		g_assert_cmpuint(out.walks, ==, OPERATIONS);
	}
	plan_free(plan);
}

static void test_silent(void)
{
	expect(&nulls, HW_TIMING, NULL, NULL);
	expect(&nulls, HW_CHECKED, NULL, NULL);
}

static void test_coverage(void)
{
	struct rmap_algorithm a = like_nulls();

	a.walk = blind_walk;
	expect(&a, HW_CHECKED, "coverage", "walker's walk of rmap");
	/* Nobody judges walks in timing mode. */
	expect(&a, HW_TIMING, NULL, NULL);
}

static void test_lists(void)
{
	struct rmap_algorithm a = like_nulls();

	a.remove = lossy_remove;
	expect(&a, HW_TIMING, "integrity", "at the end, rmap");
	a = like_nulls();
	a.audit = empty_audit;
	expect(&a, HW_TIMING, "integrity", "spte0 is not in rmap0, where it was added");
	a.audit = double_audit;
	expect(&a, HW_TIMING, "integrity", "one twice");
}

static void test_leak(void)
{
	struct rmap_algorithm a = like_nulls();

	a.add = leaky_add;
	expect(&a, HW_TIMING, "integrity", "descriptors are allocated at the end");
}

static void test_failed_add(void)
{
	struct rmap_algorithm a = like_nulls();

	a.add = failing_add;
	expect(&a, HW_TIMING, "integrity", "adds of writer");
}

static void test_access(void)
{
	struct rmap_algorithm a = like_nulls();

	a.walk = straying_walk;
	expect(&a, HW_CHECKED, "access", "walker visited what is no spte");
}

static void test_restarts(void)
{
	struct rmap_algorithm a = like_nulls();

	a.walk = restless_walk;
	expect(&a, HW_CHECKED, "termination", "check.restarts = 999");
}

/*
 * One task is guest and harvester, so that nothing depends on luck: where the harvest does
 * not flush, its second write goes by the TLB, and is in no log.
 */
static void expect_pages(const char *flush, const char *check)
{
	static const char text[] =
		"[scenario]\ntitle = x\nquestion = Is it?\n[algorithm]\nname = nulls\n"
		"[memory]\npte-list-ext = 2\nrmaps = 2\nsptes = 2\n[task guest]\n"
		"program = guest-write spte0 rmap1; get-dirty-log; guest-write spte0 rmap1\n";
	const char *const set[] = { flush, check, NULL };
	struct plan *plan = support_plan_text(text, set);
	gboolean wrong = !strcmp(flush, "kvm.flush=none") && !strcmp(check, "check.dirty-log=yes");
	struct outcome out;

	run_child(plan, &nulls, HW_TIMING, &out);
	g_test_message("%s: %s", out.check, out.message);
	g_assert_false(out.broken);
	g_assert_cmpint(out.violated, ==, wrong);
	if (wrong) {
		g_assert_cmpstr(out.check, ==, "dirty-log");
		g_assert_nonnull(strstr(out.message, "page 1 has 1 of 2 writes"));
		g_assert_cmpuint(out.issued, ==, 3);
	} else {
		g_assert_cmpuint(out.issued, >=, OPERATIONS);
	}
	plan_free(plan);
}

static void test_pages(void)
{
	expect_pages("kvm.flush=needed", "check.dirty-log=yes");
	expect_pages("kvm.flush=always", "check.dirty-log=yes");
	expect_pages("kvm.flush=none", "check.dirty-log=yes");
	expect_pages("kvm.flush=none", "check.dirty-log=no");
}

/* Last: the count of warnings is the process's. */
static void test_warn(void)
{
	struct rmap_algorithm a = like_nulls();

	a.walk = warning_walk;
	expect(&a, HW_TIMING, "warn", "++calls == 100");
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/hw/end/silent", test_silent);
	g_test_add_func("/hw/end/pages", test_pages);
	g_test_add_func("/hw/end/coverage", test_coverage);
	g_test_add_func("/hw/end/lists", test_lists);
	g_test_add_func("/hw/end/leak", test_leak);
	g_test_add_func("/hw/end/failed-add", test_failed_add);
	g_test_add_func("/hw/end/access", test_access);
	g_test_add_func("/hw/end/restarts", test_restarts);
	g_test_add_func("/hw/end/warn", test_warn);
	return g_test_run();
}
