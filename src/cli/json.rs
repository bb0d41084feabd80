//! The contract's messages as proto3 JSON: what people write in files and what programs read from
//! us. Names and forms are the contract's own, from its descriptors.

pub(crate) mod faults;
mod plain;

use std::sync::LazyLock;

use prost::Message;
use prost_reflect::{
    DescriptorPool, DeserializeOptions, DynamicMessage, MessageDescriptor, SerializeOptions,
};

use crate::api::wire::pb;

static POOL: LazyLock<Option<DescriptorPool>> =
    LazyLock::new(|| DescriptorPool::decode(pb::DESCRIPTOR_SET).ok());

/// A message of the contract that files hold or that is printed.
pub(crate) trait Named: Message + Default {
    /// Its name in the contract, without the package.
    const NAME: &'static str;
}

macro_rules! named {
    ($($message:ident),+) => {$(
        impl Named for pb::$message { const NAME: &'static str = stringify!($message); }
    )+};
}

named!(
    Order,
    DecideRequest,
    Event,
    Decision,
    PolicyState,
    ListPoliciesResponse,
    ListShadowsResponse,
    Shadow
);

fn descriptor<T: Named>() -> Result<MessageDescriptor, String> {
    descriptor_of(T::NAME)
}

/// The descriptor of a message of the contract.
///
/// # Errors
/// A fault of ours.
pub(crate) fn descriptor_of(name: &str) -> Result<MessageDescriptor, String> {
    let name = format!("doorstep.v1.{name}");
    let found = POOL.as_ref().and_then(|it| it.get_message_by_name(&name));
    found.ok_or_else(|| format!("the contract has no {name}"))
}

/// Reads a message; fields that the contract does not know are refused.
///
/// # Errors
/// Every fault that can be placed, each after its path in the message; else what is wrong with it.
pub(crate) fn read<T: Named>(value: &serde_json::Value) -> Result<T, String> {
    let options = DeserializeOptions::new().deny_unknown_fields(true);
    let descriptor = descriptor::<T>()?;
    let message = DynamicMessage::deserialize_with_options(descriptor.clone(), value, &options);
    let message = message.map_err(|error| {
        let found = faults::of(&descriptor, value);
        let found = found.into_iter().map(|(path, what)| match path.as_str() {
            "" => what,
            path => format!("{path}: {what}"),
        });
        let found: Vec<String> = found.collect();
        if found.is_empty() {
            error.to_string()
        } else {
            found.join("; ")
        }
    })?;
    message.transcode_to().map_err(|error| error.to_string())
}

/// Reads a message from a document's bytes.
///
/// # Errors
/// Every fault that can be placed, by its path in the message; else what is wrong with it, without a path.
pub(crate) fn parse<T: Named>(bytes: &[u8]) -> Result<T, Vec<(String, String)>> {
    plain::parse(bytes).map_or_else(|| in_full(bytes), Ok)
}

/// Reads a message in any form that proto3 JSON has.
fn in_full<T: Named>(bytes: &[u8]) -> Result<T, Vec<(String, String)>> {
    let whole = |text: String| vec![(String::new(), text)];
    let descriptor = descriptor::<T>().map_err(whole)?;
    let options = DeserializeOptions::new().deny_unknown_fields(true);
    let mut document = serde_json::Deserializer::from_slice(bytes);
    let message =
        DynamicMessage::deserialize_with_options(descriptor.clone(), &mut document, &options)
            .and_then(|message| document.end().map(|()| message));
    match message {
        Ok(message) => message
            .transcode_to()
            .map_err(|error| whole(error.to_string())),
        Err(error) => {
            let value = serde_json::from_slice(bytes)
                .map_err(|error| whole(format!("is no JSON: {error}")))?;
            let found = faults::of(&descriptor, &value);
            Err(if found.is_empty() {
                whole(error.to_string())
            } else {
                found
            })
        }
    }
}

/// Writes a message on one line, in the very form in which JSON over HTTP answers.
///
/// # Errors
/// A fault of ours.
pub(crate) fn write<T: Named>(message: &T) -> Result<String, String> {
    let mut dynamic = DynamicMessage::new(descriptor::<T>()?);
    let copied = dynamic.transcode_from(message);
    copied.map_err(|error| error.to_string())?;
    let options = SerializeOptions::new()
        .use_proto_field_name(true)
        .skip_default_fields(false);
    let mut bytes = Vec::new();
    let written =
        dynamic.serialize_with_options(&mut serde_json::Serializer::new(&mut bytes), &options);
    written.map_err(|error| error.to_string())?;
    String::from_utf8(bytes).map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use super::{pb, read, write};

    #[test]
    fn what_is_written_can_be_read_again() {
        let text = r#"{"order_id":"o1","items":[{"unit_price_minor":"89900"}]}"#;
        let order: pb::Order = read(&serde_json::from_str(text).unwrap()).unwrap();
        assert_eq!(order.items[0].unit_price_minor, Some(89_900));
        let written = write(&order).unwrap();
        assert!(
            written.contains(r#""order_id":"o1""#) && !written.contains('\n'),
            "{written}"
        );
        let again: pb::Order = read(&serde_json::from_str(&written).unwrap()).unwrap();
        assert!(again == order);
    }

    #[test]
    fn a_field_that_the_contract_does_not_know_is_refused_by_name() {
        let wrong = read::<pb::Order>(&serde_json::json!({"order_idd": "o1"})).unwrap_err();
        assert!(wrong.contains("order_idd"), "{wrong}");
    }

    #[test]
    fn what_is_wrong_stands_after_its_path() {
        let value = serde_json::json!({"items": [{"unit_price_minor": "abc"}, {"quantity": -1}]});
        let wrong = read::<pb::Order>(&value).unwrap_err();
        for path in ["items[0].unit_price_minor: ", "; items[1].quantity: "] {
            assert!(wrong.contains(path), "{wrong}");
        }
    }
}
