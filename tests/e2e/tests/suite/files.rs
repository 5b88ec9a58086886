//! Attachments that cannot be taken: a clear word, and nothing lost.

use aicon_e2e::picture::png;
use aicon_e2e::setup::Login;
use aicon_e2e::{Language, Result, Setup, World};

const MIB: usize = 1024 * 1024;

async fn refuses(name: &str, file: &str, content: &[u8]) -> Result<()> {
    for language in Language::ALL {
        let setup = Setup::default().language(language).login(Login::None);
        World::run(
            &format!("{name}_{}", language.tag()),
            setup,
            async |world| {
                let page = &world.page;
                page.open("/chat").await?;
                page.type_into("composer", "draft").await?;
                page.attach(&world.file(file, content)?).await?;
                page.wait_for_attachments(&["error"]).await?;
                let text = page.text_of("attachment").await?;
                let message = text.replace(file, "");
                assert!(
                    message.trim().len() > 10,
                    "the attachment says what is wrong: `{text}`"
                );
                assert_eq!(page.value_of("composer").await?, "draft");
                page.click("attachment-remove").await?;
                page.wait_until_gone("attachment").await?;
                let good = world.file("good.png", &png(8, [0, 90, 200]))?;
                page.attach(&good).await?;
                page.wait_for_attachments(&["ready"]).await?;
                page.click("send").await?;
                page.wait_for_answer(2, "done").await?;
                Ok(())
            },
        )
        .await?;
    }
    Ok(())
}

#[tokio::test]
async fn a_file_that_is_too_big_is_refused() -> Result<()> {
    let mut content = png(8, [0, 0, 0]);
    content.resize(11 * MIB, 0);
    refuses("file_too_big", "big.png", &content).await
}

#[tokio::test]
async fn a_file_of_a_wrong_type_is_refused() -> Result<()> {
    refuses("file_wrong_type", "notes.pdf", b"%PDF-1.7\n").await
}

#[tokio::test]
async fn a_program_renamed_to_a_picture_is_refused() -> Result<()> {
    let mut program = b"MZ\x90\x00\x03\x00\x00\x00".to_vec();
    program.resize(2048, 0);
    refuses("file_renamed", "holiday.png", &program).await
}

#[tokio::test]
async fn an_empty_file_is_refused() -> Result<()> {
    refuses("file_empty", "empty.png", b"").await
}

#[tokio::test]
async fn more_files_than_allowed_are_told() -> Result<()> {
    let setup = Setup::default().login(Login::None).config("maxFiles", 1);
    World::run("too_many_files", setup, async |world| {
        let page = &world.page;
        page.open("/chat").await?;
        page.wait_for("composer").await?;
        page.attach(&world.file("one.png", &png(8, [1, 1, 1]))?)
            .await?;
        page.wait_for_attachments(&["ready"]).await?;
        page.attach(&world.file("two.png", &png(8, [2, 2, 2]))?)
            .await?;
        let notice = page.wait_for_notice().await?;
        assert!(notice.contains('1'), "{notice}");
        Ok(())
    })
    .await
}

#[tokio::test]
async fn a_picture_can_be_dropped_and_pasted() -> Result<()> {
    let script = r#"
        const [kind, selector, bytes] = arguments;
        const data = new DataTransfer();
        data.items.add(new File([new Uint8Array(bytes)], 'given.png', { type: 'image/png' }));
        const target = document.querySelector(selector);
        const event = kind === 'paste'
            ? new ClipboardEvent('paste', { clipboardData: data, bubbles: true, cancelable: true })
            : new DragEvent(kind, { dataTransfer: data, bubbles: true, cancelable: true });
        target.dispatchEvent(event);"#;
    World::run(
        "drop_and_paste",
        Setup::default().login(Login::None),
        async |world| {
            let page = &world.page;
            page.open("/chat").await?;
            page.wait_for("composer").await?;
            let composer = "[data-testid=composer]";
            for (kinds, statuses) in [
                (&["paste"][..], &["ready"][..]),
                (&["dragenter", "dragover", "drop"], &["ready", "ready"]),
            ] {
                for kind in kinds {
                    let bytes = png(8, [9, 9, 9]);
                    page.driver()
                        .execute(script, vec![(*kind).into(), composer.into(), bytes.into()])
                        .await?;
                }
                page.wait_for_attachments(statuses).await?;
            }
            page.type_into("composer", "look").await?;
            page.click("send").await?;
            page.wait_for_answer(2, "done").await?;
            Ok(())
        },
    )
    .await
}
