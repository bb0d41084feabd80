//! The plain form of proto3 JSON, read without a detour into what programs hold: a history has millions of lines.
//!
//! Plain is what programs write: names as in the contract, members of enums by name, numbers of 64 bits as text, times
//! in UTC, texts without escapes, nothing twice. Anything else is no fault here: it is left to the full reading, which
//! knows every form and what is wrong with it.

use std::ops::Range;
use std::sync::LazyLock;

use prost_reflect::{FieldDescriptor, Kind, MessageDescriptor};

use super::{Named, descriptor_of};

#[cfg(test)]
mod tests;

/// Messages that are read plainly, and all that stand in them.
const ROOTS: [&str; 2] = ["Order", "Event"];
/// Fields of a message are told apart by a bit each.
const FIELDS_MAX: usize = 64;

static SHAPES: LazyLock<Shapes> = LazyLock::new(Shapes::new);

/// Reads a message in plain form; none where the document is anything else.
pub(super) fn parse<T: Named>(document: &[u8]) -> Option<T> {
    let text = std::str::from_utf8(document).ok()?;
    let root = ROOTS.iter().position(|it| *it == T::NAME)?;
    let root = *SHAPES.roots.get(root)?;
    let mut reader = Reader { text, at: 0 };
    let mut wire = Vec::with_capacity(text.len());
    reader.space();
    reader.message(&SHAPES.all, root, &mut wire)?;
    reader.space();
    if reader.at < text.len() {
        return None;
    }
    T::decode(wire.as_slice()).ok()
}

/// What messages look like.
#[derive(Debug, Default)]
struct Shapes {
    all: Vec<Shape>,
    names: Vec<String>,
    roots: Vec<usize>,
}

/// The fields of one message that have a plain form, in the order of the contract.
#[derive(Debug, Default)]
struct Shape(Vec<Field>);

#[derive(Debug)]
struct Field {
    name: String,
    number: u32,
    form: Form,
    is_list: bool,
    /// Of those, one field is given at most.
    one_of: Option<u32>,
}

#[derive(Debug)]
enum Form {
    Text,
    Flag,
    /// 32 bits, without a sign.
    Small,
    /// 64 bits.
    Large,
    Member(Vec<(String, i32)>),
    Time,
    Message(usize),
}

impl Shapes {
    fn new() -> Self {
        let mut shapes = Self::default();
        for root in ROOTS {
            if let Ok(message) = descriptor_of(root) {
                let root = shapes.of(&message);
                shapes.roots.push(root);
            }
        }
        shapes
    }

    fn of(&mut self, message: &MessageDescriptor) -> usize {
        let known = self.names.iter().position(|it| it == message.full_name());
        known.unwrap_or_else(|| {
            let place = self.all.len();
            self.names.push(message.full_name().to_owned());
            self.all.push(Shape::default());
            let fields = message.fields().take(FIELDS_MAX);
            let fields = fields.filter_map(|it| self.field(message, &it)).collect();
            if let Some(shape) = self.all.get_mut(place) {
                *shape = Shape(fields);
            }
            place
        })
    }

    #[expect(
        clippy::wildcard_enum_match_arm,
        reason = "whatever is not plain is read the long way"
    )]
    fn field(&mut self, message: &MessageDescriptor, field: &FieldDescriptor) -> Option<Field> {
        let form = match field.kind() {
            Kind::String => Form::Text,
            Kind::Bool => Form::Flag,
            Kind::Uint32 => Form::Small,
            Kind::Int64 => Form::Large,
            Kind::Enum(of) => {
                let members = of.values().map(|it| (it.name().to_owned(), it.number()));
                Form::Member(members.collect())
            }
            Kind::Message(of) if of.full_name() == "google.protobuf.Timestamp" => Form::Time,
            Kind::Message(of) if !of.full_name().starts_with("google.") && !field.is_map() => {
                Form::Message(self.of(&of))
            }
            _ => return None,
        };
        let one_of = field.containing_oneof().and_then(|of| {
            let place = message.oneofs().position(|it| it == of)?;
            u32::try_from(place).ok()
        });
        Some(Field {
            name: field.name().to_owned(),
            number: field.number(),
            form,
            is_list: field.is_list(),
            one_of,
        })
    }
}

