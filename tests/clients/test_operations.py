"""What operators meet: health, metrics, logs, drains, restarts, and starts that must fail."""

import os
import re
import shutil
import signal
import socket
import sqlite3
import threading
import time
import unittest
import urllib.request

import grpc
from grpc_health.v1 import health_pb2, health_pb2_grpc

from cases import Fresh, Shared
from doorstep_client import ROOT, Client, Failed, Server, folder, run
from orders import at, event, item, order, past_orders, smallest, uid
from policies import CATALOGUE, SHIPPED, written


def page(server, path="/metrics"):
    with urllib.request.urlopen(f"http://{server.addresses['metrics']}{path}", timeout=60) as it:
        return it.read().decode()


def secrets(data):
    """Files of keys in a data directory."""
    return [it for it in data.rglob("*") if "key" in str(it.relative_to(data)) and it.is_file()]


class Health(Shared):
    def stub(self):
        return health_pb2_grpc.HealthStub(self.client.channel)

    def test_the_server_and_its_services_serve(self):
        for service in ["", "doorstep.v1.DecisionService", "doorstep.v1.HistoryService"]:
            answer = self.stub().Check(health_pb2.HealthCheckRequest(service=service))
            self.assertEqual(answer.status, health_pb2.HealthCheckResponse.SERVING, service)

    def test_an_unknown_service_is_not_found(self):
        with self.assertRaises(grpc.RpcError) as caught:
            self.stub().Check(health_pb2.HealthCheckRequest(service="nobody"))
        self.assertEqual(caught.exception.code(), grpc.StatusCode.NOT_FOUND)

    def test_a_watch_tells_at_once(self):
        watch = self.stub().Watch(health_pb2.HealthCheckRequest(service=""))
        self.assertEqual(next(watch).status, health_pb2.HealthCheckResponse.SERVING)
        watch.cancel()

    def test_by_reflection_alone(self):
        answer = self.client.call("grpc.health.v1.Health/Check")
        self.assertEqual(answer["status"], "SERVING")


class Quiet(Fresh):
    """No id, key or contact in metrics or logs."""

    def test_metrics_and_logs_hold_no_ids(self):
        it = order(
            "phone",
            order_id="secret-order",
            customer_id="secret-customer",
            delivery={"address_key": "secret-address"},
            session={"device_key": "secret-device", "payment_key": "secret-payment"},
        )
        self.client.decide(it)
        self.client.learn(event("password_reset", customer_id="secret-customer"))
        self.refused("INVALID_ARGUMENT", "Decide", {"order": order(order_id="secret@person")})
        self.refused("NOT_FOUND", "GetProfile", {"customer_id": "secret-nobody"})
        text = page(self.server)
        self.assertNotIn("secret", text)
        self.assertEqual(self.server.stop(), 0)
        for kind in ["customer", "address", "device", "payment", "sms-", "person", "nobody"]:
            self.assertNotIn(f"secret-{kind}", self.server.log())
        self.assertNotIn("secret@person", self.server.log())

    def test_metrics_count_what_was_decided(self):
        for goods in ["book", "laptop", "phone"]:
            self.client.decide(order(goods))
        text = page(self.server)
        self.assertRegex(text, r"(?m)^# HELP ")
        self.assertRegex(text, r"(?m)^# TYPE ")
        self.assertTrue(text.rstrip().endswith("# EOF"), text[-200:])
        counted = re.findall(r'(?m)^(\w+)\{[^}]*action="(\w+)"[^}]*\} (\d+)', text)
        self.assertTrue(counted, "no metric by action")
        self.assertRegex(text.lower(), "driven", "a driven clock is announced")

    def test_standard_output_holds_nothing_but_the_listeners(self):
        self.client.decide(order("book"))
        self.server.stop()
        rest = []
        while not self.server.lines.empty():
            rest.append(self.server.lines.get())
        self.assertEqual([it for it in rest if it], [])

    def test_logs_are_lines_of_json_when_asked_or_text(self):
        self.client.decide(order("book"))
        self.assertTrue(self.server.log().strip(), "a server says what it does")
        self.assertIn("driven", self.server.log().lower())


