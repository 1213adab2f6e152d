extension Schema {
    /// What people show besides a password: all of it goes with its user.
    static let secondFactors: [StaticString] = [
        """
        CREATE TABLE totp_factors (
            user_id TEXT PRIMARY KEY REFERENCES users (id) ON DELETE CASCADE, sealed_secret TEXT NOT NULL,
            confirmed_at BIGINT NOT NULL, last_step BIGINT)
        """,
        """
        CREATE TABLE recovery_codes (
            user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE, hash TEXT NOT NULL, used_at BIGINT,
            PRIMARY KEY (user_id, hash))
        """,
        // Whoever is in here wants codes by SMS as the second factor.
        """
        CREATE TABLE sms_factors (
            user_id TEXT PRIMARY KEY REFERENCES users (id) ON DELETE CASCADE, created_at BIGINT NOT NULL)
        """,
        """
        CREATE TABLE passkeys (
            tenant_id TEXT NOT NULL REFERENCES tenants (id) ON DELETE CASCADE, credential_id TEXT NOT NULL,
            user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE, public_key TEXT NOT NULL,
            signature_counter BIGINT NOT NULL, label TEXT NOT NULL, transports TEXT NOT NULL, aaguid TEXT NOT NULL,
            is_backup_eligible BIGINT NOT NULL, is_backed_up BIGINT NOT NULL, created_at BIGINT NOT NULL,
            last_used_at BIGINT, PRIMARY KEY (tenant_id, credential_id))
        """,
        "CREATE INDEX passkeys_by_user ON passkeys (user_id)",
        """
        CREATE TABLE passkey_challenges (
            hash TEXT PRIMARY KEY, owner TEXT NOT NULL, purpose TEXT NOT NULL, user_id TEXT, expires_at BIGINT NOT NULL)
        """,
        "CREATE INDEX passkey_challenges_by_end ON passkey_challenges (expires_at)",
    ]
}
