-- CreateSchema
CREATE SCHEMA IF NOT EXISTS "public";

-- CreateTable
CREATE TABLE "chain" (
    "seq" INTEGER NOT NULL,
    "hash" TEXT NOT NULL,
    "kind" TEXT NOT NULL,
    "statement" TEXT NOT NULL,
    "assertion" JSONB,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "chain_pkey" PRIMARY KEY ("seq")
);

-- CreateTable
CREATE TABLE "humans" (
    "id" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "email" TEXT NOT NULL,
    "role" TEXT NOT NULL,
    "state" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "humans_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "keys" (
    "id" TEXT NOT NULL,
    "human_id" TEXT NOT NULL,
    "credential_id" TEXT NOT NULL,
    "public_key" TEXT NOT NULL,
    "class" TEXT NOT NULL,
    "aaguid" TEXT NOT NULL,
    "transports" TEXT[],
    "label" TEXT NOT NULL,
    "state" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "last_used_at" TIMESTAMPTZ(3),
    "counter" BIGINT NOT NULL DEFAULT 0,
    "sign_in_counter" BIGINT NOT NULL DEFAULT 0,

    CONSTRAINT "keys_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "invitations" (
    "id" TEXT NOT NULL,
    "code_hash" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "email" TEXT NOT NULL,
    "role" TEXT NOT NULL,
    "invited_by" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "expires_at" TIMESTAMPTZ(3) NOT NULL,
    "used_at" TIMESTAMPTZ(3),
    "human_id" TEXT,

    CONSTRAINT "invitations_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "sessions" (
    "id" TEXT NOT NULL,
    "human_id" TEXT NOT NULL,
    "method" TEXT NOT NULL,
    "user_agent" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "last_seen_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "expires_at" TIMESTAMPTZ(3) NOT NULL,
    "revoked_at" TIMESTAMPTZ(3),

    CONSTRAINT "sessions_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "sign_in_challenges" (
    "challenge" TEXT NOT NULL,
    "expires_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "sign_in_challenges_pkey" PRIMARY KEY ("challenge")
);

-- CreateTable
CREATE TABLE "oidc_links" (
    "issuer" TEXT NOT NULL,
    "subject" TEXT NOT NULL,
    "human_id" TEXT NOT NULL,

    CONSTRAINT "oidc_links_pkey" PRIMARY KEY ("issuer","subject")
);

-- CreateTable
CREATE TABLE "agents" (
    "id" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "description" TEXT NOT NULL,
    "owner_id" TEXT NOT NULL,
    "public_jwk" JSONB,
    "token_hash" TEXT NOT NULL,
    "token_hint" TEXT NOT NULL,
    "state" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "token_issued_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "last_seen_at" TIMESTAMPTZ(3),

    CONSTRAINT "agents_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "targets" (
    "id" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "kind" TEXT NOT NULL,
    "environment" TEXT NOT NULL,
    "config" JSONB NOT NULL,
    "state" TEXT NOT NULL,
    "chain_hash" TEXT NOT NULL,
    "report" JSONB,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "targets_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "sealed" (
    "owner_id" TEXT NOT NULL,
    "sealed" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "sealed_pkey" PRIMARY KEY ("owner_id")
);

-- CreateTable
CREATE TABLE "rest_allowances" (
    "agent_id" TEXT NOT NULL,
    "target_id" TEXT NOT NULL,
    "ttl_seconds" INTEGER NOT NULL,
    "chain_hash" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "rest_allowances_pkey" PRIMARY KEY ("agent_id","target_id")
);

-- CreateTable
CREATE TABLE "requests" (
    "id" TEXT NOT NULL,
    "agent_id" TEXT NOT NULL,
    "target_id" TEXT NOT NULL,
    "resources" TEXT[],
    "verbs" TEXT[],
    "ttl_seconds" INTEGER NOT NULL,
    "max_uses" INTEGER,
    "reason" TEXT NOT NULL,
    "ticket_url" TEXT,
    "operation" JSONB,
    "state" TEXT NOT NULL,
    "state_reason" TEXT,
    "preview" JSONB,
    "danger" INTEGER NOT NULL,
    "idempotency_key" TEXT,
    "idempotency_hash" TEXT,
    "created_at" TIMESTAMPTZ(3) NOT NULL,
    "decide_by" TIMESTAMPTZ(3) NOT NULL,
    "decided_at" TIMESTAMPTZ(3),
    "decided_by" TEXT,
    "version" INTEGER NOT NULL DEFAULT 1,

    CONSTRAINT "requests_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "tickets" (
    "token_hash" TEXT NOT NULL,
    "human_id" TEXT NOT NULL,
    "kind" TEXT NOT NULL,
    "params" JSONB NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "expires_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "tickets_pkey" PRIMARY KEY ("token_hash")
);

