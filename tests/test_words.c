/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The words of a list: pointers and positions in one word, for user and kernel
 * addresses of 48 and 57 bits; what happens when positions run out.
 */
#include <string.h>
#include <glib.h>
#include "core/pte_list.h"
#include "tests/core_world.h"

static const unsigned long addresses[][2] = {
	/* bits, address */
	{ 48, 0x0000000000001000ul }, { 48, 0x00007ffffffffff8ul }, { 48, 0x0000550000000040ul },
	{ 48, 0xffff888000000000ul }, { 48, 0xffff800000000008ul }, { 48, 0xfffffffffffffff8ul },
	{ 57, 0x0000000000001000ul }, { 57, 0x00fffffffffffff8ul }, { 57, 0x00ab550000000040ul },
	{ 57, 0xff11000000000000ul }, { 57, 0xff00000000000008ul }, { 57, 0xfffffffffffffff8ul },
};

static void test_round_trip(void)
{
	unsigned int i, shift;

	for (i = 0; i < G_N_ELEMENTS(addresses); i++) {
		struct kvm kvm = { .address_bits = addresses[i][0] };
		struct pte_list_desc *desc = (struct pte_list_desc *)addresses[i][1];

		g_assert_cmphex(pte_list_word(&kvm, desc, 77), ==, (unsigned long)desc);
		g_assert_cmphex(pte_list_position(&kvm, (unsigned long)desc), ==, 0);
		for (shift = kvm.address_bits; shift < 64; shift++) {
			uint64_t max = (1ull << (64 - shift)) - 1, position;

			kvm.position_shift = shift;
			kvm.position_max = max;
			for (position = 0; position <= max; position += 1 + max / 9) {
				unsigned long word = pte_list_word(&kvm, desc, position);

				g_assert_cmphex(pte_list_position(&kvm, word), ==, position);
				g_assert_true(pte_list_desc_of(&kvm, word) == desc);
				word |= PTE_LIST_MANY;
				g_assert_cmphex(pte_list_position(&kvm, word), ==, position);
				g_assert_true(pte_list_desc_of(&kvm, word) == desc);
			}
		}
	}
}

/* Replaced, not or-ed: a kernel address has all those bits set already. */
static void test_position_is_replaced(void)
{
	struct kvm kvm = { .address_bits = 48, .position_shift = 50, .position_max = 0x3fff };
	struct pte_list_desc *desc = (struct pte_list_desc *)0xffff888000000100ul;
	unsigned long word = pte_list_word(&kvm, desc, 5);

	g_assert_cmphex(word, ==, 5ul << 50 | ((unsigned long)desc & ((1ul << 50) - 1)));
	g_assert_cmphex(pte_list_word(&kvm, pte_list_desc_of(&kvm, word), 2) >> 50, ==, 2);
}

/* Nulls carry no position; in the high half their upper bits would look like the largest. */
static void test_nulls(void)
{
	struct kvm kvm = { .address_bits = 48, .position_shift = 50, .position_max = 0x3fff };
	struct kvm_rmap_head *rmap = (struct kvm_rmap_head *)0xffff888000000100ul;

	g_assert_true(pte_list_is_nulls(pte_list_nulls(rmap)));
	g_assert_true(pte_list_pointer(&kvm, pte_list_nulls(rmap)) == rmap);
	g_assert_cmphex(pte_list_position(&kvm, pte_list_nulls(rmap)), ==, 0x3fff);
	g_assert_false(pte_list_is_nulls(pte_list_word(&kvm, (void *)rmap, 0x3fff)));
}

static const struct core_build *const builds[] = {
	&core_build_sim, &core_build_hw, &core_build_high,
};

enum { COLLAPSE, INIT, SHIFT, BITS, COMPARE, RETRIES, OVERFLOW };

static struct core_spec position_spec(unsigned int ext, long bits, long overflow)
{
	struct core_spec spec = {
		.ext = ext, .rmaps = 1, .sptes = 60, .address_bits = 48, .descs = 60,
		.param = { [SHIFT] = 50, [BITS] = bits, [COMPARE] = 1, [RETRIES] = 3,
			   [OVERFLOW] = overflow },
	};

	while (strcmp(rmap_algorithms[spec.algorithm]->name, "position"))
		spec.algorithm++;
	return spec;
}

static void assert_same_list(const struct core_list *a, const struct core_list *b)
{
	g_assert_cmpmem(a, sizeof(*a), b, sizeof(*b));
}

/* reject: the add says -EOVERFLOW and has changed nothing; after a pop there is room again. */
static void test_overflow_reject(void)
{
	static struct core_list was, now;
	unsigned int bits, ext, n;
	size_t b;

	for (b = 0; b < G_N_ELEMENTS(builds); b++)
		for (bits = 1; bits <= 3; bits++)
			for (ext = 2; ext <= 5; ext++) {
				struct core_spec spec = position_spec(ext, bits, PTE_LIST_REJECT);
				struct core_world *w = builds[b]->make(&spec);
				unsigned int room = ((1u << bits) - 1) * ext;

				for (n = 0; n < room; n++)
					g_assert_cmpint(builds[b]->add(w, 0, n), ==, 0);
				builds[b]->list(w, 0, &was);
				g_assert_cmpint(builds[b]->add(w, 0, n), ==, -EOVERFLOW);
				builds[b]->list(w, 0, &now);
				assert_same_list(&was, &now);
				g_assert_cmpuint(builds[b]->live(w), ==, (1u << bits) - 1);
				g_assert_null(builds[b]->refusal(w, room));
				g_assert_nonnull(builds[b]->refusal(w, room + 1));
				builds[b]->remove(w, 0, 0);
				g_assert_cmpint(builds[b]->add(w, 0, n), ==, 0);
				builds[b]->free(w);
			}
}

