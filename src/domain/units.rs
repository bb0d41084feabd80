//! Numbers that know what they measure: time, dates, money, log-odds, millionths.

use jiff::civil;
use jiff::tz::TimeZone;

/// A length of time in microseconds; may be negative.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span(i64);

impl Span {
    /// So many microseconds.
    #[must_use]
    pub const fn micros(micros: i64) -> Self {
        Self(micros)
    }

    /// So many seconds.
    #[must_use]
    pub const fn seconds(seconds: i64) -> Self {
        Self(seconds.saturating_mul(1_000_000))
    }

    /// So many minutes.
    #[must_use]
    pub const fn minutes(minutes: i64) -> Self {
        Self::seconds(minutes.saturating_mul(60))
    }

    /// So many hours.
    #[must_use]
    pub const fn hours(hours: i64) -> Self {
        Self::minutes(hours.saturating_mul(60))
    }

    /// So many days of 24 hours.
    #[must_use]
    pub const fn days(days: i64) -> Self {
        Self::hours(days.saturating_mul(24))
    }

    /// The length in microseconds.
    #[must_use]
    pub const fn as_micros(self) -> i64 {
        self.0
    }

    /// The length in days, with fractions.
    #[must_use]
    pub fn as_days(self) -> f64 {
        to_f64(self.0) / 86_400e6
    }

    /// The length in hours, with fractions.
    #[must_use]
    pub fn as_hours(self) -> f64 {
        to_f64(self.0) / 3_600e6
    }
}

/// A moment: microseconds since 1970-01-01T00:00:00Z.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(i64);

impl Timestamp {
    /// The moment so many microseconds after the epoch.
    #[must_use]
    pub const fn from_micros(micros: i64) -> Self {
        Self(micros)
    }

    /// Microseconds since the epoch.
    #[must_use]
    pub const fn as_micros(self) -> i64 {
        self.0
    }

    /// The moment `span` later.
    #[must_use]
    pub const fn plus(self, span: Span) -> Self {
        Self(self.0.saturating_add(span.0))
    }

    /// The moment `span` earlier.
    #[must_use]
    pub const fn minus(self, span: Span) -> Self {
        Self(self.0.saturating_sub(span.0))
    }

    /// How long after `earlier` this is.
    #[must_use]
    pub const fn since(self, earlier: Self) -> Span {
        Span(self.0.saturating_sub(earlier.0))
    }

    /// The date and hour of day that a clock shows in `zone`.
    #[must_use]
    pub fn in_zone(self, zone: &Zone) -> (Date, u8) {
        let moment =
            jiff::Timestamp::from_microsecond(self.0).unwrap_or(jiff::Timestamp::UNIX_EPOCH);
        let time = zone.0.to_datetime(moment);
        (
            Date::from_civil(time.date()),
            u8::try_from(time.hour()).unwrap_or(0),
        )
    }
}

/// RFC 3339 in UTC, as in `2026-06-10T12:00:00Z`.
impl std::fmt::Display for Timestamp {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match jiff::Timestamp::from_microsecond(self.0) {
            Ok(time) => write!(f, "{time}"),
            Err(_) => write!(f, "{} microseconds", self.0),
        }
    }
}

/// A time zone of the IANA database that is bundled with the program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Zone(TimeZone);

impl Zone {
    /// Coordinated universal time.
    pub const UTC: Self = Self(TimeZone::UTC);

    /// The moment at which clocks of the zone show `text`: a day with a time, as in `2026-03-01 14:05` or
    /// `2026-03-01T14:05:30.5`. Where clocks show it twice, the first time; where never, as if they had not been set
    /// forward.
    #[must_use]
    pub fn moment(&self, text: &str) -> Option<Timestamp> {
        let shown: civil::DateTime = text.parse().ok()?;
        let moment = self.0.to_timestamp(shown).ok()?;
        Some(Timestamp::from_micros(moment.as_microsecond()))
    }

    /// The zone of this IANA name, if there is one.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        TimeZone::get(name).ok().map(Self)
    }

    /// The last moment of `date` in this zone: the first of the next day.
    #[must_use]
    pub fn end_of(&self, date: Date) -> Timestamp {
        let next = date.plus_days(1).civil();
        self.0.to_timestamp(next.at(0, 0, 0, 0)).map_or_else(
            |_| Timestamp(i64::from(date.0.saturating_add(1)).saturating_mul(86_400_000_000)),
            |moment| Timestamp(moment.as_microsecond()),
        )
    }
}

/// A calendar date: days since 1970-01-01.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Date(i32);

impl Date {
    /// The date so many days after 1970-01-01.
    #[must_use]
    pub const fn from_days(days: i32) -> Self {
        Self(days)
    }

    /// Days since 1970-01-01.
    #[must_use]
    pub const fn as_days(self) -> i32 {
        self.0
    }

