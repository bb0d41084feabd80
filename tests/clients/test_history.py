"""Events: taken once, in any order, waiting for what they name, and never failing a call."""

import random

from cases import Fresh, Shared
from doorstep_client import Server
from orders import (
    again,
    at,
    change,
    codes,
    event,
    failed,
    handed_over,
    hazard,
    item,
    loss,
    losses,
    order,
    past_orders,
    placed,
    uid,
)
from policies import without_random_checks


def signal(decision, name, hazard_name="ACCOUNT_TAKEOVER"):
    """A signal's contribution to a hazard, if it made one."""
    parts = hazard(decision, hazard_name).get("contributions", [])
    return next((it for it in parts if it["signal"] == name), None)


class Taking(Shared):
    def test_recorded_and_then_a_duplicate(self):
        it = event("password_reset", customer_id=uid("cust"))
        self.assertEqual(self.client.events(it), ["RECORDED"])
        self.assertEqual(self.client.events(it), ["DUPLICATE"])
        self.assertEqual(self.client.events(it, it), ["DUPLICATE", "DUPLICATE"])

    def test_twice_in_one_call(self):
        it = event("password_reset", customer_id=uid("cust"))
        self.assertEqual(self.client.events(it, it), ["RECORDED", "DUPLICATE"])

    def test_the_same_id_with_other_content_is_rejected(self):
        it = event("password_reset", customer_id=uid("cust"))
        self.client.learn(it)
        other = {**it, "password_reset": {"customer_id": uid("cust")}}
        later = {**it, "occurred_at": at(hours=-1)}
        answer = self.client.call("RecordEvents", {"events": [other, later]})
        for result in answer["results"]:
            self.assertEqual(result["status"], "EVENT_STATUS_REJECTED")
            self.assertIn("CONTENT_DIFFERS", result["reason"])

    def test_one_bad_event_fails_no_other(self):
        bad = {
            "no id": change(event("password_reset", customer_id="c"), event_id=None),
            "no time": change(event("password_reset", customer_id="c"), occurred_at=None),
            "no kind": {"event_id": uid("ev"), "occurred_at": at()},
            "a personal id": event("password_reset", customer_id="me@example.org"),
            "no customer": event("password_reset"),
            "before 2000": event("password_reset", "1999-01-01T00:00:00Z", customer_id="c"),
            "level 0": event("suspicion_raised", suspicion_id="s", customer_id="c"),
            "level 4": event("suspicion_raised", suspicion_id="s", customer_id="c", level=4),
            "nobody suspected": event("suspicion_raised", suspicion_id="s", level=1),
            "two suspected": event(
                "suspicion_raised", suspicion_id="s", customer_id="c", address_key="a", level=1
            ),
            "an unknown fault": event("claim_settled", claim_id="c", fault=77),
            "an unknown kind of claim": event(
                "claim_opened", claim_id="c", order_id="o", kind=77
            ),
            "a negative amount": event(
                "claim_opened",
                claim_id="c",
                order_id="o",
                kind="CLAIM_KIND_EMPTY",
                amount_minor="-5",
                currency_code="EUR",
            ),
            "an order without an address": change(placed("c", "a", at()), order_placed={"address_key": ""}),
            "51 parcels": placed("c", "a", at(), parcels=51),
            "a currency without a rate": placed("c", "a", at(), currency_code="JPY"),
        }
        good = event("password_reset", customer_id=uid("cust"))
        answer = self.client.call("RecordEvents", {"events": [*bad.values(), good]})
        *rejected, recorded = answer["results"]
        self.assertEqual(recorded["status"], "EVENT_STATUS_RECORDED")
        for name, result in zip(bad, rejected, strict=True):
            with self.subTest(name):
                self.assertEqual(result["status"], "EVENT_STATUS_REJECTED")
                self.assertTrue(result["reason"], "a refusal says why")

    def test_a_thousand_events_are_taken_and_one_more_is_not(self):
        who = uid("cust")
        many = [event("password_reset", at(hours=-3), customer_id=who) for _ in range(1001)]
        failure = self.refused("INVALID_ARGUMENT", "RecordEvents", {"events": many})
        self.assertEqual(set(failure.violations), {"events"})
        self.assertEqual(set(self.client.events(*many[:1000])), {"RECORDED"})

    def test_no_events_are_none(self):
        self.assertEqual(self.client.call("RecordEvents", {}).get("results", []), [])


