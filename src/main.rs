//! Entry of the bundle.

fn main() {
    aicon_microsite::app::run();
}
