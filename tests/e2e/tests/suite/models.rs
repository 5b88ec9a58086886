//! The example definitions in the server, and the app as the server describes them: nothing of a form stands in `configs.json`.

use aicon_e2e::wait::until;
use aicon_e2e::{Page, Result, Setup, World, paths};
use encoding_rs::EUC_KR;

use super::form_files::entries;

fn setup(model: &str) -> Setup {
    let folder = paths::workspace().join("examples").join("models");
    Setup::default()
        .config("uiType", "auto")
        .config("model", model)
        .backend("AICON_MODELS", &folder.display().to_string())
}

async fn sign_in(page: &Page) -> Result<()> {
    page.open("/chat").await?;
    page.pass_login("demo").await?;
    page.wait_for_path("/chat").await
}

async fn shows(page: &Page, handle: &str, part: &str) -> Result<()> {
    until(&format!("`{part}` in {handle}"), async || {
        Ok(page.text_of(handle).await?.contains(part).then_some(()))
    })
    .await
}

#[tokio::test]
async fn the_translator_is_run_in_the_browser_and_its_use_reaches_aicon() -> Result<()> {
    for protocol in ["ai", "auto", "aicon"] {
        let name = format!("models_translator_{protocol}");
        World::run(
            &name,
            setup("translator").config("apiProtocol", protocol),
            async |world| {
                let page = &world.page;
                sign_in(page).await?;
                page.wait_for_text("번역할 글을 넣고 언어를 고르세요.")
                    .await?;
                page.click("submit").await?;
                until("the error of the required field", async || {
                    Ok((!page.text_of("error-TargetLanguage").await?.is_empty()).then_some(()))
                })
                .await?;
                page.type_into("field-InputText", "안녕하세요, 반갑습니다.")
                    .await?;
                page.choose("field-TargetLanguage", "English").await?;
                page.click("submit").await?;
                shows(page, "output-TranslateResult", "안녕하세요").await?;
                shows(page, "output-TranslateFile", "번역-English.txt").await?;
                shows(page, "output-TranslateFile", "TXT · ").await?;
                page.catch_downloads().await?;
                page.click("download-all").await?;
                let (_, bytes) = page.caught().await?;
                let files = entries(bytes);
                let mut files = files.iter();
                let (_, file) = files.find(|(name, _)| name == "번역-English.txt").unwrap();
                assert!(String::from_utf8_lossy(file).contains("안녕하세요"));
                assert_eq!(page.count("notice").await?, 0);
                until("one recorded use", async || {
                    Ok((world.sandbox.usages().await?.len() == 1).then_some(()))
                })
                .await
            },
        )
        .await?;
    }
    Ok(())
}

#[tokio::test]
async fn documents_with_korean_names_and_encodings_are_summarized() -> Result<()> {
    World::run("models_summarizer", setup("summarizer"), async |world| {
        let page = &world.page;
        sign_in(page).await?;
        page.choose("field-Length", "세 문장").await?;
        let (table, _, _) =
            EUC_KR.encode("지역,매출\n서울 강남구,1200만 원\n부산 해운대구,800만 원\n");
        let files: [(&str, &[u8]); 2] = [
            ("판매 보고서 (3월).csv", &table),
            ("회의록.txt", "다음 회의는 화요일입니다.".as_bytes()),
        ];
        page.drop_files("field-Documents", &files).await?;
        page.wait_for_attachments(&["ready", "ready"]).await?;
        page.click("submit").await?;
        shows(page, "output-Summary", "서울 강남구").await?;
        shows(page, "output-Summary", "화요일").await?;
        shows(page, "output-SummaryFile", "판매 보고서 (3월) 요약.md").await?;
        page.reload().await?;
        shows(page, "output-SummaryFile", "MD · ").await?;
        page.wait_for_attachments(&["ready", "ready"]).await?;
        Ok(())
    })
    .await
}

#[tokio::test]
async fn what_the_server_refuses_is_told_and_nothing_is_lost() -> Result<()> {
    World::run("models_refused", setup("summarizer"), async |world| {
        let page = &world.page;
        sign_in(page).await?;
        page.choose("field-Length", "세 문장").await?;
        page.drop_files("field-Documents", &[("가짜.pdf", b"MZ\x90\x00 no PDF")])
            .await?;
        page.wait_for_attachments(&["ready"]).await?;
        page.click("submit").await?;
        let notice = page.wait_for_notice().await?;
        assert!(notice.contains("가짜.pdf"), "{notice}");
        page.wait_for_attachments(&["ready"]).await?;
        assert_eq!(page.value_of("field-Length").await?, "세 문장");
        Ok(())
    })
    .await
}

#[tokio::test]
async fn a_conversation_takes_documents_and_answers_them_with_a_download() -> Result<()> {
    World::run("models_chat", setup("assistant"), async |world| {
        let page = &world.page;
        sign_in(page).await?;
        page.wait_for_text("무엇을 도와드릴까요?").await?;
        let answer = page.ask_model("안녕").await?;
        assert!(!answer.text.is_empty());
        page.attach(&world.file("notes.txt", "화요일 회의".as_bytes())?)
            .await?;
        page.wait_for_attachments(&["ready"]).await?;
        page.send("정리해 줘").await?;
        page.wait_for_answer(4, "done").await?;
        page.wait_for("archive").await?;
        Ok(())
    })
    .await
}
