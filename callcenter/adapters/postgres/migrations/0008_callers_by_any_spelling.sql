-- As in 0003, but a caller is the same under every spelling of the number that trunks may have shown. The spellings
-- come in one text with a line for each, the canonical one first; empty: the number has only the one that is shown.
DROP FUNCTION open_or_join_ticket(text, text, text, text, text, text, timestamptz, text, text[]);
CREATE FUNCTION open_or_join_ticket(
    of_call text, of_caller text, spellings text, of_category text, of_queue text, of_language text, of_text text,
    asked_at timestamptz, first_state text, joinable text[],
    OUT ticket text, OUT opened boolean
) LANGUAGE plpgsql AS $$
DECLARE
    number text;
    known_as text[] := string_to_array(coalesce(nullif(spellings, ''), of_caller), E'\n');
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended(coalesce(known_as[1], of_call), 0));
    SELECT c.ticket_id, c.opened INTO ticket, opened FROM ticket_calls c WHERE c.call_id = of_call;
    IF FOUND THEN
        RETURN;
    END IF;
    SELECT t.ticket_id INTO ticket FROM tickets t
    WHERE of_caller <> '' AND t.caller = ANY (known_as) AND t.category = of_category AND t.state = ANY (joinable)
        AND t.state <> 'closed'
    ORDER BY t.opened_at DESC LIMIT 1;
    opened := NOT FOUND;
    IF opened THEN
        number := nextval('ticket_number')::text;
        ticket := 'T' || to_char(asked_at AT TIME ZONE 'UTC', 'YYYYMMDD')
            || '-' || lpad(number, greatest(6, length(number)), '0');
        INSERT INTO tickets (ticket_id, state, category, caller, queue, language, text, opened_at, changed_at)
        VALUES (ticket, first_state, of_category, of_caller, of_queue, of_language, of_text, asked_at, asked_at);
    END IF;
    INSERT INTO ticket_calls (call_id, ticket_id, opened, linked_at)
    VALUES (of_call, ticket, opened, asked_at);
END
$$;
