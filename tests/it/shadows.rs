//! Shadows over the wire: shown in the full view alone, counted in the metrics, and going on after a restart; refusals
//! say what would be right.

use doorstep::api::wire::pb;
use pb::decision_service_client::DecisionServiceClient;
use pb::policy_service_client::PolicyServiceClient;
use pb::start_shadow_request::Candidate;
use tonic::Code;
use tonic::transport::Channel;

use crate::place::{Place, Serving};

struct Client {
    decisions: DecisionServiceClient<Channel>,
    policies: PolicyServiceClient<Channel>,
}

async fn client(serving: &Serving) -> Client {
    let channel = Channel::from_shared(format!("http://{}", serving.grpc));
    let channel = channel.unwrap().connect().await.unwrap();
    Client {
        decisions: DecisionServiceClient::new(channel.clone()),
        policies: PolicyServiceClient::new(channel),
    }
}

fn order(number: i64) -> pb::Order {
    pb::Order {
        order_id: format!("order-{number}"),
        customer_id: format!("customer-{number}"),
        items: vec![pb::Item {
            item_id: "i1".to_owned(),
            category: pb::Category::Phone.into(),
            unit_price_minor: Some(60_000 + 10_000 * number),
            quantity: Some(1),
            ..pb::Item::default()
        }],
        delivery: Some(pb::Delivery {
            address_key: format!("address-{number}"),
            ..pb::Delivery::default()
        }),
        stage: pb::Stage::Placed.into(),
        currency_code: "EUR".to_owned(),
        ..pb::Order::default()
    }
}

impl Client {
    async fn decide(&mut self, number: i64) -> pb::Decision {
        let request = pb::DecideRequest {
            order: Some(order(number)),
            view: pb::DecisionView::Full.into(),
            ..pb::DecideRequest::default()
        };
        let answer = self.decisions.decide(request).await.unwrap();
        answer.into_inner().decision.unwrap()
    }

    async fn get(&mut self, id: &str, view: pb::DecisionView) -> pb::Decision {
        let request = pb::GetDecisionRequest {
            decision_id: id.to_owned(),
            view: view.into(),
            ..pb::GetDecisionRequest::default()
        };
        let answer = self.decisions.get_decision(request).await.unwrap();
        answer.into_inner().decision.unwrap()
    }

    async fn shadows(&mut self) -> Vec<pb::Shadow> {
        let asked = self.policies.list_shadows(pb::ListShadowsRequest {}).await;
        asked.unwrap().into_inner().shadows
    }

    async fn start(&mut self, candidate: Candidate) -> Result<pb::Shadow, tonic::Status> {
        let request = pb::StartShadowRequest {
            candidate: Some(candidate),
            until_at: None,
            note: "a try".to_owned(),
        };
        let answer = self.policies.start_shadow(request).await?;
        Ok(answer.into_inner().shadow.unwrap())
    }
}

fn judged(shadow: &pb::Shadow) -> u64 {
    shadow.transitions.iter().map(|it| it.orders).sum()
}

