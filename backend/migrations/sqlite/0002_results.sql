-- Files that models made: `token` is in the path under which they are fetched, `blob` names the content.
CREATE TABLE results (
    token TEXT PRIMARY KEY NOT NULL,
    blob TEXT NOT NULL,
    name TEXT NOT NULL,
    media_type TEXT NOT NULL,
    bytes BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL
);

CREATE INDEX results_by_expiry ON results (expires_at);
