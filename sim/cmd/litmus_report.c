/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What rmapsim litmus tells. Results go to stdout, in herd7's form nothing but
 * that; what could not be run, limits and totals go to stderr.
 *
 * A model is judged by what the test's comment expects of it, and by the Linux
 * kernel's model: no model may show what that one forbids, since each is meant
 * to be a machine on which the kernel runs.
 */
#include <stdio.h>
#include <string.h>
#include "sim/cmd/litmus_report.h"
#include "sim/litmus/print.h"

#define KERNELS_MODEL	"lkmm"

static const char judgement_names[][16] = { "ok", "NOT AS EXPECTED", "not judged" };

void litmus_report_begin(struct litmus_report *r, gboolean json, gboolean check)
{
	*r = (struct litmus_report){
		.check = check,
	};
	if (json) {
		r->json = cmd_json_begin("litmus");
		json_builder_set_member_name(r->json, "tests");
		json_builder_begin_array(r->json);
	}
}

void litmus_report_refused(struct litmus_report *r, const char *path, GError *error)
{
	r->refused++;
	cmd_message("%s", error->message);
	if (r->json) {
		cmd_json_open(r->json, NULL);
		cmd_json_string(r->json, "path", path);
		cmd_json_string(r->json, "result", "not understood");
		cmd_json_string(r->json, "reason", error->message);
		cmd_json_close(r->json);
	}
	g_error_free(error);
}

/* What the kernel's model says for certain; NULL: anything may be. */
static const char *kernels_word(const struct litmus_program *program)
{
	const char *said = litmus_expected(program, KERNELS_MODEL);

	return said && strcmp(said, "Sometimes") ? said : NULL;
}

/* As the comments of tests say it. */
static const char *seen_word(const struct litmus_result *result)
{
	return result->deadlock && !result->n_states ? "DEADLOCK" : litmus_observation(result);
}

static enum litmus_judgement judge(const struct litmus_program *program,
				   const struct model *model, const struct litmus_result *result)
{
	const char *expected = litmus_expected(program, model->name);
	const char *limit = kernels_word(program), *seen = seen_word(result);

	if (!expected && !limit)
		return LITMUS_NOT_JUDGED;
	if ((expected && strcmp(expected, seen)) || (limit && strcmp(limit, seen)))
		return LITMUS_NOT_AS_EXPECTED;
	return LITMUS_AS_EXPECTED;
}

/* "Never", "Never (lkmm)", "Sometimes, but Never (lkmm)"; to be freed. */
static char *expected_text(const struct litmus_program *program, const struct model *model)
{
	const char *expected = litmus_expected(program, model->name);
	const char *limit = kernels_word(program);

	if (expected && limit && strcmp(expected, limit))
		return g_strdup_printf("%s, but %s (" KERNELS_MODEL ")", expected, limit);
	if (!expected && limit)
		return g_strdup_printf("%s (" KERNELS_MODEL ")", limit);
	return g_strdup(expected ? expected : "-");
}

static void print_row(const struct litmus_program *program, const struct model *model,
		      const char *seen, enum litmus_judgement judgement)
{
	char *expected = expected_text(program, model);

	printf("%-5s %-16s %-10s %-16s %s\n", model->name, expected, seen,
	       judgement_names[judgement], program->name);
	g_free(expected);
}

static void json_states(JsonBuilder *b, const struct litmus_program *program,
			const struct litmus_result *result)
{
	unsigned int i;

	json_builder_set_member_name(b, "states");
	json_builder_begin_array(b);
	for (i = 0; i < result->n_states; i++) {
		char *text = litmus_state_text(program, result, i);

		cmd_json_open(b, NULL);
		cmd_json_string(b, "state", text);
		cmd_json_bool(b, "holds", result->holds[i]);
		cmd_json_close(b);
		g_free(text);
	}
	json_builder_end_array(b);
}

static void json_result(JsonBuilder *b, const struct litmus_program *program,
			const struct model *model, const struct litmus_result *result,
			enum litmus_judgement judgement)
{
	char *expected = expected_text(program, model);

