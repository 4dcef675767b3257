// Generated from callcenter/web/wire.py by `python -m callcenter.web.typescript`. Do not edit.

/** What a route asks of whoever uses it. */
export type Access = "public" | "logged_in" | "own_agent" | "own_call" | "record" | "tickets" | "desk" | "supervision" | "operation" | "administration" | "metrics";

/** An agent. ``allowed_actions`` is what the viewer may ask for now; empty for other people's agents.
 *  ``calls`` counts those answered since log-in, null for other people's agents; so are ``notes`` empty.
 *  ``at_softphone``: the phone is that of the agent's own page. */
export interface Agent {
  agent_id: string;
  name: string;
  phone: string | null;
  presence: Presence;
  reason: string;
  since_at: string;
  until_at: string | null;
  call_id: string | null;
  skills: Record<string, number>;
  queues: string[];
  allowed_actions: AgentAction[];
  calls: number | null;
  at_softphone: boolean;
  notes: Note[];
}

/** What can be asked for an agent: the last part of POST /api/agents/{agent_id}/{action}. */
export type AgentAction = "login" | "logout" | "change-phone" | "ready" | "pause" | "end-wrap-up" | "extend-wrap-up" | "disposition" | "hold" | "retrieve" | "transfer" | "consult" | "swap" | "conference" | "complete-transfer" | "end-consult" | "keys" | "dial-out" | "hang-up" | "decline";

/** The agent is now ``value``, or gone when that is null. So the other changes. */
export interface AgentChange {
  entity: "agent";
  id: string;
  value: Agent | null;
}

/** What becomes, or became, of each row; ``saved`` is null when nothing was written. */
export interface AgentImportAnswer {
  results: AgentRow[];
  saved: SettingsSaved | null;
}

/** A CSV file whose first line names its columns: id, name and perhaps skills
 *  (``mandarin:9;complaints:5``), groups and queues (``day;late``), dials_out (yes). Who is there already is
 *  changed in these columns. */
export interface AgentImportCheck {
  csv: string;
}

/** The same, to be done upon the version that was seen. Rows that are refused are left out. */
export interface AgentImportRequest {
  version: string;
  note: string;
  csv: string;
}

/** What becomes of the row that ends in ``line``; ``told`` says why it is refused. */
export interface AgentRow {
  line: number;
  agent_id: string;
  name: string;
  deed: AgentRowDeed;
  told: string;
}

/** What becomes of one row. */
export type AgentRowDeed = "added" | "changed" | "same" | "refused";

/** All agents at ``seq``. */
export interface AgentsAnswer {
  seq: number;
  agents: Agent[];
}

/** The newest of them first; ``next_before`` asks for the next older ones, null when there are none. */
export interface AuditAnswer {
  entries: AuditEntry[];
  next_before: number | null;
  deeds: AuditDeed[];
}

/** How many entries there are, and the first that is not what was written (null: all are). */
export interface AuditCheckAnswer {
  entries: number;
  broken_at: number | null;
}

/** What somebody did. */
export type AuditDeed = "logged_in" | "call_seen" | "recording_heard" | "live_transcript_read" | "searched" | "ticket_seen" | "list_seen" | "surveys_seen" | "audit_seen" | "agent_commanded" | "call_commanded" | "queue_changed" | "list_changed" | "ticket_changed" | "prompt_changed" | "settings_changed" | "flow_written" | "flows_published" | "flows_staged" | "flows_finished" | "flows_withdrawn" | "flows_rolled_back" | "phone_given" | "user_changed" | "user_unlocked" | "users_imported" | "password_changed";

/** Who did what: ``what`` it was about, ``detail`` the fields of the request that matter. */
export interface AuditEntry {
  seq: number;
  at: string;
  user: string;
  role: string;
  address: string;
  deed: AuditDeed;
  what: string;
  outcome: Outcome;
  reason: string;
  detail: Record<string, string>;
}

/** The time (``until`` is not in it), who, what was done and to what; each may be left out. */
export interface AuditFilter {
  since: string | null;
  until: string | null;
  user: string | null;
  deed: AuditDeed | null;
  what: string | null;
}

/** The newest ``limit`` entries numbered below ``before``. */
export interface AuditRequest {
  since: string | null;
  until: string | null;
  user: string | null;
  deed: AuditDeed | null;
  what: string | null;
  before: number | null;
  limit: number;
}

/** The day that the present one is measured by. */
export type Before = "week_ago" | "yesterday";

/** What a calendar says. ``today`` is that of its time zone; ``at_open`` is null when nothing was asked.
 *  ``uses`` are told of calendars in force. */
export interface CalendarAnswer {
  time_zone: string;
  today: string;
  now_open: boolean;
  at_open: boolean | null;
  days: CalendarDay[];
  uses: CalendarUse[];
}

/** A day: what decides over it (``kind``), the weekday whose hours it has (``follows``: mon to sun, empty
 *  where it follows none), and its hours, such as 09:00-18:00; none: closed. */
export interface CalendarDay {
  day: string;
  kind: DayKind;
  follows: string;
  hours: string[];
}

/** The days from ``since`` to ``until``, both included, at most 400; and perhaps: is it open ``at``? */
export interface CalendarRequest {
  since: string;
  until: string;
  at: string | null;
}

/** The same of a calendar that is not in force, as the settings would write it. */
export interface CalendarTryRequest {
  calendar: Record<string, unknown>;
  since: string;
  until: string;
  at: string | null;
}

/** Callers of this number (``*``: of every other one) come to where this flow asks the calendar. */
export interface CalendarUse {
  number: string;
  flow: string;
}

/** A live call. ``caller`` and ``caller_name`` are masked for viewers without the right to them. The
 *  present phase began at ``since_at``, where that is known; ``node`` is the last one of the flow.
 *  ``call_back_of`` is the call whose caller is called back by this one. ``kept_until_at``: its agent's phone
 *  is lost, and so long the caller is held for the agent. ``allowed_actions`` is what a supervisor may ask
 *  for now; nobody else is told that, nor of a supervision. */
export interface Call {
  call_id: string;
  phase: CallPhase;
  trunk: string;
  did: string;
  language: string;
  caller: string;
  caller_name: string;
  flow: string;
  node: string | null;
  arrived_at: string;
  since_at: string | null;
  queue: string | null;
  queued_at: string | null;
  priority: number;
  skills: Record<string, number>;
  offers: Offer[];
  agent_id: string | null;
  call_back_of: string | null;
  kept_until_at: string | null;
  consult: Consult | null;
  supervision: Supervision | null;
  allowed_actions: CallAction[];
}

/** What supervisors can ask for a live call. */
export type CallAction = "listen" | "whisper" | "barge" | "take_over" | "stop" | "pick" | "priority" | "skills" | "move" | "hang_up";

/** See AgentChange. */
export interface CallChange {
  entity: "call";
  id: string;
  value: Call | null;
}

/** One call of the record. */
export interface CallDetail {
  call_id: string;
  trunk: string;
  did: string;
  caller: string;
  caller_name: string;
  language: string;
  flow_path: string[];
  queue: string | null;
  outcome: string | null;
  arrived_at: string;
  ended_at: string | null;
  wait_ms: number;
  talk_ms: number;
  agent_ids: string[];
  recording: Recording | null;
  transcripts: Transcript[];
  ticket_id: string | null;
  decisions: Record<string, unknown>[];
  call_back_of: string | null;
  sends: Send[];
  flow: string;
  hold_ms: number;
}

/** One call in the list of all. ``ended_at`` is null while it goes on; ``excerpts`` only when words were
 *  looked for. */
