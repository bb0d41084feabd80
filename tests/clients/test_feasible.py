"""What is possible: contacts from before a change, gifts, carriers, lockers, and what a customer has
said about themselves. Infeasible actions are never returned and always say why."""

from cases import Fresh, Shared
from doorstep_client import Server
from orders import (
    ALL_CAPABILITIES,
    at,
    change,
    codes,
    contact,
    event,
    infeasible,
    item,
    locker,
    order,
    past_orders,
    uid,
)
from policies import catalogue, without_random_checks

CODE_ACTIONS = ("OTP", "ITEM_CODES")


class Contacts(Shared):
    """Invariant 2: a code goes only to a contact verified, and the customer's, before any change."""

    def goes_to(self, it, contact_id, *reasons):
        decision = self.client.decide(it)
        self.assertEqual(decision.get("code_contact_id", ""), contact_id)
        for code in reasons:
            self.assertIn(code, codes(decision))
        return decision

    def nowhere(self, it, reason):
        decision = self.goes_to(it, "")
        for action in CODE_ACTIONS:
            self.assertIn(reason, infeasible(decision, action))
        return decision

    def test_the_order_is_push_sms_voice_email_post_then_the_oldest(self):
        kinds = ["POST", "EMAIL", "VOICE", "SMS", "PUSH"]
        for count in range(1, 6):
            contacts = [contact(f"c-{kind}", kind) for kind in kinds[:count]]
            self.goes_to(order("phone", contacts=contacts), f"c-{kinds[count - 1]}")
        self.goes_to(
            order(
                "phone",
                contacts=[
                    contact("younger", since=at(days=-100)),
                    contact("older", since=at(days=-400)),
                    contact("youngest", since=at(days=-50)),
                ],
            ),
            "older",
        )

    def test_an_unverified_contact_gets_none(self):
        it = order("phone", contacts=[contact("sms", verified=False, verified_at=None)])
        self.nowhere(it, "NO_CONTACT")
        it = order("phone", contacts=[change(contact("sms"), verified=None, verified_at=None)])
        self.nowhere(it, "NO_CONTACT")

    def test_no_contact_at_all(self):
        self.nowhere(order("phone", contacts=[]), "NO_CONTACT")

    def test_a_changed_address_of_mail_and_an_older_number(self):
        it = order("phone")
        who = it["customer_id"]
        it["contacts"] = [
            contact(f"sms-{who}"),
            contact("mail-new", "EMAIL", since=at(days=-1)),
        ]
        decision = self.goes_to(it, f"sms-{who}", "CODE_TO_PRIOR_CONTACT", "EMAIL_CHANGED")
        self.action(decision, "ITEM_CODES")

    def test_a_replaced_contact_still_counts(self):
        it = order(
            "phone",
            contacts=[
                contact("sms-old", replaced_at=at(days=-1)),
                contact("sms-new", since=at(days=-1)),
            ],
        )
        decision = self.goes_to(it, "sms-old", "CODE_TO_PRIOR_CONTACT", "PHONE_CHANGED")
        self.assertIn("sms-old", decision["notify_contact_ids"])

    def test_without_a_change_a_replaced_contact_does_not_count(self):
        it = order(
            "phone",
            contacts=[
                contact("push-old", "PUSH", replaced_at=at(days=-60)),
                contact("mail", "EMAIL"),
            ],
        )
        self.goes_to(it, "mail")

    def test_every_contact_changed(self):
        it = order(
            "phone",
            contacts=[
                contact("sms-new", since=at(days=-2)),
                contact("mail-new", "EMAIL", since=at(days=-1)),
            ],
        )
        self.client.learn(*past_orders(it["customer_id"], uid("addr")))
        self.nowhere(it, "NO_PRIOR_CONTACT")

    def test_a_change_before_the_window_is_over(self):
        it = order("phone", contacts=[contact("sms-new", since=at(days=-15))])
        decision = self.goes_to(it, "sms-new")
        self.assertNotIn("CODE_TO_PRIOR_CONTACT", codes(decision))

    def test_the_earliest_change_in_the_window_counts(self):
        it = order(
            "phone",
            contacts=[
                contact("mail", "EMAIL"),
                contact("sms-new", since=at(days=-10)),
                contact("push-new", "PUSH", since=at(days=-2)),
            ],
        )
        self.goes_to(it, "mail", "CODE_TO_PRIOR_CONTACT")

    def test_the_first_values_of_an_account_are_no_change(self):
        it = order(
            "phone",
            customer_since_at=at(hours=-30),
            delivery={"address_added_at": at(hours=-29)},
            contacts=[contact("sms", since=at(hours=-28))],
        )
        decision = self.goes_to(it, "sms")
        self.assertNotIn("PHONE_CHANGED", codes(decision))
        self.assertNotIn("ADDRESS_CHANGED", codes(decision))

    def test_a_day_after_the_account_began_it_is_a_change(self):
        it = order(
            "phone",
            customer_since_at=at(days=-5),
            delivery={"address_added_at": at(days=-5)},
            contacts=[contact("mail", "EMAIL", since=at(days=-5)), contact("sms", since=at(days=-2))],
        )
        self.goes_to(it, "mail", "PHONE_CHANGED")

    def test_a_password_reset_is_a_change(self):
        it = order(
            "phone",
            session={"password_reset_at": at(hours=-3)},
            contacts=[contact("mail", "EMAIL"), contact("sms-new", since=at(hours=-2))],
        )
        self.goes_to(it, "mail", "PASSWORD_RESET", "CODE_TO_PRIOR_CONTACT")

    def test_a_password_reset_known_from_history(self):
        it = order("phone")
        self.client.learn(event("password_reset", at(hours=-3), customer_id=it["customer_id"]))
        self.goes_to(it, f"sms-{it['customer_id']}", "PASSWORD_RESET", "CODE_TO_PRIOR_CONTACT")

    def test_a_new_address_of_a_known_customer_is_a_change(self):
        it = order("phone", delivery={"address_added_at": at(days=-1)})
        self.goes_to(it, f"sms-{it['customer_id']}", "ADDRESS_CHANGED", "CODE_TO_PRIOR_CONTACT")

    def test_an_undated_address_that_history_does_not_know_is_new_at_receipt(self):
        it = order("phone", delivery={"address_added_at": None})
        self.client.learn(*past_orders(it["customer_id"], uid("addr")))
        self.goes_to(it, f"sms-{it['customer_id']}", "ADDRESS_CHANGED")

    def test_an_undated_address_that_history_knows_is_no_change(self):
        it = order("phone", delivery={"address_added_at": None})
        self.client.learn(*past_orders(it["customer_id"], it["delivery"]["address_key"]))
        decision = self.client.decide(it)
        self.assertNotIn("ADDRESS_CHANGED", codes(decision))

    def test_an_undated_contact_beside_a_change_gets_no_code(self):
        undated = {"contact_id": "sms", "kind": "CONTACT_KIND_SMS", "verified": True}
        it = order("phone", contacts=[undated], session={"password_reset_at": at(hours=-3)})
        self.nowhere(it, "NO_PRIOR_CONTACT")

    def test_an_undated_contact_gets_the_code_where_nothing_changed(self):
        undated = {"contact_id": "sms", "kind": "CONTACT_KIND_SMS", "verified": True}
        self.goes_to(order("phone", contacts=[undated]), "sms")

    def test_contacts_known_from_history_serve_an_order_without(self):
        it = order("phone", contacts=[])
        self.client.learn(
            event(
                "contact_changed",
                at(days=-300),
                customer_id=it["customer_id"],
                contact_id="sms-known",
                kind="CONTACT_KIND_SMS",
                verified=True,
            )
        )
        self.goes_to(it, "sms-known")

    def test_a_change_told_by_an_event(self):
        it = order("phone")
        who = it["customer_id"]
        self.client.learn(
            event(
                "contact_changed",
                at(days=-3),
                customer_id=who,
                contact_id="mail-new",
                previous_contact_id=f"mail-{who}",
                kind="CONTACT_KIND_EMAIL",
                verified=True,
            )
        )
        self.goes_to(it, f"sms-{who}", "EMAIL_CHANGED", "CODE_TO_PRIOR_CONTACT")

    def test_a_notice_of_the_change_goes_to_the_contact_from_before(self):
        it = order("phone", session={"password_reset_at": at(hours=-3)})
        decision = self.client.decide(it)
        self.assertIn("OBLIGATION_NOTIFY_PRIOR_CONTACT", decision["obligations"])
        self.assertIn(f"sms-{it['customer_id']}", decision["notify_contact_ids"])


