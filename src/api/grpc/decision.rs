//! `DecisionService`.

use std::time::Instant;

use tonic::{Request, Response, Status, async_trait};
use tonic_types::StatusExt as _;

use super::{Face, deadline, failed, not_built, refused};
use crate::api::wire;
use crate::api::wire::pb::decision_service_server::DecisionService;
use crate::api::wire::pb::{self, decide_result};
use crate::api::wire::request::{self, Decide, Mode, View};
use crate::decision::explain::explain;
use crate::service::Error;
use crate::service::shown::Shown;

#[async_trait]
impl DecisionService for Face {
    async fn decide(
        &self,
        request: Request<pb::DecideRequest>,
    ) -> Result<Response<pb::DecideResponse>, Status> {
        let until = deadline(&request);
        let asked = request::decide(request.into_inner(), &self.accepts()).map_err(refused)?;
        let request_id = asked.request_id.clone();
        let decision = self
            .decided(asked, until)
            .await
            .map_err(|error| failed(&error))?;
        Ok(Response::new(pb::DecideResponse {
            decision: Some(decision),
            request_id,
        }))
    }

    async fn decide_batch(
        &self,
        request: Request<pb::DecideBatchRequest>,
    ) -> Result<Response<pb::DecideBatchResponse>, Status> {
        let until = deadline(&request);
        let asked = request::batch(request.into_inner(), &self.accepts()).map_err(refused)?;
        // All take their places in the store's queue before the first answer is awaited.
        let queued: Vec<_> = asked
            .into_iter()
            .map(|(request_id, asked)| (request_id, asked.map(|asked| self.decided(asked, until))))
            .collect();
        let mut results = Vec::with_capacity(queued.len());
        for (request_id, queued) in queued {
            let status = match queued {
                Ok(queued) => match queued.await {
                    Ok(decision) => {
                        let result = Some(decide_result::Result::Decision(Box::new(decision)));
                        results.push(pb::DecideResult { request_id, result });
                        continue;
                    }
                    Err(error) => failed(&error),
                },
                Err(invalid) => refused(invalid),
            };
            let result = Some(decide_result::Result::Error(item_error(&status)));
            results.push(pb::DecideResult { request_id, result });
        }
        Ok(Response::new(pb::DecideBatchResponse { results }))
    }

    async fn get_decision(
        &self,
        request: Request<pb::GetDecisionRequest>,
    ) -> Result<Response<pb::GetDecisionResponse>, Status> {
        let (by, view) = request::get(request.into_inner()).map_err(refused)?;
        let mut shown = self
            .service
            .decision(by)
            .await
            .map_err(|error| failed(&error))?;
        self.with_said(std::slice::from_mut(&mut shown), view)
            .await
            .map_err(|error| failed(&error))?;
        let decision = self
            .told(&shown, view)
            .await
            .map_err(|error| failed(&error))?;
        Ok(Response::new(pb::GetDecisionResponse {
            decision: Some(decision),
        }))
    }

    async fn list_decisions(
        &self,
        request: Request<pb::ListDecisionsRequest>,
    ) -> Result<Response<pb::ListDecisionsResponse>, Status> {
        let (listing, view) = request::list(request.into_inner()).map_err(refused)?;
        let (mut page, next_page_token) = self
            .service
            .list(listing)
            .await
            .map_err(|error| failed(&error))?;
        self.with_said(&mut page, view)
            .await
            .map_err(|error| failed(&error))?;
        let mut decisions = Vec::with_capacity(page.len());
        for shown in &page {
            decisions.push(
                self.told(shown, view)
                    .await
                    .map_err(|error| failed(&error))?,
            );
        }
        Ok(Response::new(pb::ListDecisionsResponse {
            decisions,
            next_page_token,
        }))
    }

    async fn replay_decision(
        &self,
        request: Request<pb::ReplayDecisionRequest>,
    ) -> Result<Response<pb::ReplayDecisionResponse>, Status> {
        let (id, policy) = request::replay(request.into_inner()).map_err(refused)?;
        let replayed = self
            .service
            .replay(id, policy.as_deref())
            .await
            .map_err(|error| failed(&error))?;
        let decision = self
            .told(&replayed.shown, None)
            .await
            .map_err(|error| failed(&error))?;
        Ok(Response::new(wire::replay(decision, &replayed.differences)))
    }

    async fn choose_alternative(
        &self,
        _: Request<pb::ChooseAlternativeRequest>,
    ) -> Result<Response<pb::ChooseAlternativeResponse>, Status> {
        Err(not_built("ChooseAlternative"))
    }

    async fn review_decision(
        &self,
        _: Request<pb::ReviewDecisionRequest>,
    ) -> Result<Response<pb::ReviewDecisionResponse>, Status> {
        Err(not_built("ReviewDecision"))
    }
}

impl Face {
    /// Decides or previews; in line before it is first awaited.
    fn decided(
        &self,
        asked: Decide,
        until: Instant,
    ) -> impl Future<Output = Result<pb::Decision, Error>> + Send + use<> {
        let Decide {
            order,
            content,
            mode,
            view,
            request_id: _,
            policy_version,
        } = asked;
        let face = self.clone();
        let queued = match mode {
            Mode::Enforce => Ok(self.service.decide(order, content, until)),
            Mode::Preview => Err(order),
        };
        async move {
            let shown = match queued {
                Ok(queued) => queued.await?,
                Err(order) => {
                    face.previewed(order, content, policy_version.as_deref())
                        .await?
                }
            };
            face.outcomes.decided(&shown);
            face.told(&shown, view).await
        }
    }

    async fn previewed(
        &self,
        order: crate::domain::order::Order,
        content: crate::domain::units::Digest,
        policy: Option<&str>,
    ) -> Result<Shown, Error> {
        let release = match policy {
            Some(name) => Some(self.service.release_named(name).await?),
            None => None,
        };
        self.service.preview(order, content, release).await
    }

    /// A decision in the view asked for; unspecified is the most that the caller may see, and `dev` may see all.
    async fn told(&self, shown: &Shown, view: Option<View>) -> Result<pb::Decision, Error> {
        let record = &shown.record;
        let full = view != Some(View::Basic);
        let release = match self.service.release_of(record, None).await {
            Ok(release) => Some(release),
            Err(error) if full => return Err(error),
            Err(_) => None,
        };
        let policy = release.as_ref().map(|release| &*release.policy);
        let words = self.texts.of(&record.situation, &record.decision, policy);
        let explained = release
            .as_ref()
            .filter(|_| full)
            .map(|release| explain(&record.situation, release));
        Ok(wire::decision(shown, &words, explained.as_ref()))
    }
}

/// A refusal as a part of a list: its code, its text, its field violations.
fn item_error(status: &Status) -> pb::ItemError {
    let violations = status
        .get_details_bad_request()
        .map(|it| it.field_violations);
    let violation = |it: tonic_types::FieldViolation| pb::FieldViolation {
        field: it.field,
        description: it.description,
    };
    pb::ItemError {
        code: u32::try_from(i32::from(status.code())).unwrap_or(2),
        message: status.message().to_owned(),
        field_violations: violations.into_iter().flatten().map(violation).collect(),
    }
}
