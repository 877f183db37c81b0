//! Pauses, stops and signals: whole trees stand still, go on, end.

use super::rig::{Rig, below, cpu_below, eventually, lives, read_until, within};
use super::*;

#[tokio::test]
async fn a_paused_tree_uses_no_processor_and_goes_on() {
    let rig = Rig::new();
    let (id, l) = rig.sh("yes >/dev/null & yes >/dev/null & setsid yes >/dev/null & wait").await;
    let holder = l.holder_pid;
    eventually("three of them run", || below(holder).len() == 4 && cpu_below(holder) > 30).await;
    let reply = l.control.freeze().await.unwrap();
    assert_eq!((reply.count, reply.survivors.len()), (4, 0));
    assert!(pty::tree::descendants_brief(holder).iter().all(|p| p.state == 'T'));
    let before = cpu_below(holder);
    tokio::time::sleep(Duration::from_millis(400)).await;
    assert_eq!(cpu_below(holder), before);
    // The pause outlives the server.
    drop(l);
    let l = rig.attach(&id).await;
    assert!(l.frozen);
    assert_eq!(l.control.freeze().await.unwrap().count, 4);
    assert_eq!(l.control.thaw().await.unwrap(), 4);
    eventually("they run again", || cpu_below(holder) > before + 30).await;
    let all = below(holder);
    // A paused tree is killed where it lies.
    l.control.freeze().await.unwrap();
    l.control.stop(StopPlan::default()).await.unwrap();
    assert!(l.control.freeze().await.is_err() || l.control.status().await.unwrap().exited.is_some());
    assert_eq!(stopped(&l).await.survivors, []);
    assert!(!all.iter().any(|p| lives(*p)));
    finish(&rig, l).await;
}

#[tokio::test]
async fn a_job_that_was_stopped_before_stays_stopped() {
    let rig = Rig::new();
    let (_, mut l) = rig.sh("sleep 1000 & kill -STOP $!; echo stopped; sleep 1000").await;
    let holder = l.holder_pid;
    read_until(&mut l, &mut String::new(), "stopped").await;
    eventually("it is stopped", || pty::tree::descendants_brief(holder).iter().filter(|p| p.is_stopped()).count() == 1).await;
    eventually("the other sleeps", || below(holder).len() == 3).await;
    assert_eq!(l.control.freeze().await.unwrap().count, 2);
    assert_eq!(l.control.thaw().await.unwrap(), 2);
    eventually("two go on", || pty::tree::descendants_brief(holder).iter().filter(|p| p.is_stopped()).count() == 1).await;
}

#[tokio::test]
async fn a_tree_that_never_stops_forking_is_paused_whole() {
    let rig = Rig::new();
    let storm = "for n in 1 2 3; do (while :; do sh -c : ; (exec true) & done) & done; wait";
    let (_, l) = rig.sh(storm).await;
    eventually("it storms", || cpu_below(l.holder_pid) > 50).await;
    for _ in 0..5 {
        assert_eq!(l.control.freeze().await.unwrap().survivors, []);
        let now = below(l.holder_pid);
        tokio::time::sleep(Duration::from_millis(50)).await;
        assert_eq!(below(l.holder_pid), now);
        l.control.thaw().await.unwrap();
    }
    l.control.stop(StopPlan::FORCE).await.unwrap();
    assert_eq!(stopped(&l).await.survivors, []);
    finish(&rig, l).await;
}

/// Ignores HUP and TERM in every way there is: in its own session, forked twice, without a parent, and making new ones.
pub const STUBBORN: &str = r#"
trap '' HUP TERM INT
setsid sh -c "trap '' HUP TERM; echo a; while :; do sleep 1; done" &
( ( setsid sh -c "trap '' HUP TERM; echo b; sleep 1000; sleep 1000" & ) & )
( sh -c "trap '' HUP TERM; echo c; while :; do sleep 0.01; done" >/dev/tty 2>&1 & )
sh -c 'exec setsid nohup sleep 1000' &
echo up
while :; do sleep 0.02; done
"#;

