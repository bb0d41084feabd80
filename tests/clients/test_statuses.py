"""Every status of the contract, and every fault of an input named at once by its path."""

import datetime
import unittest

import grpc

from cases import Shared
from doorstep_client import Failed, Server
from orders import again, at, change, contact, day, event, item, locker, order, smallest, uid

LONG = "x" * 128


def bad(path, *paths, **changes):
    """One row: an ordinary order with these changes is refused for exactly these fields."""
    return {path, *paths}, changes


def with_item(**fields):
    return {"items": [item("phone", **fields)]}


FAULTS_OF_ORDERS = {
    "no order id": bad("order.order_id", order_id=None),
    "an order id with a space": bad("order.order_id", order_id="order 1"),
    "an order id that is an address": bad("order.order_id", order_id="me@example.org"),
    "an order id of 129 characters": bad("order.order_id", order_id=LONG + "x"),
    "a customer id with a letter outside ASCII": bad("order.customer_id", customer_id="käufer"),
    "a customer id that is an address": bad("order.customer_id", customer_id="a@b"),
    "no currency": bad("order.currency_code", currency_code=None),
    "a currency without a rate": bad("order.currency_code", currency_code="JPY"),
    "a currency that is none": bad("order.currency_code", currency_code="euros"),
    "placed in the last century": bad("order.placed_at", placed_at="1999-12-31T23:59:59Z"),
    "a customer since before 2000": bad(
        "order.customer_since_at", customer_since_at="1987-01-01T00:00:00Z"
    ),
    "an unknown stage": bad("order.stage", stage=9),
    "no items": bad("order.items", items=[]),
    "201 items": bad(
        "order.items", items=[item("book", item_id=str(number)) for number in range(201)]
    ),
    "an item without a price": bad(
        "order.items[0].unit_price_minor", **with_item(unit_price_minor=None)
    ),
    "a negative price": bad("order.items[0].unit_price_minor", **with_item(unit_price_minor="-1")),
    "a price over 10^12": bad(
        "order.items[0].unit_price_minor", **with_item(unit_price_minor="1000000000001")
    ),
    "a quantity of 0": bad("order.items[0].quantity", **with_item(quantity=0)),
    "a quantity of 10,001": bad("order.items[0].quantity", **with_item(quantity=10001)),
    "an unknown category": bad("order.items[0].category", **with_item(category=77)),
    "an unknown packaging": bad("order.items[0].packaging", **with_item(packaging=77)),
    "an item id with a space": bad("order.items[0].item_id", **with_item(item_id="a b")),
    "a sku that looks personal": bad("order.items[0].sku", **with_item(sku="for me@example.org")),
    "two items of one id": bad("order.items[1].item_id", items=[item("book"), item("book")]),
    "51 parcels": bad("order.parcels", parcels=[{"parcel_id": f"p{it}"} for it in range(51)]),
    "a parcel without an id": bad("order.parcels[0].parcel_id", parcels=[{"weight_g": 3}]),
    "two parcels of one id": bad(
        "order.parcels[1].parcel_id", parcels=[{"parcel_id": "p"}, {"parcel_id": "p"}]
    ),
    "0 expected parcels": bad("order.expected_parcels", expected_parcels=0),
    "51 expected parcels": bad("order.expected_parcels", expected_parcels=51),
    "no delivery": bad("order.delivery.address_key", delivery=None),
    "no address key": bad("order.delivery.address_key", delivery={"address_key": None}),
    "an address": bad("order.delivery.address_key", delivery={"address_key": "1 Long Road"}),
    "an unknown address type": bad("order.delivery.address_type", delivery={"address_type": 42}),
    "a date that is none": bad("order.delivery.expected_on", delivery={"expected_on": "2026-02-30"}),
    "a date in words": bad("order.delivery.expected_on", delivery={"expected_on": "tomorrow"}),
    "a date over a year ahead": bad(
        "order.delivery.expected_on", delivery={"expected_on": day(days=400)}
    ),
    "a country that is none": bad("order.delivery.country_code", delivery={"country_code": "Ger"}),
    "a time zone that is none": bad(
        "order.delivery.time_zone", delivery={"time_zone": "Mars/Olympus"}
    ),
    "a window that closes before it opens": bad(
        "order.delivery.window_end_at",
        delivery={"window_start_at": at(days=2), "window_end_at": at(days=1)},
    ),
    "21 contacts": bad("order.contacts", contacts=[contact(f"sms-{it}") for it in range(21)]),
    "a contact without an id": bad(
        "order.contacts[0].contact_id", contacts=[{"kind": "CONTACT_KIND_SMS"}]
    ),
    "a telephone number as contact": bad(
        "order.contacts[0].contact_id", contacts=[contact("+49 171 0000000")]
    ),
    "an e-mail address as contact": bad(
        "order.contacts[0].contact_id", contacts=[contact("me@example.org", "EMAIL")]
    ),
    "two contacts of one id": bad(
        "order.contacts[1].contact_id", contacts=[contact("sms"), contact("sms")]
    ),
    "an unknown kind of contact": bad(
        "order.contacts[0].kind", contacts=[change(contact("sms"), kind=9)]
    ),
    "a carrier id with a space": bad("order.carrier.carrier_id", carrier={"carrier_id": "a b"}),
    "an unknown capability": bad(
        "order.carrier.capabilities[1]", carrier={"capabilities": ["CAPABILITY_CODE", 55]}
    ),
    "51 lockers": bad("order.lockers", lockers=[locker(f"l{it}") for it in range(51)]),
    "a locker without an id": bad("order.lockers[0].locker_id", lockers=[{"distance_m": 5}]),
    "an unknown secured drop": bad(
        "order.preferences.secured_drop", preferences={"secured_drop": 9}
    ),
    "a delegate by name": bad(
        "order.preferences.delegate_contact_id",
        preferences={"delegate_contact_id": "my neighbour"},
    ),
    "a locale that is none": bad("order.preferences.locale", preferences={"locale": "?!"}),
    "an unknown kind of payment": bad("order.session.payment_kind", session={"payment_kind": 9}),
    "a device key that looks personal": bad(
        "order.session.device_key", session={"device_key": "me@home"}
    ),
    "many faults at once": bad(
        "order.order_id",
        "order.currency_code",
        "order.items[1].unit_price_minor",
        "order.items[2].quantity",
        "order.delivery.address_key",
        "order.contacts[0].contact_id",
        order_id="",
        currency_code="XXX",
        items=[
            item("book"),
            item("jacket", unit_price_minor=None),
            item("phone", quantity=0),
        ],
        delivery={"address_key": "1 Long Road"},
        contacts=[contact("me@example.org")],
    ),
}

