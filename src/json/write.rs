use aicon_protocol::json::WriteJson;

/// A JSON object as text, written member by member.
pub struct Object(String);

impl Default for Object {
    fn default() -> Self {
        Self::new()
    }
}

impl Object {
    /// An object without members.
    pub fn new() -> Self {
        Self("{".to_owned())
    }

    /// Adds a whole number: printing a fraction takes some kilobytes of code.
    pub fn count(&mut self, name: &str, value: u64) {
        self.name(name);
        self.0.push_str(&value.to_string());
    }

    /// Adds an object.
    pub fn object(&mut self, name: &str, value: Object) {
        self.name(name);
        self.0.push_str(&value.into_text());
    }

    /// Adds a list of objects.
    pub fn objects(&mut self, name: &str, values: Vec<Object>) {
        self.name(name);
        self.0.push('[');
        for (at, value) in values.into_iter().enumerate() {
            if at > 0 {
                self.0.push(',');
            }
            self.0.push_str(&value.into_text());
        }
        self.0.push(']');
    }

    /// Adds a text if it is there.
    pub fn optional(&mut self, name: &str, value: Option<&str>) {
        if let Some(value) = value {
            self.text(name, value);
        }
    }

    /// The whole object.
    pub fn into_text(mut self) -> String {
        self.0.push('}');
        self.0
    }

    fn name(&mut self, name: &str) {
        if self.0.len() > 1 {
            self.0.push(',');
        }
        quote(name, &mut self.0);
        self.0.push(':');
    }
}

impl WriteJson for Object {
    fn text(&mut self, name: &str, value: &str) {
        self.name(name);
        quote(value, &mut self.0);
    }

    fn texts<'a>(&mut self, name: &str, values: impl Iterator<Item = &'a str>) {
        self.name(name);
        self.0.push('[');
        for (at, value) in values.enumerate() {
            if at > 0 {
                self.0.push(',');
            }
            quote(value, &mut self.0);
        }
        self.0.push(']');
    }
}

/// RFC 8259, 7: quotation mark, reverse solidus and the control characters must be escaped, nothing else.
fn quote(text: &str, out: &mut String) {
    const HEX: &[u8; 16] = b"0123456789abcdef";
    // Of a long text a sixteenth may be escapes.
    out.reserve(text.len() + text.len() / 16 + 2);
    out.push('"');
    for char in text.chars() {
        match char {
            '"' | '\\' => out.extend(['\\', char]),
            '\u{0}'..'\u{20}' => {
                let code = char as usize;
                out.push_str("\\u00");
                out.extend([HEX[code >> 4] as char, HEX[code & 15] as char]);
            }
            _ => out.push(char),
        }
    }
    out.push('"');
}
