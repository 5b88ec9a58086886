-- A use: its stored answer and its row of the ledger. `seq` and `recorded_at` are given at its end to uses that have a client.
CREATE TABLE uses (
    id TEXT PRIMARY KEY NOT NULL,
    guid TEXT NOT NULL,
    owner TEXT NOT NULL,
    client_id TEXT,
    kind TEXT NOT NULL CHECK (kind IN ('chat', 'form')),
    status TEXT NOT NULL CHECK (status IN ('open', 'completed', 'stopped', 'failed')),
    failure TEXT,
    response_code BIGINT,
    model TEXT NOT NULL,
    provider TEXT NOT NULL,
    input TEXT NOT NULL,
    input_files TEXT NOT NULL,
    previous_id TEXT,
    content TEXT NOT NULL DEFAULT '',
    input_tokens BIGINT NOT NULL DEFAULT 0,
    output_tokens BIGINT NOT NULL DEFAULT 0,
    total_tokens BIGINT NOT NULL DEFAULT 0,
    usage_estimated BOOLEAN NOT NULL DEFAULT FALSE,
    amount BIGINT NOT NULL DEFAULT 0 CHECK (amount >= 0),
    content_limit BIGINT,
    started_at BIGINT NOT NULL,
    ended_at BIGINT,
    holder TEXT NOT NULL,
    idempotency_key TEXT,
    fingerprint TEXT,
    seq BIGINT,
    recorded_at BIGINT,
    delivered_at BIGINT,
    CHECK ((seq IS NULL) = (recorded_at IS NULL))
);

CREATE UNIQUE INDEX uses_by_guid ON uses (guid) WHERE seq IS NOT NULL;
CREATE UNIQUE INDEX uses_by_seq ON uses (seq) WHERE seq IS NOT NULL;
CREATE INDEX uses_by_recorded_at ON uses (recorded_at, seq) WHERE recorded_at IS NOT NULL;
-- With the tokens, so that a user's day is counted without a look at its texts.
-- An open row is in no index but the two that it needs: each is one more page to write before the model may be asked.
CREATE INDEX uses_by_owner ON uses (owner, started_at, total_tokens) WHERE ended_at IS NOT NULL;
CREATE INDEX uses_open ON uses (holder) WHERE status = 'open';
-- A stopped or failed use gives its key up.
CREATE UNIQUE INDEX uses_by_idempotency_key ON uses (owner, idempotency_key)
    WHERE idempotency_key IS NOT NULL AND status IN ('open', 'completed');

-- One row: the newest of the ledger. Who writes to it first commits first, so that `seq` has no gaps and `recorded_at`
-- never goes back with it.
CREATE TABLE ledger_head (
    id BIGINT PRIMARY KEY NOT NULL CHECK (id = 1),
    seq BIGINT NOT NULL,
    recorded_at BIGINT NOT NULL
);

INSERT INTO ledger_head (id, seq, recorded_at) VALUES (1, 0, 0);

-- What AICON is still to be told. `due_at` is the end of the backoff, or of the lease while somebody sends it.
CREATE TABLE outbox (
    seq INTEGER PRIMARY KEY NOT NULL,
    client_id TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('pending', 'parked')),
    attempts BIGINT NOT NULL,
    next_at BIGINT NOT NULL,
    due_at BIGINT NOT NULL,
    holder TEXT,
    last_error TEXT
);

CREATE INDEX outbox_due ON outbox (client_id, due_at, seq) WHERE state = 'pending';
CREATE INDEX outbox_parked ON outbox (seq) WHERE state = 'parked';

-- Servers of this database, each with the time at which it was last heard of (milliseconds since the epoch).
CREATE TABLE instances (
    id TEXT PRIMARY KEY NOT NULL,
    seen_at BIGINT NOT NULL
);

CREATE TABLE clients (
    id TEXT PRIMARY KEY NOT NULL,
    secret TEXT NOT NULL,
    settings TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    changed_at BIGINT NOT NULL
);

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
