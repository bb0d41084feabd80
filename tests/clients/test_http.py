"""The same calls as JSON over HTTP, on the same port: by urllib, by `curl` and by `buf curl`."""

import json
import shutil
import subprocess
import unittest
import urllib.error
import urllib.request

from cases import Shared
from doorstep_client import ROOT
from orders import event, order, placed, smallest, uid

DECISION = "doorstep.v1.DecisionService"
HISTORY = "doorstep.v1.HistoryService"


class Http(Shared):
    def url(self, path):
        return f"http://{self.server.target}/{path}"

    def send(self, path, body, method="POST", headers=None, raw=False):
        """Status, headers and JSON of the answer."""
        data = body if raw or body is None else json.dumps(body).encode()
        request = urllib.request.Request(
            self.url(path),
            data=data,
            method=method,
            headers={"Content-Type": "application/json", **(headers or {})},
        )
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                return answer.status, answer.headers, json.loads(answer.read() or b"{}")
        except urllib.error.HTTPError as error:
            text = error.read()
            try:
                return error.code, error.headers, json.loads(text)
            except ValueError:
                return error.code, error.headers, {"text": text.decode()}


class Calls(Http):
    def test_every_unary_call(self):
        it = smallest()
        status, headers, answer = self.send(f"{DECISION}/Decide", {"order": it, "request_id": "r"})
        self.assertEqual(status, 200, answer)
        self.assertTrue(headers["content-type"].startswith("application/json"))
        self.assertEqual(answer["request_id"], "r")
        decision = answer["decision"]
        same = self.client.decide(it)
        self.assertEqual(same["decision_id"], decision["decision_id"])
        told = placed(it["customer_id"], it["delivery"]["address_key"], it.get("placed_at", "2026-06-01T00:00:00Z"))
        for path, body, part in [
            (f"{DECISION}/DecideBatch", {"requests": [{"order": smallest()}]}, "results"),
            (f"{DECISION}/GetDecision", {"order_id": it["order_id"]}, "decision"),
            (f"{DECISION}/ListDecisions", {"customer_id": it["customer_id"]}, "decisions"),
            (f"{DECISION}/ReplayDecision", {"decision_id": decision["decision_id"]}, "identical"),
            (f"{HISTORY}/RecordEvents", {"events": [told]}, "results"),
            (f"{HISTORY}/GetProfile", {"customer_id": it["customer_id"]}, "facts"),
            ("grpc.health.v1.Health/Check", {}, "status"),
        ]:
            with self.subTest(path):
                status, _, answer = self.send(path, body)
                self.assertEqual(status, 200, answer)
                self.assertTrue(answer[part], answer)

    def test_names_may_be_in_camel_case_too(self):
        status, _, answer = self.send(
            f"{DECISION}/Decide",
            {
                "order": {
                    "orderId": uid("order"),
                    "currencyCode": "EUR",
                    "items": [{"unitPriceMinor": "1500"}],
                    "delivery": {"addressKey": uid("addr")},
                }
            },
        )
        self.assertEqual(status, 200, answer)

    def test_later_calls_are_unimplemented(self):
        for path in [
            f"{DECISION}/ChooseAlternative",
            f"{DECISION}/ReviewDecision",
            f"{HISTORY}/EraseCustomer",
        ]:
            status, _, answer = self.send(path, {})
            self.assertEqual((status, answer["code"]), (501, "unimplemented"), path)


