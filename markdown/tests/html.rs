//! What readers get: the HTML of finished documents, rendered by Yew on the host.

#![cfg(not(target_arch = "wasm32"))]

mod support;

use aicon_markdown::{MAX_COLUMNS, MAX_DEPTH, MAX_FOOTNOTES};

use self::support::{html_at, html_of};

/// Of a finished document.
fn html(text: &str) -> String {
    html_of(&[text], true)
}

/// The slabs of endless lines taken out of their boxes.
fn without_slabs(html: &str) -> String {
    let mut parts = html.split(SLAB);
    let mut joined = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        joined.push_str(&part.replacen("</span>", "", 1));
    }
    joined
}

const SLAB: &str = "<span class=\"md-slab\">";

#[test]
fn an_endless_line_is_cut_into_boxes_at_blanks_and_loses_nothing() {
    for (word, words) in [("낱말 ", 9_000), ("x", 90_000), ("한", 30_000)] {
        let text = word.repeat(words);
        let html = html(&text);
        assert!(html.matches(SLAB).count() > 5, "{word}");
        assert_eq!(
            without_slabs(&html),
            format!("<p>{}</p>", text.trim_end()),
            "{word}"
        );
        assert!(
            word.trim() == word || html.contains(" </span><span"),
            "{word} is cut at a blank"
        );
    }
}

/// Everything between tags.
fn text_of(html: &str) -> String {
    let mut text = String::new();
    for part in html.split('<') {
        text.push_str(part.split_once('>').map_or(part, |(_, text)| text));
    }
    text
}

#[test]
fn commonmark_basics() {
    for (markdown, expected) in [
        (
            "a *b* **c** ~~d~~ `e`",
            "<p>a <em>b</em> <strong>c</strong> <del>d</del> <code>e</code></p>",
        ),
        (
            "> # 1\n> ###### 6",
            "<blockquote><div class=\"md-heading md-1\"><h1>1</h1></div><div class=\"md-heading md-6\"><h6>6</h6></div></blockquote>",
        ),
        (
            "- 2\n  ---",
            "<ul><li><div class=\"md-heading md-2\"><h2>2</h2></div></li></ul>",
        ),
        ("a\nb  \nc", "<p>a\nb<br>c</p>"),
        ("> q\n> r", "<blockquote><p>q\nr</p></blockquote>"),
        (
            "- a\n- b\n  - c",
            "<ul><li>a</li><li>b<ul><li>c</li></ul></li></ul>",
        ),
        ("- a\n\n- b", "<ul><li><p>a</p></li><li><p>b</p></li></ul>"),
        ("3. a\n4. b", "<ol start=\"3\"><li>a</li><li>b</li></ol>"),
        ("***", "<hr>"),
        (
            "**「인용」**은 **굵게(bold)**는 글**(괄호)**과 **좋아요😀**는",
            "<p><strong>「인용」</strong>은 <strong>굵게(bold)</strong>는 글<strong>(괄호)</strong>과 <strong>좋아요😀</strong>는</p>",
        ),
        ("&copy; \\*", "<p>© *</p>"),
        (
            "[r]\n\n[r]: https://e.com",
            "<p><a href=\"https://e.com\" target=\"_blank\" rel=\"noopener noreferrer nofollow\" title=\"e.com\"><bdi>r</bdi></a></p>",
        ),
    ] {
        assert_eq!(
            html(markdown)
                .replace("<br></br>", "<br>")
                .replace("<hr></hr>", "<hr>"),
            expected,
            "{markdown:?}"
        );
    }
}

