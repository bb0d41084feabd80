//! An order as the checkout tells it: checked, sorted, with unknown facts unknown.

use super::closed::closed;
use super::ids::{
    AddressKey, CarrierId, ContactId, CustomerId, DepotId, ItemId, LockerId, MerchantKey, OrderId,
    ParcelId, RouteId, SharedKey, Sku,
};
use super::units::{Currency, Date, Timestamp};

closed! {
    /// How far the order is.
    Stage {
        /// Shown before payment.
        Cart = 1 "CART",
        /// Placed; also what an unspecified stage means.
        Placed = 2 "PLACED",
    }
}

closed! {
    /// What kind of thing an item is; decides resale interest and usual size.
    Category {
        /// Phones.
        Phone = 1 "PHONE",
        /// Laptops.
        Laptop = 2 "LAPTOP",
        /// Tablets.
        Tablet = 3 "TABLET",
        /// Game consoles.
        Console = 4 "CONSOLE",
        /// Cameras.
        Camera = 5 "CAMERA",
        /// Watches.
        Watch = 6 "WATCH",
        /// Jewellery.
        Jewellery = 7 "JEWELLERY",
        /// Perfume.
        Perfume = 8 "PERFUME",
        /// Clothes and shoes.
        Fashion = 9 "FASHION",
        /// Tools.
        Tool = 10 "TOOL",
        /// Household appliances.
        Appliance = 11 "APPLIANCE",
        /// Groceries.
        Grocery = 12 "GROCERY",
        /// Books.
        Book = 13 "BOOK",
        /// Anything else; also what an unspecified category means.
        Other = 14 "OTHER",
    }
}

closed! {
    /// How an item is packed.
    Packaging {
        /// A soft envelope.
        Envelope = 1 "ENVELOPE",
        /// A box.
        Box = 2 "BOX",
        /// A rigid, sealed box.
        RigidSealed = 3 "RIGID_SEALED",
    }
}

closed! {
    /// What kind of place the address is.
    AddressType {
        /// A house.
        House = 1 "HOUSE",
        /// A flat.
        Flat = 2 "FLAT",
        /// A business.
        Business = 3 "BUSINESS",
        /// A post-office box.
        PoBox = 4 "PO_BOX",
        /// A parcel locker.
        Locker = 5 "LOCKER",
        /// A pick-up point.
        PickupPoint = 6 "PICKUP_POINT",
        /// A freight forwarder.
        Forwarder = 7 "FORWARDER",
    }
}

closed! {
    /// How a contact is reached.
    ContactKind {
        /// E-mail.
        Email = 1 "EMAIL",
        /// Text message.
        Sms = 2 "SMS",
        /// Telephone call.
        Voice = 3 "VOICE",
        /// Push message of the shop's app.
        Push = 4 "PUSH",
        /// Letter.
        Post = 5 "POST",
        /// Nobody said how; counts as a contact, but as no e-mail and no telephone.
        Unknown = 0 "UNSPECIFIED",
    }
}

closed! {
    /// What a carrier or depot can do.
    Capability {
        /// Ask for a code at the door.
        Code = 1 "CODE",
        /// Ask for a code per parcel.
        PerParcelCode = 2 "PER_PARCEL_CODE",
        /// Hide the requirement from the courier until the door.
        LateReveal = 3 "LATE_REVEAL",
        /// Take a photo.
        Photo = 4 "PHOTO",
        /// Check the position.
        Geofence = 5 "GEOFENCE",
        /// Check an identity document.
        IdCheck = 6 "ID_CHECK",
        /// Wait while the customer inspects.
        Inspection = 7 "INSPECTION",
        /// Weigh at the door.
        WeightCheck = 8 "WEIGHT_CHECK",
    }
}

closed! {
    /// A place of the customer's own where a parcel is safe.
    SecuredDrop {
        /// A parcel box.
        ParcelBox = 1 "PARCEL_BOX",
        /// A garage that the courier can open.
        Garage = 2 "GARAGE",
        /// A concierge.
        Concierge = 3 "CONCIERGE",
    }
}