export interface CallLine {
  call_id: string;
  arrived_at: string;
  ended_at: string | null;
  caller: string;
  caller_name: string;
  did: string;
  language: string;
  flow: string;
  queue: string | null;
  outcome: string | null;
  wait_ms: number;
  talk_ms: number;
  agent_ids: string[];
  recorded: boolean;
  call_back_of: string | null;
  excerpts: SaidExcerpt[];
}

/** Where a Call is in its life. */
export type CallPhase = "in_flow" | "promised" | "queued" | "talking" | "held" | "released" | "dialling" | "ended" | "settled";

/** Which call the agent means. */
export interface CallRequest {
  call_id: string;
}

/** The ticket of a call; the fields of the form are those of TicketWriteRequest. It can go to each of
 *  ``next_states``, and be changed while it is ``open``. The last change was made by ``changed_by`` (empty:
 *  by a flow, or nobody yet). */
export interface CallTicket {
  ticket_id: string;
  version: number;
  state: TicketState;
  next_states: TicketState[];
  open: boolean;
  changed_by: string;
  changed_at: string;
  demand: Demand | null;
  category: string;
  text: string;
  address: string;
  requester: string;
  unit: string;
}

/** The ticket of the call; null before there is one. ``categories`` are those that the centre has. */
export interface CallTicketAnswer {
  ticket: CallTicket | null;
  categories: string[];
}

/** A number that was called over a trunk today. */
export interface CalledNumber {
  number: string;
  flow: string;
  language: string;
  calls: number;
}

/** The lists that there are, with what people call them, and entries. */
export interface CallerListAnswer {
  lists: Record<string, string>;
  entries: CallerListEntry[];
  total: number;
}

/** Entries to be added, or to take the place of those with the same list and number. */
export interface CallerListEntries {
  entries: NewCallerListEntry[];
}

/** One number (or, with ``*`` at its end, all that begin so) on a list of callers. ``hits`` are the calls
 *  that went its way; ``expires_at`` null: for good. */
export interface CallerListEntry {
  entry_id: string;
  list: string;
  number: string;
  reason: string;
  author: string;
  added_at: string;
  expires_at: string | null;
  hits: number;
  last_hit_at: string | null;
}

/** A CSV file whose first line names its columns: list, number and perhaps reason, expires_on. Whoever is
 *  on the list already is changed. ``dry_run``: only say what would become of each row. */
export interface CallerListImport {
  csv: string;
  dry_run: boolean;
}

/** The same, the first ``limit`` of them (0: all). */
export interface CallerListPageRequest {
  list: string | null;
  search: string;
  limit: number;
}

/** One list by name; without it, all. ``search``: only what these words are about (reason, author, or the
 *  number of a caller). */
export interface CallerListRequest {
  list: string | null;
  search: string;
}

/** What became of one of them; ``told`` says why it was refused. */
export interface CallerListResult {
  deed: callcenter__caller_lists__model__Deed;
  told: string;
}

/** What became of each, in the order asked. */
export interface CallerListResults {
  results: CallerListResult[];
}

/** What became (or would become) of the row that ends in ``line``; ``told`` says why it is refused. */
export interface CallerListRow {
  line: number;
  list: string;
  number: string;
  deed: callcenter__caller_lists__model__Deed;
  told: string;
}

/** Each row of the file, in its order. */
export interface CallerListRows {
  rows: CallerListRow[];
}

/** Calls, newest first; ``next`` leads to the older ones, null when there are none. */
export interface CallsAnswer {
  calls: CallLine[];
  next: string | null;
}

/** Which calls of the record: arrived from ``since`` on and before ``until``. ``caller`` is how the number
 *  ends, ``outcome`` one of a queue or ``none`` for those that never asked for a human, ``words`` were said.
 *  ``before`` is ``next`` of the page before. */
export interface CallsRequest {
  since: string | null;
  until: string | null;
  queue: string | null;
  agent: string | null;
  caller: string | null;
  did: string | null;
  outcome: string | null;
  flow: string | null;
  language: string | null;
  recorded: boolean | null;
  least_wait_sec: number;
  least_talk_sec: number;
  words: string;
  before: string | null;
  limit: number;
}

/** Brings a picture that stands at ``after_seq`` to ``seq``, the journal's number.
 *
 *  A client whose picture stands elsewhere has missed something and resumes. When both numbers are the same,
 *  only figures, fairness and health have changed. Every entity appears at most once, with its latest value. */
export interface Changes {
  type: "changes";
  after_seq: number;
  seq: number;
  server_at: string;
  changes: (AgentChange | CallChange | QueueChange | KpiChange | FairnessChange | HealthChange)[];
}

/** The command was accepted; ``seq`` is the journal's number then, ``agent`` the agent as of it. */
export interface CommandAnswer {
  seq: number;
  agent: Agent | null;
}

/** A part that the centre leans on. */
export type Component = "switch" | "store" | "bus";

/** How a part is, from what needs no look to what needs one at once. */
export type Condition = "well" | "off" | "unknown" | "poor" | "down";

/** Whom the agent of a call asks meanwhile: a queue, an agent id or a number, which is masked as the
 *  caller's is. ``agent_id``: who of ours has answered; ``joined``: all three hear each other. Else, with
 *  the call held, the agent talks with them. */
export interface Consult {
  kind: TransferKind;
  target: string;
  agent_id: string | null;
  answered: boolean;
  joined: boolean;
}

/** A call that the number counts, so many ``times``: a call that waited twice was offered twice. */
export interface CountedLine {
  call: CallLine;
  times: number;
}

/** The figure of another day up to the same time (null: nothing is known of that day), and by how much
 *  today's is higher. ``is_better`` null: the change is neither good nor bad. */
export interface DayBefore {
  day: Before;
  value: number | null;
  change: number | null;
  is_better: boolean | null;
}

/** What of a calendar decides over a day. */
export type DayKind = "weekly" | "holiday" | "make_up" | "special";

/** An interval from ``offset_ms`` after midnight on. Shares are null with nothing to divide by. */
export interface DayPoint {
  offset_ms: number;
  offered: number;
  answered: number;
  abandoned: number;
  service_level: number | null;
  answer_rate: number | null;
}

/** How the call was routed, both lists in the order of the journal. */
export interface DecisionsAnswer {
  call_id: string;
  decisions: ExplainedDecision[];
  waits: ExplainedWait[];
}

/** The language of the words, and the agent of whom to tell what would have made them get the call. */
export interface DecisionsRequest {
  lang: "en" | "zh";
  agent: string | null;
}

/** What kind of demand it is: 咨询, 求助, 意见, 投诉, 举报. */
export type Demand = "consultation" | "help" | "opinion" | "complaint" | "report";

/** Whom to call: a number, or the caller of ``call_id``, who hung up while waiting a while ago. */
export interface DialOutRequest {
  number: string;
  call_id: string;
}

/** What came of the call: one of the centre's dispositions. */
export interface DispositionRequest {
  call_id: string;
  code: string;
}

/** A call of the same caller. */
export interface EarlierCall {
  call_id: string;
  arrived_at: string;
  queue: string | null;
  outcome: string | null;
  agent_id: string | null;
  talk_ms: number;
  ticket_id: string | null;
}

/** A demand of the same caller; ``text`` is how it begins. */
export interface EarlierTicket {
  ticket_id: string;
  state: TicketState;
  category: string;
  demand: Demand | null;
  opened_at: string;
  text: string;
}

/** Why an agent was offered the call: ``decision`` as the journal has it (acd.explain.Decision) and its
 *  explanation in words, null for one that this version cannot read. ``for_agent``: what would have made the
 *  agent asked about get the call; null when nobody was asked about. Of a centre too large for the Decision
 *  to name everybody it may say that it does not know: `callcenter explain` replays the journal for that. */
