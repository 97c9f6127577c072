-- A freeze is begun without an end. The warden believes in no end but a signed
-- one: a row that a stolen web server wrote with an end would stop everything
-- while the console shows nothing.
REVOKE INSERT ON freezes FROM countersign_web;
GRANT INSERT (id, human_id, reason, begun_at) ON freezes TO countersign_web;
