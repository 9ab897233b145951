#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Every mutant of the files that have been gone through (doc/mutation.md), against every
# scenario that ships: all are caught, or argued for in tests/mutants.equivalent. Takes
# an hour or so. Prints TAP.
#
# BUILDDIR: the build.

. "$(dirname "$0")/tap.sh" || exit 99

command -v nm >/dev/null || skip_all 'no binutils'
tap_dir
SETTLED="core/pte_list_lock.c core/rmap_first_level.c core/rmap_lock_bit.c \
core/rmap_node.c core/rmap_snapshot.c core/rmap_rcu.c \
core/pte_list_tail.c core/rmap_seqcount.c core/pte_list_walk.h core/pte_list_stack.c \
core/rmap_nulls_dirty.c core/rmap_position.c core/rmap_locked.c core/rmap_template.c \
core/pte_list.c core/pte_list.h core/mmu.h core/mmu.c"
make -s -C "${BUILDDIR:-.}" mutate FILES="$SETTLED" JOBS="$(getconf _NPROCESSORS_ONLN)" >"$dir/out" 2>"$dir/err"
result 'each mutant is caught or argued for' $? "$dir/out" "$dir/err"
[ "$(grep -c '^    caught: ' "$dir/out")" -gt "$(grep -c '^    SURVIVED' "$dir/out")" ]
result 'most are caught' $? "$dir/out"
tap_end