/* What a walk of n sptes, two a descriptor, comes to when positions are of two bits. */
static void overflow_walk(struct core_spec *spec, unsigned int n, uint64_t restarts,
			  uint64_t slow_path)
{
	struct core_walked walked;
	unsigned int i;
	size_t b;

	for (b = 0; b < G_N_ELEMENTS(builds); b++) {
		struct core_world *w = builds[b]->make(spec);

		for (i = 0; i < n; i++)
			g_assert_cmpint(builds[b]->add(w, 0, i), ==, 0);
		builds[b]->walk(w, 0, 0, &walked);
		g_assert_cmpint(walked.result, ==, RMAP_WALK_COMPLETE);
		for (i = 0; i < n; i++)
			g_assert_cmpuint(walked.visits[i], >, 0);
		if (walked.counted) {
			g_assert_cmpuint(walked.stats.restarts, ==, restarts);
			g_assert_cmpuint(walked.stats.slow_path, ==, slow_path);
		}
		builds[b]->free(w);
	}
}

/* wrap: behind the largest comes 1, which no walk goes up from; after N restarts it locks. */
static void test_overflow_wrap(void)
{
	struct core_spec spec = position_spec(2, 2, PTE_LIST_WRAP);
	long retries;

	for (retries = 0; retries < 4; retries++) {
		spec.param[RETRIES] = retries;
		overflow_walk(&spec, 6, 0, 0);
		overflow_walk(&spec, 7, retries, 1);
		overflow_walk(&spec, 13, retries, 1);
	}
	/* With one position only, ge follows what gt does not. */
	spec = position_spec(2, 1, PTE_LIST_WRAP);
	overflow_walk(&spec, 5, 3, 1);
	spec.param[COMPARE] = 0;
	overflow_walk(&spec, 5, 0, 0);
}

/* locked: who meets an unnumbered descriptor takes mmu_lock at once. */
static void test_overflow_locked(void)
{
	struct core_spec spec = position_spec(2, 2, PTE_LIST_UNNUMBERED);

	overflow_walk(&spec, 6, 0, 0);
	overflow_walk(&spec, 7, 0, 1);
	overflow_walk(&spec, 20, 0, 1);
}

/* When the slab has nothing left an add says so, and has changed nothing. */
static void test_no_memory(void)
{
	static struct core_list was, now;
	struct core_spec spec = position_spec(2, 0, PTE_LIST_REJECT);
	struct core_world *w;
	unsigned int i;

	for (i = 0; rmap_algorithms[i]; i++) {
		unsigned int n = 0;

		spec.algorithm = i;
		spec.descs = 2;
		memset(spec.param, 0, sizeof(spec.param));
		for (const struct rmap_param *p = rmap_algorithms[i]->params; p->name; p++)
			spec.param[p - rmap_algorithms[i]->params] = p->def;
		w = core_build_sim.make(&spec);
		if (core_build_sim.objects_max(w, 5) < 3) {
			core_build_sim.free(w);
			continue;
		}
		while (core_build_sim.add(w, 0, n) == 0)
			n++;
		/* Two descriptors of two slots, or as many objects of another kind as there are. */
		g_assert_cmpuint(core_build_sim.objects_max(w, n + 1), >, spec.descs);
		g_assert_cmpuint(n, ==, core_build_sim.list(w, 0, &was) ? 4 : spec.descs);
		g_assert_cmpint(core_build_sim.add(w, 0, n), ==, -ENOMEM);
		core_build_sim.list(w, 0, &now);
		assert_same_list(&was, &now);
		core_build_sim.remove(w, 0, 0);
		g_assert_cmpint(core_build_sim.add(w, 0, n), ==, 0);
		g_assert_null(core_build_sim.complaint(w));
		core_build_sim.free(w);
	}
}

/* Positions that the address's own bits would hide are refused, with what would be valid. */
static void test_refusals(void)
{
	struct core_spec spec = position_spec(3, 0, PTE_LIST_REJECT);
	struct core_world *w;

	spec.address_bits = 57;
	w = core_build_hw.make(&spec);
	g_assert_nonnull(strstr(core_build_hw.refusal(w, 1), "valid: at least 57"));
	core_build_hw.free(w);
	spec.param[SHIFT] = 57;
	w = core_build_hw.make(&spec);
	g_assert_null(core_build_hw.refusal(w, 381));
	g_assert_nonnull(strstr(core_build_hw.refusal(w, 382), "sptes up to 381"));
	core_build_hw.free(w);
	spec.ext = 14;
	w = core_build_hw.make(&spec);
	g_assert_null(core_build_hw.refusal(w, 1778));
	g_assert_nonnull(core_build_hw.refusal(w, 1779));
	core_build_hw.free(w);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/words/round-trip", test_round_trip);
	g_test_add_func("/words/position-is-replaced", test_position_is_replaced);
	g_test_add_func("/words/nulls", test_nulls);
	g_test_add_func("/words/overflow/reject", test_overflow_reject);
	g_test_add_func("/words/overflow/wrap", test_overflow_wrap);
	g_test_add_func("/words/overflow/locked", test_overflow_locked);
	g_test_add_func("/words/no-memory", test_no_memory);
	g_test_add_func("/words/refusals", test_refusals);
	return g_test_run();
}
