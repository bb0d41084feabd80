//! `HistoryService`.

use tonic::{Request, Response, Status, async_trait};

use super::{Face, deadline, failed, not_built, refused};
use crate::api::wire::pb::history_service_server::HistoryService;
use crate::api::wire::{self, pb, request};

#[async_trait]
impl HistoryService for Face {
    async fn record_events(
        &self,
        request: Request<pb::RecordEventsRequest>,
    ) -> Result<Response<pb::RecordEventsResponse>, Status> {
        let until = deadline(&request);
        let checked = request::events(request.into_inner(), &self.accepts()).map_err(refused)?;
        let good = checked
            .iter()
            .filter_map(|(_, event)| event.as_ref().ok().cloned())
            .collect();
        let mut taken = self
            .service
            .record_events(good, until)
            .await
            .map_err(|error| failed(&error))?
            .into_iter();
        let mut results = Vec::with_capacity(checked.len());
        for (event_id, event) in checked {
            let fate = match &event {
                Ok(_) => Ok(taken.next().ok_or_else(super::status::internal)?),
                Err(invalid) => Err(invalid),
            };
            let result = wire::event_result(event_id, fate);
            self.outcomes.taken(&result);
            results.push(result);
        }
        Ok(Response::new(pb::RecordEventsResponse { results }))
    }

    async fn get_profile(
        &self,
        request: Request<pb::GetProfileRequest>,
    ) -> Result<Response<pb::GetProfileResponse>, Status> {
        let subject = request::profile(request.into_inner()).map_err(refused)?;
        let facts = self
            .service
            .profile(subject)
            .await
            .map_err(|error| failed(&error))?;
        Ok(Response::new(wire::profile(&facts)))
    }

    async fn erase_customer(
        &self,
        _: Request<pb::EraseCustomerRequest>,
    ) -> Result<Response<pb::EraseCustomerResponse>, Status> {
        Err(not_built("EraseCustomer"))
    }
}
