//! What others wrote to run scripts in a page, as the answer of a model: each attack in each place that markdown has for
//! text, streamed in small pieces through the real app, with an eye on every node that it makes on the way.

use std::path::Path;
use std::time::Duration;

use aicon_corpora::attacks;
use aicon_e2e::setup::Login;
use aicon_e2e::wait::until_within;
use aicon_e2e::{Page, Result, Setup, Upstream, World, paths};
use serde::Deserialize;

/// How many attacks one answer holds.
const IN_ONE_ANSWER: usize = 25;

/// What the page noticed since [`WATCH`] ran.
#[derive(Debug, Deserialize)]
struct Noticed {
    /// Elements, attributes and addresses that no answer may have; scripts that ran; violations of the page's policy.
    wrong: Vec<String>,
    /// Elements that were looked at.
    seen: usize,
    /// The page is the one that was there at the beginning.
    is_same_page: bool,
}

#[tokio::test]
async fn the_attacks_of_others_run_nothing_call_nobody_and_leave_no_foreign_node() -> Result<()> {
    let upstream = Upstream::start().await?;
    let setup = Setup::default().login(Login::None).upstream(&upstream);
    World::run("attacks", setup, async |world| {
        let page = &world.page;
        page.open("/chat").await?;
        page.wait_for("composer").await?;
        let () = page.ask(WATCH, &[]).await?;
        let start = page.requests().await?.len();
        let place = page.url().await?;
        for (number, attacks) in attacks::payloads().chunks(IN_ONE_ANSWER).enumerate() {
            let (answer, cases) = answer_with(attacks);
            stream(page, &upstream, &answer).await?;
            wait_until_done(page, number + 1, cases).await?;
        }
        let noticed: Noticed = page.ask(NOTICED, &[]).await?;
        assert_eq!(noticed.wrong, Vec::<String>::new());
        assert!(noticed.seen > 10_000, "{} elements", noticed.seen);
        assert!(noticed.is_same_page && page.url().await? == place);
        assert_eq!(page.driver().windows().await?.len(), 1);
        let requests = page.requests().await?;
        let foreign = requests[start..]
            .iter()
            .filter(|url| !is_ours(world, url))
            .collect::<Vec<_>>();
        assert_eq!(foreign, Vec::<&String>::new());
        let () = page.ask(PLANT, &[]).await?;
        let noticed: Noticed = page.ask(NOTICED, &[]).await?;
        assert_eq!(
            noticed.wrong.len(),
            4,
            "what is planted is noticed: {noticed:?}"
        );
        Ok(())
    })
    .await
}

/// A call of the app's to the server, or a file of the bundle that it loads when it needs it.
fn is_ours(world: &World, url: &str) -> bool {
    let is_file = |path: &str| {
        let dist = paths::dist().unwrap_or_default();
        !path.contains(['?', '#', '%']) && Path::new(&dist).join(path).is_file()
    };
    url.strip_prefix(&world.backend.origin)
        .is_some_and(|path| path == "/ai/chat")
        || url
            .strip_prefix(&world.sandbox.site)
            .is_some_and(|path| is_file(path.trim_start_matches('/')))
}

/// Markdown with these attacks, and how many cases it holds: one for each attack and place.
fn answer_with(attacks: &[String]) -> (String, usize) {
    let mut answer = String::new();
    let mut cases = 0;
    for attack in attacks {
        for case in places(attack, cases) {
            cases += 1;
            answer.push_str(&format!("###### case\n\n{case}\n\n{END}\n\n"));
        }
    }
    (answer, cases)
}

/// Ends whatever block of raw HTML an attack has begun.
const END: &str = "-->?>]]></script></style></pre></textarea>";

/// An attack in every place that markdown has for text.
fn places(attack: &str, number: usize) -> Vec<String> {
    let line = attack.replace(['\n', '\r'], " ");
    let (a, n) = (line.as_str(), number);
    vec![
        attack.to_owned(),
        format!("text {a} text **{a}** ~~{a}~~ `{a}`"),
        format!("[a]({a}) [{a}](https://example.com) [a](<{a}> \"{a}\")"),
        format!(
            "[a](https://example.com/{a}) [a](https://example.com \"{a}\") <{a}> <https://{a}>"
        ),
        format!("[a](javascript:{a}) [a](data:text/html,{a}) [a](vbscript:{a}) <javascript:{a}>"),
        format!("![{a}](https://example.com/a.png '{a}') ![a]({a}) [![a]({a})]({a})"),
        format!("[a][r{n}] [r{n}] ![a][r{n}] [{a}]\n\n[r{n}]: {a}\n[{a}]: <{a}>"),
        format!("~~~~~~~~ {a}\n{a}\n~~~~~~~~"),
        format!("| a | {a} |\n|:--|--:|\n| {a} | b |"),
        format!("note[^n{n}] [^{a}]\n\n[^n{n}]: {a}\n\n[^{a}]: {a}"),
        format!("# {a}\n\na {a}\n---\n\n- {a}\n  1. [x] {a}\n\n> {a}"),
        format!(
            "$a {a}$ $$ {a} $$ $\\href{{{a}}}{{a}}$ $\\text{{{a}}}$ \\({a}\\)\n\n$$\n{a}\n$$\n\n\\[\n{a}\n\\]"
        ),
    ]
}

/// Asks, and lets the answer come in pieces of one to nine characters.
async fn stream(page: &Page, upstream: &Upstream, answer: &str) -> Result<()> {
    page.fill("composer", "next", 1).await?;
    page.click("send").await?;
    upstream.wait_for_question().await?;
    let mut rest = answer;
    for size in (1..10).cycle() {
        let end = rest
            .char_indices()
            .nth(size)
            .map_or(rest.len(), |(at, _)| at);
        upstream.write(&rest[..end])?;
        rest = &rest[end..];
        if rest.is_empty() {
            break;
        }
    }
    upstream.finish()
}

