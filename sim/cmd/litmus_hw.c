/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * rmapsim litmus --hardware. Results go to stdout in the form of litmus7, but for
 * the time, which goes to stderr like all that is no result.
 *
 * What this machine shows is judged, too: by what the test's comment expects of
 * tso, which is the model of x86, and by the kernel's model. Never must not be
 * seen; that Sometimes was not seen says nothing.
 */
#include <stdio.h>
#include <string.h>
#include "sim/cmd/litmus_hw.h"
#include "sim/hw/litmus.h"
#include "sim/hw/topology.h"

struct hw_totals {
	const struct litmus_hw_options *own;
	JsonBuilder *json;	/* NULL: text */
	const struct hw_topology *topology;
	guint run, refused, limited, forbidden;
	gboolean interrupted;
};

struct counts {
	guint64 positive, negative;
};

static struct counts count(const struct litmus_program *program, const struct hw_litmus_result *r)
{
	struct counts c = { 0, 0 };
	guint i;

	for (i = 0; i < r->n_states; i++) {
		if (hw_litmus_state_holds(program, r, i))
			c.positive += r->count[i];
		else
			c.negative += r->count[i];
	}
	return c;
}

static const char *observation(struct counts c)
{
	if (!c.positive)
		return "Never";
	return c.negative ? "Sometimes" : "Always";
}

/* "0:r0=1; x=2;", of what the program shows; free it. */
static char *state_text(const struct litmus_program *program, const struct hw_litmus_result *r,
			guint state)
{
	GString *s = g_string_new(NULL);
	guint i;

	for (i = 0; i < program->n_items; i++) {
		char *name = litmus_item_name(program, program->item[i]);
		char *value = litmus_value_text(program, r->value[state * r->n_items + i]);

		g_string_append_printf(s, "%s%s=%s;", i ? " " : "", name, value);
		g_free(name);
		g_free(value);
	}
	return g_string_free(s, FALSE);
}

static gboolean is_met(const struct litmus_program *program, struct counts c)
{
	if (program->quantifier == LITMUS_EXISTS)
		return c.positive > 0;
	return program->quantifier == LITMUS_FORALL ? !c.negative : !c.positive;
}

static void print_histogram(const struct litmus_program *program, const struct hw_litmus_result *r)
{
	guint i;

	printf("Histogram (%u states)\n", r->n_states);
	for (i = 0; i < r->n_states; i++) {
		gboolean holds = hw_litmus_state_holds(program, r, i);
		char *text = state_text(program, r, i);

		/* The ones to look at: witnesses of exists, counterexamples of forall. */
		printf("%-6" G_GUINT64_FORMAT "%c>%s\n", r->count[i],
		       holds == (program->quantifier != LITMUS_FORALL) ? '*' : ':', text);
		g_free(text);
	}
}

static void print_result(const struct litmus_program *program, const struct hw_litmus_result *r)
{
	static const char *const kinds[] = {
		[LITMUS_EXISTS] = "Allowed", [LITMUS_NOT_EXISTS] = "Forbidden",
		[LITMUS_FORALL] = "Required",
	};
	struct counts c = count(program, r);

	printf("Test %s %s\n", program->name, kinds[program->quantifier]);
	print_histogram(program, r);
	printf("%s\n\nWitnesses\n", is_met(program, c) ? "Ok" : "No");
	printf("Positive: %" G_GUINT64_FORMAT ", Negative: %" G_GUINT64_FORMAT "\n", c.positive,
	       c.negative);
	printf("Condition %s is %svalidated\n", program->condition_text,
	       is_met(program, c) ? "" : "NOT ");
	if (program->hash)
		printf("Hash=%s\n", program->hash);
	printf("Observation %s %s %" G_GUINT64_FORMAT " %" G_GUINT64_FORMAT "\n\n", program->name,
	       observation(c), c.positive, c.negative);
	fflush(stdout);
	fprintf(stderr, "Time %s %.2f\n", program->name, r->seconds);
}

