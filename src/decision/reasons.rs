//! Why: stable codes with the numbers behind them. Choosing which apply is here; wording them is `texts`.

use super::answer::{ActionCost, Alternative, HazardScore};
use super::draw::explore::Explored;
use super::judge::Weighed;
use super::policy::{Policy, Verdict};
use super::release::Release;
use super::signal::Signal;
use super::situation::Situation;
use crate::domain::action::{Action, AlternativeKind};
use crate::domain::hazard::Hazard;
use crate::domain::order::AddressType;
use crate::domain::units::{LogOddsMicro, probability};

#[cfg(test)]
mod tests;

macro_rules! codes {
    ($($variant:ident $number:literal $text:literal $doc:literal),+ $(,)?) => {
        /// A stable reason code; new ones may come, none is ever renamed.
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Code {
            $(#[doc = $doc] $variant),+,
            /// A rule of the policy held; carries the rule's id.
            Rule(String),
        }

        impl Code {
            /// Every code but those of rules.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The code as it is sent; a rule's is `RULE_<ID>` in capitals, other than letters and digits as `_`.
            #[must_use]
            pub fn text(&self) -> std::borrow::Cow<'static, str> {
                match self {
                    $(Self::$variant => $text.into(),)+
                    Self::Rule(id) => {
                        let plain = |c: char| if c.is_ascii_alphanumeric() { c.to_ascii_uppercase() } else { '_' };
                        format!("RULE_{}", id.chars().map(plain).collect::<String>()).into()
                    }
                }
            }

            /// Its stable number in records: from 1, never used again for another code; 0 for rules.
            #[must_use]
            pub const fn number(&self) -> u32 {
                match self { $(Self::$variant => $number,)+ Self::Rule(_) => 0 }
            }

            /// The code of this number, but for rules.
            #[must_use]
            pub const fn from_number(number: u32) -> Option<Self> {
                match number { $($number => Some(Self::$variant),)+ _ => None }
            }

            /// The code of this text, but for rules.
            #[must_use]
            pub fn from_text(text: &str) -> Option<Self> {
                match text { $($text => Some(Self::$variant),)+ _ => None }
            }
        }
    };
}

codes! {
    OrderValue 1 "ORDER_VALUE" "What is inside is dear.",
    UnusualSpend 2 "UNUSUAL_SPEND" "Far above the customer's usual orders.",
    OrderVelocity 3 "ORDER_VELOCITY" "Many orders in a short time.",
    SplitOrders 4 "SPLIT_ORDERS" "Several orders that make one large one.",
    Probing 5 "PROBING" "Many carts shown and not placed.",
    SeveralTechItems 6 "SEVERAL_TECH_ITEMS" "Several tech items.",
    SmallHighValueItem 7 "SMALL_HIGH_VALUE_ITEM" "A small, dear item.",
    WeakPackaging 8 "WEAK_PACKAGING" "Packaging too weak for what is inside.",
    AddressChanged 9 "ADDRESS_CHANGED" "The address changed lately.",
    NewAddress 10 "NEW_ADDRESS" "Nothing was delivered there before.",
    ForwarderAddress 11 "FORWARDER_ADDRESS" "A freight forwarder's address.",
    ExposedDrop 12 "EXPOSED_DROP" "A parcel at the door is exposed.",
    EmailChanged 13 "EMAIL_CHANGED" "The e-mail changed lately.",
    PhoneChanged 14 "PHONE_CHANGED" "The phone number changed lately.",
    PasswordReset 15 "PASSWORD_RESET" "The password was reset lately.",
    NewDevice 16 "NEW_DEVICE" "Ordered from a new device.",
    NewAccount 17 "NEW_ACCOUNT" "A young account.",
    BillingMismatch 18 "BILLING_MISMATCH" "Billing and delivery address differ.",
    PaymentKind 19 "PAYMENT_KIND" "The kind of payment.",
    ResaleValue 20 "RESALE_VALUE" "Easily resold.",
    Season 21 "SEASON" "The season.",
    PriorLossAddress 22 "PRIOR_LOSS_ADDRESS" "Parcels were lost at this address.",
    PriorLossCustomer 23 "PRIOR_LOSS_CUSTOMER" "The customer lost parcels before.",
    ClaimHistory 24 "CLAIM_HISTORY" "The customer's claims.",
    LinkedAccounts 25 "LINKED_ACCOUNTS" "Accounts that share a device or payment key.",
    RouteLosses 26 "ROUTE_LOSSES" "Losses on the route.",
    DepotLosses 27 "DEPOT_LOSSES" "Losses in the depot.",
    SubcontractedCarrier 28 "SUBCONTRACTED_CARRIER" "A subcontractor drives.",
    FailedAttempts 29 "FAILED_ATTEMPTS" "Attempts often fail here.",
    Suspicion 30 "SUSPICION" "A concrete suspicion.",
    ModelRisk 31 "MODEL_RISK" "The model's risk makes the action worth its price.",
    RandomCheck 32 "RANDOM_CHECK" "A random check.",
    EarlierDraw 33 "EARLIER_DRAW" "An earlier draw of the same slot.",
    ExperimentArm 34 "EXPERIMENT_ARM" "An experiment's arm.",
    DoorConfirmation 35 "DOOR_CONFIRMATION" "What customers see of chance and arms.",
    SeveralParcelsAtStop 36 "SEVERAL_PARCELS_AT_STOP" "Several parcels are due at the stop.",
    ParcelsUnknown 37 "PARCELS_UNKNOWN" "The number of parcels is unknown.",
    CodeToPriorContact 38 "CODE_TO_PRIOR_CONTACT" "The code goes to a contact from before a change.",
    NoContact 39 "NO_CONTACT" "No verified contact.",
    NoPriorContact 40 "NO_PRIOR_CONTACT" "No verified contact from before a change.",
    NoCodePossible 41 "NO_CODE_POSSIBLE" "No code is possible with this carrier or address.",
    CarrierNotReady 42 "CARRIER_NOT_READY" "The carrier or depot is not ready for codes.",
    GiftWithoutContact 43 "GIFT_WITHOUT_CONTACT" "A gift whose recipient has no contact.",
    LockerDoesNotFit 44 "LOCKER_DOES_NOT_FIT" "No locker fits.",
    SizeUnknown 45 "SIZE_UNKNOWN" "The size is unknown.",
    NoLockerInReach 46 "NO_LOCKER_IN_REACH" "No locker in reach.",
    AlreadyCollected 47 "ALREADY_COLLECTED" "The parcel is collected from a locker or shop anyway.",
    AccessExempt 48 "ACCESS_EXEMPT" "The customer said that this is not possible for them.",
    SecuredDrop 49 "SECURED_DROP" "The customer has a secured drop.",
    BurdenCap 50 "BURDEN_CAP" "The customer was asked often enough.",
    Reviewed 51 "REVIEWED" "A person decided.",
    ChosenByCustomer 52 "CHOSEN_BY_CUSTOMER" "The customer chose.",
    SignalMissing 53 "SIGNAL_MISSING" "A signal is missing, and that alone weighs.",
}

