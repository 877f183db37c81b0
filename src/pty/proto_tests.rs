//! Golden bytes of the frozen protocol, and the decoder against random input. Lines are added here, never changed.

use super::*;
use crate::pty::spec::Survivor;
use proptest::prelude::*;

fn golden(bytes: Vec<u8>, kind: u8, text: &str) {
    let mut want = (text.len() as u32 + 2).to_le_bytes().to_vec();
    want.extend([1, kind]);
    want.extend(text.as_bytes());
    assert_eq!(bytes, want, "{}", String::from_utf8_lossy(&bytes));
}

#[test]
fn request_bytes_are_frozen() {
    assert_eq!(Request::Freeze.encode(), [2, 0, 0, 0, 1, 4]);
    golden(Request::Hello.encode(), 0x01, "");
    golden(Request::Lease(LeaseAsk { epoch: 7, wait: true }).encode(), 0x02, r#"{"epoch":7,"wait":true}"#);
    golden(Request::Signal(SignalAsk { sig: 15, tree: true }).encode(), 0x03, r#"{"sig":15,"tree":true}"#);
    golden(Request::Thaw.encode(), 0x05, "");
    golden(Request::Stop(StopPlan::default()).encode(), 0x06, r#"{"grace_ms":5000,"kill_ms":2000}"#);
    golden(Request::Status.encode(), 0x07, "");
    golden(Request::AckExit.encode(), 0x08, "");
    golden(Request::MetaSet(b"any".to_vec()).encode(), 0x09, "any");
    golden(Request::MetaGet.encode(), 0x0a, "");
}

#[test]
fn notice_and_reply_bytes_are_frozen() {
    let ended = ExitStatus { code: None, signal: Some(9) };
    golden(Notice::Exited(ended).encode(), 0x41, r#"{"code":null,"signal":9}"#);
    let left = Survivor { pid: 5, comm: "x".into(), reason: "other user".into() };
    golden(Notice::Stopped(StopReport { survivors: vec![left] }).encode(), 0x42, r#"{"survivors":[{"pid":5,"comm":"x","reason":"other user"}]}"#);
    golden(Notice::StopProgress(StopProgress { phase: "kill".into() }).encode(), 0x43, r#"{"phase":"kill"}"#);
    golden(Notice::Emptied.encode(), 0x44, "");
    golden(Notice::LeaseWaits(LeaseWaits { pid: 3 }).encode(), 0x45, r#"{"pid":3}"#);
    golden(Notice::LaunchFailed(LaunchFailure::text("cwd", "gone")).encode(), 0x46, r#"{"step":"cwd","errno":null,"message":"gone"}"#);
    golden(json(kind::ERROR, &ErrorReply { to: 2, code: "busy".into(), message: "m".into() }), 0xff, r#"{"to":2,"code":"busy","message":"m"}"#);
    golden(json(kind::REPLY | kind::FREEZE, &TreeReply { count: 2, survivors: vec![] }), 0x84, r#"{"count":2,"survivors":[]}"#);
    golden(
        json(kind::REPLY | kind::STATUS, &Status { holder_pid: 1, exited: Some(ended), cols: 80, ..Status::default() }),
        0x87,
        concat!(
            r#"{"holder_pid":1,"agent_pid":0,"agent_ticks":0,"started_wall_ms":0,"cols":80,"rows":0,"lease_pid":null,"epoch":0,"#,
            r#""frozen":false,"stopping":false,"exited":{"code":null,"signal":9},"head":0,"spilled":0,"blocked":false,"fds":0,"build":""}"#
        ),
    );
}

#[test]
fn unknown_is_answered_and_fields_are_additive() {
    let unknown = Request::decode(Frame { version: 1, kind: 0x3f, payload: vec![1] }).unwrap_err();
    assert_eq!((unknown.to, unknown.code.as_str()), (0x3f, "unknown"));
    assert_eq!(Request::decode(Frame { version: 2, kind: kind::STATUS, payload: vec![] }).unwrap_err().code, "version");
    assert_eq!(Request::decode(Frame { version: 1, kind: kind::STOP, payload: b"[".to_vec() }).unwrap_err().code, "bad_payload");
    assert_eq!(Request::decode(Frame { version: 1, kind: kind::META_SET, payload: vec![0; MAX_META + 1] }).unwrap_err().code, "too_large");
    let later = Frame { version: 1, kind: kind::LEASE, payload: br#"{"epoch":1,"colour":"red"}"#.to_vec() };
    assert_eq!(Request::decode(later), Ok(Request::Lease(LeaseAsk { epoch: 1, wait: false })));
    let empty = Frame { version: 1, kind: kind::STOP, payload: vec![] };
    assert_eq!(Request::decode(empty), Ok(Request::Stop(StopPlan::default())));
    assert_eq!(Notice::decode(&Frame { version: 1, kind: 0x7e, payload: vec![] }), None);
}

#[test]
fn lengths_out_of_range_end_the_connection() {
    for length in [0u32, 1, MAX_LENGTH as u32 + 1, u32::MAX] {
        let mut d = Decoder::default();
        d.push(&length.to_le_bytes());
        assert_eq!(d.next_frame(), Err(BadLength(length)));
    }
    let mut d = Decoder::default();
    d.push(&encode(9, &vec![7; MAX_LENGTH - 2]));
    assert_eq!(d.next_frame().unwrap().unwrap().payload.len(), MAX_LENGTH - 2);
    assert!(String::from_utf8_lossy(&encode(9, &vec![7; MAX_LENGTH - 1])).contains("too_large"));
}

fn request() -> impl Strategy<Value = Request> {
    prop_oneof![
        Just(Request::Hello),
        any::<(u64, bool)>().prop_map(|(epoch, wait)| Request::Lease(LeaseAsk { epoch, wait })),
        any::<(i32, bool)>().prop_map(|(sig, tree)| Request::Signal(SignalAsk { sig, tree })),
        Just(Request::Freeze),
        Just(Request::Thaw),
        any::<(u64, u64)>().prop_map(|(grace_ms, kill_ms)| Request::Stop(StopPlan { grace_ms, kill_ms })),
        Just(Request::Status),
        Just(Request::AckExit),
        proptest::collection::vec(any::<u8>(), 0..2000).prop_map(Request::MetaSet),
        Just(Request::MetaGet),
    ]
}

proptest! {
    #[test]
    fn requests_survive_any_cutting(asked in proptest::collection::vec(request(), 1..6), cut in 1usize..40) {
        let bytes: Vec<u8> = asked.iter().flat_map(Request::encode).collect();
        let (mut d, mut got) = (Decoder::default(), Vec::new());
        for piece in bytes.chunks(cut) {
            d.push(piece);
            while let Some(frame) = d.next_frame().unwrap() {
                got.push(Request::decode(frame).unwrap());
            }
        }
        prop_assert_eq!(got, asked);
    }

    #[test]
    fn random_bytes_never_break_the_decoder(pieces in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 0..200), 0..20)) {
        let mut d = Decoder::default();
        let total: usize = pieces.iter().map(Vec::len).sum();
        let mut taken = 0;
        'all: for piece in &pieces {
            d.push(piece);
            loop {
                match d.next_frame() {
                    Ok(Some(frame)) => {
                        taken += frame.payload.len() + 6;
                        let _ = Notice::decode(&frame);
                        let _ = Request::decode(frame);
                    }
                    Ok(None) => break,
                    Err(_) => break 'all,
                }
            }
        }
        prop_assert!(taken <= total);
    }

    #[test]
    fn random_payloads_of_known_kinds_never_panic(kind in 0u8..=0x4f, payload in proptest::collection::vec(any::<u8>(), 0..300)) {
        let frame = Frame { version: 1, kind, payload };
        let _ = Notice::decode(&frame);
        if let Ok(request) = Request::decode(frame) {
            let mut d = Decoder::default();
            d.push(&request.encode());
            prop_assert_eq!(Request::decode(d.next_frame().unwrap().unwrap()), Ok(request));
        }
    }
}
