-- The list of calls: all who talked in a call, and what a page of the newest is found by.
ALTER TABLE calls ADD COLUMN agent_ids text[] NOT NULL DEFAULT '{}';
UPDATE calls SET agent_ids = talkers.agent_ids FROM (
    SELECT call_id, array_agg(agent_id ORDER BY first_seq) AS agent_ids FROM (
        SELECT call_id, data->>'agent_id' AS agent_id, min(seq) AS first_seq
        FROM journal WHERE kind = 'AgentConnected' GROUP BY 1, 2
    ) AS once GROUP BY 1
) AS talkers WHERE calls.call_id = talkers.call_id;
DROP INDEX calls_arrived;
CREATE INDEX calls_arrived ON calls (arrived_at, call_id);
CREATE INDEX calls_queue ON calls (queue, arrived_at, call_id);
CREATE INDEX calls_outcome ON calls (outcome, arrived_at, call_id);
CREATE INDEX calls_agents ON calls USING gin (agent_ids);
-- How a number ends is the same under every spelling that trunks may show.
CREATE INDEX calls_caller_end ON calls (reverse(caller) text_pattern_ops, arrived_at);

-- Words in transcripts. Trigrams do not help with words of two characters, which most Chinese ones are; pairs of
-- characters do, in every language. The last character stands alone, so that a single one is found as the beginning
-- of a pair.
CREATE FUNCTION text_pairs(of_text text) RETURNS tsvector LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT coalesce(array_to_tsvector(array_agg(DISTINCT this || next)), ''::tsvector) FROM (
        SELECT this, coalesce(lead(this) OVER (ORDER BY place), '') AS next
        FROM unnest(string_to_array(lower(of_text), NULL)) WITH ORDINALITY AS chars (this, place)
    ) AS pairs
$$;
CREATE FUNCTION pairs_wanted(words text) RETURNS tsquery LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT string_agg(
        '''' || replace(replace(pair, '\', '\\'), '''', '''''') || '''' || CASE length(words) WHEN 1 THEN ':*' ELSE '' END,
        ' & '
    )::tsquery
    FROM unnest(tsvector_to_array(text_pairs(words))) AS pair WHERE length(pair) = 2 OR length(words) = 1
$$;
DROP INDEX transcripts_text;
CREATE INDEX transcripts_text ON transcripts USING gin (text_pairs(text));
