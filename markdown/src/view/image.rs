use std::rc::Rc;

use yew::{Callback, Html, Properties, component, html, use_state_eq};

use super::Labels;
use crate::block::Image;

#[derive(Clone, PartialEq, Properties)]
pub(super) struct ImageProps {
    pub(super) image: Image,
    pub(super) labels: Rc<Labels>,
}

#[derive(Clone, Copy, PartialEq)]
enum Shown {
    Placeholder,
    Image,
    Failed,
}

/// A remote image: a button until the reader asks for it, because loading it tells its host who reads.
#[component]
pub(super) fn RemoteImage(ImageProps { image, labels }: &ImageProps) -> Html {
    let shown = use_state_eq(|| Shown::Placeholder);
    let set = |to: Shown| {
        let shown = shown.clone();
        Callback::from(move |()| shown.set(to))
    };
    match *shown {
        Shown::Image => html! {
            <img class="md-image" alt={&image.alt} referrerpolicy="no-referrer" decoding="async"
                src={&image.source.href} onerror={set(Shown::Failed).reform(|_| ())} />
        },
        Shown::Placeholder | Shown::Failed => html! {
            <button type="button" class="md-image-load" onclick={set(Shown::Image).reform(|_| ())}>
                <bdi class="md-image-alt">{&image.alt}</bdi>
                <span class="md-image-host">{&labels.image_from}{" "}<bdi>{&image.source.host}</bdi></span>
                if *shown == Shown::Failed {
                    <span class="md-image-failed">{&labels.image_failed}</span>
                }
                <span class="md-image-action">{&labels.load_image}</span>
            </button>
        },
    }
}