AT_THE_BOUND = {
    "an id of 128 characters": {"order_id": LONG},
    "a price of nothing": with_item(unit_price_minor="0"),
    "a price of 10^12": with_item(unit_price_minor="1000000000000"),
    "10,000 of an item": with_item(quantity=10000),
    "200 items": {"items": [item("book", item_id=str(number)) for number in range(200)]},
    "50 parcels": {"parcels": [{"parcel_id": f"p{it}"} for it in range(50)], "expected_parcels": 50},
    "20 contacts": {"contacts": [contact(f"sms-{it}") for it in range(20)]},
    "50 lockers": {"lockers": [locker(f"l{it}") for it in range(50)]},
    "every sign that an id may have": {"customer_id": "Aa0._:-"},
    "an unmapped category of the merchant's": with_item(
        category="CATEGORY_UNSPECIFIED", merchant_category="garden-gnomes"
    ),
    "pounds": {"currency_code": "GBP"},
    "dollars": {"currency_code": "USD"},
    "francs": {"currency_code": "CHF"},
    "the last second before 2000 is over": {"placed_at": "2000-01-01T00:00:00Z"},
}


class BadOrders(Shared):
    def test_every_fault_of_an_order_is_named_by_its_path(self):
        for name, (paths, changes) in FAULTS_OF_ORDERS.items():
            with self.subTest(name):
                failure = self.refused(
                    "INVALID_ARGUMENT", "Decide", {"order": order(**changes)}
                )
                self.assertEqual(set(failure.violations), paths)
                self.assertTrue(all(failure.violations.values()), "a violation says something")

    def test_what_is_just_inside_the_bounds_is_decided(self):
        for name, changes in AT_THE_BOUND.items():
            with self.subTest(name):
                self.client.preview(order(**changes))

    def test_an_id_that_looks_personal_says_so(self):
        for name in ["anna@example.org", "Anna K"]:
            failure = self.refused("INVALID_ARGUMENT", "Decide", {"order": order(order_id=name)})
            self.assertIn("looks personal", failure.violations["order.order_id"])

    def test_a_preview_is_held_to_the_same_bounds(self):
        failure = self.refused(
            "INVALID_ARGUMENT",
            "Decide",
            {"order": order(currency_code="JPY"), "mode": "MODE_PREVIEW"},
        )
        self.assertEqual(set(failure.violations), {"order.currency_code"})

    def test_faults_beside_the_order(self):
        for path, request in {
            "order": {},
            "mode": {"order": order(), "mode": 9},
            "view": {"order": order(), "view": 9},
        }.items():
            with self.subTest(path):
                failure = self.refused("INVALID_ARGUMENT", "Decide", request)
                self.assertIn(path, failure.violations)

    def test_a_policy_may_be_named_in_a_preview_alone_and_must_be_known(self):
        for request in [
            {"order": order(), "policy_version": "whatever"},
            {"order": order(), "policy_version": "unknown", "mode": "MODE_PREVIEW"},
        ]:
            failure = self.refused("INVALID_ARGUMENT", "Decide", request)
            self.assertEqual(set(failure.violations), {"policy_version"})
        active = self.client.preview(order())["policy"]
        for name in [active["id"], active["digest"]]:
            named = self.client.preview(order(), policy_version=name)
            self.assertEqual(named["policy"], active)

    def test_the_smallest_order_is_decided(self):
        decision = self.client.decide(smallest())
        self.assertIn("action", decision)
        for line in decision["costs"]:
            expected = line["action"] != "ACTION_LOCKER_ONLY"
            self.assertEqual(line.get("feasible", False), expected, line)


