//! A disk that runs full: nothing is promised, health says so, and space brings it back.

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use tonic::Code;
use tonic_health::pb::HealthCheckRequest;
use tonic_health::pb::health_check_response::ServingStatus;
use tonic_health::pb::health_client::HealthClient;
use tonic_types::StatusExt as _;

use super::wire_client::{Client, Server, laptop, refused, run};

/// A small file system of its own, gone when dropped.
struct Disk<'a>(&'a Path);

impl<'a> Disk<'a> {
    /// None where we may not mount one.
    fn mount(path: &'a Path) -> Option<Self> {
        std::fs::create_dir_all(path).unwrap();
        let mounted = Command::new("mount")
            .args(["-t", "tmpfs", "-o", "size=12m", "doorstep-test"])
            .arg(path)
            .output();
        mounted
            .is_ok_and(|it| it.status.success())
            .then_some(Self(path))
    }
}

impl Drop for Disk<'_> {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("--lazy").arg(self.0).status();
    }
}

/// Writes until nothing more fits.
fn fill(path: &Path) {
    use std::io::Write as _;
    let mut file = std::fs::File::create(path).unwrap();
    while file.write_all(&[0; 4096]).is_ok() {}
    while file.write_all(&[0]).is_ok() {}
}

async fn health(client: &Client) -> ServingStatus {
    let request = HealthCheckRequest::default();
    let answer = HealthClient::new(client.channel.clone())
        .check(request)
        .await;
    answer.unwrap().into_inner().status()
}

#[test]
fn a_full_disk_refuses_says_so_and_recovers_by_itself() {
    let folder = tempfile::tempdir().unwrap();
    let place = folder.path().join("disk");
    let Some(disk) = Disk::mount(&place) else {
        println!("SKIPPED: a full disk needs the right to mount a small file system");
        return;
    };
    let data = disk.0.join("data");
    let server = Server::start(&data, &[]);
    let filler = disk.0.join("filler");
    tokio::runtime::Runtime::new().unwrap().block_on(async {
        let client = server.client().await;
        let mut kept = Vec::new();
        let order = |number: usize| {
            let id = format!("order-{number}");
            laptop(
                &id,
                &format!("customer-{number}"),
                &format!("address-{number}"),
            )
        };
        for number in 0..20 {
            kept.push(client.decide(order(number)).await.unwrap());
        }
        assert_eq!(health(&client).await, ServingStatus::Serving);

        fill(&filler);
        // What fits into pages that are there already may still be taken.
        let mut refused = None;
        for number in 20..4_000 {
            match client.decide(order(number)).await {
                Ok(decision) => kept.push(decision),
                Err(status) => {
                    refused = Some((order(number), status));
                    break;
                }
            }
        }
        let (unsaved, status) = refused.expect("a full disk refuses in the end");
        assert_eq!(status.code(), Code::Unavailable, "{status}");
        assert!(status.get_details_retry_info().is_some(), "{status}");
        assert_eq!(health(&client).await, ServingStatus::NotServing);
        // What is recorded can still be read, and nothing of the refused order is there.
        client.get(&kept[0].order_id).await.unwrap();
        let missing = client.get(&unsaved.order_id).await.unwrap_err();
        assert_eq!(missing.code(), Code::NotFound);

        std::fs::remove_file(&filler).unwrap();
        let mut patience = 600;
        let decision = loop {
            match client.decide(unsaved.clone()).await {
                Ok(decision) => break decision,
                Err(status) => assert_eq!(status.code(), Code::Unavailable, "{status}"),
            }
            patience -= 1;
            assert!(patience > 0, "space did not bring it back");
            tokio::time::sleep(Duration::from_millis(50)).await;
        };
        assert_eq!(decision.revision, 1);
        assert_eq!(health(&client).await, ServingStatus::Serving);
        for told in &kept {
            assert_eq!(
                client.get(&told.order_id).await.unwrap().decision_id,
                told.decision_id
            );
        }
    });
    assert!(server.stop().success());
    run(&["store", "verify"], &data);
}

#[test]
fn a_data_directory_that_cannot_be_written_is_refused_at_the_start() {
    let folder = tempfile::tempdir().unwrap();
    let place = folder.path().join("disk");
    let Some(disk) = Disk::mount(&place) else {
        println!("SKIPPED: a read-only disk needs the right to mount a small file system");
        return;
    };
    let data = disk.0.join("data");
    assert!(Server::start(&data, &[]).stop().success());
    let again = Command::new("mount")
        .args(["-o", "remount,ro"])
        .arg(disk.0)
        .status();
    assert!(again.unwrap().success());
    let (code, said) = refused(&data);
    assert_eq!(code, 4, "{said}");
    assert!(said.contains(data.to_str().unwrap()), "{said}");
    assert!(!said.contains("panicked"), "{said}");
}
