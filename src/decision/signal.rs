//! Every fact about a situation that a model may weigh, a rule may name and a reason may cite: one line a signal.
//!
//! Measuring lives in `signals`; this is the list itself, with name, unit, meaning and reason.

use super::reasons::Code;

/// What a signal's number means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// Major units of the base currency.
    Money,
    /// Base currency for each litre.
    MoneyPerLitre,
    /// Base currency for each kilogram.
    MoneyPerKg,
    /// A count.
    Count,
    /// Days.
    Days,
    /// Hours.
    Hours,
    /// Kilograms.
    Kg,
    /// One number by another.
    Ratio,
    /// 0 to 1.
    Share,
    /// 1 or 0.
    YesNo,
    /// The number of an enum of the contract.
    Category,
    /// 1 to 12.
    Month,
    /// 0 to 23, or 1 to 7.
    Clock,
}

impl Unit {
    /// The unit as it stands in answers and documents.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Money => "base currency",
            Self::MoneyPerLitre => "base currency/l",
            Self::MoneyPerKg => "base currency/kg",
            Self::Count => "count",
            Self::Days => "days",
            Self::Hours => "hours",
            Self::Kg => "kg",
            Self::Ratio => "ratio",
            Self::Share => "share",
            Self::YesNo => "yes/no",
            Self::Category => "category",
            Self::Month => "month",
            Self::Clock => "clock",
        }
    }
}

macro_rules! signals {
    ($($variant:ident $number:literal $name:literal $unit:ident $code:ident $meaning:literal),+ $(,)?) => {
        /// A fact about a situation, always a number or missing.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Signal { $(#[doc = $meaning] $variant),+ }

        impl Signal {
            /// Every signal, in a fixed order.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// Its stable name in models, rules, records and answers.
            #[must_use]
            pub const fn name(self) -> &'static str { match self { $(Self::$variant => $name),+ } }

            /// Its stable number in records: from 1, never used again for another signal.
            #[must_use]
            pub const fn number(self) -> u32 { match self { $(Self::$variant => $number),+ } }

            /// The signal of this number, if there is one.
            #[must_use]
            pub const fn from_number(number: u32) -> Option<Self> {
                match number { $($number => Some(Self::$variant),)+ _ => None }
            }

            /// What its number means.
            #[must_use]
            pub const fn unit(self) -> Unit { match self { $(Self::$variant => Unit::$unit),+ } }

            /// One sentence for people.
            #[must_use]
            pub const fn meaning(self) -> &'static str { match self { $(Self::$variant => $meaning),+ } }

            /// The reason that it can give.
            #[must_use]
            pub const fn code(self) -> Code { match self { $(Self::$variant => Code::$code),+ } }
        }
    };
}