class Faults(Http):
    def test_bad_fields_have_their_paths_in_the_details(self):
        status, _, answer = self.send(
            f"{DECISION}/Decide", {"order": order(order_id="", currency_code="JPY")}
        )
        self.assertEqual((status, answer["code"]), (400, "invalid_argument"))
        self.assertTrue(answer["message"])
        bad = next(it for it in answer["details"] if it["type"].endswith("google.rpc.BadRequest"))
        self.assertIn("value", bad)
        self.assertIn("order.currency_code", json.dumps(answer) + str(decoded(bad["value"])))

    def test_statuses_map_to_http(self):
        it = order("book")
        self.client.decide(it)
        self.client.learn(event("order_cancelled", order_id=it["order_id"]))
        other = {**it, "order_id": it["order_id"], "customer_id": uid("cust")}
        for path, body, expected in [
            (f"{DECISION}/GetDecision", {"order_id": uid("nobody")}, (404, "not_found")),
            (f"{DECISION}/Decide", {"order": other}, (400, "failed_precondition")),
            (f"{DECISION}/ListDecisions", {"customer_id": "a b"}, (400, "invalid_argument")),
        ]:
            status, _, answer = self.send(path, body)
            self.assertEqual((status, answer["code"]), expected, path)

    def test_an_unknown_field_is_refused_with_its_place(self):
        status, _, answer = self.send(
            f"{DECISION}/Decide", b'{"order":\n  {"order_idd": "x"}}', raw=True
        )
        self.assertEqual((status, answer["code"]), (400, "invalid_argument"))
        self.assertIn("order_idd", answer["message"])
        self.assertIn("line 2", answer["message"])

    def test_bodies_that_are_no_json(self):
        for body in [b"", b"{", b"[]", b'{"order": 5}', b"{} {}", b"\xff\xfe", b"[" * 5000]:
            status, _, answer = self.send(f"{DECISION}/Decide", body, raw=True)
            self.assertEqual((status, answer.get("code")), (400, "invalid_argument"), body[:20])

    def test_an_enum_nobody_knows_is_refused_by_name_or_by_path(self):
        it = smallest()
        it["items"][0]["category"] = "CATEGORY_SPACESHIP"
        status, _, answer = self.send(f"{DECISION}/Decide", {"order": it})
        self.assertEqual((status, answer["code"]), (400, "invalid_argument"))
        self.assertIn("CATEGORY_SPACESHIP", answer["message"])
        it["items"][0]["category"] = 77
        status, _, answer = self.send(f"{DECISION}/Decide", {"order": it})
        self.assertEqual((status, answer["code"]), (400, "invalid_argument"))
        self.assertIn("order.items[0].category", answer["message"])

    def test_whole_numbers_may_be_numbers_or_text(self):
        for price in [1500, "1500"]:
            it = smallest()
            it["items"][0]["unit_price_minor"] = price
            status, _, answer = self.send(f"{DECISION}/Decide", {"order": it})
            self.assertEqual(status, 200, answer)

    def test_a_body_over_a_mebibyte(self):
        body = b'{"request_id": "' + b"x" * 1024 * 1024 + b'"}'
        status, _, answer = self.send(f"{DECISION}/Decide", body, raw=True)
        self.assertEqual(answer.get("code"), "invalid_argument", status)

    def test_what_is_not_there(self):
        for path in ["", "nothing", f"{DECISION}/Nothing", "doorstep.v1.Nothing/Decide"]:
            status, _, _ = self.send(path, {})
            self.assertIn(status, (404, 501), path)

    def test_other_verbs_and_types(self):
        status, _, _ = self.send(f"{DECISION}/Decide", None, method="GET")
        self.assertIn(status, (405, 415))
        status, _, _ = self.send(
            f"{DECISION}/Decide", b"order_id=1", raw=True, headers={"Content-Type": "text/plain"}
        )
        self.assertEqual(status, 415)

    def test_a_deadline_in_a_header(self):
        seen = set()
        for _ in range(5):
            it = order("book")
            status, _, answer = self.send(
                f"{DECISION}/Decide", {"order": it}, headers={"Connect-Timeout-Ms": "0"}
            )
            seen.add((status, answer.get("code")))
            self.assertEqual(self.client.decide(it)["revision"], 1)
        self.assertEqual(seen, {(504, "deadline_exceeded")})


def decoded(value):
    """Connect's details are base64 without padding."""
    import base64

    return base64.b64decode(value + "=" * (-len(value) % 4))


class Tools(Http):
    """What people have at hand."""

    @unittest.skipUnless(shutil.which("curl"), "curl is not installed")
    def test_curl(self):
        for version in ["--http1.1", "--http2-prior-knowledge"]:
            done = subprocess.run(
                [
                    *("curl", "--silent", "--show-error", "--fail-with-body", version),
                    *("--header", "Content-Type: application/json"),
                    *("--data", json.dumps({"order": smallest()})),
                    self.url(f"{DECISION}/Decide"),
                ],
                capture_output=True,
                text=True,
                timeout=60,
            )
            self.assertEqual(done.returncode, 0, done.stderr + done.stdout)
            self.assertIn("action", json.loads(done.stdout)["decision"])

    @unittest.skipUnless(shutil.which("npx"), "npx is not installed (.ci/contract installs it)")
    def test_buf_curl(self):
        it = smallest()
        for protocol in [["grpc"], ["connect", "--schema", str(ROOT / "proto")]]:
            done = subprocess.run(
                [
                    *("npx", "--yes", "@bufbuild/buf@1.75.0", "curl", "--http2-prior-knowledge"),
                    *("--protocol", *protocol),
                    *("--data", json.dumps({"order": it})),
                    self.url(f"{DECISION}/Decide"),
                ],
                capture_output=True,
                text=True,
                timeout=300,
                cwd=ROOT,
            )
            self.assertEqual(done.returncode, 0, done.stderr + done.stdout)
            self.assertIn("action", json.loads(done.stdout)["decision"], protocol)