class Gifts(Shared):
    def test_a_gift_without_a_recipients_contact_gets_no_code(self):
        for delivery in [{"gift": True}, {"recipient_is_buyer": False}]:
            decision = self.client.decide(order("phone", delivery=delivery))
            for action in CODE_ACTIONS:
                self.assertIn("GIFT_WITHOUT_CONTACT", infeasible(decision, action))

    def test_absent_is_not_said(self):
        it = order("phone", delivery={"gift": None, "recipient_is_buyer": None})
        self.assertEqual(infeasible(self.client.decide(it), "ITEM_CODES"), [])

    def test_the_code_goes_to_the_recipient(self):
        it = order("phone", delivery={"gift": True})
        it["contacts"].append(contact("mail-of-friend", "EMAIL", recipient=True))
        decision = self.client.decide(it)
        self.assertEqual(decision["code_contact_id"], "mail-of-friend")
        self.action(decision, "ITEM_CODES")

    def test_a_recipients_contact_added_after_a_change_gets_none(self):
        it = order("phone", delivery={"gift": True}, session={"password_reset_at": at(days=-2)})
        it["contacts"].append(contact("mail-of-thief", "EMAIL", since=at(days=-1), recipient=True))
        decision = self.client.decide(it)
        self.assertEqual(decision.get("code_contact_id", ""), "")
        self.assertNotEqual(infeasible(decision, "OTP"), [])