export interface ExplainedDecision {
  offer_id: string;
  at: string;
  decision: Record<string, unknown>;
  explanation: string | null;
  for_agent: string | null;
}

/** Why the call waited although agents were ready: ``reason`` as the journal has it
 *  (acd.explain.WaitReason) and its explanation in words, null for one that this version cannot read.
 *  ``for_agent``: what kept the agent asked about from it; null when nobody was asked about. */
export interface ExplainedWait {
  at: string;
  reason: Record<string, unknown>;
  explanation: string | null;
  for_agent: string | null;
}

/** How much longer the after-call work takes. */
export interface ExtendWrapUpRequest {
  extra_sec: number;
}

/** How evenly work and rest are spread over the ``agents`` who are logged in (acd.fairness).
 *
 *  ``idle_spread_ms``: of those who are ready, the longest idle time less the shortest (null: fewer than
 *  two). ``calls`` is the sum of theirs since log-in: an agent's share is Agent.calls divided by it, and is
 *  not sent itself, since each call would change everybody's. ``calls_gini`` and ``busy_gini`` are 0 when
 *  calls, or the busy share of the time, are the same for all, and nearly 1 when one has everything (null:
 *  nobody has any). */
export interface Fairness {
  agents: number;
  calls: number;
  idle_spread_ms: number | null;
  calls_gini: number | null;
  busy_gini: number | null;
}

/** See AgentChange; the id is ``total``. */
export interface FairnessChange {
  entity: "fairness";
  id: string;
  value: Fairness | null;
}

/** A figure of today up to the last full quarter of an hour, and of days before up to the same time. */
export interface FigureBefore {
  key: string;
  unit: KpiUnit;
  today: number | null;
  before: DayBefore[];
}

/** The calls that the number counts, newest first; ``next`` leads to the older ones, null when there are
 *  none. The sum of all ``times`` is the number. */
export interface FigureCallsAnswer {
  calls: CountedLine[];
  next: string | null;
}

/** Which number of today: ``part`` of the figure ``key`` of a queue, or (``scope`` total) of all.
 *  ``before`` is ``next`` of the page before. */
export interface FigureCallsRequest {
  key: string;
  part: Term;
  scope: string;
  before: string | null;
  limit: number;
}

/** Today from midnight (``began_at``) of the time zone on, counted up to ``until_at``; its last interval
 *  still goes on. ``week_ago`` is the whole same day of the week before, null when nothing is known of it.
 *  Figures are compared up to ``compared_to_at``. */
export interface FigureDayAnswer {
  time_zone: string;
  began_at: string;
  until_at: string;
  compared_to_at: string;
  step_ms: number;
  today: DayPoint[];
  week_ago: DayPoint[] | null;
  figures: FigureBefore[];
}

/** The course of today, of a queue or (``total``) of all, in intervals of so many minutes. */
export interface FigureDayRequest {
  scope: string;
  minutes: "15" | "30";
}

/** What may be done with the flows: the last part of POST /api/flows/{action}. */
export type FlowAction = "save" | "publish" | "stage-new" | "stage" | "finish" | "withdraw" | "rollback";

/** How the callers of one version fared, as shares of them: the flow ended the call, they hung up, the
 *  flow broke off or a prompt was missing. */
export interface FlowCallersFare {
  number: number;
  calls: number;
  contained: number;
  abandoned: number;
  errors: number;
}

/** What came of one test; ``trace`` is the whole call, line by line, where one failed. */
export interface FlowCase {
  flow: string;
  name: string;
  file: string;
  line: number;
  outcome: "passed" | "failed" | "skipped";
  failures: FlowMistake[];
  trace: string[];
}

/** A change made in the graph. ``lead``: the way that is written ``at`` (FlowGraphWay) leads to the node
 *  ``to``; ``rename``: the node ``at`` is called ``to``; ``add``: a new node ``to``, which waits a second,
 *  stands in the way ``at``. */
export interface FlowChange {
  deed: "lead" | "rename" | "add";
  at: string;
  to: string;
}

/** A change of the flow in the file ``name``; ``files`` are texts instead of those that are saved. */
export interface FlowChangeRequest {
  files: FlowText[];
  name: string;
  change: FlowChange;
}

/** The texts that are others then, of the flow and of its tests. Nothing is saved. */
export interface FlowChanged {
  files: FlowText[];
}

/** All that is wrong, and what callers would not like; with the graph of the file shown, unless what is
 *  written has not the shape of a flow. */
export interface FlowCheckAnswer {
  mistakes: FlowMistake[];
  warnings: FlowMistake[];
  graph: FlowGraph | null;
}

/** Texts, of each name the last, instead of those saved; ``shown``: the file whose graph is wanted. */
export interface FlowCheckRequest {
  files: FlowText[];
  shown: string | null;
}

/** How much of a flow its tests go through; percent from 0 to 100. */
export interface FlowCoverage {
  flow: string;
  file: string;
  nodes: number;
  ways: number;
  node_percent: number;
  way_percent: number;
  covered: string[];
  missed_ways: FlowMissedWay[];
}

/** A unified diff, line by line; empty when nothing differs. */
export interface FlowDiffAnswer {
  lines: string[];
}

/** What differs from a version (none given: the one in force) to another (none given: what is written). */
export interface FlowDiffRequest {
  old: number | null;
  new: number | null;
}

/** A written file beside what is published. */
export type FlowFileState = "in_force" | "staged" | "changed" | "new" | "removed" | "unpublished";

/** A flow, laid out. ``human_key`` is the key to a human, empty without one; ``language`` that of the
 *  texts. */
export interface FlowGraph {
  flow: string;
  version: string;
  language: string;
  entry: string;
  human_key: string;
  width: number;
  height: number;
  nodes: FlowGraphNode[];
  edges: FlowGraphEdge[];
}

/** All ways from one node to another; ``keys`` and ``words`` are its label, whose middle is at
 *  ``label_x``, ``label_y``. ``path`` is drawn from the upper card to the lower one; ``upward``: the head is
 *  at the upper one. A way back to the same node has no path. */
export interface FlowGraphEdge {
  source: string;
  target: string;
  kind: "key" | "word" | "next" | "human";
  keys: string[];
  words: string[];
  ways: FlowGraphWay[];
  path: string;
  upward: boolean;
  label_x: number;
  label_y: number;
}

/** A node as a card, in pixels from the graph's upper left corner. ``says`` is what callers hear there, or
 *  its queue, calendar ...; ``line`` is that of its name in the file. ``human_key``: the key to a human works
 *  there. ``flow`` is the sub-flow that it goes through. The card of kind ``human`` is no node, but the key
 *  to a human, which works wherever ``human_key`` says so. */
export interface FlowGraphNode {
  name: string;
  kind: string;
  says: string;
  line: number;
  x: number;
  y: number;
  width: number;
  height: number;
  human_key: boolean;
  flow: string | null;
}

/** One way out of a node: the flow's word for it (a key, ``next``, ``no_input`` ...), and where its target
 *  is written, as `callcenter flows set` takes it and as a line of the file. */
export interface FlowGraphWay {
  word: string;
  at: string;
  line: number;
}

/** What the staged version may do worse, as differences of shares, from so many callers of each on. */
export interface FlowGuards {
  min_calls: number;
  containment_drop: number;
  abandonment_rise: number;
  error_rise: number;
}

/** An entry of the publishing log; ``changes`` is what it changed for callers, in a few words. */
export interface FlowLogEntry {
  action: number;
  at: string;
  deed: callcenter__flow_versions__model__Deed;
  number: number;
  percent: number;
  author: string;
  note: string;
  changes: string;
}

/** A way out of a node that no test goes; ``line`` is that of the flow's file. */
export interface FlowMissedWay {
  node: string;
  word: string;
  target: string;
  line: number;
}

