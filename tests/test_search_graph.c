/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is made of a finished graph, on graphs made by hand and by chance: exact
 * worst cases against all ways gone along one by one, each with a witness that
 * reaches it; components against who reaches whom; the table against a list.
 */
#include <string.h>
#include "sim/search/private.h"
#include "tests/support.h"

enum { STATES_MAX = 12, GRAPHS = 3000 };

/* --- worst cases */

/* What has been counted along a way, and the most of each so far. */
struct count {
	uint64_t now[SEARCH_NR_METRICS], most[SEARCH_NR_METRICS];
};

static void count_add(struct count *c, enum search_metric metric, uint64_t n)
{
	c->now[metric] += n;
	c->most[metric] = MAX(c->most[metric], c->now[metric]);
}

static void count_label(struct count *c, const struct graph_label *label)
{
	unsigned int i;

	if (label->choice.who)
		return;		/* task 0 is the walker */
	for (i = 0; i < label->n_notes; i++) {
		count_add(c, SEARCH_PASS_STEPS, label->notes[i].steps);
		count_add(c, SEARCH_WALK_STEPS, label->notes[i].steps);
		count_add(c, SEARCH_RESTARTS, label->notes[i].note == WALK_RESTARTED);
		c->now[SEARCH_PASS_STEPS] = 0;
		if (label->notes[i].note == WALK_ENDED)
			memset(c->now, 0, sizeof(c->now));
	}
	count_add(c, SEARCH_PASS_STEPS, label->steps_after);
	count_add(c, SEARCH_WALK_STEPS, label->steps_after);
}

/* Along every way that begins at this state. */
static void count_ways(const struct graph *g, uint32_t state, const struct count *before,
		       uint64_t most[SEARCH_NR_METRICS])
{
	const struct graph_edge *edge;
	unsigned int m;

	for (m = 0; m < SEARCH_NR_METRICS; m++)
		most[m] = MAX(most[m], before->most[m]);
	for (edge = graph_first(g, state); edge; edge = graph_next(edge)) {
		struct count c = *before;

		count_label(&c, graph_label(g, edge));
		count_ways(g, edge->target, &c, most);
	}
}

/* The way's labels are those of edges that follow one another from the start. */
static bool leads_along(const struct graph *g, const struct way *way)
{
	uint32_t state = 0;
	size_t i;

	for (i = 0; i < way->n; i++) {
		const struct graph_edge *edge = graph_first(g, state);

		while (edge && (edge->label & ~GRAPH_LAST) != way->label[i])
			edge = graph_next(edge);
		if (!edge)
			return false;
		state = edge->target;
	}
	return true;
}

static void check_metric(const struct search *s, enum search_metric metric, uint64_t most)
{
	const struct search_bound *b = &s->res->walker[0].bound[metric];
	const struct way *way = &s->worst[0][metric];
	struct count c = { .now = { 0 } };
	size_t i;

	g_assert_true(b->finite);
	g_assert_cmpuint(b->max, ==, most);
	g_assert_true(leads_along(&s->graph, way));
	for (i = 0; i < way->n; i++)
		count_label(&c, &s->graph.labels[way->label[i]]);
	g_assert_cmpuint(c.most[metric], ==, most);
}

/* The graph is given away. */
static void check_worst(const struct graph *g)
{
	struct search_result res = { .n_walkers = 1 };
	uint64_t most[SEARCH_NR_METRICS] = { 0 };
	struct search *s = g_new0(struct search, 1);
	struct count none = { .now = { 0 } };
	struct components c;
	unsigned int m;

	s->graph = *g;
	s->res = &res;
	s->components = &c;
	search_interrupted = 0;
	g_assert_true(components_init(&c, &s->graph));
	g_assert_true(worst_find(s));
	components_clear(&c);
	count_ways(&s->graph, 0, &none, most);
	for (m = 0; m < SEARCH_NR_METRICS; m++) {
		check_metric(s, m, most[m]);
		way_clear(&s->worst[0][m]);
	}
	graph_clear(&s->graph);
	g_free(s);
}

/* States 0..n-1, all found before any is left, as in a search. */
static void begin_graph(struct graph *g, unsigned int n)
{
	g_assert_true(graph_init(g));
	while (n--)
		graph_add_state(g, 0);
}

/* A state with one way on. */
static void add_way_on(struct graph *g, uint32_t from, uint32_t to, struct graph_label label)
{
	struct graph_edge edge = { .target = to, .label = graph_add_label(g, &label) };

	g_assert_true(graph_add_edges(g, from, &edge, 1));
}