class Carriers(Shared):
    def without(self, *names):
        kept = [it for it in ALL_CAPABILITIES if it.removeprefix("CAPABILITY_") not in names]
        return {"carrier": {"capabilities": kept}}

    def test_without_codes_a_locker_protects(self):
        decision = self.client.decide(order("phone", **self.without("CODE", "PER_PARCEL_CODE")))
        self.action(decision, "LOCKER_ONLY")
        for action in CODE_ACTIONS:
            self.assertIn("NO_CODE_POSSIBLE", infeasible(decision, action))
        self.assertIn("NO_CODE_POSSIBLE", codes(decision))

    def test_without_codes_and_lockers_a_photo_is_owed(self):
        decision = self.client.decide(
            order("phone", lockers=[], **self.without("CODE", "PER_PARCEL_CODE"))
        )
        self.action(decision, "NONE")
        self.assertIn("NO_LOCKER_IN_REACH", infeasible(decision, "LOCKER_ONLY"))
        self.assertIn("OBLIGATION_PHOTO", decision["obligations"])

    def test_without_a_code_a_parcel_there_are_no_item_codes(self):
        decision = self.client.decide(order("phone", **self.without("PER_PARCEL_CODE")))
        self.action(decision, "OTP")
        self.assertEqual(infeasible(decision, "ITEM_CODES"), ["NO_CODE_POSSIBLE"])

    def test_item_codes_always_carry_a_seal(self):
        decision = self.client.decide(order("phone"))
        self.action(decision, "ITEM_CODES")
        needs = decision["items"][0]
        self.assertTrue(needs["needs_code"])
        owed = decision["obligations"] + needs.get("obligations", [])
        self.assertIn("OBLIGATION_TAMPER_SEAL", owed)

    def test_addresses_where_no_code_is_possible(self):
        for kind in ["PO_BOX", "LOCKER", "PICKUP_POINT"]:
            with self.subTest(kind):
                decision = self.client.decide(
                    order("phone", delivery={"address_type": f"ADDRESS_TYPE_{kind}"})
                )
                for action in CODE_ACTIONS:
                    self.assertNotEqual(infeasible(decision, action), [])
                self.assertFalse(decision["action"] in ("ACTION_OTP", "ACTION_ITEM_CODES"))

    def test_what_is_collected_anyway_needs_no_other_locker(self):
        for kind in ["LOCKER", "PICKUP_POINT"]:
            decision = self.client.decide(
                order("phone", delivery={"address_type": f"ADDRESS_TYPE_{kind}"})
            )
            self.assertIn("ALREADY_COLLECTED", infeasible(decision, "LOCKER_ONLY"))


