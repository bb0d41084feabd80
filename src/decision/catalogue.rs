//! A shop's facts from their file: loaded whole, or refused with every fault at its place.
//!
//! Which keys there are, their bounds and what they mean; the shipped file says the same to a shop, line by line. How
//! TOML is read is `written`. No choice lives here: choices are the policy's.

mod carriers;

use std::collections::BTreeMap;

use self::carriers::{carriers, depots};
use super::problem::{Problem, nearest};
use super::written::{Part, Sheet, parse};
use crate::domain::catalogue::{Catalogue, CategoryFacts, Rate, Size};
use crate::domain::ids::{MerchantKey, NotAnId};
use crate::domain::order::{Category, CountryCode};
use crate::domain::units::{Currency, Digest, Zone};

/// The catalogue of a fresh installation.
pub const DEFAULT: &str = include_str!("../../models/catalogue.toml");

/// Bytes of a file.
const FILE_MAX: usize = 1 << 20;
const SIDES: [&str; 3] = ["length_mm", "width_mm", "height_mm"];

/// Loads a catalogue file.
///
/// # Errors
/// Every problem of the file with its place.
pub fn load(text: &str) -> Result<Catalogue, Vec<Problem>> {
    if text.len() > FILE_MAX {
        return Err(vec![Problem::at_path("", "is larger than 1 MiB")]);
    }
    let (mut sheet, table) = parse(text);
    match catalogue(&mut sheet, text, &Part::root(&table)) {
        Some(catalogue) if sheet.is_clean() => Ok(catalogue),
        _ => Err(sheet.into_problems()),
    }
}

fn catalogue(sheet: &mut Sheet<'_>, text: &str, root: &Part<'_>) -> Option<Catalogue> {
    let keys = [
        "id",
        "base_currency",
        "currencies",
        "categories",
        "merchant_categories",
        "carriers",
        "depots",
        "zones",
    ];
    sheet.known(root, &keys);
    let id = sheet.text(root, "id");
    let base = base(sheet, root);
    let rates = rates(sheet, root, base);
    let categories = categories(sheet, root);
    let merchant_categories = merchant_categories(sheet, root);
    let (default_carrier, carriers) = carriers(sheet, root)?;
    let depots = depots(sheet, root, &default_carrier, &carriers);
    Some(Catalogue {
        id: id?.value,
        digest: Digest::of(text.as_bytes()),
        base: base?,
        rates: rates?,
        categories: categories?,
        merchant_categories,
        default_carrier,
        carriers,
        depots,
        zones: zones(sheet, root),
    })
}

fn base(sheet: &mut Sheet<'_>, root: &Part<'_>) -> Option<Currency> {
    let code = sheet.text(root, "base_currency")?;
    let base = Currency::parse(&code.value);
    if base.is_none() {
        sheet.wrong(&code.span, &code.path, CURRENCY);
    }
    base
}

const CURRENCY: &str = "must be three capital letters of ISO 4217, as in \"EUR\"";

fn rates(
    sheet: &mut Sheet<'_>,
    root: &Part<'_>,
    base: Option<Currency>,
) -> Option<BTreeMap<Currency, Rate>> {
    let all = sheet.table(root, "currencies")?;
    let mut rates = BTreeMap::new();
    for (code, span) in all.keys() {
        let Some(currency) = Currency::parse(code) else {
            sheet.wrong(&span, &all.path_of(code), CURRENCY);
            continue;
        };
        let Some(one) = sheet.table(&all, code) else {
            continue;
        };
        sheet.known(&one, &["rate", "minor_units", "as_of", "note"]);
        sheet.date_if(&one, "as_of");
        sheet.text_if(&one, "note");
        let rate = sheet.number(&one, "rate", 1e-6..=1e6);
        let units = minor_units(sheet, &one);
        if let Some(rate) = rate.as_ref().filter(|_| base == Some(currency))
            && (rate.value - 1.0).abs() > 0.0
        {
            sheet.wrong(&rate.span, &rate.path, "must be 1: this is the base itself");
        }
        if let (Some(rate), Some(minor_units)) = (rate, units) {
            let per_major = rate.value;
            rates.insert(
                currency,
                Rate {
                    per_major,
                    minor_units,
                },
            );
        }
    }
    if let Some(base) = base.filter(|base| !all.has(base.code())) {
        let path = all.path_of(base.code());
        sheet.wrong(
            &all.span,
            &path,
            "is missing: the base needs an entry with rate 1",
        );
    }
    Some(rates)
}

fn minor_units(sheet: &mut Sheet<'_>, part: &Part<'_>) -> Option<u32> {
    if !part.has("minor_units") {
        return Some(100);
    }
    let units = sheet.whole(part, "minor_units", 1..=1000)?;
    if ![1, 10, 100, 1000].contains(&units.value) {
        sheet.wrong(&units.span, &units.path, "must be 1, 10, 100 or 1000");
    }
    u32::try_from(units.value).ok()
}

