-- The whole of opening or joining a ticket in one request of the controller. Each statement in here sees what
-- was committed before it, so that who waited for the lock finds the ticket that the other call opened. The
-- form of the id is that of callcenter.tickets.model.ticket_id.
CREATE FUNCTION open_or_join_ticket(
    of_call text, of_caller text, of_category text, of_queue text, of_language text, of_text text,
    asked_at timestamptz, first_state text, joinable text[],
    OUT ticket text, OUT opened boolean
) LANGUAGE plpgsql AS $$
DECLARE
    number text;
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended(CASE of_caller WHEN '' THEN of_call ELSE of_caller END, 0));
    SELECT c.ticket_id, c.opened INTO ticket, opened FROM ticket_calls c WHERE c.call_id = of_call;
    IF FOUND THEN
        RETURN;
    END IF;
    SELECT t.ticket_id INTO ticket FROM tickets t
    WHERE of_caller <> '' AND t.caller = of_caller AND t.category = of_category AND t.state = ANY (joinable)
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
