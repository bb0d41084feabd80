//! The small parts that stored messages share: names that stand once, members of closed sets, floats that keep all bits.

use std::collections::BTreeMap;

use bytes::Bytes;
use prost::Message;

use super::stored;
use crate::domain::closed::Member;
use crate::domain::ids;
use crate::domain::order::LinkKey;
use crate::domain::units::Currency;

/// A stored message says something that no record can hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::store) struct Broken;

impl From<prost::DecodeError> for Broken {
    fn from(_: prost::DecodeError) -> Self {
        Self
    }
}

impl From<std::num::TryFromIntError> for Broken {
    fn from(_: std::num::TryFromIntError) -> Self {
        Self
    }
}

/// The layout that this release writes; it reads no other.
pub(super) const FORMAT: u32 = 1;

/// Refuses a layout that this release does not know.
pub(super) const fn known(format: u32) -> Result<(), Broken> {
    if format == FORMAT {
        Ok(())
    } else {
        Err(Broken)
    }
}

/// Bytes that names can be read from without a copy of each.
pub(super) fn text(bytes: &[u8]) -> Bytes {
    Bytes::copy_from_slice(bytes)
}

/// A message with names, as read.
pub(super) fn message<M: Message + Default>(bytes: &[u8]) -> Result<M, Broken> {
    Ok(M::decode(text(bytes))?)
}

/// Something with a text that is stored as a name.
pub(super) trait Name: Sized {
    fn text(&self) -> &str;
    fn read(text: &str) -> Option<Self>;
}

macro_rules! names {
    ($($id:ident)+) => { $(
        impl Name for ids::$id {
            fn text(&self) -> &str {
                self.as_str()
            }

            fn read(text: &str) -> Option<Self> {
                Self::try_new(text).ok()
            }
        }
    )+ };
}

names! {
    OrderId CustomerId AddressKey ContactId ItemId MerchantKey Sku ParcelId EventId ClaimId SuspicionId CarrierId DepotId
    RouteId CourierId LockerId SharedKey KeyId DecisionId
}

impl Name for Currency {
    fn text(&self) -> &str {
        self.code()
    }

    fn read(text: &str) -> Option<Self> {
        Self::parse(text)
    }
}

impl Name for String {
    fn text(&self) -> &str {
        self
    }

    fn read(text: &str) -> Option<Self> {
        Some(text.to_owned())
    }
}

/// Names in the making: each stands once, references count from 1.
#[derive(Default)]
pub(super) struct Writer<'a> {
    places: BTreeMap<&'a str, u32>,
    names: Vec<Bytes>,
}

impl<'a> Writer<'a> {
    /// The reference to a name.
    pub(super) fn put(&mut self, name: &'a impl Name) -> u32 {
        let text = name.text();
        *self.places.entry(text).or_insert_with(|| {
            self.names.push(self::text(text.as_bytes()));
            u32::try_from(self.names.len()).unwrap_or(u32::MAX)
        })
    }

    /// The reference to a currency.
    pub(super) fn put_currency(&mut self, currency: Currency) -> u32 {
        let code = currency.code();
        let place = self.names.iter().position(|name| name == code);
        let place = place.unwrap_or_else(|| {
            self.names.push(text(code.as_bytes()));
            self.names.len() - 1
        });
        u32::try_from(place).unwrap_or(u32::MAX).saturating_add(1)
    }

    /// The reference to a name that may be absent.
    pub(super) fn some(&mut self, name: Option<&'a impl Name>) -> u32 {
        name.map_or(0, |name| self.put(name))
    }

    /// References to keys, with their kinds.
    pub(super) fn links(
        &mut self,
        keys: impl IntoIterator<Item = &'a LinkKey>,
    ) -> (Vec<u32>, Vec<u32>) {
        let link = |key: &'a LinkKey| match key {
            LinkKey::Device(key) => (self.put(key), 0),
            LinkKey::Payment(key) => (self.put(key), 1),
        };
        keys.into_iter().map(link).unzip()
    }

    /// All names, in the order of their references.
    pub(super) fn finish(self) -> Vec<Bytes> {
        self.names
    }
}

/// Names as read.
pub(super) struct Reader<'a>(pub(super) &'a [Bytes]);

