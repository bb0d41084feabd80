"""What the contract says in passing, and callers find out first."""

from cases import Fresh, Shared
from doorstep_client import Failed, Server, folder
from orders import (
    again,
    at,
    change,
    codes,
    contact,
    day,
    event,
    infeasible,
    item,
    loaded,
    order,
    past_orders,
    placed,
    smallest,
    uid,
)
from policies import rule, without_random_checks


class SmallThings(Shared):
    def test_an_item_without_an_id_is_named_by_its_position(self):
        it = smallest()
        it["items"] = [{"unit_price_minor": "1000"}, {"unit_price_minor": "2000"}]
        decision = self.client.decide(it)
        self.assertEqual([line["item_id"] for line in decision["items"]], ["1", "2"])

    def test_every_item_is_answered_once_sorted_by_its_id(self):
        decision = self.client.decide(order("phone", "book", "jacket"))
        self.assertEqual([it["item_id"] for it in decision["items"]], ["book", "jacket", "phone"])

    def test_a_guest_has_no_history_and_no_customer(self):
        guest = order("phone", customer_id=None, customer_since_at=None)
        decision = self.client.decide(guest)
        self.assertEqual(decision.get("customer_id", ""), "")
        parts = {
            part["signal"]: part
            for line in decision["hazards"]
            for part in line.get("contributions", [])
        }
        if "spend_vs_usual" in parts:
            self.assertTrue(parts["spend_vs_usual"]["missing"])

    def test_the_request_id_comes_back(self):
        answer = self.client.call("Decide", {"order": order("book"), "request_id": "call-7"})
        self.assertEqual(answer["request_id"], "call-7")

    def test_a_basic_preview_holds_no_more_than_a_basic_answer(self):
        basic = self.client.preview(order("phone"), view="DECISION_VIEW_BASIC")
        self.assertNotIn("risk", basic)
        self.assertNotIn("costs", basic)
        self.assertNotIn("propensities", basic)

    def test_every_recorded_decision_tells_its_draw(self):
        for goods in ["book", "laptop"]:
            self.assertIn("random_check", self.client.decide(order(goods)))

    def test_a_preview_answers_near_misses_and_counterfactuals_too(self):
        decision = self.client.preview(order("laptop"))
        self.assertTrue(decision["counterfactuals"])
        listed = self.client.decide(order("laptop"))
        self.assertTrue(listed["counterfactuals"])
        self.assertTrue(self.client.get(listed["order_id"])["counterfactuals"])

    def test_a_carts_own_probe_is_not_counted_against_it(self):
        it = order("book", stage="STAGE_CART")
        self.client.decide(it)
        self.client.decide(change(it, items=[item("jacket")]))
        facts = self.client.profile(customer_id=it["customer_id"])
        self.assertEqual(facts["probes_24h"], 1)

    def test_a_preview_of_a_suspected_route_says_so_to_the_analyst_alone(self):
        route = uid("route")
        self.client.learn(
            event("suspicion_raised", at(days=-1), suspicion_id=uid("s"), route_id=route, level=2)
        )
        decision = self.client.preview(order("camera", carrier={"route_id": route}))
        (reason,) = [it for it in decision["reasons"] if it["code"] == "SUSPICION"]
        self.assertTrue(reason["analyst_text"])
        self.assertEqual(reason.get("customer_text", ""), "")


class Dates(Fresh):
    def until(self, **delivery):
        fields = {"expected_on": "2026-06-12", "time_zone": None, "country_code": None, **delivery}
        return self.client.decide(order("book", delivery=fields))["valid_until"]

    def test_days_are_those_of_the_deliverys_zone_else_the_countrys_else_utc(self):
        self.assertEqual(self.until(time_zone="Europe/Berlin"), "2026-06-19T22:00:00Z")
        self.assertEqual(self.until(time_zone="Asia/Tokyo"), "2026-06-19T15:00:00Z")
        self.assertEqual(self.until(country_code="US"), "2026-06-20T04:00:00Z")
        self.assertEqual(
            self.until(country_code="US", time_zone="Europe/Berlin"), "2026-06-19T22:00:00Z"
        )
        self.assertEqual(self.until(), "2026-06-20T00:00:00Z")
        self.assertEqual(self.until(country_code="ZZ"), "2026-06-20T00:00:00Z")

    def test_without_a_date_the_day_it_was_placed_serves_in_its_zone(self):
        # 23:30 on the 10th in UTC is the 11th in Berlin: the 14th is three days on, not four.
        late = order(
            "laptop",
            placed_at="2026-06-10T23:30:00Z",
            delivery={"expected_on": None, "time_zone": "Europe/Berlin"},
        )
        self.action(self.client.decide(late), "OTP")
        other = again(late, customer_id=uid("cust"), delivery={"expected_on": "2026-06-14"})
        self.assertIn("SEVERAL_PARCELS_AT_STOP", infeasible(self.client.decide(other), "OTP"))