signals! {
    OrderValue 1 "order_value" Money OrderValue "Amount paid for the whole order.",
    DearestItemValue 2 "dearest_item_value" Money OrderValue "Price of one unit of the dearest item.",
    SpendVsUsual 3 "spend_vs_usual" Ratio UnusualSpend "Order value by the 95th percentile of the customer's own orders in 400 days; missing under three orders.",
    SpendVsMedian 4 "spend_vs_median" Ratio UnusualSpend "Order value by the median of the customer's own orders in 400 days; missing under three orders.",
    CustomerValue24h 5 "customer_value_24h" Money SplitOrders "Value of the customer's orders in 24 hours, this one included.",
    CustomerValue72h 6 "customer_value_72h" Money SplitOrders "Value of the customer's orders in 72 hours, this one included.",
    CustomerValue7d 7 "customer_value_7d" Money SplitOrders "Value of the customer's orders in 7 days, this one included.",
    AddressValue24h 8 "address_value_24h" Money SplitOrders "Value of the address's orders in 24 hours, this one included.",
    AddressValue72h 9 "address_value_72h" Money SplitOrders "Value of the address's orders in 72 hours, this one included.",
    AddressValue7d 10 "address_value_7d" Money SplitOrders "Value of the address's orders in 7 days, this one included.",
    DeviceValue24h 11 "device_value_24h" Money SplitOrders "Value of the device's orders in 24 hours, this one included.",
    DeviceValue72h 12 "device_value_72h" Money SplitOrders "Value of the device's orders in 72 hours, this one included.",
    DeviceValue7d 13 "device_value_7d" Money SplitOrders "Value of the device's orders in 7 days, this one included.",
    PaymentValue24h 14 "payment_value_24h" Money SplitOrders "Value of the payment key's orders in 24 hours, this one included.",
    PaymentValue72h 15 "payment_value_72h" Money SplitOrders "Value of the payment key's orders in 72 hours, this one included.",
    PaymentValue7d 16 "payment_value_7d" Money SplitOrders "Value of the payment key's orders in 7 days, this one included.",
    SplitRatio7d 17 "split_ratio_7d" Ratio SplitOrders "The largest of the four 7-day values by the value of this order; 1 where nothing else was ordered.",
    Orders24h 18 "orders_24h" Count OrderVelocity "Orders of the customer in 24 hours, this one not counted, placed only.",
    Orders7d 19 "orders_7d" Count OrderVelocity "Orders of the customer in 7 days, this one not counted, placed only.",
    AddressOrders24h 20 "address_orders_24h" Count OrderVelocity "Orders to the address in 24 hours, this one not counted.",
    DeviceOrders24h 21 "device_orders_24h" Count OrderVelocity "Orders from the device in 24 hours, this one not counted.",
    PaymentOrders24h 22 "payment_orders_24h" Count OrderVelocity "Orders with the payment key in 24 hours, this one not counted.",
    Probes24h 23 "probes_24h" Count Probing "Carts that the customer was shown a requirement for in 24 hours, this order's own not counted.",
    DeviceProbes24h 24 "device_probes_24h" Count Probing "Carts from the device in 24 hours, this order's own not counted.",
    TechItems 25 "tech_items" Count SeveralTechItems "Units of phone, laptop, tablet, console, camera and watch in the order.",
    SameItemUnits 26 "same_item_units" Count SeveralTechItems "The most units of one line.",
    ItemUnits 27 "item_units" Count SeveralTechItems "Units in the order.",
    Resale 28 "resale" Share ResaleValue "How easily the dearest item is resold, by category, from the catalogue.",
    Category 29 "category" Category ResaleValue "Category of the dearest item.",
    Serialised 30 "serialised" YesNo ResaleValue "Whether the dearest item has a serial number, which hinders resale.",
    ValueDensity 31 "value_density" MoneyPerLitre SmallHighValueItem "The largest price by litre of one unit.",
    ValueDensityKg 32 "value_density_kg" MoneyPerKg SmallHighValueItem "The largest price by kilogram of one unit.",
    WeakPackaging 33 "weak_packaging" YesNo WeakPackaging "Whether an item of 100 EUR or more travels in an envelope.",
    HeaviestItemKg 34 "heaviest_item_kg" Kg SmallHighValueItem "Weight of one unit of the heaviest item.",
    ParcelsAtStop 35 "parcels_at_stop" Count SeveralParcelsAtStop "Parcels known to be due at the stop, other orders' included; missing where this order's number is unknown and no other order is due.",
    AddressChangeDays 36 "address_change_days" Days AddressChanged "Days since the customer's latest new or changed address, order and history together; missing without a change.",
    AddressNew 37 "address_new" YesNo NewAddress "Whether the customer never had an order delivered to this address before; missing without history.",
    Dwelling 38 "dwelling" Category ExposedDrop "Type of the address.",
    VisibleFromStreet 39 "visible_from_street" YesNo ExposedDrop "Whether a parcel at the door is seen from the street.",
    EmailChangeDays 40 "email_change_days" Days EmailChanged "Days since the customer's latest new or changed e-mail; missing without a change.",
    PhoneChangeDays 41 "phone_change_days" Days PhoneChanged "Days since the customer's latest new or changed phone number; missing without a change.",
    ContactChangeDays 42 "contact_change_days" Days EmailChanged "The smaller of e-mail and phone change days; missing without either.",
    PasswordResetHours 43 "password_reset_hours" Hours PasswordReset "Hours since the latest password reset, order and history together; missing without one.",
    NewDevice 44 "new_device" YesNo NewDevice "Whether the order came from a device never seen on the account.",
    AccountAgeDays 45 "account_age_days" Days NewAccount "Days since the account began; missing where unknown.",
    BillingMismatch 46 "billing_mismatch" YesNo BillingMismatch "Whether billing and delivery address differ.",
    StoredPayment 47 "stored_payment" YesNo PaymentKind "Whether a stored means of payment was used.",
    PaymentKind 48 "payment_kind" Category PaymentKind "How the order is paid.",
    AddressPorchLosses180d 49 "address_porch_losses_180d" Count PriorLossAddress "Claims at the address settled as porch theft, by when they occurred, 180 days.",
    AddressCourierLosses180d 50 "address_courier_losses_180d" Count PriorLossAddress "Claims at the address settled as the courier's fault, by when they occurred, 180 days.",
    CustomerLosses180d 51 "customer_losses_180d" Count PriorLossCustomer "The customer's claims settled as somebody else's fault, 180 days: a victim, not a claimant.",
    CustomerFalseClaims365d 52 "customer_false_claims_365d" Count ClaimHistory "The customer's claims settled as the customer's fault, 365 days.",
    CustomerClaimRate 53 "customer_claim_rate" Share ClaimHistory "Claims by orders of the customer in 365 days, shrunk to 2 % with a weight of 20 orders (assumed).",
    LinkedFalseClaims365d 54 "linked_false_claims_365d" Count LinkedAccounts "False claims of other customers who share a device or payment key, 365 days.",
    LinkedCustomers 55 "linked_customers" Count LinkedAccounts "Other customers who share a device or payment key.",
    RouteLossRatio 56 "route_loss_ratio" Ratio RouteLosses "Courier and depot losses per parcel of the route in 180 days, shrunk to the platform's rate with a weight of 300 parcels, by the platform's rate; missing under 100 parcels on the platform.",
    DepotLossRatio 57 "depot_loss_ratio" Ratio DepotLosses "The same of the depot, shrunk with a weight of 1,000 parcels (assumed).",
    Subcontracted 58 "subcontracted" YesNo SubcontractedCarrier "Whether a subcontractor drives the last mile.",
    AttendedFailureRate 59 "attended_failure_rate" Share FailedAttempts "Share of the customer's attended attempts in 400 days that failed, shrunk to 6 % with a weight of 3 attempts; prices the attempts term.",
    SuspicionLevel 60 "suspicion_level" Count Suspicion "The highest active suspicion on customer, address, route or depot.",
    Season 61 "season" Month Season "Month of the delivery's date, else of the order.",
    Weekday 62 "weekday" Clock Season "Day of the week of the delivery, 1 = Monday.",
    OrderHour 63 "order_hour" Clock Season "Hour of day at which the order was placed, in the delivery's zone.",
}

impl Signal {
    /// How many there are.
    pub const COUNT: usize = Self::ALL.len();

    /// Its place in [`Signal::ALL`].
    #[must_use]
    #[expect(
        clippy::as_conversions,
        reason = "a fieldless enum's own number; no other way in const"
    )]
    pub const fn index(self) -> usize {
        self as usize
    }

    /// The signal of this name, if there is one.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL
            .iter()
            .copied()
            .find(|signal| signal.name() == name)
    }
}

/// A value for each signal, or nothing where it is missing.
#[derive(Clone, Debug, PartialEq)]
pub struct Signals([Option<f64>; Signal::COUNT]);

impl Default for Signals {
    fn default() -> Self {
        Self([None; Signal::COUNT])
    }
}

impl Signals {
    /// The value, if it is not missing.
    #[must_use]
    pub fn get(&self, signal: Signal) -> Option<f64> {
        self.0.get(signal.index()).copied().flatten()
    }

    /// Sets or removes a value; one that is not finite is missing.
    pub fn set(&mut self, signal: Signal, value: Option<f64>) {
        if let Some(place) = self.0.get_mut(signal.index()) {
            *place = value.filter(|it| it.is_finite());
        }
    }
}