class NotReady(Fresh):
    def setUp(self):
        facts = '[carriers.carrier-z]\ncapabilities = ["CODE", "PER_PARCEL_CODE"]\ncode_ready = false\n'
        self.options = ("--policy", without_random_checks(), "--catalogue", catalogue(facts))
        super().setUp()

    def test_a_carrier_that_is_not_ready_for_codes_gets_none(self):
        it = order("phone", carrier={"carrier_id": "carrier-z", "capabilities": None})
        decision = self.client.decide(it)
        for action in CODE_ACTIONS:
            self.assertIn("CARRIER_NOT_READY", infeasible(decision, action))

    def test_others_are(self):
        decision = self.client.decide(order("phone"))
        self.assertEqual(infeasible(decision, "ITEM_CODES"), [])


class Lockers(Shared):
    def fits(self, it, *lockers):
        decision = self.client.decide(it)
        self.assertEqual(infeasible(decision, "LOCKER_ONLY"), [])
        self.assertEqual(decision["locker_ids"], list(lockers))

    def fails(self, it, reason):
        decision = self.client.decide(it)
        self.assertIn(reason, infeasible(decision, "LOCKER_ONLY"))
        self.assertEqual(decision.get("locker_ids", []), [])

    def test_nearest_first(self):
        self.fits(
            order("phone", lockers=[locker("far", distance_m=900), locker("near", distance_m=200)]),
            "near",
            "far",
        )

    def test_sides_are_sorted_before_they_are_compared(self):
        small = locker("l", max_length_mm=60, max_width_mm=180, max_height_mm=100)
        self.fits(order("phone", lockers=[small]), "l")
        tight = locker("l", max_length_mm=59, max_width_mm=180, max_height_mm=100)
        self.fails(order("phone", lockers=[tight]), "LOCKER_DOES_NOT_FIT")

    def test_weight(self):
        self.fits(order("phone", lockers=[locker("l", max_weight_g=400)]), "l")
        self.fails(order("phone", lockers=[locker(max_weight_g=399)]), "LOCKER_DOES_NOT_FIT")

    def test_a_free_compartment_for_every_parcel(self):
        self.fails(order("phone", lockers=[locker(free_compartments=0)]), "LOCKER_DOES_NOT_FIT")
        two = [
            {"parcel_id": it, "length_mm": 200, "width_mm": 100, "height_mm": 60, "weight_g": 500}
            for it in "ab"
        ]
        it = order("phone", "book", parcels=two, expected_parcels=2)
        self.fits(change(it, lockers=[locker("l", free_compartments=2)]), "l")
        it = change(it, order_id=uid("order"), delivery={"address_key": uid("addr")})
        self.fails(change(it, lockers=[locker(free_compartments=1)]), "LOCKER_DOES_NOT_FIT")

    def test_the_same_carrier_if_it_names_one(self):
        self.fits(order("phone", lockers=[locker("l", carrier_id=None)]), "l")
        decision = self.client.decide(order("phone", lockers=[locker(carrier_id="another")]))
        self.assertNotEqual(infeasible(decision, "LOCKER_ONLY"), [])

    def test_reach(self):
        self.fits(order("phone", lockers=[locker("l", distance_m=2000)]), "l")
        self.fits(order("phone", lockers=[locker("l", distance_m=None)]), "l")
        self.fails(order("phone", lockers=[locker(distance_m=2001)]), "NO_LOCKER_IN_REACH")
        self.fails(order("phone", lockers=[]), "NO_LOCKER_IN_REACH")

    def test_what_must_not_lie_in_a_locker(self):
        for fact in ["age_restricted", "hazardous"]:
            self.fails(order(item("phone", **{fact: True})), "LOCKER_DOES_NOT_FIT")

    def test_a_step_for_who_cannot_take_one(self):
        it = order("phone", preferences={"step_free_only": True})
        self.fits(it, "locker-1")
        for fact in [False, None]:
            decision = self.client.decide(
                order(
                    "phone", preferences={"step_free_only": True}, lockers=[locker(step_free=fact)]
                )
            )
            self.assertIn("ACCESS_EXEMPT", infeasible(decision, "LOCKER_ONLY"))


