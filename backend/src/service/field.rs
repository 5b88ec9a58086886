//! What is wrong with a field of a form, in the words of who filled it in.

use aicon_documents::{FileError, Problem};
use aicon_protocol::ai::ErrorCode;

use crate::models::InputRow;

/// A field that is not as it has to be.
#[derive(Debug, thiserror::Error)]
#[error("field `{field}`: {problem}")]
pub struct FieldError {
    /// Its parameter name.
    pub field: String,
    /// What is wrong.
    pub problem: FieldProblem,
    label: Option<String>,
}

/// See [`FieldError::problem`].
#[derive(Debug, thiserror::Error)]
pub enum FieldProblem {
    /// Required, and not there or blank.
    #[error("it is missing")]
    Missing,
    /// The definition has no such field.
    #[error("there is no such field")]
    Unknown,
    /// More than once.
    #[error("it is there more than once")]
    Repeated,
    /// A file where a text belongs.
    #[error("it is a file, not a text")]
    NotText,
    /// A text where files belong.
    #[error("it is a text, not a file")]
    NotFile,
    /// A text that is not UTF-8.
    #[error("it is not UTF-8")]
    NotUtf8,
    /// More characters than allowed.
    #[error("it has more than {limit} characters")]
    TooLong {
        /// Characters.
        limit: usize,
    },
    /// None of the entries of the list.
    #[error("it is none of the choices")]
    NotChoice {
        /// The entries.
        choices: Vec<String>,
    },
    /// Not a number.
    #[error("it is not a number")]
    NotNumber,
    /// Outside of its bounds.
    #[error("it is out of range")]
    OutOfRange {
        /// Not below.
        min: Option<f64>,
        /// Not above.
        max: Option<f64>,
    },
    /// More files than allowed.
    #[error("it has more than {limit} files")]
    TooManyFiles {
        /// Files.
        limit: usize,
    },
    /// A file with more bytes than allowed.
    #[error("a file of it has more than {limit} bytes")]
    TooManyBytes {
        /// Bytes.
        limit: u64,
    },
    /// A type that this field does not take.
    #[error("a file of it is of a type that is not accepted")]
    NotAccepted {
        /// The file's name, safe to show.
        name: String,
        /// The types that it takes.
        accept: Vec<String>,
    },
    /// Not a format in which results are written.
    #[error("no result is written as that")]
    NotWritable {
        /// The formats there are.
        formats: Vec<&'static str>,
    },
    /// A file that cannot be used.
    #[error(transparent)]
    File(#[from] FileError),
}

impl FieldError {
    /// Of a field that no row describes.
    pub fn named(field: &str, problem: FieldProblem) -> Self {
        Self {
            field: field
                .chars()
                .filter(|char| !char.is_control())
                .take(100)
                .collect(),
            problem,
            label: None,
        }
    }

    /// Of a row.
    pub fn of(row: &InputRow, problem: FieldProblem) -> Self {
        let label = Some(&row.label.ko).filter(|label| **label != row.param_name);
        Self {
            label: label.cloned(),
            ..Self::named(&row.param_name, problem)
        }
    }

    /// Refuses a text of more characters than allowed.
    ///
    /// # Errors
    /// [`FieldProblem::TooLong`].
    pub fn too_long(field: &str, text: &str, limit: usize) -> Result<(), Self> {
        match text.char_indices().nth(limit) {
            Some(_) => Err(Self::named(field, FieldProblem::TooLong { limit })),
            None => Ok(()),
        }
    }

    /// What the user is told.
    pub fn korean(&self) -> String {
        let problem = self.problem.korean();
        match &self.label {
            Some(label) => format!("{label} ({}): {problem}", self.field),
            None => format!("{}: {problem}", self.field),
        }
    }
}

impl FieldProblem {
    /// Whether less of it would be right.
    pub fn is_size(&self) -> bool {
        match self {
            Self::TooManyFiles { .. } | Self::TooManyBytes { .. } => true,
            Self::File(error) => matches!(
                error.problem,
                Problem::TooLarge { .. }
                    | Problem::TooManyPixels { .. }
                    | Problem::TooMuchText { .. }
                    | Problem::TooManyPages { .. }
            ),
            _ => false,
        }
    }

    /// Whether it is the server's fault.
    pub fn is_ours(&self) -> bool {
        let Self::File(error) = self else {
            return false;
        };
        matches!(error.problem, Problem::Io(_) | Problem::Program(_))
    }

