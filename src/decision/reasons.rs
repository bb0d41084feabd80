//! Why: stable codes with the numbers behind them. Choosing which apply is here; wording them is `texts`.

use super::signal::Signal;
use crate::domain::hazard::Hazard;
use crate::domain::units::LogOddsMicro;

macro_rules! codes {
    ($($variant:ident $text:literal $doc:literal),+ $(,)?) => {
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

            /// The code of this text, but for rules.
            #[must_use]
            pub fn from_text(text: &str) -> Option<Self> {
                match text { $($text => Some(Self::$variant),)+ _ => None }
            }
        }
    };
}

codes! {
    OrderValue "ORDER_VALUE" "What is inside is dear.",
    UnusualSpend "UNUSUAL_SPEND" "Far above the customer's usual orders.",
    OrderVelocity "ORDER_VELOCITY" "Many orders in a short time.",
    SplitOrders "SPLIT_ORDERS" "Several orders that make one large one.",
    Probing "PROBING" "Many carts shown and not placed.",
    SeveralTechItems "SEVERAL_TECH_ITEMS" "Several tech items.",
    SmallHighValueItem "SMALL_HIGH_VALUE_ITEM" "A small, dear item.",
    WeakPackaging "WEAK_PACKAGING" "Packaging too weak for what is inside.",
    AddressChanged "ADDRESS_CHANGED" "The address changed lately.",
    NewAddress "NEW_ADDRESS" "Nothing was delivered there before.",
    ForwarderAddress "FORWARDER_ADDRESS" "A freight forwarder's address.",
    ExposedDrop "EXPOSED_DROP" "A parcel at the door is exposed.",
    EmailChanged "EMAIL_CHANGED" "The e-mail changed lately.",
    PhoneChanged "PHONE_CHANGED" "The phone number changed lately.",
    PasswordReset "PASSWORD_RESET" "The password was reset lately.",
    NewDevice "NEW_DEVICE" "Ordered from a new device.",
    NewAccount "NEW_ACCOUNT" "A young account.",
    BillingMismatch "BILLING_MISMATCH" "Billing and delivery address differ.",
    PaymentKind "PAYMENT_KIND" "The kind of payment.",
    ResaleValue "RESALE_VALUE" "Easily resold.",
    Season "SEASON" "The season.",
    PriorLossAddress "PRIOR_LOSS_ADDRESS" "Parcels were lost at this address.",
    PriorLossCustomer "PRIOR_LOSS_CUSTOMER" "The customer lost parcels before.",
    ClaimHistory "CLAIM_HISTORY" "The customer's claims.",
    LinkedAccounts "LINKED_ACCOUNTS" "Accounts that share a device or payment key.",
    RouteLosses "ROUTE_LOSSES" "Losses on the route.",
    DepotLosses "DEPOT_LOSSES" "Losses in the depot.",
    SubcontractedCarrier "SUBCONTRACTED_CARRIER" "A subcontractor drives.",
    FailedAttempts "FAILED_ATTEMPTS" "Attempts often fail here.",
    Suspicion "SUSPICION" "A concrete suspicion.",
    ModelRisk "MODEL_RISK" "The model's risk makes the action worth its price.",
    RandomCheck "RANDOM_CHECK" "A random check.",
    EarlierDraw "EARLIER_DRAW" "An earlier draw of the same slot.",
    ExperimentArm "EXPERIMENT_ARM" "An experiment's arm.",
    DoorConfirmation "DOOR_CONFIRMATION" "What customers see of chance and arms.",
    SeveralParcelsAtStop "SEVERAL_PARCELS_AT_STOP" "Several parcels are due at the stop.",
    ParcelsUnknown "PARCELS_UNKNOWN" "The number of parcels is unknown.",
    CodeToPriorContact "CODE_TO_PRIOR_CONTACT" "The code goes to a contact from before a change.",
    NoContact "NO_CONTACT" "No verified contact.",
    NoPriorContact "NO_PRIOR_CONTACT" "No verified contact from before a change.",
    NoCodePossible "NO_CODE_POSSIBLE" "No code is possible with this carrier or address.",
    CarrierNotReady "CARRIER_NOT_READY" "The carrier or depot is not ready for codes.",
    GiftWithoutContact "GIFT_WITHOUT_CONTACT" "A gift whose recipient has no contact.",
    LockerDoesNotFit "LOCKER_DOES_NOT_FIT" "No locker fits.",
    SizeUnknown "SIZE_UNKNOWN" "The size is unknown.",
    NoLockerInReach "NO_LOCKER_IN_REACH" "No locker in reach.",
    AlreadyCollected "ALREADY_COLLECTED" "The parcel is collected from a locker or shop anyway.",
    AccessExempt "ACCESS_EXEMPT" "The customer said that this is not possible for them.",
    SecuredDrop "SECURED_DROP" "The customer has a secured drop.",
    BurdenCap "BURDEN_CAP" "The customer was asked often enough.",
    Reviewed "REVIEWED" "A person decided.",
    ChosenByCustomer "CHOSEN_BY_CUSTOMER" "The customer chose.",
    SignalMissing "SIGNAL_MISSING" "A signal is missing, and that alone weighs.",
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