impl Reader<'_> {
    /// The name behind a reference.
    pub(super) fn get<T: Name>(&self, place: u32) -> Result<T, Broken> {
        self.some(place)?.ok_or(Broken)
    }

    /// The name behind a reference that may be 0.
    pub(super) fn some<T: Name>(&self, place: u32) -> Result<Option<T>, Broken> {
        let Some(place) = place.checked_sub(1) else {
            return Ok(None);
        };
        let name = self.0.get(usize::try_from(place)?).ok_or(Broken)?;
        let text = std::str::from_utf8(name).or(Err(Broken))?;
        T::read(text).ok_or(Broken).map(Some)
    }

    /// The names behind references.
    pub(super) fn all<T: Name, C: FromIterator<T>>(&self, places: &[u32]) -> Result<C, Broken> {
        places.iter().map(|place| self.get(*place)).collect()
    }

    /// Keys with their kinds.
    pub(super) fn links<C: FromIterator<LinkKey>>(
        &self,
        places: &[u32],
        kinds: &[u32],
    ) -> Result<C, Broken> {
        same_length(places.len(), kinds.len())?;
        let link = |(place, kind): (&u32, &u32)| match kind {
            0 => Ok(LinkKey::Device(self.get(*place)?)),
            1 => Ok(LinkKey::Payment(self.get(*place)?)),
            _ => Err(Broken),
        };
        places.iter().zip(kinds).map(link).collect()
    }

    /// An amount with its currency; neither or both.
    pub(super) fn money(
        &self,
        currency: u32,
        minor: i64,
    ) -> Result<Option<(Currency, i64)>, Broken> {
        let currency = self.some(currency)?;
        Ok(currency.map(|it| (it, minor)))
    }
}

/// Reads every part, into just enough room.
pub(super) fn each<A, B>(
    parts: impl IntoIterator<Item = A, IntoIter: ExactSizeIterator>,
    mut read: impl FnMut(A) -> Result<B, Broken>,
) -> Result<Vec<B>, Broken> {
    let parts = parts.into_iter();
    let mut all = Vec::with_capacity(parts.len());
    for part in parts {
        all.push(read(part)?);
    }
    Ok(all)
}

/// Refuses lists that must be read side by side and are not of one length.
pub(super) const fn same_length(a: usize, b: usize) -> Result<(), Broken> {
    if a == b { Ok(()) } else { Err(Broken) }
}

/// A member's number, as stored in fields where 0 is none.
pub(super) fn code<T: Member>(member: Option<T>) -> u32 {
    member.map_or(0, |it| number(it).saturating_add(1))
}

/// The member of a number in a field where 0 is none.
pub(super) fn member<T: Member>(code: u32) -> Result<Option<T>, Broken> {
    code.checked_sub(1).map(of_number).transpose()
}

/// A member's own number.
pub(super) fn number<T: Member>(member: T) -> u32 {
    u32::try_from(member.number()).unwrap_or(0)
}

/// The member of its own number.
pub(super) fn of_number<T: Member>(number: u32) -> Result<T, Broken> {
    T::from_number(i32::try_from(number)?).ok_or(Broken)
}

/// Floats in the making.
#[derive(Default)]
pub(super) struct Floats {
    count: usize,
    reals: stored::Reals,
}

impl Floats {
    /// Adds one.
    pub(super) fn put(&mut self, value: f64) {
        let kind = if value.to_bits() == 0 {
            0
        } else if let Some(whole) = whole(value) {
            self.reals.wholes.push(whole);
            1
        } else if let Some(hundredths) = hundredths(value) {
            self.reals.hundredths.push(hundredths);
            2
        } else {
            self.reals.doubles.push(value.to_bits());
            3
        };
        if self.count.is_multiple_of(4) {
            self.reals.kinds.push(0);
        }
        if let Some(last) = self.reals.kinds.last_mut() {
            *last |= kind << (2 * (self.count % 4));
        }
        self.count += 1;
    }

    /// All of them.
    pub(super) fn finish(self) -> stored::Reals {
        self.reals
    }
}

