//! Random values of everything that is stored, from a seed; for tests alone.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::Anchor;
use super::parts::Name;
use crate::decision::answer::{
    ActionCost, Alternative, Chance, CheckKind, Contribution, Decision, Draw, HazardScore,
    ItemRequirement, RandomCheck, SkippedRule, Term,
};
use crate::decision::reasons::{Code, Reason};
use crate::decision::record::{Record, Version, Versions};
use crate::decision::signal::{Signal, Signals};
use crate::decision::situation::{
    Asked, CarrierAbility, Change, Changed, ContactFacts, Fit, LockerFacts, Situation, Used,
};
use crate::domain::action::{Action, AlternativeKind, Obligation, Origin};
use crate::domain::dossier::{
    Cancelled, ClaimFile, Dossier, Handover, Latest, ParcelFile, Placement, Rerouted,
};
use crate::domain::event::{
    ClaimOpened, DeliveryFailed, EventKind, Fault, OrderPlaced, ParcelHandedOver, ParcelScanned,
    Position, Subject,
};
use crate::domain::hazard::Hazard;
use crate::domain::order::{
    Carrier, Contact, CountryCode, Delivery, Item, LinkKey, Locker, Order, Parcel, PartialSize,
    Preferences, Session, Unit,
};
use crate::domain::profile::{
    Address, Customer, KnownAddress, KnownContact, Link, OpenOrder, Ratchet, Settlement, Slot,
    StopEntry,
};
use crate::domain::tally::{Bucket, Cell, Spend, SpendCell, Tally};
use crate::domain::units::{Currency, Date, Digest, Timestamp, probability};

pub(in crate::store) struct Dice(u64);

macro_rules! member {
    ($dice:expr, $set:ty) => {{
        let all = <$set>::ALL;
        all[$dice.below(all.len())].clone()
    }};
}