    /// The code of the envelope.
    pub fn code(&self) -> ErrorCode {
        match self {
            Self::Missing => ErrorCode::MissingParam,
            _ if self.is_ours() => ErrorCode::StorageUnavailable,
            _ if self.is_size() => ErrorCode::PayloadTooLarge,
            Self::NotAccepted { .. } | Self::NotWritable { .. } | Self::File(_) => {
                ErrorCode::UnsupportedFormat
            }
            _ => ErrorCode::InvalidParam,
        }
    }

    fn korean(&self) -> String {
        match self {
            Self::Missing => "필수 항목입니다".to_owned(),
            Self::Unknown => "이 모델에 없는 항목입니다".to_owned(),
            Self::Repeated => "같은 항목이 두 번 이상 있습니다".to_owned(),
            Self::NotText => "파일이 아니라 글을 보내야 합니다".to_owned(),
            Self::NotFile => "글이 아니라 파일을 보내야 합니다".to_owned(),
            Self::NotUtf8 => "UTF-8로 된 글이 아닙니다".to_owned(),
            Self::TooLong { limit } => format!("최대 {limit}자까지 쓸 수 있습니다"),
            Self::NotChoice { choices } => {
                format!("다음 중 하나여야 합니다: {}", choices.join(", "))
            }
            Self::NotNumber => "숫자를 입력하세요".to_owned(),
            Self::OutOfRange { min, max } => range(*min, *max),
            Self::TooManyFiles { limit: 0 } => "파일을 보낼 수 없습니다".to_owned(),
            Self::TooManyFiles { limit } => format!("파일은 {limit}개까지 보낼 수 있습니다"),
            Self::TooManyBytes { limit } => {
                format!("파일이 너무 큽니다. 파일 하나에 최대 {limit}바이트까지 보낼 수 있습니다")
            }
            Self::NotAccepted { name, accept } => format!(
                "받을 수 없는 형식의 파일입니다: {name}. 받을 수 있는 형식: {}",
                accept.join(", ")
            ),
            Self::NotWritable { formats } => format!(
                "지원하지 않는 결과 형식입니다. 지원되는 형식: {}",
                formats.join(", ")
            ),
            Self::File(error) => format!("{}: {}", error.name, file(&error.problem)),
        }
    }
}

fn range(min: Option<f64>, max: Option<f64>) -> String {
    match (min, max) {
        (Some(min), Some(max)) => format!("{min} 이상 {max} 이하의 숫자여야 합니다"),
        (Some(min), None) => format!("{min} 이상의 숫자여야 합니다"),
        (None, Some(max)) => format!("{max} 이하의 숫자여야 합니다"),
        (None, None) => "숫자를 입력하세요".to_owned(),
    }
}

fn file(problem: &Problem) -> String {
    match problem {
        Problem::Empty => "빈 파일입니다".to_owned(),
        Problem::Unsupported { extension } if extension.is_empty() => {
            "확장자가 없는 파일입니다".to_owned()
        }
        Problem::Unsupported { extension } => format!("지원하지 않는 형식입니다: {extension}"),
        Problem::Mismatch { claimed, found } => {
            format!("확장자는 {claimed}이지만 내용은 다릅니다 ({found})")
        }
        Problem::Polyglot { claimed, other } => {
            format!("{claimed}이면서 동시에 {other}인 파일은 받을 수 없습니다")
        }
        Problem::Damaged => "손상되었거나 잘린 파일입니다".to_owned(),
        Problem::TooLarge { limit } => format!("파일이 너무 큽니다. 최대 {limit}바이트입니다"),
        Problem::TooManyPixels { limit } => {
            format!("이미지가 너무 큽니다. 최대 {limit}픽셀입니다")
        }
        Problem::UnknownEncoding => {
            "글자 인코딩을 알 수 없습니다. UTF-8, UTF-16, CP949(EUC-KR)만 읽을 수 있습니다"
                .to_owned()
        }
        Problem::TooMuchText { limit } => {
            format!("글이 너무 깁니다. 모두 합해 최대 {limit}자까지 읽을 수 있습니다")
        }
        Problem::TooManyPages { limit } => format!("쪽수가 너무 많습니다. 최대 {limit}쪽입니다"),
        Problem::Encrypted => "암호가 걸린 문서입니다. 암호를 풀어 다시 보내세요".to_owned(),
        Problem::NoText => {
            "글이 없는 문서입니다. 스캔한 문서는 글자를 인식한 뒤 보내세요".to_owned()
        }
        Problem::UnknownCharacters => "문서의 글꼴에서 글자를 알아낼 수 없습니다".to_owned(),
        Problem::TooCostly => "문서를 읽는 데 시간이나 메모리가 너무 많이 듭니다".to_owned(),
        Problem::Io(_) | Problem::Program(_) => {
            "서버가 파일을 읽지 못했습니다. 잠시 후 다시 시도하세요".to_owned()
        }
    }
}
