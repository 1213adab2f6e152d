/// The statements of an SMS sign-in, for ``FloorStatement``.
enum SignInStatement {
    static let interactionColumns = """
        id, tenant_id, browser_hash, resume, requirement, state, application_id, destination_origin, created_at,
        expires_at
        """

    static let insertInteraction = """
        INSERT INTO interactions (id, tenant_id, browser_hash, resume, requirement, state, application_id,
            destination_origin, created_at, expires_at)
        VALUES ($1, $2, $3, '/', 'any', '{"step":"choosing_method"}', NULL, NULL, $4, $5)
        """

    static let lockInteraction =
        "UPDATE interactions SET state = state WHERE id = $1 RETURNING \(interactionColumns)"

    static let setInteractionState = """
        UPDATE interactions SET state = '{"step":"completed","user":"AbCdEfGhIjKlMnOpQrStUv","at":1795323898,\
        "amr":["sms","otp"],"interaction":"AbCdEfGhIjKlMnOpQrStUv"}' WHERE id = $1
        """

    static let lockThrottle = """
        INSERT INTO throttles (key, failures, window_started_at, expires_at) VALUES ($1, 0, $2, $2)
        ON CONFLICT (key) DO UPDATE SET key = excluded.key
        RETURNING failures, window_started_at, frozen_until
        """

    static let putThrottle = """
        UPDATE throttles SET failures = 1, window_started_at = $1, frozen_until = NULL, expires_at = $1 + 900
        WHERE key = $2
        """

    // MARK: - The ledger

    private static let counts = "(outcome IS NULL OR outcome <> 'failed')"

    static let isFailing = """
        SELECT outcome FROM sms_sends
        WHERE tenant_id = $1 AND purpose = 'LOGIN_SMS' AND is_decoy = 0 AND settled_at > $2
            AND outcome <> 'rejected' AND (failure IS NULL OR failure <> 'queue full')
        ORDER BY settled_at DESC, sent_at DESC, id LIMIT 1
        """

    static let lastSend = """
        SELECT MAX(sent_at) FROM sms_sends
        WHERE tenant_id = $1 AND phone_index = $2 AND address <> '' AND \(counts)
        """

    static let sendsToPhone = """
        SELECT COUNT(*), MIN(sent_at) FROM sms_sends
        WHERE tenant_id = $1 AND phone_index = $2 AND address <> '' AND sent_at > $3 AND \(counts)
        """

    static let sendsFromAddress = """
        SELECT COUNT(*), MIN(sent_at) FROM sms_sends
        WHERE tenant_id = $1 AND address = $2 AND sent_at > $3 AND \(counts)
        """

    static let sendsOfTenant = """
        SELECT COUNT(*) FROM (
            SELECT 1 AS one FROM sms_sends WHERE tenant_id = $1 AND sent_at > $2 AND \(counts) LIMIT 0) AS found
        """

    static let insertSend = """
        INSERT INTO sms_sends (id, tenant_id, purpose, user_id, phone_index, address, segments, is_decoy, sent_at)
        VALUES ($1, $2, 'LOGIN_SMS', $3, $4, $5, 1, 0, $6)
        """

    static let settleSend = """
        UPDATE sms_sends SET outcome = 'accepted', gateway = 'file', reference = NULL, failure = NULL, settled_at = $1
        WHERE id = $2
        """

    // MARK: - The person and the code

    static let userByPhone = """
        SELECT id, tenant_id, username, sealed_profile, created_at, updated_at, activated_at, disabled_at FROM users
        WHERE tenant_id = $1 AND phone_index = $2
        """

    static let credential = """
        SELECT password_hash, version, changed_at, must_change_since, usable_until, history FROM credentials
        WHERE user_id = $1
        """

    static let putChallenge = """
        INSERT INTO sms_challenges (tenant_id, phone_index, purpose, interaction_id, user_id, code_hash, tries_used,
            created_at, expires_at, used_at)
        VALUES ($1, $2, 'LOGIN_SMS', $3, $4, 'VuldMopgbXq-pQS5LEWIHeWANV0uSyskvgjka10LB_8', $5, $6, $6 + 300, $7)
        ON CONFLICT (tenant_id, phone_index, purpose) DO UPDATE SET interaction_id = excluded.interaction_id,
            user_id = excluded.user_id, code_hash = excluded.code_hash, tries_used = excluded.tries_used,
            created_at = excluded.created_at, expires_at = excluded.expires_at, used_at = excluded.used_at
        """

    static let lockChallenge = """
        UPDATE sms_challenges SET tries_used = tries_used
        WHERE tenant_id = $1 AND phone_index = $2 AND purpose = 'LOGIN_SMS'
        RETURNING interaction_id, user_id, code_hash, tries_used, created_at, expires_at, used_at
        """

    static let insertSession = """
        INSERT INTO sessions (id, tenant_id, token_hash, user_id, authenticated_at, amr, interaction_id, is_remembered,
            address, user_agent, created_at, last_used_at)
        VALUES ($1, $2, $3, $4, $5, 'sms otp', $6, 0, $7, NULL, $5, $5)
        """

    static let insertEvent = """
        INSERT INTO events (id, tenant_id, at, log, name, actor_kind, actor_name, user_id, application_id, address,
            request_id, detail, interaction_id, device, sealed_person)
        VALUES ($1, $2, $3, 'sign_in', 'sms.sent', 'anonymous', NULL, $4, NULL, $5, '35853247b8c58ab4a7acc2e411c46041',
            '{}', $6, NULL, \(sealedPerson))
        """

    /// As long as account, name and masked phone of somebody in the installation.
    static let sealedPerson = """
        'v1.AbCdEfGhIjKlMnOpQrStUvWxYz0123456789-_AbCdEfGhIjKlMnOpQrStUvWxYz0123456789-_A\
        bCdEfGhIjKlMnOpQrStUvWxYz0123456789-_A'
        """
}
