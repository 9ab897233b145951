#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The Linux kernel memory model's own litmus tests, taken whole: all are understood,
# and no model shows an outcome that their label says cannot be. They come from
# Debian's package of the kernel's source, which is fetched if it is not
# installed. Prints TAP.
#
# RMAPSIM: the program. BUILDDIR: the build.

. "$(dirname "$0")/tap.sh" || exit 99

RMAPSIM=$(realpath "${RMAPSIM:-./rmapsim}")
BUILDDIR=$(realpath "${BUILDDIR:-.}")
package=linux-source-6.1
tar=/usr/src/$package.tar.xz

tap_dir
cd "$dir" || exit 99
if [ ! -f "$tar" ]; then
	if ! apt-get download "$package" >err 2>&1 || ! dpkg-deb -x "$package"_*.deb . ; then
		skip_all "$package is not installed and cannot be fetched"
	fi
	tar=$dir/usr/src/$package.tar.xz
fi
tar -xf "$tar" --wildcards '*/tools/memory-model/litmus-tests/*' || exit 99
tests=$(echo */tools/memory-model/litmus-tests)
files=$(find "$tests" -name '*.litmus' | wc -l)

[ "$files" -ge 30 ]
result "there are tests: $files" $?
for model in sc tso pso weak; do
	"$RMAPSIM" litmus --check --model $model "$tests" >out 2>err
	status=$?
	result "$model shows nothing that its label forbids" $status
	grep -q "$files files: $files tests run, 0 not understood, 0 incomplete" err
	result "$model: all are understood and done" $?
done
# What is allowed and only shows where stores wait, or loads are old.
for name in SB+poonceonces MP+poonceonces R+poonceonces; do
	"$RMAPSIM" litmus --model weak "$tests/$name.litmus" >out 2>err
	grep -q "^Observation $name Sometimes" out
	result "weak shows $name" $?
done
RMAPSIM_LITMUS_FOLDER=$PWD/$tests "$BUILDDIR/tests/test_litmus_corpus" >out 2>err
result 'the axioms of tests/lkmm.c give every label' $?
tap_end