#[test]
fn code_blocks_keep_every_character_and_name_their_language() {
    let html = html("```rust ignore\n\n  let a = \"<b>\";\t\n\n```\n");
    assert!(
        html.contains("<bdi class=\"md-code-language\">rust</bdi>"),
        "{html}"
    );
    assert!(
        html.contains("<code>\n  let a = &quot;&lt;b&gt;&quot;;\t\n\n</code>")
            || html.contains("<code>\n  let a = \"&lt;b&gt;\";\t\n\n</code>"),
        "{html}"
    );
    assert!(
        html.contains("role=\"status\"") && html.contains(">Copy</button>"),
        "{html}"
    );
    assert!(
        html.contains("aria-pressed=\"false\" class=\"md-wrap\">Wrap lines</button>"),
        "{html}"
    );
    assert!(
        html.contains("<pre tabindex=\"0\" role=\"region\" aria-label=\"Code rust\">"),
        "{html}"
    );
}

#[test]
fn tables_scroll_in_a_named_region_and_keep_their_alignment() {
    let html = html("| a | b | c | d |\n|---|:--|:-:|--:|\n| 1 | 2 | 3 | 4 |\n| 5 |");
    assert!(html.starts_with("<div class=\"md-table-frame\"><div role=\"region\" tabindex=\"0\" aria-label=\"Table\" class=\"md-table\"><table><thead><tr>"), "{html}");
    assert!(
        html.contains("<th scope=\"col\">a</th><th scope=\"col\" class=\"md-left\">b</th>"),
        "{html}"
    );
    assert!(html.contains("<tr><td>1</td><td class=\"md-left\">2</td><td class=\"md-center\">3</td><td class=\"md-right\">4</td></tr>"), "{html}");
    assert!(
        html.ends_with("class=\"md-copy\">Copy table</button></div></div>"),
        "{html}"
    );
}

#[test]
fn a_table_ends_what_began_like_a_definition() {
    for (markdown, before) in [
        ("[\n| a | b |\n|---|---|\n| 1 | 2 |", "<p>[</p>"),
        ("> [x\n> | a | b |\n> |---|---|", "<blockquote><p>[x</p>"),
        ("[a | b\n---|---", ""),
    ] {
        let table = format!("{before}<div class=\"md-table-frame\">");
        assert!(html(markdown).starts_with(&table), "{markdown:?}");
        assert!(!html(markdown).contains("|"), "{markdown:?}");
    }
    assert_eq!(
        html("> [x\na | b\n> ---|---"),
        "<blockquote><p>[x\na | b\n---|---</p></blockquote>"
    );
}

#[test]
fn tasks_are_disabled_checkboxes_that_say_their_state() {
    let html = html("- [x] a\n- [ ] b");
    assert_eq!(html.matches("type=\"checkbox\"").count(), 2);
    assert_eq!(html.matches(" disabled=").count(), 2);
    assert!(
        html.contains("aria-label=\"Done\"") && html.contains("aria-label=\"Open\""),
        "{html}"
    );
    assert_eq!(html.matches("class=\"md-task\"").count(), 2);
}

#[test]
fn footnotes_stand_at_the_end_with_links_both_ways() {
    let html = html("a[^n] b[^n]\n\n[^n]: *note*\n\nafter");
    let (body, notes) = html
        .split_once("<section aria-label=\"Footnotes\" class=\"md-footnotes\"><ol>")
        .expect("a section");
    assert!(body.ends_with("<p>after</p>"), "{body}");
    assert_eq!(body.matches("id=\"md-fnref-").count(), 1);
    assert_eq!(body.matches("href=\"#md-fn-").count(), 2);
    assert!(
        notes.contains("value=\"1\"")
            && notes.contains("<em>note</em>")
            && notes.contains("href=\"#md-fnref-"),
        "{notes}"
    );
}

