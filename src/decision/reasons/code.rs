//! The stable codes; what each means in words is `texts`, when it applies is the file above.

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
    ReviewBudget 55 "REVIEW_BUDGET" "A person should look, and all who do are busy today.",
    SpareBudget 56 "SPARE_BUDGET" "Nothing is spared by chance: what that may lose in a week is spent.",
    Imported 54 "IMPORTED" "The shop asked this before doorstep; the policy had no part in it.",
}