closed! {
    /// How the order is paid.
    PaymentKind {
        /// Card.
        Card = 1 "CARD",
        /// Invoice.
        Invoice = 2 "INVOICE",
        /// Wallet.
        Wallet = 3 "WALLET",
        /// Cash on delivery.
        CashOnDelivery = 4 "CASH_ON_DELIVERY",
    }
}

/// One order; every `Option` is unknown when absent, never zero and never false.
#[derive(Clone, Debug, PartialEq)]
pub struct Order {
    /// The checkout's name for it.
    pub order_id: OrderId,
    /// Absent: a guest.
    pub customer_id: Option<CustomerId>,
    /// When it was placed; the time of receipt where the caller said nothing. Dates the order in the windows.
    pub placed_at: Timestamp,
    /// The currency of every amount in it; has a rate in the catalogue.
    pub currency: Currency,
    /// Cart or placed.
    pub stage: Stage,
    /// Since when the customer has an account.
    pub customer_since_at: Option<Timestamp>,
    /// 1 to 200 lines.
    pub items: Vec<Item>,
    /// Up to 50; empty where not yet packed.
    pub parcels: Vec<Parcel>,
    /// 1 to 50.
    pub expected_parcels: Option<u32>,
    /// Where to and when.
    pub delivery: Delivery,
    /// Up to 20; empty: those known from history.
    pub contacts: Vec<Contact>,
    /// Who carries it.
    pub carrier: Carrier,
    /// Up to 50 compartments sizes near the address.
    pub lockers: Vec<Locker>,
    /// What the customer asked for; never enters a score.
    pub preferences: Preferences,
    /// How it was ordered.
    pub session: Session,
}

/// One line of an order.
#[derive(Clone, Debug, PartialEq)]
pub struct Item {
    /// The caller's id, or its position from 1 as sent.
    pub item_id: ItemId,
    /// Whether the caller gave the id.
    pub named: bool,
    /// Stock-keeping unit.
    pub sku: Option<Sku>,
    /// The category, where given; else the catalogue maps `merchant_category`.
    pub category: Option<Category>,
    /// The merchant's own category.
    pub merchant_category: Option<MerchantKey>,
    /// Paid for one unit, tax in, discount off, in minor units: 0 to 10^12.
    pub unit_price_minor: i64,
    /// 1 to 10,000.
    pub quantity: u32,
    /// Size of one unit, where all three sides are known.
    pub size: PartialSize,
    /// Each unit has a serial number.
    pub serialised: Option<bool>,
    /// May only go to an adult.
    pub age_restricted: Option<bool>,
    /// Dangerous goods.
    pub hazardous: Option<bool>,
    /// How it is packed.
    pub packaging: Option<Packaging>,
}

/// Sides and weight as far as they are known.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PartialSize {
    /// Millimetres.
    pub length_mm: Option<u32>,
    /// Millimetres.
    pub width_mm: Option<u32>,
    /// Millimetres.
    pub height_mm: Option<u32>,
    /// Grams.
    pub weight_g: Option<u32>,
}

/// One parcel of an order.
#[derive(Clone, Debug, PartialEq)]
pub struct Parcel {
    /// The warehouse's name for it.
    pub parcel_id: ParcelId,
    /// What is inside, as item and number of units; sorted by item.
    pub items: Vec<(ItemId, u32)>,
    /// Its size.
    pub size: PartialSize,
}