/** A mistake or a warning; line and column count from 1, ``node`` is empty where it is in none. */
export interface FlowMistake {
  file: string;
  line: number;
  column: number;
  node: string;
  message: string;
}

/** A new flow of this name is written into a file of its own: small, and sound as it stands. */
export interface FlowNewRequest {
  name: string;
}

/** Why. */
export interface FlowNoteRequest {
  note: string;
}

/** ``content`` is the hash of all the written flows that the publisher has looked at; ``percent``: only
 *  for this share of new callers. */
export interface FlowPublishRequest {
  note: string;
  content: string;
  percent: number | null;
}

/** ``number``: this version; null: the one that was in force before. */
export interface FlowRollBackRequest {
  note: string;
  number: number | null;
}

/** ``seen`` is the hash of the text that the writer began with; null: the file is new. */
export interface FlowSaveRequest {
  name: string;
  text: string;
  seen: string | null;
}

/** The file's text is on the disk, with this hash. */
export interface FlowSaved {
  name: string;
  hash: string;
}

/** The version that a share of new callers takes. ``withdrawn``: a guard has ended it already, and no new
 *  caller takes it. */
export interface FlowStage {
  number: number;
  percent: number;
  began_at: string;
  author: string;
  note: string;
  withdrawn: boolean;
  guards: FlowGuards;
  staged: FlowCallersFare;
  in_force: FlowCallersFare;
}

/** The share of new callers that takes the staged version from now on. */
export interface FlowStageRequest {
  note: string;
  percent: number;
}

/** What came of all tests; with mistakes in flows or tests nothing was run. */
export interface FlowTestAnswer {
  mistakes: FlowMistake[];
  cases: FlowCase[];
  coverage: FlowCoverage[];
  took_ms: number;
}

/** Texts of flows and tests, of each name the last, instead of those that are saved. */
export interface FlowTestRequest {
  files: FlowText[];
}

/** A file of tests; ``flow`` is the name of the flow they are of. */
export interface FlowTestsWritten {
  name: string;
  text: string;
  hash: string;
  flow: string;
}

/** The text of a file of flows, or (``tests/...``) of tests. */
export interface FlowText {
  name: string;
  text: string;
}

/** The publishing log, the newest entry first. */
export interface FlowVersionsAnswer {
  entries: FlowLogEntry[];
}

/** A file that is written; of one that was REMOVED the text is empty. ``flow`` is the name of its flow
 *  (empty: what is written has none), ``numbers`` are those that lead to it; ``any_number``: all
 *  others do. */
export interface FlowWritten {
  name: string;
  text: string;
  hash: string;
  state: FlowFileState;
  flow: string;
  numbers: string[];
  any_number: boolean;
}

/** The written flows and tests beside what is published. ``content`` is the hash of all of the flows;
 *  ``running`` the version that the controller runs (0: what was written when it started). */
export interface FlowsAnswer {
  files: FlowWritten[];
  tests: FlowTestsWritten[];
  content: string;
  in_force: FlowsInForceShown | null;
  stage: FlowStage | null;
  running: number;
  differs: boolean;
  allowed_actions: FlowAction[];
}

/** What was done is in force. ``number`` is the version it is about (null: nothing was to be done, the
 *  version in force has the very same files); ``unspoken``: texts that could not be spoken, where callers
 *  hear a tone. */
export interface FlowsDone {
  number: number | null;
  unspoken: string[];
}

/** The version in force, since when, by whom, and why. */
export interface FlowsInForceShown {
  number: number;
  since_at: string;
  author: string;
  note: string;
}

/** A part that the centre leans on; ``detail`` says what is being done when it is not up. */
export interface Health {
  component: Component;
  up: boolean;
  since_at: string;
  detail: string;
}

/** ``ok`` when every component is up. */
export interface HealthAnswer {
  ok: boolean;
  components: Health[];
}

/** See AgentChange; the id is the component. */
export interface HealthChange {
  entity: "health";
  id: string;
  value: Health | null;
}

/** Something known of a part: a number with its unit, or a text. */
export interface HealthFact {
  key: string;
  unit: Unit;
  value: number | null;
  text: string;
}

/** One part of the centre. ``name`` tells several of a kind apart (a trunk, a model). ``trouble`` names
 *  what is not well (null: nothing), ``detail`` says it, ``cure`` what to do. */
export interface HealthPart {
  part: Part;
  name: string;
  condition: Condition;
  since_at: string;
  facts: HealthFact[];
  trouble: string | null;
  detail: string;
  cure: string;
}

/** How everything is, as it was looked at at ``at``; ``alarms`` parts need somebody. */
export interface HealthReport {
  at: string;
  alarms: number;
  parts: HealthPart[];
}

/** The client's first message: the number its picture stands at, or null when it has none. */
export interface Hello {
  resume_from: number | null;
}

/** A STUN or TURN server (RTCIceServer of WebRTC). */
export interface IceServer {
  urls: string;
  username: string;
  credential: string;
}

/** A call that waits, and how long until its turn, as far as that can be foreseen: 0 while a phone rings
 *  for it, null with nobody at work for it. */
export interface InLine {
  call_id: string;
  expected_wait_ms: number | null;
}

/** How far a job is. */
export type JobState = "waiting" | "running" | "done" | "failed" | "cancelled";

/** The keys to be pressed in the call: digits, * and #. */
export interface KeysRequest {
  call_id: string;
  digits: string;
}

/** One figure of the KPI catalogue, of one queue or (scope ``total``) of all. ``value`` is null while
 *  there is nothing to divide by; a ratio is 0.0 to 1.0. ``target_met`` is null without target or value.
 *  ``opens``: which of its numbers count calls, so that GET /api/figures/calls lists them. */
export interface Kpi {
  scope: string;
  key: string;
  value: number | null;
  unit: KpiUnit;
  formula: string;
  numerator: number | null;
  denominator: number | null;
  target: number | null;
  target_met: boolean | null;
  opens: Term[];
}

/** All figures at ``seq``. */
export interface KpiAnswer {
  seq: number;
  kpi: Kpi[];
}

/** See AgentChange; the id is ``scope/key``. */
export interface KpiChange {
  entity: "kpi";
  id: string;
  value: Kpi | null;
}

/** What a figure counts in; a ratio is 0.0 to 1.0. */
export type KpiUnit = "count" | "ratio" | "ms";

/** What goes on; several can at once. */
export type Lane = "flow" | "queue" | "offer" | "talk" | "hold" | "outside" | "message" | "recording" | "wrap_up";

/** One call over time; spans in the order in which they began. ``ended_at`` null: it goes on. */
export interface LifeAnswer {
  call_id: string;
  ended_at: string | null;
  spans: LifeSpan[];
  marks: LifeMark[];
}

/** What happened in one moment. */
export interface LifeMark {
  kind: MarkKind;
  at: string;
  name: string;
}

/** From when to when (null: still) on a lane. ``name`` is the node, queue, agent id or state, ``end`` how
 *  it ended. ``offset_ms`` is where this stretch begins in the recording's sound. */
export interface LifeSpan {
  lane: Lane;
  name: string;
  began_at: string;
  ended_at: string | null;
  end: string;
  offset_ms: number | null;
}

/** All that was said so far, and whether what is said now is read: ``heard``, ``paused`` (nobody talks) or
 *  ``unread``, and then ``why``. The server remembers since ``began_at``, and keeps nothing: after a restart
 *  of it, utterances are numbered anew. */
export interface LiveTranscript {
  began_at: string;
  reading: Reading;
  why: Unread | null;
  utterances: LiveUtterance[];
}

/** As LiveTranscript, with the utterances that are new or have become others. */
export interface LiveTranscriptChange {
  reading: Reading;
  why: Unread | null;
  utterances: LiveUtterance[];
}

