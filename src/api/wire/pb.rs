//! The contract's messages, clients and servers, generated from `proto/doorstep/v1`. No line of
//! ours lives here but the name of the descriptor set.

#![expect(
    unused_qualifications,
    clippy::allow_attributes,
    clippy::allow_attributes_without_reason,
    clippy::as_conversions,
    clippy::doc_markdown,
    reason = "generated code"
)]

tonic::include_proto!("doorstep.v1");

/// The encoded `FileDescriptorSet` of the contract, for reflection and for JSON.
pub const DESCRIPTOR_SET: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/doorstep.v1.binpb"));

/// `Debug` for messages that can name or place a person: the type's name, and no field but those
/// named here.
macro_rules! shown_without_person {
    ($($message:ident { $($field:ident),* })+) => {$(
        impl core::fmt::Debug for $message {
            fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
                f.debug_struct(stringify!($message))
                    $(.field(stringify!($field), &self.$field))*
                    .finish_non_exhaustive()
            }
        }
    )+};
}

shown_without_person! {
    Order { order_id, stage }
    Delivery {}
    Contact { kind }
    Preferences {}
    Session {}
    Position {}
}

#[cfg(test)]
mod tests {
    use super::{Contact, DESCRIPTOR_SET, DecideRequest, Order};

    #[test]
    fn a_printed_request_names_the_order_and_no_person() {
        let request = DecideRequest {
            order: Some(Order {
                order_id: "o1".to_owned(),
                customer_id: "c-secret".to_owned(),
                contacts: vec![Contact {
                    contact_id: "sms-secret".to_owned(),
                    ..Contact::default()
                }],
                ..Order::default()
            }),
            ..DecideRequest::default()
        };
        let printed = format!("{request:?}");
        assert!(
            printed.contains("o1") && !printed.contains("secret"),
            "{printed}"
        );
    }

    #[test]
    fn the_descriptor_set_holds_all_services_and_all_they_import() {
        let pool = prost_reflect::DescriptorPool::decode(DESCRIPTOR_SET).unwrap();
        let names: Vec<_> = pool.services().map(|s| s.full_name().to_owned()).collect();
        assert_eq!(
            names,
            [
                "doorstep.v1.DecisionService",
                "doorstep.v1.HistoryService",
                "doorstep.v1.PolicyService",
            ]
        );
        assert!(
            pool.get_message_by_name("google.protobuf.Timestamp")
                .is_some()
        );
    }
}
