/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Graphs of single transitions, and what stays in them for ever; see search_loops.h. */
#include "tests/search_loops.h"
#include "tests/search_steps.h"
#include "tests/support.h"

struct edge {
	uint32_t to;
	uint8_t who;
	bool noted, restarted, ended;	/* of its task's walk */
	bool steps;
};

struct node {
	uint8_t *room;			/* a checkpoint */
	GArray *edges;
	uint8_t who[LOOPS_TASKS_MAX];	/* by place of the choice */
	bool in_walk[LOOPS_TASKS_MAX];
	bool strong[LOOPS_TASKS_MAX];	/* may act, and has to in time */
	bool weak[LOOPS_TASKS_MAX];	/* may, and need not unless it can for ever */
	/* of the components of the part that is looked at */
	bool in, on_stack;
	uint32_t index, low, comp;
};

struct loops {
	struct engine *e;
	unsigned int n_tasks;
	GPtrArray *nodes;
	GHashTable *known;		/* identity -> number + 1 */
	uint32_t from;			/* whose edges are being made */
	uint32_t states_max;
	bool reads_noted, begin_again;
	enum loops_end end;
	/* the part that is looked at */
	unsigned int walker, acting;	/* acting: a bit for each task */
	enum search_finding kind;
	GArray *stack;
	uint32_t index, n_comps;
};

/* --- the graph */

static struct node *node_of(const struct loops *l, uint32_t number)
{
	return g_ptr_array_index(l->nodes, number);
}

static void node_free(void *p)
{
	struct node *n = p;

	g_free(n->room);
	g_array_unref(n->edges);
	g_free(n);
}

static void note_enabled(struct loops *l, struct node *n)
{
	unsigned int i;

	g_assert_cmpuint(l->e->set.n, <=, LOOPS_TASKS_MAX);
	for (i = 0; i < l->e->set.n; i++) {
		unsigned int who = l->e->set.ev[i].who;
		bool weak = !l->e->plan->lock_fifo && l->e->tasks[who].sim.ev.kind == EV_LOCK;

		n->who[i] = who;
		n->weak[who] |= weak;
		n->strong[who] |= !weak;
	}
	for (i = 0; i < l->n_tasks; i++) {
		const struct task *t = &l->e->tasks[i];

		/* Asked for, whether it has come to act or not. */
		n->in_walk[i] = (t->in_op || t->begin_pending) && t->op.kind == PLAN_OP_WALK;
	}
}

/* The number of the state in which the engine stands. */
static uint32_t arrive(struct loops *l)
{
	gint64 key = engine_identity(l->e, 11);
	uint32_t number = GPOINTER_TO_UINT(g_hash_table_lookup(l->known, &key));
	struct node *n;

	if (number)
		return number - 1;
	n = g_new0(struct node, 1);
	n->room = g_malloc(checkpoint_room(l->e));
	n->room = g_realloc(n->room, checkpoint_put(l->e, n->room));
	n->edges = g_array_new(FALSE, FALSE, sizeof(struct edge));
	note_enabled(l, n);
	g_ptr_array_add(l->nodes, n);
	g_hash_table_insert(l->known, g_memdup2(&key, sizeof(key)),
			    GUINT_TO_POINTER(l->nodes->len));
	if (l->nodes->len > l->states_max)
		l->end = LOOPS_TOO_LARGE;
	return l->nodes->len - 1;
}

static struct edge edge_by(const struct task *t, unsigned int who)
{
	struct edge edge = { .who = who, .noted = t->notes.n > 0 };
	unsigned int i;

	for (i = 0; i < t->notes.n; i++) {
		edge.steps |= t->notes.at[i].steps > 0;
		edge.restarted |= t->notes.at[i].note == WALK_RESTARTED;
		edge.ended |= t->notes.at[i].note == WALK_ENDED;
	}
	edge.steps |= t->sim.pass_steps > t->notes.base;
	return edge;
}

static bool arrived(struct engine *e, unsigned int choice, void *data)
{
	struct loops *l = data;
	struct node *from = node_of(l, l->from);
	struct edge edge;

	l->begin_again |= e->slow_only != l->reads_noted;
	if (l->begin_again)
		return false;
	edge = edge_by(&e->tasks[from->who[choice]], from->who[choice]);
	if (search_steps_at_end(e)) {
		if (e->failed_check)
			l->end = LOOPS_BROKEN;
		return true;
	}
	edge.to = arrive(l);
	g_array_append_val(from->edges, edge);
	return l->end != LOOPS_TOO_LARGE;
}

static void clear(struct loops *l)
{
	g_clear_pointer(&l->nodes, g_ptr_array_unref);
	g_clear_pointer(&l->known, g_hash_table_unref);
}

static void explore(struct loops *l)
{
	do {
		clear(l);
		l->nodes = g_ptr_array_new_with_free_func(node_free);
		l->known = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, NULL);
		l->begin_again = false;
		l->end = LOOPS_COMPLETE;
		search_steps_begin(l->e);
		l->reads_noted = l->e->slow_only;
		if (search_steps_at_end(l->e))
			return;
		arrive(l);
		for (l->from = 0; l->from < l->nodes->len; l->from++) {
			checkpoint_get(l->e, node_of(l, l->from)->room);
			choice_refresh(l->e);
			if (!search_steps_each(l->e, node_of(l, l->from)->room, l->e->set.n,
					       arrived, l))
				break;
		}
	} while (l->begin_again);
}

struct loops *loops_new(const struct plan *plan, uint32_t states_max, enum loops_end *end)
{
	struct loops *l = g_new0(struct loops, 1);

