/// The statements of the measured requests, word for word what `Sources/Storage/Stores` runs for them, so that the
/// floor reads and writes the same rows of the same tables with the same indexes and foreign keys.
///
/// A schema that has moved on makes `prepare` fail. A statement that the server no longer needs, or needs anew, is to be
/// changed here too: ``FloorSteps`` says which request runs which.
enum FloorStatement: Int, CaseIterable, Sendable {
    case begin, beginImmediate, commit, rollback
    case client, clientSecrets, session, sessionByID, user, members, memberships, application
    case useSession, insertGrant, insertCode, insertEvent
    case takeCode, grant, insertAccessToken, insertRefreshToken, noteSecretUse, accessToken
    case serviceURL, service, serviceURLs, insertTicket, takeTicket
    case clientApplication
    case insertInteraction, interaction, lockInteraction, setInteractionState
    case throttle, lockThrottle, putThrottle, clearThrottle, rowLock
    case isFailing, lastSend, sendsToPhone, sendsFromAddress, sendsOfTenant, insertSend, settleSend
    case userByPhone, lockUser, activate, credential, putChallenge, lockChallenge, insertSession, insertSignInEvent
    /// Read once at the start: whom the recorded flow was about.
    case anyClient, anySession, anyService, anySecret, people

    var text: String {
        switch self {
        case .begin: "BEGIN"
        case .beginImmediate: "BEGIN IMMEDIATE"
        case .commit: "COMMIT"
        case .rollback: "ROLLBACK"
        case .client:
            """
            SELECT tenant_id, id, application_id, kind, authentication_methods, grant_types, scope, redirect_uris,
                post_logout_redirect_uris, back_channel_logout_uri, requires_pkce, id_token_algorithm, code_lifetime,
                access_token_lifetime, id_token_lifetime, refresh_token_lifetime
            FROM clients WHERE tenant_id = $1 AND id = $2
            """
        case .clientSecrets:
            """
            SELECT id, client_id, hash, label, created_at, expires_at, revoked_at, last_used_at FROM client_secrets
            WHERE tenant_id = $1 AND client_id = $2 ORDER BY created_at, id
            """
        case .session: "SELECT \(Self.sessionColumns) FROM sessions WHERE token_hash = $1 AND tenant_id = $2"
        case .sessionByID: "SELECT \(Self.sessionColumns) FROM sessions WHERE id = $1 AND tenant_id = $2"
        case .user:
            """
            SELECT id, tenant_id, username, sealed_profile, created_at, updated_at, activated_at, disabled_at FROM users
            WHERE tenant_id = $1 AND id = $2
            """
        case .members: "SELECT group_id FROM group_members WHERE user_id = $1"
        case .memberships:
            """
            SELECT user_groups.id, user_groups.tenant_id, user_groups.name FROM user_groups
            JOIN group_members ON group_members.group_id = user_groups.id
            WHERE group_members.user_id = $1 ORDER BY user_groups.name
            """
        case .application:
            """
            SELECT id, tenant_id, slug, name, icon, class, protocol, access_rule, launch_url, attribute_release,
                created_at, disabled_at
            FROM applications WHERE tenant_id = $1 AND id = $2
            """
        case .useSession: "UPDATE sessions SET last_used_at = $1 WHERE id = $2 AND ended_at IS NULL RETURNING id"
        case .insertGrant:
            """
            INSERT INTO grants (id, tenant_id, client_id, user_id, session_id, scope, authenticated_at, amr, acr, nonce,
                created_at, survives_session)
            VALUES ($1, $2, $3, $4, $5, 'openid profile email', $6, 'pwd', NULL, 'n-0S6_WzA2Mj5Vt9QbXr1L', $6, 0)
            """
        case .insertCode:
            """
            INSERT INTO authorization_codes (hash, grant_id, client_id, redirect_uri, code_challenge, expires_at)
            VALUES ($1, $2, $3, 'http://127.0.0.1:9/callback', 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM', $4)
            """
        case .insertEvent:
            """
            INSERT INTO events (id, tenant_id, at, log, name, actor_kind, actor_name, user_id, application_id, address,
                request_id, detail, interaction_id, device, sealed_person)
            VALUES ($1, $2, $3, 'sign_in', 'application.entered', 'user', $4, $4, $5, '127.0.0.1', $1, '{}', NULL, NULL,
                \(SignInStatement.sealedPerson))
            """
        case .takeCode:
            """
            UPDATE authorization_codes SET redeemed_at = $1 WHERE hash = $2 AND redeemed_at IS NULL
            RETURNING hash, grant_id, client_id, redirect_uri, code_challenge, expires_at
            """
        case .grant:
            """
            SELECT id, tenant_id, client_id, user_id, session_id, scope, authenticated_at, amr, acr, nonce, created_at,
                revoked_at
            FROM grants WHERE id = $1
            """
        case .insertAccessToken:
            """
            INSERT INTO access_tokens (hash, grant_id, scope, created_at, expires_at)
            VALUES ($1, $2, 'openid profile email', $3, $4)
            """
        case .insertRefreshToken:
            """
            INSERT INTO refresh_tokens (hash, grant_id, client_id, created_at, expires_at)
            VALUES ($1, $2, $3, $4, $5)
            """
        case .noteSecretUse:
            "UPDATE client_secrets SET last_used_at = $1 WHERE id = $2 AND (last_used_at IS NULL OR last_used_at <= $3)"
        case .accessToken: "SELECT hash, grant_id, scope, created_at, expires_at FROM access_tokens WHERE hash = $1"
        case .serviceURL: "SELECT application_id FROM service_urls WHERE tenant_id = $1 AND url = $2"
        case .service:
            """
            SELECT applications.disabled_at, registered_services.ticket_lifetime FROM registered_services
            JOIN applications ON applications.id = registered_services.application_id
            WHERE registered_services.application_id = $1
            """
        case .serviceURLs: "SELECT url FROM service_urls WHERE application_id = $1 ORDER BY position"
        case .insertTicket:
            """
            INSERT INTO service_tickets (hash, tenant_id, application_id, service, user_id, session_id,
                authenticated_at, is_from_new_login, is_from_remembered_session, created_at, expires_at)
            VALUES ($1, $2, $3, $4, $5, $6, $7, 0, 0, $7, $8)
            """
        case .takeTicket:
            """
            UPDATE service_tickets SET taken_at = $1 WHERE hash = $2 AND tenant_id = $3 AND taken_at IS NULL
            RETURNING tenant_id, application_id, service, user_id, session_id, authenticated_at, is_from_new_login,
                is_from_remembered_session, expires_at
            """
        case .clientApplication: "SELECT application_id FROM clients WHERE tenant_id = $1 AND id = $2"
        case .insertInteraction: SignInStatement.insertInteraction
        case .interaction: "SELECT \(SignInStatement.interactionColumns) FROM interactions WHERE id = $1"
        case .lockInteraction: SignInStatement.lockInteraction
        case .setInteractionState: SignInStatement.setInteractionState
        case .throttle: "SELECT failures, window_started_at, frozen_until FROM throttles WHERE key = $1"
        case .lockThrottle: SignInStatement.lockThrottle
        case .putThrottle: SignInStatement.putThrottle
        case .clearThrottle: "DELETE FROM throttles WHERE key = $1"
        case .rowLock: "INSERT INTO row_locks (name) VALUES ($1) ON CONFLICT (name) DO UPDATE SET name = excluded.name"
        case .isFailing: SignInStatement.isFailing
        case .lastSend: SignInStatement.lastSend
        case .sendsToPhone: SignInStatement.sendsToPhone
        case .sendsFromAddress: SignInStatement.sendsFromAddress
        case .sendsOfTenant: SignInStatement.sendsOfTenant
        case .insertSend: SignInStatement.insertSend
        case .settleSend: SignInStatement.settleSend
        case .userByPhone: SignInStatement.userByPhone
        case .lockUser: "UPDATE users SET updated_at = updated_at WHERE id = $1"
        case .activate: "UPDATE users SET activated_at = $1 WHERE id = $2 AND activated_at IS NULL"
        case .credential: SignInStatement.credential
        case .putChallenge: SignInStatement.putChallenge
        case .lockChallenge: SignInStatement.lockChallenge
        case .insertSession: SignInStatement.insertSession
        case .insertSignInEvent: SignInStatement.insertEvent
        case .people: "SELECT id, phone_index FROM users ORDER BY username_key"
        case .anyClient: "SELECT tenant_id, id, application_id FROM clients LIMIT 1"
        case .anySession: "SELECT token_hash, id, user_id FROM sessions LIMIT 1"
        case .anyService: "SELECT url, application_id FROM service_urls LIMIT 1"
        case .anySecret: "SELECT id FROM client_secrets LIMIT 1"
        }
    }

    private static let sessionColumns = """
        id, tenant_id, token_hash, user_id, authenticated_at, amr, interaction_id, is_remembered, address, user_agent,
        created_at, last_used_at, ended_at
        """
}
