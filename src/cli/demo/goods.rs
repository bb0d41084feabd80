//! What is bought in the demo's stories, with sizes and prices.

use crate::api::wire::pb;
use pb::{Category, Packaging};

/// Something on sale.
#[derive(Debug)]
pub(super) struct Good {
    pub(super) category: Category,
    /// Minor units, from and to.
    pub(super) price: (i64, i64),
    /// Millimetres.
    pub(super) sides: [u32; 3],
    pub(super) grams: u32,
    pub(super) packaging: Packaging,
}

macro_rules! goods {
    ($($name:ident $category:ident $from:literal..$to:literal $sides:expr, $grams:literal $packaging:ident)+) => {$(
        pub(super) const $name: Good = Good {
            category: Category::$category,
            price: ($from, $to),
            sides: $sides,
            grams: $grams,
            packaging: Packaging::$packaging,
        };
    )+};
}

goods! {
    BOOK Book 900..3_900 [200, 140, 30], 400 Box
    SHIRT Fashion 1_900..5_900 [350, 250, 40], 350 Envelope
    JACKET Fashion 7_900..14_900 [400, 300, 120], 1_200 Box
    FRIDGE Appliance 59_900..99_900 [1_800, 600, 600], 60_000 Box
    PERFUME Perfume 3_900..7_900 [120, 80, 60], 350 Box
    CONSOLE Console 49_900..54_900 [450, 400, 150], 4_500 Box
    LAPTOP Laptop 89_900..119_900 [400, 300, 80], 2_500 Box
    PHONE Phone 79_900..99_900 [180, 100, 60], 400 Box
    CAMERA Camera 69_900..89_900 [250, 200, 180], 1_800 Box
    RING Jewellery 180_000..250_000 [100, 100, 50], 200 Box
}

impl Good {
    /// A line of an order.
    pub(super) fn line(&self, number: usize, quantity: u32) -> pb::Item {
        let [length, width, height] = self.sides;
        let price = (self.price.0 + self.price.1) / 200 * 100;
        let serial = matches!(
            self.category,
            Category::Phone | Category::Laptop | Category::Camera
        );
        pb::Item {
            item_id: number.to_string(),
            category: self.category.into(),
            unit_price_minor: Some(price),
            quantity: Some(quantity),
            length_mm: Some(length),
            width_mm: Some(width),
            height_mm: Some(height),
            weight_g: Some(self.grams),
            serialised: serial.then_some(true),
            packaging: self.packaging.into(),
            ..pb::Item::default()
        }
    }
}