/// One reason with its numbers.
#[derive(Clone, Debug, PartialEq)]
pub struct Reason {
    /// Which.
    pub code: Code,
    /// The hazard it speaks of most.
    pub hazard: Option<Hazard>,
    /// The signal behind it.
    pub signal: Option<Signal>,
    /// The signal's value, where it is not missing.
    pub value: Option<f64>,
    /// What it adds to that hazard; 0 for reasons that are no signal's.
    pub contribution: LogOddsMicro,
    /// What that is worth without verification, in hundredths of the base currency; 0 for reasons that are no signal's.
    pub cost_cents: f64,
}

/// From this contribution on, a signal that raises a hazard is a reason.
pub const CITED_FROM: LogOddsMicro = 100_000;

/// The share of attended attempts that fails where nothing is known: above it, failed attempts are a reason.
const FAILURE_BASE: f64 = 0.06;

/// Why.
///
/// What determined the action comes first (rules, chance, the model), then the signals, largest first, then what chose
/// the code's contact, what made a cheaper or milder action impossible, and what else is offered.
#[must_use]
pub fn of(
    situation: &Situation,
    release: &Release,
    weighed: &Weighed,
    explored: &Explored,
    alternatives: &[Alternative],
) -> Vec<Reason> {
    let mut found = Found {
        situation,
        reasons: Vec::new(),
    };
    found.rules(&weighed.verdict);
    found.chance(explored);
    let mut signals = signals(situation, &release.policy, &weighed.hazards);
    if weighed.choice.own == weighed.choice.priced && weighed.choice.own > Action::None {
        found.push(Reason {
            value: Some(weighed.risk),
            ..Reason::plain(Code::ModelRisk)
        });
        if signals.is_empty() {
            let value = situation.signals.get(Signal::OrderValue);
            signals.push(Reason::measured(
                Signal::OrderValue,
                Code::OrderValue,
                value,
            ));
        }
    }
    signals.into_iter().for_each(|reason| found.push(reason));
    found.named(&weighed.verdict);
    found.failed_attempts();
    if weighed.feasible.prior && weighed.feasible.code_contact.is_some() {
        found.push(Reason::plain(Code::CodeToPriorContact));
    }
    found.impossible(explored.action, &weighed.costs);
    let drop = |it: &Alternative| it.kind == AlternativeKind::SecuredDrop;
    if alternatives.iter().any(drop) {
        found.push(Reason {
            hazard: Some(Hazard::PorchTheft),
            ..Reason::plain(Code::SecuredDrop)
        });
    }
    found.reasons
}

impl Reason {
    /// One without numbers.
    #[must_use]
    pub const fn plain(code: Code) -> Self {
        Self {
            code,
            hazard: None,
            signal: None,
            value: None,
            contribution: 0,
            cost_cents: 0.0,
        }
    }