class BadBytes(Shared):
    def test_bytes_that_are_no_message_are_the_callers_fault(self):
        for name, payload in {
            "noise": b"\xff\xff\xff\xff\xff",
            "half a message": self.client.message("Decide", {"order": order()})
            .SerializeToString()[:-3],
            "text that is no UTF-8": b"\x22\x02\xff\xfe",
            "a message nested in itself": b"\x0a\x02\x0a\x05",
        }.items():
            with self.subTest(name):
                with self.assertRaises(Failed) as caught:
                    self.client.raw("Decide", payload)
                self.assertEqual(caught.exception.code, "INVALID_ARGUMENT", caught.exception)

    def test_a_message_over_a_mebibyte_is_refused(self):
        # An unknown field, so that nothing but the size is wrong.
        size = 1024 * 1024 + 1
        tag = b"\xfa\x3e"  # field 999, length-delimited
        filling = tag + b"\xf0\xff\x3f" + b"x" * 1048560
        self.assertGreaterEqual(len(filling), size - 20)
        body = self.client.message("Decide", {"order": order()}).SerializeToString() + filling
        self.assertGreater(len(body), size)
        with self.assertRaises(Failed) as caught:
            self.client.raw("Decide", body)
        self.assertEqual(caught.exception.code, "INVALID_ARGUMENT", caught.exception)

    def test_an_unknown_field_is_no_fault(self):
        body = self.client.message("Decide", {"order": order(), "mode": "MODE_PREVIEW"})
        self.client.raw("Decide", body.SerializeToString() + b"\xfa\x3e\x01x")


