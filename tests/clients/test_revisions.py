"""When a decision stands, and when the same order is decided anew: revisions (a) to (e), states,
validity, the lapse of carts, orders and reviews."""

from cases import Fresh, Shared
from orders import (

    again,
    at,
    change,
    codes,
    contact,
    event,
    failed,
    handed_over,
    item,
    loaded,
    locker,
    order,
    past_orders,
    uid,
)


def cart(*goods, **changes):
    return order(*goods, stage="STAGE_CART", **changes)


def compromised(**changes):
    """Every contact and the address changed, from a new device: nobody is left to send a code to."""
    it = order(
        item("laptop", unit_price_minor="120000"),
        session={"new_device": True},
        delivery={"address_added_at": at(days=-1)},
        **changes,
    )
    fresh = at(days=-1)
    it["contacts"] = [
        contact(f"sms-new-{it['customer_id']}", since=fresh),
        contact(f"mail-new-{it['customer_id']}", "EMAIL", since=fresh),
    ]
    return it


class Same(Shared):
    """The same content is the same decision."""

    def same(self, first, second):
        before = self.client.decide(first)
        after = self.client.decide(second)
        self.assertTrue(after.get("already_recorded"), "decided anew")
        self.assertEqual(after["decision_id"], before["decision_id"])
        self.assertEqual(after["action"], before["action"])
        self.assertEqual(after["record_digest"], before["record_digest"])

    def other(self, first, second):
        before = self.client.decide(first)
        after = self.client.decide(second)
        self.assertFalse(after.get("already_recorded", False))
        self.assertEqual(after["revision"], before["revision"] + 1)
        self.assertNotEqual(after["decision_id"], before["decision_id"])

    def test_sent_again(self):
        it = order()
        self.same(it, it)

    def test_first_time_it_is_not_recorded_already(self):
        decision = self.client.decide(order())
        self.assertFalse(decision.get("already_recorded", False))
        self.assertEqual(decision["revision"], 1)
        self.assertEqual(decision["state"], "DECISION_STATE_OPEN")
        self.assertEqual(decision["origin"], "ORIGIN_SERVICE")

    def test_placed_at_is_no_content(self):
        it = order()
        self.same(it, change(it, placed_at=at(minutes=-1)))
        self.same(it, change(it, placed_at=None))

    def test_stage_is_no_content(self):
        it = order(stage="STAGE_PLACED")
        self.same(it, change(it, stage=None))

    def test_what_moves_about_a_locker_is_no_content(self):
        it = order()
        self.same(it, change(it, lockers=[locker(free_compartments=1, distance_m=650)]))

    def test_the_size_of_a_locker_is_content(self):
        it = order()
        self.other(it, change(it, lockers=[locker(max_height_mm=500)]))

    def test_sets_have_no_order(self):
        it = order("book", "phone", lockers=[locker("l1"), locker("l2")])
        carrier = {"capabilities": it["carrier"]["capabilities"][::-1]}
        self.same(
            it,
            change(
                it,
                items=it["items"][::-1],
                contacts=it["contacts"][::-1],
                lockers=it["lockers"][::-1],
                carrier=carrier,
            ),
        )

    def test_items_without_ids_keep_their_order(self):
        goods = [item("book", item_id=None), item("jacket", item_id=None)]
        it = order(items=goods)
        self.other(it, change(it, items=goods[::-1]))

    def test_an_unknown_fact_is_not_the_fact_that_it_defaults_to(self):
        it = order("book", delivery={"gift": None})
        self.other(it, change(it, delivery={"gift": False}))

    def test_other_content_before_dispatch_is_a_new_revision(self):
        it = order("book")
        first = self.client.decide(it)
        second = self.client.decide(change(it, items=[item("laptop")]))
        self.assertEqual(second["revision"], 2)
        self.action(second, "OTP")
        self.assertEqual(
            self.client.get(it["order_id"], revision=1)["state"], "DECISION_STATE_SUPERSEDED"
        )
        self.assertEqual(self.client.get(it["order_id"])["decision_id"], second["decision_id"])
        # Back again is a third one: only the latest revision is compared.
        third = self.client.decide(it)
        self.assertEqual(third["revision"], 3)
        self.assertEqual(third["action"], first["action"])

    def test_a_preview_records_nothing(self):
        it = order()
        preview = self.client.preview(it)
        self.assertEqual(preview.get("decision_id", ""), "")
        self.assertEqual(preview.get("revision", 0), 0)
        self.refused("NOT_FOUND", "GetDecision", {"order_id": it["order_id"]})
        self.assertEqual(self.client.decide(it)["revision"], 1)