class Stopping(unittest.TestCase):
    def test_a_signal_drains_silent_connections_included(self):
        with Server() as server:
            host, port = server.target.split(":")
            silent = [socket.create_connection((host, int(port))) for _ in range(5)]
            watch = health_pb2_grpc.HealthStub(server.client.channel).Watch(
                health_pb2.HealthCheckRequest(service="")
            )
            self.assertEqual(next(watch).status, health_pb2.HealthCheckResponse.SERVING)
            server.process.send_signal(signal.SIGTERM)
            seen = []
            with self.assertRaises(grpc.RpcError):
                for answer in watch:
                    seen.append(answer.status)
            self.assertEqual(seen[:1], [health_pb2.HealthCheckResponse.NOT_SERVING])
            self.assertEqual(server.process.wait(30), 0, server.log())
            for it in silent:
                it.close()

    def test_calls_under_way_are_answered(self):
        with Server() as server:
            answers, faults = [], []

            def work():
                client = Client(server.target)
                for _ in range(1000):
                    it = order("book")
                    try:
                        answers.append((it, client.decide(it)["decision_id"]))
                    except Exception as failure:
                        faults.append(failure)
                        return

            threads = [threading.Thread(target=work) for _ in range(4)]
            for it in threads:
                it.start()
            while len(answers) < 20:
                time.sleep(0.01)
            server.process.send_signal(signal.SIGTERM)
            for it in threads:
                it.join()
            self.assertEqual(server.process.wait(30), 0, server.log())
            self.assertTrue(all(it.code == "UNAVAILABLE" for it in faults), faults)
            again = Server(data=server.data)
            try:
                for it, decision_id in answers:
                    self.assertEqual(again.client.get(it["order_id"])["decision_id"], decision_id)
            finally:
                again.forget()

    def test_an_interrupt_ends_it_too(self):
        with Server() as server:
            server.process.send_signal(signal.SIGINT)
            self.assertEqual(server.process.wait(30), 0, server.log())