class Batches(Shared):
    def batch(self, *requests):
        return self.client.call("DecideBatch", {"requests": list(requests)})["results"]

    def test_one_bad_order_spoils_no_other(self):
        good, late = order("book"), order("laptop")
        results = self.batch(
            {"order": good, "request_id": "r1"},
            {"order": order(order_id="", items=[item("book", quantity=0)]), "request_id": "r2"},
            {"order": late, "request_id": "r3"},
        )
        self.assertEqual([it["request_id"] for it in results], ["r1", "r2", "r3"])
        self.assertEqual(results[0]["decision"]["order_id"], good["order_id"])
        self.assertEqual(results[2]["decision"]["order_id"], late["order_id"])
        error = results[1]["error"]
        self.assertEqual(error["code"], 3)
        self.assertEqual(
            {it["field"] for it in error["field_violations"]},
            {"order.order_id", "order.items[0].quantity"},
        )

    def test_a_conflict_inside_a_batch_has_its_status(self):
        it = order("book")
        self.client.decide(it)
        self.client.learn(event("order_cancelled", order_id=it["order_id"]))
        results = self.batch({"order": change(it, items=[item("jacket")])})
        self.assertEqual(results[0]["error"]["code"], 9)

    def test_one_customers_orders_are_decided_in_order(self):
        first = order("laptop")
        second = again(first)
        results = self.batch({"order": first}, {"order": second})
        self.action(results[0]["decision"], "OTP")
        self.action(results[1]["decision"], "ITEM_CODES")

    def test_the_same_order_twice_in_a_batch_is_one_decision(self):
        it = order("book")
        first, second = self.batch({"order": it}, {"order": it})
        self.assertEqual(first["decision"]["decision_id"], second["decision"]["decision_id"])
        self.assertTrue(second["decision"]["already_recorded"])

    def test_a_hundred_orders_are_taken_and_one_more_is_not(self):
        requests = [{"order": order("book"), "mode": "MODE_PREVIEW"} for _ in range(101)]
        failure = self.refused("INVALID_ARGUMENT", "DecideBatch", {"requests": requests})
        self.assertEqual(set(failure.violations), {"requests"})
        self.assertEqual(len(self.batch(*requests[:100])), 100)

    def test_an_empty_batch_is_answered_with_nothing(self):
        self.assertEqual(self.client.call("DecideBatch", {}).get("results", []), [])


class Reads(Shared):
    def test_an_unknown_decision_is_not_found(self):
        unknown = "0190a5d8-0000-7000-8000-000000000000"
        for name, request in [
            ("GetDecision", {"decision_id": unknown}),
            ("GetDecision", {"order_id": uid("nobody")}),
            ("ReplayDecision", {"decision_id": unknown}),
            ("GetProfile", {"customer_id": uid("nobody")}),
            ("GetProfile", {"address_key": uid("nowhere")}),
            ("GetProfile", {"route_id": uid("nowhere")}),
            ("GetProfile", {"depot_id": uid("nowhere")}),
        ]:
            with self.subTest(name, **request):
                self.refused("NOT_FOUND", name, request)

    def test_an_unknown_revision_is_not_found(self):
        it = order("book")
        self.client.decide(it)
        self.refused("NOT_FOUND", "GetDecision", {"order_id": it["order_id"], "revision": 2})

    def test_faults_of_questions_are_named(self):
        for name, request, path in [
            ("GetDecision", {}, "decision_id"),
            ("GetDecision", {"decision_id": "x", "view": 9}, "view"),
            ("GetDecision", {"order_id": "a b"}, "order_id"),
            ("ReplayDecision", {}, "decision_id"),
            ("ListDecisions", {"customer_id": "c1", "page_size": -1}, "page_size"),
            ("ListDecisions", {"customer_id": "c1", "page_token": "no token"}, "page_token"),
            ("ListDecisions", {"customer_id": "c1", "action": 9}, "action"),
            ("ListDecisions", {"customer_id": "c1", "state": 9}, "state"),
            ("ListDecisions", {"customer_id": "me@example.org"}, "customer_id"),
            ("GetProfile", {}, "customer_id"),
        ]:
            with self.subTest(name, **request):
                failure = self.refused("INVALID_ARGUMENT", name, request)
                self.assertIn(path, failure.violations)

    def test_a_question_names_one_thing(self):
        for name, request in [
            ("GetDecision", {"decision_id": "x", "order_id": "y"}),
            ("GetDecision", {"decision_id": "x", "revision": 1}),
            ("GetProfile", {"customer_id": "x", "address_key": "y"}),
        ]:
            with self.subTest(name, **request):
                self.refused("INVALID_ARGUMENT", name, request)

    def test_a_span_that_ends_before_it_begins_is_refused(self):
        self.refused("INVALID_ARGUMENT", "ListDecisions", {"from_at": at(), "to_at": at(days=-1)})