class AfterDispatch(Shared):
    """Once on its way, handed over or cancelled, an order keeps its answer."""

    def settled(self, state, *events):
        it = order("laptop")
        before = self.client.decide(it)
        self.client.learn(*[make(it["order_id"]) for make in events])
        self.assertEqual(self.client.get(it["order_id"])["state"], f"DECISION_STATE_{state}")
        same = self.client.decide(it)
        self.assertEqual(same["decision_id"], before["decision_id"])
        self.assertEqual(same["state"], f"DECISION_STATE_{state}")
        self.refused(
            "FAILED_PRECONDITION", "Decide", {"order": change(it, items=[item("jacket")])}
        )
        return it, before

    def test_loaded(self):
        self.settled("DISPATCHED", loaded)

    def test_tried_in_vain(self):
        self.settled("DISPATCHED", failed)

    def test_handed_over(self):
        self.settled("COMPLETED", handed_over)

    def test_cancelled(self):
        self.settled("CANCELLED", lambda it: event("order_cancelled", order_id=it))

    def test_one_of_two_parcels_handed_over(self):
        it = order("laptop", expected_parcels=2)
        self.client.decide(it)
        self.client.learn(handed_over(it["order_id"], parcel_id="p1"))
        self.assertEqual(self.client.get(it["order_id"])["state"], "DECISION_STATE_DISPATCHED")
        self.client.learn(handed_over(it["order_id"], parcel_id="p2"))
        self.assertEqual(self.client.get(it["order_id"])["state"], "DECISION_STATE_COMPLETED")

    def test_of_an_unknown_number_of_parcels_the_first_completes(self):
        it = order(item("book", quantity=2), expected_parcels=None)
        self.client.decide(it)
        self.client.learn(handed_over(it["order_id"]))
        self.assertEqual(self.client.get(it["order_id"])["state"], "DECISION_STATE_COMPLETED")

    def test_packed_or_sorted_is_not_yet_dispatched(self):
        it = order("laptop")
        self.client.decide(it)
        for kind in ["PACKED", "SORTED"]:
            self.client.learn(
                event(
                    "parcel_scanned",
                    order_id=it["order_id"],
                    parcel_id="p1",
                    kind=f"SCAN_KIND_{kind}",
                )
            )
        self.assertEqual(self.client.get(it["order_id"])["state"], "DECISION_STATE_OPEN")
        self.assertEqual(self.client.decide(change(it, items=[item("book")]))["revision"], 2)

    def test_an_account_change_after_dispatch_changes_nothing(self):
        it, before = self.settled("DISPATCHED", loaded)
        self.client.learn(event("password_reset", customer_id=it["customer_id"]))
        self.assertEqual(self.client.decide(it)["decision_id"], before["decision_id"])


class DecidedAnew(Shared):
    """(c): what has happened since asks for another look, once."""

    def anew(self, it, *events):
        first = self.client.decide(it)
        self.client.learn(*events)
        second = self.client.decide(it)
        self.assertEqual(second["revision"], first["revision"] + 1)
        self.assertFalse(second.get("already_recorded", False))
        third = self.client.decide(it)
        self.assertEqual(third["decision_id"], second["decision_id"], "once is enough")
        return first, second

    def stands(self, it, *events):
        first = self.client.decide(it)
        self.client.learn(*events)
        self.assertEqual(self.client.decide(it)["decision_id"], first["decision_id"])

    def test_after_a_reroute(self):
        it = order()
        new_address = uid("addr")
        self.anew(it, event("order_rerouted", order_id=it["order_id"], address_key=new_address))
        self.assertEqual(self.client.profile(address_key=new_address).get("orders_24h", 1), 1)

    def test_after_the_second_failed_attempt_of_a_parcel(self):
        it = order("laptop")
        self.stands(it, failed(it["order_id"]))
        self.anew(it, failed(it["order_id"]))

    def test_not_after_two_failures_of_two_parcels(self):
        it = order("laptop", expected_parcels=2)
        self.stands(it, failed(it["order_id"], parcel_id="p1"), failed(it["order_id"], parcel_id="p2"))

    def test_after_an_account_change(self):
        for name, make in {
            "password": lambda who: event("password_reset", customer_id=who),
            "contact": lambda who: event(
                "contact_changed",
                customer_id=who,
                contact_id=uid("mail"),
                kind="CONTACT_KIND_EMAIL",
                verified=True,
            ),
            "address": lambda who: event(
                "address_changed", customer_id=who, address_key=uid("addr")
            ),
        }.items():
            with self.subTest(name):
                it = order()
                self.anew(it, make(it["customer_id"]))

    def test_the_code_moves_to_a_contact_from_before_the_change(self):
        it = order()
        it["contacts"].append(contact("push-new", "PUSH", since=at(days=-20)))
        first, second = self.anew(
            it,
            event(
                "contact_changed",
                at(days=-25),
                customer_id=it["customer_id"],
                contact_id=uid("mail"),
                previous_contact_id=it["contacts"][1]["contact_id"],
                kind="CONTACT_KIND_EMAIL",
                verified=True,
            ),
            event("password_reset", at(days=-1), customer_id=it["customer_id"]),
        )
        self.assertEqual(second["code_contact_id"], first["code_contact_id"])
        self.assertIn("CODE_TO_PRIOR_CONTACT", codes(second))

    def test_another_customers_change_is_nothing(self):
        it = order()
        self.stands(it, event("password_reset", customer_id=uid("cust")))

    def test_slot_and_draw_stay_over_revisions_and_windows_count_once(self):
        it = order("book")
        self.client.decide(it)
        for what in ["jacket", "phone", "book"]:
            self.client.decide(change(it, items=[item(what)]))
        decision = self.client.preview(again(it, delivery={"expected_on": "2026-06-20"}))
        velocity = [
            part
            for line in decision["hazards"]
            for part in line.get("contributions", [])
            if part["signal"] == "orders_24h"
        ]
        self.assertTrue(all(part.get("value") == 1 for part in velocity), velocity)
        facts = self.client.profile(customer_id=it["customer_id"])
        self.assertEqual(facts["orders_24h"], 1)