class Waiting(Shared):
    def test_an_event_of_an_unknown_order_waits_for_it(self):
        it = order("laptop")
        self.assertEqual(self.client.events(handed_over(it["order_id"])), ["PENDING"])
        self.client.decide(it)
        self.assertEqual(self.client.get(it["order_id"])["state"], "DECISION_STATE_COMPLETED")

    def test_a_settlement_waits_for_its_claim_and_that_for_its_order(self):
        where, who = uid("addr"), uid("cust")
        told = placed(who, where, at(days=-60))
        past = told["order_placed"]["order_id"]
        opened, settled = loss(past, "PORCH", at(days=-50))
        self.assertEqual(self.client.events(settled), ["PENDING"])
        self.assertEqual(self.client.events(opened), ["PENDING"])
        self.assertEqual(self.client.events(told), ["RECORDED"])
        self.assertEqual(self.client.profile(address_key=where)["address_porch_losses_180d"], 1)

    def test_an_order_known_only_as_a_cart_is_not_known(self):
        it = order("laptop", stage="STAGE_CART")
        self.client.decide(it)
        self.assertEqual(self.client.events(handed_over(it["order_id"])), ["PENDING"])
        self.client.decide(change(it, stage="STAGE_PLACED"))
        self.assertEqual(self.client.get(it["order_id"])["state"], "DECISION_STATE_COMPLETED")

    def test_a_clearing_that_comes_before_its_suspicion(self):
        it = order("camera")
        suspicion = uid("susp")
        self.client.events(event("suspicion_cleared", at(days=-1), suspicion_id=suspicion))
        self.client.learn(
            event(
                "suspicion_raised",
                at(days=-2),
                suspicion_id=suspicion,
                customer_id=it["customer_id"],
                level=3,
                expires_at=at(days=30),
            )
        )
        self.assertNotIn("SUSPICION", codes(self.client.decide(it)))


class Profiles(Shared):
    def test_facts_have_the_names_of_signals_with_unit_and_time(self):
        who, where = uid("cust"), uid("addr")
        self.client.learn(
            *past_orders(who, where),
            *losses(who, where, "PORCH", 2),
            event("password_reset", at(hours=-5), customer_id=who),
        )
        answer = self.client.call("GetProfile", {"address_key": where})
        facts = {it["name"]: it for it in answer["facts"]}
        lost = facts["address_porch_losses_180d"]
        self.assertEqual(lost["value"], 2)
        self.assertEqual(lost["unit"], "count")
        mine = self.client.call("GetProfile", {"customer_id": who})["facts"]
        reset = next(it for it in mine if it["name"] == "password_reset_hours")
        self.assertEqual(reset["value"], 5)
        self.assertEqual(reset["since_at"], "2026-06-10T07:00:00Z")
        mine = self.client.profile(customer_id=who)
        self.assertEqual(mine["customer_losses_180d"], 2)
        self.assertNotIn("linked_false_claims_365d", {k for k, v in mine.items() if v})

    def test_a_route_and_a_depot(self):
        route, depot = uid("route"), uid("depot")
        who, where = uid("cust"), uid("addr")
        told = placed(who, where, at(days=-30), route_id=route, depot_id=depot)
        past = told["order_placed"]["order_id"]
        self.client.learn(told, handed_over(past, at(days=-28)), *loss(past, "COURIER", at(days=-27)))
        for key in [{"route_id": route}, {"depot_id": depot}]:
            self.assertTrue(self.client.profile(**key), key)

    def test_a_later_settlement_moves_the_loss(self):
        who, where = uid("cust"), uid("addr")
        told = placed(who, where, at(days=-60))
        past = told["order_placed"]["order_id"]
        opened, settled = loss(past, "CUSTOMER", at(days=-50))
        self.client.learn(told, opened, settled)
        self.assertEqual(self.client.profile(customer_id=who)["customer_false_claims_365d"], 1)
        claim = settled["claim_settled"]["claim_id"]
        self.client.learn(event("claim_settled", at(days=-10), claim_id=claim, fault="FAULT_PORCH"))
        facts = self.client.profile(customer_id=who)
        self.assertEqual(facts.get("customer_false_claims_365d", 0), 0)
        self.assertEqual(facts["customer_losses_180d"], 1)
        self.assertEqual(self.client.profile(address_key=where)["address_porch_losses_180d"], 1)
        # One that came late, but happened earlier, changes nothing.
        self.client.learn(
            event("claim_settled", at(days=-20), claim_id=claim, fault="FAULT_CUSTOMER")
        )
        facts = self.client.profile(customer_id=who)
        self.assertEqual(facts.get("customer_false_claims_365d", 0), 0)

    def test_a_victim_is_no_claimant(self):
        who, where = uid("cust"), uid("addr")
        self.client.learn(*losses(who, where, "PORCH", 2), *losses(who, where, "COURIER", 1))
        facts = self.client.profile(customer_id=who)
        self.assertEqual(facts["customer_losses_180d"], 3)
        self.assertEqual(facts.get("customer_false_claims_365d", 0), 0)
        named = codes(self.client.decide(order("jacket", customer_id=who)))
        self.assertNotIn("CLAIM_HISTORY", named)

    def test_windows_end(self):
        for days, expected in [(-179, 1), (-183, 0)]:
            where = uid("addr")
            self.client.learn(*losses(uid("cust"), where, "PORCH", days=days))
            facts = self.client.profile(address_key=where)
            self.assertEqual(facts.get("address_porch_losses_180d", 0), expected, days)

    def test_failed_attempts_shrink_to_the_base_rate(self):
        who, where = uid("cust"), uid("addr")
        events = past_orders(who, where, 4)
        events = [it for it in events if "order_placed" in it]
        for told in events:
            past = told["order_placed"]["order_id"]
            self.client.learn(told, failed(past, told["occurred_at"]))
        rate = self.client.profile(customer_id=who)["attended_failure_rate"]
        self.assertAlmostEqual(rate, (4 + 0.06 * 3) / (4 + 3), places=6)

    def test_a_parcel_left_unattended_is_no_attended_attempt(self):
        who, where = uid("cust"), uid("addr")
        self.client.learn(*past_orders(who, where, 4))
        rate = self.client.profile(customer_id=who).get("attended_failure_rate", 0.06)
        self.assertAlmostEqual(rate, 0.06, places=6)


