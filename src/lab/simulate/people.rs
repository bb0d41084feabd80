//! Who orders: households, customers with their accounts and habits, and the addresses they live at.

use super::chance::{About, Chance, Seed, Weights, count, float, small};
use super::ids;
use super::parameters::{BadWorld, Parameters};
use super::places::Places;
use crate::domain::ids::{AddressKey, ContactId, CustomerId, LockerId, SharedKey};
use crate::domain::order::{
    AddressType, Contact, ContactKind, Locker, PartialSize, Preferences, SecuredDrop,
};
use crate::domain::units::{Span, Timestamp};

/// An address.
#[derive(Clone, Debug)]
pub(super) struct Address {
    pub(super) key: AddressKey,
    pub(super) kind: AddressType,
    pub(super) visible: bool,
    /// What the shop knows of it.
    pub(super) visible_told: Option<bool>,
    pub(super) town: usize,
    pub(super) route: usize,
    /// How much likelier thieves come by than elsewhere, beside all that is known.
    pub(super) exposure: f64,
    /// How often somebody is there on a working day.
    pub(super) home: f64,
    /// Stations in reach, their compartments free.
    pub(super) lockers: Vec<Locker>,
    /// When a thief last had luck here.
    pub(super) robbed_at: Option<Timestamp>,
}

/// A customer.
#[derive(Clone, Debug)]
pub(super) struct Person {
    pub(super) number: usize,
    pub(super) id: CustomerId,
    pub(super) since: Timestamp,
    pub(super) contacts: Vec<Contact>,
    /// How often contacts changed.
    pub(super) versions: u32,
    /// When anything in the account last changed.
    pub(super) changed_at: Option<Timestamp>,
    pub(super) address: usize,
    pub(super) address_since: Timestamp,
    pub(super) device: SharedKey,
    pub(super) payment: SharedKey,
    pub(super) purse: f64,
    pub(super) taste: f64,
    /// False claims an order.
    pub(super) lies: f64,
    pub(super) is_claimant: bool,
    /// How much likelier the account is taken over.
    pub(super) account: f64,
    pub(super) older: bool,
    pub(super) preferences: Preferences,
    pub(super) password_reset_at: Option<Timestamp>,
    /// How often a claim was settled as theirs.
    pub(super) caught: u32,
    /// When something was last truly lost of theirs.
    pub(super) lost_at: Option<Timestamp>,
    /// Log-odds that the last order was an intruder's.
    pub(super) odds: f64,
}

/// Everybody.
#[derive(Clone, Debug)]
pub(super) struct Population {
    pub(super) people: Vec<Person>,
    pub(super) addresses: Vec<Address>,
    /// Drop addresses of intruders, by town.
    pub(super) mules: Vec<Vec<usize>>,
    /// Who orders how much.
    pub(super) habits: Weights,
}

/// How people are made.
struct Maker<'a> {
    it: &'a Parameters,
    places: &'a Places,
    chance: Chance,
    start: Timestamp,
    days: f64,
    all: Population,
    ring_members: usize,
    /// How many customers there will be.
    most: usize,
}

impl Population {
    pub(super) fn new(
        it: &Parameters,
        places: &Places,
        number: usize,
        (start, days): (Timestamp, i32),
        seed: &Seed,
    ) -> Result<Self, BadWorld> {
        let mut maker = Maker {
            it,
            places,
            chance: seed.stream(About::People, 0),
            start,
            days: f64::from(days),
            all: Self {
                people: Vec::with_capacity(number),
                addresses: Vec::with_capacity(number),
                mules: vec![Vec::new(); places.towns.len()],
                habits: Weights::of([]),
            },
            ring_members: 0,
            most: number,
        };
        let mut household = 0;
        while maker.all.people.len() < number {
            // Each household has a stream of its own, so that more people leave these as they are.
            household += 1;
            maker.chance = seed.stream(About::People, household);
            maker.household()?;
        }
        maker.chance = seed.stream(About::People, 0);
        maker.drops()?;
        let mut habits = seed.stream(About::People, u64::MAX);
        let of = |_: &Person| habits.factor(it.people.orders_sigma);
        maker.all.habits = Weights::of(maker.all.people.iter().map(of));
        Ok(maker.all)
    }
}

