//! Who calls, and where the server may listen. How a token or a certificate is checked comes with
//! principals; until then there is one, `dev`, and only this machine can reach it.

use std::net::SocketAddr;

use http::HeaderMap;
use tonic::Status;

use crate::domain::caller::Caller;

/// Who may call.
#[derive(Clone, Debug)]
pub struct Access {
    dev: Caller,
}

/// Why the server does not listen there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "without principals every caller may do everything, so only loopback may be listened on, not {address}"
)]
pub struct NotLoopback {
    /// Where it was asked to listen.
    pub address: SocketAddr,
}

impl Access {
    /// No principals are configured: whoever calls is `dev` and has every role.
    #[must_use]
    pub fn open() -> Self {
        Self { dev: Caller::dev() }
    }

    /// Whether the server may listen on `address`.
    ///
    /// # Errors
    /// [`NotLoopback`] where others could reach it and nobody would be asked for a name.
    pub fn may_listen(&self, address: SocketAddr) -> Result<(), NotLoopback> {
        if address.ip().to_canonical().is_loopback() {
            Ok(())
        } else {
            Err(NotLoopback { address })
        }
    }

    /// The principal of a call with these `headers`.
    ///
    /// # Errors
    /// `UNAUTHENTICATED` where the call proves no name; never while access is open.
    pub(super) fn caller(&self, _headers: &HeaderMap) -> Result<Caller, Status> {
        Ok(self.dev.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::Access;

    #[test]
    fn only_loopback_is_listened_on_while_nobody_has_a_name() {
        let check = |address: &str, expected: bool| {
            let found = Access::open().may_listen(address.parse().unwrap()).is_ok();
            assert_eq!(found, expected, "{address}");
        };
        check("127.0.0.1:50051", true);
        check("127.8.8.8:1", true);
        check("[::1]:50051", true);
        check("[::ffff:127.0.0.1]:1", true);
        check("0.0.0.0:50051", false);
        check("[::]:50051", false);
        check("192.168.1.5:50051", false);
    }
}