impl Shape {
    /// The field of this name, looked for from `hint` on: programs write fields in the order of the contract.
    fn find(&self, name: &str, hint: usize) -> Option<(usize, &Field)> {
        let all = self.0.iter().enumerate();
        let (before, after) = (all.clone().take(hint), all.skip(hint));
        after.chain(before).find(|(_, it)| it.name == name)
    }
}

/// A document, and how far it is read.
struct Reader<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Reader<'a> {
    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn space(&mut self) {
        while let Some(b' ' | b'\n' | b'\t' | b'\r') = self.peek() {
            self.at += 1;
        }
    }

    fn eat(&mut self, byte: u8) -> bool {
        let is_there = self.peek() == Some(byte);
        self.at += usize::from(is_there);
        is_there
    }

    /// Space, and this byte.
    fn expect(&mut self, byte: u8) -> Option<()> {
        self.space();
        self.eat(byte).then_some(())
    }

    fn word(&mut self, word: &str) -> bool {
        let is_there = self
            .text
            .get(self.at..)
            .is_some_and(|it| it.starts_with(word));
        self.at += if is_there { word.len() } else { 0 };
        is_there
    }

    /// A text without escapes.
    fn string(&mut self) -> Option<&'a str> {
        self.expect(b'"')?;
        let rest = self.text.as_bytes().get(self.at..)?;
        let ends = |byte: &u8| matches!(*byte, b'"' | b'\\' | 0..=0x1f);
        let length = rest.iter().position(ends)?;
        let text = self.text.get(self.at..self.at + length);
        self.at += length;
        self.eat(b'"').then_some(text).flatten()
    }

    /// Digits, as JSON writes whole numbers that are not negative.
    fn digits(&mut self) -> Option<&'a str> {
        self.space();
        let rest = self.text.get(self.at..)?;
        let length = rest.bytes().take_while(u8::is_ascii_digit).count();
        self.at += length;
        let ends = !matches!(self.peek(), Some(b'.' | b'e' | b'E'));
        rest.get(..length).filter(|it| ends && is_whole(it))
    }

    fn message(&mut self, shapes: &[Shape], which: usize, wire: &mut Vec<u8>) -> Option<()> {
        let shape = shapes.get(which)?;
        self.expect(b'{')?;
        self.space();
        if self.eat(b'}') {
            return Some(());
        }
        let (mut seen, mut chosen, mut hint) = (0_u64, 0_u64, 0);
        loop {
            let name = self.string()?;
            self.expect(b':')?;
            let (place, field) = shape.find(name, hint)?;
            once(&mut seen, u32::try_from(place).ok()?)?;
            if let Some(one_of) = field.one_of {
                once(&mut chosen, one_of)?;
            }
            if field.is_list {
                self.list(shapes, field, wire)?;
            } else {
                self.value(shapes, field, wire)?;
            }
            hint = place + 1;
            self.space();
            if self.eat(b'}') {
                return Some(());
            }
            self.expect(b',')?;
        }
    }

    fn list(&mut self, shapes: &[Shape], field: &Field, wire: &mut Vec<u8>) -> Option<()> {
        self.expect(b'[')?;
        self.space();
        if self.eat(b']') {
            return Some(());
        }
        loop {
            self.value(shapes, field, wire)?;
            self.space();
            if self.eat(b']') {
                return Some(());
            }
            self.expect(b',')?;
        }
    }

    /// One value, as a field of the wire format.
    fn value(&mut self, shapes: &[Shape], field: &Field, wire: &mut Vec<u8>) -> Option<()> {
        let number = u64::from(field.number);
        match &field.form {
            Form::Text => {
                let text = self.string()?;
                varint(wire, number << 3 | 2);
                varint(wire, u64::try_from(text.len()).ok()?);
                wire.extend_from_slice(text.as_bytes());
            }
            Form::Flag => {
                self.space();
                let is_true = self.word("true");
                if !is_true && !self.word("false") {
                    return None;
                }
                varint(wire, number << 3);
                varint(wire, u64::from(is_true));
            }
            Form::Small => {
                let small: u32 = self.digits()?.parse().ok()?;
                varint(wire, number << 3);
                varint(wire, small.into());
            }
            Form::Large => {
                let text = self.string()?;
                let whole = is_whole(text.strip_prefix('-').unwrap_or(text)) && text != "-0";
                let large: i64 = text.parse().ok().filter(|_| whole)?;
                varint(wire, number << 3);
                varint(wire, large.cast_unsigned());
            }
            Form::Member(members) => {
                let name = self.string()?;
                let (_, member) = members.iter().find(|it| it.0 == name)?;
                varint(wire, number << 3);
                varint(wire, i64::from(*member).cast_unsigned());
            }
            Form::Time => {
                let (seconds, nanos) = time(self.string()?)?;
                varint(wire, number << 3 | 2);
                inner(wire, |wire| {
                    varint(wire, 1 << 3);
                    varint(wire, seconds.cast_unsigned());
                    varint(wire, 2 << 3);
                    varint(wire, nanos.into());
                    Some(())
                })?;
            }
            Form::Message(which) => {
                varint(wire, number << 3 | 2);
                inner(wire, |wire| self.message(shapes, *which, wire))?;
            }
        }
        Some(())
    }
}