impl Maker<'_> {
    fn household(&mut self) -> Result<(), BadWorld> {
        let people = &self.it.people;
        let dice = self.chance.unit();
        let size = if dice < people.household_three_share {
            3
        } else if dice < people.household_three_share + people.household_two_share {
            2
        } else {
            1
        };
        let address = self.all.addresses.len();
        let key = ids::make("address", address, AddressKey::try_new)?;
        let home = self.home(key, None)?;
        self.all.addresses.push(home);
        let first = self.all.people.len();
        for _ in 0..size {
            if self.all.people.len() < self.most {
                self.person(address, first)?;
            }
        }
        Ok(())
    }

    /// An address of the usual kinds, or of one that is named.
    fn home(&mut self, key: AddressKey, kind: Option<AddressType>) -> Result<Address, BadWorld> {
        let town = self.chance.below(self.places.towns.len());
        new_address(self.it, self.places, key, (town, kind), &mut self.chance)
    }

    fn person(&mut self, address: usize, first: usize) -> Result<(), BadWorld> {
        let number = self.all.people.len();
        let ring = self.is_ring_member(number);
        let people = &self.it.people;
        let chance = &mut self.chance;
        let is_new = chance.happens(people.new_account_share);
        let days = if is_new {
            chance.between(-60.0, self.days)
        } else {
            -chance.between(60.0, 2_000.0)
        };
        let since = self.start.plus(Span::seconds(super::chance::whole(
            days * super::calendar::DAY_S,
        )));
        let older = chance.happens(people.older_share);
        let (lies, is_claimant) = lies(self.it, is_new, chance);
        let mut person = Person {
            number,
            id: ids::make("customer", number, CustomerId::try_new)?,
            since,
            contacts: contacts(self.it, number, since, older, chance)?,
            versions: 0,
            changed_at: None,
            address,
            address_since: since,
            device: ids::make("device", number, SharedKey::try_new)?,
            payment: ids::make("payment", number, SharedKey::try_new)?,
            purse: chance.factor(people.spend_sigma),
            taste: chance.factor(people.tech_taste_sigma) * if older { 0.5 } else { 1.0 },
            lies,
            is_claimant,
            account: chance.factor(self.it.takeover.account_sigma),
            older,
            preferences: preferences(self.it, older, chance),
            password_reset_at: None,
            caught: 0,
            lost_at: None,
            odds: 0.0,
        };
        let (device, payment, linked) = (
            chance.happens(people.shared_device_share),
            chance.happens(people.shared_payment_share),
            chance.happens(self.it.claims.linked_share),
        );
        if let Some(head) = self.all.people.get(first) {
            if device {
                person.device = head.device.clone();
            }
            if payment {
                person.payment = head.payment.clone();
            }
            if head.is_claimant && linked {
                (person.lies, person.is_claimant) = (head.lies, true);
            }
        }
        if ring {
            let ring = self.ring_members / count(self.it.ring.size).max(1);
            self.ring_members += 1;
            person.device = ids::make("device-shared", ring, SharedKey::try_new)?;
            person.payment = ids::make("payment-shared", ring, SharedKey::try_new)?;
            (person.lies, person.is_claimant) = (self.it.ring.rate, true);
        }
        self.all.people.push(person);
        Ok(())
    }

    /// Members of rings lie evenly among all customers; where there are rings at all, there is a whole one.
    fn is_ring_member(&self, number: usize) -> bool {
        let share = self.it.ring.customer_share;
        if share <= 0.0 {
            return false;
        }
        let all = float(self.most.max(1));
        let members = (share * all).max(self.it.ring.size).min(all);
        let before = |number: usize| (float(number) * members / all).floor();
        before(number + 1) > before(number)
    }

    /// Where intruders send things.
    fn drops(&mut self) -> Result<(), BadWorld> {
        let number = count(self.it.takeover.mules).max(1);
        for town in 0..self.places.towns.len() {
            // Some are freight forwarders, at the end of the list; the others look like homes.
            for place in 0..2 * number {
                let address = self.all.addresses.len();
                let key = ids::make("address", address, AddressKey::try_new)?;
                let kind = (place >= number).then_some(AddressType::Forwarder);
                let drop = new_address(self.it, self.places, key, (town, kind), &mut self.chance)?;
                self.all.addresses.push(drop);
                if let Some(mules) = self.all.mules.get_mut(town) {
                    mules.push(address);
                }
            }
        }
        Ok(())
    }
}

/// How often somebody lies; few do most of it, and more of them have new accounts.
fn lies(it: &Parameters, is_new: bool, chance: &mut Chance) -> (f64, bool) {
    let (claims, new) = (&it.claims, it.people.new_account_share);
    let mean = new.mul_add(claims.young_factor - 1.0, 1.0);
    let factor = if is_new { claims.young_factor } else { 1.0 };
    let is_claimant = chance.happens(claims.claimant_share * factor / mean);
    let rate = claims.claimant_rate * chance.concentrated(claims.claimant_shape);
    if is_claimant {
        (rate.min(0.7), true)
    } else {
        (claims.honest_rate, false)
    }
}

