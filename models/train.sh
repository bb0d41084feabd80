#!/bin/sh
# Makes models/trained.json, models/trained.md and the drawings in models/trained/ again, from simulated histories.
#
#   sh models/train.sh [path to doorstep]      about four minutes on two cores, 1.5 GiB for histories in a temporary folder
#
# Every world is a shop of its own: a year in which one order in ten, by chance, was asked for a code. No world is named
# `departed`: what departs from the prior on purpose stays unseen, so that it can judge.
set -eu
doorstep=${1:-target/release/doorstep}
orders=${ORDERS:-40000}
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
set --
seed=100
for scenario in baseline baseline baseline baseline baseline christmas-peak gift-season label-delay older-town \
    refund-ring rotten-courier split-shipment threshold-probing; do
    seed=$((seed + 1))
    "$doorstep" simulate --out "$scratch/$seed" --scenario "$scenario" --orders "$orders" --seed "$seed" \
        --past random-tenth >/dev/null
    set -- "$@" --history "$scratch/$seed"
done
"$doorstep" train "$@" --out models --name trained --claim-window 45d --answers tests/data/vectors/answers.json \
    --note "Learned from SIMULATED histories, no shop's own: worlds of models/world.toml with seeds 101 to $seed, $orders \
orders each, one in ten checked by chance. Train on your own past before you rely on it."
