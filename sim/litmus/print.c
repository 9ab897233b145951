/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Results of litmus tests in the form that herd7 prints. */
#include "sim/litmus/print.h"

char *litmus_state_text(const struct litmus_program *program, const struct litmus_result *result,
			unsigned int i)
{
	GString *text = g_string_new(NULL);
	unsigned int k;

	for (k = 0; k < result->n_items; k++) {
		char *name = litmus_item_name(program, program->item[k]);
		char *value = litmus_value_text(program,
						result->value[(size_t)i * result->n_items + k]);

		g_string_append_printf(text, "%s%s=%s;", k ? " " : "", name, value);
		g_free(name);
		g_free(value);
	}
	return g_string_free(text, FALSE);
}

char *litmus_print(const struct litmus_program *program, const struct litmus_result *result)
{
	static const char *const kinds[] = { "Allowed", "Forbidden", "Required" };
	bool turned = program->quantifier == LITMUS_NOT_EXISTS;
	GString *text = g_string_new(NULL);
	unsigned int i;

	g_string_append_printf(text, "Test %s %s\nStates %u\n", program->name,
			       kinds[program->quantifier], result->n_states);
	for (i = 0; i < result->n_states; i++) {
		char *state = litmus_state_text(program, result, i);

		g_string_append_printf(text, "%s\n", state);
		g_free(state);
	}
	g_string_append_printf(text, "%s\nWitnesses\nPositive: %u Negative: %u\n",
			       litmus_is_met(program, result) ? "Ok" : "No",
			       turned ? result->negative : result->positive,
			       turned ? result->positive : result->negative);
	if (result->deadlock)
		g_string_append(text, "Flag deadlock\n");
	g_string_append_printf(text, "Condition %s\nObservation %s %s %u %u\n",
			       program->condition_text, program->name, litmus_observation(result),
			       result->positive, result->negative);
	if (program->hash)
		g_string_append_printf(text, "Hash=%s\n", program->hash);
	g_string_append_c(text, '\n');
	return g_string_free(text, FALSE);
}