-- CreateTable
CREATE TABLE "drafts" (
    "id" TEXT NOT NULL,
    "nonce" TEXT NOT NULL,
    "human_id" TEXT NOT NULL,
    "key_id" TEXT NOT NULL,
    "kind" TEXT NOT NULL,
    "subject_id" TEXT,
    "statement" TEXT NOT NULL,
    "sealed" TEXT,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "expires_at" TIMESTAMPTZ(3) NOT NULL,
    "used_at" TIMESTAMPTZ(3),

    CONSTRAINT "drafts_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "approvals" (
    "id" TEXT NOT NULL,
    "request_id" TEXT NOT NULL,
    "human_id" TEXT NOT NULL,
    "key_id" TEXT NOT NULL,
    "nonce" TEXT NOT NULL,
    "statement" TEXT NOT NULL,
    "assertion" JSONB NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "approvals_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "grants" (
    "id" TEXT NOT NULL,
    "kind" TEXT NOT NULL,
    "request_id" TEXT,
    "agent_id" TEXT NOT NULL,
    "target_id" TEXT NOT NULL,
    "resources" TEXT[],
    "verbs" TEXT[],
    "ttl_seconds" INTEGER NOT NULL,
    "max_uses" INTEGER,
    "uses" INTEGER NOT NULL DEFAULT 0,
    "state" TEXT NOT NULL,
    "end_reason" TEXT,
    "ended_by" TEXT,
    "reference" TEXT,
    "ready_at" TIMESTAMPTZ(3) NOT NULL,
    "collect_by" TIMESTAMPTZ(3) NOT NULL,
    "collected_at" TIMESTAMPTZ(3),
    "expires_at" TIMESTAMPTZ(3),
    "ending_at" TIMESTAMPTZ(3),
    "ended_at" TIMESTAMPTZ(3),
    "proof" JSONB,
    "trouble" TEXT,
    "attempts" INTEGER NOT NULL DEFAULT 0,
    "retry_at" TIMESTAMPTZ(3),
    "result" JSONB,
    "version" INTEGER NOT NULL DEFAULT 1,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "grants_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "dpop_proofs" (
    "jkt" TEXT NOT NULL,
    "jti" TEXT NOT NULL,
    "expires_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "dpop_proofs_pkey" PRIMARY KEY ("jkt","jti")
);

-- CreateTable
CREATE TABLE "audit_events" (
    "seq" BIGSERIAL NOT NULL,
    "id" TEXT NOT NULL,
    "kind" TEXT NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL,
    "actor" TEXT NOT NULL,
    "agent_id" TEXT,
    "human_id" TEXT,
    "target_id" TEXT,
    "request_id" TEXT,
    "grant_id" TEXT,
    "body" TEXT NOT NULL,

    CONSTRAINT "audit_events_pkey" PRIMARY KEY ("seq")
);