class Starting(unittest.TestCase):
    """A start that must fail says what and where, and ends with a documented code."""

    def fails(self, code, *words, options=(), data=None):
        with folder() as path:
            done = run(
                *("serve", "--metrics", "127.0.0.1:0", "--data", data or path / "data"),
                *(() if "--listen" in options else ("--listen", "127.0.0.1:0")),
                *options,
            )
            self.assertEqual(done.returncode, code, done.stderr)
            self.assertEqual(done.stdout, "", "nothing but listeners goes to standard output")
            for word in words:
                self.assertIn(word, done.stderr)
            self.assertNotIn("panicked", done.stderr)

    def test_a_bad_policy_is_named_with_its_place(self):
        text = SHIPPED.read_text()
        bad = written("bad.toml", text + '\n[[rules]]\nid = "x"\nwhen = ["risc > 1.0"]\nthen = "at_least:otp"\n')
        line = text.count("\n") + 4
        self.fails(3, "bad.toml", f":{line}:", "risc", options=("--policy", bad))

    def test_a_policy_that_is_no_toml(self):
        self.fails(3, "worse.toml:1:", options=("--policy", written("worse.toml", "= what\n")))

    def test_files_that_are_not_there(self):
        for option in ["--policy", "--catalogue", "--config"]:
            self.fails(3, "/nowhere/file.toml", options=(option, "/nowhere/file.toml"))

    def test_bad_settings_are_named_with_their_place(self):
        bad = written("settings.toml", "[server]\nin_flight = 2\nin_flght = 3\n")
        self.fails(3, "settings.toml:3", "in_flght", options=("--config", bad))
        bad = written("numbers.toml", '[server]\nin_flight = "many"\n')
        self.fails(3, "numbers.toml:2", options=("--config", bad))

    def test_a_bad_catalogue_or_model_is_named_with_its_place(self):
        bad = written("shop.toml", CATALOGUE.read_text() + "\n[nonsense]\nx = 1\n")
        self.fails(3, "shop.toml:", "nonsense", options=("--catalogue", bad))
        with folder() as path:
            prior = (ROOT / "models/prior.json").read_text()
            (path / "forged.json").write_text(prior.replace("-6212606", "-6212605"))
            self.fails(3, "forged.json", options=("--models", path, "--model", "forged"))

    def test_an_unknown_model(self):
        self.fails(2, "nonesuch", options=("--model", "nonesuch"))
        with folder() as path:
            self.fails(3, "nonesuch", options=("--models", path, "--model", "nonesuch"))

    def test_usage(self):
        for options in [["--clock", "sundial"], ["--listen", "here"], ["--no-such-option"]]:
            self.fails(2, options=options)

    def test_an_address_that_is_not_loopback_needs_principals(self):
        with folder() as path:
            done = run("serve", "--listen", "0.0.0.0:0", "--metrics", "127.0.0.1:0", "--data", path)
            self.assertIn(done.returncode, (2, 3, 4), done.stderr)
            self.assertIn("loopback", done.stderr)

    def test_a_port_in_use(self):
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))
            taken.listen()
            port = taken.getsockname()[1]
            self.fails(4, str(port), options=("--listen", f"127.0.0.1:{port}"))

    def test_a_data_directory_in_use(self):
        with Server() as server:
            server.client.decide(order("book"))
            self.fails(4, "in use", data=server.data)
            # The first one is none the worse.
            server.client.decide(order("book"))

    def test_a_data_directory_that_cannot_be_made(self):
        with folder() as path:
            (path / "file").write_text("x")
            self.fails(4, "file", data=path / "file")

    def database(self, path):
        found = [it for it in path.iterdir() if it.is_file() and it.read_bytes()[:15] == b"SQLite format 3"]
        self.assertEqual(len(found), 1, list(path.iterdir()))
        return found[0]

    def stopped(self):
        """The data directory of a server that has decided something."""
        server = Server()
        self.addCleanup(server.forget)
        server.client.decide(order("book"))
        self.assertEqual(server.stop(), 0)
        return server.data

    def test_a_newer_schema(self):
        data = self.stopped()
        with sqlite3.connect(self.database(data)) as database:
            database.execute("PRAGMA user_version = 9999")
        database.close()
        self.fails(4, "later release", data=data)

    def test_a_damaged_database(self):
        data = self.stopped()
        file = self.database(data)
        with open(file, "r+b") as it:
            it.seek(0)
            it.write(os.urandom(200))
        self.fails(4, data=data)

    def test_the_secret_key_is_made_with_safe_permissions(self):
        data = self.stopped()
        keys = secrets(data)
        self.assertTrue(keys, list(data.rglob("*")))
        for it in keys:
            self.assertEqual(it.stat().st_mode & 0o077, 0, it)

    def test_a_bad_key(self):
        data = self.stopped()
        keys = secrets(data)
        for it in keys:
            it.chmod(0o600)
            it.write_text("no key\n")
        self.fails(3, data=data)


class Reloading(Fresh):
    """A good change is swapped in whole, a bad one changes nothing."""

    def setUp(self):
        self.policy = written(f"live-{uid('p')}.toml", SHIPPED.read_text())
        self.options = ("--policy", self.policy)
        super().setUp()

    def until(self, question, what):
        for _ in range(600):
            if question():
                return
            time.sleep(0.05)
        self.fail(f"{what}\n{self.server.log()[-2000:]}")

    def files(self):
        asked = {"service": "doorstep.files"}
        return self.client.call("grpc.health.v1.Health/Check", asked)["status"]

    def digest(self):
        return self.client.preview(smallest())["policy"]["digest"]

    def test_a_good_change_is_taken_in_and_a_bad_one_is_not(self):
        before = self.digest()
        decision = self.client.decide(order("laptop"))
        self.policy.write_text(SHIPPED.read_text() + "\n# another line\n")
        self.until(lambda: self.digest() != before, "the change was not taken in")
        after = self.digest()
        self.policy.write_text("= what\n")
        self.until(lambda: "live-" in self.server.log() and ":1:" in self.server.log(), "not told")
        self.assertEqual(self.digest(), after)
        # It goes on serving by the one before; a name of its own tells that a file is wrong.
        self.assertEqual(self.client.call("grpc.health.v1.Health/Check")["status"], "SERVING")
        self.until(lambda: self.files() == "NOT_SERVING", "health did not tell")
        self.policy.write_text(SHIPPED.read_text())
        self.until(lambda: self.files() == "SERVING", "health did not forgive")
        # What was decided by the first replays by the first.
        answer = self.client.call("ReplayDecision", {"decision_id": decision["decision_id"]})
        self.assertTrue(answer["identical"])
        self.assertEqual(answer["decision"]["policy"]["digest"], before)


