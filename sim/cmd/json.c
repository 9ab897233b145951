/* SPDX-License-Identifier: GPL-2.0-or-later */
/* JSON for programs: one object on stdout, with a schema number. */
#include <stdio.h>
#include "sim/cmd/common.h"

JsonBuilder *cmd_json_begin(const char *command)
{
	JsonBuilder *b = json_builder_new();

	json_builder_begin_object(b);
	cmd_json_count(b, "schema", CMD_JSON_SCHEMA);
	cmd_json_string(b, "program", "rmapsim");
	cmd_json_string(b, "version", cmd_version);
	cmd_json_string(b, "command", command);
	return b;
}

/* JSON is UTF-8; a file's name need not be. */
void cmd_json_string(JsonBuilder *b, const char *name, const char *value)
{
	char *utf8;

	if (name)
		json_builder_set_member_name(b, name);
	if (!value) {
		json_builder_add_null_value(b);
		return;
	}
	utf8 = g_utf8_make_valid(value, -1);
	json_builder_add_string_value(b, utf8);
	g_free(utf8);
}

void cmd_json_count(JsonBuilder *b, const char *name, guint64 value)
{
	json_builder_set_member_name(b, name);
	json_builder_add_int_value(b, value);
}

void cmd_json_double(JsonBuilder *b, const char *name, double value)
{
	json_builder_set_member_name(b, name);
	json_builder_add_double_value(b, value);
}

void cmd_json_bool(JsonBuilder *b, const char *name, gboolean value)
{
	json_builder_set_member_name(b, name);
	json_builder_add_boolean_value(b, value);
}

void cmd_json_seed(JsonBuilder *b, const char *name, guint64 value)
{
	char text[32];

	g_snprintf(text, sizeof(text), "%" G_GUINT64_FORMAT, value);
	cmd_json_string(b, name, text);
}

void cmd_json_digest(JsonBuilder *b, const char *name, guint64 value)
{
	char text[32];

	g_snprintf(text, sizeof(text), "0x%016" G_GINT64_MODIFIER "x", value);
	cmd_json_string(b, name, text);
}

void cmd_json_strings(JsonBuilder *b, const char *name, const char *const *values)
{
	json_builder_set_member_name(b, name);
	json_builder_begin_array(b);
	for (; values && *values; values++)
		cmd_json_string(b, NULL, *values);
	json_builder_end_array(b);
}

void cmd_json_open(JsonBuilder *b, const char *name)
{
	if (name)
		json_builder_set_member_name(b, name);
	json_builder_begin_object(b);
}

void cmd_json_close(JsonBuilder *b)
{
	json_builder_end_object(b);
}

static void json_parameters(JsonBuilder *b, const struct plan *plan)
{
	const struct rmap_algorithm *a = plan_find_algorithm(rmap_algorithms, plan->algorithm);
	guint i;

	cmd_json_open(b, "parameters");
	for (i = 0; a && a->params && a->params[i].name; i++) {
		char *value = cmd_parameter_value(&a->params[i], plan->param[i]);

		cmd_json_string(b, a->params[i].name, value);
		g_free(value);
	}
	cmd_json_close(b);
}

void cmd_json_plan(JsonBuilder *b, const struct plan *plan)
{
	cmd_json_string(b, "scenario", plan->name);
	cmd_json_string(b, "path", plan->path);
	cmd_json_digest(b, "plan_digest", plan->digest);
	cmd_json_string(b, "algorithm", plan->algorithm);
	json_parameters(b, plan);
	cmd_json_string(b, "model", plan->model);
	cmd_json_string(b, "strategy", plan->strategy);
	cmd_json_strings(b, "checks", (const char *const *)plan->checks);
}

void cmd_json_print(JsonBuilder *b)
{
	JsonGenerator *generator = json_generator_new();
	JsonNode *root;
	char *text;

	json_builder_end_object(b);
	root = json_builder_get_root(b);
	json_generator_set_pretty(generator, TRUE);
	json_generator_set_root(generator, root);
	text = json_generator_to_data(generator, NULL);
	puts(text);
	g_free(text);
	json_node_unref(root);
	g_object_unref(generator);
	g_object_unref(b);
}
