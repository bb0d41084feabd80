//! Who calls: a principal's name and its roles. How it proved them is not known here.

use std::sync::Arc;

use super::closed::closed;

closed! {
    /// What a principal may do.
    Role {
        /// Asks for decisions.
        Checkout = 1 "checkout",
        /// Tells what happened.
        Events = 2 "events",
        /// Dispatches parcels.
        Warehouse = 3 "warehouse",
        /// Sends codes to customers.
        Notifier = 4 "notifier",
        /// Verifies codes, for one carrier.
        Courier = 5 "courier",
        /// Helps customers.
        Support = 6 "support",
        /// Ends reviews.
        Reviewer = 7 "reviewer",
        /// Proposes policies and reads records.
        Analyst = 8 "analyst",
        /// Approves what another proposed.
        Approver = 9 "approver",
        /// Runs the service.
        Operator = 10 "operator",
    }
}

/// The principal of one call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Caller {
    name: Arc<str>,
    roles: Arc<[Role]>,
}

impl Caller {
    /// A principal called `name`, as the server's settings call it, with these `roles`.
    #[must_use]
    pub fn new(name: &str, roles: &[Role]) -> Self {
        Self {
            name: name.into(),
            roles: roles.into(),
        }
    }

    /// The one principal of a server without principals: `dev`, with every role.
    #[must_use]
    pub fn dev() -> Self {
        Self::new("dev", Role::ALL)
    }

    /// Its name, which records and trails keep.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Whether it has this `role`.
    #[must_use]
    pub fn has(&self, role: Role) -> bool {
        self.roles.contains(&role)
    }
}

#[cfg(test)]
mod tests {
    use super::{Caller, Role};

    #[test]
    fn dev_has_every_role_and_others_have_theirs() {
        assert!(Role::ALL.iter().all(|role| Caller::dev().has(*role)));
        let checkout = Caller::new("shop", &[Role::Checkout]);
        assert!(checkout.has(Role::Checkout) && !checkout.has(Role::Events));
    }
}
