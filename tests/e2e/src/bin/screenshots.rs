//! Pictures of the pages, for people to look at: desktop and phone, light and dark, Korean and English, in
//! `target/screenshots/{page}-{desktop|phone}-{light|dark}-{ko|en}.png`.

use std::path::PathBuf;
use std::process::ExitCode;

use aicon_e2e::picture::png;
use aicon_e2e::setup::Login;
use aicon_e2e::{Language, Result, Setup, World, paths};

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
        self.take_pages().await?;
        self.take_home().await?;
        self.take_config_error().await
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

fn folder() -> PathBuf {
    paths::output("screenshots")
}
