//! `PolicyService`.

use std::pin::Pin;

use tokio_stream::Stream;
use tonic::{Request, Response, Status, async_trait};

use super::{Face, not_built};
use crate::api::wire::pb;
use crate::api::wire::pb::policy_service_server::PolicyService;

/// Answers that follow each other.
type Answers<T> = Pin<Box<dyn Stream<Item = Result<T, Status>> + Send>>;

#[async_trait]
impl PolicyService for Face {
    async fn check_policy(
        &self,
        _: Request<pb::CheckPolicyRequest>,
    ) -> Result<Response<pb::CheckPolicyResponse>, Status> {
        Err(not_built("CheckPolicy"))
    }

    async fn propose_policy(
        &self,
        _: Request<pb::ProposePolicyRequest>,
    ) -> Result<Response<pb::ProposePolicyResponse>, Status> {
        Err(not_built("ProposePolicy"))
    }

    async fn approve_policy(
        &self,
        _: Request<pb::ApprovePolicyRequest>,
    ) -> Result<Response<pb::ApprovePolicyResponse>, Status> {
        Err(not_built("ApprovePolicy"))
    }

    async fn activate_policy(
        &self,
        _: Request<pb::ActivatePolicyRequest>,
    ) -> Result<Response<pb::ActivatePolicyResponse>, Status> {
        Err(not_built("ActivatePolicy"))
    }

    async fn roll_back_policy(
        &self,
        _: Request<pb::RollBackPolicyRequest>,
    ) -> Result<Response<pb::RollBackPolicyResponse>, Status> {
        Err(not_built("RollBackPolicy"))
    }

    async fn get_policy(
        &self,
        _: Request<pb::GetPolicyRequest>,
    ) -> Result<Response<pb::GetPolicyResponse>, Status> {
        Err(not_built("GetPolicy"))
    }

    async fn list_policies(
        &self,
        _: Request<pb::ListPoliciesRequest>,
    ) -> Result<Response<pb::ListPoliciesResponse>, Status> {
        Err(not_built("ListPolicies"))
    }

    type BacktestPolicyStream = Answers<pb::BacktestPolicyResponse>;

    async fn backtest_policy(
        &self,
        _: Request<pb::BacktestPolicyRequest>,
    ) -> Result<Response<Self::BacktestPolicyStream>, Status> {
        Err(not_built("BacktestPolicy"))
    }

    async fn start_shadow(
        &self,
        _: Request<pb::StartShadowRequest>,
    ) -> Result<Response<pb::StartShadowResponse>, Status> {
        Err(not_built("StartShadow"))
    }

    async fn stop_shadow(
        &self,
        _: Request<pb::StopShadowRequest>,
    ) -> Result<Response<pb::StopShadowResponse>, Status> {
        Err(not_built("StopShadow"))
    }

    async fn list_shadows(
        &self,
        _: Request<pb::ListShadowsRequest>,
    ) -> Result<Response<pb::ListShadowsResponse>, Status> {
        Err(not_built("ListShadows"))
    }
}