/// A new address in a town.
pub(super) fn new_address(
    it: &Parameters,
    places: &Places,
    key: AddressKey,
    (town, kind): (usize, Option<AddressType>),
    chance: &mut Chance,
) -> Result<Address, BadWorld> {
    let people = &it.people;
    let (theft, flats, routes) = places.towns.get(town).map_or((1.0, 0.4, &[][..]), |town| {
        (town.theft, town.flats, town.routes.as_slice())
    });
    let of = [
        (AddressType::Business, people.business_share),
        (AddressType::PoBox, people.po_box_share),
        (AddressType::PickupPoint, people.pickup_share / 2.0),
        (AddressType::Locker, people.pickup_share / 2.0),
        (AddressType::Forwarder, people.forwarder_share),
    ];
    let mut dice = chance.unit();
    let mut drawn = if chance.happens(flats) {
        AddressType::Flat
    } else {
        AddressType::House
    };
    for (kind, share) in of {
        if (0.0..share).contains(&dice) {
            drawn = kind;
        }
        dice -= share;
    }
    let kind = kind.unwrap_or(drawn);
    let visible_share = match kind {
        AddressType::House => people.visible_share,
        AddressType::Flat | AddressType::Business => people.visible_share / 4.0,
        AddressType::PoBox
        | AddressType::Locker
        | AddressType::PickupPoint
        | AddressType::Forwarder => 0.0,
    };
    let (visible, told) = (
        chance.happens(visible_share),
        chance.happens(people.visible_told_share),
    );
    let home = match kind {
        AddressType::House | AddressType::Flat => {
            (people.home_share * chance.factor(people.home_sigma)).clamp(0.1, 0.95)
        }
        AddressType::Business
        | AddressType::PoBox
        | AddressType::Locker
        | AddressType::PickupPoint
        | AddressType::Forwarder => 0.97,
    };
    let route = routes.get(chance.below(routes.len())).copied().unwrap_or(0);
    Ok(Address {
        kind,
        visible,
        visible_told: told.then_some(visible),
        town,
        route,
        exposure: theft * chance.factor(it.porch.address_sigma),
        home,
        lockers: lockers(it, places, (town, route), chance)?,
        robbed_at: None,
        key,
    })
}

/// Stations in reach: none, one or two of the town's.
fn lockers(
    it: &Parameters,
    places: &Places,
    (town, route): (usize, usize),
    chance: &mut Chance,
) -> Result<Vec<Locker>, BadWorld> {
    let number = if !chance.happens(it.places.locker_reach_share) {
        0
    } else {
        1 + chance.below(2)
    };
    let carrier = places
        .routes
        .get(route)
        .and_then(|route| route.carrier.carrier_id.clone());
    let mut all = Vec::new();
    for place in 0..number {
        all.push(Locker {
            locker_id: ids::make(
                "locker",
                format_args!("{town}-{route}-{place}"),
                LockerId::try_new,
            )?,
            carrier_id: carrier.clone(),
            distance_m: Some(small(chance.between(100.0, it.places.locker_far_m))),
            max: PartialSize {
                length_mm: Some(600),
                width_mm: Some(400),
                height_mm: Some(400),
                weight_g: Some(20_000),
            },
            free_compartments: Some(6),
            step_free: Some(place == 0),
        });
    }
    Ok(all)
}

fn preferences(it: &Parameters, older: bool, chance: &mut Chance) -> Preferences {
    let people = &it.people;
    let drops = [
        SecuredDrop::ParcelBox,
        SecuredDrop::Garage,
        SecuredDrop::Concierge,
    ];
    let (secured, which) = (
        chance.happens(people.secured_drop_share),
        chance.below(drops.len()),
    );
    Preferences {
        cannot_use_codes: chance.happens(people.older_cannot_use_codes_share) && older,
        cannot_come_to_door: chance.happens(people.cannot_come_share),
        step_free_only: chance.happens(people.step_free_share),
        secured_drop: drops.get(which).copied().filter(|_| secured),
        delegate_contact_id: None,
        locale: None,
    }
}

/// A contact that is verified since it is known.
pub(super) fn contact(contact_id: ContactId, kind: ContactKind, since: Timestamp) -> Contact {
    Contact {
        contact_id,
        kind,
        verified: Some(true),
        verified_at: Some(since),
        changed_at: Some(since),
        replaced_at: None,
        recipient: None,
    }
}

fn contacts(
    it: &Parameters,
    number: usize,
    since: Timestamp,
    older: bool,
    chance: &mut Chance,
) -> Result<Vec<Contact>, BadWorld> {
    let (sms, push, voice) = (
        chance.happens(it.people.sms_share),
        chance.happens(it.people.push_share) && !older,
        chance.happens(0.5) && older,
    );
    let kind = if voice {
        ContactKind::Voice
    } else {
        ContactKind::Sms
    };
    let all = [
        (true, "mail", ContactKind::Email),
        (sms, "phone", kind),
        (push, "app", ContactKind::Push),
    ];
    let mut contacts = Vec::new();
    for (has, word, kind) in all {
        if has {
            let id = ids::make(word, format_args!("{number}-0"), ContactId::try_new)?;
            contacts.push(contact(id, kind, since));
        }
    }
    Ok(contacts)
}

/// How many customers place so many orders a year.
pub(super) fn number_of(it: &Parameters, orders_a_year: f64) -> usize {
    count(orders_a_year / it.people.orders_a_year.max(0.1)).max(30)
}

/// Mean share of time that somebody is home, to compare one household with.
pub(super) fn mean_home(it: &Parameters) -> f64 {
    it.people.home_share.clamp(0.05, 0.95)
}