/// Waits for the end of an answer, counted from 1, which shows so many headings of cases: the last ones may come a moment
/// after the status, since Yew lets the browser have its turn in between.
async fn wait_until_done(page: &Page, answer: usize, cases: usize) -> Result<()> {
    until_within(
        Duration::from_secs(60),
        &format!("the end of answer {answer} with {cases} cases that are read as such"),
        async || {
            let shown: Option<usize> = page.ask(CASES, &[answer.into()]).await?;
            Ok((shown == Some(cases)).then_some(()))
        },
    )
    .await
}

const CASES: &str = r#"
    const answers = document.querySelectorAll('[data-testid=message][data-role=assistant]');
    const answer = answers[arguments[0] - 1];
    if (!answer || answer.dataset.status !== 'done') return null;
    return [...answer.querySelectorAll('h6')].filter(heading => heading.textContent === 'case').length;"#;

/// Watches every node and attribute that comes into an answer, and what scripts do when they run.
const WATCH: &str = r#"
    const wrong = new Set();
    const watch = window.watchOfTheTest = { wrong, seen: 0 };
    const say = text => wrong.size < 50 && wrong.add(text.slice(0, 300));
    for (const name of ['alert', 'confirm', 'prompt', 'print', 'open', 'eval'])
        window[name] = () => say(`${name} was called`);
    document.addEventListener('securitypolicyviolation', event =>
        say(`the policy refused ${event.violatedDirective} ${event.blockedURI} ${event.sample}`));

    const elements = new Set(('a bdi blockquote br button code del div em h1 h2 h3 h4 h5 h6 hr input li ol p pre section span ' +
        'strong sup table tbody td th thead tr ul').split(' '));
    const math = new Set(('math menclose merror mfrac mi mmultiscripts mn mo mover mpadded mphantom mprescripts mroot mrow ms ' +
        'mspace msqrt mstyle msub msubsup msup mtable mtd mtext mtr munder munderover semantics annotation').split(' '));
    const anywhere = 'class role tabindex aria-label aria-hidden aria-live aria-pressed title'.split(' ');
    const own = {
        a: ['href', 'target', 'rel', 'id'], button: ['type'], input: ['type', 'disabled', 'checked'], li: ['id', 'value'],
        ol: ['start'], th: ['scope'], div: ['data-testid'], h1: ['id'], h2: ['id'], h3: ['id'], h4: ['id'], h5: ['id'], h6: ['id'],
    };
    const ofMath = ('accent accentunder close columnalign columnspacing columnlines depth dir display displaystyle encoding fence ' +
        'form height largeop linethickness lspace mathbackground mathcolor mathsize mathvariant maxsize minsize movablelimits ' +
        'notation open rowalign rowspacing rspace scriptlevel separator stretchy symmetric voffset width xmlns').split(' ');

    const lookAt = element => {
        watch.seen += 1;
        const name = element.localName;
        const isMath = math.has(name) && element.namespaceURI === 'http://www.w3.org/1998/Math/MathML';
        const isHtml = elements.has(name) && element.namespaceURI === 'http://www.w3.org/1999/xhtml';
        if (!isMath && !isHtml) say(`an element: ${element.outerHTML}`);
        for (const { name: attribute, value } of element.attributes) {
            const allowed = anywhere.includes(attribute) || (isMath ? ofMath : own[name] || []).includes(attribute);
            if (!allowed) say(`an attribute: ${attribute}=${value} of ${element.outerHTML}`);
            if (attribute === 'id' && !/^md-(fn|fnref|h)-\d+-\d+$/.test(value)) say(`an id: ${value}`);
        }
        if (name === 'a') {
            const address = element.getAttribute('href');
            const isOwn = /^#md-(fn|fnref|h)-\d+-\d+$/.test(address);
            const isForeign = /^(https?:\/\/|mailto:)/.test(address) && /^(https?|mailto):$/.test(element.protocol)
                && element.target === '_blank' && element.rel === 'noopener noreferrer nofollow';
            if (!isOwn && !isForeign) say(`a link: ${element.outerHTML}`);
        }
    };
    const place = '[data-testid=message][data-role=assistant] [data-testid=message-body]';
    const isInAnswer = node => {
        const element = node.nodeType === Node.ELEMENT_NODE ? node : node.parentElement;
        return element && (element.closest(place) || !element.isConnected && element.closest('.md'));
    };
    const observer = new MutationObserver(records => {
        for (const { type, target, addedNodes } of records) {
            if (type === 'attributes' && isInAnswer(target)) lookAt(target);
            for (const node of addedNodes) {
                if (node.nodeType !== Node.ELEMENT_NODE) continue;
                if (isInAnswer(target)) lookAt(node);
                for (const inside of node.querySelectorAll('*'))
                    if (isInAnswer(target) || inside.closest(place)) lookAt(inside);
            }
        }
    });
    observer.observe(document, { subtree: true, childList: true, attributes: true });"#;

const NOTICED: &str = r#"
    const watch = window.watchOfTheTest;
    return { wrong: [...watch?.wrong ?? []], seen: watch?.seen ?? 0, is_same_page: watch !== undefined };"#;

/// What must not go unnoticed: an element, an attribute, an address, a script.
const PLANT: &str = r#"
    const answer = document.querySelector('[data-testid=message][data-role=assistant] [data-testid=message-body]');
    answer.firstElementChild.append(document.createElement('marquee'));
    answer.firstElementChild.setAttribute('accesskey', 'x');
    const link = document.createElement('a');
    link.setAttribute('href', 'javascript:0');
    answer.append(link);
    alert(1);"#;
