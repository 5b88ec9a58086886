//! Korean.

use super::Messages;

pub(super) static MESSAGES: Messages = Messages {
    // Everywhere
    skip_to_content: "본문으로 건너뛰기",
    other_language: "English",
    switch_language: "Switch to English",
    switch_theme: "밝기 바꾸기",
    logout: "로그아웃",
    retry: "다시 시도",
    close: "닫기",
    cancel: "취소",
    // Home
    start_chat: "대화 시작하기",
    start_form: "시작하기",
    // Login
    login_title: "로그인",
    login_text: "AICON 계정으로 로그인하면 이 모델을 사용할 수 있습니다.",
    login_button: "AICON으로 로그인",
    login_starting: "로그인을 확인하고 있습니다…",
    login_logged_out: "로그아웃했습니다.",
    login_expired: "로그인 시간이 끝났습니다. 다시 로그인해 주세요. 작성하던 내용은 그대로 있습니다.",
    login_denied: "AICON에서 로그인을 취소했거나 거부했습니다. 다시 로그인할 수 있습니다.",
    login_refused: |error| {
        [
            "AICON이 로그인을 거부했습니다 (",
            error,
            "). 다시 로그인해 주세요.",
        ]
        .concat()
    },
    login_unasked: "이 창에서 시작하지 않은 로그인 응답이 와서 사용하지 않았습니다. 아래 버튼으로 로그인해 주세요.",
    login_mismatch: "로그인 응답이 요청과 맞지 않아 사용하지 않았습니다. 다시 로그인해 주세요.",
    login_code_rejected: "로그인 코드가 만료되었거나 이미 사용되었습니다. 다시 로그인해 주세요.",
    login_unavailable: "로그인 서버에 연결할 수 없습니다. 잠시 후 다시 시도해 주세요. 작성하던 내용은 그대로 있습니다.",
    login_misconfigured: "이 모델의 로그인 설정이 올바르지 않습니다. 제공자에게 알려 주세요. (clientId, redirect URI, 서버 설정)",
    login_other_user: "다른 AICON 사용자로 열렸습니다. 다시 로그인해 주세요.",
    // Not found
    not_found_title: "페이지를 찾을 수 없습니다",
    not_found_text: "주소가 바뀌었거나 잘못 입력되었습니다.",
    back_home: "처음으로",
    // Wrong configuration
    config_title: "설정 파일을 확인해 주세요",
    config_unreachable: "설정 파일을 가져오지 못했습니다. 네트워크를 확인하고 다시 시도해 주세요.",
    config_status: |status| {
        [
            "설정 파일을 찾을 수 없습니다 (HTTP ",
            &status.to_string(),
            "). 번들 안에 파일이 있는지, 웹 서버가 .json을 제공하는지 확인해 주세요.",
        ]
        .concat()
    },
    config_web_page: "설정 파일 대신 웹 페이지가 왔습니다. 번들 안에 파일이 없는 것 같습니다.",
    config_not_json: |line, column| {
        [
            "JSON 형식이 아닙니다: ",
            &line.to_string(),
            "번째 줄, ",
            &column.to_string(),
            "번째 칸.",
        ]
        .concat()
    },
    config_not_json_at_all: "JSON 형식이 아닙니다. 괄호, 쉼표, 따옴표를 확인해 주세요.",
    config_problems: "아래 값이 올바르지 않습니다.",
    config_key: "키",
    config_found: "현재 값",
    config_expected: "필요한 값",
    config_example: "예시",
    ui_title: "서버가 알려 준 모델 정보를 확인해 주세요",
    ui_unreachable_title: "서버가 응답하지 않습니다",
    ui_unreachable: "화면 구성을 알려 줄 서버가 응답하지 않습니다. 전에 입력한 내용은 그대로 있습니다. 네트워크를 확인하고 다시 시도해 주세요.",
    ui_web_page: "모델 정보 대신 웹 페이지가 왔습니다. 제공자는 apiEndPoint를 확인해 주세요.",
    found_missing: "없음",
    found_empty: "비어 있음",
    found_secret: "(표시하지 않음)",
    expect_object: "{ }로 둘러싼 JSON 객체",
    expect_url: |example| ["http:// 또는 https://로 시작하는 전체 주소, 예: ", example].concat(),
    expect_origins: "주소 목록, 예: [\"https://aicon.or.kr\"]",
    expect_text: "비어 있지 않은 문자열",
    expect_localized: "문자열 또는 {\"ko\": \"…\", \"en\": \"…\"}",
    expect_bool: "true 또는 false",
    expect_rows: "한 줄 이상의 목록: [{…}]",
    expect_unique_name: "목록 안에서 하나뿐인 이름",
    expect_texts: "글의 목록: [\"…\", \"…\"]",
    expect_number: "숫자",
    expect_count: |min, max| [&min.to_string(), "에서 ", &max.to_string(), " 사이의 정수"].concat(),
    // Framing
    framed_title: "이 페이지 안에서는 열 수 없습니다",
    framed_text: "안전을 위해 AICON이 아닌 사이트 안에서는 표시하지 않습니다.",
    framed_open: "새 창에서 열기",
    // Conversation
    chat_title: "대화",
    new_chat: "새 대화",
    new_chat_question: "지금 대화를 이 브라우저에서 지우고 새로 시작할까요?",
    new_chat_confirm: "지우고 새로 시작",
    you: "나",
    assistant: "AI",
    answering: "답변을 작성하고 있습니다",
    still_answering: "답변을 계속 작성하고 있습니다",
    stopped: "중지했습니다. 여기까지의 답변은 저장되었습니다.",
    copy_answer: "답변 복사",
    copied: "복사했습니다",
    copy_failed: "복사하지 못했습니다",
    to_end: "맨 아래로",
    tokens: |count| ["토큰 ", count, "개"].concat(),
    // Composer
    composer_label: "메시지",
    composer_placeholder: "메시지를 입력하세요",
    composer_hint: "Enter로 보내기, Shift+Enter로 줄 바꿈",
    send: "보내기",
    stop: "중지",
    attach: |formats, size, count| {
        [
            "파일 첨부 (",
            formats,
            ", ",
            size,
            " 이하, 최대 ",
            &count.to_string(),
            "개)",
        ]
        .concat()
    },
    drop_here: "여기에 파일을 놓으세요",
    attachments: "첨부한 파일",
    remove: |name| [name, " 제거"].concat(),
    retry_upload: |name| [name, " 다시 올리기"].concat(),
    uploading: |percent| ["올리는 중 ", &percent.to_string(), "%"].concat(),
    upload_ready: "준비됨",
    too_long: |over| {
        [
            "최대 길이보다 ",
            &over.to_string(),
            "자 깁니다. 내용은 그대로 있으니 줄여서 보내 주세요.",
        ]
        .concat()
    },
    too_many_files: |max| {
        [
            "파일은 최대 ",
            &max.to_string(),
            "개까지 보낼 수 있습니다. 일부를 제거해 주세요.",
        ]
        .concat()
    },
    failed_attachment: "올리지 못한 파일이 있습니다. 제거하거나 다시 올려 주세요.",
    wait_for_upload: "파일을 올리는 중입니다. 끝나면 보낼 수 있습니다.",
    file_too_big: |limit| ["파일이 너무 큽니다. ", limit, " 이하만 올릴 수 있습니다."].concat(),
    file_wrong_type: "받지 않는 형식입니다.",
    file_empty: "빈 파일이거나 더 이상 읽을 수 없습니다. 다시 선택해 주세요.",
    file_waiting: "로그인하면 이어서 올립니다.",
    // Form
    form_run: "실행",
    form_cancel: "취소",
    form_clear: "모두 비우기",
    form_required: "필수",
    form_choose: "선택하세요",
    form_choose_file: "파일 선택",
    form_drop: "또는 여기에 끌어다 놓으세요",
    form_results: "결과",
    form_no_result: "이 항목의 결과가 없습니다.",
    form_working: "모델이 처리하고 있습니다…",
    form_done: "결과가 나왔습니다.",
    form_values_kept: "입력한 값은 그대로 있습니다.",
    form_archive: "처리된 파일",
    form_file_gone: "더 이상 남아 있지 않습니다.",
    form_history: "이전 실행",
    form_refill: "이 값으로 채우기",
    form_forget: "실행 기록 지우기",
    download: "내려받기",
    download_all: "모두 내려받기",
    download_missing: "ZIP에 담지 못했습니다. 하나씩 내려받아 주세요:",
    form_sending: |percent| ["보내는 중 ", &percent.to_string(), "%"].concat(),
    form_zoom: |label| [label, ", 크게 보기"].concat(),
    form_file_limits: |types, size, count| {
        [
            types,
            " · 파일당 ",
            size,
            " 이하 · 최대 ",
            &count.to_string(),
            "개",
        ]
        .concat()
    },
    form_any_type: "모든 형식",
    problem_required: "꼭 필요한 항목입니다.",
    problem_number: "숫자로 입력해 주세요. 예: 12.5",
    problem_min: |min| [min, " 이상이어야 합니다."].concat(),
    problem_max: |max| [max, " 이하여야 합니다."].concat(),
    problem_files: |most| ["파일은 ", &most.to_string(), "개까지입니다."].concat(),
    problem_type: |name| [name, ": 받지 않는 형식입니다."].concat(),
    problem_size: |name, limit| [name, ": ", limit, " 이하여야 합니다."].concat(),
    problem_empty: |name| [name, ": 빈 파일입니다."].concat(),
    problem_lost: |name| [name, ": 브라우저에 남아 있지 않습니다. 다시 선택해 주세요."].concat(),
    // Links in answers
    link_title: "다른 사이트로 이동합니다",
    link_text: "AI가 만든 답변 속의 링크입니다. 주소를 확인해 주세요.",
    link_open: "새 창에서 열기",
    // Failures: what happened, what was kept, what to do
    fault_network: "서버에 연결하지 못했습니다. 메시지는 그대로 있습니다. 네트워크를 확인하고 다시 시도해 주세요.",
    fault_broken: "답변이 중간에 끊겼습니다. 받은 내용은 그대로 있습니다.",
    fault_silent: "서버가 응답하지 않아 연결을 끊었습니다. 받은 내용은 그대로 있습니다.",
    fault_unreadable: "서버의 응답을 이해할 수 없습니다. apiEndPoint 설정과 서버 버전을 제공자가 확인해야 합니다.",
    fault_left: "페이지를 떠나면서 답변이 멈췄습니다. 받은 내용은 그대로 있습니다.",
    fault_server: "서버에 문제가 생겼습니다. 메시지는 그대로 있습니다. 잠시 후 다시 시도해 주세요.",
    fault_chat: "AI 모델이 답변하지 못했습니다. 메시지는 그대로 있습니다.",
    fault_model: "이 모델은 지금 사용할 수 없습니다. 제공자의 설정을 확인해야 합니다.",
    fault_context_lost: "서버에 이전 대화가 남아 있지 않습니다. 다시 시도하면 이 메시지만 보냅니다.",
    fault_file_expired: "첨부한 파일이 서버에서 만료되었습니다(7일 보관). 새 메시지에 다시 첨부해 주세요.",
    fault_too_large: "보낸 내용이 서버의 크기 제한을 넘었습니다. 줄여서 다시 보내 주세요.",
    fault_unauthorized: "이 서버는 로그인이나 API 키가 필요합니다. 제공자의 설정을 확인해야 합니다.",
    fault_forbidden: "이 작업은 허용되지 않았습니다. 제공자의 설정(허용 출처, 모델)을 확인해야 합니다.",
    fault_rate: "요청이 많아 잠시 제한되었습니다. 메시지는 그대로 있습니다. 잠시 후 다시 시도해 주세요.",
    fault_rate_after: |wait| {
        [
            "사용량이 많아 잠시 제한되었습니다. 메시지는 그대로 있습니다. ",
            wait,
            " 후에 다시 시도해 주세요.",
        ]
        .concat()
    },
    time_units: ["초", "분", "시간"],
    fault_in_progress: "같은 메시지에 아직 답하는 중입니다. 잠시 후 다시 시도하면 그 답변을 받습니다.",
    fault_format: "지원하지 않는 파일입니다. 파일 내용이 이름에 적힌 형식과 같아야 합니다.",
    fault_empty_message: "빈 메시지는 보낼 수 없습니다.",
    server_says: "서버 메시지:",
    // Markdown
    md_copy: "복사",
    md_wrap: "줄 바꿈",
    md_copy_table: "표 복사",
    md_heading_link: "이 제목으로 가는 링크",
    md_code: "코드",
    md_table: "표",
    md_load_image: "이미지 보기",
    md_image_from: "이미지 출처:",
    md_image_failed: "이미지를 불러오지 못했습니다",
    md_footnotes: "각주",
    md_footnote_back: "본문으로 돌아가기",
    md_task_done: "완료",
    md_task_open: "미완료",
    md_truncated: "모두 표시하지 않았습니다",
};