class DrivenClock(Fresh):
    def test_a_preview_judges_at_its_own_time_and_moves_nothing(self):
        self.client.decide(order("book"))
        later = self.client.preview(order("book", placed_at=at(days=30)))
        self.assertEqual(later["decided_at"], "2026-07-10T12:00:00Z")
        now = self.client.decide(order("book", placed_at=None))
        self.assertEqual(now["decided_at"], "2026-06-10T12:00:00Z")

    def test_orders_move_it_forward_and_never_back(self):
        self.client.decide(order("book", placed_at=at(days=2)))
        decision = self.client.decide(order("book", placed_at=at(days=1)))
        self.assertEqual(decision["decided_at"], "2026-06-12T12:00:00Z")

    def test_a_refused_order_moves_nothing(self):
        self.client.decide(order("book"))
        self.refused(
            "INVALID_ARGUMENT",
            "Decide",
            {"order": order("book", placed_at=at(days=900), currency_code="JPY")},
        )
        now = self.client.decide(order("book", placed_at=None))
        self.assertEqual(now["decided_at"], "2026-06-10T12:00:00Z")

    def test_it_stands_where_it_was_after_a_restart(self):
        self.client.decide(order("book", placed_at=at(days=5)))
        self.restart()
        now = self.client.decide(order("book", placed_at=at()))
        self.assertEqual(now["decided_at"], "2026-06-15T12:00:00Z")


class Known(Fresh):
    """What history shows of contacts and addresses, when orders do not say since when."""

    def undated(self, contact_id, kind="SMS"):
        return {"contact_id": contact_id, "kind": f"CONTACT_KIND_{kind}", "verified": True}

    def test_an_undated_contact_seen_long_before_a_change_may_get_the_code(self):
        it = order(
            "phone",
            placed_at=at(days=-60),
            contacts=[self.undated("sms")],
            delivery={"expected_on": day(days=-58)},
        )
        self.client.decide(it)
        self.client.learn(event("password_reset", at(days=-1), customer_id=it["customer_id"]))
        later = again(it, placed_at=at(), delivery={"expected_on": day(days=2)})
        decision = self.client.decide(later)
        self.assertEqual(decision["code_contact_id"], "sms")
        self.assertIn("CODE_TO_PRIOR_CONTACT", codes(decision))

    def test_an_undated_contact_never_seen_before_is_a_change_at_receipt(self):
        it = order(
            "phone",
            placed_at=at(days=-60),
            contacts=[self.undated("sms-old")],
            delivery={"expected_on": day(days=-58)},
        )
        self.client.decide(it)
        later = again(
            it,
            placed_at=at(),
            contacts=[self.undated("sms-old"), self.undated("sms-new")],
            delivery={"expected_on": day(days=2)},
        )
        decision = self.client.decide(later)
        self.assertIn("PHONE_CHANGED", codes(decision))
        self.assertEqual(decision["code_contact_id"], "sms-old")

    def test_of_a_kind_never_known_before_it_is_a_first_value(self):
        it = order(
            "phone",
            placed_at=at(days=-60),
            contacts=[self.undated("sms")],
            delivery={"expected_on": day(days=-58)},
        )
        self.client.decide(it)
        later = again(
            it,
            placed_at=at(),
            contacts=[self.undated("sms"), self.undated("mail", "EMAIL")],
            delivery={"expected_on": day(days=2)},
        )
        self.assertNotIn("EMAIL_CHANGED", codes(self.client.decide(later)))

    def test_contacts_of_an_earlier_order_serve_a_later_one_without(self):
        it = order("phone", placed_at=at(days=-60), delivery={"expected_on": day(days=-58)})
        self.client.decide(it)
        later = again(it, placed_at=at(), contacts=[], delivery={"expected_on": day(days=2)})
        self.assertEqual(self.client.decide(later)["code_contact_id"], it["contacts"][0]["contact_id"])