class Carts(Fresh):
    def later(self, **shift):
        """Moves time with something that has nothing to do with it."""
        self.client.learn(event("password_reset", at(**shift), customer_id=uid("clock")))

    def test_a_cart_holds_for_thirty_minutes(self):
        decision = self.client.decide(cart())
        self.assertEqual(decision["valid_until"], "2026-06-10T12:30:00Z")

    def test_placed_in_time_it_is_the_same_decision(self):
        it = cart("laptop")
        shown = self.client.decide(it)
        self.later(minutes=29)
        placed = self.client.decide(change(it, stage="STAGE_PLACED", placed_at=at(minutes=29)))
        self.assertEqual(placed["decision_id"], shown["decision_id"])
        self.assertTrue(placed["already_recorded"])
        # From now on it is an order like any other.
        self.later(minutes=50)
        self.assertEqual(self.client.decide(it)["decision_id"], shown["decision_id"])
        other = self.client.decide(again(it, stage="STAGE_PLACED", placed_at=at(minutes=51)))
        self.action(other, "ITEM_CODES")
        self.assertIn("SEVERAL_PARCELS_AT_STOP", codes(other))

    def test_placed_too_late_it_is_decided_anew(self):
        it = cart()
        shown = self.client.decide(it)
        self.later(minutes=31)
        placed = self.client.decide(change(it, stage="STAGE_PLACED", placed_at=at(minutes=31)))
        self.assertEqual(placed["revision"], 2)
        self.assertNotEqual(placed["decision_id"], shown["decision_id"])

    def test_a_cart_left_alone_expires(self):
        it = cart()
        self.client.decide(it)
        self.later(minutes=31)
        self.assertEqual(self.client.get(it["order_id"])["state"], "DECISION_STATE_EXPIRED")

    def test_a_cart_occupies_no_stop_and_counts_as_a_probe(self):
        it = cart("laptop")
        self.client.decide(it)
        other = self.client.decide(again(it, stage="STAGE_PLACED"))
        self.action(other, "OTP")
        facts = self.client.profile(customer_id=it["customer_id"])
        self.assertEqual(facts["probes_24h"], 1)
        self.assertEqual(facts["orders_24h"], 1)

    def test_placed_after_its_stop_was_taken_it_is_decided_anew(self):
        it = cart("laptop")
        self.action(self.client.decide(it), "OTP")
        # Another customer's parcel to the same door on the same day.
        self.client.decide(again(it, customer_id=uid("cust"), stage="STAGE_PLACED"))
        placed = self.client.decide(change(it, stage="STAGE_PLACED"))
        self.assertEqual(placed["revision"], 2)
        self.action(placed, "ITEM_CODES")

    def test_placed_after_its_slot_was_taken_it_is_decided_anew(self):
        it = cart("laptop")
        shown = self.client.decide(it)
        elsewhere = again(it, stage="STAGE_PLACED", delivery={"address_key": uid("addr")})
        self.client.decide(elsewhere)
        placed = self.client.decide(change(it, stage="STAGE_PLACED"))
        self.assertEqual(placed["revision"], 2)
        self.assertNotEqual(placed["random_check"].get("slot", 0), shown["random_check"].get("slot", 0))


