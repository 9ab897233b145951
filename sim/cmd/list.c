/* SPDX-License-Identifier: GPL-2.0-or-later */
/* rmapsim list: what there is to choose from, out of the tables themselves. */
#define _GNU_SOURCE
#include <stdio.h>
#include <string.h>
#include "output/plot/plot.h"
#include "scenarios/keys.h"
#include "sim/check/check.h"
#include "sim/cmd/common.h"
#include "sim/model/model.h"
#include "sim/strategy/strategy.h"

#define WIDTH	100

static struct {
	char *question;		/* --question: a word of the scenarios' questions, or NULL */
	gboolean met;
} own;

/* One kind of thing: its entries as text, or as members of an open JSON array. */
struct kind {
	const char *name;
	int (*text)(void);
	int (*json)(JsonBuilder *b);
};

static void print_entry(const char *name, const char *summary)
{
	printf("  %-16s %s\n", name, summary);
}

/* "      name             help (valid; default)", wrapped. valid may be "". */
static void print_setting(const char *name, const char *help, const char *valid)
{
	char *label = g_strdup_printf("      %s ", name);
	char *text = g_strdup_printf(*valid ? "%s (%s)" : "%s", help, valid);

	cmd_print_labelled(label, text, 23, WIDTH);
	g_free(label);
	g_free(text);
}

static void json_entry(JsonBuilder *b, const char *name, const char *summary)
{
	cmd_json_open(b, NULL);
	cmd_json_string(b, "name", name);
	cmd_json_string(b, "summary", summary);
}

/* "0..16383, default 50"; "ge, gt, default gt"; free it. */
static char *parameter_range(const struct rmap_param *p)
{
	char *def = cmd_parameter_value(p, p->def), *words, *range;

	if (p->words) {
		words = g_strjoinv(" | ", (char **)p->words);
		range = g_strdup_printf("%s; default %s", words, def);
		g_free(words);
	} else {
		range = g_strdup_printf("%ld..%ld%s%s; default %s", p->min, p->max,
					p->max_word ? " | " : "", p->max_word ? p->max_word : "",
					def);
	}
	g_free(def);
	return range;
}

static int algorithms_text(void)
{
	const struct rmap_algorithm *const *a;
	const struct rmap_param *p;

	for (a = rmap_algorithms; *a; a++) {
		printf("  %s%s\n", (*a)->name, (*a)->broken ? " (broken on purpose)" : "");
		cmd_print_wrapped((*a)->summary, 6, WIDTH);
		if ((*a)->source)
			cmd_print_labelled("      source: ", (*a)->source, 14, WIDTH);
		for (p = (*a)->params; p && p->name; p++) {
			char *range = parameter_range(p);

			print_setting(p->name, p->summary, range);
			g_free(range);
		}
	}
	return CMD_OK;
}

static void json_parameter(JsonBuilder *b, const struct rmap_param *p)
{
	char *def = cmd_parameter_value(p, p->def);

	json_entry(b, p->name, p->summary);
	cmd_json_string(b, "default", def);
	if (p->words) {
		cmd_json_strings(b, "words", p->words);
	} else {
		json_builder_set_member_name(b, "min");
		json_builder_add_int_value(b, p->min);
		json_builder_set_member_name(b, "max");
		json_builder_add_int_value(b, p->max);
	}
	cmd_json_close(b);
	g_free(def);
}

static int algorithms_json(JsonBuilder *b)
{
	const struct rmap_algorithm *const *a;
	const struct rmap_param *p;

	for (a = rmap_algorithms; *a; a++) {
		json_entry(b, (*a)->name, (*a)->summary);
		cmd_json_string(b, "source", (*a)->source);
		cmd_json_bool(b, "broken", (*a)->broken);
		json_builder_set_member_name(b, "parameters");
		json_builder_begin_array(b);
		for (p = (*a)->params; p && p->name; p++)
			json_parameter(b, p);
		json_builder_end_array(b);
		cmd_json_close(b);
	}
	return CMD_OK;
}

static int strategies_text(void)
{
	const struct strategy *const *s;

	for (s = strategies; *s; s++)
		print_entry((*s)->name, (*s)->summary);
	return CMD_OK;
}

static int strategies_json(JsonBuilder *b)
{
	const struct strategy *const *s;

	for (s = strategies; *s; s++) {
		json_entry(b, (*s)->name, (*s)->summary);
		cmd_json_string(b, "source", (*s)->source);
		cmd_json_close(b);
	}
	return CMD_OK;
}

