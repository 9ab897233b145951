/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The vocabulary and the scenario that the reader is tested with. */
#include <string.h>
#include "tests/scenario_fake.h"

static const char *const no_yes[] = { "no", "yes", NULL };
static const char *const forms[] = { "tail", "stack", NULL };
static const char *const compares[] = { "ge", "gt", NULL };
static const char *const overflows[] = { "reject", "wrap", "locked", NULL };

static const struct rmap_param no_params[] = { { .name = NULL } };

static const struct rmap_param locked_params[] = {
	{ .name = "form", .def = 1, .max = 1, .words = forms },
	{ .name = NULL },
};

static const struct rmap_param position_params[] = {
	{ .name = "collapse", .max = 1, .words = no_yes },
	{ .name = "position-shift", .def = 50, .min = 48, .max = 63 },
	{ .name = "compare", .def = 1, .max = 1, .words = compares },
	{ .name = "retries", .def = 3, .max = 1000000, .max_word = "unlimited" },
	{ .name = "overflow", .max = 2, .words = overflows },
	{ .name = NULL },
};

static u32 fake_objects_max(const struct kvm *kvm, u32 sptes)
{
	return (sptes + kvm->pte_list_ext - 1) / kvm->pte_list_ext;
}

static const char *fake_check_extent(const struct kvm *kvm, u32 sptes, char *buf, size_t len)
{
	u32 positions = (1u << (64 - kvm->param[1])) - 1;

	if (kvm->param[1] < kvm->address_bits)
		return "position-shift lies inside the address; valid: address-bits or more";
	if (kvm->param[4] || fake_objects_max(kvm, sptes) <= positions)
		return NULL;
	g_snprintf(buf, len, "the position field numbers %u descriptors; valid: fewer sptes",
		   positions);
	return buf;
}

#define FAKE(alg, its_params)						\
	{ .abi = RMAP_ABI, .size = sizeof(struct rmap_algorithm), .name = alg,	\
	  .params = its_params, .objects_max = fake_objects_max }

static const struct rmap_algorithm fake_null = FAKE("null", NULL);
static const struct rmap_algorithm fake_locked = FAKE("locked", locked_params);
static const struct rmap_algorithm fake_nulls = FAKE("nulls", no_params);
static const struct rmap_algorithm fake_position = {
	.abi = RMAP_ABI, .size = sizeof(struct rmap_algorithm), .name = "position",
	.params = position_params, .objects_max = fake_objects_max,
	.check_extent = fake_check_extent,
};
static const struct rmap_algorithm *const algorithms[] = {
	&fake_null, &fake_locked, &fake_nulls, &fake_position, NULL
};
static const char *const strategies[] = { "random", "round-robin", "speeds", NULL };
static const char *const models[] = { "sc", NULL };
static const char *const checks[] = { "access", "coverage", "integrity", "termination", NULL };
static const char *const checks_default[] = { "coverage", "integrity", NULL };
static const char *const checks_always[] = { "access", NULL };

const struct scenario_vocabulary fake_vocabulary = {
	.algorithms = algorithms, .strategies = strategies, .models = models, .checks = checks,
	.checks_default = checks_default, .checks_always = checks_always,
};

/* Line numbers count from here. */
const char fake_scenario[] =
	"[scenario]\n"				/* 1 */
	"title = a title\n"
	"question = does it?\n"
	"[algorithm]\n"
	"name = position\n"			/* 5 */
	"retries = 2\n"
	"[memory]\n"
	"pte-list-ext = 2\n"
	"rmaps = 2\n"
	"sptes = 12\n"				/* 10 */
	"setup = add spte1..3 rmap0\n"
	"cache = 0\n"
	"[task writer]\n"
	"program = remove spte1 rmap0; add spte1 rmap1\n"
	"[task walker]\n"			/* 15 */
	"program = walk rmap0\n"
	"[task mixer]\n"
	"mix = add 3; remove 2\n"
	"pool = spte4..9\n"
	"count = 2\n"				/* 20 */
	"[check]\n"
	"coverage = yes\n"
	"[limits]\n"
	"events = 0\n"
	"[expect]\n"				/* 25 */
	"run.sc = clean\n";

struct plan *fake_parse(const char *text, const char *const *set, GError **error)
{
	return scenario_parse(text, strlen(text), "some/x.scenario", set, &fake_vocabulary, error);
}

struct plan *fake_must_parse(const char *text, const char *const *set)
{
	GError *error = NULL;
	struct plan *plan = fake_parse(text, set, &error);

	g_assert_no_error(error);
	g_assert_nonnull(plan);
	return plan;
}

char *fake_with_line(guint line, const char *text)
{
	char **lines = g_strsplit(fake_scenario, "\n", -1), *out;

	g_free(lines[line - 1]);
	lines[line - 1] = g_strdup(text);
	out = g_strjoinv("\n", lines);
	g_strfreev(lines);
	return out;
}

void assert_words(const GError *error, const char *words)
{
	char **word = g_strsplit(words, "|", -1);
	guint i;

	for (i = 0; word[i]; i++) {
		if (!strstr(error->message, word[i]))
			g_error("\"%s\" is not in \"%s\"", word[i], error->message);
	}
	g_strfreev(word);
}
