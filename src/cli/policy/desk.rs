//! Where policies are kept: a server, or the data directory served in this process; and which version a digest's
//! beginning means.

use crate::api::wire::pb;
use crate::cli::args::PolicyDesk;
use crate::cli::client::{self, Client};
use crate::cli::config::{self, Settings};
use crate::cli::exit::Failure;
use crate::cli::policies;
use crate::cli::show;

/// Everything that is known of policies, and whom to ask for more.
pub(super) struct Desk {
    pub(super) client: Client,
    pub(super) all: pb::ListPoliciesResponse,
}

impl Desk {
    /// Asks for everything; a data directory that does not exist is told, and not made.
    pub(super) async fn open(args: &PolicyDesk) -> Result<Self, Failure> {
        let settings = settings(args)?;
        Self::of(Client::look(args.server.as_deref(), &settings).await?).await
    }

    /// The same for the first act of all: a data directory that does not exist is made.
    pub(super) async fn begin(args: &PolicyDesk) -> Result<Self, Failure> {
        let settings = settings(args)?;
        Self::of(Client::open(args.server.as_deref(), &settings).await?).await
    }

    async fn of(client: Client) -> Result<Self, Failure> {
        let all = pb::ListPoliciesResponse::default();
        let mut desk = Self { client, all };
        match desk.look().await {
            Ok(()) => Ok(desk),
            Err(failure) => {
                desk.client.close().await?;
                Err(failure)
            }
        }
    }

    /// Asks for everything again.
    pub(super) async fn look(&mut self) -> Result<(), Failure> {
        let asked = self
            .client
            .policies
            .list_policies(pb::ListPoliciesRequest {});
        let answer = asked.await.map_err(|status| client::refused(&status))?;
        self.all = answer.into_inner();
        Ok(())
    }

    /// The version in force.
    pub(super) fn active(&self) -> Result<&pb::PolicyState, Failure> {
        let mut all = self.all.policies.iter();
        let active = all.find(|it| it.stage() == pb::PolicyStage::Active);
        active.ok_or_else(|| Failure::Bug("no policy is active".to_owned()))
    }

    /// The digest that is expected to be in force: as named, or of whatever is.
    pub(super) fn expected(&self, named: Option<&str>) -> Result<String, Failure> {
        match named {
            Some(named) => self.digest(named),
            None => Ok(digest_of(self.active()?)),
        }
    }

    /// The digest of the one version that `named` means: its beginning, or all of it, with or without `NAME@`.
    pub(super) fn digest(&self, named: &str) -> Result<String, Failure> {
        let digits = named.rsplit('@').next().unwrap_or(named);
        let digits = policies::digits(digits).ok_or_else(|| {
            Failure::Usage(format!(
                "`{named}` is no digest: name at least its first {} hexadecimal digits",
                policies::DIGITS_MIN
            ))
        })?;
        let all = self.all.policies.iter();
        let meant = policies::meant(&digits, all.map(|it| (digest_of(it), name(it))))?;
        meant.ok_or_else(|| {
            Failure::Usage(format!(
                "no policy has a digest that begins with `{digits}`: there are {}",
                names(&self.all.policies)
            ))
        })
    }

    /// How many servers decide by a version, and of how many.
    pub(super) fn servers(&self, digest: &str) -> (usize, usize) {
        let all = &self.all.replicas;
        let by = all.iter().filter(|it| it.active_digest == digest);
        (by.count(), all.len())
    }
}

fn settings(args: &PolicyDesk) -> Result<Settings, Failure> {
    let flags = config::flags(&args.place, None, None);
    Settings::read(args.place.config.as_deref(), flags)
}

/// The digest of a version.
pub(super) fn digest_of(state: &pb::PolicyState) -> String {
    let version = state.version.as_ref();
    version.map(|it| it.digest.clone()).unwrap_or_default()
}

/// A version as `id@digest`, the digest shortened.
pub(super) fn name(state: &pb::PolicyState) -> String {
    show::version(state.version.as_ref())
}

/// Where a version stands, in one word.
pub(super) fn stage(state: &pb::PolicyState) -> &'static str {
    let name = state.stage().as_str_name();
    name.strip_prefix("POLICY_STAGE_").unwrap_or(name)
}

/// As many as are worth a look.
fn names(states: &[pb::PolicyState]) -> String {
    const SHOWN: usize = 10;
    let mut names: Vec<_> = states.iter().take(SHOWN).map(name).collect();
    if let Some(more) = states.len().checked_sub(SHOWN).filter(|it| *it > 0) {
        names.push(format!("{more} more"));
    }
    names.join(", ")
}
