//! With tokio's current-thread runtime.

#[path = "crossing.rs"]
mod crossing;

fn main() {
    crossing::run(|cpu| {
        harness::pin_this_thread(cpu);
        tokio::runtime::Builder::new_current_thread().build()
    })
}
