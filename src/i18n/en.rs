//! English.

use super::Messages;

pub(super) static MESSAGES: Messages = Messages {
    // Everywhere
    skip_to_content: "Skip to content",
    other_language: "한국어",
    switch_language: "한국어로 바꾸기",
    switch_theme: "Switch light and dark",
    logout: "Log out",
    retry: "Try again",
    close: "Close",
    cancel: "Cancel",
    // Home
    start_chat: "Start chatting",
    start_form: "Start",
    // Login
    login_title: "Log in",
    login_text: "Log in with your AICON account to use this model.",
    login_button: "Log in with AICON",
    login_starting: "Checking your login…",
    login_logged_out: "You are logged out.",
    login_expired: "Your login has expired. Please log in again. What you were writing is still here.",
    login_denied: "The login was cancelled or refused at AICON. You can log in again.",
    login_refused: |error| {
        [
            "AICON refused the login (",
            error,
            "). Please log in again.",
        ]
        .concat()
    },
    login_unasked: "A login answer arrived that this tab did not ask for. It was not used. Please log in with the button below.",
    login_mismatch: "The login answer does not match the request and was not used. Please log in again.",
    login_code_rejected: "The login code has expired or was used already. Please log in again.",
    login_unavailable: "The login server cannot be reached. Please try again in a moment. What you were writing is still here.",
    login_misconfigured: "The login of this model is not set up correctly. Please tell the provider. (clientId, redirect URI, server settings)",
    login_other_user: "The page was opened for another AICON user. Please log in again.",
    // Not found
    not_found_title: "Page not found",
    not_found_text: "The address has changed or was mistyped.",
    back_home: "Back to start",
    // Wrong configuration
    config_title: "Please check the configuration file",
    config_unreachable: "The configuration file could not be fetched. Check the network and try again.",
    config_status: |status| {
        [
            "The configuration file was not found (HTTP ",
            &status.to_string(),
            "). Check that the bundle holds it and that the web server serves .json.",
        ]
        .concat()
    },
    config_web_page: "A web page came instead of the configuration file. The bundle does not seem to hold it.",
    config_not_json: |line, column| {
        [
            "This is not JSON: line ",
            &line.to_string(),
            ", column ",
            &column.to_string(),
            ".",
        ]
        .concat()
    },
    config_not_json_at_all: "This is not JSON. Check brackets, commas and quotation marks.",
    config_problems: "These values are not right.",
    config_key: "Key",
    config_found: "Found",
    config_expected: "Expected",
    config_example: "Example",
    ui_title: "Please check what the server says of this model",
    ui_unreachable_title: "The server does not answer",
    ui_unreachable: "The server has to say what this page is to look like, and does not answer. What you entered before is kept. Check the network and try again.",
    ui_web_page: "A web page came instead of the model's description. The provider should check apiEndPoint.",
    found_missing: "missing",
    found_empty: "empty",
    found_secret: "(not shown)",
    expect_object: "a JSON object in { }",
    expect_url: |example| {
        [
            "a full address that begins with http:// or https://, such as ",
            example,
        ]
        .concat()
    },
    expect_origins: "a list of addresses, such as [\"https://aicon.or.kr\"]",
    expect_text: "a text that is not empty",
    expect_localized: "a text, or {\"ko\": \"…\", \"en\": \"…\"}",
    expect_bool: "true or false",
    expect_rows: "a list of at least one row: [{…}]",
    expect_unique_name: "a name that no other row has",
    expect_texts: "a list of texts: [\"…\", \"…\"]",
    expect_number: "a number",
    expect_count: |min, max| {
        [
            "a whole number from ",
            &min.to_string(),
            " to ",
            &max.to_string(),
        ]
        .concat()
    },
    // Framing
    framed_title: "This cannot be opened inside that page",
    framed_text: "For your safety it is not shown inside sites other than AICON.",
    framed_open: "Open in a new tab",
    // Conversation
    chat_title: "Conversation",
    new_chat: "New chat",
    new_chat_question: "Delete this conversation from this browser and start anew?",
    new_chat_confirm: "Delete and start anew",
    you: "You",
    assistant: "AI",
    answering: "Answering",
    still_answering: "Still answering",
    stopped: "Stopped. What had come is kept.",
    copy_answer: "Copy answer",
    copied: "Copied",
    copy_failed: "Copying failed",
    to_end: "To the end",
    tokens: |count| [count, " tokens"].concat(),
    // Composer
    composer_label: "Message",
    composer_placeholder: "Type a message",
    composer_hint: "Enter sends, Shift+Enter breaks the line",
    send: "Send",
    stop: "Stop",
    attach: |formats, size, count| {
        [
            "Attach files (",
            formats,
            ", up to ",
            size,
            ", at most ",
            &count.to_string(),
            ")",
        ]
        .concat()
    },
    drop_here: "Drop files here",
    attachments: "Attached files",
    remove: |name| ["Remove ", name].concat(),
    retry_upload: |name| ["Upload ", name, " again"].concat(),
    uploading: |percent| ["Uploading ", &percent.to_string(), "%"].concat(),
    upload_ready: "Ready",
    too_long: |over| {
        [
            "This is ",
            &over.to_string(),
            " characters over the limit. Nothing is lost: shorten it and send.",
        ]
        .concat()
    },
    too_many_files: |max| {
        [
            "At most ",
            &max.to_string(),
            " files can be sent. Please remove some.",
        ]
        .concat()
    },
    failed_attachment: "A file was not uploaded. Remove it or upload it again.",
    wait_for_upload: "A file is being uploaded. You can send when it is done.",
    file_too_big: |limit| ["The file is too big. The limit is ", limit, "."].concat(),
    file_wrong_type: "This type is not taken.",
    file_empty: "The file is empty or can no longer be read. Please choose it again.",
    file_waiting: "It will be uploaded after you log in.",
    // Form
    form_run: "Run",
    form_cancel: "Cancel",
    form_clear: "Clear all",
    form_required: "required",
    form_choose: "Choose",
    form_choose_file: "Choose a file",
    form_drop: "or drop it here",
    form_results: "Results",
    form_no_result: "Nothing came for this.",
    form_working: "The model is working…",
    form_done: "The results are here.",
    form_values_kept: "What you entered is kept.",
    form_archive: "Processed files",
    form_file_gone: "It is no longer there.",
    form_history: "Earlier runs",
    form_refill: "Fill in these values",
    form_forget: "Forget earlier runs",
    download: "Download",
    download_all: "Download all",
    download_missing: "These could not be put into the ZIP. Please download them one by one:",
    form_sending: |percent| ["Sending, ", &percent.to_string(), "%"].concat(),
    form_zoom: |label| [label, ", show large"].concat(),
    form_file_limits: |types, size, count| {
        [
            types,
            " · up to ",
            size,
            " each · at most ",
            &count.to_string(),
        ]
        .concat()
    },
    form_any_type: "any type",
    problem_required: "This is required.",
    problem_number: "Enter a number, for example 12.5.",
    problem_min: |min| ["At least ", min, "."].concat(),
    problem_max: |max| ["At most ", max, "."].concat(),
    problem_files: |most| ["At most ", &most.to_string(), " files."].concat(),
    problem_type: |name| [name, ": this type is not taken."].concat(),
    problem_size: |name, limit| [name, ": at most ", limit, "."].concat(),
    problem_empty: |name| [name, ": the file is empty."].concat(),
    problem_lost: |name| {
        [
            name,
            ": the browser no longer has it. Please choose it again.",
        ]
        .concat()
    },
    // Links in answers
    link_title: "This leads to another site",
    link_text: "This link is part of an answer made by AI. Please check the address.",
    link_open: "Open in a new tab",
    // Failures: what happened, what was kept, what to do
    fault_network: "The server cannot be reached. Your message is kept. Check the network and try again.",
    fault_broken: "The answer broke off. What had come is kept.",
    fault_silent: "The server went silent, so the connection was closed. What had come is kept.",
    fault_unreadable: "The answer of the server cannot be understood. The provider should check apiEndPoint and the version of the server.",
    fault_left: "The answer stopped when the page was left. What had come is kept.",
    fault_server: "Something went wrong on the server. Your message is kept. Please try again in a moment.",
    fault_chat: "The AI model could not answer. Your message is kept.",
    fault_model: "This model cannot be used now. The provider has to check the settings.",
    fault_context_lost: "The server no longer has the earlier conversation. Trying again sends this message alone.",
    fault_file_expired: "The attached file has expired on the server (kept for 7 days). Please attach it again to a new message.",
    fault_too_large: "What was sent is over the size limit of the server. Please shorten it and send again.",
    fault_unauthorized: "This server needs a login or an API key. The provider has to check the settings.",
    fault_forbidden: "This is not allowed. The provider has to check the settings (allowed origins, model).",
    fault_rate: "Too many requests for the moment. Your message is kept. Please try again shortly.",
    fault_rate_after: |wait| {
        [
            "The limit is reached for the moment. Your message is kept. Please try again in ",
            wait,
            ".",
        ]
        .concat()
    },
    time_units: [" seconds", " minutes", " hours"],
    fault_in_progress: "The same message is still being answered. Try again in a moment to get that answer.",
    fault_format: "This file is not supported. Its content has to be of the type that its name says.",
    fault_empty_message: "An empty message cannot be sent.",
    server_says: "The server says:",
    // Markdown
    md_copy: "Copy",
    md_wrap: "Wrap lines",
    md_copy_table: "Copy table",
    md_heading_link: "Link to this heading",
    md_code: "Code",
    md_table: "Table",
    md_load_image: "Load image",
    md_image_from: "Image from",
    md_image_failed: "The image could not be loaded",
    md_footnotes: "Footnotes",
    md_footnote_back: "Back to the text",
    md_task_done: "Done",
    md_task_open: "Open",
    md_truncated: "Not everything is shown here",
};