    /// One with a signal that adds nothing to a hazard.
    fn measured(signal: Signal, code: Code, value: Option<f64>) -> Self {
        Self {
            signal: Some(signal),
            value,
            ..Self::plain(code)
        }
    }
}

/// Reasons gathered so far, none twice.
struct Found<'a> {
    situation: &'a Situation,
    reasons: Vec<Reason>,
}

impl Found<'_> {
    fn push(&mut self, reason: Reason) {
        let same = |it: &Reason| it.code == reason.code && it.signal == reason.signal;
        if !self.reasons.iter().any(same) {
            self.reasons.push(reason);
        }
    }

    /// Every rule that held.
    fn rules(&mut self, verdict: &Verdict) {
        for rule in &verdict.held {
            self.push(Reason {
                hazard: rule.hazard,
                ..Reason::plain(Code::Rule(rule.id.clone()))
            });
        }
    }

    /// What rules that held looked at, as far as it is no reason of its own weight.
    fn named(&mut self, verdict: &Verdict) {
        for rule in &verdict.held {
            for signal in rule.signals.iter().copied() {
                let value = self.situation.signals.get(signal);
                self.push(Reason {
                    hazard: rule.hazard,
                    ..Reason::measured(signal, code(signal, value), value)
                });
            }
        }
    }

    /// Chance, where it changed the action.
    fn chance(&mut self, explored: &Explored) {
        let Some(check) = explored.check.as_ref().filter(|it| it.drawn) else {
            return;
        };
        self.push(Reason::plain(if check.ratcheted {
            Code::EarlierDraw
        } else {
            Code::RandomCheck
        }));
    }

    fn failed_attempts(&mut self) {
        let signal = Signal::AttendedFailureRate;
        let rate = self.situation.signals.get(signal);
        if rate.is_some_and(|it| it > FAILURE_BASE + 1e-9) {
            self.push(Reason::measured(signal, Code::FailedAttempts, rate));
        }
    }

    /// What made an action impossible that is milder than the one taken, or would be cheaper.
    fn impossible(&mut self, taken: Action, costs: &[ActionCost; Action::COUNT]) {
        let taken_total = costs
            .get(taken.index())
            .map_or(f64::INFINITY, |it| it.total);
        let wanted = |it: &&ActionCost| it.action < taken || it.total < taken_total;
        for cost in costs.iter().filter(|it| !it.feasible).filter(wanted) {
            for code in &cost.infeasible_because {
                let parcels = self.situation.signals.get(Signal::ParcelsAtStop);
                self.push(if *code == Code::SeveralParcelsAtStop {
                    Reason::measured(Signal::ParcelsAtStop, code.clone(), parcels)
                } else {
                    Reason::plain(code.clone())
                });
            }
        }
    }
}

/// One reason for each signal that raises a hazard enough, with the hazard where it adds most; largest first.
fn signals(
    situation: &Situation,
    policy: &Policy,
    hazards: &[HazardScore; Hazard::COUNT],
) -> Vec<Reason> {
    let mut sums = [[0; Hazard::COUNT]; Signal::COUNT];
    for (place, score) in hazards.iter().enumerate() {
        for part in &score.contributions {
            let row = sums.get_mut(spoken_for(part.signal, situation).index());
            if let Some(sum) = row.and_then(|row| row.get_mut(place)) {
                *sum += part.log_odds;
            }
        }
    }
    let mut reasons = Vec::new();
    for (signal, row) in Signal::ALL.iter().copied().zip(&sums) {
        if row.iter().all(|sum| *sum < CITED_FROM) {
            continue;
        }
        let most = row.iter().zip(hazards).rev().max_by_key(|(sum, _)| **sum);
        let Some((sum, score)) = most else { continue };
        let without = probability(score.log_odds - sum);
        let loss = policy.loss_cents(score.hazard, situation);
        let value = situation.signals.get(signal);
        reasons.push(Reason {
            code: code(signal, value),
            hazard: Some(score.hazard),
            signal: Some(signal),
            value,
            contribution: *sum,
            cost_cents: (score.probability - without) * loss,
        });
    }
    reasons.sort_by_key(|it| std::cmp::Reverse(it.contribution));
    reasons
}

/// The signal that is cited: a change of contact is the change of the e-mail or of the phone, whichever is younger.
fn spoken_for(signal: Signal, situation: &Situation) -> Signal {
    if signal != Signal::ContactChangeDays {
        return signal;
    }
    let of = |it: Signal| situation.signals.get(it).unwrap_or(f64::INFINITY);
    if of(Signal::PhoneChangeDays) < of(Signal::EmailChangeDays) {
        Signal::PhoneChangeDays
    } else {
        Signal::EmailChangeDays
    }
}

/// The code of a signal at this value.
fn code(signal: Signal, value: Option<f64>) -> Code {
    let Some(value) = value else {
        return Code::SignalMissing;
    };
    let forwarder = f64::from(AddressType::Forwarder.number());
    if signal == Signal::Dwelling && (value - forwarder).abs() < 0.5 {
        Code::ForwarderAddress
    } else {
        signal.code()
    }
}