/** Why there is no more: the call is over, or with another agent, or the session has ended. */
export interface LiveTranscriptEnd {
  reason: "over" | "not_yours" | "logged_out";
}

/** What one side said, in the order of ``number``. One that is not final may still become another text.
 *  ``lost``: somebody spoke here, but was not recognised in time; there is no text. ``at``: when it began. */
export interface LiveUtterance {
  number: number;
  side: "caller" | "agent";
  text: string;
  is_final: boolean;
  lost: boolean;
  at: string;
}

/** ``csrf_token`` goes into the header X-CSRF-Token of every change asked with the cookie; ``token`` is
 *  given to clients of kind api only. */
export interface LoginAnswer {
  viewer: Viewer;
  csrf_token: string;
  token: string | null;
}

/** ``client`` page: the session comes as a cookie; widget: as one for pages of other systems; api: as a
 *  token for ``Authorization: Bearer``. */
export interface LoginRequest {
  name: string;
  password: string;
  client: "page" | "widget" | "api";
}

/** What happens in one moment. */
export type MarkKind = "arrived" | "recovered" | "language" | "key" | "spoken" | "listed" | "transferred" | "call_back_promised" | "call_back_missed" | "survey" | "disposition" | "ticket" | "ended";

/** Who the session belongs to. */
export interface MeAnswer {
  viewer: Viewer;
  csrf_token: string;
}

/** A caller who hung up while waiting; the number is masked for viewers without the right to it. */
export interface MissedCall {
  call_id: string;
  caller: string;
  queue: string | null;
  ended_at: string;
  today: boolean;
}

/** Callers of today and yesterday with whom nobody has talked since, the newest first. Not ``whole`` while
 *  the record cannot be read: then it is only the last ones. */
export interface MissedCallsAnswer {
  calls: MissedCall[];
  whole: boolean;
}

/** The queue in which the call shall go on waiting. */
export interface MoveRequest {
  queue: string;
}

/** An entry to be added. ``expires_on`` is its last day (2026-12-31, UTC); null or empty: for good. */
export interface NewCallerListEntry {
  list: string;
  number: string;
  reason: string;
  expires_on: string | null;
}

/** A user to be made. Without a password one is made, and told in the answer. */
export interface NewUser {
  name: string;
  role: Role;
  agent_id: string | null;
  open_numbers: boolean;
  expires_on: string | null;
  password: string;
}

/** A request that says all in its path. */
export interface NoFields {}

/** What a supervisor wrote to an agent who has not read it yet. */
export interface Note {
  note_id: string;
  by: string;
  text: string;
  sent_at: string;
}

/** Which note the agent has read. */
export interface NoteReadRequest {
  note_id: string;
}

/** What is written to the agent. */
export interface NoteRequest {
  text: string;
}

/** A number of the settings and where its callers come to; that of all other numbers is ``*``. */
export interface NumberRoute {
  number: string;
  flow: string;
  language: string;
  calls: number;
}

/** An agent who is being rung for a call. */
export interface Offer {
  offer_id: string;
  agent_id: string;
  made_at: string;
}

/** Which Offer the agent means. */
export interface OfferRequest {
  offer_id: string;
}

/** How it ended. */
export type Outcome = "done" | "refused";

/** One's own password, old and new. */
export interface OwnPasswordRequest {
  old: string;
  new: string;
}

/** What the centre is made of; there may be several of a kind. */
export type Part = "controller" | "switch" | "store" | "bus" | "trunk" | "speech" | "listening" | "prompts" | "softphones" | "disk" | "audit";

/** The new password; empty: one is made, and told in the answer. */
export interface PasswordRequest {
  password: string;
}

/** Why the agent takes no calls. */
export interface PauseRequest {
  reason: string;
}

/** Where the agent logs in. */
export interface PhoneRequest {
  phone: string;
}

/** The agent to whom the waiting call is offered now. */
export interface PickRequest {
  agent_id: string;
}

/** Sent when there has been nothing to say; a client that hears nothing for long reconnects. */
export interface Ping {
  type: "ping";
  seq: number;
  server_at: string;
}

/** A weekday (mon to sun); the four figures are those of the whole day, ``agent_hours`` of those paid. */
export interface PlannedDay {
  weekday: string;
  calls: number;
  agent_hours: number;
  service_level: PlanningEstimate | null;
  asa_s: PlanningEstimate | null;
  abandonment: PlanningEstimate | null;
  occupancy: PlanningEstimate | null;
  intervals: PlannedInterval[];
}

/** One interval of a weekday. ``agents`` must take calls, ``scheduled`` be paid; then the simulation
 *  expects this service level (of all calls), these waits, give-ups and occupancy (null: no call ever came).
 *  ``formula_agents``: what Erlang's formula alone says, and ``formula_level`` which level it promises. */
export interface PlannedInterval {
  begins: string;
  calls: number;
  load: number;
  agents: number;
  scheduled: number;
  formula_agents: number;
  formula_level: number;
  service_level: PlanningEstimate | null;
  asa_s: PlanningEstimate | null;
  abandonment: PlanningEstimate | null;
  occupancy: PlanningEstimate | null;
}

/** An agent who can be given other skills, or stay away. */
export interface PlanningAgent {
  agent_id: string;
  name: string;
  skills: Record<string, number>;
}

/** What the forms begin with: the whole weeks that were last, and how the centre is arranged. */
export interface PlanningBasis {
  since_at: string;
  until_at: string;
  time_zone: string;
  calls: number;
  enough_calls: boolean;
  queues: PlanningQueue[];
  agents: PlanningAgent[];
  strategies: string[];
  call_choices: string[];
  call_choice: string;
  skills: string[];
}

/** The mean over all runs, and the bounds that hold the true mean with 95 % confidence. */
export interface PlanningEstimate {
  mean: number;
  low: number | null;
  high: number | null;
}

/** Why there is no answer, and what to do. */
export interface PlanningFailure {
  code: string;
  what: string;
  cure: string;
}

/** A question on its way: ``place`` jobs come before it; ``progress`` goes from 0 to 1. One of the answers
 *  is there when it is done. */
export interface PlanningJob {
  job_id: string;
  state: JobState;
  place: number;
  progress: number;
  failure: PlanningFailure | null;
  staffing: StaffingAnswer | null;
  what_if: WhatIfAnswer | null;
}

/** What whoever reads the answer should know. */
export type PlanningNote = "few_calls" | "few_weeks" | "nobody_gave_up" | "handling_given" | "falls_short" | "nothing_known_changed";

/** A queue as it is set, with what came to it in the weeks of the basis. */
export interface PlanningQueue {
  name: string;
  title: string;
  calls: number;
  handle_s: number | null;
  settings: QueueTrial;
  level: number;
}

/** A page of another system; one that is ``automatic`` is to be opened with the Offer. */
export interface PopLink {
  title: string;
  url: string;
  automatic: boolean;
}

/** The language of the region's name. */
export interface PopRequest {
  lang: "en" | "zh";
}

/** What an agent is doing; the transition table is in ``acd.presence``. */
export type Presence = "logged_out" | "not_ready" | "ready" | "offered" | "on_call" | "wrap_up";

/** Why a request was not carried out: ``what`` happened, ``where``, and what cures it (``cure``).
 *
 *  ``code`` is stable and meant for programs; the media type is application/problem+json. ``mistakes`` are
 *  those of a file that people write; ``changed_by`` and ``changed_at`` tell who was quicker. */
export interface Problem {
  status: number;
  code: string;
  what: string;
  where: string;
  cure: string;
  mistakes: WrittenMistake[];
  changed_by: string;
  changed_at: string | null;
}

