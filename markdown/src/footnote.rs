use std::rc::Rc;

/// Most footnotes of a document; references to others are shown as text.
pub const MAX_FOOTNOTES: usize = 500;

/// Footnotes in the order in which their labels were met; the first has number 1.
pub(crate) type Footnotes = Vec<Footnote>;

#[derive(Clone, Debug)]
pub(crate) struct Footnote {
    label: Rc<str>,
    referenced: bool,
}

/// The number of a label, a new one unless there are [`MAX_FOOTNOTES`] already.
pub(crate) fn number(footnotes: &mut Rc<Footnotes>, label: &str) -> Option<u32> {
    let known = footnotes
        .iter()
        .position(|footnote| &*footnote.label == label);
    let index = known.or_else(|| {
        let next = footnotes.len();
        (next < MAX_FOOTNOTES).then(|| {
            let footnote = Footnote {
                label: label.into(),
                referenced: false,
            };
            Rc::make_mut(footnotes).push(footnote);
            next
        })
    })?;
    u32::try_from(index + 1).ok()
}

/// Notes a reference and says whether it is the first one. Only a first one writes: the list is shared by all blocks since.
pub(crate) fn refer(footnotes: &mut Rc<Footnotes>, number: u32) -> bool {
    if is_referenced(footnotes, number) {
        return false;
    }
    if let Some(footnote) = Rc::make_mut(footnotes).get_mut(number as usize - 1) {
        footnote.referenced = true;
    }
    true
}

pub(crate) fn is_referenced(footnotes: &Footnotes, number: u32) -> bool {
    footnotes
        .get(number as usize - 1)
        .is_some_and(|footnote| footnote.referenced)
}
