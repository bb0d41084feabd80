//! `PolicyService`.

mod backtest;

use std::pin::Pin;

use tokio_stream::Stream;
use tonic::{Request, Response, Status, async_trait};

use super::{Face, caller, failed, refused};
use crate::api::wire::pb::policy_service_server::PolicyService;
use crate::api::wire::policy::Change;
use crate::api::wire::{pb, policy};
use crate::decision::lifecycle::Act;

/// Answers that follow each other.
type Answers<T> = Pin<Box<dyn Stream<Item = Result<T, Status>> + Send>>;

#[async_trait]
impl PolicyService for Face {
    async fn check_policy(
        &self,
        request: Request<pb::CheckPolicyRequest>,
    ) -> Result<Response<pb::CheckPolicyResponse>, Status> {
        let toml = policy::check(request.into_inner()).map_err(refused)?;
        let checked = self.service.check_policy(toml).await;
        let checked = checked.map_err(|error| failed(&error))?;
        Ok(Response::new(policy::checked(&checked)))
    }

    async fn propose_policy(
        &self,
        request: Request<pb::ProposePolicyRequest>,
    ) -> Result<Response<pb::ProposePolicyResponse>, Status> {
        let caller = caller(&request)?;
        let Change { of: toml, note } = policy::propose(request.into_inner()).map_err(refused)?;
        let proposed = self.service.propose_policy(toml, &caller, &note).await;
        let (version, problems) = match proposed.map_err(|error| failed(&error))? {
            Ok(proposed) => {
                if proposed.is_new {
                    self.outcomes.acted(Act::Propose);
                }
                (Some(policy::version(&proposed.version)), Vec::new())
            }
            Err(problems) => (None, policy::problems(&problems)),
        };
        Ok(Response::new(pb::ProposePolicyResponse {
            version,
            problems,
        }))
    }

    async fn approve_policy(
        &self,
        request: Request<pb::ApprovePolicyRequest>,
    ) -> Result<Response<pb::ApprovePolicyResponse>, Status> {
        let caller = caller(&request)?;
        let Change { of: digest, note } = policy::approve(request.into_inner()).map_err(refused)?;
        let placed = self.service.approve_policy(digest, &caller, &note).await;
        let placed = placed.map_err(|error| failed(&error))?;
        self.outcomes.acted(Act::Approve);
        Ok(Response::new(pb::ApprovePolicyResponse {
            policy: Some(policy::state(&placed)),
        }))
    }

    async fn activate_policy(
        &self,
        request: Request<pb::ActivatePolicyRequest>,
    ) -> Result<Response<pb::ActivatePolicyResponse>, Status> {
        let caller = caller(&request)?;
        let Change {
            of: (digest, expected),
            note,
        } = policy::activate(request.into_inner()).map_err(refused)?;
        let service = &self.service;
        let placed = service
            .activate_policy(digest, expected, &caller, &note)
            .await;
        let placed = placed.map_err(|error| failed(&error))?;
        self.outcomes.acted(Act::Activate);
        Ok(Response::new(pb::ActivatePolicyResponse {
            policy: Some(policy::state(&placed)),
        }))
    }

    async fn roll_back_policy(
        &self,
        request: Request<pb::RollBackPolicyRequest>,
    ) -> Result<Response<pb::RollBackPolicyResponse>, Status> {
        let caller = caller(&request)?;
        let Change { of: expected, note } =
            policy::roll_back(request.into_inner()).map_err(refused)?;
        let placed = self
            .service
            .roll_back_policy(expected, &caller, &note)
            .await;
        let placed = placed.map_err(|error| failed(&error))?;
        self.outcomes.acted(Act::RollBack);
        Ok(Response::new(pb::RollBackPolicyResponse {
            policy: Some(policy::state(&placed)),
        }))
    }

    async fn get_policy(
        &self,
        request: Request<pb::GetPolicyRequest>,
    ) -> Result<Response<pb::GetPolicyResponse>, Status> {
        let by = policy::get(request.into_inner()).map_err(refused)?;
        let found = self.service.policy(by).await;
        let (placed, toml) = found.map_err(|error| failed(&error))?;
        Ok(Response::new(pb::GetPolicyResponse {
            policy: Some(policy::state(&placed)),
            toml,
        }))
    }

    async fn list_policies(
        &self,
        _: Request<pb::ListPoliciesRequest>,
    ) -> Result<Response<pb::ListPoliciesResponse>, Status> {
        let all = self.service.policies().await;
        let all = all.map_err(|error| failed(&error))?;
        Ok(Response::new(policy::list(&all)))
    }

    type BacktestPolicyStream = Answers<pb::BacktestPolicyResponse>;

    async fn backtest_policy(
        &self,
        request: Request<pb::BacktestPolicyRequest>,
    ) -> Result<Response<Self::BacktestPolicyStream>, Status> {
        let answers = backtest::begin(self, request.into_inner()).await?;
        Ok(Response::new(answers))
    }

    async fn start_shadow(
        &self,
        request: Request<pb::StartShadowRequest>,
    ) -> Result<Response<pb::StartShadowResponse>, Status> {
        self.shadow_started(request).await
    }

    async fn stop_shadow(
        &self,
        request: Request<pb::StopShadowRequest>,
    ) -> Result<Response<pb::StopShadowResponse>, Status> {
        self.shadow_stopped(request).await
    }

    async fn list_shadows(
        &self,
        request: Request<pb::ListShadowsRequest>,
    ) -> Result<Response<pb::ListShadowsResponse>, Status> {
        self.shadows_listed(request).await
    }
}