static void json_states(JsonBuilder *b, const struct litmus_program *program,
			const struct hw_litmus_result *r)
{
	guint i;

	json_builder_set_member_name(b, "states");
	json_builder_begin_array(b);
	for (i = 0; i < r->n_states; i++) {
		char *text = state_text(program, r, i);

		cmd_json_open(b, NULL);
		cmd_json_string(b, "state", text);
		cmd_json_bool(b, "holds", hw_litmus_state_holds(program, r, i));
		cmd_json_count(b, "count", r->count[i]);
		cmd_json_close(b);
		g_free(text);
	}
	json_builder_end_array(b);
}

static void json_result(JsonBuilder *b, const struct litmus_program *program,
			const struct hw_litmus_result *r, const char *forbidden)
{
	struct counts c = count(program, r);

	cmd_json_open(b, NULL);
	cmd_json_string(b, "path", program->path);
	cmd_json_string(b, "test", program->name);
	cmd_json_string(b, "result", *r->reason || r->limited ? "incomplete" : "complete");
	cmd_json_string(b, "reason", *r->reason ? r->reason : NULL);
	cmd_json_string(b, "condition", program->condition_text);
	json_states(b, program, r);
	cmd_json_count(b, "rounds", r->rounds);
	cmd_json_count(b, "filtered", r->filtered);
	cmd_json_count(b, "positive", c.positive);
	cmd_json_count(b, "negative", c.negative);
	cmd_json_string(b, "observation", observation(c));
	cmd_json_bool(b, "ok", is_met(program, c));
	cmd_json_string(b, "forbidden", forbidden);
	cmd_json_open(b, "timing");
	cmd_json_double(b, "seconds", r->seconds);
	cmd_json_close(b);
	cmd_json_close(b);
}

/* Does one of the two say that what was seen cannot be? free it; NULL: no. */
static char *forbidden(const struct litmus_program *program, const struct hw_litmus_result *r)
{
	static const char *const models[] = { "tso", "lkmm" };
	struct counts c = count(program, r);
	guint i;

	for (i = 0; i < G_N_ELEMENTS(models); i++) {
		const char *said = litmus_expected(program, models[i]);

		if (said && ((!strcmp(said, "Never") && c.positive) ||
			     (!strcmp(said, "Always") && c.negative)))
			return g_strdup_printf("%s=%s", models[i], said);
	}
	return NULL;
}

static void take_result(struct hw_totals *t, const struct litmus_program *program,
			const struct hw_litmus_result *r)
{
	char *word = forbidden(program, r);

	t->interrupted = r->interrupted;
	if (*r->reason) {
		t->limited++;
		cmd_message("%s: %s", program->path, r->reason);
	} else if (r->limited) {
		t->limited++;
		cmd_message("%s: ended after %.0f s with %" G_GUINT64_FORMAT " rounds",
			    program->path, t->own->seconds_max, r->rounds);
	} else {
		t->run++;
	}
	if (word) {
		t->forbidden++;
		cmd_message("%s: this machine shows %s, though the test says %s", program->path,
			    observation(count(program, r)), word);
	}
	if (t->json)
		json_result(t->json, program, r, word);
	else if (!*r->reason)
		print_result(program, r);
	g_free(word);
}

/* CPUs of the processes; NULL with an error. */
static guint *place(const struct hw_totals *t, const struct litmus_program *program,
		    GError **error)
{
	guint *cpus = hw_topology_place(t->topology, t->own->cpus, program->n_procs, TRUE, error);

	if (!cpus || t->own->oversubscribe ||
	    !hw_topology_oversubscribed(cpus, program->n_procs))
		return cpus;
	g_set_error(error, HW_ERROR, HW_ERROR_PLAN, "%s: %u processes need as many CPUs, of %s; "
		    "processes that share one (--oversubscribe) do not show what CPUs in parallel "
		    "do", program->path, program->n_procs,
		    t->own->cpus ? t->own->cpus : t->topology->allowed_text);
	g_free(cpus);
	return NULL;
}