/** A text that callers can hear. ``number`` names it, also at a telephone. ``said_by`` are flows, or
 *  (the centre), (waiting), (numbers). ``state`` says what speaks it: a recording, prepared audio, an engine,
 *  a poor voice, nothing; ``stale`` is a recording of a text that nothing says now, ``now`` what the text has
 *  probably become. ``audio`` is where it can be heard. */
export interface Prompt {
  number: string;
  language: string;
  text: string;
  said_by: string[];
  state: PromptState;
  voice: string;
  duration_ms: number | null;
  level_dbfs: number | null;
  audio: string | null;
  now: string;
  needs_attention: boolean;
  allowed_actions: ("record" | "remove")[];
}

/** The text as callers hear it now; null: nothing says it any more. */
export interface PromptRemoved {
  prompt: Prompt | null;
}

/** What a recording measures before it is trimmed and levelled: of its speech the level, its highest peak,
 *  and at how many places it is cut off at full scale. ``fault``: why it would be refused, ``told`` in
 *  words. */
export interface PromptSound {
  duration_ms: number;
  rate_hz: number;
  channels: number;
  level_dbfs: number;
  peak_dbfs: number;
  clipped: number;
  fault: "silent" | "clipped" | "unusable" | null;
  told: string;
}

/** What callers hear of a text, the best first; ``stale`` is audio of a text that nothing says now. */
export type PromptState = "recorded" | "shipped" | "rendered" | "poor" | "missing" | "stale";

/** Every text, flow by flow, then stale recordings. */
export interface PromptsAnswer {
  prompts: Prompt[];
}

/** A queue: who waits on the line, how many are to be called back, and who could answer. The count of
 *  agents is of those who serve this queue. One that is not open was closed by a supervisor: nobody waits on
 *  the line there any longer. ``line`` are the first calls to be answered, in their order.
 *  ``live_transcript``: what is said in its talks is read meanwhile (``wire_live_transcript``). */
export interface Queue {
  name: string;
  title: string;
  waiting: number;
  call_backs: number;
  oldest_queued_at: string | null;
  talking: number;
  agents_ready: number;
  agents_logged_in: number;
  is_open: boolean;
  line: InLine[];
  live_transcript: boolean;
}

/** See AgentChange. */
export interface QueueChange {
  entity: "queue";
  id: string;
  value: Queue | null;
}

/** What would be otherwise in a queue, in the words of the settings; null: as it is. */
export interface QueueTrial {
  strategy: string | null;
  skills: Record<string, number> | null;
  priority: number | null;
  answer_within_sec: number | null;
  max_wait_sec: number | null;
  max_waiting: number | null;
  ring_timeout_sec: number | null;
  wrap_up_max_sec: number | null;
}

/** Whether what is said just now is read. */
export type Reading = "heard" | "paused" | "unread";

/** A recording; its sound is at ``url``. Left channel caller, right channel agent. */
export interface Recording {
  url: string;
  sha256: string;
  duration_ms: number;
  channel_rms_dbfs: [number, number];
}

/** ``download`` gives the sound as a file to keep, for a ``reason``; without it it is heard. */
export interface RecordingRequest {
  download: boolean;
  reason: string;
}

/** The rows, by time, then by name; a time in which nothing happened has none. ``whole`` are the figures
 *  of all that is in the rows. Hours and days are those of ``time_zone``. The journal was counted up to
 *  ``counted_to_at`` (null: nothing yet); ``behind``: there is more to be counted. */
export interface ReportAnswer {
  time_zone: string;
  counted_to_at: string | null;
  behind: boolean;
  figures: ReportFigure[];
  rows: ReportRow[];
  whole: (number | null)[];
}

/** The same as a file, with words in this language. */
export interface ReportExportRequest {
  since: string;
  until: string;
  interval: "quarter" | "hour" | "day" | "span";
  scope: Scope;
  name: string | null;
  format: "csv" | "xlsx";
  lang: "zh" | "en";
}

/** A figure of the KPI catalogue that each row has. */
export interface ReportFigure {
  key: string;
  unit: KpiUnit;
  formula: string;
}

/** The time from ``since`` on and before ``until``, widened to whole quarters of an hour, in rows of such
 *  an ``interval`` (span: all of it is one); of the centre, of each queue or of each agent; ``name``: of this
 *  one only. */
export interface ReportRequest {
  since: string;
  until: string;
  interval: "quarter" | "hour" | "day" | "span";
  scope: Scope;
  name: string | null;
}

/** One interval of one queue or agent (of the centre: no name). ``values`` stand in the order of the
 *  figures; null: there was nothing to divide by. */
export interface ReportRow {
  begin_at: string;
  end_at: string;
  name: string;
  values: (number | null)[];
}

/** What a person may do; the table is ``callcenter.web.access``. */
export type Role = "admin" | "supervisor" | "agent" | "quality" | "ops";

/** A role that one can have: whether it goes with an agent id, and whether open numbers are granted to the
 *  person. */
export interface RoleAbout {
  role: Role;
  takes_calls: boolean;
  grants_numbers: boolean;
}

/** What became of one row of an import. */
export type RowDeed = "added" | "changed" | "refused";

/** What was said around the words that were looked for. */
export interface SaidExcerpt {
  leg: string;
  text: string;
}

/** Of whom is counted. */
export type Scope = "centre" | "queue" | "agent";

/** What is known of a call at its first ring. ``shown_number`` is what the trunk showed, where that is not
 *  the caller's own number (a forwarded call); ``lists`` are those on which the caller stands, with their
 *  titles; ``skills`` the levels asked for, by their titles. ``dialled_out``: the agent calls them, and sees
 *  in ``did`` the number that they are shown. ``repeats`` counts the calls of the last ``repeat_days``; it is
 *  null, and nothing earlier is told, while the record cannot be read. */
export interface ScreenPop {
  call_id: string;
  caller: string;
  caller_name: string;
  shown_number: string;
  region: string;
  did: string;
  dialled_out: boolean;
  trunk: string;
  language: string;
  lists: Record<string, string>;
  way: WayStep[];
  queue: string | null;
  queue_title: string | null;
  skills: Record<string, number>;
  arrived_at: string;
  queued_at: string | null;
  waited_ms: number | null;
  repeats: number | null;
  repeat_days: number;
  earlier_calls: EarlierCall[];
  earlier_tickets: EarlierTicket[];
  ticket_id: string | null;
  links: PopLink[];
}

/** The words that were said. */
export interface SearchRequest {
  q: string;
}

/** A webhook that the call's flow had told. ``outcome`` is owed, delivered or given_up; ``detail`` is the
 *  status of HTTP, or why it was given up. */
export interface Send {
  webhook: string;
  asked_at: string;
  outcome: string;
  ended_at: string | null;
  detail: string;
}

/** What is written now. ``version`` names it: whoever changes something says which version was seen.
 *  ``why_fixed`` is not empty where nothing can be written, and tells why. ``needs_start`` are the sections
 *  that are written otherwise than at the start and wait for the next one. */
export interface SettingsAnswer {
  version: string;
  sections: SettingsPart[];
  files: string[];
  needs_start: string[];
  why_fixed: string;
}

/** They would; these files would change. */
export interface SettingsCheckAnswer {
  files: string[];
}

/** Would these changes be sound? */
export interface SettingsCheckRequest {
  changes: (SettingsGiven | SettingsTaken | SettingsRenamed)[];
}

/** The text of a file. Passwords in addresses are shown as ********; left so, they stay. */
export interface SettingsFileAnswer {
  name: string;
  text: string;
  version: string;
}

/** Could the file say this? */
export interface SettingsFileCheck {
  text: string;
}

