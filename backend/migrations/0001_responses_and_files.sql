CREATE TABLE responses (
    id TEXT PRIMARY KEY NOT NULL,
    owner TEXT NOT NULL,
    status TEXT NOT NULL CHECK (status IN ('open', 'completed', 'stopped', 'failed')),
    failure TEXT,
    model TEXT NOT NULL,
    provider TEXT NOT NULL,
    input TEXT NOT NULL,
    input_files TEXT NOT NULL,
    previous_id TEXT,
    content TEXT NOT NULL,
    input_tokens BIGINT NOT NULL,
    output_tokens BIGINT NOT NULL,
    total_tokens BIGINT NOT NULL,
    usage_estimated BOOLEAN NOT NULL,
    created_at BIGINT NOT NULL,
    completed_at BIGINT
);

CREATE INDEX responses_by_status ON responses (status);

CREATE TABLE files (
    id TEXT PRIMARY KEY NOT NULL,
    owner TEXT NOT NULL,
    media_type TEXT NOT NULL,
    bytes BIGINT NOT NULL,
    width BIGINT NOT NULL,
    height BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL
);

CREATE INDEX files_by_expiry ON files (expires_at);