/// A value as a whole number below 2^32, if it is one, and not minus zero.
fn whole(value: f64) -> Option<u32> {
    if !(1.0..=4_294_967_295.0).contains(&value) || has_fraction(value) {
        return None;
    }
    // The bits of a whole number from 1 to 2^32: mantissa with its leading one, shifted by the exponent.
    let bits = value.to_bits();
    let exponent = (bits >> 52) & 0x7ff;
    let mantissa = (bits & 0x000f_ffff_ffff_ffff) | 0x0010_0000_0000_0000;
    u32::try_from(mantissa >> (1075 - exponent)).ok()
}

/// Whether a value from 1 to 2^32 has a fraction.
fn has_fraction(value: f64) -> bool {
    value.fract().to_bits() != 0
}

/// How many hundredths make the value exactly, if a whole number of them does.
fn hundredths(value: f64) -> Option<u32> {
    let near = whole((value * 100.0).round())?;
    (hundredth(near).to_bits() == value.to_bits()).then_some(near)
}

/// The value of so many hundredths; the one division that both writing and reading rest on.
fn hundredth(count: u32) -> f64 {
    f64::from(count) / 100.0
}

/// How a value is written as a multiple of another: thousandths, and a few places in the order of floats beside them.
pub(super) fn factor(value: f64, of: f64) -> Option<u32> {
    let thousandths = whole((value / of * 1000.0).round()).filter(|it| *it < 1 << 20)?;
    let beside = value
        .to_bits()
        .wrapping_sub(multiple(thousandths, of).to_bits());
    let beside = u32::try_from(beside.wrapping_add(8))
        .ok()
        .filter(|it| *it < 16)?;
    Some(thousandths * 16 + beside)
}

/// The value of a factor.
pub(super) fn product(factor: u32, of: f64) -> f64 {
    let beside = u64::from(factor % 16).wrapping_sub(8);
    f64::from_bits(multiple(factor / 16, of).to_bits().wrapping_add(beside))
}

fn multiple(thousandths: u32, of: f64) -> f64 {
    of * (f64::from(thousandths) / 1000.0)
}

/// Floats as read, one after the other.
pub(super) struct FloatReader<'a> {
    reals: &'a stored::Reals,
    count: usize,
    wholes: usize,
    hundredths: usize,
    doubles: usize,
}

impl<'a> FloatReader<'a> {
    pub(super) const fn new(reals: &'a stored::Reals) -> Self {
        Self {
            reals,
            count: 0,
            wholes: 0,
            hundredths: 0,
            doubles: 0,
        }
    }

    /// The next one.
    pub(super) fn next(&mut self) -> Result<f64, Broken> {
        let byte = self.reals.kinds.get(self.count / 4).ok_or(Broken)?;
        let kind = (byte >> (2 * (self.count % 4))) & 3;
        self.count += 1;
        Ok(match kind {
            0 => 0.0,
            1 => f64::from(take(&self.reals.wholes, &mut self.wholes)?),
            2 => hundredth(take(&self.reals.hundredths, &mut self.hundredths)?),
            _ => f64::from_bits(take(&self.reals.doubles, &mut self.doubles)?),
        })
    }

    /// The next so many.
    pub(super) fn some(&mut self, count: usize) -> Result<Vec<f64>, Broken> {
        each(0..count, |_| self.next())
    }
}

fn take<T: Copy>(list: &[T], place: &mut usize) -> Result<T, Broken> {
    let value = list.get(*place).ok_or(Broken)?;
    *place += 1;
    Ok(*value)
}

/// The salted commitment and the digests are made of length-prefixed parts, so that none can borrow from its neighbour.
pub(super) fn digest(parts: &[&[u8]]) -> crate::domain::units::Digest {
    use sha2::Digest as _;
    let mut hash = sha2::Sha256::new();
    for part in parts {
        let length = u64::try_from(part.len()).unwrap_or(u64::MAX);
        hash.update(length.to_be_bytes());
        hash.update(part);
    }
    crate::domain::units::Digest(hash.finalize().into())
}

/// A count of whatever may be read into memory; more is broken.
pub(super) fn count(value: u32) -> Result<usize, Broken> {
    let count = usize::try_from(value)?;
    if count <= 1 << 20 {
        Ok(count)
    } else {
        Err(Broken)
    }
}