class Reroutes(Shared):
    def test_the_new_address_is_stop_and_profile_from_then_on(self):
        there = uid("addr")
        self.client.decide(order("laptop", delivery={"address_key": there}))
        it = order("laptop")
        self.action(self.client.decide(it), "OTP")
        self.client.learn(event("order_rerouted", order_id=it["order_id"], address_key=there))
        decision = self.client.decide(it)
        self.assertEqual(decision["revision"], 2)
        self.action(decision, "ITEM_CODES")
        self.assertIn("SEVERAL_PARCELS_AT_STOP", infeasible(decision, "OTP"))

    def test_content_with_another_address_ends_it(self):
        there, third = uid("addr"), uid("addr")
        it = order("laptop")
        self.client.decide(it)
        self.client.learn(event("order_rerouted", order_id=it["order_id"], address_key=there))
        self.client.decide(it)
        self.client.decide(change(it, delivery={"address_key": third}))
        # Nobody stands at the second address any more, and somebody at the third.
        self.action(self.client.decide(order("laptop", delivery={"address_key": there})), "OTP")
        other = self.client.decide(order("laptop", delivery={"address_key": third}))
        self.assertIn("SEVERAL_PARCELS_AT_STOP", infeasible(other, "OTP"))

    def test_the_same_content_again_keeps_the_new_address(self):
        there = uid("addr")
        it = order("laptop")
        self.client.decide(it)
        self.client.learn(event("order_rerouted", order_id=it["order_id"], address_key=there))
        second = self.client.decide(it)
        self.assertEqual(self.client.decide(it)["decision_id"], second["decision_id"])
        other = self.client.decide(order("laptop", delivery={"address_key": there}))
        self.assertIn("SEVERAL_PARCELS_AT_STOP", infeasible(other, "OTP"))


class Losses(Shared):
    def test_a_loss_happened_when_it_was_claimed_however_late_it_was_settled(self):
        where = uid("addr")
        told = placed(uid("cust"), where, at(days=-200))
        past, claim = told["order_placed"]["order_id"], uid("claim")
        self.client.learn(
            told,
            event(
                "claim_opened",
                at(days=-190),
                claim_id=claim,
                order_id=past,
                kind="CLAIM_KIND_NOT_RECEIVED",
            ),
            event("claim_settled", at(days=-5), claim_id=claim, fault="FAULT_PORCH"),
        )
        facts = self.client.profile(address_key=where)
        self.assertEqual(facts.get("address_porch_losses_180d", 0), 0)

    def test_unsettled_claims_are_nobodys_fault(self):
        who, where = uid("cust"), uid("addr")
        told = placed(who, where, at(days=-20))
        self.client.learn(
            told,
            event(
                "claim_opened",
                at(days=-18),
                claim_id=uid("claim"),
                order_id=told["order_placed"]["order_id"],
                kind="CLAIM_KIND_NOT_RECEIVED",
            ),
        )
        facts = self.client.profile(customer_id=who)
        self.assertEqual(facts.get("customer_false_claims_365d", 0), 0)
        self.assertEqual(facts.get("customer_losses_180d", 0), 0)


class ReviewWithoutEscape(Fresh):
    def setUp(self):
        forbid = rule("never-bare", "order_value > 1000.0", then="forbid:none")
        self.options = ("--policy", without_random_checks(forbid))
        super().setUp()

    def test_a_lapsed_review_where_none_is_forbidden_is_a_review_again(self):
        it = order(
            item("laptop", unit_price_minor="120000"),
            lockers=[],
            session={"new_device": True},
            delivery={"address_added_at": at(days=-1)},
        )
        it["contacts"] = [contact("sms-new", since=at(days=-1))]
        self.client.learn(*past_orders(it["customer_id"], uid("addr"), 4))
        self.action(self.client.decide(it), "REVIEW")
        self.client.learn(event("password_reset", at(hours=25), customer_id=uid("clock")))
        second = self.client.decide(it)
        self.assertEqual(second["revision"], 2)
        self.action(second, "REVIEW")


class OtherPolicies(Fresh):
    """Judging by a policy that is not the one that decided."""

    def setUp(self):
        self.options = ()

    def test_replays_and_previews_by_another_known_policy(self):
        strict = rule("all", "order_value > 0.0", then="at_least:item_codes")
        with folder() as path:
            first = path / "policy.toml"
            calm = without_random_checks().read_text()
            first.write_text(calm)
            with Server("--policy", first) as server:
                it = order("book", placed_at=at())
                old = server.client.decide(it)
                self.assertEqual(server.stop(), 0, server.log())
                first.write_text(calm + strict)
                after = Server("--policy", first, data=server.data)
                try:
                    self.other(after.client, it, old)
                finally:
                    after.forget()

    def other(self, client, it, old):
        new = client.decide(order("book"))
        self.action(new, "ITEM_CODES")
        self.assertNotEqual(new["policy"]["digest"], old["policy"]["digest"])
        # By its own policy, which is kept though no file holds it any more.
        own = client.call("ReplayDecision", {"decision_id": old["decision_id"]})
        self.assertTrue(own["identical"], own.get("differences"))
        by_new = client.call(
            "ReplayDecision",
            {"decision_id": old["decision_id"], "policy_version": new["policy"]["digest"]},
        )
        self.assertFalse(by_new.get("identical", False))
        fields = {line["field"]: line for line in by_new["differences"]}
        self.assertIn("action", fields)
        self.assertIn("NONE", fields["action"]["recorded"])
        self.assertIn("ITEM_CODES", fields["action"]["replayed"])
        self.action(by_new["decision"], "ITEM_CODES")
        by_old = client.preview(order("book"), policy_version=old["policy"]["digest"])
        self.action(by_old, "NONE")
        self.assertEqual(by_old["policy"], old["policy"])
        # The same content is still the recorded decision, whatever is in force.
        self.assertEqual(client.decide(it)["decision_id"], old["decision_id"])


