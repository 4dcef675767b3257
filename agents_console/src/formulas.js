// @ts-check
/** The formulas of the KPI catalogue in Chinese; the server tells them in English. */

import { currentLanguage } from "./texts.js";

/** @type {Record<string, string>} */
const CHINESE = {
  calls_in: "全部来电",
  human_requests: "请求人工服务的来电",
  connect_rate: "坐席接通 ÷ 请求人工的来电",
  connect_rate_of_all: "坐席接通 ÷ 全部来电",
  connected_within_15: "15 秒内接通 ÷ 请求人工;等待 = 排队 + 振铃",
  connected_within_20: "20 秒内接通 ÷ 请求人工;等待 = 排队 + 振铃",
  connected_within_30: "30 秒内接通 ÷ 请求人工;等待 = 排队 + 振铃",
  answer_rate_20: "20 秒内接通 ÷ 已接通",
  loss_rate: "请求人工而未接通 ÷ 全部来电",
  occupancy: "(通话 + 保持 + 话后)÷(通话 + 保持 + 话后 + 空闲)",
  utilisation: "(通话 + 保持 + 话后 + 空闲)÷ 在岗时长",
  offered: "进入排队的来电",
  answered: "排队后由坐席接听",
  abandoned: "排队中挂机",
  short_abandoned: "短时阈值之内的排队挂机",
  overflowed: "按规则离开队列:超时、已满、无坐席、已关闭",
  key_exits: "排队时按键离开的来电",
  waiting: "此刻正在排队",
  call_backs_promised: "已承诺回拨的来电",
  call_backs_owed: "尚未完成的承诺回拨",
  longest_wait_ms: "此刻排队者中等待最久的时长",
  service_level: "T 内接通 ÷ 已接通,不计放弃",
  service_level_abandons_negative: "T 内接通 ÷ 排队量",
  service_level_abandons_left_out: "T 内接通 ÷(排队量 − T 内放弃)",
  service_level_abandons_positive: "(T 内接通 + T 内放弃)÷ 排队量",
  abandonment_rate: "放弃 ÷ 排队量,两者均不计短时放弃",
  asa_ms: "已接通来电的等待总时长 ÷ 已接通",
  aht_ms: "(通话 + 保持 + 话后)÷ 处理量",
  agent_answer_rate: "应答的振铃 ÷ 全部振铃(未应答、拒接、忙、不可达为未接)",
  call_backs_reached: "回拨接通 ÷ 到期回拨(不计尚未完成的和来电人已再次来电的)",
};

/** The formula of a figure in the present language.
 *  @param {import("./wire").Kpi} figure */
export function formulaOf(figure) {
  return (currentLanguage() === "zh" && CHINESE[figure.key]) || figure.formula;
}
