//! From a plan to an order, as the shop sees it, and to what the world alone knows of it.

use std::sync::Arc;

use super::calendar::Calendar;
use super::chance::{About, Chance, Seed, place, small, whole};
use super::effects::{self, Reach, Scene};
use super::goods::{Shelf, Who};
use super::hazards::{self, Facts};
use super::ids;
use super::parameters::{BadWorld, Parameters};
use super::people::{Address, Person, Population, contact};
use super::places::Places;
use super::plan::Plan;
use crate::domain::action::Action;
use crate::domain::hazard::Hazard;
use crate::domain::ids::{ContactId, ItemId, OrderId, SharedKey};
use crate::domain::order::{
    AddressType, Capability, Contact, ContactKind, CountryCode, Delivery, Item, Locker, Order,
    Packaging, PaymentKind, Session, Stage,
};
use crate::domain::units::{Currency, Span, Timestamp};

/// How long a change of the account is remembered as one.
const CHANGED: Span = Span::days(26);

/// What becomes of an order, drawn once: the same under every shop.
#[derive(Clone, Copy, Debug)]
pub(super) struct Fate {
    /// One draw a hazard, by [`Hazard::index`].
    pub(super) hazards: [f64; Hazard::COUNT],
    pub(super) gives_up: f64,
    pub(super) cancels: f64,
    pub(super) attempts: [f64; 2],
    pub(super) no_code: f64,
    pub(super) home: f64,
    pub(super) role: f64,
    pub(super) lost: f64,
    pub(super) minute: f64,
    pub(super) claims: f64,
    pub(super) claim_days: f64,
    pub(super) kind: f64,
    pub(super) settle_days: f64,
    pub(super) fault: f64,
    pub(super) split: f64,
}

impl Fate {
    pub(super) fn of(number: u64, seed: &Seed) -> Self {
        let mut chance = seed.stream(About::Fates, number);
        let mut unit = || chance.unit();
        Self {
            hazards: [unit(), unit(), unit(), unit(), unit()],
            gives_up: unit(),
            cancels: unit(),
            attempts: [unit(), unit()],
            no_code: unit(),
            home: unit(),
            role: unit(),
            lost: unit(),
            minute: unit(),
            claims: unit(),
            claim_days: unit(),
            kind: unit(),
            settle_days: unit(),
            fault: unit(),
            split: unit(),
        }
    }
}

/// An order on its way, with what the world alone knows.
#[derive(Clone, Debug)]
pub(super) struct Pending {
    pub(super) number: u64,
    pub(super) order: Arc<Order>,
    pub(super) customer: usize,
    pub(super) address: usize,
    pub(super) route: usize,
    pub(super) courier: usize,
    /// The day of the first attempt, from 0.
    pub(super) day: i32,
    /// Seconds into that day.
    pub(super) second: f64,
    pub(super) scene: Scene,
    pub(super) p: [f64; Hazard::COUNT],
    pub(super) intruder: bool,
    pub(super) home: f64,
    pub(super) secured: bool,
    pub(super) fate: Fate,
    pub(super) action: Action,
    /// The code goes by text message.
    pub(super) code_by_text: bool,
    /// The customer, or an intruder in the customer's name, gave up when the demand was shown.
    pub(super) gave_up: bool,
}

/// Everything that an order is made from.
pub(super) struct Maker<'a> {
    pub(super) it: &'a Parameters,
    pub(super) calendar: &'a Calendar,
    pub(super) places: &'a Places,
    pub(super) shelf: &'a Shelf,
    pub(super) population: &'a Population,
    pub(super) seed: &'a Seed,
    pub(super) words: &'a Words,
}

/// Values that every order has alike.
#[derive(Clone, Debug)]
pub(super) struct Words {
    lines: Vec<ItemId>,
    currency: Currency,
    country: Option<CountryCode>,
}

