/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Plans and engines for test programs; see support.h. */
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
