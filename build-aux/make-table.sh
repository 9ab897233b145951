#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# make-table.sh FILE...: one X(NAME) for each file, in that order; NAME is the
# file's without its folder, .c and the prefix rmap_.
for file; do
	name=${file##*/}
	name=${name%.c}
	echo "X(${name#rmap_})"
done
