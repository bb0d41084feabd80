//! What other systems tell us happened: one type an event, absent facts unknown.

use super::closed::closed;
use super::ids::{
    AddressKey, CarrierId, ClaimId, ContactId, CourierId, CustomerId, DepotId, EventId, ItemId,
    OrderId, ParcelId, RouteId, SuspicionId,
};
use super::order::ContactKind;
use super::units::{Currency, Date, Timestamp};

/// Something that happened, by the sender's clock.
#[derive(Clone, Debug, PartialEq)]
pub struct Event {
    /// The sender's id; the same id with the same content is the same event.
    pub event_id: EventId,
    /// When it happened.
    pub occurred_at: Timestamp,
    /// What happened.
    pub kind: EventKind,
}

/// What happened.
#[derive(Clone, Debug, PartialEq)]
pub enum EventKind {
    /// An order that `Decide` never saw.
    OrderPlaced(OrderPlaced),
    /// An order was cancelled.
    OrderCancelled {
        /// Which.
        order_id: OrderId,
        /// By whom.
        by: Option<CancelledBy>,
        /// The customer had seen what the delivery would ask.
        after_requirement_shown: Option<bool>,
    },
    /// An order goes to another address.
    OrderRerouted {
        /// Which.
        order_id: OrderId,
        /// Where to.
        address_key: AddressKey,
    },
    /// A contact was added, or took another's place.
    ContactChanged {
        /// Whose.
        customer_id: CustomerId,
        /// The new value.
        contact_id: ContactId,
        /// The value it replaces.
        previous_contact_id: Option<ContactId>,
        /// How it is reached.
        kind: ContactKind,
        /// Its holder proved that it is theirs.
        verified: Option<bool>,
    },
    /// An address was added or changed.
    AddressChanged {
        /// Whose.
        customer_id: CustomerId,
        /// The new address.
        address_key: AddressKey,
    },
    /// A password was reset.
    PasswordReset {
        /// Whose.
        customer_id: CustomerId,
    },
    /// A parcel was scanned.
    ParcelScanned(ParcelScanned),
    /// A parcel was handed over or left.
    ParcelHandedOver(ParcelHandedOver),
    /// A parcel was refused at the door.
    ParcelRefused {
        /// Of which order.
        order_id: OrderId,
        /// Which.
        parcel_id: ParcelId,
        /// Why.
        reason: Option<RefusalReason>,
    },
    /// An attempt failed.
    DeliveryFailed(DeliveryFailed),
    /// A message about a code went out.
    CodeNotice {
        /// About which parcel.
        parcel_id: ParcelId,
        /// To whom.
        contact_id: ContactId,
        /// What became of it.
        state: NoticeState,
    },
    /// The customer says that something is missing.
    ClaimOpened(ClaimOpened),
    /// A claim was settled; the latest counts.
    ClaimSettled {
        /// Which.
        claim_id: ClaimId,
        /// Whose fault it was found to be.
        fault: Fault,
        /// Whether the customer got the money.
        paid: Option<bool>,
    },
    /// A concrete suspicion, with an end.
    SuspicionRaised {
        /// Its name.
        suspicion_id: SuspicionId,
        /// Against whom or what.
        subject: Subject,
        /// 1 to 3.
        level: u8,
        /// Where the evidence is kept.
        evidence_ref: Option<String>,
        /// When it ends by itself; absent: 90 days after it was raised.
        expires_at: Option<Timestamp>,
    },
    /// A suspicion was cleared.
    SuspicionCleared {
        /// Which.
        suspicion_id: SuspicionId,
    },
}

/// An order that `Decide` never saw: the past, or another channel.
#[derive(Clone, Debug, PartialEq)]
pub struct OrderPlaced {
    /// Its id.
    pub order_id: OrderId,
    /// Absent: a guest.
    pub customer_id: Option<CustomerId>,
    /// Where to.
    pub address_key: AddressKey,
    /// Its amount; absent: unknown, and left out of money windows.
    pub amount_minor: Option<i64>,
    /// The amount's currency; present where the amount is.
    pub currency: Option<Currency>,
    /// The carrier.
    pub carrier_id: Option<CarrierId>,
    /// The route.
    pub route_id: Option<RouteId>,
    /// The depot.
    pub depot_id: Option<DepotId>,
    /// The day of delivery.
    pub expected_on: Option<Date>,
    /// How many parcels.
    pub parcels: Option<u32>,
}

