"""The life of policies as an outside client sees it: acts, refusals, races, restarts, and what decisions cite."""

import hashlib
import threading

from cases import Fresh, Shared
from doorstep_client import Failed
from orders import order
from policies import CATALOGUE, SHIPPED

DEFAULT = SHIPPED.read_text()


def candidate(word):
    """A policy of its own name, and its digest."""
    text = DEFAULT.replace('id = "default"', f'id = "{word}"')
    return text, digest(text)


def digest(text):
    return hashlib.sha256(text.encode()).hexdigest()


class Acts(Fresh):
    # No policy file: acts say what is in force.
    options = ("--catalogue", CATALOGUE)

    def approved(self, word):
        text, name = candidate(word)
        answer = self.client.call("ProposePolicy", {"toml": text, "note": f"propose {word}"})
        self.assertEqual(answer["version"], {"id": word, "digest": name})
        answer = self.client.call("ApprovePolicy", {"digest": name, "note": f"approve {word}"})
        self.assertEqual(answer["policy"]["stage"], "POLICY_STAGE_APPROVED")
        self.assertTrue(answer["policy"]["self_approved"])
        return name

    def activate(self, name, expected):
        request = {"digest": name, "expected_active_digest": expected, "note": "go"}
        return self.client.call("ActivatePolicy", request)["policy"]

    def cited(self):
        return self.client.decide(order("book"))["policy"]["digest"]

    def test_a_life_from_proposal_to_rollback_and_over_a_kill(self):
        first = digest(DEFAULT)
        self.assertEqual(self.cited(), first)
        summer = self.approved("summer")
        self.assertEqual(self.cited(), first)
        self.assertEqual(self.activate(summer, first)["stage"], "POLICY_STAGE_ACTIVE")
        decided = self.client.decide(order("book"))
        self.assertEqual(decided["policy"], {"id": "summer", "digest": summer})
        self.restart(stop=False)
        self.assertEqual(self.cited(), summer)
        replayed = self.client.call("ReplayDecision", {"decision_id": decided["decision_id"]})
        self.assertTrue(replayed["identical"])
        got = self.client.call("GetPolicy")
        self.assertEqual(digest(got["toml"]), summer)
        back = self.client.call("RollBackPolicy", {"expected_active_digest": summer, "note": "no"})
        self.assertEqual(back["policy"]["version"]["digest"], first)
        self.assertEqual(self.cited(), first)
        told = self.client.call("ListPolicies")
        stages = {it["version"]["id"]: it["stage"] for it in told["policies"]}
        self.assertEqual(
            stages, {"summer": "POLICY_STAGE_RETIRED", "default": "POLICY_STAGE_ACTIVE"}
        )
        self.assertEqual(
            [(it["act"], it["principal"], it["note"]) for it in told["trail"]],
            [
                ("propose", "dev", "propose summer"),
                ("approve", "dev", "approve summer"),
                ("activate", "dev", "go"),
                ("roll_back", "dev", "no"),
            ],
        )
        self.assertEqual([it["active_digest"] for it in told["replicas"]], [first])

    def test_proposing_again_changes_nothing(self):
        text, _ = candidate("twice")
        for _ in range(2):
            self.client.call("ProposePolicy", {"toml": text})
        self.client.call("ProposePolicy", {"toml": DEFAULT})
        trail = self.client.call("ListPolicies")["trail"]
        self.assertEqual([it["act"] for it in trail], ["propose"])

    def test_of_racing_activations_one_wins(self):
        first = digest(DEFAULT)
        names = [self.approved(f"racer-{number}") for number in range(5)]
        won, lost = [], []

        def race(name):
            try:
                self.activate(name, first)
                won.append(name)
            except Failed as refused:
                lost.append(refused.code)

        threads = [threading.Thread(target=race, args=(name,)) for name in names]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(len(won), 1)
        self.assertEqual(lost, ["FAILED_PRECONDITION"] * 4)
        self.assertEqual(self.cited(), won[0])
        got = self.client.call("GetPolicy", {"id": "racer-0"})
        self.assertEqual(got["policy"]["version"]["digest"], names[0])

    def test_refusals_say_what_would_be_right(self):
        first = digest(DEFAULT)
        text, name = candidate("unapproved")
        self.client.call("ProposePolicy", {"toml": text})
        request = {"digest": name, "expected_active_digest": first}
        told = self.refused("FAILED_PRECONDITION", "ActivatePolicy", request)
        self.assertIn("approve it first", told.message)
        self.client.call("ApprovePolicy", {"digest": name})
        told = self.refused("FAILED_PRECONDITION", "ApprovePolicy", {"digest": name})
        self.assertIn("APPROVED", told.message)
        request = {"digest": name, "expected_active_digest": name}
        told = self.refused("FAILED_PRECONDITION", "ActivatePolicy", request)
        self.assertIn(first, told.message)
        request = {"digest": first, "expected_active_digest": first}
        told = self.refused("FAILED_PRECONDITION", "ActivatePolicy", request)
        self.assertIn("ACTIVE already", told.message)
        request = {"expected_active_digest": first}
        told = self.refused("FAILED_PRECONDITION", "RollBackPolicy", request)
        self.assertIn("before", told.message)
        for call in ["ApprovePolicy", "GetPolicy"]:
            self.refused("NOT_FOUND", call, {"digest": "0" * 64})
        request = {"digest": "0" * 64, "expected_active_digest": first}
        self.refused("NOT_FOUND", "ActivatePolicy", request)
        self.refused("NOT_FOUND", "GetPolicy", {"id": "nobody"})

    def test_every_bad_field_is_named(self):
        def faults(call, request):
            return sorted(self.refused("INVALID_ARGUMENT", call, request).violations)

        self.assertEqual(faults("CheckPolicy", {}), ["toml"])
        self.assertEqual(faults("ProposePolicy", {"note": "x" * 501}), ["note", "toml"])
        self.assertEqual(faults("ApprovePolicy", {"digest": "9f31"}), ["digest"])
        both = ["digest", "expected_active_digest"]
        self.assertEqual(faults("ActivatePolicy", {}), both)
        self.assertEqual(faults("ActivatePolicy", dict.fromkeys(both, "g" * 64)), both)
        self.assertEqual(faults("RollBackPolicy", {}), both[1:])
        self.assertEqual(faults("GetPolicy", {"digest": "0" * 64, "id": "default"}), ["id"])

    def test_a_policy_that_is_wrong_is_told_by_place_and_not_kept(self):
        wrong = DEFAULT.replace("[validity]", "[valdity]")
        for call in ["CheckPolicy", "ProposePolicy"]:
            told = self.client.call(call, {"toml": wrong})
            self.assertNotIn("version", told)
            self.assertTrue(any("valdity" in it["path"] + it["message"] for it in told["problems"]))
            for problem in told["problems"]:
                self.assertTrue(problem["message"])
        self.assertTrue(any(it.get("line") for it in told["problems"]))
        self.refused("NOT_FOUND", "GetPolicy", {"digest": digest(wrong)})
        good = self.client.call("CheckPolicy", {"toml": DEFAULT})
        self.assertEqual(good["version"], {"id": "default", "digest": digest(DEFAULT)})
        self.assertEqual(good.get("problems", []), [])


class OfAFile(Shared):
    def test_a_file_is_the_authority(self):
        active = self.client.call("GetPolicy")["policy"]
        self.assertEqual((active["stage"], active["author"]), ("POLICY_STAGE_ACTIVE", "file"))
        expected = active["version"]["digest"]
        text, name = candidate("in-vain")
        self.client.call("ProposePolicy", {"toml": text})
        self.client.call("ApprovePolicy", {"digest": name})
        request = {"digest": name, "expected_active_digest": expected}
        told = self.refused("FAILED_PRECONDITION", "ActivatePolicy", request)
        self.assertIn("--policy", told.message)
        request = {"expected_active_digest": expected}
        self.refused("FAILED_PRECONDITION", "RollBackPolicy", request)
        self.assertEqual(self.client.decide(order("book"))["policy"]["digest"], expected)
