// @ts-check
/** All words of the page, Chinese first. A key that is missing shows itself, so that it is noticed. */

/** @typedef {"zh" | "en"} Language */

/** @type {Record<string, [zh: string, en: string]>} */
const TEXTS = {
  title: ["话务中心", "Call Centre"],
  "line.live": ["实时", "Live"],
  "line.connecting": ["连接中", "Connecting"],
  "line.lost": ["重连中", "Reconnecting"],
  "line.lost.long": ["与服务器的连接中断,正在重连;通话不受影响。", "The line to the server is lost and being restored; calls go on."],

  "login.name": ["用户名", "User name"],
  "login.password": ["密码", "Password"],
  "login.submit": ["登录", "Log in"],
  "login.busy": ["正在登录…", "Logging in…"],
  logout: ["退出", "Log out"],
  "theme.dark": ["深色", "Dark"],
  "theme.light": ["浅色", "Light"],
  language: ["EN", "中文"],
  "role.admin": ["管理员", "Administrator"],
  "role.supervisor": ["班长", "Supervisor"],
  "role.agent": ["坐席", "Agent"],

  "error.wrong_login": ["用户名或密码错误。", "The name or the password is wrong."],
  "error.locked_out": ["失败次数过多,请稍后再试。", "Too many failed log-ins; wait a while."],
  "error.unreachable": ["无法连接服务器。", "The centre cannot be reached."],

  "alarm.switch": ["电话交换机中断", "The telephone switch is lost"],
  "alarm.store": ["数据库中断,通话继续,记录稍后补写", "The store is lost; calls go on, records follow later"],
  "alarm.bus": ["消息总线中断,通话继续", "The bus is lost; calls go on"],

  "scope.total": ["全部", "All"],
  queues: ["队列", "Queues"],
  "queue.waiting": ["排队", "Waiting"],
  "queue.oldest": ["最长等待", "Longest"],
  "queue.call_backs": ["待回拨", "Call-backs"],
  "queue.talking": ["通话", "Talking"],
  "queue.ready": ["空闲 / 在岗", "Ready / on duty"],
  "queue.calm": ["无人等待", "Nobody waits"],
  "queue.closed": ["已关闭", "Closed"],

  agents: ["坐席", "Agents"],
  "agents.nobody": ["无人在岗", "Nobody is on duty"],
  "agents.on_duty": ["在岗", "on duty"],
  "agents.call": ["通", "call"],
  "agents.calls": ["通", "calls"],
  "agents.calls.means": ["签入后接听量,及占全员的比例", "Calls answered since log-in, and the share of everybody's"],
  "fairness.idle": ["空闲时长极差", "Idle spread"],
  "fairness.idle.means": ["空闲坐席中,最长与最短空闲时长之差", "Of ready agents: the longest idle time less the shortest"],
  "fairness.calls": ["话务量基尼系数", "Calls Gini"],
  "fairness.calls.means": ["签入后接听量的基尼系数:0 为完全均衡", "Of the calls since log-in: 0 is wholly even"],
  "fairness.busy": ["忙碌度基尼系数", "Busy Gini"],
  "fairness.busy.means": ["忙碌时长占比的基尼系数:0 为完全均衡", "Of the busy share of the time logged in: 0 is wholly even"],
  "presence.logged_out": ["离线", "Logged out"],
  "presence.not_ready": ["小休", "Paused"],
  "presence.ready": ["空闲", "Ready"],
  "presence.offered": ["振铃", "Ringing"],
  "presence.on_call": ["通话", "On a call"],
  "presence.on_hold": ["保持", "Holding"],
  "presence.wrap_up": ["话后", "Wrap-up"],

  "waiting.title": ["等待中的来电", "Waiting calls"],
  "live.title": ["通话中", "Live calls"],
  "waiting.none": ["没有人在等待。", "Nobody is waiting."],
  "live.none": ["现在没有通话。", "No calls now."],
  "phase.in_flow": ["语音导航", "In the IVR"],
  "phase.queued": ["排队", "Waiting"],
  "phase.promised": ["待回拨", "To be called back"],
  "phase.dialling": ["回拨中", "Calling back"],
  "phase.talking": ["通话", "Talking"],
  "phase.held": ["保持", "On hold"],
  "phase.released": ["转接中", "Moving on"],
  "call.priority": ["优先", "Priority"],
  "call.call_back": ["回拨", "Call-back"],
  "call.ringing": ["振铃", "ringing"],
  "call.unknown": ["未知号码", "Unknown number"],

  "action.login": ["上线", "Log in"],
  "action.logout": ["下线", "Log out"],
  "action.ready": ["就绪", "Ready"],
  "action.pause": ["小休", "Pause"],
  "action.end-wrap-up": ["完成话后", "End wrap-up"],
  "action.extend-wrap-up": ["延长话后", "Extend wrap-up"],
  "action.disposition": ["通话小结", "Disposition"],
  "action.hold": ["保持", "Hold"],
  "action.retrieve": ["取回", "Retrieve"],
  "action.transfer": ["转接", "Transfer"],
  "action.hang-up": ["挂断", "Hang up"],
  "action.decline": ["拒接", "Decline"],
  "ask.phone": ["话机", "Phone"],
  "ask.reason": ["小休原因", "Reason"],
  "ask.extra": ["延长(秒)", "Seconds more"],
  "ask.disposition": ["通话结果", "What came of the call"],
  "ask.disposition.code": ["小结代码", "Disposition code"],
  "ask.queue": ["转接到队列", "Transfer to queue"],
  "ask.do": ["确定", "OK"],
  "ask.cancel": ["取消", "Cancel"],
  "desk.call": ["当前来电", "Caller"],

  "reason.logged_in": ["刚上线", "Just logged in"],
  "reason.unanswered": ["未应答", "No answer"],
  "reason.disposition_missing": ["缺通话小结", "Disposition missing"],
  "reason.phone_unreachable": ["话机不可达", "Phone unreachable"],
  "reason.break": ["小休", "Break"],
  "reason.meal": ["用餐", "Meal"],
  "reason.training": ["培训", "Training"],
  "reason.meeting": ["会议", "Meeting"],
  "reason.follow_up": ["工单跟进", "Follow-up"],

  "kpi.formula": ["公式", "Formula"],
  "kpi.target": ["目标", "Target"],
  "kpi.none": ["尚无数据", "Nothing yet"],
  "kpi.all": ["全部指标", "All figures"],
  "kpi.name": ["指标", "Figure"],
  "kpi.value": ["当前", "Now"],
  "kpi.parts": ["分子 / 分母", "Parts"],
  "kpi.calls_in": ["来电总量", "Calls in"],
  "kpi.human_requests": ["请求人工", "Asked for a human"],
  "kpi.connect_rate": ["接通率", "Connect rate"],
  "kpi.connect_rate_of_all": ["接通率(全部来电)", "Connect rate of all calls"],
  "kpi.connected_within_15": ["15 秒人工接通率", "Within 15 s"],
  "kpi.connected_within_20": ["20 秒人工接通率", "Within 20 s"],
  "kpi.connected_within_30": ["30 秒人工接通率", "Within 30 s"],
  "kpi.answer_rate_20": ["20 秒应答率", "Answer rate 20 s"],
  "kpi.loss_rate": ["呼损率", "Loss rate"],
  "kpi.occupancy": ["坐席占用率", "Occupancy"],
  "kpi.utilisation": ["工时利用率", "Utilisation"],
  "kpi.offered": ["排队量", "Offered"],
  "kpi.answered": ["已接通", "Answered"],
  "kpi.abandoned": ["放弃", "Abandoned"],
  "kpi.short_abandoned": ["短时放弃", "Short abandons"],
  "kpi.overflowed": ["溢出", "Overflowed"],
  "kpi.key_exits": ["按键离开", "Left by a key"],
  "kpi.waiting": ["正在排队", "Waiting now"],
  "kpi.call_backs_promised": ["承诺回拨", "Call-backs promised"],
  "kpi.call_backs_owed": ["待回拨", "Call-backs owed"],
  "kpi.call_backs_reached": ["回拨接通率", "Call-backs reached"],
  "kpi.longest_wait_ms": ["最长等待", "Longest wait"],
  "kpi.service_level": ["服务水平", "Service level"],
  "kpi.service_level_abandons_negative": ["服务水平(放弃计负)", "Service level, abandons negative"],
  "kpi.service_level_abandons_left_out": ["服务水平(剔除放弃)", "Service level, abandons left out"],
  "kpi.service_level_abandons_positive": ["服务水平(放弃计正)", "Service level, abandons positive"],
  "kpi.abandonment_rate": ["放弃率", "Abandonment"],
  "kpi.asa_ms": ["平均应答时长", "Avg. answer"],
  "kpi.aht_ms": ["平均处理时长", "Avg. handling"],
  "kpi.agent_answer_rate": ["坐席应答率", "Agent answer rate"],
};

const KEPT = "language";

/** @type {Language} */
let language = localStorage.getItem(KEPT) === "en" ? "en" : "zh";

export function currentLanguage() {
  return language;
}

/** @param {Language} chosen */
export function speak(chosen) {
  language = chosen;
  localStorage.setItem(KEPT, chosen);
  document.documentElement.lang = chosen === "zh" ? "zh-CN" : "en";
  document.title = t("title");
}

/** The words for a key.
 *  @param {string} key */
export function t(key) {
  return TEXTS[key]?.[language === "zh" ? 0 : 1] ?? key;
}

/** The words for a value that the settings or the server may have added; `fallback` when there are none.
 *  @param {string} key
 *  @param {string} fallback */
export function tOr(key, fallback) {
  return key in TEXTS ? t(key) : fallback;
}