#[test]
fn raw_html_is_text() {
    for markdown in [
        "<script>alert(1)</script>",
        "a <img src=x onerror=alert(1)> b",
        "<div onclick=x>\n<iframe src=//e.com></iframe>\n</div>",
        "<!-- c --><style>*{}</style>",
        "<svg><a xlink:href='javascript:1'>",
        "```\n</code></pre><script>\n```",
        "`<script>`",
        "| <script> |\n|---|\n| <b> |",
        "[^<script>]\n\n[^<script>]: <b>",
        "# <base href=//e.com>",
    ] {
        let html = html(markdown);
        for tag in [
            "<script", "<img", "<iframe", "<div o", "<style", "<svg", "<base", "<b>", "<!--",
            "<form", "<meta",
        ] {
            assert!(!html.contains(tag), "{markdown:?}: {html}");
        }
        assert!(html.contains("&lt;"), "shown: {html}");
    }
}

#[test]
fn only_harmless_addresses_become_links() {
    for markdown in [
        "[x](javascript:alert(1))",
        "[x](<java\tscript:alert(1)>)",
        "[x](&#106;avascript:1)",
        "[x](javascript&colon;1)",
        "[x](&#1;javascript:1)",
        "[x](data:text/html,x)",
        "[x](vbscript:x)",
        "[x](blob:https://e.com/x)",
        "[x](//e.com)",
        "[x](/local)",
        "[x](local)",
        "[x](#x)",
        "[x](?x)",
        "[x](\\\\\\\\e.com)",
        "[x](https:e.com)",
        "[x](https:/\\e.com)",
        "[x](https://u@e.com)",
        "<javascript:alert(1)>",
        "<data:x,y>",
        "[x][r]\n\n[r]: javascript:1",
        "[x]()",
        "[x](file:///x)",
        "[![x](javascript:1)](javascript:2)",
        "javascript://e.com",
        "[x](https://e\u{202e}.com)",
    ] {
        let html = html(markdown);
        assert!(
            !html.contains("<a")
                && !html.contains("href")
                && !html.contains("<button type=\"button\" class=\"md-image"),
            "{markdown:?}: {html}"
        );
    }
    assert!(html("<a@e.com>").contains("href=\"mailto:a@e.com\""));
    assert!(html("https://e.com/a_b_c.").contains("href=\"https://e.com/a_b_c\""));
    assert!(
        !html("[https://a.com](https://b.com)").contains("href=\"https://a.com"),
        "no link in a link"
    );
    assert!(!html("`https://a.com`").contains("<a"));
}

#[test]
fn a_refused_link_keeps_what_it_holds() {
    assert_eq!(
        html("[a **b**](/local)"),
        "<p><bdi>a <strong>b</strong></bdi></p>"
    );
    assert!(html("[![cat](https://e.com/c.png)](javascript:1)").contains("md-image-load"));
}

#[test]
fn an_image_is_a_button_that_names_its_host() {
    let with_image = html("![a *cat*](https://img.example/c.png \"t\") ![](http://e.com/x)");
    assert!(
        !with_image.contains("<img") && !with_image.contains("img.example/c.png"),
        "{with_image}"
    );
    assert_eq!(with_image.matches("class=\"md-image-load\"").count(), 2);
    assert!(
        with_image.contains("<bdi class=\"md-image-alt\">a cat</bdi>")
            && with_image.contains("<bdi>img.example</bdi>")
    );
    for markdown in [
        "![alt](data:image/svg+xml,x)",
        "![alt](javascript:1)",
        "![alt](x.png)",
        "![alt](//e.com/x)",
        "![alt](mailto:a@e.com)",
    ] {
        assert_eq!(html(markdown), "<p>alt</p>");
    }
}

