//! What model `demo` says: a short tour of markdown that proves what reached the model.

use super::{Role, Turn};

/// Characters of a form's question that the answer shows.
const QUOTED: usize = 600;

/// The answer, in the language of the question.
pub(super) fn answer(turns: &[Turn]) -> String {
    let (question, images) = match turns.last() {
        Some(turn) => (turn.text.as_str(), turn.images.as_slice()),
        None => ("", [].as_slice()),
    };
    let remembered = turns[..turns.len().saturating_sub(1)]
        .iter()
        .filter(|turn| turn.role == Role::User)
        .count();
    let korean = is_korean(question);
    let mut text = if korean {
        intro_ko(remembered)
    } else {
        intro_en(remembered)
    };
    for image in images {
        let (kind, width, height, bytes) = (
            &image.media_type,
            image.width,
            image.height,
            image.bytes.len(),
        );
        text.push_str(&if korean {
            format!("첨부 이미지: `{kind}`, {width} × {height} 픽셀, {bytes}바이트.\n\n")
        } else {
            format!("Attached image: `{kind}`, {width} × {height} pixels, {bytes} bytes.\n\n")
        });
    }
    text.push_str(if korean { TOUR_KO } else { TOUR_EN });
    text
}

/// What the demo answers to a form: that it is one, and the question, so that each input is seen to have arrived. `member` is
/// the part of the answer that is asked for.
pub(super) fn report(turns: &[Turn], member: Option<&str>) -> String {
    let question = turns.last().map_or("", |turn| turn.text.trim());
    let images = turns.last().map_or(0, |turn| turn.images.len());
    let (start, is_cut) = match question.char_indices().nth(QUOTED) {
        Some((end, _)) => (&question[..end], true),
        None => (question, false),
    };
    let quoted: String = start.lines().map(|line| format!("> {line}\n")).collect();
    let more = if is_cut { "> …\n" } else { "" };
    let name = member.map(|name| format!(" `{name}`")).unwrap_or_default();
    if is_korean(question) {
        let images = if images == 0 {
            String::new()
        } else {
            format!(" 이미지 {images}개도 함께 받았습니다.")
        };
        format!(
            "**데모 모델의 결과{name}**: API 키를 설정하면 이 자리에 실제 모델의 답이 나옵니다. 받은 요청은 다음과 같습니다.{images}\n\n{quoted}{more}"
        )
    } else {
        let images = if images == 0 {
            String::new()
        } else {
            format!(" Images received: {images}.")
        };
        format!(
            "**Result of the demo model{name}**: with an API key, a real model's answer stands here. It was asked:{images}\n\n{quoted}{more}"
        )
    }
}

fn is_korean(text: &str) -> bool {
    text.chars()
        .any(|character| matches!(character, '가'..='힣' | 'ㄱ'..='ㅎ' | 'ㅏ'..='ㅣ'))
}

fn intro_ko(remembered: usize) -> String {
    let memory = match remembered {
        0 => "이 대화의 첫 질문입니다.".to_owned(),
        turns => format!("앞선 질문 {turns}개를 기억하고 있습니다."),
    };
    format!("# 안녕하세요\n\n저는 API 키 없이 동작하는 **데모 모델**입니다. {memory}\n\n")
}

fn intro_en(remembered: usize) -> String {
    let memory = match remembered {
        0 => "This is the first question of our conversation.".to_owned(),
        1 => "I remember 1 earlier question.".to_owned(),
        turns => format!("I remember {turns} earlier questions."),
    };
    format!("# Hello\n\nI am the **demo model**, which needs no API key. {memory}\n\n")
}

const TOUR_KO: &str = r#"## 할 수 있는 것

- 답변을 *글자 단위로* 흘려보냅니다
- 이미지를 읽습니다
- 이전 질문을 기억합니다

| 모델 | 하는 일 |
| --- | --- |
| `demo` | 이 안내를 보여 줍니다 |
| `echo` | 보낸 글을 그대로 돌려줍니다 |

```rust
fn main() {
    println!("안녕하세요, AICON!");
}
```

> 실제 모델을 쓰려면 서버에 API 키를 설정하세요.

- [x] 설치
- [ ] 내 모델 연결

자세한 내용은 [AICON](https://aicon.or.kr)에서 볼 수 있습니다.
"#;

const TOUR_EN: &str = r#"## What works

- answers stream *word by word*
- pictures are read
- earlier questions are remembered

| model | what it does |
| --- | --- |
| `demo` | shows this tour |
| `echo` | gives back what you send |

```rust
fn main() {
    println!("Hello, AICON!");
}
```

> Set an API key on the server to talk to a real model.

- [x] installed
- [ ] my own model connected

Read more at [AICON](https://aicon.or.kr).
"#;

#[cfg(test)]
mod tests {
    use super::super::Image;
    use super::*;

    fn turn(role: Role, text: &str, images: Vec<Image>) -> Turn {
        Turn {
            role,
            text: text.to_owned(),
            images,
        }
    }

    #[test]
    fn the_tour_speaks_the_language_of_the_question() {
        assert!(answer(&[turn(Role::User, "뭐 해?", vec![])]).starts_with("# 안녕하세요"));
        assert!(answer(&[turn(Role::User, "hi", vec![])]).starts_with("# Hello"));
    }

    #[test]
    fn the_tour_proves_the_turns_and_the_image() {
        let image = Image {
            media_type: "image/png".into(),
            bytes: vec![0; 70].into(),
            width: 3,
            height: 2,
        };
        let turns = [
            turn(Role::User, "one", vec![]),
            turn(Role::Assistant, "answer", vec![]),
            turn(Role::User, "two", vec![image]),
        ];
        let text = answer(&turns);
        assert!(text.contains("I remember 1 earlier question."));
        assert!(text.contains("`image/png`, 3 × 2 pixels, 70 bytes"));
    }
}
