//! The only reader of the wall clock, and the only source of unpredictable bytes.

use crate::domain::units::Timestamp;

/// What the clock on the wall shows.
pub(crate) fn wall() -> Timestamp {
    #[expect(
        clippy::disallowed_types,
        reason = "this is the one reader of the clock"
    )]
    let now = std::time::SystemTime::now();
    moment(now)
}

/// A time of the system, as we count time.
#[expect(clippy::disallowed_types, reason = "the system tells its times so")]
pub(crate) fn moment(time: std::time::SystemTime) -> Timestamp {
    let since = time.duration_since(std::time::SystemTime::UNIX_EPOCH);
    let micros = i64::try_from(since.unwrap_or_default().as_micros());
    Timestamp::from_micros(micros.unwrap_or(i64::MAX))
}

/// Fills `bytes` so that nobody outside can predict them: salts and ids.
pub(crate) fn entropy(bytes: &mut [u8]) {
    if let Err(error) = getrandom::fill(bytes) {
        // Predictable salts would be worse than no service.
        tracing::error!(%error, "the system gives no random bytes");
        std::process::abort();
    }
}

/// Reads a time in RFC 3339.
pub(crate) fn parse(text: &str) -> Option<Timestamp> {
    let read: prost_types::Timestamp = text.parse().ok()?;
    let micros = read.seconds.checked_mul(1_000_000)?;
    Some(Timestamp::from_micros(
        micros.checked_add(i64::from(read.nanos) / 1_000)?,
    ))
}