#[tokio::test]
async fn a_shadow_is_seen_in_the_full_view_alone_and_goes_on_after_a_restart() {
    let place = Place::new();
    let serving = place.serve(&[]);
    let mut client = client(&serving).await;
    let before = client.decide(0).await;
    let model = Candidate::ModelName("trained".to_owned());
    let started = client.start(model).await.unwrap();
    assert_eq!(started.shadow_id, "shadow-1");
    assert_eq!(
        (started.principal.as_str(), started.note.as_str()),
        ("dev", "a try")
    );
    let days = started.until_at.unwrap().seconds - started.started_at.unwrap().seconds;
    assert_eq!(days, 30 * 86_400);
    let live = client.decide(1).await;
    assert_eq!(live.shadows, [], "the answer comes before what shadows say");
    let listed = client.shadows().await;
    assert_eq!((judged(&listed[0]), listed[0].failed), (1, 0));
    assert_eq!(listed[0].transitions[0].from, live.action);
    assert_eq!(
        listed[0].transitions[0].decision_ids,
        std::slice::from_ref(&live.decision_id)
    );
    assert!((listed[0].transitions[0].value_minor - 70_000.0).abs() < 1e-9);
    let full = client.get(&live.decision_id, pb::DecisionView::Full).await;
    let [said] = full.shadows.as_slice() else {
        panic!("{:?}", full.shadows)
    };
    assert_eq!(said.shadow_id, "shadow-1");
    assert_eq!(said.action, listed[0].transitions[0].to);
    assert_eq!(said.policy, live.policy);
    let Some(pb::shadow::Candidate::Model(trained)) = &started.candidate else {
        panic!("{started:?}")
    };
    assert_eq!(said.model.as_ref(), Some(trained));
    // Whatever was said, the record and its digest are as they were answered.
    let bare = pb::Decision {
        shadows: Vec::new(),
        already_recorded: live.already_recorded,
        ..full
    };
    assert_eq!(bare, live);
    let basic = client.get(&live.decision_id, pb::DecisionView::Basic).await;
    assert_eq!(basic.shadows, []);
    let early = client
        .get(&before.decision_id, pb::DecisionView::Full)
        .await;
    assert_eq!(
        early.shadows,
        [],
        "it was decided before there was a shadow"
    );
    let name = |number: i32| pb::Action::try_from(number).unwrap().as_str_name()[7..].to_owned();
    let line = |count: u64| {
        let (from, to) = (name(live.action), name(said.action));
        format!(
            "doorstep_shadow_transitions_total{{shadow=\"shadow-1\",from=\"{from}\",to=\"{to}\"}} {count}"
        )
    };
    let page = serving.wait_for(&line(1));
    assert!(
        page.contains("doorstep_shadow_failed_total{shadow=\"shadow-1\"} 0"),
        "{page}"
    );
    assert!(page.contains("doorstep_shadow_dropped_total 0"), "{page}");
    drop(client);
    serving.stop().ended(0);

    let serving = place.serve(&[]);
    let mut client = self::client(&serving).await;
    // Counts go on where they stood.
    serving.wait_for(&line(1));
    client.decide(2).await;
    assert_eq!(judged(&client.shadows().await[0]), 2);
    let request = pb::ListDecisionsRequest {
        view: pb::DecisionView::Full.into(),
        ..pb::ListDecisionsRequest::default()
    };
    let page = client.decisions.list_decisions(request).await.unwrap();
    let said: Vec<_> = page
        .get_ref()
        .decisions
        .iter()
        .map(|it| it.shadows.len())
        .collect();
    assert_eq!(said, [1, 1, 0], "newest first");
}

#[tokio::test]
async fn what_cannot_start_or_stop_says_what_would_be_right() {
    let place = Place::new();
    let serving = place.serve(&[]);
    let mut client = client(&serving).await;
    let unknown = Candidate::PolicyDigest("ab".repeat(32));
    let refused = client.start(unknown).await.unwrap_err();
    assert_eq!(refused.code(), Code::NotFound, "{refused}");
    let refused = client
        .start(Candidate::ModelName("../keys".to_owned()))
        .await;
    assert_eq!(refused.unwrap_err().code(), Code::InvalidArgument);
    let refused = client
        .start(Candidate::ModelName("oracle".to_owned()))
        .await;
    let refused = refused.unwrap_err();
    assert_eq!(refused.code(), Code::InvalidArgument);
    assert!(refused.message().contains("`prior`"), "{refused}");
    let stop = |id: &str| pb::StopShadowRequest {
        shadow_id: id.to_owned(),
        note: String::new(),
    };
    let refused = client.policies.stop_shadow(stop("shadow-1")).await;
    assert_eq!(refused.unwrap_err().code(), Code::NotFound);
    client
        .start(Candidate::ModelName("prior".to_owned()))
        .await
        .unwrap();
    client.policies.stop_shadow(stop("shadow-1")).await.unwrap();
    let refused = client.policies.stop_shadow(stop("shadow-1")).await;
    assert_eq!(refused.unwrap_err().code(), Code::FailedPrecondition);
    assert_eq!(client.shadows().await.len(), 1, "what was stopped stays");
}