#[tokio::test]
async fn nothing_survives_a_stop() {
    let rig = Rig::new();
    for round in 0..10 {
        let (id, mut l) = rig.sh(STUBBORN).await;
        let holder = l.holder_pid;
        read_until(&mut l, &mut String::new(), "up").await;
        eventually("all are there", || below(holder).len() >= 7).await;
        let plan = if round % 2 == 0 { StopPlan { grace_ms: 50, kill_ms: 5_000 } } else { StopPlan::FORCE };
        l.control.stop(plan).await.unwrap();
        assert_eq!(stopped(&l).await.survivors, [], "round {round}");
        assert!(pty::sessions_in_environments().iter().all(|(of, _)| *of != id), "round {round}");
        assert_eq!(l.control.status().await.unwrap().tree, Some(0));
        finish(&rig, l).await;
    }
}

#[tokio::test]
async fn a_stop_goes_on_without_who_asked_for_it() {
    let rig = Rig::new();
    let (id, mut l) = rig.sh(STUBBORN).await;
    read_until(&mut l, &mut String::new(), "up").await;
    let all = below(l.holder_pid);
    l.control.stop(StopPlan { grace_ms: 300, kill_ms: 5_000 }).await.unwrap();
    drop(l);
    eventually("all ended", || !all.iter().any(|p| lives(*p))).await;
    let l = rig.attach(&id).await;
    let status = match l.exited {
        Some(status) => status,
        None => exited(&l).await,
    };
    assert_eq!(status.signal, Some(9));
    eventually_empty(&l).await;
    finish(&rig, l).await;
}

async fn eventually_empty(l: &Leased) {
    within("the tree is empty", async { while l.control.status().await.unwrap().tree != Some(0) {} }).await;
}

#[tokio::test]
async fn the_polite_way_is_enough_for_the_polite() {
    let rig = Rig::new();
    let (_, mut l) = rig.sh("trap 'echo bye; exit 3' TERM; trap '' HUP; sleep 1000 & echo up; wait; wait").await;
    let mut seen = String::new();
    read_until(&mut l, &mut seen, "up").await;
    l.control.stop(StopPlan::default()).await.unwrap();
    read_until(&mut l, &mut seen, "bye").await;
    assert_eq!(exited(&l).await.code, Some(3));
    assert_eq!(stopped(&l).await.survivors, []);
    finish(&rig, l).await;
}

#[tokio::test]
async fn what_an_agent_leaves_behind_is_counted_and_can_be_stopped() {
    let rig = Rig::new();
    let (id, mut l) = rig.sh("setsid sh -c 'echo on; sleep 1000' & while ! pgrep -s 0 >/dev/null; do :; done; sleep 0.1; exit 0").await;
    read_until(&mut l, &mut String::new(), "on").await;
    assert_eq!(exited(&l).await.code, Some(0));
    let holder = l.holder_pid;
    let left = l.control.ack_exit().await.unwrap().tree;
    assert!(left >= Some(1), "{left:?}");
    drop(l);
    // Acknowledged, but somebody is left: the holder stays with them.
    let l = rig.attach(&id).await;
    assert_eq!((l.holder_pid, l.exited.and_then(|e| e.code)), (holder, Some(0)));
    l.control.stop(StopPlan::default()).await.unwrap();
    assert_eq!(stopped(&l).await.survivors, []);
    within("the holder's end", async { while l.control.event().await != Event::Closed {} }).await;
    assert!(rig.is_empty().await);
}

#[tokio::test]
async fn signals_reach_the_agent_or_the_tree() {
    let rig = Rig::new();
    let (_, mut l) =
        rig.sh("trap 'echo one' USR1; sh -c 'trap \"echo two\" USR1; echo up; while :; do sleep 0.02; done' & while :; do wait; done").await;
    let mut seen = String::new();
    read_until(&mut l, &mut seen, "up").await;
    assert_eq!(l.control.signal(10, false).await.unwrap(), 1);
    read_until(&mut l, &mut seen, "one").await;
    assert!(!seen.contains("two"));
    assert!(l.control.signal(0, false).await.is_err());
    assert!(l.control.signal(-9, true).await.unwrap() == 0);
    // `sleep` dies of it, the two shells say so.
    assert!(l.control.signal(10, true).await.unwrap() >= 2);
    read_until(&mut l, &mut seen, "two").await;
}
