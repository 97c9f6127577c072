-- A freeze ends by an owner's key alone: the warden puts back the row that somebody took away.
GRANT INSERT (id, human_id, reason, begun_at) ON freezes TO countersign_warden;