fn categories(sheet: &mut Sheet<'_>, root: &Part<'_>) -> Option<Vec<CategoryFacts>> {
    let all = sheet.table(root, "categories")?;
    let names: Vec<&str> = Category::ALL.iter().map(|it| it.name()).collect();
    sheet.known(&all, &names);
    let facts: Vec<CategoryFacts> = Category::ALL
        .iter()
        .filter_map(|category| category_facts(sheet, &all, *category))
        .collect();
    (facts.len() == Category::ALL.len()).then_some(facts)
}

fn category_facts(
    sheet: &mut Sheet<'_>,
    all: &Part<'_>,
    category: Category,
) -> Option<CategoryFacts> {
    let part = sheet.table(all, category.name())?;
    sheet.known(&part, &["resale", "tech", "size"]);
    let resale = sheet.number(&part, "resale", 0.0..=1.0);
    let tech = if part.has("tech") {
        sheet.flag(&part, "tech")?.value
    } else {
        false
    };
    let size = if part.has("size") {
        Some(size(sheet, &part)?)
    } else {
        None
    };
    Some(CategoryFacts {
        resale: resale?.value,
        tech,
        size,
    })
}

fn size(sheet: &mut Sheet<'_>, part: &Part<'_>) -> Option<Size> {
    let size = sheet.table(part, "size")?;
    let [length, width, height] = SIDES;
    sheet.known(&size, &[length, width, height, "weight_g"]);
    let mut whole = |name, most| {
        let number = sheet.whole(&size, name, 1..=most)?;
        u32::try_from(number.value).ok()
    };
    let sides = SIDES.map(|name| whole(name, 10_000));
    let weight_g = whole("weight_g", 1_000_000);
    let [Some(a), Some(b), Some(c)] = sides else {
        return None;
    };
    let mut sides_mm = [a, b, c];
    sides_mm.sort_unstable_by(|a, b| b.cmp(a));
    Some(Size {
        sides_mm,
        weight_g: weight_g?,
    })
}

fn merchant_categories(sheet: &mut Sheet<'_>, root: &Part<'_>) -> BTreeMap<MerchantKey, Category> {
    let mut mapped = BTreeMap::new();
    for_each(sheet, root, "merchant_categories", |sheet, all, name| {
        let key = id(sheet, all, name, MerchantKey::try_new)?;
        let category = sheet.text(all, name)?;
        let found = Category::from_name(&category.value);
        if found.is_none() {
            let names = Category::ALL.iter().map(|it| it.name());
            let message = no_such(&category.value, "category", names);
            sheet.wrong(&category.span, &category.path, message);
        }
        mapped.insert(key, found?)
    });
    mapped
}

fn zones(sheet: &mut Sheet<'_>, root: &Part<'_>) -> BTreeMap<CountryCode, String> {
    let mut zones = BTreeMap::new();
    for_each(sheet, root, "zones", |sheet, all, name| {
        let country = CountryCode::parse(name);
        let zone = sheet.text(all, name)?;
        if country.is_none() {
            let message = "must be two capital letters of ISO 3166, as in DE";
            sheet.wrong(&zone.span, &zone.path, message);
        }
        if Zone::named(&zone.value).is_none() {
            let message = format!("`{}` is no time zone of the IANA database", zone.value);
            sheet.wrong(&zone.span, &zone.path, message);
        }
        zones.insert(country?, zone.value)
    });
    zones
}

/// Reads each key of a table that may be left out.
fn for_each<T>(
    sheet: &mut Sheet<'_>,
    root: &Part<'_>,
    table: &str,
    mut read: impl FnMut(&mut Sheet<'_>, &Part<'_>, &str) -> Option<T>,
) {
    let Some(all) = root.has(table).then(|| sheet.table(root, table)).flatten() else {
        return;
    };
    for (name, _) in all.keys() {
        read(sheet, &all, name);
    }
}

/// A key that must be an identifier.
fn id<T>(
    sheet: &mut Sheet<'_>,
    all: &Part<'_>,
    name: &str,
    read: impl Fn(&str) -> Result<T, NotAnId>,
) -> Option<T> {
    match read(name) {
        Ok(id) => Some(id),
        Err(fault) => {
            let span = all.keys().find(|(key, _)| *key == name);
            let span = span.map_or_else(|| all.span.clone(), |(_, span)| span);
            sheet.wrong(&span, &all.path_of(name), fault.to_string());
            None
        }
    }
}

fn no_such<'a>(word: &str, what: &str, known: impl Iterator<Item = &'a str> + Clone) -> String {
    let all: Vec<&str> = known.clone().collect();
    nearest(word, known).map_or_else(
        || format!("`{word}` is no {what}; there are {}", all.join(", ")),
        |meant| format!("`{word}` is no {what}; `{meant}` was meant, perhaps"),
    )
}

#[cfg(test)]
mod tests;
