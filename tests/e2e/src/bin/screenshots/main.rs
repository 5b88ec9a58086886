//! Pictures of the pages, for people to look at: desktop and phone, light and dark, Korean and English, in
//! `target/screenshots/{page}-{desktop|phone}-{light|dark}-{ko|en}.png`. Arguments (`pages`, `answer`, `form`, `types`) narrow what is taken.

mod answer;

use std::path::PathBuf;
use std::process::ExitCode;

use aicon_e2e::picture::png;
use aicon_e2e::setup::Login;
use aicon_e2e::{Language, Result, Sample, Setup, World, paths};
use serde_json::json;
use thirtyfour::By;

#[tokio::main]
#[expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "the command's output"
)]
async fn main() -> ExitCode {
    let mut failures = 0;
    for look in Look::all() {
        match look.take_all().await {
            Ok(()) => println!("{}", look.suffix()),
            Err(error) => {
                failures += 1;
                eprintln!("failed to take the pictures `{}`: {error}", look.suffix());
            }
        }
    }
    println!("in {}", folder().display());
    if failures == 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

/// One way to look at the pages.
#[derive(Clone, Copy)]
struct Look {
    is_phone: bool,
    is_dark: bool,
    language: Language,
}

impl Look {
    fn all() -> impl Iterator<Item = Self> {
        let both = [false, true];
        both.into_iter().flat_map(move |is_phone| {
            both.into_iter().flat_map(move |is_dark| {
                Language::ALL.into_iter().map(move |language| Self {
                    is_phone,
                    is_dark,
                    language,
                })
            })
        })
    }

    fn suffix(self) -> String {
        let device = if self.is_phone { "phone" } else { "desktop" };
        let scheme = if self.is_dark { "dark" } else { "light" };
        format!("{device}-{scheme}-{}", self.language.tag())
    }

    async fn take_all(self) -> Result<()> {
        let wanted: Vec<String> = std::env::args().skip(1).collect();
        let is_wanted = |group: &str| wanted.is_empty() || wanted.iter().any(|one| one == group);
        if is_wanted("pages") {
            self.take_pages().await?;
            self.take_home().await?;
            self.take_config_error().await?;
            self.take_server_away().await?;
        }
        if is_wanted("answer") {
            self.take_answer().await?;
        }
        if is_wanted("form") {
            self.take_form().await?;
        }
        if is_wanted("types") {
            self.take_aicons_chat().await?;
            self.take_aicons_form().await?;
            self.take_own_site().await?;
        }
        Ok(())
    }

    /// A multi-input model: empty, with mistakes, with results.
    async fn take_form(self) -> Result<()> {
        let sample = Sample::start().await?;
        sample.keep("picture.png", &png(100, [47, 93, 80]));
        sample.answer_with("Image", "Picture", "{base}/results/picture.png");
        sample.answer_with("File", "Table", "{base}/results/gone.csv");
        let pick = |korean: &str, english: &str| self.language.pick(korean, english).to_owned();
        let setup = self
            .setup()
            .login(Login::None)
            .config("title", pick("문서 번역기", "Document translator"))
            .config("startMessage", pick("원문을 넣고 **실행**을 누르세요.", "Enter a text and press **Run**."))
            .config("apiEndPoint", sample.url.clone())
            .config("apiProtocol", "aicon")
            .config("uiType", "multiInput")
            .config(
                "inputs",
                json!([
                    { "type": "longText", "required": true, "label": pick("원문", "Text"), "paramName": "InputText",
                      "help": pick("번역할 글을 붙여 넣으세요.", "Paste what is to be translated.") },
                    { "type": "choice", "required": true, "label": pick("번역할 언어", "Language"), "paramName": "TargetLanguage",
                      "choices": [{ "value": "en", "label": "English" }, { "value": "ja", "label": "日本語" }] },
                    { "type": "number", "label": pick("개수", "Count"), "paramName": "Count", "min": 1, "max": 3 },
                    { "type": "file", "label": pick("참고 문서", "Documents"), "paramName": "Documents", "accept": ["csv", "txt", "pdf"], "maxFiles": 3 },
                ]),
            )
            .config(
                "outputs",
                json!([
                    { "type": "text", "label": pick("번역 결과", "Translation"), "paramName": "TranslateResult" },
                    { "type": "file", "label": pick("결과 파일", "File"), "paramName": "ResultFile" },
                    { "type": "image", "label": pick("그림", "Picture"), "paramName": "Picture" },
                    { "type": "file", "label": pick("표", "Table"), "paramName": "Table" },
                ]),
            );
        let name = format!("screenshots-form-{}", self.suffix());
        World::run(&name, setup, async |world| {
            let page = &world.page;
            page.open("/chat").await?;
            page.wait_for("submit").await?;
            self.take("form-empty", world).await?;
            let field = page
                .driver()
                .find(By::Css("[data-testid=field-Documents]"))
                .await?;
            field
                .send_keys(world.file("report.csv", b"a,b\n")?.display().to_string())
                .await?;
            page.wait_for_attachments(&["ready"]).await?;
            page.type_into("field-Count", "7").await?;
            page.click("submit").await?;
            page.wait_for("error-InputText").await?;
            self.take("form-wrong", world).await?;
            page.ask::<Option<bool>>(SHOW_FILES, &[]).await?;
            self.take("form-files", world).await?;
            page.driver()
                .find(By::Css(".attachment button"))
                .await?
                .click()
                .await?;
            page.type_into("field-Count", "\u{e003}2").await?;
            page.type_into(
                "field-InputText",
                "안녕하세요. 오늘 회의는 세 시에 시작합니다.",
            )
            .await?;
            page.choose("field-TargetLanguage", "ja").await?;
            page.click("submit").await?;
            page.wait_for("output-TranslateResult").await?;
            self.take("form-outputs", world).await?;
            page.catch_downloads().await?;
            page.click("download-all").await?;
            page.wait_for_notice().await?;
            page.ask::<Option<bool>>(SHOW_RUNS, &[]).await?;
            self.take("form-results", world).await
        })
        .await
    }

    /// Type 2: registration, the model's page, AICON's chat.
    async fn take_aicons_chat(self) -> Result<()> {
        let name = format!("screenshots-type-2-chat-{}", self.suffix());
        World::run(&name, self.setup().examples(), async |world| {
            let page = &world.page;
            let aicon = |path: &str| format!("{}{path}", world.sandbox.aicon);
            world.open_microsite("assistant").await?;
            self.take("type-2-chat-empty", world).await?;
            page.type_into(
                "prompt",
                self.language
                    .pick("무엇을 할 수 있나요?", "What can you do?"),
            )
            .await?;
            page.click("submit").await?;
            page.wait_for("message").await?;
            self.take("type-2-chat", world).await?;
            world.backend.kill();
            page.type_into("prompt", "?").await?;
            page.click("submit").await?;
            page.wait_for("detail").await?;
            self.take("type-2-chat-error", world).await?;
            page.driver().goto(aicon("/microsite")).await?;
            page.click("open").await?;
            page.wait_for("not-alive").await?;
            self.take("type-2-not-alive", world).await?;
            page.driver().goto(aicon("/microsite/register")).await?;
            page.wait_for("register").await?;
            self.take("type-2-chat-register", world).await?;
            page.driver().goto(aicon("/")).await?;
            page.wait_for("microsite").await?;
            page.ask::<Option<bool>>(SHOW_REGISTRATION, &[]).await?;
            self.take("type-2-console", world).await
        })
        .await
    }

    /// Type 2: AICON's form.
    async fn take_aicons_form(self) -> Result<()> {
        let name = format!("screenshots-type-2-multi-{}", self.suffix());
        World::run(&name, self.setup().examples(), async |world| {
            let page = &world.page;
            world.open_microsite("translator").await?;
            page.type_into("field-InputText", "회의는 세 시에 시작합니다.")
                .await?;
            page.type_into("field-TargetLanguage", "English").await?;
            self.take("type-2-multi", world).await?;
            page.click("submit").await?;
            page.wait_for("output-TranslateFile").await?;
            self.take("type-2-multi-result", world).await?;
            let register = format!("{}/microsite/register", world.sandbox.aicon);
            page.driver().goto(register).await?;
            page.wait_for("register").await?;
            self.take("type-2-multi-register", world).await
        })
        .await
    }

    /// Types 3 and 4: the way out of AICON, and the provider's own site.
    async fn take_own_site(self) -> Result<()> {
        let setup = self
            .setup()
            .self_hosted()
            .sandbox(&["--outlink", "https://model.example"]);
        let name = format!("screenshots-type-3-{}", self.suffix());
        World::run(&name, setup, async |world| {
            let page = &world.page;
            page.driver()
                .goto(format!("{}/outlink", world.sandbox.aicon))
                .await?;
            page.wait_for("open").await?;
            self.take("type-4-outlink", world).await?;
            page.open("/?userid=demo").await?;
            page.wait_for("login-button").await?;
            self.take("type-3-login", world).await?;
            page.sign_in("demo").await?;
            page.ask_model(self.language.pick("안녕하세요!", "Hello!"))
                .await?;
            self.take("type-3-chat", world).await
        })
        .await
    }

    /// Login, conversation, failure and not found, in one use.
    async fn take_pages(self) -> Result<()> {
        let name = format!("screenshots-{}", self.suffix());
        World::run(&name, self.setup(), async |world| {
            let page = &world.page;
            page.open("/chat").await?;
            page.wait_for("login-button").await?;
            self.take("login", world).await?;
            page.click("login-button").await?;
            page.wait_for("user-demo").await?;
            self.take("aicon", world).await?;
            page.click("user-demo").await?;
            page.wait_for_path("/chat").await?;
            page.wait_for("composer").await?;
            self.take("start", world).await?;
            page.attach(&world.file("picture.png", &png(64, [31, 120, 180]))?)
                .await?;
            page.wait_for_attachments(&["ready"]).await?;
            self.take("attached", world).await?;
            page.ask_model(
                self.language
                    .pick("이 그림을 설명해 주세요.", "Please describe this picture."),
            )
            .await?;
            self.take("chat", world).await?;
            world.backend.kill();
            page.send(
                self.language
                    .pick("그리고 이것은요?", "And what about this?"),
            )
            .await?;
            page.wait_for_answer(4, "error").await?;
            self.take("error", world).await?;
            page.open("/no/such/page").await?;
            page.wait_for("not-found").await?;
            self.take("not-found", world).await
        })
        .await
    }

    async fn take_home(self) -> Result<()> {
        let setup = self.setup().login(Login::None).backend_down();
        World::run(
            &format!("screenshots-home-{}", self.suffix()),
            setup,
            async |world| {
                world.page.open("/").await?;
                world.page.wait_for("start-chat").await?;
                self.take("home", world).await
            },
        )
        .await
    }

    async fn take_config_error(self) -> Result<()> {
        let setup = self
            .setup()
            .config("clientID", "")
            .config("maxTextLength", "many")
            .backend_down();
        World::run(
            &format!("screenshots-config-{}", self.suffix()),
            setup,
            async |world| {
                world.page.open("/").await?;
                world.page.wait_for("config-error").await?;
                self.take("config-error", world).await
            },
        )
        .await
    }

    async fn take_server_away(self) -> Result<()> {
        let setup = self.setup().config("uiType", "auto").backend_down();
        let name = format!("screenshots-away-{}", self.suffix());
        World::run(&name, setup, async |world| {
            world.page.open("/").await?;
            world.page.wait_for("config-error").await?;
            self.take("server-away", world).await
        })
        .await
    }

    fn setup(self) -> Setup {
        let title = self.language.pick("이미지 도우미", "Image helper");
        let description = self.language.pick(
            "이미지를 올리고 **무엇이든** 물어보세요.\n\n- 표와 코드로 답합니다\n- 대화가 이어집니다",
            "Upload an image and ask **anything**.\n\n- Answers come with tables and code\n- The conversation goes on",
        );
        let start = self
            .language
            .pick("무엇을 도와드릴까요?", "How can I help you?");
        Setup::default()
            .language(self.language)
            .phone(self.is_phone)
            .dark(self.is_dark)
            .config("title", title)
            .config("description", description)
            .config("startMessage", start)
    }

    async fn take(self, page: &str, world: &World) -> Result<()> {
        let folder = folder();
        std::fs::create_dir_all(&folder)?;
        // Transitions have ended when nothing that the browser animates is left.
        aicon_e2e::wait::until("the animations to end", async || {
            let running: usize = world.page.ask(RUNNING_ANIMATIONS, &[]).await?;
            Ok((running == 0).then_some(()))
        })
        .await?;
        world
            .page
            .screenshot(&folder.join(format!("{page}-{}.png", self.suffix())))
            .await
    }
}

const RUNNING_ANIMATIONS: &str = "
    return document.getAnimations().filter(one => one.playState === 'running'
        && one.effect.getComputedTiming().endTime !== Infinity).length";

const SHOW_FILES: &str = "
    document.querySelector('.files').scrollIntoView({ block: 'center' });
    return true";

const SHOW_RUNS: &str = "
    const runs = document.querySelector('[data-testid=runs]');
    runs.open = true;
    runs.scrollIntoView({ block: 'end' });
    return true";

const SHOW_REGISTRATION: &str = "
    document.querySelector('#microsite').scrollIntoView({ block: 'end' });
    return true";

fn folder() -> PathBuf {
    paths::output("screenshots")
}
