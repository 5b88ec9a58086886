//! JSON by the parser that is there anyway: the browser's in the bundle, `serde_json` in tests on the host. Every kilobyte
//! of a parser of our own would be paid by each visitor.

mod write;

#[cfg(target_arch = "wasm32")]
mod browser;
#[cfg(target_arch = "wasm32")]
pub use browser::Json;
#[cfg(not(target_arch = "wasm32"))]
mod host;
#[cfg(not(target_arch = "wasm32"))]
pub use host::Json;

pub use write::Object;

/// Where a text stops being JSON; line and column from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotJson {
    /// `None` where the browser does not say.
    pub at: Option<(usize, usize)>,
}

#[cfg(test)]
mod tests {
    use aicon_protocol::json::{ReadJson, WriteJson};

    use super::*;

    #[test]
    fn what_is_written_is_read() {
        let mut object = Object::new();
        object.text("a", "\"\\\n\u{1}안녕\u{2028}");
        object.texts("b", ["x", "y"].into_iter());
        object.count("c", u64::from(u32::MAX));
        let mut inner = Object::new();
        inner.text("e", "f");
        object.objects("d", vec![inner]);
        let json = Json::parse(&object.into_text()).unwrap();
        assert_eq!(json.text_of("a").unwrap(), "\"\\\n\u{1}안녕\u{2028}");
        assert_eq!(
            json.member("b").unwrap().items().unwrap()[1]
                .text()
                .unwrap(),
            "y"
        );
        assert_eq!(json.count_of("c"), Some(u64::from(u32::MAX)));
        assert_eq!(
            json.member("d").unwrap().items().unwrap()[0]
                .text_of("e")
                .unwrap(),
            "f"
        );
        assert_eq!(json.keys().unwrap(), ["a", "b", "c", "d"]);
    }

    #[test]
    fn an_empty_object_is_one() {
        assert!(
            Json::parse(&Object::new().into_text())
                .unwrap()
                .keys()
                .unwrap()
                .is_empty()
        );
    }

    proptest::proptest! {
        #[test]
        fn every_text_survives(text in "\\PC*|[\\x00-\\x7f]*") {
            let mut object = Object::new();
            object.text("a", &text);
            proptest::prop_assert_eq!(Json::parse(&object.into_text()).unwrap().text_of("a").unwrap(), text);
        }
    }
}