class Lapses(Fresh):
    def later(self, **shift):
        self.client.learn(event("password_reset", at(**shift), customer_id=uid("clock")))

    def test_an_order_with_a_date_holds_until_the_end_of_the_seventh_day_after_it(self):
        it = order()  # due on 2026-06-12 in Berlin
        first = self.client.decide(it)
        self.assertEqual(first["valid_until"], "2026-06-19T22:00:00Z")
        self.client.learn(event("password_reset", "2026-06-19T21:59:59Z", customer_id=uid("clock")))
        self.assertEqual(self.client.decide(it)["decision_id"], first["decision_id"])
        self.client.learn(event("password_reset", "2026-06-19T22:00:01Z", customer_id=uid("clock")))
        self.assertEqual(self.client.get(it["order_id"])["state"], "DECISION_STATE_EXPIRED")
        second = self.client.decide(it)
        self.assertEqual(second["revision"], 2)

    def test_an_order_without_a_date_holds_fourteen_days(self):
        it = order(delivery={"expected_on": None})
        first = self.client.decide(it)
        self.assertEqual(first["valid_until"], "2026-06-24T12:00:00Z")
        self.later(days=13, hours=23)
        self.assertEqual(self.client.decide(it)["decision_id"], first["decision_id"])
        self.later(days=14, minutes=1)
        self.assertEqual(self.client.decide(it)["revision"], 2)

    def test_a_dispatched_order_does_not_lapse_that_way(self):
        it = order()
        first = self.client.decide(it)
        self.client.learn(loaded(it["order_id"], at(hours=1)))
        self.later(days=20)
        self.assertEqual(self.client.decide(it)["decision_id"], first["decision_id"])
        self.assertEqual(self.client.get(it["order_id"])["state"], "DECISION_STATE_DISPATCHED")

    def test_dispatched_and_silent_for_thirty_days_it_expires(self):
        it = order()
        self.client.decide(it)
        self.client.learn(loaded(it["order_id"], at(hours=1)))
        self.later(days=29)
        self.assertEqual(self.client.get(it["order_id"])["state"], "DECISION_STATE_DISPATCHED")
        self.later(days=31)
        self.assertEqual(self.client.get(it["order_id"])["state"], "DECISION_STATE_EXPIRED")

    def test_a_review_lapses_after_a_day_into_the_review_default(self):
        it = compromised()
        self.client.learn(*past_orders(it["customer_id"], uid("addr"), 6))
        first = self.client.decide(it)
        self.action(first, "REVIEW")
        self.assertIn("NO_PRIOR_CONTACT", [c for l in first["costs"] for c in l.get("infeasible_because", [])] + codes(first))
        self.assertEqual(first["valid_until"], "2026-06-11T12:00:00Z")
        self.later(hours=23)
        self.assertEqual(self.client.decide(it)["decision_id"], first["decision_id"])
        self.later(hours=24, minutes=1)
        second = self.client.decide(it)
        self.assertEqual(second["revision"], 2)
        self.action(second, "LOCKER_ONLY")

    def test_a_lapsed_review_where_nothing_stricter_is_possible_is_none(self):
        it = compromised(lockers=[])
        self.client.learn(*past_orders(it["customer_id"], uid("addr"), 6))
        self.action(self.client.decide(it), "REVIEW")
        self.later(hours=24, minutes=1)
        self.action(self.client.decide(it), "NONE")

    def test_of_a_review_only_the_answer_lapses(self):
        it = compromised()
        self.client.learn(*past_orders(it["customer_id"], uid("addr"), 6))
        self.client.decide(it)
        self.later(hours=25)
        # Its parcels are still due at the stop.
        other = self.client.decide(
            order("laptop", delivery={"address_key": it["delivery"]["address_key"]})
        )
        self.assertIn("SEVERAL_PARCELS_AT_STOP", codes(other))

    def test_all_that_holds_after_a_restart_too(self):
        it, cancelled = order(), order()
        first = self.client.decide(it)
        self.client.decide(cancelled)
        self.client.learn(event("order_cancelled", order_id=cancelled["order_id"]))
        self.restart()
        self.assertEqual(self.client.decide(it)["decision_id"], first["decision_id"])
        self.refused(
            "FAILED_PRECONDITION", "Decide", {"order": change(cancelled, items=[item("book")])}
        )
        self.later(days=-3)  # time does not go back
        self.assertEqual(self.client.decide(order(placed_at=None))["decided_at"], at().replace(".000", ""))