    /// Reads `YYYY-MM-DD`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let strict = text.len() == 10 && text.as_bytes().get(4) == Some(&b'-');
        strict
            .then(|| text.parse::<civil::Date>().ok())
            .flatten()
            .map(Self::from_civil)
    }

    /// The date so many days later (negative: earlier).
    #[must_use]
    pub const fn plus_days(self, days: i32) -> Self {
        Self(self.0.saturating_add(days))
    }

    /// The month, 1 to 12.
    #[must_use]
    pub fn month(self) -> u8 {
        u8::try_from(self.civil().month()).unwrap_or(1)
    }

    /// The day of the week, 1 (Monday) to 7.
    #[must_use]
    pub fn weekday(self) -> u8 {
        u8::try_from(self.civil().weekday().to_monday_one_offset()).unwrap_or(1)
    }

    /// The day of the month, 1 to 31.
    #[must_use]
    pub fn day(self) -> u8 {
        u8::try_from(self.civil().day()).unwrap_or(1)
    }

    fn from_civil(date: civil::Date) -> Self {
        let epoch = civil::date(1970, 1, 1);
        let days = date.since(epoch).map_or(0, |span| span.get_days());
        Self(days)
    }

    fn civil(self) -> civil::Date {
        use jiff::ToSpan as _;
        civil::date(1970, 1, 1)
            .checked_add(self.0.days())
            .unwrap_or(civil::Date::MAX)
    }
}

/// `YYYY-MM-DD`.
impl std::fmt::Display for Date {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", self.civil())
    }
}

/// A currency: three capital letters of ISO 4217.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Currency([u8; 3]);

impl Currency {
    /// Reads three capital letters.
    #[must_use]
    pub fn parse(code: &str) -> Option<Self> {
        let bytes: [u8; 3] = code.as_bytes().try_into().ok()?;
        bytes
            .iter()
            .all(u8::is_ascii_uppercase)
            .then_some(Self(bytes))
    }

    /// The three letters.
    #[must_use]
    pub fn code(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or("???")
    }
}

impl std::fmt::Display for Currency {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.code())
    }
}

impl std::fmt::Debug for Currency {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.code())
    }
}

/// Log-odds in millionths of a natural logarithm: whole, so that sums are exact.
pub type LogOddsMicro = i64;

/// One million: the whole of a probability in millionths.
pub const MILLION: u32 = 1_000_000;

/// A share in millionths, rounded; at most the whole, and 0 for what is no number.
#[must_use]
#[expect(
    clippy::as_conversions,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "within 0 to 1,000,000; no lossless conversion exists"
)]
pub fn millionths(share: f64) -> u32 {
    (share.clamp(0.0, 1.0) * 1e6).round() as u32
}

/// An amount in millionths, rounded; at most what fits, and 0 for what is no number.
#[must_use]
#[expect(
    clippy::as_conversions,
    clippy::cast_possible_truncation,
    reason = "a float becomes the nearest whole number that fits; no lossless conversion exists"
)]
pub fn micros_of(amount: f64) -> i64 {
    (amount * 1e6).round() as i64
}

/// The probability of these log-odds: `1 / (1 + exp(-x))`, the same bits on every machine.
#[must_use]
pub fn probability(log_odds: LogOddsMicro) -> f64 {
    1.0 / (1.0 + libm::exp(-to_f64(log_odds) / 1e6))
}

/// A whole number as a float; exact up to 2^53, which money, counts and times here never pass.
#[must_use]
#[expect(
    clippy::as_conversions,
    clippy::cast_precision_loss,
    reason = "exact for all values in use; no lossless conversion exists"
)]
pub const fn to_f64(value: i64) -> f64 {
    value as f64
}

/// A count as a float; exact up to 2^53.
#[must_use]
#[expect(
    clippy::as_conversions,
    clippy::cast_precision_loss,
    reason = "exact for all counts in use; no lossless conversion exists"
)]
pub const fn count_to_f64(count: u64) -> f64 {
    count as f64
}

/// The nearest whole number; what is none, or too large to be one, becomes the nearest that there is.
#[must_use]
#[expect(
    clippy::as_conversions,
    clippy::cast_possible_truncation,
    reason = "a cast from a float keeps to the bounds; no lossless conversion exists"
)]
pub const fn rounded(value: f64) -> i64 {
    value.round() as i64
}

/// A SHA-256 over something: names it by its content.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Digest(pub [u8; 32]);

impl Digest {
    /// The digest of these bytes.
    #[must_use]
    pub fn of(bytes: &[u8]) -> Self {
        use sha2::Digest as _;
        Self(sha2::Sha256::digest(bytes).into())
    }

    /// Reads 64 hexadecimal digits.
    #[must_use]
    pub fn parse(hex: &str) -> Option<Self> {
        let mut bytes = [0; 32];
        if hex.len() != 64 || !hex.bytes().all(|digit| digit.is_ascii_hexdigit()) {
            return None;
        }
        for (place, byte) in bytes.iter_mut().enumerate() {
            *byte = u8::from_str_radix(hex.get(place * 2..place * 2 + 2)?, 16).ok()?;
        }
        Some(Self(bytes))
    }
}

/// 64 hexadecimal digits.
impl std::fmt::Display for Digest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl std::fmt::Debug for Digest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{self}")
    }
}