impl Words {
    pub(super) fn new() -> Result<Self, BadWorld> {
        let lines = (1..=3).map(|line| ids::named(&line.to_string(), ItemId::try_new));
        let currency = Currency::parse("EUR");
        Ok(Self {
            lines: lines.collect::<Result<_, _>>()?,
            currency: currency.ok_or_else(|| BadWorld(vec!["EUR is no currency".to_owned()]))?,
            country: CountryCode::parse("DE"),
        })
    }
}

/// The goods of an order, and what of them tempts.
struct Basket {
    items: Vec<Item>,
    value: f64,
    dearest: f64,
    resale: f64,
    dense: bool,
    envelope: bool,
    heavy: bool,
    bulky: bool,
    units: u32,
    odds: f64,
}

impl Maker<'_> {
    /// The order of a plan. `drop` is where an intruder has things sent.
    pub(super) fn order(
        &self,
        plan: &Plan,
        person: &Person,
        drop: Option<(usize, Timestamp)>,
    ) -> Result<(Box<Pending>, f64), BadWorld> {
        let mut chance = self.seed.stream(About::Orders, plan.number);
        let basket = self.basket(plan, person, &mut chance);
        let parcels = self.parcels(&basket, &mut chance);
        let other = chance.happens(self.it.people.second_address_share) && !plan.intruder;
        let stranger = chance.below(self.population.addresses.len());
        let gift = chance.happens(self.it.people.gift_share) && other;
        let reachable = chance.happens(self.it.people.gift_contact_share);
        let (to, since) = match drop.filter(|_| plan.intruder) {
            Some((drop, since)) => (drop, Some(since)),
            None if other => (stranger, None),
            None => (person.address, Some(person.address_since)),
        };
        let address = self.population.addresses.get(to);
        let address = address.ok_or_else(|| BadWorld(vec!["an address is missing".to_owned()]))?;
        let (day, evening) = self.delivery_day(plan.at, &mut chance);
        let second = if evening {
            chance.between(17.0, 21.0)
        } else {
            chance.between(9.0, 17.0)
        } * 3_600.0;
        let courier = self
            .places
            .driver(address.route, chance.unit(), chance.unit());
        let odds = if plan.again {
            person.odds + plan.odds
        } else {
            plan.odds
        } + basket.odds;
        let home = self.home(address, person, (day, evening));
        let mut facts = self.facts(&basket, address, person, (courier, odds));
        (facts.home, facts.evening, facts.weekday) = (home, evening, self.calendar.weekday(day));
        facts.month = self.calendar.date(day).month();
        facts.leaked = facts.leaked && day * 3 >= self.calendar.days;
        facts.secured &= to == person.address;
        facts.robbed_days = address.robbed_at.map(|at| plan.at.since(at).as_days());
        let p = hazards::without_control(self.it, &facts);
        let recipient = gift.then(|| reachable.then_some(plan.number));
        let order = self.told(
            plan,
            person,
            (address, since),
            (&basket, parcels),
            (day, evening, recipient),
            &mut chance,
        )?;
        let scene = self.scene(&order, &basket, address, person, (parcels, home));
        let fate = Fate::of(plan.number, self.seed);
        let parcels =
            if parcels == 1 && basket.units > 1 && fate.split < self.it.basket.split_later_share {
                2
            } else {
                parcels
            };
        let pending = Box::new(Pending {
            number: plan.number,
            order: Arc::new(order),
            customer: plan.customer,
            address: to,
            route: address.route,
            courier,
            day,
            second,
            scene: Scene { parcels, ..scene },
            p,
            intruder: plan.intruder,
            home,
            secured: facts.secured,
            fate,
            action: Action::None,
            code_by_text: false,
            gave_up: false,
        });
        Ok((pending, odds))
    }

    fn basket(&self, plan: &Plan, person: &Person, chance: &mut Chance) -> Basket {
        let basket = &self.it.basket;
        let dice = chance.unit();
        let lines = match dice {
            _ if plan.intruder => 1,
            _ if dice < basket.third_line_share => 3,
            _ if dice < basket.third_line_share + basket.second_line_share => 2,
            _ => 1,
        };
        let adult = chance.happens(basket.age_restricted_share);
        let mut all = Basket {
            items: Vec::with_capacity(lines),
            value: 0.0,
            dearest: 0.0,
            resale: 0.0,
            dense: false,
            envelope: false,
            heavy: false,
            bulky: false,
            units: 0,
            odds: 0.0,
        };
        for item_id in self.words.lines.iter().take(lines) {
            let who = Who {
                taste: person.taste,
                purse: person.purse,
                intruder: plan.intruder,
            };
            let mut choice = self.shelf.choose(self.it, who, chance);
            let dodge = chance.between(0.85, 0.99) * self.it.probing.threshold;
            if plan.probes && choice.price * f64::from(choice.units) > self.it.probing.threshold {
                (choice.price, choice.units) = (dodge, 1);
            }
            let Some(kind) = self.shelf.kind(choice.kind) else {
                continue;
            };
            let price = whole(choice.price) * 100 - 1;
            let size = kind.size(basket.size_told_share, chance);
            let packaging = kind.packaging(chance);
            // The first line tells who orders; what else is in the basket is anybody's.
            all.odds = if all.items.is_empty() {
                choice.odds
            } else {
                all.odds
            };
            all.value += choice.price * f64::from(choice.units);
            all.units += choice.units;
            all.heavy |= kind.it.kg >= 15.0;
            all.bulky |= kind.it.litres > 70.0 || kind.it.kg > 20.0;
            all.dense |= kind.is_dense(choice.price);
            all.envelope |= packaging == Packaging::Envelope && choice.price >= 100.0;
            if choice.price > all.dearest {
                (all.dearest, all.resale) = (choice.price, kind.it.resale);
            }
            all.items.push(Item {
                item_id: item_id.clone(),
                named: true,
                sku: None,
                category: Some(kind.category),
                merchant_category: None,
                unit_price_minor: price,
                quantity: choice.units,
                size,
                serialised: kind.it.tech.then_some(true),
                age_restricted: Some(adult),
                hazardous: None,
                packaging: Some(packaging),
            });
        }
        all
    }

    fn parcels(&self, basket: &Basket, chance: &mut Chance) -> u32 {
        let several = chance.happens(self.it.basket.several_parcels_share);
        let lines = u32::try_from(basket.items.len()).unwrap_or(1);
        if several { lines.max(1) } else { 1 }
    }

    /// The day from 0, and whether in the evening.
    fn delivery_day(&self, at: Timestamp, chance: &mut Chance) -> (i32, bool) {
        let later = match chance.unit() {
            dice if dice < 0.55 => 1,
            dice if dice < 0.85 => 2,
            dice if dice < 0.95 => 3,
            _ => 5,
        };
        let day = self.calendar.working(self.calendar.day_of(at) + later);
        (day, chance.happens(self.it.time.evening_window_share))
    }

    /// How likely somebody is home then.
    fn home(&self, address: &Address, person: &Person, (day, evening): (i32, bool)) -> f64 {
        let later = evening || self.calendar.weekday(day) == 5;
        let factor = if later {
            self.it.people.evening_home_factor
        } else {
            1.0
        };
        let older = if person.older { 1.25 } else { 1.0 };
        (address.home * factor * older).min(0.97)
    }

    fn facts(
        &self,
        basket: &Basket,
        address: &Address,
        person: &Person,
        (courier, odds): (usize, f64),
    ) -> Facts {
        let route = self.places.routes.get(address.route);
        let depot = route.and_then(|route| self.places.depots.get(route.depot));
        let courier = self.places.couriers.get(courier);
        let caught = f64::from(person.caught);
        let secured = person.preferences.secured_drop.is_some();
        Facts {
            value: basket.value,
            resale: basket.resale,
            dense: basket.dense,
            envelope: basket.envelope,
            heavy: basket.heavy,
            kind: address.kind,
            visible: address.visible,
            exposure: address.exposure,
            home: 0.5,
            evening: false,
            weekday: 0,
            month: 1,
            robbed_days: None,
            secured,
            rotten: courier.is_some_and(|courier| courier.rotten),
            courier: courier.map_or(1.0, |courier| courier.theft),
            subcontracted: route
                .and_then(|route| route.carrier.subcontracted)
                .unwrap_or(false),
            swaps: depot.map_or(1.0, |depot| depot.swaps),
            leaked: depot.is_some_and(|depot| depot.leaked),
            lies: person.lies * libm::pow(self.it.claims.caught_factor, caught),
            odds,
        }
    }

    fn scene(
        &self,
        order: &Order,
        basket: &Basket,
        address: &Address,
        person: &Person,
        (parcels, home): (u32, f64),
    ) -> Scene {
        let door = &self.it.door;
        let collected = matches!(
            address.kind,
            AddressType::PoBox | AddressType::Locker | AddressType::PickupPoint
        );
        let codes = order.carrier.capabilities.contains(&Capability::Code);
        let adult = order
            .items
            .iter()
            .any(|item| item.age_restricted == Some(true));
        let free = order
            .lockers
            .iter()
            .any(|locker| locker.free_compartments != Some(0));
        let older = |factor: f64| if person.older { factor } else { 1.0 };
        let ratio = (1.0 - home) / (1.0 - super::people::mean_home(self.it));
        let cannot = person.preferences.cannot_come_to_door;
        Scene {
            value: basket.value,
            parcels,
            parcels_at_stop: parcels,
            takes_codes: codes && !collected,
            takes_locker: free && !collected && !adult && !basket.bulky,
            reach: Reach::Account,
            nobody_home: if cannot {
                0.6
            } else {
                (door.failed_attended_share * ratio).min(0.6)
            },
            no_code: if person.preferences.cannot_use_codes || self.unreached_gift(order) {
                door.cannot_no_code_share
            } else {
                (door.no_code_share * older(door.older_no_code_factor)).min(0.5)
            },
            gives_up: older(door.older_abandon_factor),
        }
    }

    /// A gift whose recipient has no contact of their own.
    fn unreached_gift(&self, order: &Order) -> bool {
        order.delivery.gift == Some(true)
            && !order.contacts.iter().any(|it| it.recipient == Some(true))
    }

    /// The order as the shop hears it.
    fn told(
        &self,
        plan: &Plan,
        person: &Person,
        (address, since): (&Address, Option<Timestamp>),
        (basket, parcels): (&Basket, u32),
        (day, evening, recipient): (i32, bool, Option<Option<u64>>),
        chance: &mut Chance,
    ) -> Result<Order, BadWorld> {
        let mut contacts = self.contacts(person, plan.at);
        if let Some(Some(number)) = recipient {
            let id = ids::make("phone-gift", number, ContactId::try_new)?;
            let mut gift = contact(id, ContactKind::Sms, plan.at.minus(Span::days(200)));
            gift.recipient = Some(true);
            contacts.push(gift);
        }
        let window = if evening { (17.0, 21.0) } else { (9.0, 17.0) };
        let carrier = self
            .places
            .routes
            .get(address.route)
            .map(|route| route.carrier.clone());
        let lockers = address
            .lockers
            .iter()
            .map(|locker| self.locker(locker, chance))
            .collect();
        let (invoice, wallet) = (self.it.people.invoice_share, self.it.people.wallet_share);
        let payment_kind = match chance.unit() {
            dice if dice < invoice => PaymentKind::Invoice,
            dice if dice < invoice + wallet => PaymentKind::Wallet,
            _ => PaymentKind::Card,
        };
        let mut order = Order {
            order_id: ids::numbered("order", (plan.number + 1, 7), OrderId::try_new)?,
            customer_id: Some(person.id.clone()),
            placed_at: plan.at,
            currency: self.words.currency,
            stage: Stage::Placed,
            customer_since_at: Some(person.since),
            items: basket.items.clone(),
            parcels: Vec::new(),
            expected_parcels: Some(parcels),
            delivery: Delivery {
                address_key: address.key.clone(),
                address_type: Some(address.kind),
                address_added_at: since,
                gift: Some(recipient.is_some()),
                recipient_is_buyer: Some(recipient.is_none()),
                visible_from_street: address.visible_told,
                expected_on: Some(self.calendar.date(day)),
                country_code: self.words.country,
                time_zone: None,
                window_start_at: Some(self.calendar.at(day, window.0 * 3_600.0)),
                window_end_at: Some(self.calendar.at(day, window.1 * 3_600.0)),
            },
            contacts,
            carrier: carrier.unwrap_or_default(),
            lockers,
            preferences: person.preferences.clone(),
            session: Session {
                new_device: Some(plan.acts.new_device),
                password_reset_at: person.password_reset_at,
                stored_payment: Some(plan.acts.stored_payment),
                payment_kind: Some(payment_kind),
                billing_matches_delivery: Some(!plan.acts.billing_elsewhere && recipient.is_none()),
                device_key: Some(if plan.acts.new_device {
                    ids::numbered("device-new", (plan.number, 1), SharedKey::try_new)?
                } else {
                    person.device.clone()
                }),
                payment_key: Some(person.payment.clone()),
            },
        };
        order.sort();
        Ok(order)
    }

    fn locker(&self, locker: &Locker, chance: &mut Chance) -> Locker {
        let free = chance.happens(self.it.places.locker_free_share);
        let number = small(chance.between(1.0, 8.0));
        Locker {
            free_compartments: Some(if free { number } else { 0 }),
            ..locker.clone()
        }
    }

    /// Current contacts, and those replaced in the last 90 days.
    fn contacts(&self, person: &Person, at: Timestamp) -> Vec<Contact> {
        let since = at.minus(Span::days(90));
        let is_told = |it: &&Contact| it.replaced_at.is_none_or(|replaced| replaced >= since);
        person.contacts.iter().filter(is_told).cloned().collect()
    }
}