/// Where an order goes and when.
#[derive(Clone, Debug, PartialEq)]
pub struct Delivery {
    /// The address's key.
    pub address_key: AddressKey,
    /// What kind of place it is.
    pub address_type: Option<AddressType>,
    /// When the address became the customer's.
    pub address_added_at: Option<Timestamp>,
    /// The order is a gift.
    pub gift: Option<bool>,
    /// The recipient is the buyer.
    pub recipient_is_buyer: Option<bool>,
    /// A parcel at the door is seen from the street.
    pub visible_from_street: Option<bool>,
    /// The day of delivery in the delivery's zone.
    pub expected_on: Option<Date>,
    /// ISO 3166 alpha-2.
    pub country_code: Option<CountryCode>,
    /// IANA name, known to the bundled database.
    pub time_zone: Option<String>,
    /// Start of the announced window.
    pub window_start_at: Option<Timestamp>,
    /// End of the announced window.
    pub window_end_at: Option<Timestamp>,
}

/// Two capital letters of ISO 3166.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CountryCode([u8; 2]);

impl CountryCode {
    /// Reads two capital letters.
    #[must_use]
    pub fn parse(code: &str) -> Option<Self> {
        let bytes: [u8; 2] = code.as_bytes().try_into().ok()?;
        bytes
            .iter()
            .all(u8::is_ascii_uppercase)
            .then_some(Self(bytes))
    }

    /// The two letters.
    #[must_use]
    pub fn code(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or("??")
    }
}

/// A contact as the order tells it.
#[derive(Clone, Debug, PartialEq)]
pub struct Contact {
    /// Names one value for ever.
    pub contact_id: ContactId,
    /// How it is reached.
    pub kind: ContactKind,
    /// Its holder proved that it is theirs; absent = unknown, which no code is sent on.
    pub verified: Option<bool>,
    /// When it was verified.
    pub verified_at: Option<Timestamp>,
    /// When it became the customer's.
    pub changed_at: Option<Timestamp>,
    /// When it stopped; absent: current.
    pub replaced_at: Option<Timestamp>,
    /// It is the recipient's of a gift.
    pub recipient: Option<bool>,
}

/// Who carries an order.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Carrier {
    /// The carrier.
    pub carrier_id: Option<CarrierId>,
    /// The depot.
    pub depot_id: Option<DepotId>,
    /// The route.
    pub route_id: Option<RouteId>,
    /// Replaces the catalogue's where not empty; sorted, no duplicates.
    pub capabilities: Vec<Capability>,
    /// The last mile is driven by a subcontractor.
    pub subcontracted: Option<bool>,
}

/// One compartment size of a locker station.
#[derive(Clone, Debug, PartialEq)]
pub struct Locker {
    /// The station.
    pub locker_id: LockerId,
    /// Only this carrier delivers there.
    pub carrier_id: Option<CarrierId>,
    /// Metres to walk; absent: in reach.
    pub distance_m: Option<u32>,
    /// What fits: sides and grams; an absent bound does not bind.
    pub max: PartialSize,
    /// Free compartments of this size; absent: enough.
    pub free_compartments: Option<u32>,
    /// Reachable without steps.
    pub step_free: Option<bool>,
}

/// What the customer asked for: plain, self-declared, never a risk signal.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Preferences {
    /// Cannot use codes.
    pub cannot_use_codes: bool,
    /// Cannot come to the door.
    pub cannot_come_to_door: bool,
    /// Needs a way without steps.
    pub step_free_only: bool,
    /// A place of their own where a parcel is safe.
    pub secured_drop: Option<SecuredDrop>,
    /// A person who may receive in their stead.
    pub delegate_contact_id: Option<ContactId>,
    /// BCP 47 language tag for texts.
    pub locale: Option<String>,
}

/// How the order was made.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Session {
    /// A device never seen on this account.
    pub new_device: Option<bool>,
    /// The latest password reset.
    pub password_reset_at: Option<Timestamp>,
    /// Paid with a stored means.
    pub stored_payment: Option<bool>,
    /// How it is paid.
    pub payment_kind: Option<PaymentKind>,
    /// Billing and delivery address are the same.
    pub billing_matches_delivery: Option<bool>,
    /// Keyed device fingerprint.
    pub device_key: Option<SharedKey>,
    /// Keyed means of payment.
    pub payment_key: Option<SharedKey>,
}