static int models_text(void)
{
	const struct model *const *m;

	for (m = models; *m; m++) {
		print_entry((*m)->name, (*m)->summary);
		cmd_print_labelled("      source: ", (*m)->source, 14, WIDTH);
		if ((*m)->scope)
			cmd_print_labelled("      scope: ", (*m)->scope, 13, WIDTH);
	}
	return CMD_OK;
}

static int models_json(JsonBuilder *b)
{
	const struct model *const *m;

	for (m = models; *m; m++) {
		json_entry(b, (*m)->name, (*m)->summary);
		cmd_json_string(b, "source", (*m)->source);
		cmd_json_string(b, "scope", (*m)->scope);
		cmd_json_close(b);
	}
	return CMD_OK;
}

static const char *check_when(const struct check *c)
{
	if (c->always)
		return "always on";
	if (c->of_pages && c->by_default)
		return "on where there are guests and pages, unless a scenario says no";
	return c->by_default ? "on unless a scenario says no" : "off unless a scenario says yes";
}

static int checks_text(void)
{
	const struct check *const *c;

	for (c = checks; *c; c++) {
		printf("%s  %s: %s\n", c == checks ? "" : "\n", (*c)->name, (*c)->summary);
		printf("      (%s)\n", check_when(*c));
		cmd_print_wrapped((*c)->doc, 6, WIDTH);
	}
	return CMD_OK;
}

static int checks_json(JsonBuilder *b)
{
	const struct check *const *c;

	for (c = checks; *c; c++) {
		json_entry(b, (*c)->name, (*c)->summary);
		cmd_json_string(b, "doc", (*c)->doc);
		cmd_json_bool(b, "always", (*c)->always);
		cmd_json_bool(b, "by_default", (*c)->by_default);
		cmd_json_close(b);
	}
	return CMD_OK;
}

static int plots_text(void)
{
	const struct plot *const *p;

	for (p = plots; *p; p++)
		print_entry((*p)->name, (*p)->summary);
	return CMD_OK;
}

static int plots_json(JsonBuilder *b)
{
	const struct plot *const *p;

	for (p = plots; *p; p++) {
		json_entry(b, (*p)->name, (*p)->summary);
		cmd_json_string(b, "view", (*p)->view);
		cmd_json_close(b);
	}
	return CMD_OK;
}

/* Is --question a word of this question, or are they words of it? Q1 is none of "Q10: ...". */
static gboolean asks(const struct plan *plan)
{
	const char *at = plan->question;
	gsize len;

	if (!own.question)
		return TRUE;
	len = strlen(own.question);
	for (; (at = strcasestr(at, own.question)); at++) {
		if ((at == plan->question || !g_ascii_isalnum(at[-1])) &&
		    !g_ascii_isalnum(at[len]))
			return TRUE;
	}
	return FALSE;
}

static void print_scenario(const struct plan *plan)
{
	printf("  %-26s %s\n", plan->name, plan->title);
	if (*plan->question)
		cmd_print_wrapped(plan->question, 6, WIDTH);
}

static void json_scenario(JsonBuilder *b, const struct plan *plan, const char *path)
{
	json_entry(b, plan->name, plan->title);
	cmd_json_string(b, "path", path);
	cmd_json_string(b, "question", plan->question);
	cmd_json_string(b, "algorithm", plan->algorithm);
	cmd_json_close(b);
}

/* b: NULL for text. A scenario that cannot be read is named and passed over. */
static int list_scenario(const char *path, JsonBuilder *b)
{
	GError *error = NULL;
	struct plan *plan = cmd_load(path, NULL, &error);

	if (!plan)
		return cmd_fail(error);
	if (asks(plan)) {
		own.met = TRUE;
		if (b)
			json_scenario(b, plan, path);
		else
			print_scenario(plan);
	}
	plan_free(plan);
	return CMD_OK;
}

static int list_scenarios(JsonBuilder *b)
{
	GPtrArray *paths = cmd_scenarios();
	int status = CMD_OK, one;
	guint i;

	for (i = 0; i < paths->len; i++) {
		one = list_scenario(paths->pdata[i], b);
		status = MAX(status, one);
	}
	g_ptr_array_unref(paths);
	if (own.question && !own.met) {
		cmd_message("--question %s: no scenario's question has this word", own.question);
		return CMD_USAGE;
	}
	return status;
}

static int scenarios_text(void)
{
	return list_scenarios(NULL);
}

static char *key_range(const struct key *k)
{
	if (k->words)
		return g_strjoinv(" | ", (char **)k->words);
	if (k->max)
		return g_strdup_printf("%" G_GUINT64_FORMAT "..%" G_GUINT64_FORMAT, k->min, k->max);
	return g_strdup("");
}

static char *key_valid(const struct key *k)
{
	char *range = key_range(k), *valid;

	if (!k->def || !*k->def)
		return range;
	valid = g_strdup_printf("%s%sdefault %s", range, *range ? "; " : "", k->def);
	g_free(range);
	return valid;
}