class Dispatched(Shared):
    def test_a_handover_before_any_decision_of_a_told_order(self):
        who, where = uid("cust"), uid("addr")
        told = placed(who, where, at(), expected_on=day(days=2), parcels=2)
        past = told["order_placed"]["order_id"]
        self.client.learn(told, loaded(past, parcel_id="p1"))
        decision = self.client.decide(order("laptop", delivery={"address_key": where}))
        self.assertIn("SEVERAL_PARCELS_AT_STOP", infeasible(decision, "OTP"))


class OddTurns(Shared):
    """Orders that change in ways nobody planned."""

    def test_a_placed_order_sent_as_a_cart_again_stays_placed(self):
        it = order("laptop")
        first = self.client.decide(it)
        same = self.client.decide(change(it, stage="STAGE_CART"))
        self.assertEqual(same["decision_id"], first["decision_id"])
        self.assertEqual(same["valid_until"], first["valid_until"])
        other = self.client.decide(again(it, customer_id=uid("cust")))
        self.assertIn("SEVERAL_PARCELS_AT_STOP", infeasible(other, "OTP"))

    def test_a_placed_order_whose_cart_is_changed_stays_at_its_stop(self):
        it = order("laptop")
        self.client.decide(it)
        self.client.decide(change(it, stage="STAGE_CART", items=[item("console")]))
        other = self.client.decide(again(it, customer_id=uid("cust")))
        self.assertIn("SEVERAL_PARCELS_AT_STOP", infeasible(other, "OTP"))
        self.assertEqual(self.client.profile(customer_id=it["customer_id"])["orders_24h"], 1)

    def test_an_order_that_changes_its_customer_counts_for_the_new_one(self):
        it = order("phone")
        first, second = it["customer_id"], uid("cust")
        self.client.decide(it)
        self.client.decide(change(it, customer_id=second))
        self.assertEqual(self.client.profile(customer_id=second)["orders_24h"], 1)
        try:
            facts = self.client.profile(customer_id=first)
        except Failed as failure:
            self.assertEqual(failure.code, "NOT_FOUND")
        else:
            self.assertEqual(facts.get("orders_24h", 0), 0)

    def test_an_order_that_changes_its_address_leaves_the_old_stop(self):
        it = order("laptop")
        old = it["delivery"]["address_key"]
        self.client.decide(it)
        self.client.decide(change(it, delivery={"address_key": uid("addr")}))
        self.action(self.client.decide(order("laptop", delivery={"address_key": old})), "OTP")

    def test_who_is_known_by_a_suspicion_alone_has_a_profile(self):
        who = uid("cust")
        self.client.learn(
            event("suspicion_raised", at(days=-1), suspicion_id=uid("s"), customer_id=who, level=2)
        )
        self.assertEqual(self.client.profile(customer_id=who)["suspicion_level"], 2)

    def test_two_suspicions_the_highest_counts_and_clearing_one_leaves_the_other(self):
        who, low, high = uid("cust"), uid("s"), uid("s")
        for suspicion, level in [(low, 1), (high, 3)]:
            self.client.learn(
                event(
                    "suspicion_raised",
                    at(days=-1),
                    suspicion_id=suspicion,
                    customer_id=who,
                    level=level,
                )
            )
        self.assertEqual(self.client.profile(customer_id=who)["suspicion_level"], 3)
        self.client.learn(event("suspicion_cleared", suspicion_id=high))
        self.assertEqual(self.client.profile(customer_id=who)["suspicion_level"], 1)

    def test_a_handover_that_comes_twice_under_two_ids_counts_once(self):
        it = order("book")
        self.client.decide(it)
        for _ in range(2):
            self.client.learn(
                event(
                    "parcel_handed_over",
                    order_id=it["order_id"],
                    parcel_id="p1",
                    recipient_role="RECIPIENT_ROLE_CUSTOMER",
                )
            )
        later = self.client.decide(again(it, delivery={"address_key": uid("addr")}))
        self.assertEqual(int(later["random_check"]["counter"]), 1)

    def test_cancelled_after_it_was_shown_and_placed_again_under_a_new_id(self):
        it = order("laptop")
        first = self.client.decide(it)
        self.client.learn(
            event(
                "order_cancelled",
                order_id=it["order_id"],
                by="CANCELLED_BY_CUSTOMER",
                after_requirement_shown=True,
            )
        )
        second = self.client.decide(again(it))
        self.action(second, "OTP")
        self.assertEqual(
            second["random_check"].get("draw_micro"), first["random_check"].get("draw_micro")
        )