impl Pending {
    /// The scene with a code sent to `contact`.
    pub(super) fn scene_for(&self, person: &Person, contact: Option<&ContactId>) -> Scene {
        Scene {
            reach: reach(person, self.order.placed_at, contact),
            ..self.scene
        }
    }

    /// What each action costs, for an oracle.
    pub(super) fn costs(&self, it: &Parameters, scene: &Scene) -> [f64; Action::COUNT] {
        let mut costs = [f64::INFINITY; Action::COUNT];
        for (action, cost) in Action::ALL.iter().zip(&mut costs) {
            *cost = effects::cost(it, scene, &self.p, *action);
        }
        costs
    }
}

/// Whom a code reaches, by what was changed in the account lately.
pub(super) fn reach(person: &Person, at: Timestamp, contact: Option<&ContactId>) -> Reach {
    let since = at.minus(CHANGED).max(person.since.plus(Span::days(1)));
    let is_new = |when: Option<Timestamp>| when.is_some_and(|when| when >= since);
    let newcomer = |it: &Contact| it.replaced_at.is_none() && is_new(it.changed_at);
    let changed = is_new(person.changed_at);
    let Some(contact) = contact else {
        return Reach::Account;
    };
    let goes_to = person.contacts.iter().find(|it| it.contact_id == *contact);
    match goes_to {
        Some(it) if newcomer(it) => Reach::Newcomer,
        _ if changed => Reach::Owner,
        _ => Reach::Account,
    }
}

/// The best contact for a code: one from before any change, if there is one.
pub(super) fn best_contact(person: &Person, order: &Order) -> Option<ContactId> {
    let rank = |it: &&Contact| {
        let reach = match reach(person, order.placed_at, Some(&it.contact_id)) {
            Reach::Owner => 0,
            Reach::Account => 1,
            Reach::Newcomer => 2,
        };
        (reach, it.kind == ContactKind::Email)
    };
    let usable = |it: &&Contact| it.verified == Some(true);
    order
        .contacts
        .iter()
        .filter(usable)
        .min_by_key(rank)
        .map(|it| it.contact_id.clone())
}

/// A role or reason by a draw.
pub(super) fn one_of<T: Copy>(all: &[T], unit: f64) -> Option<T> {
    all.get(place(unit, all.len())).copied()
}