static int keys_text(void)
{
	const char *group = NULL;
	const struct key *k;

	for (k = scenario_keys; k->group; k++) {
		char *valid = key_valid(k);

		if (!group || strcmp(group, k->group))
			printf("%s  [%s%s]\n", group ? "\n" : "", k->group,
			       strcmp(k->group, "task") ? "" : " NAME");
		group = k->group;
		print_setting(k->name ? k->name : "...", k->help, valid);
		g_free(valid);
	}
	putchar('\n');
	cmd_print_wrapped("Further keys: an algorithm's parameters in [algorithm] ('list "
			  "algorithms') and the checks in [check], yes or no ('list checks').", 2,
			  WIDTH);
	return CMD_OK;
}

static int keys_json(JsonBuilder *b)
{
	const struct key *k;

	for (k = scenario_keys; k->group; k++) {
		json_entry(b, k->name, k->help);
		cmd_json_string(b, "group", k->group);
		cmd_json_string(b, "default", k->def);
		if (k->words)
			cmd_json_strings(b, "words", k->words);
		cmd_json_close(b);
	}
	return CMD_OK;
}

static const struct kind kinds[] = {
	{ "algorithms", algorithms_text, algorithms_json },
	{ "strategies", strategies_text, strategies_json },
	{ "models", models_text, models_json },
	{ "checks", checks_text, checks_json },
	{ "plots", plots_text, plots_json },
	{ "scenarios", scenarios_text, list_scenarios },
	{ "keys", keys_text, keys_json },
};

static const GOptionEntry list_entries[] = {
	{ "question", 0, 0, G_OPTION_ARG_STRING, &own.question,
	  "of scenarios those only whose question has this word, such as Q1", "WORD" },
	{ 0 },
};

static const struct cmd_form list_form = {
	.name = "list",
	.args = "[algorithms|strategies|models|checks|plots|scenarios|keys]",
	.text = "Lists what there is to choose from, or all of it. 'checks' explains each; 'keys'\n"
		"are those of scenario files and of --set. 'scenarios' says what question each\n"
		"puts to the test; those that begin with Q1 to Q9 are numbered as in\n"
		"doc/FINDINGS.md.",
	.takes = CMD_TAKES_JSON,
	.own = list_entries,
};

static gboolean wanted(const struct cmd_options *opt, const struct kind *k)
{
	return !opt->args[0] || !strcmp(opt->args[0], k->name);
}

static int list_kinds(const struct cmd_options *opt)
{
	JsonBuilder *b = opt->json ? cmd_json_begin("list") : NULL;
	int status = CMD_OK, one;
	guint i;

	for (i = 0; i < G_N_ELEMENTS(kinds); i++) {
		if (!wanted(opt, &kinds[i]))
			continue;
		if (b) {
			json_builder_set_member_name(b, kinds[i].name);
			json_builder_begin_array(b);
			one = kinds[i].json(b);
			json_builder_end_array(b);
		} else {
			if (!opt->args[0])
				printf("%s%s:\n", i ? "\n" : "", kinds[i].name);
			one = kinds[i].text();
		}
		status = MAX(status, one);
	}
	if (b)
		cmd_json_print(b);
	return status;
}

static int list_check_usage(const struct cmd_options *opt)
{
	guint i;

	if (opt->args[0] && opt->args[1])
		return cmd_misused(&list_form, "'%s' is one thing too many", opt->args[1]);
	if (own.question && g_strcmp0(opt->args[0], "scenarios"))
		return cmd_misused(&list_form, "--question is for 'list scenarios'");
	if (own.question && !*own.question)
		return cmd_misused(&list_form, "--question: valid is a word");
	for (i = 0; i < G_N_ELEMENTS(kinds); i++) {
		if (wanted(opt, &kinds[i]))
			return CMD_GO_ON;
	}
	return cmd_misused(&list_form, "'%s' is nothing that can be listed; valid are %s",
			   opt->args[0], list_form.args);
}

static int list_main(int argc, char **argv)
{
	struct cmd_options opt;
	int status;

	own.question = NULL;
	own.met = FALSE;
	status = cmd_parse(&list_form, argc, argv, &opt, NULL);
	if (status == CMD_GO_ON)
		status = list_check_usage(&opt);
	if (status == CMD_GO_ON)
		status = list_kinds(&opt);
	g_free(own.question);
	cmd_options_clear(&opt);
	return status;
}

const struct subcommand cmd_list = {
	.name = "list",
	.summary = "algorithms, strategies, models, checks, plots, scenarios, keys",
	.run = list_main,
};
