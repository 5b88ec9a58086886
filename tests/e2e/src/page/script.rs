//! The scripts that read the page.

pub(super) const TEXT_OF: &str = r"
    const element = document.querySelector(arguments[0]);
    return element ? element.innerText : '';";

pub(super) const MESSAGES: &str = r#"
    return [...document.querySelectorAll('[data-testid="message"]')].map(message => ({
        role: message.dataset.role || '',
        status: message.dataset.status || '',
        text: (message.querySelector('[data-testid="message-body"]') || message).innerText,
    }));"#;

pub(super) const NOTICES: &str = r#"
    return [...document.querySelectorAll('[data-testid="notice"]')]
        .map(notice => notice.innerText.trim()).filter(text => text !== '');"#;

pub(super) const ATTACHMENTS: &str = r#"
    return [...document.querySelectorAll('[data-testid="attachment"]')].map(one => one.dataset.status || '');"#;

/// As if chosen: the value, and the event by which the app learns of it.
pub(super) const CHOOSE: &str = r"
    const [selector, value] = arguments;
    const list = document.querySelector(selector);
    list.value = value;
    list.dispatchEvent(new Event('input', { bubbles: true }));";

/// As if pasted: the value at once, and the event by which the app learns of it.
pub(super) const FILL: &str = r#"
    const [selector, text, times] = arguments;
    const field = document.querySelector(selector);
    const setter = Object.getOwnPropertyDescriptor(Object.getPrototypeOf(field), 'value').set;
    setter.call(field, text.repeat(times));
    field.dispatchEvent(new InputEvent('input', { bubbles: true, inputType: 'insertFromPaste' }));"#;

/// All that a script of the page could read of tokens: both storages and the cookies.
pub(super) const STORED: &str = r"
    return JSON.stringify([{ ...localStorage }, { ...sessionStorage }, document.cookie]);";

/// As if dropped from the desktop.
pub(super) const DROP: &str = r"
    const [selector, files] = arguments;
    const transfer = new DataTransfer();
    for (const { name, content } of files) {
        const type = name.endsWith('.csv') ? 'text/csv' : 'text/plain';
        transfer.items.add(new File([new Uint8Array(content)], name, { type }));
    }
    document.querySelector(selector).dispatchEvent(
        new DragEvent('drop', { bubbles: true, cancelable: true, dataTransfer: transfer }));";

pub(super) const CATCH_DOWNLOADS: &str = r"
    const click = HTMLAnchorElement.prototype.click;
    HTMLAnchorElement.prototype.click = function () {
        if (!this.download) return click.call(this);
        window.caughtDownload = fetch(this.href).then(answer => answer.arrayBuffer())
            .then(buffer => [this.download, [...new Uint8Array(buffer)]]);
    };";

pub(super) const CAUGHT: &str = "return window.caughtDownload || null;";