class Suspicions(Shared):
    def raised(self, level=3, when=None, **subject):
        suspicion = uid("susp")
        fields = {"expires_at": at(days=30), "evidence_ref": "case-1", **subject}
        self.client.learn(
            event("suspicion_raised", when or at(days=-1), suspicion_id=suspicion, level=level, **fields)
        )
        return suspicion

    def test_on_customer_address_route_and_depot(self):
        for key in ["customer_id", "address_key", "route_id", "depot_id"]:
            with self.subTest(key):
                it = order("camera", carrier={"route_id": uid("route"), "depot_id": uid("depot")})
                subject = {
                    "customer_id": it["customer_id"],
                    "address_key": it["delivery"]["address_key"],
                    "route_id": it["carrier"]["route_id"],
                    "depot_id": it["carrier"]["depot_id"],
                }[key]
                suspicion = self.raised(**{key: subject})
                decision = self.client.preview(it)
                self.action(decision, "ITEM_CODES")
                self.assertIn("SUSPICION", codes(decision))
                self.client.learn(event("suspicion_cleared", suspicion_id=suspicion))
                self.assertNotIn("SUSPICION", codes(self.client.preview(it)))

    def test_it_expires(self):
        it = order("camera")
        self.raised(when=at(days=-3), customer_id=it["customer_id"], expires_at=at(days=-1))
        self.assertNotIn("SUSPICION", codes(self.client.preview(it)))

    def test_the_customer_never_hears_of_it(self):
        it = order("camera")
        self.raised(customer_id=it["customer_id"])
        decision = self.client.decide(it)
        for reason in decision["reasons"]:
            if reason["code"] == "SUSPICION":
                self.assertEqual(reason.get("customer_text", ""), "")
        self.client.call("GetDecision", {"order_id": it["order_id"], "view": "DECISION_VIEW_BASIC"})
        basic = self.client.get(it["order_id"], view="DECISION_VIEW_BASIC")
        self.assertNotIn("suspicion", str(basic).lower())