impl Dice {
    pub(in crate::store) fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub(in crate::store) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    pub(in crate::store) fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.next() % u64::try_from(end).unwrap()).unwrap()
    }

    fn small(&mut self) -> u32 {
        u32::try_from(self.below(100_000)).unwrap()
    }

    fn coin(&mut self) -> bool {
        self.next() & 1 == 1
    }

    fn maybe<T>(&mut self, make: impl FnOnce(&mut Self) -> T) -> Option<T> {
        if self.coin() { Some(make(self)) } else { None }
    }

    fn some<T, C: FromIterator<T>>(
        &mut self,
        most: usize,
        mut make: impl FnMut(&mut Self) -> T,
    ) -> C {
        let size = self.below(most + 1);
        (0..size).map(|_| make(self)).collect()
    }

    fn id<T: Name>(&mut self) -> T {
        let text = match self.below(3) {
            0 => format!("id-{}", self.below(8)),
            1 => format!("{:016x}", self.next()),
            _ => "EUR".to_owned(),
        };
        T::read(&text).unwrap()
    }

    fn signed(&mut self) -> i64 {
        self.next().cast_signed() >> (8 + self.below(50))
    }

    fn at(&mut self) -> Timestamp {
        Timestamp::from_micros(self.signed())
    }

    fn date(&mut self) -> Date {
        Date::from_days(i32::try_from(self.below(40_000)).unwrap())
    }

    fn currency(&mut self) -> Currency {
        Currency::parse(["EUR", "GBP", "USD"][self.below(3)]).unwrap()
    }

    fn digest(&mut self) -> Digest {
        Digest::of(&self.next().to_be_bytes())
    }

    /// Zeros, whole numbers, short and long fractions, negative ones, minus zero, huge ones, infinities.
    fn float(&mut self) -> f64 {
        match self.below(8) {
            0 => 0.0,
            1 => f64::from(self.small()),
            2 => f64::from(u32::MAX) + f64::from(u8::from(self.coin())),
            3 => f64::from(self.small()) / 8.0,
            4 => -0.0,
            5 => f64::from(self.small()) / -7.0,
            6 => f64::INFINITY,
            _ => Some(f64::from_bits(self.next()))
                .filter(|it| !it.is_nan())
                .unwrap_or(1e-310),
        }
    }

    fn finite(&mut self) -> f64 {
        Some(self.float())
            .filter(|it| it.is_finite())
            .unwrap_or(1.5)
    }

    fn size(&mut self) -> PartialSize {
        PartialSize {
            length_mm: self.maybe(Self::small),
            width_mm: self.maybe(Self::small),
            height_mm: self.maybe(Self::small),
            weight_g: self.maybe(Self::small),
        }
    }

    fn unit(&mut self) -> Unit {
        match self.below(4) {
            0 => Unit::Customer(self.id()),
            1 => Unit::Payment(self.id()),
            2 => Unit::Device(self.id()),
            _ => Unit::Address(self.id()),
        }
    }

    fn link_key(&mut self) -> LinkKey {
        if self.coin() {
            LinkKey::Device(self.id())
        } else {
            LinkKey::Payment(self.id())
        }
    }

    fn ratchet(&mut self) -> Ratchet {
        let mut ratchet = Ratchet::default();
        if self.coin() {
            ratchet
                .0
                .iter_mut()
                .flatten()
                .for_each(|it| *it = self.small());
        }
        ratchet
    }

    pub(in crate::store) fn order(&mut self) -> Order {
        let item = |it: &mut Self| Item {
            item_id: it.id(),
            named: it.coin(),
            sku: it.maybe(Self::id),
            category: it.maybe(|it| member!(it, crate::domain::order::Category)),
            merchant_category: it.maybe(Self::id),
            unit_price_minor: it.signed(),
            quantity: it.small(),
            size: it.size(),
            serialised: it.maybe(Self::coin),
            age_restricted: it.maybe(Self::coin),
            hazardous: it.maybe(Self::coin),
            packaging: it.maybe(|it| member!(it, crate::domain::order::Packaging)),
        };
        let mut items: Vec<Item> = self.some(4, item);
        items.push(item(self));
        Order {
            order_id: self.id(),
            customer_id: self.maybe(Self::id),
            placed_at: self.at(),
            currency: self.currency(),
            stage: member!(self, crate::domain::order::Stage),
            customer_since_at: self.maybe(Self::at),
            items,
            parcels: self.some(3, |it| Parcel {
                parcel_id: it.id(),
                items: it.some(3, |it| (it.id(), it.small())),
                size: it.size(),
            }),
            expected_parcels: self.maybe(Self::small),
            delivery: self.delivery(),
            contacts: self.some(3, Self::contact),
            carrier: Carrier {
                carrier_id: self.maybe(Self::id),
                depot_id: self.maybe(Self::id),
                route_id: self.maybe(Self::id),
                capabilities: self.some(3, |it| member!(it, crate::domain::order::Capability)),
                subcontracted: self.maybe(Self::coin),
            },
            lockers: self.some(2, |it| Locker {
                locker_id: it.id(),
                carrier_id: it.maybe(Self::id),
                distance_m: it.maybe(Self::small),
                max: it.size(),
                free_compartments: it.maybe(Self::small),
                step_free: it.maybe(Self::coin),
            }),
            preferences: Preferences {
                cannot_use_codes: self.coin(),
                cannot_come_to_door: self.coin(),
                step_free_only: self.coin(),
                secured_drop: self.maybe(|it| member!(it, crate::domain::order::SecuredDrop)),
                delegate_contact_id: self.maybe(Self::id),
                locale: self.maybe(|it| ["", "de-AT"][it.below(2)].to_owned()),
            },
            session: Session {
                new_device: self.maybe(Self::coin),
                password_reset_at: self.maybe(Self::at),
                stored_payment: self.maybe(Self::coin),
                payment_kind: self.maybe(|it| member!(it, crate::domain::order::PaymentKind)),
                billing_matches_delivery: self.maybe(Self::coin),
                device_key: self.maybe(Self::id),
                payment_key: self.maybe(Self::id),
            },
        }
    }

    fn delivery(&mut self) -> Delivery {
        Delivery {
            address_key: self.id(),
            address_type: self.maybe(|it| member!(it, crate::domain::order::AddressType)),
            address_added_at: self.maybe(Self::at),
            gift: self.maybe(Self::coin),
            recipient_is_buyer: self.maybe(Self::coin),
            visible_from_street: self.maybe(Self::coin),
            expected_on: self.maybe(Self::date),
            country_code: self.maybe(|it| CountryCode::parse(["DE", "AT"][it.below(2)]).unwrap()),
            time_zone: self.maybe(|it| ["", "Europe/Berlin"][it.below(2)].to_owned()),
            window_start_at: self.maybe(Self::at),
            window_end_at: self.maybe(Self::at),
        }
    }

    fn contact(&mut self) -> Contact {
        Contact {
            contact_id: self.id(),
            kind: member!(self, crate::domain::order::ContactKind),
            verified: self.maybe(Self::coin),
            verified_at: self.maybe(Self::at),
            changed_at: self.maybe(Self::at),
            replaced_at: self.maybe(Self::at),
            recipient: self.maybe(Self::coin),
        }
    }

    fn situation(&mut self) -> Situation {
        let mut signals = Signals::default();
        for signal in Signal::ALL {
            let value = self.maybe(Self::finite);
            signals.set(*signal, value);
        }
        Situation {
            order: Arc::new(self.order()),
            now: self.at(),
            signals,
            base: self.currency(),
            base_cents: self.float(),
            own_parcels: self.maybe(Self::small),
            other_parcels: self.small(),
            contacts: self.some(3, |it| ContactFacts {
                contact_id: it.id(),
                kind: member!(it, crate::domain::order::ContactKind),
                verified: it.coin(),
                verified_at: it.maybe(Self::at),
                since: it.maybe(Self::at),
                current: it.coin(),
                recipient: it.coin(),
            }),
            changes: self.some(3, |it| Change {
                at: it.at(),
                what: match it.below(3) {
                    0 => Changed::Address,
                    1 => Changed::Password,
                    _ => Changed::Contact(member!(it, crate::domain::order::ContactKind)),
                },
            }),
            carrier: CarrierAbility {
                capabilities: self.some(3, |it| member!(it, crate::domain::order::Capability)),
                code_ready: self.coin(),
                inspection_s: self.small(),
            },
            lockers: self.some(2, |it| LockerFacts {
                locker_id: it.id(),
                distance_m: it.maybe(Self::small),
                step_free: it.coin(),
                fit: [Fit::Fits, Fit::DoesNotFit, Fit::SizeUnknown][it.below(3)],
            }),
            restricted: self.coin(),
            weakly_packed: self.some(2, |it| it.below(4)),
            resale: self.some(3, Self::float),
            unsealed: self.coin(),
            review_lapsed: self.coin(),
            asked: self.maybe(|it| Asked {
                asked_90d: it.small(),
                orders_90d: it.small(),
            }),
            used: self.maybe(|it| Used {
                reviews_today: it.small(),
                spared_week_micro: it.at().as_micros(),
            }),
        }
    }

    fn code(&mut self) -> Code {
        if self.below(4) == 0 {
            Code::Rule(format!("rule-{}", self.below(3)))
        } else {
            member!(self, Code)
        }
    }

    fn signal(&mut self) -> Signal {
        member!(self, Signal)
    }

    fn costs(&mut self) -> [ActionCost; Action::COUNT] {
        let costs = Action::ALL.iter().map(|action| {
            let mut terms = [0.0; Term::COUNT];
            terms.iter_mut().for_each(|it| *it = self.finite());
            ActionCost {
                action: *action,
                feasible: self.coin(),
                total: if self.coin() {
                    terms.iter().sum()
                } else {
                    self.float()
                },
                terms,
                infeasible_because: self.some(2, Self::code),
            }
        });
        costs.collect::<Vec<_>>().try_into().unwrap()
    }

    fn hazards(&mut self) -> [HazardScore; Hazard::COUNT] {
        let hazards = Hazard::ALL.iter().map(|hazard| {
            let base = self.signed();
            let contributions: Vec<_> = self.some(5, |it| Contribution {
                signal: it.signal(),
                with: it.maybe(Self::signal).filter(|_| base % 2 == 0),
                log_odds: it.signed(),
            });
            let sum = contributions
                .iter()
                .fold(base, |sum, it| sum.wrapping_add(it.log_odds));
            let log_odds = if self.coin() { sum } else { self.signed() };
            HazardScore {
                hazard: *hazard,
                probability: if self.coin() {
                    probability(log_odds)
                } else {
                    self.float()
                },
                base,
                log_odds,
                contributions,
            }
        });
        hazards.collect::<Vec<_>>().try_into().unwrap()
    }

    fn reason(&mut self, signals: &Signals) -> Reason {
        let signal = self.maybe(Self::signal);
        let own = signal.and_then(|it| signals.get(it));
        Reason {
            code: self.code(),
            hazard: self.maybe(|it| member!(it, Hazard)),
            signal,
            value: if self.coin() {
                own
            } else {
                self.maybe(Self::float)
            },
            contribution: self.signed(),
            cost_cents: self.float(),
        }
    }

    fn draw(&mut self) -> Draw {
        Draw {
            key_id: self.id(),
            slot: self.small(),
            counter: self.next(),
            draw_micro: self.small(),
        }
    }

    fn decision(&mut self, situation: &Situation, draw: Option<&Draw>) -> Decision {
        let lines = situation.order.items.iter();
        let items = lines.map(|line| ItemRequirement {
            item_id: if self.coin() {
                line.item_id.clone()
            } else {
                self.id()
            },
            needs_code: self.coin(),
            obligations: self.some(2, |it| member!(it, Obligation)),
        });
        let items = items.collect();
        let own = draw.cloned().filter(|_| self.coin());
        let draw = own.unwrap_or_else(|| self.draw());
        Decision {
            action: member!(self, Action),
            own_action: member!(self, Action),
            items,
            obligations: self.some(3, |it| member!(it, Obligation)),
            code_contact_id: self.maybe(Self::id),
            notify_contact_ids: self.some(2, Self::id),
            locker_ids: self.some(2, Self::id),
            alternatives: self.some(2, |it| Alternative {
                alternative_id: ["", "locker:id-1", "code"][it.below(3)].to_owned(),
                kind: member!(it, AlternativeKind),
                action: member!(it, Action),
                contact_id: it.maybe(Self::id),
                locker_id: it.maybe(Self::id),
                secured_drop: it.maybe(|it| member!(it, crate::domain::order::SecuredDrop)),
                obligations: it.some(2, |it| member!(it, Obligation)),
            }),
            reasons: self.some(6, |it| it.reason(&situation.signals)),
            risk: self.float(),
            hazards: self.hazards(),
            costs: self.costs(),
            skipped_rules: self.some(2, |it| SkippedRule {
                rule: it.id(),
                signal: it.id(),
            }),
            random_check: self.maybe(|it| RandomCheck {
                drawn: it.coin(),
                kind: [None, Some(CheckKind::Verified), Some(CheckKind::Spared)][it.below(3)],
                ratcheted: it.coin(),
                key_id: draw.key_id.clone(),
                slot: draw.slot,
                counter: draw.counter,
                draw_micro: draw.draw_micro,
            }),
            propensities: std::array::from_fn(|_| self.small()),
            ratchet: self.ratchet(),
        }
    }

    pub(in crate::store) fn record(&mut self) -> Record {
        let situation = self.situation();
        let draw = self.maybe(Self::draw);
        let decided_at = if self.coin() {
            situation.now
        } else {
            self.at()
        };
        let version = |it: &mut Self| Version {
            id: it.id(),
            digest: it.digest(),
        };
        Record {
            decision_id: self.id(),
            revision: self.small(),
            origin: member!(self, Origin),
            decided_at,
            valid_until: self.at(),
            unit: self.unit(),
            content: self.digest(),
            versions: Arc::new(Versions {
                policy: version(self),
                model: version(self),
                catalogue: version(self),
                engine: version(self),
            }),
            decision: self.decision(&situation, draw.as_ref()),
            situation,
            chance: Chance {
                draw,
                ratchet: self.ratchet(),
            },
            before: self.digest(),
            salt: self.digest().0,
            digest: self.digest(),
        }
    }

    pub(in crate::store) fn anchor(&mut self) -> Anchor {
        Anchor {
            seq: 1,
            decision_id: self.id(),
            revision: self.small(),
            decided_at: self.at(),
            content: self.digest(),
            digest: self.digest(),
        }
    }

    fn amount(&mut self) -> Option<(Currency, i64)> {
        self.maybe(|it| (it.currency(), it.signed()))
    }

    fn placement(&mut self) -> Placement {
        Placement {
            at: self.at(),
            unit: self.unit(),
            customer: self.maybe(Self::id),
            address: self.id(),
            address_since: self.at(),
            amount: self.amount(),
            links: self.some(2, Self::link_key),
            carrier: self.maybe(Self::id),
            route: self.maybe(Self::id),
            depot: self.maybe(Self::id),
            parcels: self.maybe(Self::small),
            date: self.maybe(Self::date),
            day: self.date(),
            until: self.at(),
        }
    }

    fn settlement(&mut self) -> Settlement {
        Settlement {
            at: self.at(),
            event_id: self.id(),
            fault: member!(self, Fault),
            paid: self.maybe(Self::coin),
        }
    }

    fn parcel_file(&mut self) -> ParcelFile {
        ParcelFile {
            handed_over: self.maybe(|it| Handover {
                at: it.at(),
                event_id: it.id(),
                role: it.maybe(|it| member!(it, crate::domain::event::RecipientRole)),
                courier: it.maybe(Self::id),
            }),
            refused_at: self.maybe(Self::at),
            failures: self.some(3, |it| (it.at(), it.id())),
            loaded_at: self.maybe(Self::at),
            last_at: self.maybe(Self::at),
            packed: self.maybe(|it| (it.at(), it.id(), it.coin())),
            route: self.maybe(|it| (it.at(), it.id(), it.id())),
            depot: self.maybe(|it| (it.at(), it.id(), it.id())),
        }
    }

    pub(in crate::store) fn dossier(&mut self) -> Dossier {
        Dossier {
            placed: self.maybe(Self::placement),
            told: self.maybe(|it| (it.id(), it.placement())),
            cart: self.maybe(Self::placement),
            latest: self.maybe(|it| Latest {
                decision_id: it.id(),
                revision: it.small(),
                content: it.digest(),
                stage: member!(it, crate::domain::order::Stage),
                decided_at: it.at(),
                action: member!(it, Action),
                valid_until: it.at(),
                record: it.digest(),
                slot: it.small(),
                counter: it.next(),
                key_id: it.id(),
                other_parcels: it.small(),
                address: it.id(),
                failed_twice: it.small(),
                account_mark: it.maybe(|it| it.at().as_micros()),
                spared_micro: it.maybe(|it| it.at().as_micros()),
            }),
            cancelled: self.maybe(|it| Cancelled {
                at: it.at(),
                event_id: it.id(),
                by: it.maybe(|it| member!(it, crate::domain::event::CancelledBy)),
                after_requirement_shown: it.maybe(Self::coin),
            }),
            rerouted: self.maybe(|it| Rerouted {
                at: it.at(),
                event_id: it.id(),
                address: it.id(),
            }),
            parcels: self.some(3, |it| (it.id(), it.parcel_file())),
            claims: self.some(2, |it| {
                let file = ClaimFile {
                    at: it.at(),
                    kind: member!(it, crate::domain::event::ClaimKind),
                    amount: it.amount(),
                    settled: it.maybe(Self::settlement),
                };
                (it.id(), file)
            }),
            lapsed_at: self.maybe(Self::at),
            waiting_since: self.maybe(Self::at),
        }
    }

    pub(in crate::store) fn tally(&mut self) -> Tally {
        if self.below(4) == 0 {
            return Tally::default();
        }
        let newest = self.at();
        let cells: BTreeMap<Cell, i64> = self.some(8, |it| {
            let index = it.signed();
            let cell = Cell {
                counter: member!(it, crate::domain::tally::Counter),
                currency: it.maybe(Self::currency),
                bucket: match it.below(3) {
                    0 => Bucket::Hour(index),
                    1 => Bucket::Day(index),
                    _ => Bucket::Week(index),
                },
            };
            (cell, it.signed())
        });
        Tally::restore(newest, cells)
    }

    pub(in crate::store) fn customer(&mut self) -> Customer {
        let spend: BTreeMap<SpendCell, i64> = self.some(4, |it| {
            let cell = SpendCell {
                quarter: it.signed(),
                currency: it.currency(),
                step: it.signed(),
            };
            (cell, it.signed())
        });
        Customer {
            tally: self.tally(),
            spend: Spend::restore(self.signed(), spend),
            completed: self.next(),
            since_at: self.maybe(Self::at),
            contacts: self.some(3, |it| {
                let row = KnownContact {
                    kind: member!(it, crate::domain::order::ContactKind),
                    seen_at: it.at(),
                    changed_at: it.maybe(Self::at),
                    verified_at: it.maybe(Self::at),
                    replaced_at: it.maybe(Self::at),
                };
                (it.id(), row)
            }),
            addresses: self.some(3, |it| {
                let row = KnownAddress {
                    seen_at: it.at(),
                    changed_at: it.maybe(Self::at),
                };
                (it.id(), row)
            }),
            resets: self.some(3, Self::at),
            links: self.some::<_, BTreeSet<_>>(3, Self::link_key),
            open: self.some(2, |it| {
                let row = OpenOrder {
                    slot: it.small(),
                    until: it.at(),
                };
                (it.id(), row)
            }),
            slots: self.some(2, |it| {
                let row = Slot {
                    counter: it.next(),
                    key_id: it.id(),
                    ratchet: it.ratchet(),
                };
                (it.small(), row)
            }),
            salt: self.maybe(|it| it.digest().0),
        }
    }

    pub(in crate::store) fn address(&mut self) -> Address {
        Address {
            tally: self.tally(),
            open: self.some(3, |it| {
                let row = StopEntry {
                    date: it.maybe(Self::date),
                    day: it.date(),
                    parcels: it.maybe(Self::small),
                    until: it.at(),
                };
                (it.id(), row)
            }),
        }
    }

    pub(in crate::store) fn link(&mut self) -> Link {
        Link {
            tally: self.tally(),
            members: self.some(3, |it| (it.id(), it.tally())),
        }
    }

    fn position(&mut self) -> Option<Position> {
        self.maybe(|it| Position {
            latitude: it.finite(),
            longitude: it.finite(),
            accuracy_m: it.maybe(Self::small),
        })
    }

    fn text(&mut self) -> Option<String> {
        self.maybe(|it| ["", "text"][it.below(2)].to_owned())
    }

    pub(in crate::store) fn event(&mut self) -> EventKind {
        match self.below(15) {
            0 => EventKind::OrderPlaced(OrderPlaced {
                order_id: self.id(),
                customer_id: self.maybe(Self::id),
                address_key: self.id(),
                amount_minor: self.maybe(Self::signed),
                currency: self.maybe(Self::currency),
                carrier_id: self.maybe(Self::id),
                route_id: self.maybe(Self::id),
                depot_id: self.maybe(Self::id),
                expected_on: self.maybe(Self::date),
                parcels: self.maybe(Self::small),
            }),
            1 => EventKind::OrderCancelled {
                order_id: self.id(),
                by: self.maybe(|it| member!(it, crate::domain::event::CancelledBy)),
                after_requirement_shown: self.maybe(Self::coin),
            },
            2 => EventKind::OrderRerouted {
                order_id: self.id(),
                address_key: self.id(),
            },
            3 => EventKind::ContactChanged {
                customer_id: self.id(),
                contact_id: self.id(),
                previous_contact_id: self.maybe(Self::id),
                kind: member!(self, crate::domain::order::ContactKind),
                verified: self.maybe(Self::coin),
            },
            4 => EventKind::AddressChanged {
                customer_id: self.id(),
                address_key: self.id(),
            },
            5 => EventKind::PasswordReset {
                customer_id: self.id(),
            },
            6 => EventKind::ParcelScanned(ParcelScanned {
                order_id: self.id(),
                parcel_id: self.id(),
                kind: member!(self, crate::domain::event::ScanKind),
                weight_g: self.maybe(Self::small),
                seal_id: self.text(),
                depot_id: self.maybe(Self::id),
                route_id: self.maybe(Self::id),
                courier_id: self.maybe(Self::id),
            }),
            7 => EventKind::ParcelHandedOver(ParcelHandedOver {
                order_id: self.id(),
                parcel_id: self.id(),
                courier_id: self.maybe(Self::id),
                route_id: self.maybe(Self::id),
                depot_id: self.maybe(Self::id),
                stop_id: self.text(),
                recipient_role: self.maybe(|it| member!(it, crate::domain::event::RecipientRole)),
                weight_g: self.maybe(Self::small),
                handover_s: self.maybe(Self::small),
                seal_id: self.text(),
                seal_intact: self.maybe(Self::coin),
                inspected: self.maybe(Self::coin),
                photo_sha256: self.text(),
                position: self.position(),
            }),
            8 => EventKind::ParcelRefused {
                order_id: self.id(),
                parcel_id: self.id(),
                reason: self.maybe(|it| member!(it, crate::domain::event::RefusalReason)),
            },
            9 => EventKind::DeliveryFailed(DeliveryFailed {
                order_id: self.id(),
                parcel_id: self.id(),
                reason: self.maybe(|it| member!(it, crate::domain::event::FailureReason)),
                courier_id: self.maybe(Self::id),
                route_id: self.maybe(Self::id),
                position: self.position(),
                dwell_s: self.maybe(Self::small),
                photo_sha256: self.text(),
            }),
            10 => EventKind::CodeNotice {
                parcel_id: self.id(),
                contact_id: self.id(),
                state: member!(self, crate::domain::event::NoticeState),
            },
            11 => EventKind::ClaimOpened(ClaimOpened {
                claim_id: self.id(),
                order_id: self.id(),
                items: self.some(2, |it| (it.id(), it.small())),
                parcel_ids: self.some(2, Self::id),
                kind: member!(self, crate::domain::event::ClaimKind),
                amount_minor: self.maybe(Self::signed),
                currency: self.maybe(Self::currency),
            }),
            12 => EventKind::ClaimSettled {
                claim_id: self.id(),
                fault: member!(self, Fault),
                paid: self.maybe(Self::coin),
            },
            13 => EventKind::SuspicionRaised {
                suspicion_id: self.id(),
                subject: self.subject(),
                level: u8::try_from(self.below(4)).unwrap(),
                evidence_ref: self.text(),
                expires_at: self.maybe(Self::at),
            },
            _ => EventKind::SuspicionCleared {
                suspicion_id: self.id(),
            },
        }
    }

    fn subject(&mut self) -> Subject {
        match self.below(5) {
            0 => Subject::Customer(self.id()),
            1 => Subject::Address(self.id()),
            2 => Subject::Route(self.id()),
            3 => Subject::Depot(self.id()),
            _ => Subject::Courier(self.id()),
        }
    }
}
