//! With tokio's multi-threaded runtime and one worker.

#[path = "crossing.rs"]
mod crossing;

fn main() {
    crossing::run(|cpu| {
        let pin = move || harness::pin_this_thread(cpu);
        tokio::runtime::Builder::new_multi_thread().worker_threads(1).on_thread_start(pin).build()
    })
}
