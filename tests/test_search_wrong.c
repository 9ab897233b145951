/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Linked with a search that takes waiting for steps (search_wrong.h): what the tests
 * of fairness say of a walker that waits in vain comes out differently, so that
 * they would notice.
 */
#include "tests/search_support.h"

static const char looks_too_late[] =
	"[scenario]\n"
	"[algorithm]\nname = busted-await-head\n"
	"[memory]\npte-list-ext = 2\nrmaps = 2\nsptes = 5\n"
	"setup = add spte0 rmap1; add spte1..3 rmap0\n"
	"[task writer]\nprogram = remove spte1 rmap0; add spte1 rmap1\n"
	"[task other]\nloop = forever\nprogram = add spte4 rmap0; remove spte4 rmap0\n"
	"[task walker]\nprogram = walk rmap0\n";

static void test_waiting_is_progress(void)
{
	struct plan *plan = support_plan_text(looks_too_late, NULL);
	struct search_result res;

	search_result_of(plan, NULL, &res);
	g_assert_cmpint(res.finding, ==, SEARCH_ENDLESS_PASS);
	g_assert_false(res.walker[0].bound[SEARCH_PASS_STEPS].finite);
	plan_free(plan);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/search/wrong/waiting is progress", test_waiting_is_progress);
	return g_test_run();
}
