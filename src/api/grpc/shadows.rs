//! Shadows: the part of `PolicyService` that judges beside the live answer, and what FULL shows of it.

use tonic::{Request, Response, Status};

use super::{Face, caller, failed, refused};
use crate::api::wire::request::View;
use crate::api::wire::{self, pb};
use crate::decision::lifecycle::Act;
use crate::service::Error;
use crate::service::shown::Shown;

impl Face {
    pub(super) async fn shadow_started(
        &self,
        request: Request<pb::StartShadowRequest>,
    ) -> Result<Response<pb::StartShadowResponse>, Status> {
        let principal = caller(&request)?.name().to_owned();
        let start = wire::shadow::start(request.into_inner(), &principal, &self.accepts());
        let started = self.service.start_shadow(start.map_err(refused)?).await;
        let kept = started.map_err(|error| failed(&error))?;
        self.outcomes.acted(Act::StartShadow);
        Ok(Response::new(pb::StartShadowResponse {
            shadow: Some(wire::shadow::shadow(&kept)),
        }))
    }

    pub(super) async fn shadow_stopped(
        &self,
        request: Request<pb::StopShadowRequest>,
    ) -> Result<Response<pb::StopShadowResponse>, Status> {
        let principal = caller(&request)?.name().to_owned();
        let (id, note) = wire::shadow::stop(request.into_inner()).map_err(refused)?;
        let stopped = self.service.stop_shadow(id, principal, note).await;
        let kept = stopped.map_err(|error| failed(&error))?;
        self.outcomes.acted(Act::StopShadow);
        Ok(Response::new(pb::StopShadowResponse {
            shadow: Some(wire::shadow::shadow(&kept)),
        }))
    }

    pub(super) async fn shadows_listed(
        &self,
        request: Request<pb::ListShadowsRequest>,
    ) -> Result<Response<pb::ListShadowsResponse>, Status> {
        let pb::ListShadowsRequest {} = request.into_inner();
        let shadows = self.service.list_shadows().await;
        let shadows = shadows.map_err(|error| failed(&error))?;
        Ok(Response::new(pb::ListShadowsResponse {
            shadows: shadows.iter().map(wire::shadow::shadow).collect(),
        }))
    }

    /// Adds what shadows said to recorded decisions, where the view shows it.
    pub(super) async fn with_said(
        &self,
        shown: &mut [Shown],
        view: Option<View>,
    ) -> Result<(), Error> {
        if view == Some(View::Basic) {
            return Ok(());
        }
        let ids = shown.iter().map(|it| it.record.decision_id.clone());
        let mut said = self.service.said_of(ids.collect()).await?;
        for it in shown {
            it.said = said.remove(&it.record.decision_id).unwrap_or_default();
        }
        Ok(())
    }
}