class NotYet(Shared):
    def test_calls_of_later_issues_say_that_they_are_not_there(self):
        it = order("book")
        self.client.decide(it)
        for name, request in [
            ("ChooseAlternative", {"order_id": it["order_id"], "revision": 1, "alternative_id": "x"}),
            ("ReviewDecision", {"order_id": it["order_id"], "revision": 1, "action": "ACTION_NONE"}),
            ("EraseCustomer", {"customer_id": it["customer_id"]}),
        ]:
            with self.subTest(name):
                self.refused("UNIMPLEMENTED", name, request)

    def test_only_what_is_built_is_listed(self):
        services = set(self.client.database.get_services())
        self.assertLessEqual(
            {
                "doorstep.v1.DecisionService",
                "doorstep.v1.HistoryService",
                "doorstep.v1.PolicyService",
                "grpc.health.v1.Health",
            },
            services,
        )
        for later in ["HandoverService", "ExperimentService"]:
            self.assertNotIn(f"doorstep.v1.{later}", services)

    def test_a_method_that_does_not_exist_is_unimplemented(self):
        with self.assertRaises(grpc.RpcError) as caught:
            self.client.channel.unary_unary("/doorstep.v1.DecisionService/Nothing")(b"")
        self.assertEqual(caught.exception.code().name, "UNIMPLEMENTED")


class Deadlines(Shared):
    def test_a_call_past_its_deadline_left_all_or_nothing_and_may_be_sent_again(self):
        for shift in range(1, 9):
            it = order("laptop")
            try:
                self.client.call("Decide", {"order": it}, timeout=0.0002 * 2**shift)
            except Failed as failure:
                self.assertEqual(failure.code, "DEADLINE_EXCEEDED", failure)
            decision = self.client.decide(it)
            self.assertEqual(decision["revision"], 1)
            listed = self.client.list(customer_id=it["customer_id"])
            self.assertEqual(len(listed), 1, "recorded once")


class TheFuture(unittest.TestCase):
    """By the wall's clock; a driven clock is what orders say."""

    def test_five_minutes_ahead_is_a_fault_and_the_past_is_none(self):
        with Server(clock="wall") as server:
            now = datetime.datetime.now(datetime.timezone.utc)
            with self.assertRaises(Failed) as caught:
                server.client.decide(order(now=now, placed_at=at(now, minutes=10)))
            self.assertEqual(set(caught.exception.violations), {"order.placed_at"})
            server.client.decide(order(now=now, placed_at=at(now, minutes=4)))
            server.client.decide(order(now=now, placed_at=at(now, days=-400)))
            statuses = server.client.events(
                event("password_reset", at(now, minutes=10), customer_id="c1"),
                event("password_reset", at(now, minutes=4), customer_id="c1"),
            )
            self.assertEqual(statuses, ["REJECTED", "RECORDED"])