#[test]
fn nesting_is_capped_and_its_text_kept() {
    let marks = |mark: &str, n: usize| mark.repeat(n);
    for markdown in [
        marks(">", 10_000) + " deep",
        marks("- ", 5_000) + "deep",
        marks("1. ", 2_000) + "deep",
        marks("*a ", 20_000) + "deep" + &marks(" a*", 20_000),
        marks("[", 100_000) + "deep" + &marks("]", 100_000),
        marks("![", 30_000) + "deep" + &marks("](https://e.com)", 30_000),
        marks("<b>", 50_000) + "deep",
        marks("`", 100_000) + "deep",
    ] {
        let html = html(&markdown);
        assert!(
            text_of(&html).contains("deep") || html.contains("deep"),
            "{}",
            &markdown[..20]
        );
        let (mut depth, mut deepest) = (0_usize, 0);
        for tag in html.split('<').skip(1).filter(|tag| {
            !tag.starts_with("br") && !tag.starts_with("hr") && !tag.starts_with("input")
        }) {
            depth = if tag.starts_with('/') {
                depth - 1
            } else {
                depth + 1
            };
            deepest = deepest.max(depth);
        }
        assert!(deepest <= 2 * MAX_DEPTH, "{deepest} levels");
    }
    assert!(html(&(marks("> ", 100) + "deep")).contains("class=\"md-truncated\""));
}

#[test]
fn tables_are_capped_visibly() {
    let row = |cell: &str| "|".to_owned() + &cell.repeat(1_000) + "\n";
    let html = html(&(row(" a |") + &row("---|") + &row(" b |")));
    assert_eq!(html.matches("<th ").count(), MAX_COLUMNS + 1);
    assert_eq!(html.matches("<td").count(), MAX_COLUMNS + 1);
    assert_eq!(html.matches("class=\"md-truncated\"").count(), 2);
}

#[test]
fn footnotes_are_capped_and_the_rest_is_text() {
    let mut markdown = String::new();
    for n in 0..MAX_FOOTNOTES + 20 {
        markdown.push_str(&format!("t[^{n}]\n\n[^{n}]: note {n}\n\n"));
    }
    let html = html(&markdown);
    assert_eq!(html.matches("id=\"md-fn-").count(), MAX_FOOTNOTES);
    assert!(html.contains(&format!("[^{}]", MAX_FOOTNOTES)));
    assert!(
        html.contains(&format!("note {}", MAX_FOOTNOTES + 19)),
        "the text of the others is kept"
    );
}

#[test]
fn all_text_is_shown_as_it_comes() {
    // Longer than a piece of text that is settled by itself.
    let long = "word ".repeat(8_000);
    for (before, after) in [
        ("", "…word word <strong>end</strong></p>"),
        ("- a\n- ", "…word word <strong>end</strong></li></ul>"),
        ("> ", "…word word <strong>end</strong></p></blockquote>"),
        ("```\n", "…word word **end</code></pre></div>"),
    ] {
        let html = without_slabs(&html_of(&[before, &long, "**end"], false));
        let expected = after.split('…').next_back().expect("an end");
        assert!(
            html.ends_with(expected),
            "{before:?}: {}",
            &html[html.len() - 80..]
        );
    }
    for (before, after) in [
        (
            "> # ti **tl",
            "<h1>ti <strong>tl</strong></h1></div></blockquote>",
        ),
        (
            "| a |\n|---|\n| ~~b",
            "<td><del>b</del></td></tr></tbody></table></div><div class=\"md-table-bar\"><span role=\"status\" class=\"md-outcome\"></span><button type=\"button\" class=\"md-copy\">Copy table</button></div></div>",
        ),
        (
            "> - a\n>   - *b",
            "<li>a<ul><li><em>b</em></li></ul></li></ul></blockquote>",
        ),
    ] {
        let html = html_of(&[before], false);
        assert!(html.ends_with(after), "{html}");
    }
}

#[test]
fn a_list_that_becomes_loose_is_loose_from_the_beginning() {
    let items: String = (0..100).map(|i| format!("- a{i}\n")).collect();
    let tight = html_of(&[&items], false);
    assert!(tight.contains("<li>a0</li>") && tight.contains("<li>a99</li>"));
    let loose = html_of(&[&items, "\n- end"], false);
    assert!(loose.contains("<li><p>a0</p></li>") && loose.contains("<li><p>a99</p></li>"));
}