/// Whose slots, draws and ratchets an order uses.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Unit {
    /// A known customer.
    Customer(CustomerId),
    /// A guest, by means of payment.
    Payment(SharedKey),
    /// A guest, by device.
    Device(SharedKey),
    /// A guest, by address.
    Address(AddressKey),
}

impl Unit {
    /// The text that enters the draw: for customers their id as it is, for guests the key as it is.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match self {
            Self::Customer(id) => id.as_str(),
            Self::Payment(key) | Self::Device(key) => key.as_str(),
            Self::Address(key) => key.as_str(),
        }
    }

    /// `customer`, `payment`, `device` or `address`.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Customer(_) => "customer",
            Self::Payment(_) => "payment",
            Self::Device(_) => "device",
            Self::Address(_) => "address",
        }
    }
}

/// A key that several accounts may share.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum LinkKey {
    /// A device.
    Device(SharedKey),
    /// A means of payment.
    Payment(SharedKey),
}

impl Order {
    /// Whose slots and draws it uses.
    #[must_use]
    pub fn unit(&self) -> Unit {
        if let Some(id) = &self.customer_id {
            Unit::Customer(id.clone())
        } else if let Some(key) = &self.session.payment_key {
            Unit::Payment(key.clone())
        } else if let Some(key) = &self.session.device_key {
            Unit::Device(key.clone())
        } else {
            Unit::Address(self.delivery.address_key.clone())
        }
    }

    /// The keys that other accounts may share, device first.
    #[must_use]
    pub fn links(&self) -> Vec<LinkKey> {
        let device = self.session.device_key.clone().map(LinkKey::Device);
        let payment = self.session.payment_key.clone().map(LinkKey::Payment);
        device.into_iter().chain(payment).collect()
    }

    /// The amount paid for all units, in minor units of the order's currency; saturates.
    #[must_use]
    pub fn amount_minor(&self) -> i64 {
        self.items.iter().fold(0, |sum, item| {
            sum.saturating_add(
                item.unit_price_minor
                    .saturating_mul(i64::from(item.quantity)),
            )
        })
    }

    /// How many parcels it makes, where known: the larger of those listed and the number expected, else one if there
    /// is one unit.
    #[must_use]
    pub fn parcel_count(&self) -> Option<u32> {
        let listed = u32::try_from(self.parcels.len()).unwrap_or(u32::MAX);
        let told = self.expected_parcels.max((listed > 0).then_some(listed));
        let single = self
            .items
            .iter()
            .map(|item| u64::from(item.quantity))
            .sum::<u64>()
            == 1;
        told.or_else(|| single.then_some(1))
    }

    /// Sorts what is a set, so that equal content is equal: contacts, capabilities, lockers, parcels, and items that
    /// have ids (before those without, which keep their order).
    pub fn sort(&mut self) {
        self.items.sort_by(|a, b| match (a.named, b.named) {
            (true, true) => a.item_id.cmp(&b.item_id),
            (true, false) => std::cmp::Ordering::Less,
            (false, true) => std::cmp::Ordering::Greater,
            (false, false) => std::cmp::Ordering::Equal,
        });
        self.contacts
            .sort_by(|a, b| a.contact_id.cmp(&b.contact_id));
        self.carrier.capabilities.sort_unstable();
        self.carrier.capabilities.dedup();
        for parcel in &mut self.parcels {
            parcel.items.sort();
        }
        self.parcels.sort_by(|a, b| a.parcel_id.cmp(&b.parcel_id));
        self.lockers.sort_by(|a, b| a.key().cmp(&b.key()));
    }
}

impl Locker {
    /// Everything, what is no content last: lockers that are alike in content sort alike.
    fn key(&self) -> impl Ord {
        let max = self.max;
        let sides = (max.length_mm, max.width_mm, max.height_mm, max.weight_g);
        let content = (&self.locker_id, &self.carrier_id, sides, self.step_free);
        (content, self.distance_m, self.free_compartments)
    }
}
