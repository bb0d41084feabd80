"""Decisions read again: by id, by order and revision, in lists and pages, in two views, and replayed."""

from cases import Fresh, Shared
from doorstep_client import Server
from orders import again, at, change, codes, event, item, losses, order, past_orders, uid

FULL_ONLY = {
    "risk",
    "hazards",
    "cost_currency",
    "costs",
    "near_misses",
    "counterfactuals",
    "experiments",
    "random_check",
    "propensities",
    "shadows",
    "skipped_rules",
    "record_digest",
}


class Getting(Shared):
    def test_by_id_by_order_and_by_revision(self):
        it = order("book")
        first = self.client.decide(it)
        second = self.client.decide(change(it, items=[item("laptop")]))
        by_id = self.client.call("GetDecision", {"decision_id": first["decision_id"]})["decision"]
        self.assertEqual(by_id["revision"], 1)
        self.assertEqual(by_id["state"], "DECISION_STATE_SUPERSEDED")
        self.assertEqual(self.client.get(it["order_id"])["decision_id"], second["decision_id"])
        self.assertEqual(
            self.client.get(it["order_id"], revision=1)["decision_id"], first["decision_id"]
        )

    def test_what_is_read_is_what_was_answered(self):
        it = order("phone", session={"new_device": True})
        answered = self.client.decide(it)
        read = self.client.get(it["order_id"])
        for told in (answered, read):
            told.pop("already_recorded", None)
        self.assertEqual(read, answered)

    def test_ids_are_ordered_by_time(self):
        with Server() as server:
            ids = [
                server.client.decide(order("book", placed_at=at(seconds=it)))["decision_id"]
                for it in range(5)
            ]
        self.assertEqual(ids, sorted(ids))
        self.assertEqual(len(set(ids)), 5)
        self.assertTrue(all(it[14] == "7" for it in ids), ids)

    def test_the_basic_view_holds_what_a_browser_may_see(self):
        it = order("phone", session={"new_device": True})
        self.client.learn(*losses(it["customer_id"], it["delivery"]["address_key"], "PORCH", 2))
        full = self.client.decide(it)
        self.assertLessEqual({"risk", "hazards", "costs", "propensities", "record_digest"}, set(full))
        for basic in (
            self.client.decide(it, view="DECISION_VIEW_BASIC"),
            self.client.get(it["order_id"], view="DECISION_VIEW_BASIC"),
            self.client.list(customer_id=it["customer_id"], view="DECISION_VIEW_BASIC")[0],
        ):
            self.assertEqual(set(basic) & FULL_ONLY, set())
            self.assertEqual(basic["action"], full["action"])
            self.assertEqual(basic["code_contact_id"], full["code_contact_id"])
            self.assertLessEqual(len(basic["reasons"]), 2)
            for reason in basic["reasons"]:
                self.assertEqual(set(reason), {"code", "customer_text"})
                self.assertTrue(reason["customer_text"])

    def test_every_reason_of_the_full_view_has_a_text_for_the_analyst(self):
        decision = self.client.decide(order("phone", session={"new_device": True}))
        self.assertGreater(len(decision["reasons"]), 2)
        for reason in decision["reasons"]:
            self.assertTrue(reason.get("analyst_text"), reason)

    def test_alternatives_are_named_and_worded(self):
        decision = self.client.decide(order("phone"))
        offered = decision["alternatives"]
        self.assertGreaterEqual(len(offered), 1)
        self.assertEqual(len({it["alternative_id"] for it in offered}), len(offered))
        for it in offered:
            self.assertTrue(it["customer_text"], it)
        self.assertIn("ALTERNATIVE_KIND_LOCKER", {it["kind"] for it in offered})

    def test_counterfactuals_name_a_change_that_changes_the_action(self):
        decision = self.client.decide(order("laptop"))
        self.assertTrue(decision.get("counterfactuals"))
        for it in decision["counterfactuals"]:
            self.assertNotEqual(it["action"], decision["action"])
            self.assertTrue(it["analyst_text"])


