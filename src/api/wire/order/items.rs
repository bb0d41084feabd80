//! The lines of an order, and the parcels that hold them.

use std::collections::BTreeMap;

use crate::api::wire::check::Check;
use crate::api::wire::{bounds, pb};
use crate::domain::ids::{ItemId, MerchantKey, ParcelId, Sku};
use crate::domain::order::{Category, Item, Packaging, Parcel, PartialSize};

/// The lines, each with an id of its own: the caller's, else its position from 1 as sent; nothing where one is bad.
pub(super) fn items(messages: Vec<pb::Item>, check: &mut Check<'_>) -> Option<Vec<Item>> {
    let sent = messages.len();
    if messages.is_empty() {
        check.fault("items", "must have at least one entry");
    }
    let items = check.each("items", messages, bounds::ITEMS_MAX, |it, place, one| {
        // The place stays beside the item: bad ones are left out below.
        item(one, place, it).map(|item| (place, item))
    });
    let mut seen: BTreeMap<&ItemId, (usize, bool)> = BTreeMap::new();
    for (place, item) in &items {
        let Some((other, named)) = seen.insert(&item.item_id, (*place, item.named)) else {
            continue;
        };
        // The one that was named can be named otherwise; a position cannot.
        let (at, other) = if item.named {
            (*place, other)
        } else {
            (other, *place)
        };
        let fault = if item.named && named {
            format!("must be unique; it is that of items[{other}]")
        } else {
            format!(
                "must be unique; it is the position, from 1, of items[{other}], which has no id"
            )
        };
        check.fault(format_args!("items[{at}].item_id"), fault);
    }
    let items: Vec<_> = items.into_iter().map(|(_, item)| item).collect();
    let total = items.iter().map(|item| {
        item.unit_price_minor
            .saturating_mul(i64::from(item.quantity))
    });
    if total.fold(0, i64::saturating_add) > bounds::TOTAL_MINOR_MAX {
        let most = bounds::TOTAL_MINOR_MAX;
        check.fault(
            "items",
            format!("must cost at most {most} minor units in all"),
        );
    }
    (items.len() == sent).then_some(items)
}

fn item(message: pb::Item, place: usize, check: &mut Check<'_>) -> Option<Item> {
    let pb::Item {
        item_id,
        sku,
        category,
        merchant_category,
        unit_price_minor,
        quantity,
        length_mm,
        width_mm,
        height_mm,
        weight_g,
        serialised,
        age_restricted,
        hazardous,
        packaging,
    } = message;
    let named = !item_id.is_empty();
    let item_id = if named {
        item_id
    } else {
        place.saturating_add(1).to_string()
    };
    let item_id = check.id("item_id", &item_id, ItemId::try_new);
    let sku = check.maybe_id("sku", &sku, Sku::try_new);
    let category = check.one_of("category", category, "Category", Category::from_number);
    let merchant_category = check.maybe_id(
        "merchant_category",
        &merchant_category,
        MerchantKey::try_new,
    );
    let price = check.need("unit_price_minor", unit_price_minor);
    let price = check.number("unit_price_minor", price, &bounds::PRICE_MINOR);
    let quantity = check.number("quantity", quantity.or(Some(1)), &bounds::QUANTITY);
    let size = PartialSize {
        length_mm,
        width_mm,
        height_mm,
        weight_g,
    };
    let size = check.size("", size);
    let packaging = check.one_of("packaging", packaging, "Packaging", Packaging::from_number);
    Some(Item {
        item_id: item_id?,
        named,
        sku,
        category,
        merchant_category,
        unit_price_minor: price?,
        quantity: quantity?,
        size,
        serialised,
        age_restricted,
        hazardous,
        packaging,
    })
}

/// The parcels; what they hold must be in the order, and not more of it than was ordered. Where the order's own lines
/// are bad, that is the fault, and not what refers to them.
pub(super) fn parcels(
    messages: Vec<pb::Parcel>,
    items: Option<&[Item]>,
    check: &mut Check<'_>,
) -> Vec<Parcel> {
    let mut left: Option<BTreeMap<ItemId, u32>> = items.map(|items| {
        let ordered = items.iter().map(|it| (it.item_id.clone(), it.quantity));
        ordered.collect()
    });
    let mut seen = BTreeMap::new();
    check.each(
        "parcels",
        messages,
        bounds::PARCELS_MAX,
        |it, place, one| {
            let parcel = parcel(one, left.as_mut(), it)?;
            if let Some(other) = seen.insert(parcel.parcel_id.clone(), place) {
                let fault = format!("must be unique; it is that of parcels[{other}]");
                it.fault("parcel_id", fault);
            }
            Some(parcel)
        },
    )
}

fn parcel(
    message: pb::Parcel,
    mut left: Option<&mut BTreeMap<ItemId, u32>>,
    check: &mut Check<'_>,
) -> Option<Parcel> {
    let pb::Parcel {
        parcel_id,
        items,
        length_mm,
        width_mm,
        height_mm,
        weight_g,
    } = message;
    let parcel_id = check.id("parcel_id", &parcel_id, ParcelId::try_new);
    let items = parcel_items(items, check, |item_id, quantity, check| {
        let Some(left) = left.as_deref_mut() else {
            return;
        };
        match left.get_mut(item_id) {
            None => check.fault("item_id", "is no item of this order"),
            Some(left) if *left < quantity => {
                let fault = format!("is more than is left of the item, which is {left}");
                check.fault("quantity", fault);
            }
            Some(left) => *left = left.saturating_sub(quantity),
        }
    });
    let size = PartialSize {
        length_mm,
        width_mm,
        height_mm,
        weight_g,
    };
    let size = check.size("", size);
    Some(Parcel {
        parcel_id: parcel_id?,
        items,
        size,
    })
}

/// So many of each item, each item once; `also` checks one that is good by itself.
pub(in crate::api::wire) fn parcel_items(
    messages: Vec<pb::ParcelItem>,
    check: &mut Check<'_>,
    mut also: impl FnMut(&ItemId, u32, &mut Check<'_>),
) -> Vec<(ItemId, u32)> {
    let mut seen = BTreeMap::new();
    check.each("items", messages, bounds::ITEMS_MAX, |it, place, one| {
        let pb::ParcelItem { item_id, quantity } = one;
        let item_id = it.id("item_id", &item_id, ItemId::try_new);
        let quantity = it.number("quantity", quantity.or(Some(1)), &bounds::QUANTITY);
        let (item_id, quantity) = (item_id?, quantity?);
        if let Some(other) = seen.insert(item_id.clone(), place) {
            it.fault(
                "item_id",
                format!("must be unique; it is that of items[{other}]"),
            );
        } else {
            also(&item_id, quantity, it);
        }
        Some((item_id, quantity))
    })
}
