-- An agent that asks again for what it already waits for gets the open request,
-- not a second one to tire people with (T17). The index decides, so parallel
-- filings cannot slip past; it holds open requests only and stays small.
-- Hashes, since 32 long names do not fit into an index row.
CREATE UNIQUE INDEX one_open_ask ON requests (
  agent_id, target_id, ttl_seconds,
  hash_array_extended(resources, 0), hash_array_extended(verbs, 0),
  coalesce(max_uses, 0), coalesce(jsonb_hash_extended(operation, 0), 0)
) WHERE state IN ('preparing', 'pending');
