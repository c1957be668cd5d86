//! A task of tokio's runtime awaits what a thread of rayon's computes, again and again, one trip at a time.

use harness::{check_answer, pin_this_thread, Benchmark, Failure, Options, Outcome};
use std::sync::Arc;
use std::time::Instant;
use tokio::runtime::Runtime;
use tokio::sync::oneshot;

const IO_CPU: usize = 0;
const COMPUTE_CPU: usize = 1;
const WARM_UP_TRIPS: i64 = 1000;

/// Ends the process. `new_runtime` makes one whose only worker is pinned to IO_CPU.
pub fn run(new_runtime: fn(usize) -> std::io::Result<Runtime>) -> ! {
    harness::repeat(|options, workers| Crossing::new(options, workers, new_runtime))
}

struct Crossing {
    samples: Vec<f64>,
    io: Runtime,
    compute: Arc<rayon::ThreadPool>,
}

impl Crossing {
    fn new(
        options: &mut Options,
        workers: i64,
        new_runtime: fn(usize) -> std::io::Result<Runtime>,
    ) -> Result<Self, Failure> {
        if workers != 1 {
            return Err(Failure::Usage("--workers: there is 1".to_string()));
        }
        let trips = options.required("size", 1, 100_000_000)?;
        let compute = rayon::ThreadPoolBuilder::new()
            .num_threads(1)
            .start_handler(|_| pin_this_thread(COMPUTE_CPU))
            .build()
            .map_err(|error| Failure::Other(error.to_string()))?;
        let io = new_runtime(IO_CPU).map_err(|error| Failure::Other(error.to_string()))?;
        Ok(Crossing { samples: vec![0.0; trips as usize], io, compute: Arc::new(compute) })
    }
}

impl Benchmark for Crossing {
    fn measure(&mut self) -> Result<Outcome, Failure> {
        let compute = Arc::clone(&self.compute);
        let samples = std::mem::take(&mut self.samples);
        // Spawned, as the tasks of a server are: what is given to block_on() itself would run on this thread always.
        let (answer, samples) = self
            .io
            .block_on(async { tokio::spawn(travel(compute, samples)).await })
            .map_err(|error| Failure::Other(error.to_string()))?;
        self.samples = samples;
        check_answer(answer, WARM_UP_TRIPS + self.samples.len() as i64)?;

        let mut sorted = self.samples.clone();
        sorted.sort_by(f64::total_cmp);
        let per_mille = |rank: usize| sorted[sorted.len() * rank / 1000];
        let figures = vec![("round_trip_p50_ns", per_mille(500)), ("round_trip_p99_ns", per_mille(990))];
        Ok(Outcome { answer, figures })
    }
}

async fn travel(compute: Arc<rayon::ThreadPool>, mut samples: Vec<f64>) -> (i64, Vec<f64>) {
    let mut value = 0;
    for _ in 0..WARM_UP_TRIPS {
        value = next(&compute, value).await;
    }
    let mut left = Instant::now();
    for sample in &mut samples {
        value = next(&compute, value).await;
        let back = Instant::now();
        *sample = (back - left).as_nanos() as f64;
        left = back;
    }
    (value, samples)
}

async fn next(compute: &rayon::ThreadPool, value: i64) -> i64 {
    let (sender, receiver) = oneshot::channel();
    compute.spawn(move || {
        let _ = sender.send(value + 1);
    });
    receiver.await.expect("the task sends")
}
