/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Plans, engines and campaigns for test programs; see support.h. */
#include <string.h>
#include "sim/cmd/common.h"
#include "tests/support.h"

struct plan *support_plan(const char *name, const char *const *set)
{
	const char *dirs[] = { SCENARIO_SOURCE_DIR, NULL };
	GError *error = NULL;
	struct plan *plan = scenario_load(name, dirs, set, cmd_vocabulary(), &error);

	g_assert_no_error(error);
	return plan;
}

struct plan *support_plan_text(const char *text, const char *const *set)
{
	GError *error = NULL;
	struct plan *plan = scenario_parse(text, strlen(text), "test.scenario", set,
					   cmd_vocabulary(), &error);

	g_assert_no_error(error);
	return plan;
}

struct engine *support_engine(const struct plan *plan, unsigned int flags)
{
	GError *error = NULL;
	struct engine *e = engine_new(plan, flags, &error);

	g_assert_no_error(error);
	return e;
}

guint64 support_fails(struct plan *plan, guint64 seeds, const char *check)
{
	struct campaign_options opt = { .seed_first = 1, .seeds = seeds, .jobs = 2 };
	struct campaign_result *res = g_new0(struct campaign_result, 1);
	GError *error = NULL;
	guint64 failures;

	g_assert_true(campaign_run(plan, &opt, res, &error));
	g_assert_no_error(error);
	failures = res->failures;
	if (failures)
		g_assert_cmpstr(res->failed[0].check, ==, check);
	plan_free(plan);
	g_free(res);
	return failures;
}
