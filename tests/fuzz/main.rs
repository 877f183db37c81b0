//! Fuzzing of the native engine, without a tool: runs are made from a number, so that a failure names the run that repeats it.
//!
//! `cargo test --test fuzz` makes some hundreds of runs. As long as wished, best with `--release`:
//! `FUZZ_SECONDS=3600 cargo test --release --test fuzz -- --nocapture`; `FUZZ_SEED=n` begins elsewhere, `FUZZ_ONE=n` repeats
//! run `n` alone. What holds at every step stands in `rules`.

mod generator;
mod rules;

use generator::{Dice, Step};
use rules::{Limits, Watched};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::{Duration, Instant};

/// Runs without a wish.
const USUAL: u64 = if cfg!(debug_assertions) { 300 } else { 3000 };

fn wish(name: &str) -> Option<u64> {
    std::env::var(name).ok().and_then(|n| n.parse().ok())
}

/// One whole run: the engine of `seed`, the steps, every rule after each of them. Gives the bytes fed.
fn run(seed: u64, steps: &[Step], limits: &mut Limits) -> Result<usize, String> {
    let act = || {
        let mut watched = Watched::new(&mut Dice::new(seed));
        let mut fed = 0;
        for step in steps {
            if let Step::Feed(bytes) = step {
                fed += bytes.len();
            }
            watched.step(step, limits)?;
        }
        watched.finish()?;
        Ok(fed)
    };
    catch_unwind(AssertUnwindSafe(act)).unwrap_or_else(|_| Err("it panicked".into()))
}

fn steps(seed: u64) -> Vec<Step> {
    generator::steps(&mut Dice::new(!seed))
}

/// Leaves out what the failure does not need: whole steps, then parts of what is fed.
fn shrunk(seed: u64, mut steps: Vec<Step>) -> Vec<Step> {
    let fails = |steps: &[Step]| run(seed, steps, &mut Limits::default()).is_err();
    let mut i = 0;
    while i < steps.len() {
        let mut fewer = steps.clone();
        fewer.remove(i);
        if fails(&fewer) {
            steps = fewer;
        } else {
            i += 1;
        }
    }
    for i in 0..steps.len() {
        let mut part = match &steps[i] {
            Step::Feed(bytes) => bytes.len() / 2,
            _ => 0,
        };
        while part > 0 {
            let mut at = 0;
            while let Step::Feed(bytes) = &steps[i]
                && at < bytes.len()
            {
                let mut fewer = bytes.clone();
                fewer.drain(at..(at + part).min(bytes.len()));
                let mut all = steps.clone();
                all[i] = Step::Feed(fewer);
                if fails(&all) {
                    steps = all;
                } else {
                    at += part;
                }
            }
            part /= 2;
        }
    }
    steps
}

#[test]
fn every_rule_holds_in_every_run() {
    let mut limits = Limits::default();
    if let Some(seed) = wish("FUZZ_ONE") {
        if let Err(why) = run(seed, &steps(seed), &mut limits) {
            let few = shrunk(seed, steps(seed));
            for step in &few {
                match step {
                    Step::Feed(bytes) => eprintln!("feed {:?}", String::from_utf8_lossy(bytes)),
                    other => eprintln!("{other:?}"),
                }
            }
            panic!("run {seed}: {why}\nshrunk: {:?}", run(seed, &few, &mut Limits::default()));
        }
        return;
    }
    let first = wish("FUZZ_SEED").unwrap_or(0);
    let (until, most) = match wish("FUZZ_SECONDS") {
        Some(seconds) => (Some(Instant::now() + Duration::from_secs(seconds)), u64::MAX),
        None => (None, USUAL),
    };
    let (mut runs, mut bytes, mut failed) = (0, 0, Vec::new());
    for seed in first..first.saturating_add(most) {
        if until.is_some_and(|end| Instant::now() >= end) {
            break;
        }
        runs += 1;
        match run(seed, &steps(seed), &mut limits) {
            Ok(fed) => bytes += fed as u64,
            // A busy machine makes a run slow once; what fails is the same each time.
            Err(why) => match run(seed, &steps(seed), &mut Limits::default()) {
                Ok(_) => eprintln!("run {seed}, once only: {}", why.chars().take(200).collect::<String>()),
                Err(_) => {
                    eprintln!("run {seed}: {}", why.chars().take(2000).collect::<String>());
                    failed.push(seed);
                }
            },
        }
        if until.is_some() && runs % 20_000 == 0 {
            eprintln!("{runs} runs, {} MB, slowest 4 KiB {:?}, {} failed", bytes >> 20, limits.slowest, failed.len());
        }
        if failed.len() >= 20 {
            break;
        }
    }
    println!(
        "{runs} runs, {bytes} bytes, slowest 4 KiB {:?} (run of {} bytes), largest snapshot {}",
        limits.slowest,
        limits.worst.len(),
        limits.snapshot
    );
    assert!(failed.is_empty(), "runs {failed:?} failed; repeat one with FUZZ_ONE");
}

#[test]
fn a_run_is_the_same_each_time() {
    for seed in [1, 77, 1_000_003] {
        assert_eq!(steps(seed), steps(seed));
        assert_ne!(steps(seed), steps(seed + 1));
    }
}