/// A scan before the door.
#[derive(Clone, Debug, PartialEq)]
pub struct ParcelScanned {
    /// Of which order.
    pub order_id: OrderId,
    /// Which parcel.
    pub parcel_id: ParcelId,
    /// Where in the chain.
    pub kind: ScanKind,
    /// Weight in grams.
    pub weight_g: Option<u32>,
    /// The seal's number; absent on a `PACKED` scan: packed without a seal.
    pub seal_id: Option<String>,
    /// The depot.
    pub depot_id: Option<DepotId>,
    /// The route.
    pub route_id: Option<RouteId>,
    /// The courier.
    pub courier_id: Option<CourierId>,
}

/// A handover, to a person or not.
#[derive(Clone, Debug, PartialEq)]
pub struct ParcelHandedOver {
    /// Of which order.
    pub order_id: OrderId,
    /// Which parcel.
    pub parcel_id: ParcelId,
    /// By whom.
    pub courier_id: Option<CourierId>,
    /// On which route.
    pub route_id: Option<RouteId>,
    /// From which depot.
    pub depot_id: Option<DepotId>,
    /// At which stop.
    pub stop_id: Option<String>,
    /// To whom.
    pub recipient_role: Option<RecipientRole>,
    /// Weight at the door in grams.
    pub weight_g: Option<u32>,
    /// Seconds at the door.
    pub handover_s: Option<u32>,
    /// The seal's number as read at the door.
    pub seal_id: Option<String>,
    /// The seal was whole.
    pub seal_intact: Option<bool>,
    /// The customer looked inside before accepting.
    pub inspected: Option<bool>,
    /// SHA-256 of the photo, in hexadecimal digits.
    pub photo_sha256: Option<String>,
    /// Where.
    pub position: Option<Position>,
}

/// A failed attempt.
#[derive(Clone, Debug, PartialEq)]
pub struct DeliveryFailed {
    /// Of which order.
    pub order_id: OrderId,
    /// Which parcel.
    pub parcel_id: ParcelId,
    /// Why.
    pub reason: Option<FailureReason>,
    /// By whom.
    pub courier_id: Option<CourierId>,
    /// On which route.
    pub route_id: Option<RouteId>,
    /// Where.
    pub position: Option<Position>,
    /// Seconds spent at the stop.
    pub dwell_s: Option<u32>,
    /// SHA-256 of the photo, in hexadecimal digits.
    pub photo_sha256: Option<String>,
}

/// A claim as opened.
#[derive(Clone, Debug, PartialEq)]
pub struct ClaimOpened {
    /// Its id.
    pub claim_id: ClaimId,
    /// About which order.
    pub order_id: OrderId,
    /// About which items.
    pub items: Vec<(ItemId, u32)>,
    /// About which parcels.
    pub parcel_ids: Vec<ParcelId>,
    /// What is said to be wrong.
    pub kind: ClaimKind,
    /// The amount claimed.
    pub amount_minor: Option<i64>,
    /// Its currency.
    pub currency: Option<Currency>,
}

/// A position on earth.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Position {
    /// Degrees north, -90 to 90.
    pub latitude: f64,
    /// Degrees east, -180 to 180.
    pub longitude: f64,
    /// Radius of uncertainty in metres.
    pub accuracy_m: Option<u32>,
}

/// Against whom or what a suspicion is.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Subject {
    /// A customer.
    Customer(CustomerId),
    /// An address.
    Address(AddressKey),
    /// A route.
    Route(RouteId),
    /// A depot.
    Depot(DepotId),
    /// A courier.
    Courier(CourierId),
}

closed! {
    /// By whom an order was cancelled.
    CancelledBy {
        /// The customer.
        Customer = 1 "CUSTOMER",
        /// The shop.
        Shop = 2 "SHOP",
        /// The carrier.
        Carrier = 3 "CARRIER",
    }
}

closed! {
    /// Where in the chain a scan was made.
    ScanKind {
        /// Packed in the warehouse.
        Packed = 1 "PACKED",
        /// Sorted in a depot.
        Sorted = 2 "SORTED",
        /// Loaded on the van: the order is dispatched.
        Loaded = 3 "LOADED",
        /// Nobody said where; a sign of life.
        Unknown = 0 "UNSPECIFIED",
    }
}

closed! {
    /// Who or what received a parcel.
    RecipientRole {
        /// The customer.
        Customer = 1 "CUSTOMER",
        /// Somebody of the household.
        Household = 2 "HOUSEHOLD",
        /// The delegate whom the customer named.
        Delegate = 3 "DELEGATE",
        /// A neighbour.
        Neighbour = 4 "NEIGHBOUR",
        /// A concierge.
        Concierge = 5 "CONCIERGE",
        /// The customer's own secured drop.
        SecuredDrop = 6 "SECURED_DROP",
        /// A locker.
        Locker = 7 "LOCKER",
        /// Nobody: left at the door.
        Unattended = 8 "UNATTENDED",
    }
}