class Preferences(Shared):
    """What people say about themselves is a hard limit, and never enters a score."""

    def test_who_cannot_use_codes_gets_none(self):
        decision = self.client.decide(order("phone", preferences={"cannot_use_codes": True}))
        for action in CODE_ACTIONS:
            self.assertIn("ACCESS_EXEMPT", infeasible(decision, action))

    def test_who_cannot_come_to_the_door_gets_neither_code_nor_locker(self):
        decision = self.client.decide(order("phone", preferences={"cannot_come_to_door": True}))
        for action in (*CODE_ACTIONS, "LOCKER_ONLY"):
            self.assertIn("ACCESS_EXEMPT", infeasible(decision, action))

    def test_unless_a_delegate_is_named(self):
        wishes = {"cannot_come_to_door": True, "delegate_contact_id": "sms-of-neighbour"}
        decision = self.client.decide(order("phone", preferences=wishes))
        for action in CODE_ACTIONS:
            self.assertEqual(infeasible(decision, action), [])
        self.assertIn("ACCESS_EXEMPT", infeasible(decision, "LOCKER_ONLY"))

    def test_no_preference_moves_a_score(self):
        it = order("phone")
        plain = self.client.preview(it)
        for wishes in [
            {"cannot_use_codes": True},
            {"cannot_come_to_door": True},
            {"step_free_only": True},
            {"secured_drop": "SECURED_DROP_GARAGE"},
            {"delegate_contact_id": "sms-of-neighbour"},
            {"locale": "de"},
        ]:
            decision = self.client.preview(change(it, preferences=wishes))
            self.assertEqual(decision["hazards"], plain["hazards"], wishes)
            self.assertEqual(decision["risk"], plain["risk"])

    def test_a_secured_drop_is_offered(self):
        decision = self.client.decide(
            order("phone", preferences={"secured_drop": "SECURED_DROP_PARCEL_BOX"})
        )
        kinds = [it["kind"] for it in decision.get("alternatives", [])]
        self.assertIn("ALTERNATIVE_KIND_SECURED_DROP", kinds)
        self.assertIn("SECURED_DROP", codes(decision))


class Invariants(Shared):
    """What holds for every decision, whatever the order."""

    def test_numbers_add_up(self):
        for goods in ["book", "jacket", "laptop", "phone", "ring", "fridge"]:
            with self.subTest(goods):
                self.check(self.client.decide(order(goods, session={"new_device": True})))

    def check(self, decision):
        survive = 1.0
        self.assertEqual(len(decision["hazards"]), 5)
        for line in decision["hazards"]:
            total = line["base_log_odds"] + sum(
                part["log_odds"] for part in line.get("contributions", [])
            )
            self.assertAlmostEqual(total, line["log_odds"], places=9)
            survive *= 1 - line["probability"]
        self.assertAlmostEqual(decision["risk"], 1 - survive, places=12)
        self.assertEqual(len(decision["costs"]), 5)
        for line in decision["costs"]:
            total = sum(term.get("minor", 0.0) for term in line["terms"])
            self.assertAlmostEqual(total, line["total_minor"], places=6)
        shares = {it["action"]: it.get("micro", 0) for it in decision["propensities"]}
        self.assertEqual(len(shares), 5)
        self.assertEqual(sum(shares.values()), 1_000_000)
        self.assertGreater(shares[decision["action"]], 0)
        chosen = next(it for it in decision["costs"] if it["action"] == decision["action"])
        self.assertTrue(chosen["feasible"])
        self.assertEqual(decision["cost_currency"], "EUR")
        self.assertRegex(decision["record_digest"], r"^[0-9a-f]{64}$")
        for version in ["policy", "model", "engine"]:
            self.assertTrue(decision[version]["id"])
            self.assertRegex(decision[version]["digest"], r"^[0-9a-f]{64}$")

    def test_items_and_contacts_in_another_order_change_nothing(self):
        it = order("phone", "book", "jacket", session={"new_device": True})
        one = self.client.preview(it)
        two = self.client.preview(
            change(it, items=it["items"][::-1], contacts=it["contacts"][::-1])
        )
        for part in ["action", "risk", "hazards", "costs", "code_contact_id"]:
            self.assertEqual(one[part], two[part])

    def test_a_price_in_another_currency_is_the_same_decision(self):
        it = order("laptop")
        self.action(self.client.preview(change(it, currency_code="GBP")), "OTP")
        self.action(self.client.preview(change(it, currency_code="CHF")), "OTP")

    def test_a_driven_clock_is_what_orders_say(self):
        with Server("--policy", without_random_checks()) as server:
            decision = server.client.decide(order("book"))
            self.assertEqual(decision["decided_at"], "2026-06-10T12:00:00Z")
