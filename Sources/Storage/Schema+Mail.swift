extension Schema {
    // MARK: Migration 4

    static let mail: [StaticString] = [
        // One for each account: a new code ends the old one.
        """
        CREATE TABLE email_challenges (
            user_id TEXT PRIMARY KEY REFERENCES users (id) ON DELETE CASCADE, tenant_id TEXT NOT NULL,
            session_id TEXT NOT NULL, sealed_email TEXT NOT NULL, code_hash TEXT NOT NULL, tries_used BIGINT NOT NULL,
            proved_at BIGINT NOT NULL, expires_at BIGINT, is_decoy BIGINT NOT NULL)
        """,
        "CREATE INDEX email_challenges_by_proof ON email_challenges (proved_at)",
        """
        CREATE TABLE mail_sends (
            id TEXT PRIMARY KEY, tenant_id TEXT NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
            purpose TEXT NOT NULL, user_id TEXT, email_index TEXT NOT NULL, address TEXT NOT NULL,
            is_decoy BIGINT NOT NULL, sent_at BIGINT NOT NULL, outcome TEXT, gateway TEXT, reference TEXT, failure TEXT,
            settled_at BIGINT)
        """,
        "CREATE INDEX mail_sends_by_email ON mail_sends (tenant_id, email_index, sent_at)",
        "CREATE INDEX mail_sends_by_user ON mail_sends (user_id, sent_at)",
        "CREATE INDEX mail_sends_by_address ON mail_sends (tenant_id, address, sent_at)",
        "CREATE INDEX mail_sends_by_outcome ON mail_sends (tenant_id, purpose, settled_at) WHERE is_decoy = 0",
        "CREATE INDEX mail_sends_by_time ON mail_sends (sent_at)",
    ]
}
