//! The main() of a Rust program: the same command line, repeats and output as the C++ programs have.

use std::fmt;
use std::fs;
use std::process;
use std::time::{Duration, Instant};

/// What ends a program: status 2 for the command line, 1 for everything else.
pub enum Failure {
    Usage(String),
    WrongAnswer(String),
    Other(String),
}

impl fmt::Display for Failure {
    fn fmt(&self, out: &mut fmt::Formatter) -> fmt::Result {
        match self {
            Failure::Usage(text) | Failure::Other(text) => out.write_str(text),
            Failure::WrongAnswer(text) => write!(out, "wrong answer: {text}"),
        }
    }
}

/// The command line: `--name N` again and again.
pub struct Options {
    options: Vec<(String, i64)>,
    known: Vec<String>,
}

impl Options {
    fn parse(mut words: impl Iterator<Item = String>) -> Result<Self, Failure> {
        let mut options = Vec::new();
        while let Some(word) = words.next() {
            let name = word.strip_prefix("--").ok_or_else(|| Failure::Usage(format!("'{word}' is no option")))?;
            let text = words.next().ok_or_else(|| Failure::Usage(format!("{word} needs a value")))?;
            let value =
                text.parse().map_err(|_| Failure::Usage(format!("{word} takes a whole number; got '{text}'")))?;
            options.push((name.to_string(), value));
        }
        Ok(Options { options, known: Vec::new() })
    }

    /// The value of --name, which must be there, in low..=high.
    pub fn required(&mut self, name: &str, low: i64, high: i64) -> Result<i64, Failure> {
        match self.optional(name, low - 1, low, high)? {
            value if value < low => Err(Failure::Usage(format!("--{name} is missing"))),
            value => Ok(value),
        }
    }

    /// The same, or `fallback` where --name is absent.
    pub fn optional(&mut self, name: &str, fallback: i64, low: i64, high: i64) -> Result<i64, Failure> {
        self.known.push(name.to_string());
        match self.options.iter().rev().find(|option| option.0 == name) {
            None => Ok(fallback),
            Some((_, value)) if (low..=high).contains(value) => Ok(*value),
            Some((_, value)) => Err(Failure::Usage(format!("--{name} takes {low} to {high}; got {value}"))),
        }
    }

    fn reject_unknown(&self) -> Result<(), Failure> {
        match self.options.iter().find(|option| !self.known.contains(&option.0)) {
            None => Ok(()),
            Some((name, _)) => Err(Failure::Usage(format!("there is no option '--{name}'"))),
        }
    }
}

/// What a program solves again and again, on a worker of the pool.
pub trait Problem: Sized + Send {
    fn new(options: &mut Options) -> Result<Self, Failure>;
    /// Restores what solving changed. Not timed.
    fn prepare(&mut self) {}
    fn solve(&mut self) -> i64;
    fn check(&self, answer: i64) -> Result<(), Failure>;
}

pub fn check_answer(answer: i64, expected: i64) -> Result<(), Failure> {
    if answer == expected {
        Ok(())
    } else {
        Err(Failure::WrongAnswer(format!("{answer}; expected {expected}")))
    }
}

/// A task that takes this long whatever the processor's speed: it reads the clock until then.
pub fn spin_for(duration: Duration) {
    let start = Instant::now();
    while start.elapsed() < duration {}
}

/// What one run found.
pub struct Outcome {
    pub answer: i64,
    pub figures: Vec<(&'static str, f64)>,
}

/// One run of it is measured; the first is not reported, as in the C++ programs.
pub trait Benchmark {
    fn measure(&mut self) -> Result<Outcome, Failure>;
}

/// Ends the process. `make` gets the number of workers.
pub fn repeat<B: Benchmark>(make: impl FnOnce(&mut Options, i64) -> Result<B, Failure>) -> ! {
    if let Err(failure) = try_repeat(make) {
        eprintln!("{}: {failure}", std::env::args().next().unwrap_or_default());
        process::exit(if matches!(failure, Failure::Usage(_)) { 2 } else { 1 });
    }
    process::exit(0)
}

fn try_repeat<B: Benchmark>(make: impl FnOnce(&mut Options, i64) -> Result<B, Failure>) -> Result<(), Failure> {
    let mut options = Options::parse(std::env::args().skip(1))?;
    let workers = options.required("workers", 1, 1024)?;
    let repeats = options.optional("repeat", 1, 1, 1_000_000)?;
    let mut benchmark = make(&mut options, workers)?;
    options.reject_unknown()?;

    for round in 0..=repeats {
        let Outcome { answer, figures } = benchmark.measure()?;
        if round > 0 {
            print!(r#"{{"answer": {answer}, "peak_rss_kib": {}"#, peak_rss_kib()?);
            for (name, value) in figures {
                print!(r#", "{name}": {value:.9}"#);
            }
            println!("}}");
        }
    }
    Ok(())
}

struct Timed<P: Problem> {
    problem: P,
    pool: rayon::ThreadPool,
}

impl<P: Problem> Benchmark for Timed<P> {
    fn measure(&mut self) -> Result<Outcome, Failure> {
        let Timed { problem, pool } = self;
        problem.prepare();
        let start = Instant::now();
        let answer = pool.install(|| problem.solve());
        let seconds = start.elapsed().as_secs_f64();
        problem.check(answer)?;
        Ok(Outcome { answer, figures: vec![("seconds", seconds)] })
    }
}

/// Ends the process. How long `P` takes, in a pool of rayon's.
pub fn run<P: Problem>() -> ! {
    repeat(|options, workers| {
        let problem = P::new(options)?;
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(workers as usize)
            .build()
            .map_err(|error| Failure::Other(error.to_string()))?;
        Ok(Timed { problem, pool })
    })
}

/// Panics where the thread may not run there.
pub fn pin_this_thread(cpu: usize) {
    // SAFETY: the set lives as long as the call, whose size is right.
    let result = unsafe {
        let mut only: libc::cpu_set_t = std::mem::zeroed();
        libc::CPU_SET(cpu, &mut only);
        libc::sched_setaffinity(0, std::mem::size_of_val(&only), &only)
    };
    assert_eq!(result, 0, "cannot pin a thread to CPU {cpu}: {}", std::io::Error::last_os_error());
}

// Not getrusage: its ru_maxrss starts at the peak of the process that called exec(), here the runner's Python.
fn peak_rss_kib() -> Result<i64, Failure> {
    let missing = || Failure::Other("/proc/self/status has no VmHWM".to_string());
    let status = fs::read_to_string("/proc/self/status").map_err(|_| missing())?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).ok_or_else(missing)?;
    line.trim().trim_end_matches(" kB").parse().map_err(|_| missing())
}