/** Let the file say this, upon the version that was seen. */
export interface SettingsFileRequest {
  version: string;
  note: string;
  text: string;
}

/** The entry gets this value; one that is not there is added. */
export interface SettingsGiven {
  path: (string | number)[];
  value: unknown;
}

/** The changes that were made, the newest first, and the version of what is written now. */
export interface SettingsHistoryAnswer {
  changes: SettingsKept[];
  version: string;
}

/** One change that was made: its paths, its files, the lines. ``undoes`` and ``undone_by`` are numbers of
 *  others (0: none). */
export interface SettingsKept {
  number: number;
  at: string;
  author: string;
  note: string;
  what: string[];
  files: string[];
  diff: string;
  undoes: number;
  undone_by: number;
  can_be_undone: boolean;
}

/** A section as it is written (``data``: null where it stands in no file). ``places`` tells where each of
 *  its entries stands, by name, and under the empty name the section itself. ``fixed`` are the paths that a
 *  variable of the environment sets, each with its name: they cannot be changed here. ``defaults`` holds for
 *  the fields that an entry leaves out. ``at_start_only``: a change comes in force by the next start. */
export interface SettingsPart {
  name: string;
  data: unknown;
  places: Record<string, SettingsPlace>;
  fixed: Record<string, string>;
  defaults: Record<string, unknown>;
  at_start_only: boolean;
}

/** Where something is written; the line counts from 1. */
export interface SettingsPlace {
  file: string;
  line: number;
}

/** The entry is called so from now on; a skill also where agents and queues name it. */
export interface SettingsRenamed {
  path: (string | number)[];
  rename: string;
}

/** Changes, made in this order, all or none, upon the version that was seen. ``note`` says why. */
export interface SettingsRequest {
  version: string;
  note: string;
  changes: (SettingsGiven | SettingsTaken | SettingsRenamed)[];
}

/** What is written now, and whether the centre works by it: ``in_force``, but for the sections of
 *  ``needs_start``, which wait for the next start. Not in force: ``mistakes`` tells what the running centre
 *  refuses. */
export interface SettingsSaved {
  version: string;
  files: string[];
  in_force: boolean;
  needs_start: string[];
  mistakes: WrittenMistake[];
}

/** The entry goes. */
export interface SettingsTaken {
  path: (string | number)[];
  remove: true;
}

/** Undo the newest change that is not undone, which is this one. */
export interface SettingsUndoRequest {
  version: string;
  number: number;
  note: string;
}

/** ``count`` agents alike, every day from ``begins`` to ``ends`` on the centre's wall clock (both the
 *  same: all day). They can do what the agent ``like`` can; null: everything. */
export interface ShiftGroup {
  count: number;
  begins: string;
  ends: string;
  like: string | null;
}

/** The whole picture at ``seq``; it replaces whatever the client has. ``dispositions`` are the words for
 *  each code that agents may give; when there are none, any code may be given. */
export interface Snapshot {
  type: "snapshot";
  seq: number;
  server_at: string;
  viewer: Viewer;
  pause_reasons: string[];
  agents: Agent[];
  calls: Call[];
  queues: Queue[];
  kpi: Kpi[];
  health: Health[];
  fairness: Fairness | null;
  dispositions: Record<string, string>;
}

/** SIP credentials that are good until ``expires_at`` or until others are given out. ``phone`` is its name
 *  at log-in; ``echo`` is whom to call to hear oneself; ``issue`` numbers the credentials. */
export interface SoftphoneAnswer {
  phone: string;
  password: string;
  issue: number;
  expires_at: string;
  echo: string;
  ice_servers: IceServer[];
}

/** ``restarted``: the page has only just been opened, so that no call of this phone can be alive; one that
 *  still looks alive is held for it, and rings again when it has registered. */
export interface SoftphoneRequest {
  restarted: boolean;
}

/** The number of the credentials that are good now; 0: none are. */
export interface SoftphoneState {
  issue: number;
}

/** ``past_calls`` is how many calls were looked at (null: numbers were given), and the demand what was
 *  asked of the staff, with what stood for all that was left open. ``patience_s`` null: nobody gives up, and
 *  the formula is Erlang C, else Erlang A. */
export interface StaffingAnswer {
  queue: string | null;
  interval_min: number;
  past_calls: number | null;
  handle_s: number;
  target_s: number;
  level: number;
  answer_rate: number;
  patience_s: number | null;
  max_occupancy: number;
  shrinkage: number;
  replications: number;
  seed: number;
  notes: PlanningNote[];
  days: PlannedDay[];
}

/** How many agents are needed, by weekday and interval.
 *
 *  Of the calls that came from ``since`` on and before ``until``; or of ``arrivals``, a CSV file with the
 *  columns weekday (mon to sun), time (08:30) and calls. ``queue``: of this one only, whose target holds
 *  where none is given. ``level``: so large a share of all calls is to be answered within ``target_s``;
 *  ``answer_rate``: so large a share at all. Callers give up after ``patience_s`` on average (``gives_up``
 *  without it: as patient as they were; false: nobody does). What is null is that of the queue or the past. */
export interface StaffingRequest {
  since: string | null;
  until: string | null;
  arrivals: string | null;
  queue: string | null;
  interval_min: 15 | 30 | 60;
  handle_s: number | null;
  target_s: number | null;
  level: number | null;
  answer_rate: number | null;
  gives_up: boolean;
  patience_s: number | null;
  max_occupancy: number;
  shrinkage: number;
  replications: number;
  seed: number;
}

/** The supervisor ``by`` takes part in the call in this mode, as soon as ``answered``. */
export interface Supervision {
  by: string;
  phone: string;
  mode: SupervisionMode;
  answered: boolean;
  began_at: string;
}

/** The supervisor's command was accepted; ``seq`` is the journal's number then. */
export interface SupervisionAnswer {
  seq: number;
}

/** Who hears the supervisor, who hears all: nobody, the agent alone, everybody. TAKE_OVER: as soon as the
 *  supervisor's phone is picked up they become the agent of the call. */
export type SupervisionMode = "listen" | "whisper" | "barge" | "take_over";

/** How the supervisor takes part in the call. ``phone`` is where to ring them; null: where they work as an
 *  agent. */
export interface SupervisionRequest {
  mode: SupervisionMode;
  phone: string | null;
}

/** One call whose caller was asked how it was. No answers: the caller did not take part. */
export interface Survey {
  call_id: string;
  offered_at: string;
  queue: string | null;
  agent_ids: string[];
  ticket_id: string | null;
  answers: SurveyAnswer[];
}

/** The caller's score in one question. */
export interface SurveyAnswer {
  question: string;
  score: number;
  satisfied: boolean;
}

/** The figures of all surveys asked about, by the first question of each (a rate is null while there is
 *  nothing to divide by), and the newest surveys. */
export interface SurveysAnswer {
  invited: number;
  rated: number;
  satisfied: number;
  satisfaction_rate: number | null;
  participation_rate: number | null;
  surveys: Survey[];
}

/** The time in which callers were asked how it was (``until`` is not in it), a queue or an agent, and how
 *  many of the newest surveys to tell. */
export interface SurveysRequest {
  since: string;
  until: string;
  queue: string | null;
  agent: string | null;
  limit: number;
}

/** What of a figure is asked: the count itself, or what stands above or below the line. */
export type Term = "value" | "numerator" | "denominator";

/** One ticket. */
export interface Ticket {
  ticket_id: string;
  number: string;
  state: string;
  category: string;
  text: string;
  caller: string;
  queue: string | null;
  call_ids: string[];
  opened_at: string;
  changed_at: string;
  fields: Record<string, unknown>;
}

/** The five steps of a hotline's demand: 受理, 交办, 办结, 回访, 归档. */
export type TicketState = "accepted" | "dispatched" | "resolved" | "followed_up" | "closed";

