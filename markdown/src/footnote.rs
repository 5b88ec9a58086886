use std::rc::Rc;

use unicase::UniCase;

/// Most footnotes of a document; references to others are shown as text.
pub const MAX_FOOTNOTES: usize = 500;

/// Footnotes in the order in which their labels were met; the first has number 1.
pub(crate) type Footnotes = Vec<Footnote>;

#[derive(Clone, Debug)]
pub(crate) struct Footnote {
    label: Rc<str>,
    referenced: bool,
    defined: bool,
}

/// The number of a label, a new one unless there are [`MAX_FOOTNOTES`] already.
pub(crate) fn number(footnotes: &mut Rc<Footnotes>, label: &str) -> Option<u32> {
    find(footnotes, label).or_else(|| {
        has_room(footnotes).then(|| {
            let footnotes = Rc::make_mut(footnotes);
            footnotes.push(Footnote {
                label: label.into(),
                referenced: false,
                defined: false,
            });
            number_of(footnotes.len())
        })
    })
}

/// The number of a label that was met before.
pub(crate) fn find(footnotes: &Footnotes, label: &str) -> Option<u32> {
    let label = UniCase::new(label);
    footnotes
        .iter()
        .position(|footnote| label == UniCase::new(&*footnote.label))
        .map(|index| number_of(index + 1))
}

/// Whether another label gets a number.
pub(crate) fn has_room(footnotes: &Footnotes) -> bool {
    footnotes.len() < MAX_FOOTNOTES
}

fn number_of(count: usize) -> u32 {
    u32::try_from(count).expect("at most MAX_FOOTNOTES")
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

/// Takes a reference back, so that the next one is the first.
pub(crate) fn forget(footnotes: &mut Rc<Footnotes>, number: u32) {
    if let Some(footnote) = Rc::make_mut(footnotes).get_mut(number as usize - 1) {
        footnote.referenced = false;
    }
}

/// Notes the definition.
pub(crate) fn define(footnotes: &mut Rc<Footnotes>, number: u32) {
    if let Some(footnote) = Rc::make_mut(footnotes).get_mut(number as usize - 1) {
        footnote.defined = true;
    }
}

pub(crate) fn is_defined(footnotes: &Footnotes, number: u32) -> bool {
    footnotes
        .get(number as usize - 1)
        .is_some_and(|footnote| footnote.defined)
}
