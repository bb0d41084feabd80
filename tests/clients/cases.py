"""What test cases stand on: a server shared by those that disturb nobody, or one of their own."""

import unittest

from doorstep_client import Failed, Server, shared
from policies import without_random_checks


class Shared(unittest.TestCase):
    """Tests at the one moment `orders.NOW`, with ids of their own; chance is off."""

    maxDiff = None

    def setUp(self):
        self.server = shared("--policy", without_random_checks())
        self.client = self.server.client

    def refused(self, code, name, request, **more):
        """The call must end in this status; gives the failure for a closer look."""
        with self.assertRaises(Failed, msg=f"{name} was not refused: {request}") as caught:
            self.client.call(name, request, **more)
        self.assertEqual(caught.exception.code, code, caught.exception)
        self.assertTrue(caught.exception.message, "a refusal says something")
        return caught.exception

    def action(self, decision, *allowed):
        """The action is one of these, by short name."""
        names = [f"ACTION_{it}" for it in allowed]
        self.assertIn(decision["action"], names, decision.get("reasons"))


class Fresh(Shared):
    """Tests that move time or count everything: each with a server and a store of its own."""

    options = None

    def setUp(self):
        options = self.options
        if options is None:
            options = ("--policy", without_random_checks())
        self.server = Server(*options)
        self.addCleanup(lambda: self.server.forget())
        self.client = self.server.client

    def restart(self, stop=True):
        """Ends the server, politely or by SIGKILL, and starts another on its data."""
        if stop:
            self.assertEqual(self.server.stop(), 0, self.server.log())
        self.server.client.close()
        self.server.kill()
        after = Server(*(self.options or ("--policy", without_random_checks())), data=self.server.data)
        after.made = True
        self.server = after
        self.client = after.client