	g_assert_cmpuint(plan->n_tasks, <=, LOOPS_TASKS_MAX);
	l->n_tasks = plan->n_tasks;
	l->states_max = states_max;
	l->stack = g_array_new(FALSE, FALSE, sizeof(uint32_t));
	l->e = support_engine(plan, ENGINE_SEARCH);
	explore(l);
	engine_free(l->e);
	l->e = NULL;
	*end = l->end;
	return l;
}

void loops_free(struct loops *l)
{
	clear(l);
	g_array_unref(l->stack);
	g_free(l);
}

/* --- components of a part of it */

static bool acts(const struct loops *l, unsigned int task)
{
	return l->acting >> task & 1;
}

static bool is_inside(const struct loops *l, const struct edge *edge)
{
	if (!acts(l, edge->who) || !node_of(l, edge->to)->in)
		return false;
	if (edge->who != l->walker)
		return true;
	switch (l->kind) {
	case SEARCH_ENDLESS_PASS:
		return !edge->noted;
	case SEARCH_ENDLESS_RESTARTS:
		return !edge->ended;
	default:
		return !edge->noted && !edge->steps;
	}
}

static void pop_component(struct loops *l, uint32_t root)
{
	uint32_t number;

	do {
		number = g_array_index(l->stack, uint32_t, l->stack->len - 1);
		g_array_set_size(l->stack, l->stack->len - 1);
		node_of(l, number)->on_stack = false;
		node_of(l, number)->comp = l->n_comps;
	} while (number != root);
	l->n_comps++;
}

/* Tarjan 1972. */
static void visit(struct loops *l, uint32_t number)
{
	struct node *n = node_of(l, number), *to;
	guint i;

	n->index = n->low = ++l->index;
	n->on_stack = true;
	g_array_append_val(l->stack, number);
	for (i = 0; i < n->edges->len; i++) {
		const struct edge *edge = &g_array_index(n->edges, struct edge, i);

		if (!is_inside(l, edge))
			continue;
		to = node_of(l, edge->to);
		if (!to->index)
			visit(l, edge->to);
		if (to->on_stack)
			n->low = MIN(n->low, to->low);
	}
	if (n->low == n->index)
		pop_component(l, number);
}

/* Where the walk goes on, and nobody who does not act would have to. */
static bool belongs(const struct loops *l, const struct node *n)
{
	unsigned int i;

	if (!n->in_walk[l->walker])
		return false;
	for (i = 0; i < l->n_tasks; i++) {
		if (!acts(l, i) && n->strong[i])
			return false;
	}
	return true;
}

static void find_components(struct loops *l, bool fair)
{
	uint32_t i;

	l->index = l->n_comps = 0;
	for (i = 0; i < l->nodes->len; i++) {
		struct node *n = node_of(l, i);

		n->in = fair ? belongs(l, n) : n->in_walk[l->walker];
		n->index = 0;
	}
	for (i = 0; i < l->nodes->len; i++) {
		if (node_of(l, i)->in && !node_of(l, i)->index)
			visit(l, i);
	}
}

/* What is there in one component. */
struct content {
	unsigned int acting;		/* tasks with an edge inside */
	unsigned int rests;		/* tasks that are not enabled somewhere */
	unsigned int waits;		/* tasks that are enabled somewhere */
	bool goal;
};

static void look_at_node(const struct loops *l, const struct node *n, struct content *c)
{
	unsigned int i;
	guint j;

	for (i = 0; i < l->n_tasks; i++) {
		if (n->strong[i] || n->weak[i])
			c->waits |= 1u << i;
		else
			c->rests |= 1u << i;
	}
	for (j = 0; j < n->edges->len; j++) {
		const struct edge *edge = &g_array_index(n->edges, struct edge, j);

		if (!is_inside(l, edge) || node_of(l, edge->to)->comp != n->comp)
			continue;
		c->acting |= 1u << edge->who;
		if (edge->who == l->walker)
			c->goal |= l->kind == SEARCH_ENDLESS_PASS ? edge->steps :
				   l->kind == SEARCH_ENDLESS_RESTARTS ? edge->restarted : true;
	}
}

static bool fits(const struct loops *l, const struct content *c)
{
	unsigned int everybody = (1u << l->n_tasks) - 1, w = 1u << l->walker;

	if (!c->acting || c->acting != l->acting || (c->rests | l->acting) != everybody)
		return false;
	switch (l->kind) {
	case SEARCH_STARVING:
		return c->waits & w;
	case SEARCH_STUCK:
		return !(c->waits & w);
	default:
		return c->goal;
	}
}

static bool any_component(struct loops *l, bool fair)
{
	struct content *c;
	bool found = false;
	uint32_t i;

	find_components(l, fair);
	c = g_new0(struct content, l->n_comps + 1);
	for (i = 0; i < l->nodes->len; i++) {
		if (node_of(l, i)->in)
			look_at_node(l, node_of(l, i), &c[node_of(l, i)->comp]);
	}
	for (i = 0; i < l->n_comps && !found; i++)
		found = fair ? fits(l, &c[i]) : c[i].goal;
	g_free(c);
	return found;
}

bool loops_kept(struct loops *l, unsigned int walker, enum search_finding kind)
{
	bool walker_acts = kind != SEARCH_STARVING && kind != SEARCH_STUCK;

	l->walker = walker;
	l->kind = kind;
	for (l->acting = 1; l->acting < 1u << l->n_tasks; l->acting++) {
		if (acts(l, walker) == walker_acts && any_component(l, true))
			return true;
	}
	return false;
}

bool loops_bounded(struct loops *l, unsigned int walker, enum search_finding kind)
{
	l->walker = walker;
	l->kind = kind;
	l->acting = (1u << l->n_tasks) - 1;
	return !any_component(l, false);
}
