"""The examples that we ship do what they say, a server that is down or frozen included."""

import importlib.util
import json
import signal
import socket
import subprocess
import sys
import unittest

from cases import Shared
from doorstep_client import ROOT, Server, folder
from orders import order

_spec = importlib.util.spec_from_file_location("checkout", ROOT / "examples/checkout.py")
checkout = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(checkout)


def unused():
    """An address where nobody listens."""
    with socket.socket() as it:
        it.bind(("127.0.0.1", 0))
        return f"127.0.0.1:{it.getsockname()[1]}"


class Checkout(Shared):
    def test_an_order_gets_its_action(self):
        it = order("book")
        decision = checkout.decide(it, self.server.target, patience_s=60)
        self.assertEqual(decision["action"], "ACTION_NONE")
        self.assertEqual(self.client.get(it["order_id"])["decision_id"], decision["decision_id"])

    def test_our_own_fault_is_told_and_not_sent_again(self):
        with self.assertRaises(ValueError) as caught:
            checkout.decide(order("book", currency_code="JPY"), self.server.target, patience_s=60)
        self.assertIn("invalid_argument", str(caught.exception))

    def test_as_a_program(self):
        with folder() as path:
            (path / "order.json").write_text(json.dumps(order("book")))
            done = subprocess.run(
                [sys.executable, ROOT / "examples/checkout.py", path / "order.json", unused()],
                capture_output=True,
                text=True,
                timeout=60,
            )
            self.assertEqual(done.stdout.strip(), "ACTION_NONE", done.stderr)


class Down(unittest.TestCase):
    def test_nobody_listens(self):
        later = []
        cheap, dear = order("book"), order("ring")
        self.assertEqual(checkout.place(cheap, unused(), later), "ACTION_NONE")
        self.assertEqual(checkout.place(dear, unused(), later), "HOLD")
        self.assertEqual(later, [cheap, dear])

    def test_a_frozen_server_and_the_same_call_again_when_it_thaws(self):
        with Server() as server:
            later = []
            it = order("ring")
            server.process.send_signal(signal.SIGSTOP)
            try:
                self.assertEqual(checkout.place(it, server.target, later), "HOLD")
            finally:
                server.process.send_signal(signal.SIGCONT)
            (again,) = later
            first = checkout.decide(again, server.target, patience_s=60)
            second = checkout.decide(again, server.target, patience_s=60)
            self.assertEqual(first["decision_id"], second["decision_id"])
            self.assertEqual(server.client.get(it["order_id"])["revision"], 1)
