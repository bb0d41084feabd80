//! What a delivery may be asked for, and what goes with it.

use super::closed::closed;

closed! {
    /// A proof of handover; the order of the numbers is the order of strictness, a review apart.
    Action {
        /// Nothing beyond the carrier's own photo or position.
        None = 1 "NONE",
        /// One six-digit code; only when exactly one parcel comes to the stop.
        Otp = 2 "OTP",
        /// A code per parcel, bound to the items inside it.
        ItemCodes = 3 "ITEM_CODES",
        /// Collection from a locker that fits and is in reach.
        LockerOnly = 4 "LOCKER_ONLY",
        /// Nothing feasible is good enough: a person decides.
        Review = 5 "REVIEW",
    }
}

impl Action {
    /// How many there are.
    pub const COUNT: usize = 5;

    /// Its place in arrays that hold one value an action.
    #[must_use]
    pub const fn index(self) -> usize {
        match self {
            Self::None => 0,
            Self::Otp => 1,
            Self::ItemCodes => 2,
            Self::LockerOnly => 3,
            Self::Review => 4,
        }
    }

    /// The name in policy files, as in `item_codes`.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Otp => "otp",
            Self::ItemCodes => "item_codes",
            Self::LockerOnly => "locker_only",
            Self::Review => "review",
        }
    }

    /// The action of this name in policy files, if there is one.
    #[must_use]
    pub fn from_key(key: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|action| action.key() == key)
    }

    /// Whether the customer has to do something for it: give codes, or walk to a locker.
    #[must_use]
    pub const fn asks_customer(self) -> bool {
        matches!(self, Self::Otp | Self::ItemCodes | Self::LockerOnly)
    }

    /// Whether a code is asked for at the door.
    #[must_use]
    pub const fn is_code(self) -> bool {
        matches!(self, Self::Otp | Self::ItemCodes)
    }
}

closed! {
    /// What packers, couriers or the notifier must do beside the action.
    Obligation {
        /// Pack in a numbered bag that shows tampering.
        TamperSeal = 1 "TAMPER_SEAL",
        /// Weigh at packing and at the door.
        WeightCheck = 2 "WEIGHT_CHECK",
        /// Let the customer look before the code is given.
        InspectBeforeCode = 3 "INSPECT_BEFORE_CODE",
        /// The courier learns of the code at the door, not before.
        LateReveal = 4 "LATE_REVEAL",
        /// Never leave with a neighbour who was not named.
        NoNeighbour = 5 "NO_NEIGHBOUR",
        /// Pack in a rigid, sealed box.
        RigidPackaging = 6 "RIGID_PACKAGING",
        /// Take a photo at the drop.
        Photo = 7 "PHOTO",
        /// Tell the contact from before the change.
        NotifyPriorContact = 8 "NOTIFY_PRIOR_CONTACT",
    }
}

closed! {
    /// Where a decision stands.
    DecisionState {
        /// In force.
        Open = 1 "OPEN",
        /// A later revision took its place.
        Superseded = 2 "SUPERSEDED",
        /// On its way.
        Dispatched = 3 "DISPATCHED",
        /// Handed over.
        Completed = 4 "COMPLETED",
        /// The order was cancelled.
        Cancelled = 5 "CANCELLED",
        /// Past its validity with nothing dispatched.
        Expired = 6 "EXPIRED",
    }
}

closed! {
    /// Who made a decision.
    Origin {
        /// The service, by its policy.
        Service = 1 "SERVICE",
        /// The customer, by choosing an alternative.
        Customer = 2 "CUSTOMER",
        /// A reviewer.
        Person = 3 "PERSON",
        /// The shop, before doorstep: a past order, with the verification that was in force.
        Imported = 4 "IMPORTED",
    }
}

closed! {
    /// What else would be accepted.
    AlternativeKind {
        /// A code at the door.
        Code = 1 "CODE",
        /// A locker.
        Locker = 2 "LOCKER",
        /// Showing an identity document.
        IdCheck = 3 "ID_CHECK",
        /// The customer's own parcel box, garage or concierge.
        SecuredDrop = 4 "SECURED_DROP",
        /// A person whom the customer names, with a code of their own.
        Delegate = 5 "DELEGATE",
        /// The code by telephone call.
        VoiceCode = 6 "VOICE_CODE",
        /// Another day.
        OtherDay = 7 "OTHER_DAY",
    }
}