static const struct graph_label ends_after_2 = {
	.n_notes = 1, .notes = { { .steps = 2, .note = WALK_ENDED } },
};

/* The longest pass begins on the edge on which a shorter one is given up. */
static void test_pass_begins_on_edge(void)
{
	const struct graph_label restart = {
		.n_notes = 1, .notes = { { .steps = 3, .note = WALK_RESTARTED } },
		.steps_after = 4,
	};
	struct graph g;

	begin_graph(&g, 3);
	add_way_on(&g, 1, 2, ends_after_2);
	add_way_on(&g, 0, 1, restart);
	check_worst(&g);
}

/* The longest pass begins and ends within one transition. */
static void test_pass_inside_edge(void)
{
	const struct graph_label restarts = {
		.n_notes = 3, .steps_after = 1, .notes = {
			{ .steps = 3, .note = WALK_RESTARTED },
			{ .steps = 9, .note = WALK_RESTARTED },
			{ .steps = 1, .note = WALK_SLOW_PATH },
		},
	};
	struct graph g;

	begin_graph(&g, 3);
	add_way_on(&g, 1, 2, ends_after_2);
	add_way_on(&g, 0, 1, restarts);
	check_worst(&g);
}

static void random_label(struct rng *r, struct graph_label *label)
{
	unsigned int i, n = rng_below(r, 4);

	memset(label, 0, sizeof(*label));
	label->choice.who = rng_below(r, 3) == 0;
	if (label->choice.who)
		return;
	label->n_notes = n;
	label->steps_after = rng_below(r, 4);
	for (i = 0; i < n; i++) {
		label->notes[i].steps = rng_below(r, 5);
		label->notes[i].note = rng_below(r, 2) ? WALK_RESTARTED : WALK_SLOW_PATH;
	}
	if (n && rng_below(r, 2)) {	/* behind a walk's end nothing is counted */
		label->notes[n - 1].note = WALK_ENDED;
		label->steps_after = 0;
	}
}

/* Edges lead to states of higher numbers, so that there is no cycle. */
static void test_worst_random(void)
{
	struct rng r;
	unsigned int i;

	rng_init(&r, 7, 0);
	for (i = 0; i < GRAPHS; i++) {
		uint32_t n = 2 + rng_below(&r, 7), state, k;
		struct graph g;

		begin_graph(&g, n);
		for (state = n - 1; state-- > 0;) {
			struct graph_edge edges[3];
			struct graph_label label;

			for (k = 0; k <= rng_below(&r, 3) && k < 3; k++) {
				random_label(&r, &label);
				label.choice.cpu = k;	/* a choice leads to one state */
				edges[k].target = k ? state + 1 + rng_below(&r, n - state - 1) :
						      state + 1;
				edges[k].label = graph_add_label(&g, &label);
			}
			g_assert_true(graph_add_edges(&g, state, edges, k));
		}
		check_worst(&g);
	}
}

/* --- components */

struct net {
	unsigned int n;
	bool edge[STATES_MAX][STATES_MAX], out[STATES_MAX][STATES_MAX];	/* out: filtered */
	bool reached[STATES_MAX];
	struct graph g;
	uint8_t in[STATES_MAX];
};

/* As a search leaves states: with all their edges, behind what they lead to. */
static void leave_states(struct net *net, uint32_t state)
{
	struct graph_edge edges[STATES_MAX];
	uint32_t to, n = 0;

	net->reached[state] = true;
	for (to = 0; to < net->n; to++) {
		if (!net->edge[state][to])
			continue;
		edges[n++] = (struct graph_edge){ .target = to };
		if (!net->reached[to])
			leave_states(net, to);
	}
	g_assert_true(graph_add_edges(&net->g, state, edges, n));
}

static bool passes(const struct graph *g, uint32_t from, const struct graph_edge *edge, void *data)
{
	const struct net *net = data;

	(void)g;
	return !net->out[from][edge->target];
}

