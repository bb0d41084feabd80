"""The orders of the reference table and their answers, each in a store of its own.

A fraud analyst should be able to read the table that this prints, and nod.
"""

import json
import os
import pathlib
import re
import unittest

from doorstep_client import ROOT, Server
from orders import codes, cost, hazard
from policies import without_random_checks

VECTORS = pathlib.Path(os.environ.get("DOORSTEP_VECTORS") or ROOT / "tests/data/vectors")
CASES = json.loads((VECTORS / "answers.json").read_text())["cases"]
ROWS = []


def short(action):
    return action.removeprefix("ACTION_").lower()


def row(case, decision):
    """One line for the table: what was expected, what came, and the two cheapest prices."""
    value = sum(
        int(it["unit_price_minor"]) * it.get("quantity", 1) for it in case["order"]["items"]
    )
    prices = {
        short(it["action"]): it.get("total_minor", 0) / 100
        for it in decision["costs"]
        if it.get("feasible")
    }
    priced = "  ".join(f"{name} {price:.2f}" for name, price in prices.items())
    return f"{case['name'][:58]:58} {value / 100:7.0f}  {short(decision['action']):11}  {priced}"


class Answers(unittest.TestCase):
    maxDiff = None

    @classmethod
    def setUpClass(cls):
        cls.policy = without_random_checks()

    @classmethod
    def tearDownClass(cls):
        print(f"\n{'order':58} {'EUR':>7}  {'answer':11}  expected cost in EUR of what is possible")
        print("\n".join(ROWS), flush=True)

    def play(self, case):
        with Server("--policy", self.policy) as server:
            client = server.client
            client.learn(*case["events"])
            own = client.preview(case["order"])
            decision = client.decide(case["order"])
            ROWS.append(row(case, decision))
            self.check(case, decision)
            self.assertEqual(own["action"], decision["action"], "preview and answer differ")

    def check(self, case, decision):
        self.assertIn(decision["action"], case["action"].split(" or "))
        named = set(codes(decision))
        for line in decision["costs"]:
            named |= set(line.get("infeasible_because", []))
        self.assertLessEqual(set(case["reasons"]), named)
        if "code_contact_id" in case:
            self.assertEqual(decision.get("code_contact_id"), case["code_contact_id"])
        self.near(case, decision)

    def near(self, case, decision):
        """The reference is for orientation: a signal measured otherwise may move it a little."""
        reference = case.get("reference", {})
        for name, percent in reference.get("probability_percent", {}).items():
            found = hazard(decision, name.upper())["probability"]
            self.assertAlmostEqual(100 * found, percent, delta=0.02 + 0.05 * percent, msg=name)
        for name, price in reference.get("cost", {}).items():
            found = cost(decision, name.upper())["total_minor"] / 100
            self.assertAlmostEqual(found, price, delta=0.20 + 0.05 * price, msg=f"cost of {name}")

    def test_there_are_cases(self):
        self.assertGreaterEqual(len(CASES), 20)


def of(case):
    return lambda self: self.play(case)


for _number, _case in enumerate(CASES, 1):
    _name = re.sub(r"[^a-z0-9]+", "_", _case["name"].lower()).strip("_")
    setattr(Answers, f"test_{_number:02}_{_name}", of(_case))