/** What is written down of a demand, as it shall be, by somebody who has seen ``version``. ``demand`` is
 *  one of the five kinds, null until somebody says which; ``unit`` is who is to see to it; ``state``: where
 *  the ticket goes with it (null: it stays). */
export interface TicketWriteRequest {
  version: number;
  demand: Demand | null;
  category: string;
  text: string;
  address: string;
  requester: string;
  unit: string;
  state: TicketState | null;
}

/** What was said on one side. */
export interface Transcript {
  leg: string;
  language: string;
  engine: string;
  model: string;
  text: string;
  segments: Record<string, unknown>[];
}

/** What a call can be transferred to. */
export type TransferKind = "queue" | "agent" | "number";

/** Where the call shall go: a queue's name, an agent id or a number. */
export interface TransferRequest {
  call_id: string;
  kind: TransferKind;
  target: string;
}

/** A trunk as it is now. ``calls`` came in over it and are up, of at most ``channel_limit``; ``outgoing``
 *  are the legs that are up besides (null: unknown). ``refused`` calls found it full since the switch was
 *  started. ``peer`` is where it is called, empty when it has no such address; ``registration`` the switch's
 *  own word for our registration there (null: none). */
export interface Trunk {
  name: string;
  state: TrunkState;
  since_at: string;
  peer: string;
  registration: string | null;
  codecs: string[];
  channel_limit: number;
  calls: number;
  outgoing: number | null;
  calls_today: number;
  highest_today: number;
  highest_at: string | null;
  refused: number;
  refused_at: string | null;
  numbers: CalledNumber[];
}

/** How a trunk is. */
export type TrunkState = "up" | "listens" | "no_answer" | "unregistered" | "unknown";

/** All trunks, and all numbers with the calls of today. ``switch_started_at`` is null while the switch
 *  does not tell, and then ``trouble`` says why; without ``counted`` the day is not known just now. */
export interface TrunksAnswer {
  at: string;
  switch_started_at: string | null;
  trouble: string;
  counted: boolean;
  trunks: Trunk[];
  numbers: NumberRoute[];
}

/** What the value of a fact is counted in. */
export type Unit = "count" | "ms" | "bytes" | "ratio" | "instant" | "text";

/** Why a talk that should be read is not. */
export type Unread = "no_model" | "no_room" | "away" | "no_audio";

/** A user. ``seen_at`` is the last log-in; ``locked_for_ms`` how long wrong passwords keep the name out
 *  (0: they do not); ``is_open``: the right password opens now; ``password_due``: to nothing but the choice
 *  of another one. */
export interface UserAccount {
  name: string;
  role: Role;
  agent_id: string | null;
  open_numbers: boolean;
  expires_on: string | null;
  password_due: boolean;
  disabled: boolean;
  is_open: boolean;
  created_at: string;
  seen_at: string | null;
  locked_for_ms: number;
}

/** The user as of now. ``password`` is the one that was made, told here and never again. */
export interface UserAnswer {
  user: UserAccount;
  password: string | null;
}

/** What can be changed of a user; all of it is given each time. ``expires_on`` is the last day (UTC) of
 *  all rights, null: they do not end. ``open_numbers`` is for the role quality alone. */
export interface UserFields {
  role: Role;
  agent_id: string | null;
  open_numbers: boolean;
  expires_on: string | null;
  disabled: boolean;
}

/** A CSV file whose first line names its columns: name, role and perhaps agent_id, password, expires_on,
 *  open_numbers. Whoever is there already is changed. */
export interface UserImport {
  csv: string;
}

/** What became of the row that ends in ``line``; ``told`` says why it was refused, ``code`` says it for
 *  programs. */
export interface UserImportResult {
  line: number;
  name: string;
  deed: RowDeed;
  told: string;
  password: string | null;
  code: string | null;
}

/** What became of each row, in the order of the file. */
export interface UserImportResults {
  results: UserImportResult[];
}

/** The users, by name, and the roles that one can have. */
export interface UsersAnswer {
  users: UserAccount[];
  roles: RoleAbout[];
}

/** ``dormant_days``: only those whom nobody has logged in as for so long, though they could. */
export interface UsersRequest {
  dormant_days: number | null;
}

/** Who is looking; ``may`` are the rights by which the page shows what can be asked for. ``password_due``:
 *  a password of one's own must be chosen before any of it. */
export interface Viewer {
  name: string;
  role: Role;
  agent_id: string | null;
  may: Access[];
  password_due: boolean;
}

/** What the waiting call shall ask for, at least one of both: its priority, and the skills (with their
 *  levels) that it needs beyond those of its queue. What is left out, or null, stays as it is. */
export interface WaitingRequest {
  priority: number | null;
  skills: Record<string, number> | null;
}

/** The shape of a recording's sound: of each channel (caller, agent) the loudest sample of so many equal
 *  stretches, 0 to 255. */
export interface WaveformAnswer {
  duration_ms: number;
  peaks: number[][];
}

/** What a caller met on the way through the flow. */
export type WayKind = "menu" | "number" | "queue" | "message" | "transfer" | "human_key";

/** One place on the caller's way through the flow: what was ``asked`` there in the caller's language, the
 *  ``key`` that was pressed or said (empty: none) and ``choice``, what the flow means by it in its own words;
 *  of a queue its name. */
export interface WayStep {
  node: string;
  kind: WayKind;
  at: string;
  asked: string;
  key: string;
  choice: string;
}

/** The whole comes first, then each queue. */
export interface WhatIfAnswer {
  since_at: string;
  until_at: string;
  past_calls: number;
  replications: number;
  seed: number;
  notes: PlanningNote[];
  scopes: WhatIfScope[];
}

/** One figure as it was recorded (null: the journal does not tell it), simulated as it was and changed,
 *  and the difference, which is taken with the same callers in both. */
export interface WhatIfFigure {
  key: string;
  unit: KpiUnit;
  formula: string;
  recorded: number | null;
  before: PlanningEstimate | null;
  after: PlanningEstimate | null;
  difference: PlanningEstimate | null;
  verdict: WhatIfVerdict;
}

/** The time from ``since`` on and before ``until`` as it was, against the same with changes: ``queues`` by
 *  name, ``call_choice`` of all queues, ``skills`` of agents by id, agents who stay away (``absent``), and
 *  ``shifts`` that come in addition (``all_new``: in place of everybody). */
export interface WhatIfRequest {
  since: string;
  until: string;
  queues: Record<string, QueueTrial>;
  call_choice: string | null;
  skills: Record<string, Record<string, number>>;
  absent: string[];
  shifts: ShiftGroup[];
  all_new: boolean;
  replications: number;
  seed: number;
}

/** The figures of a queue; empty: of all together. */
export interface WhatIfScope {
  queue: string;
  figures: WhatIfFigure[];
}

/** What is known of a difference: ``unknown`` where its 95 % interval has 0 in it; ``changed`` where
 *  neither way is better in itself. */
export type WhatIfVerdict = "same" | "unknown" | "better" | "worse" | "changed";

/** The origins whose pages may have the widget; none: there is no widget. */
export interface WidgetAnswer {
  origins: string[];
}

/** One mistake in a file that people write. Line and column count from 1; ``path`` leads to the entry. */
export interface WrittenMistake {
  file: string;
  line: number;
  column: number;
  path: (string | number)[];
  message: string;
}

/** What became of one entry that was to be added. */
export type callcenter__caller_lists__model__Deed = "added" | "changed" | "refused";

/** What an action did. */
export type callcenter__flow_versions__model__Deed = "published" | "rolled_back" | "staged" | "share_set" | "finished" | "withdrawn" | "withdrawn_by_guard";
