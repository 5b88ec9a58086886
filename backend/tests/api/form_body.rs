//! `multipart/form-data` as browsers write it.

/// The fields of a form.
#[derive(Clone, Debug, Default)]
pub(crate) struct FormBody(Vec<u8>);

const BOUNDARY: &str = "----WebKitFormBoundary7MA4YWxkTrZu0gW";

impl FormBody {
    pub(crate) fn new() -> Self {
        Self::default()
    }

    pub(crate) fn text(mut self, name: &str, value: &str) -> Self {
        self.head(&format!("form-data; name=\"{name}\""), None);
        self.0.extend_from_slice(value.as_bytes());
        self.0.extend_from_slice(b"\r\n");
        self
    }

    pub(crate) fn file(mut self, name: &str, file_name: &str, bytes: &[u8]) -> Self {
        let disposition = format!("form-data; name=\"{name}\"; filename=\"{file_name}\"");
        self.head(&disposition, Some("application/octet-stream"));
        self.0.extend_from_slice(bytes);
        self.0.extend_from_slice(b"\r\n");
        self
    }

    fn head(&mut self, disposition: &str, kind: Option<&str>) {
        let kind = kind.map_or_else(String::new, |kind| format!("Content-Type: {kind}\r\n"));
        let head = format!("--{BOUNDARY}\r\nContent-Disposition: {disposition}\r\n{kind}\r\n");
        self.0.extend_from_slice(head.as_bytes());
    }

    /// The header `Content-Type`.
    pub(crate) fn content_type() -> String {
        format!("multipart/form-data; boundary={BOUNDARY}")
    }

    /// The whole body.
    pub(crate) fn finish(mut self) -> Vec<u8> {
        self.0
            .extend_from_slice(format!("--{BOUNDARY}--\r\n").as_bytes());
        self.0
    }
}