#[test]
fn what_reorders_text_stands_in_a_box_of_its_own() {
    let control =
        |name: &str, c: char| format!("<span title=\"{name}\" class=\"md-control\">{c}</span>");
    let html = html(
        "[\u{202e}x](https://e.com/\u{202e}y) a\u{2066}b `\u{200b}` ![\u{202e}z](https://e.com)",
    );
    let turned = control("U+202E", '\u{202e}');
    assert!(html.contains(&format!("<bdi>{turned}x</bdi>")), "{html}");
    assert!(
        html.contains(&format!("<bdi class=\"md-image-alt\">{turned}z</bdi>")),
        "{html}"
    );
    assert!(
        html.contains(&format!("a{}b", control("U+2066", '\u{2066}'))),
        "{html}"
    );
    assert!(
        html.contains(&format!("<code>{}</code>", control("U+200B", '\u{200b}'))),
        "{html}"
    );
    assert!(html.contains("href=\"https://e.com/%E2%80%AEy\""), "{html}");
    let code = self::html("```\u{202e}\nif \u{202e}⦖x⦕ \u{2069}{\n```");
    assert_eq!(code.matches("class=\"md-control\"").count(), 3, "{code}");
    assert_eq!(self::html("مرحبا\u{200f}!"), "<p>مرحبا\u{200f}!</p>");
}

#[test]
fn a_link_that_names_another_host_shows_its_own() {
    let shown =
        |host: &str| format!("<span class=\"md-link-host\"> (<bdi>{host}</bdi>)</span></a>");
    for (markdown, host) in [
        (
            "[https://bank.example](https://evil.example)",
            "evil.example",
        ),
        (
            "[go to **bank.example**](https://evil.example:8080/x)",
            "evil.example:8080",
        ),
        ("[me@bank.example](mailto:x@evil.example)", "x@evil.example"),
        (
            "[![bank.example](https://a.example/i)](https://evil.example)",
            "evil.example",
        ),
        ("https://b\u{430}nk.example", "xn--bnk-6cd.example"),
    ] {
        let html = html(markdown);
        assert!(html.contains(&shown(host)), "{markdown:?}: {html}");
    }
    for markdown in [
        "https://bank.example/x",
        "[Bank](https://bank.example)",
        "[www.bank.example](https://bank.example)",
        "[한국.kr](https://xn--3e0b707e.kr)",
        "<a@bank.example>",
    ] {
        assert!(!html(markdown).contains("md-link-host"), "{markdown:?}");
    }
}

#[test]
fn headings_have_ids_of_their_own_and_a_link_to_themselves() {
    let page = html_of(&["# a\n\n# a\n\ntext\n\n# a"], true);
    let ids: Vec<&str> = page
        .split(" id=\"")
        .skip(1)
        .filter_map(|rest| rest.split('"').next())
        .collect();
    assert_eq!(ids.len(), 3, "{page}");
    for (i, id) in ids.iter().enumerate() {
        assert!(id.starts_with("md-h-") && !ids[..i].contains(id), "{ids:?}");
        let link = format!(
            "<a href=\"#{id}\" aria-label=\"Link to this heading\" class=\"md-anchor\"></a>"
        );
        assert!(page.contains(&link), "{page}");
    }
    assert_ne!(html("# a"), html("# a"), "other documents have other ids");
}

#[test]
fn headings_stand_below_the_heading_above_them_and_keep_their_looks() {
    for (level, expected) in [
        (0, ["h1", "h2", "h6"]),
        (1, ["h2", "h3", "h6"]),
        (3, ["h4", "h5", "h6"]),
        (9, ["h6"; 3]),
    ] {
        let html = html_at(level, &["# a\n\n## b\n\n###### c"], true);
        for (name, look) in expected.iter().zip([1, 2, 6]) {
            let start = format!("<div class=\"md-heading md-{look}\"><{name} ");
            assert!(html.contains(&start), "{level}: {html}");
        }
    }
}