class Order(Fresh):
    """Order of arrival never changes what is known."""

    def setUp(self):
        self.addCleanup(lambda: None)

    def test_shuffled_late_and_repeated_events_give_the_same_profile(self):
        who, where = uid("cust"), uid("addr")
        route = {"route_id": "route-1"}
        story = [
            *past_orders(who, where, 9),
            *losses(who, where, "PORCH", 2),
            *losses(who, where, "COURIER"),
            *losses(who, where, "CUSTOMER"),
            event("password_reset", at(days=-30), customer_id=who),
            event("password_reset", at(days=-2), customer_id=who),
            event(
                "contact_changed",
                at(days=-200),
                customer_id=who,
                contact_id="sms-1",
                kind="CONTACT_KIND_SMS",
                verified=True,
            ),
            event(
                "contact_changed",
                at(days=-9),
                customer_id=who,
                contact_id="sms-2",
                previous_contact_id="sms-1",
                kind="CONTACT_KIND_SMS",
                verified=False,
            ),
            event("address_changed", at(days=-400), customer_id=who, address_key=where),
            event(
                "suspicion_raised",
                at(days=-5),
                suspicion_id=uid("susp"),
                customer_id=who,
                level=2,
                expires_at=at(days=9),
            ),
        ]
        told = placed(who, where, at(days=-20))
        past = told["order_placed"]["order_id"]
        story += [
            told,
            failed(past, at(days=-18)),
            failed(past, at(days=-17)),
            event("order_rerouted", at(days=-16), order_id=past, address_key=uid("addr")),
            event(
                "order_cancelled", at(days=-15), order_id=past, by="CANCELLED_BY_CUSTOMER"
            ),
        ]
        # Ends at the same moment whatever came last.
        end = event("password_reset", at(), customer_id=uid("clock"))
        it = order("laptop", customer_id=who, delivery={"address_key": where})
        answers = []
        for seed in range(4):
            shuffled = story + random.Random(seed).sample(story, 10)
            if seed:
                random.Random(seed).shuffle(shuffled)
            with Server("--policy", without_random_checks()) as server:
                for start in range(0, len(shuffled), 7):
                    server.client.events(*shuffled[start : start + 7])
                server.client.learn(end)
                decision = server.client.preview(it)
                answers.append(
                    (
                        server.client.call("GetProfile", {"customer_id": who}),
                        server.client.call("GetProfile", {"address_key": where}),
                        server.client.call("GetProfile", route),
                        decision["hazards"],
                        decision["costs"],
                        decision["action"],
                    )
                )
        for other in answers[1:]:
            self.assertEqual(other, answers[0])


class Windows(Shared):
    """An order counts from when it was placed, once, and for as long as the window."""

    def count(self, it, name):
        return self.client.profile(customer_id=it["customer_id"]).get(name, 0)

    def test_value_leaves_with_a_cancelled_order_and_velocity_stays(self):
        it = order("phone")
        self.client.decide(it)
        self.assertEqual(self.count(it, "orders_24h"), 1)
        self.assertAlmostEqual(self.count(it, "customer_value_24h"), 899)
        self.client.learn(event("order_cancelled", order_id=it["order_id"]))
        self.assertEqual(self.count(it, "orders_24h"), 1)
        self.assertAlmostEqual(self.count(it, "customer_value_24h"), 0)

    def test_placed_at_dates_an_order(self):
        it = order("phone", placed_at=at(days=-2))
        self.client.decide(it)
        self.assertEqual(self.count(it, "orders_24h"), 0)
        self.assertEqual(self.count(it, "orders_7d"), 1)

    def test_many_orders_in_a_day(self):
        it = order("book")
        for _ in range(4):
            self.client.decide(again(it, delivery={"address_key": uid("addr")}))
        decision = self.client.decide(it)
        part = signal(decision, "orders_24h")
        self.assertEqual(part["value"], 4)
        self.assertIn("ORDER_VELOCITY", codes(decision))

    def test_spend_against_ones_own_usual(self):
        it = order(item("phone", unit_price_minor="240000"))
        self.client.learn(
            *past_orders(it["customer_id"], it["delivery"]["address_key"], 6, amount_minor=40000)
        )
        decision = self.client.decide(it)
        part = signal(decision, "spend_vs_usual")
        self.assertGreater(part["value"], 5)
        self.assertIn("UNUSUAL_SPEND", codes(decision))

    def test_under_three_orders_the_usual_is_missing(self):
        it = order("phone")
        self.client.learn(*past_orders(it["customer_id"], it["delivery"]["address_key"], 2))
        part = signal(self.client.decide(it), "spend_vs_usual")
        self.assertTrue(part["missing"])
        self.assertNotIn("value", part)

    def test_accounts_that_share_a_device(self):
        device = uid("dev")
        liar = order("book", session={"device_key": device})
        self.client.decide(liar)
        self.client.learn(*loss(liar["order_id"], "CUSTOMER", at(minutes=0)))
        it = order("jacket", session={"device_key": device})
        decision = self.client.decide(it)
        self.assertIn("LINKED_ACCOUNTS", codes(decision))
        part = signal(decision, "linked_false_claims_365d", "FALSE_CLAIM")
        self.assertEqual(part["value"], 1)
        # Their own claims are no linked ones.
        own = self.client.preview(again(liar))
        self.assertIsNone(signal(own, "linked_false_claims_365d", "FALSE_CLAIM"))