	cmd_json_open(b, NULL);
	cmd_json_string(b, "path", program->path);
	cmd_json_string(b, "result", result->end == LITMUS_COMPLETE ? "complete" : "incomplete");
	cmd_json_string(b, "reason", result->limit);
	cmd_json_string(b, "test", program->name);
	cmd_json_string(b, "model", model->name);
	cmd_json_string(b, "condition", program->condition_text);
	json_states(b, program, result);
	cmd_json_count(b, "positive", result->positive);
	cmd_json_count(b, "negative", result->negative);
	cmd_json_string(b, "observation", litmus_observation(result));
	cmd_json_bool(b, "ok", litmus_is_met(program, result));
	cmd_json_string(b, "deadlock", result->deadlock);
	cmd_json_string(b, "expected", expected);
	cmd_json_string(b, "judgement", judgement_names[judgement]);
	cmd_json_count(b, "searched", result->searched);
	cmd_json_close(b);
	g_free(expected);
}

static void tell_limit(struct litmus_report *r, const struct litmus_program *program,
		       const struct model *model, const struct litmus_result *result)
{
	r->limited++;
	cmd_message("%s: incomplete under %s: %s", program->path, model->name, result->limit);
}

void litmus_report_result(struct litmus_report *r, const struct litmus_program *program,
			  const struct model *model, const struct litmus_result *result)
{
	gboolean complete = result->end == LITMUS_COMPLETE;
	enum litmus_judgement judgement;
	char *text;

	judgement = complete ? judge(program, model, result) : LITMUS_NOT_JUDGED;
	r->run += complete;
	r->judged[judgement]++;
	r->searched += result->searched;
	r->seconds += result->seconds;
	if (!complete)
		tell_limit(r, program, model, result);
	if (result->deadlock) {
		r->deadlocks++;
		cmd_message("%s: can deadlock under %s: %s", program->path, model->name,
			    result->deadlock);
	}
	if (r->json) {
		json_result(r->json, program, model, result, judgement);
	} else if (r->check) {
		print_row(program, model, complete ? seen_word(result) : "incomplete",
			  judgement);
	} else if (complete) {
		text = litmus_print(program, result);
		fputs(text, stdout);
		g_free(text);
	}
}

static void json_end(struct litmus_report *r)
{
	json_builder_end_array(r->json);
	cmd_json_count(r->json, "files", r->files);
	cmd_json_count(r->json, "run", r->run);
	cmd_json_count(r->json, "not_understood", r->refused);
	cmd_json_count(r->json, "incomplete", r->limited);
	cmd_json_count(r->json, "deadlocks", r->deadlocks);
	cmd_json_count(r->json, "as_expected", r->judged[LITMUS_AS_EXPECTED]);
	cmd_json_count(r->json, "not_as_expected", r->judged[LITMUS_NOT_AS_EXPECTED]);
	cmd_json_count(r->json, "not_judged", r->judged[LITMUS_NOT_JUDGED]);
	cmd_json_open(r->json, "timing");
	cmd_json_double(r->json, "seconds", r->seconds);
	cmd_json_close(r->json);
	cmd_json_print(r->json);
}

static void say_totals(const struct litmus_report *r, const struct model *model)
{
	char *scope = model ? g_strdup_printf("all executions under %s (%s)", model->name,
					      model->summary) :
			      g_strdup("all executions under each model");

	cmd_message("%u files: %u tests run, %u not understood, %u incomplete, %u can deadlock; "
		    "%s; %" G_GUINT64_FORMAT " states in %.2f s", r->files, r->run,
		    r->refused, r->limited, r->deadlocks, scope, r->searched, r->seconds);
	if (r->check)
		cmd_message("%u as expected, %u not, %u not judged", r->judged[LITMUS_AS_EXPECTED],
			    r->judged[LITMUS_NOT_AS_EXPECTED], r->judged[LITMUS_NOT_JUDGED]);
	g_free(scope);
}

void litmus_report_end(struct litmus_report *r, const struct model *model)
{
	if (r->json)
		json_end(r);
	say_totals(r, model);
}
