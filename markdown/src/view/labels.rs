use yew::AttrValue;

/// The words that the view needs, in the reader's language. The default is English.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Labels {
    /// Button that copies a code block.
    pub copy: AttrValue,
    /// Button that wraps the long lines of a code block.
    pub wrap: AttrValue,
    /// Button that copies a table.
    pub copy_table: AttrValue,
    /// Name of the link from a heading to itself.
    pub heading_link: AttrValue,
    /// Announced and shown for two seconds after copying.
    pub copied: AttrValue,
    /// Shown and announced when the browser refused to copy.
    pub copy_failed: AttrValue,
    /// Name of a code block without language, for screen readers.
    pub code: AttrValue,
    /// Name of a table's scroll region.
    pub table: AttrValue,
    /// Button that loads a remote image.
    pub load_image: AttrValue,
    /// Stands before the host that an image would be loaded from.
    pub image_from: AttrValue,
    /// Shown when a loaded image turned out broken.
    pub image_failed: AttrValue,
    /// Name of the footnotes' section.
    pub footnotes: AttrValue,
    /// Name of the link from a footnote back to the text.
    pub footnote_back: AttrValue,
    /// Name of a checked task.
    pub task_done: AttrValue,
    /// Name of an unchecked task.
    pub task_open: AttrValue,
    /// Explains an ellipsis that stands for parts too wide or too deep to show.
    pub truncated: AttrValue,
}

impl Default for Labels {
    fn default() -> Self {
        Self {
            copy: "Copy".into(),
            wrap: "Wrap lines".into(),
            copy_table: "Copy table".into(),
            heading_link: "Link to this heading".into(),
            copied: "Copied".into(),
            copy_failed: "Copying failed".into(),
            code: "Code".into(),
            table: "Table".into(),
            load_image: "Load image".into(),
            image_from: "Image from".into(),
            image_failed: "The image could not be loaded".into(),
            footnotes: "Footnotes".into(),
            footnote_back: "Back to the text".into(),
            task_done: "Done".into(),
            task_open: "Open".into(),
            truncated: "Not everything is shown here".into(),
        }
    }
}