-- CreateTable
CREATE TABLE "warden_status" (
    "id" INTEGER NOT NULL,
    "pulse_at" TIMESTAMPTZ(3) NOT NULL,
    "started_at" TIMESTAMPTZ(3) NOT NULL,
    "clock_skew_ms" INTEGER NOT NULL,
    "alarms" JSONB NOT NULL,

    CONSTRAINT "warden_status_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE UNIQUE INDEX "chain_hash_key" ON "chain"("hash");

-- CreateIndex
CREATE UNIQUE INDEX "humans_email_key" ON "humans"("email");

-- CreateIndex
CREATE UNIQUE INDEX "keys_credential_id_key" ON "keys"("credential_id");

-- CreateIndex
CREATE INDEX "keys_human_id_idx" ON "keys"("human_id");

-- CreateIndex
CREATE UNIQUE INDEX "invitations_code_hash_key" ON "invitations"("code_hash");

-- CreateIndex
CREATE INDEX "sessions_human_id_idx" ON "sessions"("human_id");

-- CreateIndex
CREATE UNIQUE INDEX "agents_name_key" ON "agents"("name");

-- CreateIndex
CREATE UNIQUE INDEX "agents_token_hash_key" ON "agents"("token_hash");

-- CreateIndex
CREATE INDEX "agents_owner_id_idx" ON "agents"("owner_id");

-- CreateIndex
CREATE UNIQUE INDEX "targets_name_key" ON "targets"("name");

-- CreateIndex
CREATE INDEX "requests_state_decide_by_idx" ON "requests"("state", "decide_by");

-- CreateIndex
CREATE INDEX "requests_agent_id_created_at_id_idx" ON "requests"("agent_id", "created_at", "id");

-- CreateIndex
CREATE INDEX "requests_created_at_id_idx" ON "requests"("created_at", "id");

-- CreateIndex
CREATE UNIQUE INDEX "requests_agent_id_idempotency_key_key" ON "requests"("agent_id", "idempotency_key");

-- CreateIndex
CREATE UNIQUE INDEX "drafts_nonce_key" ON "drafts"("nonce");

-- CreateIndex
CREATE UNIQUE INDEX "approvals_nonce_key" ON "approvals"("nonce");

-- CreateIndex
CREATE UNIQUE INDEX "approvals_request_id_human_id_key" ON "approvals"("request_id", "human_id");

-- CreateIndex
CREATE UNIQUE INDEX "grants_request_id_key" ON "grants"("request_id");

-- CreateIndex
CREATE INDEX "grants_state_expires_at_idx" ON "grants"("state", "expires_at");

-- CreateIndex
CREATE INDEX "grants_state_collect_by_idx" ON "grants"("state", "collect_by");

-- CreateIndex
CREATE INDEX "grants_agent_id_created_at_id_idx" ON "grants"("agent_id", "created_at", "id");

-- CreateIndex
CREATE INDEX "grants_created_at_id_idx" ON "grants"("created_at", "id");

-- CreateIndex
CREATE UNIQUE INDEX "audit_events_id_key" ON "audit_events"("id");

-- CreateIndex
CREATE INDEX "audit_events_agent_id_seq_idx" ON "audit_events"("agent_id", "seq");

-- CreateIndex
CREATE INDEX "audit_events_human_id_seq_idx" ON "audit_events"("human_id", "seq");

-- CreateIndex
CREATE INDEX "audit_events_target_id_seq_idx" ON "audit_events"("target_id", "seq");

-- CreateIndex
CREATE INDEX "audit_events_request_id_seq_idx" ON "audit_events"("request_id", "seq");

-- CreateIndex
CREATE INDEX "audit_events_grant_id_seq_idx" ON "audit_events"("grant_id", "seq");

-- CreateIndex
CREATE INDEX "audit_events_kind_seq_idx" ON "audit_events"("kind", "seq");

-- CreateIndex
CREATE INDEX "audit_events_at_idx" ON "audit_events"("at");

-- AddForeignKey
ALTER TABLE "keys" ADD CONSTRAINT "keys_human_id_fkey" FOREIGN KEY ("human_id") REFERENCES "humans"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "sessions" ADD CONSTRAINT "sessions_human_id_fkey" FOREIGN KEY ("human_id") REFERENCES "humans"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "oidc_links" ADD CONSTRAINT "oidc_links_human_id_fkey" FOREIGN KEY ("human_id") REFERENCES "humans"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "agents" ADD CONSTRAINT "agents_owner_id_fkey" FOREIGN KEY ("owner_id") REFERENCES "humans"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "requests" ADD CONSTRAINT "requests_agent_id_fkey" FOREIGN KEY ("agent_id") REFERENCES "agents"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "requests" ADD CONSTRAINT "requests_target_id_fkey" FOREIGN KEY ("target_id") REFERENCES "targets"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "approvals" ADD CONSTRAINT "approvals_request_id_fkey" FOREIGN KEY ("request_id") REFERENCES "requests"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "grants" ADD CONSTRAINT "grants_request_id_fkey" FOREIGN KEY ("request_id") REFERENCES "requests"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "grants" ADD CONSTRAINT "grants_agent_id_fkey" FOREIGN KEY ("agent_id") REFERENCES "agents"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "grants" ADD CONSTRAINT "grants_target_id_fkey" FOREIGN KEY ("target_id") REFERENCES "targets"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