class Overload(Fresh):
    def setUp(self):
        self.options = ("--config", written("narrow.toml", "[server]\nin_flight = 2\n"))
        super().setUp()

    def test_more_calls_than_places_are_told_when_to_come_back(self):
        orders = [order("book") for _ in range(200)]
        decide = self.client.callable("Decide")
        calls = [
            (it, decide.future(self.client.message("Decide", {"order": it}), timeout=60))
            for it in orders
        ]
        later = []
        for it, call in calls:
            try:
                call.result()
            except grpc.RpcError as error:
                failure = Failed.of(error)
                self.assertEqual(failure.code, "RESOURCE_EXHAUSTED", failure)
                self.assertGreater(failure.retry_after_s, 0)
                later.append(it)
        self.assertTrue(later, "200 calls at once fitted into two places")
        self.assertEqual(self.client.call("grpc.health.v1.Health/Check")["status"], "SERVING")
        for it in later:
            self.assertFalse(self.client.decide(it).get("already_recorded", False))
        for it in orders:
            self.assertEqual(self.client.get(it["order_id"])["revision"], 1)


class CommandLine(unittest.TestCase):
    """What a person runs beside the server."""

    def test_store_verify_replay_and_backup(self):
        server = Server()
        self.addCleanup(server.forget)
        it = order("phone")
        decision = server.client.decide(it)
        server.client.learn(event("password_reset", at(), customer_id=it["customer_id"]))
        server.client.decide({**it, "items": [item("book")]})
        with folder() as path:
            copy = path / "copy"
            # Keys are no part of the database: an operator keeps them apart.
            shutil.copytree(server.data / "keys", copy / "keys")
            file = copy / "doorstep.sqlite3"
            run("store", "backup", "--data", server.data, file, check=0)
            # It served on meanwhile; the copy is a database of its own, with all there was.
            server.client.decide(order("jacket"))
            again = Server(data=copy)
            try:
                kept = again.client.get(it["order_id"], revision=1)
                self.assertEqual(kept["record_digest"], decision["record_digest"])
            finally:
                again.forget()
            run("store", "backup", "--data", server.data, file, check=2)  # never written over
            run("store", "backup", "--data", path / "nowhere", path / "x", check=4)
        self.assertEqual(server.stop(), 0)
        run("store", "verify", "--data", server.data, check=0)
        run("replay", "--all", "--data", server.data, check=0)
        run("replay", decision["decision_id"], "--data", server.data, check=0)

    def test_verify_finds_what_somebody_changed(self):
        for what, statement in {
            "an answer": "UPDATE decision SET action = 1",
            "a record": "UPDATE decision SET body = zeroblob(length(body))",
            "a decision gone": "DELETE FROM decision WHERE seq = 2",
            "a profile": "UPDATE customer SET body = zeroblob(length(body))",
            "an address": "DELETE FROM address",
            "an event gone": "DELETE FROM event",
        }.items():
            with self.subTest(what), Server() as server:
                it = order("phone")
                server.client.learn(*past_orders(it["customer_id"], uid("addr"), 2))
                for goods in ["phone", "ring", "laptop"]:
                    server.client.decide({**it, "items": [item(goods)]})
                self.assertEqual(server.stop(), 0)
                run("store", "verify", "--data", server.data, check=0)
                database = sqlite3.connect(server.data / "doorstep.sqlite3")
                with database:
                    changed = database.execute(statement).rowcount
                database.close()
                self.assertGreater(changed, 0, "the statement did nothing")
                done = run("store", "verify", "--data", server.data)
                self.assertEqual(done.returncode, 1, done.stdout + done.stderr)
                self.assertTrue((done.stdout + done.stderr).strip(), "says what is wrong")

    def test_config_show_and_keys_tell_no_secret(self):
        server = Server()
        self.addCleanup(server.forget)
        server.stop()
        listed = run("keys", "list", "--data", server.data, check=0).stdout
        for it in secrets(server.data):
            for word in re.findall(rb"[0-9a-zA-Z+/=]{32,}", it.read_bytes()):
                self.assertNotIn(word.decode(), listed)
        run("config", "show", check=0)