/// Notes a bit, which was not there before.
fn once(bits: &mut u64, place: u32) -> Option<()> {
    let bit = 1_u64.checked_shl(place)?;
    let is_new = *bits & bit == 0;
    *bits |= bit;
    is_new.then_some(())
}

/// Whether these are digits without needless zeros.
fn is_whole(text: &str) -> bool {
    let all = !text.is_empty() && text.bytes().all(|it| it.is_ascii_digit());
    all && (text == "0" || !text.starts_with('0'))
}

fn varint(wire: &mut Vec<u8>, mut number: u64) {
    while number >= 0x80 {
        wire.push(u8::try_from(number & 0x7f).unwrap_or(0) | 0x80);
        number >>= 7;
    }
    wire.push(u8::try_from(number).unwrap_or(0));
}

/// Something with its length before it.
fn inner(wire: &mut Vec<u8>, write: impl FnOnce(&mut Vec<u8>) -> Option<()>) -> Option<()> {
    let from = wire.len();
    write(wire)?;
    let mut length = Vec::with_capacity(2);
    varint(&mut length, u64::try_from(wire.len() - from).ok()?);
    wire.splice(from..from, length);
    Some(())
}

/// `YYYY-MM-DDThh:mm:ssZ`, perhaps with a fraction of up to nine digits: seconds since the epoch, and nanoseconds.
fn time(text: &str) -> Option<(i64, u32)> {
    let rest = text.strip_suffix('Z')?;
    let (whole, fraction) = rest.split_at_checked(19)?;
    let marks = [(4, b'-'), (7, b'-'), (10, b'T'), (13, b':'), (16, b':')];
    let bytes = whole.as_bytes();
    if marks.iter().any(|(at, mark)| bytes.get(*at) != Some(mark)) {
        return None;
    }
    let part = |range: Range<usize>| {
        let text = whole.get(range)?;
        let plain = text.bytes().all(|it| it.is_ascii_digit());
        text.parse::<i64>().ok().filter(|_| plain)
    };
    let (year, month, day) = (part(0..4)?, part(5..7)?, part(8..10)?);
    let (hour, minute, second) = (part(11..13)?, part(14..16)?, part(17..19)?);
    let is_leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let days_of = match month {
        2 if is_leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        _ => return None,
    };
    if year < 1 || !(1..=days_of).contains(&day) || hour > 23 || minute > 59 || second > 59 {
        return None;
    }
    let nanos = match fraction.strip_prefix('.') {
        None if fraction.is_empty() => 0,
        Some(digits) if (1..=9).contains(&digits.len()) => {
            let plain = digits.bytes().all(|it| it.is_ascii_digit());
            let places = u32::try_from(9 - digits.len()).ok()?;
            digits.parse::<u32>().ok().filter(|_| plain)? * 10_u32.pow(places)
        }
        None | Some(_) => return None,
    };
    // Days since the epoch of a day in the Gregorian calendar (Hinnant's `days_from_civil`).
    let shifted = year - i64::from(month <= 2);
    let (era, of_era) = (shifted.div_euclid(400), shifted.rem_euclid(400));
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let days = era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468;
    Some((days * 86_400 + hour * 3_600 + minute * 60 + second, nanos))
}