static void check_components(struct net *net, const struct components *c)
{
	bool to[STATES_MAX][STATES_MAX] = { { false } };
	uint32_t i, j, k;

	for (i = 0; i < net->n; i++) {
		g_assert_true((c->of[i] == UINT32_MAX) == !net->in[i]);
		for (j = 0; j < net->n; j++)
			to[i][j] = net->in[i] && net->in[j] && net->reached[i] &&
				   net->edge[i][j] && !net->out[i][j];
	}
	for (k = 0; k < net->n; k++)
		for (i = 0; i < net->n; i++)
			for (j = 0; j < net->n; j++)
				to[i][j] |= to[i][k] && to[k][j];
	for (i = 0; i < net->n; i++) {
		for (j = 0; j < net->n; j++) {
			if (i == j || !net->in[i] || !net->in[j])
				continue;
			g_assert_true((c->of[i] == c->of[j]) == (to[i][j] && to[j][i]));
			g_assert_true(!to[i][j] || c->of[j] <= c->of[i]);
		}
	}
	for (k = 0; k < c->n; k++) {
		g_assert_cmpuint(c->first[k], <, c->first[k + 1]);
		for (i = c->first[k]; i < c->first[k + 1]; i++)
			g_assert_cmpuint(c->of[c->member[i]], ==, k);
	}
}

/* Of one in three the edges all lead on, so that the order of the search is taken. */
static void test_components(void)
{
	struct net *net = g_new(struct net, 1);
	unsigned int i, a, b, round;
	struct components c;
	struct rng r;

	rng_init(&r, 8, 0);
	for (i = 0; i < GRAPHS; i++) {
		memset(net, 0, sizeof(*net));
		net->n = 1 + rng_below(&r, STATES_MAX);
		for (a = 0; a < net->n; a++)
			for (b = 0; b < net->n; b++)
				net->edge[a][b] = (i % 3 || b > a) && !rng_below(&r, 3);
		begin_graph(&net->g, net->n);
		leave_states(net, 0);
		g_assert_true(components_init(&c, &net->g));
		for (round = 0; round < 3; round++) {
			for (a = 0; a < net->n; a++) {
				net->in[a] = !round || rng_below(&r, 4);
				for (b = 0; b < net->n; b++)
					net->out[a][b] = round == 2 && !rng_below(&r, 3);
			}
			components_find(&c, net->in, passes, net);
			check_components(net, &c);
		}
		components_clear(&c);
		graph_clear(&net->g);
	}
	g_free(net);
}

/* --- the table */

/* Hashes that crowd at both ends, so that entries are pushed far, and beyond the last slot. */
static uint64_t crowded(struct rng *r, unsigned int how)
{
	uint64_t h = rng_next(r);

	switch (how) {
	case 0:
		return h;
	case 1:
		return h | 0xffffull << 48;
	case 2:
		return h >> 20;
	default:
		return h & 0xfffull << 52;
	}
}

static void check_table(unsigned int how, bool numbers)
{
	GHashTable *known = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, NULL);
	uint32_t next = 0, i, got;
	struct table t;
	struct rng r;

	rng_init(&r, how, numbers);
	g_assert_true(table_init(&t, numbers, false));
	for (i = 0; i < 20000; i++) {
		gint64 h = crowded(&r, i % 2 ? how : 0), key;
		gpointer is;

		key = h ? h : 1;	/* as the table has it */
		is = g_hash_table_lookup(known, &key);
		got = table_enter(&t, h, NULL, 0, next);
		if (is) {
			g_assert_cmpuint(got, ==, numbers ? GPOINTER_TO_UINT(is) - 1 : 0);
			continue;
		}
		g_assert_cmpuint(got, ==, TABLE_NEW);
		g_hash_table_insert(known, g_memdup2(&key, sizeof(key)),
				    GUINT_TO_POINTER(++next));
	}
	g_assert_cmpuint(t.used, ==, next);
	table_clear(&t);
	g_hash_table_unref(known);
}

static void test_table(void)
{
	unsigned int how;

	for (how = 0; how < 4; how++) {
		check_table(how, true);
		check_table(how, false);
	}
}

/* Two states with one hash: told apart by their words, and found again. */
static void test_table_exact(void)
{
	struct table t;
	uint64_t i;

	g_assert_true(table_init(&t, true, true));
	for (i = 0; i < 6000; i++)
		g_assert_cmpuint(table_enter(&t, (i / 3) << 40, &i, 1, i), ==, TABLE_NEW);
	for (i = 0; i < 6000; i++)
		g_assert_cmpuint(table_enter(&t, (i / 3) << 40, &i, 1, 6000), ==, i);
	g_assert_cmpuint(t.collisions, >, 0);
	table_clear(&t);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/search/worst/a pass begins on an edge", test_pass_begins_on_edge);
	g_test_add_func("/search/worst/a pass within an edge", test_pass_inside_edge);
	g_test_add_func("/search/worst/graphs by chance", test_worst_random);
	g_test_add_func("/search/components/graphs by chance", test_components);
	g_test_add_func("/search/table/hashes that crowd", test_table);
	g_test_add_func("/search/table/one hash, several states", test_table_exact);
	return g_test_run();
}
