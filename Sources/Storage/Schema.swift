/// The schema of an installation, as the list of steps that lead to it.
package enum Schema {
    /// Every migration there has ever been, numbered from 1 without a gap.
    ///
    /// A migration that was released is never changed: its checksum stands in every database. Add another at the end.
    package static let migrations: [Migration] = [
        Migration(
            1, "tenants, people, applications, sign-in, OAuth and CAS",
            directory + identity + oauth + cas + logs),
        Migration(
            2, "SMS ledger, puzzles, identifiers, deleted users, the sign-in log's columns",
            messages + people + logColumns),
        Migration(3, "roles, domains, quicker counts of messages", roles + domains + messageCounts),
        Migration(4, "second factors and passkeys", secondFactors),
        Migration(5, "e-mails and their codes", mail),
        Migration(6, "departments, invitations", invitations),
    ]

    private static let directory: [StaticString] = [
        "CREATE TABLE installation (name TEXT PRIMARY KEY, value TEXT NOT NULL)",
        """
        CREATE TABLE tenants (
            id TEXT PRIMARY KEY, code TEXT NOT NULL UNIQUE, name TEXT NOT NULL, issuer TEXT NOT NULL UNIQUE,
            settings TEXT NOT NULL, created_at BIGINT NOT NULL)
        """,
        """
        CREATE TABLE tenant_hosts (
            host TEXT PRIMARY KEY, tenant_id TEXT NOT NULL REFERENCES tenants (id) ON DELETE CASCADE)
        """,
        """
        CREATE TABLE signing_keys (
            tenant_id TEXT NOT NULL REFERENCES tenants (id) ON DELETE CASCADE, id TEXT NOT NULL,
            algorithm TEXT NOT NULL, sealed_key TEXT NOT NULL, created_at BIGINT NOT NULL,
            PRIMARY KEY (tenant_id, id))
        """,
        """
        CREATE TABLE users (
            id TEXT PRIMARY KEY, tenant_id TEXT NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
            username TEXT NOT NULL, username_key TEXT NOT NULL, sealed_profile TEXT NOT NULL, phone_index TEXT,
            email_index TEXT, created_at BIGINT NOT NULL, updated_at BIGINT NOT NULL, activated_at BIGINT,
            disabled_at BIGINT,
            UNIQUE (tenant_id, username_key), UNIQUE (tenant_id, phone_index), UNIQUE (tenant_id, email_index))
        """,
        """
        CREATE TABLE user_groups (
            id TEXT PRIMARY KEY, tenant_id TEXT NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
            name TEXT NOT NULL, UNIQUE (tenant_id, name))
        """,
        """
        CREATE TABLE group_members (
            group_id TEXT NOT NULL REFERENCES user_groups (id) ON DELETE CASCADE,
            user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE, PRIMARY KEY (user_id, group_id))
        """,
        "CREATE INDEX group_members_by_group ON group_members (group_id)",
        """
        CREATE TABLE applications (
            id TEXT PRIMARY KEY, tenant_id TEXT NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
            slug TEXT NOT NULL, name TEXT NOT NULL, icon TEXT, class TEXT NOT NULL, protocol TEXT NOT NULL,
            access_rule TEXT NOT NULL, launch_url TEXT, attribute_release TEXT NOT NULL, created_at BIGINT NOT NULL,
            disabled_at BIGINT, UNIQUE (tenant_id, slug))
        """,
    ]

    private static let identity: [StaticString] = [
        """
        CREATE TABLE credentials (
            user_id TEXT PRIMARY KEY REFERENCES users (id) ON DELETE CASCADE, password_hash TEXT,
            version BIGINT NOT NULL, changed_at BIGINT NOT NULL, must_change_since BIGINT, history TEXT NOT NULL)
        """,
        """
        CREATE TABLE throttles (
            key TEXT PRIMARY KEY, failures BIGINT NOT NULL, window_started_at BIGINT NOT NULL, frozen_until BIGINT,
            expires_at BIGINT)
        """,
        "CREATE INDEX throttles_by_end ON throttles (expires_at)",
        """
        CREATE TABLE sms_challenges (
            tenant_id TEXT NOT NULL REFERENCES tenants (id) ON DELETE CASCADE, phone_index TEXT NOT NULL,
            purpose TEXT NOT NULL, interaction_id TEXT NOT NULL, user_id TEXT, code_hash TEXT NOT NULL,
            tries_used BIGINT NOT NULL, created_at BIGINT NOT NULL, expires_at BIGINT, used_at BIGINT,
            PRIMARY KEY (tenant_id, phone_index, purpose))
        """,
        "CREATE INDEX sms_challenges_by_end ON sms_challenges (expires_at)",
        """
        CREATE TABLE sms_sends (
            id TEXT PRIMARY KEY, tenant_id TEXT NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
            phone_index TEXT NOT NULL, address TEXT NOT NULL, is_decoy BIGINT NOT NULL, sent_at BIGINT NOT NULL)
        """,
        "CREATE INDEX sms_sends_by_phone ON sms_sends (tenant_id, phone_index, sent_at)",
        "CREATE INDEX sms_sends_by_address ON sms_sends (address, sent_at)",
        "CREATE INDEX sms_sends_by_tenant ON sms_sends (tenant_id, sent_at)",
        "CREATE INDEX sms_sends_by_time ON sms_sends (sent_at)",
        "CREATE TABLE row_locks (name TEXT PRIMARY KEY)",
        """
        CREATE TABLE interactions (
            id TEXT PRIMARY KEY, tenant_id TEXT NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
            browser_hash TEXT NOT NULL, resume TEXT NOT NULL, requirement TEXT NOT NULL, state TEXT NOT NULL,
            application_id TEXT, destination_origin TEXT, created_at BIGINT NOT NULL, expires_at BIGINT NOT NULL)
        """,
        "CREATE INDEX interactions_by_end ON interactions (expires_at)",
        """
        CREATE TABLE sessions (
            id TEXT PRIMARY KEY, tenant_id TEXT NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
            token_hash TEXT NOT NULL UNIQUE, user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
            authenticated_at BIGINT NOT NULL, amr TEXT NOT NULL, interaction_id TEXT NOT NULL,
            is_remembered BIGINT NOT NULL, address TEXT, user_agent TEXT, created_at BIGINT NOT NULL,
            last_used_at BIGINT NOT NULL, ended_at BIGINT)
        """,
        "CREATE INDEX sessions_by_user ON sessions (user_id)",
        "CREATE INDEX sessions_by_creation ON sessions (created_at)",
        "CREATE INDEX sessions_by_end ON sessions (ended_at) WHERE ended_at IS NOT NULL",
    ]

    private static let oauth: [StaticString] = [
        """
        CREATE TABLE clients (
            tenant_id TEXT NOT NULL REFERENCES tenants (id) ON DELETE CASCADE, id TEXT NOT NULL,
            application_id TEXT NOT NULL UNIQUE REFERENCES applications (id) ON DELETE CASCADE, kind TEXT NOT NULL,
            authentication_methods TEXT NOT NULL, grant_types TEXT NOT NULL, scope TEXT NOT NULL,
            redirect_uris TEXT NOT NULL, post_logout_redirect_uris TEXT NOT NULL, back_channel_logout_uri TEXT,
            requires_pkce BIGINT NOT NULL, id_token_algorithm TEXT NOT NULL, code_lifetime BIGINT,
            access_token_lifetime BIGINT, id_token_lifetime BIGINT, refresh_token_lifetime BIGINT,
            PRIMARY KEY (tenant_id, id))
        """,
        """
        CREATE TABLE client_secrets (
            id TEXT PRIMARY KEY, tenant_id TEXT NOT NULL, client_id TEXT NOT NULL, hash TEXT NOT NULL,
            label TEXT NOT NULL, created_at BIGINT NOT NULL, expires_at BIGINT, revoked_at BIGINT, last_used_at BIGINT,
            FOREIGN KEY (tenant_id, client_id) REFERENCES clients (tenant_id, id) ON DELETE CASCADE)
        """,
        "CREATE INDEX client_secrets_by_client ON client_secrets (tenant_id, client_id)",
        """
        CREATE TABLE grants (
            id TEXT PRIMARY KEY, tenant_id TEXT NOT NULL, client_id TEXT NOT NULL,
            user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE, session_id TEXT NOT NULL,
            scope TEXT NOT NULL, authenticated_at BIGINT NOT NULL, amr TEXT NOT NULL, acr TEXT, nonce TEXT,
            survives_session BIGINT NOT NULL, created_at BIGINT NOT NULL, revoked_at BIGINT,
            FOREIGN KEY (tenant_id, client_id) REFERENCES clients (tenant_id, id) ON DELETE CASCADE)
        """,
        "CREATE INDEX grants_by_session ON grants (session_id)",
        "CREATE INDEX grants_by_user ON grants (user_id)",
        "CREATE INDEX grants_by_client ON grants (tenant_id, client_id)",
        """
        CREATE TABLE authorization_codes (
            hash TEXT PRIMARY KEY, grant_id TEXT NOT NULL REFERENCES grants (id) ON DELETE CASCADE,
            client_id TEXT NOT NULL, redirect_uri TEXT NOT NULL, code_challenge TEXT, expires_at BIGINT NOT NULL,
            redeemed_at BIGINT)
        """,
        "CREATE INDEX authorization_codes_by_grant ON authorization_codes (grant_id)",
        "CREATE INDEX authorization_codes_by_end ON authorization_codes (expires_at)",
        """
        CREATE TABLE access_tokens (
            hash TEXT PRIMARY KEY, grant_id TEXT NOT NULL REFERENCES grants (id) ON DELETE CASCADE,
            scope TEXT NOT NULL, created_at BIGINT NOT NULL, expires_at BIGINT NOT NULL)
        """,
        "CREATE INDEX access_tokens_by_grant ON access_tokens (grant_id)",
        "CREATE INDEX access_tokens_by_end ON access_tokens (expires_at)",
        """
        CREATE TABLE refresh_tokens (
            hash TEXT PRIMARY KEY, grant_id TEXT NOT NULL REFERENCES grants (id) ON DELETE CASCADE,
            client_id TEXT NOT NULL, created_at BIGINT NOT NULL, expires_at BIGINT, redeemed_at BIGINT)
        """,
        "CREATE INDEX refresh_tokens_by_grant ON refresh_tokens (grant_id)",
        "CREATE INDEX refresh_tokens_by_end ON refresh_tokens (expires_at)",
    ]

    private static let cas: [StaticString] = [
        """
        CREATE TABLE registered_services (
            application_id TEXT PRIMARY KEY REFERENCES applications (id) ON DELETE CASCADE, tenant_id TEXT NOT NULL,
            ticket_lifetime BIGINT)
        """,
        """
        CREATE TABLE service_urls (
            tenant_id TEXT NOT NULL, url TEXT NOT NULL,
            application_id TEXT NOT NULL REFERENCES registered_services (application_id) ON DELETE CASCADE,
            position BIGINT NOT NULL, PRIMARY KEY (tenant_id, url))
        """,
        "CREATE INDEX service_urls_by_application ON service_urls (application_id)",
        """
        CREATE TABLE service_tickets (
            hash TEXT PRIMARY KEY, tenant_id TEXT NOT NULL,
            application_id TEXT NOT NULL REFERENCES applications (id) ON DELETE CASCADE, service TEXT NOT NULL,
            user_id TEXT NOT NULL, session_id TEXT NOT NULL, authenticated_at BIGINT NOT NULL,
            is_from_new_login BIGINT NOT NULL, is_from_remembered_session BIGINT NOT NULL, created_at BIGINT NOT NULL,
            expires_at BIGINT, taken_at BIGINT)
        """,
        "CREATE INDEX service_tickets_by_end ON service_tickets (expires_at)",
    ]

    private static let logs: [StaticString] = [
        """
        CREATE TABLE events (
            id TEXT PRIMARY KEY, tenant_id TEXT NOT NULL REFERENCES tenants (id) ON DELETE CASCADE, at BIGINT NOT NULL,
            log TEXT NOT NULL, name TEXT NOT NULL, actor_kind TEXT NOT NULL, actor_name TEXT, user_id TEXT,
            application_id TEXT, address TEXT, request_id TEXT, detail TEXT NOT NULL)
        """,
        "CREATE INDEX events_by_time ON events (tenant_id, at)",
        "CREATE INDEX events_by_user ON events (user_id, at)",
        "CREATE INDEX events_by_log ON events (log, at)",
        "CREATE TABLE leases (name TEXT PRIMARY KEY, holder TEXT NOT NULL, expires_at BIGINT NOT NULL)",
    ]

    // MARK: Migration 2

    private static let messages: [StaticString] = [
        "ALTER TABLE sms_sends ADD COLUMN purpose TEXT NOT NULL DEFAULT 'LOGIN_SMS'",
        "ALTER TABLE sms_sends ADD COLUMN user_id TEXT",
        // How many messages of the network's size the vendor bills.
        "ALTER TABLE sms_sends ADD COLUMN segments BIGINT NOT NULL DEFAULT 1",
        // NULL while the message is under way.
        "ALTER TABLE sms_sends ADD COLUMN outcome TEXT",
        "ALTER TABLE sms_sends ADD COLUMN gateway TEXT",
        "ALTER TABLE sms_sends ADD COLUMN reference TEXT",
        "ALTER TABLE sms_sends ADD COLUMN failure TEXT",
        "ALTER TABLE sms_sends ADD COLUMN settled_at BIGINT",
        "UPDATE sms_sends SET outcome = 'accepted', settled_at = sent_at",
        "CREATE INDEX sms_sends_by_settlement ON sms_sends (tenant_id, settled_at)",
        "CREATE TABLE spent_puzzles (id TEXT PRIMARY KEY, expires_at BIGINT NOT NULL)",
        "CREATE INDEX spent_puzzles_by_end ON spent_puzzles (expires_at)",
    ]

    private static let people: [StaticString] = [
        "ALTER TABLE users ADD COLUMN employee_index TEXT",
        "CREATE UNIQUE INDEX users_by_employee ON users (tenant_id, employee_index)",
        // A one-time password that was never used dies by itself.
        "ALTER TABLE credentials ADD COLUMN usable_until BIGINT",
        // The ids of people who are gone: a subject never comes back.
        """
        CREATE TABLE deleted_users (
            id TEXT PRIMARY KEY, tenant_id TEXT NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
            deleted_at BIGINT NOT NULL)
        """,
    ]

    private static let logColumns: [StaticString] = [
        "ALTER TABLE events ADD COLUMN interaction_id TEXT",
        "ALTER TABLE events ADD COLUMN device TEXT",
        // Account, name and masked phone of the person at that time.
        "ALTER TABLE events ADD COLUMN sealed_person TEXT",
        "CREATE INDEX events_by_tenant_log ON events (tenant_id, log, at)",
    ]

    // MARK: Migration 3

    private static let roles: [StaticString] = [
        """
        CREATE TABLE user_roles (
            user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE, role TEXT NOT NULL,
            PRIMARY KEY (user_id, role))
        """
    ]

    private static let domains: [StaticString] = [
        """
        CREATE TABLE domains (
            tenant_id TEXT NOT NULL REFERENCES tenants (id) ON DELETE CASCADE, name TEXT NOT NULL,
            token TEXT NOT NULL, added_at BIGINT NOT NULL, verified_at BIGINT, checked_at BIGINT, failure TEXT,
            next_check_at BIGINT, PRIMARY KEY (tenant_id, name))
        """,
        // Any number of tenants may claim a domain; one has it.
        "CREATE UNIQUE INDEX domains_by_name ON domains (name) WHERE verified_at IS NOT NULL",
        "CREATE INDEX domains_by_check ON domains (next_check_at) WHERE next_check_at IS NOT NULL",
    ]

    private static let messageCounts: [StaticString] = [
        // The newest outcome of a purpose, and a month's bill, are read from the index alone.
        "DROP INDEX sms_sends_by_settlement",
        "CREATE INDEX sms_sends_by_outcome ON sms_sends (tenant_id, purpose, settled_at) WHERE is_decoy = 0",
        "CREATE INDEX sms_sends_by_bill ON sms_sends (tenant_id, sent_at, outcome, segments) WHERE is_decoy = 0",
    ]
}