static struct hw_litmus_result *run_program(const struct hw_totals *t,
					    const struct litmus_program *program, GError **error)
{
	struct hw_litmus_options opt = {
		.rounds = t->own->rounds ? t->own->rounds : LITMUS_HW_ROUNDS,
		.provoke = !t->own->no_provoke,
		.seed = 1,
		.seconds_max = t->own->seconds_max,
		.hang_seconds = LITMUS_HW_HANG,
	};
	struct hw_litmus_result *r = NULL;
	guint *cpus = NULL;

	if (opt.seconds_max > 0)
		opt.hang_seconds = MIN(opt.seconds_max, opt.hang_seconds);
	if (hw_litmus_takes(program, error))
		cpus = place(t, program, error);
	opt.cpus = cpus;
	if (cpus)
		r = hw_litmus_run(program, &opt, error);
	g_free(cpus);
	return r;
}

static void refused(struct hw_totals *t, const char *path, const char *reason)
{
	t->refused++;
	cmd_message("%s", reason);
	if (!t->json)
		return;
	cmd_json_open(t->json, NULL);
	cmd_json_string(t->json, "path", path);
	cmd_json_string(t->json, "result", "not run");
	cmd_json_string(t->json, "reason", reason);
	cmd_json_close(t->json);
}

/* What is wrong with this test only is told; all else ends the command. */
static gboolean run_file(struct hw_totals *t, const char *path, GError **error)
{
	GError *err = NULL;
	struct litmus_program *program = litmus_read(path, &err);
	struct hw_litmus_result *r = program ? run_program(t, program, &err) : NULL;
	gboolean ok = TRUE;

	if (r) {
		take_result(t, program, r);
	} else if (err->domain == LITMUS_ERROR ||
		   g_error_matches(err, HW_ERROR, HW_ERROR_PLAN)) {
		refused(t, path, err->message);
		g_clear_error(&err);
	} else {
		g_propagate_error(error, err);
		ok = FALSE;
	}
	hw_litmus_result_free(r);
	litmus_program_free(program);
	return ok && !t->interrupted;
}

static int status_of(const struct hw_totals *t)
{
	if (t->interrupted)
		return CMD_INTERRUPTED;
	if (t->forbidden)
		return CMD_VIOLATION;
	if (t->refused)
		return CMD_USAGE;
	return t->limited ? CMD_LIMIT : CMD_OK;
}

static void tell_totals(const struct hw_totals *t, guint files)
{
	if (t->json) {
		json_builder_end_array(t->json);
		cmd_json_count(t->json, "files", files);
		cmd_json_count(t->json, "run", t->run);
		cmd_json_count(t->json, "not_run", t->refused);
		cmd_json_count(t->json, "incomplete", t->limited);
		cmd_json_count(t->json, "forbidden", t->forbidden);
		cmd_json_string(t->json, "cpu", t->topology->cpu_model);
		cmd_json_print(t->json);
	}
	cmd_message("%u files: %u tests run on this machine (%s), %u not run, %u "
		    "incomplete, %u with a forbidden outcome", files, t->run,
		    t->topology->cpu_model, t->refused, t->limited, t->forbidden);
}

static int system_status(GError *error)
{
	gboolean system = g_error_matches(error, HW_ERROR, HW_ERROR_SYSTEM);
	int status = cmd_fail(error);

	return system ? CMD_SYSTEM : status;
}

int litmus_hw_files(const GPtrArray *files, const struct litmus_hw_options *own, gboolean json)
{
	GError *error = NULL;
	struct hw_topology *topology = hw_topology_new(&error);
	struct hw_totals t = { .own = own, .topology = topology };
	guint i;

	if (!topology)
		return system_status(error);
	if (json) {
		t.json = cmd_json_begin("litmus");
		json_builder_set_member_name(t.json, "tests");
		json_builder_begin_array(t.json);
	}
	for (i = 0; i < files->len && run_file(&t, files->pdata[i], &error); i++)
		;
	tell_totals(&t, files->len);
	hw_topology_free(topology);
	return error ? system_status(error) : status_of(&t);
}