class Listing(Shared):
    def test_a_customers_decisions_newest_first_every_revision(self):
        it = order("book")
        self.client.decide(it)
        self.client.decide(change(it, items=[item("jacket")]))
        other = again(it, delivery={"address_key": uid("addr")})
        self.client.decide(other)
        listed = self.client.list(customer_id=it["customer_id"])
        self.assertEqual(
            [(d["order_id"], d["revision"]) for d in listed],
            [(other["order_id"], 1), (it["order_id"], 2), (it["order_id"], 1)],
        )

    def test_an_unknown_customer_has_none(self):
        self.assertEqual(self.client.list(customer_id=uid("nobody")), [])

    def test_filters(self):
        who = uid("cust")
        goods = ["book", "laptop", "phone", "book"]
        made = [
            order(it, customer_id=who, delivery={"address_key": uid("addr")}) for it in goods
        ]
        for it in made:
            self.client.decide(it)
        self.client.learn(event("order_cancelled", order_id=made[0]["order_id"]))

        def found(**conditions):
            listed = self.client.list(customer_id=who, **conditions)
            return [it["order_id"] for it in listed]

        ids = [it["order_id"] for it in made]
        self.assertEqual(found(action="ACTION_NONE"), [ids[3], ids[0]])
        self.assertEqual(found(action="ACTION_OTP"), [ids[1]])
        self.assertEqual(found(reason_code="SMALL_HIGH_VALUE_ITEM"), [ids[2]])
        self.assertEqual(found(state="DECISION_STATE_CANCELLED"), [ids[0]])
        self.assertEqual(found(state="DECISION_STATE_OPEN"), ids[:0:-1])
        self.assertEqual(found(action="ACTION_NONE", state="DECISION_STATE_OPEN"), [ids[3]])
        self.assertEqual(found(from_at=at(days=-1), to_at=at(days=1)), ids[::-1])
        self.assertEqual(found(to_at=at(days=-1)), [])
        self.assertEqual(found(reason_code="SUSPICION"), [])

    def test_the_end_of_a_span_is_not_in_it(self):
        it = order("book")
        decided = self.client.decide(it)["decided_at"]
        who = it["customer_id"]
        self.assertEqual(self.client.list(customer_id=who, to_at=decided), [])
        self.assertEqual(len(self.client.list(customer_id=who, from_at=decided)), 1)

    def test_pages_are_stable_while_decisions_arrive(self):
        who = uid("cust")

        def decide():
            it = order("book", customer_id=who, delivery={"address_key": uid("addr")})
            self.client.decide(it)
            return it["order_id"]

        ids = [decide() for _ in range(7)]
        seen, token = [], ""
        while True:
            page = self.client.call(
                "ListDecisions", {"customer_id": who, "page_size": 3, "page_token": token}
            )
            self.assertLessEqual(len(page["decisions"]), 3)
            seen += [it["order_id"] for it in page["decisions"]]
            decide()
            token = page.get("next_page_token", "")
            if not token:
                break
        self.assertEqual(seen, ids[::-1])

    def test_a_token_belongs_to_its_conditions(self):
        who = uid("cust")
        for _ in range(2):
            self.client.decide(
                order("book", customer_id=who, delivery={"address_key": uid("addr")})
            )
        page = self.client.call("ListDecisions", {"customer_id": who, "page_size": 1})
        token = page["next_page_token"]
        self.refused(
            "INVALID_ARGUMENT",
            "ListDecisions",
            {"customer_id": who, "action": "ACTION_OTP", "page_token": token},
        )


class Pages(Fresh):
    def test_fifty_a_page_and_five_hundred_at_most(self):
        batches = [[{"order": order("book")} for _ in range(100)] for _ in range(6)]
        for requests in batches:
            self.client.call("DecideBatch", {"requests": requests})

        def size(**more):
            page = self.client.call("ListDecisions", {"from_at": at(days=-1), **more})
            return len(page["decisions"])

        self.assertEqual(size(), 50)
        self.assertEqual(size(page_size=7), 7)
        self.assertEqual(size(page_size=500), 500)
        self.assertEqual(size(page_size=10_000), 500)
        everything = self.client.list(from_at=at(days=-1), page_size=500)
        self.assertEqual(len({it["decision_id"] for it in everything}), 600)


class Replaying(Shared):
    def replay(self, decision, **more):
        return self.client.call("ReplayDecision", {"decision_id": decision["decision_id"], **more})

    def test_identical_whatever_happened_since(self):
        it = order("phone", session={"new_device": True})
        self.client.learn(*past_orders(it["customer_id"], it["delivery"]["address_key"]))
        decision = self.client.decide(it)
        self.client.learn(
            *losses(it["customer_id"], it["delivery"]["address_key"], "PORCH", 2),
            event("password_reset", customer_id=it["customer_id"]),
            event("order_cancelled", order_id=it["order_id"]),
        )
        answer = self.replay(decision)
        self.assertTrue(answer["identical"], answer.get("differences"))
        self.assertEqual(answer.get("differences", []), [])
        for part in ["action", "risk", "hazards", "costs", "reasons", "propensities"]:
            self.assertEqual(answer["decision"][part], decision[part])

    def test_every_revision(self):
        it = order("book")
        made = [self.client.decide(change(it, items=[item(g)])) for g in ["book", "laptop", "ring"]]
        for decision in made:
            self.assertTrue(self.replay(decision)["identical"])

    def test_by_the_policy_recorded_named_by_id_or_digest(self):
        decision = self.client.decide(order("laptop"))
        for name in ["id", "digest"]:
            answer = self.replay(decision, policy_version=decision["policy"][name])
            self.assertTrue(answer["identical"])

    def test_by_an_unknown_policy(self):
        decision = self.client.decide(order("laptop"))
        failure = self.refused(
            "INVALID_ARGUMENT",
            "ReplayDecision",
            {"decision_id": decision["decision_id"], "policy_version": "unknown"},
        )
        self.assertEqual(set(failure.violations), {"policy_version"})

    def test_a_replay_records_nothing(self):
        it = order("laptop")
        decision = self.client.decide(it)
        self.replay(decision)
        self.assertEqual(len(self.client.list(customer_id=it["customer_id"])), 1)
        self.assertEqual(codes(self.client.get(it["order_id"])), codes(decision))