impl RecipientRole {
    /// Whether a person received it, so that the attempt was an attended one.
    #[must_use]
    pub const fn is_person(self) -> bool {
        match self {
            Self::Customer
            | Self::Household
            | Self::Delegate
            | Self::Neighbour
            | Self::Concierge => true,
            Self::SecuredDrop | Self::Locker | Self::Unattended => false,
        }
    }
}

closed! {
    /// Why a parcel was refused.
    RefusalReason {
        /// The seal was broken.
        SealBroken = 1 "SEAL_BROKEN",
        /// The weight was wrong.
        WeightWrong = 2 "WEIGHT_WRONG",
        /// It was damaged.
        Damaged = 3 "DAMAGED",
        /// The customer did not want it.
        Unwanted = 4 "UNWANTED",
    }
}

closed! {
    /// Why an attempt failed.
    FailureReason {
        /// Nobody was home.
        NobodyHome = 1 "NOBODY_HOME",
        /// The recipient had no code.
        NoCode = 2 "NO_CODE",
        /// Too many wrong codes.
        CodeLocked = 3 "CODE_LOCKED",
        /// The courier could not get to the door.
        NoAccess = 4 "NO_ACCESS",
        /// No compartment was free.
        LockerFull = 5 "LOCKER_FULL",
    }
}

closed! {
    /// What became of a message.
    NoticeState {
        /// Sent.
        Sent = 1 "SENT",
        /// Delivered.
        Delivered = 2 "DELIVERED",
        /// Opened.
        Opened = 3 "OPENED",
        /// Failed.
        Failed = 4 "FAILED",
        /// Nobody said what.
        Unknown = 0 "UNSPECIFIED",
    }
}

closed! {
    /// What is said to be wrong.
    ClaimKind {
        /// Nothing came.
        NotReceived = 1 "NOT_RECEIVED",
        /// The parcel was empty.
        Empty = 2 "EMPTY",
        /// Something else was inside.
        Swapped = 3 "SWAPPED",
        /// It was damaged.
        Damaged = 4 "DAMAGED",
        /// Nobody said what.
        Unknown = 0 "UNSPECIFIED",
    }
}

closed! {
    /// Whose fault a loss was found to be.
    Fault {
        /// A thief at the door.
        Porch = 1 "PORCH",
        /// The courier.
        Courier = 2 "COURIER",
        /// The depot.
        Depot = 3 "DEPOT",
        /// The customer: a false claim.
        Customer = 4 "CUSTOMER",
        /// An intruder in the account.
        AccountTakeover = 5 "ACCOUNT_TAKEOVER",
        /// Nobody knows.
        Unknown = 6 "UNKNOWN",
    }
}

impl EventKind {
    /// The name of the kind as in the contract's `oneof`.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::OrderPlaced(_) => "order_placed",
            Self::OrderCancelled { .. } => "order_cancelled",
            Self::OrderRerouted { .. } => "order_rerouted",
            Self::ContactChanged { .. } => "contact_changed",
            Self::AddressChanged { .. } => "address_changed",
            Self::PasswordReset { .. } => "password_reset",
            Self::ParcelScanned(_) => "parcel_scanned",
            Self::ParcelHandedOver(_) => "parcel_handed_over",
            Self::ParcelRefused { .. } => "parcel_refused",
            Self::DeliveryFailed(_) => "delivery_failed",
            Self::CodeNotice { .. } => "code_notice",
            Self::ClaimOpened(_) => "claim_opened",
            Self::ClaimSettled { .. } => "claim_settled",
            Self::SuspicionRaised { .. } => "suspicion_raised",
            Self::SuspicionCleared { .. } => "suspicion_cleared",
        }
    }

    /// The order that it names, if it names one.
    #[must_use]
    pub const fn order_id(&self) -> Option<&OrderId> {
        match self {
            Self::OrderPlaced(OrderPlaced { order_id, .. })
            | Self::OrderCancelled { order_id, .. }
            | Self::OrderRerouted { order_id, .. }
            | Self::ParcelScanned(ParcelScanned { order_id, .. })
            | Self::ParcelHandedOver(ParcelHandedOver { order_id, .. })
            | Self::ParcelRefused { order_id, .. }
            | Self::DeliveryFailed(DeliveryFailed { order_id, .. })
            | Self::ClaimOpened(ClaimOpened { order_id, .. }) => Some(order_id),
            Self::ContactChanged { .. }
            | Self::AddressChanged { .. }
            | Self::PasswordReset { .. }
            | Self::CodeNotice { .. }
            | Self::ClaimSettled { .. }
            | Self::SuspicionRaised { .. }
            | Self::SuspicionCleared { .. } => None,
        }
    }
}
